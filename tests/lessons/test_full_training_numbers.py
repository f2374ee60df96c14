"""Every number that lesson ``full_training`` quotes is computed here again.

Long runs amplify the rounding of a machine, so what they reach is held to a few images, not to the digit.
"""

import json
from typing import Any

import numpy as np
import pytest

from backproplab.data import digits, iris
from backproplab.explorers import TrainingDashboard
from graders.lessons import find_lesson

LESSON = "full_training"
SIZES = [64, 64, 10]
IMAGES = 3 / 360
LN10 = 2.302585


@pytest.fixture
def lesson(namespace: dict[str, Any]) -> dict[str, Any]:
    """The solved lesson with its data, and the programs that are not part of any answer."""
    namespace.update(zip(("X", "y", "X_test", "y_test"), digits(), strict=True))
    notebook = json.loads(find_lesson(LESSON).path.read_text(encoding="utf-8"))
    source = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    for name in ("first-patient", "second-patient", "third-patient", "program-a"):
        exec(source[name], namespace)
    for name in ("both-programs", "with-momentum", "iris-in-order", "look-inside", "suspect-c"):
        exec(source[name].partition("with when_solved()")[0], namespace)
    return namespace


def score(lesson: dict[str, Any], params: Any) -> float:
    return float(lesson["accuracy"](params, lesson["X_test"], lesson["y_test"]))


def trained(
    lesson: dict[str, Any], seed: int = 0, sizes: Any = SIZES, lr: float = 0.5, epochs: int = 30
) -> Any:
    rng = np.random.default_rng(seed)
    return lesson["train"](lesson["X"], lesson["y"], sizes, lr, epochs, 32, rng)


def fresh(lesson: dict[str, Any], kind: str = "he", seed: int = 0) -> Any:
    return lesson["init_params"](SIZES, np.random.default_rng(seed), kind)


def test_the_puzzle_holds(lesson: dict[str, Any]) -> None:
    for program, seed, right, first, last in (
        (lesson["program_a"], 1, 352, 1.097, 0.047),
        (lesson["loss_and_grads"], 0, 353, 0.967, 0.010),
    ):
        params, losses = lesson["run"](program, SIZES, 0.5, seed)
        assert score(lesson, params) == pytest.approx(right / 360, abs=IMAGES)
        assert (losses[0], losses[-1]) == pytest.approx((first, last), abs=2e-3)
        assert 0 < max(np.diff(losses)) < 0.01  # small bumps


def test_over_a_dozen_starts_the_wrong_gradient_is_six_digits_behind(lesson: dict[str, Any]) -> None:
    means = [
        np.mean([score(lesson, lesson["run"](program, SIZES, 0.5, seed)[0]) for seed in range(12)])
        for program in (lesson["program_a"], lesson["loss_and_grads"])
    ]
    assert 360 * (means[1] - means[0]) == pytest.approx(6, abs=1.5)
    assert means[1] - means[0] < 0.02


def test_without_the_slope_the_first_delta_of_three_layers_is_three_times_as_long(
    lesson: dict[str, Any],
) -> None:
    net = lesson["init_params"]([64, 32, 32, 32, 10], np.random.default_rng(0), "he")
    wrong, right = (
        np.mean(
            [
                np.linalg.norm(program(net, lesson["X"][i : i + 1], lesson["y"][i : i + 1])[1][0][1])
                for i in range(100)
            ]
        )
        for program in (lesson["program_a"], lesson["loss_and_grads"])
    )
    assert wrong / right == pytest.approx(3, abs=0.1)


def test_spreads_of_the_table(lesson: dict[str, Any]) -> None:
    assert [round(float(np.sqrt(2 / n)), 4) for n in (64, 74)] == [0.1768, 0.1644]
    for kind, wanted in (("he", 0.1768), ("glorot", 0.1644), ("zeros", 0.0)):
        assert fresh(lesson, kind)[1][0].std() == pytest.approx(wanted, rel=0.05)


