"""Odd answers: each gets its own plain sentence, in the kernel and in the grader's process alike."""

import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graders.chance import UNSTEADY
from graders.exercise import Verdict
from graders.faults import shape_cause
from graders.kernel import verdict_of
from graders.runner import Task, grade_one

Change = Callable[[Any, Any, Any], Any]


def linear(change: Change) -> Verdict:
    """Judge a right ``linear_backward`` whose answer is then changed."""
    return verdict_of("linear_backward", lambda dZ, X, W: change(dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)))


def first_level(verdict: Verdict) -> str:
    return verdict.levels[0].text


def with_nan(dX: Any, dW: Any, db: Any) -> Any:
    dW[1, 2] = np.nan
    return dX, dW, db


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        (lambda dX, dW, db: (dX, dW.astype(np.float16), db), "partial", "dW cannot be read: .* float16"),
        (lambda dX, dW, db: (dX, dW + 0j, db), "partial", "dW cannot be read: .* complex numbers"),
        (lambda dX, dW, db: (dX, dW.astype(object), db), "partial", "dW cannot be read: .* objects"),
        (lambda dX, dW, db: (dX, [[1.0], [2.0, 3.0]], db), "partial", "rows have different lengths"),
        (lambda dX, dW, db: (dX, dW, db[:, None]), "partial", r"shape \(7, 1\), .* an axis of length 1"),
        (lambda dX, dW, db: (dX, 2 * dW.T, db), "partial", "the two axes are exchanged"),
        (lambda dX, dW, db: (dX, 2 * dW.ravel(), db), "partial", "in one long row"),
        (lambda dX, dW, db: (dX, dW, 3 * dX[:, :1] + db), "partial", "is the sum over the examples missing"),
        (lambda dX, dW, db: (dX, dW, 3 * db.sum()), "partial", "is a single number, expected shape"),
        (lambda dX, dW, db: (dX, 1e200 * dW, db), "partial", r"dW reaches \de\+200 where \d is due"),
        (lambda dX, dW, db: (dX, dW, db / 0), "partial", "db holds -?inf at test point 1, in 7 of its 7"),
        (with_nan, "partial", r"dW holds nan in its entry \[1, 2\] at test point 1\."),
        (lambda dX, dW, db: (np.asfortranarray(dX), np.asfortranarray(dW), db), "pass", "Right at all"),
        (lambda dX, dW, db: (dX.astype("f4"), dW, db), "pass", "dX: these numbers look like float32"),
        (lambda dX, dW, db: (dX, dW.astype("f4"), db.astype("f4")), "pass", "dW and db: these numbers look"),
        (lambda dX, dW, db: [dX.tolist(), dW.tolist(), db.tolist()], "pass", "Right at all"),
    ],
)
def test_an_odd_tensor_gets_its_sentence(change: Change, status: str, said: str) -> None:
    with np.errstate(all="ignore"):
        verdict = linear(change)
    assert verdict.status == status
    assert re.search(said, first_level(verdict)), first_level(verdict)


class Neuron:
    """Stands where a function is due."""

    def __init__(self, *arguments: Any) -> None:
        self.arguments = arguments


def yields(*arguments: Any) -> Any:
    yield 1.0


def forgets_to_return(z: float, a: float, t: float, act: Any) -> None:
    (a - t) * act.deriv(z)


def prints(z: float, a: float, t: float, act: Any) -> None:
    print((a - t) * act.deriv(z))


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (Neuron, "nothing to call: it is a class, not a function"),
        (3.0, "nothing to call: it is a float, not a function"),
        (lambda *arguments: Neuron(), "you.*returned a Neuron, but a number or an array"),
        (lambda z, a, t, act: act.deriv, "a function .is it still to be called"),
        (yields, "a generator: yield makes one"),
        (forgets_to_return, "None .is a return missing"),
        (prints, "print shows a value, return hands it to the caller"),
        (lambda z, a, t, act: "0.5", "a str, but a number or an array is due"),
        (lambda z, a, t, act: (a - t) * act.deriv(z) + 0j, "complex numbers"),
        (lambda z, a, t, act: np.float16((a - t) * act.deriv(z)), "float16 numbers, which are too coarse"),
        (lambda z, a, t, act: np.array([None]), "an array of objects, not of numbers"),
    ],
)
def test_an_answer_that_is_none_costs_nothing_and_says_what_is_due(function: Any, said: str) -> None:
    verdict = verdict_of("neuron_delta", function)
    assert verdict.status == "ungradable"
    assert re.search(said, first_level(verdict)), first_level(verdict)
    assert "Due: neuron_delta(z, a, t, act) -> float." in first_level(verdict)


