"""Slopes along a path through many layers of lesson 9, and how their product shrinks."""

from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from backproplab.activations import ACTIVATIONS
from backproplab.explorers.frame import Explorer, View, choosing, front_end, sliding
from backproplab.slope_chain import SlopeChain, slope_chain
from backproplab.tower import gaussian_means

__all__ = ["SlopeProduct"]

_ACTIVATIONS = ("sigmoid", "tanh", "relu", "softplus", "linear")


class SlopeProduct(Explorer):
    """The slopes of each layer's units, a path through them, and the product along it.

    Parameters
    ----------
    depth : int
        Number of layers.
    activation : str
        One of ``sigmoid``, ``tanh``, ``relu``, ``softplus``, ``linear``.
    spread : float
        The standard deviation of the pre-activations.
    path : str
        ``random``, or ``steepest``: the unit of the largest slope in each layer.
    seed : int
        Of the pre-activations and of the random path.

    Examples
    --------
    >>> SlopeProduct(depth=10, activation="linear").chain.exponents[0] == 0  # slopes of 1 lose nothing
    np.True_
    """

    title = "Product of slopes"
    lesson = "vanishing_gradients"
    grid: ClassVar = {
        "depth": [2, 5, 10, 20, 50],
        "activation": list(_ACTIVATIONS),
        "spread": [0.5, 1.0, 2.0, 4.0, 8.0],
        "path": ["random", "steepest"],
    }
    _esm = front_end("slope_product")

    depth = sliding("layers", 1, 50, 1, 10)
    activation = choosing("activation f", _ACTIVATIONS, "sigmoid")
    spread = sliding("spread of z", 0.1, 8.0, 0.1, 1.0)
    path = choosing("path", ("random", "steepest"), "random")
    seed = sliding("seed", 0, 99, 1, 0)

    @property
    def chain(self) -> SlopeChain:
        """Every number behind the picture."""
        return slope_chain(**self.settings())

    def look(self) -> View:
        """Draw the chain anew."""
        chain = self.chain
        _, mean_square = gaussian_means(ACTIVATIONS[self.activation], 0.0, self.spread)
        numbers = {
            "steepest": chain.steepest,
            "typical": float(np.sqrt(mean_square)),
            "cut": chain.cut,
        }
        arrays: dict[str, NDArray[Any]] = {
            "product": chain.exponents,
            "slopes": np.ceil(255 * chain.slopes / chain.steepest).astype(np.uint8),
            "units": chain.units.astype(np.uint8),
        }
        return View(numbers, chain.in_words(), arrays)

    def still(self) -> Any:
        """Return the same as a still picture."""
        from backproplab.figures import slopes_on_path  # matplotlib is slow to load

        return slopes_on_path(self.chain)
