"""What it costs to name a mistake, exercise by exercise: the bank once, a match, and the search for pairs.

The answer that is searched for is wrong everywhere and fits nothing, so every pair that may fit is derived.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent))
from measure import chart, report

from graders.evidence import gather
from graders.exercise import Exercise
from graders.exercises import for_lesson, slugs
from graders.matching import MATCH
from graders.pairing import PairBank, plausible
from graders.probes import ProbeSet

ROUNDS = 9
BANK = 100.0  # milliseconds that it may take


def milliseconds(task: Callable[[], Any]) -> float:
    start = time.process_time()
    task()
    return (time.process_time() - start) * 1e3


def drawn(exercise: Exercise, seed: int) -> ProbeSet:
    """Draw new probes with their truths; nothing that was derived from others helps here."""
    probe_set = ProbeSet(exercise, tuple(exercise.probes(np.random.default_rng(seed))))
    _ = probe_set.truths
    return probe_set


def bank_and_table(exercise: Exercise) -> float:
    """Return the median time to derive every wrong turn and to lay the answers out."""
    sets = [drawn(exercise, seed) for seed in range(ROUNDS)]
    return statistics.median(milliseconds(lambda s=s: s.table) for s in sets)


def pairs_of(probe_set: ProbeSet, answers: Any, seconds: float) -> tuple[float, int]:
    """Return the time to look at every pair that may fit an answer, and how many those are."""
    turns = tuple(probe_set.wrong_answers)
    fits = probe_set.table.fits(answers, MATCH)
    right = ~gather(probe_set, answers).off.any(axis=0)
    pairs = plausible(fits, right, [turn.whole for turn in turns])
    bank = PairBank(probe_set.exercise, turns, probe_set.probes, probe_set.truths)
    return milliseconds(lambda: list(bank.matching(pairs, answers, MATCH, seconds))) / 1e3, len(pairs)


def row(exercise: Exercise) -> list[Any]:
    bank = bank_and_table(exercise)
    probe_set = drawn(exercise, 0)
    if exercise.form in ("word", "flag"):
        return [exercise.name, len(probe_set.wrong_answers), bank, None, None, None]
    answers = tuple(tuple(1.2345 * part + 0.1 for part in truth) for truth in probe_set.truths)
    match = statistics.median(
        milliseconds(lambda: probe_set.table.fits(answers, MATCH)) for _ in range(ROUNDS)
    )
    return [exercise.name, len(probe_set.wrong_answers), bank, match, *pairs_of(probe_set, answers, 60.0)]


def main() -> None:
    with threadpool_limits(1), np.errstate(all="ignore"):
        exercises = [e for slug in slugs() for e in for_lesson(slug) if not (e.measure or e.recast)]
        rows = sorted((row(exercise) for exercise in exercises), key=lambda r: -r[2])
    report("diagnosis", ["exercise", "wrong turns", "bank ms", "match ms", "pairs s", "pairs"], rows)
    dear = rows[:12]
    chart(
        "diagnosis",
        "Naming a mistake: the bank once per exercise and set of probes (CPU ms)",
        [str(name) for name, *_ in dear],
        {"bank": [bank for _, _, bank, *_ in dear]},
        {"target": [BANK] * len(dear)},
    )


if __name__ == "__main__":
    main()
