"""What is plainly odd about an answer, each in its own sentence: shapes, missing numbers, arguments."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.contributions import shares
from graders.evidence import TOLERANCE, Evidence, came_to_nothing, relative_error
from graders.exercise import Exercise, Outcome
from graders.points import examples
from graders.showing import join, parameters, show, show_shape

__all__ = [
    "PRINTED",
    "ROUNDED",
    "changed_arguments",
    "changed_positions",
    "like_float32",
    "shape_cause",
    "unsendable",
    "wrong_notes",
]

ROUNDED = "the last digits differ: this looks like float32, rounding or a numerical derivative"
PRINTED = "it printed and returned nothing: print shows a value, return hands it to the caller"

# So much larger than it should be is no slip of a factor.
HUGE = 1e6
# What cannot travel, as it is told by the process that ran the function, and what is behind it.
_UNSENDABLE = {
    "a generator": "a generator: yield makes one, which hands out its values only when it is asked",
    "a type": "a class: is it still to be called?",
    "a function": "a function: is it still to be called?",
    "an array of dtype object": "an array of objects, not of numbers: is there a None or a list inside?",
}


def wrong_notes(evidence: Evidence, causes: bool = True) -> tuple[str, ...]:
    """Return the plain facts about parts with a wrong shape, missing or huge numbers, or an unreadable form.

    Parameters
    ----------
    evidence : Evidence
        The answers beside the truth.
    causes : bool
        Say what a wrong shape may come from; not wanted where the mistake has a name.

    Returns
    -------
    tuple of str
        One sentence for each kind of fault, with its first place and the other parts that have it.
    """
    faults: dict[str, tuple[str, list[str]]] = {}
    for part, name in enumerate(evidence.probe_set.exercise.parts):
        found = (_fault(evidence, row, part, causes) for row in range(len(evidence.answers)))
        kind, fact = next(filter(None, found), ("", ""))
        if kind:
            colon = ":" if kind == "said" else ""
            faults.setdefault(kind, (f"{name}{colon} {fact}", []))[1].append(name)
    return tuple(
        f"{first}{f'; likewise {join(names[1:])}' if names[1:] else ''}" for first, names in faults.values()
    )


def _fault(evidence: Evidence, row: int, part: int, causes: bool) -> tuple[str, str] | None:
    """Return what kind of fault a part has at a test point, and the fact in words."""
    given, true = evidence.answers[row][part], evidence.truths[row][part]
    exercise = evidence.probe_set.exercise
    if came_to_nothing(evidence.answers[row]):
        return None
    if isinstance(given, str):
        kind = "absent" if given.startswith("no ") else given
        return kind, f"cannot be read: you returned {given}"
    if exercise.form == "flag":
        return None
    if exercise.form == "word":
        word = str(given)
        return (
            None if word in exercise.words else ("word", f"holds {word!r}, which is none of {exercise.words}")
        )
    name = exercise.parts[part]
    if name in exercise.in_words:
        told = exercise.in_words[name]
        apart = given.shape != true.shape
        return ("said", f"{told(given)}; due: {told(true)}") if apart else None
    if given.shape != true.shape:
        cause = shape_cause(given.shape, true.shape, _gathered(evidence, row, part)) if causes else ""
        has = "has" if given.shape else "is"
        shapes = f"{has} {show_shape(given.shape)}, expected {show_shape(true.shape)}"
        return f"shape {cause}", f"{shapes}: {cause}" if cause else shapes
    return _odd_number(given, true, row) if given.dtype.kind == "f" else None


def _gathered(evidence: Evidence, row: int, part: int) -> str:
    """Return what would make the answer right that still has a row for each example: a sum or a mean."""
    given, true = evidence.answers[row][part], evidence.truths[row][part]
    n = examples(evidence.probe_set.exercise, evidence.probes[row])
    if isinstance(given, str) or given.shape != (n, *true.shape):
        return ""
    # Beside the answer itself, which may be wrong in more than its shape: the truth of the single examples.
    each = [share[part] for share in shares(evidence.probe_set.exercise, evidence.probes[row].args)]
    for rows in (given, np.array(each)):
        ways = {"sum": rows.sum(axis=0), "mean": rows.mean(axis=0)}
        for way, made in ways.items() if len(rows) else ():
            if relative_error(made, true) <= TOLERANCE:
                return way
    return ""


def _odd_number(given: NDArray[Any], true: NDArray[Any], row: int) -> tuple[str, str] | None:
    """Tell of numbers that are missing, or so large that no slip of a factor explains them."""
    missing = ~np.isfinite(given)
    if missing.any():
        first = tuple(int(i) for i in np.argwhere(missing)[0])
        value = show(given[first])
        where = f"{value} in its entry {list(first)}" if missing.sum() == 1 and first else value
        rest = f", in {missing.sum()} of its {given.size} entries" if missing.sum() > 1 else ""
        return "missing", f"holds {where} at test point {row + 1}{rest}"
    size, largest = np.abs(true).max(initial=1.0), np.abs(given).max(initial=0.0)
    if largest > HUGE * size:
        return "huge", f"reaches {largest:.0e} where {size:.1g} is due: is something divided by nearly 0?"
    return None


def shape_cause(given: tuple[int, ...], due: tuple[int, ...], gathered: str = "sum") -> str:
    """Return the likely cause of a wrong shape; empty where none is likely.

    Parameters
    ----------
    given, due : tuple of int
        The two shapes.
    gathered : str
        What is due over the examples, a sum or a mean; empty where there are none.

    Examples
    --------
    >>> shape_cause((7, 5), (5, 7))
    'the two axes are exchanged'
    >>> shape_cause((11, 7), (7,))
    'one row an example is left: is the sum over the examples missing?'
    """
    if len(due) == 2 and given == due[::-1]:
        return "the two axes are exchanged"
    if given in ((*due, 1), (1, *due)):
        return "an axis of length 1 is left over" if due else "one number in an array is not yet a number"
    if (*given, 1) == due or (1, *given) == due:
        return "an axis of length 1 is missing"
    if len(given) == 2 and given[0] == given[1] and tuple(n for n in due if n > 1) == given[:1]:
        return "a column met a row, and both were stretched to a square"
    if given[1:] == due and len(given) == len(due) + 1:
        left = f"one {'row' if due else 'number'} an example is left"
        return f"{left}: is the {gathered} over the examples missing?" if gathered else ""
    if not given:
        return "one number is left: is there a sum too many, or does the function return inside its loop?"
    if due[1:] == given and due:
        return "the rows of the single examples are gone: a sum too many, or a return inside the loop?"
    return "the numbers stand in one long row" if given == (int(np.prod(due)),) and len(due) > 1 else ""


def changed_positions(exercise: Exercise, outcomes: Sequence[Outcome]) -> tuple[int, ...]:
    """Return the positions of the arguments that any call changed, in order."""
    names = parameters(exercise)
    return tuple(sorted({i for outcome in outcomes for i in outcome.changed if i < len(names)}))


def changed_arguments(exercise: Exercise, changed: Sequence[int]) -> tuple[str, ...]:
    """Say which arguments a call changed.

    Examples
    --------
    >>> from graders.exercises import find
    >>> changed_arguments(find("neuron_grads"), [0, 2])
    ('the call changes its arguments w and x',)
    """
    names = parameters(exercise)
    if not changed:
        return ()
    return (f"the call changes its argument{'s' * (len(changed) > 1)} {join([names[i] for i in changed])}",)


def like_float32(exercise: Exercise, inexact: Sequence[bool]) -> str:
    """Say which parts of a right answer look like float32.

    Examples
    --------
    >>> from graders.exercises import find
    >>> like_float32(find("neuron_grads"), [True, False])
    'dw: these numbers look like float32; they are right as far as float32 goes'
    """
    names = [name for name, coarse in zip(exercise.parts, inexact, strict=True) if coarse]
    whose = "the" if len(names) == len(exercise.parts) else f"{join(names)}: these"
    return f"{whose} numbers look like float32; they are right as far as float32 goes"


def unsendable(error: str) -> str:
    """Say what came back, with the likely cause, where it is nothing that can be judged.

    Examples
    --------
    >>> unsendable("nothing: it is a class, not a function")
    'there is nothing to call: it is a class, not a function'
    """
    if error.startswith("nothing: it is "):
        return f"there is {error.replace(':', ' to call:', 1)}"
    return f"your function returned {_explained(error)}"


def _explained(error: str) -> str:
    inside = next((raw for raw in _UNSENDABLE if error.endswith(f"holds {raw}")), None)
    if inside:
        return error.removesuffix(inside) + _UNSENDABLE[inside]
    return _UNSENDABLE.get(error, error)
