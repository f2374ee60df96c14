"""The whole attack suite handed in as one class, graded by stock ``nbgrader autograde``: the long form."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from graders.course import new_course
from graders.lessons import find_lesson

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform != "linux", reason="the attacks speak to a Linux kernel"),
]

FOLDER = find_lesson("one_neuron").folder
MARKS = """
    SELECT student_id, total(auto_score), count(manual_score) FROM grade
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    GROUP BY student_id"""


def nbgrader(course, home, *command):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    run = subprocess.run(
        [sys.executable, "-m", "nbgrader", *command, FOLDER],
        cwd=course,
        env={**os.environ, "HOME": str(home), "PATH": path},
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout + run.stderr


def test_a_class_of_attackers_gains_learns_and_leaves_nothing_and_the_honest_lose_nothing(tmp_path):
    from tests.attacks.arena import FAMILIES
    from tests.attacks.scene import Scene

    (tmp_path / "scene").mkdir()
    scene = Scene(tmp_path / "scene", "canary-environment")
    course = new_course(tmp_path / "course")
    cases = {f"{family}-{i:03}": case for family in FAMILIES for i, case in enumerate(FAMILIES[family])}
    for student, case in cases.items():
        handed_in = course / "submitted" / student / FOLDER / f"{FOLDER}.ipynb"
        handed_in.parent.mkdir(parents=True)
        handed_in.write_bytes(case.data(scene.fill))
    scene.remember()
    try:
        assert nbgrader(course, tmp_path / "home", "generate_assignment")[0] == 0
        status, told = nbgrader(course, tmp_path / "home", "autograde")
        copies = [path.read_text(encoding="utf-8") for path in course.glob("autograded/*/*/*.ipynb")]
        book = sqlite3.connect(course / "gradebook.db")
        rows = book.execute(MARKS).fetchall()
        texts = [*copies, *book.iterdump()]
        book.close()
        assert status == 0, told[-3000:]
        assert scene.damage() == []
        assert scene.leaks(told, *texts) == []
    finally:
        scene.close()
    assert len(copies) == len(rows) == len(cases)
    unfair = {
        cases[student].name: points
        for student, points, by_hand in rows
        if by_hand or not cases[student].least <= points <= cases[student].deserved
    }
    assert unfair == {}
