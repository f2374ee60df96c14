"""Lesson ``one_neuron``: probes, numerical truth and wrong turns of its seven exercises."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import Activation, linear, relu, sigmoid, softplus, tanh
from backproplab.gradcheck import numerical_gradient
from graders.bank import one_neuron as bank
from graders.exercise import Carry, Exercise, Probe
from graders.nudging import nudged_slopes

__all__ = ["EXERCISES"]

# Activation and number of inputs of each probe. ReLU stands twice: once awake, once asleep.
SHAPES: tuple[tuple[Activation, int], ...] = (
    (sigmoid, 3),
    (tanh, 2),
    (softplus, 4),
    (relu, 3),
    (relu, 2),
    (linear, 5),
    (sigmoid, 1),
    (tanh, 6),
)


def _away_from_zero(rng: Generator, shape: tuple[int, ...], low: float = 0.2, high: float = 1.8) -> Any:
    """Draw numbers of either sign whose size lies between ``low`` and ``high``."""
    return rng.uniform(low, high, shape) * rng.choice([-1.0, 1.0], shape)


def _draw_neuron(rng: Generator, act: Activation, n: int, awake: bool) -> tuple[Any, ...]:
    """Draw ``w, b, x, t`` with z in [0.2, 2.5] by size and an error that is not small."""
    w, x = rng.normal(size=n), _away_from_zero(rng, (n,))
    z = rng.uniform(0.2, 2.5) * (1 if awake else -1)
    b = float(z - w @ x)
    t = float(act.f(z) + _away_from_zero(rng, ()))
    return w, b, x, t


def _neurons(rng: Generator) -> list[tuple[Any, ...]]:
    """Draw ``w, b, x, t, act`` for every shape; signs of z alternate."""
    return [(*_draw_neuron(rng, act, n, awake=i % 2 == 1), act) for i, (act, n) in enumerate(SHAPES)]


def _forward_probes(rng: Generator) -> list[Probe]:
    return [Probe((w, b, x, act)) for w, b, x, _, act in _neurons(rng)]


def _loss_probes(rng: Generator) -> list[Probe]:
    return [Probe((float(rng.normal()), float(rng.normal() + 3))) for _ in range(4)]


def _slope_probes(rng: Generator) -> list[Probe]:
    plain = [
        Probe((a,))
        for a in (float(rng.uniform(0.1, 0.4)), *(rng.uniform(0.05, 0.95, s) for s in (4, (2, 3))))
    ]
    return [*plain, Probe((float(rng.uniform(5e-5, 5e-4)),), saturated=True)]


def _delta_probes(rng: Generator) -> list[Probe]:
    neurons = [(w @ x + b, t, act) for w, b, x, t, act in _neurons(rng)]
    return [Probe((float(z), float(act.f(z)), t, act)) for z, t, act in neurons]


def _grads_probes(rng: Generator) -> list[Probe]:
    return [Probe(neuron) for neuron in _neurons(rng)]


def _step_probes(rng: Generator) -> list[Probe]:
    rates = rng.uniform(0.05, 0.6, len(SHAPES))
    return [
        Probe((w, b, x, t, float(lr), act))
        for (w, b, x, t, act), lr in zip(_neurons(rng), rates, strict=True)
    ]


# The z at which the answer is 1, so that a (1 - a) is 0 while the true slope is not.
ANSWER_ONE = {"linear": 1.0, "relu": 1.0, "softplus": float(np.log(np.e - 1))}


def _stalled(rng: Generator, reason: str, act: Activation, n: int) -> Probe:
    """Draw a neuron in which exactly one factor is below 1e-3 and the others above 0.05."""
    w, x = rng.normal(size=n), _away_from_zero(rng, (n,), 0.3)
    if n == 2:
        # Neither the sum of the inputs nor w . x tells how large the inputs are.
        x[1], w[1] = -x[0], w[0]
    z = ANSWER_ONE.get(act.name, float(rng.uniform(0.3, 1.0)))
    error = _away_from_zero(rng, ())
    if reason == "input":
        x = x * 1e-4
    elif reason == "slope":
        # Softplus and ReLU are flat on the left only.
        z = rng.uniform(8, 10) * (-1 if act in (softplus, relu) else rng.choice([-1, 1]))
        error = _away_from_zero(rng, (), 0.08, 0.15)  # below f'(a), so that a slope taken at a shows
    else:
        error = error * 1e-4
    return Probe((w, float(z - w @ x), x, float(act.f(z) - error), act), saturated=reason == "slope")


def _stall_probes(rng: Generator) -> list[Probe]:
    acts = {"input": (sigmoid, tanh, softplus, relu, linear), "slope": (sigmoid, tanh, softplus, relu)}
    acts["error"] = acts["input"]
    cases = [(reason, act) for reason, choice in acts.items() for act in choice]
    drawn = [_stalled(rng, reason, act, n=1 + i % 4) for i, (reason, act) in enumerate(cases)]
    return [drawn[i] for i in rng.permutation(len(drawn))]


def _loss_of(act: Activation, t: float) -> Callable[[Any], Any]:
    """Return our own ``L(z)``, which the numerical derivatives nudge."""
    return lambda z: (act.f(z) - t) ** 2 / 2


def true_slope(a: Any) -> Any:
    """Differentiate the sigmoid numerically at the z that gives ``a``."""
    z = np.log(a) - np.log1p(-np.asarray(a))
    return numerical_gradient(lambda z: np.sum(sigmoid.f(z)), z)


def true_delta(z: float, a: float, t: float, act: Activation) -> Any:
    """Differentiate the loss numerically with respect to z."""
    return numerical_gradient(_loss_of(act, t), z)


def true_grads(w: Any, b: float, x: Any, t: float, act: Activation) -> tuple[Any, Any]:
    """Differentiate the loss numerically with respect to every weight and the bias."""
    loss = _loss_of(act, t)
    return numerical_gradient(lambda w: loss(w @ x + b), w), numerical_gradient(lambda b: loss(w @ x + b), b)


def true_step(w: Any, b: float, x: Any, t: float, lr: float, act: Activation) -> tuple[Any, Any]:
    """Walk against the numerical gradient."""
    dw, db = true_grads(w, b, x, t, act)
    return w - lr * dw, b - lr * db


def _stall_sizes(w: Any, b: float, x: Any, t: float, act: Activation) -> dict[str, float]:
    z = w @ x + b
    return {
        "error": float(abs(act.f(z) - t)),
        "slope": float(abs(numerical_gradient(act.f, z))),
        "input": float(np.abs(x).max()),
    }


def true_stall(w: Any, b: float, x: Any, t: float, act: Activation) -> str:
    """Name the smallest factor of ``(a - t) f'(z) x``, the slope being a numerical one."""
    sizes = _stall_sizes(w, b, x, t, act)
    return min(sizes, key=lambda name: sizes[name])


