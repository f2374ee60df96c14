"""Read what a student's function returned: which tensors are there, and what cannot be read and why."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.exercise import Exercise, Form

__all__ = [
    "ABSENT",
    "Answer",
    "BadFormat",
    "looks_like_float32",
    "looks_rounded",
    "measured",
    "read_answer",
    "tensors",
]

Tensor = NDArray[Any]
# A tensor, or the reason why it cannot be read.
Answer = tuple["Tensor | str", ...]
# Stands for a layer that a shallower network does not have, in the truth as in the answer; in a wrong
# turn's answer also for a part of which it says nothing.
ABSENT = np.empty(0)


class BadFormat(Exception):
    """The whole answer has a form that cannot be judged."""


def read_answer(exercise: Exercise, value: Any, like: Sequence[Tensor] | None = None) -> Answer:
    """Split a returned value into the exercise's parts.

    A list where a tuple is due, nested lists where an array is due, NumPy scalars and 0-d arrays where
    a number is due are all accepted.

    Parameters
    ----------
    exercise : Exercise
        Says which form and which parts are due.
    value : object
        What the student's function returned.
    like : sequence of ndarray, optional
        The parts of the truth: how long a list is due here.

    Returns
    -------
    tuple
        One array per part; a text in place of a part that cannot be read.

    Raises
    ------
    BadFormat
        If no part can be read; the text follows "your function returned".
    """
    try:
        parts = tuple(_read(exercise.form, exercise.parts, value, exercise, like))
    except BadFormat:
        if _in_the_other_order(exercise, value, like):
            raise BadFormat(f"its two values in the other order; {_due(exercise)} is due") from None
        raise
    if all(isinstance(part, str) for part in parts):
        raise BadFormat(str(parts[0]))
    return parts


def _in_the_other_order(exercise: Exercise, value: Any, like: Sequence[Tensor] | None) -> bool:
    """Tell whether a pair, of which one at least is no plain array, can be read the other way round."""
    items = _items(value)
    if len(exercise.inside) != 2 or items is None or len(items) != 2:
        return False
    try:
        parts = _read(exercise.form, exercise.parts, items[::-1], exercise, like)
    except BadFormat:
        return False
    return not any(isinstance(part, str) for part in parts)


def measured(measure: Callable[..., Any], *given: Any) -> Any:
    """Return what a measure finds in a student's answer.

    Raises
    ------
    BadFormat
        If it finds nothing to measure, whatever the answer is.

    Examples
    --------
    >>> measured(lambda pair: pair[1], None)
    Traceback (most recent call last):
    graders.answers.BadFormat: None (is a return missing?), but another form is due
    """
    try:
        with np.errstate(all="ignore"):
            return measure(*given)
    except ValueError as problem:
        raise BadFormat(str(problem)) from problem
    except (TypeError, LookupError, ArithmeticError, AttributeError) as problem:
        raise BadFormat(f"{_kind(given[0])}, but another form is due") from problem


def _present(parts: Sequence["Tensor | str"]) -> int:
    return sum(part is not ABSENT for part in parts)


def tensors(exercise: Exercise, values: Any) -> tuple[Tensor, ...]:
    """Return the parts of an answer of our own; ValueError where it has not the form that is due."""
    try:
        parts = _read(exercise.form, exercise.parts, values, exercise, None)
    except BadFormat as problem:
        raise ValueError(f"{exercise.name}: {problem}") from problem
    unreadable = [part for part in parts if isinstance(part, str)]
    if unreadable:
        raise ValueError(f"{exercise.name}: {unreadable[0]}")
    return tuple(part for part in parts if not isinstance(part, str))


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


def _read(
    form: Form, names: Sequence[str], value: Any, exercise: Exercise, like: Sequence[Tensor] | None
) -> list["Tensor | str"]:
    """Read one container and what is in it: a tensor, or the reason why not, for every name."""
    if form == "word":
        return [_read_word(exercise, value)]
    if form == "flag":
        return [_read_flag(value)]
    if form == "value":
        return [_read_tensor(value)]
    if form == "dict":
        return _read_dict(names, value)
    if form == "tuple":
        return _read_tuple(names, value, exercise, like)
    return _read_list(names, value, 2 if form == "pairs" else 1, like)


def looks_rounded(answer: Answer) -> bool:
    """Tell whether every number in the answer was rounded to at most eight decimals.

    Examples
    --------
    >>> looks_rounded((np.array([0.25, -1.3333]),)), looks_rounded((np.array(1 / 3),))
    (True, False)
    """
    return all(not isinstance(part, str) and bool(np.all(part == np.round(part, 8))) for part in answer)


def _read_word(exercise: Exercise, value: Any) -> Tensor:
    if not isinstance(value, str):
        raise BadFormat(f"{_kind(value)}, but one of the words {', '.join(map(repr, exercise.words))} is due")
    known = {word.casefold(): word for word in exercise.words}
    return np.asarray(known.get(value.strip().casefold(), value))


def _read_flag(value: Any) -> Tensor:
    zero_d = isinstance(value, np.ndarray) and value.shape == () and value.dtype.kind == "b"
    if not zero_d and not isinstance(value, (bool, np.bool_)):
        raise BadFormat(f"{_kind(value)}, but True or False is due")
    return np.asarray(str(bool(value)))


def _read_tuple(
    names: Sequence[str], value: Any, exercise: Exercise, like: Sequence[Tensor] | None
) -> list["Tensor | str"]:
    inside = exercise.inside or tuple(("value", 1) for _ in names)
    items, due = _items(value), f"a tuple {_due(exercise)} is due"
    if items is None:
        raise BadFormat(f"{_kind(value)}, but {due}")
    if len(items) != len(inside):
        raise BadFormat(f"{len(items)} value{'s' * (len(items) != 1)}, but {due}")
    parts, start = [], 0
    for (form, count), item in zip(inside, items, strict=True):
        span = slice(start, start + count)
        parts += _read(form, names[span], item, exercise, None if like is None else like[span])
        start += count
    return parts


def _read_dict(names: Sequence[str], value: Any) -> list["Tensor | str"]:
    due = f"a dict with the keys {', '.join(names)} is due"
    if not isinstance(value, dict):
        raise BadFormat(f"{_kind(value)}, but {due}")
    unknown = [str(key) for key in value if key not in names]
    if unknown:
        raise BadFormat(f"a dict with the key{'s' * (len(unknown) > 1)} {', '.join(unknown)}, but {due}")
    return [_read_tensor(value[name]) if name in value else f"no {name}, but {due}" for name in names]


def _read_list(
    names: Sequence[str], value: Any, per_item: int, like: Sequence[Tensor] | None
) -> list["Tensor | str"]:
    single = like is not None and all(part is ABSENT or not part.ndim for part in like)
    what = "pairs of arrays" if per_item == 2 else "numbers" if single else "arrays"
    items = _items(value)
    if items is None:
        raise BadFormat(f"{_kind(value)}, but a list of {what} is due")
    if like is None and len(items) * per_item > len(names):
        raise BadFormat(f"a list of {len(items)}, but a list of {len(names) // per_item} {what} is due")
    parts: list[Tensor | str] = []
    for item in items:
        parts += [_read_tensor(item)] if per_item == 1 else _read_pair(item)
    if like is not None and len(parts) != _present(like):
        told = _miscounted(names, parts, like, what, per_item)
        raise BadFormat(f"{told}: it is one array, not a list" if isinstance(value, np.ndarray) else told)
    return parts + [ABSENT] * (len(names) - len(parts))


def _miscounted(
    names: Sequence[str], parts: Sequence["Tensor | str"], like: Sequence[Tensor], what: str, per_item: int
) -> str:
    """Say how many entries a list has and must have, and which one is left out where the others are right."""
    given, due = len(parts) // per_item, _present(like) // per_item
    whose = names[0].partition("[")[0]
    if whose == names[0]:
        return f"a list of {given}, but {due} {what} are due"
    lost = next((i for i in range(due) if _equal(parts, [*like[:i], *like[i + 1 : due]])), None)
    told = "" if lost is None else f": {names[lost]} is missing"
    return f"{whose} with {given} {'entry' if given == 1 else 'entries'}, but {due} are due{told}"


def _equal(parts: Sequence["Tensor | str"], others: Sequence[Tensor]) -> bool:
    return len(parts) == len(others) and all(
        not isinstance(part, str) and part.shape == other.shape and np.allclose(part, other)
        for part, other in zip(parts, others, strict=True)
    )


def _read_pair(item: Any) -> list["Tensor | str"]:
    two = _items(item)
    if item is not None and (two is None or len(two) != 2):
        raise BadFormat(f"a list that holds {_kind(item)}, but a list of pairs of arrays is due")
    return [_read_tensor(one) for one in two or (None, None)]


def _items(value: Any) -> tuple[Any, ...] | None:
    """Return what a list or tuple holds; an array of numbers serves for a list of them."""
    if isinstance(value, (tuple, list)):
        return tuple(value)
    is_row = isinstance(value, np.ndarray) and value.ndim >= 1 and value.dtype.kind in "fiu"
    return tuple(value) if is_row else None


def _due(exercise: Exercise) -> str:
    """Say what tuple is due, as the signature says it, and what its dict holds."""
    _, _, returned = exercise.signature.partition("-> ")
    if not exercise.inside or not returned.startswith("("):
        return f"({', '.join(exercise.parts)})"
    start, dicts = 0, []
    for name, (form, count) in zip(returned.strip("()").split(", "), exercise.inside, strict=False):
        keys = exercise.parts[start : start + count]
        dicts += [f", {name} a dict with the keys {', '.join(keys)},"] if form == "dict" else []
        start += count
    return f"{returned}{''.join(dicts)}"


def _read_tensor(value: Any) -> Tensor | str:
    if type(value) is np.ndarray and value.dtype == np.float64:
        return value
    if value is None or isinstance(value, (str, dict, bool, set)):
        return f"{_kind(value)}, but a number or an array is due"
    try:
        array = np.asarray(value)
    except ValueError:
        return "a nested list whose rows have different lengths"
    kind = array.dtype.kind
    if kind == "c":
        return "complex numbers, but real ones are due: which of the two parts holds what is asked for?"
    if array.dtype == np.float16:
        return "float16 numbers, which are too coarse to be judged; float64 is due"
    if kind == "O" and isinstance(value, (list, tuple, np.ndarray)):
        return "an array of objects, not of numbers: is there a None, a text or a list inside?"
    if kind not in "fiu":
        return f"{_kind(value)}, but a number or an array of numbers is due"
    return array if kind == "f" else array.astype(float)


def _kind(value: Any) -> str:
    if value is None:
        return "None (is a return missing?)"
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype}"
    if callable(value):
        return "a function (is it still to be called?)"
    name = type(value).__name__
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
