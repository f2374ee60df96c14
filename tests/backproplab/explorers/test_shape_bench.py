"""The shape bench: a product is judged by shape and by value, and the gradients it owes are derivatives."""

from itertools import product

import numpy as np
import pytest

from backproplab.explorers import ShapeBench
from backproplab.explorers.shape_bench import FACTORS, WANTED
from backproplab.gradcheck import complex_step
from backproplab.matrix_products import factors_of, products, wanted_of


def drawn(batch=5, n_in=3, n_out=2):
    return factors_of(batch, n_in, n_out, np.random.default_rng(0))


def test_what_is_wanted_are_the_numerical_derivatives_of_the_layer():
    layer = drawn()
    X, dZ, W = layer["X"], layer["dZ"], layer["W"]
    Z_prev, wanted = np.arctanh(X), wanted_of(layer)

    def moved(X, W, b):
        return (dZ * (X @ W + b)).sum()

    b = np.zeros((1, 2))
    np.testing.assert_allclose(wanted["dW"], complex_step(lambda W: moved(X, W, b), W))
    np.testing.assert_allclose(wanted["db"], complex_step(lambda b: moved(X, W, b), b))
    np.testing.assert_allclose(wanted["dX"], complex_step(lambda X: moved(X, W, b), X))
    np.testing.assert_allclose(wanted["dZ_prev"], complex_step(lambda Z: moved(np.tanh(Z), W, b), Z_prev))


def test_with_three_different_sizes_shape_alone_decides():
    for wanted in ("dW", "dX"):
        bench = ShapeBench(wanted=wanted, batch=5, n_in=3, n_out=2)
        right = set()
        for left, other in product(FACTORS, FACTORS):
            bench.move(left=left, right=other)
            verdict = bench.picture["verdicts"][wanted]
            assert verdict != "wrong values"
            right |= {(left, other)} if verdict == "right" else set()
        assert right == {{"dW": ("X.T", "dZ"), "dX": ("dZ", "W.T")}[wanted]}


def test_in_a_square_layer_shape_alone_does_not_decide():
    bench = ShapeBench(wanted="dW", left="dZ.T", right="X", batch=5, n_in=3, n_out=3)
    assert bench.picture["verdicts"]["dW"] == "wrong values"
    assert "right shape, wrong values" in bench.picture["sentence"]
    assert "it is dW.T, the transpose" in bench.picture["sentence"]
    bench.n_out = 2
    assert "wrong shape, dW has (3, 2)" in bench.picture["sentence"]


@pytest.mark.parametrize("wanted", ["db", "dX", "dW"])
def test_each_gradient_of_the_layer_is_some_product(wanted):
    bench, found = ShapeBench(wanted=wanted), 0
    for left, right in product(FACTORS, FACTORS):
        bench.move(left=left, right=right)
        found += bench.picture["verdicts"][wanted] == "right"
    assert found == 1


def test_delta_of_the_layer_before_is_no_product_alone():
    bench = ShapeBench(wanted="dZ_prev", left="dZ", right="W.T")
    assert "the slope f'(Z_prev) is still missing from every entry" in bench.picture["sentence"]
    assert "It is dX, in shape and values." in bench.picture["sentence"]


@pytest.mark.parametrize("wanted", WANTED)
def test_the_verdict_is_that_of_numpy(wanted):
    bench = ShapeBench(wanted=wanted, batch=3, n_in=3, n_out=3)
    due = wanted_of(bench.factors)[wanted]
    for left, right in product(FACTORS, FACTORS):
        bench.move(left=left, right=right)
        one, other = (
            bench.factors[n.removesuffix(".T")].T if n.endswith(".T") else bench.factors[n]
            for n in (left, right)
        )
        try:
            made = one @ other
        except ValueError:
            verdict = "does not run"
        else:
            alike = made.shape == due.shape
            verdict = "wrong shape" if not alike else "right" if np.allclose(made, due) else "wrong values"
        assert bench.picture["verdicts"][wanted] == verdict


def test_the_numbers_of_products_are_those_of_the_still_picture():
    bench = ShapeBench(wanted="dW", left="X", right="dZ", n_out=3)
    assert bench.picture["sentence"].endswith("4 run, 2 have the shape of dW, 1 the values too.")
    assert (
        bench.still().sentence
        == "Of 8 products 4 run, 2 have the shape (3, 3), 1 has the values too: X.T @ dZ."
    )


@pytest.mark.parametrize(("left", "right"), list(product(("X", "ones", "W.T"), ("X", "dZ", "ones"))))
def test_every_pair_has_a_still_picture(left, right):
    assert ShapeBench(left=left, right=right).still().sentence.startswith("Of ")


def test_one_matrix_alone_is_multiplied_with_itself():
    rows = products({"W": np.ones((3, 2))}, np.ones((3, 3)))
    assert [f"{a[0]} @ {b[0]}" for a, b, *_ in rows] == ["W @ W", "W @ W.T", "W.T @ W", "W.T @ W.T"]


def test_with_single_numbers_all_products_are_right():
    layer = drawn(1, 1, 1)
    rows = products({"X": layer["X"], "dZ": layer["dZ"]}, wanted_of(layer)["dW"])
    assert {word for *_, word in rows} == {"right"}
