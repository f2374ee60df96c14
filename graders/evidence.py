"""The student's answers beside the truth: what the judge weighs and the messages tell of."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import Answer
from graders.exercise import Probe
from graders.probes import ProbeSet, Tensors
from graders.showing import numbers_in

__all__ = [
    "RAISED",
    "TOLERANCE",
    "Evidence",
    "came_to_nothing",
    "finite",
    "gather",
    "layers_of",
    "relative_error",
]

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

    @property
    def first_wrong_layer(self) -> int:
        """The layer in which going backward meets the first wrong part; 0 where parts belong to no layers."""
        exercise = self.probe_set.exercise
        layers = layers_of(exercise.parts) if exercise.derivation else {}
        return max((layers.get(exercise.parts[part], 0) for _, part in self._differences), default=0)

    @cached_property
    def first_difference(self) -> tuple[int, int]:
        """The test point and the part to look at: the first wrong part, where the arguments are smallest."""
        layers, names = layers_of(self.probe_set.exercise.parts), self.probe_set.exercise.parts

        def order(place: tuple[int, int]) -> tuple[bool, int, bool, int]:
            row, part = place
            later = layers.get(names[part], 0) != self.first_wrong_layer
            return later, part, self._shows_little(row, part), numbers_in(self.probes[row].args)

        return min(self._differences, key=order)

    @property
    def wrong_parts(self) -> list[int]:
        """The parts that differ in an answer that came."""
        return sorted({part for _, part in self._differences})

    @cached_property
    def _differences(self) -> list[tuple[int, int]]:
        """Where a part differs of an answer that came."""
        places = [(int(row), int(part)) for row, part in np.argwhere(self.off)]
        return [place for place in places if not came_to_nothing(self.answers[place[0]])]

    def _shows_little(self, row: int, part: int) -> bool:
        """Tell of a test point where the slope is 0 or 1 by design, or where no number came."""
        probe = self.probes[row]
        plain = probe.saturated or any(getattr(arg, "name", "") == "linear" for arg in probe.args)
        return plain or not finite(self.answers[row][part])


def finite(part: "NDArray[Any] | str") -> bool:
    """Tell whether there is a number in every entry."""
    return isinstance(part, str) or part.dtype.kind == "U" or bool(np.all(np.isfinite(part)))


def layers_of(names: Sequence[str]) -> dict[str, int]:
    """Return the layer of each part that belongs to one; empty where the numbers in the names are no layers.

    Examples
    --------
    >>> layers_of(["loss", "dW1", "db1", "dW2", "db2"])["db2"], layers_of(["w1", "b1", "w2", "w3"])
    (2, {})
    """
    found = [(re.search(r"\d+", name), name) for name in names]
    layers = {name: int(number[0]) for number, name in found if number}
    kinds = {
        layer: frozenset(name.replace(str(layer), "") for name in layers if layers[name] == layer)
        for layer in layers.values()
    }
    return layers if len(set(kinds.values())) == 1 and len(kinds) > 1 else {}


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
