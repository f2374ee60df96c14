"""Training a classifier: mini-batches, one step, the loss with all gradients, and sanity checks.

ReLU in the hidden layers, softmax cross-entropy at the output, the mean over the batch. Going back is
that of :mod:`graders.bank.network`, the output that of :mod:`graders.bank.softmax`.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np

from backproplab.activations import linear, relu
from graders.bank.cross_entropy import LOSS_STEPS, mean_loss
from graders.bank.derivation import Derivation, Step, Turn
from graders.bank.layers import BIASES
from graders.bank.network import BACKS, MLP_FORWARD, SLOPES, WEIGHTS_OF_NET, go_back, gradients, net_forward
from graders.bank.softmax import ERROR_STEPS, mean_error
from graders.exercise import WrongTurn

__all__ = ["FIRST_STEP", "LOSS_AND_GRADS", "SANITY_CHECKS", "SGD_STEP", "UPDATED_BEFORE_USE"]

# sgd_step

SGD_STEP = Derivation(
    {
        "weights": Step(
            lambda at: at.W - at.lr * at.dW,
            "W - lr dW",
            (
                Turn("sign", lambda at: at.W + at.lr * at.dW, "W + lr dW", "with W moved up the loss"),
                Turn("lr_missing", lambda at: at.W - at.dW, "W - dW", "with W moved by its whole gradient"),
                Turn("returns_step", lambda at: -at.lr * at.dW, "-lr dW"),
                Turn("returns_step", lambda at: at.lr * at.dW, "lr dW"),
                Turn("left_as_it_was", lambda at: at.W * 1.0, "W", "with the weights left as they were"),
            ),
            layered=True,
        ),
        "biases": Step(
            lambda at: at.b - at.lr * at.db,
            "b - lr db",
            (
                Turn("db_sign", lambda at: at.b + at.lr * at.db, "b + lr db", "with b moved up the loss"),
                Turn("lr_missing", lambda at: at.b - at.db, "b - db", "with b moved by its whole gradient"),
                Turn("db_zero", lambda at: at.b * 1.0, "b", "with the biases left as they were"),
                Turn("returns_step", lambda at: -at.lr * at.db, "-lr db"),
            ),
            layered=True,
        ),
        "rate": Step(
            lambda at: at.lr,
            "lr",
            (
                Turn("sign", lambda at: -at.lr, "W + lr dW, b + lr db"),
                Turn("lr_missing", lambda at: 1.0, "W - dW, b - db"),
                Turn("factor_two", lambda at: 2 * at.lr, "W - 2 lr dW", "multiplied by 2"),
                Turn("lr_grows", lambda at: 1 + at.lr, "W - dW - lr dW"),
            ),
        ),
        "answer": Step(
            lambda at: at.new,
            "(W, b) of every layer",
            (
                Turn("returns_step", lambda at: _minus(at.new, at.old, 1), "-lr dW, -lr db"),
                Turn("returns_step", lambda at: _minus(at.new, at.old, -1), "lr dW, lr db"),
                Turn("left_as_it_was", lambda at: at.old, "W, b"),
            ),
        ),
    },
    lambda take, params, grads, lr: _sgd(take, params, grads, lr),
)


def _sgd(take: Any, params: Any, grads: Any, lr: Any) -> list[tuple[Any, Any]]:
    lr, new = take("rate", lr=lr), []
    for layer, ((W, b), (dW, db)) in enumerate(zip(params, grads, strict=True), 1):
        where = {"layer": layer, "depth": len(params), "lr": lr}
        new.append((take("weights", **where, W=W, dW=dW), take("biases", **where, b=b, db=db)))
    return list(take("answer", new=new, old=list(params)))


def _minus(new: Any, old: Any, way: int) -> list[tuple[Any, Any]]:
    return [(way * (W - V), way * (b - c)) for (W, b), (V, c) in zip(new, old, strict=True)]


# loss_and_grads

# With ReLU f(f(Z)) = f(Z) and f'(f(Z)) = f'(Z) = f'(Z)^2: these slips give right numbers.
# The deepest network asked about has three layers, so two slopes.
RELU_SLOPES = replace(SLOPES.without("slope_of_a", "slope_twice"), until=2)
RELU_FORWARD = {
    "preactivation": replace(MLP_FORWARD.steps["preactivation"], layered=False),
    "activation": replace(MLP_FORWARD.steps["activation"].without("activation_twice"), layered=False),
}
SCALE = ERROR_STEPS["scale"].and_turns(
    Turn(
        "divides_by_d", lambda at: at.dZ / at.D, "dZ / D", "divided by the number of inputs, not of examples"
    )
)
GRADIENT_STEPS = {
    "slope": RELU_SLOPES,
    "back": BACKS,
    "weights": WEIGHTS_OF_NET.without("dW_slope_again"),
    "biases": BIASES,
    **ERROR_STEPS,
    "scale": SCALE,
}


def _acts(params: Sequence[Any]) -> list[Any]:
    return [relu] * (len(params) - 1) + [linear]


def _gradients(take: Any, params: Any, X: Any, y: Any) -> tuple[Any, list[tuple[Any, Any]]]:
    """Return the logits and every gradient."""
    acts = _acts(params)
    Zs, As = net_forward(take, params, X, acts)
    delta = mean_error(take, As[-1], y, D=X.shape[1])
    deltas = go_back(take, [W for W, _ in params], Zs, As, acts, delta, delta)
    return As[-1], gradients(take, deltas, Zs, As, acts)


def _loss_and_grads(take: Any, params: Any, X: Any, y: Any) -> tuple[float, list[tuple[Any, Any]]]:
    logits, pairs = _gradients(take, params, X, y)
    return mean_loss(take, logits, y), pairs


LOSS_AND_GRADS = Derivation({**GRADIENT_STEPS, **LOSS_STEPS, **RELU_FORWARD}, _loss_and_grads)

# train: what is judged is its first step on one batch, as (W before - W after) / lr

FIRST_STEP = Derivation(
    {
        **GRADIENT_STEPS,
        **RELU_FORWARD,
        "update": Step(
            lambda at: at.pairs,
            "(W before - W after) / lr = dW",
            (
                Turn(
                    "left_as_it_was",
                    lambda at: [(0 * dW, 0 * db) for dW, db in at.pairs],
                    "(W before - W after) / lr = 0",
                ),
                Turn(
                    "lr_missing",
                    lambda at: [(0 * dW, 0 * db) for dW, db in at.pairs],
                    "W - dW: a rate of 0 moves W as far as any other",
                ),
            ),
        ),
    },
    lambda take, params, X, y, lr: take("update", pairs=_gradients(take, params, X, y)[1], lr=lr),
)


def _right(name: str, **at_hand: Any) -> Any:
    return LOSS_AND_GRADS.steps[name].right(SimpleNamespace(**at_hand))


def _updated_before_use(params: Any, X: Any, y: Any, lr: Any) -> list[tuple[Any, Any]]:
    """Change each layer's weights before its delta goes back through them."""
    acts = _acts(params)
    Zs, As = net_forward(_right, params, X, acts)
    delta = mean_error(_right, As[-1], y)
    pairs: list[tuple[Any, Any]] = []
    for layer in range(len(params) - 1, -1, -1):
        dW = As[layer].T @ delta
        pairs.insert(0, (dW, delta.sum(axis=0)))
        if layer:
            delta = (delta @ (params[layer][0] - lr * dW).T) * relu.deriv(Zs[layer - 1])
    return pairs


