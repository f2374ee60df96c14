"""Name the mistake: match a student's numbers against the bank of known wrong turns. Never guess."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import Answer, looks_like_float32
from graders.evidence import Evidence, came_to_nothing
from graders.exercise import Misconception, WrongTurn
from graders.probes import Tensors

__all__ = ["name_mistake", "same_numbers"]

MATCH = 1e-7
MATCH_FLOAT32 = 2e-4
# How long to look for two slips at once; what was derived is kept for the next student.
PAIR_SECONDS = 1.0


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
    if _is_constant(evidence.answers, evidence.truths) or _measured_constant(evidence):
        return (Misconception("constant_answer"),)
    tolerance = MATCH_FLOAT32 if all(map(looks_like_float32, evidence.returned)) else MATCH
    if evidence.probe_set.exercise.measure:  # where an answer is random, only so much of it can be told
        tolerance = max(tolerance, evidence.probe_set.exercise.tolerance)
    parts = range(len(evidence.right))
    derived = evidence.probe_set.wrong_answers
    whole = [
        turn
        for turn, wrongs in derived.items()
        if _differs(wrongs, evidence.truths, parts) and _fits(wrongs, evidence.answers, parts, tolerance)
    ]
    if whole:
        return (_named(whole),)
    single = _one_by_one(evidence, derived, tolerance)
    if 1 <= len(single) <= 2:
        return single
    return _both(evidence, tolerance) or single


def _one_by_one(
    evidence: Evidence, derived: Mapping[WrongTurn, Sequence[Tensors | None]], tolerance: float
) -> tuple[Misconception, ...]:
    """Name slips that sit in different parts of the answer: as few as explain every wrong part."""
    wrong = {i for i, ok in enumerate(evidence.right) if not ok}
    explains = {
        turn: frozenset(
            part
            for part in wrong
            if _differs(wrongs, evidence.truths, [part])
            and _fits(wrongs, evidence.answers, [part], tolerance)
        )
        for turn, wrongs in derived.items()
        if not turn.whole
    }
    named = []
    while wrong:
        most = max((len(parts & wrong) for parts in explains.values()), default=0)
        if not most:
            return ()
        best = next(parts & wrong for parts in explains.values() if len(parts & wrong) == most)
        named.append(_named([turn for turn, parts in explains.items() if parts & wrong == best]))
        wrong -= best
    return tuple(named)


def _both(evidence: Evidence, tolerance: float) -> tuple[Misconception, ...]:
    """Name two slips whose effects mix; where several pairs fit, all stand beside each other."""
    parts = range(len(evidence.right))
    sizes = [sum(np.size(part) for part in answer) if _whole(answer) else 0 for answer in evidence.answers]
    if not any(sizes):
        return ()
    at = int(np.argmax(sizes))

    def alike(answer: Tensors) -> bool:
        return _fits([answer], [evidence.answers[at]], parts, tolerance)

    fitting = [
        (first, second)
        for first, second, answers in evidence.probe_set.pairs.matching(at, alike, PAIR_SECONDS)
        if _fits(answers, evidence.answers, parts, tolerance)
    ]
    if not fitting:
        return ()
    named = _named(list(dict.fromkeys(first for first, _ in fitting)))
    other = _named(list(dict.fromkeys(second for _, second in fitting)))
    return (named, other)


def _whole(answer: Answer) -> bool:
    return not any(isinstance(part, str) for part in answer)


def same_numbers(given: "NDArray[Any] | str", wrong: NDArray[Any], tolerance: float) -> bool:
    """Tell whether two tensors hold the same numbers; one number may stand for a constant tensor.

    Examples
    --------
    >>> same_numbers(np.array(2.0), np.array([2.0, 2.0]), 1e-7)
    True
    """
    if isinstance(given, str):
        return False
    if given.dtype.kind == "U" or wrong.dtype.kind == "U":
        return bool(np.array_equal(given, wrong))
    if given.shape != wrong.shape:
        if given.size != 1 and wrong.size != 1:
            return False
        given, wrong = np.broadcast_arrays(
            given.reshape(()) if given.size == 1 else given, wrong.reshape(()) if wrong.size == 1 else wrong
        )
    if not (np.all(np.isfinite(given)) and np.all(np.isfinite(wrong))):
        return False
    size = max(float(np.linalg.norm(wrong)), 1e-12)
    return float(np.linalg.norm(given - wrong)) <= tolerance * size


def _named(turns: Sequence[WrongTurn]) -> Misconception:
    distinct = list(dict.fromkeys((turn.misconception, turn.layer) for turn in turns))
    first, *others = (Misconception(*key) for key in distinct)
    return Misconception(first.id, first.layer, tuple(others))


def _fits(
    wrongs: Sequence[Tensors | None],
    answers: Sequence[Answer],
    parts: Sequence[int],
    tolerance: float,
) -> bool:
    both = [
        (answer[part], wrong[part])
        for answer, wrong in zip(answers, wrongs, strict=True)
        if wrong is not None and not came_to_nothing(answer)
        for part in parts
        if wrong[part].size  # a wrong turn may say nothing of a part
    ]
    # A slip that divides by n - 1 is infinite on a batch of one: that tells nothing either way.
    both = [(given, wrong) for given, wrong in both if _finite(given) or _finite(wrong)]
    return bool(both) and all(same_numbers(given, wrong, tolerance) for given, wrong in both)


def _finite(part: "NDArray[Any] | str") -> bool:
    return isinstance(part, str) or part.dtype.kind == "U" or bool(np.all(np.isfinite(part)))


def _differs(wrongs: Sequence[Tensors | None], truths: Sequence[Tensors], parts: Sequence[int]) -> bool:
    """Tell whether a slip gives something wrong in these parts: only then can it explain them."""
    taken = [(wrong, truth) for wrong, truth in zip(wrongs, truths, strict=True) if wrong is not None]
    return any(
        wrong[p].shape != truth[p].shape or not same_numbers(wrong[p], truth[p], MATCH)
        for wrong, truth in taken
        for p in parts
        if wrong[p].size
    )


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
