"""What a message says is true of the numbers beside it, and never tells what it must not."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graders.evidence import gather
from graders.exercise import Misconception, Verdict
from graders.exercises import for_lesson
from graders.faults import ROUNDED, shape_cause
from graders.kernel import verdict_of
from graders.likeness import likeness
from graders.plainly import in_plain_words
from graders.probes import draw

ONES, TABLE = np.ones(3), np.ones((3, 4))


def neuron_grads(slope: Any = lambda act, z: act.deriv(z), enters: Any = lambda x: x) -> Any:
    def function(w: Any, b: float, x: Any, t: float, act: Any) -> Any:
        z = w @ x + b
        delta = (act.f(z) - t) * slope(act, z)
        return delta * enters(x), delta

    return function


def steps(w: Any, b: float, x: Any, t: float, lr: float, act: Any) -> Any:
    """Two slips, hardly to be seen beside w: the slope twice, and no input."""
    z = w @ x + b
    delta = (act.f(z) - t) * act.deriv(z) ** 2
    return w - lr * delta, b - lr * delta


def says(verdict: Verdict) -> str:
    return next(level.text for level in verdict.levels if level.title == "What the numbers say")


def asks(verdict: Verdict) -> tuple[str, ...]:
    return next(level.lines for level in verdict.levels if level.title == "Ask yourself")


def test_two_slips_give_the_numbers_only_together() -> None:
    verdict = verdict_of("neuron_step", steps)
    assert len(verdict.misconceptions) == 2
    assert "two slips, both together, give your numbers" in says(verdict)
    assert "your numbers equal" not in says(verdict)
    assert "your w_new equals" not in says(verdict)
    assert "your b_new equals" in says(verdict)


@pytest.mark.parametrize(
    ("off", "alone", "equal"), [(0.0, False, True), (1e-5, False, False), (1e-5, True, True)]
)
def test_beside_another_slip_nearly_equal_is_not_equal(off: float, alone: bool, equal: bool) -> None:
    probe_set = draw("neuron_delta", seed=3)
    turn, wrongs = next(iter(probe_set.wrong_answers.items()))
    answers = tuple(tuple(part * (1 + off) for part in wrong or ()) for wrong in wrongs)
    told = likeness(Misconception(turn.misconception), gather(probe_set, answers), alone).says
    assert told.startswith("your numbers equal") == equal


def changes_x(answer: Callable[..., Any]) -> Callable[..., Any]:
    def function(w: Any, b: float, x: Any, t: float, act: Any) -> Any:
        given = answer(w, b, x.copy(), t, act)
        x *= 2
        return given

    return function


WRONG = [neuron_grads(slope=lambda act, z: 1.0), neuron_grads(enters=lambda x: np.exp(x))]


@pytest.mark.parametrize("answer", WRONG, ids=["named", "unknown"])
def test_wrong_values_never_stand_whatever_becomes_of_the_arguments(answer: Any) -> None:
    verdict = verdict_of("neuron_grads", changes_x(answer))
    assert "values stand" not in verdict.message
    assert "the call changes its argument x" in verdict.levels[0].text
    assert "Besides, the call changes what it was given" in says(verdict)
    unknown = not verdict_of("neuron_grads", answer).misconceptions
    assert ("none of the known wrong turns" in says(verdict)) == unknown


def test_right_values_stand() -> None:
    assert "the values stand" in says(verdict_of("neuron_grads", changes_x(neuron_grads())))


def test_the_question_comes_before_the_belief() -> None:
    question, belief = asks(verdict_of("neuron_grads", WRONG[0]))
    assert question.endswith("?")
    assert belief.startswith("Perhaps behind it: ")


@pytest.mark.parametrize(
    ("fails", "plain"),
    [
        (lambda: TABLE @ TABLE, "the sizes that meet in @ do not fit: 4 and 3"),
        (lambda: ONES.T @ np.ones(4), r"do not fit: 3 and 4 .*\.T leaves a 1-D array as it is"),
        (lambda: np.dot(TABLE, ONES), r"shapes \(3,4\) and \(3,\) do not fit: 4 meets 3"),
        (lambda: TABLE + ONES, r"shapes \(3,4\) and \(3,\) do not fit"),
        (lambda: np.matmul(2.0, ONES), "for a single number use"),
        (
            lambda: ONES[3],
            "index 3 lies beyond axis 0, which has size 3: does a loop",
        ),
        (lambda: [1][3], "an index lies beyond the end of a list"),
        (lambda: ONES[0, 1], "an array of 1 axes was given 2 indices"),
    ],
)
def test_a_raw_error_is_told_in_plain_words(fails: Callable[[], Any], plain: str) -> None:
    with pytest.raises((ValueError, IndexError)) as raised:
        fails()
    raw = f"{type(raised.value).__name__}: {raised.value}"
    told = in_plain_words(raw)
    assert re.search(plain, told)
    assert told.startswith(f"{type(raised.value).__name__}: ")
    assert ("single number" in told) == ("(has 0" in raw)


def test_only_a_number_without_axes_is_told_to_use_a_plain_product() -> None:
    assert "single number" not in in_plain_words(
        "ValueError: matmul: Input operand 1 has a mismatch in its ..."
    )


def test_one_number_for_many_may_come_of_an_early_return() -> None:
    for due in ((5,), (11, 7)):
        assert "a sum too many" in shape_cause((), due)
        assert "return inside its loop" in shape_cause((), due)


def test_lost_digits_may_be_rounding() -> None:
    assert "rounding" in ROUNDED


def test_an_exercise_may_tell_a_mistake_in_its_own_words() -> None:
    real = verdict_of("complex_step", lambda f, x, h=1e-30: (f(x + 1e-6) - f(x - 1e-6)) / 2e-6)
    assert real.misconceptions[0].id == "numerical_derivative"
    assert "derivation" not in says(real)
    assert "imaginary step" in says(real)
    one_h = verdict_of("best_step", lambda f, df, x: 1e-5)
    assert one_h.misconceptions[0].id == "constant_answer"
    assert "sin(1000 x)" in asks(one_h)[0]
    assert not [line for verdict in (real, one_h) for line in asks(verdict) if "Perhaps" in line]


def test_a_word_that_is_always_the_same_is_never_told() -> None:
    message = verdict_of("wrong_retelling", "b").message
    assert not re.search(r"['\"`]a['\"`]|four factors|: :|1 of 1|all 1", message)
    assert "by how much does the prediction move?" in message


def test_a_flag_is_a_truth_value_not_a_word() -> None:
    message = verdict_of("is_kink", lambda f, x, h: False).message
    assert "True" in message
    assert "'True'" not in message


def test_missing_keys_are_one_note() -> None:
    verdict = verdict_of("bonkers_grad_all", lambda p, dose, observed: {"w1": 1.0})
    notes = [note for note in verdict.notes if "cannot be read" in note]
    assert len(notes) == 1
    assert notes[0].endswith("likewise w2, b2, w3, w4 and b3")


def test_where_a_descent_ends_says_nothing_of_a_layer() -> None:
    verdict = verdict_of("bonkers_descend", lambda p, *others: ({k: 3 * v for k, v in p.items()}, [1.0] * 3))
    assert not re.search("going back|[Ll]ayer", verdict.message)


@pytest.mark.parametrize("exercise", for_lesson("going_bonkers"), ids=lambda e: e.name)
def test_lesson_2_numbers_its_parameters_not_its_layers(exercise: Any) -> None:
    turns = [turn for turn in exercise.wrong_turns if turn.layer]
    for turn in turns[:4]:
        assert "layer" not in says(verdict_of(exercise.name, turn.derive))
