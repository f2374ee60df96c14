"""The operations of :mod:`backproplab.scalar`, recorded in two other ways.

On a :class:`Tape` they are rows in the order in which they were executed, and that order needs no
search: backward reads the tape from the end. As a :class:`Dual` nothing is recorded at all: the slope
travels forward with the value. The tape gives all inputs' gradients at once, a dual one input's.
"""

from collections.abc import Callable
from typing import Any

from backproplab.errors import DataError
from backproplab.scalar import Operations, finite_number

__all__ = ["Dual", "Tape", "TapeValue", "derivative"]


class Tape:
    """Four columns of numbers, one row a value: its two operands' rows, and the slope by each.

    Row 0 is nobody: it stands where there is no operand, with slope 0. Rows stay until the tape goes:
    take a new tape for every training step.

    Examples
    --------
    >>> tape = Tape()
    >>> x = tape.value(3.0)
    >>> y = x * x + x
    >>> y.backward()
    >>> x.grad
    7.0
    """

    __slots__ = ("first_slopes", "firsts", "gradients", "second_slopes", "seconds")

    def __init__(self) -> None:
        self.firsts = [0]
        self.first_slopes = [0.0]
        self.seconds = [0]
        self.second_slopes = [0.0]
        self.gradients: list[float] = []

    def value(self, data: float) -> "TapeValue":
        """Write an input on the tape: a row that depends on nobody.

        Parameters
        ----------
        data : float
            A finite number.

        Returns
        -------
        TapeValue
            To be calculated with.
        """
        nobody = TapeValue()
        nobody.tape = self
        nobody.index = 0
        return nobody._record(finite_number(data), 0.0)


def _two_tapes() -> DataError:
    return DataError("got values of two tapes, expected one tape\nMake both with the same tape.value.")


class TapeValue(Operations):
    """A number and the row where the tape has it. Made by :meth:`Tape.value` and by calculating."""

    __slots__ = ("data", "index", "tape")
    tape: Tape
    index: int

    def __repr__(self) -> str:
        return f"TapeValue(data={self.data}, grad={self.grad})"

    @property
    def grad(self) -> float:
        """d(output) / d(this value), after ``output.backward()``; 0.0 where nothing arrived."""
        gradients = self.tape.gradients
        return gradients[self.index] if self.index < len(gradients) else 0.0

    def _lift(self, number: Any) -> "TapeValue":
        return self.tape.value(number)

    def _record(
        self, value: float, slope: float, other: "TapeValue | None" = None, other_slope: float = 0.0
    ) -> "TapeValue":
        tape = self.tape
        if other is not None and other.tape is not tape:
            raise _two_tapes()
        result = TapeValue()
        result.tape = tape
        result.data = value
        result.index = len(tape.firsts)
        tape.firsts.append(self.index)
        tape.first_slopes.append(slope)
        tape.seconds.append(0 if other is None else other.index)
        tape.second_slopes.append(other_slope)
        return result

    # A network is sums and products. These two are as in Operations, with _record written out in them:
    # the call that this saves is a tenth of their time.

    def __add__(self, other: "TapeValue | float") -> "TapeValue":
        right = other if isinstance(other, TapeValue) else self._lift(other)
        tape = self.tape
        if right.tape is not tape:
            raise _two_tapes()
        result = TapeValue()
        result.tape = tape
        result.data = self.data + right.data
        result.index = len(tape.firsts)
        tape.firsts.append(self.index)
        tape.first_slopes.append(1.0)
        tape.seconds.append(right.index)
        tape.second_slopes.append(1.0)
        return result

    def __mul__(self, other: "TapeValue | float") -> "TapeValue":
        right = other if isinstance(other, TapeValue) else self._lift(other)
        tape = self.tape
        if right.tape is not tape:
            raise _two_tapes()
        result = TapeValue()
        result.tape = tape
        result.data = self.data * right.data
        result.index = len(tape.firsts)
        tape.firsts.append(self.index)
        tape.first_slopes.append(right.data)
        tape.seconds.append(right.index)
        tape.second_slopes.append(self.data)
        return result

    def backward(self) -> None:
        """Read the tape from this row back to its start, and hand each row's gradient to its operands.

        It starts from zeros: calling it twice gives the same as calling it once.

        Raises
        ------
        DataError
            If this value overflowed.
        """
        finite_number(self.data)
        tape = self.tape
        firsts, first_slopes = tape.firsts, tape.first_slopes
        seconds, second_slopes = tape.seconds, tape.second_slopes
        gradients = [0.0] * (self.index + 1)
        gradients[self.index] = 1.0
        for row in range(self.index, 0, -1):
            grad = gradients[row]
            if grad:
                gradients[firsts[row]] += first_slopes[row] * grad
                gradients[seconds[row]] += second_slopes[row] * grad
        tape.gradients = gradients


class Dual(Operations):
    """A number and how fast it changes: the chain rule is applied at once, forward.

    Parameters
    ----------
    value : float
        The number itself.
    slope : float
        Its slope by the input in question: 1 for that input, 0 for a constant.

    Examples
    --------
    >>> x = Dual(3.0, 1.0)
    >>> x * x
    Dual(value=9.0, slope=6.0)
    """

    __slots__ = ("data", "slope")

    def __init__(self, value: float, slope: float = 0.0) -> None:
        self.data = finite_number(value)
        self.slope = finite_number(slope)

    @property
    def value(self) -> float:
        """The number itself; the operations that all engines share call it ``data``."""
        return self.data

    def __repr__(self) -> str:
        return f"Dual(value={self.value}, slope={self.slope})"

    def _lift(self, number: Any) -> "Dual":
        return Dual(number)

    def _record(
        self, value: float, slope: float, other: "Dual | None" = None, other_slope: float = 0.0
    ) -> "Dual":
        result = Dual.__new__(Dual)
        result.data = value
        result.slope = slope * self.slope
        if other is not None:
            result.slope += other_slope * other.slope
        return result


def derivative(f: Callable[[Dual], Dual | float], x: float) -> float:
    """Differentiate a function of one number in one forward pass, exactly.

    Parameters
    ----------
    f : callable
        Uses the operations of this module only.
    x : float
        Where to differentiate.

    Returns
    -------
    float
        ``df/dx``.

    Raises
    ------
    DataError
        If the result overflowed.

    Examples
    --------
    >>> derivative(lambda x: x**3, 2.0)
    12.0
    """
    result = f(Dual(x, 1.0))
    if not isinstance(result, Dual):
        finite_number(result)
        return 0.0  # a plain number does not depend on x
    finite_number(result.data)
    return result.slope
