"""What is unusual about a course when it is graded, though nothing keeps it from being graded."""

from collections.abc import Collection, Iterator

from backproplab.errors import near_name
from graders.course import Course
from graders.settings import SETTINGS, line_of_extension

__all__ = ["about_course"]

NOTHING = "{}: nothing was handed in yet; due is STUDENT/ASSIGNMENT/ with a notebook, in that folder"
GONE = (
    "the gradebook is new, though {} holds graded notebooks: all is graded again, but what was given by hand "
    "is gone; if you have a copy of the old gradebook, put it back and grade again"
)
STRANGER = "{}, line {}: an extension for {!r}, who has handed in nothing{}"


def about_course(
    course: Course, students: Collection[str], *, empty: bool, without_gradebook: bool
) -> Iterator[str]:
    """Give what an instructor should know of, a line each.

    Parameters
    ----------
    course : Course
        The course.
    students : collection of str
        Those of its gradebook.
    empty : bool
        Nobody has handed in anything.
    without_gradebook : bool
        There were graded notebooks, but no gradebook.
    """
    if empty:
        yield NOTHING.format(course.submitted)
    if without_gradebook:
        yield GONE.format(course.autograded)
    extensions = course.settings.late.extensions if course.settings.late else {}
    for name in sorted(extensions.keys() - set(students)):
        near = near_name(name, sorted(students))
        meant = f": did you mean {near!r}?" if near else ""
        yield STRANGER.format(SETTINGS, line_of_extension(course.root, name), name, meant)
