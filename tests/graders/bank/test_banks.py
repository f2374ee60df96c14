"""The laws of every bank: right where it is right, wrong enough where it is wrong, and no two slips alike."""

from copy import deepcopy
from itertools import pairwise
from time import process_time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from graders.answers import tensors
from graders.bank.beliefs import BELIEFS
from graders.bank.derivation import Detour
from graders.evidence import relative_error
from graders.exercise import Exercise, Probe, WrongTurn
from graders.exercises import for_lesson, slugs
from graders.networks import draw_layer

EXERCISES = [exercise for slug in slugs() for exercise in for_lesson(slug)]
DERIVED = [e for e in EXERCISES if any(isinstance(turn.derive, Detour) for turn in e.wrong_turns)]
# One word of three is shared by chance; numbers are not.
NUMERICAL = [e for e in EXERCISES if e.form not in ("word", "flag") and e.measure is None]
SEEDS = (0, 1)
# Right answers in another operation order differ by 8e-15, the smallest wrong derivation by this much.
SMALLEST_MISTAKE = 1.4e-3
# A bank may cost 0.1 s on a quiet machine; on a busy one the same work takes up to twice as long.
BUDGET = 0.2
# (exercise, slip, other slip): the other gives the same numbers wherever it gives any.
SHARED = {
    ("neuron_step", "refreshed_forward", "updated_before_use"),
    ("bonkers_descend", "refreshed_forward", "updated_before_use"),
    ("bonkers_grad_last", "extra_1_over_n", "db_mean"),
    ("bonkers_grad_all", "extra_1_over_n", "db_mean"),
    ("bonkers_descend", "extra_1_over_n", "db_mean"),
    ("linear_backward", "extra_1_over_n", "db_mean"),
    ("mlp_backward", "extra_1_over_n", "db_mean"),
    ("loss_and_grads", "extra_1_over_n", "db_mean"),
    ("train", "extra_1_over_n", "db_mean"),
    # The deltas of softmax sum to 0 over the classes.
    ("loss_and_grads", "db_zero", "db_total"),
    # From an output whose delta is given at once, only layer 2 can be handed dA in place of delta.
    ("loss_and_grads", "propagates_dA", "propagates_dA"),
    ("delta_norms", "propagates_dA", "propagates_dA"),
    # The logits are both Z and A of the linear output.
    ("loss_and_grads", "dW_uses_z", "dW_uses_own_a"),
    # Without weights or without biases and input: all logits are 0.
    ("sanity_checks", "zero_weights_for_zero_input", "forward_no_bias"),
    ("fan_out_gradient", "missing_slope", "weights_ignored"),
    ("fan_out_gradient", "mean_over_k", "divides_by_k"),
    ("stall_ratio", "slope_twice", "bce_missing_slope"),
    ("stall_ratio", "missing_slope", "slope_extra_at_output"),
}


def drawn(exercise: Exercise, seed: int) -> list[Probe]:
    rng = np.random.default_rng(seed)
    probes = list(exercise.probes(rng))
    if exercise.recast is None:
        return probes
    return list(exercise.recast(probes, [started(rng, *probe.args) for probe in probes])[0])


def started(rng: np.random.Generator, X: Any, y: Any, sizes: list[int], *rest: Any) -> Any:
    """What a trainer that does nothing returns: where it started."""
    return [draw_layer(rng, n, m) for n, m in pairwise(sizes)], {"loss": [1.0]}


def answer(exercise: Exercise, function: Any, probe: Probe) -> tuple[NDArray[Any], ...] | None:
    """Call with generators and functions of its own; None where the function cannot be taken there."""
    args = deepcopy(probe.args) if exercise.measure else probe.args
    try:
        with np.errstate(all="ignore"):
            value = function(*args)
            if exercise.measure is not None:
                value = exercise.measure(value, *probe.args)
            return tensors(exercise, value)
    except (ValueError, LookupError, ArithmeticError):
        return None


def distance(given: tuple[NDArray[Any], ...], true: tuple[NDArray[Any], ...]) -> float:
    """The largest relative error of any part; a derivation may say nothing of a part."""
    pairs = zip(given, true, strict=True)
    return max(relative_error(one, other) for one, other in pairs if one.size or not other.size)


