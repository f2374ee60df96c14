"""Every number that lesson ``hidden_delta`` quotes is computed here again."""

from typing import Any

import numpy as np
import pytest

from backproplab import sigmoid, tanh
from backproplab.explorers import DeltaFlow

LESSON = "hidden_delta"
# Matt Mazur, A Step by Step Backpropagation Example: weights after one update, as w1..w4 and w5..w8.
PRINTED_W1 = (0.149780716, 0.19956143, 0.24975114, 0.29950229)
PRINTED_W2 = (0.35891648, 0.408666186, 0.511301270, 0.561370121)
LR = 0.5


@pytest.fixture
def example(namespace: dict[str, Any]) -> tuple[dict[str, Any], Any, Any]:
    """The worked example as the lesson gives it: parameters, input, targets."""
    return namespace["start"], namespace["x"], namespace["t"]


def updated(params: dict[str, Any], grads: dict[str, Any], *names: str) -> dict[str, Any]:
    return {**params, **{name: params[name] - LR * grads[name] for name in names}}


def hidden_gradient_seen_through(W2: Any, namespace: dict[str, Any], params: Any, x: Any, t: Any) -> Any:
    """Return dW1 with the hidden deltas collected through the given W2."""
    grads, z1 = namespace["mazur_gradients"](params, x, t), namespace["forward"](params, x)[0]
    return np.outer(x, namespace["hidden_delta_loop"](grads["b2"], W2, z1, sigmoid))


def one_round(namespace: dict[str, Any], params: Any, x: Any, t: Any, wrong_order: bool) -> dict[str, Any]:
    right = updated(params, namespace["mazur_gradients"](params, x, t), "W1", "W2")
    if not wrong_order:
        return right
    dW1 = hidden_gradient_seen_through(right["W2"], namespace, params, x, t)
    return {**right, "W1": params["W1"] - LR * dW1}


def test_the_given_weights_are_those_of_the_page(namespace: dict[str, Any]) -> None:
    start, printed = namespace["start"], namespace["printed"]
    assert [*start["W1"].T.flat, *start["W2"].T.flat] == [0.15, 0.2, 0.25, 0.3, 0.4, 0.45, 0.5, 0.55]
    assert (*printed["W1"].T.flat, *printed["W2"].T.flat) == PRINTED_W1 + PRINTED_W2


def test_the_puzzle_holds_the_page_prints_a_loss_that_its_weights_do_not_give(
    namespace: dict[str, Any], example: Any
) -> None:
    start, x, t = example
    assert round(namespace["loss"](start, x, t), 9) == 0.298371109
    assert round(namespace["loss"](namespace["printed"], x, t), 9) == 0.291027774  # printed: 0.291027924


def test_the_sum_worked_by_hand(namespace: dict[str, Any], example: Any) -> None:
    start, x, t = example
    z1, _, z2, a2 = namespace["forward"](start, x)
    deltas = (a2 - t) * sigmoid.deriv(z2)
    terms = deltas * start["W2"]
    assert [round(v, 4) for v in (*deltas, *terms[0])] == [0.1385, -0.0381, 0.0554, -0.0190]
    assert [round(v, 4) for v in (terms[0].sum(), sigmoid.deriv(z1)[0])] == [0.0364, 0.2413]
    assert round(0.5933 * 0.4067, 4) == 0.2413
    assert round(terms[0].sum() * sigmoid.deriv(z1)[0], 4) == 0.0088
    assert [round(v, 4) for v in terms[1]] == [0.0623, -0.0210]


def test_hidden_deltas_of_the_example(namespace: dict[str, Any], example: Any) -> None:
    start, x, t = example
    grads = namespace["mazur_gradients"](start, x, t)
    np.testing.assert_allclose(grads["b2"], [0.138498562, -0.038098237], atol=5e-10)
    np.testing.assert_allclose(grads["b1"], [0.008771355, 0.009954255], atol=5e-10)


