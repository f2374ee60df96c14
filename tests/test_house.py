"""What holds the house together: public names, start-up, sizes, lessons that agree with exercises."""

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graders.exercises import for_lesson, slugs
from graders.lessons import Lesson, all_lessons

ROOT = Path(__file__).parent.parent
PACKAGES = ("backproplab", "graders")
SOURCES = sorted(path for package in PACKAGES for path in ROOT.glob(f"{package}/**/*.py"))


def grade_cells(lesson: Lesson) -> dict[str, dict[str, Any]]:
    notebook = json.loads(lesson.path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    return {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in cells}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_exists_and_is_documented(package: str) -> None:
    module = importlib.import_module(package)
    for name in module.__all__:
        assert getattr(module, name).__doc__, f"{package}.{name} has no docstring"


@pytest.mark.parametrize("package", PACKAGES)
def test_no_public_name_is_that_of_a_module(package: str) -> None:
    """Importing ``package.name`` would put the module in the place of the function of that name."""
    modules = {path.stem for path in (ROOT / package).iterdir()}
    assert modules.isdisjoint(importlib.import_module(package).__all__), "rename the module"


@pytest.mark.parametrize("package", PACKAGES)
def test_an_unknown_name_is_an_attribute_error(package: str) -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        importlib.import_module(package).nonsense  # noqa: B018 - the access is what is tested


def test_importing_backproplab_loads_numpy_at_most() -> None:
    code = "import sys, backproplab, backproplab.activations; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"matplotlib", "ipywidgets", "anywidget", "nbformat", "nbgrader", "IPython", "graders"}
    assert heavy.isdisjoint(loaded)


def test_every_lesson_has_exercises_and_every_exercise_a_lesson() -> None:
    assert {lesson.slug for lesson in all_lessons()} == set(slugs())


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)
def test_solution_cells_and_test_cells_match_the_exercises(lesson: Lesson) -> None:
    cells, exercises = grade_cells(lesson), for_lesson(lesson.slug)
    assert list(cells) == [name for e in exercises for name in (e.name, f"test_{e.name}")]
    for exercise in exercises:
        solution, test = cells[exercise.name], cells[f"test_{exercise.name}"]
        assert solution["metadata"]["nbgrader"]["solution"]
        assert not solution["metadata"]["nbgrader"]["grade"]
        assert test["metadata"]["nbgrader"]["locked"]
        assert test["metadata"]["nbgrader"]["points"] == exercise.points
        assert "".join(test["source"]) == f'check("{exercise.name}", {exercise.name})'


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)
def test_the_signature_in_the_text_is_the_one_of_the_exercise_and_of_the_stub(lesson: Lesson) -> None:
    notebook = json.loads(lesson.path.read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown")
    for exercise in for_lesson(lesson.slug):
        call = exercise.signature.partition(" ->")[0]
        assert f"`{call}`" in text, f"the text does not show {call}"
        head = f"{exercise.name} = " if exercise.answer == "variable" else f"def {call}:"
        assert head in "".join(grade_cells(lesson)[exercise.name]["source"])


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)
def test_every_lesson_is_worth_twenty_points(lesson: Lesson) -> None:
    assert sum(exercise.points for exercise in for_lesson(lesson.slug)) == 20


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, f"{path.name} is over 400 lines: what wants a room of its own?"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            size = body[-1].end_lineno - body[0].lineno + 1 if body else 0
            assert size <= 50, f"{node.name} has {size} lines: cut it where its story turns"
