"""Tape, duals and graph are three ways to record the same operations: they agree, number for number."""

import gc
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backproplab.errors import DataError
from backproplab.scalar import Value
from backproplab.tape import Dual, Tape, derivative

LONG = 300_000
Function = Callable[..., Any]


def by_graph(f: Function, *point: float) -> tuple[float, list[float]]:
    inputs = [Value(x) for x in point]
    output = f(*inputs)
    output.backward()
    return output.data, [x.grad for x in inputs]


def by_tape(f: Function, *point: float) -> tuple[float, list[float]]:
    tape = Tape()
    inputs = [tape.value(x) for x in point]
    output = f(*inputs)
    output.backward()
    return output.data, [x.grad for x in inputs]


def by_duals(f: Function, *point: float) -> tuple[float, list[float]]:
    """One pass an input: that is why networks are not trained this way."""
    passes = [f(*(Dual(x, float(k == i)) for k, x in enumerate(point))) for i in range(len(point))]
    return passes[0].value, [output.slope for output in passes]


ENGINES = pytest.mark.parametrize("engine", [by_graph, by_tape, by_duals])
STEPS: dict[str, Function] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a.tanh() * b,
    "divide": lambda a, b: a / (b * b + 1),
    "power": lambda a, b: (a * a + 1) ** -1.5,
    "power of a number": lambda a, b: 1.5 ** b.tanh(),
    "numbers on the left": lambda a, b: 2 - 3 / (1 + 2 * a * a) + (-b),
    "exp": lambda a, b: (a.tanh() - b.sigmoid()).exp(),
    "log": lambda a, b: (a.softplus() + b * b + 0.1).log(),
    "relu": lambda a, b: (a - b).relu() + b,
}
indices = st.integers(0, 1000)
programs = st.lists(st.tuples(st.sampled_from([*STEPS.values()]), indices, indices), min_size=1, max_size=12)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(programs, st.floats(-2, 2), st.floats(-2, 2))
def test_three_engines_give_one_answer(program: Any, x: float, y: float) -> None:
    def f(x: Any, y: Any) -> Any:
        values = [x, y]
        for step, i, j in program:
            values.append(step(values[i % len(values)], values[j % len(values)]))
        return values[-1] + x * y

    value, gradient = by_graph(f, x, y)
    for engine in (by_tape, by_duals):
        same_value, same_gradient = engine(f, x, y)
        assert same_value == value
        assert same_gradient == pytest.approx(gradient, rel=1e-11, abs=1e-11)


@ENGINES
def test_the_slopes_of_a_known_function(engine: Function) -> None:
    """f = x y + e^x / y: df/dx = y + e^x / y, df/dy = x - e^x / y^2."""
    x, y = 0.6, -1.7
    value, gradient = engine(lambda x, y: x * y + x.exp() / y, x, y)
    assert value == pytest.approx(x * y + math.exp(x) / y, rel=1e-14)
    assert gradient == pytest.approx([y + math.exp(x) / y, x - math.exp(x) / y**2], rel=1e-14)


@ENGINES
def test_the_published_expression_of_micrograd(engine: Function) -> None:
    """The example of micrograd's README, its repeated sums drawn together."""

    def g(a: Any, b: Any) -> Any:
        c = 2 * (2 * (a + b) + 1) + 1 - a
        d = 4 * (3 * (a * b + b**3) + (a + b).relu()) + (b - a).relu()
        f = (c - d) ** 2
        return f / 2.0 + 10.0 / f

    value, gradient = engine(g, -4.0, 2.0)
    assert round(value, 4) == 24.7041
    assert [round(slope, 4) for slope in gradient] == [138.8338, 645.5773]


@ENGINES
def test_a_value_reached_by_four_paths_gets_four_contributions(engine: Function) -> None:
    def c(a: Any) -> Any:
        b = a + a
        return b + b

    assert engine(c, 3.0) == (12.0, [4.0])


@ENGINES
def test_a_long_chain_goes_forward_and_back_and_is_freed(engine: Function) -> None:
    def chain(x: Any) -> Any:
        end = x
        for _ in range(LONG):
            end = end + x
        return end

    assert engine(chain, 1.0) == (LONG + 1.0, [LONG + 1.0])
    gc.collect()


def test_backward_twice_gives_the_same_as_once() -> None:
    x = Tape().value(1.5)
    y = x * x * x
    y.backward()
    y.backward()
    assert x.grad == 3 * 1.5**2


def test_what_comes_after_the_output_on_the_tape_has_no_gradient() -> None:
    x = Tape().value(2.0)
    y = x * x
    later = y.exp()
    y.backward()
    assert (x.grad, y.grad, later.grad) == (4.0, 1.0, 0.0)


@pytest.mark.parametrize("engine", [by_graph, by_tape])
def test_what_receives_nothing_hands_nothing_on(engine: Function) -> None:
    """At the smallest float 1/x^2 overflows: 0 times that slope would be nan."""
    smallest = 5e-324
    assert engine(lambda x: (-(smallest / x)).relu() + x, smallest) == (smallest, [1.0])


def two_tapes(function: Function) -> Callable[[], object]:
    return lambda: function(Tape().value(1.0), Tape().value(2.0))


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "sum over two tapes": (two_tapes(lambda x, y: x + y), "two tapes"),
    "product over two tapes": (two_tapes(lambda x, y: x * y), "two tapes"),
    "difference over two tapes": (two_tapes(lambda x, y: x - y), "two tapes"),
    "tape and graph": (lambda: Tape().value(1.0) * Value(2.0), "another engine"),
    "graph and tape": (lambda: Value(2.0) - Tape().value(1.0), "another engine"),
    "text on the tape": (lambda: Tape().value("3"), "got '3', expected one plain number"),
    "overflow on the tape": (lambda: (Tape().value(1e200) * 1e200).backward(), "got inf"),
    "nan in a dual": (lambda: Dual(math.nan, 1.0), "got nan"),
    "infinite slope in a dual": (lambda: Dual(1.0, math.inf), "got inf"),
    "overflow of a derivative's function": (lambda: derivative(lambda x: x * 1e200, 1e200), "got inf"),
    "a derivative of a text": (lambda: derivative(str, 1.0), "expected one plain number"),
}


@pytest.mark.parametrize(("act", "words"), WRONG.values(), ids=WRONG)
def test_wrong_use_says_what_came_and_what_was_due(act: Callable[[], object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        act()


def test_a_refused_operation_leaves_no_row_on_the_tape() -> None:
    tape = Tape()
    x = tape.value(-1.0)
    before = [len(column) for column in (tape.firsts, tape.first_slopes, tape.seconds, tape.second_slopes)]
    for wrong in (x.log, lambda: x**0.5, lambda: x + Tape().value(1.0), lambda: x * Tape().value(1.0)):
        with pytest.raises(DataError):
            wrong()
    after = [len(column) for column in (tape.firsts, tape.first_slopes, tape.seconds, tape.second_slopes)]
    assert after == before == [2] * 4


def test_the_derivative_of_a_constant_is_zero() -> None:
    assert derivative(lambda x: 5, 1.0) == 0.0
    assert derivative(lambda x: Dual(5.0), 1.0) == 0.0


def test_the_derivative_is_exact() -> None:
    assert derivative(lambda x: x.sigmoid(), 0.0) == 0.25
    assert derivative(lambda x: x**3 - 1 / x, 2.0) == 12.25
