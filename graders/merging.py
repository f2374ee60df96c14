"""Merge a mended lesson into a notebook that a student has started: all of theirs stays, the rest is renewed.

A text is *ours* if it was once released in that cell: it is the lesson's of today, it is on record for the
cell, or nbgrader's checksum, which every graded cell carries, still holds. Any other text is the student's.
Where nobody can tell, it counts as theirs: a paragraph too many is better than a line lost.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from graders.notebook import cell_source
from graders.release import checksum

__all__ = ["Merged", "digest", "digests", "merge"]

_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_OF_THE_LESSON = ("nbgrader", "deletable", "editable")  # the metadata that come with a released cell


@dataclass(frozen=True)
class Merged:
    """A started notebook on a lesson's newest state.

    Parameters
    ----------
    notebook : dict
        The notebook.
    answers : int
        How many solution cells hold the student's text.
    own : int
        How many other cells are the student's.
    renewed : int
        How many cells of the lesson were changed, added or taken out.
    recognised : bool
        Whether the started notebook held any cell of the lesson.
    """

    notebook: dict[str, Any]
    answers: int
    own: int
    renewed: int
    recognised: bool


def digest(text: str) -> str:
    """Return the short hash by which a released text is recognised.

    Examples
    --------
    >>> digest("a = act.f(z)")
    'e7ed81d7dff1da6f'
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def digests(lesson: dict[str, Any]) -> dict[str, str]:
    """Return cell id -> hash of its text, for a lesson as released."""
    return {cell["id"]: digest(cell_source(cell)) for cell in lesson["cells"]}


def merge(
    started: dict[str, Any], lesson: dict[str, Any], known: Mapping[str, Collection[str]] | None = None
) -> Merged:
    """Return a started notebook with everything renewed that is not the student's.

    The order is the lesson's. An answer stays in its cell, of several the last, as in grading; a cell that
    the student added, copied or cut off from the lesson stays behind the cell that it followed. A given
    cell that the student edited stays as it is if it may be edited and the lesson has not changed it; else
    it is renewed, and their form of it follows as a cell of their own.

    Parameters
    ----------
    started : dict
        The student's notebook; it is not changed.
    lesson : dict
        The lesson as released.
    known : mapping, optional
        Cell id -> hashes of the texts that were ever released to the student in that cell.

    Returns
    -------
    Merged
        Merging it once more changes nothing.

    Examples
    --------
    >>> def cell(name, text):
    ...     return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}
    >>> started = {"cells": [cell("intro", "Old."), cell("5f0c", "my note")]}
    >>> lesson = {"cells": [cell("intro", "New."), cell("more", "More.")]}
    >>> merged = merge(started, lesson, {"intro": [digest("Old.")]})
    >>> [cell["source"] for cell in merged.notebook["cells"]]
    ['New.', 'my note', 'More.']
    """
    return _Merge(started, lesson["cells"], known or {}).merged()


