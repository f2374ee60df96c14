"""Grade a course in a process that is killed before its n-th statement, commit or file operation.

``python kill_points.py COURSE STEP...`` prints a JSON object: step -> whether the kill came that far. The
process for each step is a fork of this one, so that imports are paid for once.
"""

import json
import os
import shutil
import signal
import sys
from pathlib import Path

from sqlalchemy import Engine, event

from graders import class_run
from graders.choice import Wanted
from graders.course import open_course
from graders.exercise import Result
from graders.runner import grade_one

# What touches a disk, as Python's audit hooks call it.
FILE_EVENTS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree"}


def main(folder: Path, steps: list[int]) -> None:
    results = learn(folder.with_name("learning"), folder)

    def grade_all(tasks, **_):
        for task in tasks:
            yield task, results[task.name, task.data]

    class_run.grade_all = grade_all
    print(json.dumps({step: killed(folder, step) for step in steps}))


def learn(copy: Path, folder: Path) -> dict[tuple[str, bytes], Result]:
    """Grade a copy of the course once for real; return the results by name and bytes."""
    shutil.copytree(folder, copy)
    results: dict[tuple[str, bytes], Result] = {}

    def grade_all(tasks, **_):
        for task in tasks:
            results[task.name, task.data] = grade_one(task)
            yield task, results[task.name, task.data]

    class_run.grade_all = grade_all
    grade(copy)
    return results


def grade(folder: Path) -> None:
    class_run.grade_class(open_course(folder), Wanted(force=True), seed=7)


def killed(folder: Path, step: int) -> bool:
    """Grade a copy of the course in a process that is killed, then what is left in one that is not."""
    copy = folder.with_name(f"killed-{step}")
    shutil.copytree(folder, copy)
    first = os.fork()
    if not first:
        count_down(step)
        grade(copy)
        os._exit(0)
    ended = os.waitstatus_to_exitcode(os.waitpid(first, 0)[1])
    second = os.fork()
    if not second:
        class_run.grade_class(open_course(copy), Wanted(), seed=7)
        os._exit(0)
    assert os.waitpid(second, 0)[1] == 0
    assert ended in (0, -signal.SIGKILL)
    return ended != 0


def count_down(left: int) -> None:
    """Kill this process at the step of that number."""

    def step(*_) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(name: str, words: tuple) -> None:
        if name in FILE_EVENTS or (
            name == "open" and isinstance(words[1], str) and set(words[1]) & set("wax")
        ):
            step()

    sys.addaudithook(audit)
    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(word) for word in sys.argv[2:]])
