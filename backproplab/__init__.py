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

_NAMES = {
    "activations": (
        "Activation",
        "ACTIVATIONS",
        "linear",
        "sigmoid",
        "tanh",
        "relu",
        "leaky_relu",
        "softplus",
        "gelu",
    ),
    "losses": (
        "Loss",
        "LOSSES",
        "half_squared_error",
        "ssr",
        "binary_cross_entropy",
        "softmax_cross_entropy",
        "softmax_squared_error",
        "softmax",
        "log_softmax",
    ),
    "initializers": (
        "Initializer",
        "INITIALIZERS",
        "zeros",
        "normal",
        "lecun",
        "glorot",
        "he",
        "orthogonal",
        "uniform",
    ),
    "layers": ("dense_forward", "dense_backward", "dense_gradients"),
    "network": ("MLP",),
    "optimizers": ("SGD", "RMSProp", "Adam", "clip_by_global_norm"),
    "training": ("History", "train", "minibatches", "accuracy"),
    "trace": ("Trace", "update_ratios"),
    "gradcheck": (
        "central_difference",
        "complex_step",
        "forward_difference",
        "node_perturbation",
        "numerical_gradient",
        "richardson",
    ),
    "gradient_report": ("GradientReport", "gradient_check"),
    "scalar": ("Value",),
    "tape": ("Dual", "Tape", "derivative"),
    "errors": ("BackproplabError", "DataError", "DesignError", "ShapeError", "UnknownName"),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'backproplab' has no attribute {name!r}")
    value = getattr(import_module(f"backproplab.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
