"""Lesson ``going_bonkers``: probes, numerical truth and wrong turns of its six exercises."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import sigmoid, softplus
from backproplab.gradcheck import complex_step
from graders.bank import one_two_one as bank
from graders.bank.descent import DESCEND
from graders.bank.dose_words import SSR_WORDS, worded
from graders.exercise import Carry, Exercise, Probe, WrongTurn
from graders.nudging import nudged_slopes

__all__ = ["EXERCISES", "START", "derivation_a", "derivation_b"]

NAMES = bank.NAMES
# The first two calls have equal shapes and different values; one example, then more than weights.
COUNTS = (11, 11, 1, 8)
WALKS = ((11, 2), (11, 2), (1, 1))  # examples and steps
# The published start, and its three data points.
START = {"w1": 2.74, "b1": 0.0, "w2": -1.13, "b2": 0.0, "w3": 0.36, "w4": 0.63, "b3": 0.0}
DOSE, OBSERVED = np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 0.0])


def _draw(rng: Generator, n: int) -> tuple[dict[str, float], Any, Any]:
    p = {name: float(rng.normal()) for name in NAMES}
    return p, rng.normal(size=n), rng.normal(size=n)


def _forward_probes(rng: Generator) -> list[Probe]:
    return [Probe(_draw(rng, n)[:2]) for n in COUNTS]


def _probes(rng: Generator) -> list[Probe]:
    return [Probe(_draw(rng, n)) for n in COUNTS]


def _descend_probes(rng: Generator) -> list[Probe]:
    return [Probe((*_draw(rng, n), float(rng.uniform(0.01, 0.03)), steps)) for n, steps in WALKS]


def true_forward(p: Any, dose: Any) -> dict[str, Any]:
    """Run the network as it is defined."""
    x1, x2 = p["w1"] * dose + p["b1"], p["w2"] * dose + p["b2"]
    y1, y2 = softplus.f(x1), softplus.f(x2)
    return {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "pred": p["w3"] * y1 + p["w4"] * y2 + p["b3"]}


def true_ssr(p: Any, dose: Any, observed: Any) -> Any:
    """Add up the squares."""
    return ((observed - true_forward(p, dose)["pred"]) ** 2).sum()


def true_grads(p: Any, dose: Any, observed: Any, names: Sequence[str] = NAMES) -> dict[str, Any]:
    """Nudge the parameters one by one."""

    def slope(name: str) -> Any:
        return complex_step(lambda value: true_ssr({**p, name: value}, dose, observed), p[name])

    return {name: slope(name) for name in names}


def true_grad_last(p: Any, dose: Any, observed: Any) -> dict[str, Any]:
    """Nudge the parameters of the last layer."""
    return true_grads(p, dose, observed, bank.LAST)


def true_descent(p: Any, dose: Any, observed: Any, lr: float, steps: int) -> tuple[Any, Any]:
    """Walk against the numerical gradient."""
    history = [true_ssr(p, dose, observed)]
    for _ in range(steps):
        gradient = true_grads(p, dose, observed)
        p = {name: p[name] - lr * gradient[name] for name in NAMES}
        history.append(true_ssr(p, dose, observed))
    return p, np.array(history)


def derivation_a(p: Any, dose: Any, observed: Any) -> float:
    """Return dSSR/dw1 as a published retelling derives it: three factors, and w3 is not among them."""
    at = true_forward(p, dose)
    return float((-2 * (observed - at["pred"]) * sigmoid.f(at["x1"]) * dose).sum())


def derivation_b(p: Any, dose: Any, observed: Any) -> float:
    """Return dSSR/dw1 with all four factors."""
    at = true_forward(p, dose)
    return float((-2 * (observed - at["pred"]) * p["w3"] * sigmoid.f(at["x1"]) * dose).sum())


def true_retelling() -> str:
    """Name the derivation whose number is farther from the measured slope at the published start."""
    measured = true_grads(START, DOSE, OBSERVED, ("w1",))["w1"]
    offs = {"a": derivation_a, "b": derivation_b}
    return max(offs, key=lambda name: abs(offs[name](START, DOSE, OBSERVED) - measured))


# What follows from the student's own functions


def ssr_by_own(own: Any, p: Any, dose: Any, observed: Any) -> Any:
    """Add up the squares of the student's own residuals."""
    return ((observed - own("bonkers_forward", p, dose)[-1]) ** 2).sum()