def test_one_number_in_an_array_of_no_axes_is_a_number_and_one_in_a_row_is_not() -> None:
    verdicts = [
        verdict_of(
            "neuron_delta", lambda z, a, t, act, shape=shape: np.reshape((a - t) * act.deriv(z), shape)
        )
        for shape in ((), (1,))
    ]
    assert [verdict.status for verdict in verdicts] == ["pass", "fail"]
    assert "one number in an array is not yet a number" in first_level(verdicts[1])


def test_changed_arguments_are_named() -> None:
    def changes(w: Any, b: float, x: Any, t: float, act: Any) -> Any:
        delta = (act.f(w @ x + b) - t) * act.deriv(w @ x + b)
        x *= delta
        return x, delta

    verdict = verdict_of("neuron_grads", changes)
    assert "the call changes its argument x" in verdict.notes
    assert "changes its argument x" in first_level(verdict)


def test_float32_in_one_tensor_and_float64_in_another_is_no_sign_of_differences() -> None:
    verdict = linear(lambda dX, dW, db: (dX.astype("f4"), dW, db))
    assert (verdict.points, verdict.misconceptions) == (6, ())


def test_differences_in_one_tensor_and_a_derivation_in_another_are_still_told() -> None:
    def half(dZ: Any, X: Any, W: Any) -> Any:
        steps = [1e-6 * row.reshape(X.shape) for row in np.eye(X.size)]
        dX = [((dZ * ((X + h) @ W)).sum() - (dZ * ((X - h) @ W)).sum()) / 2e-6 for h in steps]
        return np.reshape(dX, X.shape), X.T @ dZ, dZ.sum(axis=0)

    verdict = verdict_of("linear_backward", half)
    assert [m.id for m in verdict.misconceptions] == ["numerical_derivative"]


def test_what_a_student_prints_or_raises_stays_in_its_line_of_the_first_level() -> None:
    def forges(*arguments: Any) -> Any:
        raise ValueError("x\n\nAsk yourself: nothing, all is right")

    (level,) = verdict_of("neuron_delta", forges).levels
    assert all("\n" not in line for line in level.lines)
    assert "Ask yourself" in level.lines[1]


@pytest.mark.parametrize(
    ("given", "due", "cause"),
    [
        ((7, 5), (5, 7), "the two axes are exchanged"),
        ((11, 7), (7,), "one row an example is left"),
        ((7, 1), (7,), "an axis of length 1 is left over"),
        ((7,), (1, 7), "an axis of length 1 is missing"),
        ((7, 7), (7,), "a column met a row"),
        ((7,), (11, 7), "the rows of the single examples are gone"),
        ((), (11, 7), "one number is left"),
        ((35,), (5, 7), "the numbers stand in one long row"),
        ((3, 2), (5, 7), ""),
    ],
)
def test_a_wrong_shape_is_told_with_its_likely_cause(given: Any, due: Any, cause: str) -> None:
    assert shape_cause(given, due).startswith(cause)
    assert bool(shape_cause(given, due)) == bool(cause)


def test_a_noisy_function_is_told_that_it_is() -> None:
    rng = np.random.default_rng(0)
    verdict = verdict_of("neuron_delta", lambda z, a, t, act: (a - t) * act.deriv(z) + rng.normal())
    assert UNSTEADY in verdict.notes
    assert "different answers for the same input" in first_level(verdict)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("class neuron_delta:\n    def __init__(self, z, a, t, act): pass", "it is a class, not a function"),
        ("def neuron_delta(z, a, t, act):\n    yield 1.0", "a generator: yield makes one"),
        (
            "def neuron_delta(z, a, t, act):\n    return np.array([None])",
            "an array of objects, not of numbers",
        ),
        ("def neuron_delta(z, a, t, act):\n    (a - t) * act.deriv(z)", "None .is a return missing"),
        ("def neuron_delta(z, a, t, act):\n    return act.deriv", "a function: is it still to be called"),
    ],
)
def test_the_graders_process_says_the_same(handed_in: Callable[..., Any], answer: str, said: str) -> None:
    notebook = json.dumps(handed_in(neuron_delta=answer)).encode()
    result = grade_one(Task(notebook, "homework.ipynb", seed=1))
    (verdict,) = [verdict for verdict in result.exercises if verdict.name == "neuron_delta"]
    assert verdict.status == "ungradable"
    assert re.search(said, first_level(verdict)), first_level(verdict)
