"""Many submissions on several workers: whatever becomes of a worker, everybody is graded once.

A worker is a process that runs ``grade_one``. When one dies, those who might have killed it are graded
again one at a time, so the guilty one is known and nobody else bears it.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from itertools import chain, islice
from operator import length_hint
from typing import Protocol

from graders.errors import GradersError
from graders.exercise import Result
from graders.runner import Task, grade_one, needs_person

__all__ = ["Crew", "grade_all"]

# When nothing was done for so long, look whether there still are workers.
PATIENCE_SECONDS = 10.0


class Crew(Protocol):
    """Workers that grade: the processes of this machine, or those of a Dask cluster.

    Attributes
    ----------
    lost : type of exception
        What a future raises when the worker that had it died.
    gone : str
        What to say when the whole crew went away.
    attempts : int
        A worker may die of something else: so often a submission must lose one before it is blamed.
    """

    lost: type[Exception]
    gone: str
    attempts: int

    @property
    def width(self) -> int:
        """How many submissions to hand over at a time; the others are not even read."""

    def submit(self, task: Task) -> "Future[Result]":
        """Hand over one submission."""

    def check(self) -> bool:
        """Tell whether what was handed over got lost; GradersError if there is nobody left to wait for."""

    def renew(self) -> None:
        """Replace what broke when a worker died."""

    def close(self) -> None:
        """Let the workers go, their work being done."""

    def kill(self) -> None:
        """End the workers, whatever they are doing."""


def grade_all(
    tasks: Iterable[Task],
    *,
    jobs: int | None = None,
    executor: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Generator[tuple[Task, Result], None, None]:
    """Grade submissions on several workers and yield each as it is done.

    Close the iterator (or leave it to an exception) and the workers end with all that they started;
    what was yielded before stays.

    Parameters
    ----------
    tasks : iterable of Task
        Taken a few at a time, so they may be read from disk as they are wanted.
    jobs : int, optional
        Worker processes on this machine; all cores by default.
    executor : str, optional
        ``"dask://HOST:PORT"``: the workers of that Dask scheduler instead.
    progress : callable, optional
        Told ``(done, total)``; a total of 0 if ``tasks`` has no length.

    Yields
    ------
    task, result : Task, Result
        In the order in which they are done. One submission never ends the others: what cannot be graded
        has the reason in ``result.error``.

    Raises
    ------
    UsageError
        If ``jobs`` or ``executor`` cannot be meant.
    GradersError
        If there are no workers, or all of them went away.
    """
    total = length_hint(tasks)
    ahead = iter(tasks)
    first = list(islice(ahead, 2))
    crew = _open_crew(jobs, executor)
    # For a single notebook a worker would take longer to start than the work.
    alone = len(first) < 2 and executor is None
    results = (
        ((task, grade_one(task)) for task in first) if alone else _Run(crew, chain(first, ahead)).results()
    )
    try:
        for done, (task, result) in enumerate(results, start=1):
            if progress:
                progress(done, total)
            yield task, result
    except BaseException:  # Ctrl-C too, and a caller that has enough
        crew.kill()
        raise
    crew.close()


def _open_crew(jobs: int | None, executor: str | None) -> Crew:
    # Late, because only one of them is wanted and Dask takes half a second.
    if executor is not None:
        from graders.dask_crew import DaskCrew

        return DaskCrew(executor)
    from graders.local_crew import LocalCrew

    return LocalCrew(jobs)


class _Run:
    """One pass over the tasks: who waits, who is being graded, who is suspected of killing workers."""

    def __init__(self, crew: Crew, tasks: Iterator[Task]) -> None:
        self.crew = crew
        self.fresh = tasks
        self.running: dict[Future[Result], tuple[Task, int]] = {}
        self.suspects: deque[tuple[Task, int]] = deque()
        self.broken = False

    def results(self) -> Iterator[tuple[Task, Result]]:
        """Yield every task with its result."""
        while self._hand_out():
            done = wait(self.running, PATIENCE_SECONDS, FIRST_COMPLETED).done
            if not done and self.crew.check():
                self._hand_over_again()
            for future in done:
                task, losses = self.running.pop(future)
                result = self._result(future, task, losses)
                if result:
                    yield task, result

    def _hand_out(self) -> bool:
        """Keep the workers busy; return whether there is anything to wait for."""
        if self.broken and not self.running:
            self.crew.renew()
            self.broken = False
        if self.suspects:
            if not self.running:  # alone, so that it is this one if a worker dies again
                self._start(*self.suspects.popleft())
        elif not self.broken:
            # A crew that lost a worker may have more in hand than it would be given now.
            for task in islice(self.fresh, max(0, self.crew.width - len(self.running))):
                self._start(task, 0)
        return bool(self.running)

    def _hand_over_again(self) -> None:
        waiting, self.running = self.running, {}
        for future, (task, losses) in waiting.items():
            if future.done():
                self.running[future] = task, losses
            else:
                future.cancel()
                self._start(task, losses)

    def _start(self, task: Task, losses: int) -> None:
        self.running[self.crew.submit(task)] = task, losses

    def _result(self, future: "Future[Result]", task: Task, losses: int) -> Result | None:
        """Return None where the task has to be graded again."""
        try:
            return future.result()
        except self.crew.lost:
            self.broken = True
        except CancelledError:
            raise GradersError(self.crew.gone) from None
        except Exception as failure:  # the task or its result did not travel
            return needs_person(task, f"{type(failure).__name__}: {failure}")
        if losses + 1 == self.crew.attempts:
            return needs_person(task, "whatever worker process grades it dies")
        self.suspects.append((task, losses + 1))
        return None
