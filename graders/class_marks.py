"""The marks of a class as a table: who got what for which exercise, out of the gradebook."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graders.assignments import find_assignment, read_assignments
from graders.course import Course
from graders.errors import GradersError, UnknownName
from graders.gradebook import Gradebook
from graders.standing import Standing, Student

__all__ = ["WAITING", "ClassMarks", "Marks", "class_marks", "plain"]

GRADED, WAITING, MISSING = "graded", "needs a person", "not handed in"


@dataclass(frozen=True)
class Marks:
    """What one student got for one assignment.

    Parameters
    ----------
    exercises : mapping
        Exercise -> points; None where nobody has judged it yet.
    penalty : float
        What was taken off for being late.
    total : float or None
        What is left; None if something has no marks yet, which is not a zero.
    state : str
        ``graded``, ``needs a person`` or ``not handed in``.
    """

    exercises: Mapping[str, float | None]
    penalty: float
    total: float | None
    state: str


NOTHING = Marks({}, 0.0, None, MISSING)


@dataclass(frozen=True)
class ClassMarks:
    """The marks of a class.

    Parameters
    ----------
    students : sequence of Student
        Everybody whom the gradebook knows.
    possible : mapping
        Assignment -> points to be had; those that somebody handed in, in the course's order.
    exercises : sequence of str
        All that were asked in them.
    marks : mapping
        ``(student, assignment) -> marks``.
    """

    students: tuple[Student, ...]
    possible: Mapping[str, float]
    exercises: tuple[str, ...]
    marks: Mapping[tuple[str, str], Marks]

    def of(self, student: str, assignment: str) -> Marks:
        """Return one student's marks for one assignment."""
        return self.marks.get((student, assignment), NOTHING)


def class_marks(course: Course, assignment: str | None = None) -> ClassMarks:
    """Read the marks of a class, or those for one assignment.

    Raises
    ------
    UnknownName
        If there is no such assignment.
    GradersError
        If nothing was graded yet, or the gradebook cannot be read.
    """
    with Gradebook(course.db_url, course.course_id) as gradebook:
        students, standings = gradebook.roster(), gradebook.standings()
    if assignment is not None:
        name = _chosen(course, assignment, standings)
        standings = [standing for standing in standings if standing.assignment == name]
    if not standings:
        what = assignment or course.root
        raise GradersError(f"{what}: nothing was graded yet\nfirst: backproplab grade --course {course.root}")
    return _table(students, standings)


def _chosen(course: Course, assignment: str, standings: Iterable[Standing]) -> str:
    known = read_assignments(course.source)[0]
    try:
        return find_assignment(assignment, known)
    except UnknownName:
        # Graded once, its source taken away since.
        if any(standing.assignment == assignment for standing in standings):
            return assignment
        raise


def _table(students: Iterable[Student], standings: Iterable[Standing]) -> ClassMarks:
    # An assignment may have several notebooks.
    grouped: dict[tuple[str, str], list[Standing]] = {}
    for standing in standings:
        grouped.setdefault((standing.student, standing.assignment), []).append(standing)
    possible: dict[str, float] = {}
    exercises: dict[str, None] = {}
    for (_, name), parts in sorted(grouped.items(), key=lambda item: item[0][1]):
        possible[name] = max(possible.get(name, 0.0), sum(part.possible for part in parts))
        exercises.update(dict.fromkeys(_exercise(cell) for part in parts for cell in part.scores))
    marks = {key: _marks(parts) for key, parts in grouped.items()}
    return ClassMarks(tuple(students), possible, tuple(exercises), marks)


def _marks(parts: list[Standing]) -> Marks:
    scores = [score for part in parts for score in part.scores.values()]
    unjudged = any(part.unjudged for part in parts)
    waiting = unjudged or any(score.needs_person for score in scores)
    given = {
        _exercise(score.cell): None if score.auto is None and score.manual is None else score.points
        for score in scores
    }
    total = None if unjudged else sum(part.points for part in parts)
    return Marks(given, sum(part.penalty for part in parts), total, WAITING if waiting else GRADED)


def _exercise(cell: str) -> str:
    return cell.removeprefix("test_")


def plain(number: float | None) -> str:
    """Return a number as a spreadsheet takes it, and nothing for None.

    Examples
    --------
    >>> plain(2.0), plain(1 / 3), plain(100.0), plain(None)
    ('2', '0.3333', '100', '')
    """
    return "" if number is None else f"{number:.4f}".rstrip("0").rstrip(".")
