"""Our own feedback: one page per student and assignment, with what nbgrader's own page says of the work.

The student's answers, the message on each, marks and comments given by hand; not the lesson's text around
them. nbgrader renders the whole notebook through nbconvert for every student, this only puts texts together.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graders.assignments import Assignment, find_assignment, must_be_readable, read_assignments
from graders.class_view import title_of
from graders.course import Course
from graders.errors import GradersError, UnknownName
from graders.exercise import Result
from graders.gradebook import Gradebook
from graders.handed_in import grading
from graders.notebook import cell_source, write
from graders.own_pages import is_ours
from graders.standing import Standing
from graders.student_page import Answer, Work, student_page
from graders.submitted import contents
from graders.unread import not_graded, what_to_do

__all__ = ["Feedback", "feedback"]


@dataclass
class Feedback:
    """What came of writing feedback.

    Parameters
    ----------
    pages : list of Path
        What was written.
    problems : list of str
        What was not, or not in full, and why.
    kept : list of Path
        Pages in the way that are not ours.
    """

    pages: list[Path] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)


def feedback(
    course: Course,
    assignment: str | None = None,
    student: str | None = None,
    *,
    force: bool = False,
    progress: Callable[[int, int], object] | None = None,
) -> Feedback:
    """Write ``feedback/STUDENT/ASSIGNMENT/NOTEBOOK.html``, where nbgrader has its own pages.

    Parameters
    ----------
    course : Course
        The course.
    assignment, student : str, optional
        Only this one.
    force : bool
        Write over pages that are not ours, such as nbgrader's.
    progress : callable, optional
        Told (pages done, pages in all).

    Returns
    -------
    Feedback
        The pages, and what stood in the way; one bad submission never stops the others.

    Raises
    ------
    UnknownName
        If there is no such assignment or student.
    GradersError
        If nothing was graded yet, or the gradebook or a graded lesson's source cannot be read.
    """
    known, broken = read_assignments(course.source)
    with Gradebook(course.db_url, course.course_id) as gradebook:
        names, standings, entries = gradebook.names(), gradebook.standings(), gradebook.entries()
    if student is not None and student not in names:
        raise UnknownName("student", student, sorted(names))
    if assignment is None:
        must_be_readable(broken, {of for of, _ in entries})
    wanted = set(known) if assignment is None else {find_assignment(assignment, known, broken)}
    mine = [
        one
        for one in standings
        if one.assignment in wanted
        and one.notebook == known[one.assignment].notebook
        and student in (None, one.student)
    ]
    if not mine:
        raise GradersError(
            f"{course.root}: nothing graded yet\nfirst: backproplab grade --course {course.root}"
        )
    titles = {name: title_of(known[name]) for name in wanted}
    done = Feedback()
    for number, standing in enumerate(mine, 1):
        entry = entries.get((standing.assignment, standing.student))
        task = _Task(course, known[standing.assignment], standing, entry.result if entry else None)
        head = (titles[standing.assignment], names.get(standing.student, standing.student))
        _give(task, head, force, done)
        if progress:
            progress(number, len(mine))
    return done


@dataclass(frozen=True)
class _Task:
    """One page to write."""

    course: Course
    assignment: Assignment
    standing: Standing
    result: Result | None

    @property
    def name(self) -> str:
        return f"{self.standing.student}/{self.standing.assignment}"

    @property
    def unread(self) -> str:
        """Why nothing was judged; empty if something was, be it by another grader."""
        judged = any(score.auto is not None for score in self.standing.scores.values())
        return "" if judged or self.result is None else self.result.error or ""

    @property
    def graded(self) -> Path:
        return self.course.autograded / self.name / f"{self.assignment.notebook}.ipynb"

    @property
    def page(self) -> Path:
        return self.course.feedback / self.name / f"{self.assignment.notebook}.html"


def _give(task: _Task, head: tuple[str, str], force: bool, done: Feedback) -> None:
    try:
        if not (force or is_ours(task.page)):
            done.kept.append(task.page)
            return
        cells, problem = _cells(task)
        title, name = head
        why = f"{not_graded(task.unread)} {what_to_do(task.unread)}" if task.unread else problem
        work = Work(title, name, task.standing, tuple(_answers(task, cells)), why)
        write(task.page, student_page(work))
    except GradersError as error:
        done.problems.append(f"{task.name}: {error}")
        return
    done.pages.append(task.page)
    if problem:
        done.problems.append(f"{task.name}: {problem}")


def _cells(task: _Task) -> tuple[list[dict[str, Any]], str]:
    """Return the cells of the graded notebook; without it those of the lesson, with nothing in them."""
    given = task.assignment.released["cells"]
    blank = [{**cell, "source": ""} for cell in given if grading(cell)]
    if task.unread:
        return blank, ""
    try:
        cells = json.loads(contents(task.graded))["cells"]
        return [{**cell, "source": cell_source(cell)} for cell in cells], ""
    except (GradersError, ValueError, KeyError, TypeError, AttributeError):
        return blank, "the graded notebook is missing or damaged; backproplab grade --course mends it"


def _answers(task: _Task, cells: Sequence[Mapping[str, Any]]) -> list[Answer]:
    """Return what the student wrote, cell by cell, each with the marks of its test."""
    answering = {name for cell in cells if (name := _answering(cell))}
    found: dict[str, Answer] = {}
    last = ""
    for cell in cells:
        name = grading(dict(cell)).get("grade_id", "")
        if name in answering:
            before = found.get(name, Answer(name))
            found[name] = replace(_answer(task, name, cell["source"]), scores=before.scores)
            last = name
        elif str(cell.get("id", "")).startswith("submitted-"):
            found[cell["id"]] = Answer("", cell["source"])
        score = task.standing.scores.get(name)
        if score is not None:
            # A test without an answer of its name goes with the answer before it.
            tested = name.removeprefix("test_")
            owner = tested if tested in answering else last or name
            before = found.get(owner, Answer(owner))
            found[owner] = replace(before, scores=(*before.scores, score))
    return list(found.values())


def _answering(cell: Mapping[str, Any]) -> str:
    """Return the name of a cell that students fill in; empty for the others."""
    marked = grading(dict(cell))
    return str(marked["grade_id"]) if marked.get("solution") or marked.get("task") else ""


def _answer(task: _Task, name: str, source: str) -> Answer:
    comment = task.standing.comments.get(name)
    verdicts = {verdict.name: verdict for verdict in task.result.exercises} if task.result else {}
    return Answer(
        name,
        source,
        verdict=verdicts.get(name),
        message=(comment.auto or "") if comment and not task.unread else "",  # said once, on top
        comment=(comment.manual or "") if comment else "",
    )
