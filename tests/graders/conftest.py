"""What the tests of reading and running share: notebooks as students hand them in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from graders.lessons import find_lesson
from graders.release import released_text

Notebook = dict[str, Any]


def grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


@pytest.fixture(scope="session")
def right_answers() -> dict[str, str]:
    """The solution cells of lesson 1 by grade id."""
    notebook = json.loads(find_lesson("one_neuron").path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    return {grade_id(cell): "".join(cell["source"]) for cell in cells}


@pytest.fixture
def untouched() -> Notebook:
    """The student's copy of lesson 1."""
    copy: Notebook = json.loads(released_text(find_lesson("one_neuron")))
    return copy


@pytest.fixture
def handed_in(untouched: Notebook, right_answers: dict[str, str]) -> Callable[..., Notebook]:
    """Return lesson 1 solved, with some answers replaced and some code cells added at the end."""

    def make(*added: str, **replaced: str) -> Notebook:
        answers = {**right_answers, **replaced}
        for cell in untouched["cells"]:
            if grade_id(cell) in answers:
                cell["source"] = answers[grade_id(cell)]
        extra = [
            {"cell_type": "code", "id": f"own-{i}", "metadata": {}, "source": s} for i, s in enumerate(added)
        ]
        return {**untouched, "cells": [*untouched["cells"], *extra]}

    return make


@pytest.fixture
def as_bytes() -> Callable[[Notebook], bytes]:
    """Return a notebook as the contents of its file."""
    return lambda notebook: json.dumps(notebook).encode()
