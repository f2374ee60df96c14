"""The caller in the student's own kernel: ``check("neuron_delta", neuron_delta)``.

It calls the function with public probes, shows the verdict at once and returns the points, which is what
nbgrader reads as the cell's last value.
"""

import io
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from backproplab.deadline import TimeUp, deadline
from graders.carried import Ask, OwnFunctions, carry_forward, may_be_carried
from graders.defined import checked_again, text_of, unread_cell
from graders.display import show_verdict
from graders.errors import UnknownName
from graders.exercise import Outcome, Verdict
from graders.faults import PRINTED
from graders.judge import judge
from graders.probes import draw
from graders.record import keep
from graders.sandbox.harness import call_batch, no_function, unparsed
from graders.sandbox.lent import given

__all__ = ["check", "verdict_of", "when_solved"]

# Public on purpose: the notebook's own check is for learning; grading draws other probes.
PUBLIC_SEED = 20260101
KEPT_OUTPUT = 64_000
SHOWN_OUTPUT = 200
STILL_EMPTY = "the {} in memory is still the empty one: is the cell above run?"


def check(name: str, answer: Any) -> float:
    """Check your function against numerical derivatives and show the verdict.

    Parameters
    ----------
    name : str
        The exercise, for example ``"neuron_delta"``.
    answer : callable
        Your function, with the signature that the exercise asks for; your value where it asks for one.

    Returns
    -------
    float
        The points earned: 0.0 if not started.
    """
    try:
        verdict, text = _checked(name, answer)
    except UnknownName as problem:
        print(problem)
        return 0.0
    show_verdict(verdict)
    if note := keep(verdict, text):
        print(note)
    return float(verdict.points)


def _checked(name: str, answer: Any) -> tuple[Verdict, str]:
    """Judge what the student has written last, and return its text too."""
    unread = unread_cell(name)
    if unread is None:
        verdict = verdict_of(name, answer)
        if verdict.status == "not_started" and checked_again(name):
            verdict = verdict.with_note(STILL_EMPTY.format("value" if answer is None else "function"))
        return verdict, text_of(answer)
    text, error = unread
    probe_set = draw(name, PUBLIC_SEED)
    told = unparsed(error)
    stopped = Outcome("raised", error=told["error"], place=told["place"])
    return judge(probe_set, [stopped] * len(probe_set.probes)), text


@contextmanager
def when_solved() -> Iterator[None]:
    """Run code that needs the student's functions; where one is still a stub, say so in one line.

    Examples
    --------
    >>> with when_solved():
    ...     raise NotImplementedError
    This cell waits for an exercise above it.
    """
    try:
        yield
    except NotImplementedError:
        print("This cell waits for an exercise above it.")


def verdict_of(name: str, answer: Any) -> Verdict:
    """Judge a function, or a value, in this process with the public probes.

    Raises
    ------
    UnknownName
        If there is no exercise of that name.

    Examples
    --------
    >>> verdict_of("neuron_loss", lambda a, t: (a - t) ** 2).misconceptions[0].id
    'factor_two'
    """
    probe_set = draw(name, PUBLIC_SEED)
    if probe_set.exercise.answer == "variable":
        return judge(probe_set, [Outcome("not_started" if answer is None else "returned", answer)])
    if not callable(answer) or isinstance(answer, type):
        none = Outcome("unsendable", error=no_function(answer))
        return judge(probe_set, [none] * len(probe_set.probes))
    exercise = probe_set.exercise
    outcomes, printed = _call_here(answer, probe_set.batch, exercise.seconds, exercise.answer)
    verdict = judge(probe_set, outcomes)
    if may_be_carried(verdict, {}):
        verdict = carry_forward(probe_set, outcomes, verdict, OwnFunctions(_beside(answer), PUBLIC_SEED, {}))
    return _with_output(verdict, printed)


def _beside(function: Callable[..., Any]) -> Ask:
    """Return a way to ask the functions that this one can call by their names."""
    near = getattr(function, "__globals__", {})

    def ask(name: str, batch: Sequence[tuple[Any, ...]], seconds: float, answer: str) -> list[Outcome]:
        if not callable(near.get(name)):
            return [Outcome("not_started")] * len(batch)
        return _call_here(near[name], batch, seconds, answer)[0]

    return ask


def _call_here(
    function: Callable[..., Any], batch: Sequence[tuple[Any, ...]], seconds: float, answer: str = ""
) -> tuple[list[Outcome], str]:
    """Call the function in this kernel, with a deadline, its output kept apart."""
    kept = _Bounded()
    try:
        with (
            redirect_stdout(kept),
            redirect_stderr(kept),
            warnings.catch_warnings(),
            deadline(seconds),
        ):
            warnings.simplefilter("ignore")
            rows = call_batch(function, batch, answer, given)
    except TimeUp:
        late = Outcome("timeout", error=f"no answer after {seconds:g} s")
        return [late] * len(batch), kept.getvalue()
    outcomes = [Outcome(**{**row, "changed": tuple(row.get("changed", ()))}) for row in rows]
    return outcomes, kept.getvalue()


def _with_output(verdict: Verdict, printed: str) -> Verdict:
    """Add what the function printed, so that print still serves to debug."""
    text = " / ".join(line for line in printed.splitlines() if line.strip())
    if not text or verdict.status == "not_started":
        return verdict
    shown = text[:SHOWN_OUTPUT] + (" ..." if len(text) > SHOWN_OUTPUT else "")
    verdict = verdict.with_note(f"while it was checked your function printed: {shown}")
    returned_nothing = verdict.status == "ungradable" and any("None" in note for note in verdict.notes)
    return verdict.with_note(PRINTED) if returned_nothing else verdict


class _Bounded(io.StringIO):
    """Keep the first part of what is printed and drop the rest."""

    def write(self, text: str) -> int:
        room = KEPT_OUTPUT - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)
