"""Lesson 2: all seven gradients, and the descent."""

from tests.diagnosis.one_two_one import NUMERIC, both
from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("bonkers_grad_all", "plain"): """
def bonkers_grad_all(p, dose, observed):
    x1 = dose * p["w1"] + p["b1"]
    x2 = dose * p["w2"] + p["b2"]
    y1, y2 = np.log1p(np.exp(x1)), np.log1p(np.exp(x2))
    pred = y1 * p["w3"] + y2 * p["w4"] + p["b3"]
    r = 2 * (pred - observed)
    s1, s2 = 1 / (1 + np.exp(-x1)), 1 / (1 + np.exp(-x2))
    back1, back2 = r * p["w3"], r * p["w4"]
    d1, d2 = back1 * s1, back2 * s2
    return {
        "w1": np.sum(d1 * dose), "b1": np.sum(d1),
        "w2": np.sum(d2 * dose), "b2": np.sum(d2),
        "w3": np.sum(r * y1), "w4": np.sum(r * y2), "b3": np.sum(r),
    }
""",
    ("bonkers_grad_all", "loop"): """
def bonkers_grad_all(p, dose, observed):
    g = dict.fromkeys(["w1", "b1", "w2", "b2", "w3", "w4", "b3"], 0.0)
    for d, o in zip(dose, observed):
        pred = p["b3"]
        unit = {}
        for i, k in (("1", "w3"), ("2", "w4")):
            x = p["w" + i] * d + p["b" + i]
            y = np.log(1 + np.exp(x))
            pred = pred + p[k] * y
            unit[i] = (x, y, k)
        e = -2 * (o - pred)
        g["b3"] += e
        for i, (x, y, k) in unit.items():
            slope = np.exp(x) / (1 + np.exp(x))
            g[k] += e * y
            g["w" + i] += e * p[k] * slope * d
            g["b" + i] += e * p[k] * slope
    return g
""",
    ("bonkers_grad_all", "matrix"): """
def bonkers_grad_all(p, dose, observed):
    W1, W2 = np.array([p["w1"], p["w2"]]), np.array([p["w3"], p["w4"]])
    Z = dose[:, None] * W1 + np.array([p["b1"], p["b2"]])
    A = np.logaddexp(0, Z)
    delta2 = 2 * (A @ W2 + p["b3"] - observed)
    delta1 = np.outer(delta2, W2) / (1 + np.exp(-Z))
    dW2 = A.T @ delta2
    dW1 = dose @ delta1
    db1 = delta1.sum(axis=0)
    return dict(w1=dW1[0], b1=db1[0], w2=dW1[1], b2=db1[1], w3=dW2[0], w4=dW2[1], b3=delta2.sum())
""",
    ("bonkers_grad_all", "float32"): """
def bonkers_grad_all(p, dose, observed):
    q = {k: np.float32(v) for k, v in p.items()}
    dose, observed = dose.astype(np.float32), observed.astype(np.float32)
    x1, x2 = dose * q["w1"] + q["b1"], dose * q["w2"] + q["b2"]
    y1, y2 = np.log1p(np.exp(x1)), np.log1p(np.exp(x2))
    r = 2 * (y1 * q["w3"] + y2 * q["w4"] + q["b3"] - observed)
    d1, d2 = r * q["w3"] / (1 + np.exp(-x1)), r * q["w4"] / (1 + np.exp(-x2))
    g = {"w1": d1 @ dose, "b1": d1.sum(), "w2": d2 @ dose, "b2": d2.sum()}
    return {**g, "w3": r @ y1, "w4": r @ y2, "b3": r.sum()}
""",
    ("bonkers_descend", "plain"): """
def bonkers_descend(p, dose, observed, lr, steps):
    p = dict(p)
    history = []
    for step in range(steps + 1):
        x1, x2 = dose * p["w1"] + p["b1"], dose * p["w2"] + p["b2"]
        y1, y2 = np.log1p(np.exp(x1)), np.log1p(np.exp(x2))
        r = y1 * p["w3"] + y2 * p["w4"] + p["b3"] - observed
        history.append(np.sum(r ** 2))
        if step == steps:
            break
        r = 2 * r
        d1, d2 = r * p["w3"] / (1 + np.exp(-x1)), r * p["w4"] / (1 + np.exp(-x2))
        p["w3"] -= lr * np.sum(r * y1)
        p["w4"] -= lr * np.sum(r * y2)
        p["b3"] -= lr * np.sum(r)
        p["w1"] -= lr * np.sum(d1 * dose)
        p["b1"] -= lr * np.sum(d1)
        p["w2"] -= lr * np.sum(d2 * dose)
        p["b2"] -= lr * np.sum(d2)
    return p, history
""",
    ("bonkers_descend", "helpers"): """
def _run(p, dose):
    x = [dose * p["w1"] + p["b1"], dose * p["w2"] + p["b2"]]
    y = [np.logaddexp(0, v) for v in x]
    return x, y, p["w3"] * y[0] + p["w4"] * y[1] + p["b3"]

def _gradient(p, dose, observed):
    x, y, pred = _run(p, dose)
    r = 2 * (pred - observed)
    d = [r * p[k] / (1 + np.exp(-v)) for k, v in zip(("w3", "w4"), x)]
    return {"w1": d[0] @ dose, "b1": d[0].sum(), "w2": d[1] @ dose, "b2": d[1].sum(),
            "w3": r @ y[0], "w4": r @ y[1], "b3": r.sum()}

def bonkers_descend(p, dose, observed, lr, steps):
    ssr = lambda q: float(np.sum((_run(q, dose)[2] - observed) ** 2))
    history = [ssr(p)]
    for _ in range(steps):
        g = _gradient(p, dose, observed)
        p = {k: p[k] - lr * g[k] for k in p}
        history.append(ssr(p))
    return p, history
""",
}


