"""Known student answers to lesson ``softmax_cross_entropy`` and the verdict that each must get.

Each answer replaces one solution cell; the other four stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _log(*body: str) -> str:
    return function("log_softmax(Z)", *body)


def _loss(*body: str) -> str:
    return function("cross_entropy(Z, y)", *body)


def _picked(end: str, rows: str = "log_P[np.arange(len(y)), y]") -> str:
    return _loss("log_P = log_softmax(Z)", f"losses = -{rows}", f"return {end}")


def _vjp(*body: str) -> str:
    return function("softmax_vjp(P, G)", *body)


def _vjp_sums(inner: str) -> str:
    return _vjp(
        "dZ = np.zeros_like(P)",
        "for n in range(P.shape[0]):",
        "    for i in range(P.shape[1]):",
        "        for k in range(P.shape[1]):",
        f"            {inner}",
        "return dZ",
    )


def _grad(*body: str) -> str:
    return function("softmax_cross_entropy_grad(Z, y)", *body)


def _error(
    answer: str,
    P: str = "np.exp(log_softmax(Z))",
    Y: str = "np.eye(Z.shape[1])[y]",
) -> str:
    return _grad(f"P = {P}", f"Y = {Y}", f"return {answer}")


def _ratio(*body: str) -> str:
    return function("stall_ratio(z, t)", "a = 1 / (1 + np.exp(-z))", *body)


SHIFT = "S = Z - np.max(Z, axis=1)[:, None]"

RIGHT = (
    Variant(
        "row by row",
        "log_softmax",
        _log(
            "rows = []",
            "for z in Z:",
            "    s = z - max(z)",
            "    rows.append(s - np.log(sum(np.exp(s))))",
            "return rows",
        ),
        "pass",
    ),
    Variant("columns for examples", "log_softmax", _log("return (Z.T - np.logaddexp.reduce(Z.T)).T"), "pass"),
    Variant(
        "float32 throughout",
        "log_softmax",
        _log("Z = Z.astype(np.float32)", SHIFT, "return S - np.log(np.exp(S).sum(axis=1, keepdims=True))"),
        "pass",
        note="float32",
    ),
    Variant(
        "one-hot rows",
        "cross_entropy",
        _loss("Y = np.eye(Z.shape[1])[y]", "return -(Y * log_softmax(Z)).sum() / Z.shape[0]"),
        "pass",
    ),
    Variant(
        "a loop over the examples",
        "cross_entropy",
        _loss(
            "total = 0",
            "for n, label in enumerate(y):",
            "    total -= log_softmax(Z[n : n + 1])[0, label]",
            "return total / len(y)",
        ),
        "pass",
    ),
    Variant(
        "with the whole table of slopes",
        "softmax_vjp",
        _vjp("return np.array([(np.diag(p) - np.outer(p, p)) @ g for p, g in zip(P, G)])"),
        "pass",
    ),
    Variant("expanded", "softmax_vjp", _vjp("return P * G - P * np.sum(P * G, axis=1)[:, None]"), "pass"),
    Variant(
        "three sums", "softmax_vjp", _vjp_sums("dZ[n, i] += G[n, k] * P[n, k] * ((i == k) - P[n, i])"), "pass"
    ),
    Variant(
        "one taken off in place",
        "softmax_cross_entropy_grad",
        _grad("P = np.exp(log_softmax(Z))", "P[range(len(y)), y] -= 1", "P /= len(y)", "return P"),
        "pass",
    ),
    Variant(
        "in two stages",
        "softmax_cross_entropy_grad",
        _error("softmax_vjp(P, -Y / P / len(y))"),
        "pass",
    ),
    Variant(
        "by hand, prints on the way",
        "softmax_cross_entropy_grad",
        _grad(
            "E = np.exp(Z - Z.max(axis=1, keepdims=True))",
            "P = E / E.sum(axis=1, keepdims=True)",
            "print(P.shape)",
            "Y = np.zeros(P.shape)",
            "for n in range(len(y)):",
            "    Y[n, y[n]] = 1",
            "return (P - Y) / P.shape[0]",
        ),
        "pass",
    ),
    Variant("the slope alone", "stall_ratio", _ratio("return a - a**2"), "pass"),
    Variant(
        "by the chain rule twice",
        "stall_ratio",
        _ratio(
            "slope = a * (1 - a)",
            "squared = (a - t) * slope",
            "entropy = (-t / a + (1 - t) / (1 - a)) * slope",
            "return np.array(squared / entropy)",
        ),
        "pass",
    ),
)

WRONG_LOG = (
    Variant(
        "no shift",
        "log_softmax",
        _log("return Z - np.log(np.exp(Z).sum(axis=1, keepdims=True))"),
        "fail",
        ("softmax_no_shift",),
    ),
    Variant(
        "the largest of all rows",
        "log_softmax",
        _log("S = Z - Z.max()", "return S - np.log(np.exp(S).sum(axis=1, keepdims=True))"),
        "fail",
        ("softmax_axis",),
    ),
    Variant(
        "down the batch",
        "log_softmax",
        _log("S = Z - Z.max(axis=0)", "return S - np.log(np.exp(S).sum(axis=0))"),
        "fail",
        ("softmax_axis",),
    ),
    Variant(
        "logarithm of the softmax",
        "log_softmax",
        _log(SHIFT, "E = np.exp(S)", "return np.log(E / E.sum(axis=1, keepdims=True))"),
        "fail",
        ("log_after_softmax",),
    ),
    Variant(
        "a little added to the probabilities",
        "log_softmax",
        _log(SHIFT, "E = np.exp(S)", "return np.log(E / E.sum(axis=1, keepdims=True) + 1e-12)"),
        "fail",
        ("log_after_softmax",),
    ),
    Variant(
        "probabilities",
        "log_softmax",
        _log(SHIFT, "E = np.exp(S)", "return E / E.sum(axis=1, keepdims=True)"),
        "fail",
        ("log_missing",),
    ),
)

WRONG_LOSS = (
    Variant("summed", "cross_entropy", _picked("losses.sum()"), "fail", ("missing_1_over_n",)),
    Variant("minus forgotten", "cross_entropy", _picked("-losses.mean()"), "fail", ("sign",)),
    Variant(
        "times the label's number",
        "cross_entropy",
        _picked("losses.mean()", "(y[:, None] * log_P).sum(axis=1)"),
        "fail",
        ("forgot_one_hot",),
    ),
    Variant(
        "the likeliest class",
        "cross_entropy",
        _picked("losses.mean()", "log_P.max(axis=1)"),
        "fail",
        ("hard_argmax",),
    ),
    Variant(
        "the columns of all labels",
        "cross_entropy",
        _loss("return -log_softmax(Z)[:, y].mean()"),
        "fail",
        ("labels_of_all_rows",),
    ),
    Variant("one number for each example", "cross_entropy", _picked("losses"), "fail", ("not_summed",)),
    Variant(
        "mean over examples and classes",
        "cross_entropy",
        _loss("return -(np.eye(Z.shape[1])[y] * log_softmax(Z)).mean()"),
        "fail",
        ("divides_by_k",),
    ),
)

WRONG_VJP = (
    Variant(
        "the diagonal only", "softmax_vjp", _vjp("return G * P * (1 - P)"), "fail", ("softmax_diagonal_only",)
    ),
    Variant("the sum held fixed", "softmax_vjp", _vjp("return P * G"), "fail", ("normaliser_held_fixed",)),
    Variant(
        "sum over the examples",
        "softmax_vjp",
        _vjp("return P * (G - (G * P).sum(axis=0))"),
        "fail",
        ("softmax_axis",),
    ),
    Variant(
        "= for +=",
        "softmax_vjp",
        _vjp_sums("dZ[n, i] = G[n, k] * P[n, k] * ((i == k) - P[n, i])"),
        "fail",
        ("last_term_only",),
    ),
    Variant(
        "a plain mean of G",
        "softmax_vjp",
        _vjp("return P * (G - G.mean(axis=1, keepdims=True))"),
        "fail",
        ("inner_without_p",),
    ),
    Variant(
        "the class's own term twice",
        "softmax_vjp",
        _vjp("return P * (1 - P) * G - P * (P * G).sum(axis=1, keepdims=True)"),
        "fail",
        ("own_term_twice",),
    ),
    Variant(
        "no P in front",
        "softmax_vjp",
        _vjp("return G - (G * P).sum(axis=1, keepdims=True)"),
        "fail",
        ("missing_slope",),
    ),
    Variant(
        "a plain sum of G",
        "softmax_vjp",
        _vjp("return P * (G - G.sum(axis=1, keepdims=True))"),
        "fail",
        ("inner_without_p",),
    ),
)

NUDGED = (
    "dZ, h = np.zeros(Z.shape), 1e-5",
    "for i in np.ndindex(Z.shape):",
    "    E = np.zeros(Z.shape)",
    "    E[i] = h",
    "    dZ[i] = (cross_entropy(Z + E, y) - cross_entropy(Z - E, y)) / (2 * h)",
    "return dZ",
)

WRONG_GRAD = (
    Variant("no 1/B", "softmax_cross_entropy_grad", _error("P - Y"), "fail", ("missing_1_over_n",)),
    Variant(
        "one taken off in the columns of all labels",
        "softmax_cross_entropy_grad",
        _grad("P = np.exp(log_softmax(Z))", "P[:, y] -= 1", "return P / len(y)"),
        "fail",
        ("labels_of_all_rows",),
    ),
    Variant(
        "logarithms for probabilities",
        "softmax_cross_entropy_grad",
        _error("(P - Y) / len(y)", P="log_softmax(Z)"),
        "fail",
        ("softmax_missing",),
    ),
    Variant(
        "a slope too many",
        "softmax_cross_entropy_grad",
        _error("(P - Y) * P * (1 - P) / len(y)"),
        "fail",
        ("slope_extra_at_output",),
    ),
    Variant(
        "at the probabilities",
        "softmax_cross_entropy_grad",
        _error("-Y / P / len(y)"),
        "fail",
        ("ce_wrt_p",),
    ),
    Variant(
        "squared error behind a softmax",
        "softmax_cross_entropy_grad",
        _error("softmax_vjp(P, (P - Y) / len(y))"),
        "fail",
        ("softmax_mse_as_ce",),
    ),
    Variant(
        "the label's number",
        "softmax_cross_entropy_grad",
        _error("(P - Y) / len(y)", Y="y[:, None]"),
        "fail",
        ("forgot_one_hot",),
    ),
    Variant(
        "decisions for probabilities",
        "softmax_cross_entropy_grad",
        _error("(P - Y) / len(y)", P="np.eye(Z.shape[1])[Z.argmax(axis=1)]"),
        "fail",
        ("hard_argmax",),
    ),
    Variant(
        "a slope too many and no 1/B",
        "softmax_cross_entropy_grad",
        _error("(P - Y) * P * (1 - P)"),
        "fail",
        ("slope_extra_at_output", "missing_1_over_n"),
    ),
    Variant("nudged", "softmax_cross_entropy_grad", _grad(*NUDGED), "fail", ("numerical_derivative",)),
    Variant(
        "shifts the caller's logits",
        "softmax_cross_entropy_grad",
        _grad(
            "Z -= Z.max(axis=1, keepdims=True)",
            "P = np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True)",
            "P[np.arange(len(y)), y] -= 1",
            "return P / len(y)",
        ),
        "partial",
        ("mutates_arguments",),
    ),
)

WRONG_RATIO = (
    Variant(
        "upside down",
        "stall_ratio",
        _ratio("return (a - t) / ((a - t) * a * (1 - a))"),
        "fail",
        ("ratio_inverted",),
    ),
    Variant(
        "slope of the loss at a",
        "stall_ratio",
        _ratio("return (a - t) * a * (1 - a) / ((a - t) / (a * (1 - a)))"),
        "fail",
        ("slope_twice",),
    ),
    Variant(
        "the term of t alone",
        "stall_ratio",
        _ratio("return (a - t) * a * (1 - a) / (-t / a * a * (1 - a))"),
        "fail",
        ("bce_positive_only",),
    ),
    Variant(
        "ratio of the losses",
        "stall_ratio",
        _ratio("return (a - t) ** 2 / 2 / -(t * np.log(a) + (1 - t) * np.log(1 - a))"),
        "fail",
        ("ratio_of_losses",),
    ),
    Variant("the example's number", "stall_ratio", _ratio("return 0.0177"), "fail", ("constant_answer",)),
)

UNKNOWN = (
    Variant(
        "logarithm to base ten",
        "log_softmax",
        _log(SHIFT, "return S - np.log10(np.exp(S).sum(axis=1, keepdims=True))"),
        "fail",
    ),
    Variant("the largest loss", "cross_entropy", _picked("losses.max()"), "fail"),
    Variant("plus for minus", "softmax_vjp", _vjp("return P * (G + (G * P).sum(axis=1)[:, None])"), "fail"),
    Variant("error squared", "softmax_cross_entropy_grad", _error("(P - Y) ** 2 / len(y)"), "fail"),
    Variant("difference for ratio", "stall_ratio", _ratio("return (a - t) * a * (1 - a) - (a - t)"), "fail"),
)

ROBUST = (
    Variant("returns nothing", "log_softmax", _log(SHIFT, "S - np.log(np.exp(S).sum(axis=1))"), "ungradable"),
    Variant("untouched", "log_softmax", _log("raise NotImplementedError"), "not_started"),
    Variant("a label as key", "cross_entropy", _loss("return log_softmax(Z)[y[0]]['p']"), "error"),
    Variant("two answers", "softmax_vjp", _vjp("return P * G, (P * G).sum(axis=1)"), "ungradable"),
    Variant(
        "shapes that do not fit",
        "softmax_cross_entropy_grad",
        _grad("return (np.exp(log_softmax(Z)) - y) / len(y)"),
        "error",
    ),
    Variant("never ends", "stall_ratio", _ratio("while True:", "    a = a"), "timeout"),
    Variant("a word", "stall_ratio", _ratio("return 'a (1 - a)'"), "ungradable"),
)

VARIANTS = (
    *RIGHT,
    *WRONG_LOG,
    *WRONG_LOSS,
    *WRONG_VJP,
    *WRONG_GRAD,
    *WRONG_RATIO,
    *UNKNOWN,
    *ROBUST,
)
