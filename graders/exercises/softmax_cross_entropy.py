"""Lesson ``softmax_cross_entropy``: probes, numerical truth and wrong turns of its five exercises."""

from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import sigmoid
from backproplab.gradcheck import complex_step, node_perturbation
from backproplab.losses import binary_cross_entropy, half_squared_error, log_softmax, softmax
from backproplab.losses import softmax_cross_entropy as loss
from graders.bank import cross_entropy
from graders.bank import softmax as bank
from graders.bank.stalling import STALL_RATIO
from graders.entries import cross_entropy_entry
from graders.exercise import Carry, Exercise, Probe
from graders.nudging import nudged_slopes

__all__ = ["EXERCISES"]

# Examples and classes: two calls of one shape, a square one, a batch of one.
SHAPES = ((11, 5), (11, 5), (4, 4), (7, 3), (1, 6))


def _labels(rng: Generator, Z: Any) -> Any:
    """Draw a label for each row, never the likeliest class of the last row, nor class 0 of the first."""
    B, K = Z.shape
    y = rng.integers(0, K, B)
    y[-1] = (Z[-1].argmax() + rng.integers(1, K)) % K
    if B > 1:
        y[0] = rng.integers(1, K)
    return y


def _logits(rng: Generator) -> list[Any]:
    return [rng.normal(size=shape) for shape in SHAPES]


def _log_softmax_probes(rng: Generator) -> list[Probe]:
    large = rng.uniform(2e3, 1e4, (5, 1)) * np.array([[1.0], [-1.0], [1.0], [-1.0], [1.0]])
    # Sixteenths, so that float32 holds such large numbers as exactly as float64 does.
    near = np.round(16 * (large + rng.normal(size=(5, 3)))) / 16
    far = rng.uniform(-1e4, 1e4, (6, 4))
    # e^z is still a float here, and no longer one after the largest of another row was taken off.
    apart = rng.uniform(380, 420, (3, 1)) * np.array([[-1.0], [1.0], [-1.0]]) + rng.normal(size=(3, 4))
    return [Probe((Z,)) for Z in (*_logits(rng), near, far, apart)]


def _labelled_probes(rng: Generator) -> list[Probe]:
    return [Probe((Z, _labels(rng, Z))) for Z in _logits(rng)]


def _vjp_probes(rng: Generator) -> list[Probe]:
    return [Probe((softmax(Z), rng.normal(size=Z.shape))) for Z in _logits(rng)]


def _stall_probes(rng: Generator) -> list[Probe]:
    signs = rng.permutation([1.0, -1.0] * 3)
    sizes = (*rng.uniform(0.3, 2.5, 4), *rng.uniform(5.5, 8, 2))
    targets = (1.0, *rng.uniform(0.1, 0.9, 3), 1.0, float(rng.uniform(0.2, 0.8)))
    z_and_t = [(float(size * sign), float(t)) for size, sign, t in zip(sizes, signs, targets, strict=True)]
    z_and_t[4] = (-abs(z_and_t[4][0]), 1.0)  # stalled at the wrong end
    return [Probe((z, _away(z, t)), saturated=abs(z) > 5) for z, t in z_and_t]


def _away(z: float, t: float) -> float:
    """Move a target that lies too near to the output: 0 / 0 is no ratio."""
    return t if abs(float(sigmoid.f(z)) - t) > 0.05 else float((t + 0.4) % 1)


def true_cross_entropy(Z: Any, y: Any) -> float:
    """Return the mean of -log p of the right classes."""
    return float(loss.f(Z, y))


def true_vjp(P: Any, G: Any) -> Any:
    """Push the logits whose softmax is P, one column after the other."""
    return node_perturbation(lambda Z: (softmax(Z) * G).sum(axis=1), np.log(P))


def true_gradient(Z: Any, y: Any) -> Any:
    """Differentiate the mean loss numerically with respect to every logit."""
    rows = np.arange(len(y))
    return node_perturbation(lambda Z: -log_softmax(Z)[rows, y], Z) / len(y)


