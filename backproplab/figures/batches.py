"""Batches as matrices: which products fit, and which answers are compared with which targets."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from backproplab.figures.still import BACKWARD, FORWARD, INK, MINUS, Still
from backproplab.matrix_products import LOST, MISSHAPEN, RIGHT, UNEQUAL, products

__all__ = ["compared_pairs", "shape_bench"]

# Face, hatch and edge of a product's rectangle.
LOOKS: dict[str, dict[str, Any]] = {
    MISSHAPEN: {"facecolor": "none", "edgecolor": INK, "linestyle": "dotted"},
    UNEQUAL: {"facecolor": "none", "edgecolor": BACKWARD, "hatch": "////"},
    RIGHT: {"facecolor": BACKWARD, "edgecolor": BACKWARD},
}
# Where the two factors, the product and the verdict of a bench's row stand, in widths of the largest factor.
PLACES, ROW_END = (2.0, 3.45, 4.95), 8.7
# A step along y is this much longer on paper than one along x.
TALLER = 1.44


def shape_bench(factors: Mapping[str, Any], wanted: Any) -> Still:
    """Draw all products of two matrices and their transposes beside the gradient that is wanted.

    Parameters
    ----------
    factors : mapping of str to ndarray
        Two matrices by their names; one alone is multiplied with itself.
    wanted : ndarray
        The gradient.

    Returns
    -------
    Still
        Rectangles to scale: dotted for a wrong shape, hatched for wrong values, filled where both are right.

    Examples
    --------
    >>> X, dZ = np.ones((5, 3)), np.ones((5, 2))
    >>> shape_bench({"X": X, "dZ": dZ}, X.T @ dZ).sentence
    'Of 8 products 2 run, 1 has the shape (3, 2), 1 has the values too: X.T @ dZ.'
    """
    rows = products(factors, np.asarray(wanted))
    verdicts = [verdict for *_, verdict in rows]
    fits = len([v for v in verdicts if v in (UNEQUAL, RIGHT)])
    good = [f"{left[0]} @ {right[0]}" for left, right, _, verdict in rows if verdict == RIGHT]
    figure = Still(
        8.6,
        3.5,
        f"Of {len(rows)} products {len(rows) - verdicts.count(LOST)} run, {fits} "
        f"{'has' if fits == 1 else 'have'} the shape {np.shape(wanted)}, {len(good)} "
        f"{'has' if len(good) == 1 else 'have'} the values too: {', '.join(good) or 'none'}.",
    )
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set(xlim=(0, 2 * ROW_END), ylim=(4.25, -0.65), aspect="auto")
    axes.axis("off")
    scale = 0.74 / max(max(np.shape(matrix)) for matrix in factors.values())
    for place, row in enumerate(rows):
        _product(axes, place // 4 * ROW_END, place % 4 * 1.2, row, scale)
    return figure


def _product(axes: Axes, x: float, y: float, row: tuple[Any, Any, Any, str], scale: float) -> None:
    left, right, made, verdict = row
    plain: dict[str, Any] = {"facecolor": "none", "edgecolor": FORWARD if made is not None else INK}
    middle: dict[str, Any] = {"color": INK, "ha": "center", "va": "center"}
    axes.text(x, y, f"{left[0]} @ {right[0]}", color=INK, va="center", fontsize=10, family="monospace")
    for place, (_, matrix) in zip(PLACES, (left, right), strict=False):
        _rectangle(axes, x + place + 0.5, y, matrix.shape, scale, plain)
    axes.text(x + (PLACES[0] + PLACES[1] + 1) / 2, y, "@", fontsize=9, **middle)
    if made is None:
        text = f"{left[1].shape[1]} against {right[1].shape[0]}: {LOST}"
        axes.text(x + PLACES[2] - 0.2, y, text, color=INK, va="center", fontsize=9)
        return
    axes.text(x + (PLACES[1] + PLACES[2] + 1) / 2, y, "=", fontsize=9, **middle)
    _rectangle(axes, x + PLACES[2] + 0.5, y, made.shape, scale, LOOKS[verdict])
    axes.text(x + PLACES[2] + 1.15, y, f"{made.shape}\n{verdict}", color=INK, va="center", fontsize=9)


def _rectangle(
    axes: Axes, x: float, y: float, shape: tuple[int, ...], scale: float, look: dict[str, Any]
) -> None:
    height, width = shape[0] * scale, shape[1] * scale * TALLER
    axes.add_patch(Rectangle((x - width / 2, y - height / 2), width, height, linewidth=1.2, **look))


def compared_pairs(answers: Any, targets: Any) -> Still:
    """Draw each answer minus each target, as a column minus a row gives them.

    Parameters
    ----------
    answers, targets : ndarray of shape (n,)
        One number an example.

    Returns
    -------
    Still
        A table of differences; those of an example with its own target are framed. Row means stand beside.

    Examples
    --------
    >>> compared_pairs([0.5, 0.25], [0.0, 1.0]).sentence
    '4 differences, 2 of them between an answer and its own target. Row means: 0.0000, \N{MINUS SIGN}0.2500.'
    """
    a, t = np.asarray(answers), np.asarray(targets)
    table = a[:, None] - t
    means = table.mean(axis=1)
    figure = Still(
        6.5,
        0.9 + 0.45 * len(a),
        f"{table.size} differences, {len(a)} of them between an answer and its own target. "
        f"Row means: {', '.join(map(_signed, means))}.",
    )
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set(xlim=(-1.6, len(t) + 0.9), ylim=(len(a) - 0.4, -1.1))
    axes.axis("off")
    middle: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 10}
    for k, target in enumerate(t):
        axes.text(k, -0.75, f"target {k + 1}: {_short(target)}", color=INK, **middle)
    axes.text(len(t) + 0.2, -0.75, "mean of the row", color=INK, **middle)
    for n, answer in enumerate(a):
        axes.text(-1.55, n, f"answer {n + 1}: {_short(answer)}", color=INK, va="center", fontsize=10)
        for k in range(len(t)):
            axes.text(k, n, _signed(table[n, k]), color=BACKWARD if n == k else INK, **middle)
        axes.add_patch(
            Rectangle((n - 0.38, n - 0.38), 0.76, 0.76, facecolor="none", edgecolor=BACKWARD, linewidth=2)
        )
        axes.text(len(t) + 0.2, n, _signed(means[n]), color=FORWARD, **middle)
    return figure


def _short(value: float) -> str:
    return f"{value:.4g}".replace("-", MINUS)


def _signed(value: float) -> str:
    return f"{value:.4f}".replace("-", MINUS)
