"""Arguments that are lent: functions, generators and views, the same for both callers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from graders.chance import BESIDE_RNG, UNSTEADY
from graders.exercise import Outcome, Verdict
from graders.exercises import find
from graders.judge import judge
from graders.kernel import PUBLIC_SEED, verdict_of
from graders.probes import draw
from graders.sandbox.lent import FUNCTIONS, given
from graders.sandbox.remote import Child

CENTRAL = "def central_difference(f, x, h):\n    return (f(x + h) - f(x - h)) / (2 * h)"
GRADIENT = """
def numerical_gradient(loss, array, h):
    grad = np.zeros(array.shape)
    for i in np.ndindex(*array.shape):
        old = array[i]
        array[i] = old + h
        up = loss(array)
        array[i] = {down}
        down = loss(array)
        array[i] = {back}
        grad[i] = (up - down) / (2 * h)
    return grad
"""
BATCHES = """
def minibatches(n, batch_size, rng):
    order = {draw}
    for start in range(0, n, batch_size):
        yield order[start:start + batch_size]
"""


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as process:
        process.exec("import numpy as np", 30)
        yield process


def by_check(name: str, source: str) -> Verdict:
    namespace: dict[str, Any] = {"np": np}
    exec(source, namespace)
    return verdict_of(name, namespace[name])


def by_grader(child: Child, name: str, source: str) -> Verdict:
    exercise, probe_set = find(name), draw(name, PUBLIC_SEED)
    assert child.exec(source, 5).kind == "done"
    return judge(probe_set, child.call(name, probe_set.batch, exercise.seconds, exercise.answer))


@pytest.mark.parametrize(
    ("name", "source", "status", "ids"),
    [
        ("central_difference", CENTRAL, "pass", []),
        ("central_difference", CENTRAL.replace("(2 * h)", "h"), "fail", ["factor_two"]),
        ("numerical_gradient", GRADIENT.format(down="old - h", back="old"), "pass", []),
        (
            "numerical_gradient",
            GRADIENT.format(down="array[i] - 2 * h", back="array[i] + h"),
            "partial",
            ["restored_by_arithmetic"],
        ),
        ("minibatches", BATCHES.format(draw="rng.permutation(n)"), "pass", []),
        ("minibatches", BATCHES.format(draw="np.random.permutation(n)"), "partial", ["rng_ignored"]),
        (
            "minibatches",
            BATCHES.format(draw="np.random.default_rng(3).permutation(n)"),
            "partial",
            ["rng_ignored"],
        ),
        ("wrong_retelling", "wrong_retelling = 'a'", "pass", []),
        ("wrong_retelling", "wrong_retelling = None", "not_started", []),
        ("wrong_retelling", "wrong_retelling = print", "ungradable", []),
    ],
)
def test_both_callers_give_the_same_verdict(
    child: Child, name: str, source: str, status: str, ids: list[str]
) -> None:
    for verdict in (by_check(name, source), by_grader(child, name, source)):
        assert (verdict.status, [m.id for m in verdict.misconceptions]) == (status, ids), verdict.message


def test_a_student_is_lent_the_function_without_its_derivative() -> None:
    seen: list[Any] = []
    verdict_of("complex_step", lambda f, x, h=1e-30: seen.append(f))
    assert all(type(f).__name__ == "function" and not hasattr(f, "df") for f in seen)


def test_a_lent_view_is_no_neighbour_in_memory_and_holds_the_numbers() -> None:
    array = np.arange(12.0).reshape(3, 4)
    view = given({"lent": ["view", array]})
    assert np.array_equal(view, array)
    assert not view.flags.c_contiguous
    assert not view.flags.f_contiguous


def test_a_lent_generator_starts_where_it_was_lent() -> None:
    rng = np.random.default_rng(5)
    rng.normal(size=3)
    from_state = given({"lent": ["generator", rng.bit_generator.state]})
    assert np.array_equal(from_state.normal(size=4), rng.normal(size=4))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_lent_function_travels_by_its_name(name: str) -> None:
    count: list[int] = []
    numbers = [np.ones(2)] * 2 if name == "wavy" else [2.0] * FUNCTIONS[name].__code__.co_argcount
    function = given({"lent": ["function", name, *numbers]}, lambda: count.append(1))
    assert np.all(np.isfinite(function(np.array([0.5, 0.6]))))
    assert len(count) == 1


def test_calls_of_the_loss_are_counted_not_believed() -> None:
    def costly(loss: Any, theta: Any, h: float) -> tuple[Any, int]:
        grad = np.array([(loss(theta + h * e) - loss(theta)) / h for e in np.eye(theta.size)])
        return grad, theta.size + 1

    verdict = verdict_of("gradient_by_differences", costly)
    assert verdict.status == "partial"
    assert "calls of the loss" in verdict.message


def test_a_function_that_answers_differently_is_told_so() -> None:
    rng = np.random.default_rng(0)
    noisy = verdict_of("neuron_loss", lambda a, t: (a - t) ** 2 / 2 + rng.normal())
    slightly = verdict_of("neuron_loss", lambda a, t: (a - t) ** 2 / 2 * (1 + 1e-7 * rng.normal()))
    assert (noisy.status, UNSTEADY in noisy.notes) == ("fail", True)
    assert (slightly.status, UNSTEADY in slightly.notes) == ("pass", True)


def test_an_honest_draw_beside_the_answer_is_no_offence() -> None:
    """What a function draws for itself does not matter where the values do not depend on it."""
    assert verdict_of("neuron_loss", lambda a, t: (a - t) ** 2 / 2 + 0 * np.random.normal()).notes == ()


def test_the_first_probe_is_asked_twice_unless_there_is_nothing_to_ask() -> None:
    for name in ("neuron_delta", "train", "wrong_retelling"):
        probe_set = draw(name, 1)
        repeated = 0 if name == "wrong_retelling" else 1
        assert len(probe_set.batch) == len(probe_set.probes) + repeated


def test_one_outcome_too_many_is_refused() -> None:
    probe_set = draw("neuron_loss", 1)
    with pytest.raises(ValueError, match="6 outcomes for 4 probes"):
        judge(probe_set, [Outcome("returned", 0.0)] * 6)


def test_the_message_for_a_wrong_choice_of_rng_says_so() -> None:
    assert "rng" in BESIDE_RNG
    verdict = by_check("init_params", INIT.replace("rng.normal", "np.random.normal"))
    assert [m.id for m in verdict.misconceptions] == ["rng_ignored"]
    assert verdict.points == 1


INIT = """
def init_params(sizes, rng, kind):
    params = []
    for n, m in zip(sizes, sizes[1:]):
        std = {"he": np.sqrt(2 / n), "glorot": np.sqrt(2 / (n + m)), "zeros": 0.0}[kind]
        params.append((rng.normal(0, 1, (n, m)) * std, np.zeros(m)))
    return params
"""


def test_beside_the_word_for_a_step_stands_the_step_that_was_returned() -> None:
    assert "too small: 3e-15" in verdict_of("best_step", lambda f, df, x: 3e-15).message
