"""The only module that imports nbgrader: what its own commands need to work on our lessons.

``nbgrader_config.py`` calls ``configure``. From then on ``nbgrader autograde``, the formgrader's button and
nbgrader's own API grade our lessons in the sandbox, as ``backproplab grade`` does, and start no kernel.
Notebooks that are no lessons of ours are run and marked as nbgrader always does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.api import Base, Gradebook  # type: ignore[import-untyped]  # nbgrader has no types
from nbgrader.converters import (  # type: ignore[import-untyped]  # the same
    Autograde,
    GenerateAssignment,
    GenerateFeedback,
    NbGraderException,
)
from nbgrader.preprocessors import (  # type: ignore[import-untyped]  # the same
    AssignLatePenalties,
    ClearHiddenTests,
    ClearSolutions,
    Execute,
    NbGraderPreprocessor,
    SaveAutoGrades,
)
from traitlets import Bool

import backproplab
from graders.assignments import points_in
from graders.autograded import Mark, as_lesson, autograded_notebook, marks
from graders.course import check_one_rule, probe_secret
from graders.errors import GradersError, NotConfined, UnreadableNotebook
from graders.exercise import Result
from graders.handed_in import plain_text
from graders.late_days import renew_penalties
from graders.lessons import all_lessons
from graders.notebook import instructor_only, read
from graders.release import released, variable_stub
from graders.rows import Rows
from graders.runner import Task, grade_one
from graders.sandbox.isolation import isolation, require
from graders.settings import read_settings
from graders.submission import read_submission
from graders.submitted import contents

__all__ = [
    "ClearAnswers",
    "DropInstructorNotes",
    "GradeConfined",
    "SaveMarks",
    "SpendLateDays",
    "SubmissionReader",
    "TellOnce",
    "configure",
    "create_gradebook",
    "late_rule",
]

# Under these names one step hands to the next what it needs, among nbconvert's resources.
DUE, RESULT = "backproplab_due", "backproplab_result"
LAST_COUNTS = (
    "The best submission counts in this course, but nbgrader grades the last one. "
    "This brings the marks of the best one back: backproplab grade --course DIR"
)
ALLOWING = "In nbgrader_config.py that option is: c.SubmissionReader.allow_unsandboxed = True"


class DropInstructorNotes(NbGraderPreprocessor):  # type: ignore[misc]  # its base has no types
    """Leave the instructor's notes out of what students get."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook without the cells that are tagged ``instructor``."""
        nb.cells = [cell for cell in nb.cells if not instructor_only(cell)]
        return nb, resources


class ClearAnswers(ClearSolutions):  # type: ignore[misc]  # the same
    """Clear solutions as nbgrader does, but leave ``name = None`` where the answer is a variable."""

    code_stub: dict[str, str]  # by language

    def preprocess_cell(self, cell: Any, resources: Any, cell_index: int) -> tuple[Any, Any]:
        """Return the cell as students get it."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        variable = variable_stub(cell.source, name) if cell.cell_type == "code" else None
        usual = self.code_stub
        if variable is not None:
            self.code_stub = {**usual, resources["language"]: variable}
        try:
            cleared: tuple[Any, Any] = super().preprocess_cell(cell, resources, cell_index)
        finally:
            self.code_stub = usual
        return cleared


class TellOnce(NbGraderPreprocessor):  # type: ignore[misc]  # the same
    """Leave out of the feedback page what it says twice: a message shown under its test cell."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook without the comments that repeat a verdict; a person's own comments stay."""
        shown = {
            plain_text(output["data"].get("text/plain", ""))
            for cell in nb.cells
            for output in cell.get("outputs", ())
            if output["output_type"] == "display_data"
        }
        for cell in nb.cells:
            grading = cell.metadata.get("nbgrader", {})
            if grading.get("comment") in shown:
                grading["comment"] = None
        return nb, resources


@dataclass(frozen=True)
class _Due:
    """What a student had to hand in, and what is there."""

    lesson: str
    source: dict[str, Any] | None
    path: Path
    task: Task


