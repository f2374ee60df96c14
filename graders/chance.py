"""What chance has to do with an answer: functions that answer differently when asked the same again."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from graders.exercise import Outcome, Probe
from graders.probes import ProbeSet

__all__ = ["BESIDE_RNG", "UNSTEADY", "seen"]

UNSTEADY = "your function gives different answers for the same input"
BESIDE_RNG = "the rng that your function is given does not decide what is drawn"
# Two runs of one honest function differ by less, however its sums are ordered.
SAME = 1e-9


def seen(probe_set: ProbeSet, outcomes: Sequence[Outcome], again: Sequence[Outcome]) -> str:
    """Say where chance shows that the arguments do not explain.

    Parameters
    ----------
    probe_set : ProbeSet
        What was asked.
    outcomes : sequence of Outcome
        What came of it, all returned.
    again : sequence of Outcome
        What came of the first probe when it was asked once more; empty if it was not.

    Returns
    -------
    str
        ``UNSTEADY``, ``BESIDE_RNG`` or nothing.
    """
    draws = any(map(_is_rng, probe_set.probes[0].args))
    if any(not _alike(outcome.value, outcomes[0].value) for outcome in again):
        return BESIDE_RNG if draws else UNSTEADY
    rows = list(zip(probe_set.probes, outcomes, strict=True))
    fixed = draws and any(
        _alike(one.value, other.value)
        for (probe, one), (sibling, other) in combinations(rows, 2)
        if _differ_in_rng_alone(probe, sibling)
    )
    return BESIDE_RNG if fixed else ""


def _differ_in_rng_alone(one: Probe, other: Probe) -> bool:
    same_state = True
    for value, sibling in zip(one.args, other.args, strict=True):
        if _is_rng(value):
            same_state &= value.bit_generator.state == sibling.bit_generator.state
        elif not _alike(value, sibling):
            return False
    return not same_state


def _is_rng(value: Any) -> bool:
    return isinstance(value, np.random.Generator)


def _alike(one: Any, other: Any) -> bool:
    """Tell whether two plain values are the same, up to rounding."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(_alike(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    try:
        a, b = np.asarray(one), np.asarray(other)
    except ValueError:  # a ragged list inside an object
        return False
    if a.shape != b.shape or a.dtype.kind not in "biufc" or b.dtype.kind not in "biufc":
        return a.shape == b.shape and a.dtype.kind == b.dtype.kind and bool(np.all(a == b))
    with np.errstate(all="ignore"):
        return bool(np.allclose(a, b, rtol=SAME, atol=0, equal_nan=True))
