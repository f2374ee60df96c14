"""Lesson 3: deltas at any depth, the worked example and the update order."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("all_deltas", "list"): """
def all_deltas(Ws, Zs, As, T, act):
    L = len(Ws)
    deltas = [None] * L
    deltas[L - 1] = (As[L] - T) * act.deriv(Zs[L - 1])
    for l in range(L - 2, -1, -1):
        deltas[l] = (deltas[l + 1] @ Ws[l + 1].T) * act.deriv(Zs[l])
    return deltas
""",
    ("all_deltas", "sweep"): """
def all_deltas(Ws, Zs, As, T, act):
    out = []
    dA = As[-1] - T
    for l in reversed(range(len(Ws))):
        dZ = dA * act.deriv(Zs[l])
        out.append(dZ)
        dA = dZ @ Ws[l].T
    return out[::-1]
""",
    ("all_deltas", "insert"): """
def all_deltas(Ws, Zs, As, T, act):
    error = T - As[-1]
    delta = -error * act.deriv(Zs[-1])
    out = [delta]
    for W, Z in zip(Ws[:0:-1], Zs[-2::-1]):
        delta = np.einsum("bk,jk->bj", delta, W) * act.deriv(Z)
        out.insert(0, delta)
    return out
""",
    ("all_deltas", "recursion"): """
def all_deltas(Ws, Zs, As, T, act):
    slope = act.deriv(Zs[0])
    if len(Ws) == 1:
        return [slope * (As[-1] - T)]
    later = all_deltas(Ws[1:], Zs[1:], As[1:], T, act)
    back = np.zeros_like(slope)
    for k in range(Ws[1].shape[1]):
        back += np.outer(later[0][:, k], Ws[1][:, k])
    return [slope * back] + later
""",
    ("all_deltas", "columns float32"): """
def all_deltas(Ws, Zs, As, T, act):
    Ws = [W.astype(np.float32).T for W in Ws]
    Zs = [Z.astype(np.float32).T for Z in Zs]
    delta = (As[-1].T.astype(np.float32) - T.T.astype(np.float32)) * act.deriv(Zs[-1])
    deltas = {len(Ws) - 1: delta.T}
    for l in range(len(Ws) - 1, 0, -1):
        delta = Ws[l].T @ delta * act.deriv(Zs[l - 1])
        deltas[l - 1] = delta.T
    return [deltas[l] for l in range(len(Ws))]
""",
    ("mazur_gradients", "plain"): """
def mazur_gradients(params, x, t):
    W1, b1, W2, b2 = params["W1"], params["b1"], params["W2"], params["b2"]
    z1 = x @ W1 + b1
    a1 = 1 / (1 + np.exp(-z1))
    z2 = a1 @ W2 + b2
    a2 = 1 / (1 + np.exp(-z2))
    delta2 = (a2 - t) * a2 * (1 - a2)
    delta1 = (W2 @ delta2) * a1 * (1 - a1)
    return {"W1": np.outer(x, delta1), "b1": delta1, "W2": np.outer(a1, delta2), "b2": delta2}
""",
    ("mazur_gradients", "loops"): """
def mazur_gradients(params, x, t):
    sig = lambda v: 1.0 / (1.0 + np.exp(-v))
    h = sig(x @ params["W1"] + params["b1"])
    o = sig(h @ params["W2"] + params["b2"])
    g = {k: np.zeros_like(v) for k, v in params.items()}
    delta_o = [-(t[k] - o[k]) * o[k] * (1 - o[k]) for k in range(len(o))]
    for j in range(len(h)):
        total = 0.0
        for k in range(len(o)):
            g["W2"][j, k] = delta_o[k] * h[j]
            total += delta_o[k] * params["W2"][j, k]
        delta_h = total * h[j] * (1 - h[j])
        g["b1"][j] = delta_h
        for i in range(len(x)):
            g["W1"][i, j] = delta_h * x[i]
    g["b2"] = np.array(delta_o)
    return g
""",
    ("mazur_gradients", "rows"): """
