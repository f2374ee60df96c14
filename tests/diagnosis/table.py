"""What a row of the mutation table is: student code as text, and one mistake as an edit of it.

The table was written from the lessons' signatures and the list of names alone, without sight of the bank
that names them, so that agreement between the two says something.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = [
    "LAYERS",
    "Mutant",
    "Name",
    "Text",
    "Unknown",
    "apply_edits",
    "layer_number",
    "singles",
    "unknowns",
]

LAYERS: dict[str, Callable[[int], range]] = {
    "hidden": lambda depth: range(1, depth),
    "middle": lambda depth: range(2, depth),
    "upper": lambda depth: range(2, depth + 1),
    "output": lambda depth: range(depth, depth + 1),
}
"""Which layers of a network with ``depth`` weight layers a mistake is made in, by word."""

Name = tuple[str, int | str | None]
Text = dict[tuple[str, str], str]
Edits = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Mutant:
    """One mistake.

    Parameters
    ----------
    exercise, base : str
        The solution that is edited: ``SOLUTIONS[exercise, base]``.
    edits : tuple of (find, replace)
        Each ``find`` occurs exactly once in the solution.
    wanted : tuple of (id, layer)
        The names that are right for it; more than one where the numbers are equal by nature. A layer that
        is a word is told by ``layer_number``, for it depends on how deep the probes are.
    group : str
        Two mutants of one base make a pair unless their groups are equal.
    values_stay : bool
        The numbers are right all the same (differences for a derivation, changed arguments).
    """

    exercise: str
    base: str
    edits: Edits
    wanted: tuple[Name, ...]
    group: str
    values_stay: bool = False


@dataclass(frozen=True)
class Unknown:
    """A wrong formula that no name fits, and why."""

    exercise: str
    base: str
    edits: Edits
    why: str


VALUES_STAY = {"mutates_arguments", "numerical_derivative", "restored_by_arithmetic"}


def singles(exercise: str, base: str, group: str, *rows: tuple[object, ...]) -> Iterable[Mutant]:
    """Read rows ``(find, replace, names)`` or ``(edits, names)``; names as in ``"dW_sign@2|other"``."""
    for row in rows:
        edits, names = _edits(row), str(row[-1])
        wanted = tuple(_name(name) for name in names.split("|"))
        yield Mutant(exercise, base, edits, wanted, group, wanted[0][0] in VALUES_STAY)


def unknowns(exercise: str, base: str, *rows: tuple[object, ...]) -> Iterable[Unknown]:
    """Read rows ``(find, replace, why)`` or ``(edits, why)``."""
    for row in rows:
        yield Unknown(exercise, base, _edits(row), str(row[-1]))


def apply_edits(text: str, edits: Edits) -> str:
    """Return the text with every edit made.

    Raises
    ------
    ValueError
        If a ``find`` does not occur exactly once when its turn comes.
    """
    for find, replace in edits:
        if text.count(find) != 1:
            raise ValueError(f"{find!r} occurs {text.count(find)} times in:\n{text}")
        text = text.replace(find, replace)
    return text


def layer_number(layer: int | str | None, depths: Iterable[int]) -> int | None:
    """Return the layer to report for probes of these depths: a number, or None for more than one.

    Examples
    --------
    >>> layer_number("output", [3, 3]), layer_number("hidden", [2, 2]), layer_number("output", [2, 3])
    (3, 1, None)
    """
    if not isinstance(layer, str):
        return layer
    touched = {tuple(LAYERS[layer](depth)) for depth in depths}
    only = touched.pop() if len(touched) == 1 else ()
    return only[0] if len(only) == 1 else None


def _edits(row: tuple[object, ...]) -> Edits:
    if len(row) == 3:
        return ((str(row[0]), str(row[1])),)
    assert isinstance(row[0], tuple)
    return row[0]


def _name(text: str) -> Name:
    name, _, layer = text.partition("@")
    if not layer:
        return name, None
    return name, layer if layer in LAYERS else int(layer)
