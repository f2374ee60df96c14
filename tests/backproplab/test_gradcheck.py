"""Numerical derivatives: exact where they claim to be, and contradicted where they go wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backproplab.gradcheck import (
    DerivativesDisagree,
    central_difference,
    complex_step,
    forward_difference,
    has_kink,
    node_perturbation,
    numerical_gradient,
    richardson,
)

points = st.floats(-2, 2)


@given(points)
def test_the_complex_step_is_exact_to_rounding(x: float) -> None:
    exact = np.cos(x) * np.exp(np.sin(x))
    assert complex_step(lambda x: np.exp(np.sin(x)), x) == pytest.approx(exact, rel=1e-14, abs=1e-15)


@given(points)
def test_central_differences_agree_to_half_the_digits(x: float) -> None:
    exact = np.cos(x) * np.exp(np.sin(x))
    assert central_difference(lambda x: np.exp(np.sin(x)), x) == pytest.approx(exact, abs=1e-8)


def test_every_entry_of_an_array_is_nudged_and_the_array_left_alone() -> None:
    W = np.arange(6.0).reshape(2, 3)
    before = W.copy()
    np.testing.assert_allclose(numerical_gradient(lambda W: np.sum(W**2), W), 2 * before, rtol=1e-12)
    np.testing.assert_array_equal(W, before)


@pytest.mark.parametrize("function", [abs, lambda x: np.linalg.norm([x, 1.0])])
def test_a_function_that_is_not_analytic_is_caught(function: object) -> None:
    with pytest.raises(DerivativesDisagree, match="complex step"):
        numerical_gradient(function, 0.8)


def test_a_kink_is_caught() -> None:
    with pytest.raises(DerivativesDisagree):
        numerical_gradient(lambda x: np.where(np.real(x) > 0, x, 0), 1e-9)


@given(points)
def test_richardson_gains_the_digits_that_central_differences_lose(x: float) -> None:
    exact = np.cos(x) * np.exp(np.sin(x))
    assert richardson(lambda x: np.exp(np.sin(x)), x) == pytest.approx(exact, abs=1e-11)


@given(points)
def test_forward_differences_agree_to_seven_digits(x: float) -> None:
    exact = np.cos(x) * np.exp(np.sin(x))
    assert forward_difference(lambda x: np.exp(np.sin(x)), x) == pytest.approx(exact, abs=1e-6)


@given(st.floats(-5, 5), st.floats(0.6, 3))
def test_a_jump_of_the_slope_is_a_kink_and_a_bend_is_not(at: float, jump: float) -> None:
    assert has_kink(lambda x: jump * np.maximum(x - at, 0) + np.sin(x), at)
    assert not has_kink(lambda x: jump * np.tanh(x - at) + np.sin(x), at)


def test_node_perturbation_finds_every_entry_of_every_example() -> None:
    rng = np.random.default_rng(0)
    Z, V = rng.normal(size=(4, 3)), rng.normal(size=(3, 2))
    delta = node_perturbation(lambda Z: (np.tanh(Z) @ V).sum(axis=1), Z)
    np.testing.assert_allclose(delta, (1 - np.tanh(Z) ** 2) * V.sum(axis=1), rtol=1e-14)
