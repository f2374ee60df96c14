"""Worker processes of a Dask cluster: other machines than this one."""

import logging
import re
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

import backproplab
from graders.errors import GradersError, UsageError
from graders.exercise import Result
from graders.runner import Task, grade_one

__all__ = ["START_WORKERS", "DaskCrew", "scheduler_address"]

START_WORKERS = "dask worker {address} --nworkers auto --nthreads 1"
CONNECT_SECONDS = 10.0
# A worker that died is started again by its nanny; on a busy machine that takes a while.
WORKER_SECONDS = 60.0
# Workers come and go; counting them costs a message to the scheduler.
COUNT_SECONDS = 2.0


class DaskCrew:
    """The workers of a Dask scheduler, each a process with backproplab in it.

    Parameters
    ----------
    executor : str
        ``"dask://HOST:PORT"``, the scheduler's address.

    Raises
    ------
    UsageError
        If that is no address, or Dask is not installed here.
    GradersError
        If the scheduler does not answer, has no workers, or they have another version of backproplab.
    """

    # Dask itself gives a submission up only after several workers died (allowed-failures).
    attempts = 2

    def __init__(self, executor: str) -> None:
        self._address = scheduler_address(executor)
        self.gone = f"the Dask scheduler {self._address} went away; start again to go on where it stopped"
        self._client = _connect(self._address)
        try:
            self._wait_for_workers(CONNECT_SECONDS)
            _check_versions(self._client)
        except BaseException:
            self._client.close()
            raise
        from distributed import KilledWorker

        self.lost: type[Exception] = KilledWorker
        # Not pure: one submission handed in twice is graded twice, as everywhere else.
        self._executor = self._client.get_executor(retries=2, pure=False)
        self._counted = 0.0

    @property
    def width(self) -> int:
        """One submission at work and one in waiting for each thread of the cluster."""
        if time.monotonic() > self._counted + COUNT_SECONDS:
            with self._connected():
                threads: int = sum(self._client.nthreads().values())
            self._width = 2 * max(1, threads)
            self._counted = time.monotonic()
        return self._width

    def submit(self, task: Task) -> "Future[Result]":
        """Hand over one submission."""
        with self._connected():
            future: Future[Result] = self._executor.submit(grade_one, task)
        return future

    def check(self) -> bool:
        """Tell whether no worker has anything to do; GradersError if there is nobody left to wait for.

        After a worker died, a scheduler may forget what it had.
        """
        with self._connected():
            self._wait_for_workers(WORKER_SECONDS)
            return not any(self._client.processing().values())

    def renew(self) -> None:
        """Do nothing: Dask starts the workers that died again."""

    def close(self) -> None:
        """Let the cluster go; it goes on without us."""
        self._executor.shutdown()
        self._client.close()

    def kill(self) -> None:
        """Take back what was handed over; a submission that is being graded ends by itself."""
        self._executor.shutdown(wait=False)
        self._client.close()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        """Say so if the scheduler is gone: Dask would wait for it to come back, and for ever."""
        if self._client.status != "running":
            raise GradersError(self.gone)
        try:
            yield
        except OSError as error:
            raise GradersError(self.gone) from error

    def _wait_for_workers(self, seconds: float) -> None:
        try:
            self._client.wait_for_workers(1, timeout=seconds)
        except TimeoutError:
            start = START_WORKERS.format(address=self._address)
            raise GradersError(
                f"the Dask scheduler {self._address} has no workers: start some with\n{start}"
            ) from None


def scheduler_address(executor: str) -> str:
    """Return the address that Dask understands.

    Parameters
    ----------
    executor : str
        ``"dask://HOST:PORT"``.

    Raises
    ------
    UsageError
        If it is anything else.

    Examples
    --------
    >>> scheduler_address("dask://localhost:8786")
    'tcp://localhost:8786'
    """
    found = re.fullmatch(r"dask://([\w.-]+|\[[\da-fA-F:.]+\]):(\d{1,5})", executor, re.ASCII)
    if not found or not 0 < int(found[2]) < 1 << 16:
        raise UsageError(f"{executor!r} is no executor: due is dask://HOST:PORT, as in dask://localhost:8786")
    return f"tcp://{found[1]}:{found[2]}"


def _connect(address: str) -> Any:
    try:
        import distributed
    except ImportError as error:
        raise UsageError("Dask is not installed here: pip install 'backproplab[dask]'") from error
    # What goes wrong is said in one line here; Dask's client would add a traceback for each broken pipe.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client: Any = distributed.Client  # its class is not typed
        return client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except OSError as error:
        raise GradersError(
            f"no Dask scheduler answers at {address}: start one with dask scheduler"
        ) from error


def _check_versions(client: Any) -> None:
    """Refuse a cluster that would grade by other rules, or that cannot grade at all."""
    here = backproplab.__version__
    try:
        found = {"its scheduler": client.run_on_scheduler(_version), **client.run(_version)}
    except Exception as error:  # whatever the other machine raised when it looked for the package
        raise GradersError(f"Dask: backproplab is missing on some machine of the cluster: {error}") from error
    for who, there in found.items():
        if there != here:
            raise GradersError(f"Dask: {who} has backproplab {there}, here it is {here}: install the same")


def _version() -> str:
    return backproplab.__version__
