"""The students' copies of the lessons: answers, hidden tests and instructor notes taken out, on plain JSON.

What comes out equals, cell by cell, what ``nbgrader generate_assignment`` makes, so either may be handed
out. The wheel's build hook imports this module, so it needs nothing but the standard library.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graders.errors import GradersError
from graders.leaks import leaks
from graders.lessons import Lesson, all_lessons, checkout, start_notebook
from graders.notebook import canonical, cell_source, instructor_only, read, set_source, to_text, write

__all__ = [
    "checksum",
    "refuse_strays",
    "release",
    "released",
    "released_text",
    "stub_source",
    "student_copies",
    "variable_stub",
]

CODE_STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
TEXT_STUB = "YOUR ANSWER HERE"
NOT_HANDED_OUT = (".ipynb_checkpoints", "__pycache__")  # nbgrader passes over these
_ANSWER = re.compile(r"BEGIN SOLUTION[^\n]*\n(.*?)[^\n]*END SOLUTION", re.DOTALL)


def release(lessons: Sequence[Lesson], to: Path) -> list[Path]:
    """Write ``NN_slug/NN_slug.ipynb`` into the folder for every lesson; with all of them, ``start.ipynb``.

    Nothing is written if any lesson leaks. A notebook that is already there and differs, for example
    because a student has started it, is kept; the others are written all the same.

    Parameters
    ----------
    lessons : sequence of Lesson
        What to release.
    to : Path
        The folder; it is made if need be.

    Returns
    -------
    list of Path
        The notebooks, in the order of the lessons; the start notebook comes last.

    Raises
    ------
    GradersError
        If a lesson leaks, a file lies beside it, a notebook was kept, or the disk refuses.
    """
    refuse_strays(lessons)
    texts = {to / place: text for place, text in student_copies(lessons).items()}
    kept = [path for path, text in texts.items() if not _write_new(path, text)]
    if kept:
        names = ", ".join(map(str, kept))
        raise GradersError(
            f"kept, because it is there and differs: {names}\nmove it away or choose another --to"
        )
    return list(texts)


def refuse_strays(lessons: Sequence[Lesson]) -> None:
    """Refuse lessons beside whose notebook something lies: nbgrader would hand it out, whatever it holds.

    Raises
    ------
    GradersError
        If there is such a file; the text names every one.
    """
    beside = (
        path for lesson in lessons for path in sorted(lesson.path.parent.glob("*")) if path != lesson.path
    )
    strays = [str(path) for path in beside if path.name not in NOT_HANDED_OUT]
    if strays:
        raise GradersError(
            "\n  ".join(
                ["not released: nbgrader would hand out what lies beside a lesson; move it away", *strays]
            )
        )


def student_copies(lessons: Sequence[Lesson]) -> dict[Path, str]:
    """Return the text of each notebook by its place in the student's folder.

    The start notebook links to every lesson, so it goes along where all of them do.

    Parameters
    ----------
    lessons : sequence of Lesson
        Those that are handed out.

    Examples
    --------
    >>> [place.as_posix() for place in student_copies(all_lessons()[:1])]
    ['01_one_neuron/01_one_neuron.ipynb']
    """
    copies = {Path(lesson.folder, f"{lesson.folder}.ipynb"): released_text(lesson) for lesson in lessons}
    if set(all_lessons()) <= set(lessons):
        start = start_notebook()
        copies[Path(start.name)] = to_text(canonical(read(start)))
    return copies


def _write_new(path: Path, text: str) -> bool:
    """Write the file unless one is there; tell whether the file now holds the text."""
    try:
        if path.exists():
            return path.read_bytes() == text.encode("utf-8")
    except OSError as error:
        raise GradersError(f"cannot write {path}: {error.strerror or error}") from error
    write(path, text)
    return True


def released_text(lesson: Lesson) -> str:
    """Return the student copy of a lesson as the text of its file. In an installed wheel that is the lesson.

    Raises
    ------
    GradersError
        If the lesson is unreadable, its regions are damaged, or the student copy would leak.
    """
    notebook = read(lesson.path)
    if checkout() is None:
        return to_text(notebook)
    try:
        copy = released(notebook)
    except GradersError as error:
        raise GradersError(f"{lesson.path}: {error}") from error
    found = leaks(copy, notebook)
    if found:
        raise GradersError(
            "\n  ".join([f"{lesson.path}: not released, because the student copy leaks", *found])
        )
    return to_text(copy)


def released(source: dict[str, Any]) -> dict[str, Any]:
    """Return the student copy of a source notebook; the source is not changed.

    Raises
    ------
    GradersError
        If a region does not end, nests, or stands where nbgrader would refuse it.
    """
    notebook = canonical(source)
    notebook["cells"] = [_released_cell(cell) for cell in notebook["cells"] if not instructor_only(cell)]
    return notebook


def _released_cell(cell: dict[str, Any]) -> dict[str, Any]:
    text = cell_source(cell)
    grading = cell["metadata"].get("nbgrader", {})
    try:
        stub = TEXT_STUB if cell["cell_type"] == "markdown" else _code_stub(text, grading.get("grade_id", ""))
        stubbed = _replace(text, "SOLUTION", stub)
        if stubbed != text and not grading.get("solution"):
            raise GradersError("a solution region in a cell that is not a solution cell")
        bare = _replace(stubbed, "HIDDEN TESTS", "")
        if bare != stubbed and not grading.get("grade"):
            raise GradersError("a hidden test in a cell that is not graded")
        bare = _replace(bare, "MARK SCHEME", "")
    except GradersError as error:
        raise GradersError(f"cell {cell['id']}: {error}") from error
    set_source(cell, stub if grading.get("solution") and stubbed == text else bare)
    return _locked(cell) if grading else cell


def _code_stub(source: str, name: str) -> str:
    return variable_stub(source, name) or CODE_STUB


def variable_stub(source: str, name: str) -> str | None:
    r"""Return what stands for an answer that is a variable; None if it is something else.

    The answer itself tells: it gives a value to the name under which the cell is graded, at the left margin.

    Parameters
    ----------
    source : str
        The text of a solution cell; if it has solution regions, they are the answer.
    name : str
        The cell's grade id.

    Examples
    --------
    >>> variable_stub("### BEGIN SOLUTION\nbest_rate = 0.3\n### END SOLUTION", "best_rate")
    'best_rate = None'
    """
    answer = "\n".join(_ANSWER.findall(source)) or source
    assigned = re.search(rf"^{re.escape(name)}[ \t]*(:[^=\n]*)?=(?!=)", answer, re.MULTILINE)
    defined = re.search(rf"^(async[ \t]+)?(def|class)[ \t]+{re.escape(name)}\b", answer, re.MULTILINE)
    return f"{name} = None" if name.isidentifier() and assigned and not defined else None


def stub_source(source: str) -> str:
    r"""Return a code cell's text with each solution region replaced by the stub.

    Examples
    --------
    >>> print(stub_source("def f(a):\n    ### BEGIN SOLUTION\n    return a\n    ### END SOLUTION"))
    def f(a):
        # YOUR CODE HERE
        raise NotImplementedError()
    """
    return _replace(source, "SOLUTION", CODE_STUB)


def _replace(text: str, region: str, stub: str) -> str:
    kept: list[str] = []
    inside = False
    for number, line in enumerate(text.split("\n"), start=1):
        begins, ends = f"BEGIN {region}" in line, f"END {region}" in line
        if (begins and inside) or (ends and not inside):
            raise GradersError(f"line {number}: {line.strip()!r} is out of place")
        if begins:
            indent = line[: len(line) - len(line.lstrip())]
            kept += [indent + stub_line for stub_line in stub.splitlines()]
        elif not inside and not ends:
            kept.append(line)
        inside = (inside or begins) and not ends
    if inside:
        raise GradersError(f"a region has no 'END {region}'")
    return "\n".join(kept)


def _locked(cell: dict[str, Any]) -> dict[str, Any]:
    """Add what nbgrader adds to a released cell: the locks, the cell's type and its checksum."""
    metadata, grading = cell["metadata"], cell["metadata"]["nbgrader"]
    if grading["grade"] or grading["solution"] or grading["locked"]:
        metadata["deletable"] = False
        if not grading["solution"]:
            metadata["editable"] = False
        grading |= {"cell_type": cell["cell_type"], "checksum": checksum(cell)}
    return cell


def checksum(cell: dict[str, Any]) -> str:
    """Return nbgrader's checksum of a graded, solution or locked cell, by which it knows an untouched one."""
    grading = cell["metadata"]["nbgrader"]
    grade, solution = grading["grade"], grading["solution"]
    locked = not solution and (grade or grading["locked"])
    parts = [
        cell_source(cell),
        cell["cell_type"],
        str(grade),
        str(solution),
        str(locked),
        grading["grade_id"],
    ]
    if grade:
        parts.append(str(float(grading["points"])))
    return hashlib.md5("".join(parts).encode("utf-8"), usedforsecurity=False).hexdigest()
