from itertools import product

import numpy as np
import pytest

from backproplab.activations import ACTIVATIONS, SATURATED_BELOW, steepest_slope
from backproplab.gradcheck import numerical_gradient
from backproplab.initializers import INITIALIZERS
from backproplab.losses import softmax_cross_entropy
from backproplab.tower import (
    examples,
    foretold_factors,
    gaussian_means,
    loss_of_guessing,
    tower,
    tower_state,
    train_tower,
)
from backproplab.trace import update_ratios

FIVE = ("sigmoid", "tanh", "relu", "softplus", "linear")


def kept(state):
    """Return the share of delta that a layer keeps on average."""
    return (state.deltas[0] / state.deltas[-1]) ** (1 / (state.depth - 1))


def numerical(net, place, X, y):
    """Return the gradient of one parameter, without any formula for it."""

    def loss(parameter):
        return net.loss_of([*net.parameters[:place], parameter, *net.parameters[place + 1 :]])(X, y)

    return numerical_gradient(loss, net.parameters[place])


@pytest.mark.parametrize("activation", FIVE)
def test_mean_deltas_are_the_numerical_gradients_of_the_biases(activation):
    net, (X, y) = tower(3, 5, activation, "he", bias=0.1), examples("random", n=6)
    state = tower_state(net, X, y)
    for layer, length in enumerate(state.deltas):
        slope = numerical(net, 2 * layer + 1, X, y)
        assert length == pytest.approx(np.linalg.norm(slope), rel=1e-9)


@pytest.mark.parametrize("activation", FIVE)
def test_weight_gradients_are_numerical_too(activation):
    net, (X, y) = tower(2, 3, activation, "he"), examples("random", n=4)
    slope = numerical(net, 2, X, y)
    assert tower_state(net, X, y).weight_gradients[1] == pytest.approx(np.linalg.norm(slope), rel=1e-9)


def test_saturation_counts_the_examples_of_each_unit():
    net, (X, y) = tower(3, 7, "tanh", "normal"), examples("digits")
    state = tower_state(net, X, y)
    act = ACTIVATIONS["tanh"]
    for Z, shares in zip(state.pre_activations, state.saturation, strict=True):
        flat = abs(act.deriv(Z)) < SATURATED_BELOW * steepest_slope(act)
        np.testing.assert_array_equal(shares, flat.mean(axis=0))
    assert 0 < state.saturation.mean() < 1


@pytest.mark.parametrize(
    ("activation", "init", "scale"),
    [*product(FIVE, ("lecun", "he", "uniform"), (1.0,)), ("sigmoid", "lecun", 4.7), ("tanh", "lecun", 1.6)],
)
def test_what_is_foretold_is_what_seeds_measure_on_average(activation, init, scale):
    """Sizes alone foretell the fate of the signal: a mean of ten towers lies within 6 % a layer."""
    X, y = examples("digits")
    nets = [tower(20, 64, activation, init, scale=scale, seed=seed) for seed in range(10)]
    measured = np.exp(np.mean([np.log(kept(tower_state(net, X, y))) for net in nets]))
    foretold = np.exp(np.mean([np.log(foretold_factors(net, X)) for net in nets]))
    assert foretold == pytest.approx(measured, rel=0.06)


def test_the_line_ends_at_the_last_layer_and_falls_by_its_factors():
    net, (X, y) = tower(6, 16, "sigmoid", "lecun"), examples("digits")
    state = tower_state(net, X, y)
    assert state.foretold[-1] == state.deltas[-1]
    np.testing.assert_allclose(state.foretold[:-1] / state.foretold[1:], foretold_factors(net, X))


def test_of_trained_weights_nothing_is_foretold():
    net, (X, y) = tower(6, 16, "tanh", "lecun"), examples("digits")
    state = tower_state(net, X, y, tuple(train_tower(net, X, y, steps=2, lr=0.1)))
    assert len(state.foretold) == 0
    assert "foretold" not in state.in_words(1)
    assert "after 2 steps of training" in state.in_words(1)


@pytest.mark.parametrize(
    ("name", "squares"), [("relu", (0.5, 0.5)), ("linear", (1.0, 1.0)), ("sigmoid", (0.2934, 0.04484))]
)
def test_gaussian_means_by_hand(name, squares):
    assert gaussian_means(ACTIVATIONS[name], 0.0, 1.0) == pytest.approx(squares, rel=1e-3)


def test_a_layer_below_the_range_of_squares_is_not_called_zero():
    state = tower_state(tower(200, 4, "linear", "lecun", scale=0.08), *examples("digits"))
    assert 0 < state.deltas[0] < 1e-170
    assert state.silent == 0


@pytest.mark.parametrize("size", [1e-200, 1.0, 1e200])
def test_norms_hold_where_squares_leave_the_range_of_numbers(size):
    ratio = update_ratios([size * np.array([3.0, 4.0])], [size * np.array([0.0, 5.0])], lr=1.0)
    assert ratio == pytest.approx([1.0])


def test_dead_layers_are_silent_and_said_to_be():
    state = tower_state(tower(5, 8, "relu", "he", bias=-5.0), *examples("digits"))
    assert (state.deltas == 0).all()
    assert "exactly 0 in 5 of 5 layers" in state.in_words(1)


def test_an_overflow_is_said():
    net = tower(3, 4, "linear", "lecun", scale=1e150)
    state = tower_state(net, *examples("digits"))
    assert "leaves the range of numbers" in state.in_words(1)


def test_no_constant_answer_beats_guessing():
    _, y = examples("digits")
    for seed in range(20):
        logits = np.tile(np.random.default_rng(seed).normal(size=10), (len(y), 1))
        assert softmax_cross_entropy.f(logits, y) > loss_of_guessing(y)
    best = np.tile(np.log(np.bincount(y) / len(y)), (len(y), 1))
    assert softmax_cross_entropy.f(best, y) == pytest.approx(loss_of_guessing(y))


def test_losses_are_those_before_each_step():
    X, y = examples("digits")
    net = tower(2, 8, "tanh", "lecun")
    before = net.loss(X, y)
    first = train_tower(net, X, y, steps=3, lr=0.1)
    now = net.loss(X, y)
    assert first[0] == before
    assert train_tower(net, X, y, steps=1, lr=0.1) == [now]


def test_a_step_out_of_the_range_of_numbers_is_not_taken():
    X, y = examples("digits")
    net = tower(10, 32, "relu", "he", scale=4.0)
    losses = train_tower(net, X, y, steps=50, lr=1.0)
    assert len(losses) < 50
    assert np.isfinite([*losses, net.loss(X, y)]).all()


@pytest.mark.parametrize("kind", ["digits", "random"])
def test_examples_are_what_towers_take(kind):
    X, y = examples(kind)
    assert tower(2, 3, "relu", "he").forward(X).shape == (64, 10)
    assert set(y) <= set(range(10))


def test_the_old_way_draws_evenly_between_its_ends():
    W = INITIALIZERS["uniform"](np.random.default_rng(0), 100, 200)
    assert W.std() == pytest.approx(1 / np.sqrt(300), rel=0.02)
    assert 0.0999 < abs(W).max() < 0.1
