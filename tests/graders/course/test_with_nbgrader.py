"""What nbgrader makes of a course that we graded, by its own commands and its own API."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from graders.choice import Wanted
from graders.class_run import grade_class
from graders.course import open_course

LESSON = "01_one_neuron"
WRONG = "def neuron_loss(a, t):\n    return (a - t) ** 2"


def nbgrader(root, *words):
    scripts = Path(sys.executable).parent  # nbgrader looks for alembic on the PATH
    home = {"HOME": str(root / "home"), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *words]
    run = subprocess.run(command, cwd=root, env={**os.environ, **home}, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.fixture
def graded(course):
    course.hand_in("ann")
    course.hand_in("bob", neuron_loss=WRONG)
    course.hand_in("cut", b'{"cells": [')
    run = grade_class(open_course(course.root), Wanted(), jobs=1)
    assert run.graded == 2
    return course


def test_nbgrader_gives_back_what_we_graded(graded):
    from nbgrader.api import Gradebook

    with Gradebook(open_course(graded.root).db_url, "backprop") as book:
        found = {s: book.find_submission(LESSON, s) for s in ("ann", "bob", "cut")}
        assert {s: (f.score, f.max_score, f.needs_manual_grade) for s, f in found.items()} == {
            "ann": (20, 20, False),
            "bob": (18, 20, False),
            "cut": (0, 20, True),
        }
        comment = book.find_comment("neuron_loss", LESSON, LESSON, "bob")
        assert comment.comment.startswith("neuron_loss: 0 of 2")
    nbgrader(graded.root, "generate_feedback", LESSON)
    page = graded.root / "feedback" / "bob" / LESSON / f"{LESSON}.html"
    assert "neuron_loss: 0 of 2" in page.read_text(encoding="utf-8")
    nbgrader(graded.root, "export", "--to", "grades.csv")
    with (graded.root / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert rows == {"ann": 20, "bob": 18, "cut": 0}


def test_our_rows_are_those_that_nbgrader_itself_would_make(graded, new_one):
    theirs = graded.root.with_name("theirs")
    shutil.copytree(new_one, theirs)
    nbgrader(theirs, "generate_assignment", LESSON)
    stock = type(graded)(theirs, graded.solved)
    for table in (
        "assignment",
        "notebook",
        "base_cell",
        "grade_cells",
        "solution_cells",
        "source_cell",
    ):
        assert graded.state()[0][table] == stock.state()[0][table], table


def test_the_version_of_the_tables_is_the_one_that_nbgrader_makes(new_one):
    from sqlalchemy import create_engine

    from graders.gradebook import SCHEMA

    engine = create_engine(open_course(new_one).db_url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == SCHEMA
    engine.dispose()
