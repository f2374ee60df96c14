"""The same work on a Dask cluster: worker processes that die, a scheduler that is not there or goes away."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import LocalCluster

import graders.dask_crew
from graders.dask_crew import DaskCrew, scheduler_address
from graders.errors import GradersError, UsageError
from graders.pool import grade_all
from graders.runner import Task

Notebook = dict[str, Any]
Make = Callable[..., Notebook]
LOSS = ("neuron_loss",)
# Read by every worker as it starts: a submission of that name ends the process that grades it.
POISON = """
import os
from graders import runner
grade = getattr(runner, "without_poison", runner.grade_one)
def grade_one(task):
    if task.name.startswith("poison"):
        os._exit(3)
    return grade(task)
runner.without_poison, runner.grade_one = grade, grade_one
"""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    hook = tmp_path_factory.mktemp("dask") / "poison.py"
    hook.write_text(POISON)
    settings = {
        # One death is enough for Dask to give a task up: what happens then is up to us.
        "distributed.scheduler.allowed-failures": 0,
        "distributed.worker.preload": [str(hook)],
        "temporary-directory": str(hook.parent),
    }
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
        ) as alive,
    ):
        yield alive


def address(cluster: LocalCluster) -> str:
    return str(cluster.scheduler_address).replace("tcp://", "dask://")


@pytest.fixture
def tasks(handed_in: Make) -> Callable[..., list[Task]]:
    def make(*names: str, seconds: float = 0.2) -> list[Task]:
        data = json.dumps(handed_in(f"import time\ntime.sleep({seconds})")).encode()
        return [Task(data, name, 1, name, LOSS) for name in names]

    return make


def kill_a_worker(cluster: LocalCluster, seconds: float = 30) -> None:
    """Kill the process of one worker; the poison may just have ended it, then another one is due."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for nanny in cluster.workers.values():
            process = nanny.process and nanny.process.process
            if process is not None and process.pid:
                with suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
                    return
        time.sleep(0.05)
    pytest.fail("no worker came up again")


def test_a_worker_killed_and_a_poison_submission_cost_nobody_else_anything(
    cluster: LocalCluster, tasks: Callable[..., list[Task]]
) -> None:
    names = ["a", "b", "c", "poison", "d", "e", "f"]
    graded = grade_all(tasks(*names), executor=address(cluster))
    results = [next(graded)[1]]
    kill_a_worker(cluster)
    results += [result for _, result in graded]
    assert sorted(result.notebook for result in results) == sorted(names)
    blamed = [result.error for result in results if result.error]
    assert blamed == ["needs a person: whatever worker process grades it dies"]
    assert [result.points for result in results if not result.error] == [2.0] * 6


def test_a_cluster_with_another_version_is_refused(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graders.dask_crew.backproplab, "__version__", "0.0.0")
    with pytest.raises(GradersError, match=r"has backproplab .* here it is 0\.0\.0: install the same"):
        DaskCrew(address(cluster))


def test_a_scheduler_that_is_not_there_has_no_workers_or_goes_away_is_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch, tasks: Callable[..., list[Task]], tmp_path: Path
) -> None:
    monkeypatch.setattr(graders.dask_crew, "CONNECT_SECONDS", 2.0)
    port = free_port()
    executor = f"dask://127.0.0.1:{port}"
    with pytest.raises(GradersError, match="no Dask scheduler answers at tcp://"):
        DaskCrew(executor)
    with ExitStack() as started:
        scheduler = started.enter_context(running(tmp_path, "scheduler", "--port", str(port)))
        monkeypatch.setattr(graders.dask_crew, "CONNECT_SECONDS", 20.0)
        monkeypatch.setattr(DaskCrew, "_wait_for_workers", lambda crew, _: wait_for_workers(crew, 0.1))
        with pytest.raises(GradersError, match="has no workers: start some with\ndask worker tcp://"):
            DaskCrew(executor)
        monkeypatch.setattr(DaskCrew, "_wait_for_workers", wait_for_workers)
        started.enter_context(running(tmp_path, "worker", f"tcp://127.0.0.1:{port}", "--nthreads", "1"))
        graded = grade_all(tasks(*"abcdef"), executor=executor)
        assert next(graded)[1].points == 2.0
        scheduler.kill()
        with pytest.raises(GradersError, match="went away; start again to go on"):
            list(graded)


wait_for_workers = DaskCrew._wait_for_workers


@contextmanager
def running(folder: Path, what: str, *words: str) -> "Iterator[subprocess.Popen[bytes]]":
    command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words]
    options = ["--host", "127.0.0.1", "--no-dashboard"]
    with subprocess.Popen([*command, *options], cwd=folder, stderr=subprocess.DEVNULL) as process:
        yield process
        process.terminate()


def test_who_has_enough_does_not_wait_for_the_cluster(
    cluster: LocalCluster, tasks: Callable[..., list[Task]]
) -> None:
    graded = grade_all(tasks("a") + tasks(*"bcdefgh", seconds=3), executor=address(cluster))
    next(graded)
    start = time.monotonic()
    graded.close()
    assert time.monotonic() - start < 5, "the others would take ten seconds"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    "executor",
    [
        "dask",
        "dask://",
        "dask://host",
        "dask://host:0",
        "dask://host:99999",
        "tcp://host:1",
        "dask://a b:1",
        "",
    ],
)
def test_a_malformed_address_is_refused(executor: str) -> None:
    with pytest.raises(UsageError, match="due is dask://HOST:PORT"):
        scheduler_address(executor)


def test_a_missing_package_is_said_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r"pip install 'backproplab\[dask\]'"):
        DaskCrew("dask://localhost:8786")
