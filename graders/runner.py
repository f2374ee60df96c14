"""Grade notebooks: draw the probes here, call the student's functions there, judge here."""

import hashlib
import hmac
import secrets
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import backproplab
from graders.carried import OwnFunctions, carry_forward, may_be_carried
from graders.errors import NotConfined, UnreadableNotebook
from graders.exercise import Exercise, Outcome, Result, Status, Verdict
from graders.exercises import find, for_lesson
from graders.judge import judge
from graders.messages import compose
from graders.probes import KEPT, ProbeSet, draw
from graders.sandbox.isolation import isolation, require
from graders.sandbox.remote import CellReport
from graders.sandbox.session import Call, Cell, Session
from graders.submission import MAX_BYTES, Submission, names_defined, other_names, read_submission

__all__ = [
    "ISOLATION_NOTE",
    "Task",
    "file_contents",
    "grade_files",
    "grade_one",
    "needs_person",
]

ISOLATION_NOTE = (
    "the students' code runs in a separate process without confinement: it cannot reach the grader's memory, "
    "but it can read this account's files and use the network"
)
ATTEMPTS = 3
# So many are drawn for each exercise of a class: enough to surprise, few enough to keep their answers.
PROBE_SETS = 8


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
    points : tuple of (str, float)
        What exercises are worth in this course, where that is not what they are worth anywhere.
    unsandboxed : bool
        Grade even where nothing confines the student's code.
    """

    data: bytes
    name: str
    seed: int
    student: str | None = None
    exercises: tuple[str, ...] = ()
    points: tuple[tuple[str, float], ...] = ()
    unsandboxed: bool = False


def grade_files(
    notebooks: Sequence[str],
    *,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    jobs: int | None = None,
    executor: str | None = None,
    unsandboxed: bool = False,
) -> list[Result]:
    """Grade notebooks by their paths.

    Parameters
    ----------
    notebooks : sequence of str
        Paths; each gets a result, whatever lies there. One that is named twice is graded once.
    seed : int, optional
        Repeats the probes of an earlier run; a fresh secret one by default.
    progress : callable, optional
        Told ``(done, total)`` after each notebook.
    jobs, executor : optional
        Who does the work, as in :func:`graders.pool.grade_all`.
    unsandboxed : bool
        Grade even where nothing confines the students' code.

    Returns
    -------
    list of Result
        In the order given. What could not be read carries the reason in ``error``.
    """
    from graders.pool import grade_all  # late: what it hands to the workers is grade_one, below

    secret = secrets.randbits(128) if seed is None else seed
    paths = dict.fromkeys(notebooks)
    results: dict[str, Result] = {}

    def keep(result: Result) -> None:
        results[result.notebook] = result
        if progress:
            progress(len(results), len(paths))

    def readable() -> Iterator[Task]:
        for path in paths:
            task = Task(b"", path, secret, unsandboxed=unsandboxed)
            try:
                yield replace(task, data=file_contents(Path(path)))
            except UnreadableNotebook as reason:
                keep(_result(task, time.monotonic(), error=str(reason)))

    with closing(grade_all(readable(), jobs=jobs, executor=executor)) as graded:
        for _, result in graded:
            keep(result)
    return [results[path] for path in notebooks]


def file_contents(path: Path) -> bytes:
    """Return what lies in a file that a student handed in.

    Raises
    ------
    UnreadableNotebook
        If it is not a regular file or may not be read.
    """
    try:
        # Opening a named pipe would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableNotebook("not a regular file")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise UnreadableNotebook(getattr(error, "strerror", None) or str(error)) from error


def grade_one(task: Task, told: Callable[[Verdict], object] | None = None) -> Result:
    """Grade one notebook.

    A failure of our own is tried again, and in the end asks for a person: it is never a zero.

    Parameters
    ----------
    task : Task
        The notebook, and what is wanted.
    told : callable, optional
        Told each verdict as soon as it is there; what is carried forward or noted in the end is not in it.

    Returns
    -------
    Result
        One verdict per exercise of the lesson, or an ``error``.
    """
    start = time.monotonic()
    try:
        submission, verdicts = _with_patience(lambda: _judged(task, told))
    except (NotConfined, UnreadableNotebook) as reason:
        return _result(task, start, error=str(reason))
    except Exception as failure:  # whatever went wrong, the other notebooks go on
        return _result(task, start, error=f"needs a person: {type(failure).__name__}: {failure}")
    return _result(task, start, submission.lesson, verdicts)


def needs_person(task: Task, reason: str) -> Result:
    """Return the result of a notebook that our own machinery failed to grade: never a zero."""
    return _result(task, time.monotonic(), error=f"needs a person: {reason}")


def _result(
    task: Task,
    start: float,
    lesson: str | None = None,
    verdicts: tuple[Verdict, ...] = (),
    error: str | None = None,
) -> Result:
    seconds = round(time.monotonic() - start, 4)
    return Result(
        task.name, lesson, task.student, backproplab.__version__, isolation(), seconds, verdicts, error
    )


def _with_patience(
    work: Callable[[], tuple[Submission, tuple[Verdict, ...]]],
) -> tuple[Submission, tuple[Verdict, ...]]:
    for _ in range(ATTEMPTS - 1):
        try:
            return work()
        except (NotConfined, UnreadableNotebook):
            raise
        except Exception:
            continue
    return work()


def _judged(
    task: Task, told: Callable[[Verdict], object] | None = None
) -> tuple[Submission, tuple[Verdict, ...]]:
    submission = read_submission(task.data, task.name)
    wanted = [e for e in for_lesson(submission.lesson) if e.name in (task.exercises or (e.name,))]
    exercises = [_worth(exercise, dict(task.points)) for exercise in wanted]
    if not submission.texts:
        return submission, tuple(_with_notes(_not_started(e), submission, {}) for e in exercises)
    require(task.unsandboxed)
    with Session(submission.cells) as session:
        seed = _set_seed(task)
        failures = {
            e.name: _failure(session, submission, e.name) for e in exercises if e.name in submission.texts
        }
        called = [name for name, failure in failures.items() if failure is None]
        answers = session.call_all([_call(name, seed) for name in called])
        outcomes: dict[str, list[Outcome]] = {}
        coming = (outcomes.setdefault(name, answer) for name, answer in zip(called, answers, strict=True))
        verdicts = []
        for exercise in exercises:
            verdicts.append(_verdict(exercise, seed, failures, coming))
            if told:
                told(verdicts[-1])
        left = session.seconds_left
    verdicts = _carried_forward(submission, seed, verdicts, outcomes, left)
    return submission, tuple(_with_notes(verdict, submission, session.reports) for verdict in verdicts)


def _failure(session: Session, submission: Submission, name: str) -> CellReport | None:
    """Return why the cell of an exercise gave nothing that can be judged; None if it did."""
    text = submission.texts[name]
    failure = session.failure(name)
    if failure or name in names_defined(text) or session.defines(name):
        return failure
    return CellReport("raised", f"NameError: {other_names(name, text)}: what do the cells below call?")


def _carried_forward(
    submission: Submission,
    seed: int,
    verdicts: list[Verdict],
    outcomes: Mapping[str, list[Outcome]],
    seconds: float,
) -> list[Verdict]:
    """Ask the earlier functions again, in a process that has called none of the later ones."""
    known = {verdict.name: verdict for verdict in verdicts}
    if not any(may_be_carried(verdict, known) for verdict in verdicts):
        return verdicts
    with Session(submission.cells, seconds) as afresh:
        own = OwnFunctions(afresh.call, seed, known)
        return [
            carry_forward(draw(verdict.name, seed), outcomes[verdict.name], verdict, own)
            if may_be_carried(verdict, known)
            else verdict
            for verdict in verdicts
        ]


def _set_seed(task: Task) -> int:
    """Pick one of the sets that the secret draws: a rerun meets the same, other contents perhaps another."""
    contents = hashlib.sha256(task.data).hexdigest()
    number = _secret_number(task.seed, f"whose {task.student} {contents}") % PROBE_SETS
    return _secret_number(task.seed, f"set {number}")


def _secret_number(secret: int, text: str) -> int:
    return int.from_bytes(hmac.digest(str(secret).encode(), text.encode(), "sha256"))


def _worth(exercise: Exercise, points: Mapping[str, float]) -> Exercise:
    """Return the exercise as this course values it."""
    worth = points.get(exercise.name, exercise.points)
    return exercise if worth == exercise.points else replace(exercise, points=worth)


def _probe_set(exercise: Exercise, seed: int) -> ProbeSet:
    """Draw its probes; with points of its own a course has sets of its own."""
    same = exercise.points == find(exercise.name).points
    return draw(exercise.name, seed) if same else draw(exercise.name, seed, exercise.points)


@lru_cache(maxsize=KEPT)
def _call(name: str, seed: int) -> Call:
    probe_set = draw(name, seed)
    exercise = probe_set.exercise
    return Call(name, probe_set.batch, exercise.seconds, exercise.answer)


def _verdict(
    exercise: Exercise,
    seed: int,
    failures: Mapping[str, CellReport | None],
    outcomes: Iterator[list[Outcome]],
) -> Verdict:
    if exercise.name not in failures:
        return _not_started(exercise)
    failure = failures[exercise.name]
    if failure is None:
        return judge(_probe_set(exercise, seed), next(outcomes))
    status: Status = (
        "timeout" if failure.kind == "timeout" else "crashed" if failure.kind == "crashed" else "error"
    )
    place = (f"it stopped in {failure.place}",) if failure.place else ()
    return _without_answers(exercise, status, failure.error, *place)


def _not_started(exercise: Exercise) -> Verdict:
    return _without_answers(exercise, "not_started")


def _without_answers(exercise: Exercise, status: Status, *notes: str) -> Verdict:
    levels = compose(exercise, status, 0.0, (), notes, None)
    return Verdict(exercise.name, status, 0.0, exercise.points, notes=notes, levels=levels)


def _with_notes(verdict: Verdict, submission: Submission, reports: Mapping[int, CellReport]) -> Verdict:
    """Add what was unusual about the notebook around this exercise."""
    failed = [(submission.cells[i], report) for i, report in sorted(reports.items())]
    notes = []
    for note in submission.notes.get(verdict.name, ()):
        verdict = verdict.with_note(note)
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
    return f"your cell that begins {begins!r} {happened}{f', in {report.place}' if report.place else ''}"
