"""Two wrong turns at once: which of the thousands of pairs are worth deriving, and which of them fit."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import tensors
from graders.bank.derivation import Detour
from graders.exercise import Exercise, Probe, WrongTurn
from graders.matching import TINY, AnswerTable, Fits, Given, Tensors

__all__ = ["PairBank", "answer_of", "attempt", "plausible"]

# A number that stands for an answer, and how far an error of 1 in its norm moves it.
Sketch = tuple[float, float]


def plausible(fits: Fits, right: NDArray[np.bool_], whole: Sequence[bool]) -> list[tuple[int, int]]:
    """Return the pairs that may have led to an answer, judged by what either of the two does alone.

    A part that neither changes must be right, and a part that one of them changes must be what that one
    makes of it. A part that both change may be anything; that it is right after all, as after two changes
    of sign, is thought of last.

    Parameters
    ----------
    fits : Fits
        Which turns alone change a part, and which to what the student has.
    right : ndarray of shape (n_parts,)
        The parts that are right.
    whole : sequence of bool
        The turns that move parts about, so that nothing follows from a single part.

    Examples
    --------
    >>> differs = np.array([[True, True], [False, True], [True, False]])
    >>> same = np.array([[True, False], [False, False], [False, False]])
    >>> plausible(Fits(same, np.zeros(3, bool), differs), np.array([False, False]), [False] * 3)
    [(0, 1)]
    """
    differs, explained = fits.differs, fits.parts & fits.differs
    one, other = differs[:, None], differs[None]
    possible = (one & other) | (~one & ~other & right)
    possible |= (explained[:, None] & ~other) | (explained[None] & ~one)
    moves = np.array(whole, bool)
    pairs = np.argwhere(np.triu(possible.all(axis=2) | moves[:, None] | moves[None], k=1))
    undone = np.any(one & other & right, axis=2)[pairs[:, 0], pairs[:, 1]]
    return [(int(i), int(j)) for i, j in pairs[np.lexsort((pairs.sum(axis=1), undone))]]


class PairBank:
    """What two wrong turns together lead to: derived when first asked for, and remembered in two numbers.

    Parameters
    ----------
    exercise : Exercise
        What is asked.
    turns : sequence of WrongTurn
        Those that may meet.
    probes : sequence of Probe
        The test points.
    truths : sequence of tuple of ndarray
        The true answers: a pair is first looked at where there is most to see.
    """

    def __init__(
        self,
        exercise: Exercise,
        turns: Sequence[WrongTurn],
        probes: Sequence[Probe],
        truths: Sequence[Tensors],
    ) -> None:
        self._exercise, self._turns, self._probes, self._truths = exercise, turns, probes, truths
        sizes = [sum(part.size for part in truth) for truth in truths]
        self._order = [int(probe) for probe in np.argsort(sizes)[::-1]]
        self._known: dict[tuple[int, int, int], Sketch | None] = {}

    def matching(
        self,
        pairs: Iterable[tuple[int, int]],
        answers: Sequence[Given | None],
        tolerance: float,
        seconds: float,
    ) -> Iterator[tuple[WrongTurn, WrongTurn]]:
        """Yield the pairs that lead to these answers everywhere, as far as they are found in time.

        The time is the processor's, so that a busy machine finds as many.
        """
        given = [sketch(answer, truth) for answer, truth in zip(answers, self._truths, strict=True)]
        answered = [probe for probe in self._order if answers[probe] is not None]
        until = time.thread_time() + seconds
        for pair in pairs:
            if time.thread_time() > until:
                return
            if self._may_fit(pair, given, answered, tolerance) and self._fits(pair, answers, tolerance):
                yield self._turns[pair[0]], self._turns[pair[1]]

    def _may_fit(
        self, pair: tuple[int, int], given: Sequence[Sketch], answered: Sequence[int], tolerance: float
    ) -> bool:
        """Compare at the first answered probe where both can be taken, if they can be taken together."""
        for probe in answered:
            wrong = self._sketched(pair, probe)
            if wrong is not None:
                return _alike(given[probe], wrong, tolerance)
        return False

    def _sketched(self, pair: tuple[int, int], probe: int) -> Sketch | None:
        """Derive a pair at one probe, or remember it."""
        if (*pair, probe) not in self._known:
            detour = self._detour(pair)
            answer = attempt(detour, self._probes[probe], self._exercise) if detour else None
            self._known[*pair, probe] = None if answer is None else sketch(answer, self._truths[probe])
        return self._known[*pair, probe]

    def _fits(self, pair: tuple[int, int], answers: Sequence[Given | None], tolerance: float) -> bool:
        row = [attempt(self._detour(pair), probe, self._exercise) for probe in self._probes]
        return bool(AnswerTable([row], self._truths).fits(answers, tolerance).whole[0])

    def _detour(self, pair: tuple[int, int]) -> Any:
        first, second = (self._turns[index].derive for index in pair)
        if isinstance(first, Detour) and isinstance(second, Detour):
            return first.with_another(second)
        return None


def sketch(answer: "Given | None", truth: Tensors) -> Sketch:
    """Boil an answer down to one number that hardly any other answer has, and how far rounding moves it."""
    if answer is None or any(isinstance(part, str) for part in answer):
        return np.nan, np.nan
    number = reach = 0.0
    with np.errstate(all="ignore"):  # an answer may hold anything
        for part, true in zip(answer, truth, strict=True):
            flat = np.ravel(np.full(true.shape, part) if np.size(part) == 1 else part).astype(float)
            weights = np.cos(1.0 + np.arange(flat.size))
            number += float(weights @ flat)
            reach += float(np.linalg.norm(weights) * np.linalg.norm(flat))
    return number, reach


def _alike(given: Sketch, wrong: Sketch, tolerance: float) -> bool:
    """Tell whether two answers may be equal; where a number is not finite they always may."""
    return not abs(given[0] - wrong[0]) > tolerance * wrong[1] + TINY


def answer_of(derive: Callable[..., Any], probe: Probe, exercise: Exercise) -> Tensors:
    """Return the parts of an answer of our own; a generator is drawn from once only."""
    drawn = any(isinstance(value, np.random.Generator) for value in probe.args)
    with np.errstate(all="ignore"):  # where a student's own numbers are asked about, they may be any
        answer = derive(*(deepcopy(probe.args) if drawn else probe.args))
    return tensors(exercise, exercise.measure(answer, *probe.args) if exercise.measure else answer)


def attempt(derive: Callable[..., Any], probe: Probe, exercise: Exercise) -> Tensors | None:
    """Return None where a wrong turn cannot be taken: that must not rule it out elsewhere."""
    try:
        return answer_of(derive, probe, exercise)
    except (ValueError, LookupError, ArithmeticError):
        return None
