"""Networks of dense layers of any depth: forward, the delta recursion, and every gradient.

The single steps are those of :mod:`graders.bank.layers`; here they follow each other, and what only a
whole network lets one confuse is added: other layers' weights, slopes and activations.
``at`` also holds ``Ws``, ``Zs``, ``As`` of the whole network; ``As[0]`` is the input.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn, Where
from graders.bank.layers import BACK, BIASES, SLOPE, TWICE_OR_HALF, WEIGHTS

__all__ = [
    "ALL_DELTAS",
    "BACKS",
    "KEPT",
    "MLP",
    "MLP_FORWARD",
    "PLACES",
    "SLOPES",
    "WEIGHTS_OF_NET",
    "all_deltas",
    "go_back",
    "gradients",
    "net_forward",
]

# Everywhere, in the hidden layers, in the last, or in one layer counted from the input. Networks that are
# asked about have three layers or more: so the first two are hidden in all of them.
PLACES: tuple[Where, ...] = ("all", "hidden", "last", 1, 2)

SLOPES = SLOPE.without("upstream_ignored").and_turns(
    Turn(
        "upstream_ignored",
        lambda at: at.act.deriv(at.Z) + 0 * at.dA,
        "delta = f'(Z)",
        "with the slope alone, without what comes back through the weights",
        inner=True,
    ),
    Turn(
        "slope_wrong_layer",
        lambda at: at.dA * at.act.deriv(at.Zs[at.layer]),
        "delta_l = dA_l * f'(Z_l+1)",
        inner=True,
    ),
    Turn(
        "slope_wrong_layer",
        lambda at: at.dA * at.act.deriv(at.Zs[at.layer - 2]),
        "delta_l = dA_l * f'(Z_l-1)",
        since=2,
    ),
    Turn(
        "slope_of_a",
        lambda at: at.dA * at.act.deriv(at.As[at.layer - 1]),
        "delta_l = dA_l * f'(A_l-1)",
        "with the slope taken at the activations that enter the layer instead of at its Z",
    ),
)
# Going back starts from the second weight layer: nobody asks for the slope at the input.
BACKS = Step(
    BACK.right,
    BACK.formula,
    (
        *BACK.turns,
        Turn("propagates_dA", lambda at: at.dA @ at.W.T, "dA_prev = dA W^T"),
        Turn("weights_wrong_layer", lambda at: at.delta @ at.Ws[at.layer - 2].T, "dA_l-1 = delta_l W_l-1^T"),
        Turn(
            "weights_wrong_layer",
            lambda at: at.delta @ at.Ws[at.layer].T,
            "dA_l-1 = delta_l W_l+1^T",
            inner=True,
        ),
    ),
    layered=True,
    since=2,
)
WEIGHTS_OF_NET = WEIGHTS.and_turns(
    Turn("dW_uses_z", lambda at: at.Z_prev.T @ at.delta, "dW_l = Z_l-1^T delta_l", since=2),
    Turn("dW_uses_z", lambda at: at.Z.T @ at.delta, "dW_l = Z_l^T delta_l"),
    Turn("dW_uses_own_a", lambda at: at.As[at.layer].T @ at.delta, "dW_l = A_l^T delta_l"),
    Turn("dW_uses_x", lambda at: at.As[0].T @ at.delta, "dW_l = X^T delta_l", since=2),
    Turn(
        "dW_slope_again",
        lambda at: at.A_prev.T @ (at.delta * at.act.deriv(at.Z)),
        "dW_l = A_l-1^T (delta_l * f'(Z_l))",
    ),
)
_SCALES = (
    Turn("sign", lambda at: -at.dA, "dA = T - A for A - T"),
    Turn("factor_two", lambda at: 2 * at.dA, "dA = 2 (A - T)", TWICE_OR_HALF[0]),
    Turn("factor_two", lambda at: at.dA / 2, "dA = 1/2 (A - T)", TWICE_OR_HALF[1]),
)
# Apart from how large dA is, so that a slip in either may meet one in the other.
KEPT = Step(
    lambda at: at.dA,
    "dA of all examples",
    (
        Turn("last_example_only", lambda at: _one_row(at, -1), "dA = 0, but for the last example"),
        Turn("first_example_only", lambda at: _one_row(at, 0), "dA = 0, but for the first example"),
    ),
)
SUMMED = Step(
    lambda at: at.dA,
    "dA = A - T",
    (
        *_SCALES,
        Turn("upstream_ignored", lambda at: np.ones_like(at.dA), "dA = 1"),
        Turn("extra_1_over_n", lambda at: at.dA / len(at.dA), "dA = 1/B (A - T)"),
        Turn("n_minus_1", lambda at: at.dA / (len(at.dA) - 1 or _alone()), "dA = 1/(B - 1) (A - T)"),
        Turn("divides_by_k", lambda at: at.dA / at.dA.shape[1], "dA = 1/K (A - T)"),
        Turn("loss_for_error", lambda at: at.dA**2 / 2, "dA = 1/2 (A - T)^2"),
    ),
)
AVERAGED = Step(
    lambda at: at.dA / len(at.dA),
    "dA = 1/B (A - T)",
    (
        Turn("sign", lambda at: -at.dA / len(at.dA), "dA = 1/B (T - A)"),
        Turn("missing_1_over_n", lambda at: at.dA, "dA = A - T"),
        Turn("factor_two", lambda at: 2 * at.dA / len(at.dA), "dA = 2/B (A - T)", TWICE_OR_HALF[0]),
        Turn("factor_two", lambda at: at.dA / len(at.dA) / 2, "dA = 1/(2B) (A - T)", TWICE_OR_HALF[1]),
        Turn("extra_1_over_n", lambda at: at.dA / len(at.dA) ** 2, "dA = 1/B^2 (A - T)"),
        Turn("divides_by_k", lambda at: at.dA / at.dA.size, "dA = 1/(B K) (A - T)"),
        Turn("divides_by_d", lambda at: at.dA / at.As[0].shape[1], "dA = 1/D (A - T)"),
        Turn("n_minus_1", lambda at: at.dA / (len(at.dA) - 1 or _alone()), "dA = 1/(B - 1) (A - T)"),
        Turn("upstream_ignored", lambda at: np.ones_like(at.dA) / len(at.dA), "dA = 1/B"),
        Turn("loss_for_error", lambda at: at.dA**2 / 2 / len(at.dA), "dA = 1/(2B) (A - T)^2"),
    ),
)


def _one_row(at: Any, n: int) -> Any:
    kept = np.zeros_like(at.dA)
    kept[n] = at.dA[n]
    return kept


def _alone() -> float:
    raise ZeroDivisionError("1/(B - 1) of a batch of one")


ORDER = Step(
    lambda at: at.answers,
    "the first layer's first",
    (
        Turn(
            "tuple_swapped",
            lambda at: at.answers[::-1],
            "the last layer's first",
            says="in the order in which they are found: last layer first",
            asks="you walk from the output to the input: which layer's entry stands first in your list?",
            whole=True,
        ),
    ),
)
ORDER_OF_PAIRS = replace(ORDER, formula="(dW, db), the first layer's first").and_turns(
    Turn(
        "tuple_swapped",
        lambda at: _exchanged(at.answers),
        "(db, dW), the first layer's first",
        says="with the two of each pair exchanged: (db, dW)",
        whole=True,
    ),
    Turn(
        "tuple_swapped",
        lambda at: _exchanged(at.answers[::-1]),
        "(db, dW), the last layer's first",
        says="with the last layer's pair first, and the two of each pair exchanged",
        asks="which pair does the signature want first, and which of its two?",
        whole=True,
    ),
)


def _exchanged(pairs: Sequence[Any]) -> list[Any]:
    return [(db, dW) for dW, db in pairs]


def net_forward(take: Any, params: Sequence[Any], X: Any, acts: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Return every Z and A, by the steps "preactivation" and "activation"."""
    Zs: list[Any] = []
    As = [X]
    for layer, ((W, b), act) in enumerate(zip(params, acts, strict=True), 1):
        where = {"layer": layer, "depth": len(params)}
        Zs.append(take("preactivation", **where, A_prev=As[-1], W=W, b=b))
        As.append(take("activation", **where, Z=Zs[-1], act=act, acts=acts, A_prev=As[-1]))
    return Zs, As


