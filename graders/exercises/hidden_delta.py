"""Lesson ``hidden_delta``: probes, numerical truth and wrong turns of its five exercises."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import Activation, linear, relu, sigmoid, softplus, tanh
from backproplab.gradcheck import complex_step, node_perturbation
from graders.bank import layers, mazur, network, symbols
from graders.entries import delta_entry, deltas_entry
from graders.exercise import Carry, Exercise, Probe
from graders.networks import draw_layer, draw_net, true_deltas

__all__ = ["EXERCISES"]

# Two calls of equal shapes first, one square throughout, where every product runs, a batch of one:
# batch, hidden units, next units.
SHAPES: tuple[tuple[int, int, int, Activation], ...] = (
    (11, 5, 7, tanh),
    (11, 5, 7, tanh),
    (4, 4, 4, softplus),
    (1, 6, 3, sigmoid),
    (8, 6, 5, relu),
    (7, 5, 3, linear),
)
# Batch, widths, activation in every layer.
NETS: tuple[tuple[int, tuple[int, ...], Activation], ...] = (
    (11, (3, 5, 5, 7), tanh),
    (11, (3, 5, 5, 7), tanh),
    (9, (4, 4, 4, 4, 4), softplus),
    (1, (6, 5, 4, 3), sigmoid),
    (10, (5, 3, 4, 6, 7), relu),
    (8, (6, 4, 3, 5), linear),
)
DEPTH = 4
# Inputs, hidden units, outputs: two calls of equal shapes, one square.
SMALL = ((3, 5, 7), (3, 5, 7), (4, 4, 4), (6, 3, 5))
# Below this the two orders give the same loss to too many digits.
CLEAR = 3e-4


def _hidden_probes(rng: Generator) -> list[Probe]:
    return [
        Probe((rng.normal(size=(n, k)), draw_layer(rng, j, k)[0], rng.normal(size=(n, j)), act))
        for n, j, k, act in SHAPES
    ]


def _loop_probes(rng: Generator) -> list[Probe]:
    return [
        Probe((rng.normal(size=k), draw_layer(rng, j, k)[0], _awake(rng, j), act)) for _, j, k, act in SHAPES
    ]


def _awake(rng: Generator, n: int) -> Any:
    """Draw pre-activations of both signs in turn, so that half of a ReLU layer sleeps."""
    return np.abs(rng.normal(size=n)) * np.resize([1.0, -1.0], n)


def _net_probes(rng: Generator) -> list[Probe]:
    drawn = [(draw_net(rng, n, sizes, [act] * (len(sizes) - 1)), act) for n, sizes, act in NETS]
    return [Probe(([W for W, _ in net.params], net.Zs, net.As, net.T, act)) for net, act in drawn]


def _small_net(rng: Generator, sizes: Sequence[int]) -> tuple[dict[str, Any], Any, Any]:
    (W1, b1), (W2, b2) = (draw_layer(rng, n, m) for n, m in pairwise(sizes))
    params = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    return params, rng.normal(size=sizes[0]), rng.uniform(0.05, 0.95, sizes[-1])


def _mazur_probes(rng: Generator) -> list[Probe]:
    return [Probe(_small_net(rng, sizes)) for sizes in SMALL]


def _gap_probes(rng: Generator) -> list[Probe]:
    """Draw until every gap is clear, one of them negative."""
    probes: list[Probe] = []
    while len(probes) < len(SMALL):
        params, x, t = _small_net(rng, SMALL[len(probes)])
        args = ({name: 2 * array for name, array in params.items()}, x, t, float(rng.uniform(1, 3)))
        if mazur.ORDER_GAP(*args) * (-1 if len(probes) == 2 else 1) > CLEAR:
            probes.append(Probe(args))
    return probes


def true_hidden(delta_next: Any, W_next: Any, Z: Any, act: Activation) -> Any:
    """Nudge Z, where the loss moves by delta_next with the next layer's pre-activations."""
    return node_perturbation(lambda Z: (delta_next * (act.f(Z) @ W_next)).sum(axis=1), Z)


def true_loop(delta_next: Any, W_next: Any, z: Any, act: Activation) -> Any:
    """Nudge z of one example."""
    return complex_step(lambda z: delta_next @ (act.f(z) @ W_next), z)


