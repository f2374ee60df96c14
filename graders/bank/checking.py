"""Judging a numerical derivative: the relative error, kinks, and the step that errs least."""

from collections.abc import Callable
from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn
from graders.exercise import WrongTurn

__all__ = ["KINK_TURNS", "RELATIVE_ERROR", "STEP_TURNS", "WORDS", "smoothed_best", "step_word"]


def _size(v: Any) -> Any:
    return np.linalg.norm(np.asarray(v))


# relative_error

SIZE = Step(
    lambda at: _size(at.v),
    "|v|, the root of the sum of squares",
    (
        Turn("size_by_largest_entry", lambda at: np.abs(at.v).max(), "|v| = the largest entry by size"),
        Turn("size_by_sum", lambda at: np.abs(at.v).sum(), "|v| = the sum of the sizes"),
        Turn("size_not_rooted", lambda at: _size(at.v) ** 2, "|v| = the sum of squares"),
        Turn(
            "size_by_mean",
            lambda at: _size(at.v) / np.sqrt(np.size(at.v)),
            "|v| = the root of the mean square",
        ),
    ),
)
DISTANCE = Step(
    lambda at: at.size(at.a - at.n),
    "|a - n|",
    (
        Turn(
            "abs_missing",
            lambda at: at.a - at.n if np.ndim(at.a) == 0 else at.size(at.a - at.n),
            "(a - n) / max(|a|, |n|, floor)",
        ),
        Turn(
            "distance_of_sizes",
            lambda at: abs(at.size(at.a) - at.size(at.n)),
            "| |a| - |n| | / max(|a|, |n|, floor)",
        ),
    ),
)
BELOW = Step(
    lambda at: max(at.of_a, at.of_n, at.floor),
    "max(|a|, |n|, floor)",
    (
        Turn(
            "relative_error_sum",
            lambda at: max(at.of_a + at.of_n, at.floor),
            "|a - n| / max(|a| + |n|, floor)",
        ),
        Turn("relative_error_sum", lambda at: at.of_a + at.of_n + at.floor, "|a - n| / (|a| + |n| + floor)"),
        Turn(
            "relative_error_sum",
            lambda at: max((at.of_a + at.of_n) / 2, at.floor),
            "|a - n| / max((|a| + |n|) / 2, floor)",
            "with the mean of |a| and |n| below",
        ),
        Turn("relative_to_one", lambda at: max(at.of_a, at.floor), "|a - n| / max(|a|, floor)"),
        Turn("relative_to_one", lambda at: max(at.of_n, at.floor), "|a - n| / max(|n|, floor)"),
        Turn("floor_missing", lambda at: max(at.of_a, at.of_n), "|a - n| / max(|a|, |n|)"),
        Turn("floor_added", lambda at: max(at.of_a, at.of_n) + at.floor, "|a - n| / (max(|a|, |n|) + floor)"),
        Turn(
            "smaller_below",
            lambda at: max(min(at.of_a, at.of_n), at.floor),
            "|a - n| / max(min(|a|, |n|), floor)",
        ),
        Turn("absolute_error", lambda at: 1.0, "|a - n|"),
        Turn("floor_alone", lambda at: at.floor, "|a - n| / floor"),
    ),
)
QUOTIENT = Step(
    lambda at: at.above / at.below,
    "|a - n| / max(|a|, |n|, floor)",
    (
        Turn("ratio_inverted", lambda at: at.below / at.above, "max(|a|, |n|, floor) / |a - n|"),
        Turn("relative_per_entry", lambda at: _per_entry(at).max(), "the largest relative error of an entry"),
        Turn(
            "relative_per_entry", lambda at: _per_entry(at).mean(), "the mean relative error of the entries"
        ),
    ),
)


def _per_entry(at: Any) -> Any:
    return np.abs(at.a - at.n) / np.maximum(np.maximum(np.abs(at.a), np.abs(at.n)), at.floor)


def _relative_error(take: Any, a: Any, n: Any, floor: Any) -> Any:
    def size(v: Any) -> Any:
        return take("size", v=v)

    below = take("below", of_a=size(a), of_n=size(n), floor=floor)
    return take("quotient", above=take("distance", a=a, n=n, size=size), below=below, a=a, n=n, floor=floor)


