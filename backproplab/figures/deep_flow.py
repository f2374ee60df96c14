"""A network of several layers with its deltas: one unit and one of its weights stand out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from backproplab.figures.still import BACKWARD, FORWARD, INK, Still
from backproplab.neuron import number

__all__ = ["deep_flow"]

DELTA = "\N{GREEK SMALL LETTER DELTA}"
# Half the width of a unit's box, in units of the distance between two layers of a small network.
HALF_BOX = 0.22


def deep_flow(
    activations: Sequence[Any],
    weights: Sequence[Any],
    deltas: Sequence[Any],
    chosen: tuple[int, int, int],
    sentence: str,
) -> Still:
    """Draw a network with every unit's a and delta, and what comes together at one unit.

    Parameters
    ----------
    activations : sequence of ndarray
        Input, then each layer, each of shape (n,).
    weights : sequence of ndarray
        One matrix for each pair of layers.
    deltas : sequence of ndarray
        Of each layer but the input.
    chosen : tuple of int
        Layer and unit that are looked at, and the unit before it from which the chosen weight comes; all
        counted from 1.
    sentence : str
        The picture in words.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> still = deep_flow([[1.0], [0.5], [0.7]], [[[2.0]], [[3.0]]], [[0.1], [0.2]], (1, 1, 1), "Two layers.")
    >>> still.sentence
    'Two layers.'
    """
    rows = max(map(len, activations))
    figure = Still(7.5, 0.6 + 0.46 * rows, sentence)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-0.5, len(weights) + 0.5), ylim=(-rows / 2, rows / 2 + 0.4))
    axes.axis("off")
    heights = [[(len(layer) - 1) / 2 - unit for unit in range(len(layer))] for layer in activations]
    half = HALF_BOX * len(weights) / 3
    for place, matrix in enumerate(weights):
        for (j, k), weight in np.ndenumerate(np.asarray(matrix)):
            ends = (place + half, heights[place][j]), (place + 1 - half, heights[place + 1][k])
            _line(axes, ends, weight < 0, _look(place + 1, j + 1, k + 1, chosen))
    for layer, values in enumerate(activations):
        axes.text(layer, rows / 2 + 0.1, f"layer {layer}" if layer else "input", **_middle(INK))
        for unit, value in enumerate(values):
            outlined = (layer, unit + 1) == chosen[:2]
            delta = deltas[layer - 1][unit] if layer else None
            _unit(axes, (layer, heights[layer][unit]), value, delta, outlined)
    return figure


def _look(layer: int, j: int, k: int, chosen: tuple[int, int, int]) -> dict[str, Any]:
    if (layer - 1, j) == chosen[:2]:
        return {"color": BACKWARD, "linewidth": 2.2}
    if (layer, k, j) == chosen:
        return {"color": FORWARD, "linewidth": 2.2}
    return {"color": INK, "linewidth": 0.7, "alpha": 0.6}


def _line(axes: Axes, ends: Any, negative: bool, look: dict[str, Any]) -> None:
    (x0, y0), (x1, y1) = ends
    axes.plot([x0, x1], [y0, y1], linestyle=(0, (4, 3)) if negative else "solid", **look)


def _unit(axes: Axes, at: tuple[float, float], a: Any, delta: Any, outlined: bool) -> None:
    x, y = at
    shift = 0 if delta is None else 0.18
    axes.text(x, y + shift, f"a {number(float(a))}", **_middle(FORWARD))
    if delta is not None:
        axes.text(x, y - shift, f"{DELTA} {number(float(delta))}", **_middle(BACKWARD))
    if outlined:
        around = {"boxstyle": "round,pad=0.2", "facecolor": "none", "edgecolor": INK, "linewidth": 1.8}
        axes.text(x, y, "\N{NO-BREAK SPACE}" * 16 + "\n", bbox=around, **_middle(INK))


def _middle(colour: str) -> dict[str, Any]:
    return {"color": colour, "ha": "center", "va": "center", "fontsize": 8}
