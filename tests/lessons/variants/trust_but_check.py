"""Known student answers to lesson ``trust_but_check`` and the verdict that each must get.

Each answer replaces one solution cell; the other six stay right.
"""

from tests.lessons.variant import Variant, function

__all__ = ["VARIANTS"]


def _forward(*body: str) -> str:
    return function("forward_difference(f, x, h)", *body)


def _central(*body: str) -> str:
    return function("central_difference(f, x, h)", *body)


def _complex(*body: str) -> str:
    return function("complex_step(f, x, h=1e-30)", *body)


def _gradient(*body: str) -> str:
    return function("numerical_gradient(loss, array, h)", *body)


def _relative(*body: str) -> str:
    return function("relative_error(a, n, floor)", *body)


def _kink(*body: str) -> str:
    slopes = ("right = (f(x + h) - f(x)) / h", "left = (f(x) - f(x - h)) / h")
    return function("is_kink(f, x, h)", *slopes, *body)


def _step(*body: str) -> str:
    return function("best_step(f, df, x)", *body)


def _nudges(up: str, down: str, back: str, slope: str = "(above - below) / (2 * h)") -> str:
    """The loop over all entries, with what is done to each."""
    return _gradient(
        "gradient = np.zeros_like(array)",
        "for i in np.ndindex(array.shape):",
        "    old = array[i]",
        f"    array[i] {up}",
        "    above = loss(array)",
        f"    array[i] {down}",
        "    below = loss(array)",
        f"    {back}",
        f"    gradient[i] = {slope}",
        "return gradient",
    )


RIGHT = (
    Variant("plain", "forward_difference", _forward("return (f(x + h) - f(x)) / h"), "pass"),
    Variant(
        "the distance really walked",
        "forward_difference",
        _forward("there = x + h", "return (f(there) - f(x)) / (there - x)"),
        "pass",
    ),
    Variant(
        "the mean of both sides",
        "central_difference",
        _central("return (forward_difference(f, x, h) + forward_difference(f, x, -h)) / 2"),
        "pass",
    ),
    Variant(
        "a lambda in another order",
        "central_difference",
        "central_difference = lambda f, x, h: 0.5 * (f(x + h) - f(x - h)) / h",
        "pass",
    ),
    Variant("np.imag", "complex_step", _complex("return np.imag(f(x + h * 1j)) / h"), "pass"),
    Variant(
        "a complex number of its own",
        "complex_step",
        _complex("v = f(complex(x, h))", "return float(v.imag) / h"),
        "pass",
    ),
    Variant(
        "nditer",
        "numerical_gradient",
        _gradient(
            "gradient = np.zeros(array.shape)",
            "it = np.nditer(array, flags=['multi_index'])",
            "for _ in it:",
            "    i = it.multi_index",
            "    old, values = float(array[i]), []",
            "    for nudged in (old + h, old - h):",
            "        array[i] = nudged",
            "        values.append(loss(array))",
            "    array[i] = old",
            "    gradient[i] = (values[0] - values[1]) / h / 2",
            "return gradient",
        ),
        "pass",
    ),
    Variant(
        "copies instead of nudges in place",
        "numerical_gradient",
        _gradient(
            "gradient = np.zeros(array.shape)",
            "for i in np.ndindex(array.shape):",
            "    e = np.zeros(array.shape)",
            "    e[i] = h",
            "    gradient[i] = (loss(array + e) - loss(array - e)) / (2 * h)",
            "return gradient",
        ),
        "pass",
    ),
    Variant(
        "roots of sums of squares",
        "relative_error",
        _relative(
            "def size(v):",
            "    return np.sqrt(np.sum(np.asarray(v) ** 2))",
            "return float(size(np.asarray(a) - np.asarray(n)) / max(size(a), size(n), floor))",
        ),
        "pass",
    ),
    Variant(
        "beside the steeper",
        "is_kink",
        _kink("return abs(right - left) > 0.05 * max(abs(left), abs(right))"),
        "pass",
    ),
    Variant(
        "a Python bool",
        "is_kink",
        _kink("return bool(not np.isclose(left, right, rtol=0.02, atol=0.02))"),
        "pass",
    ),
    Variant(
        "one try for each power of ten",
        "best_step",
        _step(
            "return min(10.0 ** np.arange(-12, 0), key=lambda h: abs(central_difference(f, x, h) - df(x)))"
        ),
        "pass",
    ),
    Variant(
        "a loop with a record",
        "best_step",
        _step(
            "best, record = None, np.inf",
            "h = 0.1",
            "while h > 1e-12:",
            "    error = abs((f(x + h) - f(x - h)) / (2 * h) - df(x))",
            "    if error < record:",
            "        best, record = h, error",
            "    h /= 2",
            "return best",
        ),
        "pass",
    ),
)