def test_the_batches_of_the_text(lesson: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    assert [len(rows) for rows in lesson["minibatches"](7, 3, rng)] == [3, 3, 1]
    lengths = [len(rows) for rows in lesson["minibatches"](1437, 32, rng)]
    assert (len(lengths), lengths[-1], 45 * 30) == (45, 29, 1350)


def test_one_step_by_hand(lesson: dict[str, Any]) -> None:
    half = [(np.array([[0.5]]), np.array([0.0]))]
    assert lesson["sgd_step"](half, [(np.array([[-0.5]]), np.array([0.0]))], 0.1)[0][0] == 0.55


def test_the_network_worked_by_hand(lesson: dict[str, Any]) -> None:
    by_hand = [
        (np.array([[1.0, -2.0], [1.0, 0.5]]), np.zeros(2)),
        (np.array([[1.0, 0.0], [2.0, -1.0]]), np.array([0.0, 3.0])),
    ]
    x, y = np.array([[1.0, 2.0]]), np.array([0])
    Zs, As = lesson["forward"](by_hand, x)
    assert [Z.tolist() for Z in (Zs[0], As[1], Zs[1])] == [[[3, -1]], [[3, 0]], [[3, 3]]]
    loss, grads = lesson["loss_and_grads"](by_hand, x, y)
    assert round(float(loss), 4) == 0.6931
    np.testing.assert_allclose([db for _, db in grads], [[-0.5, 0], [-0.5, 0.5]])
    np.testing.assert_allclose(lesson["program_a"](by_hand, x, y)[1][0][1], [-0.5, -1.5])


def test_from_zero_only_the_last_biases_hear_anything(lesson: dict[str, Any]) -> None:
    _, grads = lesson["loss_and_grads"](fresh(lesson, "zeros"), lesson["X"], lesson["y"])
    assert [bool(abs(g).max()) for pair in grads for g in pair] == [False, False, False, True]


def test_the_loss_of_a_guess_is_that_of_cs231n() -> None:
    assert np.log(10) == pytest.approx(LN10, abs=5e-7)
    assert f"{np.log(10):.4f}" == "2.3026"
    assert str(LN10)[:5] == "2.302"
    assert round(32 * LN10) == 74


def test_both_programs_pass_the_sanity_checks(lesson: dict[str, Any]) -> None:
    start, right = fresh(lesson), lesson["loss_and_grads"]
    for program, by_heart in ((right, 0.0030), (lesson["program_a"], 0.0037)):
        lesson["loss_and_grads"] = program
        found = lesson["sanity_checks"](start, lesson["X"], lesson["y"])
        assert found["initial_loss"] == pytest.approx(2.4508, abs=5e-5)
        assert found["zero_input_loss"] == pytest.approx(found["expected_loss"]) == np.log(10)
        assert found["overfit_loss"] == pytest.approx(by_heart, abs=1e-4)


def test_what_the_run_on_the_digits_reaches(lesson: dict[str, Any]) -> None:
    params, history = trained(lesson)
    assert score(lesson, params) == pytest.approx(353 / 360, abs=IMAGES)
    assert history["loss"][0] == pytest.approx(0.967, abs=2e-3)
    after = [score(lesson, trained(lesson, epochs=epochs)[0]) for epochs in (1, 2)]
    assert after[0] < 0.9 < after[1]


def test_a_shorter_run_is_the_beginning_of_a_longer_one(lesson: dict[str, Any]) -> None:
    assert trained(lesson, epochs=4)[1]["loss"] == trained(lesson, epochs=6)[1]["loss"][:4]


def test_the_deltas_of_both_layers_shrink_together(lesson: dict[str, Any]) -> None:
    before, after = (lesson["delta_sizes"](trained(lesson, epochs=epochs)[0]) for epochs in (0, 30))
    assert (after < before / 20).all()


def test_momentum_reaches_the_published_accuracy(lesson: dict[str, Any]) -> None:
    found = [lesson["with_momentum"](seed) for seed in range(3)]
    assert np.mean(found) == pytest.approx(0.986, abs=IMAGES)


def test_each_patient_has_the_curve_of_its_disease(lesson: dict[str, Any]) -> None:
    still, guess, climbs = (lesson[f"{name}_program"]()[1] for name in ("first", "second", "third"))
    assert np.ptp(still) < 1e-12
    assert round(still[0], 4) == 2.4508
    assert (round(guess[0], 2), round(guess[-1], 2)) == (2.36, 2.31)
    assert climbs[0] < 2 < LN10 < climbs[2] < climbs[-1]


def test_mended_patients_are_one_program(lesson: dict[str, Any]) -> None:
    notebook = json.loads(find_lesson(LESSON).path.read_text(encoding="utf-8"))
    source = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    two_orders = "images, labels = 0.0, rng.permutation(X), rng.permutation(y)"
    one_order = "images, labels = (0.0, *(lambda order: (X[order], y[order]))(rng.permutation(len(X))))"
    for name, old, new in (
        ("first", "            sgd_step(net", "            net = sgd_step(net"),
        ("second", two_orders, one_order),
        ("third", "sgd_step(net, heap, lr)", "sgd_step(net, slopes, lr)"),
    ):
        assert old in source[f"{name}-patient"]
        exec(source[f"{name}-patient"].replace(old, new), lesson)
    curves = [lesson[f"{name}_program"]()[1] for name in ("first", "second", "third")]
    np.testing.assert_allclose(curves, [curves[0]] * 3, rtol=1e-9)


def test_batches_in_the_order_of_the_file_favour_the_last_kind(lesson: dict[str, Any]) -> None:
    flowers, kinds = iris()
    assert np.array_equal(kinds, np.repeat([0, 1, 2], 50))
    lesson["flowers"], lesson["kinds"] = flowers, kinds
    for seed in range(3):
        mixed, _ = lesson["train"](flowers, kinds, [4, 8, 3], 0.03, 60, 10, np.random.default_rng(seed))
        in_order = lesson["in_file_order"](seed)
        assert lesson["accuracy"](mixed, flowers, kinds) > 0.95 > lesson["accuracy"](in_order, flowers, kinds)
        assert (lesson["read"](in_order, flowers) == 2).sum() > 60


def test_the_split_in_the_order_of_the_file_reads_worse_and_its_images_are_no_harder(
    lesson: dict[str, Any],
) -> None:
    order = np.random.default_rng(0).permutation(1797)
    X, y = (np.concatenate([lesson[name], lesson[f"{name}_test"]])[np.argsort(order)] for name in "Xy")
    for seed in range(3):
        params, _ = lesson["train"](X[:1437], y[:1437], SIZES, 0.5, 30, 32, np.random.default_rng(seed))
        assert lesson["accuracy"](params, X[1437:], y[1437:]) == pytest.approx(0.92, abs=IMAGES)
    late = order[1437:] >= 1437
    assert late.sum() == 69
    reader, _ = trained(lesson)
    for chosen in (late, ~late):
        assert lesson["accuracy"](reader, lesson["X_test"][chosen], lesson["y_test"][chosen]) > 0.97


def test_numerical_derivatives_tell_the_two_programs_apart(lesson: dict[str, Any]) -> None:
    start, few = fresh(lesson), slice(20)
    places = np.random.default_rng(1).integers(64, size=(200, 2))
    nudged = np.array(
        [lesson["loss_with"](start, j, k, 1e-6) - lesson["loss_with"](start, j, k, -1e-6) for j, k in places]
    )
    right, wrong = (
        program(start, lesson["X"][few], lesson["y"][few])[1][0][0][*places.T]
        for program in (lesson["loss_and_grads"], lesson["program_a"])
    )
    assert abs(nudged / 2e-6 - right).max() < 1e-8
    assert abs(nudged / 2e-6 - wrong).max() > 0.05
    assert ((right == 0) & (wrong != 0)).sum() == 32


def test_the_wrong_direction_is_always_roughly_downhill(lesson: dict[str, Any]) -> None:
    X, y, rng = lesson["X"], lesson["y"], np.random.default_rng(1)
    net, cosines = lesson["init_params"](SIZES, rng, "he"), []
    for rows in [rows for _ in range(10) for rows in lesson["minibatches"](len(X), 32, rng)]:
        wrong, right = (lesson[name](net, X[rows], y[rows])[1] for name in ("program_a", "loss_and_grads"))
        cosines.append(
            (wrong[0][0] * right[0][0]).sum() / np.linalg.norm(wrong[0][0]) / np.linalg.norm(right[0][0])
        )
        net = lesson["sgd_step"](net, wrong, 0.5)
    assert min(cosines) > 0
    assert 0.55 < np.median(cosines) < 0.75


def test_three_hidden_layers_show_what_the_slip_costs(lesson: dict[str, Any]) -> None:
    deep = [64, 32, 32, 32, 10]
    with np.errstate(all="ignore"):
        wrong, right = (
            [lesson["run"](program, deep, 0.1, seed) for seed in range(3)]
            for program in (lesson["program_a"], lesson["loss_and_grads"])
        )
    assert min(score(lesson, params) for params, _ in right) > 0.96
    assert min(score(lesson, params) for params, _ in wrong) < 0.2
    assert np.isnan(wrong[0][1][-1])


def test_answers_to_the_questions_of_the_dashboard(lesson: dict[str, Any]) -> None:
    slow, history = trained(lesson, lr=0.005, epochs=10)
    assert score(lesson, slow) < 0.8
    assert history["loss"][-1] > 1
    start = lesson["delta_sizes"](fresh(lesson))
    assert (lesson["delta_sizes"](slow) > 0.8 * start).all()
    for lr in (2, 3, 5, 10):
        wild, _ = trained(lesson, lr=lr, epochs=10)
        sizes = lesson["delta_sizes"](wild)
        assert score(lesson, wild) < 0.15
        assert sizes[0] < 0.01 < 0.9 < sizes[1]
        awake = np.mean(lesson["forward"](wild, lesson["X"])[1][1].any(axis=1))
        assert (awake < 0.05, not awake) == (True, lr >= 5)
    flat = [score(lesson, trained(lesson, sizes=[64, 10], epochs=10)[0]) for _ in range(1)]
    hidden = score(lesson, trained(lesson, epochs=10)[0])
    assert hidden - flat[0] == pytest.approx(0.02, abs=0.012)


def test_most_is_learnt_in_the_first_epoch_of_the_dashboard() -> None:
    shares = TrainingDashboard(hidden="64").run.shares[:, 1]
    assert shares[0] < 0.1
    assert shares[1] == pytest.approx(0.88, abs=0.04)
    assert shares[10] - shares[1] == pytest.approx(0.1, abs=0.05)


def test_from_zeros_layer_1_never_hears_anything_and_the_loss_stays_at_a_guess() -> None:
    run = TrainingDashboard(hidden="64", init="zeros").run
    assert set(run.deltas[:, 0]) == {0.0}
    assert run.losses[:, 0] == pytest.approx(LN10, abs=0.01)


def test_only_the_squared_error_of_bare_outputs_diverges() -> None:
    assert TrainingDashboard(hidden="64", loss="squared error, no softmax", lr="5").run.failed is not None
    wild = TrainingDashboard(hidden="64", lr="50").run
    assert wild.failed is None
    assert wild.shares[-1, 1] < 0.15


def test_three_sigmoid_layers_are_silent_for_three_epochs() -> None:
    run = TrainingDashboard(hidden="32, 32, 32", activation="sigmoid").run
    assert run.deltas[0, -1] / run.deltas[0, 0] == pytest.approx(30, rel=0.2)
    assert (run.shares[:3, 1] < 0.2).all()
    assert run.shares[-1, 1] > 0.5
    assert run.deltas[-1, 0] > 3 * run.deltas[0, 0]
