"""Probes with what they lead to: the truths, and the answers of every known wrong turn, each found once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from graders.bank.anywhere import ANYWHERE, accumulated, reordered
from graders.curves import Lent
from graders.exercise import Exercise, Probe, WrongTurn
from graders.exercises import find
from graders.matching import AnswerTable, Tensors
from graders.pairing import PairBank, answer_of, attempt
from graders.sandbox.lent import plain_generator, plain_view

__all__ = ["KEPT", "ProbeSet", "Tensors", "draw", "plain"]

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
        rows = tuple(tuple(map(plain, probe.args)) for probe in self.probes)
        return rows if self.exercise.answer == "variable" else (*rows, rows[0])

    @cached_property
    def truths(self) -> tuple[Tensors, ...]:
        """The true parts of the answer at each probe, from numerical derivatives."""
        return tuple(answer_of(self.exercise.truth, probe, self.exercise) for probe in self.probes)

    @cached_property
    def wrong_answers(self) -> Mapping[WrongTurn, tuple[Tensors | None, ...]]:
        """What each known wrong turn leads to at each probe; None where it cannot be taken."""
        answers = {
            turn: tuple(attempt(turn.derive, probe, self.exercise) for probe in self.probes)
            for turn in self.exercise.wrong_turns
        }
        if self.exercise.form in ("word", "flag"):
            return answers
        plain = self.exercise.form == "tuple" and not (self.exercise.inside or self.exercise.measure)
        orders = reordered(self.exercise.parts, self.truths) if plain else {}
        return {**answers, **{turn: make(self.truths) for turn, make in ANYWHERE.items()}, **orders}

    @cached_property
    def table(self) -> AnswerTable:
        """The wrong answers, laid out to be compared with a student's."""
        return AnswerTable(list(self.wrong_answers.values()), self.truths)

    @cached_property
    def accumulated(self) -> AnswerTable:
        """The same, for a function that also adds each call's result to those before."""
        return AnswerTable(list(map(_all_accumulated, self.wrong_answers.values())), self.truths)

    @cached_property
    def pairs(self) -> PairBank:
        """Every two known wrong turns that can be taken together, found as far as they were asked for."""
        return PairBank(self.exercise, tuple(self.wrong_answers), self.probes, self.truths)


def _all_accumulated(row: Sequence[Tensors | None]) -> Sequence[Tensors | None]:
    taken = [answer for answer in row if answer is not None]
    return accumulated(taken) if len(taken) == len(row) else (None,) * len(row)


@lru_cache(maxsize=KEPT)
def draw(name: str, seed: int, points: float | None = None) -> ProbeSet:
    """Draw the probes of an exercise; the same seed gives the same set, without drawing it again.

    Parameters
    ----------
    name : str
        The exercise; every exercise draws its own numbers from one seed.
    seed : int
        From 0 on, as large as one likes.
    points : float, optional
        What it is worth in this course; what it is worth anywhere by default.

    Returns
    -------
    ProbeSet
        Shared by all who ask: nobody changes its arrays.

    Raises
    ------
    UnknownName
        If there is no exercise of that name.
    """
    exercise = find(name) if points is None else replace(find(name), points=points)
    return ProbeSet(exercise, tuple(exercise.probes(np.random.default_rng([seed, *name.encode()]))))


def plain(value: Any) -> Any:
    """Return an argument as it travels to a student's function; a function that is no ``Lent`` does not."""
    if isinstance(value, Lent):
        return value.plain
    if isinstance(value, np.random.Generator):
        return plain_generator(value)
    return plain_view(value) if _has_gaps(value) else value


def _has_gaps(value: Any) -> bool:
    return isinstance(value, np.ndarray) and not (value.flags.c_contiguous or value.flags.f_contiguous)
