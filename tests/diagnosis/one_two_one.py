"""Lesson 2, the 1-2-1 network with softplus units."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("bonkers_forward", "plain"): """
def bonkers_forward(p, dose):
    x1 = dose * p["w1"] + p["b1"]
    x2 = dose * p["w2"] + p["b2"]
    y1 = np.log(1 + np.exp(x1))
    y2 = np.log(1 + np.exp(x2))
    pred = y1 * p["w3"] + y2 * p["w4"] + p["b3"]
    return {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "pred": pred}
""",
    ("bonkers_forward", "loop"): """
def bonkers_forward(p, dose):
    out = {}
    for unit in "12":
        out["x" + unit] = p["w" + unit] * dose + p["b" + unit]
        out["y" + unit] = np.logaddexp(0, out["x" + unit])
    out["pred"] = p["b3"] + out["y1"] * p["w3"] + out["y2"] * p["w4"]
    return out
""",
    ("bonkers_ssr", "plain"): """
def bonkers_ssr(p, dose, observed):
    y1 = np.log1p(np.exp(dose * p["w1"] + p["b1"]))
    y2 = np.log1p(np.exp(dose * p["w2"] + p["b2"]))
    residuals = observed - (p["w3"] * y1 + p["w4"] * y2 + p["b3"])
    return np.sum(residuals ** 2)
""",
    ("bonkers_ssr", "loop"): """
def bonkers_ssr(p, dose, observed):
    softplus = lambda v: np.log(1 + np.exp(v))
    ssr = 0.0
    for d, o in zip(dose, observed):
        pred = softplus(p["w1"] * d + p["b1"]) * p["w3"] + softplus(p["w2"] * d + p["b2"]) * p["w4"] + p["b3"]
        ssr += (o - pred) ** 2
    return ssr
""",
    ("bonkers_grad_last", "plain"): """
def bonkers_grad_last(p, dose, observed):
    x1 = dose * p["w1"] + p["b1"]
    x2 = dose * p["w2"] + p["b2"]
    y1, y2 = np.log1p(np.exp(x1)), np.log1p(np.exp(x2))
    pred = y1 * p["w3"] + y2 * p["w4"] + p["b3"]
    r = -2 * (observed - pred)
    return {"w3": np.sum(r * y1), "w4": np.sum(r * y2), "b3": np.sum(r)}
""",
    ("bonkers_grad_last", "loop"): """
def bonkers_grad_last(p, dose, observed):
    g = {"w3": 0.0, "w4": 0.0, "b3": 0.0}
    for d, o in zip(dose, observed):
        x1 = p["w1"] * d + p["b1"]
        x2 = p["w2"] * d + p["b2"]
        y1 = np.log(1 + np.exp(x1))
        y2 = np.log(1 + np.exp(x2))
        r = 2 * (p["w3"] * y1 + p["w4"] * y2 + p["b3"] - o)
        g["w3"] += r * y1
        g["w4"] += r * y2
        g["b3"] += r
    return g
""",
    ("bonkers_grad_last", "matrix"): """
def bonkers_grad_last(p, dose, observed):
    X = np.outer(dose, [p["w1"], p["w2"]]) + [p["b1"], p["b2"]]
    Y = np.column_stack([np.logaddexp(0, X), np.ones(len(dose))])
    residual = Y @ [p["w3"], p["w4"], p["b3"]] - observed
    w3, w4, b3 = 2 * Y.T @ residual
    return {"w3": w3, "w4": w4, "b3": b3}
