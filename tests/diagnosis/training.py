"""Lessons 8 and 9: the training loop's parts and the deltas of a deep classifier."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("loss_and_grads", "plain"): """
def loss_and_grads(params, X, y):
    As, Zs = [X], []
    for i, (W, b) in enumerate(params):
        Z = As[-1] @ W + b
        Zs.append(Z)
        As.append(np.maximum(Z, 0) if i < len(params) - 1 else Z)
    S = Zs[-1] - Zs[-1].max(axis=1, keepdims=True)
    P = np.exp(S) / np.exp(S).sum(axis=1, keepdims=True)
    B = len(y)
    loss = -np.mean(np.log(P[np.arange(B), y]))
    Y = np.eye(P.shape[1])[y]
    delta = (P - Y) / B
    grads = []
    for l in range(len(params) - 1, -1, -1):
        W = params[l][0]
        dW = As[l].T @ delta
        db = delta.sum(axis=0)
        grads.insert(0, (dW, db))
        if l > 0:
            dA = delta @ W.T
            delta = dA * (Zs[l - 1] > 0)
    return loss, grads
""",
    ("loss_and_grads", "masks"): """
def loss_and_grads(params, X, y):
    A, cache = X, []
    for W, b in params[:-1]:
        Z = A.dot(W) + b
        cache.append((A, Z))
        A = Z * (Z > 0)
    W, b = params[-1]
    logits = A.dot(W) + b
    cache.append((A, logits))
    logits = logits - logits.max(axis=1)[:, None]
    log_p = logits - np.log(np.exp(logits).sum(axis=1))[:, None]
    n = X.shape[0]
    loss = -log_p[range(n), y].sum() / n
    dZ = np.exp(log_p)
    dZ[range(n), y] -= 1
    out = []
    for (W, b), (A, Z) in zip(params[::-1], cache[::-1]):
        if out:
            dZ[Z <= 0] = 0
        out.append((A.T.dot(dZ) / n, dZ.sum(axis=0) / n))
        dZ = dZ.dot(W.T)
    return loss, out[::-1]
""",
    ("loss_and_grads", "float32"): """
def loss_and_grads(params, X, y):
    f = np.float32
    As = [f(X)]
    for k, (W, b) in enumerate(params):
        Z = As[-1] @ f(W) + f(b)
        As.append(Z if k == len(params) - 1 else np.where(Z > 0, Z, f(0)))
    Z = As.pop()
    Z = Z - Z.max(axis=1, keepdims=True)
    log_p = Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))
    Y = (np.arange(Z.shape[1]) == y[:, None]).astype(f)
    delta, grads = (np.exp(log_p) - Y) / f(len(y)), []
    for k in reversed(range(len(params))):
        grads.append((As[k].T @ delta, delta.sum(axis=0)))
        delta = (delta @ f(params[k][0]).T) * (As[k] > 0)
    return float(-(Y * log_p).sum() / len(y)), grads[::-1]
""",
    ("delta_norms", "plain"): """
def delta_norms(Ws, bs, X, y, act):
    A, Zs = X, []
    for W, b in zip(Ws, bs):
        Z = A @ W + b
        Zs.append(Z)
        A = act.f(Z)
    out = 1 / (1 + np.exp(-Zs[-1]))
    Y = np.eye(out.shape[1])[y]
    delta = out - Y
    norms = []
    for l in range(len(Ws) - 2, -1, -1):
        back = delta @ Ws[l + 1].T
        delta = back * act.deriv(Zs[l])
        norms.append(np.linalg.norm(delta.mean(axis=0)))
    return norms[::-1]
""",
    ("delta_norms", "examples"): """
def delta_norms(Ws, bs, X, y, act):
    L, B = len(Ws), len(X)
    means = [0.0] * (L - 1)
    for x, label in zip(X, y):
        a, zs = x, []
        for l in range(L):
            zs.append(a @ Ws[l] + bs[l])
            a = act.f(zs[l])
        delta = 1 / (1 + np.exp(-zs[-1]))
        delta[label] -= 1
        for l in range(L - 1, 0, -1):
            delta = Ws[l] @ delta * act.deriv(zs[l - 1])
            means[l - 1] = means[l - 1] + delta / B
    return [float(np.sqrt(np.sum(m ** 2))) for m in means]
""",
}

_MASK = "(Zs[l - 1] > 0)"
_SLOPE = "act.deriv(Zs[l])"
_NUMERIC_L = """    def value(ps):
        A = X
        for i, (W, b) in enumerate(ps):
            A = A @ W + b
            A = np.maximum(A, 0) if i < len(ps) - 1 else A
        A = A - A.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(A).sum(axis=1)) - A[np.arange(len(y)), y])
    work = [(W.copy(), b.copy()) for W, b in params]
    grads = []
    for pair in work:
        both = []
        for array in pair:
            g = np.zeros(array.shape)
            for i in np.ndindex(*array.shape):
                old = array[i]
                array[i] = old + 1e-5
                up = value(work)
                array[i] = old - 1e-5
                g[i] = (up - value(work)) / 2e-5
                array[i] = old
            both.append(g)
        grads.append(tuple(both))
