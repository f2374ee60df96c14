"""The U-curve of lesson 4: how far off a numerical derivative is, for every size of its step."""

from math import isfinite, log10
from typing import Any, ClassVar

import numpy as np
import traitlets

from backproplab.explorers.frame import Explorer, View, choosing, front_end, sliding
from backproplab.neuron import number
from backproplab.step_errors import (
    CURVES,
    EXPONENTS,
    METHODS,
    PRECISIONS,
    Nudge,
    StepErrors,
    nudge,
    step_errors,
)

__all__ = ["UCurve"]

MINUS = "\N{MINUS SIGN}"
LARGEST = 1e9  # there a still line breaks off: up to an overflow the axis would squeeze everything else
_SPACING = float(EXPONENTS[1] - EXPONENTS[0])


class UCurve(Explorer):
    """The error of a numerical derivative against its step, and one step digit by digit.

    Parameters
    ----------
    function : str
        One of ``exp(x)``, ``x³``, ``sin(1000 x)``, ``1e6 + sin(x)``, ``softplus(x)``, ``relu(x)``.
    x : float
        Where it is differentiated.
    method : str
        One of ``forward difference``, ``central difference``, ``complex step``.
    precision : str
        ``float64`` or ``float32``.
    log_h : float
        The power of ten of the marked step.

    Examples
    --------
    >>> UCurve(function="x³", x=2.0, method="forward difference", log_h=-1.0).nudge.slope
    12.61...
    """

    title = "U-curve"
    lesson = "trust_but_check"
    _esm = front_end("u_curve")

    function = choosing("function f", list(CURVES), "exp(x)")
    x = sliding("point x", -3.0, 3.0, 0.05, 0.7)
    method = choosing("method", list(METHODS), "central difference")
    precision = choosing("precision", list(PRECISIONS), "float64")
    log_h = sliding("step: log₁₀ h", float(EXPONENTS[0]), 0.0, _SPACING, -5.0)

    grid: ClassVar = {
        "function": list(CURVES),
        "method": list(METHODS),
        "precision": list(PRECISIONS),
        "log_h": [-16.0, -12.0, -10.0, -8.0, -6.0, -5.0, -3.0, -1.0],
    }
    fixed = traitlets.Dict({"exponents": [float(EXPONENTS[0]), 0.0, _SPACING]}).tag(sync=True)

    @property
    def h(self) -> float:
        """The marked step."""
        return float(10.0**self.log_h)

    @property
    def errors(self) -> StepErrors:
        """The errors of all steps, and what theory says of them."""
        return step_errors(self.function, self.x, self.method, self.precision)

    @property
    def nudge(self) -> Nudge:
        """The marked step, digit by digit."""
        return nudge(self.function, self.x, self.method, self.precision, self.h)

    def look(self) -> View:
        """Compute the errors of all steps, and the digits of the marked one."""
        errors, taken = self.errors, self.nudge
        reach = errors.to_kink
        numbers = {
            "at": self.log_h,
            "error": abs(taken.slope - errors.exact),
            "lowest": None if errors.flat or errors.zeros else [log10(part) for part in errors.lowest],
            "bend": [errors.bend, errors.order],
            "rounding": [errors.rounding, errors.fall],
            "kink": log10(reach) if reach else None,
            "atKink": reach == 0,
            "lost": errors.lost,
            "rows": _rows(errors, taken),
        }
        return View(numbers, self._in_words(), {"errors": errors.errors})

    def still(self) -> Any:
        """Return the curve as a still picture."""
        from backproplab.figures import u_curve

        errors = self.errors.errors
        shown = np.where(errors < LARGEST, errors, np.nan)
        figure = u_curve(10**EXPONENTS, {self.method: shown.tolist()}, marked=self.h)
        figure.sentence = self._in_words()
        return figure

    def _in_words(self) -> str:
        errors, taken = self.errors, self.nudge
        told = [
            f"{self.method.capitalize()} of {self.function} at x = {self.x:g} in {self.precision}: "
            f"h = {self.h:.2g} gives {_long(taken.slope)} for {_long(errors.exact)}, "
            f"{_off(taken, errors.exact)}{_lost_digits(taken)}",
            _weights(errors, self.h),
            _best(errors),
        ]
        return ". ".join(part for part in told if part) + "."


def _long(value: float) -> str:
    return f"{value:.12g}".replace("-", MINUS)


def _off(taken: Nudge, exact: float) -> str:
    error = abs(taken.slope - exact)
    if not isfinite(error):
        return "an overflow"
    if error == 0:
        return "off by exactly 0"
    right = taken.agreeing(taken.slope, exact)
    return f"off by {number(error)}, {f'some {_digits(right)}' if right else 'no digit'} right"


def _digits(count: int) -> str:
    return f"{count} digit{'s' if count != 1 else ''}"


def _subtracted(taken: Nudge) -> int:
    """Return how many digits the subtraction removes."""
    (name, one), (_, other) = taken.values
    return 0 if name == "real part" else taken.agreeing(one, other)


def _lost_digits(taken: Nudge) -> str:
    (one, first), (other, second) = taken.values
    if one == "real part":
        return "; nothing is subtracted"
    if first == second:
        return f"; {one} and {other} are the same number, their difference is 0"
    lost = _subtracted(taken)
    return f"; {one} and {other} agree in {_digits(lost)}, lost in the difference" if lost else ""


def _weights(errors: StepErrors, h: float) -> str:
    """Say which of the two errors is the larger one here."""
    if errors.to_kink == 0:
        return "At the kink there is no one slope: the error is counted from 0, a convention"
    if errors.to_kink is not None and h > errors.to_kink:
        return "The nudge reaches across the kink"
    if errors.lost is not None and log10(h) <= errors.lost:
        return "So small a nudge is lost: x + h is x"
    bend, rounding = errors.bend * h**errors.order, errors.rounding * h**errors.fall
    if bend == rounding == 0:
        return ""
    return f"Here {'the bend' if bend > rounding else 'rounding'} weighs more"


def _best(errors: StepErrors) -> str:
    count = len(errors.errors)
    if errors.zeros == count:
        return f"The error is exactly 0 at all {count} steps"
    if errors.flat:
        return f"All {count} steps are off by {number(float(errors.errors.min()))}: no step helps"
    if errors.zeros:
        return f"The error is exactly 0 at {errors.zeros} of {count} steps"
    h, least = errors.lowest
    theory = f"; theory has the bottom near {errors.bottom:.2g}" if errors.bottom else ""
    return f"The best of {count} steps is h = {h:.2g}, off by {number(least)}{theory}"


def _rows(errors: StepErrors, taken: Nudge) -> list[list[Any]]:
    """Return four numbers with all their digits, and how many characters of each pair agree."""
    slopes = (("measured slope", taken.slope), ("true slope", errors.exact))
    right = taken.agreeing(taken.slope, errors.exact)
    return [
        [label, text := taken.written(value), _characters(text, digits)]
        for pair, digits in ((taken.values, _subtracted(taken)), (slopes, right))
        for label, value in pair
    ]


def _characters(text: str, digits: int) -> int:
    """Return how many characters it takes to write that many significant digits."""
    if not digits:
        return 0
    places = [i for i, character in enumerate(text) if character.isdigit()]
    first = next((n for n, i in enumerate(places) if text[i] != "0"), 0)
    return places[min(first + digits, len(places)) - 1] + 1
