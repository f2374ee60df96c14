"""Numerical derivatives: chords beside the tangent, and the U that their error draws over the step."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from backproplab.figures.still import BACKWARD, FORWARD, INK, Still, quiet
from backproplab.neuron import number

__all__ = ["chords", "u_curve"]

Point = tuple[float, float]
# Colour, dashes and mark: any one of the three tells the lines apart.
STYLES = ((FORWARD, "-", "o"), (BACKWARD, "--", "s"), (INK, ":", "^"), ("#8d62b8", "-.", "D"))
# An error of exactly 0 has no place on a logarithmic axis: it gets a row of its own, below all others.
BELOW = 0.1
# A line has a bottom where its smallest error is below that share of its largest.
DEEP = 0.1


def chords(
    curve: tuple[ArrayLike, ArrayLike],
    tangent: tuple[float, float, float],
    between: Mapping[str, tuple[Point, Point]],
) -> Still:
    """Draw a curve, its tangent in one point, and chords through two points of the curve each.

    Parameters
    ----------
    curve : pair of array_like
        The curve's points: x and y.
    tangent : (x, y, slope)
        Where the tangent touches, and its slope.
    between : mapping of str to pair of points
        By the chord's name: the two points ``(x, y)`` that it joins.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> chords(([0, 1, 2], [0, 1, 4]), (1.0, 1.0, 2.0), {"one-sided": ((1, 1), (2, 4))}).sentence
    'The tangent has the slope 2.000; one-sided 3.000.'
    """
    xs, ys = (np.asarray(v, dtype=float) for v in curve)
    x, y, slope = tangent
    steep = {name: (y1 - y0) / (x1 - x0) for name, ((x0, y0), (x1, y1)) in between.items()}
    told = "; ".join(f"{name} {number(value)}" for name, value in steep.items())
    figure = Still(6.5, 3.6, f"The tangent has the slope {number(slope)}; {told}.")
    axes = figure.add_axes((0.09, 0.14, 0.88, 0.83))
    axes.plot(xs, ys, color=INK, linewidth=3, alpha=0.6, label="the curve")
    axes.axline((x, y), slope=slope, color=INK, linewidth=1, label=f"tangent, slope {number(slope)}")
    for (name, (first, second)), (colour, dash, mark) in zip(between.items(), STYLES, strict=False):
        label = f"{name}, slope {number(steep[name])}"
        axes.axline(first, second, color=colour, linestyle=dash, linewidth=2)
        axes.plot(*zip(first, second, strict=True), mark, color=colour, markersize=8)
        axes.plot([], [], dash, marker=mark, color=colour, label=label)
    axes.set(xlim=(xs.min(), xs.max()), ylim=(ys.min(), ys.max()), xlabel="x", ylabel="f(x)")
    axes.legend(frameon=False, labelcolor=INK, fontsize=9, loc="upper left")
    quiet(axes)
    return figure


def u_curve(
    steps: ArrayLike,
    errors: Mapping[str, Sequence[float]],
    label: str = "error of the slope",
    marked: float | None = None,
) -> Still:
    """Draw errors over the step ``h``, both on logarithmic axes, and mark the bottom of each U.

    Parameters
    ----------
    steps : array_like of shape (n,)
        The steps ``h``, all above 0.
    errors : mapping of str to sequence of float
        By the method's name: one error of size >= 0 for each step; nan leaves a gap.
    label : str
        What the errors are, for the axis.
    marked : float, optional
        A step to point out.

    Returns
    -------
    Still
        Errors of exactly 0 stand as marks on a line of their own, below the axis of logarithms.

    Examples
    --------
    >>> u_curve([1e-8, 1e-5, 1e-2], {"two-sided": [1e-8, 1e-11, 1e-4]}).sentence
    'two-sided: smallest at h = 1e-05, where it is 1e-11.'
    """
    h = np.asarray(steps, dtype=float)
    lines = {name: np.asarray(values, dtype=float) for name, values in errors.items()}
    sentence = "; ".join(_smallest_in_words(name, h, line) for name, line in lines.items()) + "."
    figure = Still(7.0, 3.8, sentence)
    axes = figure.add_axes((0.11, 0.14, 0.87, 0.83))
    axes.set(xscale="log", yscale="log", xlabel="step h", ylabel=label)
    axes.set_xlim(h.min() / 3, 3 * h.max())
    floor = BELOW * min(np.min(line[line > 0], initial=1.0) for line in lines.values())
    for (name, line), style in zip(lines.items(), STYLES, strict=False):
        _draw_errors(axes, h, line, floor, name, style)
    if any(np.any(line == 0) for line in lines.values()):
        axes.axhline(floor, color=INK, linewidth=0.6)
        axes.annotate("exactly 0", (h.max(), floor), color=INK, fontsize=8, ha="right", va="bottom")
    if marked is not None:
        axes.axvline(marked, color=INK, linestyle=":", linewidth=1)
    axes.legend(frameon=False, labelcolor=INK, fontsize=9)
    quiet(axes)
    return figure


def _draw_errors(
    axes: Axes, h: NDArray[np.float64], line: NDArray[np.float64], floor: float, name: str,
    style: tuple[str, str, str],
) -> None:  # fmt: skip
    colour, dash, mark = style
    shown = np.where(line > 0, line, np.nan)
    axes.plot(h, shown, dash, marker=mark, markersize=3, color=colour, label=name)
    zero = line == 0
    axes.plot(h[zero], np.full(zero.sum(), floor), mark, markersize=3, color=colour)
    best = _bottom(line)
    if best is not None:
        axes.plot(h[best], line[best], "o", color=colour, markersize=11, fillstyle="none", markeredgewidth=2)


def _bottom(line: NDArray[np.float64]) -> int | None:
    """Return where a U is lowest; None for a line that is nearly flat, or that falls to exactly 0."""
    deep = 0 < np.nanmin(line, initial=np.inf) < DEEP * np.nanmax(line, initial=0)
    return int(np.nanargmin(line)) if deep else None


def _smallest_in_words(name: str, h: NDArray[np.float64], line: NDArray[np.float64]) -> str:
    zero = int(np.sum(line == 0))
    if zero:
        return f"{name}: exactly 0 at {zero} of {len(line)} steps"
    best = _bottom(line)
    if best is None:
        return f"{name}: no bottom, between {np.nanmin(line):.0e} and {np.nanmax(line):.0e}"
    return f"{name}: smallest at h = {h[best]:.0e}, where it is {line[best]:.0e}"