"""

MUTANTS = (
    *singles(
        "loss_and_grads",
        "plain",
        "slope",
        ("dA * " + _MASK, "dA", "missing_slope@hidden"),
        (_MASK, "((Zs[l - 1] > 0) if l != 1 else 1)", "missing_slope@1"),
        (_MASK, "np.where(Zs[l - 1] > 0, 1, 0.01)", "relu_leaky@hidden"),
        (_MASK, "(dA > 0)", "relu_gate_on_upstream@hidden"),
        (_MASK, "As[l]", "slope_is_f@hidden"),
        (_MASK, "(1 - As[l])", "slope_one_minus_a@hidden"),
        (_MASK, "Zs[l - 1] * (1 - Zs[l - 1])", "slope_formula_on_z@hidden"),
        (_MASK, "As[l] * (1 - As[l])", "slope_of_other_activation@hidden"),
        (_MASK, "(Zs[l] > 0)", "slope_wrong_layer@hidden"),
    ),
    *singles(
        "loss_and_grads",
        "plain",
        "back",
        ("delta @ W.T", "delta @ W", "weights_transposed@upper"),
        ("delta @ W.T", "delta @ np.ones_like(W.T)", "weights_ignored@upper"),
        ("delta @ W.T", "delta[:, -1:] * W[:, -1]", "last_term_only@upper"),
        ("delta @ W.T", "delta[:, :1] * W[:, 0]", "first_term_only@upper"),
        ("delta @ W.T", "delta @ W.T / W.shape[1]", "mean_over_k@upper"),
        ("delta @ W.T", "(dA if grads[1:] else delta) @ W.T", "propagates_dA@middle"),
    ),
    *singles(
        "loss_and_grads",
        "plain",
        "dW",
        ("As[l].T @ delta", "delta.T @ As[l]", "dW_transposed"),
        ("As[l].T @ delta", "(Zs[l - 1] if l else X).T @ delta", "dW_uses_z@upper"),
        ("As[l].T @ delta", "X.T @ delta", "dW_uses_x@upper"),
        ("As[l].T @ delta", "np.ones_like(As[l]).T @ delta", "dW_missing_input"),
        ("As[l].T @ delta", "(As[l].T if l else np.ones_like(X).T) @ delta", "dW_missing_input@1"),
        ("As[l].T @ delta", "-As[l].T @ delta", "dW_sign"),
        ("As[l].T @ delta", "As[l].T @ delta / B", "extra_1_over_n"),
    ),
    *singles(
        "loss_and_grads",
        "plain",
        "db",
        ("delta.sum(axis=0)", "delta.mean(axis=0)", "db_mean|extra_1_over_n"),
        ("delta.sum(axis=0)", "delta[0]", "db_first"),
        ("delta.sum(axis=0)", "delta[-1]", "db_last"),
        ("delta.sum(axis=0)", "0 * delta[0]", "db_zero"),
        ("delta.sum(axis=0)", "delta.sum() + 0 * delta[0]", "db_total"),
        ("delta.sum(axis=0)", "-delta.sum(axis=0)", "db_sign"),
        ("db = delta.sum(axis=0)", "db = delta", "db_not_summed"),
    ),
    *singles(
        "loss_and_grads",
        "plain",
        "output",
        ("(P - Y) / B", "P - Y", "missing_1_over_n"),
        ("(P - Y) / B", "(P - Y) / B / B", "extra_1_over_n"),
        ("(P - Y) / B", "(P - Y) / P.size", "divides_by_k"),
        ("(P - Y) / B", "(P - Y) / X.shape[1]", "divides_by_d"),
        ("(P - Y) / B", "(P - Y) / (B - 1)", "n_minus_1"),
        ("(P - Y) / B", "(Y - P) / B", "sign"),
        ("(P - Y) / B", "2 * (P - Y) / B", "factor_two"),
        ("(P - Y) / B", "(P - Y) * P * (1 - P) / B", "slope_extra_at_output"),
        ("(P - Y) / B", "(P - y[:, None]) / B", "forgot_one_hot"),
        ("(P - Y) / B", "(np.eye(P.shape[1])[P.argmax(axis=1)] - Y) / B", "hard_argmax"),
        ("(P - Y) / B", "-Y / P / B", "ce_wrt_p"),
        ("(P - Y) / B", "-Y * (1 - P) / B", "softmax_diagonal_only|bce_positive_only"),
        ("(P - Y) / B", "P * (P - Y - ((P - Y) * P).sum(axis=1, keepdims=True)) / B", "softmax_mse_as_ce"),
        ("(P - Y) / B", "(P - Y) / B\n    delta[:-1] = 0", "last_example_only"),
    ),
    *singles(
        "loss_and_grads",
        "plain",
        "whole",
        ("    return loss", _NUMERIC_L + "    return loss", "numerical_derivative"),
    ),
    *singles(
        "loss_and_grads",
        "masks",
        "slope",
        ("dZ[Z <= 0] = 0", "dZ[dZ <= 0] = 0", "relu_gate_on_upstream@hidden"),
        ("dZ[Z <= 0] = 0", "dZ[Z <= 0] *= 0.01", "relu_leaky@hidden"),
        ("dZ[Z <= 0] = 0", "pass", "missing_slope@hidden"),
    ),
    *singles(
        "loss_and_grads",
        "masks",
        "tensors",
        ("dZ.sum(axis=0) / n", "dZ.mean(axis=0) / n", "db_mean|extra_1_over_n"),
        ("dZ.sum(axis=0) / n", "dZ[-1] / n", "db_last"),
        ("A.T.dot(dZ) / n", "dZ.T.dot(A) / n", "dW_transposed"),
    ),
    *singles("loss_and_grads", "masks", "back", ("dZ.dot(W.T)", "dZ.dot(W)", "weights_transposed@upper")),
    *singles(
        "loss_and_grads",
        "masks",
        "scale",
        ((("A.T.dot(dZ) / n", "A.T.dot(dZ)"), ("dZ.sum(axis=0) / n", "dZ.sum(axis=0)")), "missing_1_over_n"),
    ),
    *singles("loss_and_grads", "float32", "any", (" * (As[k] > 0)", "", "missing_slope@hidden")),
    *singles("loss_and_grads", "float32", "any", ("(np.exp(log_p) - Y)", "(Y - np.exp(log_p))", "sign")),
    *singles(
        "delta_norms",
        "plain",
        "slope",
        (" * " + _SLOPE, "", "missing_slope@hidden"),
        (_SLOPE, f"(1 if l == 0 else {_SLOPE})", "missing_slope@1"),
        (_SLOPE, "act.deriv(act.f(Zs[l]))", "slope_of_a@hidden"),
        (_SLOPE, _SLOPE + " ** 2", "slope_twice@hidden"),
        (_SLOPE, "act.f(Zs[l])", "slope_is_f@hidden"),
        (_SLOPE, "Zs[l] * (1 - Zs[l])", "slope_formula_on_z@hidden"),
        (_SLOPE, "(1 - act.f(Zs[l]))", "slope_one_minus_a@hidden"),
        (_SLOPE, "act.f(Zs[l]) * (1 - act.f(Zs[l]))", "slope_of_other_activation@hidden"),
    ),
    *singles(
        "delta_norms",
        "plain",
        "back",
        ("Ws[l + 1].T", "Ws[l + 1]", "weights_transposed@upper"),
        ("Ws[l + 1].T", "Ws[l].T", "weights_wrong_layer@upper"),
        (
            "delta @ Ws[l + 1].T",
            "delta.sum(axis=1, keepdims=True) * np.ones(len(Ws[l + 1]))",
            "weights_ignored@upper",
        ),
        ("delta @ Ws[l + 1].T", "(back if norms else delta) @ Ws[l + 1].T", "propagates_dA@middle"),
    ),
    *singles(
        "delta_norms",
        "plain",
        "output",
        ("out - Y", "(out - Y) * out * (1 - out)", "slope_extra_at_output"),
        ("out - Y", "(out - Y) / (out * (1 - out))", "bce_missing_slope"),
        ("out - Y", "-Y * (1 - out)", "bce_positive_only"),
        ("out - Y", "out - y[:, None]", "forgot_one_hot"),
        ("out - Y", "(out - Y) / len(X)", "extra_1_over_n"),
        ("out - Y", "2 * (out - Y)", "factor_two"),
    ),
    *singles(
        "delta_norms",
        "plain",
        "norm",
        ("np.linalg.norm(delta.mean(axis=0))", "np.linalg.norm(delta, axis=1).mean()", "norm_then_mean"),
    ),
    *singles(
        "delta_norms",
        "examples",
        "any",
        (" * act.deriv(zs[l - 1])", "", "missing_slope@hidden"),
        ("means[l - 1] + delta / B", "means[l - 1] + np.linalg.norm(delta) / B", "norm_then_mean"),
        ("means[l - 1] + delta / B", "delta / B", "last_example_only"),
        ("Ws[l] @ delta", "Ws[l].T @ delta", "weights_transposed@upper"),
    ),
)

UNKNOWN = (
    *unknowns(
        "loss_and_grads",
        "plain",
        (_MASK, "np.abs(Zs[l - 1] > 0.5)", "a gate at one half"),
        (_MASK, "(Zs[l - 1].mean(axis=1, keepdims=True) > 0)", "one gate for a whole example"),
        ("(P - Y) / B", "(P - Y) ** 3 / B", "wrong power"),
        ("As[l].T @ delta", "As[l].T @ delta + W", "a penalty that was not asked for"),
        ("As[l].T @ delta", "np.sqrt(np.abs(As[l])).T @ delta", "wrong power of the input"),
    ),
    *unknowns(
        "delta_norms",
        "plain",
        ("1 / (1 + np.exp(-Zs[-1]))", "np.tanh(Zs[-1])", "another output activation"),
        ("np.linalg.norm(delta.mean(axis=0))", "np.abs(delta.mean(axis=0)).sum()", "another norm"),
        ("np.linalg.norm(delta.mean(axis=0))", "np.linalg.norm(delta)", "the norm of all examples, no mean"),
        ("norms[::-1]", "norms", "the last layer first"),
    ),
)
