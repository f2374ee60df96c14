"""What a message says is true of the numbers beside it, and never tells what it must not."""

import itertools
import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from graders.evidence import Evidence, gather
from graders.exercise import Misconception, Outcome, Verdict
from graders.exercises import find, for_lesson
from graders.facts import but_for_shape
from graders.faults import ROUNDED, shape_cause, wrong_notes
from graders.judge import judge
from graders.kernel import verdict_of
from graders.likeness import likeness
from graders.plainly import in_plain_words
from graders.probes import draw
from graders.training_runs import PARTS, RUN_FACTS

ONES, TABLE = np.ones(3), np.ones((3, 4))


def neuron_grads(slope: Any = lambda act, z: act.deriv(z), enters: Any = lambda x: x) -> Any:
    def function(w: Any, b: float, x: Any, t: float, act: Any) -> Any:
        z = w @ x + b
        delta = (act.f(z) - t) * slope(act, z)
        return delta * enters(x), delta

    return function


def steps(w: Any, b: float, x: Any, t: float, lr: float, act: Any) -> Any:
    """Two slips, hardly to be seen beside w: the slope twice, and no input."""
    z = w @ x + b
    delta = (act.f(z) - t) * act.deriv(z) ** 2
    return w - lr * delta, b - lr * delta


def says(verdict: Verdict) -> str:
    return next(level.text for level in verdict.levels if level.title == "What the numbers say")


def asks(verdict: Verdict) -> tuple[str, ...]:
    return next(level.lines for level in verdict.levels if level.title == "Ask yourself")


def test_two_slips_give_the_numbers_only_together() -> None:
    verdict = verdict_of("neuron_step", steps)
    assert len(verdict.misconceptions) == 2
    assert "two slips, both together, give your numbers" in says(verdict)
    assert "your numbers equal" not in says(verdict)
    assert "your w_new equals" not in says(verdict)
    assert "your b_new equals" in says(verdict)


@pytest.mark.parametrize(
    ("off", "alone", "equal"), [(0.0, False, True), (1e-5, False, False), (1e-5, True, True)]
)
def test_beside_another_slip_nearly_equal_is_not_equal(off: float, alone: bool, equal: bool) -> None:
    probe_set = draw("neuron_delta", seed=3)
    turn, wrongs = next(iter(probe_set.wrong_answers.items()))
    answers = tuple(tuple(part * (1 + off) for part in wrong or ()) for wrong in wrongs)
    told = likeness(Misconception(turn.misconception), gather(probe_set, answers), alone).says
    assert told.startswith("your numbers equal") == equal


def changes_x(answer: Callable[..., Any]) -> Callable[..., Any]:
    def function(w: Any, b: float, x: Any, t: float, act: Any) -> Any:
        given = answer(w, b, x.copy(), t, act)
        x *= 2
        return given

    return function


WRONG = [neuron_grads(slope=lambda act, z: 1.0), neuron_grads(enters=lambda x: np.exp(x))]


@pytest.mark.parametrize("answer", WRONG, ids=["named", "unknown"])
def test_wrong_values_never_stand_whatever_becomes_of_the_arguments(answer: Any) -> None:
    verdict = verdict_of("neuron_grads", changes_x(answer))
    assert "values stand" not in verdict.message
    assert "the call changes its argument x" in verdict.levels[0].text
    assert "Besides, the call changes what it was given" in says(verdict)
    unknown = not verdict_of("neuron_grads", answer).misconceptions
    assert ("none of the known wrong turns" in says(verdict)) == unknown


def test_right_values_stand() -> None:
    assert "the values stand" in says(verdict_of("neuron_grads", changes_x(neuron_grads())))


def test_the_question_comes_before_the_belief() -> None:
    question, belief = asks(verdict_of("neuron_grads", WRONG[0]))
    assert question.endswith("?")
    assert belief.startswith("Perhaps behind it: ")


@pytest.mark.parametrize(
    ("fails", "plain"),
    [
        (lambda: TABLE @ TABLE, "the sizes that meet in @ do not fit: 4 and 3"),
        (lambda: ONES.T @ np.ones(4), r"do not fit: 3 and 4"),
        (lambda: np.dot(ONES.T, np.ones(4)), r"do not fit: 3 meets 4 .*\.T leaves a 1-D array as it is"),
        (lambda: np.dot(TABLE, TABLE), r"do not fit: 4 meets 3$"),
        (lambda: np.dot(TABLE, ONES), r"shapes \(3,4\) and \(3,\) do not fit: 4 meets 3"),
        (lambda: TABLE + ONES, r"shapes \(3,4\) and \(3,\) do not fit"),
        (lambda: np.matmul(2.0, ONES), "for a single number use"),
        (
            lambda: ONES[3],
            "index 3 lies beyond axis 0, which has size 3: does a loop",
        ),
        (lambda: [1][3], "an index lies beyond the end of a list"),
        (lambda: ONES[0, 1], "an array of 1 axes was given 2 indices"),
    ],
)
def test_a_raw_error_is_told_in_plain_words(fails: Callable[[], Any], plain: str) -> None:
    with pytest.raises((ValueError, IndexError)) as raised:
        fails()
    raw = f"{type(raised.value).__name__}: {raised.value}"
    told = in_plain_words(raw)
    assert re.search(plain, told)
    assert told.startswith(f"{type(raised.value).__name__}: ")
    assert ("single number" in told) == ("(has 0" in raw)


