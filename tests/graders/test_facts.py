"""Facts without names: computed from answers and truth alone, true of the numbers, silent where unsure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graders.contributions import counts, shares, weights_in_words
from graders.evidence import Evidence, gather
from graders.exercise import Outcome
from graders.exercises import for_lesson, slugs
from graders.facts import MOST, say
from graders.judge import judge
from graders.probes import ProbeSet, draw
from graders.scales import ENOUGH, factor_in_words, lengths, scale

Change = Callable[[Any, Any], tuple[Any, ...]]
NUMERICAL = [
    e.name
    for slug in slugs()
    for e in for_lesson(slug)
    if e.form not in ("word", "flag") and not e.answer and not e.measure and not e.recast
]


def evidence(name: str, change: Change, seed: int = 3) -> Evidence:
    """Answer with what a change makes of the truth and the arguments."""
    probe_set = draw(name, seed)
    rows = zip(probe_set.truths, [probe.args for probe in probe_set.probes], strict=True)
    return gather(probe_set, tuple(tuple(map(np.asarray, change(truth, args))) for truth, args in rows))


def spoiled(*parts: int) -> Change:
    return lambda truth, args: tuple(np.exp(t) if i in parts else t for i, t in enumerate(truth))


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda t, a: tuple(-3 * x for x in t), "dX, dW and db are -3 times what is right."),
        (lambda t, a: (t[0], -t[1], -t[2]), "dW and db are of the right size, with the wrong sign."),
        (lambda t, a: (2 * t[0], t[1], t[2]), "dX is twice what is right."),
        (lambda t, a: (t[0], t[1] / 2, t[2]), "dW is half of what is right."),
        (lambda t, a: (t[0], t[1], 0 * t[2]), "db is 0."),
        (
            lambda t, a: tuple(x / len(a[0]) for x in t),
            "dX, dW and db are what is right divided by the number of rows of dZ.",
        ),
        (
            lambda t, a: (t[0] * a[2].shape[1], t[1], t[2]),
            "dX is what is right times the number of columns of dZ.",
        ),
        (lambda t, a: (t[0], t[1].T.copy(), t[2]), "dW is the transpose of what is right."),
        (lambda t, a: (t[0], a[1][1:].T @ a[0][1:], t[2]), "In dW the first example is left out."),
        (lambda t, a: (t[0], a[1][-1:].T @ a[0][-1:], t[2]), "In dW only the last example counts."),
        (
            lambda t, a: (t[0], t[1] + a[1][-1:].T @ a[0][-1:], t[2]),
            "In dW the last example counts twice.",
        ),
        (
            lambda t, a: (np.where(np.arange(len(t[0]))[:, None] > 0, t[0], 7.0), t[1], t[2]),
            "Of dX the first row alone is wrong.",
        ),
        (
            lambda t, a: (t[0], np.exp(t[1]), t[2]),
            "The biases' gradient is right, so delta is; its factor for the weights, or the sum, is not.",
        ),
    ],
)
def test_a_plain_fact_is_said_in_one_sentence(change: Change, fact: str) -> None:
    assert say(evidence("linear_backward", change))[0] == fact


@pytest.mark.parametrize(
    ("name", "parts", "fact"),
    [
        ("mlp_backward", (0, 1, 2, 3), "layer 2 is the first that is wrong: look at its delta"),
        ("mlp_backward", (0, 2), "layer 2 is the first that is wrong: the biases' gradient is right"),
        ("mlp_backward", (3,), "layer 2 is the first that is wrong: the weights' gradient is right"),
        ("mlp_backward", (0, 6, 7), "Layer 4, where going back begins, is wrong already"),
        ("all_deltas", (0,), "layer 1 is the first that is wrong"),
        ("bonkers_grad_all", (0, 1, 2, 3), "the step with w1, b1, w2 and b2 is the first that is wrong"),
        ("bonkers_grad_all", (6,), "The step with w3, w4 and b3, where going back begins, is wrong already"),
    ],
)
def test_going_back_the_first_wrong_layer_is_named(name: str, parts: tuple[int, ...], fact: str) -> None:
    assert any(fact in said for said in say(evidence(name, spoiled(*parts))))


@pytest.mark.parametrize("name", NUMERICAL)
def test_nothing_is_said_of_a_right_answer(name: str) -> None:
    assert say(evidence(name, lambda truth, args: truth)) == ()


@pytest.mark.parametrize("name", NUMERICAL)
def test_numbers_that_have_nothing_in_common_with_the_truth_get_no_factor(name: str) -> None:
    rng = np.random.default_rng(0)
    said = say(evidence(name, lambda truth, args: tuple(rng.normal(size=np.shape(t)) for t in truth)))
    assert len(said) <= MOST
    assert not any(word in text for text in said for word in ("what is right", "example", "alone is"))


@pytest.mark.parametrize("name", [n for n in NUMERICAL if len(draw(n, 3).probes) >= ENOUGH])
def test_a_factor_is_found_in_every_exercise(name: str) -> None:
    said = say(evidence(name, lambda truth, args: tuple(1.7 * t for t in truth)))
    assert "1.7 times what is right" in said[0]


def test_facts_never_look_at_the_bank() -> None:
    known = draw("linear_backward", seed=3)
    bare = ProbeSet(replace(known.exercise, wrong_turns=()), known.probes)
    answers = tuple((-dX, dW, db) for dX, dW, db in known.truths)
    assert say(gather(bare, answers)) == say(gather(known, answers))
    assert "wrong_answers" not in vars(bare)


def test_a_name_stands_alone_and_facts_stand_where_there_is_none() -> None:
    probe_set = draw("linear_backward", seed=3)

    def message(factor: float) -> str:
        rows = [tuple(factor * part for part in truth) for truth in probe_set.truths]
        return judge(probe_set, [Outcome("returned", row) for row in rows]).message

    assert "1.7 times what is right" in message(1.7)
    assert "what is right" not in message(2.0)
    assert "none of the known wrong turns" not in message(2.0)


def test_unreadable_and_blank_answers_are_no_facts() -> None:
    probe_set = draw("linear_backward", seed=3)
    blank = tuple((*truth[:2], np.full(truth[2].shape, np.nan)) for truth in probe_set.truths)
    texts = tuple((*truth[:2], "None") for truth in probe_set.truths)
    made = "The weights' gradient is right, so delta is; how the biases' gradient is made of it is not."
    assert say(gather(probe_set, blank)) == (made,)
    assert say(gather(probe_set, texts)) == ()  # nothing came: nothing to say of it


def test_a_factor_needs_three_tensors_and_a_length_that_explains_it() -> None:
    rows = [{"the rows": n} for n in (5, 2, 4)]
    assert factor_in_words([2.0, 2.0], rows[:2], 1e-7) is None
    assert factor_in_words([1 - 2e-16, 1.0, 1.0], rows, 1e-7) is None, "what rounding leaves is no factor"
    assert factor_in_words([0.2, 0.5, 0.3], rows, 1e-7) is None
    assert (
        factor_in_words([1.25, 2.0, 4 / 3], rows, 1e-7)
        == "what is right with the rows less 1 in place of the rows"
    )


def test_a_tensor_has_one_factor_or_none() -> None:
    assert scale(np.array([1.0, 2.0]), np.array([2.0, 4.0]), 1e-7) == 0.5
    assert scale(np.array([1.0, 2.1]), np.array([2.0, 4.0]), 1e-7) is None
    assert scale(np.ones(2), np.zeros(2), 1e-7) is None


def test_lengths_are_told_in_the_names_of_the_signature() -> None:
    probe_set = draw("mlp_backward", seed=1)
    found = lengths(probe_set.exercise, probe_set.probes[0])
    assert found["the number of rows of T"] == len(probe_set.probes[0].args[3])
    assert found["the number of columns of As[0]"] == probe_set.probes[0].args[2][0].shape[1]


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ([1, 0, 0, 0], "only the first example counts"),
        ([1, 1, 2, 1], "the third example counts twice"),
        ([1, 1, 1, -1], "the last example counts with the wrong sign"),
        ([1, 1, 1, 1], None),
        ([1, 0.3, 1, 1], None),
        ([1, 0, 2, 1], None),
    ],
)
def test_how_examples_count_is_said_where_it_is_simple(weights: list[float], said: str | None) -> None:
    assert weights_in_words(np.array(weights, float)) == said


def test_a_sum_is_taken_apart_by_the_truth_of_single_examples() -> None:
    probe_set = draw("linear_backward", seed=3)
    args, truth = probe_set.batch[0], probe_set.truths[0]
    each = [share[1] for share in shares(probe_set.exercise, args)]
    wanted = np.linspace(-1, 2, len(each))
    mixed = np.tensordot(wanted, np.array(each), 1)
    found = counts(each, mixed, truth[1], 1e-7)
    assert found is not None
    assert np.allclose(found, wanted)


def test_rows_and_too_few_numbers_are_not_taken_apart() -> None:
    probe_set = draw("linear_backward", seed=3)
    each = shares(probe_set.exercise, probe_set.batch[0])
    for part in (0, 2):  # dX has a row an example; db has fewer numbers than there are examples
        true = probe_set.truths[0][part]
        assert counts([share[part] for share in each], true, true, 1e-7) is None
