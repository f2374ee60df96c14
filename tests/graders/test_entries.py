"""One entry worked out: the numbers that a message gives lead to the right entry, and to no other."""

import math
import re
from typing import Any

import numpy as np
import pytest

from graders.exercise import Exercise
from graders.exercises import for_lesson, slugs
from graders.probes import draw

WORKED = [exercise for slug in slugs() for exercise in for_lesson(slug) if exercise.entry]


def value(said: str) -> float:
    """Return what the words come to: the product of the numbers that stand after the equals signs."""
    if "B =" in said:
        p, y, n = (float(number) for number in re.findall(r"= ([-\d.e]+)", said))
        return (p - y) / n
    return math.prod(float(part.rpartition("= ")[2]) for part in said.split(", "))


@pytest.mark.parametrize("exercise", WORKED, ids=lambda e: e.name)
def test_the_terms_of_every_entry_lead_to_the_true_one(exercise: Exercise) -> None:
    probe_set = draw(exercise.name, seed=4)
    for probe, truth in zip(probe_set.probes, probe_set.truths, strict=True):
        for part, tensor in zip(exercise.parts, truth, strict=True):
            for index in map(tuple, np.argwhere(np.abs(tensor) > 1e-3)[::7]):
                said = told(exercise, part, index, probe.args)
                assert value(said) == pytest.approx(tensor[index], rel=2e-3, abs=2e-3), (part, index, said)


def told(exercise: Exercise, part: str, index: Any, args: Any) -> str:
    assert exercise.entry
    return exercise.entry(part, tuple(int(i) for i in index), *args)
