"""Known student answers to lesson ``million_and_one`` and the verdict that each must get.

Each answer replaces one solution cell; the other four stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _program(*body: str) -> str:
    forward = ("a = np.exp(x)", "b = a**2", "c = a + b", "d = np.exp(c)", "e = np.sin(c)", "f = d + e")
    return function("adjoint_program(x)", *forward, *body)


def _fan_out(*body: str) -> str:
    return function("fan_out_gradient(local_slopes, child_gradients)", *body)


def _differences(*body: str) -> str:
    return function("gradient_by_differences(loss, theta, h)", *body)


# An answer that goes wrong in one place: what stands there replaces the right line.
SWEEP = {
    "seed": "adj[output] = 1.0",
    "order": "for name, op, args, v in trace[::-1]:",
    "share": "    share = adj[name]",
    "add": "        send(args[0], share); send(args[1], share)",
    "sub": "        send(args[0], share); send(args[1], -share)",
    "mul": "        send(args[0], share * val[args[1]]); send(args[1], share * val[args[0]])",
    "neg": "        send(args[0], -share)",
    "sin": "        send(args[0], share * np.cos(val[args[0]]))",
    "exp": "        send(args[0], share * v)",
    "log": "        send(args[0], share / val[args[0]])",
    "send": "    adj[name] += share",
}


def _trace(**places: str) -> str:
    line = SWEEP | places
    branches = [
        text
        for op in ("add", "sub", "mul", "neg", "sin", "exp", "log")
        for text in (f"    if op == '{op}':", line[op])
    ]
    return function(
        "adjoint_from_trace(trace, output)",
        "val = {row[0]: row[3] for row in trace}",
        "adj = dict.fromkeys(val, 0.0)",
        "def send(name, share):",
        line["send"],
        line["seed"],
        line["order"],
        line["share"],
        *branches,
        "return adj",
    )


def _paths(*body: str) -> str:
    return function("count_paths(edges, source, target)", *body)


RIGHT = (
    Variant(
        "one line a formula",
        "adjoint_program",
        _program("return f, (d + np.cos(c)) * (1 + 2 * a) * a"),
        "pass",
    ),
    Variant(
        "adjoints in a dict",
        "adjoint_program",
        _program(
            "g = dict.fromkeys('xabc', 0.0)",
            "g['c'] += np.cos(c)",
            "g['c'] += d",
            "g['a'] += g['c']",
            "g['a'] += g['c'] * 2 * a",
            "return float(f), float(g['a'] * a)",
        ),
        "pass",
    ),
    Variant(
        "forward mode",
        "adjoint_program",
        _program("a1 = a", "b1 = 2 * a * a1", "c1 = a1 + b1", "return f, d * c1 + np.cos(c) * c1"),
        "pass",
    ),
    Variant(
        "own complex step",
        "adjoint_program",
        _program(
            "k = np.exp(x + 1e-30j) + np.exp(2 * (x + 1e-30j))",
            "return f, (np.exp(k) + np.sin(k)).imag / 1e-30",
        ),
        "pass",
    ),
    Variant(
        "a loop",
        "fan_out_gradient",
        _fan_out(
            "total = 0",
            "for s, g in zip(local_slopes, child_gradients):",
            "    total += s * g",
            "return total",
        ),
        "pass",
    ),
    Variant(
        "einsum",
        "fan_out_gradient",
        _fan_out("return np.einsum('k...,k...', local_slopes, child_gradients)"),
        "pass",
    ),
    Variant(
        "flat index, list of values",
        "gradient_by_differences",
        _differences(
            "here, out = loss(theta), []",
            "for i in range(theta.size):",
            "    t = theta.copy()",
            "    t.flat[i] += h",
            "    out.append((loss(t) - here) / h)",
            "return np.array(out).reshape(theta.shape), len(out) + 1",
        ),
        "pass",
    ),
    Variant(
        "passes counted as they are made",
        "gradient_by_differences",
        _differences(
            "passes, grad = 1, np.zeros(theta.shape)",
            "base = loss(theta)",
            "for i in np.ndindex(theta.shape):",
            "    step = np.zeros(theta.shape)",
            "    step[i] = h",
            "    grad[i] = (loss(theta + step) - base) / h",
            "    passes += 1",
            "return grad, passes",
        ),
        "pass",
    ),
    Variant("a chain of ifs", "adjoint_from_trace", _trace(), "pass"),
    Variant(
        "stops at the output",
        "adjoint_from_trace",
        _trace(
            order="at = [row[0] for row in trace].index(output)\n    for name, op, args, v in trace[at::-1]:"
        ),
        "pass",
    ),
    Variant(
        "from the source on",
        "count_paths",
        _paths(
            "arriving, total = {source: 1}, 0",
            "while arriving:",
            "    total += arriving.get(target, 0)",
            "    following = {}",
            "    for u, v in edges:",
            "        if u in arriving:",
            "            following[v] = following.get(v, 0) + arriving[u]",
            "    arriving = following",
            "return total",
        ),
        "pass",
    ),
    Variant(
        "functools.cache",
        "count_paths",
        "from functools import cache\n"
        + _paths(
            "@cache",
            "def to(v):",
            "    return 1 if v == source else sum(to(u) for u, w in edges if w == v)",
            "return to(target)",
        ),
        "pass",
    ),
)


WRONG_TURNS = (
    Variant(
        "= for +=",
        "adjoint_program",
        _program("dc = np.cos(c)", "dc = d", "da = dc", "da = dc * 2 * a", "return f, da * a"),
        "fail",
        ("last_term_only",),
    ),
    Variant(
        "a used once",
        "adjoint_program",
        _program("dc = d + np.cos(c)", "return f, dc * a"),
        "fail",
        ("first_term_only",),
    ),
    Variant(
        "df/da for df/dx",
        "adjoint_program",
        _program("return f, (d + np.cos(c)) * (1 + 2 * a)"),
        "fail",
        ("local_slope_missing",),
    ),
    Variant(
        "no 2 in the square",
        "adjoint_program",
        _program("return f, (d + np.cos(c)) * (1 + a) * a"),
        "fail",
        ("square_counted_once",),
    ),
    Variant(
        "cosine of the sine",
        "adjoint_program",
        _program("return f, (d + np.cos(e)) * (1 + 2 * a) * a"),
        "fail",
        ("slope_at_own_value",),
    ),
    Variant(
        "the arrow from a to c forgotten",
        "adjoint_program",
        _program("return f, (d + np.cos(c)) * 2 * a * a"),
        "fail",
        ("last_term_only",),
    ),
    Variant(
        "value for seed",
        "adjoint_program",
        _program("return f, f * (d + np.cos(c)) * (1 + 2 * a) * a"),
        "fail",
        ("seed_is_value",),
    ),
    Variant(
        "outer slope alone",
        "adjoint_program",
        _program("return f, d + np.cos(c)"),
        "fail",
        ("outer_slope_only",),
    ),
    Variant(
        "inner slope alone", "adjoint_program", _program("return f, a + 2 * b"), "fail", ("inner_slope_only",)
    ),
    Variant(
        "minus cosine",
        "adjoint_program",
        _program("return f, (d - np.cos(c)) * (1 + 2 * a) * a"),
        "fail",
        ("sin_slope_sign",),
    ),
    Variant(
        "power rule on e^c",
        "adjoint_program",
        _program("return f, (c * np.exp(c - 1) + np.cos(c)) * (1 + 2 * a) * a"),
        "fail",
        ("power_rule_on_exp",),
    ),
    Variant(
        "differences",
        "adjoint_program",
        _program(
            "g = lambda x: np.exp(np.exp(x) + np.exp(2 * x)) + np.sin(np.exp(x) + np.exp(2 * x))",
            "return f, (g(x + 1e-6) - g(x - 1e-6)) / 2e-6",
        ),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "last child",
        "fan_out_gradient",
        _fan_out("for s, g in zip(local_slopes, child_gradients):", "    total = s * g", "return total"),
        "fail",
        ("last_term_only",),
    ),
    Variant(
        "no local slopes",
        "fan_out_gradient",
        _fan_out("return child_gradients.sum(axis=0)"),
        "fail",
        ("missing_slope",),
    ),
    Variant(
        "all entries added up",
        "fan_out_gradient",
        _fan_out("return np.sum(local_slopes * child_gradients)"),
        "fail",
        ("fan_out_axis",),
    ),
    Variant(
        "sums multiplied",
        "fan_out_gradient",
        _fan_out("return local_slopes.sum(axis=0) * child_gradients.sum(axis=0)"),
        "fail",
        ("sum_times_sum",),
    ),
    Variant(
        "first pass not counted",
        "gradient_by_differences",
        _differences(
            "base, grad = loss(theta), np.zeros(theta.shape)",
            "for i in np.ndindex(theta.shape):",
            "    t = theta.copy()",
            "    t[i] += h",
            "    grad[i] = (loss(t) - base) / h",
            "return grad, theta.size",
        ),
        "partial",
        ("baseline_not_counted",),
        share=1 / 2,
    ),
    Variant(
        "nudges left in",
        "gradient_by_differences",
        _differences(
            "t, base, grad = theta.copy(), loss(theta), np.zeros(theta.shape)",
            "for i in np.ndindex(theta.shape):",
            "    t[i] += h",
            "    grad[i] = (loss(t) - base) / h",
            "return grad, theta.size + 1",
        ),
        "fail",
        ("not_restored",),
    ),
    Variant(
        "central",
        "gradient_by_differences",
        _differences(
            "grad = np.zeros(theta.shape)",
            "for i in np.ndindex(theta.shape):",
            "    up, down = theta.copy(), theta.copy()",
            "    up[i] += h",
            "    down[i] -= h",
            "    grad[i] = (loss(up) - loss(down)) / (2 * h)",
            "return grad, 2 * theta.size",
        ),
        "fail",
        ("central_for_forward",),
    ),
    Variant(
        "central, and a pass at theta",
        "gradient_by_differences",
        _differences(
            "base, grad = loss(theta), np.zeros(theta.shape)",
            "for i in np.ndindex(theta.shape):",
            "    up, down = theta.copy(), theta.copy()",
            "    up[i] += h",
            "    down[i] -= h",
            "    grad[i] = (loss(up) - loss(down)) / (2 * h)",
            "return grad, 2 * theta.size + 1",
        ),
        "fail",
        ("central_for_forward",),
    ),
    Variant(
        "nudged in place and taken back",
        "gradient_by_differences",
        _differences(
            "base, grad = loss(theta), np.zeros(theta.shape)",
            "for i in np.ndindex(theta.shape):",
            "    theta[i] += h",
            "    grad[i] = (loss(theta) - base) / h",
            "    theta[i] -= h",
            "return grad, theta.size + 1",
        ),
        "partial",
        ("mutates_arguments",),
    ),
    Variant(
        "= for +=", "adjoint_from_trace", _trace(send="    adj[name] = share"), "fail", ("last_term_only",)
    ),
    Variant(
        "own factor",
        "adjoint_from_trace",
        _trace(mul="        send(args[0], share * val[args[0]]); send(args[1], share * val[args[1]])"),
        "fail",
        ("mul_own_operand",),
    ),
    Variant(
        "square counted once",
        "adjoint_from_trace",
        _trace(mul="        [send(u, share * v / val[u]) for u in set(args)]"),
        "fail",
        ("square_counted_once",),
    ),
    Variant(
        "sign of a difference",
        "adjoint_from_trace",
        _trace(sub="        send(args[0], share); send(args[1], share)"),
        "fail",
        ("sub_sign",),
    ),
    Variant(
        "from the first row on",
        "adjoint_from_trace",
        _trace(order="for name, op, args, v in trace:"),
        "fail",
        ("sweep_forward",),
    ),
    Variant(
        "begins at the last row",
        "adjoint_from_trace",
        _trace(seed="adj[trace[-1][0]] = 1.0"),
        "fail",
        ("begins_at_last_row",),
    ),
    Variant(
        "value for seed",
        "adjoint_from_trace",
        _trace(seed="adj[output] = val[output]"),
        "fail",
        ("seed_is_value",),
    ),
    Variant(
        "local slopes alone",
        "adjoint_from_trace",
        _trace(share="    share = 1.0"),
        "fail",
        ("upstream_ignored",),
    ),
    Variant(
        "edges as a set",
        "count_paths",
        _paths(
            "known = {target: 1}",
            "def ways(node):",
            "    if node not in known:",
            "        known[node] = sum(ways(v) for u, v in set(edges) if u == node)",
            "    return known[node]",
            "return ways(source)",
        ),
        "fail",
        ("parallel_edges_merged",),
    ),
    Variant(
        "one sweep over unsorted edges",
        "count_paths",
        _paths(
            "n = {source: 1}",
            "for u, v in edges:",
            "    n[v] = n.get(v, 0) + n.get(u, 0)",
            "return n.get(target, 0)",
        ),
        "fail",
        ("edges_in_given_order",),
    ),
)


UNKNOWN = (
    Variant(
        "x for the value",
        "adjoint_program",
        _program("return f, (d + np.cos(c)) * (1 + 2 * a) * x"),
        "fail",
    ),
    Variant(
        "slope squared in the child",
        "fan_out_gradient",
        _fan_out("return np.sum(local_slopes * child_gradients**2, axis=0)"),
        "fail",
    ),
    Variant(
        "sine for cosine",
        "adjoint_from_trace",
        _trace(sin="        send(args[0], share * np.sin(val[args[0]]) ** 2)"),
        "fail",
    ),
)


ROBUST = (
    Variant(
        "prints and warns",
        "adjoint_program",
        "import warnings\n"
        + _program("print('c is', c)", "warnings.warn('slow')", "return f, (d + np.cos(c)) * (a + 2 * b)"),
        "pass",
    ),
    Variant(
        "float32",
        "fan_out_gradient",
        _fan_out("return (np.float32(local_slopes) * np.float32(child_gradients)).sum(axis=0)"),
        "pass",
        note="float32",
    ),
    Variant("raises", "adjoint_program", _program("return f, dc * a"), "error", note="NameError"),
    Variant("returns nothing", "adjoint_program", _program("df = a"), "ungradable", note="None"),
    Variant("slope alone", "adjoint_program", _program("return d + np.cos(c)"), "ungradable"),
    Variant(
        "a list for a dict",
        "adjoint_from_trace",
        function("adjoint_from_trace(trace, output)", "return [0.0 for row in trace]"),
        "ungradable",
        note="list",
    ),
    Variant(
        "inputs only",
        "adjoint_from_trace",
        _trace().replace("return adj", "return {n: adj[n] for n in ('x', 'y')}"),
        "partial",
        note="k1",
        share=2 / 3,
    ),
    Variant(
        "a stray KeyError",
        "adjoint_from_trace",
        _trace(order="for name, op, args, v in trace[::-1]:\n        val[args[0]]"),
        "error",
        note="IndexError",
    ),
    Variant(
        "walks every path",
        "count_paths",
        _paths(
            "if source == target:",
            "    return 1",
            "return sum(count_paths(edges, v, target) for u, v in edges if u == source)",
        ),
        "timeout",
    ),
    Variant("always six", "count_paths", _paths("return 6"), "fail", ("constant_answer",)),
    Variant(
        "untouched", "count_paths", _paths("# YOUR CODE HERE", "raise NotImplementedError()"), "not_started"
    ),
)


VARIANTS = (*RIGHT, *WRONG_TURNS, *UNKNOWN, *ROBUST)
