"""Lessons 8 and 9: initial weights, gains, dead units, rescaling, and what stalls a layer."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("init_params", "normal"): """
def init_params(sizes, rng, kind):
    params = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:]):
        std = {"he": np.sqrt(2 / n_in), "glorot": np.sqrt(2 / (n_in + n_out)), "zeros": 0.0}[kind]
        params.append((rng.normal(size=(n_in, n_out)) * std, np.zeros(n_out)))
    return params
""",
    ("init_params", "uniform"): """
def init_params(sizes, rng, kind):
    def layer(fan_in, fan_out):
        if kind == "zeros":
            return np.zeros((fan_in, fan_out))
        limit = np.sqrt(6 / fan_in) if kind == "he" else np.sqrt(6 / (fan_in + fan_out))
        return rng.uniform(-limit, limit, (fan_in, fan_out))
    return [(layer(a, b), np.zeros(b)) for a, b in zip(sizes, sizes[1:])]
""",
    ("init_std", "plain"): """
def init_std(kind, n_in, n_out):
    if kind == "lecun":
        variance = 1 / n_in
    elif kind == "glorot":
        variance = 2 / (n_in + n_out)
    else:
        variance = 2 / n_in
    return np.sqrt(variance)
""",
    ("init_std", "table"): """
def init_std(kind, n_in, n_out):
    stds = {"lecun": n_in ** -0.5, "glorot": ((n_in + n_out) / 2) ** -0.5, "he": (n_in / 2) ** -0.5}
    return stds[kind]
""",
    ("gain", "given"): """
def gain(act):
    return 1 / np.sqrt(gaussian_mean(lambda z: act.f(z) ** 2))
""",
    ("gain", "own quadrature"): """
def gain(act):
    z = np.linspace(-10, 10, 20001)
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    second_moment = np.sum(act.f(z) ** 2 * density) * (z[1] - z[0])
    return float(second_moment ** -0.5)
""",
    ("dead_fraction", "plain"): """
def dead_fraction(Z):
    return np.mean(np.all(Z <= 0, axis=0))
""",
    ("dead_fraction", "loop"): """
def dead_fraction(Z):
    dead = 0
    for j in range(Z.shape[1]):
        if Z[:, j].max() <= 0:
            dead += 1
    return dead / Z.shape[1]
""",
    ("rescale_layers", "plain"): """
def rescale_layers(Ws, X, act):
    A, out = X, []
    for W in Ws:
        Z = A @ W
        spread = np.sqrt(Z.var(axis=0).mean())
        out.append(W / spread)
        A = act.f(Z / spread)
    return out
""",
    ("rescale_layers", "copies"): """
def rescale_layers(Ws, X, act):
    new = [W.copy() for W in Ws]
    A = X
    for i in range(len(new)):
        Z = A.dot(new[i])
        centred = Z - Z.mean(axis=0)
        new[i] /= np.sqrt(np.mean(centred ** 2))
        A = act.f(A.dot(new[i]))
    return new
""",
    ("explain_stall", "plain"): """
def explain_stall(W, a, z, act):
    size = {"input": np.abs(a).max(), "slope": np.abs(act.deriv(z)).max(), "weights": np.abs(W).max()}
    return min(size, key=size.get)
""",
    ("explain_stall", "norms"): """
def explain_stall(W, a, z, act):
    norms = [np.linalg.norm(a), np.linalg.norm(act.deriv(z)), np.linalg.norm(W)]
    return ["input", "slope", "weights"][int(np.argmin(norms))]
