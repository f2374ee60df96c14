"""Lesson 6: the backward pass of a whole network, mean half squared error."""

from tests.diagnosis.linear import MUTANTS as LINEAR_MUTANTS
from tests.diagnosis.linear import SOLUTIONS as LINEAR_SOLUTIONS
from tests.diagnosis.linear import UNKNOWN as LINEAR_UNKNOWN
from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    **LINEAR_SOLUTIONS,
    ("mlp_backward", "sweep"): """
def mlp_backward(params, Zs, As, T, acts):
    B = len(T)
    grads = []
    dA = (As[-1] - T) / B
    for l in reversed(range(len(params))):
        W, b = params[l]
        dZ = dA * acts[l].deriv(Zs[l])
        dW = As[l].T @ dZ
        db = dZ.sum(axis=0)
        grads.append((dW, db))
        dA = dZ @ W.T
    return grads[::-1]
""",
    ("mlp_backward", "deltas first, 1/B late"): """
def mlp_backward(params, Zs, As, T, acts):
    L = len(params)
    delta = [None] * L
    delta[-1] = (As[-1] - T) * acts[-1].deriv(Zs[-1])
    for l in range(L - 1, 0, -1):
        W = params[l][0]
        delta[l - 1] = np.dot(delta[l], W.T) * acts[l - 1].deriv(Zs[l - 1])
    B = T.shape[0]
    return [(As[l].T @ delta[l] / B, delta[l].mean(axis=0)) for l in range(L)]
""",
    ("mlp_backward", "examples"): """
def mlp_backward(params, Zs, As, T, acts):
    N = len(T)
    dWs = [np.zeros(W.shape) for W, b in params]
    dbs = [np.zeros(b.shape) for W, b in params]
    for n in range(N):
        back = As[-1][n] - T[n]
        for l in range(len(params) - 1, -1, -1):
            delta = back * acts[l].deriv(Zs[l][n])
            dWs[l] += np.outer(As[l][n], delta) / N
            dbs[l] += delta / N
            back = params[l][0] @ delta
    return list(zip(dWs, dbs))
""",
    ("mlp_backward", "einsum float32"): """
def mlp_backward(params, Zs, As, T, acts):
    f = np.float32
    error = (f(T) - f(As[-1])) * f(-1 / len(T))
    grads = [None] * len(params)
    for l in range(len(params))[::-1]:
        error = error * acts[l].deriv(f(Zs[l]))
        grads[l] = (np.einsum("bi,bj->ij", f(As[l]), error), np.einsum("bj->j", error))
        error = np.einsum("bj,ij->bi", error, f(params[l][0]))
    return grads
""",
    ("mlp_backward", "columns"): """
def mlp_backward(params, Zs, As, T, acts):
    m = T.shape[0]
    dA = (As[-1] - T).T / m
    grads = {}
    for l in range(len(params), 0, -1):
        dZ = dA * acts[l - 1].deriv(Zs[l - 1].T)
        grads[l] = ((dZ @ As[l - 1]).T, np.sum(dZ, axis=1))
        dA = params[l - 1][0] @ dZ
    return [grads[l] for l in range(1, len(params) + 1)]
""",
}

_SLOPE = "acts[l].deriv(Zs[l])"
_DW = "As[l].T @ dZ"
_DB = "dZ.sum(axis=0)"
_BACK = "dZ @ W.T"
_NUMERIC = """    def loss(l, W, b):
        A = As[0]
        for m, (V, c) in enumerate(params):
            A = acts[m].f(A @ (W if m == l else V) + (b if m == l else c))
        return 0.5 * np.sum((A - T) ** 2) / len(T)
    out, h = [], 1e-5
    for l, (W, b) in enumerate(params):
        dW, db = np.zeros(W.shape), np.zeros(b.shape)
        for i in np.ndindex(*W.shape):
            e = np.zeros(W.shape)
            e[i] = h
            dW[i] = (loss(l, W + e, b) - loss(l, W - e, b)) / (2 * h)
        for j in range(len(b)):
            e = h * np.eye(len(b))[j]
            db[j] = (loss(l, W, b + e) - loss(l, W, b - e)) / (2 * h)
        out.append((dW, db))
    return out
"""


def _one(right, wrong, layer):
    """Return the wrong expression in one layer only (from 1), the right one elsewhere."""
    return f"({wrong} if l == {layer - 1} else {right})"


