"""Lesson 5, programs with intermediate variables."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("adjoint_program", "plain"): """
def adjoint_program(x):
    a = np.exp(x)
    b = a * a
    c = a + b
    d = np.exp(c)
    e = np.sin(c)
    f = d + e
    df = 1.0
    dd, de = df, df
    dc = dd * d + de * np.cos(c)
    db = dc
    da = dc + db * 2 * a
    dx = da * a
    return f, dx
""",
    ("adjoint_program", "sweep"): """
def adjoint_program(x):
    a = np.exp(x)
    b = a ** 2
    c = a + b
    d, e = np.exp(c), np.sin(c)
    g = dict.fromkeys("abcdex", 0.0)
    g["d"] += 1
    g["e"] += 1
    g["c"] += g["e"] * np.cos(c)
    g["c"] += g["d"] * d
    g["a"] += g["c"]
    g["b"] += g["c"]
    g["a"] += g["b"] * 2 * a
    g["x"] += g["a"] * a
    return float(d + e), float(g["x"])
""",
    ("adjoint_program", "forward"): """
def adjoint_program(x):
    u, v = np.exp(x), np.exp(2 * x)
    c = u + v
    outer = np.exp(c) + np.cos(c)
    inner = u + 2 * v
    return np.exp(c) + np.sin(c), outer * inner
""",
    ("fan_out_gradient", "plain"): """
def fan_out_gradient(local_slopes, child_gradients):
    return np.sum(np.asarray(local_slopes) * np.asarray(child_gradients), axis=0)
""",
    ("fan_out_gradient", "loop"): """
def fan_out_gradient(local_slopes, child_gradients):
    total = 0.0
    for slope, child in zip(local_slopes, child_gradients):
        total = total + slope * child
    return total
""",
    ("fan_out_gradient", "einsum"): """
def fan_out_gradient(local_slopes, child_gradients):
    return np.einsum("k...,k...->...", local_slopes, child_gradients)
""",
    ("gradient_by_differences", "plain"): """
def gradient_by_differences(loss, theta, h):
    base = loss(theta)
    passes = 1
    grad = np.zeros(len(theta))
    for i in range(len(theta)):
        nudged = theta.copy()
        nudged[i] += h
        grad[i] = (loss(nudged) - base) / h
        passes += 1
    return grad, passes
""",
    ("gradient_by_differences", "identity"): """
def gradient_by_differences(loss, theta, h):
    here = loss(theta)
    grad = [(loss(theta + step) - here) / h for step in h * np.eye(theta.size)]
    return np.array(grad), theta.size + 1
""",
    ("adjoint_from_trace", "plain"): """
def adjoint_from_trace(trace, output):
    value = {name: v for name, op, args, v in trace}
    adj = {name: 0.0 for name in value}
    adj[output] = 1.0
    for name, op, args, v in reversed(trace):
        g = adj[name]
        if op == "add":
            local = (1.0, 1.0)
        elif op == "sub":
            local = (1.0, -1.0)
        elif op == "mul":
            local = (value[args[1]], value[args[0]])
        else:
            local = {"neg": lambda: -1.0, "exp": lambda: v, "sin": lambda: np.cos(value[args[0]]),
                     "log": lambda: 1 / value[args[0]]}.get(op, lambda: 0.0)(),
        for arg, slope in zip(args, local):
            adj[arg] += g * slope
    return adj
""",
    ("adjoint_from_trace", "branches"): """
def adjoint_from_trace(trace, output):
    val, grad = {}, {}
    for row in trace:
        val[row[0]], grad[row[0]] = row[3], 0.0
    grad[output] = 1.0
    for name, op, args, _ in trace[::-1]:
        up = grad[name]
        if op == "add":
            grad[args[0]] += up
            grad[args[1]] += up
        elif op == "mul":
            x, y = args
            grad[x] += up * val[y]
            grad[y] += up * val[x]
        elif op == "sub":
            grad[args[0]] += up
            grad[args[1]] -= up
        elif op == "neg":
            grad[args[0]] -= up
        elif op == "sin":
            grad[args[0]] += up * np.cos(val[args[0]])
        elif op == "exp":
            grad[args[0]] += up * np.exp(val[args[0]])
        elif op == "log":
            grad[args[0]] += up / val[args[0]]
    return grad
""",
    ("count_paths", "memo"): """
def count_paths(edges, source, target):
    known = {target: 1}
    def ways(node):
        if node not in known:
            known[node] = sum(ways(v) for u, v in edges if u == node)
        return known[node]
    return ways(source)
""",
    ("count_paths", "powers"): """
def count_paths(edges, source, target):
    arriving, total = {source: 1}, 0
    while arriving:
        total += arriving.get(target, 0)
        following = {}
        for u, v in edges:
            if u in arriving:
                following[v] = following.get(v, 0) + arriving[u]
        arriving = following
    return total
""",
}

_BRANCH_NUMERIC = """    h = 1e-6
    F = lambda v: np.exp(np.exp(v) + np.exp(2 * v)) + np.sin(np.exp(v) + np.exp(2 * v))
    return f, (F(x + h) - F(x - h)) / (2 * h)
