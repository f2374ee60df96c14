"""The formulas of lesson 3 in its own symbols: each names what the student's function returns.

A step of a derivation has one formula wherever it is taken; here one exercise asks for a single unit, one for
a batch, one for all layers, and one for the gradients of a single example, where nothing is a table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graders.exercise import WrongTurn

__all__ = ["ALL_LAYERS", "ONE_EXAMPLE", "ONE_LAYER", "ONE_UNIT", "written"]

Symbols = Mapping[str, str]

# delta_j of one hidden unit.
ONE_UNIT: Symbols = {
    "delta = dA * f'(Z)": "delta_j = (sum_k delta_k w_jk) f'(z_j)",
    "delta = dA": "delta_j = sum_k delta_k w_jk",
    "delta = dA * f'(A)": "delta_j = (sum_k delta_k w_jk) f'(a_j)",
    "delta = dA * Z * (1 - Z)": "delta_j = (sum_k delta_k w_jk) z_j (1 - z_j)",
    "delta = dA * A * (1 - A)": "delta_j = (sum_k delta_k w_jk) a_j (1 - a_j)",
    "delta = dA * f'(Z) * f'(Z)": "delta_j = (sum_k delta_k w_jk) f'(z_j) f'(z_j)",
    "delta = dA * A": "delta_j = (sum_k delta_k w_jk) a_j",
    "delta = dA * (1 - A)": "delta_j = (sum_k delta_k w_jk) (1 - a_j)",
    "delta = dA * (0.01 where f'(Z) is 0)": "delta_j = (sum_k delta_k w_jk) (0.01 where f'(z_j) is 0)",
    "delta = dA where dA > 0, else 0": "delta_j = sum_k delta_k w_jk where that is above 0, else 0",
    "delta = f'(Z)": "delta_j = f'(z_j)",
    "delta = dA * (1 where Z > 0, else 0.01)": "delta_j = (sum_k delta_k w_jk) (1 where z_j > 0, else 0.01)",
    "delta = dA * f'(dA)": "delta_j = (sum_k delta_k w_jk) f'(that sum)",
    "delta = dA * sigmoid'(Z)": "delta_j = (sum_k delta_k w_jk) sigmoid'(z_j)",
    "delta = dA * (f'(Z) where Z > 0, else 0.01)": (
        "delta_j = (sum_k delta_k w_jk) (f'(z_j) where z_j > 0, else 0.01)"
    ),
    "dA_prev = delta W^T": "delta_j = (sum_k delta_k w_jk) f'(z_j)",
    "dA_prev = delta W": "delta_j = (sum_k delta_k w_kj) f'(z_j)",
    "dA_prev = sum_k delta_k": "delta_j = (sum_k delta_k) f'(z_j)",
    "dA_prev = delta": "delta_j = delta_next_j f'(z_j)",
    "dA_prev_j = delta_k w_jk, the last k alone": "delta_j = delta_k w_jk f'(z_j), the last k alone",
    "dA_prev_j = delta_k w_jk, the first k alone": "delta_j = delta_k w_jk f'(z_j), the first k alone",
    "dA_prev_j = mean_k delta_k w_jk": "delta_j = (mean_k delta_k w_jk) f'(z_j)",
    "delta as it arrives": "delta_j = (sum_k delta_k w_jk) f'(z_j)",
    "-delta for delta": "delta_j = (sum_k -delta_k w_jk) f'(z_j)",
    "2 delta for delta": "delta_j = (sum_k 2 delta_k w_jk) f'(z_j)",
    "1/2 delta for delta": "delta_j = (sum_k 1/2 delta_k w_jk) f'(z_j)",
    "1 for delta": "delta_j = (sum_k w_jk) f'(z_j)",
}
_LAYER = "delta = (delta_next W_next^T) * f'(Z)"
# delta of one hidden layer, for a batch; dA is what comes back to it.
ONE_LAYER: Symbols = {
    "dA_prev = delta W^T": _LAYER,
    "dA_prev = delta W": "delta = (delta_next W_next) * f'(Z)",
    "dA_prev = sum_k delta_k": "delta_nj = (sum_k delta_nk) f'(z_nj)",
    "dA_prev = delta": "delta = delta_next * f'(Z)",
    "dA_prev_j = delta_k w_jk, the last k alone": "delta_nj = delta_nk w_jk f'(z_nj), the last k alone",
    "dA_prev_j = delta_k w_jk, the first k alone": "delta_nj = delta_nk w_jk f'(z_nj), the first k alone",
    "dA_prev_j = mean_k delta_k w_jk": "delta_nj = (mean_k delta_nk w_jk) f'(z_nj)",
    "delta as it arrives": _LAYER,
    "-delta for delta": "delta = (-delta_next W_next^T) * f'(Z)",
    "2 delta for delta": "delta = (2 delta_next W_next^T) * f'(Z)",
    "1/2 delta for delta": "delta = (1/2 delta_next W_next^T) * f'(Z)",
    "1 for delta": "delta_nj = (sum_k w_jk) f'(z_nj)",
    "1/B delta for delta": "delta = (1/B delta_next W_next^T) * f'(Z)",
    "B/(B - 1) delta for delta": "delta = (B/(B - 1) delta_next W_next^T) * f'(Z)",
    "0 for delta, but for the last example": "delta = 0, but for the last example",
    "0 for delta, but for the first example": "delta = 0, but for the first example",
}
# delta of every layer: W_l leads from layer l - 1 to layer l.
ALL_LAYERS: Symbols = {
    "dA_prev = delta W^T": "delta_l-1 = (delta_l W_l^T) * f'(Z_l-1)",
    "dA_prev = delta W": "delta_l-1 = (delta_l W_l) * f'(Z_l-1)",
    "dA_prev = sum_k delta_k": "delta_l-1 = (sum_k delta_k) f'(z_j)",
    "dA_prev = delta": "delta_l-1 = delta_l * f'(Z_l-1)",
    "dA_prev_j = delta_k w_jk, the last k alone": "delta_j = delta_k w_jk f'(z_j), the last k alone",
    "dA_prev_j = delta_k w_jk, the first k alone": "delta_j = delta_k w_jk f'(z_j), the first k alone",
    "dA_prev_j = mean_k delta_k w_jk": "delta_j = (mean_k delta_k w_jk) f'(z_j)",
    "dA_prev = dA W^T": "delta_l-1 = (dA_l W_l^T) * f'(Z_l-1)",
    "dA_l-1 = delta_l W_l-1^T": "delta_l-1 = (delta_l W_l-1^T) * f'(Z_l-1)",
    "dA_l-1 = delta_l W_l+1^T": "delta_l-1 = (delta_l W_l+1^T) * f'(Z_l-1)",
    "dA = A - T": "delta_D = (A - T) * f'(Z)",
    "dA = T - A for A - T": "delta_D = (T - A) * f'(Z)",
    "dA = 2 (A - T)": "delta_D = 2 (A - T) * f'(Z)",
    "dA = 1/2 (A - T)": "delta_D = 1/2 (A - T) * f'(Z)",
    "dA = 1": "delta_D = f'(Z)",
    "dA = 1/B (A - T)": "delta_D = 1/B (A - T) * f'(Z)",
    "dA = 1/(B - 1) (A - T)": "delta_D = 1/(B - 1) (A - T) * f'(Z)",
    "dA = 1/K (A - T)": "delta_D = 1/K (A - T) * f'(Z)",
    "dA = 1/2 (A - T)^2": "delta_D = 1/2 (A - T)^2 * f'(Z)",
    "dA of all examples": "delta_D of all examples",
    "dA = 0, but for the last example": "delta_D = 0, but for the last example",
    "dA = 0, but for the first example": "delta_D = 0, but for the first example",
}
# One example: x, a and delta are vectors, and there is nothing to sum over.
ONE_EXAMPLE: Symbols = {
    "delta = dA * f'(Z)": "delta = da * f'(z)",
    "delta = dA": "delta = da",
    "delta = dA * f'(A)": "delta = da * f'(a)",
    "delta = dA * Z * (1 - Z)": "delta = da * z * (1 - z)",
    "delta = dA * f'(Z) * f'(Z)": "delta = da * f'(z) * f'(z)",
    "delta = dA * A": "delta = da * a",
    "delta = dA * (1 - A)": "delta = da * (1 - a)",
    "delta_l = dA_l * f'(A_l-1)": "delta_l = da_l * f'(a_l-1)",
    "delta = f'(Z)": "delta = f'(z)",
    "delta_l = dA_l * f'(Z_l+1)": "delta1 = da1 * f'(z2)",
    "delta_l = dA_l * f'(Z_l-1)": "delta2 = da2 * f'(z1)",
    "dW = A_prev^T delta": "dW = outer(a_prev, delta)",
    "dW = -A_prev^T delta": "dW = -outer(a_prev, delta)",
    "dW = delta^T A_prev": "dW = outer(delta, a_prev)",
    "dW_jk = sum_n delta_nk": "dW_jk = delta_k",
    "dW_l = Z_l-1^T delta_l": "dW2 = outer(z1, delta2)",
    "dW_l = Z_l^T delta_l": "dW_l = outer(z_l, delta_l)",
    "dW_l = A_l^T delta_l": "dW_l = outer(a_l, delta_l)",
    "dW_l = X^T delta_l": "dW2 = outer(x, delta2)",
    "dW_l = A_l-1^T (delta_l * f'(Z_l))": "dW = outer(a_prev, delta * f'(z))",
    "db = sum_n delta_n": "db = delta",
    "db = -sum_n delta_n": "db = -delta",
    "db_k = the sum over n and k": "db_k = sum_k delta_k, for every k",
    "dA = A - T": "da2 = a2 - t",
    "dA = T - A for A - T": "da2 = t - a2",
    "dA = 2 (A - T)": "da2 = 2 (a2 - t)",
    "dA = 1/2 (A - T)": "da2 = 1/2 (a2 - t)",
    "dA = 1": "da2 = 1",
    "dA = 1/K (A - T)": "da2 = 1/K (a2 - t)",
    "dA = 1/2 (A - T)^2": "da2 = 1/2 (a2 - t)^2",
    "dA_prev = delta W^T": "da1_j = sum_k delta2_k w_jk",
    "dA_prev = delta W": "da1_j = sum_k delta2_k w_kj",
    "dA_prev = sum_k delta_k": "da1_j = sum_k delta2_k",
    "dA_prev = delta": "da1 = delta2",
    "dA_prev_j = delta_k w_jk, the last k alone": "da1_j = delta2_k w_jk, the last k alone",
    "dA_prev_j = delta_k w_jk, the first k alone": "da1_j = delta2_k w_jk, the first k alone",
    "dA_prev_j = mean_k delta_k w_jk": "da1_j = mean_k delta2_k w_jk",
    "dA_prev = dA W^T": "da1_j = sum_k da2_k w_jk",
    "dA_l-1 = delta_l W_l-1^T": "da1 from delta2 through W1 in place of W2",
    "dA1 = delta2 (W2 - 0.5 dW2)^T": "da1 from delta2 through W2 - 0.5 dW2",
    "dA1 = delta2 (W2 - 0.1 dW2)^T": "da1 from delta2 through W2 - 0.1 dW2",
    "dA1 = delta2 (W2 - 1 dW2)^T": "da1 from delta2 through W2 - dW2",
}


def written(turns: Sequence[WrongTurn], symbols: Symbols) -> tuple[WrongTurn, ...]:
    """Return wrong turns with their formulas in an exercise's symbols; what has no other form stays.

    Examples
    --------
    >>> turn = WrongTurn("weights_ignored", max, "dA_prev = delta", right="dA_prev = delta W^T")
    >>> written([turn], ONE_UNIT)[0].formula
    "delta_j = delta_next_j f'(z_j)"
    """
    return tuple(
        replace(
            turn,
            formula=symbols.get(turn.formula, turn.formula),
            right=symbols.get(turn.right, turn.right),
        )
        for turn in turns
    )