def true_all_deltas(Ws: Any, Zs: Any, As: Any, T: Any, act: Activation) -> Any:
    """Nudge every layer's pre-activations in turn."""
    return true_deltas(Ws, Zs, As, T, [act] * len(Ws))


def _loss(params: dict[str, Any], x: Any, t: Any) -> Any:
    a1 = sigmoid.f(x @ params["W1"] + params["b1"])
    return ((sigmoid.f(a1 @ params["W2"] + params["b2"]) - t) ** 2).sum() / 2


def true_mazur(params: dict[str, Any], x: Any, t: Any) -> dict[str, Any]:
    """Nudge every parameter of the small network."""

    def slopes(name: str) -> Any:
        return complex_step(lambda array: _loss({**params, name: array}, x, t), params[name])

    return {name: slopes(name) for name in params}


def _losses_of_both_orders(params: dict[str, Any], x: Any, t: Any, lr: float) -> tuple[float, float]:
    """Do both updates as they are defined, every slope being a numerical one: right order, wrong order."""
    grads = true_mazur(params, x, t)
    W2 = params["W2"] - lr * grads["W2"]
    delta2 = complex_step(lambda b2: _loss({**params, "b2": b2}, x, t), params["b2"])

    def seen_through_new(W1: Any) -> Any:
        return delta2 @ (sigmoid.f(x @ W1 + params["b1"]) @ W2)

    right, wrong = (
        float(_loss({**params, "W1": params["W1"] - lr * dW1, "W2": W2}, x, t))
        for dW1 in (grads["W1"], complex_step(seen_through_new, params["W1"]))
    )
    return right, wrong


def true_gap(params: dict[str, Any], x: Any, t: Any, lr: float) -> float:
    """Take the loss of the right order off that of the wrong one."""
    right, wrong = _losses_of_both_orders(params, x, t, lr)
    return wrong - right


# What lies between question and answer


def _loop_working(delta_next: Any, W_next: Any, z: Any, act: Activation) -> str:
    heard, slope = delta_next @ W_next[0], act.deriv(z[0])
    return f"for j = 0 the sum over k is {heard:.4g}, the slope f'(z_0) is {slope:.4g}"


def _hidden_working(delta_next: Any, W_next: Any, Z: Any, act: Activation) -> str:
    return f"in the first row, {_loop_working(delta_next[0], W_next, Z[0], act)}"


def _gap_working(*args: Any) -> str:
    right, wrong = _losses_of_both_orders(*args)
    return f"L(wrong order) = {wrong:.10f}, L(right order) = {right:.10f}"


# What follows from the student's own functions


def _hidden_by_rows(own: Any, delta_next: Any, W_next: Any, Z: Any, act: Activation) -> Any:
    rows = own.each("hidden_delta_loop", [(d, W_next, z, act) for d, z in zip(delta_next, Z, strict=True)])
    return np.array([delta for (delta,) in rows])


def _hidden_at_once(own: Any, *arguments: Any) -> Any:
    return own("hidden_delta", *arguments)[0]


Hidden = Callable[..., Any]


def _deltas_by_own(hidden: Hidden, own: Any, Ws: Any, Zs: Any, As: Any, T: Any, act: Activation) -> list[Any]:
    """Go back by the student's own step from layer to layer."""
    deltas = [(As[-1] - T) * act.deriv(Zs[-1])]
    for W_next, Z in zip(Ws[:0:-1], Zs[-2::-1], strict=True):
        deltas.insert(0, hidden(own, deltas[0], W_next, Z, act))
    return deltas


def _mazur_by_own(hidden: Hidden, own: Any, params: dict[str, Any], x: Any, t: Any) -> dict[str, Any]:
    """Derive the small network, going back by the student's own step."""
    z1 = x @ params["W1"] + params["b1"]
    a1 = sigmoid.f(z1)
    a2 = sigmoid.f(a1 @ params["W2"] + params["b2"])
    delta2 = (a2 - t) * a2 * (1 - a2)
    delta1 = hidden(own, delta2[None], params["W2"], z1[None], sigmoid)[0]
    return {"W1": np.outer(x, delta1), "b1": delta1, "W2": np.outer(a1, delta2), "b2": delta2}


