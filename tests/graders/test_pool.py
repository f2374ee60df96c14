"""Many submissions on several workers: all graded once, whatever becomes of a worker; nothing left over."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil
import pytest

from graders import local_crew, pool
from graders.errors import GradersError, UsageError
from graders.exercise import Result
from graders.pool import grade_all
from graders.runner import Task, grade_files, needs_person
from graders.sandbox import isolation

Notebook = dict[str, Any]
Make = Callable[..., Notebook]
MakeTask = Callable[..., Task]
SLOW = "import time\ntime.sleep(0.3)"
STEADY = "import time\ntime.sleep(60)"
LOSS = ("neuron_loss",)


class Bomb:
    """Ends the process that unpickles it: a submission that kills its worker."""

    def __reduce__(self) -> Any:
        return os._exit, (3,)


@pytest.fixture
def task(handed_in: Make) -> MakeTask:
    """Make a task out of lesson 1 solved, with code cells added."""

    def make(name: str, *added: str, student: Any = None) -> Task:
        return Task(json.dumps(handed_in(*added)).encode(), name, 1, student, LOSS)

    return make


def no_workers_left() -> bool:
    """Wait a moment for processes that were told to end."""
    deadline = time.monotonic() + 5
    while multiprocessing.active_children() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not multiprocessing.active_children()


def test_every_task_comes_back_once_with_its_own_result(task: MakeTask) -> None:
    tasks = [task(f"{i}.ipynb") for i in range(9)] + [Task(b"{", "bad.ipynb", 1)]
    told: list[tuple[int, int]] = []
    pairs = list(grade_all(tasks, jobs=2, progress=lambda done, total: told.append((done, total))))
    assert sorted(result.notebook for _, result in pairs) == sorted(each.name for each in tasks)
    assert all(each.name == result.notebook for each, result in pairs)
    assert {result.points for _, result in pairs if not result.error} == {2.0}
    assert [r.notebook for _, r in pairs if r.error] == ["bad.ipynb"]
    assert told == [(i, 10) for i in range(1, 11)]
    assert no_workers_left()


def test_results_are_those_of_a_single_process(task: MakeTask) -> None:
    tasks = [task(f"{i}.ipynb", "x = 1" * (i % 2), student=f"s{i}") for i in range(4)]
    alone = {
        name: only for each in tasks for [(_, only)] in [list(grade_all([each]))] for name in [each.name]
    }
    for each, result in grade_all(tasks, jobs=2):
        assert result.exercises == alone[each.name].exercises
        assert result.student == each.student


def test_workers_confine_as_the_grader_does(task: MakeTask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "SETTINGS", isolation.SETTINGS._replace(landlock=2))
    results = [result for _, result in grade_all([task("a"), task("b")], jobs=1)]
    assert {result.isolation for result in results} == {isolation.isolation()}


def test_few_tasks_are_taken_ahead_of_the_results(task: MakeTask) -> None:
    taken = []

    def class_of_thirty() -> Iterator[Task]:
        for i in range(30):
            taken.append(i)
            yield task(f"{i}.ipynb")

    for done, _ in enumerate(grade_all(class_of_thirty(), jobs=2), start=1):
        assert len(taken) - done <= 4


def test_a_worker_that_is_killed_costs_nobody_anything(task: MakeTask) -> None:
    tasks = [task(f"{i}.ipynb", SLOW) for i in range(8)]
    graded = grade_all(tasks, jobs=2)
    results = [next(graded)[1]]
    os.kill(multiprocessing.active_children()[0].pid or 0, signal.SIGKILL)
    results += [result for _, result in graded]
    assert sorted(result.notebook for result in results) == [f"{i}.ipynb" for i in range(8)]
    assert [(result.error, result.points) for result in results] == [(None, 2.0)] * 8
    assert no_workers_left()


def test_a_submission_that_kills_its_worker_needs_a_person_and_nobody_else_does(task: MakeTask) -> None:
    tasks = [task(f"{i}.ipynb", student=Bomb() if i in (2, 3) else None) for i in range(8)]
    results = {each.name: result for each, result in grade_all(tasks, jobs=2)}
    blamed = {name for name, result in results.items() if result.error}
    assert blamed == {"2.ipynb", "3.ipynb"}
    assert results["2.ipynb"].error == "needs a person: whatever worker process grades it dies"
    assert [r.points for name, r in results.items() if name not in blamed] == [2.0] * 6


def test_a_task_that_cannot_travel_needs_a_person(task: MakeTask) -> None:
    tasks = [task("0.ipynb"), task("1.ipynb", student=lambda: None), task("2.ipynb")]
    errors = {each.name: result.error for each, result in grade_all(tasks, jobs=2)}
    assert str(errors.pop("1.ipynb")).startswith("needs a person: ")
    assert errors == {"0.ipynb": None, "2.ipynb": None}


def test_who_has_enough_ends_the_workers_at_once(task: MakeTask) -> None:
    graded = grade_all([task("0.ipynb"), task("1.ipynb"), *(task("x", STEADY) for _ in range(4))], jobs=2)
    next(graded)
    workers = [psutil.Process(each.pid) for each in multiprocessing.active_children()]
    started = [child for worker in workers for child in (worker, *worker.children(recursive=True))]
    start = time.monotonic()
    graded.close()
    assert time.monotonic() - start < 20, "they would sleep for a minute"
    assert still_running(started) == []
    assert no_workers_left()


def test_a_crew_that_was_killed_leaves_no_thread_behind(task: MakeTask) -> None:
    """Python, when it ends, would write to the pipe that such a thread is closing."""
    before = set(threading.enumerate())
    graded = grade_all([task(f"{i}.ipynb") for i in range(4)], jobs=2)
    next(graded)
    assert set(threading.enumerate()) > before
    graded.close()
    assert set(threading.enumerate()) == before


def test_workers_end_when_the_grader_is_killed(tmp_path: Path, task: MakeTask) -> None:
    run = command(tmp_path, task)
    started = all_started(run)
    run.kill()
    run.communicate()
    assert still_running(started) == []


def test_ctrl_c_ends_a_run_with_one_line_and_leaves_no_process(tmp_path: Path, task: MakeTask) -> None:
    run = command(tmp_path, task)
    started = all_started(run)
    os.killpg(run.pid, signal.SIGINT)  # as a terminal does: to every process of the group
    _, said = run.communicate(timeout=20)  # they would sleep for a minute
    assert (run.returncode, said.decode().splitlines()[-1]) == (130, "backproplab: stopped")
    assert "Traceback" not in said.decode()
    assert still_running(started) == []


def still_running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Wait a moment; one that has ended and that nobody collects does not count."""
    left = psutil.wait_procs(processes, timeout=15)[1]
    return [each for each in left if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def command(folder: Path, task: MakeTask) -> "subprocess.Popen[bytes]":
    """Start ``backproplab grade`` on notebooks that take long, in a process group of its own."""
    for i in range(4):
        (folder / f"{i}.ipynb").write_bytes(task("x", STEADY).data)
    words = [sys.executable, "-m", "graders.cli", "grade", *map(str, sorted(folder.glob("*.ipynb")))]
    return subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)


