"""Pairs of mistakes that numbers can tell apart: from each single mistake, and from every other pair."""

from collections import defaultdict
from itertools import islice

import numpy as np

from tests.diagnosis.everything import MUTANTS, SOLUTIONS, mutant_text, pairs
from tests.diagnosis.examples import Answer, answers
from tests.diagnosis.table import Mutant

__all__ = ["Pair", "clear_pairs", "fingerprint"]

Pair = tuple[Mutant, Mutant, str]


def clear_pairs(every: int = 1) -> list[Pair]:
    """Return the pairs that a grader can be asked to name, from each ``every``-th candidate."""
    singles = _singles()
    told: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for first, second, text in islice(pairs(), 0, None, every):
        print_ = fingerprint(answers(first.exercise, text))
        if (first.exercise, print_) not in singles:
            told[first.exercise, print_].append((first, second, text))
    return [same[0] for same in told.values() if len({_names(*pair) for pair in same}) == 1]


def fingerprint(given: list[Answer]) -> str:
    """Return a text that is equal for answers that agree to about nine decimals."""
    return ";".join(one if isinstance(one, str) else ",".join(map(_digest, one)) for one in given)


def _digest(array: np.ndarray) -> str:
    weights = np.cos(1.0 + np.arange(array.size)).reshape(array.shape)
    finite = np.nan_to_num(array, nan=3, posinf=1e3, neginf=-1e3)
    return f"{array.shape}{np.round(np.sum(finite * weights), 9) + 0.0}"


def _singles() -> set[tuple[str, str]]:
    texts = [(key[0], text) for key, text in SOLUTIONS.items()]
    texts += [(mutant.exercise, mutant_text(mutant)) for mutant in MUTANTS]
    return {(exercise, fingerprint(answers(exercise, text))) for exercise, text in texts}


def _names(first: Mutant, second: Mutant, _: str) -> frozenset[tuple[object, ...]]:
    return frozenset((first.wanted, second.wanted))
