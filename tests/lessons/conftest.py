"""What the tests of the lessons share: the right answers, read from the lessons themselves."""

import json
from functools import cache
from typing import Any

import pytest

from graders.lessons import find_lesson

# A lesson's cells that its exercises stand on: imports, and functions that are given.
GIVEN = ("setup", "given")


@cache
def code_cells(slug: str) -> dict[str, str]:
    """Cell id -> text of the cells that solve exercises, and of those that the exercises stand on."""
    notebook = json.loads(find_lesson(slug).path.read_text(encoding="utf-8"))
    return {
        cell["id"]: "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution") or cell["id"].startswith(GIVEN)
    }


def solutions_of(slug: str) -> dict[str, str]:
    """Return the solution cells of a lesson by grade id."""
    return {name: source for name, source in code_cells(slug).items() if not name.startswith(GIVEN)}


def solved(slug: str) -> dict[str, Any]:
    """Return what a student's notebook holds after all solutions were run."""
    names: dict[str, Any] = {}
    for source in code_cells(slug).values():
        exec(source, names)
    return names


@pytest.fixture
def namespace(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The notebook that a test module is about: it says so in ``LESSON``."""
    return solved(request.module.LESSON)
