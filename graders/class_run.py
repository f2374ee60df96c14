"""Grade a class: what was handed in, from the course's folder, through the workers, into the gradebook."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import backproplab
from graders.assignments import read_assignments
from graders.autograded import as_lesson, autograded_notebook, marks
from graders.choice import Wanted, chosen
from graders.counting import Counting, Earlier, Key
from graders.course import Course, private_folder, probe_secret
from graders.entering import Entered, LatePenalty
from graders.errors import GradersError, UnreadableNotebook
from graders.exercise import Result
from graders.folders import discard, draft_folder, put_in_place, sweep
from graders.gradebook import Gradebook
from graders.late_days import LateDays
from graders.ledger import Entry
from graders.moves import Moves, Penalty
from graders.pool import grade_all
from graders.remarks import about_course
from graders.runner import Task
from graders.submitted import STAMP, Submitted, all_submitted, contents, timestamp_of

__all__ = ["ClassRun", "grade_class"]

LOST = "an earlier, better submission counts whose text was not kept; its marks stay as they were"
NOT_KEPT = "The marks are those of an earlier, better submission, whose text was not kept."
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
    earlier : int
        For how many of what was asked for an earlier submission counts, because it was better.
    moves : Moves
        Who has other points than before for the same work.
    """

    results: list[Result] = field(default_factory=list)
    graded: int = 0
    unchanged: int = 0
    refused: list[Result] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    earlier: int = 0
    moves: Moves = field(default_factory=Moves)


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
        gradebook.renew_penalties(sorted(gradebook.students()))
        return run.outcome()