def last_by_own(own: Any, p: Any, dose: Any, observed: Any) -> dict[str, Any]:
    """Derive the last layer from the student's own forward pass."""
    _, y1, _, y2, pred = own("bonkers_forward", p, dose)
    delta = -2 * (observed - pred)
    return {"w3": (delta * y1).sum(), "w4": (delta * y2).sum(), "b3": delta.sum()}


def all_by_own(own: Any, p: Any, dose: Any, observed: Any) -> dict[str, Any]:
    """Derive all seven from the student's own forward pass and their own last layer."""
    x1, _, x2, _, pred = own("bonkers_forward", p, dose)
    delta = -2 * (observed - pred)
    dx1, dx2 = delta * p["w3"] * sigmoid.f(x1), delta * p["w4"] * sigmoid.f(x2)
    first = {"w1": (dx1 * dose).sum(), "b1": dx1.sum(), "w2": (dx2 * dose).sum(), "b2": dx2.sum()}
    return first | dict(zip(bank.LAST, own("bonkers_grad_last", p, dose, observed), strict=True))


def slopes_of_own(own: Any, p: Any, dose: Any, observed: Any, names: Sequence[str] = NAMES) -> dict[str, Any]:
    """Nudge the parameters and watch the student's own SSR."""
    values = [p[name] for name in names]

    def ssrs(nudged: list[Any]) -> list[float]:
        batch = [({**p, **dict(zip(names, map(float, row), strict=True))}, dose, observed) for row in nudged]
        return [ssr.item() for (ssr,) in own.each("bonkers_ssr", batch)]

    return dict(zip(names, nudged_slopes(ssrs, values), strict=True))


def last_slopes_of_own(own: Any, p: Any, dose: Any, observed: Any) -> dict[str, Any]:
    """Nudge the parameters of the last layer."""
    return slopes_of_own(own, p, dose, observed, bank.LAST)


def descent_by_own(own: Any, p: Any, dose: Any, observed: Any, lr: float, steps: int) -> tuple[Any, Any]:
    """Walk against the student's own gradient and note their own SSR."""
    history = [own("bonkers_ssr", p, dose, observed)[0].item()]
    for _ in range(steps):
        gradient = dict(zip(NAMES, own("bonkers_grad_all", p, dose, observed), strict=True))
        p = {name: float(p[name] - lr * gradient[name]) for name in NAMES}
        history.append(own("bonkers_ssr", p, dose, observed)[0].item())
    return p, np.array(history)


def _working(p: Any, dose: Any, observed: Any) -> str:
    """Return the numbers of the first example that every slope is made of."""
    at = {name: float(value[0]) for name, value in true_forward(p, dose).items()}
    delta = -2 * float(observed[0] - at["pred"])
    return (
        f"the first example has delta = {delta:.4g}, y1 = {at['y1']:.4g}, y2 = {at['y2']:.4g}, "
        f"sigmoid(x1) = {sigmoid.f(at['x1']):.4g}, sigmoid(x2) = {sigmoid.f(at['x2']):.4g}"
    )