class _Merge:
    """One merge: finds the cell of each place in the lesson, then writes them in the lesson's order."""

    def __init__(
        self, started: dict[str, Any], lesson: list[dict[str, Any]], known: Mapping[str, Collection[str]]
    ) -> None:
        self.started, self.cells = started, started["cells"]
        self.lesson, self.known = lesson, known
        self.names = {cell["id"] for cell in lesson}
        self.places = [self._place(cell) for cell in self.cells]
        self.theirs = [not self._is_ours(i) for i in range(len(self.cells))]
        self.elsewhere: set[int] = set()  # places whose answer stands in another exercise's cell
        self.chosen = self._chosen()

    def merged(self) -> Merged:
        cells = list(self._cells())
        minor = self.started.get("nbformat_minor")
        minor = max(minor, 5) if isinstance(minor, int) else 5
        answers = sum(
            self.theirs[i] for place, i in self.chosen.items() if _grading(self.lesson[place], "solution")
        )
        return Merged(
            {**self.started, "cells": cells, "nbformat_minor": minor},
            answers=answers,
            own=sum(cell["id"] not in self.names for cell in cells),
            renewed=self._renewed(cells),
            recognised=any(place is not None for place in self.places),
        )

    # Which cell is which

    @cached_property
    def index(self) -> dict[tuple[str, str, str], int]:
        """What a cell is known by -> its place in the lesson; of equal ones the first."""
        signs = [(sign, place) for place, cell in enumerate(self.lesson) for sign in _signs(cell, text=True)]
        return dict(reversed(signs))

    def _place(self, cell: dict[str, Any]) -> int | None:
        # Editors of old wrote no ids: only there does an equal text tell.
        signs = _signs(cell, text=not cell.get("id"))
        return next((self.index[sign] for sign in signs if sign in self.index), None)

    @cached_property
    def stubs(self) -> set[str]:
        """Hashes of the texts that stand for an answer: nobody's work, in whichever cell."""
        solutions = [cell for cell in self.lesson if _grading(cell, "solution")]
        known = {text for cell in solutions for text in self.known.get(cell["id"], ())}
        return known | {digest(cell_source(cell)) for cell in solutions}

    def _is_ours(self, index: int) -> bool:
        cell, place = self.cells[index], self.places[index]
        text, names = digest(cell_source(cell)), {str(cell.get("id"))}
        if place is not None:
            if text == digest(cell_source(self.lesson[place])):
                return True
            names.add(self.lesson[place]["id"])
        known = any(text in self.known.get(name, ()) for name in names)
        return known or text in self.stubs or _checksum_holds(cell)

    def _chosen(self) -> dict[int, int]:
        """Return place in the lesson -> the student's cell that stands there."""
        groups = defaultdict(list)
        for i, place in enumerate(self.places):
            if place is not None:
                groups[place].append(i)
        chosen = {}
        for place, group in groups.items():
            answering = [i for i in group if self.theirs[i]]
            is_answer = _grading(self.lesson[place], "solution")
            chosen[place] = (answering or group)[-1] if is_answer else group[0]
        for place, cell in enumerate(self.lesson):
            if place not in chosen and _grading(cell, "solution"):
                self._look_elsewhere(place, chosen)
        return chosen

    def _look_elsewhere(self, place: int, chosen: dict[int, int]) -> None:
        """Find the answer whose cell is gone: a stub that came back would undo it."""
        defining = [i for i in range(len(self.cells)) if self._defines(i, self.lesson[place])]
        free = [i for i in defining if self.places[i] is None and i not in chosen.values()]
        if free:
            chosen[place] = free[-1]
        elif defining:
            self.elsewhere.add(place)

    def _defines(self, index: int, stub: dict[str, Any]) -> bool:
        cell, name = self.cells[index], re.escape(str(_grading(stub, "grade_id")))
        if not self.theirs[index] or cell["cell_type"] != "code" or stub["cell_type"] != "code":
            return False
        line = rf"^((async[ \t]+)?(def|class)[ \t]+{name}\b|{name}[ \t]*(:[^=\n]*)?=(?!=))"
        return bool(re.search(line, cell_source(cell), re.MULTILINE))

    # The merged cells

    def _cells(self) -> Iterator[dict[str, Any]]:
        taken = set(self.names)
        following = self._following()
        for place in range(-1, len(self.lesson)):
            if place >= 0 and place not in self.elsewhere:
                yield self._at(place)
            for i in following[place]:
                yield _own(self.cells[i], taken)

    def _following(self) -> dict[int, list[int]]:
        """Return place -> the student's own cells behind it, in their order; -1 for the top."""
        place_of = {i: place for place, i in self.chosen.items()}
        following = defaultdict(list)
        place = -1
        for i in range(len(self.cells)):
            place = place_of.get(i, place)
            if self.theirs[i] and not (i in place_of and self._stays(place)):
                following[place].append(i)
        return following

    def _stays(self, place: int) -> bool:
        """Tell whether the student's text stays in the cell of that place."""
        cell = self.lesson[place]
        if _grading(cell, "solution"):
            return True
        fixed = _grading(cell, "locked") or _grading(cell, "grade")
        return not fixed and digest(cell_source(cell)) in self.known.get(cell["id"], ())

    def _at(self, place: int) -> dict[str, Any]:
        """Return the cell for a place in the lesson; where its text is as it was, with its outputs."""
        cell = self.lesson[place]
        if place not in self.chosen:
            return cell
        index = self.chosen[place]
        there = self.cells[index]
        if cell_source(there) != cell_source(cell) and not (self.theirs[index] and self._stays(place)):
            return cell
        metadata = {**_plain(there), **cell["metadata"]}
        return {**there, "id": cell["id"], "metadata": metadata}

    def _renewed(self, cells: list[dict[str, Any]]) -> int:
        before = {self.lesson[place]["id"]: cell_source(self.cells[i]) for place, i in self.chosen.items()}
        after = {cell["id"]: cell_source(cell) for cell in cells if cell["id"] in self.names}
        gone = sum(place is None and not own for place, own in zip(self.places, self.theirs, strict=True))
        return gone + sum(before.get(name) != text for name, text in after.items())


def _signs(cell: dict[str, Any], text: bool) -> list[tuple[str, str, str]]:
    kind = cell["cell_type"]
    signs = [("grade_id", kind, str(_grading(cell, "grade_id"))), ("id", kind, str(cell.get("id") or ""))]
    if text:
        signs.append(("text", kind, "".join(cell_source(cell).split())))
    return [sign for sign in signs if sign[2] not in ("", "None")]


def _grading(cell: dict[str, Any], key: str) -> Any:
    grading = cell.get("metadata", {}).get("nbgrader")
    return grading.get(key) if isinstance(grading, dict) else None


def _checksum_holds(cell: dict[str, Any]) -> bool:
    try:
        return bool(_grading(cell, "checksum") == checksum(cell))
    except (KeyError, TypeError, ValueError):  # not graded, or its metadata were damaged
        return False


def _plain(cell: dict[str, Any]) -> dict[str, Any]:
    """Return a cell's metadata without those that made it a cell of the lesson."""
    return {key: value for key, value in cell.get("metadata", {}).items() if key not in _OF_THE_LESSON}


def _own(cell: dict[str, Any], taken: set[str]) -> dict[str, Any]:
    """Return a student's cell as one that the lesson does not know, under an id that is free."""
    name = cell.get("id")
    base = name if isinstance(name, str) and _ID.fullmatch(name) else "yours"
    number, free = 1, base
    while free in taken:
        free = f"{base.removesuffix('-yours')[:50]}-yours" + (f"-{number}" if number > 1 else "")
        number += 1
    taken.add(free)
    return {**cell, "id": free, "metadata": _plain(cell)}
