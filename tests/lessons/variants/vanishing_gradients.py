"""Known student answers to lesson ``vanishing_gradients`` and the verdict that each must get.

Each answer replaces one solution cell; the other five stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _norms(*body: str) -> str:
    return function("delta_norms(Ws, bs, X, y, act)", "Zs, As = forward(Ws, bs, X, act)", *body)


def _sweep(
    output: str = "As[-1] - np.eye(As[-1].shape[1])[y]",
    back: str = "d @ Ws[l + 1].T",
    slope: str = "act.deriv(Zs[l])",
    size: str = "np.linalg.norm(d.mean(axis=0))",
    answer: str = "out[::-1]",
) -> str:
    return _norms(
        f"d, out = {output}, []",
        "for l in range(len(Ws) - 2, -1, -1):",
        f"    d = ({back}) * {slope}",
        f"    out.append({size})",
        f"return {answer}",
    )


def _std(
    lecun: str = "1 / n_in", glorot: str = "2 / (n_in + n_out)", he: str = "2 / n_in", root: str = "**0.5"
) -> str:
    return function(
        "init_std(kind, n_in, n_out)",
        "if kind == 'lecun':",
        f"    return ({lecun}){root}",
        f"return ({glorot}){root} if kind == 'glorot' else ({he}){root}",
    )


def _gain(*body: str) -> str:
    return function("gain(act)", *body)


def _dead(*body: str) -> str:
    return function("dead_fraction(Z)", *body)


def _rescale(
    spread: str = "np.sqrt(Z.var(axis=0).mean())", new: str = "W / s", onward: str = "act.f(A @ out[-1])"
) -> str:
    return function(
        "rescale_layers(Ws, X, act)",
        "A, out = X, []",
        "for W in Ws:",
        "    Z = A @ W",
        f"    s = {spread}",
        f"    out.append({new})",
        f"    A = {onward}",
        "return out",
    )


def _stall(a: str = "abs(a).max()", slope: str = "abs(act.deriv(z)).max()", W: str = "abs(W).max()") -> str:
    return function(
        "explain_stall(W, a, z, act)",
        f"sizes = [{a}, {slope}, {W}]",
        "return ['input', 'slope', 'weights'][int(np.argmin(sizes))]",
    )


def _first_below(limit: float, order: tuple[int, int, int]) -> str:
    words, sizes = ("input", "slope", "weights"), ("a", "act.deriv(z)", "W")
    first, second, third = order
    return function(
        "explain_stall(W, a, z, act)",
        f"if abs({sizes[first]}).max() < {limit}:",
        f"    return {words[first]!r}",
        f"return {words[second]!r} if abs({sizes[second]}).max() < {limit} else {words[third]!r}",
    )


RIGHT = (
    Variant("one sweep", "delta_norms", _sweep(), "pass"),
    Variant(
        "by recursion, example by example",
        "delta_norms",
        _norms(
            "def back(l, n):",
            "    if l == len(Ws) - 1:",
            "        return As[-1][n] - (np.arange(As[-1].shape[1]) == y[n])",
            "    return Ws[l + 1] @ back(l + 1, n) * act.deriv(Zs[l][n])",
            "means = [sum(back(l, n) for n in range(len(X))) / len(X) for l in range(len(Ws) - 1)]",
            "return np.array([np.sqrt(m @ m) for m in means])",
        ),
        "pass",
    ),
    Variant(
        "without the given forward pass, as a tuple",
        "delta_norms",
        function(
            "delta_norms(Ws, bs, X, y, act)",
            "Zs, A = [], X",
            "for W, b in zip(Ws, bs):",
            "    Zs.append(np.einsum('nj,jk->nk', A, W) + b)",
            "    A = act.f(Zs[-1])",
            "d = 1 / (1 + np.exp(-Zs[-1]))",
            "d[range(len(y)), y] -= 1",
            "out = ()",
            "for W, Z in zip(Ws[:0:-1], Zs[-2::-1]):",
            "    d = np.einsum('nk,jk->nj', d, W) * act.deriv(Z)",
            "    out = (np.hypot.reduce(d.mean(axis=0)), *out)",
            "return out",
        ),
        "pass",
    ),
    Variant(
        "float32 throughout",
        "delta_norms",
        function(
            "delta_norms(Ws, bs, X, y, act)",
            "Ws, bs, X = [W.astype('f') for W in Ws], [b.astype('f') for b in bs], X.astype('f')",
            *(line[4:] for line in _sweep().splitlines()[1:]),
        ),
        "pass",
        note="float32",
    ),
    Variant("branches", "init_std", _std(), "pass"),
    Variant(
        "one fan for each kind",
        "init_std",
        function(
            "init_std(kind, n_in, n_out)",
            "fan = {'lecun': n_in, 'glorot': (n_in + n_out) / 2, 'he': n_in / 2}[kind]",
            "return 1 / np.sqrt(fan)",
        ),
        "pass",
    ),
    Variant(
        "a quadrature of its own",
        "gain",
        _gain(
            "z, w = np.polynomial.hermite_e.hermegauss(60)",
            "return np.sqrt(w.sum() / (w * act.f(z) ** 2).sum())",
        ),
        "pass",
    ),
    Variant(
        "a loop over the units",
        "dead_fraction",
        _dead("dead = [max(column) <= 0 for column in Z.T]", "return sum(dead) / len(dead)"),
        "pass",
    ),
    Variant("by the largest value", "dead_fraction", _dead("return np.mean(Z.max(axis=0) <= 0)"), "pass"),
    Variant("the new matrix at once", "rescale_layers", _rescale(), "pass"),
    Variant(
        "centred by hand",
        "rescale_layers",
        _rescale(spread="np.linalg.norm(Z - Z.mean(axis=0)) / Z.size**0.5", onward="act.f(Z / s)"),
        "pass",
    ),
    Variant(
        "lengths",
        "explain_stall",
        _stall(*(f"np.linalg.norm({v})" for v in ("a", "act.deriv(z)", "W"))),
        "pass",
    ),
    Variant(
        "means of sizes",
        "explain_stall",
        _stall(*(f"np.abs({v}).mean()" for v in ("a", "act.deriv(z)", "W"))),
        "pass",
    ),
)

WRONG_TURNS = (
    Variant(
        "length first, then mean",
        "delta_norms",
        _sweep(size="np.linalg.norm(d, axis=1).mean()"),
        "fail",
        ("norm_then_mean",),
    ),
    Variant("last layer first", "delta_norms", _sweep(answer="out"), "fail", ("last_layer_first",)),
    Variant(
        "a slope at the output",
        "delta_norms",
        _sweep(output="(As[-1] - np.eye(As[-1].shape[1])[y]) * As[-1] * (1 - As[-1])"),
        "fail",
        ("slope_extra_at_output",),
    ),
    Variant("no slope on the way back", "delta_norms", _sweep(slope="1"), "fail", ("missing_slope",)),
    Variant(
        "slope of the activation",
        "delta_norms",
        _sweep(slope="act.deriv(As[l + 1])"),
        "fail",
        ("slope_of_a",),
    ),
    Variant(
        "of the weight gradient",
        "delta_norms",
        _sweep(size="np.linalg.norm(As[l].T @ d) / len(X)"),
        "fail",
        ("dW_norm_for_delta",),
    ),
    Variant(
        "the sum for the mean",
        "delta_norms",
        _sweep(size="np.linalg.norm(d.sum(axis=0))"),
        "fail",
        ("missing_1_over_n",),
    ),
    Variant(
        "nudged",
        "delta_norms",
        _sweep(slope="(act.f(Zs[l] + 1e-6) - act.f(Zs[l] - 1e-6)) / 2e-6"),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "as many classes as the batch shows",
        "delta_norms",
        _sweep(output="As[-1] - np.eye(y.max() + 1)[y]"),
        "fail",
        ("largest_label",),
    ),
    Variant("the variance", "init_std", _std(root=""), "fail", ("variance_for_std",)),
    Variant(
        "outputs for inputs",
        "init_std",
        _std(lecun="1 / n_out", he="2 / n_out"),
        "fail",
        ("fan_in_out_swapped",),
    ),
    Variant(
        "the sum of the widths", "init_std", _std(glorot="1 / (n_in + n_out)"), "fail", ("fan_sum_for_mean",)
    ),
    Variant(
        "divided twice",
        "init_std",
        _std(glorot="1 / (n_in + n_out) / 2"),
        "fail",
        ("fan_sum_for_mean",),
    ),
    Variant("no 2 for ReLU", "init_std", _std(he="1 / n_in"), "fail", ("gain_missing",)),
    Variant(
        "upside down",
        "gain",
        _gain("return np.sqrt(gaussian_mean(lambda z: act.f(z) ** 2))"),
        "fail",
        ("gain_inverted",),
    ),
    Variant(
        "no root",
        "gain",
        _gain("return 1 / gaussian_mean(lambda z: act.f(z) ** 2)"),
        "fail",
        ("variance_for_std",),
    ),
    Variant(
        "of the slope",
        "gain",
        _gain("return 1 / np.sqrt(gaussian_mean(lambda z: act.deriv(z) ** 2))"),
        "fail",
        ("gain_of_slope",),
    ),
    Variant(
        "the mean of f",
        "gain",
        _gain("return 1 / gaussian_mean(act.f)"),
        "error",
        ("gain_of_size",),
        note="ZeroDivisionError",
    ),
    Variant(
        "mean taken off",
        "gain",
        _gain("m = gaussian_mean(act.f)", "return gaussian_mean(lambda z: (act.f(z) - m) ** 2) ** -0.5"),
        "fail",
        ("gain_centred",),
    ),
    Variant("all entries", "dead_fraction", _dead("return (Z <= 0).mean()"), "fail", ("dead_all_entries",)),
    Variant(
        "rows for columns",
        "dead_fraction",
        _dead("return np.all(Z <= 0, axis=1).mean()"),
        "fail",
        ("dead_rows",),
    ),
    Variant(
        "asleep on the average",
        "dead_fraction",
        _dead("return (Z.mean(axis=0) <= 0).mean()"),
        "fail",
        ("dead_on_average",),
    ),
    Variant(
        "0 is awake",
        "dead_fraction",
        _dead("return (Z < 0).all(axis=0).mean()"),
        "fail",
        ("zero_taken_for_awake",),
    ),
    Variant(
        "the output looked for in Z",
        "dead_fraction",
        _dead("return (Z == 0).all(axis=0).mean()"),
        "fail",
        ("dead_by_output",),
    ),
    Variant(
        "the spread of all entries",
        "rescale_layers",
        _rescale(spread="Z.std()"),
        "fail",
        ("std_of_all_entries",),
    ),
    Variant(
        "old activations",
        "rescale_layers",
        _rescale(onward="act.f(Z)"),
        "partial",
        ("old_activations",),
        share=1 / 3,
    ),
    Variant(
        "one factor a unit", "rescale_layers", _rescale(spread="Z.std(axis=0)"), "fail", ("factor_per_unit",)
    ),
    Variant(
        "the caller's matrices changed",
        "rescale_layers",
        function(
            "rescale_layers(Ws, X, act)",
            "for W in Ws:",
            "    W /= np.sqrt((X @ W).var(axis=0).mean())",
            "    X = act.f(X @ W)",
            "return Ws",
        ),
        "partial",
        ("mutates_arguments",),
    ),
    Variant("the largest", "explain_stall", _stall().replace("argmin", "argmax"), "fail", ("picks_largest",)),
    Variant("z for its slope", "explain_stall", _stall(slope="abs(z).max()"), "fail", ("missing_slope",)),
    Variant(
        "the smallest slope",
        "explain_stall",
        _stall(slope="abs(act.deriv(z)).min()"),
        "fail",
        ("dead_any_example",),
    ),
    Variant(
        "the size of the mean",
        "explain_stall",
        _stall("abs(a.mean())", "abs(act.deriv(z).mean())", "abs(W.mean())"),
        "fail",
        ("smallest_without_abs",),
    ),
    Variant(
        "the largest with its sign",
        "explain_stall",
        _stall("a.max()", "act.deriv(z).max()", "W.max()"),
        "fail",
        ("smallest_without_abs",),
    ),
    *(
        Variant(
            f"{kind}, limit {limit}",
            "explain_stall",
            _first_below(limit, order),
            "fail",
            ("fixed_limit",),
        )
        for limit in (0.1, 0.01, 0.001)
        for kind, order in (("input first", (0, 1, 2)), ("slope first", (1, 2, 0)))
    ),
    Variant(
        "slope at the activation",
        "explain_stall",
        _stall(slope="act.deriv(act.f(z)).max()"),
        "fail",
        ("slope_of_a",),
    ),
)

UNKNOWN = (
    Variant(
        "a root of the length", "delta_norms", _sweep(size="np.linalg.norm(d.mean(axis=0)) ** 0.5"), "fail"
    ),
    Variant("a wrong constant", "init_std", _std(he="3 / n_in"), "fail"),
    Variant(
        "a third root", "gain", _gain("return gaussian_mean(lambda z: act.f(z) ** 2) ** (-1 / 3)"), "fail"
    ),
    Variant("the middle one", "rescale_layers", _rescale(spread="np.median(abs(Z))"), "fail"),
)

ROBUST = (
    Variant(
        "prints and warns",
        "init_std",
        "import warnings\n"
        + _std().replace("    if kind", "    print(kind)\n    warnings.warn('careful')\n    if kind", 1),
        "pass",
    ),
    Variant("one array for each example", "delta_norms", _sweep(size="d.mean(axis=0)"), "fail"),
    Variant(
        "returns nothing",
        "dead_fraction",
        _dead("share = np.all(Z <= 0, axis=0).mean()"),
        "ungradable",
        note="None",
    ),
    Variant(
        "the activation itself called",
        "gain",
        _gain("return 1 / np.sqrt(gaussian_mean(act))"),
        "error",
        note="TypeError",
    ),
    Variant(
        "an unknown word",
        "explain_stall",
        _stall().replace("'input'", "'inputs'"),
        "fail",
        note="input",
    ),
    Variant(
        "loops for ever",
        "rescale_layers",
        function("rescale_layers(Ws, X, act)", "while Ws:", "    pass"),
        "timeout",
    ),
    Variant(
        "a dict by layers",
        "rescale_layers",
        _rescale().replace("return out", "return dict(enumerate(out))"),
        "ungradable",
        note="dict",
    ),
    Variant(
        "untouched",
        "explain_stall",
        function("explain_stall(W, a, z, act)", "# YOUR CODE HERE", "raise NotImplementedError()"),
        "not_started",
    ),
)


VARIANTS = (*RIGHT, *WRONG_TURNS, *UNKNOWN, *ROBUST)