def mazur_gradients(params, x, t):
    X, T = x.reshape(1, -1), t.reshape(1, -1)
    H = 1 / (1 + np.exp(-(X.dot(params["W1"]) + params["b1"])))
    O = 1 / (1 + np.exp(-(H.dot(params["W2"]) + params["b2"])))
    D2 = (O - T) * (O - O ** 2)
    D1 = D2.dot(params["W2"].T) * (H - H ** 2)
    return dict(W1=X.T.dot(D1), b1=D1.sum(axis=0), W2=H.T.dot(D2), b2=D2.sum(axis=0))
""",
    ("update_order_gap", "plain"): """
def update_order_gap(params, x, t, lr):
    sig = lambda v: 1 / (1 + np.exp(-v))
    W1, b1, W2, b2 = (params[k] for k in ("W1", "b1", "W2", "b2"))
    loss = lambda V1, V2: 0.5 * np.sum((sig(sig(x @ V1 + b1) @ V2 + b2) - t) ** 2)
    h = sig(x @ W1 + b1)
    o = sig(h @ W2 + b2)
    d2 = (o - t) * o * (1 - o)
    V2 = W2 - lr * np.outer(h, d2)
    right = W1 - lr * np.outer(x, (W2 @ d2) * h * (1 - h))
    wrong = W1 - lr * np.outer(x, (V2 @ d2) * h * (1 - h))
    return loss(wrong, V2) - loss(right, V2)
""",
    ("update_order_gap", "one loop"): """
def update_order_gap(params, x, t, lr):
    def forward(W1, W2):
        a1 = 1 / (1 + np.exp(-(x @ W1 + params["b1"])))
        return a1, 1 / (1 + np.exp(-(a1 @ W2 + params["b2"])))
    losses = []
    for wrong in (True, False):
        W1, W2 = params["W1"].copy(), params["W2"].copy()
        a1, a2 = forward(W1, W2)
        delta2 = a2 * (1 - a2) * (a2 - t)
        back = W2 @ delta2
        W2 -= lr * np.outer(a1, delta2)
        if wrong:
            back = W2 @ delta2
        W1 -= lr * np.outer(x, back * a1 * (1 - a1))
        losses.append(((forward(W1, W2)[1] - t) ** 2).sum() / 2)
    return float(losses[0] - losses[1])
