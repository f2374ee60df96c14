"""By what factor an answer is off: one number, or one that follows the sizes of the arguments."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.exercise import Exercise, Probe

__all__ = ["ENOUGH", "factor_in_words", "lengths", "scale"]

# So near to 1 a factor is what rounding leaves.
ROUNDING = 1e-12
# Fewer factors than this may agree by chance.
ENOUGH = 3
_WORDS = {
    -1.0: "of the right size, with the wrong sign",
    2.0: "twice what is right",
    0.5: "half of what is right",
    0.0: "0",
}
# What a length may have to do with a factor, and how that is said.
_RULES: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("what is right times {0}", lambda n: n),
    ("what is right divided by {0}", lambda n: 1 / n),
    ("what is right divided by the square of {0}", lambda n: n**-2),
    ("what is right with {0} less 1 in place of {0}", lambda n: n / (n - 1)),
    ("twice what is right divided by {0}", lambda n: 2 / n),
    ("what is right times {0}, with the wrong sign", lambda n: -n),
    ("what is right divided by {0}, with the wrong sign", lambda n: -1 / n),
)


def scale(given: NDArray[Any], true: NDArray[Any], tolerance: float) -> float | None:
    """Return the one factor between two tensors of a shape; None where there is none.

    Examples
    --------
    >>> scale(np.array([2.0, 4.0]), np.array([1.0, 2.0]), 1e-7), scale(np.ones(2), np.arange(2.0), 1e-7)
    (2.0, None)
    """
    size = float(np.vdot(true, true))
    if size == 0:
        return None
    factor = float(np.vdot(true, given)) / size
    apart = float(np.linalg.norm(given - factor * true))
    return factor if apart <= tolerance * max(float(np.linalg.norm(given)), size**0.5) else None


def factor_in_words(
    factors: Sequence[float], sizes: Sequence[Mapping[str, int]], tolerance: float
) -> str | None:
    """Say what the factors of several tensors have in common, to follow "they are"; None where nothing.

    Parameters
    ----------
    factors : sequence of float
        One per tensor.
    sizes : sequence of mapping
        The lengths of the arguments that led to each, by name.
    tolerance : float
        How far factors may differ that are meant to be equal.

    Examples
    --------
    >>> factor_in_words([0.2, 0.5, 0.25], [{"the rows of X": n} for n in (5, 2, 4)], 1e-7)
    'what is right divided by the rows of X'
    """
    if len(factors) < ENOUGH:
        return None
    if np.ptp(factors) <= tolerance * max(1.0, abs(factors[0])):
        if abs(factors[0] - 1) < ROUNDING:
            return None  # the numbers are right; something else is not
        known = (text for value, text in _WORDS.items() if abs(factors[0] - value) <= tolerance)
        return next(known, _times(factors[0]))
    for name in sizes[0]:
        lengths = [float(of.get(name, np.nan)) for of in sizes]
        for text, rule in _RULES:
            if _follow(factors, lengths, rule, tolerance):
                return text.format(name)
    return None


def _times(factor: float) -> str:
    """Say a factor; one that is 1 as far as one would read it says nothing, but its distance from 1 does."""
    if f"{factor:.4g}" != "1":
        return f"{factor:.4g} times what is right"
    return (
        f"{'larger' if factor > 1 else 'smaller'} than what is right by one part in {1 / abs(factor - 1):.0f}"
    )


def _follow(
    factors: Sequence[float], lengths: Sequence[float], rule: Callable[[float], float], tolerance: float
) -> bool:
    told = [(f, n) for f, n in zip(factors, lengths, strict=True) if n != 1]  # 1/(n - 1) of one is nothing
    return len(told) >= ENOUGH and all(abs(f - rule(n)) <= tolerance * abs(rule(n)) for f, n in told)


def lengths(exercise: Exercise, probe: Probe) -> dict[str, int]:
    """Return how long each array among the arguments is in each direction, in the lesson's names.

    Examples
    --------
    >>> from graders.exercises import find
    >>> linear = find("linear_backward")
    >>> lengths(linear, linear.probes(np.random.default_rng(0))[0])["the number of columns of W"]
    7
    """
    names = exercise.signature.partition("(")[2].partition(")")[0].split(", ")
    return {
        f"the number of {side} of {name}": length
        for argument, value in zip(names, probe.args, strict=False)
        for name, array in _arrays(argument.partition("=")[0], value)
        for side, length in zip(
            ("rows", "columns") if array.ndim > 1 else ("entries",), array.shape, strict=False
        )
    }


def _arrays(name: str, value: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield an array, or the first and the last of a list of them."""
    if isinstance(value, np.ndarray) and value.ndim:
        yield name, value
    elif isinstance(value, list | tuple) and value:
        yield from _arrays(f"{name}[0]", value[0])
        yield from _arrays(f"{name}[-1]", value[-1])
