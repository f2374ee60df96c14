"""The proof that a release can be solved: the lessons' own answers, graded in the released notebooks."""

import json
from collections.abc import Callable, Sequence

from graders.errors import UsageError
from graders.exercise import Result
from graders.lessons import Lesson, checkout
from graders.notebook import cell_source, read
from graders.release import released_text
from graders.runner import Task, grade_one

__all__ = ["answered", "prove"]

SEED = 1


def prove(
    lessons: Sequence[Lesson],
    progress: Callable[[int, int], object] | None = None,
    *,
    unsandboxed: bool = False,
) -> list[str]:
    """Return what of the released lessons cannot be solved; nothing if every answer gets full marks.

    Parameters
    ----------
    lessons : sequence of Lesson
        Which.
    progress : callable, optional
        Told (lessons graded, lessons in all).
    unsandboxed : bool, optional
        Grade even where nothing confines the code.

    Returns
    -------
    list of str
        A line for each exercise that fell short, or for a notebook that could not be graded.

    Raises
    ------
    GradersError
        If this is no checkout (the answers are not installed), or a lesson leaks.
    """
    if checkout() is None:
        raise UsageError("answers are not installed: --prove needs a checkout")
    found: list[str] = []
    for done, lesson in enumerate(lessons):
        if progress:
            progress(done, len(lessons))
        task = Task(answered(lesson), f"{lesson.folder}.ipynb", SEED, unsandboxed=unsandboxed)
        found += _shortfalls(lesson, grade_one(task))
    if progress:
        progress(len(lessons), len(lessons))
    return found


def answered(lesson: Lesson) -> bytes:
    """Return the released notebook with the answers of its source in the solution cells."""
    sources = {cell.get("id"): cell_source(cell) for cell in read(lesson.path)["cells"]}
    notebook = json.loads(released_text(lesson))
    for cell in notebook["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            cell["source"] = sources[cell["id"]]
    return json.dumps(notebook).encode()


def _shortfalls(lesson: Lesson, result: Result) -> list[str]:
    if result.error or not result.exercises:
        return [f"{lesson.folder}: {result.error or 'has no exercises'}"]
    return [
        f"{lesson.folder}: {verdict.name} gets {verdict.points:g} of {verdict.possible:g} points"
        for verdict in result.exercises
        if verdict.points < verdict.possible
    ]
