"""Probes with what they lead to: the truths, and the answers of every known wrong turn, each found once."""

import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import tensors
from graders.bank.anywhere import ANYWHERE
from graders.bank.derivation import Detour, pairs
from graders.curves import Lent
from graders.exercise import Exercise, Probe, WrongTurn
from graders.exercises import find
from graders.sandbox.lent import plain_generator, plain_view

__all__ = ["KEPT", "PairBank", "ProbeSet", "Tensors", "draw"]

Tensors = tuple[NDArray[Any], ...]
# A class meets 8 sets of every exercise; drawing one with all its answers takes some 10 ms.
KEPT = 512


@dataclass(frozen=True)
class ProbeSet:
    """The test points of one exercise; what follows from them is computed when first wanted, and kept.

    Parameters
    ----------
    exercise : Exercise
        What is asked.
    probes : tuple of Probe
        The arguments, one tuple a call.

    Examples
    --------
    >>> loss = draw("neuron_loss", seed=1)
    >>> len(loss.truths) == len(loss.probes) == 4
    True
    """

    exercise: Exercise
    probes: tuple[Probe, ...]

    @cached_property
    def batch(self) -> tuple[tuple[Any, ...], ...]:
        """What the caller hands to the student's function: all arguments, and at last the first ones again.

        A function that answers differently the second time depends on something else than its arguments.
        """
        rows = tuple(tuple(map(_plain, probe.args)) for probe in self.probes)
        return rows if self.exercise.answer == "variable" else (*rows, rows[0])

    @cached_property
    def truths(self) -> tuple[Tensors, ...]:
        """The true parts of the answer at each probe, from numerical derivatives."""
        return tuple(_answer(self.exercise.truth, probe, self.exercise) for probe in self.probes)

    @cached_property
    def wrong_answers(self) -> Mapping[WrongTurn, tuple[Tensors | None, ...]]:
        """What each known wrong turn leads to at each probe; None where it cannot be taken."""
        answers = {
            turn: tuple(_attempt(turn.derive, probe, self.exercise) for probe in self.probes)
            for turn in self.exercise.wrong_turns
        }
        if self.exercise.form in ("word", "flag"):
            return answers
        return {**answers, **{turn: make(self.truths) for turn, make in ANYWHERE.items()}}

    @cached_property
    def pairs(self) -> "PairBank":
        """Every two known wrong turns that can be taken together, found as far as they were asked for."""
        return PairBank(self)


class PairBank:
    """What two wrong turns together lead to. There may be thousands, so they are derived when needed.

    Parameters
    ----------
    probe_set : ProbeSet
        The test points; a pair is first looked at on the one with the largest answer.
    """

    def __init__(self, probe_set: ProbeSet) -> None:
        self._probe_set = probe_set
        self._coming_at: dict[int, Iterator[tuple[WrongTurn, WrongTurn, Detour]]] = {}
        self._found_at: dict[int, list[tuple[WrongTurn, WrongTurn, Detour, Tensors]]] = {}

    def matching(
        self, at: int, alike: Callable[[Tensors], bool], seconds: float
    ) -> Iterator[tuple[WrongTurn, WrongTurn, tuple[Tensors | None, ...]]]:
        """Yield the pairs whose answer at one probe is alike, with their answers at all probes."""
        for first, second, detour, answer in self._up_to(at, seconds):
            if alike(answer):
                probes, exercise = self._probe_set.probes, self._probe_set.exercise
                yield first, second, tuple(_attempt(detour, probe, exercise) for probe in probes)

    def _up_to(self, at: int, seconds: float) -> Iterator[tuple[WrongTurn, WrongTurn, Detour, Tensors]]:
        """Yield what was derived before, then derive more until time is up."""
        known = self._found_at.setdefault(at, [])
        yield from known
        coming = self._coming_at.setdefault(at, pairs(self._probe_set.exercise.wrong_turns))
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pair = next(coming, None)
            if pair is None:
                return
            answer = _attempt(pair[2], self._probe_set.probes[at], self._probe_set.exercise)
            if answer is not None:
                known.append((*pair, answer))
                yield known[-1]


@lru_cache(maxsize=KEPT)
def draw(name: str, seed: int) -> ProbeSet:
    """Draw the probes of an exercise; the same seed gives the same set, without drawing it again.

    Parameters
    ----------
    name : str
        The exercise; every exercise draws its own numbers from one seed.
    seed : int
        From 0 on, as large as one likes.

    Returns
    -------
    ProbeSet
        Shared by all who ask: nobody changes its arrays.

    Raises
    ------
    UnknownName
        If there is no exercise of that name.
    """
    exercise = find(name)
    return ProbeSet(exercise, tuple(exercise.probes(np.random.default_rng([seed, *name.encode()]))))


def _plain(value: Any) -> Any:
    """Return an argument as it travels; a function that is no ``Lent`` does not."""
    if isinstance(value, Lent):
        return value.plain
    if isinstance(value, np.random.Generator):
        return plain_generator(value)
    return plain_view(value) if _has_gaps(value) else value


def _has_gaps(value: Any) -> bool:
    return isinstance(value, np.ndarray) and not (value.flags.c_contiguous or value.flags.f_contiguous)


def _answer(derive: Callable[..., Any], probe: Probe, exercise: Exercise) -> Tensors:
    """Return the parts of an answer of our own; a generator is drawn from once only."""
    drawn = any(isinstance(value, np.random.Generator) for value in probe.args)
    with np.errstate(all="ignore"):  # where a student's own numbers are asked about, they may be any
        answer = derive(*(deepcopy(probe.args) if drawn else probe.args))
    return tensors(exercise, exercise.measure(answer, *probe.args) if exercise.measure else answer)


def _attempt(derive: Callable[..., Any], probe: Probe, exercise: Exercise) -> Tensors | None:
    """Return None where a wrong turn cannot be taken: that must not rule it out elsewhere."""
    try:
        return _answer(derive, probe, exercise)
    except (ValueError, LookupError, ArithmeticError):
        return None
