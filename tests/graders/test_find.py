"""An exercise is found by its own lesson alone, so that the first check in a notebook answers at once."""

import subprocess
import sys

import pytest

from graders import exercises
from graders.errors import UnknownName
from graders.exercises import find, for_lesson, slugs

EXERCISES = [(slug, exercise) for slug in slugs() for exercise in for_lesson(slug)]
LOADED = """
import sys
from graders.exercises import find
find(sys.argv[1])
print(*(name.rpartition(".")[2] for name in sys.modules if name.startswith("graders.exercises.")))
"""


@pytest.mark.parametrize(("slug", "exercise"), EXERCISES, ids=lambda x: getattr(x, "name", x))
def test_every_exercise_is_found_by_its_name_and_first_in_its_own_lesson(slug, exercise, monkeypatch) -> None:
    def its_own_lesson_only(asked: str):
        assert asked == slug
        return for_lesson(slug)

    monkeypatch.setattr(exercises, "for_lesson", its_own_lesson_only)
    assert find(exercise.name) is exercise


def test_finding_an_exercise_imports_no_other_lesson() -> None:
    slug, exercise = EXERCISES[-1]
    command = [sys.executable, "-c", LOADED, exercise.name]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.split() == [slug]


def test_without_the_sources_every_exercise_is_found_all_the_same(monkeypatch) -> None:
    monkeypatch.setattr(exercises, "_source", lambda slug: "")
    assert [find(exercise.name) for _, exercise in EXERCISES] == [exercise for _, exercise in EXERCISES]


def test_an_unknown_name_is_told_with_the_nearest_of_all_lessons() -> None:
    for _, exercise in EXERCISES:
        with pytest.raises(UnknownName, match=f"did you mean '{exercise.name}'"):
            find(exercise.name + "x")
