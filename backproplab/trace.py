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
    unit_saturation : tuple of ndarray of shape (n_l,)
        The same for each unit: for which share of the examples it is saturated.
    dead : ndarray of shape (layers,)
        Share of units whose slope is 0 for every example.
    """

    pre_activations: tuple[NDArray[Any], ...]
    activations: tuple[NDArray[Any], ...]
    deltas: tuple[NDArray[Any], ...]
    delta_norms: NDArray[np.float64]
    weight_gradient_norms: NDArray[np.float64]
    saturation: NDArray[np.float64]
    unit_saturation: tuple[NDArray[np.float64], ...]
    dead: NDArray[np.float64]


def trace(
    Zs: Sequence[Any],
    As: Sequence[Any],
    slopes: Sequence[Any],
    deltas: Sequence[Any],
    dWs: Sequence[Any],
    activations: Sequence[Activation],
) -> Trace:
    """Sum up one forward and backward pass, layer by layer; ``MLP.trace`` calls this.

    Parameters
    ----------
    Zs, As, slopes, deltas : sequence of ndarray of shape (n, n_l)
        Pre-activations, activations, ``f'(Z)`` and ``dL/dZ`` of each weight layer.
    dWs : sequence of ndarray
        The weight gradients.
    activations : sequence of Activation
        One per layer.

    Returns
    -------
    Trace
        Per-layer arrays.
    """
    flat = {act: SATURATED_BELOW * steepest_slope(act) for act in set(activations)}
    saturated = [_shares(abs(s) < flat[act]) for act, s in zip(activations, slopes, strict=True)]
    return Trace(
        pre_activations=tuple(Zs),
        activations=tuple(As),
        deltas=tuple(deltas),
        delta_norms=_norms([delta.sum(axis=0) / len(delta) for delta in deltas]),
        weight_gradient_norms=_norms(dWs),
        saturation=np.array([shares.mean() for shares in saturated]),
        unit_saturation=tuple(saturated),
        dead=np.array([1 - np.count_nonzero(s.any(axis=0)) / s.shape[1] for s in slopes]),
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
    return np.array([_norm(array) for array in arrays])


def _norm(array: Any) -> float:
    with np.errstate(over="ignore"):
        norm = float(np.linalg.norm(array))
    if 1e-150 < norm < np.inf:
        return norm
    # Squares leave the range of numbers long before the numbers themselves do.
    largest = float(abs(array).max())
    return largest * float(np.linalg.norm(array / largest)) if 0 < largest < np.inf else largest


def _shares(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.count_nonzero(flags, axis=0) / len(flags)
    return shares
