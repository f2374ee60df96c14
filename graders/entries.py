"""How one entry of a gradient comes about: its terms, with their numbers, for the deepest level of a message.

Each function takes the part, the index of the entry and the exercise's own arguments.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from backproplab.activations import Activation
from graders.exercise import WrongTurn
from graders.networks import true_deltas

__all__ = [
    "activation_entry",
    "cross_entropy_entry",
    "delta_entry",
    "deltas_entry",
    "linear_entry",
    "network_entry",
    "sum_of",
    "written_with",
]

Index = tuple[int, ...]
# So many terms of a sum are written out.
SHOWN = 2


def sum_of(*factors: Any) -> str:
    """Write a sum of products, or of plain numbers, by the first of its terms that are not 0.

    Examples
    --------
    >>> sum_of(np.array([1.0, 2.0, 4.0]), np.array([0.5, 0.25, 1.0]))
    '1 * 0.5 + 2 * 0.25 + ... = 5'
    >>> sum_of(np.array([1.0, 2.0, 4.0, 3.0]), np.array([0.0, 0.25, 0.0, 1.0]))
    '2 * 0.25 + 3 * 1 + ... = 3.5'
    """
    rows = list(zip(*factors, strict=True))
    telling = [row for row in rows if all(row)] or rows
    terms = [" * ".join(f"{value:.3g}" for value in row) for row in telling[:SHOWN]]
    total = sum(float(np.prod(row)) for row in rows)
    more = ["..."] if len(rows) > SHOWN else []
    alone = len(rows) == len(factors) == 1
    return terms[0] if alone else f"{' + '.join([*terms, *more])} = {total:.4g}"


def delta_entry(part: str, index: Index, delta_next: Any, W_next: Any, Z: Any, act: Activation) -> str:
    """Return the sum over the next units and the slope of one hidden unit; one example or a batch."""
    summed = sum_of(delta_next[index[:-1]], W_next[index[-1]])
    return f"sum_k delta_k w_jk = {summed}, f'(z) = {float(act.deriv(Z[index])):.4g}"


def activation_entry(part: str, index: Index, dA: Any, Z: Any, act: Activation) -> str:
    """Return the two factors of one entry of dZ."""
    return f"dA = {dA[index]:.4g}, f'(z) = {float(act.deriv(Z[index])):.4g}"


def linear_entry(part: str, index: Index, dZ: Any, X: Any, W: Any) -> str:
    """Return the sum behind one entry of dX, dW or db."""
    if part == "dX":
        return f"sum_k dZ_nk W_jk = {sum_of(dZ[index[0]], W[index[1]])}"
    if part == "dW":
        return f"sum_n X_nj dZ_nk = {sum_of(X[:, index[0]], dZ[:, index[1]])}"
    return f"sum_n dZ_nk = {sum_of(dZ[:, index[0]])}"


def deltas_entry(part: str, index: Index, Ws: Any, Zs: Any, As: Any, T: Any, act: Activation) -> str:
    """Return the factors of one entry of a layer's delta."""
    layer = int(part.removeprefix("delta"))
    if layer == len(Ws):
        error = As[layer][index] - T[index]
        return f"a - t = {error:.4g}, f'(z) = {float(act.deriv(Zs[layer - 1][index])):.4g}"
    deltas = true_deltas(Ws, Zs, As, T, [act] * len(Ws))
    return delta_entry(part, index, deltas[layer], Ws[layer], Zs[layer - 1], act)


def network_entry(part: str, index: Index, params: Any, Zs: Any, As: Any, T: Any, acts: Any) -> str:
    """Return the sum over the examples behind one entry of dW or db."""
    layer = int(part[-1])
    delta = true_deltas([W for W, _ in params], Zs, As, T, acts)[layer - 1] / len(T)
    if part.startswith("db"):
        return f"sum_n delta_nk = {sum_of(delta[:, index[0]])}"
    return f"sum_n a_nj delta_nk = {sum_of(As[layer - 1][:, index[0]], delta[:, index[1]])}"


def cross_entropy_entry(part: str, index: Index, Z: Any, y: Any) -> str:
    """Return probability, target and batch size behind one entry of dZ."""
    powers = np.exp(Z[index[0]] - Z[index[0]].max())
    right = int(y[index[0]] == index[1])
    return f"p = {powers[index[1]] / powers.sum():.4g}, y = {right}, B = {len(Z)}"


def written_with(turns: Sequence[WrongTurn], **symbols: str) -> tuple[WrongTurn, ...]:
    """Return wrong turns whose formulas use the exercise's own symbols.

    Examples
    --------
    >>> turn = WrongTurn("dW_sign", max, "dW = -A_prev^T delta", right="dW = A_prev^T delta")
    >>> written_with([turn], delta="dZ", A_prev="X")[0].formula
    'dW = -X^T dZ'
    """

    def rewritten(formula: str) -> str:
        # An underscore after delta or W is an index: delta_nk stays one entry of delta.
        return re.sub(
            rf"(?<![A-Za-z_])({'|'.join(symbols)})(?![A-Za-z])", lambda found: symbols[found[1]], formula
        )

    return tuple(
        replace(turn, formula=rewritten(turn.formula), right=rewritten(turn.right)) for turn in turns
    )
