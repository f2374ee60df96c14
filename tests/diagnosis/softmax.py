"""Lesson 7, softmax and cross-entropy."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("log_softmax", "plain"): """
def log_softmax(Z):
    shifted = Z - Z.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
""",
    ("log_softmax", "rows"): """
def log_softmax(Z):
    out = []
    for z in Z:
        m = max(z)
        out.append([v - m - np.log(sum(np.exp(u - m) for u in z)) for v in z])
    return np.array(out)
""",
    ("log_softmax", "logaddexp"): """
def log_softmax(Z):
    return (Z.T - np.logaddexp.reduce(Z, axis=1)).T
""",
    ("log_softmax", "float32"): """
def log_softmax(Z):
    Z = Z.astype(np.float32)
    Z = Z - np.max(Z, axis=1)[:, None]
    return Z - np.log(np.sum(np.exp(Z), axis=1))[:, None]
""",
    ("cross_entropy", "plain"): """
def cross_entropy(Z, y):
    S = Z - Z.max(axis=1, keepdims=True)
    log_p = S - np.log(np.exp(S).sum(axis=1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean()
""",
    ("cross_entropy", "loop"): """
def cross_entropy(Z, y):
    total = 0.0
    for z, label in zip(Z, y):
        top = z.max()
        total += top + np.log(np.sum(np.exp(z - top))) - z[label]
    return float(total / len(y))
""",
    ("cross_entropy", "one hot"): """
def cross_entropy(Z, y):
    Y = np.eye(Z.shape[1])[y]
    M = np.max(Z, axis=1)
    P = np.exp(Z.T - M)
    log_P = (Z.T - M - np.log(P.sum(axis=0))).T
    return -np.sum(Y * log_P) / Z.shape[0]
""",
    ("softmax_vjp", "plain"): """
def softmax_vjp(P, G):
    return P * (G - np.sum(P * G, axis=1, keepdims=True))
""",
    ("softmax_vjp", "jacobian"): """
def softmax_vjp(P, G):
    out = np.zeros_like(P)
    for n, p in enumerate(P):
        J = np.diag(p) - np.outer(p, p)
        out[n] = J @ G[n]
    return out
""",
    ("softmax_vjp", "sums"): """
def softmax_vjp(P, G):
    B, K = P.shape
    dZ = np.zeros((B, K))
    for n in range(B):
        for i in range(K):
            for k in range(K):
                same = 1.0 if i == k else 0.0
                dZ[n, i] += G[n, k] * P[n, k] * (same - P[n, i])
    return dZ
""",
    ("softmax_vjp", "einsum float32"): """
def softmax_vjp(P, G):
    P, G = P.astype(np.float32), G.astype(np.float32)
    return P * G - np.einsum("bi,bk,bk->bi", P, P, G)
""",
    ("softmax_cross_entropy_grad", "plain"): """
def softmax_cross_entropy_grad(Z, y):
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    P[np.arange(len(y)), y] -= 1
    return P / len(y)
""",
    ("softmax_cross_entropy_grad", "one hot"): """
def softmax_cross_entropy_grad(Z, y):
    B, K = Z.shape
    Y = np.zeros((B, K))
    Y[range(B), y] = 1
    S = Z - np.max(Z, axis=1)[:, None]
    P = np.exp(S) / np.exp(S).sum(axis=1)[:, None]
    return (P - Y) / B
""",
    ("softmax_cross_entropy_grad", "staged"): """
def softmax_cross_entropy_grad(Z, y):
    B, K = Z.shape
    E = np.exp(Z - Z.max(axis=1, keepdims=True))
    P = E / E.sum(axis=1, keepdims=True)
    Y = np.eye(K)[y]
    dP = -Y / P / B
    dZ = P * (dP - (dP * P).sum(axis=1, keepdims=True))
    return dZ
""",
    ("softmax_cross_entropy_grad", "rows"): """
def softmax_cross_entropy_grad(Z, y):
    rows = []
    for z, label in zip(Z, y):
        e = np.exp(z - z.max())
        p = e / e.sum()
        rows.append([(p[k] - (k == label)) / len(y) for k in range(len(z))])
    return np.array(rows)
""",
    ("stall_ratio", "plain"): """
def stall_ratio(z, t):
    a = 1 / (1 + np.exp(-z))
    mse = (a - t) * a * (1 - a)
    ce = a - t
    return mse / ce
""",
    ("stall_ratio", "short"): """
def stall_ratio(z, t):
    a = 1.0 / (1.0 + np.exp(-z))
    return float(a - a * a)
""",
    ("stall_ratio", "chain"): """
def stall_ratio(z, t):
    a = np.exp(z) / (1 + np.exp(z))
    slope = a * (1 - a)
    dmse_da = a - t
    dce_da = -t / a + (1 - t) / (1 - a)
    return (dmse_da * slope) / (dce_da * slope)
""",
}

_PLAIN = "(G - np.sum(P * G, axis=1, keepdims=True))"
_DIFF = """    def loss(V):
        S = V - V.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(S).sum(axis=1)) - S[np.arange(len(y)), y])
    G = np.zeros(Z.shape)
    for i in np.ndindex(*Z.shape):
        e = np.zeros(Z.shape)
        e[i] = 1e-5
        G[i] = (loss(Z + e) - loss(Z - e)) / 2e-5
    return G