"""
_ALL_SET = (
    ("    grad[x] += up * val[y]", "    grad[x] = up * val[y]"),
    ("    grad[y] += up * val[x]", "    grad[y] = up * val[x]"),
)

MUTANTS = (
    *singles(
        "adjoint_program",
        "plain",
        "c",
        ("dd * d + de * np.cos(c)", "dd * d", "last_term_only"),
    ),
    *singles("adjoint_program", "plain", "a", ("da = dc + db", "da = db", "last_term_only")),
    *singles(
        "adjoint_program", "plain", "whole", ("    df = 1.0\n", _BRANCH_NUMERIC, "numerical_derivative")
    ),
    *singles(
        "adjoint_program",
        "sweep",
        "c",
        ('g["c"] += g["d"]', 'g["c"] = g["d"]', "last_term_only"),
    ),
    *singles("adjoint_program", "sweep", "a", ('g["a"] += g["b"]', 'g["a"] = g["b"]', "last_term_only")),
    *singles(
        "adjoint_program",
        "sweep",
        "both",
        (
            (('g["c"] += g["d"]', 'g["c"] = g["d"]'), ('g["a"] += g["b"]', 'g["a"] = g["b"]')),
            "last_term_only",
        ),
    ),
    *singles(
        "fan_out_gradient",
        "plain",
        "any",
        ("np.sum(", "np.mean(", "mean_over_k|divides_by_k"),
        ("np.asarray(local_slopes) * ", "", "missing_slope|weights_ignored"),
        (" * np.asarray(child_gradients)", "", "upstream_ignored"),
    ),
    *singles(
        "fan_out_gradient",
        "loop",
        "any",
        ("total + slope", "slope", "last_term_only"),
        ("    return total", "        break\n    return total", "first_term_only"),
        ("slope * child", "child", "missing_slope|weights_ignored"),
        ("slope * child", "slope", "upstream_ignored"),
        ("return total", "return total / len(local_slopes)", "mean_over_k|divides_by_k"),
    ),
    *singles(
        "fan_out_gradient",
        "einsum",
        "any",
        (
            'np.einsum("k...,k...->...", local_slopes, child_gradients)',
            "np.multiply(local_slopes, child_gradients)[-1]",
            "last_term_only",
        ),
    ),
    *singles(
        "fan_out_gradient",
        "einsum",
        "any",
        (
            'np.einsum("k...,k...->...", local_slopes, child_gradients)',
            "np.multiply(local_slopes, child_gradients)[0]",
            "first_term_only",
        ),
    ),
    *singles(
        "gradient_by_differences",
        "plain",
        "method",
        ("(loss(nudged) - base)", "(base - loss(nudged))", "sign"),
        (" / h", " / (2 * h)", "factor_two"),
        ("np.zeros(len(theta))", "np.array([0] * len(theta))", "int_cast"),
    ),
    *singles(
        "gradient_by_differences",
        "plain",
        "restore",
        (
            (
                ("theta.copy()", "theta"),
                ("        passes += 1", "        nudged[i] -= h\n        passes += 1"),
            ),
            "restored_by_arithmetic|mutates_arguments",
        ),
    ),
    *singles(
        "gradient_by_differences",
        "identity",
        "any",
        ("(loss(theta + step) - here)", "(here - loss(theta + step))", "sign"),
    ),
    *singles("adjoint_from_trace", "plain", "any", ("adj[arg] +=", "adj[arg] =", "last_term_only")),
    *singles(
        "adjoint_from_trace",
        "branches",
        "any",
        (
            (
                (
                    'if op == "add":\n            grad[args[0]] += up\n            grad[args[1]] += up',
                    'if op == "add":\n            grad[args[0]] = up\n            grad[args[1]] = up',
                ),
                *_ALL_SET,
                (
                    '"sub":\n            grad[args[0]] += up\n            grad[args[1]] -= up',
                    '"sub":\n            grad[args[0]] = up\n            grad[args[1]] = -up',
                ),
                ('"neg":\n            grad[args[0]] -= up', '"neg":\n            grad[args[0]] = -up'),
                ("+= up * np.cos", "= up * np.cos"),
                ("+= up * np.exp", "= up * np.exp"),
                ("+= up / val", "= up / val"),
            ),
            "last_term_only",
        ),
    ),
)

UNKNOWN = (
    *unknowns(
        "adjoint_program",
        "plain",
        ("de * np.cos(c)", "-de * np.cos(c)", "one consumer's sign"),
        ("db * 2 * a", "db * a * a", "wrong power"),
        ("dx = da * a", "dx = da * x", "the input for the value"),
    ),
    *unknowns(
        "adjoint_program",
        "forward",
        ("inner = u + 2 * v", "inner = u + v", "the inner 2 is lost in one place"),
    ),
    *unknowns("fan_out_gradient", "loop", ("slope * child", "slope + child", "sum for product")),
    *unknowns("fan_out_gradient", "loop", ("slope * child", "slope * child ** 2", "wrong power")),
    *unknowns("fan_out_gradient", "plain", ("axis=0", "axis=-1", "sum over the wrong axis")),
    *unknowns(
        "gradient_by_differences",
        "plain",
        ("nudged[i] += h", "nudged += h", "nudges every parameter at once"),
    ),
    *unknowns(
        "adjoint_from_trace",
        "branches",
        ("grad[x] += up * val[y]", "grad[x] += up * val[x]", "a factor's own value, on one side"),
        ("grad[args[1]] -= up", "grad[args[1]] += up", "the second operand's sign"),
        ("np.cos(val[args[0]])", "np.sin(val[args[0]])", "sine for cosine in one operation"),
        ("up / val[args[0]]", "up * val[args[0]]", "product for quotient in one operation"),
    ),
    *unknowns(
        "count_paths",
        "powers",
        ("following.get(v, 0) + arriving[u]", "max(following.get(v, 0), arriving[u])", "largest for sum"),
    ),
)