def _factors(z: float, a: float, t: float, act: Activation) -> str:
    return f"a - t = {a - t:.4g}, f'(z) = {float(act.deriv(z)):.4g}"


def _grads_working(w: Any, b: float, x: Any, t: float, act: Activation) -> str:
    z = float(w @ x + b)
    return f"z = {z:.4g}, {_factors(z, float(act.f(z)), t, act)}"


def _stall_working(*args: Any) -> str:
    sizes = _stall_sizes(*args)
    return (
        f"|a - t| = {sizes['error']:.2g}, |f'(z)| = {sizes['slope']:.2g}, largest |x| = {sizes['input']:.2g}"
    )


# What follows from the student's own functions


def delta_of_own_loss(own: Any, z: float, a: float, t: float, act: Activation) -> Any:
    """Nudge z and watch the student's own loss."""
    return nudged_slopes(
        lambda zs: [loss.item() for (loss,) in own.each("neuron_loss", [(float(act.f(z)), t) for z in zs])], z
    )


def grads_by_own(own: Any, w: Any, b: float, x: Any, t: float, act: Activation) -> tuple[Any, Any]:
    """Take z, a and delta as the student's functions give them."""
    z, a = own("neuron_forward", w, b, x, act)
    (delta,) = own("neuron_delta", z.item(), a.item(), t, act)
    return delta * x, delta


