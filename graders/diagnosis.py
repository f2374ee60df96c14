"""Name the mistake: match a student's numbers against the bank of known wrong turns. Never guess."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import Answer
from graders.bank.anywhere import ACCUMULATED
from graders.evidence import Evidence
from graders.exercise import Misconception, WrongTurn
from graders.matching import Fits, Tensors

__all__ = ["left_over", "name_mistake"]

# Where more slips than this give the same numbers, a list of them is no name.
ALTERNATIVES = 4


def name_mistake(evidence: Evidence) -> tuple[Misconception, ...]:
    """Return what is wrong at the same time, as far as it has a name.

    Parameters
    ----------
    evidence : Evidence
        What the student returned beside the truth, and the known wrong turns, the likeliest first.

    Returns
    -------
    tuple of Misconception
        Empty where nothing known fits. Where several slips give the same numbers, the others stand in
        ``alternatives`` of the first.
    """
    turns, fits = list(evidence.probe_set.wrong_answers), evidence.fits
    whole = [turns[row] for row in np.flatnonzero(fits.whole)]
    if whole:
        return (_named(whole),)
    if _is_constant(evidence.answers, evidence.truths) or _measured_constant(evidence):
        return (Misconception("constant_answer"),)
    apart = _one_by_one(evidence, fits, strictly=True)
    if 1 <= len(apart) <= 2:
        return apart
    mixed = _both(evidence) or apart or _one_by_one(evidence, fits, strictly=False)
    return mixed or _beside_unknown(evidence, fits)


def left_over(evidence: Evidence, named: Sequence[Misconception]) -> list[int]:
    """Return the wrong parts that none of the named slips can have changed."""
    turns, fits = list(evidence.probe_set.wrong_answers), evidence.fits
    reach = np.zeros(len(evidence.right), bool)
    for slip in named:
        keys = {(one.id, one.layer) for one in (slip, *slip.alternatives)}
        rows = [row for row, turn in enumerate(turns) if (turn.misconception, turn.layer) in keys]
        exact = [row for row in rows if (fits.parts | ~fits.differs)[row].all()]
        for row in exact or rows:
            reach |= fits.differs[row] | _silent(evidence, turns[row])
    return [p for p in evidence.wrong_parts if reach.any() and not reach[p] and p not in evidence.unread]


def _silent(evidence: Evidence, turn: WrongTurn) -> NDArray[np.bool_]:
    """Tell of which parts a wrong turn says nothing."""
    answers = [answer for answer in evidence.probe_set.wrong_answers[turn] if answer is not None]
    return np.array([not any(answer[part].size for answer in answers) for part in range(len(evidence.right))])


def _one_by_one(evidence: Evidence, fits: Fits, strictly: bool) -> tuple[Misconception, ...]:
    """Name slips that sit in different parts of the answer: as few as explain every wrong part.

    Strictly taken, a slip that would spoil a part which is right was not made.
    """
    turns, right = list(evidence.probe_set.wrong_answers), evidence.right_where_answered
    made = ~np.array([turn.whole for turn in turns], bool)
    if strictly:
        made &= ~(fits.differs & right).any(axis=1)
    explains = fits.parts & fits.differs & made[:, None]
    wrong, named = ~right, []
    while wrong.any():
        counts = (explains & wrong).sum(axis=1)
        best = explains[np.argmax(counts)] & wrong
        if not best.any():
            return ()
        same = ((explains & wrong) == best).all(axis=1)
        named.append(_named([turns[row] for row in np.flatnonzero(same)]))
        wrong = wrong & ~best
    return tuple(named)


def _beside_unknown(evidence: Evidence, fits: Fits) -> tuple[Misconception, ...]:
    """Name the slips that change a single part each, where another part holds something unknown.

    A part that is one number everywhere may have been left to be filled: that is no slip.
    """
    turns = list(evidence.probe_set.wrong_answers)
    lone = (fits.differs.sum(axis=1) == 1) & ~np.array([turn.whole for turn in turns], bool)
    explains = fits.parts & fits.differs & lone[:, None] & ~evidence.right_where_answered
    rows = [np.flatnonzero(column) for part, column in enumerate(explains.T) if _varies(evidence, part)]
    return tuple(_named([turns[row] for row in found]) for found in rows if len(found))


def _varies(evidence: Evidence, part: int) -> bool:
    """Tell whether a part holds more than one number, all test points taken together."""
    given = [answer[part] for answer in evidence.returned]
    numbers = [one.ravel() for one in given if not isinstance(one, str)]
    return bool(numbers) and len(np.unique(np.concatenate(numbers))) > 1


def _both(evidence: Evidence) -> tuple[Misconception, ...]:
    """Name two slips whose effects mix; where several pairs fit, all stand beside each other."""
    if evidence.probe_set.exercise.form in ("word", "flag"):
        return ()
    found = evidence.pairs or _accumulated_too(evidence)
    sides = [list(dict.fromkeys(turns)) for turns in zip(*found, strict=True)]
    return tuple(_named(side) for side in sides if len({turn.misconception for turn in side}) <= ALTERNATIVES)


def _accumulated_too(evidence: Evidence) -> list[tuple[WrongTurn, WrongTurn]]:
    """Return the slips after which, besides, each call's result was added to those before."""
    if len(evidence.returned) < len(evidence.answers):
        return []
    turns = list(evidence.probe_set.wrong_answers)
    whole = evidence.probe_set.accumulated.fits(evidence.given, evidence.tolerance).whole
    return [(turns[row], ACCUMULATED) for row in np.flatnonzero(whole)]


def _named(turns: Sequence[WrongTurn]) -> Misconception:
    distinct = list(dict.fromkeys((turn.misconception, turn.layer) for turn in turns))
    first, *others = (Misconception(*key) for key in distinct)
    return Misconception(first.id, first.layer, tuple(others))


def _measured_constant(evidence: Evidence) -> bool:
    """Tell whether one number was returned everywhere, although what was measured in it differs."""
    if not evidence.probe_set.exercise.measure:
        return False
    numbers = [value for value in evidence.raw if isinstance(value, (int, float, np.number))]
    return len(evidence.raw) > 1 and len(numbers) == len(evidence.raw) and len(set(numbers)) == 1


def _is_constant(answers: Sequence[Answer], truths: Sequence[Tensors]) -> bool:
    """Tell whether the answer never changes although the truth does."""

    def repeats(rows: Sequence[Any]) -> bool:
        return all(
            len(row) == len(rows[0])
            and all(
                not isinstance(a, str) and not isinstance(b, str) and np.array_equal(a, b)
                for a, b in zip(row, rows[0], strict=True)
            )
            for row in rows
        )

    return len(answers) > 1 and repeats(answers) and not repeats(truths)
