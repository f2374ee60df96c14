"""The mistakes of a demo class: those that were made, and those that a report tells of."""

from collections import defaultdict
from collections.abc import Sequence

from graders.class_view import ClassView
from graders.demo import Expected

Mistakes = dict[tuple[str, str, str], set[str]]


def mistakes_made(truth: Sequence[Expected]) -> Mistakes:
    """Return who made which mistake, by lesson, exercise and name, as the class was made up."""
    made: Mistakes = defaultdict(set)
    for one in truth:
        for exercise, expected in one.exercises.items():
            for name in expected["names"]:
                made[one.assignment, exercise, name].add(one.student)
    return dict(made)


def mistakes_told(view: ClassView) -> Mistakes:
    """Return the same as a report tells it."""
    return {
        (lesson.name, exercise.name, mistake.id): set(mistake.students)
        for lesson in view.lessons
        for exercise in lesson.exercises
        for mistake in exercise.mistakes
    }
