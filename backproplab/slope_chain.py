"""The slopes along one path through many layers, and the product that they make on the way back."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from backproplab.activations import ACTIVATIONS, steepest_slope
from backproplab.neuron import number

__all__ = ["UNITS", "SlopeChain", "slope_chain"]

UNITS = 24
"""How many units a layer has from which a path picks one."""

_TALLEST = 50


@dataclass(frozen=True)
class SlopeChain:
    """Layers of units with their slopes, and a path that takes one unit of each.

    Parameters
    ----------
    activation : str
        Its name.
    path : str
        ``"random"``, or ``"steepest"``, which takes the unit of the largest slope in each layer.
    spread : float
        The standard deviation of the pre-activations.
    slopes : ndarray of shape (depth, UNITS)
        ``f'(z)``, first layer first.
    units : ndarray of int of shape (depth,)
        Which unit of each layer the path takes.
    steepest : float
        The largest slope that the activation has anywhere.
    """

    activation: str
    path: str
    spread: float
    slopes: NDArray[np.float64]
    units: NDArray[np.int64]
    steepest: float

    @property
    def taken(self) -> NDArray[np.float64]:
        """The slopes on the path, first layer first."""
        taken: NDArray[np.float64] = self.slopes[np.arange(len(self.units)), self.units]
        return taken

    @property
    def exponents(self) -> NDArray[np.float64]:
        """The power of ten of the product from the last layer back to each one; minus infinity for 0."""
        with np.errstate(divide="ignore"):
            sums: NDArray[np.float64] = np.cumsum(np.log10(self.taken)[::-1])[::-1]
        return sums

    @property
    def cut(self) -> int:
        """The last layer where the slope on the path is exactly 0; 0 if there is none."""
        return int(max(np.flatnonzero(self.taken == 0) + 1, default=0))

    def in_words(self) -> str:
        """Return the whole picture in words."""
        depth, taken = len(self.units), self.taken
        ends = f"{number(float(taken.min()))} to {number(float(taken.max()))}"
        start = (
            f"Along a {self.path} path back through {depth} {self.activation} layers with z of spread "
            f"{number(self.spread)}, slopes from {ends} multiply to {power_of_ten(float(self.exponents[0]))}"
        )
        best = f"the steepest slope there is, {number(self.steepest)}, would give "
        best += power_of_ten(depth * float(np.log10(self.steepest)))
        if self.cut:
            what = "no weight can mend it" if self.activation == "relu" else "smaller than rounding leaves"
            return f"{start}: the slope is 0 in layer {self.cut}, {what}; {best}."
        average = 10 ** (float(self.exponents[0]) / depth)
        return (
            f"{start}, on average {number(average)} a layer; the weights on the path would have to be "
            f"{number(1 / average)} on average to make up for it; {best}."
        )


def slope_chain(
    depth: int, activation: str, *, spread: float = 1.0, path: Literal["random", "steepest"] = "random",
    seed: int = 0,
) -> SlopeChain:  # fmt: skip
    """Draw pre-activations on a bell curve and take one unit of each layer.

    The last layers are the same at every depth: a deeper chain goes on further back.

    Parameters
    ----------
    depth : int
        Number of layers, at most 50.
    activation : str
        The name of the activation.
    spread : float
        The standard deviation of the pre-activations.
    path : {"random", "steepest"}
        Which unit of each layer.
    seed : int
        Of the pre-activations and of the random path.

    Returns
    -------
    SlopeChain
        The slopes and the path.

    Examples
    --------
    >>> chain = slope_chain(10, "sigmoid", path="steepest")
    >>> bool(10 ** chain.exponents[0] <= 0.25**10)  # not even the best path keeps more
    True
    """
    act, rng = ACTIVATIONS[activation], np.random.default_rng(seed)
    Z = spread * rng.normal(size=(_TALLEST, UNITS))[:depth][::-1]
    slopes = np.asarray(act.deriv(Z), float)
    picks = rng.integers(UNITS, size=_TALLEST)[:depth][::-1]
    units: Any = slopes.argmax(axis=1) if path == "steepest" else picks
    steepest = max(steepest_slope(act), float(slopes.max()))
    return SlopeChain(activation, path, spread, slopes, units, steepest)


def power_of_ten(exponent: float) -> str:
    """Return ``10 ** exponent`` as sentences show it, also where it leaves the range of numbers.

    Examples
    --------
    >>> power_of_ten(-400.3), power_of_ten(float("-inf")), power_of_ten(0.0)
    ('5.0e-401', '0', '1.000')
    """
    if abs(exponent) < 300 or np.isinf(exponent):
        return number(10.0**exponent)
    whole = int(np.floor(exponent))
    return f"{10 ** (exponent - whole):.1f}e{whole}"