def turn_id(value: Any) -> str | None:
    return value.name if isinstance(value, Exercise) else None


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("exercise", DERIVED, ids=turn_id)
def test_the_right_derivation_equals_the_numerical_truth(exercise: Exercise, seed: int) -> None:
    for derivation in {
        turn.derive.derivation for turn in exercise.wrong_turns if hasattr(turn.derive, "taken")
    }:
        for probe in drawn(exercise, seed):
            ours, true = (answer(exercise, f, probe) for f in (derivation, exercise.truth))
            assert ours is not None
            assert true is not None
            assert distance(ours, true) < 1e-12


@pytest.mark.parametrize("exercise", EXERCISES, ids=turn_id)
def test_every_wrong_turn_differs_from_the_truth(exercise: Exercise) -> None:
    probes = drawn(exercise, 0)
    truths = [answer(exercise, exercise.truth, probe) for probe in probes]
    for turn in exercise.wrong_turns:
        wrongs = [answer(exercise, turn.derive, probe) for probe in probes]
        off = [distance(w, t) for w, t in zip(wrongs, truths, strict=True) if w is not None and t is not None]
        assert off, f"{turn.misconception}: cannot be taken at any probe"
        assert max(off) > SMALLEST_MISTAKE, f"{turn.misconception} at {turn.layer}: {turn.formula}"


def print_of(parts: tuple[NDArray[Any], ...] | None, count: int) -> list[float]:
    """Boil an answer down to numbers that two different answers hardly share: 3 for each part."""
    if parts is None:
        return [np.nan] * 3 * count
    numbers: list[float] = []
    for part in parts:
        values = np.ravel(part).astype(float)
        values = np.where(np.isfinite(values), values, 1e300)
        numbers += [sum((i + 3.0) * size for i, size in enumerate(part.shape)), 1.0 + part.ndim]
        numbers.append(float(values @ np.cos(np.arange(values.size) + 1)))
    return numbers


@pytest.mark.parametrize("exercise", NUMERICAL, ids=turn_id)
def test_no_two_slips_give_the_same_numbers_unless_documented(exercise: Exercise) -> None:
    turns, count = exercise.wrong_turns, len(exercise.parts)
    shared: set[tuple[str, str, str]] | None = None
    for seed in SEEDS:
        probes = drawn(exercise, seed)
        prints = np.array(
            [[n for p in probes for n in print_of(answer(exercise, t.derive, p), count)] for t in turns]
        ).reshape(len(turns), -1)
        found = {(exercise.name, *pair) for pair in alike(turns, prints)}
        shared = found if shared is None else shared & found
    assert shared == {entry for entry in SHARED if entry[0] == exercise.name}


def alike(turns: tuple[WrongTurn, ...], prints: NDArray[Any]) -> set[tuple[str, str]]:
    """Return the slips of different name or layer of which the later fits all answers of the earlier."""
    pairs = set()
    for i, turn in enumerate(turns):
        fits = np.all(np.isclose(prints, prints[i], rtol=1e-9, atol=1e-12) | np.isnan(prints), axis=1)
        for j in np.flatnonzero(fits):
            other = turns[j]
            if (turn.misconception, turn.layer) != (other.misconception, other.layer):
                pairs.add(
                    (turn.misconception, other.misconception)
                    if i < j
                    else (other.misconception, turn.misconception)
                )
    return pairs


@pytest.mark.parametrize("exercise", EXERCISES, ids=turn_id)
def test_a_whole_bank_costs_little(exercise: Exercise) -> None:
    probes, costs = drawn(exercise, 0), []
    for _ in range(5):
        start = process_time()
        for turn in exercise.wrong_turns:
            for probe in probes:
                answer_at_once(exercise, turn, probe)
        costs.append(process_time() - start)
        if costs[-1] < BUDGET:
            return
    assert min(costs) < BUDGET


def answer_at_once(exercise: Exercise, turn: WrongTurn, probe: Probe) -> None:
    try:
        with np.errstate(all="ignore"):
            tensors(exercise, turn.derive(*probe.args))
    except (ValueError, LookupError, ArithmeticError):
        pass


@pytest.mark.parametrize("exercise", EXERCISES, ids=turn_id)
def test_every_slip_has_a_belief_and_a_formula(exercise: Exercise) -> None:
    for turn in exercise.wrong_turns:
        assert turn.misconception in BELIEFS
        assert turn.formula
        assert turn.formula != exercise.formula, f"{turn.misconception}: its formula is the right one"
