"""A deep network seen layer by layer: its error signal, its slopes, and what training makes of it."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from backproplab.activations import Activation
from backproplab.figures.still import BACKWARD, FORWARD, INK, Still, quiet
from backproplab.neuron import number

__all__ = ["accuracy_by_depth", "signal_by_layer", "slopes_of_layer"]

# Shape, dashes and colour of one line after the other, so that colour is never the only cue.
STYLES = (
    ("o", "solid", BACKWARD),
    ("s", "dashed", FORWARD),
    ("^", "dotted", INK),
    ("D", "dashdot", BACKWARD),
    ("v", "solid", FORWARD),
    ("x", "dashed", INK),
)


def signal_by_layer(
    norms: Mapping[str, Sequence[float]],
    published: Sequence[float] = (),
    band: tuple[Sequence[float], Sequence[float]] | None = None,
) -> Still:
    """Draw the size of delta in each hidden layer on a logarithmic axis, a line for each network.

    Parameters
    ----------
    norms : mapping of str to sequence of float
        Name of a network -> norm of delta of its hidden layers, first layer first.
    published : sequence of float, optional
        Known values, drawn as hollow circles.
    band : pair of sequences, optional
        Lowest and highest value of each layer over many networks, drawn as a hatched band.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> signal_by_layer({"sigmoid": [0.002, 0.04, 0.2]}).sentence
    'sigmoid: 0.002000 in layer 1, 0.2000 in layer 3, a factor 0.1000 a layer on the way back.'
    """
    words = [_fade_in_words(name, np.asarray(values)) for name, values in norms.items()]
    figure = Still(6.5, 3.3, f"{'; '.join(words)}.")
    axes = figure.add_axes((0.13, 0.16, 0.84, 0.8))
    for (name, values), (marker, dashes, colour) in zip(norms.items(), cycle(STYLES), strict=False):
        places = np.arange(1, len(values) + 1)
        axes.plot(places, values, marker=marker, linestyle=dashes, color=colour, label=name)
    if band is not None:
        places = np.arange(1, len(band[0]) + 1)
        axes.fill_between(
            places, *band, facecolor="none", edgecolor=INK, hatch="///", alpha=0.4, label="90 % of networks"
        )
    if len(published):
        places = np.arange(1, len(published) + 1)
        axes.plot(
            places, published, "o", markersize=11, markerfacecolor="none", color=FORWARD, label="published"
        )
    axes.set(yscale="log", xlabel="hidden layer, first layer on the left", ylabel="norm of the mean delta")
    axes.set_xticks(range(1, max(map(len, norms.values())) + 1))
    axes.legend(frameon=False, labelcolor=INK, fontsize=9)
    quiet(axes)
    return figure


def _fade_in_words(name: str, values: Any) -> str:
    ends = f"{name}: {number(values[0])} in layer 1, {number(values[-1])} in layer {len(values)}"
    if len(values) == 1 or not values.all():
        return ends
    factor = (values[0] / values[-1]) ** (1 / (len(values) - 1))
    return f"{ends}, a factor {number(factor)} a layer on the way back"


def _legend_beside(axes: Axes) -> None:
    axes.legend(frameon=False, labelcolor=INK, fontsize=9, loc="center left", bbox_to_anchor=(1.0, 0.5))


def slopes_of_layer(tables: Mapping[str, Any], act: Activation) -> Still:
    """Draw where the pre-activations of layers lie under the slope of their activation.

    Parameters
    ----------
    tables : mapping of str to ndarray
        Title of a panel -> the pre-activations Z of a layer, of any shape.
    act : Activation
        Whose slope is drawn.

    Returns
    -------
    Still
        One panel a layer: bars for Z, a line for the slope, a dashed line for its root mean square.

    Examples
    --------
    >>> from backproplab.activations import relu
    >>> slopes_of_layer({"narrow": np.array([-1.0, 2.0])}, relu).sentence
    'narrow: z from \N{MINUS SIGN}1.000 to 2.000, root mean square of the slope 0.7071.'
    """
    sizes = {title: float(np.sqrt(np.mean(act.deriv(Z) ** 2))) for title, Z in tables.items()}
    words = [
        f"{title}: z from {number(np.min(Z))} to {number(np.max(Z))}, "
        f"root mean square of the slope {number(sizes[title])}"
        for title, Z in tables.items()
    ]
    figure = Still(7.5, 2.8, f"{'; '.join(words)}.")
    panels = figure.subplots(1, len(tables), sharex=True, sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.08, right=0.77, top=0.88, bottom=0.18, wspace=0.08)
    reach = max(3.0, *(float(np.abs(Z).max()) for Z in tables.values()))
    for axes, (title, Z) in zip(panels, tables.items(), strict=True):
        _slope_panel(axes, np.ravel(Z), act, reach)
        axes.axhline(sizes[title], color=BACKWARD, linestyle="dashed", label="root mean square")
        axes.set_title(title, color=INK, fontsize=10)
    panels[0].set_ylabel("slope f'(z)")
    _legend_beside(panels[-1])
    return figure


def _slope_panel(axes: Axes, z: Any, act: Activation, reach: float) -> None:
    """Draw the slope, and the shares of z below it, scaled to the same height."""
    shares, edges = np.histogram(z, bins=np.linspace(-reach, reach, 42))
    grid = np.linspace(-reach, reach, 400)
    slopes = act.deriv(grid)
    heights = shares / shares.max() * slopes.max()
    axes.stairs(heights, edges, color=FORWARD, hatch="///", alpha=0.7, label="where z lies")
    axes.plot(grid, slopes, color=BACKWARD, label="slope")
    axes.set_xlabel("z")
    quiet(axes)


def accuracy_by_depth(
    depths: Sequence[int], accuracies: Mapping[str, Sequence[float]], chance: float
) -> Still:
    """Draw the accuracy that networks reach against their depth.

    Parameters
    ----------
    depths : sequence of int
        Numbers of hidden layers.
    accuracies : mapping of str to sequence of float
        Name of a kind of network -> share of right answers at each depth.
    chance : float
        The share that guessing reaches.

    Returns
    -------
    Still
        One line for each kind.

    Examples
    --------
    >>> accuracy_by_depth([1, 8], {"sigmoid": [0.93, 0.1]}, chance=0.1).sentence
    'sigmoid: 93 % at depth 1, 10 % at depth 8. Guessing reaches 10 %.'
    """
    words = [
        f"{name}: {shares[0]:.0%} at depth {depths[0]}, {shares[-1]:.0%} at depth {depths[-1]}"
        for name, shares in accuracies.items()
    ]
    sentence = f"{'; '.join(words)}. Guessing reaches {chance:.0%}."
    figure = Still(6.5, 3.4, sentence.replace("%", " %"))
    axes = figure.add_axes((0.1, 0.15, 0.55, 0.81))
    for (name, shares), (marker, dashes, colour) in zip(accuracies.items(), cycle(STYLES), strict=False):
        axes.plot(depths, shares, marker=marker, linestyle=dashes, color=colour, label=name)
    axes.axhline(chance, color=INK, linewidth=0.8)
    axes.annotate("guessing", (depths[0], chance), color=INK, fontsize=8, va="bottom")
    axes.set(xlabel="hidden layers", ylabel="share of test digits read right", ylim=(0, 1.02))
    axes.set_xticks(depths)
    _legend_beside(axes)
    quiet(axes)
    return figure
