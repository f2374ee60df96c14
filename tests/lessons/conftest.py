"""What the tests of the lessons share: the right answers, read from the lesson itself."""

import json
from typing import Any

import numpy as np
import pytest

from graders.lessons import find_lesson


@pytest.fixture(scope="session")
def solutions() -> dict[str, str]:
    """The solution cells of every lesson by grade id."""
    notebook = json.loads(find_lesson("one_neuron").path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    return {cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"]) for cell in cells}


@pytest.fixture
def namespace(solutions: dict[str, str]) -> dict[str, Any]:
    """A student's notebook after all solutions were run."""
    names: dict[str, Any] = {"np": np}
    for source in solutions.values():
        exec(source, names)
    return names
