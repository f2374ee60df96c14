"""Two formulas side by side, and one entry worked out with both."""

from collections.abc import Sequence
from typing import Any

from graders.evidence import Evidence
from graders.exercise import WrongTurn
from graders.showing import entry_name, farthest_entry, show, show_args, show_shape

__all__ = ["ENTRY", "WORKING", "worked_entry"]

ENTRY, WORKING = "For ", "There "
Table = tuple[tuple[str, ...], ...]


def worked_entry(evidence: Evidence, turns: Sequence[WrongTurn]) -> tuple[tuple[str, ...], Table]:
    """Return the lines and the table of the deepest level.

    Parameters
    ----------
    evidence : Evidence
        The answers beside the truth; at least one part is wrong.
    turns : sequence of WrongTurn
        The forms of the named slips; empty where no formula is known for these numbers.

    Returns
    -------
    tuple
        Where the entry was taken and how it comes about; a row for each formula and one for the entry.
    """
    exercise = evidence.probe_set.exercise
    row, part = evidence.first_difference
    probe = evidence.probes[row]
    given, true = evidence.answers[row][part], evidence.truths[row][part]
    name, numbers, index = _entry(exercise.parts[part], given, true)
    told = exercise.in_words.get(exercise.parts[part])
    if told and not isinstance(given, str):
        name, numbers, index = exercise.parts[part], (told(true), told(given)), ()
    if exercise.form == "word" and exercise.measure:
        numbers = (numbers[0], f"{numbers[1]}: {show(evidence.raw[row])}")
    lines = [f"with {show_args(exercise, probe)}."]
    if exercise.entry and index:
        lines.append(f"{ENTRY}{name}: {exercise.entry(exercise.parts[part], index, *probe.args)}.")
    elif exercise.working:
        lines.append(f"{WORKING}{exercise.working(*probe.args)}.")
    if not turns:
        lines.append(f"The formula: {exercise.formula}.")
    labels = ["formula"] if len(turns) == 1 else [f"formula {i}" for i in range(1, len(turns) + 1)]
    formulas = [
        (label, turn.right or exercise.formula, turn.formula)
        for label, turn in zip(labels, turns, strict=True)
    ]
    return tuple(lines), (("", "right", "yours"), *formulas, (name, *numbers))


def _entry(name: str, given: Any, true: Any) -> tuple[str, tuple[str, str], tuple[int, ...]]:
    """Return the entry that differs most, and its two values; where shapes differ, the shapes."""
    if isinstance(given, str):
        return name, (show_shape(true.shape), "nothing readable"), ()
    if given.shape != true.shape:
        return name, (show_shape(true.shape), show_shape(given.shape)), ()
    index = farthest_entry(given, true) if given.dtype.kind != "U" else ()
    return entry_name(name, index), (show(true[index]), show(given[index])), index