def test_only_a_number_without_axes_is_told_to_use_a_plain_product() -> None:
    assert "single number" not in in_plain_words(
        "ValueError: matmul: Input operand 1 has a mismatch in its ..."
    )


def test_one_number_for_many_may_come_of_an_early_return() -> None:
    for due in ((5,), (11, 7)):
        assert "a sum too many" in shape_cause((), due)
        assert "return inside its loop" in shape_cause((), due)


def test_lost_digits_may_be_rounding() -> None:
    assert "rounding" in ROUNDED


def test_an_exercise_may_tell_a_mistake_in_its_own_words() -> None:
    real = verdict_of("complex_step", lambda f, x, h=1e-30: (f(x + 1e-6) - f(x - 1e-6)) / 2e-6)
    assert real.misconceptions[0].id == "numerical_derivative"
    assert "derivation" not in says(real)
    assert "imaginary step" in says(real)
    one_h = verdict_of("best_step", lambda f, df, x: 1e-5)
    assert one_h.misconceptions[0].id == "constant_answer"
    assert "sin(1000 x)" in asks(one_h)[0]
    assert not [line for verdict in (real, one_h) for line in asks(verdict) if "Perhaps" in line]


def test_a_word_that_is_always_the_same_is_never_told() -> None:
    message = verdict_of("wrong_retelling", "b").message
    assert not re.search(r"['\"`]a['\"`]|four factors|: :|1 of 1|all 1", message)
    assert "by how much does the prediction move?" in message


def test_a_flag_is_a_truth_value_not_a_word() -> None:
    message = verdict_of("is_kink", lambda f, x, h: False).message
    assert "True" in message
    assert "'True'" not in message


def test_missing_keys_are_one_note_and_nothing_more_where_the_rest_is_right() -> None:
    verdict = verdict_of("mazur_gradients", lambda *args: {**mazur(*args), "b1": None})
    assert len(verdict.levels) == 1
    assert "Right everywhere: W1, W2 and b2." in verdict.message
    verdict = verdict_of("bonkers_grad_all", lambda p, dose, observed: {"w1": 1.0})
    notes = [note for note in verdict.notes if "cannot be read" in note]
    assert len(notes) == 1
    assert notes[0].endswith("likewise w2, b2, w3, w4 and b3")


def test_where_a_descent_ends_says_nothing_of_a_layer() -> None:
    verdict = verdict_of("bonkers_descend", lambda p, *others: ({k: 3 * v for k, v in p.items()}, [1.0] * 3))
    assert not re.search("going back|[Ll]ayer", verdict.message)


@pytest.mark.parametrize("exercise", for_lesson("going_bonkers"), ids=lambda e: e.name)
def test_lesson_2_numbers_its_parameters_not_its_layers(exercise: Any) -> None:
    turns = [turn for turn in exercise.wrong_turns if turn.layer]
    for turn in turns[:4]:
        assert "layer" not in says(verdict_of(exercise.name, turn.derive))


mazur = find("mazur_gradients").truth


def backward(change: Callable[..., Any]) -> Verdict:
    """Judge what a change makes of the right ``dX, dW, db`` of n examples."""
    return verdict_of(
        "linear_backward",
        lambda dZ, X, W: change(dZ @ W.T, X.T @ dZ, dZ.sum(axis=0), len(X)),
    )


def test_where_the_right_points_differ_from_the_wrong_ones_is_said_of_what_separates_them() -> None:
    by_batch = verdict_of("hidden_delta", lambda d, W, Z, act: (d @ W.T) * act.deriv(Z) / len(Z))
    assert "; right where there is only one example." in by_batch.message  # and sigmoid is asked of it alone
    assert "sigmoid" not in by_batch.message
    by_act = verdict_of("hidden_delta", lambda d, W, Z, act: (d @ W.T) * act.deriv(act.f(Z)))
    assert "; right for relu and linear." in by_act.message
    by_slope = verdict_of("neuron_delta", lambda z, a, t, act: a - t)
    assert "; right where the slope f'(z) is 1." in by_slope.message
    # ReLU is right awake and wrong asleep: it tells nothing, and no other does.
    asleep = verdict_of("neuron_grads", neuron_grads(slope=lambda act, z: 1.0))
    assert "at 6 of 8 test points." in asleep.message


