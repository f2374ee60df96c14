"""Probes with what they lead to: the truths, and the answers of every known wrong turn, each found once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import tensors
from graders.exercise import Exercise, Probe, WrongTurn
from graders.exercises import find

__all__ = ["KEPT", "ProbeSet", "Tensors", "draw"]

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
        """The arguments alone: what the caller hands to the student's function."""
        return tuple(probe.args for probe in self.probes)

    @cached_property
    def truths(self) -> tuple[Tensors, ...]:
        """The true parts of the answer at each probe, from numerical derivatives."""
        exercise = self.exercise
        return tuple(tensors(exercise, exercise.truth(*probe.args)) for probe in self.probes)

    @cached_property
    def wrong_answers(self) -> Mapping[WrongTurn, tuple[Tensors | None, ...]]:
        """What each known wrong turn leads to at each probe; None where it cannot be taken."""
        return {
            turn: tuple(_attempt(turn, probe, self.exercise) for probe in self.probes)
            for turn in self.exercise.wrong_turns
        }


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


def _attempt(turn: WrongTurn, probe: Probe, exercise: Exercise) -> Tensors | None:
    """Return None where a wrong turn cannot be taken: that must not rule it out elsewhere."""
    try:
        with np.errstate(all="ignore"):
            return tensors(exercise, turn.derive(*probe.args))
    except (ValueError, LookupError, ArithmeticError):
        return None
