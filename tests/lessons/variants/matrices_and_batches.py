"""Known student answers to lesson ``matrices_and_batches`` and the verdict that each must get.

Each answer replaces one solution cell; the other four stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _linear(*body: str) -> str:
    return function("linear_backward(dZ, X, W)", *body)


def _three(dX: str = "dZ @ W.T", dW: str = "X.T @ dZ", db: str = "dZ.sum(axis=0)") -> str:
    return _linear(f"return {dX}, {dW}, {db}")


def _bend(*body: str) -> str:
    return function("activation_backward(dA, Z, act)", *body)


def _forward(*before: str, Z: str = "A @ W + b", A: str = "act.f(Z)", end: str = "return Zs, As") -> str:
    return function(
        "mlp_forward(params, X, acts)",
        *(before or ("Zs, As, A = [], [X], X",)),
        "for (W, b), act in zip(params, acts):",
        f"    Z = {Z}",
        f"    A = {A}",
        "    Zs.append(Z)",
        "    As.append(A)",
        end,
    )


def _walk(
    start: str = "(As[-1] - T) / len(T)",
    Z: str = "Zs[l]",
    enters: str = "As[l]",
    back: str = "dZ @ params[l][0].T",
    pair: str = "(dW, db)",
    end: str = "return grads[::-1]",
) -> str:
    return function(
        "mlp_backward(params, Zs, As, T, acts)",
        f"grads, dA = [], {start}",
        "for l in reversed(range(len(params))):",
        f"    dZ = dA * acts[l].deriv({Z})",
        f"    dW, db = {enters}.T @ dZ, dZ.sum(axis=0)",
        f"    grads.append({pair})",
        f"    dA = {back}",
        end,
    )


def _stretch(*body: str) -> str:
    return function("unbroadcast(g, shape)", *body)


AXES = (
    "new = g.ndim - len(shape)",
    "axes = (*range(new), *(new + i for i, size in enumerate(shape) if size == 1))",
)

KEPT = (
    "for axis, size in enumerate(shape):",
    "    if size == 1:",
    "        g = g.sum(axis=axis, keepdims=True)",
)

RIGHT = (
    Variant(
        "einsum",
        "linear_backward",
        _three(
            "np.einsum('nk,jk->nj', dZ, W)",
            "np.einsum('nj,nk->jk', X, dZ)",
            "np.einsum('nk->k', dZ)",
        ),
        "pass",
    ),
    Variant(
        "one example after the other",
        "linear_backward",
        _linear(
            "dX, dW, db = np.zeros(X.shape), np.zeros(W.shape), np.zeros(W.shape[1])",
            "for n, (x, delta) in enumerate(zip(X, dZ)):",
            "    dX[n] = W @ delta",
            "    dW += np.outer(x, delta)",
            "    db += delta",
            "return dX, dW, db",
        ),
        "pass",
    ),
    Variant("columns, turned back", "linear_backward", _three("(W @ dZ.T).T", "(dZ.T @ X).T"), "pass"),
    Variant("by unbroadcast", "linear_backward", _three(db="unbroadcast(dZ, (W.shape[1],))"), "pass"),
    Variant(
        "a list for the tuple",
        "linear_backward",
        _linear("return [dZ @ W.T, X.T @ dZ, np.ones(len(dZ)) @ dZ]"),
        "pass",
    ),
    Variant(
        "float32 throughout",
        "linear_backward",
        _linear(
            "dZ, X, W = (a.astype(np.float32) for a in (dZ, X, W))",
            "return dZ @ W.T, X.T @ dZ, dZ.sum(0)",
        ),
        "pass",
        note="float32",
    ),
    Variant(
        "row by row",
        "activation_backward",
        _bend("return np.array([act.deriv(z) * d for z, d in zip(Z, dA)])"),
        "pass",
    ),
    Variant("layer by layer", "mlp_forward", _forward(), "pass"),
    Variant(
        "by index, as a list of lists",
        "mlp_forward",
        function(
            "mlp_forward(params, X, acts)",
            "As = [X]",
            "Zs = []",
            "for l in range(len(params)):",
            "    Zs += [np.dot(As[l], params[l][0]) + params[l][1][None, :]]",
            "    As += [acts[l].f(Zs[l])]",
            "return [Zs, As]",
        ),
        "pass",
    ),
    Variant("one walk, reversed at the end", "mlp_backward", _walk(), "pass"),
    Variant(
        "divided at the end of each layer",
        "mlp_backward",
        _walk(start="As[-1] - T", pair="(dW / len(T), db / len(T))"),
        "pass",
    ),
    Variant(
        "mean over the deltas of the examples",
        "mlp_backward",
        function(
            "mlp_backward(params, Zs, As, T, acts)",
            "grads, delta = [], (As[-1] - T) * acts[-1].deriv(Zs[-1])",
            "for l in range(len(params) - 1, -1, -1):",
            "    outer = As[l][:, :, None] * delta[:, None, :]",
            "    grads.insert(0, [outer.mean(axis=0), delta.mean(axis=0)])",
            "    if l:",
            "        delta = (delta @ params[l][0].T) * acts[l - 1].deriv(Zs[l - 1])",
            "return tuple(grads)",
        ),
        "pass",
    ),
    Variant(
        "with the activation's own forward call",
        "mlp_backward",
        _walk(start="-(T - acts[-1].f(Zs[-1])) / T.shape[0]"),
        "pass",
    ),
    Variant(
        "all axes at once", "unbroadcast", _stretch(*AXES, "return g.sum(axis=axes).reshape(shape)"), "pass"
    ),
    Variant(
        "axis by axis, to the front",
        "unbroadcast",
        _stretch(
            "while g.ndim > len(shape):",
            "    g = g.sum(0)",
            "for axis in range(g.ndim):",
            "    if g.shape[axis] != shape[axis]:",
            "        g = np.expand_dims(g.sum(axis), axis)",
            "return g",
        ),
        "pass",
    ),
    Variant(
        "a float for the single number",
        "unbroadcast",
        _stretch(
            "if shape == ():", "    return float(g.sum())", *AXES, "return g.sum(axis=axes).reshape(shape)"
        ),
        "pass",
    ),
)


WRONG_TURNS = (
    Variant(
        "1/B once more on the way back",
        "linear_backward",
        _three("dZ @ W.T / len(dZ)"),
        "partial",
        ("extra_1_over_n",),
        share=2 / 3,
    ),
    Variant(
        "the bias summed over the units",
        "linear_backward",
        _three(db="dZ.sum(axis=1)"),
        "partial",
        ("db_not_summed",),
        share=2 / 3,
    ),
    Variant(
        "factors exchanged",
        "linear_backward",
        _three(dW="dZ.T @ X"),
        "partial",
        ("dW_transposed",),
        share=2 / 3,
    ),
    Variant(
        "the matrix of the way forward", "linear_backward", _three("dZ @ W"), "error", ("weights_transposed",)
    ),
    Variant(
        "a mean for the bias",
        "linear_backward",
        _three(db="dZ.mean(axis=0)"),
        "partial",
        ("extra_1_over_n",),
        share=2 / 3,
    ),
    Variant(
        "divided by the batch here too",
        "linear_backward",
        _three(dW="X.T @ dZ / len(X)", db="dZ.mean(axis=0)"),
        "partial",
        ("extra_1_over_n",),
        share=1 / 3,
    ),
    Variant(
        "the bias not summed", "linear_backward", _three(db="dZ"), "partial", ("db_not_summed",), share=2 / 3
    ),
    Variant(
        "the first row for the bias",
        "linear_backward",
        _three(db="dZ[0]"),
        "partial",
        ("db_first",),
        share=2 / 3,
    ),
    Variant(
        "one number for every bias",
        "linear_backward",
        _three(db="np.full(W.shape[1], dZ.sum())"),
        "partial",
        ("db_total",),
        share=2 / 3,
    ),
    Variant(
        "= for += over the examples",
        "linear_backward",
        _linear(
            "for x, delta in zip(X, dZ):",
            "    dW, db = np.outer(x, delta), delta",
            "return dZ @ W.T, dW, db",
        ),
        "partial",
        ("last_example_only",),
        share=1 / 3,
    ),
    Variant(
        "doubled in place",
        "linear_backward",
        _linear("X *= 2", "dW = X.T @ dZ / 2", "return dZ @ W.T, dW, dZ.sum(axis=0)"),
        "partial",
        ("mutates_arguments",),
    ),
    Variant(
        "gates opened by what comes back",
        "activation_backward",
        _bend("return np.where(dA > 0, dA, 0.0)"),
        "fail",
        ("relu_gate_on_upstream",),
    ),
    Variant(
        "slope at A", "activation_backward", _bend("return dA * act.deriv(act.f(Z))"), "fail", ("slope_of_a",)
    ),
    Variant(
        "slope alone", "activation_backward", _bend("return act.deriv(Z)"), "fail", ("upstream_ignored",)
    ),
    Variant(
        "the sigmoid's slope for all",
        "activation_backward",
        _bend("A = act.f(Z)", "return dA * A * (1 - A)"),
        "fail",
        ("slope_of_other_activation",),
    ),
    Variant(
        "the slope by nudging",
        "activation_backward",
        _bend("return dA * (act.f(Z + 1e-6) - act.f(Z - 1e-6)) / 2e-6"),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "the first activation everywhere",
        "mlp_forward",
        _forward(A="acts[0].f(Z)"),
        "partial",
        ("activation_wrong_layer",),
        share=4 / 9,
    ),
    Variant("no biases", "mlp_forward", _forward(Z="A @ W"), "partial", ("forward_no_bias",), share=1 / 9),
    Variant(
        "Zs holds the activations",
        "mlp_forward",
        _forward(end="return As[1:], As"),
        "partial",
        ("activation_twice",),
        share=5 / 9,
    ),
    Variant("no 1/B", "mlp_backward", _walk("As[-1] - T"), "fail", ("missing_1_over_n",)),
    Variant(
        "1/B in every layer again",
        "mlp_backward",
        _walk(pair="(dW / len(T), db / len(T))"),
        "fail",
        ("extra_1_over_n",),
    ),
    Variant(
        "1/B again on the way back",
        "mlp_backward",
        _walk(back="dZ @ params[l][0].T / len(T)"),
        "partial",
        ("extra_1_over_n",),
        share=0.25,
    ),
    Variant(
        "1/B in every dZ",
        "mlp_backward",
        function(
            "mlp_backward(params, Zs, As, T, acts)",
            "grads, dA = [], (As[-1] - T) / len(T)",
            "for l in reversed(range(len(params))):",
            "    dZ = dA * acts[l].deriv(Zs[l]) / len(T)",
            "    grads.insert(0, (As[l].T @ dZ, dZ.sum(axis=0)))",
            "    dA = dZ @ params[l][0].T",
            "return grads",
        ),
        "fail",
        ("extra_1_over_n",),
    ),
    Variant(
        "a mean over all entries", "mlp_backward", _walk("(As[-1] - T) / T.size"), "fail", ("divides_by_k",)
    ),
    Variant(
        "the axis of the inputs counted",
        "mlp_backward",
        _walk("(As[-1] - T) / As[0].shape[1]"),
        "fail",
        ("divides_by_d",),
    ),
    Variant(
        "no half in the loss", "mlp_backward", _walk("2 * (As[-1] - T) / len(T)"), "fail", ("factor_two",)
    ),
    Variant("target minus answer", "mlp_backward", _walk("(T - As[-1]) / len(T)"), "fail", ("sign",)),
    Variant("the last layer's first", "mlp_backward", _walk(end="return grads"), "fail", ("tuple_swapped",)),
    Variant(
        "what leaves for what enters",
        "mlp_backward",
        _walk(enters="As[l + 1]"),
        "partial",
        ("dW_uses_own_a",),
    ),
    Variant(
        "dA handed on without its slope",
        "mlp_backward",
        _walk(back="dA @ params[l][0].T"),
        "partial",
        ("propagates_dA",),
        share=0.25,
    ),
    Variant(
        "no slope at the output",
        "mlp_backward",
        _walk().replace("dZ = dA *", "dZ = dA if l == len(params) - 1 else dA *"),
        "fail",
        ("missing_slope",),
    ),
    Variant(
        "no slope anywhere",
        "mlp_backward",
        _walk().replace("dA * acts[l].deriv(Zs[l])", "dA"),
        "fail",
        ("missing_slope",),
    ),
    Variant(
        "the bias first in each pair", "mlp_backward", _walk(pair="(db, dW)"), "fail", ("tuple_swapped",)
    ),
    Variant(
        "the bias and the last layer first",
        "mlp_backward",
        _walk(pair="(db, dW)", end="return grads"),
        "fail",
        ("tuple_swapped",),
    ),
    Variant(
        "sum over new axes alone",
        "unbroadcast",
        _stretch("while g.ndim > len(shape):", "    g = g.sum(axis=0)", "return g"),
        "fail",
        ("leading_axes_only",),
    ),
    Variant(
        "sum over the last axes",
        "unbroadcast",
        _stretch(
            "while g.ndim > len(shape):",
            "    g = g.sum(axis=-1)",
            *KEPT,
            "return g",
        ),
        "fail",
        ("leading_axes_kept",),
    ),
    Variant(
        "one new axis at most",
        "unbroadcast",
        _stretch("if g.ndim > len(shape):", "    g = g.sum(axis=0)", *KEPT, "return g"),
        "fail",
        ("leading_axes_kept",),
    ),
    Variant(
        "the new axes summed last",
        "unbroadcast",
        _stretch(*KEPT, "while g.ndim > len(shape):", "    g = g.sum(axis=0)", "return g"),
        "fail",
        ("leading_axes_kept",),
    ),
    Variant(
        "the new axes forgotten", "unbroadcast", _stretch(*KEPT, "return g"), "fail", ("leading_axes_kept",)
    ),
    Variant(
        "always the first axis",
        "unbroadcast",
        _stretch("return g.sum(axis=0)"),
        "fail",
        ("leading_axes_only",),
    ),
    Variant(
        "means over stretched axes, sums over new ones",
        "unbroadcast",
        _stretch(
            "while g.ndim > len(shape):",
            "    g = g.sum(axis=0)",
            *(line.replace("sum", "mean") for line in KEPT),
            "return g",
        ),
        "fail",
        ("db_mean",),
    ),
    Variant(
        "means over new axes, sums over stretched ones",
        "unbroadcast",
        _stretch("while g.ndim > len(shape):", "    g = g.mean(axis=0)", *KEPT, "return g"),
        "fail",
        ("db_mean",),
    ),
    Variant(
        "sums without keepdims",
        "unbroadcast",
        _stretch(*AXES, "return g.sum(axis=axes)"),
        "fail",
        ("axes_lost",),
    ),
    Variant(
        "means for sums",
        "unbroadcast",
        _stretch(*AXES, "return g.mean(axis=axes).reshape(shape)"),
        "fail",
        ("db_mean",),
    ),
    Variant(
        "everything summed", "unbroadcast", _stretch("return np.full(shape, g.sum())"), "fail", ("db_total",)
    ),
)


UNKNOWN = (
    Variant("a root of the batch size", "mlp_backward", _walk("(As[-1] - T) / len(T) ** 0.5"), "fail"),
    Variant("slope added", "activation_backward", _bend("return dA + act.deriv(Z)"), "fail"),
    Variant(
        "squares for the bias", "linear_backward", _three(db="(dZ ** 2).sum(axis=0)"), "partial", share=2 / 3
    ),
    Variant(
        "maxima for sums", "unbroadcast", _stretch(*AXES, "return g.max(axis=axes).reshape(shape)"), "fail"
    ),
)


ROBUST = (
    Variant(
        "the bias as a row of a table",
        "linear_backward",
        _three(db="dZ.sum(axis=0, keepdims=True)"),
        "partial",
        note="shape",
        share=2 / 3,
    ),
    Variant("two of the three", "linear_backward", _linear("return X.T @ dZ, dZ.sum(axis=0)"), "ungradable"),
    Variant(
        "a matrix product for entry by entry",
        "activation_backward",
        _bend("return dA @ act.deriv(Z)"),
        "error",
        note="ValueError",
    ),
    Variant(
        "returns nothing", "activation_backward", _bend("dZ = dA * act.deriv(Z)"), "ungradable", note="None"
    ),
    Variant("prints every layer", "mlp_forward", _forward(A="print(Z) or act.f(Z)"), "pass"),
    Variant("the input left out of As", "mlp_forward", _forward("Zs, As, A = [], [], X"), "ungradable"),
    Variant("loops for ever", "mlp_backward", _walk(end="while True:\n        pass"), "timeout"),
    Variant("gradients of the weights alone", "mlp_backward", _walk(pair="dW"), "ungradable"),
    Variant(
        "a shape that is no shape",
        "unbroadcast",
        _stretch("return g.reshape(shape)"),
        "error",
        note="ValueError",
    ),
    Variant(
        "untouched",
        "unbroadcast",
        _stretch("# YOUR CODE HERE", "raise NotImplementedError()"),
        "not_started",
    ),
)


VARIANTS = (*RIGHT, *WRONG_TURNS, *UNKNOWN, *ROBUST)
