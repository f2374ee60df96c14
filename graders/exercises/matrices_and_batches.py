"""Lesson ``matrices_and_batches``: probes, numerical truth and wrong turns of its five exercises."""

from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import Activation, linear, relu, sigmoid, softplus, tanh
from backproplab.gradcheck import complex_step, node_perturbation
from graders.bank import layers, network
from graders.bank.broadcasting import UNBROADCAST
from graders.entries import activation_entry, linear_entry, network_entry, written_with
from graders.exercise import Carry, Exercise, Probe
from graders.networks import Net, draw_net, forward, true_gradients

__all__ = ["EXERCISES"]

# Two calls of equal shapes first; square, a batch of one, narrower, wider. Batch, inputs, outputs.
LINEAR_SHAPES = ((11, 5, 7), (11, 5, 7), (9, 4, 4), (1, 6, 3), (8, 3, 5))
# Batch, units and activation.
ACTIVATION_SHAPES = (
    (11, 5, tanh),
    (11, 5, tanh),
    (9, 4, softplus),
    (1, 7, sigmoid),
    (8, 3, relu),
    (7, 6, linear),
)
# Batch, widths and activations: no layer without a probe in which its activation is curved.
NETS: tuple[tuple[int, tuple[int, ...], tuple[Activation, ...]], ...] = (
    (11, (3, 5, 5, 7), (tanh, softplus, tanh)),
    (11, (3, 5, 5, 7), (tanh, softplus, linear)),
    (9, (4, 4, 4, 4, 4), (tanh, softplus, tanh, relu)),
    (1, (6, 5, 4, 4), (sigmoid, softplus, tanh)),
    (10, (5, 3, 4, 6, 7), (relu, relu, sigmoid, tanh)),
)
DEPTH = 4
# From the shape of the gradient that arrives to the shape of what was stretched.
STRETCHED: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((11, 5), (5,)),
    ((11, 5), (5,)),
    ((11, 5), (11, 1)),
    ((3, 11, 5), (1, 5)),
    ((11, 5), (1, 5)),
    ((3, 4, 5, 7), (4, 1, 7)),
    ((6, 5), (6, 5)),
    ((7, 3), ()),
)


def _linear_probes(rng: Generator) -> list[Probe]:
    return [
        Probe((rng.normal(size=(n, k)), rng.normal(size=(n, d)), rng.normal(size=(d, k))))
        for n, d, k in LINEAR_SHAPES
    ]


def _activation_probes(rng: Generator) -> list[Probe]:
    return [
        Probe((rng.normal(size=(n, units)), rng.normal(size=(n, units)), act))
        for n, units, act in ACTIVATION_SHAPES
    ]


def _nets(rng: Generator) -> list[Net]:
    return [draw_net(rng, n, sizes, acts) for n, sizes, acts in NETS]


def _forward_probes(rng: Generator) -> list[Probe]:
    return [Probe((net.params, net.As[0], net.acts)) for net in _nets(rng)]


def _backward_probes(rng: Generator) -> list[Probe]:
    return [Probe((net.params, net.Zs, net.As, net.T, net.acts)) for net in _nets(rng)]


def _unbroadcast_probes(rng: Generator) -> list[Probe]:
    return [Probe((rng.normal(size=wide), shape)) for wide, shape in STRETCHED]


def true_linear(dZ: Any, X: Any, W: Any) -> tuple[Any, Any, Any]:
    """Nudge X, W and b of ``Z = X W + b``, where the loss moves by dZ with Z."""
    b = np.zeros(W.shape[1])

    def loss(X: Any, W: Any, b: Any) -> Any:
        return (dZ * (X @ W + b)).sum()

    return (
        complex_step(lambda X: loss(X, W, b), X),
        complex_step(lambda W: loss(X, W, b), W),
        complex_step(lambda b: loss(X, W, b), b),
    )


def true_activation(dA: Any, Z: Any, act: Activation) -> Any:
    """Nudge Z, where the loss moves by dA with ``f(Z)``."""
    return node_perturbation(lambda Z: (dA * act.f(Z)).sum(axis=1), Z)