NUMERIC_ALL = NUMERIC.replace("NAMES", "p")
_SEPARATE = """for k in p:
            p = {**p, k: p[k] - lr * _gradient(p, dose, observed)[k]}"""
_LATE = """d1, d2 = r * p["w3"] / (1 + np.exp(-x1)), r * p["w4"] / (1 + np.exp(-x2))
        p["w1"]"""

MUTANTS = (
    *singles(
        "bonkers_grad_all",
        "plain",
        "slope",
        ("d1, d2 = back1 * s1, back2 * s2", "d1, d2 = back1, back2", "missing_slope@1"),
        (both("np.exp(-x#)", "np.exp(-y#)"), "slope_of_a@1"),
        ("back1 * s1, back2 * s2", "back1 * y1, back2 * y2", "slope_is_f@1"),
        ("back1 * s1, back2 * s2", "back1 * x1 * (1 - x1), back2 * x2 * (1 - x2)", "slope_formula_on_z@1"),
        (
            "back1 * s1, back2 * s2",
            "back1 * y1 * (1 - y1), back2 * y2 * (1 - y2)",
            "slope_of_other_activation@1",
        ),
        ("back1 * s1, back2 * s2", "back1 * s1 ** 2, back2 * s2 ** 2", "slope_twice@1"),
        ("back1 * s1, back2 * s2", "back1 * (1 - y1), back2 * (1 - y2)", "slope_one_minus_a@1"),
    ),
    *singles(
        "bonkers_grad_all",
        "plain",
        "back",
        ('r * p["w3"], r * p["w4"]', "r, r", "weights_ignored@2"),
        ('r * p["w3"], r * p["w4"]', 'r * p["w1"], r * p["w2"]', "weights_wrong_layer@2"),
    ),
    *singles(
        "bonkers_grad_all",
        "plain",
        "dW",
        (both("np.sum(d# * dose)", "np.sum(d#)"), "dW_missing_input@1"),
        (both("np.sum(d# * dose)", "np.sum(d# * x#)"), "dW_uses_z@1"),
        (both("np.sum(d# * dose)", "np.sum(d# * y#)"), "dW_uses_own_a@1"),
        (both("np.sum(d# * dose)", "-np.sum(d# * dose)"), "dW_sign@1"),
        (both("np.sum(d# * dose)", "np.sum(d# * s# * dose)"), "dW_slope_again@1"),
    ),
    *singles(
        "bonkers_grad_all",
        "plain",
        "dW2",
        (both("np.sum(r * y#)", "np.sum(r)"), "dW_missing_input@2"),
        (both("np.sum(r * y#)", "np.sum(r * x#)"), "dW_uses_z@2"),
        (both("np.sum(r * y#)", "np.sum(r * dose)"), "dW_uses_x@2"),
        (both("np.sum(r * y#)", "np.sum(r * pred)"), "dW_uses_own_a@2"),
        (both("np.sum(r * y#)", "np.sum(-r * y#)"), "dW_sign@2"),
    ),
    *singles(
        "bonkers_grad_all",
        "plain",
        "db",
        (both("np.sum(d#)", "np.sum(-d#)"), "db_sign@1"),
        (both("np.sum(d#)", "0.0"), "db_zero@1"),
        (both("np.sum(d#)", "np.mean(d#)"), "db_mean@1"),
        ("np.sum(r),", "np.mean(r),", "db_mean@2"),
        ("np.sum(r),", "-np.sum(r),", "db_sign@2"),
        ("np.sum(r),", "0,", "db_zero@2"),
        ("np.sum(r),", "r[-1],", "db_last@2"),
    ),
    *singles(
        "bonkers_grad_all",
        "plain",
        "scale",
        ("2 * (pred", "(pred", "factor_two"),
        ("2 * (pred", "-2 * (pred", "sign"),
        ("2 * (pred - observed)", "2 * (pred - observed) / dose.size", "extra_1_over_n"),
    ),
    *singles(
        "bonkers_grad_all",
        "plain",
        "whole",
        ("    return {\n", NUMERIC_ALL + "    return {\n", "numerical_derivative"),
    ),
    *singles(
        "bonkers_grad_all",
        "loop",
        "slope",
        ("slope = np.exp(x) / (1 + np.exp(x))", "slope = 1.0", "missing_slope@1"),
        ("slope = np.exp(x) / (1 + np.exp(x))", "slope = np.exp(y) / (1 + np.exp(y))", "slope_of_a@1"),
        ("slope = np.exp(x) / (1 + np.exp(x))", "slope = y", "slope_is_f@1"),
    ),
    *singles(
        "bonkers_grad_all",
        "loop",
        "back",
        (
            (("e * p[k] * slope * d", "e * slope * d"), ("e * p[k] * slope\n", "e * slope\n")),
            "weights_ignored@2",
        ),
    ),
    *singles(
        "bonkers_grad_all",
        "loop",
        "dW",
        ("slope * d\n", "slope * x\n", "dW_uses_z@1"),
        ("slope * d\n", "slope\n", "dW_missing_input@1"),
        ("e * y", "e * d", "dW_uses_x@2"),
        ("e * y", "e * x", "dW_uses_z@2"),
        ("e * y", "e", "dW_missing_input@2"),
    ),
    *singles(
        "bonkers_grad_all",
        "loop",
        "sum",
        ("    return g", "        break\n    return g", "first_example_only"),
    ),
    *singles(
        "bonkers_grad_all",
        "loop",
        "db",
        ('g["b3"] += e', 'g["b3"] = e', "db_last@2"),
        ('g["b" + i] +=', 'g["b" + i] =', "db_last@1"),
        ('g["b3"] += e', 'g["b3"] -= e', "db_sign@2"),
    ),
    *singles(
        "bonkers_grad_all",
        "matrix",
        "slope",
        (" / (1 + np.exp(-Z))", "", "missing_slope@1"),
        ("np.exp(-Z)", "np.exp(-A)", "slope_of_a@1"),
    ),
    *singles(
        "bonkers_grad_all",
        "matrix",
        "back",
        ("np.outer(delta2, W2)", "np.outer(delta2, W1)", "weights_wrong_layer@2"),
    ),
    *singles(
        "bonkers_grad_all",
        "matrix",
        "back",
        ("np.outer(delta2, W2)", "np.outer(delta2, [1, 1])", "weights_ignored@2"),
    ),
    *singles("bonkers_grad_all", "matrix", "dW", ("A.T @ delta2", "Z.T @ delta2", "dW_uses_z@2")),
    *singles(
        "bonkers_grad_all", "matrix", "dW", ("dose @ delta1", "delta1.sum(axis=0)", "dW_missing_input@1")
    ),
    *singles("bonkers_grad_all", "matrix", "db", ("delta1.sum(axis=0)", "delta1.mean(axis=0)", "db_mean@1")),
    *singles("bonkers_grad_all", "matrix", "db", ("delta1.sum(axis=0)", "delta1[0]", "db_first@1")),
    *singles(
        "bonkers_grad_all", "matrix", "db", ("delta1.sum(axis=0)", "delta1.sum() * np.ones(2)", "db_total@1")
    ),
    *singles(
        "bonkers_descend",
        "plain",
        "any",
        ("    p = dict(p)\n", "", "mutates_arguments"),
        ("r = 2 * r", "r = 1 * r", "factor_two"),
        ("r = 2 * r", "r = -2 * r", "sign"),
        ("r = 2 * r", "r = 2 * r / len(r)", "extra_1_over_n"),
        (
            'd1, d2 = r * p["w3"] / (1 + np.exp(-x1)), r * p["w4"] / (1 + np.exp(-x2))',
            'd1, d2 = r * p["w3"], r * p["w4"]',
            "missing_slope@1",
        ),
        (
            'd1, d2 = r * p["w3"] / (1 + np.exp(-x1)), r * p["w4"] / (1 + np.exp(-x2))',
            "d1, d2 = r / (1 + np.exp(-x1)), r / (1 + np.exp(-x2))",
            "weights_ignored@2",
        ),
        ('p["w1"] -=', _LATE + " -=", "updated_before_use"),
        ("return p, history", "return p, history[1:]", "history_off_by_one"),
    ),
    *singles(
        "bonkers_descend",
        "helpers",
        "history",
        ("history = [ssr(p)]", "history = []", "history_off_by_one"),
        ("    return p, history", "    return p, history[:-1]", "history_off_by_one"),
    ),
    *singles(
        "bonkers_descend",
        "helpers",
        "step",
        ("p = {k: p[k] - lr", "p = {k: p[k] + lr", "sign"),
        ("for k in p}", 'for k in p} | {"b3": p["b3"]}', "db_zero@2"),
        ("p = {k: p[k] - lr * g[k] for k in p}", _SEPARATE, "updated_before_use|refreshed_forward"),
        ("p = {k: p[k] - lr * g[k] for k in p}", "for k in p: p[k] -= lr * g[k]", "mutates_arguments"),
    ),
)

UNKNOWN = (
    *unknowns(
        "bonkers_grad_all",
        "plain",
        (
            "back1 * s1, back2 * s2",
            "back1 * s1 * (1 - s1), back2 * s2 * (1 - s2)",
            "sigmoid's slope, not softplus'",
        ),
        ('r * p["w3"], r * p["w4"]', 'r * p["w4"], r * p["w3"]', "the two units' weights swapped"),
        ("back1 * s1, back2 * s2", "back1 * s2, back2 * s1", "the two units' slopes swapped"),
        ('r * p["w3"]', 'r + p["w3"]', "sum for product"),
    ),
    *unknowns(
        "bonkers_descend", "helpers", ("- lr * g[k]", "- lr * np.sign(g[k])", "the gradient's sign only")
    ),
)
