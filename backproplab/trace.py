"""What happened inside a network on one batch, layer by layer, as plain arrays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.activations import SATURATED_BELOW, Activation, steepest_slope

__all__ = ["Trace", "trace", "update_ratios"]


@dataclass(frozen=True)
class Trace:
    """One batch seen from inside; every list runs from the first weight layer to the last.

    Parameters
    ----------
    pre_activations, activations, deltas : tuple of ndarray
        ``Z``, ``A`` and ``dL/dZ`` of each layer, ``(n, n_l)``.
    delta_norms : ndarray of shape (layers,)
        Norm of each layer's delta, averaged over the examples first: the signal that reaches the layer.
    weight_gradient_norms : ndarray of shape (layers,)
        ``|dW|`` of each layer.
    saturation : ndarray of shape (layers,)
        Share of entries whose slope is below a tenth of the steepest.
    dead : ndarray of shape (layers,)
        Share of units whose slope is 0 for every example.
    """

    pre_activations: tuple[NDArray[Any], ...]
    activations: tuple[NDArray[Any], ...]
    deltas: tuple[NDArray[Any], ...]
    delta_norms: NDArray[np.float64]
    weight_gradient_norms: NDArray[np.float64]
    saturation: NDArray[np.float64]
    dead: NDArray[np.float64]


def trace(
    Zs: Sequence[Any],
    As: Sequence[Any],
    deltas: Sequence[Any],
    dWs: Sequence[Any],
    activations: Sequence[Activation],
) -> Trace:
    """Sum up one forward and backward pass, layer by layer; ``MLP.trace`` calls this.

    Parameters
    ----------
    Zs, As, deltas : sequence of ndarray of shape (n, n_l)
        Pre-activations, activations and ``dL/dZ`` of each weight layer.
    dWs : sequence of ndarray
        The weight gradients.
    activations : sequence of Activation
        One per layer.

    Returns
    -------
    Trace
        Per-layer arrays.
    """
    slopes = [act.deriv(Z) for act, Z in zip(activations, Zs, strict=True)]
    flat = [SATURATED_BELOW * steepest_slope(act) for act in activations]
    return Trace(
        pre_activations=tuple(Zs),
        activations=tuple(As),
        deltas=tuple(deltas),
        delta_norms=_norms([delta.mean(axis=0) for delta in deltas]),
        weight_gradient_norms=_norms(dWs),
        saturation=np.array([np.mean(abs(s) < low) for s, low in zip(slopes, flat, strict=True)]),
        dead=np.array([np.mean(np.all(s == 0, axis=0)) for s in slopes]),
    )


def update_ratios(parameters: Sequence[Any], gradients: Sequence[Any], lr: float) -> NDArray[np.float64]:
    """Return how far one SGD step moves each parameter, relative to its own size; about 1e-3 is usual.

    Parameters
    ----------
    parameters, gradients : sequence of ndarray
        Equal shapes.
    lr : float
        Learning rate.

    Returns
    -------
    ndarray of shape (len(parameters),)
        ``lr |g| / |p|``; inf where a parameter is 0 and its gradient is not.

    Examples
    --------
    >>> update_ratios([np.array([3.0, 4.0])], [np.array([0.0, 1.0])], lr=0.1)
    array([0.02])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(lr * _norms(gradients) / _norms(parameters), nan=0.0, posinf=np.inf)


def _norms(arrays: Sequence[Any]) -> NDArray[np.float64]:
    return np.array([float(np.linalg.norm(array)) for array in arrays])
