"""The caller in the grader: ask the student's process, wait as long as allowed, believe nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graders.exercise import Outcome
from graders.sandbox import wire
from graders.sandbox.process import Process, StartFailed

__all__ = ["MAX_SOURCE", "CellReport", "Child", "StartFailed"]

MAX_SOURCE = 300_000
MAX_TEXT = 200
START_SECONDS = 60.0

_ANSWERS = ("returned", "raised", "not_started", "unsendable")
_CELL_ANSWERS = ("done", "raised", "unparsed")


class _Ended(Exception):
    """The student's process is gone."""

    def __init__(self, kind: Literal["timeout", "crashed"], text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


@dataclass(frozen=True)
class CellReport:
    """What became of one cell.

    Parameters
    ----------
    kind : {"done", "raised", "unparsed", "timeout", "crashed"}
        After the last two the process is gone.
    error : str
        The exception's name and text, or how the process ended.
    """

    kind: str
    error: str = ""


class Child:
    """A process with the student's namespace in it. Use it in a ``with`` statement.

    It boots while the grader goes on; the first question waits for it. Once a deadline is missed or the
    process dies, every further question has that end as its answer.

    Examples
    --------
    >>> with Child() as child:
    ...     report = child.exec("def double(x): return 2 * x", seconds=5)
    ...     [outcome] = child.call("double", [(21,)], seconds=2)
    >>> report.kind, outcome.kind, outcome.value
    ('done', 'returned', 42)
    """

    def __init__(self) -> None:
        self._process = Process()
        self._started = False
        self._number = 0
        self._end: _Ended | None = None

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, everything it started in its group, and its folder."""
        self._process.close()

    @property
    def alive(self) -> bool:
        """Tell whether it can still be asked."""
        return self._end is None

    @property
    def printed(self) -> str:
        """Return the first 64 kB of what the student's code printed."""
        return self._process.printed

    def exec(self, source: str, seconds: float) -> CellReport:
        """Run one cell; an exception in it is reported and ends nothing.

        Parameters
        ----------
        source : str
            The cell's text.
        seconds : float
            How long it may take.

        Returns
        -------
        CellReport
            How it went.
        """
        if len(source) > MAX_SOURCE:
            return CellReport("unparsed", f"the cell is longer than {MAX_SOURCE:,} characters")
        try:
            answer = self._ask("exec", (source,), seconds)
            if answer.get("kind") not in _CELL_ANSWERS:
                raise self._stop("crashed", "the process gave an answer that is none")
        except _Ended as end:
            return CellReport(end.kind, end.text)
        return CellReport(answer["kind"], _text(answer.get("error")))

    def defines(self, name: str, seconds: float = 2.0) -> bool:
        """Tell whether the student's cells gave that name a value."""
        try:
            return self._ask("defines", (name,), seconds).get("defined") is True
        except _Ended:
            return False

    def call(self, name: str, batch: Sequence[tuple[Any, ...]], seconds: float) -> list[Outcome]:
        """Call one of the student's functions on all probes at once.

        Parameters
        ----------
        name : str
            The function.
        batch : sequence of tuple
            One tuple of arguments per call.
        seconds : float
            How long the whole batch may take.

        Returns
        -------
        list of Outcome
            One per call; if the process was lost, all of them say so.
        """
        return self._outcomes("call", (name, list(batch)), [len(args) for args in batch], seconds)

    def read(self, name: str, seconds: float = 2.0) -> Outcome:
        """Return the value of one of the student's variables."""
        return self._outcomes("read", (name,), [0], seconds)[0]

    def _outcomes(
        self, door: str, arguments: tuple[Any, ...], widths: list[int], seconds: float
    ) -> list[Outcome]:
        try:
            rows = self._ask(door, arguments, seconds).get("outcomes")
            if type(rows) is not list or len(rows) != len(widths):
                raise self._stop("crashed", "the process gave another number of answers than asked for")
            checked = [_outcome(row, width) for row, width in zip(rows, widths, strict=True)]
            outcomes = [outcome for outcome in checked if outcome is not None]
            if len(outcomes) < len(widths):
                raise self._stop("crashed", "the process gave an answer that is none")
        except _Ended as end:
            return [Outcome(end.kind, error=end.text)] * len(widths)
        return outcomes

    def _ask(self, door: str, arguments: tuple[Any, ...], seconds: float) -> dict[str, Any]:
        if self._end:
            raise self._end
        if not self._started:
            self._wait_for_start()
        if self._process.unread:
            unasked = self._process.read(0.0) is not None
            ended = self._process.kill()
            raise self._stop("crashed", "the process answered without being asked" if unasked else ended)
        self._number += 1
        self._process.write(wire.encode((self._number, door, arguments)))
        return self._answer(seconds)

    def _wait_for_start(self) -> None:
        try:
            self._answer(START_SECONDS)
        except _Ended as end:
            said = " ".join(self.printed.split())[-MAX_TEXT:]
            raise StartFailed(f"the student's process did not start: {end.text} {said}") from end
        self._started = True

    def _answer(self, seconds: float) -> dict[str, Any]:
        """Return the answer to the question last asked."""
        try:
            frame = self._process.read(seconds)
        except TimeoutError:
            raise self._stop("timeout", f"no answer after {seconds:.2g} s") from None
        if frame is None:
            raise self._stop("crashed", self._process.kill())
        try:
            answer = wire.decode(frame)
        except wire.WireError:
            answer = None
        if type(answer) is not dict or type(answer.get("id")) is not int or answer["id"] != self._number:
            raise self._stop("crashed", "the process answered out of turn")
        return answer

    def _stop(self, kind: Literal["timeout", "crashed"], text: str) -> _Ended:
        """End the process and remember why."""
        self._process.kill()
        self._end = _Ended(kind, text)
        return self._end


def _text(value: Any) -> str:
    """Return a text that can be written anywhere, cut to a length that a note can carry."""
    text = value if type(value) is str else ""
    return text.encode("utf-8", "replace").decode("utf-8")[:MAX_TEXT]


def _outcome(row: Any, width: int) -> Outcome | None:
    """Rebuild one outcome from what the process claims; None if it is none."""
    if type(row) is not dict or type(row.get("kind")) is not str or row["kind"] not in _ANSWERS:
        return None
    changed, calls = row.get("changed", []), row.get("calls", {})
    if type(changed) is not list or type(calls) is not dict or len(changed) > width:
        return None
    counts = {key: calls.get(key, 0) for key in ("f", "deriv")}
    if not all(type(i) is int and 0 <= i < width for i in changed):
        return None
    if not all(type(n) is int and n >= 0 for n in counts.values()):
        return None
    value = row.get("value") if row["kind"] == "returned" else None
    return Outcome(row["kind"], value, _text(row.get("error")), tuple(changed), counts)
