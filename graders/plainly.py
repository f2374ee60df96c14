"""What the raw words of Python and NumPy mean, for slips that are common here."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["about_turning", "in_plain_words"]

_PLAINLY = {
    # Before all others: None and functions stand in products too.
    r"unsupported operand.*'NoneType'.*": "a value is None: does a function that you call return nothing?",
    r"unsupported operand.*'function'.*": "a function stands where its value is due: is it not called yet?",
    r"name '(\w+)' is not defined.*": (
        r"it uses \1, which is not there: is it spelt otherwise, or is the cell missing that makes it?"
    ),
    r"matmul: .*size (\d+) is different from (\d+)\)": r"the sizes that meet in @ do not fit: \2 and \1",
    r"vecdot: .*size (\d+) is different from (\d+)\)": (
        r"the sizes that meet in @ do not fit: \2 and \1 (.T leaves a 1-D array as it is)"
    ),
    r"shapes (\(\d+,\)) and (\S+) not aligned: (\d+).*!= (\d+).*": (
        r"shapes \1 and \2 do not fit: \3 meets \4 (.T leaves a 1-D array as it is)"
    ),
    r"shapes (\S+) and (\(\d+,\)) not aligned: (\d+).*!= (\d+).*": (
        r"shapes \1 and \2 do not fit: \3 meets \4 (.T leaves a 1-D array as it is)"
    ),
    r"shapes (\S+) and (\S+) not aligned: (\d+).*!= (\d+).*": r"shapes \1 and \2 do not fit: \3 meets \4",
    r"matmul: .*does not have enough dimensions \(has 0.*": "@ multiplies arrays; for a single number use *",
    r"unsupported operand type\(s\) for @: .*(float|int).*": "@ multiplies arrays; for a single number use *",
    r"operands could not be broadcast together with shapes (\S+) (\S+).*": r"shapes \1 and \2 do not fit",
    r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)": (
        r"index \1 lies beyond axis \2, which has size \3: does a loop run over the right axis, and how far?"
    ),
    r"(list|tuple) index out of range": (
        r"an index lies beyond the end of a \1: does a loop run over the right one, and how far?"
    ),
    r"too many indices for array: array is (\d+)-dimensional, but (\d+) were indexed": (
        r"an array of \1 axes was given \2 indices: which shape has it?"
    ),
    r"'Activation' object is not callable": "act is not a function itself: it has act.f and act.deriv",
    r".*object has no attribute 'deriv'": "act was replaced by something else before it was used",
    r"can't multiply sequence by non-int.*": "a pair or name cannot be multiplied: take its parts or value",
    r"ufunc '(\w+)' not supported for the input types.*": r"\1 takes numbers: is it given a name or None?",
    r"The truth value of an array.*": "an array stands where one number is due: make one number of it first",
}


# What NumPy says where two arrays do not fit in @; it does not say how many axes they have.
_MISFIT = "mismatch in its core dimension"


def about_turning(error: str, args: Sequence[Any]) -> tuple[str, ...]:
    """Return a hint on ``.T`` where a product failed and one of the arguments has a single axis.

    Examples
    --------
    >>> misfit = "ValueError: matmul: Input operand 1 has a mismatch in its core dimension 0, ..."
    >>> about_turning(misfit, [np.ones(3)]), about_turning(misfit, [np.ones((3, 2))])
    (('.T leaves a 1-D array as it is',), ())
    """
    arrays = [a for arg in args for a in (arg.values() if isinstance(arg, Mapping) else [arg])]
    flat = any(isinstance(array, np.ndarray) and array.ndim == 1 for array in arrays)
    return (".T leaves a 1-D array as it is",) if flat and "matmul: " in error and _MISFIT in error else ()


def in_plain_words(note: str) -> str:
    """Say what an exception means, where that is known; its name stands before it.

    Examples
    --------
    >>> in_plain_words("TypeError: 'Activation' object is not callable")
    'TypeError: act is not a function itself: it has act.f and act.deriv'
    >>> in_plain_words("KeyError: 'w9'")
    "KeyError: 'w9'"
    """
    found = ((re.search(raw, note), text) for raw, text in _PLAINLY.items())
    return next((f"{note[: m.start()]}{m.expand(text)}" for m, text in found if m), note)
