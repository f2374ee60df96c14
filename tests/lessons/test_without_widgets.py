"""Where no widgets are installed the lessons run all the same, and each explorer shows its still picture."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from backproplab import explorers
from graders.lessons import Lesson, all_lessons
from graders.release import released_text
from graders.solutions import execute

BESIDE = Path(__file__).parents[2]
NONE = "try:\n    import anywidget\nexcept ImportError:\n    print('none')"


@pytest.fixture(autouse=True)
def no_widgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let kernels find packages that cannot be imported in place of the widgets."""
    for name in ("anywidget", "ipywidgets"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('not installed')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(BESIDE)]))


def run(text: str) -> list[dict[str, Any]]:
    return [cell for cell in execute(json.loads(text))["cells"] if cell["cell_type"] == "code"]


def kinds(cell: dict[str, Any]) -> set[str]:
    return {kind for output in cell["outputs"] for kind in output.get("data", {})}


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(x, marks=[pytest.mark.proof] if x.number > 1 else [], id=x.slug) for x in all_lessons()],
)
def test_a_released_lesson_runs_to_its_end(lesson: Lesson) -> None:
    cells = run(released_text(lesson))
    shown = [
        cell for cell in cells if any(f"{name}(" in "".join(cell["source"]) for name in explorers.__all__)
    ]
    assert all("image/png" in kinds(cell) for cell in shown if cell["outputs"])


def test_every_explorer_shows_its_still_picture_and_its_sentence() -> None:
    sources = [
        NONE,
        "from backproplab import explorers",
        *(f"explorers.{name}()" for name in explorers.__all__),
    ]
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    none, _, *shown = run(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}))
    assert none["outputs"][0]["text"] == "none\n"
    for name, cell in zip(explorers.__all__, shown, strict=True):
        assert {"image/png", "text/plain"} <= kinds(cell), name
