"""Lesson 3: the delta of one hidden layer."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("hidden_delta_loop", "plain"): """
def hidden_delta_loop(delta_next, W_next, z, act):
    n_hidden, n_next = W_next.shape
    delta = np.zeros(n_hidden)
    for j in range(n_hidden):
        s = 0.0
        for k in range(n_next):
            s += delta_next[k] * W_next[j, k]
        delta[j] = s * act.deriv(z[j])
    return delta
""",
    ("hidden_delta_loop", "comprehension"): """
def hidden_delta_loop(delta_next, W_next, z, act):
    sums = [sum(d * w for d, w in zip(delta_next, row)) for row in W_next]
    slopes = [act.deriv(zj) for zj in z]
    return np.array([s * f for s, f in zip(sums, slopes)])
""",
    ("hidden_delta_loop", "scatter"): """
def hidden_delta_loop(delta_next, W_next, z, act):
    back = np.zeros_like(z)
    for k in range(len(delta_next)):
        back = back + W_next[:, k] * delta_next[k]
    return back * act.deriv(z)
""",
    ("hidden_delta_loop", "no loop"): """
def hidden_delta_loop(delta_next, W_next, z, act):
    return np.einsum("jk,k,j->j", W_next, delta_next, act.deriv(z))
""",
    ("hidden_delta", "plain"): """
def hidden_delta(delta_next, W_next, Z, act):
    return (delta_next @ W_next.T) * act.deriv(Z)
""",
    ("hidden_delta", "einsum"): """
def hidden_delta(delta_next, W_next, Z, act):
    slope = act.deriv(Z)
    return np.einsum("bk,jk,bj->bj", delta_next, W_next, slope)
""",
    ("hidden_delta", "columns"): """
def hidden_delta(delta_next, W_next, Z, act):
    D = delta_next.T  # (n_next, B)
    back = np.dot(W_next, D)
    delta = back * act.deriv(Z.T)
    return delta.T
""",
    ("hidden_delta", "rows"): """
def hidden_delta(delta_next, W_next, Z, act):
    out = np.zeros(Z.shape)
    for b in range(len(Z)):
        for j in range(Z.shape[1]):
            total = 0
            for k in range(W_next.shape[1]):
                total += W_next[j, k] * delta_next[b, k]
            out[b, j] = act.deriv(Z[b, j]) * total
    return out
""",
    ("hidden_delta", "float32"): """
def hidden_delta(delta_next, W_next, Z, act):
    D, W, Z = (v.astype(np.float32) for v in (delta_next, W_next, Z))
    back = D @ W.transpose()
    back *= act.deriv(Z)
    return back
""",
    ("hidden_delta", "products"): """
def hidden_delta(delta_next, W_next, Z, act):
    terms = delta_next[:, None, :] * W_next[None, :, :]  # (B, n_hidden, n_next)
    return terms.sum(axis=2) * act.deriv(Z)
