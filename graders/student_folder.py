"""A student's folder: which one is meant, how the lessons come into it, which copies of the work are kept."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from graders.backups import back_up, back_with, backups
from graders.durable import write_durably
from graders.errors import GradersError, UnreadableNotebook
from graders.exercises import for_lesson
from graders.lessons import Lesson, all_lessons, checkout, holds_lessons, refuse_sources
from graders.merging import Merged
from graders.placed import HIDDEN, Placed
from graders.record import look
from graders.release import student_copies
from graders.updating import merged_now

__all__ = ["home_of", "keep_copies", "own_folder", "place"]


def own_folder(here: Path) -> Path:
    """Return the folder that is meant where none is named.

    In a checkout it is ``build/lab``; else this folder, or from within a lesson's the one above, if it is a
    student's already; else ``backproplab-lessons`` in this one.
    """
    root = checkout()
    if root:
        return root / "build" / "lab"
    return next(filter(_is_students, (home_of(here), here)), here / "backproplab-lessons")


def home_of(folder: Path) -> Path:
    """Return the student's folder, where that of one lesson in it was given."""
    name = folder.name
    is_lesson = any(name == one.folder for one in all_lessons()) and (folder / f"{name}.ipynb").is_file()
    return folder.parent if is_lesson and not _in_course(folder.parent) else folder


def _is_students(folder: Path) -> bool:
    return not _in_course(folder) and ((folder / HIDDEN).is_dir() or holds_lessons(folder))


def _in_course(folder: Path) -> bool:
    return any((home / "nbgrader_config.py").is_file() for home in (folder, folder.parent))


def place(lessons: Sequence[Lesson], folder: Path) -> list[str]:
    """Write student copies into the folder, never over a notebook that somebody has worked on.

    A copy that is byte for byte what was once released there is renewed; hence the record in
    ``.backproplab``. Of the others a copy is kept.

    Parameters
    ----------
    lessons : sequence of Lesson
        What to put there; with all of them goes the start notebook.
    folder : Path
        The student's folder; it is made if need be.

    Returns
    -------
    list of str
        What was done, a line for each notebook that was written or kept; then what the student may want to
        do: take back a copy of a notebook that lost its answers, merge lessons that are newer.

    Raises
    ------
    GradersError
        If the folder holds the sources or cannot be written.
    """
    refuse_sources(folder)
    try:
        placed = Placed(folder)
        there = _notebooks(lessons, folder, placed)
        lines = [_place_one(notebook, placed) for notebook in there]
        placed.save()
        _keep(there, folder)
        return [line for line in (*lines, *_lost(lessons, there, folder), _newer(there, folder)) if line]
    except OSError as error:
        raise GradersError(_not_written(folder, error)) from error


def keep_copies(lessons: Sequence[Lesson], folder: Path) -> None:
    """Keep a copy of each notebook with work in it that is not as the last copy of it.

    Raises
    ------
    OSError
        If the disk refuses.
    """
    _keep(_notebooks(lessons, folder, Placed(folder)), folder)


@dataclass(frozen=True)
class _Notebook:
    """A notebook's place in the folder, and what lies there."""

    folder: Path
    place: Path
    released: str
    content: bytes | None
    known: dict[str, list[str]]
    ours: bool  # nothing there, or byte for byte a release

    @property
    def path(self) -> Path:
        return self.folder / self.place

    def merged(self, path: Path) -> Merged | None:
        """Return what a merge would make of a file, if that is one of the lesson."""
        try:
            return merged_now(path, self.released, self.known)[1]
        except UnreadableNotebook:
            return None

    @cached_property
    def now(self) -> Merged | None:
        return None if self.ours else self.merged(self.path)

    @property
    def answers(self) -> int:
        return self.now.answers if self.now else 0

    def last_copy(self) -> Path | None:
        """Return the newest copy that holds answers: ours, else the one that JupyterLab keeps."""
        jupyters = self.path.parent / ".ipynb_checkpoints" / f"{self.path.stem}-checkpoint.ipynb"
        copies = (*backups(self.path.stem, self.folder), jupyters)
        return next((c for c in copies if (merged := self.merged(c)) and merged.answers), None)


def _notebooks(lessons: Sequence[Lesson], folder: Path, placed: Placed) -> list[_Notebook]:
    return [_notebook(folder, place, text, placed) for place, text in student_copies(lessons).items()]


def _notebook(folder: Path, place: Path, released: str, placed: Placed) -> _Notebook:
    path = folder / place
    content = path.read_bytes() if path.exists() else None
    ours = content in (None, released.encode()) or placed.is_untouched(path.stem, content or b"")
    return _Notebook(folder, place, released, content, placed.texts(path.stem), ours)


def _place_one(notebook: _Notebook, placed: Placed) -> str:
    name, new = notebook.path.name, notebook.released.encode()
    if not notebook.ours:
        return f"kept your {name}" if notebook.now else _foreign(notebook)
    placed.note(notebook.path.stem, notebook.released)
    if notebook.content == new:
        return ""
    write_durably(notebook.path, new)
    return f"{'new' if notebook.content is None else 'renewed'}: {name}"


def _foreign(notebook: _Notebook) -> str:
    due = "lesson" if notebook.place.parent.name else "start page"
    copy = notebook.last_copy()
    back = f", or take your last copy back:\n  {back_with(copy, notebook.path)}" if copy else ""
    return f"{notebook.place} is not the {due}: move it away to get it{back}"


def _keep(there: Sequence[_Notebook], folder: Path) -> None:
    for notebook in there:
        if notebook.content and notebook.now and (notebook.now.answers or notebook.now.own):
            back_up(notebook.path, notebook.content, folder)


def _lost(lessons: Sequence[Lesson], there: Sequence[_Notebook], folder: Path) -> Iterator[str]:
    """Name the empty lessons of which points or answers are kept: something was put over the answers."""
    marks, _ = look(folder)
    for lesson, notebook in zip(lessons, there, strict=False):  # behind them, the start page
        if notebook.answers or not (notebook.ours or notebook.now):
            continue
        points = sum(marks[e.name].points for e in for_lesson(lesson.slug) if e.name in marks)
        copy = notebook.last_copy()
        if not (points or copy):
            continue
        recorded = f"{points:g} point{'s are' if points != 1 else ' is'} recorded for it"
        kept = recorded if points else "there were answers in it"
        back = (
            f"to take your last copy back:\n  {back_with(copy, notebook.path)}" if copy else "no copy is kept"
        )
        yield f"{notebook.path.name} is the empty lesson, though {kept}; {back}"


def _newer(there: Sequence[_Notebook], folder: Path) -> str:
    """Offer the merge, by what it would do: what was merged may have been undone in an open page."""
    waiting = [
        f"{notebook.path.stem} ({notebook.now.renewed} cell{'s' * (notebook.now.renewed != 1)})"
        for notebook in there
        if notebook.place.parent.name and notebook.now and notebook.now.renewed
    ]
    command = f"backproplab release --update {shlex.quote(str(folder))}"
    if not waiting:
        return ""
    return (
        f"newer than yours, or missing there: {', '.join(waiting)}\n"
        f"to merge, your text stays: save and stop the lab, or close the notebook, then: {command}"
    )


def _not_written(folder: Path, error: OSError) -> str:
    path = Path(error.filename or folder)
    blocking = next((p for p in (path, *path.parents) if p.is_file()), None)
    what = f"{blocking} is in the way" if blocking else f"{error.strerror}"
    return f"cannot write in {folder}: {what}\nmove it away, or choose another folder: backproplab lab DIR"
