"""The path count of lesson 5: paths multiply from layer to layer, edges add up, a sweep uses edges."""

from typing import Any, ClassVar

import numpy as np
import traitlets

from backproplab.costs import amount
from backproplab.explorers.frame import Explorer, View, among, choosing, front_end, sliding
from backproplab.paths import Sweep, edges_of, paths_of

__all__ = ["PathCount"]

DEEPEST = 12
ROOM = 6
"""So many units of a layer are drawn at most; of more, the first and the last ones."""
SLOPES = ("all 1", "\N{MINUS SIGN}2, \N{MINUS SIGN}1, 1 or 2")
LEGIBLE = 3
"""In layers of more units the local slopes cannot be written at the edges."""


class PathCount(Explorer):
    """A layered network, swept forward and backward stage by stage, with its edges and its paths counted.

    Parameters
    ----------
    layers, units : int
        Hidden layers, and units in each.
    slopes : str
        Whether all local slopes are 1, or drawn at random.
    moment : int
        How many stages of edges have been sent, first forward, then backward.

    Examples
    --------
    >>> PathCount(layers=4, units=100).sweep.paths
    1000000
    """

    title = "Path count"
    lesson = "million_and_one"
    grid: ClassVar = {
        "layers": [1, 2, 3, 4, 6, 12],
        "units": [2, 3, 4, 100],
        "slopes": list(SLOPES),
        "moment": [0, 2, 5, 7, 10, 26],
    }
    _esm = front_end("path_count")

    layers = sliding("layers", 1, DEEPEST, 1, 4)
    units = among("units", (1, 2, 3, 4, 5, 6, 8, 10, 20, 50, 100), 3)
    slopes = choosing("local slopes", SLOPES, "all 1")
    moment = sliding("moment", 0, 2 * DEEPEST + 2, 1, 0, play=True)

    fixed = traitlets.Dict({"deepest": DEEPEST}).tag(sync=True)

    @property
    def sweep(self) -> Sweep:
        """Every number behind the picture."""
        return Sweep(self.layers, self.units, self.slopes == SLOPES[1], self.moment)

    def look(self) -> View:
        """Compute the sweep, and the counts of deeper and shallower networks beside it."""
        sweep = self.sweep
        depths = range(1, DEEPEST + 1)
        numbers = {
            "done": [sweep.forward_done, sweep.backward_done],
            "edges": sweep.edges,
            "used": [sweep.used_forward, sweep.used_backward],
            "shown": {name: amount(getattr(sweep, name)) for name in ("paths", "walked", "slope")},
        }
        arrays = {
            "values": _drawn(sweep.values[1:-1]),
            "adjoints": _drawn(sweep.adjoints[1:-1]),
            "local": np.concatenate([W.ravel() for W in sweep.weights])
            if self.units <= LEGIBLE
            else np.zeros(0),
            "ends": np.array([sweep.values[-1][0], sweep.adjoints[0][0]]),
            "paths": np.array([float(paths_of(layers, self.units)) for layers in depths]),
            "edges_by_layers": np.array([float(edges_of(layers, self.units)) for layers in depths]),
        }
        return View(numbers, sweep.in_words(), arrays)

    def still(self) -> Any:
        """Return the counts by number of layers as a still picture."""
        from backproplab.figures import path_growth  # matplotlib is slow to load, the sliders need not wait

        depths = range(1, self.layers + 1)
        paths, edges = ([count(layers, self.units) for layers in depths] for count in (paths_of, edges_of))
        figure = path_growth(list(depths), paths, edges)
        figure.sentence = self.sweep.in_words()
        return figure


def _drawn(columns: list[Any]) -> Any:
    """Return the values of the units that there is room for."""
    if len(columns[0]) > ROOM:
        columns = [np.r_[column[: ROOM - 3], column[-2:]] for column in columns]
    return np.stack(columns)