""",
}


def both(find, replace):
    """Make the same edit for unit 1 and for unit 2 (``#`` stands for the unit's number)."""
    return tuple((find.replace("#", i), replace.replace("#", i)) for i in "12")


NUMERIC = """    def ssr(q):
        y = [np.log1p(np.exp(dose * q["w" + i] + q["b" + i])) for i in "12"]
        return np.sum((y[0] * q["w3"] + y[1] * q["w4"] + q["b3"] - observed) ** 2)
    return {k: (ssr({**p, k: p[k] + 1e-6}) - ssr({**p, k: p[k] - 1e-6})) / 2e-6 for k in NAMES}
"""
NUMERIC_LAST = NUMERIC.replace("NAMES", '("w3", "w4", "b3")')
_LAST = 'return {"w3": np.sum(r * y1), "w4": np.sum(r * y2), "b3": np.sum(r)}'
_KEEP = '    _total = globals().setdefault("_total", {})\n    for k in out:\n'
_KEEP += "        _total[k] = out[k] = out[k] + _total.get(k, 0)\n    return out"

MUTANTS = (
    *singles(
        "bonkers_ssr",
        "plain",
        "scale",
        ("np.sum", "0.5 * np.sum", "factor_two"),
        ("np.sum", "np.mean", "extra_1_over_n"),
    ),
    *singles("bonkers_ssr", "loop", "scale", ("ssr += ", "ssr += 0.5 * ", "factor_two")),
    *singles("bonkers_ssr", "loop", "sum", ("ssr +=", "ssr =", "last_example_only")),
    *singles(
        "bonkers_grad_last",
        "plain",
        "scale",
        ("-2 * ", "2 * ", "sign"),
        ("-2 * ", "-", "factor_two"),
        ("-2 * (observed - pred)", "-2 * (observed - pred) / len(dose)", "extra_1_over_n"),
    ),
    *singles(
        "bonkers_grad_last",
        "plain",
        "dW",
        (both("r * y#", "r"), "dW_missing_input"),
        (both("r * y#", "r * x#"), "dW_uses_z"),
        (both("r * y#", "r * dose"), "dW_uses_x"),
        (both("r * y#", "r * pred"), "dW_uses_own_a"),
        (both("np.sum(r * y#)", "-np.sum(r * y#)"), "dW_sign"),
    ),
    *singles(
        "bonkers_grad_last",
        "plain",
        "db",
        ("np.sum(r)}", "np.mean(r)}", "db_mean|extra_1_over_n"),
        ("np.sum(r)}", "0.0}", "db_zero"),
        ("np.sum(r)}", "-np.sum(r)}", "db_sign"),
        ("np.sum(r)}", "r[0]}", "db_first"),
        ("np.sum(r)}", "r[-1]}", "db_last"),
        ("np.sum(r)}", "r}", "db_not_summed"),
    ),
    *singles(
        "bonkers_grad_last",
        "plain",
        "whole",
        (_LAST, '_ = {"w3": 2.58, "w4": 1.27, "b3": 1.90}\n    return _', "constant_answer"),
        ("    " + _LAST, NUMERIC_LAST, "numerical_derivative"),
        ("-2 * (observed - pred)", "observed; r -= pred; r *= -2", "mutates_arguments"),
        (((_LAST, _LAST.replace("return", "out =") + "\n" + _KEEP),), "accumulated_not_reset"),
    ),
    *singles(
        "bonkers_grad_last",
        "loop",
        "sum",
        (
            (('g["w3"] +=', 'g["w3"] ='), ('g["w4"] +=', 'g["w4"] ='), ('g["b3"] +=', 'g["b3"] =')),
            "last_example_only",
        ),
        ("    return g", "        break\n    return g", "first_example_only"),
        (
            (
                ("(p, dose, observed):", '(p, dose, observed, g={"w3": 0.0, "w4": 0.0, "b3": 0.0}):'),
                ('    g = {"w3": 0.0, "w4": 0.0, "b3": 0.0}\n', ""),
            ),
            "accumulated_not_reset",
        ),
    ),
    *singles("bonkers_grad_last", "loop", "db", ('g["b3"] += r', 'g["b3"] = r', "db_last")),
    *singles("bonkers_grad_last", "loop", "db", ('g["b3"] += r', 'g["b3"] -= r', "db_sign")),
    *singles("bonkers_grad_last", "loop", "dW", (both("r * y#", "r * x#"), "dW_uses_z")),
    *singles("bonkers_grad_last", "loop", "dW", (both("r * y#", "r * d"), "dW_uses_x")),
    *singles("bonkers_grad_last", "loop", "scale", ("r = 2 * (", "r = -2 * (", "sign")),
    *singles(
        "bonkers_grad_last",
        "matrix",
        "any",
        ("= 2 * Y", "= Y", "factor_two"),
        ("2 * Y.T", "2 * np.column_stack([X, np.ones(len(X))]).T", "dW_uses_z"),
        ("@ residual", "@ residual / len(dose)", "extra_1_over_n"),
    ),
)

UNKNOWN = (
    *unknowns("bonkers_forward", "plain", (' + p["b3"]', "", "no name for a forgotten bias")),
    *unknowns(
        "bonkers_forward", "loop", ("np.logaddexp(0, out", "np.tanh(out", "another activation forward")
    ),
    *unknowns("bonkers_ssr", "plain", ("residuals ** 2", "np.abs(residuals)", "absolute residuals")),
    *unknowns(
        "bonkers_grad_last",
        "plain",
        ("np.sum(r * y1)", "np.sum(r * y1 * y2)", "both units' activations"),
        ("-2 * (observed - pred)", "-2 * (observed - pred) ** 2", "squared residual for its derivative"),
        (both("np.sum(r * y#)", "np.sum(r) * np.sum(y#)"), "product of sums for sum of products"),
    ),
)
