"""Optimisers: three hand-written steps each, with different gradients, a changing rate and a large eps."""

from typing import Any

import numpy as np
import pytest

from backproplab.optimizers import SGD, Adam, RMSProp, clip_by_global_norm

GRADIENTS = [np.array([1.0, -2.0]), np.array([0.5, 3.0]), np.array([-4.0, 0.1])]
RATES = [0.1, 0.2, 0.05]
START = np.array([1.0, -1.0])


def run(optimizer: Any) -> Any:
    p = START.copy()
    for g, lr in zip(GRADIENTS, RATES, strict=True):
        optimizer.lr = lr
        optimizer.step([p], [g.copy()])
    return p


def test_plain_descent_subtracts_rate_times_gradient() -> None:
    expected = START - sum(lr * g for lr, g in zip(RATES, GRADIENTS, strict=True))
    np.testing.assert_allclose(run(SGD(lr=1)), expected)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_keeps_a_velocity(nesterov: bool) -> None:
    p, v = START.copy(), 0.0
    for g, lr in zip(GRADIENTS, RATES, strict=True):
        v = 0.9 * v + g
        p = p - lr * (g + 0.9 * v if nesterov else v)
    np.testing.assert_allclose(run(SGD(lr=1, momentum=0.9, nesterov=nesterov)), p)


def test_rmsprop_divides_by_the_running_root_mean_square() -> None:
    p, s = START.copy(), 0.0
    for g, lr in zip(GRADIENTS, RATES, strict=True):
        s = 0.9 * s + 0.1 * g**2
        p = p - lr * g / (s**0.5 + 1e-3)
    np.testing.assert_allclose(run(RMSProp(lr=1, rho=0.9, eps=1e-3)), p)


def test_adam_corrects_both_moments_for_their_start_at_zero() -> None:
    p, m, v = START.copy(), 0.0, 0.0
    for t, (g, lr) in enumerate(zip(GRADIENTS, RATES, strict=True), 1):
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g**2
        m_hat, v_hat = m / (1 - 0.8**t), v / (1 - 0.9**t)
        p = p - lr * (m_hat / (v_hat**0.5 + 1e-3) + 0.01 * p)
    np.testing.assert_allclose(run(Adam(betas=(0.8, 0.9), eps=1e-3, weight_decay=0.01)), p)


@pytest.mark.parametrize("make", [SGD, RMSProp])
def test_weight_decay_is_a_gradient_of_its_own(make: Any) -> None:
    p, q = START.copy(), START.copy()
    make(lr=0.1, weight_decay=0.3).step([p], [GRADIENTS[0]])
    make(lr=0.1).step([q], [GRADIENTS[0] + 0.3 * START])
    np.testing.assert_allclose(p, q)


@pytest.mark.parametrize(
    "make",
    [lambda: SGD(lr=0.1), lambda: SGD(lr=0.1, momentum=0.9, weight_decay=0.1), RMSProp, Adam],
    ids=["SGD", "momentum", "RMSProp", "Adam"],
)
def test_steps_change_parameters_in_place_and_leave_gradients_and_dtype(make: Any) -> None:
    p, g = START.astype(np.float32), GRADIENTS[0].astype(np.float32)
    same, kept = p, g.copy()
    make().step([p], [g])
    assert same is p
    assert p.dtype == np.float32
    assert not np.array_equal(p, START)
    np.testing.assert_array_equal(g, kept)


def test_clipping_keeps_the_direction_and_leaves_short_gradients_alone() -> None:
    g = [np.array([3.0]), np.array([[4.0]])]
    assert clip_by_global_norm(g, 10.0) == 5.0
    assert (g[0][0], g[1][0, 0]) == (3.0, 4.0)
    assert clip_by_global_norm(g, 2.5) == 5.0
    assert (g[0][0], g[1][0, 0]) == (1.5, 2.0)