FROM_THE_PUBLISHED_START = WrongTurn(
    "constant_answer",
    lambda p, *given: DESCEND(START, *given),
    "the walk begins at the lesson's start",
    right="the walk begins at p",
    asks="p is another start: which SSR must then stand first in history?",
)
EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="bonkers_forward",
        signature="bonkers_forward(p, dose) -> dict",
        points=3,
        probes=_forward_probes,
        truth=true_forward,
        formula="x = w dose + b, y = log(1 + e^x), pred = w3 y1 + w4 y2 + b3",
        wrong_turns=worded(bank.FORWARD.wrong_turns(("all", 1, 2), depth=2)),
        form="dict",
        layers=False,
        parts=("x1", "y1", "x2", "y2", "pred"),
    ),
    Exercise(
        name="bonkers_ssr",
        signature="bonkers_ssr(p, dose, observed) -> float",
        points=2,
        probes=_probes,
        truth=true_ssr,
        formula="SSR = sum_n (observed_n - pred_n)^2",
        wrong_turns=worded(worded(bank.SSR.wrong_turns(("all", 1, 2), depth=2), SSR_WORDS)),
        layers=False,
        parts=("the SSR",),
        carries=(Carry(("bonkers_forward",), ssr_by_own),),
    ),
    Exercise(
        name="bonkers_grad_last",
        signature="bonkers_grad_last(p, dose, observed) -> dict",
        points=4,
        probes=_probes,
        truth=true_grad_last,
        formula="delta = -2 (observed - pred), dw3 = sum delta y1, dw4 = sum delta y2, db3 = sum delta",
        wrong_turns=tuple(
            replace(turn, layer=None) for turn in worded(bank.GRAD_LAST.wrong_turns((2,), depth=2))
        ),
        working=_working,
        form="dict",
        layers=False,
        parts=bank.LAST,
        derivation=True,
        carries=(
            Carry(("bonkers_forward",), last_by_own),
            Carry(("bonkers_ssr",), last_slopes_of_own, nudged=True),
        ),
    ),
    Exercise(
        name="bonkers_grad_all",
        signature="bonkers_grad_all(p, dose, observed) -> dict",
        points=6,
        probes=_probes,
        truth=true_grads,
        formula="delta = -2 (observed - pred), delta_x1 = delta w3 sigmoid(x1), dw1 = sum delta_x1 dose, "
        "db1 = sum delta_x1; for unit 2 the same with w4 and x2",
        wrong_turns=worded(bank.GRAD_ALL.wrong_turns(("all", 1, 2), depth=2)),
        working=_working,
        form="dict",
        layers=False,
        parts=NAMES,
        derivation=True,
        carries=(
            Carry(("bonkers_forward", "bonkers_grad_last"), all_by_own),
            Carry(("bonkers_ssr",), slopes_of_own, nudged=True),
        ),
    ),
    Exercise(
        name="bonkers_descend",
        signature="bonkers_descend(p, dose, observed, lr, steps) -> (p, history)",
        points=4,
        probes=_descend_probes,
        truth=true_descent,
        formula="p_new = p - lr dSSR/dp, all seven from one moment",
        wrong_turns=(*worded(DESCEND.wrong_turns(("all", 1, 2), depth=2)), FROM_THE_PUBLISHED_START),
        form="tuple",
        layers=False,
        parts=(*NAMES, "history"),
        inside=(("dict", len(NAMES)), ("value", 1)),
        counted=NAMES,
        told={
            "constant_answer": (
                "your numbers do not follow from the p that is handed in: fixed numbers, like those of the "
                "lesson's start, stand in its place.",
                "p is another start: which SSR must then stand first in history?",
            )
        },
        carries=(Carry(("bonkers_grad_all", "bonkers_ssr"), descent_by_own),),
    ),
    Exercise(
        name="wrong_retelling",
        signature='wrong_retelling = "a" or "b"',
        points=1,
        probes=lambda rng: [Probe(())],
        truth=true_retelling,
        formula="dSSR/dw1 = sum dSSR/dpred dpred/dy1 dy1/dx1 dx1/dw1: four factors",
        wrong_turns=(
            WrongTurn(
                "weights_ignored",
                lambda: "b",
                "dSSR/dw1 = sum dSSR/dpred dy1/dx1 dx1/dw1: three factors",
                says="when the factor dpred/dy1 = w3 is held to be one too many",
                asks="y1 is nudged by h: by how much does the prediction move?",
            ),
        ),
        form="word",
        parts=("the answer",),
        words=("a", "b"),
        answer="variable",
    ),
)
