"""One dense layer and one activation: going back through them, and the gradients of weights and biases.

``Z = X W + b``, ``A = f(Z)``; going back, each step is one formula with its wrong turns beside it.
``at`` holds what is at hand: ``dA``, ``Z`` and ``act`` of the layer, ``A_prev`` that enters it, ``W`` and
``delta`` of the layer that is gone back through.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from backproplab.activations import leaky_relu, sigmoid
from graders.bank.derivation import Derivation, Step, Turn

__all__ = [
    "ACTIVATION",
    "BACK",
    "BIASES",
    "HIDDEN_DELTA",
    "HIDDEN_DELTA_LOOP",
    "LINEAR",
    "SLOPE",
    "TWICE_OR_HALF",
    "UPSTREAM",
    "WEIGHTS",
]

SLOPE = Step(
    lambda at: at.dA * at.act.deriv(at.Z),
    "delta = dA * f'(Z)",
    (
        Turn("missing_slope", lambda at: at.dA * 1.0, "delta = dA"),
        Turn("slope_of_a", lambda at: at.dA * at.act.deriv(at.act.f(at.Z)), "delta = dA * f'(A)"),
        Turn("slope_formula_on_z", lambda at: at.dA * at.Z * (1 - at.Z), "delta = dA * Z * (1 - Z)"),
        Turn("slope_of_other_activation", lambda at: at.dA * _bell(at), "delta = dA * A * (1 - A)"),
        Turn("slope_twice", lambda at: at.dA * at.act.deriv(at.Z) ** 2, "delta = dA * f'(Z) * f'(Z)"),
        Turn("slope_is_f", lambda at: at.dA * at.act.f(at.Z), "delta = dA * A"),
        Turn("slope_one_minus_a", lambda at: at.dA * (1 - at.act.f(at.Z)), "delta = dA * (1 - A)"),
        Turn("relu_leaky", lambda at: at.dA * _leaky(at), "delta = dA * (0.01 where f'(Z) is 0)"),
        Turn("relu_gate_on_upstream", lambda at: at.dA * (at.dA > 0), "delta = dA where dA > 0, else 0"),
        Turn("upstream_ignored", lambda at: at.act.deriv(at.Z) + 0 * at.dA, "delta = f'(Z)"),
    ),
    layered=True,
)
BACK = Step(
    lambda at: at.delta @ at.W.T,
    "dA_prev = delta W^T",
    (
        Turn("weights_transposed", lambda at: at.delta @ at.W, "dA_prev = delta W"),
        Turn("weights_ignored", lambda at: _as_wide(at.delta.sum(axis=-1), at), "dA_prev = sum_k delta_k"),
        Turn("weights_ignored", lambda at: _as_it_is(at), "dA_prev = delta"),
        Turn("last_term_only", lambda at: _term(at, -1), "dA_prev_j = delta_k w_jk, the last k alone"),
        Turn("first_term_only", lambda at: _term(at, 0), "dA_prev_j = delta_k w_jk, the first k alone"),
        Turn("mean_over_k", lambda at: at.delta @ at.W.T / at.W.shape[1], "dA_prev_j = mean_k delta_k w_jk"),
    ),
    layered=True,
)
WEIGHTS = Step(
    lambda at: at.A_prev.T @ at.delta,
    "dW = A_prev^T delta",
    (
        Turn("dW_sign", lambda at: -(at.A_prev.T @ at.delta), "dW = -A_prev^T delta"),
        Turn("dW_transposed", lambda at: at.delta.T @ at.A_prev, "dW = delta^T A_prev"),
        Turn("dW_missing_input", lambda at: np.ones_like(at.A_prev).T @ at.delta, "dW_jk = sum_n delta_nk"),
        Turn("extra_1_over_n", lambda at: at.A_prev.T @ at.delta / len(at.delta), "dW = 1/B A_prev^T delta"),
        Turn("n_minus_1", lambda at: _of_n_minus_1(at) * (at.A_prev.T @ at.delta), "dW, 1/(B - 1) for 1/B"),
        Turn(
            "last_example_only", lambda at: _of_example(at, -1), "dW = outer(a_prev, delta), the last example"
        ),
        Turn(
            "first_example_only",
            lambda at: _of_example(at, 0),
            "dW = outer(a_prev, delta), the first example",
        ),
    ),
    layered=True,
)
BIASES = Step(
    lambda at: at.delta.sum(axis=0),
    "db = sum_n delta_n",
    (
        Turn("extra_1_over_n", lambda at: at.delta.mean(axis=0), "db = 1/B sum_n delta_n"),
        Turn("db_mean", lambda at: at.delta.mean(axis=0), "db = mean_n delta_n"),
        Turn("db_last", lambda at: at.delta[-1], "db = delta of the last example"),
        Turn("db_first", lambda at: at.delta[0], "db = delta of the first example"),
        Turn("db_zero", lambda at: 0 * at.delta[0], "db = 0"),
        Turn("db_total", lambda at: 0 * at.delta[0] + at.delta.sum(), "db_k = the sum over n and k"),
        Turn("db_sign", lambda at: -at.delta.sum(axis=0), "db = -sum_n delta_n"),
        Turn("db_not_summed", lambda at: at.delta, "db = delta, one row an example"),
    ),
    layered=True,
)


def _bell(at: Any) -> Any:
    a = at.act.f(at.Z)
    return a * (1 - a)


def _leaky(at: Any) -> Any:
    slope = at.act.deriv(at.Z)
    return np.where(slope == 0, leaky_relu.deriv(at.Z), slope)


def _as_wide(number: Any, at: Any) -> Any:
    """Give one number per example to every unit that W comes from."""
    return number[..., None] * np.ones(len(at.W))


def _as_it_is(at: Any) -> Any:
    if at.W.shape[0] != at.W.shape[1]:
        raise ValueError("delta can only be handed on as it is between layers of equal width")
    return at.delta * 1.0


def _term(at: Any, k: int) -> Any:
    return at.delta[..., k, None] * at.W[:, k]


def _of_n_minus_1(at: Any) -> float:
    return len(at.delta) / (len(at.delta) - 1)


def _of_example(at: Any, n: int) -> Any:
    return np.outer(at.A_prev[n], at.delta[n])


def _one_example(at: Any, n: int) -> Any:
    kept = np.zeros_like(at.delta)
    kept[n] = at.delta[n]
    return kept


TWICE_OR_HALF = ("multiplied by 2", "multiplied by 1/2")
UPSTREAM = Step(
    lambda at: at.delta,
    "delta as it arrives",
    (
        Turn("sign", lambda at: -at.delta, "-delta for delta"),
        Turn("factor_two", lambda at: 2 * at.delta, "2 delta for delta", TWICE_OR_HALF[0]),
        Turn("factor_two", lambda at: at.delta / 2, "1/2 delta for delta", TWICE_OR_HALF[1]),
        Turn("upstream_ignored", lambda at: np.ones_like(at.delta), "1 for delta"),
    ),
)
SHARES = (
    Turn("extra_1_over_n", lambda at: at.delta / len(at.delta), "1/B delta for delta"),
    Turn("n_minus_1", lambda at: _of_n_minus_1(at) * at.delta, "B/(B - 1) delta for delta"),
    Turn("last_example_only", lambda at: _one_example(at, -1), "0 for delta, but for the last example"),
    Turn("first_example_only", lambda at: _one_example(at, 0), "0 for delta, but for the first example"),
)
BATCH_UPSTREAM = UPSTREAM.and_turns(*SHARES)
# What dW and db share, and dX does not.
BATCH = Step(
    lambda at: at.delta,
    "dW and db sum delta over the examples",
    (
        *SHARES,
        Turn("divides_by_d", lambda at: at.delta / at.X.shape[1], "1/D delta for delta in dW and db"),
    ),
)
# Forms that are asked about one layer alone, to keep the banks of whole networks small.
SLOPE_ALONE = SLOPE.and_turns(
    Turn("relu_leaky", lambda at: at.dA * leaky_relu.deriv(at.Z), "delta = dA * (1 where Z > 0, else 0.01)"),
    Turn(
        "relu_gate_on_upstream",
        lambda at: at.dA * at.act.deriv(at.dA),
        "delta = dA * f'(dA)",
        "with the slope taken at what comes back instead of at Z",
    ),
    Turn("slope_of_sigmoid", lambda at: at.dA * sigmoid.deriv(at.Z), "delta = dA * sigmoid'(Z)"),
    Turn(
        "relu_leaky",
        lambda at: at.dA * np.where(at.Z > 0, at.act.deriv(at.Z), 0.01),
        "delta = dA * (f'(Z) where Z > 0, else 0.01)",
    ),
)


def _activation(take: Any, dA: Any, Z: Any, act: Any) -> Any:
    return take("slope", dA=take("upstream", delta=dA), Z=Z, act=act)


def _hidden_delta(take: Any, delta_next: Any, W_next: Any, Z: Any, act: Any) -> Any:
    dA = take("back", delta=take("upstream", delta=delta_next), W=W_next)
    return take("slope", dA=dA, Z=Z, act=act)


def _heard(step: Step) -> Step:
    """Tell the slips of a hidden layer, which has no target of its own."""
    return (
        step.told(
            "upstream_ignored",
            "without the deltas of the next layer",
            "if every delta of the next layer were 0, how much would this layer matter to the loss?",
        )
        .told(
            "sign",
            asks="behind a positive weight stands a positive delta: which way does the loss go when a rises?",
        )
        .told(
            "factor_two", asks="the deltas of the next layer are given: is there a square left to be derived?"
        )
    )


def _handed(step: Step, name: str) -> Step:
    """Tell the slips of a step that is handed a gradient and knows of no target."""
    return (
        step.told(
            "upstream_ignored",
            f"without the {name} that comes back",
            f"if {name} were 0 everywhere, what should your answer be?",
        )
        .told("sign", asks=f"{name} is given with its sign: what in this step could turn it round?")
        .told("factor_two", asks=f"{name} is given as it is: is there a square left to be derived?")
        .told(
            "extra_1_over_n", asks=f"whatever the loss divides by is in {name} already: how often is 1/B due?"
        )
    )


def _of_dA(step: Step) -> Step:
    """Write a step on delta with the dA that arrives at an activation."""
    turns = tuple(replace(turn, formula=turn.formula.replace("delta", "dA")) for turn in step.turns)
    return replace(step, formula=step.formula.replace("delta", "dA"), turns=turns)


def _linear(take: Any, dZ: Any, X: Any, W: Any) -> Any:
    delta = take("upstream", delta=dZ)
    dX = take("back", delta=delta, W=W)
    delta = take("batch", delta=delta, X=X)
    return dX, take("weights", delta=delta, A_prev=X, W=W), take("biases", delta=delta)


ACTIVATION = Derivation(
    {
        "slope": _handed(SLOPE_ALONE.without("upstream_ignored"), "dA"),
        "upstream": _of_dA(_handed(BATCH_UPSTREAM, "dA")),
    },
    _activation,
)
BY_MATRIX = Turn(
    "other_product",
    lambda at: at.dA @ at.act.deriv(at.Z),
    "delta = dA f'(Z), as matrices",
    "with a matrix product where dA and f'(Z) are due entry by entry",
    "each unit has one slope in each example: which entries of dA does it scale?",
)
HIDDEN_DELTA, HIDDEN_DELTA_LOOP = (
    Derivation({"slope": _heard(slope), "back": BACK, "upstream": _heard(upstream)}, _hidden_delta)
    for slope, upstream in ((SLOPE_ALONE.and_turns(BY_MATRIX), BATCH_UPSTREAM), (SLOPE_ALONE, UPSTREAM))
)
BY_OUTPUTS = Turn("divides_by_k", lambda at: at.delta / at.delta.shape[1], "1/K delta for delta")
USES_Z = Turn("dW_uses_z", lambda at: (at.A_prev @ at.W).T @ at.delta, "dW = (X W)^T dZ")
AGAIN = Turn("extra_1_over_n", lambda at: at.delta @ at.W.T / len(at.delta), "dA_prev = 1/B delta W^T")
BY_EXAMPLE = Turn(
    "db_not_summed",
    lambda at: at.delta.sum(axis=1),
    "db_n = sum_k delta_nk",
    says="with the sum over the units for the bias: one number an example",
    asks="b has one entry for each unit: over which index is summed, so that the units are left?",
)
LINEAR = Derivation(
    {
        "back": _handed(BACK.and_turns(AGAIN), "dZ"),
        "weights": _handed(WEIGHTS.and_turns(USES_Z), "dZ"),
        "biases": _handed(BIASES.and_turns(BY_EXAMPLE), "dZ"),
        "upstream": _handed(BATCH_UPSTREAM.and_turns(BY_OUTPUTS), "dZ"),
        "batch": _handed(BATCH, "dZ"),
    },
    _linear,
)
