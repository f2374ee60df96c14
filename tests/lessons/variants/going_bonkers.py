"""Known student answers to lesson ``going_bonkers`` and the verdict that each must get.

Each answer replaces one solution cell; the other five stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _forward(*body: str) -> str:
    return function("bonkers_forward(p, dose)", *body)


def _ssr(*body: str) -> str:
    return function("bonkers_ssr(p, dose, observed)", *body)


def _last(*body: str) -> str:
    start = ("at = bonkers_forward(p, dose)", "d = 2 * (at['pred'] - observed)")
    return function("bonkers_grad_last(p, dose, observed)", *start, *body)


RESIDUAL = "2 * (at['pred'] - observed)"


def _all(back: str = "d * p[w] / (1 + np.exp(-at[x]))", enters: str = "dose", delta: str = RESIDUAL) -> str:
    """All seven in a loop over the two units; ``back`` leads from pred to a unit's pre-activation."""
    return function(
        "bonkers_grad_all(p, dose, observed)",
        "at = bonkers_forward(p, dose)",
        f"d = {delta}",
        "g = {'b3': np.sum(d)}",
        "for i, w in (('1', 'w3'), ('2', 'w4')):",
        "    x, y = 'x' + i, 'y' + i",
        f"    back = {back}",
        "    g[w] = np.sum(d * at[y])",
        f"    g['w' + i], g['b' + i] = np.sum(back * {enters}), np.sum(back)",
        "return g",
    )


def _descend(*body: str) -> str:
    return function("bonkers_descend(p, dose, observed, lr, steps)", *body)


def _walk(update: str, history: str = "history") -> str:
    return _descend(
        "history = [bonkers_ssr(p, dose, observed)]",
        "for _ in range(steps):",
        "    g = bonkers_grad_all(p, dose, observed)",
        f"    {update}",
        "    history.append(bonkers_ssr(p, dose, observed))",
        f"return p, {history}",
    )


STEP = "p = {k: p[k] - lr * g[k] for k in g}"
DIFFERENCES = (
    "def ssr(q):",
    "    return np.sum((bonkers_forward(q, dose)['pred'] - observed) ** 2)",
    "return {k: (ssr({**p, k: p[k] + 1e-6}) - ssr({**p, k: p[k] - 1e-6})) / 2e-6 for k in NAMES}",
)


def _nudged(names: str) -> tuple[str, ...]:
    return tuple(line.replace("NAMES", names) for line in DIFFERENCES)


RIGHT = (
    Variant(
        "logarithms of its own, unit by unit",
        "bonkers_forward",
        _forward(
            "out, pred = {}, p['b3']",
            "for i, w in (('1', 'w3'), ('2', 'w4')):",
            "    out['x' + i] = p['b' + i] + dose * p['w' + i]",
            "    out['y' + i] = np.log(1 + np.exp(out['x' + i]))",
            "    pred = pred + p[w] * out['y' + i]",
            "out['pred'] = pred",
            "return out",
        ),
        "pass",
    ),
    Variant(
        "a loop over the doses, lists for arrays",
        "bonkers_forward",
        _forward(
            "rows = {k: [] for k in ('x1', 'y1', 'x2', 'y2', 'pred')}",
            "for d in dose:",
            "    x1, x2 = p['w1'] * d + p['b1'], p['w2'] * d + p['b2']",
            "    y1, y2 = np.logaddexp(0, x1), np.logaddexp(0, x2)",
            "    pred = p['w3'] * y1 + p['w4'] * y2 + p['b3']",
            "    for k, v in zip(rows, (x1, y1, x2, y2, pred)):",
            "        rows[k].append(v)",
            "return rows",
        ),
        "pass",
    ),
    Variant(
        "a scalar product",
        "bonkers_ssr",
        _ssr("r = bonkers_forward(p, dose)['pred'] - observed", "return r @ r"),
        "pass",
    ),
    Variant(
        "+= over the points",
        "bonkers_grad_last",
        _last(
            "g = dict.fromkeys(('w3', 'w4', 'b3'), 0.0)",
            "for n in range(len(dose)):",
            "    g['w3'] += d[n] * at['y1'][n]",
            "    g['w4'] += d[n] * at['y2'][n]",
            "    g['b3'] += d[n]",
            "return g",
        ),
        "pass",
    ),
    Variant("the sigmoid written out", "bonkers_grad_all", _all(), "pass"),
    Variant("softplus.deriv", "bonkers_grad_all", _all("softplus.deriv(at[x]) * (p[w] * d)"), "pass"),
    Variant(
        "float32 throughout",
        "bonkers_grad_all",
        function(
            "bonkers_grad_all(p, dose, observed)",
            "p = {name: np.float32(value) for name, value in p.items()}",
            "dose, observed = dose.astype(np.float32), observed.astype(np.float32)",
            "x1, x2 = p['w1'] * dose + p['b1'], p['w2'] * dose + p['b2']",
            "y1, y2 = np.log1p(np.exp(x1)), np.log1p(np.exp(x2))",
            "d = 2 * (p['w3'] * y1 + p['w4'] * y2 + p['b3'] - observed)",
            "d1, d2 = d * p['w3'] / (1 + np.exp(-x1)), d * p['w4'] / (1 + np.exp(-x2))",
            "hidden = {'w1': d1 @ dose, 'b1': d1.sum(), 'w2': d2 @ dose, 'b2': d2.sum()}",
            "return {**hidden, 'w3': d @ y1, 'w4': d @ y2, 'b3': d.sum()}",
        ),
        "pass",
        note="float32",
    ),
    Variant(
        "its own copy",
        "bonkers_descend",
        _walk("p = {**p}; [p.update({k: p[k] - lr * g[k]}) for k in g]"),
        "pass",
    ),
    Variant("an array for the history", "bonkers_descend", _walk(STEP, "np.array(history)"), "pass"),
    Variant("by hand", "wrong_retelling", "wrong_retelling = 'ab'[0]", "pass"),
    Variant("a capital letter", "wrong_retelling", "wrong_retelling = 'A'", "pass"),
)


