"""The exercises, one file a lesson.

Adding an exercise touches its entry in ``graders/exercises/<slug>.py`` and its cells in the lesson.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from graders.errors import UnknownName
from graders.exercise import Exercise

__all__ = ["find", "for_lesson", "slugs"]


@cache
def slugs() -> tuple[str, ...]:
    """Return the slugs of the lessons that have exercises."""
    return tuple(sorted(module.name for module in iter_modules(__path__)))


def for_lesson(slug: str) -> tuple[Exercise, ...]:
    """Return a lesson's exercises in the order of the lesson.

    Raises
    ------
    UnknownName
        If no lesson of that slug has exercises.
    """
    if slug not in slugs():
        raise UnknownName("lesson", slug, slugs())
    exercises: tuple[Exercise, ...] = import_module(f"graders.exercises.{slug}").EXERCISES
    return exercises


def find(name: str) -> Exercise:
    """Return the exercise of that name.

    Raises
    ------
    UnknownName
        If there is none; the nearest name is offered.
    """
    known = {exercise.name: exercise for slug in slugs() for exercise in for_lesson(slug)}
    if name not in known:
        raise UnknownName("exercise", name, known)
    return known[name]
