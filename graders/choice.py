"""Which part of a class to grade."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from graders.assignments import Assignment, find_assignment, must_be_readable
from graders.errors import UnknownName
from graders.exercises import for_lesson
from graders.lessons import Lesson, all_lessons
from graders.submitted import Submitted

__all__ = ["Wanted", "chosen"]


@dataclass(frozen=True)
class Wanted:
    """Which part of a class to grade; everything that is new or changed by default.

    Parameters
    ----------
    assignment, student, exercise : str or None
        Only this one. An exercise is graded again for everyone, the others keep their marks.
    force : bool
        Grade also what has not changed.
    """

    assignment: str | None = None
    student: str | None = None
    exercise: str | None = None
    force: bool = False


def chosen(
    wanted: Wanted,
    everything: Iterable[Submitted],
    assignments: Mapping[str, Assignment],
    registered: Collection[str],
    broken: Mapping[str, str],
) -> list[Submitted]:
    """Return the submissions that are wanted, in their order.

    Parameters
    ----------
    wanted : Wanted
        What was asked for.
    everything : iterable of Submitted
        All that was handed in.
    assignments : mapping
        Those of the course by name.
    registered : collection of str
        Students that the gradebook knows.
    broken : mapping
        Assignments whose source cannot be read, and why.

    Raises
    ------
    GradersError
        If the source of what is wanted is broken.
    UnknownName
        If no such assignment, student or exercise is known; the nearest name is offered.
    """
    found = list(everything)
    students = {submitted.student for submitted in found}.union(registered)
    if wanted.assignment is not None:
        name = find_assignment(wanted.assignment, assignments, broken)
        found = [submitted for submitted in found if submitted.assignment == name]
    if wanted.student is not None:
        if wanted.student not in students:
            raise UnknownName("student", wanted.student, sorted(students))
        found = [submitted for submitted in found if submitted.student == wanted.student]
    if wanted.exercise is not None:
        lessons = [lesson.folder for lesson in all_lessons() if _asks(lesson, wanted.exercise)]
        must_be_readable(broken, lessons)
        asking = {name for name, known in assignments.items() if wanted.exercise in known.exercises}
        if not asking:
            exercises = [name for known in assignments.values() for name in known.exercises]
            raise UnknownName("exercise", wanted.exercise, exercises)
        found = [submitted for submitted in found if submitted.assignment in asking]
    return found


def _asks(lesson: Lesson, exercise: str) -> bool:
    return any(one.name == exercise for one in for_lesson(lesson.slug))
