"""One neuron: the right derivation, and beside it each known wrong turn as one line.

``z = w . x + b``, ``a = f(z)``, ``L = 1/2 (a - t)^2``.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from backproplab.activations import sigmoid
from graders.exercise import WrongTurn

__all__ = [
    "DELTA_TURNS",
    "FORWARD_TURNS",
    "GRADS_TURNS",
    "LOSS_TURNS",
    "SLOPE_TURNS",
    "STALL_TURNS",
    "STEP_TURNS",
    "forward",
]

DeltaRule = Callable[[Any, Any, Any, Any], Any]

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


def delta(z: Any, a: Any, t: Any, act: Any) -> Any:
    """Return ``dL/dz = (a - t) f'(z)``."""
    return (a - t) * act.deriv(z)


# misconception, dL/dz as it comes out, and how one would write that
_DELTAS: tuple[tuple[str, DeltaRule, str], ...] = (
    ("missing_slope", lambda z, a, t, act: a - t, "a - t"),
    ("slope_of_a", lambda z, a, t, act: (a - t) * act.deriv(a), "(a - t) f'(a)"),
    ("slope_formula_on_z", lambda z, a, t, act: (a - t) * z * (1 - z), "(a - t) z (1 - z)"),
    ("slope_of_other_activation", lambda z, a, t, act: (a - t) * a * (1 - a), "(a - t) a (1 - a)"),
    ("slope_of_sigmoid", lambda z, a, t, act: (a - t) * sigmoid.deriv(z), "(a - t) sigmoid'(z)"),
    ("slope_twice", lambda z, a, t, act: (a - t) * act.deriv(z) ** 2, "(a - t) f'(z) f'(z)"),
    ("slope_is_f", lambda z, a, t, act: (a - t) * a, "(a - t) f(z)"),
    ("slope_one_minus_a", lambda z, a, t, act: (a - t) * (1 - a), "(a - t) (1 - a)"),
    ("sign", lambda z, a, t, act: -delta(z, a, t, act), "(t - a) f'(z)"),
    ("factor_two", lambda z, a, t, act: 2 * delta(z, a, t, act), "2 (a - t) f'(z)"),
    ("factor_two", lambda z, a, t, act: delta(z, a, t, act) / 2, "1/2 (a - t) f'(z)"),
    ("upstream_ignored", lambda z, a, t, act: act.deriv(z), "f'(z)"),
    ("loss_for_error", lambda z, a, t, act: (a - t) ** 2 / 2 * act.deriv(z), "1/2 (a - t)^2 f'(z)"),
    ("activation_twice", lambda z, a, t, act: (act.f(a) - t) * act.deriv(z), "(f(a) - t) f'(z)"),
    ("activation_twice", lambda z, a, t, act: act.f(a) - t, "f(a) - t"),
)

_SAYS = {"2 (a - t) f'(z)": TWICE, "1/2 (a - t) f'(z)": HALF}

DELTA_TURNS = tuple(
    WrongTurn(name, derive, f"dL/dz = {text}", says=_SAYS.get(text, "")) for name, derive, text in _DELTAS
)


def grads(w: Any, b: Any, x: Any, t: Any, act: Any, dz: DeltaRule = delta) -> tuple[Any, Any]:
    """Return ``dL/dw = delta x`` and ``dL/db = delta``."""
    z, a = forward(w, b, x, act)
    d = dz(z, a, t, act)
    return d * x, d


def _grads_turn(name: str, change: Callable[..., tuple[Any, Any]], formula: str) -> WrongTurn:
    """Change the right gradients: ``change(d, w, b, x, z, a, act) -> (dw, db)``."""

    def derive(w: Any, b: Any, x: Any, t: Any, act: Any) -> tuple[Any, Any]:
        z, a = forward(w, b, x, act)
        return change(delta(z, a, t, act), w, b, x, z, a, act)

    return WrongTurn(name, derive, formula)


def _grads_with(dz: DeltaRule) -> Callable[..., tuple[Any, Any]]:
    return lambda w, b, x, t, act: grads(w, b, x, t, act, dz)


