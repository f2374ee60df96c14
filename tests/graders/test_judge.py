"""The judge: no evidence no marks, tolerances, shares, and words that name the mistake."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graders.bank.beliefs import BELIEFS
from graders.exercise import Exercise, Outcome, Verdict, WrongTurn
from graders.exercises import find, for_lesson, slugs
from graders.judge import judge
from graders.probes import ProbeSet
from graders.sandbox.harness import call_batch
from graders.sandbox.lent import given
from tests.graders.bank.test_banks import SHARED

# Where the questions follow from what the student drew, see test_training_runs.
EXERCISES = [exercise for slug in slugs() for exercise in for_lesson(slug) if exercise.recast is None]
TURNS = [(exercise, turn) for exercise in EXERCISES for turn in exercise.wrong_turns]
SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.proof) for seed in range(1, 5))]


def drawn(exercise: Exercise, seed: int = 0) -> ProbeSet:
    return ProbeSet(exercise, tuple(exercise.probes(np.random.default_rng(seed))))


def verdict_of(exercise: Exercise, function: Callable[..., Any], seed: int = 0) -> Verdict:
    probe_set = drawn(exercise, seed)
    if exercise.answer == "variable":
        return judge(probe_set, [Outcome("returned", function())])
    if exercise.answer == "counted":  # the count is the caller's own
        rows = call_batch(lambda *args: function(*args)[:2], probe_set.batch, exercise.answer, given)
    else:
        rows = call_batch(function, probe_set.batch, exercise.answer, given)
    return judge(probe_set, [Outcome(**{**row, "changed": tuple(row.get("changed", ()))}) for row in rows])


def verdict_on_turn(exercise: Exercise, turn: WrongTurn, seed: int = 0) -> Verdict:
    """Return the verdict on a wrong turn; several laws ask for each, and some take a second."""
    key = (exercise.name, id(turn), seed)
    if key not in _KNOWN:
        _KNOWN[key] = verdict_of(exercise, turn.derive, seed)
    return _KNOWN[key]


_KNOWN: dict[tuple[str, int, int], Verdict] = {}


def turn_id(value: Any) -> str | None:
    return value.name if isinstance(value, Exercise) else getattr(value, "misconception", None)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("exercise", EXERCISES, ids=turn_id)
def test_the_truth_gets_full_marks(exercise: Exercise, seed: int) -> None:
    right = signs_drawn(exercise.truth) if exercise.name == "init_params" else exercise.truth
    verdict = verdict_of(exercise, right, seed)
    assert (verdict.status, verdict.points, verdict.misconceptions) == ("pass", exercise.points, ())


def signs_drawn(tables: Callable[..., Any]) -> Callable[..., Any]:
    """Tables of the same spread whose signs the given rng decides."""

    def drawn(sizes: Any, rng: np.random.Generator, kind: str) -> Any:
        return [(W * rng.choice([-1.0, 1.0], W.shape), b) for W, b in tables(sizes, rng, kind)]

    return drawn


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("exercise", "turn"), TURNS, ids=turn_id)
def test_every_wrong_turn_gets_its_name(exercise: Exercise, turn: WrongTurn, seed: int) -> None:
    verdict = verdict_on_turn(exercise, turn, seed)
    (named,) = verdict.misconceptions
    assert turn.misconception in (named.id, *(other.id for other in named.alternatives))
    assert verdict.points < exercise.points


def test_only_documented_wrong_turns_share_their_numbers() -> None:
    shared = set()
    for exercise, turn in TURNS:
        (named,) = verdict_on_turn(exercise, turn).misconceptions
        shared |= {(exercise.name, named.id, other.id) for other in named.alternatives}
    assert ("neuron_step", "refreshed_forward", "updated_before_use") in shared
    assert shared <= SHARED


@pytest.mark.parametrize(("exercise", "turn"), TURNS, ids=turn_id)
def test_a_message_explains_asks_and_never_shows_code(exercise: Exercise, turn: WrongTurn) -> None:
    verdict = verdict_on_turn(exercise, turn)
    message, (named,) = verdict.message, verdict.misconceptions
    assert message.startswith(f"{exercise.name}: ")
    assert "\n\nWhat the numbers say: " in message
    if named.id == turn.misconception:  # a documented twin may be told first
        assert (turn.asks or BELIEFS[turn.misconception].question) in message
    assert not re.search(r"\breturn\b|\bdef\b|lambda|Traceback|np\.", message)
    assert 30 <= len(message.split()) <= 160


def test_no_evidence_is_no_marks() -> None:
    exercise = find("neuron_loss")
    with pytest.raises(ValueError, match="0 outcomes for 0 probes"):
        judge(ProbeSet(exercise, ()), ())
    with pytest.raises(ValueError, match="1 outcomes for 4 probes"):
        judge(drawn(exercise), [Outcome("returned", 1.0)])


@pytest.mark.parametrize(("error", "status"), [(3e-5, "pass"), (3e-4, "fail")])
def test_the_tolerance_lies_between_rounding_and_the_smallest_mistake(error: float, status: str) -> None:
    assert verdict_of(find("neuron_loss"), lambda a, t: (1 + error) * (a - t) ** 2 / 2).status == status


@pytest.mark.parametrize("kind", ["raised", "timeout", "crashed", "not_started", "unsendable"])
def test_one_call_that_does_not_return_costs_the_exercise(kind: Any) -> None:
    exercise = find("neuron_delta")
    probe_set = drawn(exercise)
    good = [Outcome("returned", float(exercise.truth(*a)), calls={"deriv": 1}) for a in probe_set.batch]
    verdict = judge(probe_set, [*good[:-1], Outcome(kind, error="why")])
    assert verdict.points == 0
    assert verdict.status == {"raised": "error", "unsendable": "ungradable"}.get(kind, kind)


def test_one_wrong_probe_is_enough_to_fail() -> None:
    def right_but_for_relu(z: float, a: float, t: float, act: Any) -> Any:
        return (a - t) * (act.deriv(z) if act.name != "relu" else 0.5)

    assert verdict_of(find("neuron_delta"), right_but_for_relu).status == "fail"


def test_changed_arguments_halve_what_a_partly_right_answer_earns() -> None:
    def changes_w(w: Any, b: float, x: Any, t: float, act: Any) -> Any:
        dw, db = find("neuron_grads").truth(w, b, x, t, act)
        w += 1
        return dw, 2 * db + 1

    verdict = verdict_of(find("neuron_grads"), changes_w)
    assert verdict.points == 1.25
    assert "mutates_arguments" in [m.id for m in verdict.misconceptions]


def test_the_numerical_derivative_is_told_by_the_digits_even_if_the_calls_are_hidden() -> None:
    def hidden(z: float, a: float, t: float, act: Any) -> Any:
        curves = {"linear": lambda v: v, "tanh": np.tanh, "sigmoid": lambda v: 1 / (1 + np.exp(-v))}
        f = (
            curves.get(act.name)
            or {"relu": lambda v: max(v, 0), "softplus": lambda v: np.log1p(np.exp(v))}[act.name]
        )
        return ((f(z + 1e-5) - t) ** 2 - (f(z - 1e-5) - t) ** 2) / 4e-5

    (named,) = verdict_of(find("neuron_delta"), hidden).misconceptions
    assert named.id == "numerical_derivative"


def test_a_derivative_called_for_show_does_not_hide_the_differences() -> None:
    def for_show(z: float, a: float, t: float, act: Any) -> Any:
        act.deriv(z)
        return ((act.f(z + 1e-6) - t) ** 2 - (act.f(z - 1e-6) - t) ** 2) / 4e-6

    assert verdict_of(find("neuron_delta"), for_show).points == 0


def test_every_wrong_turn_has_a_belief() -> None:
    used = {turn.misconception for _, turn in TURNS}
    by_the_judge = {"mutates_arguments", "constant_answer", "numerical_derivative"}
    assert used | by_the_judge <= set(BELIEFS)


def test_the_truth_does_not_come_from_the_bank() -> None:
    """A bank that was wrong in the same way as the truth would go unseen."""
    exercise = find("neuron_delta")
    broken = replace(exercise, truth=lambda z, a, t, act: 2 * exercise.truth(z, a, t, act))
    assert verdict_of(broken, lambda z, a, t, act: (a - t) * act.deriv(z)).status == "fail"


def test_forged_counts_acquit_no_difference_of_float64_numbers() -> None:
    def forged(z: float, a: float, t: float, act: Any) -> Any:
        value = ((act.f(z + 1e-6) - t) ** 2 - (act.f(z - 1e-6) - t) ** 2) / 4e-6
        names = act.f.__code__.co_freevars
        calls = act.f.__closure__[names.index("calls")].cell_contents
        calls.update(f=0, deriv=1)
        return value

    (named,) = verdict_of(find("neuron_delta"), forged).misconceptions
    assert named.id == "numerical_derivative"


def test_differences_rounded_to_float32_are_told_by_the_calls() -> None:
    def coarse(z: float, a: float, t: float, act: Any) -> Any:
        return np.float32(((act.f(z + 1e-6) - t) ** 2 - (act.f(z - 1e-6) - t) ** 2) / 4e-6)

    assert verdict_of(find("neuron_delta"), coarse).points == 0
