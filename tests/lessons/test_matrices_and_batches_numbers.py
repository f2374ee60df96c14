"""Every number that lesson ``matrices_and_batches`` quotes is computed here again."""

import re
from types import FunctionType
from typing import Any

import numpy as np
import pytest

from backproplab import linear, relu, sigmoid, softplus
from backproplab.explorers import DeltaFlow, ShapeBench
from backproplab.figures import shape_bench

LESSON = "matrices_and_batches"
ACTS = [softplus, linear]
COLUMN = np.array([[0.0], [1.0], [0.0]])
THIRDS = np.full((3, 1), 1 / 3)


def by_walk(namespace: dict[str, Any], T: Any, acts: Any = ACTS) -> Any:
    """Return params -> gradients of the mean half squared error for these targets, by the solutions."""

    def gradients(params: Any) -> Any:
        Zs, As = namespace["mlp_forward"](params, namespace["dose"], acts)
        return namespace["mlp_backward"](params, Zs, As, T, acts)

    return gradients


def flat_list(params: Any) -> list[float]:
    return [float(value) for pair in params for array in pair for value in array.ravel()]


def final_answers(namespace: dict[str, Any], params: Any) -> Any:
    return namespace["answers"](params, namespace["dose"]).ravel()


def fitting(sizes: tuple[int, int, int], wanted: str = "dW") -> list[str]:
    """Return the products whose shape is that of the wanted gradient; B, inputs, outputs."""
    B, n_in, n_out = sizes
    shapes = {"X": (B, n_in), "W": (n_in, n_out), "dZ": (B, n_out)}
    one, other = ("X", "dZ") if wanted == "dW" else ("dZ", "W")
    due = shapes["W"] if wanted == "dW" else shapes["X"]
    sides = [(name, turned) for name in (one, other) for turned in (False, True)]
    found = []
    for left, left_turned in sides:
        for right, right_turned in sides:
            a, b = shapes[left][:: -1 if left_turned else 1], shapes[right][:: -1 if right_turned else 1]
            if left != right and a[1] == b[0] and (a[0], b[1]) == due:
                found.append(f"{left}{'.T' * left_turned} @ {right}{'.T' * right_turned}")
    return found


def test_the_two_networks_are_those_of_the_video(namespace: dict[str, Any]) -> None:
    assert flat_list(namespace["start"]) == [2.74, -1.13, 0, 0, 0.36, 0.63, 0]
    assert flat_list(namespace["published"]) == [3.34, -3.53, -1.43, 0.57, -1.22, -2.30, 2.61]
    assert abs(final_answers(namespace, namespace["published"]) - [0, 1, 0]).max() < 0.01


def test_the_puzzle_holds_by_nudging_the_answers_end_near_a_third(namespace: dict[str, Any]) -> None:
    loss = namespace["his_loss"]
    flat = namespace["descend"](namespace["start"], lambda p: namespace["nudged_gradients"](loss, p))
    assert [round(v, 3) for v in final_answers(namespace, flat)] == [0.341, 0.318, 0.340]
    assert [round(loss(p), 3) for p in (namespace["start"], flat)] == [0.299, 0.111]
    assert round(loss(flat), 4) == 0.1112, "and 0.1111 is the least that it can be"


def test_one_layer_by_hand(namespace: dict[str, Any]) -> None:
    (W, b), _ = namespace["start"]
    np.testing.assert_allclose((namespace["dose"] @ W + b)[1], [1.37, -0.565])
    X, W, dZ = np.array([[1.0, 2.0], [3.0, 0.0]]), np.array([[2.0], [-1.0]]), np.array([[0.5], [-1.0]])
    dX, dW, db = namespace["linear_backward"](dZ, X, W)
    assert (dW.ravel().tolist(), db.tolist(), dX[0, 0]) == ([-2.5, 1.0], [-0.5], 1.0)
    wider, _, _ = namespace["linear_backward"](np.array([[0.5, 0.25]]), X[:1], np.array([[2.0, 4.0], [0, 0]]))
    assert wider[0, 0] == 2.0, "with a second neuron"


@pytest.mark.parametrize(
    ("sizes", "wanted", "products"),
    [
        ((5, 3, 2), "dW", ["X.T @ dZ"]),
        ((5, 3, 2), "dX", ["dZ @ W.T"]),
        ((5, 3, 3), "dX", ["dZ @ W", "dZ @ W.T"]),
        ((3, 3, 2), "dW", ["X @ dZ", "X.T @ dZ"]),
        ((2, 3, 2), "dW", ["X.T @ dZ", "X.T @ dZ.T"]),
        ((5, 3, 3), "dW", ["X.T @ dZ", "dZ.T @ X"]),
    ],
)
def test_which_products_fit_by_shape(sizes: tuple[int, int, int], wanted: str, products: list[str]) -> None:
    assert fitting(sizes, wanted) == products


