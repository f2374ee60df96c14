"""One neuron: how its answer changes while it learns, and the chain of its local slopes."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from backproplab.activations import SATURATED_BELOW
from backproplab.figures.still import BACKWARD, FORWARD, INK, MINUS, Still, quiet
from backproplab.neuron import SLOPE_STRIP, NeuronState, number, slope_strip

__all__ = ["learning_curves", "neuron_chain"]

TIMES, HALF = "\N{MULTIPLICATION SIGN}", "\N{VULGAR FRACTION ONE HALF}"


def learning_curves(answers: Mapping[str, Sequence[float]]) -> Still:
    """Draw how the answer of a neuron changes over the steps of descent, one curve for each start.

    Parameters
    ----------
    answers : mapping of str to sequence of float
        By the start's name: the answer before step 1, ..., after the last step.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> learning_curves({"A": [0.8, 0.4, 0.1]}).sentence
    'start A: 0.8000 at first, 0.4000 after 1 step, 0.1000 after 2.'
    """
    sentence = "; ".join(_course_in_words(name, curve) for name, curve in answers.items()) + "."
    figure = Still(6.5, 3.2, sentence)
    axes = figure.add_axes((0.09, 0.16, 0.82, 0.8))
    for i, (name, curve) in enumerate(answers.items()):
        colour, style = ((FORWARD, "-"), (BACKWARD, "--"), (INK, ":"))[i % 3]
        axes.plot(curve, style, color=colour, linewidth=2)
        axes.annotate(f" {name}", (len(curve) - 1, curve[-1]), color=colour, va="center", fontsize=12)
    lowest = min(0.0, *(min(curve) for curve in answers.values()))
    axes.set(ylim=(lowest, None), xlabel="step of descent", ylabel="answer a")
    axes.margins(x=0)
    quiet(axes)
    return figure


def _course_in_words(name: str, curve: Sequence[float]) -> str:
    last = len(curve) - 1
    steps = f"{last // 2} step{'s' if last // 2 != 1 else ''}"
    first, half, end = (number(curve[i]) for i in (0, last // 2, last))
    return f"start {name}: {first} at first, {half} after {steps}, {end} after {last}"


def neuron_chain(state: NeuronState) -> Still:
    """Draw one neuron: the chain with its local slopes, the product they make, the saturation strip.

    Parameters
    ----------
    state : NeuronState
        What :func:`backproplab.neuron.neuron_state` returns.

    Returns
    -------
    Still
        Not shown, not known to pyplot.
    """
    figure = Still(7.5, 4.2, state.in_words())
    chain, strip = figure.subplots(2, 1, height_ratios=(2.6, 1))
    figure.subplots_adjust(left=0.06, right=0.98, top=0.99, bottom=0.1, hspace=0.2)
    _draw_chain(chain, state)
    _draw_product(chain, state)
    _draw_strip(strip, state)
    return figure


def _draw_chain(axes: Axes, state: NeuronState) -> None:
    axes.set(xlim=(0, 100), ylim=(0, 100))
    axes.axis("off")
    nodes = (
        (6, 92, f"w = {number(state.w)}"),
        (6, 72, f"x = {number(state.x)}"),
        (6, 52, f"b = {number(state.b)}"),
        (36, 72, f"z = w x + b\n{number(state.z)}"),
        (63, 72, f"a = f(z)\n{number(state.a)}"),
        (91, 72, f"L = {HALF} (a {MINUS} t)²\n{number(state.loss)}"),
        (91, 45, f"t = {number(state.t)}"),
    )
    for x, y, text in nodes:
        box = {"boxstyle": "round,pad=0.35", "facecolor": "none", "edgecolor": INK}
        axes.text(x, y, text, ha="center", va="center", color=INK, fontsize=10, bbox=box)
    for start, end in (
        ((13, 90), (28, 77)), ((13, 72), (28, 72)), ((13, 54), (28, 67)),
        ((44, 75), (57, 75)), ((69, 75), (81, 75)), ((91, 50), (91, 61)),
    ):  # fmt: skip
        axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": FORWARD})
    _draw_slopes(axes, state)


def _draw_slopes(axes: Axes, state: NeuronState) -> None:
    for start, end, at, text in (
        ((28, 81), (13, 95), (24, 95), f"dz/dw = x = {number(state.x)}"),
        ((28, 63), (13, 49), (24, 49), "dz/db = 1"),
        ((57, 69), (44, 69), (50.5, 54), f"da/dz = f'(z)\n= {number(state.slope)}"),
        ((81, 69), (69, 69), (75, 54), f"dL/da = a {MINUS} t\n= {number(state.error)}"),
    ):
        arrow = {"arrowstyle": "-|>", "linestyle": "dashed", "color": BACKWARD}
        axes.annotate("", end, start, arrowprops=arrow)
        side = "center" if "\n" in text else "left"
        axes.text(at[0], at[1], text, ha=side, va="center", color=BACKWARD, fontsize=10)


def _draw_product(axes: Axes, state: NeuronState) -> None:
    symbols = {"error": f"(a {MINUS} t)", "slope": "f'(z)", "input": "x"}
    ink: dict[str, Any] = {"ha": "center", "color": INK, "fontsize": 11}
    axes.text(12, 26, "dL/dw  =", **ink)
    axes.text(17, 14, "=", **ink)
    for place, (name, value) in enumerate(state.factors.items()):
        x = 28 + 16 * place
        axes.text(x, 26, symbols[name], **ink)
        axes.text(x, 14, number(value), fontweight="bold", **ink)
        if place:
            axes.text(x - 8, 26, TIMES, **ink)
            axes.text(x - 8, 14, TIMES, **ink)
        if name in state.smallest and len(state.smallest) < len(symbols):
            axes.plot([x - 7, x - 7, x + 7, x + 7], [12, 9, 9, 12], color=INK)
            axes.text(x, 1, "smallest factor", **ink)
    axes.text(67, 14, f"=  {number(state.dw)}", fontweight="bold", **ink | {"ha": "left"})
    axes.text(100, 26, f"dL/db = {number(state.db)}", fontweight="bold", **ink | {"ha": "right"})


def _draw_strip(axes: Axes, state: NeuronState) -> None:
    z, slope = slope_strip(state.activation)
    low, high = SLOPE_STRIP
    steepest = float(slope.max())
    flat = abs(slope) < SATURATED_BELOW * steepest
    bottom, top = 1.1 * min(0.0, float(slope.min())), 1.1 * steepest
    axes.fill_between(z, bottom, top, where=flat, facecolor="none", edgecolor=INK, hatch="//", lw=0)
    axes.plot(z, slope, color=FORWARD)
    pinned = min(max(state.z, low), high)
    beyond = "" if pinned == state.z else ", beyond the strip"
    axes.axvline(pinned, color=BACKWARD)
    marker = "o" if not beyond else ">" if state.z > 0 else "<"
    axes.plot([pinned], [state.slope], marker, color=BACKWARD, clip_on=False)
    axes.set(xlim=(low, high), ylim=(bottom, top), xticks=range(-10, 11, 5))
    axes.set_title(
        f"slope f'(z) of {state.activation} over z; hatched: saturated; "
        f"here z = {number(state.z)}{beyond}, slope {number(state.slope)}",
        color=INK, fontsize=9, loc="left", pad=4,
    )  # fmt: skip
    quiet(axes)
