"""Lesson 4, differences and complex step."""

from tests.diagnosis.table import Text, singles, unknowns

SOLUTIONS: Text = {
    ("forward_difference", "plain"): """
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / h
""",
    ("forward_difference", "exact step"): """
def forward_difference(f, x, h):
    right = x + h
    return (f(right) - f(x)) / (right - x)
""",
    ("central_difference", "plain"): """
def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)
""",
    ("central_difference", "average"): """
def central_difference(f, x, h):
    forward = (f(x + h) - f(x)) / h
    backward = (f(x) - f(x - h)) / h
    return 0.5 * (forward + backward)
""",
    ("complex_step", "plain"): """
def complex_step(f, x, h=1e-30):
    return np.imag(f(x + 1j * h)) / h
""",
    ("complex_step", "complex"): """
def complex_step(f, x, h=1e-30):
    value = f(complex(x, h))
    return float(value.imag / h)
""",
    ("numerical_gradient", "ndindex"): """
def numerical_gradient(loss, array, h):
    grad = np.zeros(array.shape)
    for i in np.ndindex(*array.shape):
        old = array[i]
        array[i] = old + h
        up = loss(array)
        array[i] = old - h
        down = loss(array)
        array[i] = old
        grad[i] = (up - down) / (2 * h)
    return grad
""",
    ("numerical_gradient", "nditer"): """
def numerical_gradient(loss, array, h):
    grad = np.zeros_like(array)
    it = np.nditer(array, flags=["multi_index"])
    while not it.finished:
        k = it.multi_index
        keep = float(array[k])
        values = []
        for step in (h, -h):
            array[k] = keep + step
            values.append(loss(array))
        array[k] = keep
        grad[k] = 0.5 * (values[0] - values[1]) / h
        it.iternext()
    return grad
""",
    ("relative_error", "plain"): """
def relative_error(a, n, floor):
    a, n = np.asarray(a), np.asarray(n)
    size = max(np.sqrt((a ** 2).sum()), np.sqrt((n ** 2).sum()), floor)
    return np.sqrt(((a - n) ** 2).sum()) / size
""",
    ("relative_error", "norm"): """
def relative_error(a, n, floor):
    norm = lambda v: np.linalg.norm(np.ravel(v))
    difference = norm(np.subtract(a, n))
    return float(difference / max(norm(a), norm(n), floor))
""",
    ("is_kink", "slopes"): """
def is_kink(f, x, h):
    right = (f(x + h) - f(x)) / h
    left = (f(x) - f(x - h)) / h
    return abs(right - left) > 0.05 * max(abs(left), abs(right), 1.0)
""",
    ("is_kink", "second difference"): """
def is_kink(f, x, h):
    jump = np.array([f(x - h), f(x), f(x + h)]) @ [1, -2, 1] / h
    steepest = np.abs(np.diff([f(x - h), f(x), f(x + h)])).max() / h
    return bool(np.abs(jump) > 0.01 and np.abs(jump) > 0.05 * steepest)
""",
    ("best_step", "scan"): """
def best_step(f, df, x):
    steps = 10.0 ** np.arange(-12, 0, 0.25)
    errors = np.array([abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) for h in steps])
    smooth = np.convolve(np.log10(errors + 1e-300), np.ones(5) / 5, mode="same")
    smooth[:2] = smooth[-2:] = np.inf
    return steps[np.argmin(smooth)]
""",
    ("best_step", "argmin"): """
def best_step(f, df, x):
    best, best_error = None, np.inf
    for k in range(1, 13):
        h = 10.0 ** -k
        error = abs((f(x + h) - f(x - h)) / (2 * h) - df(x))
        if error < best_error:
            best, best_error = h, error
    return best
""",
}

