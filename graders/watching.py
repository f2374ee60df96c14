"""The student's own function in the delta flow, with what the check knows of it."""

from collections.abc import Callable
from typing import Any

from graders.errors import UnknownName
from graders.exercise import Verdict
from graders.kernel import verdict_of
from graders.messages import ASKS, SAYS

__all__ = ["watch"]

WATCHED = ("hidden_delta", "all_deltas", "mlp_backward")


def watch(name: str, function: Callable[..., Any], **knobs: Any) -> Any:
    """Show your own function at work: its numbers in the delta flow, beside numerical derivatives.

    Parameters
    ----------
    name : str
        The exercise: ``"hidden_delta"``, ``"all_deltas"`` or ``"mlp_backward"``.
    function : callable
        Your function.
    **knobs
        Where the picture starts, for example ``layers=4``.

    Returns
    -------
    DeltaFlow
        The first wrong tensor is marked; a known mistake has its name and a question beside it.

    Raises
    ------
    UnknownName
        If that exercise cannot be watched.

    Examples
    --------
    >>> flow = watch("hidden_delta", lambda delta_next, W_next, Z, act: delta_next @ W_next.T)
    >>> flow.fixed["own"]["name"]
    'missing_slope'
    """
    from backproplab.explorers import DeltaFlow  # widgets are slow to load, `check` need not wait

    if name not in WATCHED:
        raise UnknownName("exercise to watch", name, WATCHED)
    # Everything has happened at the last moment; the slider ends where the network does.
    start = {"moment": 11, **knobs}
    return DeltaFlow(**{name: function}, diagnose=_diagnosed, **start)


def _diagnosed(name: str, function: Callable[..., Any]) -> Any:
    from backproplab.explorers.own_flow import Diagnosis

    if not callable(function):
        return Diagnosis()
    verdict = verdict_of(name, function)
    if verdict.status == "pass" or not verdict.misconceptions:
        return Diagnosis(says=_line(verdict, SAYS), asks=_line(verdict, ASKS))
    return Diagnosis(verdict.misconceptions[0].id, _line(verdict, SAYS), _line(verdict, ASKS))


def _line(verdict: Verdict, title: str) -> str:
    """Return the first line of one level of the message, as a sentence; empty if there is no such level."""
    line = next((level.lines[0] for level in verdict.levels if level.title == title and level.lines), "")
    return line[:1].upper() + line[1:]