def true_stall_ratio(z: float, t: float) -> float:
    """Differentiate both losses numerically with respect to z."""
    T = np.array([[t]])
    squared = complex_step(lambda z: half_squared_error.f(sigmoid.f(z), T), [[z]])
    return float((squared / complex_step(lambda z: binary_cross_entropy.f(z, T), [[z]])).item())


# What follows from the student's own functions


def cross_entropy_by_own(own: Any, Z: Any, y: Any) -> float:
    """Pick the right classes out of the student's own log-probabilities."""
    (log_P,) = own("log_softmax", Z)
    return float(-log_P[np.arange(len(y)), y].mean())


def gradient_by_own(own: Any, Z: Any, y: Any) -> Any:
    """Take the student's own log-probabilities for those of the formula."""
    (log_P,) = own("log_softmax", Z)
    return (np.exp(log_P) - np.eye(Z.shape[1])[y]) / len(y)


def gradient_through_own(own: Any, Z: Any, y: Any) -> Any:
    """Send the slope of the loss, -1 / (B p) at the right classes, back through the student's own softmax."""
    P = np.exp(own("log_softmax", Z)[0])
    return own("softmax_vjp", P, -np.eye(Z.shape[1])[y] / P / len(y))[0]


def slopes_of_own(own: Any, Z: Any, y: Any) -> Any:
    """Nudge the logits and watch the student's own loss."""
    return nudged_slopes(
        lambda Zs: [value.item() for (value,) in own.each("cross_entropy", [(Z, y) for Z in Zs])], Z
    )


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="log_softmax",
        signature="log_softmax(Z) -> (B, K)",
        points=4,
        probes=_log_softmax_probes,
        truth=log_softmax,
        formula="log P = S - log sum_k e^S_k with S = Z - max_k Z_k, row by row",
        wrong_turns=cross_entropy.LOG_SOFTMAX.wrong_turns(),
        parts=("log P",),
    ),
    Exercise(
        name="cross_entropy",
        signature="cross_entropy(Z, y) -> float",
        points=3,
        probes=_labelled_probes,
        truth=true_cross_entropy,
        formula="loss = mean_n (-log p of the right class)",
        wrong_turns=cross_entropy.CROSS_ENTROPY.wrong_turns(),
        parts=("the loss",),
        carries=(Carry(("log_softmax",), cross_entropy_by_own),),
    ),
    Exercise(
        name="softmax_vjp",
        signature="softmax_vjp(P, G) -> (B, K)",
        points=5,
        probes=_vjp_probes,
        truth=true_vjp,
        formula="dZ = P * (G - s) with s_n = sum_k G_nk P_nk",
        wrong_turns=bank.SOFTMAX_VJP.wrong_turns(),
        parts=("dZ",),
        derivation=True,
    ),
    Exercise(
        name="softmax_cross_entropy_grad",
        signature="softmax_cross_entropy_grad(Z, y) -> (B, K)",
        points=5,
        probes=_labelled_probes,
        truth=true_gradient,
        formula="dZ = (P - Y) / B",
        wrong_turns=bank.SOFTMAX_CROSS_ENTROPY_GRAD.wrong_turns(),
        entry=cross_entropy_entry,
        parts=("dZ",),
        derivation=True,
        carries=(
            Carry(("log_softmax",), gradient_by_own),
            Carry(("log_softmax", "softmax_vjp"), gradient_through_own),
            Carry(("cross_entropy",), slopes_of_own, nudged=True),
        ),
    ),
    Exercise(
        name="stall_ratio",
        signature="stall_ratio(z, t) -> float",
        points=3,
        probes=_stall_probes,
        truth=true_stall_ratio,
        formula="(a - t) a (1 - a) / (a - t) = a (1 - a)",
        wrong_turns=STALL_RATIO.wrong_turns(),
        parts=("the ratio",),
        derivation=True,
    ),
)
