"""Functions to differentiate: curves of one number with their derivatives, and losses of an array.

A student is lent the function alone, by its recipe in :mod:`graders.sandbox.lent`; the derivatives stay here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graders.sandbox.lent import FUNCTIONS, TAG

__all__ = ["SCALED", "SMOOTH", "Curve", "Lent", "kinked", "wavy_loss"]


@dataclass(frozen=True, eq=False)
class Lent:
    """A function that can be lent: it travels as the name and the numbers that make it.

    Parameters
    ----------
    name : str
        How a message calls it.
    recipe : tuple
        The name in ``FUNCTIONS``, and the numbers that belong to it.
    """

    name: str
    recipe: tuple[Any, ...]

    @cached_property
    def f(self) -> Callable[[Any], Any]:
        """The function itself; it takes arrays and complex numbers too."""
        return FUNCTIONS[self.recipe[0]](*self.recipe[1:])

    @property
    def plain(self) -> dict[str, Any]:
        """What makes it, as plain data."""
        return {TAG: ["function", *self.recipe]}

    def __call__(self, x: Any) -> Any:
        """Return ``f(x)``."""
        return self.f(x)


@dataclass(frozen=True, eq=False)
class Curve(Lent):
    """A function of one number, with its derivative.

    Parameters
    ----------
    df : Lent
        The derivative; it takes arrays.

    Examples
    --------
    >>> float(SMOOTH[1](0.0)), float(SMOOTH[1].df(0.0))
    (0.0, 3.0)
    """

    df: Lent


def _curve(name: str, recipe: tuple[Any, ...], slope: tuple[Any, ...]) -> Curve:
    return Curve(name, recipe, Lent(f"the derivative of {name}", slope))


# None is a polynomial: differences of those are exact, or right for the wrong reason.
SMOOTH = (
    _curve("exp(x)", ("exp",), ("exp",)),
    _curve("sin(3x)", ("sine", 3.0), ("cosine", 3.0, 3.0)),
    _curve("x exp(-x)", ("x exp(-x)", 1.0), ("(1 - x) exp(-x)", 1.0)),
    _curve("log(x + 4)", ("log", 4.0), ("one over", 4.0)),
    _curve("cos(2x) - 3", ("cosine in a valley",), ("sine", 2.0, -2.0)),
)


# The best step for these lies far apart. All are finite at any step, so that a search meets no nan.
SCALED = (
    _curve("sin(1000 x)", ("sine", 1000.0), ("cosine", 1000.0, 1000.0)),
    _curve("1e6 + sin(x)", ("sine on a hill", 1e6), ("cosine", 1.0, 1.0)),
    _curve("exp(x)", ("exp",), ("exp",)),
    _curve("exp(-x / 100)", ("decay", 100.0, 1.0), ("decay", 100.0, -0.01)),
    _curve("arctan(1000 x)", ("arctan", 1000.0), ("bell", 1000.0)),
    _curve("1e-3 x exp(-x)", ("x exp(-x)", 1e-3), ("(1 - x) exp(-x)", 1e-3)),
)


def wavy_loss(A: Any, B: Any) -> Lent:
    """Return a loss of an array in which every entry meets the others.

    Parameters
    ----------
    A, B : ndarray
        Coefficients, shaped like the array.

    Examples
    --------
    >>> import numpy as np
    >>> wavy_loss(np.ones(2), np.ones(2))(np.zeros(2))
    1.0
    """
    return Lent("the loss", ("wavy", A, B))


def kinked(c: float, left: float, right: float) -> Lent:
    """Return two straight lines that meet at ``c``.

    Examples
    --------
    >>> corner = kinked(0.0, -1.0, 2.0)
    >>> float(corner(-1.0)), float(corner(1.0))
    (2.3, 3.3)
    """
    return Lent(f"slopes {left:g} and {right:g}", ("corner", c, left, right))
