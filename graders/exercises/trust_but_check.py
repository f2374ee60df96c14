"""Lesson ``trust_but_check``: probes, numerical truth and wrong turns of its seven exercises.

Their arguments are functions, which a student is lent.
"""

from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab import gradcheck
from graders.bank import checking, differences
from graders.curves import SCALED, SMOOTH, Curve, Lent, kinked, wavy_loss
from graders.exercise import Exercise, Probe

__all__ = ["EXERCISES"]


def _spot(rng: Generator) -> float:
    """Draw an x of either sign that is nothing special, and not near 1: there h x would be h."""
    return float(rng.uniform(0.3, 0.5) * rng.choice([-1.0, 1.0, -4.0, 4.0]))


def _difference_probes(rng: Generator) -> list[Probe]:
    steps = (0.1, 0.3, 1e-3, 0.1, 0.2)
    return [Probe((curve, _spot(rng), h)) for curve, h in zip(SMOOTH, steps, strict=True)]


def _complex_probes(rng: Generator) -> list[Probe]:
    steps = (1e-30, 1e-20, 1e-8, 1e-100, 1e-30)
    probes = [Probe((curve, _spot(rng), h)) for curve, h in zip(SMOOTH, steps, strict=True)]
    return [*probes, Probe((SMOOTH[0], _spot(rng)))]


def _gradient_probes(rng: Generator) -> list[Probe]:
    shapes = ((4,), (3, 4), (3, 3), (2,), (2, 3, 2))
    probes = []
    for shape, h in zip(shapes, (0.1, 0.1, 1e-2, 0.1, 0.05), strict=True):
        array = rng.normal(size=shape)
        probes.append(Probe((wavy_loss(rng.normal(size=shape), rng.normal(size=shape)), array, h)))
    view = rng.normal(size=(6, 4))[::2, ::2]  # neither row order nor column order
    probes.append(Probe((wavy_loss(rng.normal(size=(3, 2)), rng.normal(size=(3, 2))), view, 0.1)))
    return probes


def _pair(rng: Generator, shape: tuple[int, ...], size: float, share: float) -> tuple[Any, Any]:
    a = size * rng.normal(size=shape)
    n = a * rng.uniform(0.6, 0.95) + share * size * rng.normal(size=shape)
    return (a, n) if shape else (float(a), float(n))


def _relative_probes(rng: Generator) -> list[Probe]:
    cases = ((), (), (5,), (3, 4), (6,), ())
    pairs = [_pair(rng, shape, 3.0, 0.2) for shape in cases]
    pairs = [pair if i % 2 else pair[::-1] for i, pair in enumerate(pairs)]
    pairs[0] = (min(pairs[0]), max(pairs[0]))  # a - n is negative at least once
    floors = (1e-8, 0.3, 0.2, 1e-8, 0.1, 1e-8)
    probes = [Probe((a, n, floor)) for (a, n), floor in zip(pairs, floors, strict=True)]
    low = [_pair(rng, shape, 1e-3, 0.2) for shape in ((), (4,))]
    return [*probes, *(Probe((a, n, 0.05)) for a, n in low)]


def _kink_probes(rng: Generator) -> list[Probe]:
    c = _spot(rng)
    kinks = [(-1.0, 1.0), (0.0, 3.0), (0.01, 1.0), (1.0, 2.5), (-4.0, -1.0), (-300.0, 500.0), (2.0, 0.0)]
    cases = [(kinked(c, *slopes), c) for slopes in kinks]
    cases += [(kinked(c, -1.0, 1.0), c + 0.03), (kinked(c, 3000.0, 3000.0), c)]
    cases += [(SMOOTH[0], c), (SMOOTH[2], -abs(c))]
    # Nearly flat, and yet steep enough that its slopes left and right are equal to a thousandth of them.
    bowl = Lent("4 (x - c)^2", ("bowl", c - 0.0115))
    sharp = Lent("log(1 + exp(40 (x - c))) / 40", ("bend", c))
    # Last, a gentle bend: its slopes differ, though far too little to be called a curve.
    cases += [(bowl, c), (sharp, c), (sharp, c - 0.11)]
    return [Probe((*cases[i], 1e-5)) for i in rng.permutation(len(cases))]


# On which scale each of these is asked.
SCALES = (1.0, 1.0, 1.0, 60.0, 1e-3, 1.0)


def _step_probes(rng: Generator) -> list[Probe]:
    return [_step_probe(rng, curve, scale) for curve, scale in zip(SCALED, SCALES, strict=True)]


