"""Two slips at once: which pairs are thought of, which are derived, and that none is derived twice."""

from typing import Any

import numpy as np
import pytest

from graders.bank.derivation import Detour
from graders.diagnosis import name_mistake
from graders.evidence import gather
from graders.exercise import WrongTurn
from graders.likeness import likeness
from graders.matching import Fits
from graders.pairing import PairBank, attempt, plausible
from graders.probes import ProbeSet, draw

ALL = ("neuron_grads", "hidden_delta", "linear_backward", "mazur_gradients", "all_deltas", "mlp_backward")


def thought_of(differs: Any, same: Any, right: Any) -> set[tuple[int, int]]:
    fits = Fits(np.array(same, bool), np.zeros(len(same), bool), np.array(differs, bool))
    return set(plausible(fits, np.array(right, bool), [False] * len(same)))


@pytest.mark.parametrize(
    ("differs", "same", "right", "pair"),
    [
        ([[1, 0], [0, 1]], [[1, 0], [0, 1]], [0, 0], True),  # each explains its part
        ([[1, 0], [0, 1]], [[1, 0], [0, 0]], [0, 0], False),  # the second part is not what the second makes
        ([[1, 0], [1, 0]], [[0, 0], [0, 0]], [0, 1], True),  # they mix in the first, the second is right
        ([[1, 0], [1, 0]], [[0, 0], [0, 0]], [0, 0], False),  # nobody spoils the second
        ([[1, 1], [1, 1]], [[0, 0], [0, 0]], [0, 1], True),  # the second is right again, as (-1)(-1)
        ([[1, 1], [1, 0]], [[0, 0], [0, 0]], [0, 1], False),  # the first alone would spoil the second
    ],
)
def test_a_pair_is_thought_of_where_it_may_explain_every_part(
    differs: Any, same: Any, right: Any, pair: bool
) -> None:
    assert ((0, 1) in thought_of(differs, same, right)) is pair


def test_pairs_that_undo_each_other_come_last() -> None:
    differs = np.array([[1, 1], [1, 1], [1, 0], [1, 0]], bool)
    fits = Fits(np.zeros((4, 2), bool), np.zeros(4, bool), differs)
    assert plausible(fits, np.array([False, True]), [False] * 4) == [(2, 3), (0, 1)]


def sampled(probe_set: ProbeSet, count: int) -> list[tuple[WrongTurn, WrongTurn, Detour]]:
    """Draw pairs of turns that can be taken together."""
    turns = [t for t in probe_set.wrong_answers if isinstance(t.derive, Detour)]
    rng, found = np.random.default_rng(0), []
    while len(found) < count:
        first, second = sorted(rng.choice(len(turns), 2, replace=False))
        one, other = turns[first].derive, turns[second].derive
        both = one.with_another(other) if isinstance(one, Detour) and isinstance(other, Detour) else None
        if both:
            found.append((turns[first], turns[second], both))
    return found


@pytest.mark.parametrize("name", ALL)
def test_hardly_a_pair_is_lost_by_thinking_first(name: str) -> None:
    """Nine of ten pairs are among those thought of; the others hide each other, or look like one slip."""
    probe_set = draw(name, seed=2)
    turns, kept, asked = list(probe_set.wrong_answers), 0, 0
    for first, second, both in sampled(probe_set, 60):
        answers = [attempt(both, probe, probe_set.exercise) for probe in probe_set.probes]
        fits = probe_set.table.fits(answers, 1e-7)
        if fits.whole.any() or None in answers:
            continue
        right = ~gather(probe_set, tuple(a for a in answers if a is not None)).off.any(axis=0)
        asked += 1
        pair = turns.index(first), turns.index(second)
        kept += pair in plausible(fits, right, [turn.whole for turn in turns])
    assert kept >= 0.9 * asked > 0


@pytest.mark.parametrize("name", ["hidden_delta", "bonkers_grad_last", "init_params"])
def test_two_slips_are_told_in_forms_that_together_give_the_numbers(name: str) -> None:
    """2 or 1/2, the first example of dW or of db: of one name there are several forms."""
    probe_set, asked = draw(name, seed=2), 0
    for *_, both in sampled(probe_set, 60):
        answers = tuple(attempt(both, probe, probe_set.exercise) or () for probe in probe_set.probes)
        evidence = gather(probe_set, answers) if all(answers) else None
        if evidence is None or all(evidence.right):
            continue
        named = name_mistake(evidence)
        if len({one.id for one in named}) == 2 and evidence.pairs:
            told = {likeness(one, evidence, alone=False).turn for one in named}
            assert told in [set(pair) for pair in evidence.pairs]
            asked += 1
    assert asked > 10


def test_what_was_derived_for_one_student_serves_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    probe_set = draw("hidden_delta", seed=9)
    evidence = gather(probe_set, tuple((1.2 * truth[0] + 0.1,) for truth in probe_set.truths))
    assert name_mistake(evidence) == ()
    monkeypatch.setattr(PairBank, "_detour", lambda *_: pytest.fail("derived again"))
    assert name_mistake(evidence) == ()


def test_no_pair_is_derived_after_time_is_up() -> None:
    probe_set = draw("hidden_delta", seed=10)
    answers = [(1.2 * truth[0] + 0.1,) for truth in probe_set.truths]
    bank = PairBank(probe_set.exercise, list(probe_set.wrong_answers), probe_set.probes, probe_set.truths)
    assert list(bank.matching([(0, 10)], answers, 1e-7, seconds=-1.0)) == []
    assert bank._known == {}
