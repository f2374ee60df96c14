"""The student's answers beside the truth: what the judge weighs and the messages tell of."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import Answer, looks_like_float32
from graders.exercise import Probe, WrongTurn
from graders.matching import MATCH, Fits
from graders.pairing import plausible
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
MATCH_FLOAT32 = 2e-4
# Below this a true value counts as 0, and its error is measured absolutely.
TINY = 1e-12

# How long to derive pairs of slips; what was derived is kept for the next student.
PAIR_SECONDS = 0.15

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
    changed : tuple of int
        Positions of the arguments that a call changed.
    """

    probe_set: ProbeSet
    answers: tuple[Answer, ...]
    errors: NDArray[np.float64]
    raw: tuple[Any, ...] = ()
    changed: tuple[int, ...] = ()

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
    def given(self) -> list[Answer | None]:
        """The answers as they are laid beside those of the wrong turns; None where a call returned none."""
        return [None if came_to_nothing(answer) else answer for answer in self.answers]

    @cached_property
    def tolerance(self) -> float:
        """How far apart equal numbers may be: more for those of a float32, and for what is random."""
        with np.errstate(all="ignore"):  # an answer may hold anything
            tolerance = MATCH_FLOAT32 if all(map(looks_like_float32, self.returned)) else MATCH
        exercise = self.probe_set.exercise
        return max(tolerance, exercise.tolerance) if exercise.measure else tolerance

    @cached_property
    def fits(self) -> Fits:
        """Which of the known wrong turns give these numbers, and where."""
        return self.probe_set.table.fits(self.given, self.tolerance)

    @cached_property
    def right_where_answered(self) -> NDArray[np.bool_]:
        """Tell for each part whether it is right wherever there is an answer."""
        answered = [not came_to_nothing(answer) for answer in self.answers]
        return np.asarray(~self.off[answered].any(axis=0))

    @cached_property
    def pairs(self) -> list[tuple[WrongTurn, WrongTurn]]:
        """The pairs of wrong turns that together give these numbers, as far as they are found in time."""
        whole = [turn.whole for turn in self.probe_set.wrong_answers]
        likely = plausible(self.fits, self.right_where_answered, whole)
        return list(self.probe_set.pairs.matching(likely, self.given, self.tolerance, PAIR_SECONDS))

    @property
    def concerned(self) -> list[bool]:
        """Tell for each probe whether it has any of the wrong parts: a shallower network has fewer layers."""
        wrong = [part for part, right in enumerate(self.right) if not right]
        return [any(truth[part].size for part in wrong) for truth in self.truths]

    @cached_property
    def unread(self) -> frozenset[int]:
        """The parts of which some answer that came gives nothing readable."""
        return frozenset(part for row, part in self._differences if isinstance(self.answers[row][part], str))

    @cached_property
    def first_wrong_layer(self) -> str:
        """The layer in which going backward meets the first wrong part; empty where there are no layers."""
        first = {row: self._first_layer(row) for row, _ in self._differences}
        ends = {
            row: max(self._layers[part] for part in range(len(self.right)) if self.truths[row][part].size)
            for row in first
        }
        if len(set(ends.values())) > 1 and first == ends:
            return "the last layer"
        layer = max(first.values(), default=0)
        return f"layer {layer}" if layer else ""

    @cached_property
    def first_difference(self) -> tuple[int, int]:
        """The test point and the part to look at: going backward the first, where the arguments are smallest.

        How many layers there are may change from point to point; so the kind of part counts, not its number.
        """
        kinds = [re.sub(r"\d+", "", name) for name in self.probe_set.exercise.parts]

        def order(place: tuple[int, int]) -> tuple[bool, bool, int, bool, bool, int]:
            row, part = place
            layer = self._first_layer(row)
            later, unread = self._layers[part] != layer, part in self.unread
            kind = kinds.index(kinds[part]) if layer else part
            plain = self._shows_little(row, part), self._hides_shape(row, part)
            return unread, later, kind, *plain, numbers_in(self.probes[row].args)

        return min(self._differences, key=order)

    @cached_property
    def _layers(self) -> list[int]:
        """The layer of each part of a derivation; 0 where there is none."""
        exercise = self.probe_set.exercise
        layers = layers_of(exercise.parts) if exercise.derivation else {}
        return [layers.get(name, 0) for name in exercise.parts]

    def _first_layer(self, row: int) -> int:
        """Return the last layer in which a probe has something wrong."""
        wrong = (part for at, part in self._differences if at == row and part not in self.unread)
        return max((self._layers[part] for part in wrong), default=0)

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

    def _hides_shape(self, row: int, part: int) -> bool:
        """Tell of a test point where a wrong shape holds as many numbers as the right one: (1,) for ()."""
        given, true = self.answers[row][part], self.truths[row][part]
        return np.shape(given) != true.shape and np.size(given) == true.size


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