MUTANTS = (
    *LINEAR_MUTANTS,
    *singles(
        "mlp_backward",
        "sweep",
        "slope",
        (" * " + _SLOPE, "", "missing_slope"),
        (_SLOPE, _one(_SLOPE, "1", 1), "missing_slope@1"),
        (_SLOPE, _one(_SLOPE, "1", 2), "missing_slope@2"),
        (_SLOPE, f"(1 if l == len(params) - 1 else {_SLOPE})", "missing_slope@output"),
        (_SLOPE, "acts[l].deriv(As[l + 1])", "slope_of_a"),
        (_SLOPE, _one(_SLOPE, "acts[l].deriv(As[1])", 1), "slope_of_a@1"),
        (_SLOPE, "Zs[l] * (1 - Zs[l])", "slope_formula_on_z"),
        (_SLOPE, _one(_SLOPE, "Zs[l] * (1 - Zs[l])", 2), "slope_formula_on_z@2"),
        (_SLOPE, _SLOPE + " ** 2", "slope_twice"),
        (_SLOPE, "acts[l].f(Zs[l])", "slope_is_f"),
        (_SLOPE, "(1 - As[l + 1])", "slope_one_minus_a"),
        (_SLOPE, "As[l + 1] * (1 - As[l + 1])", "slope_of_other_activation"),
        (_SLOPE, _one(_SLOPE, "acts[l].deriv(Zs[1])", 1), "slope_wrong_layer@1"),
        (_SLOPE, _one(_SLOPE, "acts[l].deriv(Zs[0])", 2), "slope_wrong_layer@2"),
    ),
    *singles(
        "mlp_backward",
        "sweep",
        "back",
        (_BACK, "dZ @ W", "weights_transposed@upper"),
        (_BACK, _one(_BACK, "dZ @ W", 2), "weights_transposed@2"),
        (_BACK, "dA @ W.T", "propagates_dA@upper"),
        (_BACK, _one(_BACK, "dA @ W.T", 2), "propagates_dA@2"),
        (_BACK, "dZ @ np.ones_like(W).T", "weights_ignored@upper"),
        (_BACK, _one(_BACK, "dZ @ np.ones_like(W).T", 2), "weights_ignored@2"),
        (_BACK, "np.outer(dZ[:, -1], W[:, -1])", "last_term_only@upper"),
        (_BACK, "np.outer(dZ[:, 0], W[:, 0])", "first_term_only@upper"),
        (_BACK, "dZ @ W.T / W.shape[1]", "mean_over_k@upper"),
        (_BACK, "dZ @ params[l - 1][0].T", "weights_wrong_layer@upper"),
        (_BACK, _one(_BACK, "dZ @ params[0][0].T", 2), "weights_wrong_layer@2"),
    ),
    *singles(
        "mlp_backward",
        "sweep",
        "dW",
        (_DW, "dZ.T @ As[l]", "dW_transposed"),
        (_DW, _one(_DW, "dZ.T @ As[l]", 1), "dW_transposed@1"),
        (_DW, "(As[0] if l == 0 else Zs[l - 1]).T @ dZ", "dW_uses_z@upper"),
        (_DW, _one(_DW, "Zs[0].T @ dZ", 2), "dW_uses_z@2"),
        (_DW, "As[l + 1].T @ dZ", "dW_uses_own_a"),
        (_DW, _one(_DW, "As[l + 1].T @ dZ", 1), "dW_uses_own_a@1"),
        (_DW, "As[0].T @ dZ", "dW_uses_x@upper"),
        (_DW, _one(_DW, "As[0].T @ dZ", 2), "dW_uses_x@2"),
        (_DW, "np.ones_like(As[l]).T @ dZ", "dW_missing_input"),
        (_DW, _one(_DW, "np.ones_like(As[0]).T @ dZ", 1), "dW_missing_input@1"),
        (_DW, f"As[l].T @ (dZ * {_SLOPE})", "dW_slope_again"),
        (_DW, _one(_DW, f"As[l].T @ (dZ * {_SLOPE})", 1), "dW_slope_again@1"),
        (_DW, "-As[l].T @ dZ", "dW_sign"),
        (_DW, _one(_DW, "-As[l].T @ dZ", 2), "dW_sign@2"),
        (_DW, "As[l].T @ dZ / B", "extra_1_over_n"),
    ),
    *singles(
        "mlp_backward",
        "sweep",
        "db",
        (_DB, "dZ.mean(axis=0)", "db_mean|extra_1_over_n"),
        (_DB, _one(_DB, "dZ.mean(axis=0)", 1), "db_mean@1|extra_1_over_n@1"),
        (_DB, "dZ[0]", "db_first"),
        (_DB, "dZ[-1]", "db_last"),
        (_DB, _one(_DB, "dZ[-1]", 1), "db_last@1"),
        (_DB, "np.zeros_like(b)", "db_zero"),
        (_DB, _one(_DB, "np.zeros_like(b)", 2), "db_zero@2"),
        (_DB, "np.full_like(b, dZ.sum())", "db_total"),
        (_DB, _one(_DB, "np.full_like(b, dZ.sum())", 1), "db_total@1"),
        (_DB, "-dZ.sum(axis=0)", "db_sign"),
        ("db = " + _DB, "db = dZ", "db_not_summed"),
    ),
    *singles(
        "mlp_backward",
        "sweep",
        "scale",
        ("(As[-1] - T) / B", "As[-1] - T", "missing_1_over_n"),
        ("(As[-1] - T) / B", "(As[-1] - T) / B ** 2", "extra_1_over_n"),
        ("(As[-1] - T) / B", "(As[-1] - T) / T.size", "divides_by_k"),
        ("(As[-1] - T) / B", "(As[-1] - T) / As[0].shape[1]", "divides_by_d"),
        ("(As[-1] - T) / B", "(As[-1] - T) / (B - 1)", "n_minus_1"),
        ("(As[-1] - T) / B", "(T - As[-1]) / B", "sign"),
        ("(As[-1] - T) / B", "2 * (As[-1] - T) / B", "factor_two"),
        ("(As[-1] - T) / B", "(As[-1] - T) / (2 * B)", "factor_two"),
        ("(As[-1] - T) / B", "(As[-1] - T) / B\n    dA[:-1] = 0", "last_example_only"),
        ("(As[-1] - T) / B", "(As[-1] - T) / B\n    dA[1:] = 0", "first_example_only"),
    ),
    *singles(
        "mlp_backward",
        "sweep",
        "whole",
        ("dA = (As[-1] - T) / B", "dA = As[-1]\n    dA -= T\n    dA /= B", "mutates_arguments"),
        ("    B = len(T)\n", _NUMERIC, "numerical_derivative"),
    ),
    *singles(
        "mlp_backward",
        "deltas first, 1/B late",
        "slope",
        (" * acts[-1].deriv(Zs[-1])", "", "missing_slope@output"),
        ("acts[l - 1].deriv(Zs[l - 1])", "acts[l - 1].deriv(Zs[l])", "slope_wrong_layer@hidden"),
        ("acts[-1].deriv(Zs[-1])", "acts[-1].deriv(As[-1])", "slope_of_a@output"),
    ),
    *singles(
        "mlp_backward",
        "deltas first, 1/B late",
        "scale",
        ((("delta[l] / B", "delta[l]"), ("delta[l].mean", "delta[l].sum")), "missing_1_over_n"),
        ((("/ B", "/ (B - 1)"), ("delta[l].mean(axis=0)", "delta[l].sum(axis=0) / (B - 1)")), "n_minus_1"),
        ("= (As[-1] - T)", "= (T - As[-1])", "sign"),
        ("B = T.shape[0]", "B = T.shape[0]\n    delta = [d / B for d in delta]", "extra_1_over_n"),
    ),
    *singles(
        "mlp_backward",
        "deltas first, 1/B late",
        "db",
        ("delta[l].mean(axis=0)", "delta[l].mean(axis=0) / B", "db_mean|extra_1_over_n"),
        ("delta[l].mean(axis=0)", "-delta[l].mean(axis=0)", "db_sign"),
        ("delta[l].mean(axis=0)", "delta[l] / B", "db_not_summed"),
        ("delta[l].mean(axis=0)", "delta[l].mean(axis=0) * (l > 0)", "db_zero@1"),
    ),
    *singles(
        "mlp_backward",
        "deltas first, 1/B late",
        "back",
        ("W.T", "W", "weights_transposed@upper"),
        ("params[l][0]", "params[l - 1][0]", "weights_wrong_layer@upper"),
    ),
    *singles(
        "mlp_backward",
        "examples",
        "sum",
        ((("dWs[l] += ", "dWs[l] = "), ("dbs[l] += ", "dbs[l] = ")), "last_example_only"),
        ("    return list", "        break\n    return list", "first_example_only"),
        ("dbs[l] +=", "dbs[l] =", "db_last"),
    ),
    *singles(
        "mlp_backward",
        "examples",
        "scale",
        ((("delta) / N", "delta)"), ("delta / N", "delta")), "missing_1_over_n"),
        ("back = As[-1][n] - T[n]", "back = T[n] - As[-1][n]", "sign"),
        ((("delta) / N", "delta) / (N - 1)"), ("delta / N", "delta / (N - 1)")), "n_minus_1"),
        (
            (("delta) / N", "delta) / As[0].shape[1]"), ("delta / N", "delta / As[0].shape[1]")),
            "divides_by_d",
        ),
        ((("delta) / N", "delta) / T.size"), ("delta / N", "delta / T.size")), "divides_by_k"),
    ),
    *singles(
        "mlp_backward",
        "examples",
        "slope",
        ("delta = back * acts[l].deriv(Zs[l][n])", "delta = back", "missing_slope"),
        ("acts[l].deriv(Zs[l][n])", "(acts[l].deriv(Zs[l][n]) if l != 0 else 1)", "missing_slope@1"),
        ("acts[l].deriv(Zs[l][n])", "acts[l].deriv(acts[l].f(Zs[l][n]))", "slope_of_a"),
    ),
    *singles(
        "mlp_backward",
        "examples",
        "back",
        ("params[l][0] @ delta", "params[l][0].T @ delta", "weights_transposed@upper"),
        ("params[l][0] @ delta", "params[l][0] @ back", "propagates_dA@upper"),
    ),
    *singles(
        "mlp_backward",
        "examples",
        "dW",
        ("np.outer(As[l][n], delta)", "np.outer(delta, As[l][n])", "dW_transposed"),
    ),
    *singles(
        "mlp_backward",
        "examples",
        "dW",
        ("np.outer(As[l][n], delta)", "np.outer(As[l + 1][n], delta)", "dW_uses_own_a"),
    ),
    *singles("mlp_backward", "columns", "dW", ("(dZ @ As[l - 1]).T", "(dZ @ As[l - 1])", "dW_transposed")),
    *singles("mlp_backward", "columns", "dW", ("(dZ @ As[l - 1]).T", "(dZ @ As[l]).T", "dW_uses_own_a")),
    *singles(
        "mlp_backward",
        "columns",
        "db",
        ("np.sum(dZ, axis=1)", "np.mean(dZ, axis=1)", "db_mean|extra_1_over_n"),
    ),
    *singles("mlp_backward", "columns", "db", ("np.sum(dZ, axis=1)", "dZ[:, -1]", "db_last")),
    *singles("mlp_backward", "columns", "back", ("[0] @ dZ", "[0].T @ dZ", "weights_transposed@upper")),
    *singles("mlp_backward", "columns", "scale", (" / m", "", "missing_1_over_n")),
    *singles("mlp_backward", "columns", "scale", (" / m", " / (m * m)", "extra_1_over_n")),
    *singles("mlp_backward", "einsum float32", "slope", (" * acts[l].deriv(f(Zs[l]))", "", "missing_slope")),
    *singles("mlp_backward", "einsum float32", "dW", ("bi,bj->ij", "bi,bj->ji", "dW_transposed")),
    *singles("mlp_backward", "einsum float32", "scale", ("f(-1 / len(T))", "f(1 / len(T))", "sign")),
    *singles("mlp_backward", "einsum float32", "scale", ("f(-1 / len(T))", "f(-1)", "missing_1_over_n")),
)

