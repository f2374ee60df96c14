"""Probe sets: what follows from the probes is found once, however many submissions meet them."""

from dataclasses import replace
from typing import Any

import numpy as np

from graders.exercise import Outcome
from graders.exercises import find
from graders.judge import judge
from graders.probes import ProbeSet, draw


def test_truths_and_wrong_answers_are_found_once_for_all_submissions() -> None:
    counted = {"truth": 0, "wrong": 0}
    loss = find("neuron_loss")
    turn = loss.wrong_turns[0]

    def truth(a: float, t: float) -> Any:
        counted["truth"] += 1
        return loss.truth(a, t)

    def derive(a: float, t: float) -> Any:
        counted["wrong"] += 1
        return turn.derive(a, t)

    exercise = replace(loss, truth=truth, wrong_turns=(replace(turn, derive=derive),))
    probe_set = ProbeSet(exercise, tuple(loss.probes(np.random.default_rng(0))))
    for _ in range(3):
        verdict = judge(probe_set, [Outcome("returned", (a - t) ** 2) for a, t in probe_set.batch])
        assert [m.id for m in verdict.misconceptions] == ["factor_two"]
    assert counted == {"truth": 4, "wrong": 4}


def test_one_seed_draws_one_set_and_each_exercise_its_own_numbers() -> None:
    assert draw("neuron_grads", 1) is draw("neuron_grads", 1)
    other = draw("neuron_grads", 2).probes[0].args[0]
    assert not np.array_equal(draw("neuron_grads", 1).probes[0].args[0], other)
    assert not np.array_equal(
        draw("neuron_grads", 1).probes[0].args[0], draw("neuron_step", 1).probes[0].args[0]
    )


def test_an_answer_of_anything_at_all_is_weighed_without_a_warning() -> None:
    probe_set = draw("neuron_loss", 1)
    for value in (np.inf, np.nan, 1e300, -1e308, 5e-324, 0.0, 10**18):
        assert judge(probe_set, [Outcome("returned", value)] * len(probe_set.probes)).points == 0