def go_back(
    take: Any,
    Ws: Sequence[Any],
    Zs: Sequence[Any],
    As: Sequence[Any],
    acts: Sequence[Any],
    delta: Any,
    dA: Any,
) -> list[Any]:
    """Return the deltas of all layers, first layer first, by the steps "back" and "slope".

    Parameters
    ----------
    take : callable
        Takes one step, rightly or wrongly.
    Ws, Zs, As, acts : sequence
        The network; ``As[0]`` is the input, ``acts`` one per layer.
    delta, dA : ndarray
        Of the last layer; ``dA`` serves only the slip of handing it on in delta's place.
    """
    depth = len(Ws)
    deltas = [delta]
    for layer in range(depth - 1, 0, -1):
        net = {"Ws": Ws, "Zs": Zs, "As": As, "depth": depth}
        dA = take("back", layer=layer + 1, delta=delta, dA=dA, W=Ws[layer], **net)
        delta = take("slope", layer=layer, dA=dA, Z=Zs[layer - 1], act=acts[layer - 1], **net)
        deltas.insert(0, delta)
    return deltas


def all_deltas(
    take: Any, Ws: Sequence[Any], Zs: Sequence[Any], As: Sequence[Any], T: Any, acts: Sequence[Any]
) -> list[Any]:
    """Return the deltas of half squared error, by the steps "output", "kept", "slope", "back"."""
    depth = len(Ws)
    dA = take("kept", dA=take("output", dA=As[-1] - T, As=As))
    delta = take("slope", layer=depth, depth=depth, dA=dA, Z=Zs[-1], act=acts[-1], Ws=Ws, Zs=Zs, As=As)
    return go_back(take, Ws, Zs, As, acts, delta, dA)


