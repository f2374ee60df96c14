"""Grade single notebooks: draw the probes here, call the student's functions there, judge here."""

import hashlib
import hmac
import secrets
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import backproplab
from graders.errors import UnreadableNotebook
from graders.exercise import Exercise, Probe, Result, Status, Verdict
from graders.exercises import for_lesson
from graders.judge import judge
from graders.messages import compose
from graders.sandbox.remote import CellReport
from graders.sandbox.session import Cell, Session
from graders.submission import MAX_BYTES, Submission, read_submission

__all__ = ["ISOLATION", "ISOLATION_NOTE", "Task", "grade_files", "grade_one"]

ISOLATION = "process"
ISOLATION_NOTE = (
    "the students' code runs in a separate process without confinement: it cannot reach the grader's memory, "
    "but it can read this account's files and use the network"
)
ATTEMPTS = 3


@dataclass(frozen=True)
class Task:
    """One notebook to grade: all that a worker needs, on whatever machine it runs.

    Parameters
    ----------
    data : bytes
        The notebook's contents; never a path.
    name : str
        How the result calls it.
    seed : int
        The secret from which the probes are drawn.
    student : str or None
        Whose it is, where a course knows that.
    exercises : tuple of str
        Grade only these; all of the lesson if empty.
    unsandboxed : bool
        Grade even where nothing confines the student's code.
    """

    data: bytes
    name: str
    seed: int
    student: str | None = None
    exercises: tuple[str, ...] = ()
    unsandboxed: bool = False


def grade_files(
    notebooks: Sequence[str], *, seed: int | None = None, progress: Callable[[int, int], None] | None = None
) -> list[Result]:
    """Grade notebooks by their paths, one after another.

    Parameters
    ----------
    notebooks : sequence of str
        Paths; each gets a result, whatever lies there.
    seed : int, optional
        Repeats the probes of an earlier run; a fresh secret one by default.
    progress : callable, optional
        Told ``(done, total)`` after each notebook.

    Returns
    -------
    list of Result
        In the order given. What could not be read carries the reason in ``error``.
    """
    seed = secrets.randbits(128) if seed is None else seed
    results = []
    for done, path in enumerate(notebooks, start=1):
        results.append(_grade_file(path, seed))
        if progress:
            progress(done, len(notebooks))
    return results


def grade_one(task: Task) -> Result:
    """Grade one notebook.

    A failure of our own is tried again, and in the end asks for a person: it is never a zero.

    Parameters
    ----------
    task : Task
        The notebook, and what is wanted.

    Returns
    -------
    Result
        One verdict per exercise of the lesson, or an ``error``.
    """
    start = time.monotonic()
    try:
        submission, verdicts = _with_patience(lambda: _judged(task))
    except UnreadableNotebook as reason:
        return _result(task, start, error=str(reason))
    except Exception as failure:  # whatever went wrong, the other notebooks go on
        return _result(task, start, error=f"needs a person: {type(failure).__name__}: {failure}")
    return _result(task, start, submission.lesson, verdicts)


def _grade_file(path: str, seed: int) -> Result:
    start = time.monotonic()
    task = Task(b"", path, seed)
    try:
        # Opening a named pipe would wait for ever.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            return _result(task, start, error="not a regular file")
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return _result(task, start, error=getattr(error, "strerror", None) or str(error))
    return grade_one(replace(task, data=data))


def _result(
    task: Task,
    start: float,
    lesson: str | None = None,
    verdicts: tuple[Verdict, ...] = (),
    error: str | None = None,
) -> Result:
    seconds = round(time.monotonic() - start, 4)
    return Result(
        task.name, lesson, task.student, backproplab.__version__, ISOLATION, seconds, verdicts, error
    )


def _with_patience(
    work: Callable[[], tuple[Submission, tuple[Verdict, ...]]],
) -> tuple[Submission, tuple[Verdict, ...]]:
    for _ in range(ATTEMPTS - 1):
        try:
            return work()
        except UnreadableNotebook:
            raise
        except Exception:
            continue
    return work()


def _judged(task: Task) -> tuple[Submission, tuple[Verdict, ...]]:
    submission = read_submission(task.data, task.name)
    exercises = [e for e in for_lesson(submission.lesson) if e.name in (task.exercises or (e.name,))]
    if not submission.texts:
        return submission, tuple(_not_started(exercise) for exercise in exercises)
    with Session(submission.cells) as session:
        drawn = [exercise.probes(_rng(task.seed, exercise.name, task.data)) for exercise in exercises]
        verdicts = [
            _verdict(session, submission, e, probes) for e, probes in zip(exercises, drawn, strict=True)
        ]
    return submission, tuple(_with_notes(verdict, submission, session.reports) for verdict in verdicts)


def _rng(seed: int, exercise: str, data: bytes) -> np.random.Generator:
    """Draw anew for every exercise and every contents, the same again for the same."""
    contents = hashlib.sha256(data).hexdigest()
    digest = hmac.digest(str(seed).encode(), f"{exercise} {contents}".encode(), "sha256")
    return np.random.default_rng(int.from_bytes(digest))


def _verdict(
    session: Session, submission: Submission, exercise: Exercise, probes: Sequence[Probe]
) -> Verdict:
    if exercise.name not in submission.texts:
        return _not_started(exercise)
    failure = session.failure(exercise.name)
    if failure is None:
        batch = [probe.args for probe in probes]
        return judge(exercise, probes, session.call(exercise.name, batch, exercise.seconds))
    status: Status = (
        "timeout" if failure.kind == "timeout" else "crashed" if failure.kind == "crashed" else "error"
    )
    return _without_answers(exercise, status, failure.error)


def _not_started(exercise: Exercise) -> Verdict:
    return _without_answers(exercise, "not_started")


def _without_answers(exercise: Exercise, status: Status, *notes: str) -> Verdict:
    message = compose(exercise, status, 0.0, (), notes, None)
    return Verdict(exercise.name, status, 0.0, exercise.points, notes=notes, message=message)


def _with_notes(verdict: Verdict, submission: Submission, reports: Mapping[int, CellReport]) -> Verdict:
    """Add what was unusual about the notebook around this exercise."""
    failed = [(submission.cells[i], report) for i, report in sorted(reports.items())]
    notes = [*submission.notes.get(verdict.name, ())]
    for cell, report in failed:
        # A cell that calls what is not written yet stops there, as it does in the notebook.
        waiting = report.error.startswith("NotImplementedError")
        told = report.error in verdict.notes
        if cell.own and cell.exercise == verdict.name and not waiting and not told:
            notes.append(_cell_note(cell, report))
    return replace(verdict, notes=(*verdict.notes, *notes))


def _cell_note(cell: Cell, report: CellReport) -> str:
    begins = cell.source.strip().partition("\n")[0][:40]
    happened = f"stopped with {report.error}" if report.kind == "raised" else f"was left out: {report.error}"
    return f"your cell that begins {begins!r} {happened}"
