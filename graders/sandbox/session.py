"""A student's notebook, alive: a process in which its cells have run, replaced whenever it is lost."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from graders.exercise import Outcome
from graders.sandbox.remote import Call, CellReport, Child

__all__ = ["Call", "Cell", "Session"]

NOTEBOOK_SECONDS = 30.0
CELL_SECONDS = 5.0
SHORTEST_CELL_SECONDS = 1.0


@dataclass(frozen=True)
class Cell:
    """A code cell that is run.

    Parameters
    ----------
    source : str
        Its text.
    own : bool
        The student wrote it; the others are the lesson's.
    exercise : str
        The exercise under which it stands.
    solves : tuple of str
        The exercises that it answers.
    """

    source: str
    own: bool
    exercise: str
    solves: tuple[str, ...] = ()


class Session:
    """Runs cells and calls functions, whatever they do to their process. Use it in a ``with`` statement.

    Parameters
    ----------
    cells : sequence of Cell
        What is run before any function is called. A cell that costs the process its life is left out when
        the others are run again.
    seconds : float
        For everything together.

    Attributes
    ----------
    reports : dict
        Index of a cell -> what became of it, for each cell that did not run to its end.

    Examples
    --------
    >>> cells = [Cell("while True: pass", True, "half"), Cell("def half(x): return x / 2", True, "half")]
    >>> with Session(cells, seconds=8) as session:  # doctest: +SKIP
    ...     session.call("half", [(4.0,)], 2.0)[0].value, session.reports[0].kind
    (2.0, 'timeout')
    """

    def __init__(self, cells: Sequence[Cell], seconds: float = NOTEBOOK_SECONDS) -> None:
        self.reports: dict[int, CellReport] = {}
        self._cells = cells
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._cell_seconds = CELL_SECONDS
        self._useless: set[int] = set()
        self._ready = False
        self._child = Child()

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *error: object) -> None:
        self._child.close()

    @property
    def seconds_left(self) -> float:
        """Tell how much of the time for everything is left."""
        return max(self._deadline - time.monotonic(), 0.0)

    def failure(self, name: str) -> CellReport | None:
        """Return why the cell of an exercise gave no function to call; None if it did."""
        try:
            child = self._with_cells()
        except TimeoutError:
            return None
        answering = [i for i, cell in enumerate(self._cells) if name in cell.solves]
        report = self.reports.get(answering[-1]) if answering else None
        if report is None or (report.kind != "unparsed" and child.defines(name)):
            return None
        return report

    def defines(self, name: str) -> bool:
        """Tell whether the cells gave that name a value; where nobody can tell, a call has to show it."""
        try:
            child = self._with_cells()
        except TimeoutError:
            return True
        return child.defines(name) or not child.alive

    def call(
        self, name: str, batch: Sequence[tuple[Any, ...]], seconds: float, answer: str = ""
    ) -> list[Outcome]:
        """Call a function on a batch of arguments; one outcome per call, also when time is up."""
        return next(self.call_all([Call(name, batch, seconds, answer)]))

    def call_all(self, calls: Sequence[Call]) -> Iterator[list[Outcome]]:
        """Call several functions; yield the outcomes of each, also when time is up.

        While one answer is looked at, the process is at work on the next.
        """
        done = 0
        try:
            while done < len(calls):
                for outcomes in self._with_cells().call_all(calls[done:], self._left):
                    done += 1
                    yield outcomes
        except TimeoutError:
            late = f"the notebook took longer than {self._seconds:g} s in all"
            for call in calls[done:]:
                yield [Outcome("timeout", error=late)] * len(call.batch)

    def _left(self) -> float:
        if not self.seconds_left:
            raise TimeoutError
        return self.seconds_left

    def _with_cells(self) -> Child:
        """Return a living process in which all cells have run that can."""
        while not (self._ready and self._child.alive):
            if not self._child.alive:
                self._child.close()
                self._child = Child()
            self._ready = self._run_cells(self._child)
        return self._child

    def _run_cells(self, child: Child) -> bool:
        useful = [i for i in range(len(self._cells)) if i not in self._useless]
        reports = child.exec_all([self._cells[i].source for i in useful], self._for_a_cell)
        for i, report in zip(useful, reports, strict=False):  # a lost process reports on no further cell
            self.reports[i] = report
            if report.kind == "done":
                del self.reports[i]
            if report.kind == "unparsed" or not child.alive:
                self._useless.add(i)
        if not child.alive:
            # One endless function may be called in many cells; they must not eat up all the time.
            self._cell_seconds = max(self._cell_seconds / 2, SHORTEST_CELL_SECONDS)
        return child.alive

    def _for_a_cell(self) -> float:
        return min(self._cell_seconds, self._left())