WRONG_TURNS = (
    Variant(
        "a bias forgotten",
        "bonkers_forward",
        _forward(
            "x1, x2 = p['w1'] * dose + p['b1'], p['w2'] * dose + p['b2']",
            "y1, y2 = softplus.f(x1), softplus.f(x2)",
            "return {'x1': x1, 'y1': y1, 'x2': x2, 'y2': y2, 'pred': p['w3'] * y1 + p['w4'] * y2}",
        ),
        "partial",
        ("forward_no_bias",),
        share=0.8,
    ),
    Variant(
        "the sigmoid for softplus",
        "bonkers_forward",
        _forward(
            "x1, x2 = p['w1'] * dose + p['b1'], p['w2'] * dose + p['b2']",
            "y1, y2 = sigmoid.f(x1), sigmoid.f(x2)",
            "pred = p['w3'] * y1 + p['w4'] * y2 + p['b3']",
            "return {'x1': x1, 'y1': y1, 'x2': x2, 'y2': y2, 'pred': pred}",
        ),
        "partial",
        ("slope_for_activation",),
        share=0.4,
    ),
    Variant(
        "the half of lesson 1",
        "bonkers_ssr",
        _ssr("return 0.5 * np.sum((observed - bonkers_forward(p, dose)['pred']) ** 2)"),
        "fail",
        ("factor_two",),
    ),
    Variant(
        "a mean",
        "bonkers_ssr",
        _ssr("return np.mean((observed - bonkers_forward(p, dose)['pred']) ** 2)"),
        "fail",
        ("extra_1_over_n",),
    ),
    Variant(
        "the square of the sum",
        "bonkers_ssr",
        _ssr("return np.sum(observed - bonkers_forward(p, dose)['pred']) ** 2"),
        "fail",
        ("sum_before_square",),
    ),
    Variant(
        "the minus of the residual lost",
        "bonkers_grad_last",
        _last("return {'w3': -np.sum(d * at['y1']), 'w4': -np.sum(d * at['y2']), 'b3': -np.sum(d)}"),
        "fail",
        ("sign",),
    ),
    Variant(
        "x for y",
        "bonkers_grad_last",
        _last("return {'w3': np.sum(d * at['x1']), 'w4': np.sum(d * at['x2']), 'b3': np.sum(d)}"),
        "partial",
        ("dW_uses_z",),
        share=1 / 3,
    ),
    Variant(
        "a product of two sums",
        "bonkers_grad_last",
        _last("return {'w3': sum(d) * sum(at['y1']), 'w4': sum(d) * sum(at['y2']), 'b3': sum(d)}"),
        "partial",
        ("dW_product_of_sums",),
        share=1 / 3,
    ),
    Variant(
        "= for +=",
        "bonkers_grad_last",
        _last(
            "for n in range(len(dose)):",
            "    g = {'w3': d[n] * at['y1'][n], 'w4': d[n] * at['y2'][n], 'b3': d[n]}",
            "return g",
        ),
        "fail",
        ("last_example_only",),
    ),
    Variant(
        "no sum",
        "bonkers_grad_last",
        _last("return {'w3': sum(d * at['y1']), 'w4': sum(d * at['y2']), 'b3': d}"),
        "partial",
        ("db_not_summed",),
        share=2 / 3,
    ),
    Variant(
        "differences",
        "bonkers_grad_last",
        _last(*_nudged("('w3', 'w4', 'b3')")),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "three factors",
        "bonkers_grad_all",
        _all("d * sigmoid.f(at[x])"),
        "partial",
        ("weights_ignored",),
        share=3 / 7,
    ),
    Variant(
        "the pre-activation for the dose",
        "bonkers_grad_all",
        _all(enters="at[x]"),
        "partial",
        ("dW_uses_z",),
        share=5 / 7,
    ),
    Variant("no slope", "bonkers_grad_all", _all("d * p[w]"), "partial", ("missing_slope",), share=3 / 7),
    Variant(
        "the slope at y",
        "bonkers_grad_all",
        _all("d * p[w] * sigmoid.f(at[y])"),
        "partial",
        ("slope_of_a",),
        share=3 / 7,
    ),
    Variant(
        "the slope of the sigmoid",
        "bonkers_grad_all",
        _all("d * p[w] * sigmoid.deriv(at[x])"),
        "partial",
        ("slope_of_sigmoid",),
        share=3 / 7,
    ),
    Variant(
        "the slope at the dose",
        "bonkers_grad_all",
        _all("d * p[w] * sigmoid.f(dose)"),
        "partial",
        ("slope_of_dose",),
        share=3 / 7,
    ),
    Variant(
        "the other unit's weight",
        "bonkers_grad_all",
        _all("d * p['w4' if i == '1' else 'w3'] * sigmoid.f(at[x])"),
        "partial",
        ("units_swapped",),
        share=3 / 7,
    ),
    Variant(
        "x1 left in unit 2",
        "bonkers_grad_all",
        _all("d * p[w] * sigmoid.f(at['x1'])"),
        "partial",
        ("units_swapped",),
        share=5 / 7,
    ),
    Variant("no 2", "bonkers_grad_all", _all(delta="at['pred'] - observed"), "fail", ("factor_two",)),
    Variant(
        "divided by the points",
        "bonkers_grad_all",
        _all(delta="2 * (at['pred'] - observed) / len(dose)"),
        "fail",
        ("extra_1_over_n",),
    ),
    Variant(
        "no slope, and the other bias forgotten",
        "bonkers_grad_all",
        _all("d * p[w]").replace("return g", "return {**g, 'b3': 0.0}"),
        "partial",
        ("missing_slope", "db_zero"),
        share=2 / 7,
    ),
    Variant(
        "differences",
        "bonkers_grad_all",
        function("bonkers_grad_all(p, dose, observed)", *_nudged("p")),
        "fail",
        ("numerical_derivative",),
    ),
    Variant("uphill", "bonkers_descend", _walk("p = {k: p[k] + lr * g[k] for k in g}"), "fail", ("sign",)),
    Variant("no rate", "bonkers_descend", _walk("p = {k: p[k] - g[k] for k in g}"), "fail", ("lr_missing",)),
    Variant(
        "in the caller's dictionary",
        "bonkers_descend",
        _walk("for k in g: p[k] -= lr * g[k]"),
        "partial",
        ("mutates_arguments",),
    ),
    Variant(
        "one parameter after the other",
        "bonkers_descend",
        _walk("for k in g: p = {**p, k: p[k] - lr * bonkers_grad_all(p, dose, observed)[k]}"),
        "fail",
        ("refreshed_forward",),
    ),
    Variant(
        "the last layer only",
        "bonkers_descend",
        _walk("p = {**p, **{k: p[k] - lr * g[k] for k in ('w3', 'w4', 'b3')}}"),
        "fail",
        ("updates_last_layer_only",),
    ),
    Variant(
        "the gradient taken once",
        "bonkers_descend",
        _descend(
            "history = [bonkers_ssr(p, dose, observed)]",
            "g = bonkers_grad_all(p, dose, observed)",
            "for _ in range(steps):",
            f"    {STEP}",
            "    history.append(bonkers_ssr(p, dose, observed))",
            "return p, history",
        ),
        "fail",
        ("gradient_of_start",),
    ),
    Variant(
        "the lesson's start, whatever is handed in",
        "bonkers_descend",
        _walk(STEP).replace("history = [", "p = start\n    history = ["),
        "fail",
        ("constant_answer",),
    ),
    Variant(
        "no SSR of the start",
        "bonkers_descend",
        _walk(STEP, "history[1:]"),
        "partial",
        ("history_off_by_one",),
        share=7 / 8,
    ),
    Variant(
        "the SSR of the end twice, that of the start never",
        "bonkers_descend",
        _walk(STEP, "history[1:] + history[-1:]"),
        "partial",
        ("history_off_by_one",),
        share=7 / 8,
    ),
    Variant(
        "no SSR of the end",
        "bonkers_descend",
        _walk(STEP, "history[:-1]"),
        "partial",
        ("history_off_by_one",),
        share=7 / 8,
    ),
    Variant("the other one", "wrong_retelling", "wrong_retelling = 'b'", "fail", ("weights_ignored",)),
)


