"""Seconds of each step of an instructor's day, beside nbgrader's own where it has the step.

A demo class of 60 students and nine lessons in a course of ours; nbgrader as it comes gets the notebooks of
lesson 1 in a course of its own, and grades them, as it does, by running them.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from _notebooks import LESSON
from _peers import CONFIG
from measure import report

from graders.demo import truth_of

SCRIPTS = Path(sys.executable).parent
OURS, THEIRS = str(SCRIPTS / "backproplab"), str(SCRIPTS / "nbgrader")
ONE = LESSON.folder
# Its path first, because nbgrader looks up alembic.
ENVIRONMENT = {
    **os.environ,
    "PATH": os.pathsep.join([str(SCRIPTS), os.environ.get("PATH", os.defpath)]),
    "BACKPROPLAB_NO_PROGRESS": "1",
}


class Timed:
    """Run commands in a folder and keep a row for each."""

    def __init__(self) -> None:
        self.rows: list[list[Any]] = []

    def step(
        self, what: str, ours: str, folder: Path, theirs: str | None = None, other: Path | None = None
    ) -> None:
        """Time our command and, where it has the step, nbgrader's."""
        mine = seconds(f"{OURS} {ours}", folder)
        its = seconds(f"{THEIRS} {theirs}", other or folder) if theirs else None
        self.rows.append([what, ours, mine, theirs, its, its / mine if its else None])
        print(what, f"{mine:.1f}", "" if its is None else f"{its:.1f}", file=sys.stderr)


def seconds(line: str, folder: Path) -> float:
    """Run a command; broken submissions make ours end with 1."""
    start = time.perf_counter()
    done = subprocess.run(
        line.split(), cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - start
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{line}: {done.stderr[-2000:]}")
    return took


def stock_course(folder: Path) -> Path:
    """Return a course as nbgrader has it, with lesson 1 in it."""
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(CONFIG.format(root=str(folder)), encoding="utf-8")
    shutil.copytree(LESSON.path.parent, folder / "source" / ONE)
    return folder


def hand_over(course: Path, stock: Path) -> int:
    """Copy what the class has handed in of lesson 1 and can be read; return how many."""
    readable = [one for one in truth_of(course) if one.assignment == ONE and one.exercises]
    for one in readable:
        there = stock / "submitted" / one.student / ONE
        there.mkdir(parents=True)
        shutil.copy(course / "submitted" / one.student / ONE / f"{ONE}.ipynb", there)
    return len(readable)


def day(folder: Path, students: int, jobs: int) -> list[list[Any]]:
    """Go through the day; return its rows."""
    course, stock, timed = folder / "backprop", stock_course(folder / "stock"), Timed()
    timed.step("new course", "course new backprop", folder, "quickstart example")
    timed.step("release lesson 1", "release one_neuron --to out", course, f"generate_assignment {ONE}", stock)
    timed.step("release nine lessons, leak check", "release --to nine", course)
    timed.step("prove nine lessons solvable", "release --prove", course)
    timed.step("student zip", "release --zip backprop.zip", course)
    timed.step("demo class, nine lessons", f"course demo . --students {students} --seed 7", course)
    count = hand_over(course, stock)
    grade = f"grade --course . --jobs {jobs}"
    timed.step(f"grade lesson 1 ({count})", f"{grade} --assignment 1", course, f"autograde {ONE}", stock)
    timed.step("grade the other eight", grade, course)
    timed.step("one exercise again", f"{grade} --exercise neuron_delta", course)
    timed.step("class report", "report --course .", course)
    timed.step(
        f"feedback, lesson 1 ({count})", "feedback --course . --assignment 1", course,
        f"generate_feedback {ONE}", stock,
    )  # fmt: skip
    timed.step("feedback, nine lessons", "feedback --course .", course)
    timed.step("marks as CSV", "export --course . --to csv", course, "export", stock)
    for kind in ("canvas", "moodle", "gradescope"):
        timed.step(f"export to {kind}", f"export --course . --to {kind}", course)
    return timed.rows


def main() -> int:
    """Measure the day and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = day(Path(folder), args.students, args.jobs)
    report("day", ["step", "backproplab", "s", "nbgrader", "its s", "times ours"], rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