GRADS_TURNS = (
    _grads_turn("dW_missing_input", lambda d, w, b, x, z, a, act: (d + 0 * x, d), "dL/dw_i = delta"),
    _grads_turn("dW_uses_z", lambda d, w, b, x, z, a, act: (d * z + 0 * x, d), "dL/dw_i = delta z"),
    _grads_turn("dW_uses_own_a", lambda d, w, b, x, z, a, act: (d * a + 0 * x, d), "dL/dw_i = delta a"),
    _grads_turn("dW_uses_weight", lambda d, w, b, x, z, a, act: (d * w, d), "dL/dw_i = delta w_i"),
    _grads_turn(
        "dW_slope_again",
        lambda d, w, b, x, z, a, act: (d * act.deriv(z) * x, d),
        "dL/dw_i = delta f'(z) x_i",
    ),
    _grads_turn(
        "dW_summed", lambda d, w, b, x, z, a, act: (d * x.sum(), d), "dL/dw = delta (x_1 + x_2 + ...)"
    ),
    _grads_turn("dW_sign", lambda d, w, b, x, z, a, act: (-d * x, d), "dL/dw_i = -delta x_i"),
    _grads_turn("db_zero", lambda d, w, b, x, z, a, act: (d * x, 0.0), "dL/db = 0"),
    _grads_turn("db_sign", lambda d, w, b, x, z, a, act: (d * x, -d), "dL/db = -delta"),
    _grads_turn("db_missing_delta", lambda d, w, b, x, z, a, act: (d * x, 1.0), "dL/db = 1"),
    _grads_turn("db_uses_b", lambda d, w, b, x, z, a, act: (d * x, d * b), "dL/db = delta b"),
    _grads_turn("db_uses_x", lambda d, w, b, x, z, a, act: (d * x, d * x), "dL/db = delta x"),
    _grads_turn(
        "db_uses_x", lambda d, w, b, x, z, a, act: (d * x, d * x.sum()), "dL/db = delta (x_1 + x_2 + ...)"
    ),
    _grads_turn("db_per_input", lambda d, w, b, x, z, a, act: (d * x, d + 0 * x), "one dL/db per input"),
    replace(_grads_turn("tuple_swapped", lambda d, w, b, x, z, a, act: (d, d * x), "(db, dw)"), whole=True),
    *(
        WrongTurn(
            name,
            _grads_with(dz),
            f"delta = {text}, dL/dw_i = delta x_i, dL/db = delta",
            says=_SAYS.get(text, ""),
        )
        for name, dz, text in _DELTAS
    ),
)


def step(
    w: Any,
    b: Any,
    x: Any,
    t: Any,
    lr: Any,
    act: Any,
    gradients: Callable[..., tuple[Any, Any]] = grads,
) -> tuple[Any, Any]:
    """Return ``w - lr dL/dw`` and ``b - lr dL/db``."""
    dw, db = gradients(w, b, x, t, act)
    return w - lr * dw, b - lr * db


def _refreshed(w: Any, b: Any, x: Any, t: Any, lr: Any, act: Any) -> tuple[Any, Any]:
    w_new = w - lr * grads(w, b, x, t, act)[0]
    return w_new, b - lr * grads(w_new, b, x, t, act)[1]


def _step_with(gradients: Callable[..., tuple[Any, Any]]) -> Callable[..., tuple[Any, Any]]:
    return lambda w, b, x, t, lr, act: step(w, b, x, t, lr, act, gradients)


STEP_TURNS = (
    WrongTurn("sign", lambda w, b, x, t, lr, act: step(w, b, x, t, -lr, act), "w_new = w + lr dL/dw"),
    WrongTurn("refreshed_forward", _refreshed, "dL/db at the new w"),
    WrongTurn("updated_before_use", _refreshed, "dL/db at the new w"),
    WrongTurn(
        "lr_missing",
        lambda w, b, x, t, lr, act: step(w, b, x, t, 1.0, act),
        "w_new = w - dL/dw",
    ),
    WrongTurn(
        "returns_step",
        lambda w, b, x, t, lr, act: tuple(lr * g for g in grads(w, b, x, t, act)),
        "w_new = lr dL/dw",
    ),
    WrongTurn(
        "returns_step",
        lambda w, b, x, t, lr, act: tuple(-lr * g for g in grads(w, b, x, t, act)),
        "w_new = -lr dL/dw",
    ),
    WrongTurn(
        "db_zero",
        _step_with(lambda w, b, x, t, act: (grads(w, b, x, t, act)[0], 0.0)),
        "b_new = b",
        says="with b left as it was",
        asks="which of the two parameters learnt nothing in this step?",
    ),
    WrongTurn(
        "tuple_swapped",
        lambda w, b, x, t, lr, act: step(w, b, x, t, lr, act)[::-1],
        "(b_new, w_new)",
        whole=True,
    ),
    *(
        replace(turn, derive=_step_with(turn.derive), formula=f"w_new = w - lr dL/dw with {turn.formula}")
        for turn in GRADS_TURNS
        if turn.misconception not in ("sign", "tuple_swapped", "db_zero")
    ),
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
