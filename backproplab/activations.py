"""Activation functions: each is a value with ``f`` and its slope ``deriv``, both functions of Z.

They take floats and arrays, keep the dtype, and accept complex numbers, because the complex-step
derivative in :mod:`backproplab.gradcheck` pushes an imaginary part through them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["ACTIVATIONS", "Activation", "linear", "relu", "sigmoid", "softplus", "tanh"]


@dataclass(frozen=True, eq=False)
class Activation:
    """An activation function and its slope.

    Parameters
    ----------
    name : str
        The name by which lessons, graders and reports call it.
    f : callable
        ``A = f(Z)``, elementwise; a float or an array of any shape.
    deriv : callable
        ``f'(Z)``, a function of the pre-activation ``Z``, never of the activation ``A``.

    Examples
    --------
    >>> float(tanh.deriv(0.0))  # the steepest point: at most 1, and smaller everywhere else
    1.0
    """

    name: str
    f: Callable[[Any], Any]
    deriv: Callable[[Any], Any]

    def __repr__(self) -> str:
        return f"<activation {self.name}>"

    def __reduce__(self) -> str | tuple[Any, ...]:
        # There is one of each: a copy or another process gets the same value, not a twin.
        return (_by_name, (self.name,)) if ACTIVATIONS.get(self.name) is self else super().__reduce__()


def _by_name(name: str) -> Activation:
    return ACTIVATIONS[name]


def _linear(Z: Any) -> Any:
    return Z + 0


def _linear_deriv(Z: Any) -> Any:
    return Z * 0 + 1


def _sigmoid(Z: Any) -> Any:
    # exp of a number that is never positive cannot overflow.
    positive = np.real(Z) >= 0
    e = np.exp(np.where(positive, -Z, Z))
    return np.where(positive, 1, e) / (1 + e)


def _sigmoid_deriv(Z: Any) -> Any:
    # a (1 - a) loses digits where a is near 1; f(z) f(-z) is the same and does not.
    return _sigmoid(Z) * _sigmoid(-Z)


def _tanh(Z: Any) -> Any:
    return np.tanh(Z)


def _tanh_deriv(Z: Any) -> Any:
    return 1 - np.tanh(Z) ** 2


def _relu(Z: Any) -> Any:
    return np.where(np.real(Z) > 0, Z, 0 * Z)[()]


def _relu_deriv(Z: Any) -> Any:
    # At exactly 0 either one-sided slope would do; 0 is the usual choice.
    return np.where(np.real(Z) > 0, 1 + 0 * Z, 0 * Z)[()]


def _softplus(Z: Any) -> Any:
    # log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), which never overflows.
    positive = np.real(Z) >= 0
    return np.where(positive, Z, 0 * Z) + np.log1p(np.exp(np.where(positive, -Z, Z)))


linear = Activation("linear", _linear, _linear_deriv)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_deriv)
tanh = Activation("tanh", _tanh, _tanh_deriv)
relu = Activation("relu", _relu, _relu_deriv)
softplus = Activation("softplus", _softplus, _sigmoid)

ACTIVATIONS: dict[str, Activation] = {a.name: a for a in (linear, sigmoid, tanh, relu, softplus)}
