"""An answer that is right for the student's own earlier function keeps its marks; nothing else gains any."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from graders import carried, runner
from graders.answers import tensors
from graders.carried import DERIVED, NUDGED, _Basis
from graders.evidence import relative_error
from graders.exercise import Carry, Exercise, Outcome, Probe, Verdict
from graders.exercises import find, for_lesson, slugs
from graders.kernel import verdict_of
from graders.networks import draw_classifier
from graders.probes import draw
from graders.runner import Task, grade_one
from graders.sandbox.session import Cell, Session
from graders.submission import Submission
from tests.graders.composed import LESSONS, SET_UP

Caller = Callable[..., Verdict]
Edit = tuple[str, str, str]
CARRIED = "carried forward: right for your own "


def texts_of(slug: str, edits: tuple[Edit, ...]) -> dict[str, str]:
    """Return a lesson's honest answers, some of them edited: (exercise, find, replace)."""
    texts = dict(LESSONS[slug])
    for name, found, instead in edits:
        assert texts[name].count(found) == 1, f"{found!r} is not once in {name}"
        texts[name] = texts[name].replace(found, instead)
    return texts


def in_the_notebook(slug: str, later: str, texts: Mapping[str, str]) -> Verdict:
    namespace: dict[str, Any] = {}
    exec("\n".join([SET_UP, *texts.values()]), namespace)
    return verdict_of(later, namespace[later])


def graded(slug: str, texts: Mapping[str, str], only: tuple[str, ...] = ()) -> dict[str, Verdict]:
    """Grade answers as the grader does, whether or not the lesson has a notebook yet."""
    cells = [Cell(SET_UP, False, ""), *(Cell(text, True, name, (name,)) for name, text in texts.items())]
    handed_in = Submission(slug, tuple(cells), dict(texts), {})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "read_submission", lambda data, name: handed_in)
        result = grade_one(Task(json.dumps(texts).encode(), "homework.ipynb", 7, exercises=only))
    assert result.error is None
    return {verdict.name: verdict for verdict in result.exercises}


def by_the_grader(slug: str, later: str, texts: Mapping[str, str]) -> Verdict:
    return graded(slug, texts, (later,))[later]


BOTH = pytest.mark.parametrize("caller", [in_the_notebook, by_the_grader])
HONEST = [
    ("one_neuron", ("neuron_delta", "act.deriv(z) * ", ""), "neuron_grads"),
    ("one_neuron", ("neuron_delta", "act.deriv(z) * ", "a * z * t * "), "neuron_grads"),
    ("one_neuron", ("neuron_delta", "(a - t)", "(t - a)"), "neuron_step"),
    ("one_neuron", ("neuron_grads", "x * delta", "delta * np.ones(len(x))"), "neuron_step"),
    ("one_neuron", ("neuron_forward", " + b", ""), "neuron_grads"),
    ("one_neuron", ("neuron_forward", "act.f(z)", "z"), "neuron_grads"),
    ("one_neuron", ("neuron_forward", " + b", ""), "why_stalled"),
    ("going_bonkers", ("bonkers_forward", "softplus", "tanh"), "bonkers_ssr"),
    ("going_bonkers", ("bonkers_forward", "softplus", "relu"), "bonkers_grad_last"),
    ("going_bonkers", ("bonkers_forward", "softplus", "sigmoid"), "bonkers_grad_all"),
    ("going_bonkers", ("bonkers_grad_last", "2 * ", ""), "bonkers_grad_all"),
    ("going_bonkers", ("bonkers_grad_all", " * p[out]", ""), "bonkers_descend"),
    ("hidden_delta", ("hidden_delta", " * act.deriv(Z)", ""), "all_deltas"),
    ("hidden_delta", ("hidden_delta", "act.deriv(Z)", "(1 + Z**2)"), "mazur_gradients"),
    ("hidden_delta", ("mazur_gradients", "(sigmoid.f(z2) - t)", "(t - sigmoid.f(z2))"), "update_order_gap"),
    ("matrices_and_batches", ("activation_backward", "act.deriv(Z) * ", ""), "mlp_backward"),
    ("matrices_and_batches", ("linear_backward", "dZ @ W.T", "dZ @ (W.T + 1)"), "mlp_backward"),
    (
        "softmax_cross_entropy",
        ("log_softmax", "np.sum(np.exp(S), axis=1", "np.sum(np.exp(S), axis=0"),
        "cross_entropy",
    ),
    ("softmax_cross_entropy", ("log_softmax", "np.log(", "np.log2("), "softmax_cross_entropy_grad"),
    ("full_training", ("loss_and_grads", "A.T @ dZ, ", "-A.T @ dZ, "), "train"),
    ("full_training", ("sgd_step", "W - dW * lr", "W - dW * lr / 2"), "train"),
    ("full_training", ("init_params", "np.sqrt(spread(n, m))", "spread(n, m)"), "train"),
    ("full_training", ("minibatches", "rng.permutation(n)", "np.arange(n)"), "train"),
]


