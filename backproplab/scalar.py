"""Backpropagation one number at a time: a value remembers what it was made from, and the slopes.

Every operation has the same rhythm: compute the value, write down its slope with respect to each
operand, record both. :class:`Operations` holds the calculus; :class:`Value` is one way to record, a
graph. :mod:`backproplab.tape` records the same operations on a tape, and as dual numbers.
"""

import math
from numbers import Real
from typing import Any, Self

from backproplab.errors import DataError

__all__ = ["DivisionByZero", "Operations", "Value", "finite_number", "topological_order"]


class DivisionByZero(DataError, ZeroDivisionError):
    """A quotient or a negative power of zero."""


def finite_number(number: float) -> float:
    """Give the number back as a float, or say why it cannot be one.

    Parameters
    ----------
    number : float
        Any plain real number, NumPy's included.

    Returns
    -------
    float
        The same number.

    Raises
    ------
    DataError
        If it is nan or infinite, or no number at all: a text, a list, an array, an engine's value.

    Examples
    --------
    >>> finite_number(3)
    3.0
    """
    if not isinstance(number, Real):
        raise DataError(f"got {number!r}, expected one plain number\nIs it an array, or another engine's?")
    try:
        value = float(number)
    except OverflowError:  # a whole number of more than 308 digits
        value = math.inf
    if not math.isfinite(value):
        raise DataError(f"got {value}, expected a finite number\nBad data, or something overflowed before.")
    return value


def _sigmoid(z: float) -> float:
    # exp of a number that is never positive cannot overflow.
    e = math.exp(-abs(z))
    return (1.0 if z >= 0.0 else e) / (1.0 + e)


class Operations:
    """What can be done with a number ``.data`` so that the slopes are known.

    A child says how to remember an operation, ``_record``, and how to take in a plain number, ``_lift``.
    """

    __slots__ = ()
    # NumPy then leaves `array * value` to us, and we say what is wrong, instead of making object arrays.
    __array_ufunc__ = None
    data: float

    def _lift(self, number: Any) -> Self:
        raise NotImplementedError

    def _record(
        self, value: float, slope: float, other: Self | None = None, other_slope: float = 0.0
    ) -> Self:
        raise NotImplementedError

    def __add__(self, other: Self | float) -> Self:
        right = other if isinstance(other, type(self)) else self._lift(other)
        return self._record(self.data + right.data, 1.0, right, 1.0)

    def __sub__(self, other: Self | float) -> Self:
        right = other if isinstance(other, type(self)) else self._lift(other)
        return self._record(self.data - right.data, 1.0, right, -1.0)

    def __mul__(self, other: Self | float) -> Self:
        right = other if isinstance(other, type(self)) else self._lift(other)
        return self._record(self.data * right.data, right.data, right, self.data)

    def __truediv__(self, other: Self | float) -> Self:
        right = other if isinstance(other, type(self)) else self._lift(other)
        if right.data == 0.0:
            raise DivisionByZero(f"{self.data} / {right.data}: division by zero\nDid a sum come out as 0?")
        quotient = self.data / right.data
        return self._record(quotient, 1.0 / right.data, right, -quotient / right.data)

    def __pow__(self, exponent: float) -> Self:
        if isinstance(exponent, Operations):
            raise DataError(f"power {exponent!r}: expected a plain number\nMaybe (power * base.log()).exp()?")
        x, n = self.data, finite_number(exponent)
        if x == 0.0 and n < 0.0:
            raise DivisionByZero(f"{x} ** {n}: division by zero\nDid a sum come out as 0?")
        if (x < 0.0 and not n.is_integer()) or (x == 0.0 and 0.0 < n < 1.0):
            raise DataError(f"{x} ** {n}: no finite slope, expected a base above 0\nIs it a root of 0?")
        try:
            return self._record(x**n, n * x ** (n - 1.0) if n else 0.0)
        except OverflowError:
            raise DataError(f"{x} ** {n}: too large for a float\nHas training diverged?") from None

    def __neg__(self) -> Self:
        return self._record(-self.data, -1.0)

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: float) -> Self:
        return self._lift(other) - self

    def __rtruediv__(self, other: float) -> Self:
        return self._lift(other) / self

    def __rpow__(self, base: float) -> Self:
        if finite_number(base) <= 0.0:
            raise DataError(f"{base} ** {self!r}: expected a base above 0\nPowers of others have no slope.")
        return (self * math.log(base)).exp()

    def exp(self) -> Self:
        """``e**x``, the function that is its own slope."""
        try:
            value = math.exp(self.data)
        except OverflowError:
            raise DataError(f"exp({self.data}): too large for a float\nAre the inputs scaled?") from None
        return self._record(value, value)

    def log(self) -> Self:
        """Natural logarithm; its slope is ``1/x``."""
        if not self.data > 0.0:
            raise DataError(f"log({self.data}): expected a number above 0\nA probability that came out as 0?")
        return self._record(math.log(self.data), 1.0 / self.data)

    def tanh(self) -> Self:
        """Hyperbolic tangent; its slope is ``1 - tanh(x)**2``."""
        value = math.tanh(self.data)
        return self._record(value, 1.0 - value * value)

    def relu(self) -> Self:
        """``max(x, 0)``; its slope is 1 above 0, and 0 elsewhere."""
        above = self.data > 0.0
        return self._record(self.data if above else 0.0, 1.0 if above else 0.0)

    def sigmoid(self) -> Self:
        """``1 / (1 + e**-x)``; its slope is ``sigmoid(x) * sigmoid(-x)``."""
        # The textbook's a (1 - a) is the same, but loses digits where a is near 1.
        value = _sigmoid(self.data)
        return self._record(value, value * _sigmoid(-self.data))

    def softplus(self) -> Self:
        """``log(1 + e**x)``; its slope is the sigmoid."""
        x = self.data
        # log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which never overflows.
        return self._record(max(x, 0.0) + math.log1p(math.exp(-abs(x))), _sigmoid(x))


