"""The caller in the grader: ask the student's process, wait as long as allowed, believe nothing."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from graders.exercise import Outcome
from graders.sandbox import wire
from graders.sandbox.launcher import StartFailed
from graders.sandbox.process import Process
from graders.sandbox.warm import WarmProcess

__all__ = ["MAX_SOURCE", "Call", "CellReport", "Child", "StartFailed"]

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
    place : str
        In which line it arose, with that line's text; empty where that cannot be told.
    """

    kind: str
    error: str = ""
    place: str = ""


@dataclass(frozen=True)
class Call:
    """What is asked of one of the student's functions: a call on every probe.

    Parameters
    ----------
    name : str
        The function.
    batch : sequence of tuple
        One tuple of arguments per call.
    seconds : float
        How long the whole batch may take.
    answer : str
        What is told of the answer: ``answer`` of :class:`graders.exercise.Exercise`.
    """

    name: str
    batch: Sequence[tuple[Any, ...]]
    seconds: float
    answer: str = ""

    @cached_property
    def question(self) -> bytes:
        """The bytes to send: the same for every student who is asked this."""
        return wire.encode(("call", (self.name, list(self.batch), self.answer)))


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
        self._process = WarmProcess() if sys.platform == "linux" else Process()
        self._started = False
        self._asked = self._answered = 0
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
        return next(self.exec_all([source], lambda: seconds))

    def exec_all(self, sources: Sequence[str], seconds: Callable[[], float]) -> Iterator[CellReport]:
        """Run cells one after another, asked for all at once.

        Parameters
        ----------
        sources : sequence of str
            The cells' texts.
        seconds : callable
            Asked before each report is waited for: how long that cell may take.

        Yields
        ------
        CellReport
            In the order of the cells; if the process is lost, the last one says so.
        """
        sent = [source if len(source) <= MAX_SOURCE else "" for source in sources]
        questions = [wire.encode(("exec", (source,))) for source in sent]
        answers = self._ask_all(questions, lambda _: seconds())
        for source in sources:
            report = self._report(answers)
            if len(source) > MAX_SOURCE and self.alive:
                report = CellReport("unparsed", f"the cell is longer than {MAX_SOURCE:,} characters")
            yield report
            if not self.alive:
                return

    def defines(self, name: str, seconds: float = 2.0) -> bool:
        """Tell whether the student's cells gave that name a value."""
        try:
            answers = self._ask_all([wire.encode(("defines", (name,)))], lambda _: seconds)
            return next(answers).get("defined") is True
        except _Ended:
            return False

    def call(
        self, name: str, batch: Sequence[tuple[Any, ...]], seconds: float, answer: str = ""
    ) -> list[Outcome]:
        """Call one of the student's functions on all probes at once.

        Parameters
        ----------
        name : str
            The function.
        batch : sequence of tuple
            One tuple of arguments per call.
        seconds : float
            How long the whole batch may take.
        answer : str
            What is told of the answer: ``answer`` of :class:`graders.exercise.Exercise`.

        Returns
        -------
        list of Outcome
            One per call; if the process was lost, all of them say so.
        """
        return next(self.call_all([Call(name, batch, seconds, answer)], lambda: seconds))

    def call_all(self, calls: Sequence[Call], left: Callable[[], float]) -> Iterator[list[Outcome]]:
        """Call several functions one after another, asked for all at once.

        Parameters
        ----------
        calls : sequence of Call
            The functions with their arguments.
        left : callable
            Asked before each answer is waited for: how long it may take, whatever the call allows.

        Yields
        ------
        list of Outcome
            In the order of the calls; if the process is lost, the last one says so.
        """
        answers = self._ask_all([call.question for call in calls], lambda i: min(calls[i].seconds, left()))
        for call in calls:
            yield self._outcomes(answers, [len(args) for args in call.batch])
            if not self.alive:
                return

    def read(self, name: str, seconds: float = 2.0) -> Outcome:
        """Return the value of one of the student's variables."""
        return self.call(name, [()], seconds, "variable")[0]

    def _report(self, answers: Iterator[dict[str, Any]]) -> CellReport:
        try:
            answer = next(answers)
            if answer.get("kind") not in _CELL_ANSWERS:
                raise self._stop("crashed", "the process gave an answer that is none")
        except _Ended as end:
            return CellReport(end.kind, end.text)
        return CellReport(answer["kind"], _text(answer.get("error")), _text(answer.get("place")))

    def _outcomes(self, answers: Iterator[dict[str, Any]], widths: list[int]) -> list[Outcome]:
        try:
            rows = next(answers).get("outcomes")
            if type(rows) is not list or len(rows) != len(widths):
                raise self._stop("crashed", "the process gave another number of answers than asked for")
            checked = [_outcome(row, width) for row, width in zip(rows, widths, strict=True)]
            outcomes = [outcome for outcome in checked if outcome is not None]
            if len(outcomes) < len(widths):
                raise self._stop("crashed", "the process gave an answer that is none")
        except _Ended as end:
            return [Outcome(end.kind, error=end.text)] * len(widths)
        return outcomes

    def _ask_all(
        self, questions: Sequence[bytes], seconds: Callable[[int], float]
    ) -> Iterator[dict[str, Any]]:
        """Send questions ahead, so that the process need not wait for us; yield the answers in order."""
        posted = 0
        for i in range(len(questions)):
            for question in questions[posted : i + self._process.ahead]:
                self._post(question)
                posted += 1
            self._answered += 1
            yield self._answer(self._answered, seconds(i))

    def _post(self, question: bytes) -> None:
        if self._end:
            raise self._end
        if not self._started:
            self._wait_for_start()
        if self._asked == self._answered and self._process.unread:
            raise self._stop("crashed", self._why_unread())
        self._asked += 1
        self._process.write(question)

    def _why_unread(self) -> str:
        try:
            unasked = self._process.read(0.0) is not None
        except TimeoutError:  # a piece of a frame
            unasked = True
        ended = self._process.kill()
        return "the process answered without being asked" if unasked else ended

    def _wait_for_start(self) -> None:
        try:
            self._answer(0, START_SECONDS)
        except _Ended as end:
            said = " ".join(self.printed.split())[-MAX_TEXT:]
            raise StartFailed(f"the student's process did not start: {end.text} {said}") from end
        self._started = True

    def _answer(self, number: int, seconds: float) -> dict[str, Any]:
        """Return the answer to a question by its number."""
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
        if type(answer) is not dict or type(answer.get("id")) is not int or answer["id"] != number:
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
    error, place = _text(row.get("error")), _text(row.get("place"))
    return Outcome(row["kind"], value, error, tuple(changed), counts, place)
