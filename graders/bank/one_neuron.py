"""One neuron: the right derivation, and beside it each known wrong turn as one line.

``z = w . x + b``, ``a = f(z)``, ``L = 1/2 (a - t)^2``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from backproplab.activations import sigmoid
from graders.bank.derivation import Derivation, Step, Turn
from graders.exercise import WrongTurn

__all__ = [
    "DELTA",
    "FORWARD_TURNS",
    "GRADS",
    "LOSS_TURNS",
    "SLOPE_TURNS",
    "STALL_TURNS",
    "STEP",
    "forward",
]

TWICE, HALF = "multiplied by 2", "multiplied by 1/2"
FRONT = "which number stands in front of the square?"
STEEPEST = "how steep is the sigmoid at its steepest, where a is 1/2?"


def forward(w: Any, b: Any, x: Any, act: Any) -> tuple[Any, Any]:
    """Return ``z = w . x + b`` and ``a = f(z)``."""
    z = w @ x + b
    return z, act.f(z)


FORWARD_TURNS = (
    WrongTurn("forward_no_bias", lambda w, b, x, act: (w @ x, act.f(w @ x)), "z = w . x"),
    WrongTurn("forward_no_activation", lambda w, b, x, act: (w @ x + b, w @ x + b), "a = z"),
    WrongTurn("z_not_summed", lambda w, b, x, act: (w * x + b, act.f(w * x + b)), "z_i = w_i x_i + b"),
)

LOSS_TURNS = (
    WrongTurn("factor_two", lambda a, t: (a - t) ** 2, "L = (a - t)^2", says=TWICE, asks=FRONT),
    WrongTurn("factor_two", lambda a, t: (a - t) ** 2 / 4, "L = 1/4 (a - t)^2", says=HALF, asks=FRONT),
    WrongTurn("sign", lambda a, t: -((a - t) ** 2) / 2, "L = -1/2 (a - t)^2"),
    WrongTurn("error_not_squared", lambda a, t: abs(a - t) / 2, "L = 1/2 |a - t|"),
    WrongTurn("error_not_squared", lambda a, t: abs(a - t), "L = |a - t|"),
    WrongTurn("error_not_squared", lambda a, t: (a - t) / 2, "L = 1/2 (a - t)"),
    WrongTurn("error_not_squared", lambda a, t: a - t, "L = a - t"),
)

SLOPE_TURNS = (
    WrongTurn(
        "slope_of_a",
        lambda a: sigmoid.deriv(a),
        "f' = f(a) (1 - f(a))",
        says="with the sigmoid applied once more, to a number that is already its value",
        asks="a is the height of the curve: which of 'put in' and 'came out' is it?",
    ),
    WrongTurn("slope_is_f", lambda a: a, "f' = a"),
    WrongTurn("slope_one_minus_a", lambda a: 1 - a, "f' = 1 - a"),
    WrongTurn("slope_twice", lambda a: (a * (1 - a)) ** 2, "f' = (a (1 - a))^2"),
    WrongTurn("sign", lambda a: a * (a - 1), "f' = a (a - 1)"),
    WrongTurn("factor_two", lambda a: 2 * a * (1 - a), "f' = 2 a (1 - a)", says=TWICE, asks=STEEPEST),
    WrongTurn("factor_two", lambda a: a * (1 - a) / 2, "f' = 1/2 a (1 - a)", says=HALF, asks=STEEPEST),
)


ERROR = Step(
    lambda at: at.a - at.t,
    "dL/da = a - t",
    (
        Turn("sign", lambda at: at.t - at.a, "dL/dz = (t - a) f'(z)"),
        Turn("factor_two", lambda at: 2 * (at.a - at.t), "dL/dz = 2 (a - t) f'(z)", TWICE),
        Turn("factor_two", lambda at: (at.a - at.t) / 2, "dL/dz = 1/2 (a - t) f'(z)", HALF),
        Turn("upstream_ignored", lambda at: 1.0, "dL/dz = f'(z)"),
        Turn("loss_for_error", lambda at: (at.a - at.t) ** 2 / 2, "dL/dz = 1/2 (a - t)^2 f'(z)"),
        Turn("activation_twice", lambda at: at.act.f(at.a) - at.t, "dL/dz = (f(a) - t) f'(z)"),
    ),
)
SLOPE = Step(
    lambda at: at.error * at.act.deriv(at.z),
    "dL/dz = dL/da f'(z)",
    (
        Turn("missing_slope", lambda at: at.error, "dL/dz = a - t"),
        Turn("slope_of_a", lambda at: at.error * at.act.deriv(at.a), "dL/dz = (a - t) f'(a)"),
        Turn("slope_formula_on_z", lambda at: at.error * at.z * (1 - at.z), "dL/dz = (a - t) z (1 - z)"),
        Turn(
            "slope_of_other_activation", lambda at: at.error * at.a * (1 - at.a), "dL/dz = (a - t) a (1 - a)"
        ),
        Turn("slope_of_sigmoid", lambda at: at.error * sigmoid.deriv(at.z), "dL/dz = (a - t) sigmoid'(z)"),
        Turn("slope_twice", lambda at: at.error * at.act.deriv(at.z) ** 2, "dL/dz = (a - t) f'(z) f'(z)"),
        Turn("slope_is_f", lambda at: at.error * at.a, "dL/dz = (a - t) f(z)"),
        Turn("slope_one_minus_a", lambda at: at.error * (1 - at.a), "dL/dz = (a - t) (1 - a)"),
        Turn("activation_twice", lambda at: at.act.f(at.a) - at.t, "dL/dz = f(a) - t"),
    ),
)
WEIGHT = Step(
    lambda at: at.delta * at.x,
    "dL/dw_i = delta x_i",
    (
        Turn("dW_missing_input", lambda at: at.delta + 0 * at.x, "dL/dw_i = delta"),
        Turn("dW_uses_z", lambda at: at.delta * at.z + 0 * at.x, "dL/dw_i = delta z"),
        Turn("dW_uses_own_a", lambda at: at.delta * at.a + 0 * at.x, "dL/dw_i = delta a"),
        Turn("dW_uses_weight", lambda at: at.delta * at.w, "dL/dw_i = delta w_i"),
        Turn("dW_slope_again", lambda at: at.delta * at.act.deriv(at.z) * at.x, "dL/dw_i = delta f'(z) x_i"),
        Turn("dW_summed", lambda at: at.delta * at.x.sum(), "dL/dw = delta (x_1 + x_2 + ...)"),
        Turn("dW_sign", lambda at: -at.delta * at.x, "dL/dw_i = -delta x_i"),
    ),
)
BIAS = Step(
    lambda at: at.delta,
    "dL/db = delta",
    (
        Turn("db_zero", lambda at: 0.0, "dL/db = 0"),
        Turn("db_sign", lambda at: -at.delta, "dL/db = -delta"),
        Turn("db_missing_delta", lambda at: 1.0, "dL/db = 1"),
        Turn("db_uses_b", lambda at: at.delta * at.b, "dL/db = delta b"),
        Turn("db_uses_x", lambda at: at.delta * at.x, "dL/db = delta x"),
        Turn("db_uses_x", lambda at: at.delta * at.x.sum(), "dL/db = delta (x_1 + x_2 + ...)"),
        Turn("db_per_input", lambda at: at.delta + 0 * at.x, "one dL/db per input"),
    ),
)
ORDER = Step(
    lambda at: (at.dw, at.db),
    "(dw, db)",
    (Turn("tuple_swapped", lambda at: (at.db, at.dw), "(db, dw)", whole=True),),
)
UPDATE = Step(
    lambda at: (at.w - at.lr * at.dw, at.b - at.lr * at.db),
    "w_new = w - lr dL/dw, b_new = b - lr dL/db",
    (
        Turn("sign", lambda at: (at.w + at.lr * at.dw, at.b + at.lr * at.db), "w_new = w + lr dL/dw"),
        Turn("refreshed_forward", lambda at: _refreshed(at), "dL/db at the new w"),
        Turn("updated_before_use", lambda at: _refreshed(at), "dL/db at the new w"),
        Turn("lr_missing", lambda at: (at.w - at.dw, at.b - at.db), "w_new = w - dL/dw"),
        Turn("returns_step", lambda at: (at.lr * at.dw, at.lr * at.db), "w_new = lr dL/dw"),
        Turn("returns_step", lambda at: (-at.lr * at.dw, -at.lr * at.db), "w_new = -lr dL/dw"),
        Turn(
            "db_zero",
            lambda at: (at.w - at.lr * at.dw, at.b),
            "b_new = b",
            says="with b left as it was",
            asks="which of the two parameters learnt nothing in this step?",
        ),
        Turn(
            "tuple_swapped",
            lambda at: (at.b - at.lr * at.db, at.w - at.lr * at.dw),
            "(b_new, w_new)",
            whole=True,
        ),
    ),
)


def _refreshed(at: Any) -> tuple[Any, Any]:
    w_new = at.w - at.lr * at.dw
    return w_new, at.b - at.lr * at.gradients(w_new)[1]


def _delta(take: Any, z: Any, a: Any, t: Any, act: Any) -> Any:
    at_hand = {"z": z, "a": a, "t": t, "act": act}
    return take("slope", error=take("error", **at_hand), **at_hand)


def _grads(take: Any, w: Any, b: Any, x: Any, t: Any, act: Any) -> tuple[Any, Any]:
    z, a = forward(w, b, x, act)
    at_hand = {"delta": _delta(take, z, a, t, act), "w": w, "b": b, "x": x, "z": z, "a": a, "act": act}
    return take("weight", **at_hand), take("bias", **at_hand)


def _ordered_grads(take: Any, *arguments: Any) -> Any:
    dw, db = _grads(take, *arguments)
    return take("order", dw=dw, db=db)


def _step(take: Any, w: Any, b: Any, x: Any, t: Any, lr: Any, act: Any) -> Any:
    dw, db = _grads(take, w, b, x, t, act)
    return take(
        "update", w=w, b=b, lr=lr, dw=dw, db=db, gradients=lambda new: _grads(take, new, b, x, t, act)
    )


DELTA = Derivation({"slope": SLOPE, "error": ERROR}, _delta)
GRADS = Derivation(
    {"weight": WEIGHT, "bias": BIAS, "order": ORDER, "slope": SLOPE, "error": ERROR},
    _ordered_grads,
)
# The wrong sign of the error and that of the step lead to the same place; the first also goes with
# another slip of the step.
STEP = Derivation(
    {
        "update": UPDATE,
        "weight": WEIGHT,
        "bias": BIAS.without("db_zero"),
        "slope": SLOPE,
        "error": ERROR,
    },
    _step,
)


# How one might put the size of all inputs into one number, keeping the sign or not.
_INPUT_SIZES: tuple[Callable[[Any], Any], ...] = (np.linalg.norm, np.max, np.min, np.mean, np.sum)


def factors(
    w: Any, b: Any, x: Any, t: Any, act: Any, size: Callable[[Any], Any] = np.linalg.norm
) -> dict[str, float]:
    """Return the three factors of ``dL/dw = (a - t) f'(z) x`` by the names of the answers."""
    z, a = forward(w, b, x, act)
    return {"error": float(a - t), "slope": float(act.deriv(z)), "input": float(size(x))}