MUTANTS = (
    *singles(
        "forward_difference",
        "plain",
        "any",
        ("f(x + h) - f(x)", "f(x) - f(x + h)", "sign"),
        (" / h", " / (2 * h)", "factor_two"),
    ),
    *singles("forward_difference", "exact step", "any", ("f(right) - f(x)", "f(x) - f(right)", "sign")),
    *singles(
        "central_difference",
        "plain",
        "any",
        ("(f(x + h) - f(x - h)) / (2 * h)", "(f(x + h) - f(x)) / h", "forward_for_central"),
        ("(2 * h)", "h", "factor_two"),
        ("f(x + h) - f(x - h)", "f(x - h) - f(x + h)", "sign"),
    ),
    *singles(
        "central_difference",
        "average",
        "any",
        ("0.5 * (forward + backward)", "forward", "forward_for_central"),
        ("0.5 * ", "", "factor_two"),
    ),
    *singles(
        "complex_step", "plain", "any", ("1j * h", "-1j * h", "sign"), (") / h", ") / (2 * h)", "factor_two")
    ),
    *singles(
        "complex_step",
        "complex",
        "any",
        ("f(complex(x, h))", "f(complex(x, -h))", "sign"),
        ("value.imag / h", "2 * value.imag / h", "factor_two"),
    ),
    *singles(
        "numerical_gradient",
        "ndindex",
        "method",
        ((("array[i] = old - h", "array[i] = old"), ("(2 * h)", "h")), "forward_for_central"),
        ("(2 * h)", "h", "factor_two"),
        ("(up - down)", "(down - up)", "sign"),
    ),
    *singles(
        "numerical_gradient",
        "ndindex",
        "restore",
        (
            (
                ("array[i] = old + h", "array[i] += h"),
                ("array[i] = old - h", "array[i] -= 2 * h"),
                ("array[i] = old\n", "array[i] += h\n"),
            ),
            "restored_by_arithmetic|mutates_arguments",
        ),
    ),
    *singles(
        "numerical_gradient",
        "nditer",
        "any",
        ("0.5 * ", "", "factor_two"),
        ("values[0] - values[1]", "values[1] - values[0]", "sign"),
        ("np.zeros_like(array)", "np.zeros(array.shape, dtype=int)", "int_cast"),
        ((("(h, -h)", "(h, 0.0)"), ("0.5 * ", "")), "forward_for_central"),
    ),
    *singles(
        "relative_error",
        "plain",
        "any",
        (
            "max(np.sqrt((a ** 2).sum()), np.sqrt((n ** 2).sum()), floor)",
            "max(np.sqrt((a ** 2).sum()) + np.sqrt((n ** 2).sum()), floor)",
            "relative_error_sum",
        ),
    ),
    *singles(
        "relative_error",
        "norm",
        "any",
        ("max(norm(a), norm(n), floor)", "max(norm(a) + norm(n), floor)", "relative_error_sum"),
    ),
    *singles("best_step", "scan", "any", ("steps[np.argmin(smooth)]", "1e-5", "constant_answer")),
    *singles("best_step", "argmin", "any", ("return best", "return 1e-6", "constant_answer")),
)

UNKNOWN = (
    *unknowns(
        "forward_difference",
        "plain",
        ("f(x + h) - f(x)", "f(x + h)", "the value itself is not taken off"),
        (" / h", " / h ** 2", "wrong power"),
    ),
    *unknowns(
        "central_difference",
        "plain",
        ("f(x + h) - f(x - h)", "f(x + h) + f(x - h)", "plus for minus"),
        ("f(x + h) - f(x - h)", "f(x + h) - 2 * f(x) + f(x - h)", "the second difference"),
        ("f(x - h)", "f(x - 2 * h)", "one step twice as long"),
    ),
    *unknowns("complex_step", "plain", ("np.imag", "np.real", "the real part")),
    *unknowns("complex_step", "complex", ("value.imag / h", "value.imag", "never divided by the step")),
    *unknowns("numerical_gradient", "ndindex", ("(2 * h)", "(2 * h + 1)", "a constant in the step")),
    *unknowns(
        "relative_error",
        "plain",
        ("((a - n) ** 2)", "((a + n) ** 2)", "plus for minus"),
        (" / size", "", "the absolute error"),
        ("max(np.sqrt", "min(np.sqrt", "the smallest for the largest"),
    ),
    *unknowns("is_kink", "slopes", (" > 0.05", " < 0.05", "the other way round")),
)
