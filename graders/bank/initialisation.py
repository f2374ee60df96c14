"""First weights and what becomes of signals in depth: spread, gain, dead units, stalls.

``at`` holds what is at hand: the widths ``n_in`` and ``n_out``, the ``kind`` of recipe, Z, A and W.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise, permutations
from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn
from graders.exercise import WrongTurn

__all__ = ["DEAD_TURNS", "GAIN", "INIT_PARAMS", "INIT_STD", "RESCALE", "STALL_TURNS"]

# init_std: variance = numerator / fan

FANS: dict[str, Callable[[Any], Any]] = {
    "lecun": lambda at: at.n_in,
    "glorot": lambda at: (at.n_in + at.n_out) / 2,
    "he": lambda at: at.n_in,
}
FAN = Step(
    lambda at: FANS[at.kind](at),
    "fan = n_in, for glorot (n_in + n_out) / 2",
    (
        Turn(
            "fan_in_out_swapped",
            lambda at: _fan(at, glorot=(at.n_in + at.n_out) / 2, other=at.n_out),
            "fan = n_out",
        ),
        Turn(
            "fan_sum_for_mean",
            lambda at: _fan(at, glorot=at.n_in + at.n_out, other=at.n_in),
            "fan = n_in + n_out",
        ),
        Turn(
            "fan_sum_for_mean",
            lambda at: _fan(at, glorot=2 * (at.n_in + at.n_out), other=at.n_in),
            "fan = 2 (n_in + n_out) for glorot",
            says="with glorot's last 2 dividing once more in place of multiplying",
            asks="1 / 10 / 2 and 1 / (10 / 2): which of the two is 1 divided by the mean of 4 and 6?",
        ),
        Turn("fan_always_in", lambda at: at.n_in, "fan = n_in, for glorot too"),
        Turn(
            "fan_product", lambda at: _fan(at, glorot=at.n_in * at.n_out, other=at.n_in), "fan = n_in n_out"
        ),
    ),
)
NUMERATOR = Step(
    lambda at: 2 if at.kind == "he" else 1,
    "1, for he 2",
    (
        Turn("gain_missing", lambda at: 1, "1, for he too"),
        Turn("gain_inverted", lambda at: 1 / 2 if at.kind == "he" else 1, "1, for he 1/2"),
        Turn("gain_everywhere", lambda at: 2, "2, for every kind"),
    ),
)
ROOT = Step(
    lambda at: np.sqrt(at.variance),
    "std = sqrt(variance)",
    (
        Turn("variance_for_std", lambda at: at.variance, "std = variance"),
        Turn("uniform_limit_for_std", lambda at: np.sqrt(3 * at.variance), "std = sqrt(3 variance)"),
        Turn("ratio_inverted", lambda at: 1 / np.sqrt(at.variance), "std = 1 / sqrt(variance)"),
        Turn("numerator_outside_root", lambda at: at.top / np.sqrt(at.fan), "std = 2 / sqrt(fan) for he"),
    ),
)


def _fan(at: Any, glorot: Any, other: Any) -> Any:
    return glorot if at.kind == "glorot" else other


def _init_std(take: Any, kind: str, n_in: int, n_out: int) -> Any:
    at_hand = {"kind": kind, "n_in": n_in, "n_out": n_out}
    top, fan = take("numerator", **at_hand), take("fan", **at_hand)
    return float(take("root", variance=top / fan, top=top, fan=fan))


STD_STEPS = {"root": ROOT, "fan": FAN, "numerator": NUMERATOR}
INIT_STD = Derivation(STD_STEPS, _init_std)

# init_params: what is judged is the spread of every W and b, because the draws are random; so tables
# serve that have this spread in every entry

INIT_PARAMS = Derivation(
    {
        "root": ROOT.without("ratio_inverted").and_turns(
            Turn("std_as_uniform_limit", lambda at: np.sqrt(at.variance / 3), "uniform between -std and std")
        ),
        "fan": FAN.without("fan_product"),
        "numerator": NUMERATOR,
        "bias": Step(
            lambda at: 0.0,
            "b = 0",
            (Turn("biases_not_zero", lambda at: at.std, "b drawn like W"),),
        ),
        "kind": Step(
            lambda at: at.kind,
            "the recipe that was asked for",
            (
                Turn("kind_ignored", lambda at: "he", "he, whatever was asked for"),
                Turn("kind_ignored", lambda at: "glorot", "glorot, whatever was asked for"),
            ),
        ),
        "zero": Step(
            lambda at: 0.0,
            "zeros: W = 0",
            (Turn("zeros_not_zero", lambda at: 1.0, "zeros: W drawn from N(0, 1)"),),
        ),
    },
    lambda take, sizes, rng, kind: [
        _tables(take, take("kind", kind=kind), *layer) for layer in pairwise(sizes)
    ],
)


def _tables(take: Any, kind: str, n_in: int, n_out: int) -> tuple[Any, Any]:
    std = take("zero") if kind == "zeros" else _init_std(take, kind, n_in, n_out)
    return np.full((n_in, n_out), std), np.full(n_out, take("bias", std=std))


# gain: g with E[(g f(z))^2] = 1 for z ~ N(0, 1)

NODES, _MASSES = np.polynomial.hermite_e.hermegauss(120)
MASSES = _MASSES / _MASSES.sum()


def _mean(values: Any) -> float:
    """Return E[f(z)] from the values of f at the nodes."""
    return float(MASSES @ np.asarray(values))


GAIN = Derivation(
    {
        "spread": Step(
            lambda at: _mean(at.act.f(NODES) ** 2),
            "E[f(z)^2]",
            (
                Turn(
                    "gain_centred",
                    lambda at: _mean((at.act.f(NODES) - _mean(at.act.f(NODES))) ** 2),
                    "Var[f(z)]",
                ),
                Turn("gain_of_slope", lambda at: _mean(at.act.deriv(NODES) ** 2), "E[f'(z)^2]"),
                # The mean of an odd f is 0, and so is not found where |f| is meant.
                Turn(
                    "gain_of_size",
                    lambda at: round(_mean(at.act.f(NODES)), 12) ** 2,
                    "(mean of f)^2",
                    says="with the mean of f, not squared, in place of the root of the mean of f^2",
                    asks="tanh is as often below 0 as above: what is its mean, and is there then no signal?",
                    belief="A mean in which signs cancel is taken for a size.",
                ),
                Turn("gain_of_size", lambda at: _mean(np.abs(at.act.f(NODES))) ** 2, "E[|f(z)|]^2"),
                Turn("gain_of_mean_slope", lambda at: _mean(at.act.deriv(NODES)) ** 2, "E[f'(z)]^2"),
                Turn(
                    "gain_of_flat_draws",
                    lambda at: float(np.mean(at.act.f(np.linspace(-1, 1, 2001)) ** 2)),
                    "z uniform",
                ),
            ),
        ),
        "root": Step(
            lambda at: 1 / np.sqrt(at.spread),
            "g = 1 / sqrt(E[f(z)^2])",
            (
                Turn("gain_inverted", lambda at: np.sqrt(at.spread), "g = sqrt(E[f(z)^2])"),
                Turn(
                    "variance_for_std",
                    lambda at: 1 / at.spread,
                    "g = 1 / E[f(z)^2]",
                    says="of the mean square in place of its root",
                    asks="f(z) has mean square 4: by what must it be divided to have mean square 1?",
                    belief="Mean square and size are taken to be the same.",
                ),
                Turn("gain_of_he", lambda at: np.sqrt(2.0), "g = sqrt(2), for every activation"),
            ),
        ),
    },
    lambda take, act: float(take("root", spread=take("spread", act=act))),
)

# dead_fraction

DEAD_TURNS = (
    WrongTurn("dead_all_entries", lambda Z: float((Z <= 0).mean()), "the share of all entries with Z <= 0"),
    WrongTurn("dead_any_example", lambda Z: float((Z <= 0).any(axis=0).mean()), "Z <= 0 for some example"),
    WrongTurn(
        "dead_rows", lambda Z: float((Z <= 0).all(axis=1).mean()), "the share of examples without a live unit"
    ),
    WrongTurn("zero_taken_for_awake", lambda Z: float((Z < 0).all(axis=0).mean()), "Z < 0 for every example"),
    WrongTurn("dead_by_output", lambda Z: float((Z == 0).all(axis=0).mean()), "Z = 0 for every example"),
    WrongTurn("dead_on_average", lambda Z: float((Z.mean(axis=0) <= 0).mean()), "mean_n Z <= 0"),
    WrongTurn("alive_for_dead", lambda Z: float((Z > 0).any(axis=0).mean()), "1 - the share of dead units"),
    WrongTurn("alive_for_dead", lambda Z: float((Z > 0).all(axis=0).mean()), "Z > 0 for every example"),
    WrongTurn("count_for_share", lambda Z: int((Z <= 0).all(axis=0).sum()), "the number of dead units"),
    WrongTurn(
        "count_for_share",
        lambda Z: float((Z <= 0).all(axis=0).sum() / len(Z)),
        "the number of dead units / B",
        says="divided by the number of examples in place of the number of units",
    ),
)

# rescale_layers


def _std(Z: Any) -> Any:
    return np.sqrt(Z.var(axis=0).mean())


RESCALE = Derivation(
    {
        "spread": Step(
            lambda at: np.sqrt(at.Z.var(axis=0).mean()),
            "s = sqrt(mean over units of Var over examples of Z)",
            (
                Turn("std_of_all_entries", lambda at: at.Z.std(), "s = the spread of all entries of Z"),
                Turn("spread_over_units", lambda at: np.sqrt(at.Z.var(axis=1).mean()), "Var over units"),
                Turn(
                    "mean_of_stds", lambda at: at.Z.std(axis=0).mean(), "s = the mean of the units' spreads"
                ),
                Turn("spread_not_centred", lambda at: np.sqrt((at.Z**2).mean()), "s = sqrt(mean of Z^2)"),
                Turn("variance_for_std", lambda at: at.Z.var(axis=0).mean(), "s = the variance"),
                Turn("n_minus_1", lambda at: np.sqrt(at.Z.var(axis=0, ddof=1).mean()), "Var with 1/(B - 1)"),
                Turn("factor_per_unit", lambda at: at.Z.std(axis=0), "one s for each unit"),
                Turn("spread_of_activations", lambda at: _std(at.act.f(at.Z)), "s = the spread of f(Z)"),
                Turn("spread_of_weights", lambda at: at.W.std(), "s = the spread of W itself"),
            ),
        ),
        "scale": Step(
            lambda at: at.W / at.s,
            "W / s",
            (Turn("ratio_inverted", lambda at: at.W * at.s, "W s"),),
        ),
        "onward": Step(
            lambda at: at.act.f(at.A @ at.W_new),
            "A = f(A_prev W_new)",
            (
                Turn("old_activations", lambda at: at.act.f(at.A @ at.W), "A = f(A_prev W), with the old W"),
                Turn("forward_no_activation", lambda at: at.A @ at.W_new, "A = A_prev W_new"),
                Turn(
                    "activation_twice",
                    lambda at: at.act.f(at.act.f(at.A @ at.W_new)),
                    "A = f(f(A_prev W_new))",
                ),
            ),
        ),
    },
    lambda take, Ws, X, act: _rescale(take, Ws, X, act),
)


def _rescale(take: Any, Ws: Any, X: Any, act: Any) -> list[Any]:
    rescaled, A = [], X
    for W in Ws:
        rescaled.append(take("scale", W=W, s=take("spread", Z=A @ W, W=W, act=act)))
        A = take("onward", A=A, W=W, W_new=rescaled[-1], act=act)
    return rescaled


# explain_stall: dW = outer(a, f'(z) * (W @ delta_next))


def _smallest(W: Any, a: Any, slope: Any, size: Callable[[Any], Any] = np.linalg.norm) -> str:
    sizes = {"input": float(size(a)), "slope": float(size(slope)), "weights": float(size(W))}
    return min(sizes, key=lambda name: sizes[name])


def _largest(W: Any, a: Any, z: Any, act: Any, size: Callable[[Any], Any]) -> str:
    return _smallest(W, a, act.deriv(z), size=lambda v: -size(v))


def _first_below(limit: float, order: tuple[str, ...], W: Any, a: Any, z: Any, act: Any) -> str:
    sizes = {"input": np.abs(a).max(), "slope": np.abs(act.deriv(z)).max(), "weights": np.abs(W).max()}
    return next((name for name in order[:2] if sizes[name] < limit), order[2])


def _by_slope(name: str, slope: Callable[..., Any], text: str) -> WrongTurn:
    return WrongTurn(
        name, lambda W, a, z, act: _smallest(W, a, slope(z, a, act)), f"the smallest of |a|, |{text}|, |W|"
    )


STALL_TURNS = (
    *(
        WrongTurn(
            "smallest_without_abs",
            lambda W, a, z, act, size=size: _smallest(W, a, act.deriv(z), size),
            "the smallest of a, f'(z), W, signs kept",
        )
        for size in (np.mean, np.max, np.min)
    ),
    WrongTurn(
        "smallest_without_abs",
        lambda W, a, z, act: _smallest(W, a, act.deriv(z), lambda v: abs(np.mean(v))),
        "the smallest of |mean a|, |mean f'(z)|, |mean W|",
        says="with the mean taken first and its size afterwards",
        asks="a factor has the entries 2 and -2: is it small?",
        belief="Mean and size are taken to change places freely.",
    ),
    *(
        WrongTurn("fixed_limit", partial(_first_below, limit, order), "the first that is below a fixed limit")
        for limit in (0.1, 0.01, 0.001)
        for order in permutations(("input", "slope", "weights"))
    ),
    # Which factor is smallest does not depend on the norm; which one is largest does.
    *(
        WrongTurn("picks_largest", partial(_largest, size=size), "the largest of |a|, |f'(z)|, |W|")
        for size in (np.linalg.norm, lambda v: np.abs(v).max(), lambda v: np.abs(v).mean())
    ),
    WrongTurn(
        "missing_slope",
        lambda W, a, z, act: _smallest(W, a, z),
        "the smallest of |a|, |z|, |W|",
        says="with the size of z where that of its slope is due",
        asks="a tanh unit has z = 9: is z large or small there, and is its slope?",
    ),
    WrongTurn(
        "dead_any_example",
        lambda W, a, z, act: _smallest(W, a, np.abs(act.deriv(z)).min()),
        "the smallest of |a|, min |f'(z)|, |W|",
        says="with the smallest slope of the layer in place of the largest",
        asks="one of three ReLU units sleeps: are all entries of dW 0, or those of one column?",
    ),
    _by_slope("slope_of_a", lambda z, a, act: act.deriv(act.f(z)), "f'(f(z))"),
    _by_slope("slope_wrong_layer", lambda z, a, act: act.deriv(a), "f'(a)"),
    _by_slope("slope_of_other_activation", lambda z, a, act: act.f(z) * (1 - act.f(z)), "f(z) (1 - f(z))"),
)
