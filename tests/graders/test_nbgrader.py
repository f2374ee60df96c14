"""Stock nbgrader, by its own commands, on a copy of the course with three students."""

import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from graders.leaks import leaks
from graders.lessons import checkout, find_lesson
from graders.notebook import canonical, cell_source, read, set_source, to_text
from graders.release import released

LESSON = find_lesson("one_neuron")
HIDDEN = "### BEGIN HIDDEN TESTS\nhidden_from_students = True\n### END HIDDEN TESTS\n"
MIXED = {
    "neuron_loss": (
        "import sys, warnings\n"
        "def neuron_loss(a, t):\n"
        "    print('looking at', a, file=sys.stderr)\n"
        "    warnings.warn('a warning of the student')\n"
        "    return (a - t) ** 2 / 2"
    ),
    "neuron_delta": "def neuron_delta(z, a, t, act):\n    return a - t",
    "neuron_grads": (
        "def neuron_grads(w, b, x, t, act):\n"
        "    z = w @ x + b\n"
        "    delta = (act.f(z) - t) * act.deriv(z)\n"
        "    return -w * delta, delta"
    ),
    "neuron_step": "def neuron_step(w, b, x, t, lr, act):\n    return undefined",
    "why_stalled": "why_stalled = 'slope'",
}


def hand_in(course, student, answers):
    """Put the released notebook with these texts in its solution cells where nbgrader expects it."""
    book = read(course / "build/course/release" / LESSON.folder / f"{LESSON.folder}.ipynb")
    for cell in book["cells"]:
        if cell["id"] in answers:
            set_source(cell, answers[cell["id"]])
    folder = course / "build/course/submitted" / student / LESSON.folder
    folder.mkdir(parents=True)
    (folder / f"{LESSON.folder}.ipynb").write_text(to_text(book), encoding="utf-8")


def nbgrader(course, *arguments):
    scripts = Path(sys.executable).parent  # nbgrader looks for alembic on the PATH
    home = {"HOME": str(course / "home"), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    run = subprocess.run(command, cwd=course, env={**os.environ, **home}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture(scope="module")
def source():
    """Return lesson 1 with a hidden test, which our own lessons do not have."""
    book = canonical(read(LESSON.path))
    for cell in book["cells"]:
        if cell["id"] == "test_neuron_loss":
            set_source(cell, HIDDEN + cell_source(cell))
    return book


@pytest.fixture(scope="module")
def course(tmp_path_factory, source):
    course = tmp_path_factory.mktemp("course")
    shutil.copy(checkout() / "nbgrader_config.py", course)
    lesson = course / "lessons" / LESSON.folder / f"{LESSON.folder}.ipynb"
    lesson.parent.mkdir(parents=True)
    lesson.write_text(to_text(source), encoding="utf-8")
    nbgrader(course, "generate_assignment", LESSON.folder, "--create")
    answers = {cell["id"]: cell_source(cell) for cell in source["cells"]}
    solved = {name: answers[name.removeprefix("test_")] for name in answers if f"test_{name}" in answers}
    for student, texts in [("solved", solved), ("untouched", {}), ("mixed", MIXED)]:
        hand_in(course, student, texts)
    nbgrader(course, "autograde", LESSON.folder)
    nbgrader(course, "generate_feedback", LESSON.folder)
    nbgrader(course, "export", "--to", "grades.csv")
    return course


@pytest.fixture(scope="module")
def points(course):
    """Return ``{student: {exercise: points}}`` out of the gradebook."""
    query = """
        SELECT student_id, base_cell.name, auto_score, needs_manual_grade FROM grade
        JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        JOIN base_cell ON base_cell.id = grade.cell_id"""
    database = sqlite3.connect(course / "build/course/gradebook.db")
    rows = database.execute(query).fetchall()
    database.close()
    assert not any(needs_manual for *_, needs_manual in rows)
    table = {student: {} for student, *_ in rows}
    for student, cell, score, _ in rows:
        table[student][cell.removeprefix("test_")] = score
    return table


def test_the_assignment_nbgrader_releases_is_ours(course, source):
    theirs = read(course / "build/course/release" / LESSON.folder / f"{LESSON.folder}.ipynb")
    assert theirs == released(source)
    assert leaks(theirs, source) == []


def test_the_solution_gets_full_marks(points):
    assert sum(points["solved"].values()) == 20


def test_the_untouched_release_gets_nothing(points):
    assert set(points["untouched"].values()) == {0}
    assert len(points["untouched"]) == 7


@pytest.mark.parametrize(
    ("exercise", "score"),
    [
        ("neuron_loss", 2),  # right, though it writes to stderr
        ("neuron_delta", 0),  # a named wrong turn
        ("neuron_grads", 2.5),  # db is right, dw is not
        ("neuron_step", 0),  # raises
        ("why_stalled", 0),  # not a function
        ("neuron_forward", 0),  # not started
    ],
)
def test_partly_right_work_gets_its_part(points, exercise, score):
    assert points["mixed"][exercise] == score


def test_the_feedback_shows_the_verdict_and_no_hidden_test(course):
    page = course / "build/course/feedback/mixed" / LESSON.folder / f"{LESSON.folder}.html"
    graded = course / "build/course/autograded/mixed" / LESSON.folder / f"{LESSON.folder}.ipynb"
    assert "backproplab-verdict" in page.read_text(encoding="utf-8")
    assert "hidden_from_students" not in page.read_text(encoding="utf-8")
    assert "hidden_from_students" in json.dumps(read(graded))


def test_the_export_has_a_row_a_student(course):
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows == {"solved": 20, "untouched": 0, "mixed": 4.5}
