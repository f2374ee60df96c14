"""``submit_ready()``: what is still missing in a lesson before it is handed in, in one table."""

import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from graders.defined import fingerprint, text_of
from graders.errors import GradersError, UnreadableNotebook
from graders.exercises import for_lesson
from graders.notebook import cell_source
from graders.notebook import read as read_notebook
from graders.record import HOME, Mark, is_off, lessons_folder, look
from graders.showing import join
from graders.shown_table import CELL, shown_table
from graders.submission import Submission, read_submission
from graders.unchecked import how_to_check, why_no_answer
from graders.which_notebook import copies_beside, named, notebooks_here, open_now

__all__ = ["Readiness", "submit_ready"]

NOT_HERE = "A student sees here what is still missing before the lesson is handed in."
SAVE = "save it (Ctrl + S)"
NOT_STARTED = "not started"
RUN_ALL = (
    "choose Kernel, Restart Kernel and Run All Cells, then save; a cell that does not end is stopped with "
    "Kernel, Interrupt Kernel"
)
FIRST = ("it", "the first, the others may follow from it")
_WORDS = {
    "pass": "right",
    "partial": "partly right",
    "not_started": "checked, but it says that it is not written yet",
    "ungradable": "the answer has a wrong form",
    "timeout": "does not come to an end",
    "crashed": "raises an error",
    "error": "raises an error",
}


@dataclass(frozen=True)
class Readiness:
    """What is missing: prints as a table, and shows itself as one in a notebook.

    Parameters
    ----------
    head : str
        The sum, in words.
    rows : tuple of (str, str, bool)
        Exercise, lesson or "notebook"; what there is to say of it; whether it is in order.
    note : str
        What else the student should know; mostly nothing.

    Examples
    --------
    >>> print(Readiness("1 of 2 is in order", (("f", "right", True), ("g", "not started", False))))
    1 of 2 is in order
    ok       f                      right
    missing  g                      not started
    """

    head: str
    rows: tuple[tuple[str, str, bool], ...] = ()
    note: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of what is not in order."""
        return tuple(name for name, _, fine in self.rows if not fine)

    def __str__(self) -> str:
        lines = [f"{'ok' if fine else 'missing':<9}{name:<22} {words}" for name, words, fine in self.rows]
        return "\n".join([self.head, *lines, *([self.note] if self.note else [])])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        rows = (
            f'<tr><td style="{CELL}">{"ok" if fine else "<strong>missing</strong>"}</td>'
            f'<th scope="row" style="{CELL}">{escape(name)}</th><td style="{CELL}">{escape(words)}</td></tr>'
            for name, words, fine in self.rows
        )
        return shown_table("readiness", self.head, ("state", "what", "how it stands"), rows, self.note)


def submit_ready(notebook: str | os.PathLike[str] | None = None) -> Readiness:
    """Return what is still missing before a lesson is handed in; the last line of a cell shows it.

    It reads the notebook as it was last saved, and your own record of checks; it runs nothing. Grading uses
    other test points than the checks, so a right answer here is very likely one there.

    Parameters
    ----------
    notebook : path, optional
        The file; else this notebook, and from the start page every lesson.

    Returns
    -------
    Readiness
        One row for each exercise and one for the notebook; from the start page one for each lesson.
    """
    if is_off():
        return Readiness(NOT_HERE)
    try:
        known = named(notebook) if notebook else open_now(_namespace())
        files = [known] if known else notebooks_here()
        copies = [] if known or len(files) > 1 else copies_beside(files[0])
        return _with_copies(_looked_at(files), copies)
    except (GradersError, OSError) as problem:
        return Readiness(f"This cannot be told: {problem}")


def _looked_at(files: Sequence[Path]) -> Readiness:
    states = [_state(file) for file in files]
    rows = [(file.stem, state.head, not state.missing) for file, state in zip(files, states, strict=True)]
    ready = [file for file, (*_, fine) in zip(files, rows, strict=True) if fine]
    begun = _as_it_is(files[0]) if len(files) == 1 and not ready else ""
    note = _lines(_to_hand_in(ready), begun, states[0].note)
    if len(files) > 1:
        return Readiness(f"{len(ready)} of {len(rows)} lessons ready to hand in", tuple(rows), note)
    ((file,), (state,)) = files, states
    saved = time.strftime("%H:%M", time.localtime(file.stat().st_mtime))
    return replace(state, head=f"{file.name}, as it was saved at {saved}: {state.head}", note=note)


def _to_hand_in(files: Sequence[Path]) -> str:
    paths = ", ".join(str(file.resolve()) for file in files)
    which = "this file alone" if len(files) == 1 else "these files alone"
    return f"Hand in {which} (outputs may stay): {paths}." if files else ""


def _as_it_is(file: Path) -> str:
    costs = "what is not right in it costs its own points alone"
    return f"You may hand it in as it is, too: {costs}. The file: {file.resolve()}."


def _with_copies(state: Readiness, copies: Sequence[str]) -> Readiness:
    if not copies:
        return state
    told = f"Of this lesson there is also {join(copies)}; to look at that: submit_ready({copies[0]!r})."
    return replace(state, note=_lines(told, state.note))


def _lines(*notes: str) -> str:
    return " ".join(filter(None, notes))


def _namespace() -> Mapping[str, Any]:
    """Return the variables of the student's kernel; none where no kernel runs."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "user_ns", None) or {}