WRONG_TURNS = (
    Variant(
        "to both sides",
        "forward_difference",
        _forward("return (f(x + h) - f(x - h)) / (2 * h)"),
        "fail",
        ("central_for_forward",),
    ),
    Variant(
        "to the left",
        "forward_difference",
        _forward("return (f(x) - f(x - h)) / h"),
        "fail",
        ("backward_difference",),
    ),
    Variant(
        "brackets forgotten",
        "forward_difference",
        _forward("return f(x + h) - f(x) / h"),
        "fail",
        ("division_last_missing",),
    ),
    Variant(
        "the rise alone",
        "forward_difference",
        _forward("return f(x + h) - f(x)"),
        "fail",
        ("not_divided_by_h",),
    ),
    Variant(
        "divided by h",
        "central_difference",
        _central("return (f(x + h) - f(x - h)) / h"),
        "fail",
        ("factor_two",),
    ),
    Variant(
        "/ 2 * h",
        "central_difference",
        _central("return (f(x + h) - f(x - h)) / 2 * h"),
        "fail",
        ("divided_then_multiplied",),
    ),
    Variant(
        "to one side",
        "central_difference",
        _central("return (f(x + h) - f(x)) / h"),
        "fail",
        ("forward_for_central",),
    ),
    Variant(
        "left minus right",
        "central_difference",
        _central("return (f(x - h) - f(x + h)) / (2 * h)"),
        "fail",
        ("sign",),
    ),
    Variant(
        "a real step",
        "complex_step",
        _complex("return (f(x + h) - f(x - h)) / (2 * h)"),
        "fail",
        ("real_step",),
    ),
    Variant(
        "a real step of its own",
        "complex_step",
        _complex("h = 1e-5", "return (f(x + h) - f(x - h)) / (2 * h)"),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "the best real differences",
        "complex_step",
        _complex(
            "h = 1e-3",
            "D = [(f(x + k * h) - f(x - k * h)) / (2 * k * h) for k in (1, 2)]",
            "return (4 * D[0] - D[1]) / 3",
        ),
        "fail",
        ("numerical_derivative",),
    ),
    Variant(
        "the real part", "complex_step", _complex("return f(x + 1j * h).real / h"), "fail", ("real_part",)
    ),
    Variant(
        "the length",
        "complex_step",
        _complex("return abs(f(x + 1j * h)) / h"),
        "fail",
        ("size_for_imaginary_part",),
    ),
    Variant(
        "never divided", "complex_step", _complex("return f(x + 1j * h).imag"), "fail", ("not_divided_by_h",)
    ),
    Variant(
        "walks back",
        "numerical_gradient",
        _nudges("+= h", "-= 2 * h", "array[i] += h"),
        "partial",
        ("restored_by_arithmetic",),
    ),
    Variant(
        "never restored",
        "numerical_gradient",
        _nudges("= old + h", "= old - h", "pass"),
        "fail",
        ("not_restored",),
    ),
    Variant(
        "one step down from above",
        "numerical_gradient",
        _nudges("= old + h", "-= h", "array[i] = old"),
        "fail",
        ("lower_point_not_reached",),
    ),
    Variant(
        "to one side, entry by entry",
        "numerical_gradient",
        _nudges("= old + h", "= old", "array[i] = old", "(above - below) / h"),
        "fail",
        ("forward_for_central",),
    ),
    Variant(
        "whole rows",
        "numerical_gradient",
        _gradient(
            "gradient = np.zeros(array.shape)",
            "for i in range(len(array)):",
            "    old = array[i].copy()",
            "    array[i] = old + h",
            "    above = loss(array)",
            "    array[i] = old - h",
            "    gradient[i] = (above - loss(array)) / (2 * h)",
            "    array[i] = old",
            "return gradient",
        ),
        "fail",
        ("nudges_rows",),
    ),
    Variant(
        "whole rows, kept as views",
        "numerical_gradient",
        _nudges("= old + h", "= old - h", "array[i] = old").replace(
            "np.ndindex(array.shape)", "range(len(array))"
        ),
        "fail",
        ("nudges_rows", "mutates_arguments"),
    ),
    Variant(
        "all at once",
        "numerical_gradient",
        _gradient(
            "slope = (loss(array + h) - loss(array - h)) / (2 * h)", "return np.full(array.shape, slope)"
        ),
        "fail",
        ("nudges_together",),
    ),
    Variant(
        "the sum below",
        "relative_error",
        _relative(
            "size = np.linalg.norm",
            "return size(np.subtract(a, n)) / max(size(a) + size(n), floor)",
        ),
        "fail",
        ("relative_error_sum",),
    ),
    Variant(
        "the floor added",
        "relative_error",
        _relative(
            "size = np.linalg.norm", "return size(np.subtract(a, n)) / (max(size(a), size(n)) + floor)"
        ),
        "fail",
        ("floor_added",),
    ),
    Variant(
        "no floor",
        "relative_error",
        _relative("size = np.linalg.norm", "return size(np.subtract(a, n)) / max(size(a), size(n))"),
        "fail",
        ("floor_missing",),
    ),
    Variant(
        "the worst entry",
        "relative_error",
        _relative("return np.max(np.abs(a - n) / np.maximum(np.maximum(np.abs(a), np.abs(n)), floor))"),
        "fail",
        ("relative_per_entry",),
    ),
    Variant(
        "upside down",
        "relative_error",
        _relative("size = np.linalg.norm", "return max(size(a), size(n), floor) / size(np.subtract(a, n))"),
        "fail",
        ("ratio_inverted",),
    ),
    Variant("other signs", "is_kink", _kink("return left * right < 0"), "fail", ("kink_where_signs_differ",)),
    Variant("unequal", "is_kink", _kink("return right != left"), "fail", ("kink_where_unequal",)),
    Variant(
        "a left slope of the wrong sign",
        "is_kink",
        _kink("return abs(right - -left) > 0.1"),
        "fail",
        ("sign",),
    ),
    Variant(
        "a left slope of the wrong sign, and another limit",
        "is_kink",
        _kink("return abs(right + left) > 0.3"),
        "fail",
        ("sign",),
    ),
    Variant(
        "a difference of values",
        "is_kink",
        function("is_kink(f, x, h)", "return abs(f(x + h) - 2 * f(x) + f(x - h)) > 0.1"),
        "fail",
        ("kink_nowhere",),
    ),
    Variant("always", "is_kink", function("is_kink(f, x, h)", "return True"), "fail", ("constant_answer",)),
    Variant("one h for all", "best_step", _step("return 1e-5"), "fail", ("constant_answer",)),
    Variant(
        "h in proportion to x", "best_step", _step("return 6e-6 * abs(x)"), "fail", ("step_scales_with_x",)
    ),
    Variant("as small as possible", "best_step", _step("return 1e-15"), "fail", ("constant_answer",)),
)


