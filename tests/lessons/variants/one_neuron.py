"""Known student answers to lesson ``one_neuron`` and the verdict that each must get.

Each answer replaces one solution cell; the other six stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _forward(*body: str) -> str:
    return function("neuron_forward(w, b, x, act)", *body)


def _loss(*body: str) -> str:
    return function("neuron_loss(a, t)", *body)


def _slope(*body: str) -> str:
    return function("sigmoid_slope(a)", *body)


def _delta(*body: str) -> str:
    return function("neuron_delta(z, a, t, act)", *body)


def _grads(*body: str) -> str:
    start = ("z = float(np.dot(x, w)) + b", "a = act.f(z)", "d = act.deriv(z) * (a - t)")
    return function("neuron_grads(w, b, x, t, act)", *start, *body)


def _step(*body: str) -> str:
    return function("neuron_step(w, b, x, t, lr, act)", *body)


def _stall(*body: str) -> str:
    return function("why_stalled(w, b, x, t, act)", *body)


RIGHT = (
    Variant(
        "a loop over the inputs",
        "neuron_forward",
        _forward("z = b", "for i in range(len(w)):", "    z = z + w[i] * x[i]", "return [z, act.f(z)]"),
        "pass",
    ),
    Variant(
        "squares by multiplication",
        "neuron_loss",
        "neuron_loss = lambda a, t: 0.5 * (t - a) * (t - a)",
        "pass",
    ),
    Variant("expanded", "sigmoid_slope", _slope("return a - a**2"), "pass"),
    Variant("another operation order", "neuron_delta", _delta("return -act.deriv(z) * (t - a)"), "pass"),
    Variant("a 0-d array", "neuron_delta", _delta("return np.array((a - t) * act.deriv(z))"), "pass"),
    Variant(
        "own complex step",
        "neuron_delta",
        _delta("return ((act.f(z + 1e-30j) - t) ** 2).imag / 2e-30"),
        "pass",
    ),
    Variant(
        "float32 throughout",
        "neuron_delta",
        _delta("return np.float32(a - t) * act.deriv(np.float32(z))"),
        "pass",
        note="float32",
    ),
    Variant(
        "float32 and float64 mixed",
        "neuron_delta",
        _delta("return (a - t) * act.deriv(np.float32(z)).astype(float)"),
        "pass",
        note="float32",
    ),
    Variant("einsum", "neuron_grads", _grads("return np.einsum(',i->i', d, x), d"), "pass"),
    Variant("a plain list for dw", "neuron_grads", _grads("return [d * v for v in x], d"), "pass"),
    Variant(
        "on copies",
        "neuron_step",
        _step(
            "w = w.copy()", "dw, db = neuron_grads(w, b, x, t, act)", "w -= lr * dw", "return w, b - lr * db"
        ),
        "pass",
    ),
    Variant(
        "thresholds",
        "why_stalled",
        _stall(
            "z, a = neuron_forward(w, b, x, act)",
            "if np.all(np.abs(x) < 0.01):",
            "    return 'input'",
            "return 'slope' if np.abs(act.deriv(z)) < 0.01 else 'error'",
        ),
        "pass",
    ),
)


WRONG_TURNS = (
    Variant(
        "no bias",
        "neuron_forward",
        _forward("z = np.sum(w * x)", "return z, act.f(z)"),
        "fail",
        ("forward_no_bias",),
    ),
    Variant(
        "no activation",
        "neuron_forward",
        _forward("z = np.sum(w * x) + b", "return z, z"),
        "partial",
        ("forward_no_activation",),
    ),
    Variant("no half", "neuron_loss", _loss("return (t - a) ** 2"), "fail", ("factor_two",)),
    Variant(
        "sigmoid again",
        "sigmoid_slope",
        _slope("s = 1 / (1 + np.exp(-a))", "return s * (1 - s)"),
        "fail",
        ("slope_of_a",),
    ),
    Variant("one factor lost", "sigmoid_slope", _slope("return 1 - a"), "fail", ("slope_one_minus_a",)),
    Variant("missing slope", "neuron_delta", _delta("return a - t"), "fail", ("missing_slope",)),
    Variant("slope at a", "neuron_delta", _delta("return act.deriv(a) * (a - t)"), "fail", ("slope_of_a",)),
    Variant(
        "a (1 - a) with z",
        "neuron_delta",
        _delta("return (z - z**2) * (a - t)"),
        "fail",
        ("slope_formula_on_z",),
    ),
    Variant(
        "always the sigmoid's slope",
        "neuron_delta",
        _delta("return (a - a * a) * (a - t)"),
        "fail",
        ("slope_of_other_activation",),
    ),
    Variant(
        "slope twice",
        "neuron_delta",
        _delta("return act.deriv(z) * act.deriv(z) * (a - t)"),
        "fail",
        ("slope_twice",),
    ),
    Variant("f for its slope", "neuron_delta", _delta("return act.f(z) * (a - t)"), "fail", ("slope_is_f",)),
    Variant("sign", "neuron_delta", _delta("return act.deriv(z) * (t - a)"), "fail", ("sign",)),
    Variant(
        "factor two", "neuron_delta", _delta("return 2.0 * act.deriv(z) * (a - t)"), "fail", ("factor_two",)
    ),
    Variant("slope alone", "neuron_delta", _delta("return act.deriv(z)"), "fail", ("upstream_ignored",)),
    Variant(
        "missing slope in float32",
        "neuron_delta",
        _delta("return np.float32(a) - np.float32(t)"),
        "fail",
        ("missing_slope",),
    ),
    Variant(
        "input forgotten, one number", "neuron_grads", _grads("return d, d"), "partial", ("dW_missing_input",)
    ),
    Variant(
        "input forgotten, an array",
        "neuron_grads",
        _grads("return np.full(len(x), d), d"),
        "partial",
        ("dW_missing_input",),
    ),
    Variant(
        "z for x", "neuron_grads", _grads("return d * z * np.ones_like(x), d"), "partial", ("dW_uses_z",)
    ),
    Variant("a for x", "neuron_grads", _grads("return d * a, d"), "partial", ("dW_uses_own_a",)),
    Variant("w for x", "neuron_grads", _grads("return d * w, d"), "partial", ("dW_uses_weight",)),
    Variant(
        "slope again in dw",
        "neuron_grads",
        _grads("return d * act.deriv(z) * x, d"),
        "partial",
        ("dW_slope_again",),
    ),
    Variant("bias without gradient", "neuron_grads", _grads("return d * x, 0.0"), "partial", ("db_zero",)),
    Variant(
        "input in the bias too", "neuron_grads", _grads("return d * x, d * x"), "partial", ("db_uses_x",)
    ),
    Variant(
        "a bias per input",
        "neuron_grads",
        _grads("return d * x, d * np.ones(len(x))"),
        "partial",
        ("db_per_input",),
    ),
    Variant(
        "loss for its slope",
        "neuron_delta",
        _delta("return 0.5 * (a - t) ** 2 * act.deriv(z)"),
        "fail",
        ("loss_for_error",),
    ),
    Variant(
        "bias left alone",
        "neuron_step",
        _step("return w - lr * neuron_grads(w, b, x, t, act)[0], b"),
        "partial",
        ("db_zero",),
    ),
    Variant(
        "two slips at once", "neuron_grads", _grads("return -d * x, 0.0"), "fail", ("dW_sign", "db_zero")
    ),
    Variant(
        "missing slope in both",
        "neuron_grads",
        _grads("return (a - t) * x, a - t"),
        "fail",
        ("missing_slope",),
    ),
    Variant("the other order", "neuron_grads", _grads("return d, d * x"), "fail", ("tuple_swapped",)),
    Variant(
        "uphill",
        "neuron_step",
        _step("dw, db = neuron_grads(w, b, x, t, act)", "return w + lr * dw, b + lr * db"),
        "fail",
        ("sign",),
    ),
    Variant(
        "no rate",
        "neuron_step",
        _step("dw, db = neuron_grads(w, b, x, t, act)", "return w - dw, b - db"),
        "fail",
        ("lr_missing",),
    ),
    Variant(
        "gradient at the new w",
        "neuron_step",
        _step(
            "w = w - lr * neuron_grads(w, b, x, t, act)[0]",
            "return w, b - lr * neuron_grads(w, b, x, t, act)[1]",
        ),
        "partial",
        ("refreshed_forward",),
    ),
    Variant(
        "in place",
        "neuron_step",
        _step("dw, db = neuron_grads(w, b, x, t, act)", "w -= lr * dw", "return w, b - lr * db"),
        "partial",
        ("mutates_arguments",),
    ),
    Variant(
        "signed sizes",
        "why_stalled",
        _stall(
            "z, a = neuron_forward(w, b, x, act)",
            "v = {'input': np.linalg.norm(x), 'slope': act.deriv(z), 'error': a - t}",
            "return min(v, key=v.get)",
        ),
        "fail",
        ("smallest_without_abs",),
    ),
    Variant("always slope", "why_stalled", _stall("return 'slope'"), "fail", ("constant_answer",)),
    Variant(
        "the worked example's number", "neuron_delta", _delta("return 0.1219"), "fail", ("constant_answer",)
    ),
    Variant(
        "central differences",
        "neuron_delta",
        _delta("return ((act.f(z + 1e-6) - t) ** 2 - (act.f(z - 1e-6) - t) ** 2) / 4e-6"),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "forward differences",
        "neuron_delta",
        _delta("return ((act.f(z + 1e-7) - t) ** 2 - (a - t) ** 2) / 2e-7"),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "differences in every weight",
        "neuron_grads",
        function(
            "neuron_grads(w, b, x, t, act, h=1e-5)",
            "def L(w, b):",
            "    return 0.5 * (act.f(w @ x + b) - t) ** 2",
            "dw = np.array([(L(w + h * e, b) - L(w - h * e, b)) / (2 * h) for e in np.eye(len(w))])",
            "return dw, (L(w, b + h) - L(w, b - h)) / (2 * h)",
        ),
        "fail",
        ("numerical_derivative",),
    ),
)


UNKNOWN = (
    Variant("slope cubed", "neuron_delta", _delta("return (a - t) * act.deriv(z) ** 3"), "fail"),
    Variant("a stray sine", "neuron_grads", _grads("return np.sin(d) * x, d * d"), "fail"),
    Variant(
        "noise",
        "neuron_delta",
        "rng = np.random.default_rng(0)\n" + _delta("return (a - t) * act.deriv(z) + rng.normal()"),
        "fail",
    ),
)


ROBUST = (
    Variant(
        "prints and warns",
        "neuron_delta",
        "import warnings\nimport sys\n"
        + _delta(
            "print('here', z)",
            "print('there', file=sys.stderr)",
            "warnings.warn('careful')",
            "return (a - t) * act.deriv(z)",
        ),
        "pass",
    ),
    Variant(
        "raises", "neuron_delta", _delta("return (a - t) * act.slope(z)"), "error", note="AttributeError"
    ),
    Variant(
        "returns nothing", "neuron_delta", _delta("delta = (a - t) * act.deriv(z)"), "ungradable", note="None"
    ),
    Variant(
        "a dict for a tuple",
        "neuron_grads",
        _grads("return {'dw': d * x, 'db': d}"),
        "ungradable",
        note="dict",
    ),
    Variant("one value for two", "neuron_grads", _grads("return d * x"), "ungradable"),
    Variant("a string", "neuron_loss", _loss("return str((a - t) ** 2 / 2)"), "ungradable", note="str"),
    Variant(
        "float16", "neuron_loss", _loss("return np.float16((a - t) ** 2 / 2)"), "ungradable", note="float16"
    ),
    Variant("a generator", "neuron_loss", _loss("yield (a - t) ** 2 / 2"), "ungradable"),
    Variant(
        "a column for a vector", "neuron_grads", _grads("return d * x[:, None], d"), "partial", note="shape"
    ),
    Variant("nan", "neuron_loss", _loss("return float('nan')"), "fail", note="nan"),
    Variant(
        "another word",
        "why_stalled",
        _stall("return 'steepness' if b > 0 else 'distance'"),
        "fail",
        note="is none of",
    ),
    Variant("loops for ever", "neuron_delta", _delta("while True:", "    pass"), "timeout"),
    Variant(
        "loops and swallows everything",
        "neuron_delta",
        _delta(
            "while True:",
            "    try:",
            "        z += 1",
            "    except BaseException:",
            "        pass",
            "    if z > 1e12:",
            "        return z",
        ),
        "timeout",
    ),
    Variant("prints without end", "neuron_delta", _delta("while True:", "    print('x' * 1000)"), "timeout"),
    Variant("exits", "neuron_delta", _delta("raise SystemExit(3)"), "error", note="SystemExit"),
    Variant(
        "untouched", "neuron_delta", _delta("# YOUR CODE HERE", "raise NotImplementedError()"), "not_started"
    ),
)


VARIANTS = (*RIGHT, *WRONG_TURNS, *UNKNOWN, *ROBUST)
