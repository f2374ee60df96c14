"""Lesson 1, one neuron."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("neuron_forward", "plain"): """
def neuron_forward(w, b, x, act):
    z = np.dot(w, x) + b
    return z, act.f(z)
""",
    ("neuron_forward", "loop"): """
def neuron_forward(w, b, x, act):
    z = b
    for i in range(len(w)):
        z = z + w[i] * x[i]
    a = act.f(z)
    return (z, a)
""",
    ("neuron_forward", "float32"): """
def neuron_forward(w, b, x, act):
    w32, x32 = np.asarray(w, np.float32), np.asarray(x, np.float32)
    z = (w32 * x32).sum() + np.float32(b)
    return z, act.f(z)
""",
    ("neuron_loss", "plain"): """
def neuron_loss(a, t):
    return 0.5 * (a - t) ** 2
""",
    ("neuron_loss", "square"): """
def neuron_loss(a, t):
    error = t - a
    return np.square(error) / 2
""",
    ("sigmoid_slope", "plain"): """
def sigmoid_slope(a):
    return a * (1 - a)
""",
    ("sigmoid_slope", "expanded"): """
def sigmoid_slope(a):
    return a - a ** 2
""",
    ("neuron_delta", "plain"): """
def neuron_delta(z, a, t, act):
    return (a - t) * act.deriv(z)
""",
    ("neuron_delta", "staged"): """
def neuron_delta(z, a, t, act):
    error = t - a
    slope = act.deriv(z)
    delta = -error * slope
    return float(delta)
""",
    ("neuron_delta", "complex step"): """
def neuron_delta(z, a, t, act):
    z_up = z + 1e-30j
    loss = 0.5 * (act.f(z_up) - t) ** 2
    return float(np.imag(loss) / 1e-30)
""",
    ("neuron_delta", "float32"): """
def neuron_delta(z, a, t, act):
    z, a, t = np.float32(z), np.float32(a), np.float32(t)
    return (a - t) * np.float32(act.deriv(z))
""",
    ("neuron_grads", "plain"): """
def neuron_grads(w, b, x, t, act):
    z = w @ x + b
    a = act.f(z)
    delta = (a - t) * act.deriv(z)
    dw = delta * x
    db = delta
    return dw, db
""",
    ("neuron_grads", "loop"): """
def neuron_grads(w, b, x, t, act):
    total = b
    for wi, xi in zip(w, x):
        total = total + wi * xi
    output = act.f(total)
    slope = act.deriv(total)
    dw = np.zeros(len(w))
    for i in range(len(w)):
        dw[i] = (output - t) * slope * x[i]
    db = (output - t) * slope
    return dw, db
""",
    ("neuron_grads", "comprehension"): """
def neuron_grads(w, b, x, t, act):
    z = sum(wi * xi for wi, xi in zip(w, x)) + b
    dL_da = act.f(z) - t
    da_dz = act.deriv(z)
    dw = [dL_da * da_dz * dz_dwi for dz_dwi in x]
    return np.array(dw), dL_da * da_dz * 1.0
""",
    ("neuron_grads", "float32"): """
def neuron_grads(w, b, x, t, act):
    w, x = w.astype(np.float32), x.astype(np.float32)
    z = np.dot(w, x) + np.float32(b)
    delta = (act.f(z) - np.float32(t)) * np.float32(act.deriv(z))
    return delta * x, delta
""",
    ("neuron_step", "plain"): """
def neuron_step(w, b, x, t, lr, act):
    z = w @ x + b
    a = act.f(z)
    delta = (a - t) * act.deriv(z)
    w_new = w - lr * delta * x
    b_new = b - lr * delta
    return w_new, b_new
""",
    ("neuron_step", "copies"): """
def neuron_step(w, b, x, t, lr, act):
    w = w.copy()
    z = np.sum(w * x) + b
    delta = act.deriv(z) * (act.f(z) - t)
    for i in range(len(w)):
        w[i] -= lr * delta * x[i]
    b = b - lr * delta
    return w, b
""",
    ("why_stalled", "plain"): """
def why_stalled(w, b, x, t, act):
    z = w @ x + b
    sizes = {"input": np.abs(x).max(), "slope": abs(act.deriv(z)), "error": abs(act.f(z) - t)}
    return min(sizes, key=sizes.get)
""",
    ("why_stalled", "thresholds"): """
def why_stalled(w, b, x, t, act):
    z = float(np.dot(w, x) + b)
    if np.linalg.norm(x) < 0.01:
        return "input"
    if abs(act.deriv(z)) < 0.01:
        return "slope"
    return "error"
