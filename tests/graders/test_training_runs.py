"""``train`` is judged by its first step and by what whole runs have learnt, wherever they start."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from graders import training_runs
from graders.exercise import Verdict
from graders.exercises import find
from graders.kernel import verdict_of
from tests.diagnosis.everything import SOLUTIONS

PARTS = [
    ("init_params", "normal"),
    ("minibatches", "list"),
    ("sgd_step", "plain"),
    ("loss_and_grads", "plain"),
]
TRAIN = SOLUTIONS["train", "plain"]


def judged(*replacements: tuple[str, str]) -> Verdict:
    """The verdict on right code in which some text was replaced."""
    namespace: dict[str, Any] = {"np": np}
    for source in [*(SOLUTIONS[part] for part in PARTS), TRAIN]:
        for old, new in replacements:
            source = source.replace(old, new)
        exec(source, namespace)
    # Called by a function that sees none of the parts, so nothing is carried forward from them.
    return verdict_of("train", lambda *args: namespace["train"](*args))


def test_the_right_trainer_passes() -> None:
    assert (judged().status, judged().points) == ("pass", 6)


# Measured: each of the first four still reaches .95 or more on the test digits.
@pytest.mark.parametrize(
    ("what", "replacement"),
    [
        ("twice the gradient", ("lr * dW, b - lr * db", "2 * lr * dW, b - 2 * lr * db")),
        ("biases left alone", ("b - lr * db", "b")),
        ("the slope of ReLU forgotten", (" * (Zs[l - 1] > 0)", "")),
        ("the last layer alone", ("delta = dA * (Zs[l - 1] > 0)", "delta = 0 * dA")),
        ("uphill", ("W - lr * dW", "W + lr * dW")),
        ("one batch only", ("rng.shuffle(indices)", "rng.shuffle(indices); indices = indices[:batch_size]")),
        ("a short history", ('history["loss"].append', '_ and history["loss"].append')),
    ],
)  # fmt: skip
def test_a_wrong_trainer_is_refused(what: str, replacement: tuple[str, str]) -> None:
    verdict = judged(replacement)
    assert (verdict.status in ("fail", "partial"), verdict.points < 6) == (True, True), what


@pytest.mark.parametrize(
    ("what", "replacement", "status"),
    [
        ("no pair", ("return params, history", "return params"), "ungradable"),
        ("no loss in the history", ('{"loss": []}', '{"losses": []}'), "error"),
        (
            "shapes of its own",
            ('init_params(sizes, rng, "he")', 'init_params([*sizes[:-1], 1 + sizes[-1]], rng, "he")'),
            "ungradable",
        ),
        (
            "nan",
            ("params = sgd_step(params, grads, lr)", "params = sgd_step(params, grads, lr * np.nan)"),
            "fail",
        ),
        ("raises", ('history = {"loss"', 'history = missing or {"loss"'), "error"),
    ],
)
def test_a_trainer_that_goes_astray_gets_a_plain_verdict(
    what: str, replacement: tuple[str, str], status: str
) -> None:
    assert judged(replacement).status == status, what


def test_a_trainer_that_never_uses_its_rng_is_told_so() -> None:
    verdict = judged(
        ('init_params(sizes, rng, "he")', 'init_params(sizes, np.random.default_rng(1), "he")'),
        ("minibatches(len(X), batch_size, rng)", "minibatches(len(X), batch_size, np.random.default_rng(2))"),
    )
    assert [m.id for m in verdict.misconceptions] == ["rng_ignored"]
    assert (verdict.status, verdict.points) == ("partial", 3)


@pytest.mark.parametrize("seed", range(100))
def test_chance_never_makes_a_right_answer_look_wrong(seed: int) -> None:
    namespace: dict[str, Any] = {"np": np}
    for name in ("init_params", "minibatches"):
        exercise, source = find(name), dict(PARTS)[name]
        exec(SOLUTIONS[name, source], namespace)
        for probe in exercise.probes(np.random.default_rng(seed)):
            found = exercise.measure(namespace[name](*probe.args), *probe.args)
            due = exercise.measure(exercise.truth(*probe.args), *probe.args)
            if name == "minibatches":
                assert (found[0], found[2]) == (due[0], due[2]) == (1.0, 1.0)
            else:
                np.testing.assert_allclose(found, due, rtol=exercise.tolerance)


@pytest.mark.parametrize(
    ("what", "replacement", "name"),
    [
        ("glorot's start", ('rng, "he"', 'rng, "glorot"'), "kind_ignored"),
        ("one order", ("", ""), "not_shuffled"),
        ("the sum", ("np.mean(losses)", "sum(losses)"), "missing_1_over_n"),
        ("the last", ("np.mean(losses)", "losses[-1]"), "one_batch_only"),
    ],
)
def test_what_runs_show_at_rate_0_is_told_by_name(what: str, replacement: tuple[str, str], name: str) -> None:
    once = (
        (
            "    for _ in range(epochs):",
            "    dealt = list(minibatches(len(X), batch_size, rng))\n    for _ in range(epochs):",
        ),
        ("in minibatches(len(X), batch_size, rng):", "in dealt:"),
    )
    verdict = judged(*(once if what == "one order" else (replacement,)))
    assert [m.id for m in verdict.misconceptions] == [name], verdict.message
    assert (verdict.status, verdict.points) == ("partial", 5.14)


@pytest.mark.parametrize("mean", ["np.average(losses, weights=sizes_of)", "loss_and_grads(params, X, y)[0]"])
def test_other_means_of_an_epoch_are_right(mean: str) -> None:
    verdict = judged(
        ("losses = []", "losses, sizes_of = [], []"),
        ("losses.append(loss)", "losses.append(loss); sizes_of.append(len(index))"),
        ("np.mean(losses)", mean),
    )
    assert verdict.status == "pass", verdict.message


def test_weights_that_heed_no_rng_are_told_so_though_the_order_does() -> None:
    verdict = judged(('init_params(sizes, rng, "he")', 'init_params(sizes, np.random.default_rng(1), "he")'))
    assert [m.id for m in verdict.misconceptions] == ["rng_ignored"]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("draw", ["normal", "uniform"])
def test_chance_never_makes_a_start_of_he_look_like_another(seed: int, draw: str) -> None:
    rng = np.random.default_rng(seed)
    for _, sizes, _ in training_runs.STEPS:
        limit = 1.0 if draw == "normal" else np.sqrt(3.0)
        tables = [
            rng.normal(size=pair) if draw == "normal" else rng.uniform(-limit, limit, pair)
            for pair in [*pairwise(sizes)] * 2
        ]
        start = [(W * np.sqrt(2 / len(W)), np.zeros(W.shape[1])) for W in tables]
        assert training_runs._spread(start) == 1
