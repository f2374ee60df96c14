"""Functions to differentiate: curves of one number with their derivatives, and losses of an array."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["SCALED", "SMOOTH", "Curve", "kinked", "wavy_loss"]


@dataclass(frozen=True, eq=False)
class Curve:
    """A function of one number, with its name and its derivative.

    Parameters
    ----------
    name : str
        How a message calls it.
    f, df : callable
        The function and its derivative; both take arrays, ``f`` complex ones too.
    """

    name: str
    f: Callable[[Any], Any]
    df: Callable[[Any], Any]

    def __call__(self, x: Any) -> Any:
        """Return ``f(x)``."""
        return self.f(x)


# None is a polynomial: differences of those are exact, or right for the wrong reason.
SMOOTH = (
    Curve("exp(x)", np.exp, np.exp),
    Curve("sin(3x)", lambda x: np.sin(3 * x), lambda x: 3 * np.cos(3 * x)),
    Curve("x exp(-x)", lambda x: x * np.exp(-x), lambda x: (1 - x) * np.exp(-x)),
    Curve("log(x + 4)", lambda x: np.log(x + 4), lambda x: 1 / (x + 4)),
    Curve("cos(2x) - 3", lambda x: np.cos(2 * x) - 3, lambda x: -2 * np.sin(2 * x)),
)


# The best step for these lies far apart. All are finite at any step, so that a search meets no nan.
SCALED = (
    Curve("sin(1000 x)", lambda x: np.sin(1000 * x), lambda x: 1000 * np.cos(1000 * x)),
    Curve("1e6 + sin(x)", lambda x: 1e6 + np.sin(x), np.cos),
    Curve("exp(x)", np.exp, np.exp),
    Curve("exp(-x / 100)", lambda x: np.exp(-x / 100), lambda x: -np.exp(-x / 100) / 100),
    Curve("arctan(1000 x)", lambda x: np.arctan(1000 * x), lambda x: 1000 / (1 + (1000 * x) ** 2)),
    Curve("1e-3 x exp(-x)", lambda x: 1e-3 * x * np.exp(-x), lambda x: 1e-3 * (1 - x) * np.exp(-x)),
)


def wavy_loss(A: Any, B: Any) -> Callable[[Any], Any]:
    """Return a loss of an array in which every entry meets the others.

    Parameters
    ----------
    A, B : ndarray
        Coefficients, shaped like the array.

    Examples
    --------
    >>> wavy_loss(np.ones(2), np.ones(2))(np.zeros(2))
    1.0
    """
    return lambda v: float(np.sum(np.sin(A * v)) + np.exp(0.3 * np.sum(B * v)) + np.sum(A * v**3))


def kinked(c: float, left: float, right: float) -> Curve:
    """Return two straight lines that meet at ``c``.

    Examples
    --------
    >>> corner = kinked(0.0, -1.0, 2.0)
    >>> float(corner(-1.0)), float(corner(1.0))
    (2.3, 3.3)
    """
    slopes = f"slopes {left:g} and {right:g}"
    return Curve(slopes, lambda x: np.where(x < c, left, right) * (x - c) + 1.3, lambda x: 0 * x)
