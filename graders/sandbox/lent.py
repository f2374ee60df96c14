"""Arguments that are no plain data: functions, generators of random numbers, views into larger arrays.

They travel as what makes them, and are made again beside the student's code, so that a notebook's check
and the grader hand out the same things. Both callers use this file, the grading child loads it by path:
it imports nothing of ``graders``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["FUNCTIONS", "TAG", "given", "is_lent", "plain_generator", "plain_view"]

Function = Callable[[Any], Any]
# A dict with this one key stands for something that is lent.
TAG = "lent"

# By name: numbers -> a function of one number, or of an array.
FUNCTIONS: dict[str, Callable[..., Function]] = {
    "exp": lambda: np.exp,
    "sine": lambda rate, height=1.0: lambda x: height * np.sin(rate * x),
    "cosine": lambda rate, height: lambda x: height * np.cos(rate * x),
    "sine on a hill": lambda hill: lambda x: hill + np.sin(x),
    "cosine in a valley": lambda: lambda x: np.cos(2 * x) - 3,
    "x exp(-x)": lambda height: lambda x: height * x * np.exp(-x),
    "(1 - x) exp(-x)": lambda height: lambda x: height * (1 - x) * np.exp(-x),
    "log": lambda shift: lambda x: np.log(x + shift),
    "one over": lambda shift: lambda x: 1 / (x + shift),
    "decay": lambda length, height: lambda x: height * np.exp(-x / length),
    "arctan": lambda rate: lambda x: np.arctan(rate * x),
    "bell": lambda rate: lambda x: rate / (1 + (rate * x) ** 2),
    "bowl": lambda c: lambda x: 4 * (x - c) ** 2,
    "bend": lambda c: lambda x: np.log1p(np.exp(40 * (x - c))) / 40,
    "corner": lambda c, left, right: lambda x: np.where(x < c, left, right) * (x - c) + 1.3,
    "wavy": lambda A, B: (
        lambda v: float(np.sum(np.sin(A * v)) + np.exp(0.3 * np.sum(B * v)) + np.sum(A * v**3))
    ),
}


def plain_generator(rng: np.random.Generator) -> dict[str, Any]:
    """Return what makes a generator in the same state, as plain data."""
    return {TAG: ["generator", rng.bit_generator.state]}


def plain_view(array: Any) -> dict[str, Any]:
    """Return what makes a view of the same numbers that are not neighbours in memory."""
    return {TAG: ["view", np.ascontiguousarray(array)]}


def is_lent(value: Any) -> bool:
    """Tell whether a plain value stands for something that is lent."""
    return type(value) is dict and len(value) == 1 and TAG in value


def given(value: Any, count: Callable[[], None] = lambda: None) -> Any:
    """Return what a plain value stands for; anything that is not lent stands for itself.

    Parameters
    ----------
    value : object
        An argument as it travelled.
    count : callable
        Called each time a lent function is.

    Examples
    --------
    >>> float(given({"lent": ["function", "sine", 3.0]})(0.0))
    0.0
    >>> given(2.0)
    2.0
    """
    if not is_lent(value):
        return value
    kind, *rest = value[TAG]
    if kind == "function":
        return _counting(FUNCTIONS[rest[0]](*rest[1:]), count)
    if kind == "generator":
        rng = np.random.default_rng()
        rng.bit_generator.state = rest[0]
        return rng
    return _spread(rest[0])


def _counting(function: Function, count: Callable[[], None]) -> Function:
    def counted(x: Any) -> Any:
        count()
        return function(x)

    return counted


def _spread(array: Any) -> Any:
    """Return a view of every second entry of a larger array, along every axis."""
    larger = np.zeros(tuple(2 * size for size in array.shape), array.dtype)
    view = larger[tuple(slice(None, None, 2) for _ in array.shape)]
    view[...] = array
    return view
