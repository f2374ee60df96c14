"""A hidden layer: the network around it, what its neurons hear, and the price of a late update."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from backproplab.figures.still import BACKWARD, FORWARD, INK, MINUS, Still, quiet
from backproplab.neuron import number

__all__ = ["delta_flow", "gap_by_rate", "shares_of_delta", "small_network"]

TIMES = "\N{MULTIPLICATION SIGN}"
DELTA = "\N{GREEK SMALL LETTER DELTA}"
# Letters of the layers, input first.
LETTERS = ("x", "h", "o")
# In units of the distance between two layers: half the width of a unit's box, and of a letter on an edge.
HALF_BOX, HALF_LETTER = 0.19, 0.015


def small_network(activations: Sequence[Any], weights: Sequence[Any], targets: Any) -> Still:
    """Draw a network with one hidden layer: its values, its weights, its targets.

    Parameters
    ----------
    activations : sequence of ndarray
        Input, hidden layer, output layer, each of shape (n,).
    weights : sequence of ndarray
        ``w[j, k]`` runs from unit j to unit k, one matrix for each pair of layers.
    targets : ndarray
        One for each output.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> small_network([[1.0], [0.5], [0.75]], [[[2.0]], [[3.0]]], [0.5]).sentence
    'o1 answers 0.75 where 0.5 is due. h1 answers 0.5, and nothing is due.'
    """
    answers = [
        f"o{k} answers {_short(a)} where {_short(t)} is due"
        for k, (a, t) in enumerate(zip(activations[2], targets, strict=True), 1)
    ]
    hidden = [f"h{j} answers {_short(a)}" for j, a in enumerate(activations[1], 1)]
    figure = Still(7.5, 2.6, f"{'; '.join(answers)}. {', '.join(hidden)}, and nothing is due.")
    axes = _canvas(figure)
    for layer, matrix in enumerate(weights):
        for (j, k), weight in np.ndenumerate(np.asarray(matrix)):
            _edge(axes, (layer, j), (layer + 1, k), f"{weight:.2f}", color=FORWARD)
    for layer, values in enumerate(activations):
        for unit, value in enumerate(values):
            _unit(axes, layer, unit, _short(value))
    for k, target in enumerate(targets):
        axes.text(2.3, -k, f"target {_short(target)}", color=INK, va="center", fontsize=10)
    for j in range(len(activations[1])):
        axes.text(1, -0.3 - j, "no target", color=INK, ha="center", va="center", fontsize=9)
    return figure


def delta_flow(activations: Sequence[Any], weights: Sequence[Any], deltas: Sequence[Any], unit: int) -> Still:
    """Draw how the deltas of the outputs come together at one hidden neuron.

    Parameters
    ----------
    activations : sequence of ndarray
        Input, hidden layer, output layer, each of shape (n,).
    weights : sequence of ndarray
        One matrix for each pair of layers.
    deltas : sequence of ndarray
        Of the hidden layer and of the output layer.
    unit : int
        The hidden neuron that is looked at, counted from 0.

    Returns
    -------
    Still
        Not shown, not known to pyplot.
    """
    row = np.asarray(weights[1])[unit]
    terms = np.asarray(deltas[1]) * row
    heard = " and ".join(f"{number(term)} from o{k}" for k, term in enumerate(terms, 1))
    figure = Still(
        7.5,
        2.6,
        f"h{unit + 1} hears {heard}, together {number(terms.sum())}; "
        f"times its slope that is {number(deltas[0][unit])}.",
    )
    axes = _canvas(figure)
    for layer, matrix in enumerate(weights):
        for j, k in product(*map(range, np.shape(matrix))):
            if layer == 0 or j != unit:
                _edge(axes, (layer, j), (layer + 1, k), "", color=INK, alpha=0.5)
    for k, (delta, weight) in enumerate(zip(deltas[1], row, strict=True)):
        text = f"{number(delta)} {TIMES} {weight:.2f}"
        _edge(axes, (2, k), (1, unit), text, color=BACKWARD, linestyle=(0, (4, 3)))
    for layer, values in enumerate(activations):
        for place, value in enumerate(values):
            _unit(axes, layer, place, _short(value), chosen=(layer, place) == (1, unit))
            if layer:
                below = f"{DELTA} = {number(deltas[layer - 1][place])}"
                axes.text(layer, -place - 0.3, below, color=BACKWARD, ha="center", va="center", fontsize=10)
    return figure


def _canvas(figure: Still) -> Axes:
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-0.25, 2.75), ylim=(-1.5, 0.35))
    axes.axis("off")
    return axes


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", MINUS)


def _unit(axes: Axes, layer: int, unit: int, text: str, chosen: bool = False) -> None:
    name = f"{LETTERS[layer]}{unit + 1}"
    box = {
        "boxstyle": "round,pad=0.4",
        "facecolor": "none",
        "edgecolor": INK,
        "linewidth": 2.5 if chosen else 1,
    }
    axes.text(layer, -unit, f"{name}: {text}", color=INK, ha="center", va="center", fontsize=10, bbox=box)


def _edge(axes: Axes, start: tuple[int, int], end: tuple[int, int], text: str, **line: Any) -> None:
    """Draw an arrow between two units; it leaves room for its text, ahead of where edges cross."""
    (x0, j), (x1, k) = start, end
    out = HALF_BOX if x1 > x0 else -HALF_BOX
    at, room = (0.26, 0.09) if j != k else (0.46, len(text) * HALF_LETTER / (1 - 2 * HALF_BOX))

    def along(share: float) -> tuple[float, float]:
        return x0 + out + share * (x1 - x0 - 2 * out), -j - share * (k - j)

    style = {"shrinkA": 2, "shrinkB": 2, **line}
    if text:
        axes.annotate("", along(at - room), along(0), arrowprops={"arrowstyle": "-", **style})
        axes.text(*along(at), text, color=line["color"], ha="center", va="center", fontsize=9)
    axes.annotate("", along(1), along(at + room if text else 0), arrowprops={"arrowstyle": "->", **style})


def shares_of_delta(delta_next: Any, W_next: Any, slopes: Any) -> Still:
    """Draw what each hidden neuron hears from the next layer, the sum, and what its slope leaves of it.

    Parameters
    ----------
    delta_next : ndarray of shape (n_next,)
        Delta of the next layer.
    W_next : ndarray of shape (n_hidden, n_next)
        The weights that lead there.
    slopes : ndarray of shape (n_hidden,)
        ``f'(z)`` of the hidden neurons.

    Returns
    -------
    Still
        One panel a hidden neuron, one bar a term.

    Examples
    --------
    >>> shares_of_delta([1.0, -2.0], [[3.0, 1.0]], [0.5]).sentence
    'h1: 3.000 and \N{MINUS SIGN}2.000, together 1.000, times the slope 0.5000 is 0.5000.'
    """
    terms = np.asarray(delta_next) * np.asarray(W_next)
    words = [_sum_in_words(j, row, slopes[j]) for j, row in enumerate(terms)]
    figure = Still(7.5, 0.9 + 0.36 * (terms.shape[1] + 2), f"{'; '.join(words)}.")
    panels = figure.subplots(1, len(terms), sharex=True, sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.13, right=0.98, top=0.86, bottom=0.24, wspace=0.12)
    for j, (axes, row) in enumerate(zip(panels, terms, strict=True)):
        _bars(axes, row, float(slopes[j]))
        axes.set_title(f"h{j + 1}", color=INK, fontsize=10)
        axes.set_xlabel("dL/da (last bar: dL/dz)")
    return figure


def _sum_in_words(j: int, row: Any, slope: float) -> str:
    heard = " and ".join(map(number, row))
    total = row.sum()
    made = f"times the slope {number(slope)} is {number(total * slope)}"
    return f"h{j + 1}: {heard}, together {number(total)}, {made}"


def _bars(axes: Axes, row: Any, slope: float) -> None:
    names = [*(f"from o{k + 1}" for k in range(len(row))), "their sum", f"sum {TIMES} slope"]
    values = np.array([*row, row.sum(), row.sum() * slope])
    for place, value in enumerate(values):
        made = place >= len(row)
        axes.barh(
            place, value, height=0.6, edgecolor=BACKWARD,
            facecolor=BACKWARD if made else "none", hatch=None if made else "///",
        )  # fmt: skip
        axes.annotate(
            f" {number(value)} ", (max(value, 0.0), place), color=INK, va="center", ha="left", fontsize=9
        )
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.margins(x=0.4)
    quiet(axes)


def gap_by_rate(rates: Any, gaps: Any, marked: float) -> Still:
    """Draw the gap between two update orders over the learning rate, both axes logarithmic.

    Parameters
    ----------
    rates, gaps : ndarray of shape (n,)
        Learning rates, and the loss of the wrong order minus that of the right one.
    marked : float
        The rate of the worked example.

    Returns
    -------
    Still
        Filled circles where the wrong order ends higher, hollow squares where it ends lower.
    """
    rates, gaps = np.asarray(rates), np.asarray(gaps)
    nearest = int(np.argmin(abs(rates - marked)))
    figure = Still(
        6.5,
        3.3,
        f"At rate {marked:g} the gap is {number(gaps[nearest])}, at rate {rates[0]:g} {number(gaps[0])}. "
        f"The wrong order ends lower at {int((gaps < 0).sum())} of {len(gaps)} rates.",
    )
    axes = figure.add_axes((0.13, 0.16, 0.84, 0.8))
    for higher, style, name in (
        (True, "o", "wrong order ends higher"),
        (False, "s", "wrong order ends lower"),
    ):
        chosen = gaps > 0 if higher else gaps < 0
        face = BACKWARD if higher else "none"
        axes.plot(rates[chosen], abs(gaps[chosen]), style, color=BACKWARD, markerfacecolor=face, label=name)
    axes.axvline(marked, color=INK, linestyle=":")
    axes.annotate(
        f" rate {marked:g}", (marked, 0.02), xycoords=("data", "axes fraction"), color=INK, fontsize=9
    )
    axes.set(xscale="log", yscale="log", xlabel="learning rate", ylabel="size of the gap in the loss")
    axes.legend(frameon=False, labelcolor=INK, fontsize=9, loc="upper left")
    quiet(axes)
    return figure
