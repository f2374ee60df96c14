"""Make an assignment known to nbgrader: itself, its notebook, and the cells to keep track of."""

from collections.abc import Mapping
from dataclasses import dataclass

from graders.assignments import Assignment
from graders.rows import Rows

__all__ = ["Registered", "register", "still_registered"]

_PARTS = {"GradeCell": "grade_cells", "SolutionCell": "solution_cells", "TaskCell": "task_cells"}


@dataclass(frozen=True)
class Registered:
    """Where an assignment stands in the gradebook.

    Parameters
    ----------
    assignment, notebook : str
        The ids of their rows.
    cells : mapping
        ``(name, type) -> id`` of every cell that is graded or answered.
    """

    assignment: str
    notebook: str
    cells: Mapping[tuple[str, str], str]


def register(rows: Rows, course_id: str, assignment: Assignment) -> Registered:
    """Add what the gradebook lacks of an assignment, and amend what differs; nothing is removed.

    Parameters
    ----------
    rows : Rows
        In a transaction.
    course_id : str
        The course that a new assignment belongs to.
    assignment : Assignment
        As the course's source has it.
    """
    if rows.find("course", id=course_id) is None:
        rows.add("course", id=course_id)
    known = rows.find("assignment", name=assignment.name)
    if known is None:
        known = rows.add("assignment", name=assignment.name, course_id=course_id)
    place = {"name": assignment.notebook, "assignment_id": known}
    notebook = rows.set("notebook", place, kernelspec=assignment.kernelspec)
    for cell in assignment.cells:
        text = {name: getattr(cell, name) for name in ("cell_type", "locked", "source", "checksum")}
        rows.set("source_cell", {"name": cell.name, "notebook_id": notebook}, **text)
    return Registered(known, notebook, _cells(rows, notebook, assignment))


def still_registered(rows: Rows, known: Registered) -> bool:
    """Tell whether the rows are there: another program may have removed the assignment meanwhile."""
    return rows.find("notebook", id=known.notebook) is not None


def _cells(rows: Rows, notebook: str, assignment: Assignment) -> dict[tuple[str, str], str]:
    cells = {(row.name, row.type): row.id for row in rows.of("base_cell", notebook_id=notebook)}
    for cell in assignment.cells:
        for kind in cell.types:
            graded = {"max_score": cell.points, "cell_type": cell.cell_type}
            own = {} if kind == "SolutionCell" else graded
            if (cell.name, kind) not in cells:
                made = rows.add("base_cell", name=cell.name, notebook_id=notebook, type=kind)
                cells[cell.name, kind] = rows.add(_PARTS[kind], id=made, **own)
            elif own:
                _amend(rows, _PARTS[kind], cells[cell.name, kind], own)
    return cells


def _amend(rows: Rows, table: str, cell: str, own: Mapping[str, object]) -> None:
    """Bring a graded cell up to date; scores that a person gave out of other points ask for a second look."""
    before = rows.of(table, id=cell)
    rows.set(table, {"id": cell}, **own)
    if before and before[0].max_score != own["max_score"]:
        for grade in rows.of("grade", cell_id=cell):
            if grade.manual_score is not None:
                rows.update("grade", grade.id, needs_manual_grade=True)