@BOTH
@pytest.mark.parametrize(
    ("slug", "edit", "later"), HONEST, ids=lambda v: v[0] + v[2] if isinstance(v, tuple) else v
)
def test_what_is_right_for_an_own_wrong_function_keeps_its_marks(
    slug: str, edit: Edit, later: str, caller: Caller
) -> None:
    verdict = caller(slug, later, texts_of(slug, (edit,)))
    assert (verdict.status, verdict.points) == ("pass", find(later).points), verdict.message
    assert verdict.notes[0].startswith(CARRIED)
    assert "still wrong" in verdict.message.splitlines()[0]


def test_several_wrong_functions_are_all_taken_as_they_are() -> None:
    slips = (("neuron_forward", " + b", ""), ("neuron_delta", "(a - t)", "(t - a)"))
    for caller in (in_the_notebook, by_the_grader):
        verdict = caller("one_neuron", "neuron_grads", texts_of("one_neuron", slips))
        assert verdict.notes == (f"{CARRIED}neuron_delta and neuron_forward, which are still wrong",)


@BOTH
def test_a_wrong_function_that_was_not_used_is_left_out(caller: Caller) -> None:
    slips = (
        ("neuron_forward", " + b", ""),
        ("neuron_delta", "act.deriv(z) * ", ""),
        ("neuron_grads", "neuron_forward(w, b, x, act)", "w @ x + b, act.f(w @ x + b)"),
    )
    verdict = caller("one_neuron", "neuron_grads", texts_of("one_neuron", slips))
    assert verdict.notes == (f"{CARRIED}neuron_delta, which is still wrong",)


def test_asking_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = texts_of("one_neuron", (("neuron_delta", "act.deriv(z) * ", ""),))
    monkeypatch.setattr(carried, "SECONDS", 0.0)
    assert in_the_notebook("one_neuron", "neuron_grads", texts).status == "fail"


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("timeout"),
        Outcome("returned", "0.3"),
        Outcome("returned", np.zeros(1001)),
        Outcome("returned", np.array([0.1, np.inf])),
        Outcome("returned", np.array([0.1j])),
        Outcome("returned", (0.1, "x")),
    ],
)
def test_nothing_is_built_on_what_is_no_bearable_number(outcome: Outcome) -> None:
    with pytest.raises(carried._Unusable):
        carried._numbers(find("neuron_delta"), outcome)


SQUARE = ("neuron_loss", "0.5 * ", "")
OWN_SLOPES = [
    ("one_neuron", (SQUARE, ("neuron_delta", "act.deriv", "2 * act.deriv")), "neuron_delta"),
    (
        "going_bonkers",
        (
            ("bonkers_ssr", "residual @ residual", "np.mean(residual**2)"),
            ("bonkers_grad_last", "2 * (at", "2 / len(dose) * (at"),
        ),
        "bonkers_grad_last",
    ),
    (
        "softmax_cross_entropy",
        (("cross_entropy", " / len(y)", ""), ("softmax_cross_entropy_grad", "dZ / len(y)", "dZ")),
        "softmax_cross_entropy_grad",
    ),
]


@BOTH
@pytest.mark.parametrize(("slug", "edits", "later"), OWN_SLOPES, ids=["delta", "last", "softmax"])
def test_the_slope_of_an_own_loss_keeps_its_marks(
    slug: str, edits: tuple[Edit, ...], later: str, caller: Caller
) -> None:
    verdict = caller(slug, later, texts_of(slug, edits))
    assert (verdict.status, verdict.notes[0].startswith(CARRIED)) == ("pass", True), verdict.message


