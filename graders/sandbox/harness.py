"""Call a student's function on many arguments and tell what each call came to.

Both callers use this file: the student's kernel imports it, the grading child loads it by path. So it
imports nothing of ``graders``, and everything that it returns is plain data. What turns a lent argument
into the thing itself is handed in, because the child loads that by path, too.
"""

import copy
import linecache
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np

from backproplab.activations import ACTIVATIONS, Activation

__all__ = ["call_batch", "no_function", "place_in", "same", "short", "unparsed"]

MAX_ERROR_TEXT = 200
MAX_LINE = 80
_UNCHANGING = (float, int, bool, str, type(None), np.float64, Activation)
# So many items of an iterator are looked at: more than any honest one has here.
MAX_ITEMS = 10_000

Giver = Callable[[Any, Callable[[], None]], Any]


def _as_it_is(value: Any, count: Callable[[], None]) -> Any:
    return value


def call_batch(
    function: Callable[..., Any],
    batch: Sequence[tuple[Any, ...]],
    answer: str = "",
    given: Giver = _as_it_is,
) -> list[dict[str, Any]]:
    """Call ``function`` once per argument tuple.

    Parameters
    ----------
    function : callable
        The student's function.
    batch : sequence of tuple
        One tuple of arguments per call. The originals are never handed out.
    answer : {"", "items", "counted"}
        What is told of the answer: itself; the list of what an iterator yields; the answer, if it is a
        tuple, with the number of calls of lent functions as one more item.
    given : callable
        Turns an argument as it travelled, and a counter, into what is handed out.

    Returns
    -------
    list of dict
        The fields of ``graders.exercise.Outcome``, one dict per call.

    Examples
    --------
    >>> call_batch(lambda x: 1 / x, [(4.0,), (0.0,)])[1]["error"]
    'ZeroDivisionError: float division by zero'
    """
    with _counted_activations() as counter:
        return [_call(function, args, counter, answer, given) for args in batch]


def _call(
    function: Callable[..., Any], args: tuple[Any, ...], counter: dict[str, int], answer: str, given: Giver
) -> dict[str, Any]:
    lent_calls = 0

    def count() -> None:
        nonlocal lent_calls
        lent_calls += 1

    handed = tuple(given(value, count) for value in _copied(args))
    counter.update(f=0, deriv=0)
    # A student's own np.seterr(all="raise") elsewhere must not make a right formula fail here.
    with np.errstate(all="ignore"):
        try:
            value = function(*handed)
            if answer == "items" and isinstance(value, Iterator):
                value = list(islice(value, MAX_ITEMS + 1))
        except (Exception, SystemExit) as error:  # whatever a student's code raises is an outcome
            return {**_raised(error, function), "calls": counter.copy()}
    calls = counter.copy()
    if answer == "items" and isinstance(value, list) and len(value) > MAX_ITEMS:
        return {"kind": "unsendable", "error": f"more than {MAX_ITEMS} items", "calls": calls}
    if answer == "counted" and type(value) in (tuple, list):
        value = (*value, lent_calls)
    changed = [i for i in range(len(args)) if _changed(args[i], handed[i], given)]
    try:
        # Copied, because the student's code may hold on to what it returned and change it later.
        kept = _copied(value)
    except Exception:  # a generator, a lock, an object that refuses: the answer is not plain data
        return {"kind": "unsendable", "error": f"a {type(value).__name__}", "calls": calls}
    return {"kind": "returned", "value": kept, "changed": changed, "calls": calls}


def _changed(before: Any, after: Any, given: Giver) -> bool:
    """Tell whether an argument was changed; functions cannot be, and generators are there to be."""
    if callable(after) or isinstance(after, np.random.Generator):
        return False
    return not same(given(before, lambda: None), after)


def _copied(value: Any) -> Any:
    """Copy plain data; deepcopy would do, at three times the cost of most functions that are called here."""
    kind = type(value)
    if kind is np.ndarray and not value.dtype.hasobject:
        return value.copy("K")
    if kind is tuple:
        return tuple(map(_copied, value))
    return value if kind in _UNCHANGING else copy.deepcopy(value)


def no_function(value: Any) -> str:
    """Say what stands where a function is due, to follow "your function returned".

    Examples
    --------
    >>> no_function(3.0), no_function(dict)
    ('nothing: it is a float, not a function', 'nothing: it is a class, not a function')
    """
    kind = "class" if isinstance(value, type) else type(value).__name__
    return f"nothing: it is a {kind}, not a function"