""",
}

_SLOPE = "act.deriv(Zs[l])"
_BACK = "dZ @ Ws[l].T"
_SCALE = (
    ("dA = As[-1] - T", "dA = T - As[-1]", "sign"),
    ("dA = As[-1] - T", "dA = 2 * (As[-1] - T)", "factor_two"),
    ("dA = As[-1] - T", "dA = (As[-1] - T) / len(T)", "extra_1_over_n"),
    ("dA = As[-1] - T", "dA = (As[-1] - T) / T.shape[1]", "divides_by_k"),
)

MUTANTS = (
    *singles("all_deltas", "sweep", "scale", *_SCALE),
    *singles(
        "all_deltas",
        "sweep",
        "slope",
        (f" * {_SLOPE}", "", "missing_slope"),
        (_SLOPE, "(act.deriv(Zs[l]) if l > 0 else 1)", "missing_slope@1"),
        (_SLOPE, "(act.deriv(Zs[l]) if l != 1 else 1)", "missing_slope@2"),
        (_SLOPE, "(act.deriv(Zs[l]) if l < len(Ws) - 1 else 1)", "missing_slope@output"),
        (_SLOPE, "act.deriv(As[l + 1])", "slope_of_a"),
        (_SLOPE, "act.deriv(Zs[l] if l > 0 else As[1])", "slope_of_a@1"),
        (_SLOPE, "Zs[l] * (1 - Zs[l])", "slope_formula_on_z"),
        (_SLOPE, "(act.deriv(Zs[l]) if l else Zs[l] * (1 - Zs[l]))", "slope_formula_on_z@1"),
        (_SLOPE, "act.deriv(Zs[l]) ** 2", "slope_twice"),
        (_SLOPE, "act.deriv(Zs[l]) ** (2 if l == 0 else 1)", "slope_twice@1"),
        (_SLOPE, "As[l + 1]", "slope_is_f"),
        (_SLOPE, "(1 - As[l + 1])", "slope_one_minus_a"),
        (_SLOPE, "As[l + 1] * (1 - As[l + 1])", "slope_of_other_activation"),
        (_SLOPE, "(act.deriv(Zs[l]) if l else As[1] * (1 - As[1]))", "slope_of_other_activation@1"),
        (_SLOPE, "act.deriv(Zs[1 if l == 0 else l])", "slope_wrong_layer@1"),
        (_SLOPE, "act.deriv(Zs[0 if l == 1 else l])", "slope_wrong_layer@2"),
        (_SLOPE, "(act.f(Zs[l] + 1e-6) - act.f(Zs[l] - 1e-6)) / 2e-6", "numerical_derivative"),
    ),
    *singles(
        "all_deltas",
        "sweep",
        "back",
        (_BACK, "dA @ Ws[l].T", "propagates_dA@upper"),
        (_BACK, "(dA if l == 1 else dZ) @ Ws[l].T", "propagates_dA@2"),
        ("Ws[l].T", "Ws[l]", "weights_transposed@upper"),
        ("Ws[l].T", "(Ws[1] if l == 1 else Ws[l].T)", "weights_transposed@2"),
        (_BACK, "np.repeat(dZ.sum(axis=1, keepdims=True), len(Ws[l]), axis=1)", "weights_ignored@upper"),
        ("Ws[l].T", "(np.ones_like(Ws[l].T) if l == 1 else Ws[l].T)", "weights_ignored@2"),
        (_BACK, "dZ[:, -1:] * Ws[l][:, -1]", "last_term_only@upper"),
        (_BACK, "dZ[:, :1] * Ws[l][:, 0]", "first_term_only@upper"),
        (_BACK, "dZ @ Ws[l].T / Ws[l].shape[1]", "mean_over_k@upper"),
    ),
    *singles(
        "all_deltas",
        "list",
        "slope",
        (
            "Ws[l + 1].T) * act.deriv(Zs[l])",
            "Ws[l + 1].T) * act.deriv(Zs[l + 1])",
            "slope_wrong_layer@hidden",
        ),
        (" * act.deriv(Zs[L - 1])", "", "missing_slope@output"),
        (" * act.deriv(Zs[l])", "", "missing_slope@hidden"),
        ("act.deriv(Zs[l])", "act.deriv(As[l + 1])", "slope_of_a@hidden"),
        ("act.deriv(Zs[l])", "act.f(Zs[l])", "slope_is_f@hidden"),
        ("act.deriv(Zs[L - 1])", "act.deriv(As[L])", "slope_of_a@output"),
        ("act.deriv(Zs[l])", "act.deriv(Zs[l]) ** 2", "slope_twice@hidden"),
    ),
    *singles(
        "all_deltas",
        "list",
        "back",
        ("@ Ws[l + 1].T", "@ Ws[l].T", "weights_wrong_layer@upper"),
        ("@ Ws[l + 1].T", "@ Ws[l if l == 0 else l + 1].T", "weights_wrong_layer@2"),
        ("@ Ws[l + 1].T", "@ Ws[l + 1]", "weights_transposed@upper"),
        ("(deltas[l + 1] @ Ws[l + 1].T)", "deltas[l + 1].sum(axis=1)[:, None]", "weights_ignored@upper"),
    ),
    *singles("all_deltas", "list", "scale", ("(As[L] - T)", "(T - As[L])", "sign")),
    *singles("all_deltas", "list", "scale", ("(As[L] - T)", "2 * (As[L] - T)", "factor_two")),
    *singles("all_deltas", "list", "scale", ("(As[L] - T)", "(As[L] - T) / T.shape[0]", "extra_1_over_n")),
    *singles(
        "all_deltas",
        "insert",
        "slope",
        ("act.deriv(Z)", "act.deriv(act.f(Z))", "slope_of_a@hidden"),
        ("act.deriv(Z)", "(1 - act.f(Z))", "slope_one_minus_a@hidden"),
    ),
    *singles("all_deltas", "insert", "scale", ("-error", "error", "sign")),
    *singles("all_deltas", "insert", "back", ('"bk,jk->bj"', '"bk,kj->bj"', "weights_transposed@upper")),
    *singles(
        "all_deltas",
        "insert",
        "in place",
        ("error = T - As[-1]", "error = T; error -= As[-1]", "mutates_arguments"),
    ),
    *singles(
        "all_deltas",
        "recursion",
        "any",
        ("back +=", "back =", "last_term_only@upper"),
        ("range(Ws[1].shape[1])", "range(1)", "first_term_only@upper"),
        ("slope = act.deriv(Zs[0])", "slope = np.ones_like(Zs[0])", "missing_slope"),
        ("slope = act.deriv(Zs[0])", "slope = act.deriv(As[1])", "slope_of_a"),
    ),
    *singles(
        "all_deltas",
        "columns float32",
        "any",
        ("Ws[l].T @ delta", "Ws[l] @ delta", "weights_transposed@upper"),
    ),
    *singles(
        "mazur_gradients",
        "plain",
        "slope",
        (" * a1 * (1 - a1)", "", "missing_slope@1"),
        (" * a2 * (1 - a2)", "", "missing_slope@2"),
        (((" * a1 * (1 - a1)", ""), (" * a2 * (1 - a2)", "")), "missing_slope"),
        ("a1 * (1 - a1)", "(1 - a1)", "slope_one_minus_a@1"),
        ("a2 * (1 - a2)", "(1 - a2)", "slope_one_minus_a@2"),
        ("a1 * (1 - a1)", "a1", "slope_is_f@1"),
        ("a1 * (1 - a1)", "z1 * (1 - z1)", "slope_formula_on_z@1"),
        ("a2 * (1 - a2)", "z2 * (1 - z2)", "slope_formula_on_z@2"),
        ("a1 * (1 - a1)", "(a1 * (1 - a1)) ** 2", "slope_twice@1"),
        ("a1 * (1 - a1)", "a2 * (1 - a2)", "slope_wrong_layer@1"),
        ("(a2 - t) * a2 * (1 - a2)", "(a2 - t) * a1 * (1 - a1)", "slope_wrong_layer@2"),
    ),
    *singles(
        "mazur_gradients",
        "plain",
        "back",
        ("W2 @ delta2", "W2.T @ delta2", "weights_transposed@2"),
        ("W2 @ delta2", "delta2.sum()", "weights_ignored@2"),
        ("W2 @ delta2", "W1 @ delta2", "weights_wrong_layer@2"),
        ("W2 @ delta2", "W2 @ (a2 - t)", "propagates_dA@2"),
        ("W2 @ delta2", "W2[:, -1] * delta2[-1]", "last_term_only@2"),
        ("W2 @ delta2", "W2[:, 0] * delta2[0]", "first_term_only@2"),
        ("W2 @ delta2", "W2 @ delta2 / len(t)", "mean_over_k@2"),
        ("    delta1", "    W2 = W2 - 0.5 * np.outer(a1, delta2)\n    delta1", "updated_before_use@2"),
    ),
    *singles(
        "mazur_gradients",
        "plain",
        "dW",
        ("np.outer(a1, delta2)", "np.outer(z1, delta2)", "dW_uses_z@2"),
        ("np.outer(a1, delta2)", "np.outer(x, delta2)", "dW_uses_x@2"),
        ("np.outer(a1, delta2)", "np.outer(a2, delta2)", "dW_uses_own_a@2"),
        ("np.outer(x, delta1)", "np.outer(a1, delta1)", "dW_uses_own_a@1"),
        ("np.outer(a1, delta2)", "np.outer(delta2, a1)", "dW_transposed@2"),
        ("np.outer(x, delta1)", "np.outer(delta1, x)", "dW_transposed@1"),
        ("np.outer(x, delta1)", "np.outer(np.ones(len(x)), delta1)", "dW_missing_input@1"),
        ("np.outer(a1, delta2)", "np.outer(a1, delta2 * a2 * (1 - a2))", "dW_slope_again@2"),
        ("np.outer(x, delta1)", "-np.outer(x, delta1)", "dW_sign@1"),
    ),
    *singles(
        "mazur_gradients",
        "plain",
        "db",
        ('"b1": delta1', '"b1": 0 * delta1', "db_zero@1"),
        ('"b2": delta2', '"b2": -delta2', "db_sign@2"),
        ('"b2": delta2', '"b2": delta2.sum() * np.ones(len(t))', "db_total@2"),
    ),
    *singles("mazur_gradients", "plain", "scale", ("(a2 - t)", "(t - a2)", "sign")),
    *singles("mazur_gradients", "plain", "scale", ("(a2 - t)", "2 * (a2 - t)", "factor_two")),
    *singles("mazur_gradients", "plain", "scale", ("(a2 - t)", "(a2 - t) / len(t)", "divides_by_k")),
    *singles(
        "mazur_gradients",
        "loops",
        "back",
        ("total +=", "total =", "last_term_only@2"),
        (' * params["W2"][j, k]', "", "weights_ignored@2"),
        ('params["W2"][j, k]', 'params["W2"][k, j]', "weights_transposed@2"),
    ),
    *singles("mazur_gradients", "loops", "dW", ("= delta_h * x[i]", "= delta_h", "dW_missing_input@1")),
    *singles("mazur_gradients", "loops", "dW", ("= delta_o[k] * h[j]", "= delta_o[k]", "dW_missing_input@2")),
    *singles("mazur_gradients", "loops", "db", ('    g["b2"] = np.array(delta_o)\n', "", "db_zero@2")),
    *singles("mazur_gradients", "loops", "scale", ("-(t[k] - o[k])", "(t[k] - o[k])", "sign")),
    *singles("mazur_gradients", "rows", "any", ("* (H - H ** 2)", "* (1 - H)", "slope_one_minus_a@1")),
    *singles(
        "mazur_gradients",
        "rows",
        "any",
        ('D2.dot(params["W2"].T)', 'D2.dot(params["W2"])', "weights_transposed@2"),
    ),
    *singles(
        "update_order_gap",
        "plain",
        "scale",
        ("loss(wrong, V2) - loss(right, V2)", "loss(right, V2) - loss(wrong, V2)", "sign"),
    ),
    *singles("update_order_gap", "plain", "scale", ("0.5 * np.sum", "np.sum", "factor_two")),
    *singles(
        "update_order_gap",
        "plain",
        "order",
        (
            "    wrong =",
            "    o = sig(h @ V2 + b2)\n    d2 = (o - t) * o * (1 - o)\n    wrong =",
            "refreshed_forward",
        ),
    ),
    *singles(
        "update_order_gap", "one loop", "scale", ("losses[0] - losses[1]", "losses[1] - losses[0]", "sign")
    ),
    *singles("update_order_gap", "one loop", "scale", (" / 2", "", "factor_two")),
)

UNKNOWN = (
    *unknowns(
        "all_deltas",
        "sweep",
        (_BACK, "dZ @ np.tanh(Ws[l].T)", "squashed weights"),
        (_SLOPE, "(1 + act.deriv(Zs[l]))", "a constant added to the slope"),
        ("dA = As[-1] - T", "dA = (As[-1] - T) ** 3", "wrong power of the error"),
        ("dA = As[-1] - T", "dA = As[-1]", "the target is forgotten"),
        (_SLOPE, "act.deriv(Zs[l] - Zs[l].mean())", "slope of a centred pre-activation"),
    ),
    *unknowns(
        "all_deltas",
        "list",
        ("Zs[L - 1]", "T", "slope at the target"),
        ("range(L - 2, -1, -1)", "range(L - 2, 0, -1)", "the first delta stays None: off by one"),
    ),
    *unknowns(
        "mazur_gradients",
        "plain",
        ("a1 * (1 - a1)", "(1 - a1 ** 2)", "tanh's slope, not named so"),
        ("W2 @ delta2", "W2 @ delta2 ** 2", "squared delta"),
        ("np.outer(a1, delta2)", "np.outer(a1, delta2) + W2", "the weight added"),
        ('"b1": delta1', '"b1": delta1 * b1', "the bias treated as an input"),
    ),
    *unknowns(
        "update_order_gap", "plain", ("loss(wrong, V2)", "loss(wrong, W2)", "one loss with the old matrix")
    ),
)
