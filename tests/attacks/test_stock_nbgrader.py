"""Hostile submissions through stock ``nbgrader autograde``, set up by the configuration of a new course."""

import os
import random
import secrets
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.course import new_course
from graders.lessons import find_lesson
from tests.attacks.arena import FAMILIES, SECRET
from tests.attacks.case import POSSIBLE
from tests.attacks.scene import Scene

LESSON = find_lesson("one_neuron").folder
EACH = 5
CLASS = {
    f"{family}-{i}": case
    for family, cases in FAMILIES.items()
    for i, case in enumerate(random.Random(f"{family} for nbgrader").sample(cases, EACH))
    if not case.slow
}
MARKS = """
    SELECT student_id, SUM(COALESCE(manual_score, auto_score, 0)) FROM grade
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    GROUP BY student_id"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that everybody may enter, as pytest's own is not."""
    made = Path(tempfile.mkdtemp(prefix="nbgrader-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.mark.proof
def test_stock_nbgrader_gives_hostile_submissions_nothing(folder: Path) -> None:
    secret = f"canary-{secrets.token_hex(16)}"
    for name in ("home", "tmp"):
        (folder / "scene" / name).mkdir(parents=True)
    scene = Scene(folder / "scene", secret)
    course = new_course(folder / "course")
    for student, case in CLASS.items():
        place = course / "submitted" / student / LESSON
        place.mkdir(parents=True)
        (place / f"{LESSON}.ipynb").write_bytes(case.data(scene.fill))
    said = _nbgrader(course, scene, secret, "generate_assignment")
    scene.remember()  # nbgrader itself leaves things at home
    said += _nbgrader(course, scene, secret, "autograde")
    assert scene.damage() == []
    scene.close()
    marks = _marks(course)
    assert {s: m for s, m in marks.items() if m > CLASS[s].deserved} == {}
    assert {s for s, case in CLASS.items() if case.least > marks.get(s, 0)} == set()
    assert {marks[s] for s in CLASS if s.startswith("honest")} == {POSSIBLE}
    pages = [path.read_text(errors="replace") for path in (course / "autograded").rglob("*.ipynb")]
    assert len(pages) == len(CLASS)
    assert scene.leaks(said, *pages) == []


def _nbgrader(course: Path, scene: Scene, secret: str, command: str) -> str:
    scripts = Path(sys.executable).parent  # nbgrader looks for alembic on the PATH
    own = {
        SECRET: secret,
        "HOME": str(scene.base / "home"),
        "TMPDIR": str(scene.base / "tmp"),
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", command, LESSON],
        cwd=course,
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    return said


def _marks(course: Path) -> dict[str, float]:
    with sqlite3.connect(course / "gradebook.db") as book:
        rows = book.execute(MARKS).fetchall()
    book.close()
    return dict(rows)