UPDATED_BEFORE_USE = WrongTurn(
    "updated_before_use", _updated_before_use, "delta goes back through the new weights W - lr dW"
)

# sanity_checks

TEN, STEPS, RATE = 10, 500, 0.1
INITIAL = Step(
    lambda at: at.loss,
    "loss at params",
    (
        Turn("missing_1_over_n", lambda at: at.loss * len(at.y), "the sum over the examples"),
        Turn("divides_by_k", lambda at: at.loss / at.K, "loss / K"),
    ),
)
EXPECTED = Step(
    lambda at: np.log(at.K),
    "ln K",
    (
        Turn("log_base", lambda at: np.log10(at.K), "log10 K"),
        Turn("log_base", lambda at: np.log2(at.K), "log2 K"),
        Turn("counts_examples", lambda at: np.log(len(at.y)), "ln B"),
        Turn(
            "counts_labels_seen", lambda at: np.log(len(np.unique(at.y))), "ln of the number of labels in y"
        ),
        Turn("largest_label", lambda at: np.log(at.y.max()), "ln of the largest label"),
        Turn("sign", lambda at: -np.log(at.K), "-ln K", "ln (1/K), without the minus of the loss"),
    ),
)
ZERO = Step(
    lambda at: _loss(at.params, 0 * at.X, at.y),
    "loss with X = 0",
    (
        Turn(
            "zero_weights_for_zero_input",
            lambda at: _loss([(0 * W, 0 * b) for W, b in at.params], at.X, at.y),
            "loss with all parameters 0",
        ),
        Turn(
            "forward_no_bias",
            lambda at: _loss([(W, 0 * b) for W, b in at.params], 0 * at.X, at.y),
            "loss with X = 0, b = 0",
        ),
        Turn("input_not_zero", lambda at: at.loss, "loss with X as it is"),
    ),
)
OVERFIT = Step(
    lambda at: _after(at.params, at.X[:TEN], at.y[:TEN], RATE),
    "loss on the first ten after 500 steps on them",
    (
        Turn(
            "overfit_all_examples",
            lambda at: _after(at.params, at.X, at.y, RATE),
            "500 steps on all examples",
        ),
        Turn(
            "overfit_not_trained",
            lambda at: _loss(at.params, at.X[:TEN], at.y[:TEN]),
            "loss on the first ten before the steps",
        ),
        Turn(
            "history_off_by_one",
            lambda at: _after(at.params, at.X[:TEN], at.y[:TEN], RATE, STEPS - 1),
            "loss on the first ten after 499 steps on them",
            says="with the loss taken before the last of the 500 steps",
            asks="which parameters does the loss belong to that your last step returned: old or new ones?",
        ),
        Turn(
            "overfit_all_examples",
            lambda at: _after(at.params, at.X, at.y, RATE, asked=TEN),
            "loss on the first ten after 500 steps on all examples",
            says="with the 500 steps on all examples, and the loss on ten",
        ),
        Turn(
            "missing_1_over_n",
            lambda at: TEN * _after(at.params, at.X[:TEN], at.y[:TEN], RATE),
            "the sum over the ten",
        ),
    ),
)
SANITY_CHECKS = Derivation(
    {"initial": INITIAL, "expected": EXPECTED, "zero": ZERO, "overfit": OVERFIT},
    lambda take, params, X, y: _sanity(take, params, X, y),
)


