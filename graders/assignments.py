"""The assignments of a course: its source notebooks, as nbgrader's gradebook wants to know them."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from graders.errors import GradersError, UnknownName, UnreadableNotebook
from graders.lessons import all_lessons
from graders.notebook import canonical, cell_source, read, set_source
from graders.release import checksum, released
from graders.submission import read_submission

__all__ = [
    "Assignment",
    "SourceCell",
    "find_assignment",
    "must_be_readable",
    "points_in",
    "read_assignment",
    "read_assignments",
]

Type = Literal["GradeCell", "SolutionCell", "TaskCell"]
NONE_BROKEN: Mapping[str, str] = {}


@dataclass(frozen=True)
class SourceCell:
    """A cell that nbgrader keeps track of.

    Parameters
    ----------
    name : str
        Its grade id.
    cell_type : str
        "code" or "markdown".
    types : tuple of str
        What it is in the gradebook; none for a cell that is only locked.
    points : float
        Marks to be had, where it is graded.
    locked : bool
        Students cannot change it.
    source, checksum : str
        The text that belongs there in a submission, and nbgrader's checksum of it.
    """

    name: str
    cell_type: str
    types: tuple[Type, ...]
    points: float
    locked: bool
    source: str
    checksum: str


@dataclass(frozen=True)
class Assignment:
    """One folder of ``source/`` with the lesson in it.

    Parameters
    ----------
    name : str
        The folder's name.
    notebook : str
        The notebook's name, without ``.ipynb``.
    lesson : str
        The slug of the lesson that it is.
    kernelspec : str
        The notebook's kernel, as JSON.
    released : dict
        The notebook as students receive it.
    cells : tuple of SourceCell
        Those that nbgrader keeps track of, in order.
    """

    name: str
    notebook: str
    lesson: str
    kernelspec: str
    released: dict[str, Any]
    cells: tuple[SourceCell, ...]

    @property
    def exercises(self) -> tuple[str, ...]:
        """The names of the exercises: its solution cells."""
        return tuple(cell.name for cell in self.cells if "SolutionCell" in cell.types)

    @property
    def points(self) -> dict[str, float]:
        """What each exercise is worth here: the points of its test cell."""
        return points_in(self.released)


def read_assignments(source: Path) -> tuple[dict[str, Assignment], dict[str, str]]:
    """Return the assignments by name, and why other folders of ``source/`` cannot serve.

    Raises
    ------
    GradersError
        If there is no assignment at all.
    """
    known, broken = {}, {}
    for folder in sorted(path for path in source.glob("*") if path.is_dir() and path.name[0] != "."):
        try:
            known[folder.name] = read_assignment(folder)
        except GradersError as error:
            broken[folder.name] = str(error)
    if not known:
        reason = next(iter(broken.values()), "it holds no lessons")
        raise GradersError(f"{source}: no assignment in it: {reason}")
    return known, broken


def find_assignment(name: str, known: Collection[str], broken: Mapping[str, str] = NONE_BROKEN) -> str:
    """Return the one of the assignments with that name, or of the lesson with that slug or number.

    Raises
    ------
    GradersError
        If it is one of those that cannot be read.
    UnknownName
        If there is none; the nearest name is offered.
    """
    lessons = (lesson for lesson in all_lessons() if name in (lesson.slug, f"{lesson.number}"))
    called = [name, *(lesson.folder for lesson in lessons)]
    must_be_readable(broken, called)
    for folder in called:
        if folder in known:
            return folder
    raise UnknownName("assignment", name, sorted(known))


def must_be_readable(broken: Mapping[str, str], needed: Collection[str]) -> None:
    """Refuse to go on without an assignment that is needed, and say what is wrong with its source.

    Raises
    ------
    GradersError
        If one is broken.

    Examples
    --------
    >>> must_be_readable({"my_notes": "my_notes.ipynb is not one of a lesson"}, ["01_one_neuron"])
    """
    for name in sorted(broken):
        if name in needed:
            raise GradersError(f"{broken[name]}\nmend it, then give the command again")


def points_in(notebook: Mapping[str, Any]) -> dict[str, float]:
    """Return what each exercise is worth by a lesson's own cells: the points of its test cell."""
    graded = [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    return {g["grade_id"].removeprefix("test_"): float(g["points"]) for g in graded if g["grade"]}


def read_assignment(folder: Path) -> Assignment:
    """Read an assignment from its folder in ``source/``.

    Raises
    ------
    GradersError
        If the folder does not hold exactly one notebook, or that is not one of a lesson.
    """
    notebooks = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    if len(notebooks) != 1:
        raise GradersError(f"{folder}: expected one notebook, found {len(notebooks)}")
    path = notebooks[0]
    try:
        plain = read(path)
        _check_points(path, plain)
        book = canonical(plain)
        lesson = read_submission(path.read_bytes(), path.name).lesson
        copy = released(book)
    except (UnreadableNotebook, TypeError, ValueError) as error:
        raise GradersError(f"{path}: {error}") from error
    kernel = json.dumps(book["metadata"]["kernelspec"])
    return Assignment(folder.name, path.stem, lesson, kernel, copy, tuple(_tracked(book, copy)))


def _check_points(path: Path, notebook: Mapping[str, Any]) -> None:
    """Refuse points that are no number, or one that nobody can earn."""
    for cell in notebook["cells"]:
        grading = cell.get("metadata", {}).get("nbgrader") or {}
        if not (grading.get("grade") or grading.get("task")):
            continue
        points = grading.get("points")
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 <= points < math.inf:
            shown = json.dumps(points)
            raise GradersError(
                f"{path}: the points of {grading.get('grade_id')} are {shown}, expected a number, 0 or more"
            )


def _tracked(book: dict[str, Any], copy: dict[str, Any]) -> Iterable[SourceCell]:
    whole = {cell["id"]: cell_source(cell) for cell in book["cells"]}
    for cell in copy["cells"]:
        grading = cell["metadata"].get("nbgrader")
        if not grading:
            continue
        if not grading["solution"]:
            # The gradebook, unlike the students, keeps hidden tests.
            cell = {**cell, "metadata": {**cell["metadata"], "nbgrader": dict(grading)}}
            set_source(cell, whole[cell["id"]])
        types: dict[Type, bool] = {
            "GradeCell": grading["grade"],
            "SolutionCell": grading["solution"],
            "TaskCell": grading["task"],
        }
        yield SourceCell(
            name=grading["grade_id"],
            cell_type=cell["cell_type"],
            types=tuple(name for name, wanted in types.items() if wanted),
            points=float(grading.get("points", 0)),
            locked=not grading["solution"] and (grading["grade"] or grading["locked"]),
            source=cell_source(cell),
            checksum=checksum(cell),
        )
