"""Still pictures out of traces: each function returns a matplotlib Figure and never shows it.

A figure belongs to its caller, not to pyplot. Ground is transparent and ink a middle grey, so that one
picture is readable on a light page and on a dark one.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from backproplab.activations import SATURATED_BELOW
from backproplab.gradient_report import GradientReport
from backproplab.neuron import SLOPE_STRIP, NeuronState, number, slope_strip

__all__ = ["Still", "gradient_heatmap", "learning_curves", "neuron_chain"]

_INK, _FORWARD, _BACKWARD = "#777777", "#3d83c9", "#c4651c"
_MINUS, _TIMES, _HALF = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}", "\N{VULGAR FRACTION ONE HALF}"


class Still(Figure):
    """A figure with its sentence below it, which notebooks display without pyplot.

    Parameters
    ----------
    width, height : float
        Size in inches.
    sentence : str
        What the figure shows, in words.
    """

    def __init__(self, width: float, height: float, sentence: str) -> None:
        super().__init__(figsize=(width, height), dpi=100, facecolor="none")
        self.sentence = sentence

    def _repr_mimebundle_(self, **_kwargs: Any) -> dict[str, str]:
        file = BytesIO()
        self.savefig(file, format="png", pil_kwargs={"optimize": True})
        png = b64encode(file.getvalue()).decode("ascii")
        # Viewers show one form only, and none gives a bare PNG its text: hence the page with both.
        page = (
            f'<figure style="margin: 0"><img alt="" src="data:image/png;base64,{png}">'
            f"<figcaption>{escape(self.sentence)}</figcaption></figure>"
        )
        return {"text/html": page, "image/png": png, "text/plain": self.sentence}


def learning_curves(answers: Mapping[str, Sequence[float]]) -> Still:
    """Draw how the answer of a neuron changes over the rounds, one curve for each start.

    Parameters
    ----------
    answers : mapping of str to sequence of float
        By the start's name: the answer before round 1, ..., after the last round.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> learning_curves({"A": [0.8, 0.4, 0.1]}).sentence
    'start A: 0.8000 at first, 0.4000 after 1 round, 0.1000 after 2.'
    """
    sentence = "; ".join(_course_in_words(name, curve) for name, curve in answers.items()) + "."
    figure = Still(6.5, 3.2, sentence)
    axes = figure.add_axes((0.09, 0.16, 0.82, 0.8))
    for i, (name, curve) in enumerate(answers.items()):
        colour, style = ((_FORWARD, "-"), (_BACKWARD, "--"), (_INK, ":"))[i % 3]
        axes.plot(curve, style, color=colour, linewidth=2)
        axes.annotate(f" {name}", (len(curve) - 1, curve[-1]), color=colour, va="center", fontsize=12)
    lowest = min(0.0, *(min(curve) for curve in answers.values()))
    axes.set(ylim=(lowest, None), xlabel="round", ylabel="answer a")
    axes.margins(x=0)
    _quiet(axes)
    return figure


def gradient_heatmap(report: GradientReport) -> Still:
    """Draw the relative error of every entry of every gradient, one panel a tensor.

    Parameters
    ----------
    report : GradientReport
        What :func:`backproplab.gradient_report.gradient_check` returned.

    Returns
    -------
    Still
        Colour from 1e-12 to 1 on a logarithmic scale; a tensor that agrees in all directions is blank.

    Examples
    --------
    >>> import numpy as np
    >>> from backproplab.gradient_report import gradient_check
    >>> w = [np.array([1.0, 2.0])]
    >>> report = gradient_check(lambda p: (p[0] ** 2).sum(), w, [np.array([2.0, 3.9])], names=["w"])
    >>> gradient_heatmap(report).sentence
    '1 of 1 gradients are wrong: w is off by 2.2e-02, most at [1].'
    """
    count = len(report.tensors)
    figure = Still(min(2.2 * count + 1, 12), 2.6, _errors_in_words(report))
    panels = figure.subplots(1, count, squeeze=False)[0]
    figure.subplots_adjust(left=0.06, right=0.86, top=0.84, bottom=0.14, wspace=0.35)
    scale = LogNorm(1e-12, 1, clip=True)
    for axes, tensor in zip(panels, report.tensors, strict=True):
        errors = np.zeros((1, 1)) if tensor.relative is None else np.atleast_2d(tensor.relative)
        axes.imshow(np.maximum(errors, 1e-12), norm=scale, cmap="cividis", aspect="auto")
        if tensor.worst and not tensor.ok:  # a cross, because colour alone is no cue
            row, column = (0, *tensor.worst)[-2:]
            axes.plot(column, row, "x", color="white", markeredgewidth=2)
        axes.set_title(f"{tensor.name}: {'right' if tensor.ok else 'wrong'}", color=_INK, fontsize=9)
        axes.set(xticks=[], yticks=[])
    bar = figure.colorbar(ScalarMappable(scale, "cividis"), cax=figure.add_axes((0.89, 0.14, 0.02, 0.7)))
    bar.set_label("relative error", color=_INK)
    bar.ax.tick_params(colors=_INK, labelsize=8)
    return figure


def _errors_in_words(report: GradientReport) -> str:
    if report.ok:
        return f"all {len(report.tensors)} gradients agree with the loss."
    wrong = [f"{t.name} is off by {t.error:.1e}, most at {list(t.worst)}" for t in report.tensors if not t.ok]
    return f"{len(wrong)} of {len(report.tensors)} gradients are wrong: {'; '.join(wrong)}."


def _course_in_words(name: str, curve: Sequence[float]) -> str:
    last = len(curve) - 1
    rounds = f"{last // 2} round{'s' if last // 2 != 1 else ''}"
    first, half, end = (number(curve[i]) for i in (0, last // 2, last))
    return f"start {name}: {first} at first, {half} after {rounds}, {end} after {last}"


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
        (91, 72, f"L = {_HALF} (a {_MINUS} t)²\n{number(state.loss)}"),
        (91, 45, f"t = {number(state.t)}"),
    )
    for x, y, text in nodes:
        box = {"boxstyle": "round,pad=0.35", "facecolor": "none", "edgecolor": _INK}
        axes.text(x, y, text, ha="center", va="center", color=_INK, fontsize=10, bbox=box)
    for start, end in (
        ((13, 90), (28, 77)), ((13, 72), (28, 72)), ((13, 54), (28, 67)),
        ((44, 75), (57, 75)), ((69, 75), (81, 75)), ((91, 50), (91, 61)),
    ):  # fmt: skip
        axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": _FORWARD})
    _draw_slopes(axes, state)


def _draw_slopes(axes: Axes, state: NeuronState) -> None:
    for start, end, at, text in (
        ((28, 81), (13, 95), (24, 95), f"dz/dw = x = {number(state.x)}"),
        ((28, 63), (13, 49), (24, 49), "dz/db = 1"),
        ((57, 69), (44, 69), (50.5, 54), f"da/dz = f'(z)\n= {number(state.slope)}"),
        ((81, 69), (69, 69), (75, 54), f"dL/da = a {_MINUS} t\n= {number(state.error)}"),
    ):
        arrow = {"arrowstyle": "-|>", "linestyle": "dashed", "color": _BACKWARD}
        axes.annotate("", end, start, arrowprops=arrow)
        side = "center" if "\n" in text else "left"
        axes.text(at[0], at[1], text, ha=side, va="center", color=_BACKWARD, fontsize=10)


def _draw_product(axes: Axes, state: NeuronState) -> None:
    symbols = {"error": f"(a {_MINUS} t)", "slope": "f'(z)", "input": "x"}
    ink: dict[str, Any] = {"ha": "center", "color": _INK, "fontsize": 11}
    axes.text(12, 26, "dL/dw  =", **ink)
    axes.text(17, 14, "=", **ink)
    for place, (name, value) in enumerate(state.factors.items()):
        x = 28 + 16 * place
        axes.text(x, 26, symbols[name], **ink)
        axes.text(x, 14, number(value), fontweight="bold", **ink)
        if place:
            axes.text(x - 8, 26, _TIMES, **ink)
            axes.text(x - 8, 14, _TIMES, **ink)
        if name in state.smallest and len(state.smallest) < len(symbols):
            axes.plot([x - 7, x - 7, x + 7, x + 7], [12, 9, 9, 12], color=_INK)
            axes.text(x, 1, "smallest factor", **ink)
    axes.text(67, 14, f"=  {number(state.dw)}", fontweight="bold", **ink | {"ha": "left"})
    axes.text(100, 26, f"dL/db = {number(state.db)}", fontweight="bold", **ink | {"ha": "right"})


def _draw_strip(axes: Axes, state: NeuronState) -> None:
    z, slope = slope_strip(state.activation)
    low, high = SLOPE_STRIP
    steepest = float(slope.max())
    flat = abs(slope) < SATURATED_BELOW * steepest
    bottom, top = 1.1 * min(0.0, float(slope.min())), 1.1 * steepest
    axes.fill_between(z, bottom, top, where=flat, facecolor="none", edgecolor=_INK, hatch="//", lw=0)
    axes.plot(z, slope, color=_FORWARD)
    pinned = min(max(state.z, low), high)
    beyond = "" if pinned == state.z else ", beyond the strip"
    axes.axvline(pinned, color=_BACKWARD)
    marker = "o" if not beyond else ">" if state.z > 0 else "<"
    axes.plot([pinned], [state.slope], marker, color=_BACKWARD, clip_on=False)
    axes.set(xlim=(low, high), ylim=(bottom, top), xticks=range(-10, 11, 5))
    axes.set_title(
        f"slope f'(z) of {state.activation} over z; hatched: saturated; "
        f"here z = {number(state.z)}{beyond}, slope {number(state.slope)}",
        color=_INK, fontsize=9, loc="left", pad=4,
    )  # fmt: skip
    _quiet(axes)


def _quiet(axes: Axes) -> None:
    """Make ground, ticks and labels fit any page."""
    axes.patch.set_alpha(0)
    axes.tick_params(colors=_INK, labelsize=8)
    axes.xaxis.label.set_color(_INK)
    axes.yaxis.label.set_color(_INK)
    for spine in axes.spines.values():
        spine.set_color(_INK)
