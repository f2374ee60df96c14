"""The 1-2-1 network of the dose example and its descent: what the squiggle workshop draws.

Seven numbers and three points: on arrays that small a call costs ten times its arithmetic, and a run has ten
thousand steps. So this is written number by number; the tests hold it to ``MLP`` and the loss ``ssr``.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log1p
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from backproplab.data import dose as dose_data

__all__ = ["MOMENTS", "STARTS", "Descent", "Seven", "curves", "descend", "predictions", "ssr_of", "terms"]

DOSE, OBSERVED = (tuple(float(value) for value in column) for column in dose_data())
_POINTS = tuple(zip(DOSE, OBSERVED, strict=True))

LAST_STEP = 10_346
"""After so many steps of rate 0.01 the SSR of the published start is below 1e-12 for the first time."""


class Seven(NamedTuple):
    """The seven parameters, or one number for each of them."""

    w1: float
    b1: float
    w2: float
    b2: float
    w3: float
    w4: float
    b3: float


STARTS = {
    "published": Seven(2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0),
    "fit": Seven(3.34, -1.43, -3.53, 0.57, -1.22, -2.30, 2.61),
    "twins": Seven(1.0, 0.0, 1.0, 0.0, 0.5, 0.5, 0.0),
    "zeros": Seven(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
}
"""StatQuest's start and its fit, two equal units, and nothing at all."""


def _moments() -> tuple[int, ...]:
    growing = (round(10 * (LAST_STEP / 10) ** (i / 140)) for i in range(141))
    return tuple(sorted({*range(11), *growing, 237, 880, 1102, 1851, 2300, 4940, 5569}))


MOMENTS = _moments()
"""The steps at which a run is looked at: each of the first ten, then ever fewer, and the lesson's own."""


@dataclass(frozen=True)
class Descent:
    """One run of gradient descent, at the moments.

    Parameters
    ----------
    parameters : list of Seven
        At each moment; after an overflow, the last finite ones.
    ssr : ndarray of shape (moments,)
        The sum of squared residuals; infinite after an overflow.
    last_step : int
        The last step whose numbers are finite.
    """

    parameters: list[Seven]
    ssr: NDArray[np.float64]
    last_step: int

    @property
    def overflows(self) -> bool:
        """Whether the numbers grew beyond every bound."""
        return not math.isfinite(self.ssr[-1])


def descend(start: Seven, lr: float, moments: Sequence[int] = MOMENTS) -> Descent:
    """Run plain gradient descent on all seven parameters.

    Parameters
    ----------
    start : Seven
        Where to begin.
    lr : float
        The learning rate.
    moments : sequence of int
        The steps to remember, rising from 0.

    Returns
    -------
    Descent
        The run.

    Examples
    --------
    >>> run = descend(STARTS["published"], 0.01)
    >>> [round(value, 2) for value in run.parameters[-1]]  # the published fit
    [3.34, -1.43, -3.53, 0.57, -1.22, -2.3, 2.61]
    """
    p: tuple[float, ...] = start
    step = 0
    ssr, slopes = _ssr_and_slopes(p)
    parameters, history = [], []
    for moment in moments:
        while step < moment and ssr < math.inf:
            w1, b1, w2, b2, w3, w4, b3 = p
            dw1, db1, dw2, db2, dw3, dw4, db3 = slopes  # one by one: ten thousand steps a move
            new = (
                w1 - lr * dw1, b1 - lr * db1, w2 - lr * dw2, b2 - lr * db2,
                w3 - lr * dw3, w4 - lr * dw4, b3 - lr * db3,
            )  # fmt: skip
            ssr, slopes = _ssr_and_slopes(new)
            if math.isfinite(ssr + sum(slopes)):
                p, step = new, step + 1
            else:
                ssr = math.inf
        parameters.append(Seven(*p))
        history.append(ssr)
    return Descent(parameters, np.array(history), step)


def _ssr_and_slopes(
    p: tuple[float, ...], points: Sequence[tuple[float, float]] = _POINTS
) -> tuple[float, tuple[float, ...]]:
    """Return the sum of squared residuals and its seven slopes, one point's terms after the other's."""
    w1, b1, w2, b2, w3, w4, b3 = p
    ssr = dw1 = db1 = dw2 = db2 = dw3 = dw4 = db3 = 0.0
    for dose, observed in points:
        z1, z2 = w1 * dose + b1, w2 * dose + b2
        e1, e2 = (
            exp(-abs(z1)),
            exp(-abs(z2)),
        )  # _softplus, but its call costs more than it does
        y1, slope1 = (log1p(e1), e1 / (1 + e1)) if z1 < 0 else (z1 + log1p(e1), 1 / (1 + e1))
        y2, slope2 = (log1p(e2), e2 / (1 + e2)) if z2 < 0 else (z2 + log1p(e2), 1 / (1 + e2))
        residual = observed - (w3 * y1 + w4 * y2 + b3)
        delta = -2 * residual
        delta1, delta2 = delta * w3 * slope1, delta * w4 * slope2
        ssr += residual * residual
        dw1, db1, dw2, db2 = dw1 + delta1 * dose, db1 + delta1, dw2 + delta2 * dose, db2 + delta2
        dw3, dw4, db3 = dw3 + delta * y1, dw4 + delta * y2, db3 + delta
    return ssr, (dw1, db1, dw2, db2, dw3, dw4, db3)


def _softplus(x: float) -> tuple[float, float]:
    """Return the value, which never overflows, and the slope."""
    e = exp(-abs(x))
    return (log1p(e), e / (1 + e)) if x < 0 else (x + log1p(e), 1 / (1 + e))


def ssr_of(p: Seven) -> float:
    """Return the sum of squared residuals.

    Examples
    --------
    >>> round(ssr_of(STARTS["published"]), 6)
    1.895878
    """
    return _ssr_and_slopes(p)[0]


def terms(p: Seven) -> list[Seven]:
    """Return each point's terms of the seven slopes of the SSR.

    Examples
    --------
    >>> [round(point.w1, 4) for point in terms(STARTS["published"])]  # the dose 0 is silent about w1
    [0.0, -0.0407, 0.8016]
    """
    return [Seven(*_ssr_and_slopes(p, [point])[1]) for point in _POINTS]


def predictions(p: Seven) -> list[float]:
    """Return the predictions at the three doses."""
    return [float(value) for value in curves(p, np.array(DOSE))[0]]


def curves(p: Seven, grid: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return three curves over the doses: the prediction, ``w3 y1`` and ``w4 y2``.

    Examples
    --------
    >>> curves(STARTS["published"], np.array([0.5])).ravel().round(4)
    array([0.8582, 0.5747, 0.2835])
    """
    y1, y2 = (np.array([_softplus(x)[0] for x in w * grid + b]) for w, b in ((p.w1, p.b1), (p.w2, p.b2)))
    return np.stack([p.w3 * y1 + p.w4 * y2 + p.b3, p.w3 * y1, p.w4 * y2])
