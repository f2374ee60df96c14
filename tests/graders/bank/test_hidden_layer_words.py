"""What is told about a hidden layer: it has no target, and the numbers on the way lead to the answer."""

import re

import numpy as np
import pytest

from graders.bank.beliefs import BELIEFS
from graders.exercise import Exercise
from graders.exercises import find

STEP = pytest.mark.parametrize("name", ["hidden_delta_loop", "hidden_delta"])


def numbers_after(word: str, text: str) -> list[float]:
    return [float(number) for number in re.findall(rf"{word} (-?[\d.]+(?:e-\d+)?)", text)]


def answers(exercise: Exercise) -> list[tuple[str, np.ndarray]]:
    """What lies between question and answer, and the answer, at every test point."""
    assert exercise.working is not None
    probes = exercise.probes(np.random.default_rng(5))
    return [(exercise.working(*probe.args), np.asarray(exercise.truth(*probe.args))) for probe in probes]


@STEP
def test_nobody_asks_a_hidden_layer_about_a_target(name: str) -> None:
    for turn in find(name).wrong_turns:
        belief = BELIEFS[turn.misconception]
        told = f"{turn.says or belief.says} / {turn.asks or belief.question}"
        assert not re.search(r"\bt\b|target|square\w* error", told), f"{turn.misconception}: {told}"


@STEP
def test_sum_and_slope_of_the_working_make_the_first_delta(name: str) -> None:
    for text, delta in answers(find(name)):
        heard, slope = numbers_after("is", text)
        assert heard * slope == pytest.approx(delta.flat[0], rel=2e-3)


def test_the_two_losses_of_the_working_make_the_gap() -> None:
    for text, gap in answers(find("update_order_gap")):
        wrong, right = numbers_after("=", text)
        assert wrong - right == pytest.approx(float(gap), abs=2e-10)