def all_started(run: "subprocess.Popen[bytes]") -> list[psutil.Process]:
    """Return all processes of a run, once a worker has started one of its own."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        family = psutil.Process(run.pid).children(recursive=True)
        if any(process.ppid() != run.pid for process in family):
            return family
        time.sleep(0.05)
    raise AssertionError("no worker started anything")


@pytest.mark.parametrize("jobs", [0, -1])
def test_a_number_of_jobs_that_cannot_be_is_refused(jobs: int, task: MakeTask) -> None:
    with pytest.raises(UsageError, match="at least one worker"):
        next(grade_all([task("a")], jobs=jobs))


def test_a_machine_that_starts_no_process_is_said_in_one_line(
    task: MakeTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(local_crew.ProcessPoolExecutor, "submit", refuse)
    with pytest.raises(GradersError, match="cannot start a worker process: Resource temporarily unavailable"):
        list(grade_all([task("a"), task("b")]))


def test_files_come_back_in_the_order_given_and_a_name_given_twice_is_graded_once(
    tmp_path: Path, task: MakeTask
) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(task(name, SLOW * (name == "a")).data)
    paths = [str(tmp_path / name) for name in "acbxa"]
    told: list[int] = []
    results = grade_files(paths, seed=1, jobs=2, progress=lambda done, total: told.append(total))
    assert [result.notebook for result in results] == paths
    assert [bool(result.error) for result in results] == [False, False, False, True, False]
    assert told == [4] * 4


def test_what_a_crew_forgot_is_handed_over_again(task: MakeTask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Dask scheduler was seen to forget the submissions of a worker that was killed."""
    monkeypatch.setattr(pool, "PATIENCE_SECONDS", 0.05)
    handed: list[str] = []

    class Forgetful:
        lost, gone, attempts, width = KeyError, "", 2, 2

        def submit(self, task: Task) -> "Future[Result]":
            handed.append(task.name)
            future: Future[Result] = Future()
            if len(handed) > 2:
                future.set_result(needs_person(task, "done"))
            return future

        def check(self) -> bool:
            return True

    crew: Any = Forgetful()
    graded = list(pool._Run(crew, iter([task("a"), task("b")])).results())
    assert len(graded) == 2
    assert len(handed) == 4


def test_a_crew_that_shrinks_is_given_no_more_until_it_has_less_in_hand(task: MakeTask) -> None:
    handed: list[Future[Result]] = []

    class Shrinking:
        lost, gone, attempts = KeyError, "", 2

        @property
        def width(self) -> int:
            return 2 if len(handed) > 3 else 4

        def submit(self, task: Task) -> "Future[Result]":
            future: Future[Result] = Future()
            future.set_running_or_notify_cancel()
            handed.append(future)
            if len(handed) == 4:
                handed[0].set_result(needs_person(task, "done"))
            elif len(handed) > 4:
                future.set_result(needs_person(task, "done"))
            return future

    crew: Any = Shrinking()
    results = pool._Run(crew, iter([task(f"{i}") for i in range(6)])).results()
    next(results)
    handed[1].set_result(needs_person(task("x"), "done"))
    next(results)
    assert len(handed) == 4  # two at work, as many as it takes
    for future in handed[2:4]:
        future.set_result(needs_person(task("x"), "done"))
    assert len(list(results)) == 4
    assert len(handed) == 6