# How it stands


@dataclass(frozen=True)
class _Saved:
    """A notebook as it was saved."""

    file: Path
    cells: Sequence[dict[str, Any]]
    submission: Submission


def _state(file: Path) -> Readiness:
    try:
        cells = read_notebook(file)["cells"]
        submission = read_submission(file.read_bytes(), file.name)
    except UnreadableNotebook as error:
        reason = str(error).removeprefix(f"{file}: ")
        return Readiness("cannot be read", (("the notebook", reason, False),))
    marks, note = look(_record_of(file))
    exercises = for_lesson(submission.lesson)
    saved = _Saved(file, cells, submission)
    rows = [(e.name, *_exercise(e.name, saved, marks.get(e.name))) for e in exercises]
    begun = any(words != NOT_STARTED for _, words, _ in rows)
    problems = "; ".join(_problems(cells))
    rows.append(("the notebook", problems or "was run from top to bottom and saved", not problems))
    points = sum(marks[e.name].points for e in exercises if e.name in marks)
    head = _head(rows, points, sum(e.points for e in exercises)) if begun else NOT_STARTED
    return Readiness(head, tuple(rows), note)


def _head(rows: Sequence[tuple[str, str, bool]], points: float, possible: float) -> str:
    missing = sum(not fine for *_, fine in rows)
    what = f"{missing} thing{'s are' if missing > 1 else ' is'} missing" if missing else "ready to hand in"
    return f"{what}, {points:g} of {possible:g} points by your last checks"


def _record_of(file: Path) -> Path:
    """Return the folder that has the record; a file on a drive has it where its kernel runs."""
    home = lessons_folder(file.resolve().parent)
    return home if (home / HOME).is_dir() else lessons_folder(Path.cwd())


def _exercise(name: str, saved: _Saved, mark: Mark | None) -> tuple[str, bool]:
    """Return what there is to say of one exercise, and whether it is in order."""
    text = saved.submission.texts.get(name, "")
    if not text:
        return _not_there(name, saved, checked=mark is not None and mark.status != "not_started"), False
    if why := why_no_answer(name, saved.submission):
        return why, False
    if mark is None:
        return how_to_check(name, saved.cells, "written, but never checked: run its check"), False
    if mark.status == "not_started" and mark.text != fingerprint(text):
        return how_to_check(name, saved.cells, "written, but not run: run its cell, then its check"), False
    if mark.text and mark.text != fingerprint(text):
        unsaved = fingerprint(text_of(_namespace().get(name))) == mark.text
        changed = "changed since its last check"
        again = how_to_check(name, saved.cells, f"{changed}: check it again")
        return f"{changed}: {SAVE}, or run its cell and its check" if unsaved else again, False
    words = _WORDS.get(mark.status, "wrong")
    return f"{words}, {mark.points:g} of {mark.possible:g} points", mark.points >= mark.possible


def _not_there(name: str, saved: _Saved, *, checked: bool) -> str:
    missing = saved.submission.notes.get(name)
    if missing:
        return f"{'; '.join(missing)}: {_way_back(name, saved)}"
    return f"checked, but not in the saved notebook: {SAVE}" if checked else NOT_STARTED


def _way_back(name: str, saved: _Saved) -> str:
    """Say how a cell comes back that is gone."""
    file = saved.file.resolve()
    if file.stem == file.parent.name and saved.submission.lesson in file.stem:
        command = f"backproplab release --update {shlex.quote(str(file.parent.parent))}"
        brings = f"{command}, in a terminal, brings the cell back, what is written stays"
        return f"save and close the notebook; {brings}"
    return f"define {name} in a new cell, that counts too"


# What the file tells of its last run


def _problems(cells: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say what would keep these cells from running top to bottom, as far as their counts and outputs tell."""
    code = [cell for cell in cells if cell["cell_type"] == "code" and _counts(cell_source(cell))]
    ran = [(cell, cell.get("execution_count")) for cell in code]
    numbers = [number for _, number in ran if isinstance(number, int)]
    skipped = [cell for cell, number in ran if not isinstance(number, int)]
    if len(skipped) == len(code):
        yield f"was not run before it was saved: {RUN_ALL}"
    elif skipped:
        yield f"{_some(skipped)} not run before it was saved: {RUN_ALL}"
    elif numbers != sorted(numbers):
        yield f"its cells were run in another order than they stand in: {RUN_ALL}"
    broken = [cell for cell in code if any(_is_error(output) for output in cell.get("outputs") or ())]
    if broken:
        yield f"{_some(broken)} stopped with an error: mend {FIRST[len(broken) > 1]}"


def _counts(source: str) -> bool:
    """Tell whether a cell is one to be run: not an empty one, nor the one that asks."""
    return bool(source.strip()) and "submit_ready(" not in source


def _is_error(output: Any) -> bool:
    return isinstance(output, dict) and output.get("output_type") == "error"


def _some(cells: Sequence[dict[str, Any]]) -> str:
    first = cell_source(cells[0]).strip().partition("\n")[0]
    which = f"the cell {first[:40]!r}"
    return f"{which} and {len(cells) - 1} more were" if len(cells) > 1 else f"{which} was"