def test_a_slip_that_shows_at_some_points_only_says_why_it_fits_all() -> None:
    for verdict in (backward(lambda dX, dW, db, n: (dX, dW, db / n)), verdict_of("minibatches", full_only)):
        assert "at 4 of 5 test points" in verdict.message
        assert "Where you are right, the slip makes no difference." in says(verdict)


def in_order(n: int, batch_size: int, rng: Any) -> Any:
    return [np.arange(i, min(i + batch_size, n)) for i in range(0, n, batch_size)]


def full_only(n: int, batch_size: int, rng: Any) -> Any:
    order = rng.permutation(n)
    return [order[i : i + batch_size] for i in range(0, n - batch_size + 1, batch_size)]


def test_a_factor_of_nearly_1_is_told_by_what_is_beside_1() -> None:
    said = says(backward(lambda dX, dW, db, n: (dX, dW * 1.0002, db)))
    assert "1 times" not in said
    assert "dW is larger than what is right by one part in 5000." in said


def test_a_turned_row_is_spoken_of_only_where_there_is_a_row() -> None:
    flat = verdict_of("neuron_forward", lambda w, b, x, act: np.ones((9, 8)) @ x)
    tables = verdict_of("linear_backward", lambda dZ, X, W: (dZ @ np.ones((9, 8)), 0, 0))
    assert ["leaves a 1-D array" in verdict.message for verdict in (flat, tables)] == [True, False]


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("count_paths", lambda edges, source, target: len(edges)),
        ("neuron_loss", lambda a, t: abs(t - a) ** 3),
        ("gain", lambda act: 1.0 + act.f(0.3)),
        ("bonkers_descend", lambda p, d, o, lr, steps: (p, np.ones(steps + 1))),
    ],
)
def test_by_hand_and_by_factors_goes_only_what_has_factors(name: str, answer: Any) -> None:
    (question,) = asks(verdict_of(name, answer))[:1]
    assert "factor" not in question
    assert ("once only" in question) == (name == "bonkers_descend")


def test_an_entry_worked_out_has_terms_that_are_not_0_and_few_of_them() -> None:
    def wrong(params: Any, Zs: Any, As: Any, T: Any, acts: Any) -> Any:
        return [(np.exp(dW), db) for dW, db in find("mlp_backward").truth(params, Zs, As, T, acts)]

    verdict = verdict_of("mlp_backward", wrong)
    assert "first in the last layer" in verdict.message
    assert "T of shape (1, 4)" in verdict.message  # the networks with more layers have more examples
    assert not re.search(r"\* -?0[ ,.](?!\d)", verdict.message)


@pytest.mark.parametrize("order", [(1, 2, 0), (2, 0, 1), (1, 0, 2)])
def test_right_parts_in_another_order_are_told_so(order: tuple[int, ...]) -> None:
    verdict = backward(lambda *parts: tuple(parts[i] for i in order))
    names = ", ".join(("dX", "dW", "db")[i] for i in order)
    assert [one.id for one in verdict.misconceptions] == ["tuple_swapped"]
    assert f"in another order: ({names}) for (dX, dW, db)." in says(verdict)


def test_two_lists_in_the_other_order_are_told_so() -> None:
    verdict = verdict_of("mlp_forward", lambda *args: find("mlp_forward").truth(*args)[::-1])
    assert "its two values in the other order; (Zs, As) is due" in verdict.message


def test_what_is_known_of_one_part_is_said_beside_what_is_unknown_of_another() -> None:
    verdict = backward(lambda dX, dW, db, n: (dX, np.exp(dW), db / n))
    assert "your db equals" in says(verdict)
    assert "What is off in dW is something else, without a name." in says(verdict)
    assert ("", "right", "yours") in verdict.levels[3].table
    assert verdict.levels[3].table[1][1:] == ("db = sum_n dZ_n", "db = 1/B sum_n dZ_n")


def test_only_test_points_that_have_a_layer_are_counted() -> None:
    def wrong(*args: Any) -> Any:
        deltas = find("all_deltas").truth(*args)
        return [*deltas[:3], *(np.exp(delta) for delta in deltas[3:])]

    assert "delta4 differs at 2 of the 2 test points that have it" in verdict_of("all_deltas", wrong).message


def test_one_is_no_plural() -> None:
    assert verdict_of("wrong_retelling", "a").message == "wrong_retelling: 1 of 1 point. Right."
    assert "(1 point)" in verdict_of("wrong_retelling", None).message


