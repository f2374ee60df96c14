"""A tower of equal layers at work: its error signal, its saturated units, and one layer's slopes."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from backproplab.activations import ACTIVATIONS
from backproplab.figures.still import BACKWARD, FORWARD, INK, Still, quiet
from backproplab.tower import TowerState

__all__ = ["tower_at_work"]


def tower_at_work(state: TowerState, layer: int = 1) -> Still:
    """Draw the error signal of each layer, which units are saturated, and where one layer's z lies.

    Parameters
    ----------
    state : TowerState
        What :func:`backproplab.tower.tower_state` returns.
    layer : int
        The layer to look into.

    Returns
    -------
    Still
        Layers without any signal stand below the axis, as triangles.
    """
    figure = Still(7.5, 5.4, state.in_words(layer))
    grid = figure.add_gridspec(3, 2, height_ratios=(2, 1.1, 1.1), width_ratios=(1.6, 1))
    figure.subplots_adjust(left=0.1, right=0.98, top=0.95, bottom=0.09, hspace=0.45, wspace=0.18)
    signal = figure.add_subplot(grid[0, :])
    _draw_signal(signal, state)
    _draw_map(figure.add_subplot(grid[1, :], sharex=signal), state)
    _draw_layer(figure.add_subplot(grid[2, 0]), state, layer)
    _draw_losses(figure.add_subplot(grid[2, 1]), state)
    for axes in figure.axes:
        quiet(axes)
    return figure


def _draw_signal(axes: Axes, state: TowerState) -> None:
    places = np.arange(1, state.depth + 1)
    for name, values, style, colour in (
        ("|mean delta|", state.deltas, "o-", BACKWARD),
        ("|dW|", state.weight_gradients, "s--", FORWARD),
        ("delta as foretold, untrained", state.foretold, ":", INK),
    ):
        shown = np.where((values > 0) & np.isfinite(values), values, np.nan)
        axes.plot(places[: len(values)], shown, style, color=colour, label=name, markersize=4)
    axes.set_yscale("log")
    silent = places[state.deltas == 0]
    low = axes.get_xaxis_transform()
    axes.plot(silent, np.full(len(silent), 0.03), "v", color=BACKWARD, transform=low, clip_on=False)
    if state.silent:
        note = f"delta is exactly 0 in {state.silent} of {state.depth} layers"
        axes.text(0.5, 0.12, note, color=INK, ha="center", transform=axes.transAxes)
    axes.set_xlim(0.5, state.depth + 0.5)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(
        frameon=False, labelcolor=INK, fontsize=8, ncols=3, loc="lower left", bbox_to_anchor=(0, 0.98)
    )


def _draw_map(axes: Axes, state: TowerState) -> None:
    shares = -np.sort(-state.saturation, axis=1).T
    extent = (0.5, state.depth + 0.5, 0.0, 1.0)
    axes.imshow(_ink(shares), aspect="auto", interpolation="nearest", extent=extent)
    axes.set_yticks([])
    axes.set_ylabel("units", fontsize=8)
    axes.set_title("by hidden layer: the fuller, the more examples saturate the unit", color=INK, fontsize=8)


def _ink(shares: Any) -> Any:
    """Return grey of growing thickness, which shows on a light page and on a dark one."""
    grey = int(INK[1:3], 16) / 255
    return np.stack([np.full_like(shares, grey)] * 3 + [shares], axis=-1)


def _draw_layer(axes: Axes, state: TowerState, layer: int) -> None:
    act = ACTIVATIONS[state.activation]
    z = np.linspace(-6, 6, 241)
    axes.plot(z, act.deriv(z), color=BACKWARD)
    counts, edges = np.histogram(state.pre_activations[layer - 1], 48, (-6, 6))
    heights = counts / max(counts.max(), 1) * act.deriv(z).max()
    axes.stairs(heights, edges, color=FORWARD, fill=True, alpha=0.6)
    axes.set_title(f"layer {layer}: where z lies (bars), slope f'(z) (line)", color=INK, fontsize=8)


def _draw_losses(axes: Axes, state: TowerState) -> None:
    axes.plot(state.losses, "s-", color=FORWARD, markersize=3)
    axes.set_ylim(0, 1.1 * max(state.guessing, *(loss for loss in state.losses if np.isfinite(loss))))
    axes.set_xlim(-0.5, max(20, len(state.losses)) - 0.5)
    axes.axhline(state.guessing, color=INK, linestyle="dotted")
    axes.set_title("loss by step (dotted: guessing)", color=INK, fontsize=8)
