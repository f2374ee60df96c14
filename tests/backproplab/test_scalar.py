"""The scalar engine: every slope against the complex step, order, repetition, long chains, wrong use."""

import ast
import cmath
import gc
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import backproplab.scalar
from backproplab.errors import BackproplabError, DataError
from backproplab.scalar import DivisionByZero, Value, topological_order
from backproplab.tape import Dual

TINY = 1e-30
LONG = 300_000

# The same functions for complex numbers: the witness. Each is independent of the engine.
COMPLEX: dict[str, Callable[[complex], complex]] = {
    "exp": cmath.exp,
    "log": cmath.log,
    "tanh": cmath.tanh,
    "relu": lambda z: z if z.real > 0 else 0 * z,
    "sigmoid": lambda z: 1 / (1 + cmath.exp(-z)),
    "softplus": lambda z: cmath.log(1 + cmath.exp(z)),
}


def call(name: str, x: Any) -> Any:
    """Apply a function of one number, of the engine or of the witness."""
    return COMPLEX[name](x) if isinstance(x, complex) else getattr(x, name)()


# Every operation, with plain numbers on either side where Python allows that.
OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "y / x": lambda x, y: y / x,
    "-x": lambda x, y: -x,
    "x + 3": lambda x, y: x + 3,
    "3 + x": lambda x, y: 3 + x,
    "x - 3": lambda x, y: x - 3,
    "3 - x": lambda x, y: 3 - x,
    "x * 3": lambda x, y: x * 3,
    "3 * x": lambda x, y: 3 * x,
    "x / 3": lambda x, y: x / 3,
    "3 / x": lambda x, y: 3 / x,
    "y ** 3": lambda x, y: y**3,
    "y ** -2": lambda x, y: y**-2,
    "y ** 0": lambda x, y: y**0,
    "x ** 0.5": lambda x, y: x**0.5,
    "x ** 1.7": lambda x, y: x**1.7,
    "1.5 ** y": lambda x, y: 1.5**y,
    "x * x + x": lambda x, y: x * x + x,
    **{f"{name} x": lambda x, y, name=name: call(name, x) for name in COMPLEX},
    **{f"{name} y": lambda x, y, name=name: call(name, y) for name in COMPLEX if name != "log"},
}
EACH = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
above_zero, below_zero = st.floats(0.1, 3.0), st.floats(-3.0, -0.1)


def exact_gradient(f: Callable[..., Any], *point: float) -> list[float]:
    """Nudge one argument at a time by a tiny imaginary number."""
    nudged = ([complex(x, TINY * (i == k)) for k, x in enumerate(point)] for i in range(len(point)))
    return [complex(f(*arguments)).imag / TINY for arguments in nudged]


def gradient(f: Callable[..., Any], *point: float) -> list[float]:
    values = [Value(x) for x in point]
    f(*values).backward()
    return [value.grad for value in values]


@EACH
@settings(max_examples=20, derandomize=True, deadline=None)
@given(above_zero, below_zero)
def test_every_slope_is_that_of_the_complex_step(operation: Callable[..., Any], x: float, y: float) -> None:
    value = operation(complex(x), complex(y)).real
    assert operation(Value(x), Value(y)).data == pytest.approx(value, rel=1e-13)
    exact = exact_gradient(operation, x, y)
    assert gradient(operation, x, y) == pytest.approx(exact, rel=1e-11, abs=1e-14)


@EACH
def test_every_slope_is_that_of_central_differences(operation: Callable[..., Any]) -> None:
    h, x, y = 1e-6, 0.7, -1.3

    def f(x: float, y: float) -> float:
        return float(operation(Value(x), Value(y)).data)

    central = [(f(x + h, y) - f(x - h, y)) / (2 * h), (f(x, y + h) - f(x, y - h)) / (2 * h)]
    assert gradient(operation, x, y) == pytest.approx(central, rel=1e-8, abs=1e-8)


# Steps whose results stay small, so that any sequence of them can be taken.
STEPS: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: call("tanh", a) * b,
    lambda a, b: a / (b * b + 1),
    lambda a, b: (a * a + 1) ** -0.5,
    lambda a, b: 2 - 3 / (a * a + b * b + 2),
    lambda a, b: call("exp", call("tanh", a)) - b,
    lambda a, b: call("log", a * a + 0.5),
    lambda a, b: 1.5 ** call("tanh", a + 2 * b),
    *[lambda a, b, name=name: call(name, a) for name in ("relu", "sigmoid", "softplus", "tanh")],
]
indices = st.integers(0, 1000)
programs = st.lists(st.tuples(st.sampled_from(STEPS), indices, indices), min_size=1, max_size=12)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(programs, st.floats(-2, 2), st.floats(-2, 2))
def test_any_expression_has_the_gradient_of_the_complex_step(program: Any, x: float, y: float) -> None:
    def f(x: Any, y: Any) -> Any:
        values = [x, y]
        for step, i, j in program:
            values.append(step(values[i % len(values)], values[j % len(values)]))
        return values[-1] + x * y

    assert gradient(f, x, y) == pytest.approx(exact_gradient(f, x, y), rel=1e-9, abs=1e-9)


def test_a_value_reached_by_four_paths_gets_four_contributions() -> None:
    a = Value(3.0)
    b = a + a
    c = b + b
    c.backward()
    assert (a.grad, b.grad, c.grad) == (4.0, 2.0, 1.0)


def test_every_value_comes_once_and_after_its_operands() -> None:
    x = Value(2.0)
    y = x * x
    z = (y + x).exp() * y + x
    order = topological_order(z)
    place = {value: index for index, value in enumerate(order)}
    assert len(place) == len(order) == 6
    assert order[-1] is z
    for value in order:
        for operand in (value.first, value.second):
            assert operand is None or place[operand] < place[value]


