"""Name the mistake: match a student's numbers against the bank of known wrong turns. Never guess."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import Answer, looks_like_float32
from graders.evidence import Evidence
from graders.exercise import Misconception, WrongTurn
from graders.probes import Tensors

__all__ = ["name_mistake", "same_numbers"]

MATCH = 1e-7
MATCH_FLOAT32 = 2e-4


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
    answers, truths, right = evidence.answers, evidence.truths, evidence.right
    if _is_constant(answers, truths):
        return (Misconception("constant_answer"),)
    tolerance = MATCH_FLOAT32 if all(looks_like_float32(answer) for answer in answers) else MATCH
    wrong = [i for i, ok in enumerate(right) if not ok]
    derived = evidence.probe_set.wrong_answers.items()
    whole = [turn for turn, wrongs in derived if _fits(wrongs, answers, range(len(right)), tolerance)]
    if whole:
        return (_named(whole),)
    # Slips that sit in different parts of the answer can be told one by one.
    per_part = [
        [
            turn
            for turn, wrongs in derived
            if not turn.whole and _errs(wrongs, truths, part) and _fits(wrongs, answers, [part], tolerance)
        ]
        for part in wrong
    ]
    named = [_named(turns) for turns in per_part if turns]
    return tuple(dict.fromkeys(named)) if len(named) == len(wrong) else ()


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
    pairs = [(answer, wrong) for answer, wrong in zip(answers, wrongs, strict=True) if wrong is not None]
    return bool(pairs) and all(
        same_numbers(answer[part], wrong[part], tolerance) for answer, wrong in pairs for part in parts
    )


def _errs(wrongs: Sequence[Tensors | None], truths: Sequence[Tensors], part: int) -> bool:
    """Tell whether a slip gives something wrong in this part: only then can it explain it."""
    pairs = zip(wrongs, truths, strict=True)
    return any(w is not None and not same_numbers(w[part], truth[part], MATCH) for w, truth in pairs)


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