UNKNOWN = (
    Variant(
        "the second difference",
        "central_difference",
        _central("return (f(x + h) - 2 * f(x) + f(x - h)) / h**2"),
        "fail",
    ),
    Variant("a stray sine", "relative_error", _relative("return abs(np.sin(np.sum(a)))"), "fail"),
    Variant("the other way round", "is_kink", _kink("return abs(right - left) < 0.1"), "fail"),
)


ROBUST = (
    Variant(
        "prints and warns",
        "central_difference",
        "import warnings\n"
        + _central("print('here', x)", "warnings.warn('careful')", "return (f(x + h) - f(x - h)) / (2 * h)"),
        "pass",
    ),
    Variant(
        "float32 throughout",
        "relative_error",
        _relative(
            "a, n = np.float32(a), np.float32(n)",
            "return np.linalg.norm(a - n) / np.float32(max(np.linalg.norm(a), np.linalg.norm(n), floor))",
        ),
        "pass",
        note="float32",
    ),
    Variant(
        "calls a number",
        "forward_difference",
        _forward("return (f(x + h) - f(x)) / h(x)"),
        "error",
        note="TypeError",
    ),
    Variant(
        "returns nothing",
        "central_difference",
        _central("slope = (f(x + h) - f(x - h)) / (2 * h)"),
        "ungradable",
        note="None",
    ),
    Variant(
        "a complex number", "complex_step", _complex("return f(x + 1j * h) / h"), "ungradable", note="complex"
    ),
    Variant("a pair for a flag", "is_kink", _kink("return left, right"), "ungradable", note="True or False"),
    Variant("not a number", "best_step", _step("return np.nan"), "ungradable", note="nan"),
    Variant(
        "the position of the step",
        "best_step",
        _step(
            "steps = 10.0 ** np.arange(-12, 0, 0.5)",
            "return np.argmin([abs(central_difference(f, x, h) - df(x)) for h in steps])",
        ),
        "ungradable",
        note="position",
    ),
    Variant("no step at all", "best_step", _step("return 0.0"), "ungradable", note="step above 0"),
    Variant(
        "one long row",
        "numerical_gradient",
        _nudges("= old + h", "= old - h", "array[i] = old").replace(
            "return gradient", "return gradient.ravel()"
        ),
        "fail",
        ("flattened",),
        note="shape",
    ),
    Variant(
        "reaches a flat copy only",
        "numerical_gradient",
        _nudges("= old + h", "= old - h", "array[i] = old")
        .replace(
            "gradient = np.zeros_like(array)",
            "whole, array = array, array.ravel()\n    gradient = np.zeros_like(array)",
        )
        .replace("loss(array)", "loss(whole)")
        .replace("return gradient", "return gradient.reshape(whole.shape)"),
        "fail",
    ),
    Variant("loops for ever", "best_step", _step("h = 1.0", "while True:", "    h = abs(h)"), "timeout"),
    Variant(
        "untouched",
        "complex_step",
        _complex("# YOUR CODE HERE", "raise NotImplementedError()"),
        "not_started",
    ),
)


VARIANTS = (*RIGHT, *WRONG_TURNS, *UNKNOWN, *ROBUST)
