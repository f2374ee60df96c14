"""The 1-2-1 network of the dose example: its curves, the path of one slope, its terms, the descent."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from backproplab.figures.still import BACKWARD, FORWARD, INK, Still, quiet
from backproplab.neuron import number

__all__ = ["descents", "slope_path", "slope_terms", "squiggles"]

STYLES: tuple[tuple[str, Any], ...] = (
    (INK, "-"),
    (FORWARD, (0, (6, 2))),
    (BACKWARD, (0, (1, 1.5))),
    (INK, (0, (4, 2, 1, 2))),
    (FORWARD, (0, (1, 3))),
)
HATCHES = ("", "//", "..", "xx")
LOWEST = 1e-13  # where an error counts as nothing


def squiggles(
    grid: ArrayLike, curves: Mapping[str, ArrayLike], dose: ArrayLike, observed: ArrayLike
) -> Still:
    """Draw curves over the dose, and the data points that the first one shall meet.

    Parameters
    ----------
    grid : array_like of shape (m,)
        Rising doses at which the curves are known.
    curves : mapping of str to array_like of shape (m,)
        The first is drawn solid, and thin lines lead from it to the points.
    dose, observed : array_like of shape (n,)
        The data.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> squiggles([0, 1], {"the line": [0.5, 1.5]}, [0, 1], [1, 1]).sentence
    'Observed 1.000, 1.000 at the doses 0, 1.000. There the line is 0.5000, 1.500.'
    """
    at, known = np.asarray(dose, float), np.asarray(grid, float)
    met = {name: np.interp(at, known, np.asarray(curve, float)) for name, curve in curves.items()}
    there = "; ".join(f"{name} is {_row(values)}" for name, values in met.items())
    figure = Still(7.5, 3.4, f"Observed {_row(observed)} at the doses {_row(dose)}. There {there}.")
    axes = figure.add_axes((0.08, 0.15, 0.7, 0.82))
    styles = [STYLES[i % len(STYLES)] for i in range(len(curves))]
    for i, ((name, curve), (colour, style)) in enumerate(zip(curves.items(), styles, strict=True)):
        axes.plot(grid, curve, linestyle=style, color=colour, linewidth=1.6 if i else 2.6, label=name)
    for x, y, height in zip(at, np.ravel(observed), next(iter(met.values())), strict=True):
        axes.plot([x, x], [y, height], color=INK, linewidth=0.8)
    axes.plot(dose, observed, "o", color=BACKWARD, markersize=9, label="observed")
    axes.set(xlabel="dose", ylabel="effect")
    _legend(axes, loc="center left", bbox_to_anchor=(1, 0.5))
    quiet(axes)
    return figure


def slope_path(values: Mapping[str, float], slopes: Mapping[str, float]) -> Still:
    """Draw one example's way from w1 to its squared residual, with the slope of each arrow.

    Parameters
    ----------
    values : mapping of str to float
        ``w1 x1 y1 x2 y2 pred`` and ``square``, the squared residual.
    slopes : mapping of str to float
        Four of them, by name, from w1 on: of x1, of y1, of pred, of the square.

    Returns
    -------
    Still
        Not shown, not known to pyplot.
    """
    product = float(np.prod(list(slopes.values())))
    factors = " times ".join(f"{name} = {number(slope)}" for name, slope in reversed(list(slopes.items())))
    figure = Still(7.5, 2.9, f"{factors}: the product is {number(product)}.")
    axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.axis("off")
    path = ("w1", "x1", "y1", "pred", "square")
    places = {name: (7 + 21.5 * i, 64) for i, name in enumerate(path)}
    _boxes(axes, values, {**places, "x2": (28.5, 20), "y2": (50, 20)})
    for i, (name, slope) in enumerate(slopes.items()):
        left, right = 13 + 21.5 * i, 22 + 21.5 * i
        _arrow(axes, (left, 60), (right, 60), FORWARD, "-")
        _arrow(axes, (right, 70), (left, 70), BACKWARD, "--")
        text = f"{name}\n{number(slope)}"
        axes.text(17.75 + 21.5 * i, 90, text, ha="center", va="center", color=BACKWARD, fontsize=9.5)
    _arrow(axes, (34.5, 20), (44, 20), INK, "-")
    _arrow(axes, (55.5, 24), (66, 50), INK, "-")
    axes.text(98, 8, f"product {number(product)}", ha="right", color=BACKWARD, fontsize=11)
    return figure


def _boxes(axes: Axes, values: Mapping[str, float], places: Mapping[str, tuple[float, float]]) -> None:
    shown = {"square": "(observed\n- pred)²"}
    for name, (x, y) in places.items():
        box = {"boxstyle": "round,pad=0.35", "facecolor": "none", "edgecolor": INK}
        text = f"{shown.get(name, name)}\n{number(values[name])}"
        axes.text(x, y, text, ha="center", va="center", color=INK, fontsize=10, bbox=box)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], ink: str, style: str) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": ink, "linestyle": style})


def slope_terms(terms: Mapping[str, ArrayLike], dose: ArrayLike) -> Still:
    """Draw what each data point adds to a slope, beside the sum, one group of bars a parameter.

    Parameters
    ----------
    terms : mapping of str to array_like of shape (n,)
        By the parameter's name: the term of each data point.
    dose : array_like of shape (n,)
        The data points' doses.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> slope_terms({"w1": [0.0, 0.5, 1.0]}, [0, 0.5, 1]).sentence
    'w1: 0 at dose 0, 0.5000 at dose 0.5000, 1.000 at dose 1.000, together 1.500.'
    """
    rows = {name: np.append(np.ravel(row), np.sum(row)) for name, row in terms.items()}
    bars = [*(f"dose {value:g}" for value in np.ravel(dose)), "the sum"]
    sentence = "; ".join(_terms_in_words(name, row, dose) for name, row in rows.items()) + "."
    figure = Still(6.5, 2.9, sentence)
    axes = figure.add_axes((0.1, 0.1, 0.87, 0.86))
    width = 0.8 / len(bars)
    for i, bar in enumerate(bars):
        colour = BACKWARD if i == len(bars) - 1 else FORWARD
        at = np.arange(len(rows)) + (i - (len(bars) - 1) / 2) * width
        heights = [row[i] for row in rows.values()]
        hatch: dict[str, Any] = {"facecolor": "none", "edgecolor": colour, "hatch": HATCHES[i % len(HATCHES)]}
        axes.bar(at, heights, width * 0.9, label=bar, **hatch)
        for x, height in zip(at, heights, strict=True):
            label: dict[str, Any] = {
                "ha": "center",
                "va": "bottom" if height >= 0 else "top",
                "color": INK,
                "fontsize": 8,
            }
            axes.text(x, height, number(float(height)), **label)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xticks(range(len(rows)), [f"dSSR/d{name}" for name in rows])
    axes.margins(y=0.15)
    _legend(axes)
    quiet(axes)
    axes.tick_params(axis="x", labelsize=10, length=0)
    return figure


def _terms_in_words(name: str, row: Any, dose: ArrayLike) -> str:
    points = ", ".join(
        f"{number(float(term))} at dose {number(float(at))}"
        for term, at in zip(row, np.ravel(dose), strict=False)
    )
    return f"{name}: {points}, together {number(float(row[-1]))}"


def descents(
    histories: Mapping[str, Sequence[float]], levels: Mapping[str, float] | None = None, closer: int = 0
) -> Still:
    """Draw how a loss falls over the steps on a logarithmic scale, one curve a run.

    Parameters
    ----------
    histories : mapping of str to sequence of float
        By the run's name: the loss before step 1, ..., after the last.
    levels : mapping of str to float, optional
        Heights to mark with a thin line, by name.
    closer : int, optional
        So many steps are drawn once more, in a second panel with an ordinary scale.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> descents({"lr 0.1": [2.0, 1.0, 0.5]}).sentence
    'lr 0.1: 2.000 at first, 1.000 after 1 of 2 steps, 0.5000 at the end.'
    """
    sentence = "; ".join(_descent_in_words(name, history) for name, history in histories.items()) + "."
    figure = Still(7.5 if closer else 6.5, 3.4, sentence)
    whole = figure.add_axes((0.1, 0.15, 0.38, 0.82) if closer else (0.11, 0.15, 0.85, 0.82))
    _fall(whole, {name: np.maximum(history, LOWEST) for name, history in histories.items()}, levels or {})
    whole.set(yscale="log", ylabel="SSR")
    whole.margins(x=0)
    _legend(whole)
    if closer:
        start = figure.add_axes((0.57, 0.15, 0.4, 0.82))
        _fall(start, {name: history[: closer + 1] for name, history in histories.items()}, levels or {})
        start.set_ylim(bottom=0)
    return figure


def _fall(axes: Axes, histories: Mapping[str, ArrayLike], levels: Mapping[str, float]) -> None:
    for i, (name, history) in enumerate(histories.items()):
        colour, style = STYLES[i % len(STYLES)]
        axes.plot(np.asarray(history), linestyle=style, color=colour, linewidth=1.8, label=name)
    for name, level in levels.items():
        # Under the curves, and lighter: a dashed curve may lie on it.
        axes.axhline(level, color=INK, linewidth=0.8, alpha=0.4, zorder=1)
        axes.annotate(name, (1, level), xycoords=("axes fraction", "data"), xytext=(-4, 4),
                      textcoords="offset points", ha="right", color=INK, fontsize=9)  # fmt: skip
    axes.set(xlabel="step")
    quiet(axes)


def _descent_in_words(name: str, history: Sequence[float]) -> str:
    last = len(history) - 1
    first, half, end = (number(float(history[i])) for i in (0, last // 2, last))
    return f"{name}: {first} at first, {half} after {last // 2} of {last} steps, {end} at the end"


def _row(values: ArrayLike) -> str:
    return ", ".join(number(float(value)) for value in np.ravel(values))


def _legend(axes: Axes, **place: Any) -> None:
    axes.legend(frameon=False, labelcolor=INK, fontsize=9, **place)