def grads_of_own_loss(own: Any, w: Any, b: float, x: Any, t: float, act: Activation) -> tuple[Any, Any]:
    """Nudge weights and bias and watch the student's own loss after their own forward pass."""

    def losses(neurons: list[tuple[Any, Any]]) -> list[float]:
        runs = own.each("neuron_forward", [(w, float(b), x, act) for w, b in neurons])
        return [loss.item() for (loss,) in own.each("neuron_loss", [(a.item(), t) for _, a in runs])]

    return (
        nudged_slopes(lambda ws: losses([(w, b) for w in ws]), w),
        nudged_slopes(lambda bs: losses([(w, b) for b in bs]), b),
    )


def step_by_own(own: Any, w: Any, b: float, x: Any, t: float, lr: float, act: Activation) -> tuple[Any, Any]:
    """Walk against the student's own gradient."""
    dw, db = own("neuron_grads", w, b, x, t, act)
    return w - lr * dw, b - lr * db


def stall_by_own(own: Any, w: Any, b: float, x: Any, t: float, act: Activation) -> str:
    """Compare the factors at the student's own z and a."""
    z, a = own("neuron_forward", w, b, x, act)
    sizes = {"error": abs(a - t), "slope": abs(act.deriv(z)), "input": np.abs(x).max()}
    return min(sizes, key=lambda name: float(sizes[name]))


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="neuron_forward",
        signature="neuron_forward(w, b, x, act) -> (z, a)",
        points=2,
        probes=_forward_probes,
        truth=bank.forward,
        formula="z = w . x + b, a = f(z)",
        wrong_turns=bank.FORWARD_TURNS,
        form="tuple",
        parts=("z", "a"),
    ),
    Exercise(
        name="neuron_loss",
        signature="neuron_loss(a, t) -> float",
        points=2,
        probes=_loss_probes,
        truth=lambda a, t: (a - t) ** 2 / 2,
        formula="L = 1/2 (a - t)^2",
        wrong_turns=bank.LOSS_TURNS,
        parts=("the loss",),
    ),
    Exercise(
        name="sigmoid_slope",
        signature="sigmoid_slope(a) -> float or array",
        points=2,
        probes=_slope_probes,
        truth=true_slope,
        formula="f' = a (1 - a)",
        wrong_turns=bank.SLOPE_TURNS,
        parts=("the slope",),
    ),
    Exercise(
        name="neuron_delta",
        signature="neuron_delta(z, a, t, act) -> float",
        points=5,
        probes=_delta_probes,
        truth=true_delta,
        formula="dL/dz = (a - t) f'(z)",
        wrong_turns=bank.DELTA.wrong_turns(),
        parts=("delta",),
        derivation=True,
        working=_factors,
        carries=(Carry(("neuron_loss",), delta_of_own_loss, nudged=True),),
    ),
    Exercise(
        name="neuron_grads",
        signature="neuron_grads(w, b, x, t, act) -> (dw, db)",
        points=5,
        probes=_grads_probes,
        truth=true_grads,
        formula="delta = dL/dz = (a - t) f'(z), dL/dw_i = delta x_i, dL/db = delta",
        wrong_turns=bank.GRADS.wrong_turns(),
        form="tuple",
        parts=("dw", "db"),
        derivation=True,
        forward_calls=2,
        working=_grads_working,
        carries=(
            Carry(("neuron_forward", "neuron_delta"), grads_by_own),
            Carry(("neuron_forward", "neuron_loss"), grads_of_own_loss, nudged=True),
        ),
    ),
    Exercise(
        name="neuron_step",
        signature="neuron_step(w, b, x, t, lr, act) -> (w_new, b_new)",
        points=2,
        probes=_step_probes,
        truth=true_step,
        formula="w_new = w - lr dL/dw, b_new = b - lr dL/db",
        wrong_turns=bank.STEP.wrong_turns(),
        form="tuple",
        parts=("w_new", "b_new"),
        carries=(Carry(("neuron_grads",), step_by_own),),
    ),
    Exercise(
        name="why_stalled",
        signature='why_stalled(w, b, x, t, act) -> "input", "slope" or "error"',
        points=2,
        probes=_stall_probes,
        truth=true_stall,
        formula="the smallest of |a - t|, |f'(z)|, |x|",
        wrong_turns=bank.STALL_TURNS,
        form="word",
        parts=("the answer",),
        words=("input", "slope", "error"),
        working=_stall_working,
        carries=(Carry(("neuron_forward",), stall_by_own),),
    ),
)