def _gap_by_own(hidden: Hidden, own: Any, params: dict[str, Any], x: Any, t: Any, lr: float) -> float:
    """Do both updates with the student's own gradients; a bias has its delta for a gradient."""
    dW1, _, dW2, delta2 = own("mazur_gradients", params, x, t)
    W2 = params["W2"] - lr * dW2
    z1 = x @ params["W1"] + params["b1"]
    through_new = np.outer(x, hidden(own, delta2[None], W2, z1[None], sigmoid)[0])
    right, wrong = (
        _loss({**params, "W1": params["W1"] - lr * slopes, "W2": W2}, x, t) for slopes in (dW1, through_new)
    )
    return float(wrong - right)


def _either_way(rebuild: Callable[..., Any], *earlier: str) -> tuple[Carry, ...]:
    """Build on the student's vectorised hidden delta, or on the one with loops."""
    ways = {"hidden_delta": _hidden_at_once, "hidden_delta_loop": _hidden_by_rows}
    return tuple(Carry((*earlier, name), partial(rebuild, way)) for name, way in ways.items())


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="hidden_delta_loop",
        signature="hidden_delta_loop(delta_next, W_next, z, act) -> (n_hidden,)",
        points=4,
        probes=_loop_probes,
        truth=true_loop,
        formula="delta_j = (sum_k delta_k w_jk) f'(z_j)",
        wrong_turns=symbols.written(layers.HIDDEN_DELTA_LOOP.wrong_turns(), symbols.ONE_UNIT),
        entry=delta_entry,
        parts=("delta",),
        derivation=True,
        forward_calls=10,
        working=_loop_working,
    ),
    Exercise(
        name="hidden_delta",
        signature="hidden_delta(delta_next, W_next, Z, act) -> (B, n_hidden)",
        points=4,
        probes=_hidden_probes,
        truth=true_hidden,
        formula="delta = (delta_next W_next^T) * f'(Z)",
        wrong_turns=symbols.written(layers.HIDDEN_DELTA.wrong_turns(), symbols.ONE_LAYER),
        entry=delta_entry,
        parts=("delta",),
        derivation=True,
        forward_calls=2,
        working=_hidden_working,
    ),
    Exercise(
        name="all_deltas",
        signature="all_deltas(Ws, Zs, As, T, act) -> list of deltas, first hidden layer first",
        points=6,
        probes=_net_probes,
        truth=true_all_deltas,
        formula="delta_D = (A_D - T) * f'(Z_D), delta_l = (delta_l+1 W_l+1^T) * f'(Z_l)",
        wrong_turns=symbols.written(network.ALL_DELTAS.wrong_turns(network.PLACES), symbols.ALL_LAYERS),
        entry=deltas_entry,
        form="list",
        parts=tuple(f"delta{i}" for i in range(1, DEPTH + 1)),
        derivation=True,
        forward_calls=2 * DEPTH,
        carries=_either_way(_deltas_by_own),
    ),
    Exercise(
        name="mazur_gradients",
        signature="mazur_gradients(params, x, t) -> dict with W1, b1, W2, b2",
        points=4,
        probes=_mazur_probes,
        truth=true_mazur,
        formula="delta2 = (a2 - t) * f'(z2), delta1 = (W2 delta2) * f'(z1), "
        "dW = outer(a_prev, delta), db = delta",
        wrong_turns=symbols.written(mazur.MAZUR.wrong_turns(("all", 1, 2), depth=2), symbols.ONE_EXAMPLE),
        form="dict",
        parts=("W1", "b1", "W2", "b2"),
        derivation=True,
        carries=_either_way(_mazur_by_own),
    ),
    Exercise(
        name="update_order_gap",
        signature="update_order_gap(params, x, t, lr) -> float",
        points=2,
        probes=_gap_probes,
        truth=true_gap,
        formula="gap = L(wrong order) - L(right order)",
        wrong_turns=mazur.ORDER_GAP.wrong_turns(),
        parts=("the gap",),
        working=_gap_working,
        carries=_either_way(_gap_by_own, "mazur_gradients"),
    ),
)
