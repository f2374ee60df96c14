"""The other graders: nbgrader as it comes, and otter-grader in an environment of its own."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from _notebooks import KINDS, LESSON, hand_in, notebook
from measure import OUT

from graders.exercises import for_lesson

__all__ = ["nbgrader_seconds", "otter_seconds"]

ROOT = Path(__file__).resolve().parents[2]
OTTER = "otter-grader==7.0.0"
# What the notebooks import, beside what otter needs.
BESIDE = ("ipykernel", "numpy", "matplotlib", "ipywidgets", "anywidget")
CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "bench"
c.CourseDirectory.root = {root!r}
c.KernelManager.transport_encryption = "auto"
"""
OTTER_TEST = """
OK_FORMAT = False
from otter.test_files import test_case

name, points = {name!r}, {points}

@test_case(points={points})
def test_points(env):
    from graders import check
    assert check({name!r}, env[{name!r}]) == {points}
"""


def _environment(scripts: Path) -> dict[str, str]:
    """Its own scripts first: nbgrader looks up alembic, otter its kernel."""
    path = os.pathsep.join([str(scripts), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


def _run(command: list[str], folder: Path, scripts: Path) -> None:
    done = subprocess.run(command, cwd=folder, env=_environment(scripts), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")


def nbgrader_seconds(students: int, folder: Path) -> float:
    """Return how long ``nbgrader autograde`` takes for so many students, start-up and all."""
    folder.mkdir()
    (folder / "nbgrader_config.py").write_text(CONFIG.format(root=str(folder)), encoding="utf-8")
    source = folder / "source" / LESSON.folder
    source.mkdir(parents=True)
    shutil.copy(LESSON.path, source)
    scripts = Path(sys.executable).parent
    nbgrader = str(scripts / "nbgrader")
    _run([nbgrader, "generate_assignment", LESSON.folder], folder, scripts)
    hand_in(folder, students)
    start = time.perf_counter()
    _run([nbgrader, "autograde", LESSON.folder], folder, scripts)
    took = time.perf_counter() - start
    graded = len(list(folder.glob(f"autograded/*/{LESSON.folder}/*.ipynb")))
    assert graded == students, f"nbgrader graded {graded} of {students}"
    return took


def otter_seconds(folder: Path) -> float:
    """Return what ``otter run`` takes for one notebook, the mean over one of each kind.

    Raises
    ------
    OSError, RuntimeError, subprocess.SubprocessError
        If it cannot be installed or does not run.
    """
    scripts = _otter_scripts()
    tests = folder / "tests"
    tests.mkdir(parents=True)
    for exercise in for_lesson(LESSON.slug):
        text = OTTER_TEST.format(name=exercise.name, points=exercise.points)
        (tests / f"{exercise.name}.py").write_text(text, encoding="utf-8")
    otter = str(scripts / "otter")
    _run([otter, "generate", "-t", "tests", "-o", "autograder.zip"], folder, scripts)
    for number, kind in enumerate(KINDS):
        (folder / f"{kind}.ipynb").write_bytes(notebook(kind, number))
    start = time.perf_counter()
    for kind in KINDS:
        _run([otter, "run", f"{kind}.ipynb", "-a", "autograder.zip", "-o", "."], folder, scripts)
    return (time.perf_counter() - start) / len(KINDS)


def _otter_scripts() -> Path:
    home = OUT / "otter"
    scripts = home / Path(sys.executable).parent.name
    if not list(scripts.glob("otter*")):
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "--clear", "-q", "--python", sys.executable, str(home)], check=True)
        install = [*uv, "pip", "install", "-q", "--python", str(next(scripts.glob("python*")))]
        subprocess.run([*install, OTTER, *BESIDE], check=True)
    return scripts