def _late_rule(course: Course) -> LateDays | LatePenalty | None:
    if course.settings.late:
        return course.settings.late
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
        self.penalties = gradebook.penalties()
        self.without_gradebook = gradebook.created and any(course.autograded.glob("*/*/*.ipynb"))
        best = course.settings.counts == "best"
        self.counting = Counting(best, self.before, gradebook.history())
        self.known = {key: self.counting.contents(key) for key in self.before}
        self.earlier = Earlier(private_folder(course.root) / "earlier")
        self.assignments, broken = read_assignments(course.source)
        names = {name: known.notebook for name, known in self.assignments.items()}
        everything = all_submitted(course, names)
        self.empty = not everything
        self.chosen = chosen(wanted, everything, self.assignments, gradebook.students(), broken)
        strays = [submitted for submitted in self.chosen if not submitted.assignment]
        self.strays = [_refused(s, broken.get(s.path.name, s.problem)) for s in strays]
        self.failed: list[Result] = []
        self.last = {_key(s): (s.name, _hash_of(s.path)) for s in self.chosen if s.assignment}
        due = [s for s in self.chosen if s.assignment]
        self.todo = [version for s in due for version in self._versions(s) if not self._done(version)]
        self.graded: set[Key] = set()

    def _versions(self, last: Submitted) -> Iterator[Submitted]:
        """Give what a student handed in: the last, and where the best counts the earlier ones too."""
        if self.counting.best:
            others = set(self.counting.contents(_key(last))) - {self.last[_key(last)][1]}
            yield from (found for c in sorted(others) if (found := self.earlier.find(last, c)))
        yield last

    def _done(self, submitted: Submitted) -> bool:
        """Tell whether the ledger holds it as it is, and the copy in ``autograded/`` is the one it names."""
        key = _key(submitted)
        entry = self.counting.entry(key, _hash_of(submitted.path))
        if self.wanted.force or self.wanted.exercise or entry is None or entry.result.error:
            return False
        if entry.grader_version != backproplab.__version__ or submitted.problem:
            return False
        points = self.assignments[submitted.assignment].points
        if any(v.possible != points.get(v.name, v.possible) for v in entry.result.exercises):
            return False  # it is worth something else by now
        return self.counting.settled(key, self.last[key][1]) and self._in_place(self.counting.stands[key])

    def _in_place(self, entry: Entry) -> bool:
        """Tell whether the copy in ``autograded/`` is that of this entry."""
        return _hash_of(self._copy(entry)) == entry.autograded

    def _place(self, whose: Submitted | Entry) -> Path:
        return self.course.autograded / whose.student / whose.assignment

    def _copy(self, whose: Submitted | Entry) -> Path:
        return self._place(whose) / f"{self.assignments[whose.assignment].notebook}.ipynb"

    def task(self, submitted: Submitted, data: bytes, unsandboxed: bool) -> Task:
        """Return what a worker has to do."""
        only = self.only(submitted, _hash(data))
        points = tuple(self.assignments[submitted.assignment].points.items())
        return Task(data, submitted.name, self.seed, submitted.student, only, points, unsandboxed)

    def only(self, submitted: Submitted, content: str) -> tuple[str, ...]:
        """Return which exercises to grade: the wanted one if the others have valid marks, else all."""
        entry = self.counting.entry(_key(submitted), content)
        valid = entry is not None and not entry.result.error
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
        counts = self.counting.after(entry)
        try:
            if not entry.result.error:  # kept under either rule: the course may change it in mid-term
                self.earlier.keep(entry, {**self._stamp(submitted), self._copy(submitted).name: data})
            if counts is entry:
                self._write(entry, entry, {**self._stamp(submitted), self._copy(submitted).name: copy})
            else:
                self._write(entry, *self._brought_back(submitted, counts))
        except OSError as error:
            reason = error.strerror or error
            raise GradersError(
                f"{self._place(submitted)}: {reason}; what was graded before is kept"
            ) from error
        if entry.result.error is None:
            self.graded.add(_key(submitted))
        elif counts is not entry:
            self.failed.append(entry.result)

    def _write(self, entry: Entry, counts: Entry, files: Mapping[str, bytes]) -> None:
        """Write what was graded, what counts, and the files for ``autograded/``, if they are not there."""
        graded = None if counts is entry else entry
        place = self._place(entry)
        draft = draft_folder(place, files) if files else None
        try:
            self.gradebook.record(self._entered(counts), counts, graded)
            if draft:
                put_in_place(draft, place)
        finally:
            if draft:
                discard(draft)
        self.counting.recorded(entry, counts)

    def _brought_back(self, submitted: Submitted, counts: Entry) -> tuple[Entry, dict[str, bytes]]:
        """Return the submission that counts, though it was not graded just now, with its files."""
        if self._in_place(counts):
            return counts, {}
        assignment = self.assignments[counts.assignment]
        kept = self.earlier.find(submitted, counts.content)
        data = self.earlier.contents(counts)
        note = "" if data else NOT_KEPT
        copy = autograded_notebook(data, counts.result, assignment.released, note)
        files = {**(self._stamp(kept) if kept else {}), self._copy(counts).name: copy}
        return replace(counts, autograded=_hash(copy)), files

    def _entry(self, submitted: Submitted, data: bytes, result: Result) -> tuple[Entry, bytes]:
        """Return the line of the ledger and the notebook for ``autograded/``."""
        assignment = self.assignments[submitted.assignment]
        content = UNREAD if submitted.problem else _hash(data)
        version = backproplab.__version__
        result = replace(result, notebook=self.last[_key(submitted)][0], student=submitted.student)
        result = as_lesson(result, assignment.lesson)
        if self.only(submitted, content):
            before = self.counting.entry(_key(submitted), content)
            assert before is not None  # else all exercises would have been graded
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
        moment = self._timestamp(submitted)[0]
        return Entry(*keys, autograded=_hash(copy), result=result, handed_in=moment), copy

    def _entered(self, entry: Entry) -> Entered:
        before = self.counting.stands.get((entry.assignment, entry.student))
        return Entered(
            self.assignments[entry.assignment],
            entry.student,
            entry.handed_in,
            marks(entry.result),
            changed=before is None or before.content != entry.content,
            flagged=any(verdict.status == "flagged" for verdict in entry.result.exercises),
        )

    def _timestamp(self, submitted: Submitted) -> tuple[datetime | None, str]:
        """Return when it was handed in, and what is odd about that."""
        return (None, "") if submitted.problem else timestamp_of(submitted.path.parent)

    def _stamp(self, submitted: Submitted) -> dict[str, bytes]:
        """Return the file with the time of handing in, which nbgrader wants beside the notebook too."""
        if submitted.problem:
            return {}
        try:
            return {STAMP: contents(submitted.path.parent / STAMP)}
        except UnreadableNotebook:
            return {}

    def outcome(self) -> ClassRun:
        """Sum up, with the results of the whole course out of the ledger."""
        kept = {key: entry.result for key, entry in self.gradebook.entries().items()}
        mine = [kept[key] for key in self.last if key in kept]
        students = self.gradebook.students()
        remarks = [
            *about_course(self.course, students, empty=self.empty, without_gradebook=self.without_gradebook)
        ]
        for submitted in self.chosen:
            if self._is_lost(submitted):
                remarks.append(f"{submitted.name}: {LOST}")
            odd = (*submitted.remarks, self._timestamp(submitted)[1])
            remarks += [f"{submitted.name}: {text}" for text in odd if text]
        return ClassRun(
            results=[*kept.values(), *self.strays],
            graded=len(self.graded),
            unchanged=len(self.last) - len({_key(submitted) for submitted in self.todo}),
            refused=[*(result for result in mine if result.error), *self.failed, *self.strays],
            remarks=remarks,
            earlier=sum(self._is_earlier(key) for key in self.last) if self.counting.best else 0,
            moves=self._moves(),
        )

    def _is_lost(self, submitted: Submitted) -> bool:
        """Tell whether an earlier submission counts that cannot be graded again."""
        key = _key(submitted)
        counts = self.counting.best and submitted.assignment and self._is_earlier(key)
        return bool(counts) and self.earlier.find(submitted, self.counting.stands[key].content) is None

    def _is_earlier(self, key: Key) -> bool:
        stands = self.counting.stands.get(key)
        return stands is not None and stands.content != self.last[key][1]

    def _moves(self) -> Moves:
        """Compare with what stood before, where that was graded again or was known already."""
        moves, by_hand = Moves(), self.gradebook.scored_by_hand()
        for key in self.last:
            if key in self.graded and key in self.before and not self._is_new(key):
                moves.add(self.before[key], self.counting.stands[key], self.wanted.exercise, by_hand)
        for key, now in self.gradebook.penalties().items():
            if now != self.penalties.get(key, now) and not self._is_new(key):
                moves.penalties.append(Penalty(*key, self.penalties[key], now))
        return moves

    def _is_new(self, key: Key) -> bool:
        """Tell whether what stands now was never graded before."""
        return self.counting.stands[key].content not in self.known.get(key, ())


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
            yield self.run.task(submitted, data, self.unsandboxed)


def _key(submitted: Submitted) -> Key:
    return submitted.assignment, submitted.student


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