def test_backward_twice_gives_the_same_as_once() -> None:
    x = Value(1.5)
    y = x * x * x
    y.backward()
    y.backward()
    assert x.grad == 3 * 1.5**2


def test_backward_from_another_output_replaces_the_gradients_below_it_only() -> None:
    x, w = Value(2.0), Value(5.0)
    (x * w).backward()
    (x * x).backward()
    assert x.grad == 4.0  # of the second output alone
    assert w.grad == 2.0  # the second output was not made from w


@pytest.mark.parametrize(
    ("step", "slope"),
    [(lambda h, x: h + x, LONG + 2.0), (lambda h, x: -h, -1.0), (lambda h, x: x - h, 0.0)],
    ids=["x + x + ...", "-(-(-x...))", "x - (x - (x..."],
)
def test_a_long_chain_goes_forward_and_back_and_is_freed(
    step: Callable[[Value, Value], Value], slope: float
) -> None:
    x = Value(1.0)
    end = step(x, x)
    for _ in range(LONG):
        end = step(end, x)
    end.backward()
    assert x.grad == slope
    del end
    gc.collect()


def test_relu_has_slope_zero_at_zero() -> None:
    assert gradient(Value.relu, 0.0) == [0.0]


@pytest.mark.parametrize("z", [-1e4, 1e4])
@pytest.mark.parametrize("name", ["tanh", "sigmoid", "softplus", "relu"])
def test_large_numbers_do_not_overflow(name: str, z: float) -> None:
    x = Value(z)
    y = getattr(x, name)()
    y.backward()
    assert math.isfinite(y.data)
    assert x.grad in (0.0, 1.0)


def test_the_sigmoid_keeps_its_digits_where_it_saturates() -> None:
    assert gradient(Value.sigmoid, 30.0) == pytest.approx([math.exp(-30.0)], rel=1e-12, abs=0.0)
    assert gradient(Value.softplus, -30.0) == pytest.approx([math.exp(-30.0)], rel=1e-12, abs=0.0)


def test_numpys_numbers_are_plain_numbers() -> None:
    x = Value(np.float32(2.0))
    y = np.float64(3.0) * x + np.int64(1)
    y.backward()
    assert (type(y), type(y.data), y.data, x.grad) == (Value, float, 7.0, 3.0)


x = Value(2.0)
WRONG: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "log of zero": (lambda: Value(0.0).log(), DataError, r"log\(0.0\).*above 0"),
    "log below zero": (lambda: Value(-1.5).log(), DataError, r"log\(-1.5\).*above 0"),
    "division by a value": (lambda: x / Value(0.0), ZeroDivisionError, r"2.0 / 0.0"),
    "division by a number": (lambda: x / 0, DivisionByZero, r"2.0 / 0.0"),
    "division of a number": (lambda: 1 / Value(0.0), DivisionByZero, r"1.0 / 0.0"),
    "negative power of zero": (lambda: Value(0.0) ** -2, DivisionByZero, r"0.0 \*\* -2.0"),
    "root of zero": (lambda: Value(0.0) ** 0.5, DataError, "no finite slope"),
    "root below zero": (lambda: Value(-4.0) ** 0.5, DataError, r"-4.0 \*\* 0.5"),
    "power that overflows": (lambda: Value(1e200) ** 2, DataError, "too large"),
    "slope that overflows": (lambda: Value(1e-200) ** -1, DataError, "too large"),
    "a value as exponent": (lambda: x**x, DataError, r"exponent|power Value\(data=2.0"),
    "a negative base": (lambda: (-2) ** x, DataError, r"-2 \*\* Value\(data=2.0.*above 0"),
    "exp that overflows": (lambda: Value(710.0).exp(), DataError, r"exp\(710.0\).*too large"),
    "an overflowed output": (lambda: (Value(1e200) * 1e200).backward(), DataError, "got inf.*overflow"),
    "nan": (lambda: Value(math.nan), DataError, "got nan, expected a finite number"),
    "a very large whole number": (lambda: x + 10**400, DataError, "got inf"),
    "infinity on the left": (lambda: math.inf + x, DataError, "got inf"),
    "a text": (lambda: x + "3", DataError, "got '3', expected one plain number"),
    "a list": (lambda: [1.0] * x, DataError, r"got \[1.0\]"),
    "an array": (lambda: x * np.ones(2), DataError, "array"),
    "an array on the left": (lambda: np.ones(2) * x, DataError, "array"),
    "a complex number": (lambda: Value(1j), DataError, "got 1j"),
    "a value of another engine": (lambda: x + Dual(1.0), DataError, "another engine"),
    "a value in a value": (lambda: Value(x), DataError, "expected one plain number"),
}


@pytest.mark.parametrize(("act", "error", "words"), WRONG.values(), ids=WRONG)
def test_wrong_use_says_what_came_and_what_was_due(
    act: Callable[[], object], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=f"(?s){words}") as caught:
        act()
    assert isinstance(caught.value, BackproplabError)


def test_the_engines_load_nothing_but_the_standard_library() -> None:
    code = "import sys, backproplab.scalar, backproplab.tape; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_engine_can_be_read_in_one_sitting() -> None:
    text = Path(backproplab.scalar.__file__).read_text(encoding="utf-8")
    told: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            told.update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    code = [n for n, line in enumerate(text.splitlines(), start=1) if line.strip() and n not in told]
    assert len(code) <= 150, f"scalar.py has {len(code)} lines of code: what can be said more simply?"