DELTA = "def neuron_delta(z, a, t, act):\n    "
GRADS = "def neuron_grads(w, b, x, t, act):\n    "
STEP = "def neuron_step(w, b, x, t, lr, act):\n    "
FORWARD = "    z, a = neuron_forward(w, b, x, act)\n    "
GAINS_NOTHING = {
    "zero": ("neuron_grads", {"neuron_delta": f"{DELTA}return 0.0"}),
    "a constant": ("neuron_grads", {"neuron_delta": f"{DELTA}return 0.7"}),
    "constants": ("neuron_step", {"neuron_grads": f"{GRADS}return 0.3 * np.ones(len(x)), 0.3"}),
    "ignores z": ("neuron_grads", {"neuron_delta": f"{DELTA}return 2.5 * t"}),
    "ignores t": ("neuron_grads", {"neuron_delta": f"{DELTA}return act.deriv(z)"}),
    "hardly looks at z": ("neuron_grads", {"neuron_delta": f"{DELTA}return t * (3 + 1e-6 * z)"}),
    "huge": ("neuron_grads", {"neuron_delta": f"{DELTA}return 1e9 * (a - t) * act.deriv(z)"}),
    "beyond numbers": ("neuron_grads", {"neuron_delta": f"{DELTA}return (a - t) / 0.0 if z else 0.0"}),
    "not a number": ("neuron_grads", {"neuron_delta": f"{DELTA}return np.inf * (a - t)"}),
    "the later answer": ("neuron_grads", {"neuron_delta": f"{DELTA}return (a - t) * z, a - t"}),
    "another answer each time": (
        "neuron_grads",
        {"neuron_delta": f"calls = []\n{DELTA}calls.append(1)\n    return len(calls) * (a - t)"},
    ),
    "so huge that a term is lost": (
        "neuron_step",
        {
            "neuron_grads": f"{GRADS}return 1e9 * x * t, 1e9 * t",
            "neuron_step": f"{STEP}return -lr * 1e9 * x * t, -lr * 1e9 * t",
        },
    ),
    "so tiny that nothing is left to do": (
        "neuron_step",
        {
            "neuron_grads": f"{GRADS}return 1e-9 * x * t, 1e-9 * t",
            "neuron_step": f"{STEP}return w + 0, b",
        },
    ),
    "a loss without a slope to find": (
        "neuron_delta",
        {
            "neuron_loss": "def neuron_loss(a, t):\n    return a - t",
            "neuron_delta": f"{DELTA}return act.deriv(z)",
        },
    ),
    "an invented loss": (
        "neuron_delta",
        {
            "neuron_loss": "def neuron_loss(a, t):\n    return a * t",
            "neuron_delta": f"{DELTA}return t * act.deriv(z)",
        },
    ),
    "own differences": (
        "neuron_delta",
        {
            "neuron_loss": "def neuron_loss(a, t):\n    return (a - t) ** 2",
            "neuron_delta": f"{DELTA}up, down = act.f(z + 1e-5), act.f(z - 1e-5)\n"
            "    return (neuron_loss(up, t) - neuron_loss(down, t)) / 2e-5",
        },
    ),
    "own differences in single precision": (
        "neuron_delta",
        {
            "neuron_loss": "def neuron_loss(a, t):\n    return (a - t) ** 2",
            "neuron_delta": f"{DELTA}up, down = act.f(z + 1e-5), act.f(z - 1e-5)\n"
            "    return np.float32((neuron_loss(up, t) - neuron_loss(down, t)) / 2e-5)",
        },
    ),
    "a slip of its own": (
        "neuron_grads",
        {"neuron_delta": f"{DELTA}return a - t", "neuron_grads": f"{GRADS}return x * (z := 1.0), z"},
    ),
    "another slip on top": (
        "neuron_grads",
        {
            "neuron_delta": f"{DELTA}return a - t",
            "neuron_grads": f"{GRADS[:-4]}{FORWARD}return neuron_delta(z, a, t, act) * w, 1.0",
        },
    ),
    "only a right function before it": ("neuron_grads", {"neuron_grads": f"{GRADS}return x * t, t"}),
}


@BOTH
@pytest.mark.parametrize("kind", GAINS_NOTHING)
def test_nothing_is_carried_from_a_function_that_makes_the_later_one_easy(kind: str, caller: Caller) -> None:
    later, changed = GAINS_NOTHING[kind]
    verdict = caller("one_neuron", later, {**LESSONS["one_neuron"], **changed})
    assert verdict.status != "pass", verdict.message
    assert not any(note.startswith(CARRIED) for note in verdict.notes)


