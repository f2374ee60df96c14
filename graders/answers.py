"""Read what a student's function returned: which tensors are there, and what cannot be read and why."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.exercise import Exercise

__all__ = ["Answer", "BadFormat", "looks_like_float32", "read_answer", "tensors"]

Tensor = NDArray[Any]
# A tensor, or the reason why it cannot be read.
Answer = tuple["Tensor | str", ...]


class BadFormat(Exception):
    """The whole answer has a form that cannot be judged."""


def read_answer(exercise: Exercise, value: Any) -> Answer:
    """Split a returned value into the exercise's parts.

    A list where a tuple is due, nested lists where an array is due, NumPy scalars and 0-d arrays where
    a number is due are all accepted.

    Parameters
    ----------
    exercise : Exercise
        Says which form and which parts are due.
    value : object
        What the student's function returned.

    Returns
    -------
    tuple
        One array per part; a text in place of a part that cannot be read.

    Raises
    ------
    BadFormat
        If no part can be read; the text follows "your function returned".
    """
    if exercise.form == "word":
        return (_read_word(exercise, value),)
    if exercise.form == "tuple":
        parts = tuple(_read_tensor(part) for part in _split(exercise, value))
    else:
        parts = (_read_tensor(value),)
    if all(isinstance(part, str) for part in parts):
        raise BadFormat(str(parts[0]))
    return parts


def tensors(values: Any, form: str) -> tuple[Tensor, ...]:
    """Return the parts of an answer of our own, which needs no checks."""
    return tuple(np.asarray(part) for part in (values if form == "tuple" else (values,)))


def looks_like_float32(answer: Answer) -> bool:
    """Tell whether every number in the answer fits into float32 without loss.

    Examples
    --------
    >>> looks_like_float32((np.float64(np.float32(0.1)),)), looks_like_float32((np.float64(0.1),))
    (True, False)
    """
    return all(
        not isinstance(part, str)
        and part.dtype.kind == "f"
        and bool(np.all(part == part.astype(np.float32).astype(part.dtype)))
        for part in answer
    )


def _read_word(exercise: Exercise, value: Any) -> Tensor:
    if not isinstance(value, str):
        raise BadFormat(f"{_kind(value)}, but one of the words {', '.join(map(repr, exercise.words))} is due")
    return np.asarray(value)


def _split(exercise: Exercise, value: Any) -> tuple[Any, ...]:
    due = f"({', '.join(exercise.parts)})"
    many = len(exercise.parts)
    if isinstance(value, np.ndarray) and value.ndim >= 1 and value.dtype.kind in "fiu":
        value = list(value)
    if not isinstance(value, (tuple, list)):
        raise BadFormat(f"{_kind(value)}, but a tuple {due} is due")
    if len(value) != many:
        raise BadFormat(f"{len(value)} value{'s' * (len(value) != 1)}, but a tuple {due} is due")
    return tuple(value)


def _read_tensor(value: Any) -> Tensor | str:
    if value is None or isinstance(value, (str, dict, bool, set)):
        return f"{_kind(value)}, but a number or an array is due"
    try:
        array = np.asarray(value)
    except ValueError:
        return "a nested list whose rows have different lengths"
    kind = array.dtype.kind
    if kind == "c":
        return "complex numbers, but real ones are due"
    if array.dtype == np.float16:
        return "float16 numbers, which are too coarse to be judged; float64 is due"
    if kind not in "fiu":
        return f"{_kind(value)}, but a number or an array of numbers is due"
    return array if kind == "f" else array.astype(float)


def _kind(value: Any) -> str:
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