def _smallest(sizes: dict[str, float]) -> str:
    return min(sizes, key=lambda name: sizes[name])


def _sizes(sizes: dict[str, float]) -> dict[str, float]:
    return {name: abs(size) for name, size in sizes.items()}


def _smallest_with_slope(w: Any, b: Any, x: Any, t: Any, act: Any, slope: Callable[..., Any]) -> str:
    z, a = forward(w, b, x, act)
    return _smallest(_sizes(factors(w, b, x, t, act) | {"slope": float(slope(z, a, act))}))


def _largest(*args: Any) -> str:
    sizes = _sizes(factors(*args))
    return max(sizes, key=lambda name: sizes[name])


def _signed(size: Callable[[Any], Any]) -> WrongTurn:
    return WrongTurn(
        "smallest_without_abs",
        lambda w, b, x, t, act: _smallest(factors(w, b, x, t, act, size)),
        "min(a - t, f'(z), x), signs kept",
    )


def _slope_turn(name: str, slope: Callable[..., Any], text: str) -> WrongTurn:
    return WrongTurn(
        name,
        lambda w, b, x, t, act: _smallest_with_slope(w, b, x, t, act, slope),
        f"the smallest of |a - t|, |{text}|, |x|",
    )


STALL_TURNS = (
    *(_signed(size) for size in _INPUT_SIZES),
    WrongTurn("picks_largest", _largest, "the largest of |a - t|, |f'(z)|, |x|"),
    _slope_turn("slope_of_a", lambda z, a, act: act.deriv(a), "f'(a)"),
    _slope_turn("slope_of_other_activation", lambda z, a, act: a * (1 - a), "a (1 - a)"),
)
