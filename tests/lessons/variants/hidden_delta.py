"""Known student answers to lesson ``hidden_delta`` and the verdict that each must get.

Each answer replaces one solution cell; the other four stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _loop(*body: str) -> str:
    return function("hidden_delta_loop(delta_next, W_next, z, act)", *body)


def _two_loops(start: str, term: str, end: str) -> str:
    return _loop(
        start,
        "for j in range(len(z)):",
        "    s = 0.0",
        "    for k in range(len(delta_next)):",
        f"        {term}",
        f"    delta[j] = {end}",
        "return delta",
    )


def _batch(*body: str) -> str:
    return function("hidden_delta(delta_next, W_next, Z, act)", *body)


def _deltas(*body: str) -> str:
    return function("all_deltas(Ws, Zs, As, T, act)", *body)


def _sweep(output: str = "As[-1] - T", slope: str = "act.deriv(Zs[l])", back: str = "delta @ Ws[l].T") -> str:
    return _deltas(
        f"found, dA = [], {output}",
        "for l in reversed(range(len(Ws))):",
        f"    delta = dA * {slope}",
        "    found.append(delta)",
        f"    dA = {back}",
        "return found[::-1]",
    )


def _mazur(*answer: str, back: str = "W2 @ d2", slope: str = "a1 * (1 - a1)") -> str:
    return function(
        "mazur_gradients(params, x, t)",
        "z1, a1, z2, a2 = forward(params, x)",
        "W2 = params['W2']",
        "d2 = (a2 - t) * a2 * (1 - a2)",
        f"d1 = ({back}) * {slope}",
        *(answer or ("return {'W1': np.outer(x, d1), 'b1': d1, 'W2': np.outer(a1, d2), 'b2': d2}",)),
    )


def _gap(*body: str, biases: str = "") -> str:
    return function(
        "update_order_gap(params, x, t, lr)",
        "g = mazur_gradients(params, x, t)",
        f"new = {{k: params[k] - lr * g[k] for k in ('W1', 'W2'{biases})}}",
        "right = {**params, **new}",
        *body,
    )


LATE = (
    "z1, a1, _, _ = forward(params, x)",
    "late = new['W2'] @ g['b2'] * a1 * (1 - a1)",
    "wrong = {**right, 'W1': params['W1'] - lr * np.outer(x, late)}",
)
ZEROS = "delta = np.zeros(len(z))"
TERM = "s += delta_next[k] * W_next[j, k]"

RIGHT = (
    Variant(
        "no loop at all", "hidden_delta_loop", _loop("return W_next @ delta_next * act.deriv(z)"), "pass"
    ),
    Variant(
        "a list of numbers",
        "hidden_delta_loop",
        _loop(
            "sums = [sum(d * w for d, w in zip(delta_next, row)) for row in W_next]",
            "return [s * act.deriv(v) for s, v in zip(sums, z)]",
        ),
        "pass",
    ),
    Variant(
        "float32 throughout",
        "hidden_delta_loop",
        _loop(
            "W, d, v = (a.astype(np.float32) for a in (W_next, delta_next, z))", "return W @ d * act.deriv(v)"
        ),
        "pass",
        note="float32",
    ),
    Variant(
        "row by row with the loop",
        "hidden_delta",
        _batch("return np.array([hidden_delta_loop(d, W_next, z, act) for d, z in zip(delta_next, Z)])"),
        "pass",
    ),
    Variant(
        "columns for examples",
        "hidden_delta",
        _batch("back = np.dot(W_next, delta_next.T)", "return (back * act.deriv(Z.T)).T"),
        "pass",
    ),
    Variant(
        "einsum",
        "hidden_delta",
        _batch("return np.einsum('bk,jk->bj', delta_next, W_next) * act.deriv(Z)"),
        "pass",
    ),
    Variant("one sweep, reversed at the end", "all_deltas", _sweep(), "pass"),
    Variant(
        "by recursion, as a tuple",
        "all_deltas",
        _deltas(
            "if len(Ws) == 1:",
            "    return ((As[-1] - T) * act.deriv(Zs[0]),)",
            "rest = all_deltas(Ws[1:], Zs[1:], As[1:], T, act)",
            "return (hidden_delta(rest[0], Ws[1], Zs[0], act), *rest)",
        ),
        "pass",
    ),
    Variant(
        "without the given forward",
        "mazur_gradients",
        function(
            "mazur_gradients(params, x, t)",
            "sig = lambda v: 1 / (1 + np.exp(-v))",
            "X, T = x[None], t[None]",
            "H = sig(X @ params['W1'] + params['b1'])",
            "O = sig(H @ params['W2'] + params['b2'])",
            "D2 = (O - T) * (O - O**2)",
            "D1 = D2 @ params['W2'].T * (H - H**2)",
            "return dict(W2=H.T @ D2, b2=D2.sum(axis=0), W1=X.T @ D1, b1=D1.sum(axis=0))",
        ),
        "pass",
    ),
    Variant(
        "from all_deltas",
        "mazur_gradients",
        function(
            "mazur_gradients(params, x, t)",
            "z1, a1, z2, a2 = [row[None] for row in forward(params, x)]",
            "Ws = [params['W1'], params['W2']]",
            "d1, d2 = all_deltas(Ws, [z1, z2], [x[None], a1, a2], t[None], sigmoid)",
            "return {'W1': x[:, None] @ d1, 'b1': d1[0], 'W2': a1.T @ d2, 'b2': d2[0]}",
        ),
        "pass",
    ),
    Variant(
        "by the late deltas",
        "update_order_gap",
        _gap(*LATE, "return float(loss(wrong, x, t) - loss(right, x, t))"),
        "pass",
    ),
)


WRONG_TURNS = (
    Variant(
        "= for +=",
        "hidden_delta_loop",
        _two_loops(ZEROS, "s = delta_next[k] * W_next[j, k]", "s * act.deriv(z[j])"),
        "fail",
        ("last_term_only",),
    ),
    Variant(
        "the mean of the terms",
        "hidden_delta_loop",
        _two_loops(ZEROS, TERM, "s / len(delta_next) * act.deriv(z[j])"),
        "fail",
        ("mean_over_k",),
    ),
    Variant("no slope", "hidden_delta_loop", _two_loops(ZEROS, TERM, "s"), "fail", ("missing_slope",)),
    Variant(
        "slope at a",
        "hidden_delta_loop",
        _two_loops(ZEROS, TERM, "s * act.deriv(act.f(z[j]))"),
        "fail",
        ("slope_of_a",),
    ),
    Variant(
        "weights alone",
        "hidden_delta_loop",
        _two_loops(ZEROS, "s += W_next[j, k]", "s * act.deriv(z[j])"),
        "fail",
        ("upstream_ignored",),
    ),
    Variant(
        "deltas alone",
        "hidden_delta_loop",
        _two_loops(ZEROS, "s += delta_next[k]", "s * act.deriv(z[j])"),
        "fail",
        ("weights_ignored",),
    ),
    Variant(
        "written into z",
        "hidden_delta_loop",
        _two_loops("delta = z", TERM, "s * act.deriv(z[j])"),
        "partial",
        ("mutates_arguments",),
    ),
    Variant(
        "whole numbers only",
        "hidden_delta_loop",
        _two_loops("delta = np.array([0] * len(z))", TERM, "s * act.deriv(z[j])"),
        "fail",
        ("int_cast",),
    ),
    Variant(
        "indices exchanged, so only square layers run",
        "hidden_delta_loop",
        _two_loops(ZEROS, "s += delta_next[k] * W_next[k, j]", "s * act.deriv(z[j])"),
        "error",
        ("weights_transposed",),
    ),
    Variant(
        "the forward matrix",
        "hidden_delta",
        _batch("return (delta_next @ W_next) * act.deriv(Z)"),
        "error",
        ("weights_transposed",),
    ),
    Variant(
        "the slopes by a matrix product",
        "hidden_delta",
        _batch("return delta_next @ W_next.T @ act.deriv(Z)"),
        "error",
        ("other_product",),
    ),
    Variant(
        "the sigmoid's slope for all",
        "hidden_delta",
        _batch("A = act.f(Z)", "return (delta_next @ W_next.T) * A * (1 - A)"),
        "fail",
        ("slope_of_other_activation",),
    ),
    Variant(
        "divided by the batch",
        "hidden_delta",
        _batch("return (delta_next @ W_next.T) * act.deriv(Z) / len(Z)"),
        "fail",
        ("extra_1_over_n",),
    ),
    Variant(
        "the slope by nudging",
        "hidden_delta",
        _batch(
            "slope = (act.f(Z + 1e-6) - act.f(Z - 1e-6)) / 2e-6", "return (delta_next @ W_next.T) * slope"
        ),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "the slope twice and a sign",
        "hidden_delta",
        _batch("return -(delta_next @ W_next.T) * act.deriv(Z) ** 2"),
        "fail",
        ("slope_twice", "sign"),
    ),
    Variant(
        "hands dL/da on", "all_deltas", _sweep(back="dA @ Ws[l].T"), "partial", ("propagates_dA",), share=0.25
    ),
    Variant(
        "weights that lead in",
        "all_deltas",
        _deltas(
            "deltas = [(As[-1] - T) * act.deriv(Zs[-1])]",
            "for l in range(len(Ws) - 2, -1, -1):",
            "    deltas.insert(0, (deltas[0] @ Ws[l].T) * act.deriv(Zs[l]))",
            "return deltas",
        ),
        "error",
        ("weights_wrong_layer",),
    ),
    Variant("output first", "all_deltas", _sweep().replace("[::-1]", ""), "fail", ("tuple_swapped",)),
    Variant(
        "no slope at the output",
        "all_deltas",
        _sweep(slope="(act.deriv(Zs[l]) if l < len(Ws) - 1 else 1)"),
        "fail",
        ("missing_slope",),
    ),
    Variant("target minus answer", "all_deltas", _sweep(output="T - As[-1]"), "fail", ("sign",)),
    Variant("doubled error", "all_deltas", _sweep(output="2 * (As[-1] - T)"), "fail", ("factor_two",)),
    Variant(
        "changes the last activations",
        "all_deltas",
        _deltas(
            "delta = As[-1]",
            "delta -= T",
            "deltas = [delta * act.deriv(Zs[-1])]",
            "for W, Z in zip(Ws[:0:-1], Zs[-2::-1]):",
            "    deltas.insert(0, (deltas[0] @ W.T) * act.deriv(Z))",
            "return deltas",
        ),
        "partial",
        ("mutates_arguments",),
    ),
    Variant(
        "no slope in the hidden layer", "mazur_gradients", _mazur(slope="1"), "partial", ("missing_slope",)
    ),
    Variant(
        "W2 updated on the way",
        "mazur_gradients",
        _mazur(back="(W2 - 0.5 * np.outer(a1, d2)) @ d2"),
        "partial",
        ("updated_before_use",),
    ),
    Variant(
        "what leaves for what enters",
        "mazur_gradients",
        _mazur("return {'W1': np.outer(x, d1), 'b1': d1, 'W2': np.outer(a2, d2), 'b2': d2}"),
        "partial",
        ("dW_uses_own_a",),
        share=0.75,
    ),
    Variant(
        "the outer product turned round",
        "mazur_gradients",
        _mazur("return {'W1': np.outer(d1, x), 'b1': d1, 'W2': np.outer(d2, a1), 'b2': d2}"),
        "partial",
        ("dW_transposed",),
    ),
    Variant(
        "entry by entry for the outer product",
        "mazur_gradients",
        _mazur("return {'W1': x * d1, 'b1': d1, 'W2': a1 * d2, 'b2': d2}"),
        "error",
        ("other_product",),
    ),
    Variant(
        "a scalar product for the outer one",
        "mazur_gradients",
        _mazur("return {'W1': x.T @ d1, 'b1': d1, 'W2': a1.T @ d2, 'b2': d2}"),
        "error",
        ("other_product",),
    ),
    Variant(
        "biases are not updated, so 0",
        "mazur_gradients",
        _mazur("return {'W1': np.outer(x, d1), 'b1': 0 * d1, 'W2': np.outer(a1, d2), 'b2': 0 * d2}"),
        "partial",
        ("db_zero",),
    ),
    Variant(
        "the page's own numbers",
        "mazur_gradients",
        _mazur(
            "g = {name: np.zeros_like(value) for name, value in params.items()}",
            "g['W2'][0, 0], g['W1'][0, 0] = 0.082167041, 0.000438568",
            "return g",
        ),
        "fail",
    ),
    Variant(
        "a second forward pass",
        "update_order_gap",
        _gap(
            "between = {**params, 'W2': new['W2']}",
            "wrong = {**right, 'W1': params['W1'] - lr * mazur_gradients(between, x, t)['W1']}",
            "return loss(wrong, x, t) - loss(right, x, t)",
        ),
        "fail",
        ("refreshed_forward",),
    ),
    Variant(
        "the other way round",
        "update_order_gap",
        _gap(*LATE, "return loss(right, x, t) - loss(wrong, x, t)"),
        "fail",
        ("sign",),
    ),
    Variant(
        "a distance",
        "update_order_gap",
        _gap(*LATE, "return abs(loss(wrong, x, t) - loss(right, x, t))"),
        "fail",
        ("gap_in_size",),
    ),
    Variant(
        "biases moved",
        "update_order_gap",
        _gap(*LATE, "return loss(wrong, x, t) - loss(right, x, t)", biases=", 'b1', 'b2'"),
        "fail",
        ("biases_moved",),
    ),
    Variant("the example's gap", "update_order_gap", _gap("return 1.502e-7"), "fail", ("constant_answer",)),
)


UNKNOWN = (
    Variant(
        "the largest term",
        "hidden_delta_loop",
        _loop("return (W_next * delta_next).max(axis=1) * act.deriv(z)"),
        "fail",
    ),
    Variant("slope added", "hidden_delta", _batch("return (delta_next @ W_next.T) + act.deriv(Z)"), "fail"),
    Variant("squashed weights", "all_deltas", _sweep(back="delta @ np.tanh(Ws[l].T)"), "partial", share=0.25),
    Variant(
        "rounded",
        "update_order_gap",
        _gap(*LATE, "return round(loss(wrong, x, t), 3) - round(loss(right, x, t), 3)"),
        "fail",
    ),
)


ROBUST = (
    Variant(
        "prints and warns",
        "hidden_delta_loop",
        "import warnings\n"
        + _loop("print(z)", "warnings.warn('careful')", "return W_next @ delta_next * act.deriv(z)"),
        "pass",
    ),
    Variant(
        "a column for a vector",
        "hidden_delta_loop",
        _loop("return (W_next @ delta_next * act.deriv(z))[:, None]"),
        "fail",
        note="shape",
    ),
    Variant(
        "the activation itself called", "hidden_delta", _batch("return act(Z)"), "error", note="TypeError"
    ),
    Variant("returns nothing", "hidden_delta", _batch("A = act.f(Z)"), "ungradable", note="None"),
    Variant("loops for ever", "all_deltas", _deltas("while Ws:", "    pass"), "timeout"),
    Variant(
        "one delta too few", "all_deltas", _sweep().replace("[::-1]", "[:0:-1]"), "ungradable", note="list"
    ),
    Variant(
        "a dict by layers",
        "all_deltas",
        _sweep().replace("return found[::-1]", "return dict(enumerate(found))"),
        "ungradable",
        note="dict",
    ),
    Variant(
        "keys of gradients, not of parameters",
        "mazur_gradients",
        _mazur("return {'dW1': np.outer(x, d1), 'db1': d1, 'dW2': np.outer(a1, d2), 'db2': d2}"),
        "ungradable",
        note="keys",
    ),
    Variant(
        "the biases left out",
        "mazur_gradients",
        _mazur("return {'W1': np.outer(x, d1), 'W2': np.outer(a1, d2)}"),
        "partial",
        note="b1",
    ),
    Variant(
        "untouched",
        "update_order_gap",
        function("update_order_gap(params, x, t, lr)", "# YOUR CODE HERE", "raise NotImplementedError()"),
        "not_started",
    ),
)


VARIANTS = (*RIGHT, *WRONG_TURNS, *UNKNOWN, *ROBUST)
