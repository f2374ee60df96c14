"""Singular values of a product of layer Jacobians of lesson 9: what a kept length hides."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from backproplab.explorers.frame import Explorer, View, choosing, front_end, sliding
from backproplab.jacobians import Spectrum, layer_jacobians, spectrum
from backproplab.tower import examples, tower

__all__ = ["JacobianSpectrum"]

_ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "softplus")
_INITS = {"gaussian": "lecun", "orthogonal": "orthogonal"}


class JacobianSpectrum(Explorer):
    """By how much the product of Jacobians stretches each direction, the more layers delta has passed.

    Parameters
    ----------
    depth, width : int
        Number of hidden layers, and of units in each.
    activation : str
        One of ``linear``, ``sigmoid``, ``tanh``, ``relu``, ``softplus``.
    init : str
        ``gaussian`` of variance 1/n, or ``orthogonal``.
    scale : float
        All weights are multiplied by it.
    seed : int
        Of the weights.

    Examples
    --------
    >>> JacobianSpectrum(init="orthogonal", depth=50).spectrum.values[-1].round(6).max()
    np.float64(1.0)
    """

    title = "Singular values of the Jacobians' product"
    lesson = "vanishing_gradients"
    grid: ClassVar = {
        "depth": [2, 5, 10, 20, 50],
        "activation": list(_ACTIVATIONS),
        "init": list(_INITS),
        "scale": [0.5, 1.0, 1.4, 2.0],
    }
    _esm = front_end("jacobian_spectrum")

    depth = sliding("hidden layers", 2, 50, 1, 20)
    width = sliding("width", 8, 64, 8, 32)
    activation = choosing("activation f", _ACTIVATIONS, "linear")
    init = choosing("first weights", tuple(_INITS), "gaussian")
    scale = sliding("weight factor", 0.1, 5.0, 0.1, 1.0)
    seed = sliding("seed", 0, 99, 1, 0)

    @property
    def spectrum(self) -> Spectrum:
        """Every number behind the picture, at the first image of the digits."""
        net = tower(**self.settings() | {"init": _INITS[self.init]})
        X, _ = examples("digits")
        return spectrum(layer_jacobians(net, X[0]))

    def look(self) -> View:
        """Compute the singular values."""
        seen = self.spectrum
        with np.errstate(divide="ignore"):
            values, kept = np.log10(seen.values), np.log10(seen.kept)
        shown = values[seen.resolved]
        low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 0.0)
        arrays = {
            "kept": kept,
            "passed": seen.passed.astype(np.uint8),
            "values": _levels(values, seen.resolved, low, high),
        }
        return View({"low": low, "high": high}, seen.in_words(), arrays)

    def still(self) -> Any:
        """Return the same as a still picture."""
        from backproplab.figures import singular_values  # matplotlib is slow to load

        return singular_values(self.spectrum)


def _levels(
    exponents: NDArray[np.float64], resolved: NDArray[np.bool_], low: float, high: float
) -> NDArray[np.uint8]:
    """Return 0 for what is lost in rounding, and 1 to 255 for the exponents from low to high."""
    share = (np.where(resolved, exponents, low) - low) / max(high - low, 1e-9)
    return np.where(resolved, 1 + np.round(254 * share), 0).astype(np.uint8)
