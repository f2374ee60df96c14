"""Numerical derivatives: exact where they claim to be, and contradicted where they go wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backproplab.gradcheck import DerivativesDisagree, central_difference, complex_step, numerical_gradient

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