""",
}

_SLOPES = (
    ("act.deriv(z)", "act.deriv(a)", "slope_of_a"),
    ("act.deriv(z)", "z * (1 - z)", "slope_formula_on_z"),
    ("act.deriv(z)", "act.deriv(z) ** 2", "slope_twice"),
    ("act.deriv(z)", "act.f(z)", "slope_is_f"),
    ("act.deriv(z)", "(1 - a)", "slope_one_minus_a"),
    ("act.deriv(z)", "(a * (1 - a))", "slope_of_other_activation"),
)
_NUMERIC = """    h = 1e-6
    loss = lambda w, b: 0.5 * (act.f(w @ x + b) - t) ** 2
    dw = np.array([(loss(w + h * e, b) - loss(w - h * e, b)) / (2 * h) for e in np.eye(len(w))])
    db = (loss(w, b + h) - loss(w, b - h)) / (2 * h)
"""

MUTANTS = (
    *singles("neuron_loss", "plain", "scale", ("0.5 * ", "", "factor_two"), ("0.5", "-0.5", "sign")),
    *singles("neuron_loss", "square", "scale", (" / 2", "", "factor_two"), (" / 2", " / 4", "factor_two")),
    *singles(
        "sigmoid_slope",
        "plain",
        "slope",
        ("a * (1 - a)", "1 - a", "slope_one_minus_a"),
        ("a * (1 - a)", "a", "slope_is_f"),
        ("a * (1 - a)", "(a * (1 - a)) ** 2", "slope_twice"),
        ("    return", "    a = 1 / (1 + np.exp(-a))\n    return", "slope_of_a"),
        ("(1 - a)", "(a - 1)", "sign"),
        ("a * (1 - a)", "0.25", "constant_answer"),
    ),
    *singles("sigmoid_slope", "expanded", "slope", ("a - a ** 2", "a ** 2 - a", "sign")),
    *singles(
        "neuron_delta",
        "plain",
        "slope",
        *_SLOPES,
        (" * act.deriv(z)", "", "missing_slope|propagates_dA"),
        ("(a - t) * act.deriv(z)", "-0.0331", "constant_answer"),
        (
            "(a - t) * act.deriv(z)",
            "(0.5 * (act.f(z + 1e-6) - t) ** 2 - 0.5 * (act.f(z - 1e-6) - t) ** 2) / 2e-6",
            "numerical_derivative",
        ),
    ),
    *singles(
        "neuron_delta",
        "plain",
        "scale",
        ("(a - t)", "(t - a)", "sign"),
        ("(a - t)", "2 * (a - t)", "factor_two"),
    ),
    *singles(
        "neuron_delta",
        "staged",
        "slope",
        ("slope = act.deriv(z)", "slope = act.deriv(act.f(z))", "slope_of_a"),
        ("-error * slope", "-error", "missing_slope|propagates_dA"),
        ("slope = act.deriv(z)", "slope = a * (1 - a)", "slope_of_other_activation"),
        ("slope = act.deriv(z)", "slope = 1 - a", "slope_one_minus_a"),
        ("-error * slope", "-error * slope * slope", "slope_twice"),
    ),
    *singles(
        "neuron_delta",
        "staged",
        "scale",
        ("-error", "error", "sign"),
        ("-error", "-0.5 * error", "factor_two"),
    ),
    *singles("neuron_delta", "complex step", "scale", ("0.5 * ", "", "factor_two"), ("0.5", "-0.5", "sign")),
    *singles(
        "neuron_grads", "plain", "slope", *_SLOPES, ("(a - t) * act.deriv(z)", "a - t", "missing_slope")
    ),
    *singles(
        "neuron_grads",
        "plain",
        "dW",
        ("dw = delta * x", "dw = delta * np.ones(len(x))", "dW_missing_input"),
        ("dw = delta * x", "dw = delta * x * act.deriv(z)", "dW_slope_again"),
        ("dw = delta * x", "dw = -delta * x", "dW_sign"),
    ),
    *singles("neuron_grads", "plain", "db", ("db = delta", "db = 0.0", "db_zero")),
    *singles("neuron_grads", "plain", "db", ("db = delta", "db = -delta", "db_sign")),
    *singles("neuron_grads", "plain", "scale", ("(a - t)", "(t - a)", "sign")),
    *singles("neuron_grads", "plain", "scale", ("(a - t)", "2 * (a - t)", "factor_two")),
    *singles(
        "neuron_grads", "plain", "method", ("    return", _NUMERIC + "    return", "numerical_derivative")
    ),
    *singles(
        "neuron_grads", "plain", "in place", ("dw = delta * x", "x *= delta\n    dw = x", "mutates_arguments")
    ),
    *singles(
        "neuron_grads",
        "loop",
        "slope",
        ("slope = act.deriv(total)", "slope = act.deriv(output)", "slope_of_a"),
        ("slope = act.deriv(total)", "slope = 1", "missing_slope"),
        ("slope = act.deriv(total)", "slope = output * (1 - output)", "slope_of_other_activation"),
        ("slope = act.deriv(total)", "slope = total * (1 - total)", "slope_formula_on_z"),
    ),
    *singles(
        "neuron_grads",
        "loop",
        "dW",
        (" * x[i]", "", "dW_missing_input"),
        (" * slope * x[i]", " * slope * slope * x[i]", "dW_slope_again"),
        ("dw[i] = (output - t)", "dw[i] = (t - output)", "dW_sign"),
        ("np.zeros(len(w))", "np.zeros(len(w), dtype=int)", "int_cast"),
    ),
    *singles("neuron_grads", "loop", "db", ("db = (output - t) * slope", "db = 0", "db_zero")),
    *singles("neuron_grads", "loop", "db", ("db = (output - t)", "db = (t - output)", "db_sign")),
    *singles(
        "neuron_grads",
        "comprehension",
        "any",
        ("da_dz = act.deriv(z)", "da_dz = act.deriv(act.f(z))", "slope_of_a"),
        ("da_dz = act.deriv(z)", "da_dz = act.f(z)", "slope_is_f"),
        ("act.f(z) - t", "t - act.f(z)", "sign"),
        ("act.f(z) - t", "2 * (act.f(z) - t)", "factor_two"),
    ),
    *singles("neuron_step", "plain", "slope", *_SLOPES, (" * act.deriv(z)", "", "missing_slope")),
    *singles(
        "neuron_step",
        "plain",
        "dW",
        ("w - lr", "w + lr", "dW_sign"),
        ("delta * x", "delta * np.ones_like(x)", "dW_missing_input"),
    ),
    *singles(
        "neuron_step",
        "plain",
        "db",
        ("b - lr * delta", "b", "db_zero"),
        ("b - lr", "b + lr", "db_sign"),
        (
            "    b_new",
            "    z = w_new @ x + b\n    delta = (act.f(z) - t) * act.deriv(z)\n    b_new",
            "updated_before_use|refreshed_forward",
        ),
    ),
    *singles(
        "neuron_step",
        "plain",
        "scale",
        ((("w - lr", "w + lr"), ("b - lr", "b + lr")), "sign"),
        ("(a - t)", "2 * (a - t)", "factor_two"),
    ),
    *singles("neuron_step", "copies", "in place", ("    w = w.copy()\n", "", "mutates_arguments")),
    *singles(
        "neuron_step",
        "copies",
        "dW",
        ("w[i] -=", "w[i] +=", "dW_sign"),
        ("delta * x[i]", "delta", "dW_missing_input"),
        ("delta * x[i]", "delta * x[i] * act.deriv(z)", "dW_slope_again"),
    ),
    *singles("neuron_step", "copies", "db", ("b = b - lr * delta", "pass", "db_zero")),
    *singles("neuron_step", "copies", "scale", ("(act.f(z) - t)", "(t - act.f(z))", "sign")),
)

UNKNOWN = (
    *unknowns("neuron_forward", "plain", (" + b", "", "no name for a forgotten bias")),
    *unknowns(
        "neuron_forward", "loop", ("z + w[i] * x[i]", "z + w[i] + x[i]", "sums where products are due")
    ),
    *unknowns("neuron_loss", "plain", ("** 2", "** 3", "wrong power"), ("(a - t) ** 2", "abs(a - t)", "L1")),
    *unknowns("sigmoid_slope", "plain", ("(1 - a)", "(1 + a)", "wrong sign inside")),
    *unknowns(
        "neuron_delta",
        "plain",
        ("(a - t)", "a - t", "missing brackets"),
        ("(a - t) * ", "(a - t) / ", "divides by the slope"),
        ("(a - t)", "(a + t)", "sum for difference"),
        ("(a - t)", "(a - t) ** 2", "squared error for its derivative"),
        ("act.deriv(z)", "act.deriv(z) + 0.1", "a constant added"),
        ("act.deriv(z)", "act.deriv(t)", "slope at the target"),
    ),
    *unknowns(
        "neuron_grads",
        "plain",
        ("delta * x", "delta * w", "the weight for the input"),
        ("db = delta", "db = dw.sum()", "sums the inputs' gradients"),
        ("act.deriv(z)", "np.sin(act.deriv(z))", "stray sine"),
        ("db = delta", "db = delta * b", "the bias treated as an input"),
    ),
    *unknowns("neuron_step", "plain", ("w - lr * delta", "lr * w - delta", "the rate on the weight")),
    *unknowns("why_stalled", "plain", ("min(sizes", "max(sizes", "the largest factor")),
)