class SubmissionReader(NotebookExporter):
    """Read a submission as bytes, where nbgrader would parse and clean the notebook in it.

    nbgrader cleans a submission in one pass and runs it in a second one; any odd cell ends the first for
    the student, some for the whole class. A lesson of ours is put together anew instead, by
    ``GradeConfined``: until then an empty notebook stands in for it.
    """

    allow_unsandboxed = Bool(
        False, help="Grade even where nothing confines the students' code. They could then do anything."
    ).tag(config=True)

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)  # type: ignore[no-untyped-call]  # nbconvert's has no types
        self.folders: Any = settings["parent"].coursedir
        try:
            require(self.allow_unsandboxed)
            root = Path(self.folders.root)
            self.secret = probe_secret(root)
            self.settings = read_settings(root, root / self.folders.source_directory)
            check_one_rule(self.settings, self.config)
            if self.settings.counts == "best":
                self.log.warning(LAST_COUNTS)
        except GradersError as problem:
            self.log.error("%s\n%s", problem, ALLOWING if isinstance(problem, NotConfined) else "")
            raise NbGraderException(str(problem)) from problem

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **options: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert the notebook in that file, whatever state it is in."""
        due = self._due(**resources["nbgrader"]) if resources else None
        if due is None:
            return super().from_filename(filename, resources, **options)
        empty: Any = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]  # the same
        convert: Any = self.from_notebook_node
        converted: tuple[Any, dict[str, Any]] = convert(empty, {**(resources or {}), DUE: due}, **options)
        return converted

    def _due(self, student: str, assignment: str, notebook: str, **others: str) -> _Due | None:
        """Return what is due if it is a lesson of ours, as its source tells, else its name."""
        file, folders = f"{notebook}.ipynb", self.folders
        source = Path(folders.format_path(folders.source_directory, ".", assignment)) / file
        path = Path(folders.format_path(folders.submitted_directory, student, assignment)) / file
        lesson, copy = _lesson_in(source)
        named = [known.slug for known in all_lessons() if notebook in (known.folder, known.slug)]
        if not lesson and not named:
            return None
        name = Path(folders.submitted_directory, student, assignment, file).as_posix()
        points = tuple(points_in(copy).items()) if copy else ()
        task = Task(b"", name, self.secret, student, (), points, self.allow_unsandboxed)
        return _Due(lesson or named[0], copy, path, task)


def _lesson_in(source: Path) -> tuple[str, dict[str, Any] | None]:
    """Return which lesson a source notebook is, and what students got of it, as far as it can be read."""
    lesson, copy = "", None
    try:
        lesson = read_submission(contents(source), source.name).lesson
        copy = released(read(source))
    except GradersError:
        pass  # no lesson of ours, or a damaged source: the lesson of this package stands in
    return lesson, copy


class GradeConfined(NbGraderPreprocessor):  # type: ignore[misc]  # its base has no types
    """Judge a lesson of ours in the sandbox; run any other notebook as nbgrader does."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook for ``autograded/``: the student's, put together anew, with the verdicts."""
        due = resources.get(DUE)
        if not due:
            run: tuple[Any, Any] = Execute(parent=self)(nb, resources)
            return run
        data, result = _graded(due)
        result = as_lesson(result, due.lesson)
        if result.error:
            self.log.error("%s: not graded: %s", result.notebook, result.error)
        resources[RESULT] = result
        text = autograded_notebook(data, result, due.source).decode("utf-8")
        reads: Any = nbformat.reads  # it has no types
        return reads(text, as_version=4), resources


def _graded(due: _Due) -> tuple[bytes, Result]:
    """Return what was handed in and what it came to."""
    try:
        data = contents(due.path)
    except UnreadableNotebook as reason:
        told = (due.task.name, None, due.task.student, backproplab.__version__, isolation(), 0.0, ())
        return b"", Result(*told, error=str(reason))
    return data, grade_one(replace(due.task, data=data))