def gradients(
    take: Any, deltas: Sequence[Any], Zs: Sequence[Any], As: Sequence[Any], acts: Sequence[Any]
) -> list[tuple[Any, Any]]:
    """Return ``(dW, db)`` of every layer, by the steps "weights" and "biases"."""
    pairs = []
    for layer, delta in enumerate(deltas, 1):
        at_hand = {"layer": layer, "depth": len(deltas), "delta": delta}
        Z_prev = Zs[layer - 2] if layer > 1 else As[0]
        dW = take(
            "weights",
            **at_hand,
            A_prev=As[layer - 1],
            Z_prev=Z_prev,
            Z=Zs[layer - 1],
            As=As,
            act=acts[layer - 1],
        )
        pairs.append((dW, take("biases", **at_hand)))
    return pairs


def _mlp(take: Any, params: Any, Zs: Any, As: Any, T: Any, acts: Any) -> Any:
    deltas = all_deltas(take, [W for W, _ in params], Zs, As, T, acts)
    return take("order", answers=gradients(take, deltas, Zs, As, acts))


def _all_deltas(take: Any, Ws: Any, Zs: Any, As: Any, T: Any, act: Any) -> Any:
    return take("order", answers=all_deltas(take, Ws, Zs, As, T, [act] * len(Ws)))


PREACTIVATION = Step(
    lambda at: at.A_prev @ at.W + at.b,
    "Z = A_prev W + b",
    (
        Turn("forward_no_bias", lambda at: at.A_prev @ at.W, "Z = A_prev W"),
        Turn("weights_transposed", lambda at: at.A_prev @ at.W.T + at.b, "Z = A_prev W^T + b"),
    ),
    layered=True,
)
FORWARD_ACTIVATION = Step(
    lambda at: at.act.f(at.Z),
    "A = f(Z)",
    (
        Turn("forward_no_activation", lambda at: +at.Z, "A = Z"),
        Turn("activation_twice", lambda at: at.act.f(at.act.f(at.Z)), "A = f(f(Z))"),
        Turn("slope_for_activation", lambda at: at.act.deriv(at.Z), "A = f'(Z)"),
        Turn("activation_wrong_layer", lambda at: at.acts[0].f(at.Z), "A_l = f_1(Z_l)", since=2),
    ),
    layered=True,
)
ALL_DELTAS = Derivation(
    {"slope": SLOPES, "back": BACKS, "output": SUMMED, "kept": KEPT, "order": ORDER}, _all_deltas
)
AGAIN = Turn(
    "extra_1_over_n",
    lambda at: at.dA * at.act.deriv(at.Z) / len(at.dA),
    "delta_l = 1/B dA_l * f'(Z_l)",
    asks="in which layer did the 1/B of the loss come in, and does it not come along with dA?",
)
MLP = Derivation(
    {
        "slope": SLOPES.and_turns(AGAIN),
        "back": BACKS,
        "weights": WEIGHTS_OF_NET,
        "biases": BIASES,
        "output": AVERAGED,
        "kept": KEPT,
        "order": ORDER_OF_PAIRS,
    },
    _mlp,
)
KEPT_LISTS = Step(
    lambda at: (at.Zs, at.As),
    "Zs holds every Z, As holds X and every A",
    (
        Turn(
            "activation_twice",
            lambda at: (at.As[1:], at.As),
            "Zs holds every A",
            says="with every A kept in Zs, where Z is due",
            asks="on the way back the slope is taken at what Zs holds: is it a function of Z or of A?",
        ),
        Turn(
            "forward_no_activation",
            lambda at: (at.Zs, [at.As[0], *at.Zs]),
            "As holds X and every Z",
            says="with every Z kept in As, where A is due",
            asks="what leaves a layer and enters the next one: Z or A?",
        ),
    ),
)


def _mlp_forward(take: Any, params: Any, X: Any, acts: Any) -> Any:
    Zs, As = net_forward(take, params, X, acts)
    return take("kept", Zs=Zs, As=As)


MLP_FORWARD = Derivation(
    {"preactivation": PREACTIVATION, "activation": FORWARD_ACTIVATION, "kept": KEPT_LISTS}, _mlp_forward
)