""",
}

_FAST = "(delta_next @ W_next.T)"
_DIFF = "((act.f(Z + 1e-6) - act.f(Z - 1e-6)) / 2e-6)"

MUTANTS = (
    *singles(
        "hidden_delta_loop",
        "plain",
        "slope",
        (" * act.deriv(z[j])", "", "missing_slope"),
        ("act.deriv(z[j])", "act.deriv(act.f(z[j]))", "slope_of_a"),
        ("act.deriv(z[j])", "z[j] * (1 - z[j])", "slope_formula_on_z"),
        ("act.deriv(z[j])", "act.deriv(z[j]) ** 2", "slope_twice"),
        ("act.deriv(z[j])", "act.f(z[j])", "slope_is_f"),
        ("act.deriv(z[j])", "(1 - act.f(z[j]))", "slope_one_minus_a"),
        ("act.deriv(z[j])", "act.f(z[j]) * (1 - act.f(z[j]))", "slope_of_other_activation"),
        ("act.deriv(z[j])", "(act.f(z[j] + 1e-6) - act.f(z[j] - 1e-6)) / 2e-6", "numerical_derivative"),
    ),
    *singles(
        "hidden_delta_loop",
        "plain",
        "back",
        ("W_next[j, k]", "W_next[k, j]", "weights_transposed"),
        (" * W_next[j, k]", "", "weights_ignored"),
        ("s += delta", "s = delta", "last_term_only"),
        ("range(n_next)", "range(1)", "first_term_only"),
        ("s * act", "s / n_next * act", "mean_over_k|divides_by_k"),
        ("delta_next[k] * W_next[j, k]", "W_next[j, k]", "upstream_ignored"),
    ),
    *singles("hidden_delta_loop", "plain", "scale", ("s +=", "s -=", "sign")),
    *singles(
        "hidden_delta_loop", "plain", "dtype", ("np.zeros(n_hidden)", "np.array([0] * n_hidden)", "int_cast")
    ),
    *singles("hidden_delta_loop", "plain", "dtype", ("np.zeros(n_hidden)", "z", "mutates_arguments")),
    *singles(
        "hidden_delta_loop",
        "comprehension",
        "slope",
        ("act.deriv(zj)", "act.deriv(act.f(zj))", "slope_of_a"),
        ("s * f for", "s for", "missing_slope"),
        ("act.deriv(zj)", "act.f(zj)", "slope_is_f"),
        ("s * f for", "s * f * f for", "slope_twice"),
    ),
    *singles(
        "hidden_delta_loop",
        "comprehension",
        "back",
        ("in W_next]", "in W_next.T]", "weights_transposed"),
        ("d * w for", "d for", "weights_ignored"),
        ("d * w for", "w for", "upstream_ignored"),
        ("sum(d * w for d, w in zip(delta_next, row))", "delta_next[-1] * row[-1]", "last_term_only"),
        ("sum(d * w for d, w in zip(delta_next, row))", "delta_next[0] * row[0]", "first_term_only"),
        (
            "sum(d * w for d, w in zip(delta_next, row))",
            "np.mean([d * w for d, w in zip(delta_next, row)])",
            "mean_over_k|divides_by_k",
        ),
    ),
    *singles(
        "hidden_delta_loop",
        "scatter",
        "back",
        ("back + W_next", "W_next", "last_term_only"),
        (" * delta_next[k]", "", "upstream_ignored"),
        ("W_next[:, k]", "W_next[k]", "weights_transposed"),
        ("W_next[:, k] * delta", "delta", "weights_ignored"),
        (
            "        back = back + W_next[:, k] * delta_next[k]",
            "        back = back + W_next[:, k] * delta_next[k]\n        break",
            "first_term_only",
        ),
    ),
    *singles(
        "hidden_delta_loop",
        "scatter",
        "slope",
        (" * act.deriv(z)", "", "missing_slope"),
        ("act.deriv(z)", "act.deriv(act.f(z))", "slope_of_a"),
        ("act.deriv(z)", "act.deriv(z) * act.deriv(z)", "slope_twice"),
        ("act.deriv(z)", "z * (1 - z)", "slope_formula_on_z"),
    ),
    *singles(
        "hidden_delta",
        "plain",
        "slope",
        (" * act.deriv(Z)", "", "missing_slope"),
        ("act.deriv(Z)", "act.deriv(act.f(Z))", "slope_of_a"),
        ("act.deriv(Z)", "(Z * (1 - Z))", "slope_formula_on_z"),
        ("act.deriv(Z)", "act.deriv(Z) ** 2", "slope_twice"),
        ("act.deriv(Z)", "act.f(Z)", "slope_is_f"),
        ("act.deriv(Z)", "(1 - act.f(Z))", "slope_one_minus_a"),
        ("act.deriv(Z)", "(act.f(Z) * (1 - act.f(Z)))", "slope_of_other_activation"),
        ("act.deriv(Z)", _DIFF, "numerical_derivative"),
    ),
    *singles(
        "hidden_delta",
        "plain",
        "back",
        ("W_next.T", "W_next", "weights_transposed"),
        (_FAST, "delta_next.sum(axis=1, keepdims=True)", "weights_ignored"),
        (_FAST, _FAST + " / delta_next.shape[1]", "mean_over_k|divides_by_k"),
        (_FAST, "delta_next[:, -1:] * W_next[:, -1]", "last_term_only"),
        (_FAST, "delta_next[:, :1] * W_next[:, 0]", "first_term_only"),
        (_FAST, "W_next.sum(axis=1)", "upstream_ignored"),
    ),
    *singles(
        "hidden_delta",
        "plain",
        "scale",
        ("return (", "return -(", "sign"),
        ("return (", "return 2 * (", "factor_two"),
        ("return (", "return 1 / len(Z) * (", "extra_1_over_n"),
    ),
    *singles(
        "hidden_delta",
        "einsum",
        "back",
        ("bk,jk,bj", "bk,kj,bj", "weights_transposed"),
        (
            'np.einsum("bk,jk,bj->bj", delta_next, W_next, slope)',
            'np.einsum("jk,bj->bj", W_next, slope)',
            "upstream_ignored",
        ),
        (
            'np.einsum("bk,jk,bj->bj", delta_next, W_next, slope)',
            'np.einsum("bk,bj->bj", delta_next, slope)',
            "weights_ignored",
        ),
    ),
    *singles("hidden_delta", "einsum", "slope", ("deriv(Z)", "f(Z)", "slope_is_f")),
    *singles("hidden_delta", "einsum", "slope", ("deriv(Z)", "deriv(act.f(Z))", "slope_of_a")),
    *singles("hidden_delta", "einsum", "slope", ("act.deriv(Z)", "np.ones_like(Z)", "missing_slope")),
    *singles(
        "hidden_delta",
        "columns",
        "back",
        ("np.dot(W_next, D)", "np.dot(W_next.T, D)", "weights_transposed"),
        ("np.dot(W_next, D)", "np.dot(W_next, D) / len(D)", "mean_over_k|divides_by_k"),
        ("np.dot(W_next, D)", "np.outer(W_next[:, -1], D[-1])", "last_term_only"),
    ),
    *singles(
        "hidden_delta",
        "columns",
        "slope",
        ("act.deriv(Z.T)", "act.deriv(Z.T) ** 2", "slope_twice"),
        ("act.deriv(Z.T)", "Z.T * (1 - Z.T)", "slope_formula_on_z"),
        ("back * act.deriv(Z.T)", "back", "missing_slope"),
    ),
    *singles(
        "hidden_delta",
        "rows",
        "back",
        ("total +=", "total =", "last_term_only"),
        ("W_next[j, k]", "W_next[k, j]", "weights_transposed"),
        (" * delta_next[b, k]", "", "upstream_ignored"),
        ("W_next[j, k] * ", "", "weights_ignored"),
    ),
    *singles("hidden_delta", "rows", "slope", ("act.deriv(Z[b, j]) * ", "", "missing_slope")),
    *singles(
        "hidden_delta", "rows", "slope", ("act.deriv(Z[b, j])", "(1 - act.f(Z[b, j]))", "slope_one_minus_a")
    ),
    *singles("hidden_delta", "rows", "dtype", ("np.zeros(Z.shape)", "np.zeros(Z.shape, int)", "int_cast")),
    *singles("hidden_delta", "rows", "dtype", ("np.zeros(Z.shape)", "Z", "mutates_arguments")),
    *singles("hidden_delta", "float32", "slope", ("    back *= act.deriv(Z)\n", "", "missing_slope")),
    *singles(
        "hidden_delta",
        "float32",
        "slope",
        ("back *= act.deriv(Z)", "back *= act.deriv(act.f(Z))", "slope_of_a"),
    ),
    *singles("hidden_delta", "float32", "back", ("W.transpose()", "W", "weights_transposed")),
    *singles(
        "hidden_delta",
        "products",
        "back",
        ("terms.sum(axis=2)", "terms.mean(axis=2)", "mean_over_k|divides_by_k"),
        ("terms.sum(axis=2)", "terms[:, :, -1]", "last_term_only"),
        ("terms.sum(axis=2)", "terms[:, :, 0]", "first_term_only"),
    ),
)

UNKNOWN = (
    *unknowns(
        "hidden_delta_loop",
        "plain",
        ("s * act.deriv(z[j])", "s + act.deriv(z[j])", "sum for product"),
        ("range(n_next)", "range(n_next - 1)", "the last term is lost: no name for all but one"),
        ("act.deriv(z[j])", "act.deriv(z[0])", "every unit with the first unit's slope"),
        ("W_next[j, k]", "abs(W_next[j, k])", "weights without their signs"),
    ),
    *unknowns(
        "hidden_delta_loop",
        "comprehension",
        ("d * w for", "d * w * w for", "squared weights"),
    ),
    *unknowns(
        "hidden_delta",
        "plain",
        ("W_next.T", "W_next.T ** 2", "squared weights"),
        ("act.deriv(Z)", "np.sin(Z)", "stray sine"),
        ("act.deriv(Z)", "np.sqrt(np.abs(act.deriv(Z)))", "wrong power"),
        ("act.deriv(Z)", "(act.deriv(Z) + 0.05)", "a constant added"),
        ("act.deriv(Z)", "act.deriv(Z.mean(axis=0))", "slope of the mean example"),
        ("act.deriv(Z)", "act.deriv(2 * Z)", "slope at twice the pre-activation"),
    ),
    *unknowns(
        "hidden_delta",
        "products",
        ("terms.sum(axis=2)", "terms.max(axis=2)", "the largest term for the sum"),
        ("terms.sum(axis=2)", "terms.prod(axis=2)", "product for sum"),
    ),
)
