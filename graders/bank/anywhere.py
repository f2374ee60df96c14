"""Slips that any exercise allows: what they make of the right answers, whatever those are."""

from collections.abc import Callable, Sequence
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.exercise import WrongTurn

__all__ = ["ACCUMULATED", "ANYWHERE", "accumulated", "reordered", "truncated"]

Tensors = tuple[NDArray[Any], ...]


def accumulated(truths: Sequence[Tensors]) -> tuple[Tensors, ...]:
    """Return the answers of a function that adds each call's result to those before.

    Calls whose results have other shapes do not mix.

    Examples
    --------
    >>> accumulated([(np.array(1.0),), (np.ones(2),), (np.array(5.0),)])
    ((array(1.),), (array([1., 1.]),), (array(6.),))
    """
    sums: dict[tuple[Any, ...], Tensors] = {}
    answers = []
    for truth in truths:
        shapes = tuple(part.shape for part in truth)
        before = sums.get(shapes, tuple(np.zeros(shape) for shape in shapes))
        sums[shapes] = tuple(np.asarray(old + new) for old, new in zip(before, truth, strict=True))
        answers.append(sums[shapes])
    return tuple(answers)


def truncated(truths: Sequence[Tensors]) -> tuple[Tensors, ...]:
    """Return the answers as they come out of an array of integers: cut off towards 0.

    Examples
    --------
    >>> truncated([(np.array([1.7, -1.7]),)])
    ((array([ 1., -1.]),),)
    """
    return tuple(tuple(np.trunc(part) for part in truth) for truth in truths)


def reordered(names: Sequence[str], truths: Sequence[Tensors]) -> dict[WrongTurn, tuple[Tensors, ...]]:
    """Return what the right parts of a tuple come to in every other order.

    Examples
    --------
    >>> [(turn, answers)] = reordered(("dw", "db"), [(np.ones(2), np.zeros(1))]).items()
    >>> turn.says, [part.tolist() for part in answers[0]]
    ('in the other order: (db, dw) for (dw, db)', [[0.0], [1.0, 1.0]])
    """
    due, found = ", ".join(names), {}
    for order in list(permutations(range(len(names))))[1:]:
        came = ", ".join(names[i] for i in order)
        turn = WrongTurn(
            "tuple_swapped",
            _not_from_arguments,
            f"({came})",
            says=f"in {'the other' if len(names) == 2 else 'another'} order: ({came}) for ({due})",
            asks="in which order does the signature name what comes back?",
            whole=True,
            right=f"({due})",
        )
        found[turn] = tuple(tuple(truth[i] for i in order) for truth in truths)
    return found


def _not_from_arguments(*arguments: Any) -> Any:
    raise ValueError("this slip shows in the answers of all calls together, not in the arguments of one")


ACCUMULATED = WrongTurn("accumulated_not_reset", _not_from_arguments, "this call's result + those before")
# The slip, and what it makes of the truths of all calls, in order.
ANYWHERE: dict[WrongTurn, Callable[[Sequence[Tensors]], tuple[Tensors, ...]]] = {
    ACCUMULATED: accumulated,
    WrongTurn("int_cast", _not_from_arguments, "the result, cut off to whole numbers"): truncated,
}
