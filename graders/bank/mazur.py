"""One example through two sigmoid layers: the worked example, and the order of the updates.

``z1 = x W1 + b1``, ``a1 = f(z1)``, ``z2 = a1 W2 + b2``, ``a2 = f(z2)``, ``L = 1/2 sum (a2 - t)^2``.
"""

from typing import Any

import numpy as np

from backproplab.activations import sigmoid
from graders.bank.derivation import Derivation, Step, Turn
from graders.bank.layers import BIASES, TWICE_OR_HALF
from graders.bank.network import (
    BACKS,
    KEPT,
    SLOPES,
    SUMMED,
    WEIGHTS_OF_NET,
    all_deltas,
    gradients,
    net_forward,
)

__all__ = ["MAZUR", "ORDER_GAP"]

# With one example there is no batch to be confused; with sigmoid a (1 - a) is the right slope.
OF_ONE = ("extra_1_over_n", "n_minus_1", "last_example_only", "first_example_only")
RATES = (0.5, 0.1, 1.0)


def _early(lr: float) -> Turn:
    return Turn(
        "updated_before_use",
        lambda at: at.delta @ (at.W - lr * at.As[at.layer - 1].T @ at.delta).T,
        f"dA1 = delta2 (W2 - {lr:g} dW2)^T",
        says="with W2 already updated when the deltas of the hidden layer are taken",
        asks="does the error at the hidden layer come from the W2 that made it, or from the next one?",
    )


STEPS = {
    "slope": SLOPES.without("slope_of_other_activation", "relu_leaky", "relu_gate_on_upstream"),
    "back": BACKS.and_turns(*map(_early, RATES)),
    "weights": WEIGHTS_OF_NET.without(*OF_ONE).and_turns(
        Turn(
            "other_product",
            lambda at: at.A_prev[0] * at.delta[0],
            "dW = a_prev * delta, entry by entry",
            "with a * delta where the outer product is due",
            "every unit that enters has a weight to every unit behind it: how many products are that?",
        ),
        Turn(
            "other_product",
            lambda at: at.A_prev[0] @ at.delta[0],
            "dW = sum_j a_prev_j delta_j, one number",
            "with a @ delta where the outer product is due",
            "every unit that enters has a weight to every unit behind it: how many products are that?",
        ),
    ),
    "biases": BIASES.without(*OF_ONE, "db_mean", "db_first", "db_last", "db_not_summed"),
    "output": SUMMED.without(*OF_ONE),
    "kept": KEPT.without(*OF_ONE),
}


def _gradients(take: Any, params: Any, x: Any, t: Any) -> dict[str, Any]:
    layers = [(params["W1"], params["b1"]), (params["W2"], params["b2"])]
    acts = [sigmoid, sigmoid]
    Zs, As = net_forward(_rightly, layers, x[None], acts)
    deltas = all_deltas(take, [W for W, _ in layers], Zs, As, t[None], acts)
    (dW1, db1), (dW2, db2) = gradients(take, deltas, Zs, As, acts)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def _rightly(name: str, layer: int, depth: int, A_prev: Any, **at: Any) -> Any:
    return A_prev @ at["W"] + at["b"] if name == "preactivation" else at["act"].f(at["Z"])


MAZUR = Derivation(STEPS, _gradients)


def _loss(params: Any, x: Any, t: Any) -> Any:
    a1 = sigmoid.f(x @ params["W1"] + params["b1"])
    return ((sigmoid.f(a1 @ params["W2"] + params["b2"]) - t) ** 2).sum() / 2


def _moved(params: Any, name: str, gradient: Any, lr: Any) -> dict[str, Any]:
    return {**params, name: params[name] - lr * gradient}


def _in_place(at: Any) -> Any:
    """Return dW1 as it comes out when the hidden delta already meets the new W2."""
    a1 = sigmoid.f(at.x @ at.old["W1"] + at.old["b1"])
    a2 = sigmoid.f(a1 @ at.old["W2"] + at.old["b2"])
    delta2 = (a2 - at.t) * a2 * (1 - a2)
    return np.outer(at.x, at.new["W2"] @ delta2 * a1 * (1 - a1))


GAP_STEPS = {
    "in place": Step(
        _in_place,
        "dW1 from the old forward pass and the new W2",
        (
            Turn(
                "refreshed_forward",
                lambda at: MAZUR(at.new, at.x, at.t)["W1"],
                "dW1 from a forward pass through the new W2",
                asks="the wrong order runs forward once: which of its numbers is new nevertheless?",
            ),
        ),
    ),
    "update": Step(
        lambda at: at.W - at.lr * at.dW,
        "W_new = W - lr dW",
        (
            Turn(
                "sign",
                lambda at: at.W + at.lr * at.dW,
                "W_new = W + lr dW",
                says="with both updates uphill",
                asks="does the gradient point up the loss or down?",
            ),
            Turn("lr_missing", lambda at: at.W - at.dW, "W_new = W - dW"),
        ),
    ),
    "biases": Step(
        lambda at: at.b,
        "b_new = b",
        (Turn("biases_moved", lambda at: at.b - at.lr * at.db, "b_new = b - lr db"),),
    ),
    "loss": Step(
        lambda at: at.loss,
        "L = 1/2 sum (a2 - t)^2",
        (
            Turn("factor_two", lambda at: 2 * at.loss, "L = sum (a2 - t)^2", TWICE_OR_HALF[0]),
            Turn("divides_by_k", lambda at: at.loss / len(at.t), "L = 1/(2K) sum (a2 - t)^2"),
        ),
    ),
    "gap": Step(
        lambda at: at.wrong - at.right,
        "gap = L(wrong order) - L(right order)",
        (
            Turn(
                "sign",
                lambda at: at.right - at.wrong,
                "gap = L(right order) - L(wrong order)",
                says="with the two losses exchanged",
                asks="which of the two losses is taken off which?",
            ),
            Turn(
                "gap_in_size", lambda at: abs(at.wrong - at.right), "gap = |L(wrong order) - L(right order)|"
            ),
            Turn("gap_from_start", lambda at: at.wrong - at.start, "gap = L(wrong order) - L(before)"),
            Turn("gap_from_start", lambda at: at.right - at.start, "gap = L(right order) - L(before)"),
        ),
    ),
}


def _gap(take: Any, params: Any, x: Any, t: Any, lr: Any) -> Any:
    grads = MAZUR(params, x, t)
    biases = {name: take("biases", b=params[name], db=grads[name], lr=lr) for name in ("b1", "b2")}
    W2 = take("update", W=params["W2"], dW=grads["W2"], lr=lr)
    dW1 = take("in place", old=params, new={**params, "W2": W2}, x=x, t=t)
    right, wrong = (
        {"W1": take("update", W=params["W1"], dW=one, lr=lr), "W2": W2, **biases}
        for one in (grads["W1"], dW1)
    )
    losses = {
        name: take("loss", loss=_loss(one, x, t), t=t)
        for name, one in (("right", right), ("wrong", wrong), ("start", params))
    }
    return take("gap", **losses)


ORDER_GAP = Derivation(GAP_STEPS, _gap)
