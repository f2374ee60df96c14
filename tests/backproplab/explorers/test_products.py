"""The two explorers of products over many layers: slopes along a path, and Jacobians."""

import json

import numpy as np
import pytest

from backproplab.activations import ACTIVATIONS
from backproplab.explorers import JacobianSpectrum, SlopeProduct
from tests.backproplab.explorers.test_vanishing_gradients import arrays


def test_slopes_travel_in_bytes_relative_to_the_steepest():
    explorer = SlopeProduct(depth=20, activation="tanh")
    sent, chain = arrays(explorer), explorer.chain
    np.testing.assert_allclose(sent["slopes"] / 255 * chain.steepest, chain.slopes, atol=chain.steepest / 255)
    np.testing.assert_array_equal(sent["units"], chain.units)
    np.testing.assert_allclose(sent["product"], chain.exponents, rtol=1e-6)


def test_only_a_slope_of_zero_is_drawn_at_zero():
    sent = arrays(SlopeProduct(depth=50, activation="sigmoid", spread=8.0))
    assert sent["slopes"].min() >= 1
    assert arrays(SlopeProduct(activation="relu"))["slopes"].min() == 0


def test_the_dotted_line_is_the_root_mean_square_over_the_bell_curve():
    z = np.random.default_rng(0).normal(size=200_000)
    for spread in (0.5, 3.0):
        expected = np.sqrt(np.mean(ACTIVATIONS["sigmoid"].deriv(spread * z) ** 2))
        assert SlopeProduct(spread=spread).picture["typical"] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(
    "explorer", [SlopeProduct(depth=50), JacobianSpectrum(depth=50, width=64)], ids=lambda e: type(e).__name__
)
def test_a_move_is_small(explorer):
    assert len(explorer.arrays) < 1500
    assert len(json.dumps(explorer.picture)) < 700


@pytest.mark.parametrize(
    "knobs", [{}, {"activation": "relu"}, {"init": "orthogonal"}, {"depth": 50, "width": 64}]
)
def test_levels_are_the_exponents_and_lost_ones_are_zero(knobs):
    explorer = JacobianSpectrum(**knobs)
    sent, seen, picture = arrays(explorer), explorer.spectrum, explorer.picture
    np.testing.assert_array_equal(sent["values"] > 0, seen.resolved)
    reach = picture["high"] - picture["low"]
    exponents = picture["low"] + (sent["values"].astype(float) - 1) / 254 * reach
    known = np.log10(seen.values[seen.resolved])
    np.testing.assert_allclose(exponents[seen.resolved], known, atol=reach / 254 + 1e-9)
    np.testing.assert_allclose(10.0 ** sent["kept"], seen.kept, rtol=1e-5)


def test_a_product_that_lets_nothing_through_is_said_and_drawn_without_numbers():
    explorer = JacobianSpectrum(depth=50, width=8, activation="relu", seed=3)
    json.dumps(explorer.picture, allow_nan=False)
    assert explorer.picture["sentence"].endswith(".")


@pytest.mark.parametrize("kind", [SlopeProduct, JacobianSpectrum])
def test_every_knob_changes_the_numbers(kind):
    start = kind()
    for control in kind().controls:
        if control["kind"] == "button":
            continue
        other = control["high"] if control["kind"] == "slider" else control["options"][-1]
        moved = kind(**{control["name"]: other})
        assert moved.picture["sentence"] != start.picture["sentence"], control["name"]
