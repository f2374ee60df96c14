"""Independent witnesses: HIPS autograd and numdifftools differentiate the same networks."""

from typing import Any

import autograd.numpy as anp
import numdifftools
import numpy as np
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st

from backproplab.network import MLP

# Written anew for autograd: nothing of ours is used on the other side.
ACTIVATIONS = {
    "linear": lambda z: z,
    "sigmoid": lambda z: 0.5 * (1 + anp.tanh(z / 2)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.maximum(z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "softplus": lambda z: anp.logaddexp(z, 0.0),
    "gelu": lambda z: 0.5 * z * (1 + anp.tanh(anp.sqrt(2 / anp.pi) * (z + 0.044715 * z**3))),
}


def log_softmax(Z: Any) -> Any:
    shifted = Z - anp.max(Z, axis=1, keepdims=True)
    return shifted - anp.log(anp.sum(anp.exp(shifted), axis=1, keepdims=True))


LOSSES = {
    "half_squared_error": lambda A, T: anp.sum((A - T) ** 2) / 2 / len(A),
    "ssr": lambda A, T: anp.sum((A - T) ** 2),
    "binary_cross_entropy": lambda A, T: anp.sum(anp.logaddexp(A, 0.0) - T * A) / len(A),
    "softmax_cross_entropy": lambda A, T: -anp.sum(T * log_softmax(A)) / len(A),
    "softmax_squared_error": lambda A, T: anp.sum((anp.exp(log_softmax(A)) - T) ** 2) / 2 / len(A),
}


def other_loss(parameters: list[Any], X: Any, T: Any, activation: str, loss: str) -> Any:
    A = X
    for layer in range(0, len(parameters), 2):
        Z = anp.dot(A, parameters[layer]) + parameters[layer + 1]
        A = Z if layer == len(parameters) - 2 else ACTIVATIONS[activation](Z)
    return LOSSES[loss](A, T)


networks = st.fixed_dictionaries(
    {
        "hidden": st.lists(st.integers(1, 7), min_size=0, max_size=3),
        "n_in": st.integers(1, 6),
        "n_out": st.integers(2, 5),
        "batch": st.integers(1, 6),
        "activation": st.sampled_from(sorted(ACTIVATIONS)),
        "loss": st.sampled_from(sorted(LOSSES)),
        "scale": st.sampled_from([0.3, 1.0, 2.0]),
        "seed": st.integers(0, 2**32 - 1),
    }
)


def build(
    hidden: list[int], n_in: int, n_out: int, batch: int, activation: str, loss: str, scale: float, seed: int
) -> Any:
    rng = np.random.default_rng(seed)
    net = MLP([n_in, *hidden, n_out], activation, loss=loss, init="lecun", rng=rng)
    for p in net.parameters:
        p[...] = scale * rng.normal(size=p.shape)
    T = rng.dirichlet(np.ones(n_out), batch) if "softmax" in loss else rng.uniform(size=(batch, n_out))
    return net, rng.normal(size=(batch, n_in)), T, activation, loss


@settings(max_examples=150, derandomize=True, deadline=None)
@given(networks)
def test_autograd_agrees_to_ten_digits(case: dict[str, Any]) -> None:
    net, X, T, activation, loss = build(**case)
    assert net.loss(X, T) == pytest.approx(
        float(other_loss(net.parameters, X, T, activation, loss)), rel=1e-10
    )
    with np.errstate(over="ignore"):  # its slope of tanh divides by cosh squared, which may overflow
        others = grad(other_loss)(net.parameters, X, T, activation, loss)
    for ours, theirs in zip(net.gradients(X, T), others, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-10 * (1e-3 + np.abs(theirs).max()))


@settings(max_examples=10, derandomize=True, deadline=None)
@given(networks)
def test_numdifftools_agrees(case: dict[str, Any]) -> None:
    net, X, T, activation, loss = build(**{**case, "hidden": [2], "n_in": 2, "activation": "tanh"})

    def along(flat: Any) -> Any:
        W1 = flat.reshape(net.parameters[0].shape)
        return other_loss([W1, *net.parameters[1:]], X, T, activation, loss)

    theirs = numdifftools.Gradient(along)(net.parameters[0].ravel())
    ours = net.gradients(X, T)[0].ravel()
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-9 * (1 + np.abs(ours).max()))