def short(error: BaseException) -> str:
    """Return the exception's name and text, cut to a length that a message can carry."""
    try:
        text = str(error)
    except Exception:  # an exception class of the student's own may fail to print
        text = "(its text cannot be read)"
    name = type(error).__name__
    return (f"{name}: {text}" if text else name)[:MAX_ERROR_TEXT]


def _raised(error: BaseException, function: Callable[..., Any]) -> dict[str, Any]:
    """Say what was raised, and where; a stub was not started, but a function that calls a stub was."""
    own, innermost = _own_frames(error, getattr(function, "__globals__", None))
    text = short(error)
    if isinstance(error, NotImplementedError) and (not own or own[-1] is innermost):
        stub = own.pop().tb_frame.f_code.co_name if own else ""
        if stub in ("", getattr(function, "__name__", "")):
            return {"kind": "not_started"}
        text = (
            f"NotImplementedError: it uses {stub}, which is not written yet: is that the one to begin with?"
        )
    return {"kind": "raised", "error": text[:MAX_ERROR_TEXT], "place": _place(own[-1]) if own else ""}


def place_in(error: BaseException, namespace: dict[str, Any]) -> str:
    """Say in which line of a namespace's own code an exception arose; empty if that cannot be told."""
    own, _ = _own_frames(error, namespace)
    return _place(own[-1]) if own else ""


def _own_frames(
    error: BaseException, mine: dict[str, Any] | None
) -> tuple[list[types.TracebackType], types.TracebackType | None]:
    """Return the steps to an exception that lie in the student's own code, and the last of all."""
    trace = error.__traceback__
    own, last = [], None
    while trace is not None:
        if trace.tb_frame.f_globals is mine:
            own.append(trace)
        last, trace = trace, trace.tb_next
    return own, last


def _place(trace: types.TracebackType) -> str:
    """Name a line of the student's own code; empty if its text cannot be told."""
    code = trace.tb_frame.f_code
    line = linecache.getline(code.co_filename, trace.tb_lineno)
    if code.co_name == "<module>":
        return _line(trace.tb_lineno, "its cell", line)
    return _line(trace.tb_lineno - code.co_firstlineno + 1, code.co_name, line)


def _line(number: int, of: str, text: str) -> str:
    line = text.strip()[:MAX_LINE]
    return f"line {number} of {of}: {line}" if line else ""


def unparsed(error: SyntaxError) -> dict[str, Any]:
    r"""Say what Python could not read, and in which line of its cell.

    Examples
    --------
    >>> try:
    ...     code = compile("a = 1\nb = (2", "<cell>", "exec")
    ... except SyntaxError as error:
    ...     unparsed(error)["place"]
    'line 2 of its cell: b = (2'
    """
    text = f"{type(error).__name__}: {error.msg}"[:MAX_ERROR_TEXT]
    return {
        "kind": "unparsed",
        "error": text,
        "place": _line(error.lineno or 0, "its cell", error.text or ""),
    }


def same(before: Any, after: Any) -> bool:
    """Tell whether an argument is what it was, to the bit.

    Examples
    --------
    >>> same(np.array([1.0, np.nan]), np.array([1.0, np.nan])), same([1.0], [2.0])
    (True, False)
    """
    if isinstance(before, np.ndarray):
        return (
            isinstance(after, np.ndarray)
            and (before.shape, before.dtype) == (after.shape, after.dtype)
            and before.tobytes() == after.tobytes()
        )
    if isinstance(before, (list, tuple)):
        return (
            type(before) is type(after)
            and len(before) == len(after)
            and all(same(b, a) for b, a in zip(before, after, strict=True))
        )
    if isinstance(before, dict):
        return (
            type(before) is type(after)
            and before.keys() == after.keys()
            and all(same(before[k], after[k]) for k in before)
        )
    if type(before) is not type(after):
        return False
    return before is after or bool(before == after) or (before != before and after != after)


@contextmanager
def _counted_activations() -> Iterator[dict[str, int]]:
    """Count evaluations of ``f`` and ``deriv`` while keeping each activation the same object."""
    calls = {"f": 0, "deriv": 0}
    originals = [(a, a.f, a.deriv) for a in ACTIVATIONS.values()]

    def counted(key: str, original: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def count(Z: Any) -> Any:
            calls[key] += 1
            return original(Z)

        return count

    try:
        for activation, f, deriv in originals:
            object.__setattr__(activation, "f", counted("f", f))
            object.__setattr__(activation, "deriv", counted("deriv", deriv))
        yield calls
    finally:
        for activation, f, deriv in originals:
            object.__setattr__(activation, "f", f)
            object.__setattr__(activation, "deriv", deriv)
