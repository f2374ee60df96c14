"""A flow's deltas and terms are the derivatives of its loss."""

import numpy as np
import pytest

from backproplab.flow import BATCH, INPUTS, OUTPUTS, draw_flow
from backproplab.gradcheck import complex_step

FIVE = ["linear", "sigmoid", "tanh", "relu", "softplus"]


@pytest.mark.parametrize("mean", [False, True], ids=["sum", "mean"])
@pytest.mark.parametrize("activation", FIVE)
@pytest.mark.parametrize(("layers", "units"), [(2, 1), (3, 4), (5, 8)])
def test_deltas_agree_with_nudging(layers, units, activation, mean):
    for seed in range(5):
        flow = draw_flow(layers, units, activation, seed, mean=mean)
        for delta, nudged in zip(flow.deltas, flow.numerical_deltas, strict=True):
            np.testing.assert_allclose(delta, nudged, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("mean", [False, True], ids=["sum", "mean"])
def test_input_times_nudged_delta_is_the_slope_of_the_whole_loss_at_every_weight(mean):
    flow = draw_flow(3, 4, "tanh", 1, mean=mean)
    loss = flow.net.loss_of

    for layer in range(flow.layers):
        parameters = list(flow.net.parameters)

        def nudged(array, at, parameters=parameters):
            return loss([*parameters[:at], array, *parameters[at + 1 :]])(flow.X, flow.T)

        delta = flow.numerical_deltas[layer]
        dW = complex_step(lambda W, at=2 * layer: nudged(W, at), flow.Ws[layer])
        db = complex_step(lambda b, at=2 * layer + 1: nudged(b, at), flow.bs[layer])
        np.testing.assert_allclose(flow.run.As[layer].T @ delta, dW, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(delta.sum(axis=0), db, rtol=1e-9, atol=1e-14)


def test_terms_times_slope_make_the_delta_of_every_hidden_unit():
    flow = draw_flow(4, 5, "softplus", 3, mean=False)
    for layer in range(1, flow.layers):
        for unit in range(1, 6):
            for example in range(1, BATCH + 1):
                total = flow.terms(layer, unit, example).sum()
                slope = flow.slopes[layer - 1][example - 1, unit - 1]
                assert total * slope == pytest.approx(flow.deltas[layer - 1][example - 1, unit - 1])


def test_delta_comes_back_one_layer_a_moment_after_the_last_layer_is_reached():
    flow = draw_flow(3, 4, "tanh", 0, mean=False)
    assert [flow.arrives(layer) for layer in (3, 2, 1)] == [4, 5, 6]
    assert flow.moments == 7


def test_no_two_sizes_are_equal_that_a_transposition_could_hide():
    assert len({BATCH, INPUTS, OUTPUTS, 4}) == 4


def test_the_same_seed_gives_the_same_network_and_another_another():
    same, again, other = (draw_flow(2, 3, "tanh", seed, mean=False) for seed in (7, 7, 8))
    np.testing.assert_array_equal(same.Ws[0], again.Ws[0])
    assert not np.array_equal(same.Ws[0], other.Ws[0])
