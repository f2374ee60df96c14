"""Backpropagation, written to be read: the reference implementation behind the lessons.

Names load on first use, so that ``import backproplab`` costs NumPy and little more.

Examples
--------
>>> import backproplab
>>> float(backproplab.sigmoid.f(0.0))
0.5
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Activation": "activations",
    "linear": "activations",
    "relu": "activations",
    "sigmoid": "activations",
    "softplus": "activations",
    "tanh": "activations",
    "central_difference": "gradcheck",
    "complex_step": "gradcheck",
    "numerical_gradient": "gradcheck",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'backproplab' has no attribute {name!r}")
    value = getattr(import_module(f"backproplab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
