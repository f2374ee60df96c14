"""Every number that lesson ``one_neuron`` quotes is computed here again."""

from typing import Any

import numpy as np
import pytest

from backproplab import linear, sigmoid

LESSON = "one_neuron"
ONE = np.array([1.0])


def learn(namespace: dict[str, Any], w: float, b: float) -> list[float]:
    """Nielsen's experiment with the lesson's own functions: 300 updates at rate 0.15."""
    weights, answers = np.array([w]), []
    for _ in range(301):
        answers.append(float(namespace["neuron_forward"](weights, b, ONE, sigmoid)[1]))
        weights, b = namespace["neuron_step"](weights, b, ONE, 0.0, 0.15, sigmoid)
    return answers


@pytest.mark.parametrize(("w", "b", "first", "last"), [(0.6, 0.9, 0.82, 0.09), (2.0, 2.0, 0.98, 0.20)])
def test_nielsens_two_starts_reach_the_published_answers(
    namespace: dict[str, Any], w: float, b: float, first: float, last: float
) -> None:
    """Neural Networks and Deep Learning, chapter 3: the quadratic cost on one neuron."""
    answers = learn(namespace, w, b)
    assert (round(answers[0], 2), round(answers[-1], 2)) == (first, last)


def test_the_saturated_start_hardly_moves_for_150_rounds(namespace: dict[str, Any]) -> None:
    slow, fast = learn(namespace, 2.0, 2.0), learn(namespace, 0.6, 0.9)
    assert slow[0] - slow[150] < 0.05
    assert slow[150] - slow[300] > 0.7
    assert fast[0] - fast[150] > 0.6


def test_the_worked_numbers_of_start_a(namespace: dict[str, Any]) -> None:
    z, a = namespace["neuron_forward"](np.array([0.6]), 0.9, ONE, sigmoid)
    delta = namespace["neuron_delta"](z, a, 0.0, sigmoid)
    quoted = [1.5, 0.8176, 0.3342, 0.1491, 0.1219]
    assert [
        round(float(v), 4) for v in (z, a, namespace["neuron_loss"](a, 0), sigmoid.deriv(z), delta)
    ] == quoted


def test_the_slope_of_start_b_is_more_than_eight_times_smaller() -> None:
    assert 8 < sigmoid.deriv(1.5) / sigmoid.deriv(4.0) < 9


def test_the_planted_check_is_wrong_by_exactly_two() -> None:
    loss = [0.5 * sigmoid.f(1.5 + h) ** 2 for h in (-1e-5, 1e-5)]
    assert (loss[1] - loss[0]) / 1e-5 == pytest.approx(2 * 0.12194, rel=1e-4)


@pytest.mark.parametrize(("lr", "better"), [(0.4, True), (0.5, True), (0.9, True), (1.1, False)])
def test_a_step_of_the_linear_neuron_lowers_the_loss_below_rate_one(
    namespace: dict[str, Any], lr: float, better: bool
) -> None:
    assert namespace["neuron_loss"](1.5, 0.0) == 1.125
    w, b = namespace["neuron_step"](np.array([0.6]), 0.9, ONE, 0.0, lr, linear)
    answer = namespace["neuron_forward"](w, b, ONE, linear)[1]
    assert bool(namespace["neuron_loss"](answer, 0.0) < 1.125) is better
    if lr == 0.5:
        assert answer == pytest.approx(0.0, abs=1e-12)


def test_the_bench_question_has_the_answer_that_the_lesson_gives(namespace: dict[str, Any]) -> None:
    a = sigmoid.f(5.0)
    dw, _ = namespace["neuron_grads"](np.array([3.0]), 2.0, ONE, 0.0, sigmoid)
    assert (round(float(a), 3), round(float(dw[0]), 4)) == (0.993, 0.0066)


def test_the_weight_rises_when_the_answer_is_below_the_target(namespace: dict[str, Any]) -> None:
    w, _ = namespace["neuron_step"](np.array([0.5]), 0.0, ONE, 5.0, 0.1, linear)
    assert w[0] > 0.5


def test_a_silent_input_teaches_its_weight_nothing(namespace: dict[str, Any]) -> None:
    dw, _ = namespace["neuron_grads"](np.array([0.5, -0.3]), 0.1, np.array([2.0, 0.0]), 1.0, sigmoid)
    assert dw[1] == 0
    assert dw[0] != 0
