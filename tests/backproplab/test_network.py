"""The network: every gradient is the slope of the loss, in every combination of parts."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backproplab.activations import ACTIVATIONS
from backproplab.gradcheck import complex_step, node_perturbation
from backproplab.losses import LOSSES
from backproplab.network import MLP, forward

LABELLED = "softmax_cross_entropy"


def batch(rng: np.random.Generator, n: int, n_in: int, n_out: int, loss: str) -> tuple[Any, Any]:
    X = rng.normal(size=(n, n_in))
    return X, rng.integers(0, n_out, n) if loss == LABELLED else rng.uniform(size=(n, n_out))


def numerical(net: MLP, X: Any, T: Any) -> list[Any]:
    def along(i: int) -> Any:
        return lambda v: net.loss_of([v if k == i else p for k, p in enumerate(net.parameters)])(X, T)

    return [complex_step(along(i), p) for i, p in enumerate(net.parameters)]


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_match_the_complex_step(activation: str, loss: str) -> None:
    rng = np.random.default_rng(3)
    net = MLP([3, 5, 5, 4], activation, loss=loss, init="normal", rng=rng)
    X, T = batch(rng, 6, 3, 4, loss)
    for written, measured in zip(net.gradients(X, T), numerical(net, X, T), strict=True):
        np.testing.assert_allclose(written, measured, rtol=1e-10, atol=1e-13)


@given(
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    n=st.integers(1, 5),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    output=st.sampled_from(sorted(ACTIVATIONS)),
    summed=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_gradients_match_for_any_sizes_and_output_activation(
    sizes: list[int], n: int, activation: str, output: str, summed: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    loss = LOSSES["half_squared_error"].summed() if summed else "half_squared_error"
    net = MLP(sizes, activation, output, loss=loss, init="lecun", rng=rng)
    for b in net.parameters[1::2]:  # away from 0, where ReLU has no slope of its own
        b[...] = rng.normal(size=b.shape)
    X, T = batch(rng, n, sizes[0], sizes[-1], "")
    for written, measured in zip(net.gradients(X, T), numerical(net, X, T), strict=True):
        np.testing.assert_allclose(written, measured, rtol=1e-8, atol=1e-12)


def test_deltas_match_node_perturbation() -> None:
    rng = np.random.default_rng(0)
    net = MLP([4, 6, 5, 3], "tanh", loss=LOSSES["half_squared_error"].summed(), rng=rng)
    X, T = rng.normal(size=(7, 4)), rng.normal(size=(7, 3))
    run = net.run(X)
    for layer, delta in enumerate(net.deltas(run, T)):

        def tail(Z: Any, layer: int = layer) -> Any:
            A = net.activations[layer].f(Z)
            out = forward(net.parameters[2 * layer + 2 :], A, net.activations[layer + 1 :]).As[-1]
            return ((out - T) ** 2).sum(axis=1) / 2

        np.testing.assert_allclose(delta, node_perturbation(tail, run.Zs[layer]), rtol=1e-12, atol=1e-15)


def test_one_hot_rows_and_labels_are_the_same_targets() -> None:
    rng = np.random.default_rng(0)
    net = MLP([3, 4], loss=LABELLED, rng=rng)
    X, y = batch(rng, 5, 3, 4, LABELLED)
    assert net.loss(X, y) == pytest.approx(net.loss(X, np.eye(4)[y]))
    for a, b in zip(net.gradients(X, y), net.gradients(X, np.eye(4)[y]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-16)


def test_a_mean_loss_does_not_depend_on_how_often_the_batch_is_repeated() -> None:
    rng = np.random.default_rng(0)
    net = MLP([3, 4, 2], rng=rng)
    X, T = batch(rng, 5, 3, 2, "")
    once, twice = net.gradients(X, T), net.gradients(np.tile(X, (2, 1)), np.tile(T, (2, 1)))
    for a, b in zip(once, twice, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32_stays_float32(activation: str, loss: str) -> None:
    rng = np.random.default_rng(0)
    net = MLP([3, 4, 2], activation, loss=loss, rng=rng, dtype=np.float32)
    X, T = batch(rng, 5, 3, 2, loss)
    arrays = (*net.parameters, *net.gradients(X, T), net.forward(X))
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


@pytest.mark.parametrize("loss", ["binary_cross_entropy", LABELLED])
def test_cross_entropies_stay_finite_and_right_for_huge_logits(loss: str) -> None:
    A = np.array([[1e4, -1e4]])
    T = np.array([1]) if loss == LABELLED else np.array([[0.0, 1.0]])
    assert LOSSES[loss].f(A, T) == pytest.approx(2e4)
    np.testing.assert_allclose(LOSSES[loss].deriv(A, T), [[1.0, -1.0]])


def test_the_first_loss_of_ten_classes_is_near_ln_10() -> None:
    net = MLP([64, 10], loss=LABELLED, init="zeros", rng=np.random.default_rng(0))
    assert net.loss(np.ones((3, 64)), np.array([0, 4, 9])) == pytest.approx(2.302585, abs=1e-6)
