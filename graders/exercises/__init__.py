"""The exercises, one file a lesson.

Adding an exercise touches its entry in ``graders/exercises/<slug>.py`` and its cells in the lesson.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from backproplab.errors import near_name
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
        If there is none; the nearest name is offered, with the others of its lesson.
    """
    # One lesson with its bank takes some 50 ms to import: the one whose text has the name goes first.
    known: dict[str, str] = {}
    for slug in sorted(slugs(), key=lambda slug: f'name="{name}"' not in _source(slug)):
        for exercise in for_lesson(slug):
            if exercise.name == name:
                return exercise
            known[exercise.name] = slug
    lesson = known.get(near_name(name, known) or "")
    raise UnknownName("exercise", name, known, [other for other in known if known[other] == lesson])


@cache
def _source(slug: str) -> str:
    """Return a lesson's file as text; empty where only its compiled form is there."""
    try:
        return Path(__path__[0], f"{slug}.py").read_text(encoding="utf-8")
    except OSError:
        return ""