class SaveMarks(SaveAutoGrades):  # type: ignore[misc]  # the same
    """Write the marks and messages of a lesson of ours; what a person gave or wrote stays."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook as it is."""
        result = resources.get(RESULT)
        if not result:
            saved: tuple[Any, Any] = super().preprocess(nb, resources)
            return saved
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as book:
            _save(
                book.find_submission_notebook(names["notebook"], names["assignment"], names["student"]),
                {(mark.kind, mark.cell): mark for mark in marks(result)},
            )
            book.db.commit()
        return nb, resources


def _save(notebook: Any, rows: dict[tuple[str, str], Mark]) -> None:
    """Fill in the rows of one notebook. A cell that no exercise of ours stands behind needs a person."""
    for grade in notebook.grades:
        mark = rows.get(("grade", grade.name), Mark(grade.name, "grade", needs_manual_grade=True))
        grade.auto_score = mark.auto_score
        grade.needs_manual_grade = mark.needs_manual_grade or grade.manual_score is not None
        if mark.auto_score is not None:
            grade.cell.max_score = mark.max_score  # the source's points may be newer than the gradebook's
    for comment in notebook.comments:
        comment.auto_comment = rows.get(
            ("solution", comment.name), Mark(comment.name, "solution")
        ).auto_comment


class SpendLateDays(AssignLatePenalties):  # type: ignore[misc]  # the same
    """Take off what lateness costs, by the course's late days where it has them, else by nbgrader's plug-in.

    The plug-in itself cannot do that: it is told neither the assignment nor of what is handed in in time.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook as it is."""
        settings = getattr(self.parent, "settings", None)
        if not (settings and settings.late):
            stock: tuple[Any, Any] = super().preprocess(nb, resources)
            return stock
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as book:
            renew_penalties(Rows(book.db.connection(), Base.metadata.tables), names["student"], settings.late)
            book.db.commit()
        return nb, resources


def configure(config: Any) -> None:
    """Set up a course's configuration for our lessons: preprocessors and the kernel.

    Parameters
    ----------
    config : traitlets.config.Config
        What ``get_config()`` returns in ``nbgrader_config.py``.
    """
    from jupyter_client.manager import KernelManager

    assigning = _stock(GenerateAssignment, "preprocessors", {ClearSolutions: ClearAnswers})
    config.GenerateAssignment.preprocessors = [DropInstructorNotes, *assigning]
    config.Autograde.exporter_class = SubmissionReader
    ours = {Execute: GradeConfined, SaveAutoGrades: SaveMarks, AssignLatePenalties: SpendLateDays}
    config.Autograde.autograde_preprocessors = _stock(Autograde, "autograde_preprocessors", ours)
    # Without it the feedback on an assignment of the course's own shows hidden tests.
    giving_back = _stock(GenerateFeedback, "preprocessors", {})
    config.GenerateFeedback.preprocessors = [ClearHiddenTests, *giving_back, TellOnce]
    config.Execute.kernel_name = "python3"
    # Without it ipykernel 7.4 warns in every kernel; older versions have no such trait.
    if "transport_encryption" in KernelManager.class_traits():
        config.KernelManager.transport_encryption = "auto"


def _stock(converter: Any, which: str, instead: dict[Any, Any]) -> list[Any]:
    """Return the preprocessors that nbgrader would use, whatever its version, with some of them replaced."""
    return [instead.get(step, step) for step in converter.class_traits()[which].default()]


def late_rule(config: Any) -> Callable[[str, float, float], float | None]:
    """Return what the course takes off: ``(student, score, seconds late) -> penalty or None``."""
    penalties = AssignLatePenalties(config=config)
    penalties.init_plugin()
    rule: Callable[[str, float, float], float | None] = penalties.plugin_inst.late_submission_penalty
    return rule


def create_gradebook(db_url: str, course_id: str) -> None:
    """Make nbgrader's tables in an empty database, and the course in them."""
    with Gradebook(db_url, course_id):
        pass
