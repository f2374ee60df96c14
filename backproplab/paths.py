"""Paths and edges of a layered network, and one sweep through it: what the path count draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from backproplab.costs import amount
from backproplab.layers import dense_backward, dense_forward

__all__ = ["Sweep", "edges_of", "paths_of"]

SLOPES = (-2.0, -1.0, 1.0, 2.0)  # whole, so that a sweep can be followed by head


def edges_of(layers: int, units: int) -> int:
    """Return the edges from one input through fully connected layers to one output: the weights.

    Examples
    --------
    >>> edges_of(layers=4, units=3)
    33
    """
    return 2 * units + (layers - 1) * units**2


def paths_of(layers: int, units: int) -> int:
    """Return the paths to the output that begin with one given edge at the input.

    Examples
    --------
    >>> paths_of(layers=4, units=3), paths_of(layers=12, units=100) == 10**22
    (27, True)
    """
    return int(units ** (layers - 1))


@dataclass(frozen=True)
class Sweep:
    """One forward pass and one backward pass, up to some moment.

    Every edge multiplies by its local slope, every unit adds up. Each moment sends a stage of edges: first
    all stages forward, then all of them backward.

    Parameters
    ----------
    layers, units : int
        Hidden layers, and units in each.
    drawn : bool
        Whether the local slopes are drawn from -2, -1, 1 and 2; if not, all are 1.
    moment : int
        How many stages have been sent.

    Examples
    --------
    >>> Sweep(layers=4, units=3, drawn=False, moment=10).slope  # where all slopes are 1, it counts the paths
    27.0
    """

    layers: int
    units: int
    drawn: bool
    moment: int

    @cached_property
    def weights(self) -> list[NDArray[np.float64]]:
        """The local slopes of each stage's edges."""
        return _weights(self.layers, self.units, self.drawn)

    @property
    def stages(self) -> int:
        """The stages of edges: one more than there are layers."""
        return self.layers + 1

    @property
    def forward_done(self) -> int:
        """The stages sent forward by now."""
        return min(self.moment, self.stages)

    @property
    def backward_done(self) -> int:
        """The stages sent backward by now."""
        return min(max(self.moment - self.stages, 0), self.stages)

    @cached_property
    def values(self) -> list[NDArray[np.float64]]:
        """The value of each unit, column by column: input, layers, output; the input is 1."""
        columns = [np.ones((1, 1))]
        for W in self.weights:
            columns.append(dense_forward(columns[-1], W, np.zeros(W.shape[1])))
        return [column.ravel() for column in columns]

    @cached_property
    def adjoints(self) -> list[NDArray[np.float64]]:
        """The slope of the output with respect to each unit's value, column by column."""
        columns = [np.ones((1, 1))]
        for W in reversed(self.weights):
            columns.append(dense_backward(columns[-1], W))
        return [column.ravel() for column in reversed(columns)]

    @property
    def slope(self) -> float:
        """The slope of the output with respect to the marked weight, the first: input times adjoint."""
        return float(self.values[0][0] * self.adjoints[1][0])

    @property
    def paths(self) -> int:
        """The paths from the marked weight to the output."""
        return paths_of(self.layers, self.units)

    @property
    def edges(self) -> int:
        """All edges, each of them a weight."""
        return edges_of(self.layers, self.units)

    def used(self, stages: Sequence[NDArray[np.float64]]) -> int:
        """Return the edges of these stages."""
        return sum(W.size for W in stages)

    @property
    def used_forward(self) -> int:
        """The edges used forward by now."""
        return self.used(self.weights[: self.forward_done])

    @property
    def used_backward(self) -> int:
        """The edges used backward by now."""
        return self.used(self.weights[self.stages - self.backward_done :])

    @property
    def walked(self) -> int:
        """The edges that one walks who goes along every path alone."""
        return self.paths * self.stages

    @property
    def known(self) -> bool:
        """Whether the sweep has reached the marked weight: its unit's adjoint is there."""
        return self.backward_done >= self.layers

    def in_words(self) -> str:
        """Return the picture as sentences, with its counts."""
        return (
            f"{_many(self.layers, 'layer')} of {_many(self.units, 'unit')}: {_many(self.paths, 'path')} from "
            f"the marked weight to the output, {self.edges:,} edges in all. The forward pass has used "
            f"{self.used_forward:,} of them, the backward pass {self.used_backward:,}, each once; along "
            f"every path alone one would walk {_many(self.walked, 'edge')}. {self._slope_in_words()} For all "
            f"{self.edges:,} weights the sweep is one pass forward and one back; nudging takes "
            f"{self.edges + 1:,} passes."
        )

    def _slope_in_words(self) -> str:
        if not self.known:
            return "The sweep has not reached the marked weight yet."
        if self.drawn:
            return f"Its slope, the sum of the products along all paths, is {amount(self.slope)}."
        return f"All local slopes are 1, so its slope is the number of paths, {amount(self.slope)}."


@lru_cache(maxsize=4)
def _weights(layers: int, units: int, drawn: bool) -> list[NDArray[np.float64]]:
    shapes = list(pairwise([1, *[units] * layers, 1]))
    if not drawn:
        return [np.ones(shape) for shape in shapes]
    rng = np.random.default_rng(0)
    return [rng.choice(SLOPES, shape) for shape in shapes]


def _many(count: int, what: str) -> str:
    return f"{amount(count)} {what}{'s' * (count != 1)}"