@pytest.mark.parametrize(
    ("name", "answer", "way"),
    [
        ("bonkers_forward", lambda p, dose: p.update(w1=0.0) or 1.0, "only dict(p) or a new {...} does."),
        ("sgd_step", lambda params, grads, lr: params[0][0].fill(0) or 1.0, "only a new [...] of new arrays"),
        (
            "mazur_gradients",
            lambda params, x, t: params["W1"].fill(0) or 1.0,
            "only a new {...} of new arrays",
        ),
        ("neuron_forward", lambda w, b, x, act: x.fill(0) or 1.0, "only x - ... or x.copy() does."),
    ],
)
def test_what_would_leave_an_argument_alone_is_told_of_its_kind(name: str, answer: Any, way: str) -> None:
    def changes(*args: Any) -> Any:
        right = find(name).truth(*deepcopy(args))
        answer(*args)
        return right

    assert way in asks(verdict_of(name, changes))[-1]


def test_counts_and_flags_are_told_in_words() -> None:
    verdict = verdict_of("minibatches", in_order)
    assert ("how mixed the order is", "mixed", "not at all, as in the data") in verdict.levels[-1].table
    rows = dict(RUN_FACTS)
    assert rows["the number of losses in the history"](1350) == "1350 for 30 epochs"
    assert set(rows) <= set(PARTS)


def test_what_chance_leaves_is_no_difference() -> None:
    def he(sizes: Any, rng: Any, kind: str) -> Any:
        spread = {"he": lambda n, m: 2 / n, "glorot": lambda n, m: 2 / (n + m), "zeros": lambda n, m: 0}[kind]
        pairs = itertools.pairwise(sizes)
        return [(rng.normal(size=(n, m)) * np.sqrt(spread(n, m)), np.zeros(m)) for n, m in pairs]

    assert "difference" not in verdict_of("init_params", he).message


def test_a_loop_without_end_has_a_question() -> None:
    probe_set = draw("neuron_delta", seed=3)
    verdict = judge(probe_set, [Outcome("timeout")] * len(probe_set.probes))
    assert verdict.levels[-1].title == "Ask yourself"
    assert "loops" in asks(verdict)[0]


def test_a_belief_speaks_of_what_the_exercise_has() -> None:
    children = verdict_of("fan_out_gradient", lambda slopes, children: children.sum(axis=0))
    softmax = verdict_of("softmax_vjp", lambda P, G: G - (G * P).sum(axis=1, keepdims=True))
    for verdict in (children, softmax):
        assert verdict.misconceptions[0].id == "missing_slope"
        assert not re.search("activation|f'", verdict.message)


def test_a_fault_that_is_told_is_not_unknown() -> None:
    verdict = backward(lambda dX, dW, db, n: (dX, dW, db[None]))
    assert says(verdict) == "What the numbers say: apart from the shape, db is right."


def evidence_of(name: str, answer: Callable[..., Any]) -> Evidence:
    probe_set = draw(name, seed=3)
    return gather(probe_set, tuple((np.asarray(answer(*probe.args)),) for probe in probe_set.probes))


def losses(Z: Any, y: Any) -> Any:
    return -find("log_softmax").truth(Z)[np.arange(len(y)), y]


@pytest.mark.parametrize(
    ("name", "answer", "missing"),
    [
        ("bonkers_ssr", lambda p, dose, observed: 3.0 * dose, "sum"),  # wrong beside its shape
        ("cross_entropy", losses, "mean"),
        ("unbroadcast", lambda g, shape: 3 * g, ""),
    ],
)
def test_a_sum_is_missing_where_a_sum_is_due_and_nothing_where_there_are_no_examples(
    name: str, answer: Any, missing: str
) -> None:
    (note,) = wrong_notes(evidence_of(name, answer))
    assert ("over the examples missing" in note) == bool(missing)
    assert f"is the {missing} over the examples missing?" in note or not missing


def test_what_is_lacking_is_said_only_of_numbers_that_are_right_but_for_it() -> None:
    assert but_for_shape(evidence_of("cross_entropy", losses), [0]) == {0: "the missing mean"}
    assert but_for_shape(evidence_of("cross_entropy", lambda Z, y: 2 * losses(Z, y)), [0]) == {}


def test_a_part_left_empty_beside_an_unknown_one_is_no_slip() -> None:
    assert not backward(lambda dX, dW, db, n: (dX, np.exp(dW), 0 * db)).misconceptions
    assert not backward(lambda dX, dW, db, n: (dX, np.exp(dW), 0 * db + 1)).misconceptions


def test_a_wrong_shape_is_shown_where_it_holds_another_count_of_numbers() -> None:
    verdict = verdict_of("neuron_forward", lambda w, b, x, act: (w * x + b, act.f(w * x + b)))
    assert verdict.levels[-1].table[-1] == ("z", "a single number", "shape (2,)")