""",
}

_SWAP = (("1 / n_in", "1 / n_out"), ("        variance = 2 / n_in\n", "        variance = 2 / n_out\n"))

MUTANTS = (
    *singles(
        "init_params",
        "normal",
        "any",
        ("np.sqrt(2 / n_in)", "np.sqrt(2 / n_out)", "fan_in_out_swapped"),
        (
            (("np.sqrt(2 / n_in)", "2 / n_in"), ("np.sqrt(2 / (n_in + n_out))", "2 / (n_in + n_out)")),
            "variance_for_std",
        ),
    ),
    *singles(
        "init_params",
        "uniform",
        "any",
        ("np.sqrt(6 / fan_in)", "np.sqrt(6 / fan_out)", "fan_in_out_swapped"),
    ),
    *singles(
        "init_std",
        "plain",
        "any",
        ("np.sqrt(variance)", "variance", "variance_for_std"),
        (_SWAP, "fan_in_out_swapped"),
    ),
    *singles(
        "init_std",
        "table",
        "any",
        ("return stds[kind]", "return stds[kind] ** 2", "variance_for_std"),
        ((('"lecun": n_in', '"lecun": n_out'), ("(n_in / 2)", "(n_out / 2)")), "fan_in_out_swapped"),
    ),
    *singles(
        "gain",
        "given",
        "any",
        ("1 / np.sqrt", "np.sqrt", "gain_inverted"),
        ("act.f(z) ** 2", "act.deriv(z) ** 2", "gain_of_slope"),
        (
            "gaussian_mean(lambda z: act.f(z) ** 2)",
            "gaussian_mean(lambda z: act.f(z) ** 2) - gaussian_mean(act.f) ** 2",
            "gain_centred",
        ),
    ),
    *singles(
        "gain",
        "own quadrature",
        "any",
        ("second_moment ** -0.5", "second_moment ** 0.5", "gain_inverted"),
        ("act.f(z) ** 2", "act.deriv(z) ** 2", "gain_of_slope"),
        (
            "    return",
            "    second_moment -= (np.sum(act.f(z) * density) * (z[1] - z[0])) ** 2\n    return",
            "gain_centred",
        ),
        ("float(second_moment ** -0.5)", "1.8462", "constant_answer"),
    ),
    *singles("dead_fraction", "plain", "any", ("np.all(Z <= 0, axis=0)", "Z <= 0", "dead_all_entries")),
    *singles(
        "dead_fraction",
        "loop",
        "any",
        (
            (
                ("if Z[:, j].max() <= 0:\n            dead += 1", "dead += (Z[:, j] <= 0).sum()"),
                ("dead / Z.shape[1]", "dead / Z.size"),
            ),
            "dead_all_entries",
        ),
    ),
    *singles(
        "rescale_layers",
        "plain",
        "any",
        ("np.sqrt(Z.var(axis=0).mean())", "Z.var(axis=0).mean()", "variance_for_std"),
    ),
    *singles("rescale_layers", "copies", "any", ("W.copy() for", "W for", "mutates_arguments")),
    *singles(
        "rescale_layers",
        "copies",
        "any",
        ("np.sqrt(np.mean(centred ** 2))", "np.mean(centred ** 2)", "variance_for_std"),
    ),
)

UNKNOWN = (
    *unknowns(
        "init_params", "normal", ("2 / (n_in + n_out)", "6 / (n_in + n_out)", "the uniform limit as a spread")
    ),
    *unknowns("init_std", "plain", ("2 / (n_in + n_out)", "2 / (n_in * n_out)", "product for sum")),
    *unknowns(
        "init_std", "table", ("(n_in / 2) ** -0.5", "(n_in / 3) ** -0.5", "a wrong constant in one recipe")
    ),
    *unknowns("gain", "given", ("act.f(z) ** 2", "np.abs(act.f(z))", "the mean size, not the mean square")),
    *unknowns("gain", "own quadrature", ("-z * z / 2", "-z * z / 3", "a normal law that is none")),
    *unknowns("dead_fraction", "plain", ("axis=0", "axis=1", "examples for units")),
    *unknowns("dead_fraction", "plain", ("np.all", "np.any", "any for all")),
    *unknowns(
        "dead_fraction",
        "loop",
        ("return dead / Z.shape[1]", "return 1 - dead / Z.shape[1]", "the living share"),
    ),
    *unknowns(
        "rescale_layers", "plain", ("Z.var(axis=0).mean()", "np.mean(Z ** 2)", "second moment, not centred")
    ),
    *unknowns("rescale_layers", "plain", ("Z.var(axis=0).mean()", "Z.var()", "over all entries")),
    *unknowns(
        "rescale_layers",
        "plain",
        ("act.f(Z / spread)", "act.f(Z)", "the next layer sees the old activations"),
    ),
    *unknowns(
        "rescale_layers", "copies", ("A = act.f(A.dot(new[i]))", "A = A.dot(new[i])", "no activation between")
    ),
    *unknowns("explain_stall", "plain", ("min(size", "max(size", "the largest factor")),
)
