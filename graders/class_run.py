"""Grade a class: what was handed in, from the course's folder, through the workers, into the gradebook."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import backproplab
from graders.assignments import read_assignments
from graders.autograded import as_lesson, autograded_notebook, marks
from graders.choice import Wanted, chosen
from graders.course import Course, probe_secret
from graders.entering import Entered, LatePenalty
from graders.errors import GradersError, UnreadableNotebook
from graders.exercise import Result
from graders.folders import discard, draft_folder, put_in_place, sweep
from graders.gradebook import Gradebook
from graders.ledger import Entry
from graders.pool import grade_all
from graders.runner import Task
from graders.submitted import STAMP, Submitted, all_submitted, contents, timestamp_of

__all__ = ["ClassRun", "grade_class"]

UNREAD = ""  # stands for the hash of contents that could not be read


@dataclass
class ClassRun:
    """What grading a class came to.

    Parameters
    ----------
    results : list of Result
        Those of the whole course, by assignment and student, also from earlier runs.
    graded : int
        How many submissions were graded now.
    unchanged : int
        How many were graded before and are as they were.
    refused : list of Result
        Those of what was asked for that could not be graded, with the reason in ``error``.
    remarks : list of str
        What was unusual, a line each.
    """

    results: list[Result] = field(default_factory=list)
    graded: int = 0
    unchanged: int = 0
    refused: list[Result] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def grade_class(
    course: Course,
    wanted: Wanted,
    *,
    jobs: int | None = None,
    executor: str | None = None,
    seed: int | None = None,
    unsandboxed: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ClassRun:
    """Grade what was handed in and has not been graded yet.

    It may be killed at any moment; the same call goes on from there.

    Parameters
    ----------
    course : Course
        The course.
    wanted : Wanted
        Which part of it.
    jobs, executor, progress
        As ``graders.pool.grade_all`` takes them.
    seed : int, optional
        Stands in for the course's own secret.
    unsandboxed : bool
        Grade even where nothing confines the students' code.

    Returns
    -------
    ClassRun
        All results, and what could not be graded. One bad submission never stops the others.

    Raises
    ------
    UnknownName
        If no such assignment, student or exercise is known.
    GradersError
        If the gradebook or the disk refuses, or another grading is running; what was graded stays.
    """
    with course.alone(), Gradebook(course.db_url, course.course_id, _late_rule(course)) as gradebook:
        sweep(course.autograded)
        run = _Run(course, gradebook, wanted, probe_secret(course.root) if seed is None else seed)
        tasks = _Tasks(run, unsandboxed)
        with closing(grade_all(tasks, jobs=jobs, executor=executor, progress=progress)) as graded:
            for task, result in graded:
                run.record(tasks.taken.pop(task.name), task.data, result)
        return run.outcome()


def _late_rule(course: Course) -> LatePenalty | None:
    if course.penalties is None:
        return None
    from graders.nbgrader_bridge import late_rule  # late: it takes seconds

    return late_rule(course.penalties)


class _Run:
    """One pass over a course."""

    def __init__(self, course: Course, gradebook: Gradebook, wanted: Wanted, seed: int) -> None:
        self.course = course
        self.gradebook = gradebook
        self.wanted = wanted
        self.seed = seed
        self.before = gradebook.entries()
        self.assignments, broken = read_assignments(course.source)
        names = {name: known.notebook for name, known in self.assignments.items()}
        everything = all_submitted(course, names)
        self.chosen = chosen(wanted, everything, self.assignments, gradebook.students())
        strays = [submitted for submitted in self.chosen if not submitted.assignment]
        self.strays = [_refused(s, broken.get(s.path.name, s.problem)) for s in strays]
        self.failed: list[Result] = []
        self.todo = [s for s in self.chosen if s.assignment and not self._done(s)]
        self.graded = 0

    def _done(self, submitted: Submitted) -> bool:
        """Tell whether the ledger holds it as it is, and the copy in ``autograded/`` is the one it names."""
        entry = self.before.get((submitted.assignment, submitted.student))
        if self.wanted.force or self.wanted.exercise or entry is None or entry.result.error:
            return False
        if entry.grader_version != backproplab.__version__ or submitted.problem:
            return False
        on_disk = (_hash_of(submitted.path), _hash_of(self._copy(submitted)))
        return on_disk == (entry.content, entry.autograded)

    def _place(self, submitted: Submitted) -> Path:
        return self.course.autograded / submitted.student / submitted.assignment

    def _copy(self, submitted: Submitted) -> Path:
        return self._place(submitted) / f"{self.assignments[submitted.assignment].notebook}.ipynb"

    def only(self, submitted: Submitted, content: str) -> tuple[str, ...]:
        """Return which exercises to grade: the wanted one if the others have valid marks, else all."""
        entry = self.before.get((submitted.assignment, submitted.student))
        valid = entry is not None and entry.content == content and not entry.result.error
        return (self.wanted.exercise,) if self.wanted.exercise and valid else ()

    def record(self, submitted: Submitted, data: bytes, result: Result) -> None:
        """Write what a submission came to: a draft of its copy, then the gradebook, then the copy's name.

        Killed before the commit, it is as if nothing had been graded. Killed after it, the copy is not
        the one that the ledger names, so the submission is graded again.
        """
        if result.error and self.only(submitted, _hash(data)):
            self.failed.append(result)  # its earlier marks are good
            return
        entry, copy = self._entry(submitted, data, result)
        place = self._place(submitted)
        try:
            draft = draft_folder(place, {**self._stamp(submitted), self._copy(submitted).name: copy})
            try:
                self.gradebook.record(self._entered(submitted, entry), entry)
                put_in_place(draft, place)
            finally:
                discard(draft)
        except OSError as error:
            reason = error.strerror or error
            raise GradersError(f"{place}: {reason}; what was graded before is kept") from error
        self.graded += entry.result.error is None

    def _entry(self, submitted: Submitted, data: bytes, result: Result) -> tuple[Entry, bytes]:
        """Return the line of the ledger and the notebook for ``autograded/``."""
        assignment = self.assignments[submitted.assignment]
        content = UNREAD if submitted.problem else _hash(data)
        version = backproplab.__version__
        result = replace(result, notebook=submitted.name, student=submitted.student)
        result = as_lesson(result, assignment.lesson)
        if self.only(submitted, content):
            before = self.before[submitted.assignment, submitted.student]
            # Its other verdicts are of that version still, so a later run grades them again if need be.
            version = before.grader_version
            result = _merged(before.result, result)
        try:
            copy = autograded_notebook(data, result, assignment.released)
        except Exception as failure:  # whatever it is about this notebook, the others go on
            reason = f"needs a person: {type(failure).__name__}: {failure}"
            result = replace(result, exercises=(), error=reason)
            copy = autograded_notebook(b"", result, assignment.released)
        keys = (submitted.assignment, submitted.student, content, version)
        return Entry(*keys, autograded=_hash(copy), result=result), copy

    def _entered(self, submitted: Submitted, entry: Entry) -> Entered:
        before = self.before.get((submitted.assignment, submitted.student))
        return Entered(
            self.assignments[submitted.assignment],
            submitted.student,
            self._timestamp(submitted)[0],
            marks(entry.result),
            changed=before is None or before.content != entry.content,
            flagged=any(verdict.status == "flagged" for verdict in entry.result.exercises),
        )

    def _timestamp(self, submitted: Submitted) -> tuple[datetime | None, str]:
        """Return when it was handed in, and what is odd about that."""
        return (None, "") if submitted.problem else timestamp_of(self._folder(submitted))

    def _folder(self, submitted: Submitted) -> Path:
        return self.course.submitted / submitted.student / submitted.assignment

    def _stamp(self, submitted: Submitted) -> dict[str, bytes]:
        """Return the file with the time of handing in, which nbgrader wants beside the notebook too."""
        if submitted.problem:
            return {}
        try:
            return {STAMP: contents(self._folder(submitted) / STAMP)}
        except UnreadableNotebook:
            return {}

    def outcome(self) -> ClassRun:
        """Sum up, with the results of the whole course out of the ledger."""
        kept = {key: entry.result for key, entry in self.gradebook.entries().items()}
        mine = [kept[s.assignment, s.student] for s in self.chosen if (s.assignment, s.student) in kept]
        remarks = []
        for submitted in self.chosen:
            odd = (*submitted.remarks, self._timestamp(submitted)[1])
            remarks += [f"{submitted.name}: {text}" for text in odd if text]
        return ClassRun(
            results=[*kept.values(), *self.strays],
            graded=self.graded,
            unchanged=len(self.chosen) - len(self.strays) - len(self.todo),
            refused=[*(result for result in mine if result.error), *self.failed, *self.strays],
            remarks=remarks,
        )


class _Tasks:
    """The submissions to grade, each read when a worker is free for it; what cannot be read is recorded."""

    def __init__(self, run: _Run, unsandboxed: bool) -> None:
        self.run = run
        self.unsandboxed = unsandboxed
        self.taken: dict[str, Submitted] = {}

    def __len__(self) -> int:
        return len(self.run.todo)

    def __iter__(self) -> Iterator[Task]:
        for submitted in self.run.todo:
            try:
                if submitted.problem:
                    raise UnreadableNotebook(submitted.problem)
                data = contents(submitted.path)
            except UnreadableNotebook as error:
                unread = replace(submitted, problem=str(error))
                self.run.record(unread, b"", _refused(unread, str(error)))
                continue
            self.taken[submitted.name] = submitted
            only = self.run.only(submitted, _hash(data))
            yield Task(data, submitted.name, self.run.seed, submitted.student, only, self.unsandboxed)


def _refused(submitted: Submitted, reason: str) -> Result:
    version = backproplab.__version__
    return Result(submitted.name, None, submitted.student, version, "", 0.0, (), reason)


def _merged(before: Result, again: Result) -> Result:
    """Return the earlier result with those verdicts replaced that were found again."""
    new = {verdict.name: verdict for verdict in again.exercises}
    verdicts = tuple(new.get(verdict.name, verdict) for verdict in before.exercises)
    return replace(before, exercises=verdicts, isolation=again.isolation)


def _hash_of(path: Path) -> str:
    try:
        return _hash(contents(path))
    except UnreadableNotebook:
        return UNREAD


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()
