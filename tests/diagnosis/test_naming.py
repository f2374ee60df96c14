"""The bank against the independent table: how many mistakes get their name, and how many a wrong one."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from graders.exercise import Misconception, Outcome, Verdict
from graders.exercises import for_lesson, slugs
from graders.judge import judge
from graders.probes import ProbeSet, draw
from graders.sandbox.harness import call_batch
from graders.sandbox.lent import given
from tests.diagnosis.clear import Pair, clear_pairs
from tests.diagnosis.everything import MUTANTS, RIGHT, SOLUTIONS, UNKNOWN, mutant_text
from tests.diagnosis.table import Mutant, layer_number

CALLED = {e.name for slug in slugs() for e in for_lesson(slug)}
NAMED = [mutant for mutant in MUTANTS if mutant.exercise in CALLED]
SAMPLE = NAMED[::7]


# Exercises that call the lesson's other functions, which are then right ones.
PARTS = [("loss_and_grads", "plain"), ("sgd_step", "plain")]
USES = {"sanity_checks": PARTS, "train": [*PARTS, ("init_params", "normal"), ("minibatches", "list")]}


def gaussian_mean(f: Any) -> float:
    """The mean of f over the standard normal distribution: the lesson's given code."""
    z = np.linspace(-12, 12, 20001)
    return float(np.sum(f(z) * np.exp(-(z**2) / 2)) * (z[1] - z[0]) / np.sqrt(2 * np.pi))


def judged(exercise: str, text: str) -> tuple[ProbeSet, Verdict]:
    namespace: dict[str, Any] = {"np": np, "gaussian_mean": gaussian_mean}
    for other in USES.get(exercise, ()):
        exec(SOLUTIONS[other], namespace)
    exec(text, namespace)
    probe_set = draw(exercise, seed=3)
    with np.errstate(all="ignore"):
        rows = call_batch(namespace[exercise], probe_set.batch, probe_set.exercise.answer, given)
    return probe_set, judge(probe_set, [Outcome(**row) for row in rows])


def depths(probe_set: ProbeSet) -> list[int]:
    """How many layers the network of each probe has; two where the signature fixes that."""
    lists = [
        [a for a in args if isinstance(a, list) and not isinstance(a[0], float)] for args in probe_set.batch
    ]
    return [len(found[0]) if found else 2 for found in lists]


def names(misconception: Misconception) -> set[tuple[str, int | None]]:
    return {(m.id, m.layer) for m in (misconception, *misconception.alternatives)}


def how_named(mutant: Mutant) -> str:
    probe_set, verdict = judged(mutant.exercise, mutant_text(mutant))
    wanted = {(name, layer_number(layer, depths(probe_set))) for name, layer in mutant.wanted}
    told = verdict.misconceptions
    if not told:
        return "unnamed"
    return "named" if len(told) == 1 and names(told[0]) & wanted else "wrongly"


def hold_rates(mutants: list[Mutant]) -> None:
    found = Counter(how_named(mutant) for mutant in mutants)
    assert found["wrongly"] == 0
    assert found["named"] >= 0.99 * len(mutants)


def test_a_sample_of_single_mistakes_gets_its_names() -> None:
    hold_rates(SAMPLE)


@pytest.mark.proof
def test_single_mistakes_get_their_names() -> None:
    assert len(NAMED) >= 300
    hold_rates(NAMED)


def how_both_named(pair: Pair) -> str:
    first, second, text = pair
    told = [{name for name, _ in names(m)} for m in judged(first.exercise, text)[1].misconceptions]
    wanted = [{name for name, _ in mutant.wanted} for mutant in (first, second)]
    if any(not any(ids & want for want in wanted) for ids in told):
        return "wrongly"
    return "both" if len(told) == 2 and all(any(ids & want for ids in told) for want in wanted) else "less"


def hold_rates_of_pairs(pairs: list[Pair]) -> None:
    found = Counter(how_both_named(pair) for pair in pairs)
    assert found["wrongly"] == 0
    assert found["both"] >= 0.9 * len(pairs)


def test_a_sample_of_pairs_gets_both_names_and_never_a_false_one() -> None:
    hold_rates_of_pairs([pair for pair in clear_pairs(every=60) if pair[0].exercise in CALLED])


@pytest.mark.proof
def test_two_mistakes_at_once_get_both_names() -> None:
    pairs = [pair for pair in clear_pairs(every=3) if pair[0].exercise in CALLED]
    assert len(pairs) >= 500
    hold_rates_of_pairs(pairs)


@pytest.mark.proof
def test_every_name_of_a_bank_is_given_to_a_mutant() -> None:
    """All but those of the exercises that need more than a call, and those of lessons to come."""
    named = {name for mutant in NAMED if how_named(mutant) == "named" for name, _ in mutant.wanted}
    wanted = {name for mutant in NAMED for name, _ in mutant.wanted}
    assert named == wanted


def test_right_answers_in_any_style_pass_and_are_given_no_name() -> None:
    for (exercise, style), text in RIGHT.items():
        if exercise in CALLED:
            verdict = judged(exercise, text)[1]
            assert (verdict.status, verdict.misconceptions) == ("pass", ()), (exercise, style)


def test_a_name_for_an_unknown_formula_is_never_one_of_two() -> None:
    """The bank knows more names than the table, so some of these have one; two at once would be a guess."""
    for unknown in UNKNOWN[::3]:
        if unknown.exercise in CALLED:
            verdict = judged(unknown.exercise, mutant_text(unknown))[1]
            assert len(verdict.misconceptions) <= 1, unknown
            assert verdict.points < verdict.possible, unknown


def test_an_answer_that_came_only_where_a_slip_makes_no_difference_gets_no_name() -> None:
    """Reshaping runs only where nothing was repeated, and there it is as right as any mean."""
    _, verdict = judged("unbroadcast", "def unbroadcast(g, shape):\n    return g.reshape(shape)\n")
    assert (verdict.status, verdict.misconceptions) == ("error", ())