def _step_probe(rng: Generator, curve: Curve, scale: float) -> Probe:
    """Redraw x until the plain best of a coarse and of a fine row of steps is near the best."""
    while True:
        x = float(scale * rng.uniform(0.3, 1.7))
        rows = (10 ** np.arange(-12.0, 0.0, spacing) for spacing in (1, 0.5, 0.1))
        if all(checking.step_word(_plain_best(curve, x, row), curve, curve.df, x) == RIGHT for row in rows):
            return Probe((curve, curve.df, x))


RIGHT = checking.WORDS[1]


def _plain_best(curve: Curve, x: float, steps: Any) -> float:
    with np.errstate(all="ignore"):
        errors = np.abs((curve(x + steps) - curve(x - steps)) / (2 * steps) - curve.df(x))
    return float(steps[int(np.nanargmin(errors))])


def true_relative_error(a: Any, n: Any, floor: float) -> float:
    """Return the quotient of the norms, as it is defined."""
    sizes = [float(np.sqrt(np.sum(np.square(v)))) for v in (a - n, a, n)]
    return sizes[0] / max(*sizes[1:], floor)


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="forward_difference",
        signature="forward_difference(f, x, h) -> float",
        points=2,
        probes=_difference_probes,
        truth=lambda f, x, h: float(gradcheck.forward_difference(f, x, h)),
        formula="(f(x + h) - f(x)) / h",
        wrong_turns=differences.FORWARD.wrong_turns(),
        parts=("the difference quotient",),
    ),
    Exercise(
        name="central_difference",
        signature="central_difference(f, x, h) -> float",
        points=3,
        probes=_difference_probes,
        truth=lambda f, x, h: float(gradcheck.central_difference(f, x, h)),
        formula="(f(x + h) - f(x - h)) / 2h",
        wrong_turns=differences.CENTRAL.wrong_turns(),
        parts=("the difference quotient",),
    ),
    Exercise(
        name="complex_step",
        signature="complex_step(f, x, h=1e-30) -> float",
        points=3,
        probes=_complex_probes,
        truth=lambda f, x, h=1e-30: float(gradcheck.numerical_gradient(f, x)),
        formula="Im f(x + ih) / h",
        wrong_turns=differences.COMPLEX_STEP.wrong_turns(),
        parts=("the derivative",),
        derivation=True,
        told={
            "numerical_derivative": (
                "the values are right as far as a real step lets them be, and no further; the imaginary step "
                "is asked for because it subtracts nothing.",
                "which two nearly equal numbers are subtracted on your way, and which in Im f(x + ih) / h?",
            )
        },
    ),
    Exercise(
        name="numerical_gradient",
        signature="numerical_gradient(loss, array, h) -> ndarray",
        points=4,
        probes=_gradient_probes,
        truth=gradcheck.central_difference,
        formula="(L(array_i + h) - L(array_i - h)) / 2h, entry by entry",
        wrong_turns=differences.GRADIENT.wrong_turns(),
        parts=("the gradient",),
        change="restored_by_arithmetic",
    ),
    Exercise(
        name="relative_error",
        signature="relative_error(a, n, floor) -> float",
        points=3,
        probes=_relative_probes,
        truth=true_relative_error,
        formula="|a - n| / max(|a|, |n|, floor)",
        wrong_turns=checking.RELATIVE_ERROR.wrong_turns(),
        parts=("the relative error",),
    ),
    Exercise(
        name="is_kink",
        signature="is_kink(f, x, h) -> bool",
        points=3,
        probes=_kink_probes,
        truth=lambda f, x, h: gradcheck.has_kink(f, x),
        formula="the slopes on the left and on the right of x differ",
        wrong_turns=checking.KINK_TURNS,
        form="flag",
        parts=("the answer",),
        working=lambda f, x, h: "the slopes are {:.4g} and {:.4g}".format(*gradcheck.one_sided(f, x, h)),
    ),
    Exercise(
        name="best_step",
        signature="best_step(f, df, x) -> float",
        points=2,
        probes=_step_probes,
        truth=checking.smoothed_best,
        formula="the h at which the central difference is nearest to df(x)",
        wrong_turns=checking.STEP_TURNS,
        form="word",
        parts=("the step",),
        words=checking.WORDS,
        working=lambda f, df, x: f"the best h is about {checking.smoothed_best(f, df, x):.0e}",
        measure=checking.step_word,
        told={
            "constant_answer": (
                "your function returns the same h whatever f and x are, while the best one changes with "
                "the scale on which f bends and with the size of f.",
                "sin(1000 x) and sin(x), and 1e6 + sin(x): can one h serve all of them?",
            )
        },
    ),
)
