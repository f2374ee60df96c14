"""What the gradient exercises mean, by central differences of the loss, apart from every solution."""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["BRUTE", "by_differences"]

H = 1e-5


def by_differences(loss: Callable[[], Any], array: np.ndarray) -> np.ndarray:
    """Return the slope of ``loss()`` in every entry of an array that it looks at."""
    slopes = np.zeros(array.shape)
    for index in np.ndindex(*array.shape):
        here = array[index]
        array[index] = here + H
        up = loss()
        array[index] = here - H
        slopes[index] = (up - loss()) / (2 * H)
        array[index] = here
    return slopes


def _half_square(A: Any, T: Any) -> float:
    return float(0.5 * np.sum((A - T) ** 2))


def _cross_entropies(Z: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.array([np.log(np.sum(np.exp(row - row[label]))) for row, label in zip(Z, y, strict=True)])


def _neuron_delta(z, a, t, act):
    here = np.array(z)
    return by_differences(lambda: _half_square(act.f(here), t), here)


def _neuron_grads(w, b, x, t, act):
    bias = np.array(b)

    def loss():
        return _half_square(act.f(sum(w * x) + bias), t)

    return by_differences(loss, w), by_differences(loss, bias)


def _bonkers(p, dose, observed):
    q = {key: np.array(value) for key, value in p.items()}

    def ssr():
        hidden = [np.log(1 + np.exp(dose * q["w" + i] + q["b" + i])) for i in "12"]
        return np.sum((hidden[0] * q["w3"] + hidden[1] * q["w4"] + q["b3"] - observed) ** 2)

    return {key: by_differences(ssr, value) for key, value in q.items()}


def _bonkers_last(p, dose, observed):
    return {key: value for key, value in _bonkers(p, dose, observed).items() if key in ("w3", "w4", "b3")}


def _hidden(delta_next, W_next, Z, act):
    # The loss whose slope in the next layer's Z is delta_next: a plain sum of products.
    return by_differences(lambda: np.sum(delta_next * (act.f(Z) @ W_next)), Z)


def _run(Ws, bs, X, acts, nudges=None):
    A = X
    for layer, (W, b, act) in enumerate(zip(Ws, bs, acts, strict=True)):
        Z = A @ W + b + (0 if nudges is None else nudges[layer])
        A = act.f(Z)
    return Z, A


def _all_deltas(Ws, Zs, As, T, act):
    nudges = [np.zeros(Z.shape) for Z in Zs]
    bs = [Z[0] - A[0] @ W for Z, A, W in zip(Zs, As, Ws, strict=False)]
    acts = [act] * len(Ws)
    return [
        by_differences(lambda: _half_square(_run(Ws, bs, As[0], acts, nudges)[1], T), nudge)
        for nudge in nudges
    ]


def _mazur(params, x, t):
    def loss():
        hidden = 1 / (1 + np.exp(-(x @ params["W1"] + params["b1"])))
        return _half_square(1 / (1 + np.exp(-(hidden @ params["W2"] + params["b2"]))), t)

    return {key: by_differences(loss, params[key]) for key in params}


def _linear(dZ, X, W):
    b = np.zeros(W.shape[1])
    return tuple(by_differences(lambda: np.sum(dZ * (X @ W + b)), array) for array in (X, W, b))


def _activation(dA, Z, act):
    return by_differences(lambda: np.sum(dA * act.f(Z)), Z)


def _mlp(params, Zs, As, T, acts):
    Ws, bs = [W for W, _ in params], [b for _, b in params]

    def loss():
        return _half_square(_run(Ws, bs, As[0], acts)[1], T) / len(T)

    return [(by_differences(loss, W), by_differences(loss, b)) for W, b in params]


def _softmax_vjp(P, G):
    Z = np.log(P)
    return by_differences(lambda: np.sum(G * (np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True))), Z)


def _softmax_cross_entropy(Z, y):
    return by_differences(lambda: _cross_entropies(Z, y).mean(), Z)


def _loss_and_grads(params, X, y):
    def loss():
        A = X
        for layer, (W, b) in enumerate(params):
            A = A @ W + b
            A = A * (A > 0) if layer < len(params) - 1 else A
        return _cross_entropies(A, y).mean()

    return loss(), [(by_differences(loss, W), by_differences(loss, b)) for W, b in params]


def _delta_norms(Ws, bs, X, y, act):
    shifts = [np.zeros(b.shape) for b in bs]

    def loss():
        Z, _ = _run(Ws, bs, X, [act] * len(Ws), shifts)
        Y = np.eye(Z.shape[1])[y]
        return -np.sum(Y * np.log(1 / (1 + np.exp(-Z))) + (1 - Y) * np.log(1 / (1 + np.exp(Z)))) / len(X)

    return [np.linalg.norm(by_differences(loss, shift)) for shift in shifts[:-1]]


def _program(x):
    here = np.array(x)

    def f():
        c = np.exp(here) + np.exp(2 * here)
        return np.exp(c) + np.sin(c)

    return f(), by_differences(f, here)


BRUTE: dict[str, Callable[..., Any]] = {
    "neuron_delta": _neuron_delta,
    "neuron_grads": _neuron_grads,
    "bonkers_grad_last": _bonkers_last,
    "bonkers_grad_all": _bonkers,
    "hidden_delta_loop": _hidden,
    "hidden_delta": _hidden,
    "all_deltas": _all_deltas,
    "mazur_gradients": _mazur,
    "linear_backward": _linear,
    "activation_backward": _activation,
    "mlp_backward": _mlp,
    "softmax_vjp": _softmax_vjp,
    "softmax_cross_entropy_grad": _softmax_cross_entropy,
    "loss_and_grads": _loss_and_grads,
    "delta_norms": _delta_norms,
    "adjoint_program": _program,
}