@BOTH
def test_a_constant_gradient_leads_nowhere(caller: Caller) -> None:
    constant = "def bonkers_grad_all(p, dose, observed):\n    return dict.fromkeys(p, 0.7)"
    verdict = caller(
        "going_bonkers", "bonkers_descend", {**LESSONS["going_bonkers"], "bonkers_grad_all": constant}
    )
    assert (verdict.status, verdict.points) == ("fail", 0.0)


def test_an_invented_network_with_an_easy_slope_pays_for_no_slope() -> None:
    easy = "sum(p.values()) + dose.sum()"
    changed = {
        "bonkers_ssr": f"def bonkers_ssr(p, dose, observed):\n    return ({easy}) ** 2",
        "bonkers_grad_all": "def bonkers_grad_all(p, dose, observed):\n"
        f"    return dict.fromkeys(p, 2 * ({easy}))",
    }
    for caller in (in_the_notebook, by_the_grader):
        verdict = caller("going_bonkers", "bonkers_grad_all", {**LESSONS["going_bonkers"], **changed})
        assert (verdict.status, verdict.points) == ("fail", 0.0)


def test_an_earlier_function_cannot_fit_its_answers_to_the_later_one() -> None:
    """It is asked again in a process that never called the later one: what that was given is not there."""
    changed = {
        "neuron_grads": f"seen = {{}}\n{GRADS}lr = seen.get((act.name, len(x)), 1.0)\n"
        "    return x * t * (w @ x + b) / lr, t * (w @ x + b) / lr",
        "neuron_step": f"{STEP}seen[act.name, len(x)] = lr\n    step = t * (w @ x + b)\n"
        "    return w - x * step, b - step",
    }
    texts = {**LESSONS["one_neuron"], **changed}
    assert in_the_notebook("one_neuron", "neuron_step", texts).notes[0].startswith(CARRIED)
    assert by_the_grader("one_neuron", "neuron_step", texts).status == "fail"


CARRIES = [
    pytest.param(exercise, carry, id=f"{exercise.name}-{i}")
    for slug in slugs()
    for exercise in for_lesson(slug)
    for i, carry in enumerate(exercise.carries)
]


@pytest.mark.parametrize(("exercise", "carry"), CARRIES)
def test_what_is_rebuilt_on_right_functions_is_right(exercise: Exercise, carry: Carry) -> None:
    if exercise.recast:
        probes = [Probe((*draw_classifier(np.random.default_rng(1), 11, (6, 24, 22, 3)), 0.3))]
    else:
        probes = list(draw(exercise.name, 5).probes)
    for probe in probes:
        rebuilt = tensors(exercise, carry.rebuild(_Basis(None, set()), *probe.args))
        for given, due in zip(rebuilt, tensors(exercise, exercise.truth(*probe.args)), strict=True):
            limit = (NUDGED if carry.nudged else DERIVED) if exercise.derivation else 1e-9
            assert relative_error(given, due) <= limit


@pytest.mark.parametrize(
    "edits",
    [(), (SQUARE,), (("neuron_step", "b - db", "b + db"),)],
    ids=["all right", "nothing builds on it", "nothing wrong before it"],
)
def test_no_second_process_is_paid_for_where_nothing_can_be_carried(
    edits: tuple[Edit, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    class Counted(Session):
        def __enter__(self) -> Session:
            opened.append(self)
            return super().__enter__()

    monkeypatch.setattr(runner, "Session", Counted)
    graded("one_neuron", texts_of("one_neuron", edits))
    assert len(opened) == 1


def test_the_earlier_verdict_stays_and_regrading_one_exercise_gives_the_same() -> None:
    texts = texts_of("one_neuron", (("neuron_delta", "act.deriv(z) * ", ""),))
    verdicts = graded("one_neuron", texts)
    assert [verdicts[name].points for name in ("neuron_delta", "neuron_grads", "neuron_step")] == [0, 5, 2]
    assert [slip.id for slip in verdicts["neuron_delta"].misconceptions] == ["missing_slope"]
    assert graded("one_neuron", texts, ("neuron_grads",)) == {"neuron_grads": verdicts["neuron_grads"]}
    assert verdicts["neuron_grads"].message == (
        "neuron_grads: 5 of 5 points, carried forward: right for your own neuron_delta, "
        "which is still wrong. Mend that one first."
    )