RELATIVE_ERROR = Derivation(
    {"below": BELOW, "distance": DISTANCE, "quotient": QUOTIENT, "size": SIZE}, _relative_error
)

# is_kink


def _slopes(f: Any, x: Any, h: Any) -> tuple[float, float]:
    return (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h


def _signs_differ(f: Any, x: Any, h: Any) -> bool:
    left, right = _slopes(f, x, h)
    return bool(left * right < 0)


def _slope_is_zero(f: Any, x: Any, h: Any) -> bool:
    return bool(abs(f(x + h) - f(x - h)) / (2 * h) < 0.1)


def _value_jumps(f: Any, x: Any, h: Any) -> bool:
    return bool(abs(f(x + h) - f(x - h)) > 1e-3)


def _curves(f: Any, x: Any, h: Any) -> bool:
    left, right = _slopes(f, x, h)
    return bool(abs(right - left) / h > 2)


def _slopes_unequal(f: Any, x: Any, h: Any) -> bool:
    left, right = _slopes(f, x, h)
    return bool(left != right)


def _slope_reversed(limit: float) -> Callable[[Any, Any, Any], bool]:
    """Return the rule that gets the left slope with the wrong sign, so that the slopes are added."""

    def rule(f: Any, x: Any, h: Any) -> bool:
        left, right = _slopes(f, x, h)
        return bool(abs(right + left) > limit)

    return rule


KINK_TURNS = (
    WrongTurn("kink_where_signs_differ", _signs_differ, "slope on the left times slope on the right < 0"),
    WrongTurn("kink_where_flat", _slope_is_zero, "the slope at x is nearly 0"),
    WrongTurn("kink_by_value", _value_jumps, "f(x + h) and f(x - h) differ"),
    WrongTurn("kink_by_curvature", _curves, "(slope on the right - slope on the left) / h is large"),
    WrongTurn("kink_nowhere", lambda f, x, h: False, "never"),
    WrongTurn("kink_where_unequal", _slopes_unequal, "slope on the left != slope on the right"),
    # A few limits between 0.001 and 0.5: where the curve is nearly flat, the answer depends on it.
    *(
        WrongTurn(
            "sign",
            _slope_reversed(limit),
            "|slope on the right + slope on the left| is large",
            says="with the sign of one of the two slopes turned round",
            asks="a straight line of slope 1: what are your two slopes?",
        )
        for limit in (0.1, 0.2, 0.5)
    ),
)

# best_step

WORDS = ("too small", "within a factor 30", "too large")
NEAR = 30
STEPS = 10 ** np.arange(-12.0, 0.0, 0.05)
# Steps over which the ragged left branch of the error curve is smoothed: half a decade.
WINDOW = 11


def smoothed_best(f: Any, df: Any, x: float) -> float:
    """Return the step at the minimum of the smoothed error curve of central differences."""
    with np.errstate(all="ignore"):
        error = np.abs((f(x + STEPS) - f(x - STEPS)) / (2 * STEPS) - df(x))
    height = np.log10(np.maximum(np.where(np.isfinite(error), error, np.inf), 1e-300))
    smooth = np.convolve(height, np.ones(WINDOW) / WINDOW, mode="valid")
    return float(STEPS[WINDOW // 2 + int(np.argmin(smooth))])


def step_word(h: Any, f: Any, df: Any, x: float) -> str:
    """Say how a step compares with the best one.

    Raises
    ------
    ValueError
        If it is no step at all: not above 0, or the position of a step in a list.
    """
    if np.asarray(h).dtype.kind in "iu":
        raise ValueError(
            f"{h!s:.40}, a whole number, but a step is due: is it a position in a list of steps?"
        )
    number = np.size(h) == 1 and np.isrealobj(h) and not isinstance(h, str)
    step = abs(float(np.reshape(h, ()))) if number else np.nan
    if not 0 < step < np.inf:
        raise ValueError(f"{h!r:.40}, but a step above 0 is due")
    ratio = step / smoothed_best(f, df, x)
    return WORDS[0] if ratio < 1 / NEAR else WORDS[2] if ratio > NEAR else WORDS[1]


STEP_TURNS = (
    WrongTurn(
        "step_scales_with_x",
        lambda f, df, x: float(np.finfo(float).eps ** (1 / 3) * abs(x)),
        "h = 6e-6 |x|, whatever f is",
    ),
)