def test_copied_outputs_double_the_hidden_deltas(namespace: dict[str, Any], example: Any) -> None:
    start, x, t = example
    twice = {
        **start, "W2": np.hstack([start["W2"]] * 2), "b2": np.tile(start["b2"], 2)
    }  # fmt: skip
    once = namespace["mazur_gradients"](start, x, t)["b1"]
    np.testing.assert_allclose(namespace["mazur_gradients"](twice, x, np.tile(t, 2))["b1"], 2 * once)


def test_the_transposed_product_alone_has_the_hand_worked_sum(
    namespace: dict[str, Any], example: Any
) -> None:
    start, x, t = example
    deltas = namespace["mazur_gradients"](start, x, t)["b2"]
    assert round((deltas @ start["W2"].T)[0], 4) == 0.0364
    assert round((deltas @ start["W2"])[0], 4) == 0.0383


def test_three_layers_of_one_neuron_by_hand() -> None:
    delta2 = 0.4 * 3 * 0.5
    assert delta2 == pytest.approx(0.6)
    assert delta2 * 5 * 0.5 == pytest.approx(1.5)
    dA2 = 0.4 * 3
    assert dA2 * 5 * 0.5 == pytest.approx(3.0)


def test_the_planted_bug_is_in_the_first_layer_only(namespace: dict[str, Any]) -> None:
    rng = np.random.default_rng(3)
    Ws = [rng.normal(size=(4, 4)) / 2 for _ in range(3)]
    Zs, As = [], [rng.normal(size=(5, 4))]
    T = rng.normal(size=(5, 4))
    for W in Ws:
        Zs.append(As[-1] @ W)
        As.append(tanh.f(Zs[-1]))
    right = namespace["all_deltas"](Ws, Zs, As, T, tanh)
    delta2 = namespace["hidden_delta"](right[2], Ws[2], Zs[1], tanh)
    planted, mended = (namespace["hidden_delta"](delta2, W, Zs[0], tanh) for W in Ws[:2])
    np.testing.assert_array_equal(delta2, right[1])
    np.testing.assert_array_equal(mended, right[0])
    assert abs(planted - right[0]).max() > 1


def test_gradients_and_updated_weights_are_those_of_the_page(namespace: dict[str, Any], example: Any) -> None:
    start, x, t = example
    grads = namespace["mazur_gradients"](start, x, t)
    dw5, dw1 = grads["W2"][0, 0], grads["W1"][0, 0]
    assert (round(dw5, 9), round(dw1, 9)) == (0.082167041, 0.000438568)
    assert round(dw5 / dw1) == 187
    a1 = namespace["forward"](start, x)[1]
    assert [round(v) for v in (a1[0] / x[0], grads["b2"][0] / grads["b1"][0])] == [12, 16]
    assert round(0.5933 * 0.1385, 4) == 0.0822
    after = updated(start, grads, "W1", "W2")
    np.testing.assert_allclose(after["W1"].T.ravel(), PRINTED_W1, atol=5e-9)
    np.testing.assert_allclose(after["W2"].T.ravel(), PRINTED_W2, atol=5e-10)


def test_what_h1_hears_through_the_new_weights(namespace: dict[str, Any], example: Any) -> None:
    start, x, t = example
    grads = namespace["mazur_gradients"](start, x, t)
    new = updated(start, grads, "W2")["W2"]
    assert [round(v, 4) for v in (*new[0], new[0] @ grads["b2"])] == [0.3589, 0.5113, 0.0302]


def test_of_the_four_suspects_only_the_wrong_order_gives_the_printed_loss(
    namespace: dict[str, Any], example: Any
) -> None:
    start, x, t = example
    loss, grads = namespace["loss"], namespace["mazur_gradients"](start, x, t)
    right = loss(updated(start, grads, "W1", "W2"), x, t)
    suspects = [
        right,
        loss(updated(start, grads, "W1", "W2", "b1", "b2"), x, t),
        loss(updated(start, grads, "W2"), x, t),
        right + namespace["update_order_gap"](start, x, t, LR),
    ]
    assert [round(v, 9) == 0.291027924 for v in suspects] == [False, False, False, True]
    assert round(suspects[0], 9) == 0.291027774
    assert suspects[3] - right == pytest.approx(1.5e-7, abs=5e-9)


