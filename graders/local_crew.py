"""Worker processes on this machine."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType

from graders.errors import GradersError, UsageError
from graders.exercise import Result
from graders.runner import Task, grade_one
from graders.sandbox import isolation
from graders.sandbox.policy import Layers

__all__ = ["LocalCrew"]

# What a worker gets to end its students' processes before it is ended itself.
GRACE_SECONDS = 4.0


class LocalCrew:
    """A pool of processes of our own; none is started before there is work.

    Parameters
    ----------
    jobs : int, optional
        How many; one a core by default.

    Raises
    ------
    UsageError
        If that is no number of processes.
    """

    lost: type[Exception] = BrokenProcessPool
    gone = "the worker processes were ended from outside; start again to go on"
    attempts = 3

    def __init__(self, jobs: int | None = None) -> None:
        if jobs is not None and jobs < 1:
            raise UsageError(f"{jobs} jobs: at least one worker process is needed")
        self._jobs = jobs or _cores()
        # One at work and one in waiting for each.
        self.width = 2 * self._jobs
        self.renew()

    def submit(self, task: Task) -> "Future[Result]":
        """Hand over one submission, starting a worker if none is idle."""
        try:
            with _interrupts_held():
                return self._pool.submit(_grade, task)
        except BrokenProcessPool as broken:  # a worker died while it had nothing to do
            lost: Future[Result] = Future()
            lost.set_exception(broken)
            return lost
        except OSError as error:
            raise GradersError(f"cannot start a worker process: {error.strerror or error}") from error

    def check(self) -> bool:
        """Return False: a pool that lost a worker says so by itself."""
        return False

    def renew(self) -> None:
        """Start anew: a pool that lost one worker ends the others and is of no more use."""
        # Not forked: a worker must hold nothing that its parent was about to do.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self._jobs, context, _settle_in, (isolation.SETTINGS,))

    def close(self) -> None:
        """Wait for the workers to end."""
        self._pool.shutdown()

    def kill(self) -> None:
        """End the workers; each ends its students' processes first."""
        # ProcessPoolExecutor has a public name for this from Python 3.14 on.
        workers = [*(self._pool._processes or {}).values()]
        manager: threading.Thread | None
        manager = self._pool._executor_manager_thread  # type: ignore[assignment]  # typeshed errs
        self._pool.shutdown(wait=False, cancel_futures=True)
        for worker in workers:
            worker.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
            worker.kill()
        if manager:  # Python, when it ends, may write to the pipe that this thread is about to close
            manager.join(GRACE_SECONDS)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _grade(task: Task) -> Result:
    """Grade one submission in a worker; told to end, end the worker."""
    try:
        return grade_one(task)
    except SystemExit:
        os._exit(1)


def _settle_in(layers: Layers) -> None:
    """Prepare a worker: Ctrl-C is for the parent alone, and without a parent there is no work."""
    isolation.SETTINGS = layers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _leave(number: int, frame: FrameType | None) -> None:
    if hasattr(signal, "alarm"):
        signal.alarm(round(GRACE_SECONDS))  # should the exception be swallowed somewhere
    raise SystemExit  # by way of the with statements, which end the student's process


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while a worker starts: until it has settled in, it would complain at length."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # starting it later would let Ctrl-C through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
