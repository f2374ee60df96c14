"""What grading costs: against other graders, by workers, by layers of confinement, for a whole class.

Every grader gets the same notebooks of lesson 1: right, partly right, wrong and untouched in turn. Times a
notebook are differences between a long and a short run, so that they hold no start-up.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent))
from _notebooks import KINDS, LESSON, hand_in, notebook
from _peers import nbgrader_seconds, otter_seconds
from measure import missing, report

from graders.course import new_course
from graders.pool import grade_all
from graders.runner import Task
from graders.sandbox import isolation
from graders.sandbox.policy import Layers
from graders.sandbox.remote import Child

FEW, MANY, ROUNDS = 20, 220, 60
STUDENTS, ASSIGNMENTS = 300, ("week_1", "week_2", "week_3")
# Held: at least so many times faster than nbgrader on one worker; two workers so many times one.
HOLD_NBGRADER, HOLD_TWO = 40.0, 1.7
AIM_MS = 15.0
LAYERS = {
    "none": Layers(0, False, False, False),
    "rlimits": Layers(0, False, True, False),
    "seccomp": Layers(0, True, False, False),
    "landlock": Layers(11, False, False, False),
    "other user": Layers(0, False, False, True),
    "all": Layers(),
}


def slope(seconds: Callable[[int], float], few: int, many: int) -> tuple[float, float]:
    """Return milliseconds a notebook, and the seconds that a run of none would take."""
    short, long = seconds(few), seconds(many)
    each = (long - short) / (many - few)
    return 1e3 * each, short - few * each


def in_a_course(folder: Path, jobs: int) -> Callable[[int], float]:
    """Time ``backproplab grade --course``: sandbox, diagnosis, gradebook, graded copies."""

    def seconds(students: int) -> float:
        course = new_course(folder / f"ours-{jobs}-{students}")
        hand_in(course, students)
        return timed_grading(course, jobs)

    return seconds


def timed_grading(course: Path, jobs: int) -> float:
    command = [sys.executable, "-m", "graders.cli", "grade", "--course", str(course), "--jobs", str(jobs)]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took = time.perf_counter() - start
    graded = len(list(course.glob("autograded/*/*/*.ipynb")))
    handed_in = len(list(course.glob("submitted/*/*/*.ipynb")))
    assert graded == handed_in, f"graded {graded} of {handed_in}"
    return took


def tasks(number: int) -> Iterator[Task]:
    return (Task(notebook(KINDS[i % 4], i), f"{i}.ipynb", 1, f"s{i}") for i in range(number))


def by_workers(**how: Any) -> tuple[float, float]:
    """Return milliseconds a notebook and seconds of start-up of the workers alone."""
    everything = list(tasks(FEW + MANY))
    start = time.perf_counter()
    for done, (_, result) in enumerate(grade_all(everything, **how), start=1):
        assert result.error is None, result.error
        if done == FEW:  # by then every worker is warm
            warm = time.perf_counter()
    return 1e3 * (time.perf_counter() - warm) / MANY, warm - start


def by_dask() -> tuple[float, float]:
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        return by_workers(executor=cluster.scheduler_address.replace("tcp://", "dask://"))


def graders() -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        rows: list[list[Any]] = []
        one = slope(in_a_course(folder, 1), FEW, MANY)
        two = slope(in_a_course(folder, 2), FEW, MANY)
        stock = slope(lambda n: nbgrader_seconds(n, folder / f"nbgrader-{n}"), 2, FEW)
        rows.append(["grade --course, 1 worker", *one, stock[0] / one[0], HOLD_NBGRADER])
        rows.append(["grade --course, 2 workers", *two, stock[0] / two[0], None])
        rows.append(["nbgrader autograde", *stock, 1.0, None])
        rows.append(["otter run", *otter(folder), None])
        rows[-1][3] = rows[-1][1] and stock[0] / rows[-1][1]
    report("grading", ["grader", "ms a notebook", "start-up s", "times nbgrader", "hold >="], rows)


def otter(folder: Path) -> list[float | None]:
    try:
        return [1e3 * otter_seconds(folder / "otter"), None, None]
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        print(error, file=sys.stderr)
        missing("otter-grader")
        return [None, None, None]


def workers() -> None:
    single, double = by_workers(jobs=1), by_workers(jobs=2)
    rows: list[list[Any]] = [
        ["1 process", *single, 1.0, None, AIM_MS],
        ["2 processes", *double, single[0] / double[0], HOLD_TWO, None],
    ]
    try:
        spread = by_dask()
        rows.append(["2 Dask workers", *spread, single[0] / spread[0], None, None])
    except ImportError:
        missing("distributed")
    columns = ["workers", "ms a notebook", "start-up s", "times one", "hold >=", "aim <= ms"]
    report("grading_workers", columns, rows)


def child_ms(layers: Layers) -> float:
    """Return milliseconds to open a child, run a cell and close it."""
    isolation.SETTINGS = layers
    start = time.perf_counter()
    with Child() as process:
        process.exec("x = 1", 5.0)
    return 1e3 * (time.perf_counter() - start)


def child_megabytes(layers: Layers) -> float:
    """Return the private memory of a child in which an array was made."""
    isolation.SETTINGS = layers
    with Child() as process:
        process.exec("import numpy as np\nx = np.linspace(0, 1, 1000)", 5.0)
        newest = max(psutil.Process().children(recursive=True), key=lambda each: each.create_time())
        return private_megabytes(newest.pid)


def private_megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) / 1024


def confinement() -> None:
    for layers in LAYERS.values():  # each has a warm process of its own
        child_ms(layers)
    rounds = [{name: child_ms(layers) for name, layers in LAYERS.items()} for _ in range(ROUNDS)]
    rows = []
    for name, layers in LAYERS.items():
        each = statistics.median(times[name] for times in rounds)
        more = statistics.median(times[name] - times["none"] for times in rounds)
        rows.append([name, each, more, child_megabytes(layers)])
    isolation.SETTINGS = Layers()
    report("grading_layers", ["layers", "open, cell, close ms", "more than none", "private MB"], rows)


def whole_class() -> None:
    """Grade a class end to end, then again with nothing to do."""
    with tempfile.TemporaryDirectory() as made:
        course = new_course(Path(made) / "course")
        for assignment in ASSIGNMENTS:
            shutil.copytree(course / "source" / LESSON.folder, course / "source" / assignment)
        hand_in(course, STUDENTS, ASSIGNMENTS)
        jobs = os.cpu_count() or 1
        number = STUDENTS * len(ASSIGNMENTS)
        rows = []
        for what in ("graded", "called again, nothing to do"):
            took = timed_grading(course, jobs)
            rows.append([what, number, jobs, took, 1e3 * took / number])
    report("grading_class", ["class", "notebooks", "workers", "seconds", "ms a notebook"], rows)


def main() -> None:
    graders()
    workers()
    confinement()
    whole_class()


if __name__ == "__main__":
    main()