"""

MUTANTS = (
    *singles(
        "log_softmax",
        "plain",
        "any",
        ("Z - Z.max(axis=1, keepdims=True)", "Z", "softmax_no_shift"),
        ((("Z.max(axis=1", "Z.max(axis=0"), (".sum(axis=1", ".sum(axis=0")), "softmax_axis"),
    ),
    *singles("log_softmax", "rows", "any", ("m = max(z)", "m = 0", "softmax_no_shift")),
    *singles(
        "log_softmax",
        "rows",
        "any",
        ((("in Z:", "in Z.T:"), ("np.array(out)", "np.array(out).T")), "softmax_axis"),
    ),
    *singles(
        "log_softmax",
        "logaddexp",
        "any",
        ("(Z.T - np.logaddexp.reduce(Z, axis=1)).T", "Z - np.logaddexp.reduce(Z, axis=0)", "softmax_axis"),
    ),
    *singles(
        "cross_entropy",
        "plain",
        "scale",
        (".mean()", ".sum()", "missing_1_over_n"),
        ("return -", "return ", "sign"),
        (".mean()", ".sum() / Z.size", "divides_by_k"),
        (".mean()", ".mean() / len(y)", "extra_1_over_n"),
        (".mean()", ".sum() / (len(y) - 1)", "n_minus_1"),
    ),
    *singles(
        "cross_entropy",
        "plain",
        "softmax",
        ((("Z.max(axis=1", "Z.max(axis=0"), (".sum(axis=1", ".sum(axis=0")), "softmax_axis"),
    ),
    *singles(
        "cross_entropy",
        "loop",
        "any",
        ("total +=", "total =", "last_example_only"),
        (" / len(y)", "", "missing_1_over_n"),
        ("total +=", "total -=", "sign"),
    ),
    *singles(
        "cross_entropy", "one hot", "any", (" / Z.shape[0]", " / Z.shape[0] / Z.shape[1]", "divides_by_k")
    ),
    *singles("cross_entropy", "one hot", "any", ("return -np.sum", "return np.sum", "sign")),
    *singles(
        "softmax_vjp",
        "plain",
        "any",
        (_PLAIN, "G * (1 - P)", "softmax_diagonal_only"),
        ("return P", "return -P", "sign"),
    ),
    *singles(
        "softmax_vjp",
        "jacobian",
        "any",
        ("np.diag(p) - np.outer(p, p)", "np.diag(p * (1 - p))", "softmax_diagonal_only"),
    ),
    *singles("softmax_vjp", "jacobian", "any", ("np.zeros_like(P)", "np.zeros(P.shape, int)", "int_cast")),
    *singles("softmax_vjp", "sums", "any", ("for k in range(K):", "for k in [i]:", "softmax_diagonal_only")),
    *singles("softmax_vjp", "sums", "any", ("dZ[n, i] +=", "dZ[n, i] =", "last_term_only")),
    *singles("softmax_vjp", "sums", "any", ("dZ[n, i] +=", "dZ[n, i] -=", "sign")),
    *singles(
        "softmax_cross_entropy_grad",
        "plain",
        "scale",
        (" / len(y)", "", "missing_1_over_n"),
        ("return P / len(y)", "return P / len(y) ** 2", "extra_1_over_n"),
        ("return P / len(y)", "return P / P.size", "divides_by_k"),
        ("return P / len(y)", "return P / (len(y) - 1)", "n_minus_1"),
        ("return P / len(y)", "return -P / len(y)", "sign"),
        ("return P / len(y)", "return 2 * P / len(y)", "factor_two"),
    ),
    *singles(
        "softmax_cross_entropy_grad",
        "plain",
        "softmax",
        ((("Z.max(axis=1", "Z.max(axis=0"), ("E.sum(axis=1", "E.sum(axis=0")), "softmax_axis"),
    ),
    *singles(
        "softmax_cross_entropy_grad",
        "plain",
        "whole",
        ("    E = np", _DIFF + "    E = np", "numerical_derivative"),
        (
            (
                "    E = np.exp(Z - Z.max(axis=1, keepdims=True))",
                "    Z -= Z.max(axis=1, keepdims=True)\n    E = np.exp(Z)",
                "mutates_arguments",
            )
        ),
    ),
    *singles(
        "softmax_cross_entropy_grad",
        "one hot",
        "error",
        ("(P - Y)", "(P - y[:, None])", "forgot_one_hot"),
        ("(P - Y)", "(P - Y) * P * (1 - P)", "slope_extra_at_output"),
        ("(P - Y)", "(-Y / P)", "ce_wrt_p"),
        ("(P - Y)", "(-Y * (1 - P))", "softmax_diagonal_only|bce_positive_only"),
        ("(P - Y)", "(np.eye(K)[P.argmax(axis=1)] - Y)", "hard_argmax"),
        ("(P - Y)", "(P * ((P - Y) - np.sum(P * (P - Y), axis=1)[:, None]))", "softmax_mse_as_ce"),
        ("(P - Y)", "(Y - P)", "sign"),
    ),
    *singles(
        "softmax_cross_entropy_grad",
        "one hot",
        "scale",
        (" / B", "", "missing_1_over_n"),
        (" / B", " / (B * K)", "divides_by_k"),
        (" / B", " / (B - 1)", "n_minus_1"),
        (" / B", " / B / B", "extra_1_over_n"),
        (" / B", " / B * 2", "factor_two"),
    ),
    *singles(
        "softmax_cross_entropy_grad",
        "one hot",
        "softmax",
        (
            (
                ("np.max(Z, axis=1)[:, None]", "np.max(Z, axis=0)"),
                ("np.exp(S).sum(axis=1)[:, None]", "np.exp(S).sum(axis=0)"),
            ),
            "softmax_axis",
        ),
    ),
    *singles(
        "softmax_cross_entropy_grad",
        "staged",
        "jacobian",
        (
            "P * (dP - (dP * P).sum(axis=1, keepdims=True))",
            "dP * P * (1 - P)",
            "softmax_diagonal_only|bce_positive_only",
        ),
        ("P * (dP - (dP * P).sum(axis=1, keepdims=True))", "dP", "ce_wrt_p"),
    ),
    *singles(
        "softmax_cross_entropy_grad",
        "staged",
        "loss",
        ("-Y / P / B", "-Y / P", "missing_1_over_n"),
        ("-Y / P / B", "Y / P / B", "sign"),
        ("-Y / P / B", "(P - Y) / B", "softmax_mse_as_ce"),
    ),
    *singles(
        "softmax_cross_entropy_grad",
        "rows",
        "any",
        ("(k == label)", "label", "forgot_one_hot"),
        ("(k == label)", "(k == label)) * p[k] * (1 - p[k]", "slope_extra_at_output"),
        ("p = e / e.sum()", "p = np.arange(len(z)) == z.argmax()\n        p = p * 1.0", "hard_argmax"),
        (" / len(y)", "", "missing_1_over_n"),
        ("np.array(rows)", "np.array(rows).astype(int)", "int_cast"),
    ),
    *singles(
        "stall_ratio",
        "plain",
        "any",
        ("mse / ce", "ce / mse", "ratio_inverted"),
        ("a * (1 - a)", "(a * (1 - a)) ** 2", "slope_twice|bce_missing_slope"),
        ("mse = (a - t)", "mse = 2 * (a - t)", "factor_two"),
        ("ce = a - t", "ce = (a - t) / (a * (1 - a))", "slope_twice|bce_missing_slope"),
        ("* a * (1 - a)", "* (1 - a)", "slope_one_minus_a"),
        ("* a * (1 - a)", "* z * (1 - z)", "slope_formula_on_z"),
    ),
    *singles(
        "stall_ratio",
        "chain",
        "any",
        ("(dmse_da * slope) / (dce_da * slope)", "(dce_da * slope) / (dmse_da * slope)", "ratio_inverted"),
    ),
    *singles("stall_ratio", "chain", "any", ("(dce_da * slope)", "dce_da", "slope_twice|bce_missing_slope")),
    *singles("stall_ratio", "short", "any", ("a - a * a", "1 / (a - a * a)", "ratio_inverted")),
    *singles("stall_ratio", "short", "any", ("a - a * a", "0.25", "constant_answer")),
)

UNKNOWN = (
    *unknowns(
        "log_softmax",
        "plain",
        ("np.log(np", "np.log10(np", "the wrong logarithm"),
        (
            "np.log(np.exp(shifted).sum(axis=1, keepdims=True))",
            "np.exp(shifted).sum(axis=1, keepdims=True)",
            "no logarithm",
        ),
    ),
    *unknowns("log_softmax", "logaddexp", ("Z.T - np.log", "Z.T + np.log", "plus for minus")),
    *unknowns("cross_entropy", "plain", (".mean()", ".max()", "the largest for the mean")),
    *unknowns("cross_entropy", "loop", ("- z[label]", "- np.abs(z[label])", "a logit without its sign")),
    *unknowns(
        "softmax_vjp",
        "plain",
        ("P * (G", "(G", "the outer factor is forgotten"),
        ("np.sum(P * G, axis=1, keepdims=True)", "np.sum(G, axis=1, keepdims=True)", "unweighted sum"),
        ("axis=1, keepdims=True", "axis=0", "sum over the examples"),
        ("G - np", "G + np", "plus for minus"),
    ),
    *unknowns(
        "softmax_cross_entropy_grad",
        "one hot",
        ("(P - Y)", "(P - Y) ** 2", "wrong power"),
        ("(P - Y)", "(np.log(P) - Y)", "logarithm of p"),
        ("(P - Y)", "(P + Y)", "plus for minus"),
        ("(P - Y)", "(P - 0.9 * Y)", "a smoothed label"),
        ("np.exp(S) / ", "np.exp(2 * S) / ", "a temperature in one place"),
    ),
    *unknowns("stall_ratio", "plain", ("mse / ce", "mse - ce", "difference for ratio")),
    *unknowns("stall_ratio", "plain", ("(1 - a)", "(1 + a)", "wrong sign inside")),
)