class Value(Operations):
    """A number that remembers how it was made: ``first`` and ``second``, and the slope by each.

    Parameters
    ----------
    data : float
        A finite number.

    Attributes
    ----------
    grad : float
        d(output) / d(this value), after ``output.backward()``.

    Examples
    --------
    >>> a = Value(3.0)
    >>> b = a + a
    >>> c = b + b
    >>> c.backward()
    >>> a.grad  # four paths lead from a to c
    4.0
    """

    __slots__ = ("data", "first", "first_slope", "grad", "second", "second_slope")

    def __init__(self, data: float) -> None:
        self.data = finite_number(data)
        self.grad = 0.0
        self.first: Value | None = None
        self.first_slope = 0.0
        self.second: Value | None = None
        self.second_slope = 0.0

    def __repr__(self) -> str:
        return f"Value(data={self.data}, grad={self.grad})"

    def _lift(self, number: Any) -> "Value":
        return Value(number)

    def _record(
        self, value: float, slope: float, other: "Value | None" = None, other_slope: float = 0.0
    ) -> "Value":
        result = Value.__new__(Value)  # past the constructor, whose check is for the user's numbers
        result.data = value
        result.grad = 0.0
        result.first = self
        result.first_slope = slope
        result.second = other
        result.second_slope = other_slope
        return result

    def backward(self) -> None:
        """Fill in ``grad``, the slope of this value, for everything that it was made from.

        The gradients below are set to 0 first: calling it twice gives the same as calling it once.
        Values that this one was not made from keep theirs. For the gradient of two outputs, add the
        outputs and call it once.

        Raises
        ------
        DataError
            If this value overflowed.
        """
        finite_number(self.data)
        order = topological_order(self)
        for value in order:
            value.grad = 0.0
        self.grad = 1.0
        for value in reversed(order):
            grad = value.grad
            if grad and value.first is not None:
                value.first.grad += value.first_slope * grad
                if value.second is not None:
                    value.second.grad += value.second_slope * grad


def topological_order(output: Value) -> list[Value]:
    """List everything that a value was made from, each after its own operands, the output last.

    A value reached by two paths needs both contributions before it passes its gradient on: hence the
    order. A stack of our own takes the place of recursion, which Python stops at a depth of 1,000.

    Parameters
    ----------
    output : Value
        Where to start.

    Returns
    -------
    list of Value
        Every value once.

    Examples
    --------
    >>> x = Value(2.0)
    >>> y = x * x
    >>> [value.data for value in topological_order(y + x)]
    [2.0, 4.0, 6.0]
    """
    order: list[Value] = []
    seen: set[Value] = set()
    stack: list[Value | None] = [output]
    while stack:
        value = stack.pop()
        if value is None:  # the operands of the value beneath are all placed: now it is its turn
            order.append(stack.pop())  # type: ignore[arg-type] # a None always lies on a value
        elif value not in seen:
            seen.add(value)
            if value.first is None:
                order.append(value)
            else:
                stack += (value, None, value.first)
                if value.second is not None:
                    stack.append(value.second)
    return order
