"""Run All, twice: the solved lesson earns all points, the untouched release runs through without an error."""

import json
from typing import Any

import pytest

from graders.exercises import for_lesson
from graders.lessons import Lesson, all_lessons
from graders.release import released_text
from graders.solutions import execute

LESSONS = pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)


def run_all(text: str) -> tuple[dict[str, Any], float]:
    """Execute a notebook; return its cells by id and the seconds of CPU that the kernel used."""
    notebook = json.loads(text)
    notebook["cells"].append(
        {"cell_type": "code", "id": "cpu", "metadata": {}, "outputs": [], "execution_count": None,
         "source": ["import os; print(sum(os.times()[:2]))"]}
    )  # fmt: skip
    cells = {cell["id"]: cell for cell in execute(notebook)["cells"]}
    return cells, float("".join(cells["cpu"]["outputs"][0]["text"]))


def points(cell: Any) -> float:
    (result,) = [out for out in cell["outputs"] if out["output_type"] == "execute_result"]
    return float("".join(result["data"]["text/plain"]))


@LESSONS
def test_the_solved_lesson_earns_all_points_in_twenty_seconds_of_cpu(lesson: Lesson) -> None:
    cells, seconds = run_all(lesson.path.read_text(encoding="utf-8"))
    assert {e.name: points(cells[f"test_{e.name}"]) for e in for_lesson(lesson.slug)} == {
        e.name: e.points for e in for_lesson(lesson.slug)
    }
    assert seconds < 20
    assert not [
        out for cell in cells.values() for out in cell.get("outputs", ()) if out.get("name") == "stderr"
    ]


@LESSONS
def test_the_untouched_release_runs_through_and_says_not_started(lesson: Lesson) -> None:
    cells, _ = run_all(released_text(lesson))
    for exercise in for_lesson(lesson.slug):
        shown = json.dumps(cells[f"test_{exercise.name}"]["outputs"])
        assert "not started" in shown
        assert "Note" not in shown, "one line is enough where nothing was tried"
        assert points(cells[f"test_{exercise.name}"]) == 0.0
