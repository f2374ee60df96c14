"""The form that every lesson keeps: short cells, three hints, a prediction, questions at the end."""

import json
import re
import statistics
from typing import Any

import pytest

from graders.exercises import for_lesson
from graders.lessons import Lesson, all_lessons

LESSONS = pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)


def cells(lesson: Lesson, kind: str) -> list[str]:
    notebook: dict[str, Any] = json.loads(lesson.path.read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind]


@LESSONS
def test_code_cells_are_short(lesson: Lesson) -> None:
    lengths = [source.count("\n") + 1 for source in cells(lesson, "code")]
    assert statistics.median(lengths) <= 8
    assert max(lengths) <= 35


@LESSONS
def test_a_solution_fits_in_twelve_lines(lesson: Lesson) -> None:
    for source in cells(lesson, "code"):
        for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.S):
            assert region.count("\n") <= 12


@LESSONS
def test_each_exercise_has_three_folded_hints_without_code(lesson: Lesson) -> None:
    hints = [text for text in cells(lesson, "markdown") if "<summary>Hint 1" in text]
    assert len(hints) == len(for_lesson(lesson.slug))
    for text in hints:
        assert re.findall(r"<summary>Hint (\d)", text) == ["1", "2", "3"]
        assert "return " not in text


@LESSONS
def test_the_lesson_has_its_fixed_parts(lesson: Lesson) -> None:
    text = "\n".join(cells(lesson, "markdown"))
    assert "minutes" in text.split("\n## ")[0]
    assert "**Predict.**" in text
    assert "### Find the bug" in text
    assert text.partition("## Check yourself")[2].count("<details>") == 3