def test_all_eight_products_fit_a_square_layer_and_with_single_numbers_all_are_right() -> None:
    assert len(fitting((3, 3, 3))) == 8
    one = np.array([[2.0]])
    assert "8 have the values too" in shape_bench({"X": one, "dZ": one * 3}, one * one * 3).sentence


def test_gates_of_relu_by_hand(namespace: dict[str, Any]) -> None:
    dZ = namespace["activation_backward"](np.array([[5.0, -4.0]]), np.array([[-2.0, 3.0]]), relu)
    assert dZ.tolist() == [[0.0, -4.0]]


@pytest.mark.parametrize("copies", [1, 2, 16])
def test_the_gradient_of_the_mean_alone_stays_when_the_batch_is_copied(
    namespace: dict[str, Any], copies: int
) -> None:
    X, error = np.tile([[1.0], [3.0]], (copies, 1)), np.tile([[0.4], [-0.2]], (copies, 1))
    by_sum = namespace["linear_backward"](error, X, np.ones((1, 1)))[1].item()
    never, once, twice = (by_sum / len(X) ** times for times in (0, 1, 2))
    assert (never, once, twice) == pytest.approx((-0.2 * copies, -0.1, -0.05 / copies))


def test_the_walk_agrees_with_nudging(namespace: dict[str, Any]) -> None:
    walked = by_walk(namespace, COLUMN)(namespace["start"])
    nudged = namespace["nudged_gradients"](namespace["mean_loss"], namespace["start"])
    np.testing.assert_allclose(flat_list(walked), flat_list(nudged), atol=1e-9)


def test_the_worked_example_is_a_batch_of_one(namespace: dict[str, Any]) -> None:
    """Matt Mazur, A Step by Step Backpropagation Example: outputs, and the gradients of w5 and w1."""
    params = [
        (np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([0.35, 0.35])),
        (np.array([[0.40, 0.50], [0.45, 0.55]]), np.array([0.60, 0.60])),
    ]
    Zs, As = namespace["mlp_forward"](params, np.array([[0.05, 0.10]]), [sigmoid] * 2)
    (dW1, _), (dW2, _) = namespace["mlp_backward"](params, Zs, As, np.array([[0.01, 0.99]]), [sigmoid] * 2)
    assert [round(v, 8) for v in As[-1][0]] == [0.75136507, 0.77292847]  # printed: .75136507 .772928465
    assert round(As[-1][0, 1], 9) == 0.772928465
    assert (round(dW2[0, 0], 9), round(dW1[0, 0], 9)) == (0.082167041, 0.000438568)


def test_the_planted_bug_shows_as_a_ratio_of_exactly_three_in_the_first_layer(
    namespace: dict[str, Any],
) -> None:
    params, dose = namespace["start"], namespace["dose"]
    Zs, As = namespace["mlp_forward"](params, dose, ACTS)
    dZ2 = namespace["activation_backward"]((As[2] - COLUMN) / 3, Zs[1], linear)
    dA1, *second = namespace["linear_backward"](dZ2, As[1], params[1][0])
    dZ1 = namespace["activation_backward"](dA1, Zs[0], softplus) / len(dose)
    _, *first = namespace["linear_backward"](dZ1, As[0], params[0][0])
    right = by_walk(namespace, COLUMN)(params)
    for pair, theirs, ratio in zip(right, (first, second), (3, 1), strict=True):
        for mine, planted in zip(pair, theirs, strict=True):
            np.testing.assert_allclose(mine, ratio * planted)


@pytest.mark.parametrize(
    ("one", "other", "result"),
    [((3, 2), (2,), (3, 2)), ((3, 2), (3, 1), (3, 2)), ((3, 2), (), (3, 2)), ((3, 1), (3,), (3, 3)),
     ((100, 1), (100,), (100, 100))],
)  # fmt: skip
def test_shapes_of_the_broadcasting_table(one: Any, other: Any, result: Any) -> None:
    assert np.broadcast_shapes(one, other) == result


def test_a_row_of_three_does_not_fit_two_columns() -> None:
    with pytest.raises(ValueError, match="shape mismatch"):
        np.broadcast_shapes((3, 2), (3,))


def test_the_way_back_through_broadcasting_by_hand(namespace: dict[str, Any]) -> None:
    g = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert namespace["unbroadcast"](g, (2, 1)).tolist() == [[6.0], [15.0]]
    assert namespace["unbroadcast"](g, (3,)).tolist() == [5.0, 7.0, 9.0]


