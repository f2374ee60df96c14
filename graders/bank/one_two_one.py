"""The 1-2-1 network: two softplus units between a dose and a prediction, and its sum of squares.

``x1 = w1 dose + b1``, ``y1 = softplus(x1)``, the same for unit 2, ``pred = w3 y1 + w4 y2 + b3`` and
``SSR = sum (observed - pred)^2``. Every weight and bias is one number, so each gradient is a sum over the
data of what enters times ``delta``. Layer 1 holds w1 b1 w2 b2, layer 2 holds w3 w4 b3.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from backproplab.activations import relu, sigmoid, softplus
from graders.bank.derivation import Derivation, Step, Turn
from graders.bank.layers import BIASES, TWICE_OR_HALF

__all__ = [
    "DERIVATIVE_STEPS",
    "FORWARD",
    "GRAD_ALL",
    "GRAD_LAST",
    "LAST",
    "NAMES",
    "SSR",
    "all_gradients",
    "right_forward",
]

NAMES = ("w1", "b1", "w2", "b2", "w3", "w4", "b3")
LAST = ("w3", "w4", "b3")

FORWARD_STEPS = {
    "weighted": Step(
        lambda at: at.w * at.dose + at.b,
        "x = w dose + b",
        (Turn("forward_no_bias", lambda at: at.w * at.dose, "x = w dose"),),
        layered=True,
        until=1,
    ),
    "curved": Step(
        lambda at: softplus.f(at.x),
        "y = log(1 + e^x)",
        (
            Turn("forward_no_activation", lambda at: at.x, "y = x"),
            Turn("slope_for_activation", lambda at: sigmoid.f(at.x), "y = sigmoid(x)"),
            Turn("relu_for_softplus", lambda at: relu.f(at.x), "y = max(x, 0)"),
            Turn("activation_twice", lambda at: softplus.f(softplus.f(at.x)), "y = softplus(softplus(x))"),
        ),
        layered=True,
        until=1,
    ),
    "predicted": Step(
        lambda at: at.w3 * at.y1 + at.w4 * at.y2 + at.b3,
        "pred = w3 y1 + w4 y2 + b3",
        (
            Turn("forward_no_bias", lambda at: at.w3 * at.y1 + at.w4 * at.y2, "pred = w3 y1 + w4 y2"),
            Turn("weights_ignored", lambda at: at.y1 + at.y2 + at.b3, "pred = y1 + y2 + b3"),
            Turn(
                "units_swapped", lambda at: at.w4 * at.y1 + at.w3 * at.y2 + at.b3, "pred = w4 y1 + w3 y2 + b3"
            ),
            Turn("first_term_only", lambda at: at.w3 * at.y1 + at.b3, "pred = w3 y1 + b3"),
            Turn("last_term_only", lambda at: at.w4 * at.y2 + at.b3, "pred = w4 y2 + b3"),
            Turn(
                "activation_at_output",
                lambda at: softplus.f(at.w3 * at.y1 + at.w4 * at.y2 + at.b3),
                "pred = softplus(w3 y1 + w4 y2 + b3)",
            ),
        ),
        layered=True,
        since=2,
    ),
}


def _forward(take: Any, p: Any, dose: Any) -> dict[str, Any]:
    x1 = take("weighted", layer=1, depth=2, w=p["w1"], b=p["b1"], dose=dose)
    x2 = take("weighted", layer=1, depth=2, w=p["w2"], b=p["b2"], dose=dose)
    y1, y2 = (take("curved", layer=1, depth=2, x=x) for x in (x1, x2))
    pred = take("predicted", layer=2, depth=2, y1=y1, y2=y2, **{name: p[name] for name in LAST})
    return {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "pred": pred}


FORWARD = Derivation(FORWARD_STEPS, _forward)


def right_forward(p: Any, dose: Any) -> SimpleNamespace:
    """Return what a forward pass leaves at hand, without asking at every step for wrong turns."""
    at = SimpleNamespace(dose=dose, pred=p["b3"])
    for unit, weight in (("1", "w3"), ("2", "w4")):
        x = p["w" + unit] * dose + p["b" + unit]
        y = softplus.f(x)
        vars(at).update({"x" + unit: x, "y" + unit: y, "pred": at.pred + p[weight] * y})
    return at


RESIDUAL = Step(
    lambda at: -2 * at.residual,
    "dSSR/dpred = -2 (observed - pred)",
    (
        Turn("sign", lambda at: 2 * at.residual, "dSSR/dpred = 2 (observed - pred)"),
        Turn("factor_two", lambda at: -at.residual, "dSSR/dpred = -(observed - pred)", TWICE_OR_HALF[1]),
        Turn(
            "factor_two", lambda at: -4 * at.residual, "dSSR/dpred = -4 (observed - pred)", TWICE_OR_HALF[0]
        ),
        Turn("extra_1_over_n", lambda at: -2 * at.residual / at.residual.size, "dSSR/dpred / n"),
        Turn("upstream_ignored", lambda at: np.ones_like(at.residual), "dSSR/dpred = 1"),
        Turn("loss_for_error", lambda at: at.residual**2, "dSSR/dpred = (observed - pred)^2"),
    ),
)
KEPT = Step(
    lambda at: at.delta,
    "dSSR/dpred of all examples",
    (
        Turn("last_example_only", lambda at: _only(at.delta, -1), "dSSR/dpred of the last example alone"),
        Turn("first_example_only", lambda at: _only(at.delta, 0), "dSSR/dpred of the first example alone"),
    ),
)
BACK = Step(
    lambda at: at.delta * at.w_next,
    "dSSR/dy = dSSR/dpred w (w3 for y1, w4 for y2)",
    (
        Turn("weights_ignored", lambda at: at.delta, "dSSR/dy = dSSR/dpred"),
        Turn(
            "units_swapped",
            lambda at: at.delta * at.w_other,
            "dSSR/dy = dSSR/dpred w (w4 for y1, or w3 for y2)",
            "with the weight of the other unit on the way back",
        ),
        Turn(
            "weights_wrong_layer",
            lambda at: at.delta * at.w,
            "dSSR/dy = dSSR/dpred w (w1 for y1, or w2 for y2)",
        ),
    ),
    layered=True,
    since=2,
)
SLOPE = Step(
    lambda at: at.dy * sigmoid.f(at.x),
    "dSSR/dx = dSSR/dy sigmoid(x)",
    (
        Turn("missing_slope", lambda at: at.dy, "dSSR/dx = dSSR/dy"),
        Turn("slope_of_a", lambda at: at.dy * sigmoid.f(at.y), "dSSR/dx = dSSR/dy sigmoid(y)"),
        Turn("slope_of_sigmoid", lambda at: at.dy * sigmoid.deriv(at.x), "dSSR/dx = dSSR/dy sigmoid'(x)"),
        Turn(
            "slope_of_other_activation", lambda at: at.dy * at.y * (1 - at.y), "dSSR/dx = dSSR/dy y (1 - y)"
        ),
        Turn("slope_formula_on_z", lambda at: at.dy * at.x * (1 - at.x), "dSSR/dx = dSSR/dy x (1 - x)"),
        Turn("slope_twice", lambda at: at.dy * sigmoid.f(at.x) ** 2, "dSSR/dx = dSSR/dy sigmoid(x)^2"),
        Turn("slope_is_f", lambda at: at.dy * at.y, "dSSR/dx = dSSR/dy y"),
        Turn("slope_one_minus_a", lambda at: at.dy * (1 - at.y), "dSSR/dx = dSSR/dy (1 - y)"),
        Turn(
            "slope_of_dose",
            lambda at: at.dy * sigmoid.f(at.dose),
            "dSSR/dx = dSSR/dy sigmoid(dose)",
        ),
        Turn(
            "units_swapped",
            lambda at: at.dy * sigmoid.f(at.x1),
            "dSSR/dx2 = dSSR/dy2 sigmoid(x1)",
            "with sigmoid(x1) left in the slope of unit 2",
            "at which number does unit 2 stand on its curve?",
        ),
        Turn(
            "upstream_ignored",
            lambda at: sigmoid.f(at.x),
            "dSSR/dx = sigmoid(x)",
            "with the slope alone, without what comes back from the prediction",
            "if the prediction already equals what was observed, what should the gradient be?",
        ),
    ),
    layered=True,
    until=1,
)
WEIGHT = Step(
    lambda at: (at.enters * at.delta).sum(),
    "dSSR/dw = sum_n input_n delta_n",
    (
        Turn("dW_missing_input", lambda at: at.delta.sum(), "dSSR/dw = sum_n delta_n"),
        Turn(
            "dW_uses_z",
            lambda at: (at.x * at.delta).sum(),
            "dSSR/dw1 = sum_n x1_n delta_n",
            "with the pre-activation x1 in place of the dose",
            "of the two numbers that are called x, which one does w1 multiply?",
            until=1,
        ),
        Turn("dW_uses_z", lambda at: (at.x * at.delta).sum(), "dSSR/dw3 = sum_n x1_n delta_n", since=2),
        Turn("dW_uses_own_a", lambda at: (at.leaves * at.delta).sum(), "dSSR/dw = sum_n output_n delta_n"),
        Turn("dW_uses_x", lambda at: (at.dose * at.delta).sum(), "dSSR/dw3 = sum_n dose_n delta_n", since=2),
        Turn("dW_uses_weight", lambda at: (at.w * at.delta).sum(), "dSSR/dw = sum_n w delta_n"),
        Turn("dW_sign", lambda at: -(at.enters * at.delta).sum(), "dSSR/dw = -sum_n input_n delta_n"),
        Turn(
            "dW_slope_again",
            lambda at: (at.enters * at.delta * sigmoid.f(at.x)).sum(),
            "dSSR/dw1 = sum_n dose_n delta_n sigmoid(x1_n)",
            until=1,
        ),
        Turn(
            "dW_product_of_sums",
            lambda at: at.enters.sum() * at.delta.sum(),
            "dSSR/dw = sum_n input_n times sum_n delta_n",
        ),
        Turn("extra_1_over_n", lambda at: (at.enters * at.delta).mean(), "dSSR/dw = mean_n input_n delta_n"),
        Turn(
            "last_example_only", lambda at: at.enters[-1] * at.delta[-1], "dSSR/dw of the last example alone"
        ),
        Turn(
            "first_example_only", lambda at: at.enters[0] * at.delta[0], "dSSR/dw of the first example alone"
        ),
        Turn(
            "dW_not_summed",
            lambda at: at.enters * at.delta,
            "dSSR/dw = input_n delta_n, one number an example",
        ),
    ),
    layered=True,
)
DERIVATIVE_STEPS = {
    "slope": SLOPE,
    "back": BACK,
    "weight": WEIGHT,
    "bias": BIASES.without("db_total").and_turns(
        Turn("db_total", lambda at: sum(at.deltas).sum(), "dSSR/db1 = the sum over n and both units", until=1)
    ),
    "residual": RESIDUAL,
    "kept": KEPT,
}


def _only(row: Any, n: int) -> Any:
    kept = np.zeros_like(row)
    kept[n] = row[n]
    return kept


def _last(take: Any, p: Any, at: Any, delta: Any) -> dict[str, Any]:
    where = {"layer": 2, "depth": 2, "delta": delta}
    w3, w4 = (
        take("weight", **where, enters=y, x=x, leaves=at.pred, dose=at.dose, w=w)
        for y, x, w in ((at.y1, at.x1, p["w3"]), (at.y2, at.x2, p["w4"]))
    )
    return {"w3": w3, "w4": w4, "b3": take("bias", **where)}


def _unit_delta(take: Any, at: Any, delta: Any, x: Any, y: Any, w: Any, w_next: Any, w_other: Any) -> Any:
    """Send the error back to one hidden unit."""
    dy = take("back", layer=2, depth=2, delta=delta, w_next=w_next, w_other=w_other, w=w)
    return take("slope", layer=1, depth=2, dy=dy, x=x, y=y, x1=at.x1, dose=at.dose)


def _grad_last(take: Any, p: Any, dose: Any, observed: Any) -> dict[str, Any]:
    at = right_forward(p, dose)
    delta = take("kept", delta=take("residual", residual=observed - at.pred))
    return _last(take, p, at, delta)


def _grad_all(take: Any, p: Any, dose: Any, observed: Any) -> dict[str, Any]:
    at = right_forward(p, dose)
    return all_gradients(take, p, at, observed - at.pred)


def all_gradients(take: Any, p: Any, at: Any, residual: Any, behind: Any = None) -> dict[str, Any]:
    """Return all seven after a forward pass.

    Parameters
    ----------
    take : callable
        Takes one step, rightly or wrongly.
    p, behind : dict
        The parameters; ``behind`` may hold other w3 and w4 to go back through than those of the forward.
    at : namespace
        What the forward pass left at hand.
    residual : ndarray
        ``observed - pred``.
    """
    back = behind or p
    delta = take("kept", delta=take("residual", residual=residual))
    ways = (("1", "3", "4", at.x1, at.y1), ("2", "4", "3", at.x2, at.y2))
    deltas = [
        _unit_delta(take, at, delta, x, y, p["w" + unit], back["w" + own], back["w" + other])
        for unit, own, other, x, y in ways
    ]
    first = {}
    for (unit, _, _, x, y), dx in zip(ways, deltas, strict=True):
        where = {"layer": 1, "depth": 2, "delta": dx}
        w = p["w" + unit]
        first["w" + unit] = take("weight", **where, enters=at.dose, x=x, leaves=y, dose=at.dose, w=w)
        first["b" + unit] = take("bias", **where, deltas=deltas)
    return {**first, **_last(take, p, at, delta)}


GRAD_LAST = Derivation(
    {name: DERIVATIVE_STEPS[name] for name in ("weight", "bias", "residual", "kept")},
    _grad_last,
)
GRAD_ALL = Derivation(DERIVATIVE_STEPS, _grad_all)

SSR = Derivation(
    {
        "square": Step(
            lambda at: at.residual**2,
            "SSR = sum_n (observed_n - pred_n)^2",
            (
                Turn("error_not_squared", lambda at: abs(at.residual), "SSR = sum_n |observed_n - pred_n|"),
                Turn("error_not_squared", lambda at: at.residual, "SSR = sum_n (observed_n - pred_n)"),
                Turn(
                    "factor_two",
                    lambda at: at.residual**2 / 2,
                    "SSR = 1/2 sum_n (observed_n - pred_n)^2",
                    TWICE_OR_HALF[1],
                ),
            ),
        ),
        "sum": Step(
            lambda at: at.squares.sum(),
            "SSR = sum_n (observed_n - pred_n)^2",
            (
                Turn("extra_1_over_n", lambda at: at.squares.mean(), "SSR = mean_n (observed_n - pred_n)^2"),
                Turn(
                    "n_minus_1",
                    lambda at: at.squares.sum() / (at.squares.size - 1 or _alone()),
                    "SSR / (n - 1)",
                ),
                Turn(
                    "sum_before_square",
                    lambda at: at.residual.sum() ** 2,
                    "SSR = (sum_n (observed_n - pred_n))^2",
                ),
                Turn(
                    "root_of_sum",
                    lambda at: np.sqrt(at.squares.sum()),
                    "SSR = the root of the sum of squares",
                ),
                Turn("last_example_only", lambda at: at.squares[-1], "SSR = the last square alone"),
                Turn("first_example_only", lambda at: at.squares[0], "SSR = the first square alone"),
                Turn("not_summed", lambda at: at.squares, "SSR = one square an example"),
            ),
        ),
        **FORWARD_STEPS,
    },
    lambda take, p, dose, observed: _ssr(take, observed - _forward(take, p, dose)["pred"]),
)


def _ssr(take: Any, residual: Any) -> Any:
    return take("sum", squares=take("square", residual=residual), residual=residual)


def _alone() -> float:
    raise ZeroDivisionError("1/(n - 1) of one example")
