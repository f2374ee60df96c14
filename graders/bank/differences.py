"""Numerical derivatives: each formula, and beside it what becomes of it when one piece is misplaced.

``at`` holds what is at hand: the function ``f``, where it is differentiated ``x``, the step ``h``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn

__all__ = [
    "CENTRAL",
    "COMPLEX_STEP",
    "FORWARD",
    "GRADIENT",
]

TWICE, HALF = "multiplied by 2", "multiplied by 1/2"


def _forward_quotient(f: Any, x: Any, h: Any) -> Any:
    return (f(x + h) - f(x)) / h


def _central_quotient(f: Any, x: Any, h: Any) -> Any:
    return (f(x + h) - f(x - h)) / (2 * h)


# misconception, rule, formula: what both quotients can be taken for
_SHARED = (
    Turn("backward_difference", lambda at: (at.f(at.x) - at.f(at.x - at.h)) / at.h, "(f(x) - f(x - h)) / h"),
    Turn("value_for_slope", lambda at: at.f(at.x) / at.h, "f(x) / h"),
)

FORWARD = Derivation(
    {
        "quotient": Step(
            lambda at: _forward_quotient(at.f, at.x, at.h),
            "(f(x + h) - f(x)) / h",
            (
                Turn(
                    "central_for_forward",
                    lambda at: _central_quotient(at.f, at.x, at.h),
                    "(f(x + h) - f(x - h)) / 2h",
                ),
                *_SHARED,
                Turn(
                    "sign",
                    lambda at: -_forward_quotient(at.f, at.x, at.h),
                    "(f(x) - f(x + h)) / h",
                    asks="f rises to the right: is your answer above 0 or below?",
                ),
                Turn("not_divided_by_h", lambda at: at.f(at.x + at.h) - at.f(at.x), "f(x + h) - f(x)"),
                Turn(
                    "factor_two",
                    lambda at: _forward_quotient(at.f, at.x, at.h) / 2,
                    "(f(x + h) - f(x)) / 2h",
                    says=HALF,
                    asks="how far apart are the two points at which f was asked?",
                ),
                Turn(
                    "division_last_missing",
                    lambda at: at.f(at.x + at.h) - at.f(at.x) / at.h,
                    "f(x + h) - f(x) / h",
                ),
                Turn("step_times_x", lambda at: _forward_quotient(at.f, at.x, at.h * at.x), "a step of h x"),
            ),
        )
    },
    lambda take, f, x, h: take("quotient", f=f, x=x, h=h),
)

CENTRAL = Derivation(
    {
        "quotient": Step(
            lambda at: _central_quotient(at.f, at.x, at.h),
            "(f(x + h) - f(x - h)) / 2h",
            (
                Turn(
                    "forward_for_central",
                    lambda at: _forward_quotient(at.f, at.x, at.h),
                    "(f(x + h) - f(x)) / h",
                ),
                *_SHARED,
                Turn(
                    "factor_two",
                    lambda at: 2 * _central_quotient(at.f, at.x, at.h),
                    "(f(x + h) - f(x - h)) / h",
                    says=TWICE,
                    asks="how far apart are the two points at which f was asked?",
                ),
                Turn(
                    "divided_then_multiplied",
                    lambda at: (at.f(at.x + at.h) - at.f(at.x - at.h)) / 2 * at.h,
                    "(f(x + h) - f(x - h)) / 2 * h, read from left to right",
                ),
                Turn(
                    "sign",
                    lambda at: -_central_quotient(at.f, at.x, at.h),
                    "(f(x - h) - f(x + h)) / 2h",
                    asks="f rises to the right: is your answer above 0 or below?",
                ),
                Turn(
                    "not_divided_by_h",
                    lambda at: at.f(at.x + at.h) - at.f(at.x - at.h),
                    "f(x + h) - f(x - h)",
                ),
                Turn(
                    "half_step",
                    lambda at: _central_quotient(at.f, at.x, at.h / 2),
                    "a step of h/2 to each side",
                ),
                Turn(
                    "value_of_mean",
                    lambda at: (at.f(at.x + at.h) + at.f(at.x - at.h)) / (2 * at.h),
                    "(f(x + h) + f(x - h)) / 2h",
                ),
                Turn(
                    "division_last_missing",
                    lambda at: at.f(at.x + at.h) - at.f(at.x - at.h) / (2 * at.h),
                    "f(x + h) - f(x - h) / 2h",
                    asks="f(x + h) - f(x - h) / (2 h): which of the two values is divided?",
                ),
                Turn("step_times_x", lambda at: _central_quotient(at.f, at.x, at.h * at.x), "a step of h x"),
            ),
        )
    },
    lambda take, f, x, h: take("quotient", f=f, x=x, h=h),
)

COMPLEX_STEP = Derivation(
    {
        "quotient": Step(
            lambda at: np.imag(at.f(at.x + 1j * at.h)) / at.h,
            "Im f(x + ih) / h",
            (
                Turn("real_part", lambda at: np.real(at.f(at.x + 1j * at.h)) / at.h, "Re f(x + ih) / h"),
                Turn("not_divided_by_h", lambda at: np.imag(at.f(at.x + 1j * at.h)), "Im f(x + ih)"),
                Turn(
                    "size_for_imaginary_part",
                    lambda at: abs(at.f(at.x + 1j * at.h)) / at.h,
                    "|f(x + ih)| / h",
                ),
                Turn(
                    "factor_two",
                    lambda at: 2 * np.imag(at.f(at.x + 1j * at.h)) / at.h,
                    "2 Im f(x + ih) / h",
                    TWICE,
                ),
                Turn(
                    "factor_two",
                    lambda at: np.imag(at.f(at.x + 1j * at.h)) / (2 * at.h),
                    "Im f(x + ih) / 2h",
                    HALF,
                    "one point or two: between which two points would the distance be 2h?",
                ),
                Turn(
                    "sign",
                    lambda at: np.imag(at.f(at.x - 1j * at.h)) / at.h,
                    "Im f(x - ih) / h",
                    asks="f(x) = x at x = 2: what is the imaginary part of your f at the nudged point?",
                ),
                Turn(
                    "real_step", lambda at: _central_quotient(at.f, at.x, at.h), "(f(x + h) - f(x - h)) / 2h"
                ),
            ),
        )
    },
    lambda take, f, x, h=1e-30: take("quotient", f=f, x=x, h=h),
)


# numerical_gradient


def _entries(array: Any, nudge: Callable[[Any, tuple[int, ...]], float]) -> Any:
    """Ask for one number an entry; ``nudge`` gets a copy of the array and may leave it changed."""
    array, gradient = np.array(array, dtype=float), np.empty(np.shape(array))
    for index in np.ndindex(array.shape):
        gradient[index] = nudge(array, index)
    return gradient


def _at(loss: Any, array: Any, index: Any, value: Any) -> Any:
    array[index] = value
    return loss(array)


def _quotients(at: Any, below: float = -1, above: float = 1, width: float = 2) -> Any:
    """Return ``(loss(above) - loss(below)) / (width h)`` for each entry, restored exactly."""

    def nudge(array: Any, index: tuple[int, ...]) -> Any:
        old = array[index]
        up, down = (_at(at.loss, array, index, old + way * at.h) for way in (above, below))
        array[index] = old
        return (up - down) / (width * at.h)

    return _entries(at.array, nudge)


def _left_below(at: Any) -> Any:
    """Never restore: each entry stays at its last nudge while the next ones are asked."""

    def nudge(array: Any, index: tuple[int, ...]) -> Any:
        old = array[index]
        up, down = _at(at.loss, array, index, old + at.h), _at(at.loss, array, index, old - at.h)
        return (up - down) / (2 * at.h)

    return _entries(at.array, nudge)


def _left_arrived(at: Any) -> Any:
    """+h, -h: where 2h is due on the way down, the lower point is the starting point."""

    def nudge(array: Any, index: tuple[int, ...]) -> Any:
        array[index] += at.h
        up = at.loss(array)
        array[index] -= at.h
        return (up - at.loss(array)) / (2 * at.h)

    return _entries(at.array, nudge)


def _together(at: Any) -> Any:
    up, down = at.loss(at.array + at.h), at.loss(at.array - at.h)
    return np.full(np.shape(at.array), (up - down) / (2 * at.h))


def _rows(at: Any) -> Any:
    """Nudge whole rows: what ``for i in range(len(array))`` does to a matrix."""
    gradient = np.empty(np.shape(at.array))
    for i in range(len(at.array)):
        up, down = np.array(at.array), np.array(at.array)
        up[i] += at.h
        down[i] -= at.h
        gradient[i] = (at.loss(up) - at.loss(down)) / (2 * at.h)
    return gradient


def _row_views(at: Any) -> Any:
    """Keep the old row as a view, which moves along: the lower point is the starting point."""
    array, gradient = np.array(at.array, dtype=float), np.empty(np.shape(at.array))
    for i in range(len(array)):
        old = array[i]
        up, down = _at(at.loss, array, i, old + at.h), _at(at.loss, array, i, old - at.h)
        array[i] = old
        gradient[i] = (up - down) / (2 * at.h)
    return gradient


GRADIENT = Derivation(
    {
        "nudges": Step(
            _quotients,
            "(L(array_i + h) - L(array_i - h)) / 2h, entry by entry",
            (
                Turn(
                    "forward_for_central",
                    lambda at: _quotients(at, 0, 1, 1),
                    "(L(array_i + h) - L(array)) / h",
                ),
                Turn(
                    "backward_difference",
                    lambda at: _quotients(at, -1, 0, 1),
                    "(L(array) - L(array_i - h)) / h",
                ),
                Turn(
                    "factor_two",
                    lambda at: _quotients(at, width=1),
                    "(L(above) - L(below)) / h",
                    TWICE,
                    "how far apart are the two values at which the loss was asked?",
                ),
                Turn("not_restored", _left_below, "each entry left at array_i - h"),
                Turn("lower_point_not_reached", _left_arrived, "(L(array_i + h) - L(array)) / 2h"),
                Turn("nudges_together", _together, "all entries nudged at once"),
                Turn("nudges_rows", _rows, "whole rows nudged at once"),
                Turn(
                    "nudges_rows",
                    _row_views,
                    "(L(row_i + h) - L(row_i)) / 2h",
                    "with whole rows nudged at once, and no way back",
                    "what does old = array[i] hold for a matrix, once array[i] has been changed?",
                ),
                Turn(
                    "sign",
                    lambda at: _quotients(at, 1, -1),
                    "(L(below) - L(above)) / 2h",
                    asks="the loss rises with an entry: is your gradient above 0 or below there?",
                ),
                Turn("not_divided_by_h", lambda at: _quotients(at, width=1 / at.h), "L(above) - L(below)"),
                Turn(
                    "divided_then_multiplied",
                    lambda at: _quotients(at, width=2 / at.h**2),
                    "(L(above) - L(below)) / 2 * h, read from left to right",
                ),
                Turn(
                    "flattened",
                    lambda at: _quotients(at).ravel(),
                    "one long row in place of the array's shape",
                ),
            ),
        )
    },
    lambda take, loss, array, h: take("nudges", loss=loss, array=array, h=h),
)
