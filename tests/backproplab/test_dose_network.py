"""The 1-2-1 network number by number agrees with the network of the package, and with what was published."""

import math

import numpy as np
import pytest

from backproplab.dose_network import (
    DOSE,
    MOMENTS,
    OBSERVED,
    STARTS,
    Seven,
    curves,
    descend,
    predictions,
    ssr_of,
    terms,
)
from backproplab.network import MLP
from backproplab.optimizers import SGD
from backproplab.training import train_step

X, T = np.array(DOSE)[:, None], np.array(OBSERVED)[:, None]


def network(p):
    net = MLP([1, 2, 1], "softplus", loss="ssr", rng=np.random.default_rng(0))
    values = [[[p.w1, p.w2]], [p.b1, p.b2], [[p.w3], [p.w4]], [p.b3]]
    for parameter, value in zip(net.parameters, values, strict=True):
        parameter[...] = value
    return net


def seven(parts):
    (w, b, v, c) = (np.ravel(part) for part in parts)
    return Seven(w[0], b[0], w[1], b[1], v[0], v[1], c[0])


DRAWN = [Seven(*row) for row in np.random.default_rng(0).uniform(-5, 5, (20, 7))]


@pytest.mark.parametrize("p", [*STARTS.values(), *DRAWN, Seven(*[800.0] * 7), Seven(*[-800.0] * 7)])
def test_ssr_slopes_and_predictions_are_those_of_the_package_s_network(p):
    net = network(p)
    assert ssr_of(p) == pytest.approx(net.loss(X, T), rel=1e-12)
    slopes = np.sum(terms(p), axis=0)
    np.testing.assert_allclose(slopes, seven(net.gradients(X, T)), rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(predictions(p), net.forward(X).ravel(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("p", DRAWN[:5])
def test_each_point_s_terms_are_the_slopes_of_its_own_square(p):
    for n, point in enumerate(terms(p)):
        alone = network(p).gradients(X[[n]], T[[n]])
        np.testing.assert_allclose(point, seven(alone), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("lr", [0.01, 0.1])
def test_the_descent_is_that_of_sgd(lr):
    net, optimizer = network(STARTS["published"]), SGD(lr=lr)
    losses = [train_step(net, X, T, optimizer) for _ in range(301)]
    run = descend(STARTS["published"], lr, range(301))
    np.testing.assert_allclose(run.ssr, losses, rtol=1e-9)
    assert run.last_step == 300


def test_a_descent_that_is_cut_in_two_is_the_same_descent():
    whole = descend(STARTS["published"], 0.1, (0, 7, 40))
    rest = descend(whole.parameters[1], 0.1, (0, 33))
    assert whole.parameters[2] == rest.parameters[1]


def test_the_curve_is_the_sum_of_the_two_and_the_bias():
    prediction, blue, orange = curves(DRAWN[0], np.linspace(0, 1, 9))
    np.testing.assert_allclose(prediction, blue + orange + DRAWN[0].b3)


def test_the_moments_hold_each_of_the_first_steps_and_the_lesson_s():
    assert MOMENTS[:11] == tuple(range(11))
    assert {237, 880, 2300, 4940, 5569, 10_346} <= set(MOMENTS)
    assert list(MOMENTS) == sorted(set(MOMENTS))


def test_an_overflow_is_infinite_and_keeps_the_last_finite_parameters():
    start = Seven(1e100, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    run = descend(start, 0.1, (0, 1, 2))
    assert run.overflows
    assert list(np.isfinite(run.ssr)) == [True, False, False]
    assert run.last_step == 0
    assert run.parameters == [start] * 3


def test_a_start_beyond_all_numbers_overflows_at_once():
    run = descend(Seven(1e200, 0.0, 0.0, 0.0, 1e200, 0.0, 0.0), 0.1, (0, 1))
    assert math.isinf(run.ssr[0])
    assert (run.overflows, run.last_step) == (True, 0)