def true_mlp(params: Any, Zs: Any, As: Any, T: Any, acts: Any) -> Any:
    """Nudge every parameter of the mean half squared error."""

    def loss(params: Any) -> Any:
        return ((forward(params, As[0], acts)[1][-1] - T) ** 2).sum() / 2 / len(T)

    return true_gradients(loss, params)


def true_unbroadcast(g: Any, shape: tuple[int, ...]) -> Any:
    """Nudge what was stretched to the shape of ``g``."""
    return complex_step(lambda x: (g * np.broadcast_to(x, g.shape)).sum(), np.zeros(shape))


def _uses(g: Any, shape: tuple[int, ...]) -> str:
    return f"each number was used {g.size // int(np.prod(shape))} times"


# What follows from the student's own functions


def mlp_by_own(own: Any, params: Any, Zs: Any, As: Any, T: Any, acts: Any) -> list[tuple[Any, Any]]:
    """Go back layer by layer by the student's own two steps."""
    dA = (As[-1] - T) / len(T)
    pairs: list[tuple[Any, Any]] = []
    for (W, _), Z, A_prev, act in zip(params[::-1], Zs[::-1], As[-2::-1], acts[::-1], strict=True):
        (dZ,) = own("activation_backward", dA, Z, act)
        dA, dW, db = own("linear_backward", dZ, A_prev, W)
        pairs.insert(0, (dW, db))
    return pairs


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="linear_backward",
        signature="linear_backward(dZ, X, W) -> (dX, dW, db)",
        points=6,
        probes=_linear_probes,
        truth=true_linear,
        formula="dX = dZ W^T, dW = X^T dZ, db = sum_n dZ_n",
        wrong_turns=written_with(layers.LINEAR.wrong_turns(), delta="dZ", A_prev="X", dA_prev="dX"),
        entry=linear_entry,
        form="tuple",
        parts=("dX", "dW", "db"),
        derivation=True,
    ),
    Exercise(
        name="activation_backward",
        signature="activation_backward(dA, Z, act) -> dZ",
        points=2,
        probes=_activation_probes,
        truth=true_activation,
        formula="dZ = dA * f'(Z)",
        wrong_turns=written_with(layers.ACTIVATION.wrong_turns(), delta="dZ"),
        entry=activation_entry,
        parts=("dZ",),
        derivation=True,
        forward_calls=2,
    ),
    Exercise(
        name="mlp_forward",
        signature="mlp_forward(params, X, acts) -> (Zs, As)",
        points=3,
        probes=_forward_probes,
        truth=forward,
        formula="Z_l = A_l-1 W_l + b_l, A_l = f_l(Z_l)",
        wrong_turns=network.MLP_FORWARD.wrong_turns(network.PLACES),
        form="tuple",
        parts=(*(f"Zs[{i}]" for i in range(DEPTH)), *(f"As[{i}]" for i in range(DEPTH + 1))),
        inside=(("list", DEPTH), ("list", DEPTH + 1)),
    ),
    Exercise(
        name="mlp_backward",
        signature="mlp_backward(params, Zs, As, T, acts) -> list of (dW, db)",
        points=6,
        probes=_backward_probes,
        truth=true_mlp,
        formula="dZ_D = 1/B (A_D - T) * f'(Z_D), dZ_l = (dZ_l+1 W_l+1^T) * f'(Z_l), "
        "dW_l = A_l-1^T dZ_l, db_l = sum_n dZ_l",
        wrong_turns=written_with(network.MLP.wrong_turns(network.PLACES), delta="dZ"),
        entry=network_entry,
        form="pairs",
        parts=tuple(f"{name}{i}" for i in range(1, DEPTH + 1) for name in ("dW", "db")),
        derivation=True,
        forward_calls=2 * DEPTH,
        carries=(Carry(("linear_backward", "activation_backward"), mlp_by_own),),
    ),
    Exercise(
        name="unbroadcast",
        signature="unbroadcast(g, shape) -> ndarray",
        points=3,
        probes=_unbroadcast_probes,
        truth=true_unbroadcast,
        formula="sum g over every axis along which the value was repeated",
        wrong_turns=UNBROADCAST.wrong_turns(),
        parts=("the gradient",),
        working=_uses,
    ),
)