def _loss(params: Any, X: Any, y: Any) -> float:
    return float(LOSS_AND_GRADS(params, X, y)[0])


def _sanity(take: Any, params: Any, X: Any, y: Any) -> dict[str, float]:
    at_hand = {"params": params, "X": X, "y": y, "K": len(params[-1][1]), "loss": _loss(params, X, y)}
    names = {
        "initial_loss": "initial",
        "expected_loss": "expected",
        "zero_input_loss": "zero",
        "overfit_loss": "overfit",
    }
    return {name: float(take(step, **at_hand)) for name, step in names.items()}


def _after(params: Any, X: Any, y: Any, rate: float, steps: int = STEPS, asked: int | None = None) -> float:
    """Return the loss on the first examples asked after so many steps on all that are given."""
    arrays = [X, y, *(array for pair in params for array in pair)]
    packed = tuple((array.tobytes(), array.shape, array.dtype.str) for array in arrays)
    return _loss(_trained(packed, rate, steps), X[:asked], y[:asked])


@lru_cache(maxsize=64)
def _trained(packed: tuple[Any, ...], rate: float, steps: int) -> list[tuple[Any, Any]]:
    """Return what the steps lead to; every slip but a few asks for the same."""
    X, y, *flat = (np.frombuffer(data, dtype).reshape(shape) for data, shape, dtype in packed)
    W1, b1, W2, b2 = (array.copy() for array in flat)
    rows = np.arange(len(y))
    for _ in range(steps):
        A = np.maximum(X @ W1 + b1, 0)
        E = np.exp(A @ W2 + b2)
        delta = E / E.sum(axis=1, keepdims=True)
        delta[rows, y] -= 1
        delta *= rate / len(y)
        back = (delta @ W2.T) * (A > 0)
        W2 -= A.T @ delta
        b2 -= delta.sum(axis=0)
        W1 -= X.T @ back
        b1 -= back.sum(axis=0)
    return [(W1, b1), (W2, b2)]