def test_the_wrong_order_would_have_printed_another_w1(namespace: dict[str, Any], example: Any) -> None:
    start, x, t = example
    w1 = [one_round(namespace, start, x, t, wrong_order)["W1"][0, 0] for wrong_order in (False, True)]
    assert [round(v, 9) for v in w1] == [0.149780716, 0.149817639]


@pytest.mark.parametrize(
    ("wrong_order", "outputs", "losses"),
    [
        (False, (0.015913620, 0.984064274), (0.0000351085, 0.0000351019)),
        (True, (0.015912196, 0.984065734), (0.0000350915, 0.0000350848)),
    ],
    ids=["right", "wrong"],
)
def test_ten_thousand_rounds_of_both_orders(
    namespace: dict[str, Any], example: Any, wrong_order: bool, outputs: Any, losses: Any
) -> None:
    """The page prints the outputs of the wrong order, and the right order's loss after 9,999 steps."""
    params, x, t = example
    for _ in range(9_999):
        params = one_round(namespace, params, x, t, wrong_order)
    last = one_round(namespace, params, x, t, wrong_order)
    assert tuple(np.round(namespace["forward"](last, x)[3], 9)) == outputs
    assert tuple(round(namespace["loss"](p, x, t), 10) for p in (params, last)) == losses


def test_the_gap_shrinks_with_the_square_of_the_rate(namespace: dict[str, Any], example: Any) -> None:
    gap = namespace["update_order_gap"]
    for rate in (0.05, 0.1):
        assert 97 < gap(*example, rate) / gap(*example, rate / 10) < 100


def test_the_wrong_order_ends_lower_at_large_rates_only(namespace: dict[str, Any], example: Any) -> None:
    signs = [namespace["update_order_gap"](*example, rate) > 0 for rate in np.geomspace(0.005, 50, 25)]
    assert signs == [True] * 18 + [False] * 7


def test_the_gradient_of_w1_is_the_smallest_of_the_eight(namespace: dict[str, Any], example: Any) -> None:
    grads = namespace["mazur_gradients"](*example)
    by_size = sorted(
        (abs(grads[name][j, k]), name, j, k) for name in ("W1", "W2") for j in (0, 1) for k in (0, 1)
    )
    assert [place for _, *place in by_size[:2]] == [["W1", 0, 0], ["W1", 0, 1]]
    assert min(abs(np.concatenate([grads["b1"], grads["b2"]]))) == grads["b1"][0]


def test_the_complaints_cancel_at_h1_near_a_first_target_of_one_half(
    namespace: dict[str, Any], example: Any
) -> None:
    start, x, _ = example
    t = np.array([0.5, 0.99])
    grads = namespace["mazur_gradients"](start, x, t)
    assert abs(grads["b1"][0]) < 1e-4
    assert [round(v, 2) for v in namespace["forward"](start, x)[3] - t] == [0.25, -0.22]


def test_what_is_found_in_the_deeper_network() -> None:
    flow = DeltaFlow(moment=7, layer=2, unit=1).flow
    terms, slope, delta = flow.terms(2, 1, 1), flow.slopes[1][0, 0], flow.deltas[1][0, 0]
    assert [round(float(v), 4) for v in (*terms, terms.sum())] == [-0.2429, -0.0714, -0.3143]
    assert [round(float(v), 4) for v in (slope, delta)] == [0.2497, -0.0785]
    assert [flow.arrives(layer) <= 5 for layer in (3, 2, 1)] == [True, True, False]


def test_without_the_slope_layer_2_is_marked_first_and_unit_1_is_four_times_too_large() -> None:
    own = DeltaFlow(hidden_delta=lambda delta_next, W_next, Z, act: delta_next @ W_next.T).own
    assert own is not None
    first = own.first_wrong
    assert first is not None
    assert first.given is not None
    assert first.layer == 2
    assert round(float(first.given[0, 0] / first.true[0, 0]), 1) == 4.0
