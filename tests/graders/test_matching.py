"""One answer against many: what counts as the same numbers, and what tells nothing."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graders.diagnosis import name_mistake
from graders.evidence import gather
from graders.exercise import WrongTurn
from graders.matching import AnswerTable, same_numbers
from graders.probes import ProbeSet, draw

TRUTHS = [
    (np.array([1.0, 2.0]), np.array([[1.0, 2.0], [3.0, 4.0]])),
    (np.array([3.0]), np.array([[5.0, 6.0]])),
]
DOUBLE = [tuple(2 * part for part in truth) for truth in TRUTHS]


def turned(rows: Any) -> list[tuple[Any, Any]]:
    return [(first, second.T.copy()) for first, second in rows]


@pytest.mark.parametrize(
    ("given", "wrong", "same"),
    [
        (np.array([1.0, np.nan]), np.array([1.0, np.inf]), True),
        (np.array([1.0, np.nan]), np.array([1.0, 2.0]), False),
        (np.array([np.nan, 1.0]), np.array([1.0, np.nan]), False),
        (np.array([1.0, np.nan]), np.array([1.1, np.nan]), False),
        (np.array(0.0), np.zeros(3), True),
        (np.array(0.0), np.arange(3.0), False),
        (np.array([1e-17]), np.array([0.0]), True),
        (np.array([1e-9]), np.array([0.0]), False),
        ("no number", np.array(1.0), False),
    ],
)
def test_numbers_are_the_same_where_finite_and_blank_in_the_same_places(
    given: Any, wrong: Any, same: bool
) -> None:
    assert same_numbers(given, wrong, 1e-7) is same


def test_a_turn_fits_whole_only_where_every_part_does() -> None:
    table = AnswerTable([DOUBLE, [(2 * a, b) for a, b in TRUTHS]], TRUTHS)
    fits = table.fits(DOUBLE, 1e-7)
    assert fits.whole.tolist() == [True, False]
    assert fits.parts.tolist() == [[True, True], [True, False]]
    assert fits.differs.tolist() == [[True, True], [True, False]]


def test_the_truth_is_no_wrong_turn() -> None:
    assert not AnswerTable([TRUTHS], TRUTHS).fits(TRUTHS, 1e-7).whole.any()


def test_a_probe_where_a_turn_cannot_be_taken_rules_nothing_out() -> None:
    table = AnswerTable([[DOUBLE[0], None], [None, None]], TRUTHS)
    assert table.fits(DOUBLE, 1e-7).whole.tolist() == [True, False]


def test_a_probe_without_an_answer_rules_nothing_out() -> None:
    fits = AnswerTable([DOUBLE], TRUTHS).fits([None, DOUBLE[1]], 1e-7)
    assert fits.whole.tolist() == [True]


def test_numbers_that_are_blank_everywhere_are_no_evidence() -> None:
    blank = [tuple(np.full(part.shape, np.nan) for part in truth) for truth in TRUTHS]
    assert not AnswerTable([blank], TRUTHS).fits(blank, 1e-7).whole.any()


def test_other_shapes_are_compared_among_themselves() -> None:
    table = AnswerTable([turned(TRUTHS), turned(DOUBLE), DOUBLE], TRUTHS)
    assert table.fits(turned(DOUBLE), 1e-7).whole.tolist() == [False, True, False]


@pytest.mark.parametrize(
    "name", ["mlp_backward", "loss_and_grads", "log_softmax", "unbroadcast", "why_stalled"]
)
def test_the_table_finds_each_turn_and_agrees_with_one_by_one(name: str) -> None:
    """The table is only a quick way to ask ``same_numbers`` of every part."""
    probe_set = draw(name, seed=4)
    rows = list(probe_set.wrong_answers.values())
    for number in range(0, len(rows), 7):
        given = [answer or truth for answer, truth in zip(rows[number], probe_set.truths, strict=True)]
        fits = probe_set.table.fits(given, 1e-7)
        assert fits.whole[number]
        for row, wrongs in enumerate(rows):
            slow = all(
                same_numbers(g, w, 1e-7)
                for answer, wrong in zip(given, wrongs, strict=True)
                if wrong is not None
                for g, w in zip(answer, wrong, strict=True)
            )
            assert fits.whole[row] == (slow and fits.differs[row].any())


def test_a_wrong_turn_that_is_constant_has_its_name() -> None:
    probe_set = draw("sgd_step", seed=1)
    truths = probe_set.truths
    constant = WrongTurn("returns_step", lambda *_: None, "0")
    zeros = tuple(tuple(0 * part for part in truths[0]) for _ in truths)
    same = [tuple(part for part in truths[0])] * len(truths)
    exercise = replace(probe_set.exercise, wrong_turns=(constant,))
    known = ProbeSet(exercise, probe_set.probes)
    vars(known)["wrong_answers"] = {constant: tuple(same)}
    vars(known)["truths"] = tuple(tuple(part + i for part in truths[0]) for i, _ in enumerate(truths, 1))
    assert [m.id for m in name_mistake(gather(known, tuple(same)))] == ["returns_step"]
    assert [m.id for m in name_mistake(gather(known, zeros))] == ["constant_answer"]


def test_an_overflow_is_matched_by_where_it_happens() -> None:
    """Nan in one student's order of steps is inf in another's."""
    probe_set = draw("log_softmax", seed=1)

    def answer(Z: Any) -> tuple[Any, ...]:
        with np.errstate(all="ignore"):
            return (np.log(np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)),)

    (named,) = name_mistake(gather(probe_set, tuple(answer(*probe.args) for probe in probe_set.probes)))
    assert named.id == "softmax_no_shift"
    with np.errstate(all="ignore"):
        shifted = [Z - Z.max() for (Z,) in (probe.args for probe in probe_set.probes)]
        logs = tuple((S - np.log(np.exp(S).sum(axis=1, keepdims=True)),) for S in shifted)
    (named,) = name_mistake(gather(probe_set, logs))
    assert named.id == "softmax_axis"
