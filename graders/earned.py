"""``progress()``: what a student has earned so far, as text and as a table in a notebook."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from graders.exercises import for_lesson
from graders.lessons import Lesson, all_lessons
from graders.record import Mark, lessons_folder, look
from graders.shown_table import CELL, shown_table

__all__ = ["Progress", "Row", "progress"]

_SIGNS = {"pass": "\N{CHECK MARK}", "partial": "\N{CIRCLE WITH LEFT HALF BLACK}"}
_WRONG = "\N{BALLOT X}"


@dataclass(frozen=True)
class Row:
    """One lesson.

    Parameters
    ----------
    number : int
        Its place in the sequence.
    slug : str
        Its name.
    possible : float
        Marks to be had.
    marks : tuple of (str, Mark)
        Its exercises that were checked, in the order of the lesson.
    link : str
        Where its notebook is, seen from the working directory; empty where there is none.
    """

    number: int
    slug: str
    possible: float
    marks: tuple[tuple[str, Mark], ...] = ()
    link: str = ""

    @property
    def points(self) -> float:
        """Marks earned."""
        return sum(mark.points for _, mark in self.marks)


@dataclass(frozen=True)
class Progress:
    """A student's progress: prints as a table, and shows itself as one in a notebook.

    Parameters
    ----------
    rows : tuple of Row
        One per lesson.
    note : str
        What else the student should know; mostly nothing.

    Examples
    --------
    >>> row = Row(1, "one_neuron", 20, (("neuron_loss", Mark(2, 2, "pass")),))
    >>> print(Progress((row, Row(2, "going_bonkers", 20))))
    2 of 40 points so far, by the last check of each exercise
    1 one_neuron          2 of 20  neuron_loss 2 of 2
    2 going_bonkers       0 of 20
    """

    rows: tuple[Row, ...]
    note: str = ""

    @property
    def head(self) -> str:
        """The sum, in words."""
        points, possible = sum(row.points for row in self.rows), sum(row.possible for row in self.rows)
        return f"{points:g} of {possible:g} points so far, by the last check of each exercise"

    def __str__(self) -> str:
        return "\n".join([self.head, *map(_line, self.rows), *([self.note] if self.note else [])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        headings = ("lesson", "points", "exercises")
        return shown_table("progress", self.head, headings, map(_html_row, self.rows), self.note)


_LINK = "color: inherit; text-decoration: underline"


def progress() -> Progress:
    """Return what you have earned so far; the last line of a cell shows it.

    Returns
    -------
    Progress
        One row per lesson, with the marks of the last check of each exercise. It is your own record, kept
        in ``.backproplab/progress.json`` of the lessons' folder; grading never looks at it.
    """
    here = Path.cwd()
    folder = lessons_folder(here)
    marks, note = look(folder)
    return Progress(tuple(_row(lesson, marks, folder, here) for lesson in all_lessons()), note)


def _row(lesson: Lesson, marks: dict[str, Mark], folder: Path, here: Path) -> Row:
    exercises = for_lesson(lesson.slug)
    checked = tuple((e.name, marks[e.name]) for e in exercises if e.name in marks)
    possible = sum(e.points for e in exercises)
    return Row(lesson.number, lesson.slug, possible, checked, _link(lesson, (folder, folder.parent), here))


def _link(lesson: Lesson, folders: Sequence[Path], here: Path) -> str:
    """Return the way from here to the lesson's notebook, as a browser wants it."""
    for folder in folders:
        notebook = folder / lesson.folder / f"{lesson.folder}.ipynb"
        if notebook.is_file():
            return quote(Path(os.path.relpath(notebook, here)).as_posix())
    return ""


def _line(row: Row) -> str:
    marks = ", ".join(f"{name} {_of(mark)}" for name, mark in row.marks)
    return f"{row.number} {row.slug:<23}{row.points:g} of {row.possible:g}  {marks}".rstrip()


def _of(mark: Mark) -> str:
    return "not started" if mark.status == "not_started" else f"{mark.points:g} of {mark.possible:g}"


def _html_row(row: Row) -> str:
    name = f"{row.number} {escape(row.slug)}"
    name = f'<a style="{_LINK}" href="{escape(row.link)}">{name}</a>' if row.link else name
    marks = "<br>".join(_html_mark(name, mark) for name, mark in row.marks)
    return (
        f'<tr><th scope="row" style="{CELL}">{name}</th>'
        f'<td style="{CELL}; white-space: nowrap">{row.points:g} of {row.possible:g}</td>'
        f'<td style="{CELL}">{marks}</td></tr>'
    )


def _html_mark(name: str, mark: Mark) -> str:
    sign = "\N{HORIZONTAL ELLIPSIS}" if mark.status == "not_started" else _SIGNS.get(mark.status, _WRONG)
    return f'<span aria-hidden="true">{sign}</span> {escape(name)} {_of(mark)}'
