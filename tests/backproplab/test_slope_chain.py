import numpy as np
import pytest

from backproplab.activations import ACTIVATIONS
from backproplab.slope_chain import UNITS, power_of_ten, slope_chain

FIVE = ("sigmoid", "tanh", "relu", "softplus", "linear")


@pytest.mark.parametrize("name", FIVE)
def test_the_product_runs_from_the_last_layer_back(name):
    chain = slope_chain(12, name, spread=0.5, path="steepest", seed=3)
    products = np.cumprod(chain.taken[::-1])[::-1]
    np.testing.assert_allclose(10**chain.exponents, products, rtol=1e-12)


@pytest.mark.parametrize("name", FIVE)
def test_no_path_is_steeper_than_the_steepest(name):
    best, other = (slope_chain(30, name, path=path) for path in ("steepest", "random"))
    assert (best.taken >= other.taken).all()
    assert (best.taken == best.slopes.max(axis=1)).all()
    assert (best.taken <= best.steepest).all()


def test_a_deeper_chain_goes_on_further_back():
    short, long = slope_chain(5, "tanh"), slope_chain(9, "tanh")
    np.testing.assert_array_equal(long.slopes[-5:], short.slopes)
    np.testing.assert_array_equal(long.units[-5:], short.units)


def test_slopes_are_those_of_a_bell_curve_of_that_spread():
    z = np.random.default_rng(0).normal(size=100_000)
    for spread in (0.3, 4.0):
        chain = slope_chain(50, "sigmoid", spread=spread)
        assert chain.slopes.mean() == pytest.approx(ACTIVATIONS["sigmoid"].deriv(spread * z).mean(), rel=0.05)
        assert chain.slopes.shape == (50, UNITS)


def test_a_sleeping_unit_cuts_the_path_and_a_flat_tanh_only_rounds():
    relu = slope_chain(20, "relu", seed=1)
    assert relu.cut == np.flatnonzero(relu.taken == 0)[-1] + 1
    assert np.isneginf(relu.exponents[: relu.cut]).all()
    assert "no weight can mend it" in relu.in_words()
    tanh = slope_chain(50, "tanh", spread=8.0)
    assert tanh.cut
    assert "smaller than rounding leaves" in tanh.in_words()


def test_the_sentence_says_what_weights_would_have_to_make_up():
    chain = slope_chain(10, "sigmoid", path="steepest")
    average = np.prod(chain.taken) ** 0.1
    assert f"{1 / average:.3f} on average to make up for it" in chain.in_words()
    assert "0.2500, would give 9.5e-07" in chain.in_words()


@pytest.mark.parametrize("exponent", [-299.5, -12.25, 0.0, 2.0, 299.0])
def test_powers_of_ten_within_the_range_of_numbers(exponent):
    assert float(power_of_ten(exponent)) == pytest.approx(10**exponent, rel=0.06)


def test_powers_of_ten_beyond_it():
    assert power_of_ten(-1000.0) == "1.0e-1000"
