"""What nbgrader keeps of a graded notebook: the file in ``autograded/`` and the rows of its gradebook.

Both are made of plain data: nbgrader is not imported, so that grading a class does not wait for it.
"""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

from graders.display import to_html
from graders.errors import GradersError
from graders.exercise import Result, Verdict
from graders.exercises import for_lesson
from graders.handed_in import (
    Cell,
    GivenCell,
    bare,
    given_cells,
    grading,
    markdown_cell,
    plain_text,
    shortened,
    weave,
)
from graders.lessons import find_lesson
from graders.notebook import cell_source, set_source
from graders.release import released_text
from graders.submission import read_submission
from graders.unread import not_graded, what_to_do

__all__ = ["Mark", "as_lesson", "autograded_notebook", "marks"]


@dataclass(frozen=True)
class Mark:
    """One row of nbgrader's gradebook: the grade of a test cell, or the comment of a solution cell.

    Parameters
    ----------
    cell : str
        The grade id.
    kind : {"grade", "solution"}
        Which table the row belongs to.
    auto_score : float or None
        Marks earned; None for a comment, and where there is no judgement.
    max_score : float or None
        Marks to be had; None for a comment.
    needs_manual_grade : bool
        There is no judgement, so a person has to look. A manual score, which only the gradebook knows,
        asks for one too.
    auto_comment : str or None
        What the student reads, as Markdown; None for a grade.
    """

    cell: str
    kind: Literal["grade", "solution"]
    auto_score: float | None = None
    max_score: float | None = None
    needs_manual_grade: bool = False
    auto_comment: str | None = None


def as_lesson(result: Result, lesson: str) -> Result:
    """Return the result as one of the lesson that was due.

    A notebook that could not be read is filed under that lesson, one of another lesson earns nothing.

    Parameters
    ----------
    result : Result
        What grading came to.
    lesson : str
        The slug of the lesson that was due.

    Examples
    --------
    >>> other = Result("a.ipynb", "two_layers", None, "0.1", "process", 0.1)
    >>> as_lesson(other, "one_neuron").error
    'a notebook of the lesson two_layers, expected one_neuron'
    """
    if result.lesson in (None, lesson):
        return replace(result, lesson=lesson)
    wrong = f"a notebook of the lesson {result.lesson}, expected {lesson}"
    return replace(result, lesson=lesson, exercises=(), error=wrong)


def marks(result: Result) -> list[Mark]:
    """Return what a result means for the rows of the gradebook: the marks, and what the student reads.

    Parameters
    ----------
    result : Result
        One with a lesson, so pass an unreadable one through ``as_lesson`` first.

    Returns
    -------
    list of Mark
        For each exercise the grade of its test cell and the comment of its solution cell.

    Examples
    --------
    >>> from graders.levels import Level
    >>> told = Level("", ("neuron_loss: 1 of 2 points.",))
    >>> verdict = Verdict("neuron_loss", "partial", 1, 2, levels=(told,))
    >>> for mark in marks(Result("a.ipynb", "one_neuron", None, "0.1", "process", 0.1, (verdict,))):
    ...     print(mark.cell, mark.auto_score, mark.auto_comment)
    test_neuron_loss 1.0 None
    neuron_loss None neuron_loss: 1 of 2 points.
    """
    if result.error is None:
        return [mark for verdict in result.exercises for mark in _judged(verdict)]
    comment = plain_text(not_graded(result.error))
    return [
        mark
        for exercise in for_lesson(_slug(result))
        for mark in (
            Mark(f"test_{exercise.name}", "grade", None, exercise.points, needs_manual_grade=True),
            Mark(exercise.name, "solution", auto_comment=comment),
        )
    ]


def _judged(verdict: Verdict) -> tuple[Mark, Mark]:
    return (
        Mark(f"test_{verdict.name}", "grade", float(verdict.points), float(verdict.possible)),
        Mark(verdict.name, "solution", auto_comment=plain_text(verdict.message)),
    )


def autograded_notebook(
    data: bytes, result: Result, source: Mapping[str, Any] | None = None, note: str = ""
) -> bytes:
    """Return the notebook that the formgrader and the feedback show: the student's, mended and judged.

    Every graded cell of the lesson is there exactly once: solutions with the text that counted, empty where
    nothing was handed in; locked cells with the lesson's own text and the verdict as their output. Of the
    rest the student's texts are kept; outputs, metadata and HTML of theirs are not, for the page opens in
    the instructor's browser.

    Parameters
    ----------
    data : bytes
        What was handed in, whatever it is.
    result : Result
        What grading came to; it has a lesson, so pass an unreadable one through ``as_lesson`` first.
    source : mapping, optional
        The lesson as this course handed it out; by default the one that belongs to this package.
    note : str
        What to say above everything else.

    Returns
    -------
    bytes
        A valid notebook of format 4.5.
    """
    lesson = json.loads(_released(_slug(result))) if source is None else deepcopy(dict(source))
    graded = {grading(cell)["grade_id"]: cell for cell in lesson["cells"] if grading(cell)}
    given = list(given_cells(data))
    answers = _answers(given, graded, data, result)
    cells = weave(given, lesson["cells"], graded, answers) if given else lesson["cells"]
    for name, text in answers.items():
        code = graded[name]["cell_type"] == "code"
        set_source(graded[name], shortened(text) if code else plain_text(shortened(text)))
    for verdict in result.exercises:
        if f"test_{verdict.name}" in graded:
            graded[f"test_{verdict.name}"]["outputs"] = _outputs(verdict)
    if result.error is not None:
        note = f"**Not graded:** {plain_text(result.error)}\n\n{what_to_do(result.error)}"
    if note:
        cells = [markdown_cell("not-graded" if result.error is not None else "note", note), *cells]
    # In one line: json's encoder is ten times slower where it has to indent.
    return json.dumps({**lesson, "cells": cells}, ensure_ascii=False).encode("utf-8", "replace")


def _answers(
    given: Sequence[GivenCell], graded: Mapping[str, Cell], data: bytes, result: Result
) -> dict[str, str]:
    """Return the text of every solution: the one that was judged, else the last that stands for it.

    Where nothing was handed in it is empty: the lesson's stub would look like the student's own.
    """
    stubs = {name: bare(cell_source(cell)) for name, cell in graded.items() if grading(cell)["solution"]}
    answers = dict.fromkeys(stubs, "")
    answers |= {
        name: cell.text
        for cell in given
        for name, stub in stubs.items()
        if cell.bare and (name in cell.names or cell.bare == stub)
    }
    if result.error is None and data:
        judged = read_submission(data, result.notebook).texts
        answers |= {name: text for name, text in judged.items() if name in graded}
    return answers


def _outputs(verdict: Verdict) -> list[dict[str, Any]]:
    """Return what ``check`` leaves under a test cell: the message displayed, the points as the value."""
    shown = {"text/html": to_html(verdict), "text/plain": verdict.message}
    points = {"text/plain": repr(float(verdict.points))}
    return [
        {"output_type": "display_data", "data": shown, "metadata": {}},
        {"output_type": "execute_result", "data": points, "metadata": {}, "execution_count": None},
    ]


def _slug(result: Result) -> str:
    if result.lesson is None:
        raise GradersError(f"{result.notebook}: of no known lesson; say with as_lesson which one was due")
    return result.lesson


@lru_cache(maxsize=32)
def _released(lesson: str) -> str:
    return released_text(find_lesson(lesson))
