"""Read what a student handed in, as JSON data, and put together what is run for it.

What runs is the lesson's own code with the student's text in it: the solution cells and the code cells
that the student added, in the document's order. The text of a locked cell never comes from the student.
"""

import ast
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import PurePath
from typing import Any

from graders.errors import UnreadableNotebook
from graders.lessons import Lesson, all_lessons, checkout
from graders.notebook import read
from graders.release import released
from graders.sandbox.remote import MAX_SOURCE
from graders.sandbox.session import Cell
from graders.showing import join

__all__ = ["MAX_BYTES", "MAX_CELLS", "Submission", "names_defined", "other_names", "read_submission"]

MAX_BYTES = 20_000_000
MAX_CELLS = 10_000
# So many names are told of a cell that defines others than the one asked for.
MOST_NAMES = 3

# A line that gives a name to a function, a class or a variable, at the left margin.
_DEFINES = re.compile(r"(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)|(\w+)[ \t]*(?::[^=]*)?=(?!=)")


def names_defined(text: str) -> list[str]:
    r"""Return the functions, classes and variables that a cell gives a name at its left margin.

    Examples
    --------
    >>> names_defined("def f(x):\n    y = x\n    return y\n\nz: int = 3\nz == 4")
    ['f', 'z']
    """
    found = map(_DEFINES.match, text.split("\n"))
    return [match[1] or match[2] for match in found if match]


def other_names(name: str, text: str) -> str:
    """Say what a cell defines that does not define the name that is asked for.

    Examples
    --------
    >>> other_names("neuron_loss", "def my_loss(a, t): ..."), other_names("neuron_loss", "3")
    ('its cell defines my_loss where neuron_loss is asked for', 'its cell does not define neuron_loss')
    """
    names = names_defined(text)[-MOST_NAMES:]
    return (
        f"its cell defines {join(names)} where {name} is asked for"
        if names
        else f"its cell does not define {name}"
    )


@dataclass(frozen=True)
class Submission:
    """What a student handed in.

    Parameters
    ----------
    lesson : str
        The lesson's slug.
    cells : tuple of Cell
        What is run, in order.
    texts : mapping
        Grade id -> the student's text, for every exercise that was started.
    notes : mapping
        Grade id -> what was unusual about it.
    """

    lesson: str
    cells: tuple[Cell, ...]
    texts: Mapping[str, str]
    notes: Mapping[str, tuple[str, ...]]


def read_submission(data: bytes, name: str) -> Submission:
    """Read a notebook that a student handed in.

    Parameters
    ----------
    data : bytes
        The file's contents, as they are.
    name : str
        The file's name: the last resort for telling which lesson it is.

    Returns
    -------
    Submission
        What to run and what to judge; nothing was executed.

    Raises
    ------
    UnreadableNotebook
        If it is no notebook, or no notebook of a lesson; the text is the reason.

    Examples
    --------
    >>> read_submission(b'{"cells": [', "01_one_neuron.ipynb")
    Traceback (most recent call last):
    graders.errors.UnreadableNotebook: not a notebook: the JSON is damaged or cut off
    """
    given = _code_cells(_cells(data))
    return _Assembly(_recognise(given, name), given).submission()


@dataclass(frozen=True)
class _Code:
    """A code cell as it lies in a file."""

    text: str
    id: str = ""
    grade_id: str = ""
    solution: bool = False
    test: bool = False
    locked: bool = False

    @cached_property
    def bare(self) -> str:
        """The text without white space, by which cells are compared."""
        return self.text if self.endless else "".join(self.text.split())

    @property
    def endless(self) -> bool:
        """Tell whether it is so long that it will not be run: then taking it apart is only a cost."""
        return len(self.text) > MAX_SOURCE

    @cached_property
    def only_shows(self) -> bool:
        """Tell whether a lesson's cell shows something and leaves nothing behind."""
        try:
            return all(map(_shows, ast.parse(self.text).body))
        except SyntaxError:  # a magic, or a stub that is none
            return False

    @cached_property
    def defines(self) -> frozenset[str]:
        return frozenset() if self.endless else frozenset(names_defined(self.text))


