"""What nbgrader's gradebook holds of every submission: marks, what was taken off, comments by cell."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, select

__all__ = ["Comment", "Score", "Standing", "Student", "read_names", "read_roster", "read_standings"]


@dataclass(frozen=True)
class Student:
    """Somebody whom the gradebook knows; what it does not know is empty.

    Parameters
    ----------
    id : str
        The name of the folder with what was handed in.
    first, last, email : str
        As they were entered.
    lms : str
        The id in the learning management system.
    """

    id: str
    first: str = ""
    last: str = ""
    email: str = ""
    lms: str = ""


@dataclass(frozen=True)
class Score:
    """The marks of one graded cell.

    Parameters
    ----------
    cell : str
        Its grade id.
    possible : float
        Marks to be had.
    auto, manual, extra : float or None
        What the grader gave, what a person gave in its place, and what a person put on top.
    needs_person : bool
        Somebody should look at it.
    """

    cell: str
    possible: float
    auto: float | None = None
    manual: float | None = None
    extra: float | None = None
    needs_person: bool = False

    @property
    def points(self) -> float:
        """What counts: a person's score before the grader's, and what is on top."""
        given = self.auto if self.manual is None else self.manual
        return float(given or 0) + float(self.extra or 0)


@dataclass(frozen=True)
class Comment:
    """What is said of one cell: the grader's message, and a person's own words."""

    cell: str
    auto: str | None = None
    manual: str | None = None


@dataclass(frozen=True)
class Standing:
    """One submission, as the gradebook has it.

    Parameters
    ----------
    assignment, notebook, student : str
        Whose, and what.
    timestamp, due : datetime or None
        When it was handed in and when it was due, an extension included; in UTC without a time zone.
    penalty : float
        What was taken off for being late.
    scores : mapping
        Grade id -> marks.
    comments : mapping
        Grade id -> comments.

    Examples
    --------
    >>> marks = {"a": Score("a", 5, auto=1.0, manual=3.0), "b": Score("b", 2, auto=2.0, extra=0.5)}
    >>> standing = Standing("01_one_neuron", "01_one_neuron", "ann", penalty=1.0, scores=marks)
    >>> standing.points, standing.possible
    (4.5, 7.0)
    """

    assignment: str
    notebook: str
    student: str
    timestamp: datetime | None = None
    due: datetime | None = None
    penalty: float = 0.0
    scores: Mapping[str, Score] = field(default_factory=dict)
    comments: Mapping[str, Comment] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """What the submission is worth, what was taken off left out; never below 0."""
        return max(0.0, sum(score.points for score in self.scores.values()) - self.penalty)

    @property
    def possible(self) -> float:
        """Marks to be had."""
        return float(sum(score.possible for score in self.scores.values()))

    @property
    def late(self) -> bool:
        """Whether it came after the due date."""
        return bool(self.timestamp and self.due and self.timestamp > self.due)

    @property
    def unjudged(self) -> bool:
        """Whether some cell has no score at all yet."""
        return any(score.auto is None and score.manual is None for score in self.scores.values())


def read_names(connection: Connection, tables: Mapping[str, Table]) -> dict[str, str]:
    """Return ``student -> name``; the id itself where no name is known."""
    rows = connection.execute(select(tables["student"]).order_by(tables["student"].c.id))
    return {row.id: " ".join(filter(None, (row.first_name, row.last_name))) or row.id for row in rows}


def read_roster(connection: Connection, tables: Mapping[str, Table]) -> list[Student]:
    """Return all students by their ids."""
    rows = connection.execute(select(tables["student"]).order_by(tables["student"].c.id))
    entered = ((row.id, row.first_name, row.last_name, row.email, row.lms_user_id) for row in rows)
    return [Student(*(text or "" for text in texts)) for texts in entered]


def read_standings(connection: Connection, tables: Mapping[str, Table]) -> list[Standing]:
    """Return every submitted notebook by assignment and student.

    Parameters
    ----------
    connection : Connection
        In a transaction, so that marks and comments belong together.
    tables : mapping
        nbgrader's tables by name.
    """
    scores = _by_notebook(connection.execute(_grades(tables)), _score)
    comments = _by_notebook(connection.execute(_comments(tables)), _comment)
    found = []
    for row in connection.execute(_submissions(tables)):
        due = row.duedate + row.extension if row.duedate and row.extension else row.duedate
        names = (row.assignment, row.notebook, row.student)
        penalty = float(row.penalty or 0)
        found.append(Standing(*names, row.timestamp, due, penalty, scores[row.id], comments[row.id]))
    return found


def _submissions(tables: Mapping[str, Table]) -> Any:
    asked, given = tables["assignment"], tables["submitted_assignment"]
    notebook, mine = tables["notebook"], tables["submitted_notebook"]
    columns = (
        *(asked.c.name.label("assignment"), asked.c.duedate),
        *(given.c.student_id.label("student"), given.c.timestamp, given.c.extension),
        *(notebook.c.name.label("notebook"), mine.c.id, mine.c.late_submission_penalty.label("penalty")),
    )
    joined = (
        mine.join(given, mine.c.assignment_id == given.c.id)
        .join(asked, given.c.assignment_id == asked.c.id)
        .join(notebook, mine.c.notebook_id == notebook.c.id)
    )
    return select(*columns).select_from(joined).order_by(asked.c.name, given.c.student_id, notebook.c.name)


def _grades(tables: Mapping[str, Table]) -> Any:
    grade, cell = tables["grade"], tables["base_cell"]
    coded, task = tables["grade_cells"], tables["task_cells"]
    possible = func.coalesce(coded.c.max_score, task.c.max_score, 0.0).label("possible")
    joined = (
        grade.join(cell, grade.c.cell_id == cell.c.id)
        .outerjoin(coded, coded.c.id == cell.c.id)
        .outerjoin(task, task.c.id == cell.c.id)
    )
    return select(grade, cell.c.name, possible).select_from(joined)


def _comments(tables: Mapping[str, Table]) -> Any:
    comment, cell = tables["comment"], tables["base_cell"]
    return select(comment, cell.c.name).select_from(comment.join(cell, comment.c.cell_id == cell.c.id))


def _by_notebook(rows: Iterable[Row[Any]], made: Any) -> defaultdict[str, dict[str, Any]]:
    table: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for row in rows:
        table[row.notebook_id][row.name] = made(row)
    return table


def _score(row: Row[Any]) -> Score:
    scores = (row.auto_score, row.manual_score, row.extra_credit)
    return Score(row.name, float(row.possible), *scores, needs_person=bool(row.needs_manual_grade))


def _comment(row: Row[Any]) -> Comment:
    return Comment(row.name, row.auto_comment, row.manual_comment)
