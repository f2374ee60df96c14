"""Lesson ``vanishing_gradients``: probes, numerical truth and wrong turns of its six exercises."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import Activation, relu, sigmoid, softplus, tanh
from backproplab.gradcheck import node_perturbation, numerical_gradient
from graders.bank import initialisation as bank
from graders.bank.delta_norms import DELTA_NORMS
from graders.bank.from_error import but_at_output
from graders.exercise import Exercise, Probe
from graders.networks import draw_layer

__all__ = ["EXERCISES"]

# delta_norms: batch, widths, activation of the hidden layers; two calls of equal shapes
NETS: tuple[tuple[int, tuple[int, ...], Activation], ...] = (
    (11, (6, 5, 7, 3), tanh),
    (11, (6, 5, 7, 3), tanh),
    (9, (4, 4, 4, 4), sigmoid),
    (8, (3, 6, 5, 4), relu),
    (1, (5, 7, 6, 3), tanh),
    (10, (7, 5, 4), tanh),  # one hidden layer, and not where the batch is one example
)
HIDDEN = 2


def _norm_probes(rng: Generator) -> list[Probe]:
    return [Probe(_network(rng, *net)) for net in NETS]


def _network(rng: Generator, n: int, sizes: tuple[int, ...], act: Activation) -> tuple[Any, ...]:
    layers = [draw_layer(rng, n_in, n_out) for n_in, n_out in pairwise(sizes)]
    y = rng.permutation(np.arange(n) % sizes[-1])
    return [W for W, _ in layers], [b for _, b in layers], rng.normal(size=(n, sizes[0])), y, act


def true_delta_norms(Ws: Any, bs: Any, X: Any, y: Any, act: Activation) -> list[float]:
    """Nudge the pre-activations of each hidden layer and watch each example's cross-entropies."""
    norms, A = [], X
    for layer in range(len(Ws) - 1):
        Z = A @ Ws[layer] + bs[layer]
        delta = node_perturbation(_losses_from(layer + 1, Ws, bs, y, act), Z)
        norms.append(float(np.sqrt(np.square(delta.sum(axis=0) / len(y)).sum())))
        A = act.f(Z)
    return norms


def _losses_from(layer: int, Ws: Any, bs: Any, y: Any, act: Activation) -> Callable[[Any], Any]:
    """Return the rest of the network: from the Z before a layer to each example's loss."""

    def losses(Z: Any) -> Any:
        for W, b in zip(Ws[layer:], bs[layer:], strict=True):
            Z = act.f(Z) @ W + b
        return softplus.f(Z).sum(axis=1) - Z[np.arange(len(y)), y]

    return losses


def _std_probes(rng: Generator) -> list[Probe]:
    widths = rng.choice(np.arange(3, 400), (6, 2), replace=False)
    kinds = rng.permutation(["lecun", "glorot", "he"] * 2)
    return [Probe((str(kind), int(n), int(m))) for kind, (n, m) in zip(kinds, widths, strict=True)]


def true_std(kind: str, n_in: int, n_out: int) -> float:
    """Return the recipes as their authors wrote them."""
    return float({"lecun": n_in**-0.5, "glorot": (2 / (n_in + n_out)) ** 0.5, "he": (2 / n_in) ** 0.5}[kind])


def _std_working(kind: str, n_in: int, n_out: int) -> str:
    variance = {
        "lecun": f"1 / {n_in}",
        "glorot": f"1 divided by the mean of {n_in} and {n_out}",
        "he": f"2 / {n_in}",
    }
    return f"the variance is {variance[kind]}"


def _gain_probes(rng: Generator) -> list[Probe]:
    return [Probe((act,)) for act in (tanh, sigmoid, softplus)]  # tanh tells most slips apart


def true_gain(act: Activation) -> float:
    """Integrate f^2 under the bell curve by the trapezoid rule."""
    z = np.linspace(-10, 10, 20_001)
    bell = np.exp(-(z**2) / 2)
    return float(1 / np.sqrt(np.sum(act.f(z) ** 2 * bell) / bell.sum()))


