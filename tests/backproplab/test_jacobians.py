import numpy as np
import pytest

from backproplab.jacobians import layer_jacobians, spectrum
from backproplab.tower import examples, tower

X, Y = examples("digits")


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "softplus", "linear"])
def test_jacobians_carry_delta_from_layer_to_layer(activation):
    net = tower(6, 9, activation, "he")
    deltas = net.trace(X[:1], Y[:1]).deltas[:-1]
    jacobians = layer_jacobians(net, X[0])
    assert len(jacobians) == 5
    for delta, following, J in zip(deltas, deltas[1:], jacobians, strict=False):
        np.testing.assert_allclose(delta, following @ J, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_the_product_is_the_derivative_of_the_last_z_by_the_first(activation):
    net, h = tower(4, 6, activation, "he"), 1e-30
    Z = net.run(X[:1]).Zs[0][0]
    act, Ws = net.activations[0], net.parameters[2:-2:2]
    columns = []
    for j in range(6):
        z = Z.astype(complex)
        z[j] += 1j * h
        for W in Ws:
            z = act.f(z) @ W
        columns.append(z.imag / h)
    product = np.linalg.multi_dot(layer_jacobians(net, X[0])[::-1])
    np.testing.assert_allclose(product, np.array(columns).T, rtol=1e-10)


def test_values_are_those_of_each_product_from_the_last_layer_back():
    jacobians = layer_jacobians(tower(8, 5, "tanh", "lecun"), X[0])
    seen = spectrum(jacobians, products=7)
    assert list(seen.passed) == [1, 2, 3, 4, 5, 6, 7]
    product = np.eye(5)
    for J, values in zip(jacobians[::-1], seen.values, strict=True):
        product = product @ J
        np.testing.assert_allclose(values, np.linalg.svd(product, compute_uv=False), rtol=1e-9)
    np.testing.assert_allclose(seen.kept, np.sqrt((seen.values**2).mean(axis=1)))


@pytest.mark.parametrize("depth", [2, 3, 12, 13, 50])
def test_few_products_are_looked_at_the_first_and_the_last_among_them(depth):
    seen = spectrum(layer_jacobians(tower(depth, 4, "linear", "lecun"), X[0]))
    assert len(seen.passed) == len(seen.values) == min(depth - 1, 12)
    assert (seen.passed[0], seen.passed[-1]) == (1, depth - 1)


def test_orthogonal_layers_stretch_nothing():
    seen = spectrum(layer_jacobians(tower(50, 16, "linear", "orthogonal"), X[0]))
    np.testing.assert_allclose(seen.values, 1, rtol=1e-12)
    assert "condition number, largest by smallest, is 1.000" in seen.in_words()


def test_random_layers_keep_the_length_and_lose_most_directions():
    """As Saxe and others 2014: a largest value near 6, a median near 1e-8, the rest lost in rounding."""
    seen = spectrum(layer_jacobians(tower(50, 64, "linear", "lecun"), X[0]))
    assert 0.3 < seen.kept[-1] < 3
    assert 3 < seen.values[-1, 0] < 13
    assert 1e-9 < seen.values[-1, 31] < 1e-6
    assert not seen.resolved[-1, -1]


def test_what_rounding_eats_is_counted_not_shown():
    known = 10.0 ** -np.arange(0, 20, 2.5)
    seen = spectrum([np.diag(known)])
    assert list(seen.resolved[0]) == list(known > 8 * np.finfo(float).eps)
    assert "2 of 8 directions are 0 or lost in rounding" in seen.in_words()


def test_a_product_of_nothing_is_said():
    assert "exactly 0" in spectrum([np.zeros((3, 3))]).in_words()
