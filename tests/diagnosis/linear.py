"""Lesson 6: one linear layer, one activation, the forward pass and broadcasting."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("linear_backward", "plain"): """
def linear_backward(dZ, X, W):
    dX = dZ @ W.T
    dW = X.T @ dZ
    db = dZ.sum(axis=0)
    return dX, dW, db
""",
    ("linear_backward", "einsum"): """
def linear_backward(dZ, X, W):
    dW = np.einsum("bi,bo->io", X, dZ)
    dX = np.einsum("bo,io->bi", dZ, W)
    return dX, dW, np.einsum("bo->o", dZ)
""",
    ("linear_backward", "examples"): """
def linear_backward(dZ, X, W):
    dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(W.shape[1])
    for n in range(len(X)):
        dX[n] = W.dot(dZ[n])
        dW += np.outer(X[n], dZ[n])
        db += dZ[n]
    return dX, dW, db
""",
    ("linear_backward", "columns"): """
def linear_backward(dZ, X, W):
    D, A = dZ.T, X.T
    dW = (D @ A.T).T
    dX = (W @ D).T
    db = D @ np.ones(D.shape[1])
    return [dX, dW, db]
""",
    ("linear_backward", "float32"): """
def linear_backward(dZ, X, W):
    dZ, X, W = np.float32(dZ), np.float32(X), np.float32(W)
    return np.matmul(dZ, W.T), np.matmul(X.T, dZ), np.sum(dZ, 0)
""",
    ("activation_backward", "plain"): """
def activation_backward(dA, Z, act):
    return dA * act.deriv(Z)
""",
    ("activation_backward", "loops"): """
def activation_backward(dA, Z, act):
    dZ = np.empty(Z.shape)
    for index in np.ndindex(*Z.shape):
        dZ[index] = act.deriv(Z[index]) * dA[index]
    return dZ
""",
    ("activation_backward", "copy"): """
def activation_backward(dA, Z, act):
    dZ = dA.copy()
    dZ *= act.deriv(Z)
    return dZ
""",
    ("mlp_forward", "plain"): """
def mlp_forward(params, X, acts):
    Zs, As = [], [X]
    for (W, b), act in zip(params, acts):
        Zs.append(As[-1] @ W + b)
        As.append(act.f(Zs[-1]))
    return Zs, As
""",
    ("mlp_forward", "columns"): """
def mlp_forward(params, X, acts):
    A = X.T
    Zs, As = [], [X]
    for i in range(len(params)):
        W, b = params[i]
        Z = W.T @ A + b.reshape(-1, 1)
        A = acts[i].f(Z)
        Zs.append(Z.T)
        As.append(A.T)
    return (Zs, As)
""",
    ("mlp_forward", "float32"): """
def mlp_forward(params, X, acts):
    A = X.astype("float32")
    Zs, As = [], [A]
    for (W, b), act in zip(params, acts):
        Z = A.dot(W.astype("float32")) + b.astype("float32")
        A = act.f(Z)
        Zs, As = Zs + [Z], As + [A]
    return Zs, As
""",
    ("unbroadcast", "plain"): """
def unbroadcast(g, shape):
    while g.ndim > len(shape):
        g = g.sum(axis=0)
    for axis, n in enumerate(shape):
        if n == 1:
            g = g.sum(axis=axis, keepdims=True)
    return g
""",
    ("unbroadcast", "axes"): """
def unbroadcast(g, shape):
    extra = g.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(extra + i for i, n in enumerate(shape) if n == 1)
    return g.sum(axis=axes).reshape(shape)
