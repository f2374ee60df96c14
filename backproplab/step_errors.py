"""The error of a numerical derivative against its step: what the U-curve draws, in plain numbers.

Two errors pull in opposite directions. The bend of the curve grows with the step ``h``; rounding grows as
``h`` shrinks, because two nearly equal values are subtracted and the little that is left is divided by ``h``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.activations import relu, sigmoid, softplus
from backproplab.gradcheck import central_difference, complex_step, forward_difference

__all__ = [
    "CURVES",
    "EXPONENTS",
    "METHODS",
    "PRECISIONS",
    "Curve",
    "Nudge",
    "StepErrors",
    "nudge",
    "step_errors",
]

EXPONENTS = np.arange(-20, 0.1, 0.25)
"""The powers of ten that the steps run over."""

_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Curve:
    """A function of one number, with its derivatives and, where it has one, its kink.

    Parameters
    ----------
    f : callable
        The function; it takes complex numbers too.
    slopes : tuple of callable
        Its first, second and third derivative.
    kink : float, optional
        Where the first derivative jumps.
    """

    f: Callable[[Any], Any]
    slopes: tuple[Callable[[Any], Any], Callable[[Any], Any], Callable[[Any], Any]]
    kink: float | None = None


def _sigmoid_bend(x: Any) -> Any:
    return sigmoid.deriv(x) * (1 - 2 * sigmoid.f(x))


CURVES: dict[str, Curve] = {
    "exp(x)": Curve(np.exp, (np.exp, np.exp, np.exp)),
    "x³": Curve(lambda x: x * x * x, (lambda x: 3 * x * x, lambda x: 6 * x, lambda _: 6.0)),
    "sin(1000 x)": Curve(
        lambda x: np.sin(1000 * x),
        (
            lambda x: 1e3 * np.cos(1000 * x),
            lambda x: -1e6 * np.sin(1000 * x),
            lambda x: -1e9 * np.cos(1000 * x),
        ),
    ),
    "1e6 + sin(x)": Curve(lambda x: 1e6 + np.sin(x), (np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x))),
    "softplus(x)": Curve(softplus.f, (sigmoid.f, sigmoid.deriv, _sigmoid_bend)),
    "relu(x)": Curve(relu.f, (relu.deriv, lambda _: 0.0, lambda _: 0.0), kink=0.0),
}
METHODS: dict[str, Callable[..., Any]] = {
    "forward difference": forward_difference,
    "central difference": central_difference,
    "complex step": complex_step,
}
PRECISIONS: dict[str, tuple[Any, Any]] = {
    "float64": (np.float64, np.complex128),
    "float32": (np.float32, np.complex64),
}


@dataclass(frozen=True, eq=False)
class StepErrors:
    """One function at one point, differentiated by one method with every step.

    Parameters
    ----------
    x, exact : float
        The point, as the precision holds it, and the slope there.
    errors : ndarray of shape (len(EXPONENTS),)
        ``|measured - exact|`` for each step; 0 and infinity occur.
    bend, order : float, int
        Theory for large steps: ``bend * h**order``.
    rounding, fall : float, int
        Theory for small steps: ``rounding * h**fall``; ``fall`` is -1, or 0 where nothing is subtracted.
    to_kink : float or None
        How far ``x`` is from the kink, where the function has one.
    lost : float or None
        The power of ten of the largest step so small that ``x + h`` is ``x``.
    """

    x: float
    exact: float
    errors: NDArray[np.float64]
    bend: float
    order: int
    rounding: float
    fall: int
    to_kink: float | None
    lost: float | None

    @property
    def zeros(self) -> int:
        """How many steps have no error at all."""
        return int(np.sum(self.errors == 0))

    @property
    def lowest(self) -> tuple[float, float]:
        """The step of the smallest error above 0, and that error."""
        place = int(np.argmin(np.where(self.errors > 0, self.errors, np.inf)))
        return float(10 ** EXPONENTS[place]), float(self.errors[place])

    @property
    def flat(self) -> bool:
        """Whether the errors of all steps are alike: no step is better than another."""
        return bool(self.errors.max() <= 2 * self.errors.min())

    @property
    def bottom(self) -> float | None:
        """The step at which theory has its minimum; None where one of its two errors is missing."""
        if self.fall == 0 or not self.bend or not self.rounding:
            return None
        return float((self.rounding / (self.order * self.bend)) ** (1 / (self.order + 1)))


@lru_cache(maxsize=64)
def step_errors(function: str, x: float, method: str, precision: str) -> StepErrors:
    """Differentiate a function at a point with every step.

    Parameters
    ----------
    function, method, precision : str
        Names in ``CURVES``, ``METHODS`` and ``PRECISIONS``.
    x : float
        Where; it is rounded to the precision first.

    Returns
    -------
    StepErrors
        The errors, and what theory says of them.

    Examples
    --------
    >>> h, error = step_errors("exp(x)", 0.7, "central difference", "float64").lowest
    >>> 1e-6 < h < 1e-4, error < 1e-9
    (True, True)
    """
    curve, x = CURVES[function], float(PRECISIONS[precision][0](x))
    exact, *higher = (float(slope(x)) for slope in curve.slopes)
    measured = [_slope(function, x, method, precision, float(h)) for h in 10**EXPONENTS]
    with np.errstate(invalid="ignore"):
        errors = np.nan_to_num(np.abs(np.array(measured) - exact), nan=np.inf, posinf=np.inf)
    errors.setflags(write=False)
    # Every number is off by half a unit of its last digit: values, slopes, and the point they are taken at.
    half = float(np.finfo(PRECISIONS[precision][0]).eps) / 2
    value, point = half * abs(float(curve.f(x))), half * abs(x * exact)
    bend, order, rounding, fall = {
        "forward difference": (abs(higher[0]) / 2, 1, 2 * value + point, -1),
        "central difference": (abs(higher[1]) / 6, 2, value + point, -1),
        "complex step": (abs(higher[1]) / 6, 2, half * (abs(exact) + abs(x * higher[0])), 0),
    }[method]
    to_kink = None if curve.kink is None else abs(x - curve.kink)
    same = [] if fall == 0 else EXPONENTS[PRECISIONS[precision][0](x + 10**EXPONENTS) == x]
    lost = float(max(same)) if len(same) else None
    return StepErrors(x, exact, errors, bend, order, rounding, fall, to_kink, lost)


@dataclass(frozen=True)
class Nudge:
    """One numerical derivative, digit by digit.

    Parameters
    ----------
    values : tuple of (str, float)
        The two numbers that the method takes: what each is, and its value.
    slope : float
        The derivative that they give.
    digits : int
        How many significant digits the precision shows.
    """

    values: tuple[tuple[str, float], tuple[str, float]]
    slope: float
    digits: int

    def written(self, value: float) -> str:
        """Return a number with all digits of the precision."""
        return f"{value:#.{self.digits}g}".replace("-", _MINUS)

    def agreeing(self, one: float, other: float) -> int:
        """Return in about how many significant digits two numbers agree."""
        if one == other:
            return self.digits
        apart = abs(one - other) / max(abs(one), abs(other))
        return min(self.digits, max(0, floor(-log10(apart)))) if apart < 1 else 0


def nudge(function: str, x: float, method: str, precision: str, h: float) -> Nudge:
    """Take one numerical derivative apart.

    Parameters
    ----------
    function, x, method, precision
        As for :func:`step_errors`.
    h : float
        The step.

    Examples
    --------
    >>> taken = nudge("x³", 2.0, "central difference", "float32", 0.5)
    >>> [value for _, value in taken.values], taken.slope
    ([15.625, 3.375], 12.25)
    """
    x = float(PRECISIONS[precision][0](x))
    f = _rounded(CURVES[function].f, precision)
    with np.errstate(all="ignore"):
        if method == "complex step":
            sideways = f(x + 1j * h)
            values = (("real part", float(sideways.real)), ("imaginary part", float(sideways.imag)))
        else:
            name, other = (f"f(x {_MINUS} h)", x - h) if method == "central difference" else ("f(x)", x)
            values = (("f(x + h)", float(f(x + h))), (name, float(f(other))))
    return Nudge(values, _slope(function, x, method, precision, h), 17 if precision == "float64" else 9)


def _slope(function: str, x: float, method: str, precision: str, h: float) -> float:
    with np.errstate(all="ignore"):
        return float(METHODS[method](_rounded(CURVES[function].f, precision), x, h))


def _rounded(f: Callable[[Any], Any], precision: str) -> Callable[[Any], Any]:
    """Return the function as that precision computes it: from a rounded number, to a rounded value."""
    real, both = PRECISIONS[precision]

    def rounded(x: Any) -> Any:
        x = np.asarray(x)
        return f(x.astype(both if np.iscomplexobj(x) else real))

    return rounded
