"""The rows that one submission fills in nbgrader's tables, inside a transaction that the caller opened.

nbgrader's own functions commit after every row, so they cannot serve here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from graders.assignments import Assignment
from graders.autograded import Mark
from graders.late_days import LateDays, renew_penalties, score_of
from graders.registration import Registered
from graders.rows import Rows

__all__ = ["Entered", "LatePenalty", "enter"]

LatePenalty: TypeAlias = Callable[[str, float, float], float | None]


@dataclass(frozen=True)
class Entered:
    """A graded submission, as the gradebook takes it.

    Parameters
    ----------
    assignment : Assignment
        What was asked.
    student : str
        Who handed it in.
    timestamp : datetime or None
        When, in UTC without a time zone.
    marks : sequence of Mark
        Grades and comments by cell; a graded cell without a mark needs a person.
    changed : bool
        The contents are not those that were graded last, so an earlier review by a person is out of date.
    flagged : bool
        An instructor should look at it.
    """

    assignment: Assignment
    student: str
    timestamp: datetime | None
    marks: Sequence[Mark]
    changed: bool = True
    flagged: bool = False


def enter(rows: Rows, known: Registered, entered: Entered, late: LateDays | LatePenalty | None) -> None:
    """Write everything that nbgrader wants to know of a submission.

    Parameters
    ----------
    rows : Rows
        In a transaction; the caller commits.
    known : Registered
        Where its assignment stands.
    entered : Entered
        The submission with its marks.
    late : LateDays, callable or None
        The course's rule for late submissions.
    """
    if rows.find("student", id=entered.student) is None:
        rows.add("student", id=entered.student)
    mine = {"assignment_id": known.assignment, "student_id": entered.student}
    submission = rows.set("submitted_assignment", mine, timestamp=entered.timestamp)
    place = {"notebook_id": known.notebook, "assignment_id": submission}
    submitted = rows.set("submitted_notebook", place, **({"flagged": True} if entered.flagged else {}))
    _grade(rows, known, entered, submitted)
    _comment(rows, known, entered, submitted)
    if isinstance(late, LateDays):
        renew_penalties(rows, entered.student, late)
        return
    penalty = _penalty(rows, known, entered, submission, submitted, late) if late else None
    rows.set("submitted_notebook", {"id": submitted}, late_submission_penalty=penalty)


def _grade(rows: Rows, known: Registered, entered: Entered, submitted: str) -> None:
    """Fill in the automatic scores. What a person decided stays, and asks for a second look."""
    marks = {mark.cell: mark for mark in entered.marks if mark.kind == "grade"}
    there = {row.cell_id: row for row in rows.of("grade", notebook_id=submitted)}
    new = []
    for (name, kind), cell in known.cells.items():
        if kind == "SolutionCell":
            continue
        mark = marks.get(name) or Mark(name, "grade", needs_manual_grade=True)
        scores = {"auto_score": mark.auto_score, "needs_manual_grade": mark.needs_manual_grade}
        row = there.get(cell)
        if row is None:
            new.append({"cell_id": cell, "notebook_id": submitted, **scores})
        elif entered.changed or row.auto_score != mark.auto_score:
            scores["needs_manual_grade"] = mark.needs_manual_grade or row.manual_score is not None
            rows.update("grade", row.id, **scores)
    rows.add_all("grade", new)


def _comment(rows: Rows, known: Registered, entered: Entered, submitted: str) -> None:
    """Fill in the messages; a person's own comment stands in another column."""
    said = {mark.cell: _storable(mark.auto_comment) for mark in entered.marks if mark.kind == "solution"}
    there = {row.cell_id: row for row in rows.of("comment", notebook_id=submitted)}
    new = []
    for (name, kind), cell in known.cells.items():
        if kind == "GradeCell":
            continue
        if cell not in there:
            new.append({"cell_id": cell, "notebook_id": submitted, "auto_comment": said.get(name)})
        elif there[cell].auto_comment != said.get(name):
            rows.update("comment", there[cell].id, auto_comment=said.get(name))
    rows.add_all("comment", new)


def _penalty(
    rows: Rows, known: Registered, entered: Entered, submission: str, submitted: str, late: LatePenalty
) -> float | None:
    """Return what the course takes off, never more than there is."""
    due = rows.of("assignment", id=known.assignment)[0].duedate
    if entered.timestamp is None or due is None:
        return None
    extension = rows.of("submitted_assignment", id=submission)[0].extension
    seconds = (entered.timestamp - (due + extension if extension else due)).total_seconds()
    score = score_of(rows, submitted)
    taken = late(entered.student, score, seconds) if seconds > 0 else None
    return None if taken is None else min(max(taken, 0.0), score)


def _storable(text: str | None) -> str | None:
    """Return the text without what a student can print but no database stores."""
    return text and text.replace("\0", "?").encode("utf-8", "replace").decode("utf-8")