UNKNOWN = (
    *LINEAR_UNKNOWN,
    *unknowns(
        "mlp_backward",
        "sweep",
        ("(As[-1] - T) / B", "(As[-1] - T) ** 2 / B", "squared error for its derivative"),
        ("(As[-1] - T) / B", "np.sign(As[-1] - T) / B", "the L1 loss"),
        ("(As[-1] - T) / B", "(As[-1] - T) / np.sqrt(B)", "a scale that no name has"),
        ("(As[-1] - T) / B", "(As[-1] - T) / (B + 1)", "a scale that no name has"),
        (_DW, "As[l].T @ dZ + 0.01 * W", "a penalty that was not asked for"),
        (_DW, "np.sin(As[l]).T @ dZ", "stray sine"),
        (_BACK, "dZ @ W.T + b.sum()", "the bias sent back"),
        (_SLOPE, "acts[l].deriv(Zs[l] + b)", "the bias added twice"),
        (_SLOPE, "acts[l].deriv(-1.5 * Zs[l])", "slope at a stretched point"),
        (_DB, "np.cumsum(dZ, axis=0)[len(dZ) // 2]", "only half of the sum"),
        (_DB, "(dZ ** 2).sum(axis=0)", "sum of squares"),
    ),
    *unknowns(
        "mlp_backward", "examples", ("params[l][0] @ delta", "params[l][0] @ np.sort(delta)", "sorted delta")
    ),
)