@dataclass(frozen=True)
class _Source:
    """A lesson's code cells as the student received them, stubs and all."""

    slug: str
    cells: tuple[_Code, ...]

    @cached_property
    def stubs(self) -> dict[str, int]:
        """Grade id -> index of the solution cell."""
        return {cell.grade_id: i for i, cell in enumerate(self.cells) if cell.solution and cell.grade_id}

    @cached_property
    def index(self) -> dict[tuple[str, str], int]:
        """What a cell is known by -> its index; of equal ones the first."""
        signs = [
            (sign, i)
            for i, cell in enumerate(self.cells)
            for sign in (("grade_id", cell.grade_id), ("id", cell.id), ("bare", cell.bare))
        ]
        return dict(reversed(signs))


def _cells(data: bytes) -> list[Any]:
    """Return the raw cells of a notebook."""
    if len(data) > MAX_BYTES:
        most = MAX_BYTES // 1_000_000
        raise UnreadableNotebook(f"larger than {most} MB: clear its outputs and hand it in again")
    if not data.strip():
        raise UnreadableNotebook("empty file")
    try:
        notebook = json.loads(data)
    except UnicodeDecodeError as error:
        raise UnreadableNotebook("not a notebook: the file is not text in UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableNotebook("not a notebook: the JSON is damaged or cut off") from error
    if isinstance(notebook, dict) and isinstance(notebook.get("worksheets"), list):
        raise UnreadableNotebook("notebook format 3: open and save it in JupyterLab")
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        raise UnreadableNotebook("not a notebook: JSON without a list of cells")
    if len(notebook["cells"]) > MAX_CELLS:
        raise UnreadableNotebook(f"more than {MAX_CELLS:,} cells")
    return list(notebook["cells"])


def _code_cells(cells: Sequence[Any]) -> tuple[_Code, ...]:
    codes = (_code(cell) for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code")
    return tuple(code for code in codes if code is not None)


def _code(cell: dict[str, Any]) -> _Code | None:
    pieces = cell.get("source", "")
    pieces = pieces if isinstance(pieces, list) else [pieces]
    if not all(isinstance(piece, str) for piece in pieces):
        return None
    metadata = cell.get("metadata")
    grading = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grading = grading if isinstance(grading, dict) else {}
    solution = grading.get("solution") is True
    return _Code(
        text=_clean("".join(pieces)),
        id=_word(cell.get("id")),
        grade_id=_word(grading.get("grade_id")),
        solution=solution,
        test=not solution and grading.get("grade") is True,
        locked=not solution and grading.get("locked") is True,
    )


def _shows(statement: ast.stmt) -> bool:
    """Tell whether a statement is a call for its own sake, or waits until an exercise is solved."""
    if isinstance(statement, ast.With):
        calls = [item.context_expr for item in statement.items]
        names = [
            call.func.id for call in calls if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
        ]
        return names == ["when_solved"]
    return isinstance(statement, ast.Expr)


def _word(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _clean(text: str) -> str:
    # Half a surrogate pair, which JSON can spell, cannot be written anywhere.
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")


def _sources() -> list[_Source]:
    return [_source(lesson) for lesson in all_lessons() if lesson.path.is_file()]


@lru_cache(maxsize=32)
def _source(lesson: Lesson) -> _Source:
    notebook = read(lesson.path)
    if checkout() is not None:
        notebook = released(notebook)
    return _Source(lesson.slug, _code_cells(notebook["cells"]))


def _recognise(given: Sequence[_Code], name: str) -> _Source:
    """Tell the lesson: by grade ids, else by cell ids, else by what is defined, else by the file's name."""
    sources = _sources()
    grade_ids = {cell.grade_id for cell in given}
    ids = {cell.id for cell in given}
    defined = frozenset[str]().union(*(cell.defines for cell in given))
    signs: list[Callable[[_Source], int]] = [
        lambda source: len(grade_ids & source.stubs.keys()),
        lambda source: len(ids & {source.cells[i].id for i in source.stubs.values()}),
        lambda source: len(defined & source.stubs.keys()),
        lambda source: len(source.slug) * (source.slug in PurePath(name).name),
    ]
    for sign in signs:
        best = max(sources, key=sign)
        if sign(best):
            return best
    raise UnreadableNotebook("not a notebook of a known lesson: no cell of it belongs to one")


class _Assembly:
    """Finds each solution in what was handed in, and merges it with the lesson's own cells."""

    def __init__(self, source: _Source, given: Sequence[_Code]) -> None:
        self.source = source
        self.given = given
        self.places = [self._place(cell) for cell in given]
        self.answers = {name: self._answers(name) for name in source.stubs}
        self.solves: dict[int, tuple[str, ...]] = {}
        for name, found in self.answers.items():
            self.solves |= {i: (*self.solves.get(i, ()), name) for i in found}

    def submission(self) -> Submission:
        texts = {name: self.given[found[-1]].text for name, found in self.answers.items() if found}
        notes = {name: note for name in self.source.stubs if (note := self._notes(name))}
        return Submission(self.source.slug, tuple(self._merged()), texts, notes)

    def _place(self, cell: _Code) -> int | None:
        """Return the index of the lesson's cell that this one is, or was before it was edited."""
        keys = (("grade_id", cell.grade_id), ("id", cell.id), ("bare", cell.bare))
        return next((self.source.index[key] for key in keys if key[1] and key in self.source.index), None)

    def _untouched(self, cell: _Code, name: str) -> bool:
        return cell.bare in ("", self.source.cells[self.source.stubs[name]].bare)

    def _answers(self, name: str) -> list[int]:
        """Return the cells that answer an exercise; the last of them counts."""
        stub = self.source.stubs[name]
        placed = [i for i, place in enumerate(self.places) if place == stub]
        defining = [
            i
            for i, cell in enumerate(self.given)
            if name in cell.defines and self._is_own(i) and self.places[i] != stub
        ]
        for candidates in (placed, defining):
            started = [i for i in candidates if not self._untouched(self.given[i], name)]
            if started:
                return started
        return []

    def _is_own(self, index: int) -> bool:
        """Tell whether a cell holds text of the student's, and not in place of a locked or graded cell's."""
        cell, place = self.given[index], self.places[index]
        original = cell if place is None else self.source.cells[place]
        changed = place is None or cell.bare != original.bare
        return bool(cell.bare) and changed and not (original.test or original.locked)

    def _is_missing(self, name: str) -> bool:
        return self.source.stubs[name] not in self.places and not self.answers[name]

    def _notes(self, name: str) -> tuple[str, ...]:
        stub = self.source.stubs[name]
        if self._is_missing(name):
            return ("its cell is missing from the notebook",)
        placed = [i for i in self.answers[name] if self.places[i] == stub]
        return ("several cells answer it; the last one counts",) if len(placed) > 1 else ()

    def _merged(self) -> list[Cell]:
        """Return the lesson's cells in the lesson's order, with the student's between them."""
        merged: list[Cell] = []
        reached = 0
        exercise = next(iter(self.source.stubs), "")
        for i, cell in enumerate(self.given):
            place = self._anchor(i)
            if place >= reached:
                merged += self._lesson_cells(reached, place + 1)
                reached = place + 1
                exercise = self._exercise_at(place) or exercise
            if self._is_own(i):
                solves = self.solves.get(i, ())
                merged.append(Cell(cell.text, True, solves[0] if solves else exercise, solves))
        return merged + self._lesson_cells(reached, len(self.source.cells))

    def _anchor(self, index: int) -> int:
        """Return up to which of the lesson's cells everything has to be run before this one; -1 for none."""
        place = self.places[index]
        if place is not None:
            return place
        return max((self.source.stubs.get(name, -1) for name in self.given[index].defines), default=-1)

    def _lesson_cells(self, start: int, stop: int) -> list[Cell]:
        """Return the lesson's own code; a stub only where the student has left it as it was."""
        cells = []
        for i in range(start, stop):
            name = self._exercise_at(i)
            cell = self.source.cells[i]
            if name and (self.answers[name] or self._is_missing(name)):
                continue
            if not (cell.test or cell.only_shows):
                cells.append(Cell(cell.text, False, name))
        return cells

    def _exercise_at(self, place: int) -> str:
        cell = self.source.cells[place]
        return cell.grade_id if cell.solution else ""
