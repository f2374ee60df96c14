"""Activation functions: each is a value with ``f`` and its slope ``deriv``, both functions of Z.

They take floats and arrays, keep the dtype, and accept complex numbers, because the complex-step
derivative in :mod:`backproplab.gradcheck` pushes an imaginary part through them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproplab.errors import UnknownName

__all__ = [
    "ACTIVATIONS",
    "SATURATED_BELOW",
    "Activation",
    "find_activation",
    "gelu",
    "leaky_relu",
    "linear",
    "relu",
    "sigmoid",
    "softplus",
    "steepest_slope",
    "tanh",
]


SATURATED_BELOW = 0.1
"""A unit is called saturated where its slope is below this share of the activation's steepest."""

LEAK = 0.01  # the slope of leaky ReLU on the left (Maas et al. 2013)
# GELU in its tanh form (Hendrycks and Gimpel 2016), because NumPy has no erf.
_GELU_SCALE, _GELU_CUBE = 0.7978845608028654, 0.044715


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


def _size(Z: Any) -> Any:
    """Return |Z|, and for complex numbers what has the same derivative (np.abs would lose it)."""
    return np.where(np.real(Z) >= 0, Z, -Z) if np.iscomplexobj(Z) else np.abs(Z)


def _linear(Z: Any) -> Any:
    return +Z


def _linear_deriv(Z: Any) -> Any:
    return Z * 0 + 1


def _sigmoid(Z: Any) -> Any:
    # e^z / (1 + e^z), or the same divided by e^z: exp of a number that is never positive cannot overflow.
    return np.exp(np.minimum(Z, 0)) / (1 + np.exp(-_size(Z)))


def _sigmoid_deriv(Z: Any) -> Any:
    # a (1 - a) loses digits where a is near 1; this is the same and does not.
    e = np.exp(-_size(Z))
    return e / (1 + e) ** 2


def _tanh(Z: Any) -> Any:
    return np.tanh(Z)


def _tanh_deriv(Z: Any) -> Any:
    return 1 - np.tanh(Z) ** 2


def _relu(Z: Any) -> Any:
    return np.maximum(Z, 0)


def _relu_deriv(Z: Any) -> Any:
    # At exactly 0 either one-sided slope would do; 0 is the usual choice.
    Z = np.asarray(Z)
    return (Z > 0).astype(Z.dtype if Z.dtype.kind in "fc" else float)


def _leaky_relu(Z: Any) -> Any:
    return np.maximum(Z, 0) + LEAK * np.minimum(Z, 0)


def _leaky_relu_deriv(Z: Any) -> Any:
    return LEAK + (1 - LEAK) * _relu_deriv(Z)


def _softplus(Z: Any) -> Any:
    # log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), which never overflows.
    return np.maximum(Z, 0) + np.log1p(np.exp(-_size(Z)))


def _gelu(Z: Any) -> Any:
    return 0.5 * Z * (1 + np.tanh(_gelu_inner(Z)))


def _gelu_deriv(Z: Any) -> Any:
    tanh_inner = np.tanh(_gelu_inner(Z))
    inner_slope = _GELU_SCALE * (1 + 3 * _GELU_CUBE * Z**2)
    return 0.5 * (1 + tanh_inner) + 0.5 * Z * (1 - tanh_inner**2) * inner_slope


def _gelu_inner(Z: Any) -> Any:
    return _GELU_SCALE * (Z + _GELU_CUBE * Z**3)


linear = Activation("linear", _linear, _linear_deriv)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_deriv)
tanh = Activation("tanh", _tanh, _tanh_deriv)
relu = Activation("relu", _relu, _relu_deriv)
leaky_relu = Activation("leaky_relu", _leaky_relu, _leaky_relu_deriv)
softplus = Activation("softplus", _softplus, _sigmoid)
gelu = Activation("gelu", _gelu, _gelu_deriv)

ACTIVATIONS: dict[str, Activation] = {
    act.name: act for act in (linear, sigmoid, tanh, relu, leaky_relu, softplus, gelu)
}


def find_activation(name: str | Activation) -> Activation:
    """Return the activation of that name; an activation stands for itself.

    Raises
    ------
    UnknownName
        If there is none; the nearest name is offered.

    Examples
    --------
    >>> find_activation("tanh")
    <activation tanh>
    """
    if isinstance(name, Activation):
        return name
    if name not in ACTIVATIONS:
        raise UnknownName("activation", name, ACTIVATIONS)
    return ACTIVATIONS[name]


def steepest_slope(act: Activation) -> float:
    """Return the largest slope that an activation has on [-10, 10].

    Examples
    --------
    >>> steepest_slope(sigmoid)
    0.25
    """
    return float(np.max(act.deriv(np.linspace(-10, 10, 401))))