""",
}

_EXAMPLES_DB = (
    ("db += dZ[n]", "db = dZ[n]", "db_last"),
    ("db += dZ[n]", "db -= dZ[n]", "db_sign"),
    ("db += dZ[n]", "db += dZ[n] / len(X)", "db_mean|extra_1_over_n"),
    ("        db += dZ[n]\n", "", "db_zero"),
)
_KEEP = """    store = globals().setdefault("_store", {})
    if X.shape in store:
        dX, dW, db = (new + old for new, old in zip((dX, dW, db), store[X.shape]))
    store[X.shape] = dX, dW, db
    return"""

MUTANTS = (
    *singles(
        "linear_backward",
        "plain",
        "dW",
        ("X.T @ dZ", "dZ.T @ X", "dW_transposed"),
        ("X.T @ dZ", "np.ones_like(X).T @ dZ", "dW_missing_input"),
        ("X.T @ dZ", "-X.T @ dZ", "dW_sign"),
        ("X.T @ dZ", "X.T @ dZ / len(X)", "extra_1_over_n"),
    ),
    *singles(
        "linear_backward",
        "plain",
        "db",
        ("dZ.sum(axis=0)", "dZ.mean(axis=0)", "db_mean|extra_1_over_n"),
        ("dZ.sum(axis=0)", "dZ[0]", "db_first"),
        ("dZ.sum(axis=0)", "dZ[-1]", "db_last"),
        ("dZ.sum(axis=0)", "np.zeros(W.shape[1])", "db_zero"),
        ("dZ.sum(axis=0)", "dZ.sum() * np.ones(W.shape[1])", "db_total"),
        ("dZ.sum(axis=0)", "-dZ.sum(axis=0)", "db_sign"),
        ("db = dZ.sum(axis=0)", "db = dZ", "db_not_summed"),
    ),
    *singles(
        "linear_backward",
        "plain",
        "back",
        ("dZ @ W.T", "dZ @ W", "weights_transposed"),
        ("dZ @ W.T", "dZ.sum(axis=1, keepdims=True) * np.ones_like(X)", "weights_ignored"),
        ("dZ @ W.T", "np.outer(dZ[:, -1], W[:, -1])", "last_term_only"),
        ("dZ @ W.T", "np.outer(dZ[:, 0], W[:, 0])", "first_term_only"),
        ("dZ @ W.T", "dZ @ W.T / W.shape[1]", "mean_over_k"),
    ),
    *singles(
        "linear_backward",
        "plain",
        "whole",
        ("    dX = dZ @", "    dZ = np.ones_like(dZ)\n    dX = dZ @", "upstream_ignored"),
        ("    dX = dZ @", "    dZ = dZ / len(dZ)\n    dX = dZ @", "extra_1_over_n"),
        ("    dX = dZ @", "    dZ = -dZ\n    dX = dZ @", "sign"),
        ("    dX = dZ @", "    dZ = dZ * 2\n    dX = dZ @", "factor_two"),
        ("    return", _KEEP, "accumulated_not_reset"),
    ),
    *singles(
        "linear_backward",
        "einsum",
        "any",
        ('"bi,bo->io", X, dZ', '"bi,bo->oi", X, dZ', "dW_transposed"),
        ('"bo,io->bi"', '"bo,oi->bi"', "weights_transposed"),
        ('"bi,bo->io", X, dZ', '"i,bo->io", np.ones(len(W)), dZ', "dW_missing_input"),
    ),
    *singles("linear_backward", "einsum", "db", ('np.einsum("bo->o", dZ)', "dZ", "db_not_summed")),
    *singles("linear_backward", "examples", "db", *_EXAMPLES_DB),
    *singles(
        "linear_backward",
        "examples",
        "dW",
        ("np.outer(X[n], dZ[n])", "np.outer(dZ[n], X[n])", "dW_transposed"),
        ("np.outer(X[n], dZ[n])", "dZ[n]", "dW_missing_input"),
        ("dW += ", "dW -= ", "dW_sign"),
    ),
    *singles("linear_backward", "examples", "back", ("W.dot(dZ[n])", "W.T.dot(dZ[n])", "weights_transposed")),
    *singles("linear_backward", "examples", "back", ("W.dot(dZ[n])", "dZ[n].sum()", "weights_ignored")),
    *singles("linear_backward", "columns", "back", ("(W @ D).T", "(W.T @ D).T", "weights_transposed")),
    *singles("linear_backward", "columns", "dW", ("(D @ A.T).T", "D @ A.T", "dW_transposed")),
    *singles(
        "linear_backward",
        "columns",
        "db",
        ("D @ np.ones(D.shape[1])", "D.mean(axis=1)", "db_mean|extra_1_over_n"),
    ),
    *singles("linear_backward", "columns", "db", ("D @ np.ones(D.shape[1])", "D[:, 0]", "db_first")),
    *singles(
        "activation_backward",
        "plain",
        "slope",
        (" * act.deriv(Z)", "", "missing_slope"),
        ("act.deriv(Z)", "act.deriv(act.f(Z))", "slope_of_a"),
        ("act.deriv(Z)", "Z * (1 - Z)", "slope_formula_on_z"),
        ("act.deriv(Z)", "act.deriv(Z) ** 2", "slope_twice"),
        ("act.deriv(Z)", "act.f(Z)", "slope_is_f"),
        ("act.deriv(Z)", "(1 - act.f(Z))", "slope_one_minus_a"),
        ("act.deriv(Z)", "act.f(Z) * (1 - act.f(Z))", "slope_of_other_activation"),
        ("act.deriv(Z)", "(act.f(Z + 1e-5) - act.f(Z - 1e-5)) / 2e-5", "numerical_derivative"),
    ),
    *singles("activation_backward", "plain", "scale", ("dA *", "-dA *", "sign")),
    *singles("activation_backward", "plain", "scale", ("return dA * act", "return act", "upstream_ignored")),
    *singles(
        "activation_backward", "loops", "slope", ("act.deriv(Z[index])", "act.f(Z[index])", "slope_is_f")
    ),
    *singles("activation_backward", "loops", "slope", ("act.deriv(Z[index]) * ", "", "missing_slope")),
    *singles("activation_backward", "loops", "scale", (" * dA[index]", "", "upstream_ignored")),
    *singles(
        "activation_backward",
        "loops",
        "dtype",
        ("np.empty(Z.shape)", "np.zeros(Z.shape, dtype=int)", "int_cast"),
    ),
    *singles("activation_backward", "copy", "any", ("dA.copy()", "dA", "mutates_arguments")),
    *singles("activation_backward", "copy", "any", ("    dZ *= act.deriv(Z)\n", "", "missing_slope")),
)

UNKNOWN = (
    *unknowns(
        "linear_backward",
        "plain",
        ("X.T @ dZ", "X.T @ dZ + W", "the weight added, as a penalty of 1 would"),
        ("X.T @ dZ", "np.abs(X).T @ dZ", "inputs without their signs"),
        ("dZ @ W.T", "dZ @ (W.T + 1)", "a constant added"),
        ("dZ.sum(axis=0)", "np.abs(dZ).sum(axis=0)", "sum of sizes"),
        ("dZ.sum(axis=0)", "dZ.max(axis=0)", "the largest for the sum"),
        ("dZ.sum(axis=0)", "dZ.sum(axis=1)", "sums an example's units, not a unit's examples"),
    ),
    *unknowns(
        "activation_backward",
        "plain",
        ("dA * act", "dA + act", "sum for product"),
        ("dA * act.deriv(Z)", "dA / act.deriv(Z)", "divides by the slope"),
        ("dA * act.deriv(Z)", "dA @ np.ones((dA.shape[1],) * 2) * act.deriv(Z)", "mixes the units"),
    ),
    *unknowns("mlp_forward", "plain", (" + b", "", "no name for a forgotten bias")),
    *unknowns("mlp_forward", "plain", ("As[-1] @ W", "np.sin(As[-1]) @ W", "stray sine")),
    *unknowns("unbroadcast", "plain", ("g.sum(axis=0)", "g[0]", "takes the first instead of summing")),
    *unknowns("unbroadcast", "axes", ("g.sum(", "g.mean(", "averages instead of summing, over no batch")),
)