def _dead_probes(rng: Generator) -> list[Probe]:
    """Draw tables with dead columns, columns that are always awake, and now and then a dead row.

    Of the dead columns one comes up to 0 once, one stays there throughout, and the rest stay below. One
    living column is awake for the first example only: asleep on the average, and not dead.
    """
    probes = []
    for n, units, dead, awake in ((11, 7, 2, 1), (11, 7, 3, 2), (5, 5, 1, 0), (6, 9, 0, 3), (4, 3, 3, 0)):
        Z = rng.normal(0.4, 1, (n, units))
        Z[0], Z[-1, : units // 2] = np.abs(Z[0]) + 0.1, -1.0
        if not awake:
            Z[1] = -np.abs(Z[1]) - 0.1
        columns = rng.permutation(units)
        Z[:, columns[:awake]] = np.abs(rng.normal(size=(n, awake))) + 0.01
        Z[:, columns[awake : awake + dead]] = -np.abs(rng.normal(size=(n, dead))) - 0.01
        Z[1:, columns[awake + dead :][:1]] = -1.0
        Z[n // 2, columns[awake : awake + dead][:1]] = 0.0
        Z[:, columns[awake : awake + dead][1:2]] = 0.0
        probes.append(Probe((Z,)))
    return probes


def true_dead(Z: Any) -> float:
    """Count the units that no example wakes."""
    asleep: list[bool] = [max(column) <= 0 for column in Z.T.tolist()]
    return sum(asleep) / len(asleep)


def _rescale_probes(rng: Generator) -> list[Probe]:
    cases = (
        (11, (6, 5, 7, 3), tanh),
        (11, (6, 5, 7, 3), tanh),
        (9, (4, 4, 4), sigmoid),
        (12, (5, 8, 6), relu),
    )
    probes = []
    for n, sizes, act in cases:
        Ws = [rng.uniform(0.3, 2) * draw_layer(rng, *layer)[0] for layer in pairwise(sizes)]
        probes.append(Probe((Ws, rng.normal(0.3, 1, (n, sizes[0])), act)))
    return probes


def true_rescaled(Ws: Any, X: Any, act: Activation) -> list[Any]:
    """Measure the spread of each layer with the layers before it already rescaled."""
    rescaled, A = [], X
    for W in Ws:
        centred = A @ W - (A @ W).mean(axis=0)
        rescaled.append(W * np.sqrt(centred.size / np.square(centred).sum()))
        A = act.f(A @ rescaled[-1])
    return rescaled


# explain_stall: one factor is a thousandth of the others or less, but in no range of its own
STALLS = {
    "input": (sigmoid, tanh, softplus, relu),
    "slope": (sigmoid, tanh, softplus, relu),
    "weights": (sigmoid, tanh, softplus, relu),
}
SMALL, ALSO_SMALL = 1e-4, 5e-4


def _stalled(rng: Generator, reason: str, act: Activation, n: int) -> Probe:
    n_in, n_out = n + 1, 5 - n
    # Left of 0 tanh is -1, where a (1 - a) is not small, and the others are flat.
    # a is below f'(f(z)), so that a slope taken at f(z) shows; a has one sign, as most layers' outputs have.
    a = rng.uniform(0.06, 0.1, n_in) if reason == "slope" else rng.uniform(0.3, 1.2, n_in)
    z = rng.uniform(0.3, 1.0, n)
    W = rng.uniform(0.3, 1.5, (n, n_out)) * (-1 if n % 2 else 1)
    if reason == "slope":
        z = rng.uniform(8, 10, n) * (rng.choice([-1, 1], n) if act is sigmoid else -1)
    elif reason == "input":
        a = a * SMALL
    else:
        W = W * SMALL
    return Probe((W, a, z, act), saturated=reason == "slope")


def _healthy_slope(rng: Generator, reason: str, act: Activation) -> Probe:
    """Draw a layer whose slopes look ill and are not: z near 0, or one unit asleep among others."""
    W, a, z, _ = _stalled(rng, reason, act, n=3).args
    z = -z * (np.arange(3) == 1) + z * (np.arange(3) != 1) if act is relu else z * SMALL**2
    return Probe((W, a, z, act))


def _cancelling(rng: Generator, reason: str, act: Activation) -> Probe:
    """Draw a layer whose larger factors have both signs and a mean near 0."""
    W, a, z, _ = _stalled(rng, reason, act, n=3).args
    if reason != "weights":
        W[:, 1] = -W[:, 0]
    if reason != "input":
        a[1::2] = -a[::2]
    return Probe((W, a, z, act))


def _all_small(rng: Generator, reason: str, second: str) -> Probe:
    """Draw a layer in which a second factor is small as well, though not nearly as small."""
    W, a, z, _ = _stalled(rng, "weights" if second == "input" else "input", tanh, n=2).args
    W, a = W / np.abs(W).max(), a / np.abs(a).max()
    scales = {"input": 1.0, "weights": 1.0} | {second: ALSO_SMALL, reason: ALSO_SMALL * SMALL}
    if second == "slope":
        z = np.arccosh(ALSO_SMALL**-0.5) * np.array([1.0, -1.02])
    return Probe((W * scales["weights"], a * scales["input"], z, tanh))


def _stall_probes(rng: Generator) -> list[Probe]:
    cases = [(reason, act) for reason, acts in STALLS.items() for act in acts]
    drawn = [_stalled(rng, reason, act, n=1 + i % 3) for i, (reason, act) in enumerate(cases)]
    drawn += [_healthy_slope(rng, "weights", tanh), _healthy_slope(rng, "input", relu)]
    drawn += [_cancelling(rng, "input", tanh), _cancelling(rng, "weights", softplus)]
    pairs = (("weights", "input"), ("input", "weights"), ("input", "slope"))
    drawn += [_all_small(rng, reason, second) for reason, second in pairs]
    return [drawn[i] for i in rng.permutation(len(drawn))]


def _stall_sizes(W: Any, a: Any, z: Any, act: Activation) -> dict[str, float]:
    slope = numerical_gradient(lambda z: np.sum(act.f(z)), z)
    return {"input": _largest(a), "slope": _largest(slope), "weights": _largest(W)}


def _largest(v: Any) -> float:
    return float(np.abs(v).max())


def true_stall(W: Any, a: Any, z: Any, act: Activation) -> str:
    """Name the smallest factor of ``a f'(z) W``, the slope being a numerical one."""
    sizes = _stall_sizes(W, a, z, act)
    return min(sizes, key=lambda name: sizes[name])


def _stall_working(*args: Any) -> str:
    sizes = _stall_sizes(*args)
    return ", ".join(
        f"largest |{symbol}| = {sizes[name]:.2g}"
        for symbol, name in (("a", "input"), ("f'(z)", "slope"), ("W", "weights"))
    )


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="delta_norms",
        signature="delta_norms(Ws, bs, X, y, act) -> list",
        points=5,
        probes=_norm_probes,
        truth=true_delta_norms,
        formula="| mean_n delta_l | with delta_D = A - Y, delta_l = (delta_l+1 W_l+1^T) * f'(Z_l)",
        wrong_turns=but_at_output(DELTA_NORMS.wrong_turns(("all", 1, 2, 3), HIDDEN + 1), HIDDEN + 1),
        form="list",
        parts=tuple(f"|delta_{layer}|" for layer in range(1, HIDDEN + 1)),
        derivation=True,
        forward_calls=2 * HIDDEN + 2,
    ),
    Exercise(
        name="init_std",
        signature="init_std(kind, n_in, n_out) -> float",
        points=3,
        probes=_std_probes,
        truth=true_std,
        formula="std = sqrt(variance)",
        wrong_turns=bank.INIT_STD.wrong_turns(),
        parts=("the standard deviation",),
        working=_std_working,
    ),
    Exercise(
        name="gain",
        signature="gain(act) -> float",
        points=3,
        probes=_gain_probes,
        truth=true_gain,
        formula="g = 1 / sqrt(E[f(z)^2])",
        wrong_turns=bank.GAIN.wrong_turns(),
        parts=("the gain",),
        tolerance=1e-3,
    ),
    Exercise(
        name="dead_fraction",
        signature="dead_fraction(Z) -> float",
        points=2,
        probes=_dead_probes,
        truth=true_dead,
        formula="the share of columns with all Z <= 0",
        wrong_turns=bank.DEAD_TURNS,
        parts=("the share",),
    ),
    Exercise(
        name="rescale_layers",
        signature="rescale_layers(Ws, X, act) -> Ws",
        points=4,
        probes=_rescale_probes,
        truth=true_rescaled,
        formula="W / s with s = sqrt(mean over units of Var over examples of Z), layer by layer",
        wrong_turns=bank.RESCALE.wrong_turns(),
        form="list",
        parts=("W1", "W2", "W3"),
    ),
    Exercise(
        name="explain_stall",
        signature='explain_stall(W, a, z, act) -> "input", "slope" or "weights"',
        points=3,
        probes=_stall_probes,
        truth=true_stall,
        formula="the smallest of |a|, |f'(z)|, |W|",
        wrong_turns=bank.STALL_TURNS,
        form="word",
        parts=("the answer",),
        words=("input", "slope", "weights"),
        working=_stall_working,
    ),
)
