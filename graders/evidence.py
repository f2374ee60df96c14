"""The student's answers beside the truth: what the judge weighs and the messages tell of."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import Answer
from graders.exercise import Probe
from graders.probes import ProbeSet, Tensors

__all__ = ["RAISED", "TOLERANCE", "Evidence", "came_to_nothing", "gather", "relative_error"]

# Right answers in other operation orders differ by 8e-15 at most in float64 and 7e-6 in float32;
# the smallest wrong derivation by 1.4e-3.
TOLERANCE = 1e-4
# Below this a true value counts as 0, and its error is measured absolutely.
TINY = 1e-12


# Stands for every part of an answer that a call did not come to give.
RAISED = "nothing: it raised an exception"


def came_to_nothing(answer: Answer) -> bool:
    """Tell whether the call raised an exception instead of answering."""
    return any(part is RAISED for part in answer)


@dataclass(frozen=True)
class Evidence:
    """The student's answers beside the truth.

    Parameters
    ----------
    probe_set : ProbeSet
        The arguments and the truth.
    answers : tuple of Answer
        One per probe: a tensor per part, or the reason why a part cannot be read.
    errors : ndarray of shape (n_probes, n_parts)
        Relative errors by the norm of the tensor; inf for a wrong shape, nan or an unreadable part.
    raw : tuple
        What was returned before anything was measured in it.
    """

    probe_set: ProbeSet
    answers: tuple[Answer, ...]
    errors: NDArray[np.float64]
    raw: tuple[Any, ...] = ()

    @property
    def probes(self) -> tuple[Probe, ...]:
        """The arguments."""
        return self.probe_set.probes

    @property
    def truths(self) -> tuple[Tensors, ...]:
        """The same parts as in the answers, from the numerical truth."""
        return self.probe_set.truths

    @property
    def returned(self) -> list[Answer]:
        """The answers of those calls that returned one."""
        return [answer for answer in self.answers if not came_to_nothing(answer)]

    @cached_property
    def off(self) -> NDArray[np.bool_]:
        """Mark each probe and part where the answer is wrong."""
        return ~(self.errors <= self.probe_set.exercise.tolerance)

    @property
    def off_rows(self) -> list[bool]:
        """Tell for each probe whether any part of the answer is wrong there."""
        return [bool(row.any()) for row in self.off]

    @cached_property
    def right(self) -> tuple[bool, ...]:
        """Tell for each part whether it is right at every probe."""
        return tuple(not column.any() for column in self.off.T)


def gather(probe_set: ProbeSet, answers: tuple[Answer, ...], raw: tuple[Any, ...] = ()) -> Evidence:
    """Lay the answers beside the truth.

    Parameters
    ----------
    probe_set : ProbeSet
        The arguments and the truth.
    answers : tuple of Answer
        What was returned, one per probe.
    raw : tuple
        The same before anything was measured in it.

    Returns
    -------
    Evidence
        Answers, truth and relative errors.
    """
    with np.errstate(all="ignore"):  # an answer may hold anything
        errors = [
            [relative_error(given, true) for given, true in zip(answer, truth, strict=True)]
            for answer, truth in zip(answers, probe_set.truths, strict=True)
        ]
    return Evidence(probe_set, answers, np.array(errors), raw)


def relative_error(given: "NDArray[Any] | str", true: NDArray[Any]) -> float:
    """Return the distance between two tensors by the norm of the true one.

    Examples
    --------
    >>> relative_error(np.array([3.0, 4.5]), np.array([3.0, 4.0]))
    0.1
    >>> relative_error(np.array([[3.0], [4.0]]), np.array([3.0, 4.0]))
    inf
    """
    if isinstance(given, str) or given.shape != true.shape:
        return float("inf")
    if true.dtype.kind == "U":
        return 0.0 if given == true else float("inf")
    distance, size = _norm(given - true), _norm(true)
    if not math.isfinite(distance):
        return float("inf")
    return distance / size if size > TINY else distance / TINY * TOLERANCE


def _norm(tensor: NDArray[Any]) -> float:
    # As np.linalg.norm, without its choice of norms: this is called a hundred times a notebook.
    return math.sqrt(np.vdot(tensor, tensor))
