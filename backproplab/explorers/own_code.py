"""Call a student's function for a picture: it may raise, sleep, print or change what it was given.

None of that reaches the picture: the function gets copies and two seconds, and what it prints is dropped.
"""

import copy
import io
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.deadline import TimeUp, deadline

__all__ = ["PATIENCE", "Answers", "Misformed", "ask", "numbers"]

PATIENCE = 2.0
"""Seconds that a student's function has for all its calls of one picture."""

_LONGEST = 160


class Misformed(ValueError):
    """What a function returned is not what is due; the text follows "it returned"."""


@dataclass(frozen=True)
class Answers:
    """What came of asking a student's function.

    Parameters
    ----------
    values : tuple
        What it returned, one per call; empty if any call went wrong.
    trouble : str
        What went wrong, in words that follow the function's name; empty if nothing did.
    started : bool
        Whether there is more than the stub.
    late : bool
        Whether time ran out, so that asking again would only cost it again.
    """

    values: tuple[Any, ...] = ()
    trouble: str = ""
    started: bool = True
    late: bool = False


def ask(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], seconds: float = PATIENCE) -> Answers:
    """Call a student's function on copies of the arguments, with a time limit for all calls together.

    Parameters
    ----------
    function : callable
        The student's function.
    calls : sequence of tuple
        The arguments of each call.
    seconds : float
        The time limit.

    Returns
    -------
    Answers
        Never an exception, whatever the function does.

    Examples
    --------
    >>> ask(lambda x: 2 * x, [(1.0,), (2.0,)]).values
    (2.0, 4.0)
    >>> ask(lambda x: 1 / x, [(0.0,)]).trouble
    'raised ZeroDivisionError: float division by zero'
    """
    try:
        with (
            redirect_stdout(_Nowhere()),
            redirect_stderr(_Nowhere()),
            warnings.catch_warnings(),
            np.errstate(all="ignore"),
            deadline(seconds),
        ):
            warnings.simplefilter("ignore")
            # Copied on the way out too: the function may hold on to what it returned and change it later.
            return Answers(tuple(copy.deepcopy(function(*copy.deepcopy(args))) for args in calls))
    except TimeUp:
        return Answers(trouble=f"gave no answer in {seconds:g} s", late=True)
    except NotImplementedError as error:
        stub = _innermost(error)
        if stub == getattr(function, "__name__", stub):
            return Answers(trouble="is not written yet", started=False)
        return Answers(trouble=f"uses {stub}, which is not written yet")
    except (Exception, SystemExit) as error:  # whatever a student's code raises is an answer
        return Answers(trouble=f"raised {_told(error)}")


def _innermost(error: BaseException) -> str:
    """Return the name of the function that raised."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    return frame.f_code.co_name


def numbers(name: str, value: Any, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return what a function gave as an array of that shape.

    Parameters
    ----------
    name : str
        What it is called, for the message.
    value : object
        What the function gave.
    shape : tuple of int
        The shape that is due.

    Raises
    ------
    Misformed
        If it is no array of finite real numbers, or has another shape.

    Examples
    --------
    >>> numbers("delta", [[1.0, 2.0]], (2, 1))
    Traceback (most recent call last):
    ...
    backproplab.explorers.own_code.Misformed: delta of shape (1, 2), due is (2, 1)
    """
    try:
        array = np.asarray(value)
    except Exception:  # a ragged list, or an object of the student's own that refuses
        raise Misformed(f"{name} as a {type(value).__name__}, due is an array") from None
    if value is None or array.dtype.kind not in "fiub":
        raise Misformed(
            f"{name} as {'None' if value is None else f'a {type(value).__name__}'}, due is an array"
        )
    if array.shape != shape:
        raise Misformed(f"{name} of shape {array.shape}, due is {shape}")
    if not np.isfinite(array).all():
        raise Misformed(f"{name} with {int((~np.isfinite(array)).sum())} entries that are nan or inf")
    return array.astype(np.float64)


def _told(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # an exception class of the student's own may fail to print
        text = ""
    told = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return " ".join(told.split())[:_LONGEST]


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)
