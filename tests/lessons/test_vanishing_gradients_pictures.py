"""Every number that lesson ``vanishing_gradients`` says one finds by moving its pictures."""

import numpy as np
import pytest

from backproplab.explorers import JacobianSpectrum, SlopeProduct, VanishingGradients


def orders_lost(**knobs):
    """Return by how many powers of ten the first layer's delta is smaller than the last one's."""
    deltas = VanishingGradients(**knobs).state.deltas
    return float(np.log10(deltas[-1] / deltas[0]))


def first_depth_to_lose_a_million(**knobs):
    return next((depth for depth in range(2, 51) if orders_lost(depth=depth, **knobs) >= 6), None)


def test_even_the_steepest_path_loses_a_million_in_ten_sigmoid_layers():
    ends = [10 ** SlopeProduct(depth=depth, path="steepest").chain.exponents[0] for depth in (9, 10)]
    assert ends[1] < 1e-6 < ends[0]
    assert f"{0.25**10:.1e}" == "9.5e-07"
    assert 1 / ends[1] ** 0.1 == pytest.approx(4, abs=0.01)
    assert 10 ** SlopeProduct(depth=10).chain.exponents[0] == pytest.approx(2.1e-7, rel=0.05)


def test_a_random_path_through_relu_is_cut_and_the_steepest_is_whole():
    assert SlopeProduct(depth=10, activation="relu").chain.cut
    assert SlopeProduct(depth=50, activation="relu", path="steepest").chain.exponents[0] == 0


def test_tanh_likes_a_small_spread():
    kept = [
        10 ** SlopeProduct(depth=20, activation="tanh", spread=spread).chain.exponents[0]
        for spread in (0.2, 1.0, 3.0)
    ]
    assert kept[0] == pytest.approx(0.59, abs=0.005)
    assert kept[1] == pytest.approx(0.000015, rel=0.03)
    assert kept[2] < 1e-20


def test_gaussian_layers_keep_the_length_and_lose_directions():
    seen = JacobianSpectrum(depth=50, width=64).spectrum
    assert seen.kept[-1] == pytest.approx(1.05, abs=0.005)
    assert seen.values[-1, 31] == pytest.approx(4.6e-8, rel=0.02)
    assert np.count_nonzero(~seen.resolved[-1]) == 20
    tanh = JacobianSpectrum(depth=50, width=64, activation="tanh").spectrum
    assert np.count_nonzero(~tanh.resolved[-1]) == 20


def test_orthogonal_layers_lose_none():
    linear = JacobianSpectrum(depth=50, width=64, init="orthogonal").spectrum
    assert linear.values == pytest.approx(1)
    tanh = JacobianSpectrum(depth=50, width=64, init="orthogonal", activation="tanh").spectrum
    assert tanh.resolved.all()
    assert tanh.values[-1, 0] == pytest.approx(0.38, abs=0.005)
    assert round(tanh.values[-1, 0] / tanh.values[-1, -1]) == 46


def test_sigmoids_lose_a_million_with_eleven_layers_and_relu_with_he_never():
    assert first_depth_to_lose_a_million() == 11
    for seed in range(1, 10):
        assert 10 <= first_depth_to_lose_a_million(seed=seed) <= 12
    assert first_depth_to_lose_a_million(activation="relu", init="he") is None
    assert orders_lost(depth=50, activation="relu", init="he") == pytest.approx(np.log10(6), abs=0.03)


def test_the_weight_gradient_hides_it():
    state = VanishingGradients(depth=30, activation="relu").state
    assert state.weight_gradients[[-1, 0]] == pytest.approx([3.9e-6, 6.0e-6], rel=0.02)
    assert np.log10(state.deltas[-1] / state.deltas[0]) == pytest.approx(4.6, abs=0.05)


@pytest.mark.parametrize(("activation", "low", "high"), [("sigmoid", 2.255, 2.265), ("tanh", 0, 1.5)])
def test_sigmoids_end_at_guessing_and_tanh_learns(activation, low, high):
    explorer = VanishingGradients(depth=20, activation=activation)
    for _ in range(3):
        explorer.train()
    assert len(explorer.state.losses) == 61
    assert low < explorer.state.losses[-1] < high
    assert explorer.state.guessing == pytest.approx(2.26, abs=0.005)


def test_a_bias_of_minus_two_kills_every_relu_layer():
    state = VanishingGradients(depth=20, activation="relu", init="he", bias=-2.0).state
    assert (state.pre_activations[0] < 0).all()
    assert state.silent == 20
