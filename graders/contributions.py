"""Which examples of a batch count in an answer that should be a sum over all of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import tensors
from graders.exercise import Exercise
from graders.matching import Tensors

__all__ = ["counts", "shares", "weights_in_words"]

# Arguments that belong to the network; all other arrays hold one row, or one number, per example.
_OF_THE_NET = {"params", "Ws", "bs", "W", "b", "W_next", "p", "w"}


def shares(exercise: Exercise, args: tuple[Any, ...]) -> list[Tensors]:
    """Return the truth of each example alone; empty where the arguments are no batch."""
    n = _examples(exercise, args)
    if n < 2:
        return []
    try:
        return [tensors(exercise, exercise.truth(*_only(exercise, args, i))) for i in range(n)]
    except (ValueError, LookupError, ArithmeticError):
        return []


def counts(
    each: Sequence[NDArray[Any]], given: NDArray[Any], true: NDArray[Any], tolerance: float
) -> NDArray[np.float64] | None:
    """Return how often each example counts in a tensor: once each where it is right.

    Parameters
    ----------
    each : sequence of ndarray
        The truth of every example alone.
    given, true : ndarray
        The tensor, and the right one.
    tolerance : float
        Relative to the norm of the tensor.

    Returns
    -------
    ndarray of shape (n,), or None
        None where the tensor is no sum, and no mean, over examples, or says too little.

    Examples
    --------
    >>> each = [np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 1.0])]
    >>> counts(each, np.array([2.0, 1.0, 1.0]), np.ones(3), 1e-7).round(3)
    array([2., 1.])
    """
    n = len(each)
    if not 2 <= n < true.size or any(share.shape != true.shape for share in each):
        return None
    table = np.array(each, float).reshape(n, -1).T
    usual = next((w for w in (1.0, 1 / n) if _near(table.sum(axis=1) * w, true.ravel(), tolerance)), None)
    if usual is None or np.linalg.matrix_rank(table) < n:
        return None
    weights = np.linalg.lstsq(table * usual, given.ravel())[0]
    return np.asarray(weights) if _near(table @ weights * usual, given.ravel(), tolerance) else None


def weights_in_words(weights: NDArray[np.float64]) -> str | None:
    """Say which examples count; None where each counts once, or where the weights tell nothing.

    Examples
    --------
    >>> weights_in_words(np.array([0.0, 0.0, 1.0])), weights_in_words(np.array([1.0, 1.0, 2.0]))
    ('only the last example counts', 'the last example counts twice')
    """
    rounded = np.round(weights * 2) / 2
    if np.abs(weights - rounded).max() > 1e-5 or (rounded == 1).all():
        return None
    odd = np.flatnonzero(rounded != 1)
    kept = np.flatnonzero(rounded)
    if len(kept) == 1 and len(weights) > 2:
        return f"only the {_place(int(kept[0]), len(weights))} example counts"
    if len(odd) == 1:
        how = {
            0.0: "is left out",
            2.0: "counts twice",
            0.5: "counts half",
            -1.0: "counts with the wrong sign",
        }
        said = how.get(float(rounded[odd[0]]))
        return said and f"the {_place(int(odd[0]), len(weights))} example {said}"
    return None


def _place(index: int, n: int) -> str:
    return {0: "first", 1: "second", 2: "third", n - 1: "last"}.get(index, f"{index + 1}th")


def _examples(exercise: Exercise, args: tuple[Any, ...]) -> int:
    """Return the number of examples, if all arguments that hold examples hold as many."""
    found = {len(array) for name, value in _named(exercise, args) for array in _rows(name, value)}
    return found.pop() if len(found) == 1 else 0


def _only(exercise: Exercise, args: tuple[Any, ...], i: int) -> tuple[Any, ...]:
    return tuple(_cut(name, value, i) for name, value in _named(exercise, args))


def _named(exercise: Exercise, args: tuple[Any, ...]) -> list[tuple[str, Any]]:
    names = exercise.signature.partition("(")[2].partition(")")[0].split(", ")
    return list(zip(names, args, strict=True))


def _rows(name: str, value: Any) -> list[NDArray[Any]]:
    if name in _OF_THE_NET:
        return []
    values = value if isinstance(value, list) else [value]
    return [array for array in values if isinstance(array, np.ndarray) and array.ndim]


def _cut(name: str, value: Any, i: int) -> Any:
    if not _rows(name, value):
        return value
    return [array[i : i + 1] for array in value] if isinstance(value, list) else value[i : i + 1]


def _near(one: NDArray[Any], other: NDArray[Any], tolerance: float) -> bool:
    return float(np.linalg.norm(one - other)) <= tolerance * float(np.linalg.norm(other))
