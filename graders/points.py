"""What sets test points apart: how many examples, which activation, how many layers."""

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from backproplab.activations import Activation
from graders.evidence import Evidence
from graders.exercise import Exercise, Probe
from graders.showing import join, parameters

__all__ = ["examples", "what_separates"]

# Arguments with a row for each example, with a number for each, and with an entry for each layer.
_ROWS = ("X", "Z", "dZ", "dA", "T", "P", "delta_next")
_NUMBERS = ("dose", "y")
_LAYERS = ("Ws", "params")


def examples(exercise: Exercise, probe: Probe) -> int:
    """Return how many examples a call is about; 0 where there is no batch.

    Examples
    --------
    >>> from graders.exercises import find
    >>> linear = find("linear_backward")
    >>> examples(linear, linear.probes(np.random.default_rng(0))[0])
    11
    """
    found = (
        len(value)
        for name, value in _named(exercise, probe)
        if isinstance(value, np.ndarray)
        and ((name in _ROWS and value.ndim == 2) or (name in _NUMBERS and value.ndim == 1))
    )
    return next(found, 0)


def what_separates(evidence: Evidence) -> str:
    """Say what those test points have in common at which an answer is right, and no other has.

    Parameters
    ----------
    evidence : Evidence
        The answers beside the truth.

    Returns
    -------
    str
        A clause; empty where nothing tells the right ones from the wrong ones exactly.
    """
    for of_point, say in _PROPERTIES:
        of_each = [of_point(evidence.probe_set.exercise, probe) for probe in evidence.probes]
        rows = [row for row, concerned in enumerate(evidence.concerned) if concerned]
        right = [of_each[row] for row in rows if not evidence.off_rows[row]]
        wrong = {of_each[row] for row in rows if evidence.off_rows[row]}
        if right and all(right) and wrong.isdisjoint(right):
            return say(list(dict.fromkeys(right)))
    return ""


def _named(exercise: Exercise, probe: Probe) -> list[tuple[str, Any]]:
    return list(zip(probe.names or parameters(exercise), probe.args, strict=False))


def _alone(exercise: Exercise, probe: Probe) -> bool:
    return examples(exercise, probe) == 1


def _activation(exercise: Exercise, probe: Probe) -> str:
    return next((value.name for value in probe.args if isinstance(value, Activation)), "")


def _steep_as_1(exercise: Exercise, probe: Probe) -> bool:
    act = next((value for value in probe.args if isinstance(value, Activation)), None)
    fed = [value for name, value in _named(exercise, probe) if name in ("z", "Z")]
    return bool(act and fed and np.all(act.deriv(np.asarray(fed[0])) == 1))


def _depth(exercise: Exercise, probe: Probe) -> int:
    return next((len(value) for name, value in _named(exercise, probe) if name in _LAYERS), 0)


def _in_layers(depths: list[Any]) -> str:
    said = [str(depth) for depth in sorted(depths)]
    return f"where there are {' or '.join(said)} layers"


_PROPERTIES: tuple[tuple[Callable[[Exercise, Probe], Hashable], Callable[[list[Any]], str]], ...] = (
    (_alone, lambda _: "where there is only one example"),
    (_activation, lambda names: f"for {join(names)}"),
    (_steep_as_1, lambda _: "where the slope f'(z) is 1"),
    (_depth, _in_layers),
)