def test_the_puzzling_loss_pulls_every_answer_to_the_mean_of_all_targets(namespace: dict[str, Any]) -> None:
    A = namespace["answers"](namespace["start"], namespace["dose"])
    pairs = A - namespace["effect"]
    dA = namespace["unbroadcast"](pairs / pairs.size, A.shape)
    np.testing.assert_allclose(dA, (A - 1 / 3) / 3)
    np.testing.assert_allclose(dA, pairs.mean(axis=1, keepdims=True) / 3)
    np.testing.assert_allclose(A - len(A) * dA, THIRDS)


@pytest.mark.parametrize("weights", ["start", "published"])
def test_the_puzzling_loss_is_a_distance_from_a_third_and_one_ninth(
    namespace: dict[str, Any], weights: str
) -> None:
    A = final_answers(namespace, namespace[weights])
    assert namespace["his_loss"](namespace[weights]) == pytest.approx(((A - 1 / 3) ** 2).mean() / 2 + 1 / 9)


def test_the_suspects_one_after_the_other(namespace: dict[str, Any]) -> None:
    start, published, descend = (namespace[name] for name in ("start", "published", "descend"))
    left = descend(published, by_walk(namespace, THIRDS))
    slower = descend(start, by_walk(namespace, THIRDS), lr=0.06)
    for params in (left, slower):
        assert abs(final_answers(namespace, params) - 1 / 3).max() < 0.03
    for params in (start, published, left):
        nudged = namespace["nudged_gradients"](namespace["his_loss"], params)
        walked = by_walk(namespace, THIRDS)(params)
        np.testing.assert_allclose(flat_list(walked), flat_list(nudged), atol=1e-9)


def test_with_a_column_of_targets_descent_reaches_the_published_fit(namespace: dict[str, Any]) -> None:
    mended = namespace["descend"](namespace["start"], by_walk(namespace, namespace["effect"][:, None]))
    assert [round(v, 2) for v in flat_list(mended)] == flat_list(namespace["published"])
    np.testing.assert_allclose(final_answers(namespace, mended), [0, 1, 0], atol=1e-6)


def test_larger_steps_reach_another_fit_that_is_as_good(namespace: dict[str, Any]) -> None:
    other = namespace["descend"](namespace["start"], by_walk(namespace, COLUMN), lr=0.6, steps=1_000)
    np.testing.assert_allclose(final_answers(namespace, other), [0, 1, 0], atol=1e-5)
    assert round(flat_list(other)[0], 2) == 3.26


def counted(**knobs: Any) -> tuple[int, int]:
    """Return how many products have the shape of what is wanted, and how many the values too."""
    found = re.search(
        r"(\d) ha\w+ the shape of \w+, (\d) the values too", ShapeBench(**knobs).picture["sentence"]
    )
    assert found
    return int(found[1]), int(found[2])


def test_what_is_found_on_the_moving_bench() -> None:
    dX = {"wanted": "dX", "left": "dZ", "right": "W", "batch": 5, "n_in": 3}
    assert [counted(**dX, n_out=n) for n in (2, 3)] == [(1, 1), (2, 1)]
    dW = {"wanted": "dW", "left": "X", "right": "dZ"}
    for sizes in ((3, 3, 2), (2, 3, 2), (5, 3, 3)):
        assert counted(**dW, **dict(zip(("batch", "n_in", "n_out"), sizes, strict=True))) == (2, 1)
    for left, right, sizes in (("X", "dZ", (3, 3, 2)), ("X.T", "dZ.T", (2, 3, 2)), ("dZ.T", "X", (5, 3, 3))):
        one = dict(zip(("batch", "n_in", "n_out"), sizes, strict=True))
        assert (
            ShapeBench(wanted="dW", left=left, right=right, **one).picture["verdicts"]["dW"] == "wrong values"
        )
    assert counted(**dW, batch=1, n_in=1, n_out=1) == (8, 8)


def test_ones_make_db_and_no_product_makes_the_delta_before() -> None:
    assert ShapeBench(wanted="db", left="ones", right="dZ").picture["verdicts"]["db"] == "right"
    assert counted(wanted="dZ_prev", left="dZ", right="W.T", n_out=2) == (1, 0)


def test_a_mean_for_db_is_wrong_in_all_three_layers_and_first_in_the_last(namespace: dict[str, Any]) -> None:
    right = namespace["linear_backward"]

    def mean_for_db(dZ: Any, X: Any, W: Any) -> Any:
        dX, dW, _ = right(dZ, X, W)
        return dX, dW, dZ.mean(axis=0)

    spoilt = FunctionType(namespace["mlp_backward"].__code__, {**namespace, "linear_backward": mean_for_db})
    own = DeltaFlow(mlp_backward=spoilt).own
    assert own is not None
    assert [(t.kind, t.layer) for t in own.tensors if t.wrong] == [("db", 3), ("db", 2), ("db", 1)]
    first = own.first_wrong
    assert first is not None
    assert first.given is not None
    assert (round(float(first.given[0]), 4), round(float(first.true[0]), 4)) == (0.0294, 0.1469)