UNKNOWN = (
    Variant(
        "tanh for softplus",
        "bonkers_forward",
        _forward(
            "x1, x2 = p['w1'] * dose + p['b1'], p['w2'] * dose + p['b2']",
            "y1, y2 = np.tanh(x1), np.tanh(x2)",
            "return {'x1': x1, 'y1': y1, 'x2': x2, 'y2': y2, 'pred': p['w3'] * y1 + p['w4'] * y2 + p['b3']}",
        ),
        "partial",
        share=0.4,
    ),
    Variant(
        "a sum for a product",
        "bonkers_grad_all",
        _all("(d + p[w]) * sigmoid.f(at[x])"),
        "partial",
        share=3 / 7,
    ),
    Variant(
        "the sum of squares to the fourth",
        "bonkers_ssr",
        _ssr("return np.sum((observed - bonkers_forward(p, dose)['pred']) ** 4)"),
        "fail",
    ),
    Variant(
        "the sign of the slope",
        "bonkers_descend",
        _walk("p = {k: p[k] - lr * np.sign(g[k]) for k in g}"),
        "fail",
    ),
)


ROBUST = (
    Variant(
        "prints",
        "bonkers_ssr",
        _ssr("r = observed - bonkers_forward(p, dose)['pred']", "print(r)", "return (r**2).sum()"),
        "pass",
    ),
    Variant(
        "another key",
        "bonkers_forward",
        _forward("x1 = p['w_1'] * dose", "return {'x1': x1}"),
        "error",
        note="KeyError",
    ),
    Variant(
        "returns nothing",
        "bonkers_grad_all",
        function("bonkers_grad_all(p, dose, observed)", "g = {}"),
        "ungradable",
        note="None",
    ),
    Variant(
        "a tuple for a dictionary",
        "bonkers_grad_last",
        _last("return sum(d * at['y1']), sum(d * at['y2']), sum(d)"),
        "ungradable",
        note="tuple",
    ),
    Variant(
        "keys with a d in front",
        "bonkers_grad_last",
        _last("return {'dw3': sum(d * at['y1']), 'dw4': sum(d * at['y2']), 'db3': sum(d)}"),
        "ungradable",
    ),
    Variant(
        "the parameters alone",
        "bonkers_descend",
        _descend(
            "for _ in range(steps):",
            "    g = bonkers_grad_all(p, dose, observed)",
            "    p = {k: p[k] - lr * g[k] for k in p}",
            "return p",
        ),
        "ungradable",
    ),
    Variant("loops for ever", "bonkers_descend", _descend("while True:", "    pass"), "timeout"),
    Variant(
        "untouched",
        "bonkers_grad_all",
        function("bonkers_grad_all(p, dose, observed)", "# YOUR CODE HERE", "raise NotImplementedError()"),
        "not_started",
    ),
    Variant("untouched", "wrong_retelling", "wrong_retelling = None", "not_started"),
)


VARIANTS = (*RIGHT, *WRONG_TURNS, *UNKNOWN, *ROBUST)
