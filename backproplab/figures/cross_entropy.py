"""Losses behind a sigmoid and a softmax: their slopes, the pull on each logit, the course of training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from backproplab.figures.still import BACKWARD, FORWARD, INK, Still, quiet
from backproplab.neuron import number

__all__ = ["logit_pulls", "losses_and_slopes", "share_right"]

STYLES = ((BACKWARD, "--"), (FORWARD, "-"))


def losses_and_slopes(
    z: Any, losses: Mapping[str, Any], slopes: Mapping[str, Any], marked: Mapping[str, float]
) -> Still:
    """Draw losses over the pre-activation, and their slopes beside them.

    Parameters
    ----------
    z : ndarray of shape (n,)
        Pre-activations, rising.
    losses, slopes : mapping of str to ndarray of shape (n,)
        By the loss's name: its values, and ``dL/dz``.
    marked : mapping of str to float
        Points of z that have a name.

    Returns
    -------
    Still
        Two panels with one curve for each loss; the sentence reads the slopes at the marked points.

    Examples
    --------
    >>> z = np.array([0.0, 1.0])
    >>> losses_and_slopes(z, {"square": z**2}, {"square": 2 * z}, {"B": 1.0}).sentence
    'At B (z = 1) the slope of square is 2.000.'
    """
    z = np.asarray(z)
    words = [
        f"At {name} (z = {place:g}) the slope of {_slopes_in_words(z, slopes, place)}."
        for name, place in marked.items()
    ]
    figure = Still(7.5, 3.1, " ".join(words))
    panels = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.08, right=0.98, top=0.97, bottom=0.17, wspace=0.22)
    for axes, curves, label in zip(panels, (losses, slopes), ("loss L", "slope dL/dz"), strict=True):
        for i, (name, curve) in enumerate(curves.items()):
            colour, style = STYLES[i % 2]
            axes.plot(z, curve, style, color=colour, linewidth=2, label=name)
        axes.margins(x=0, y=0.12)
        for name, place in marked.items():
            axes.axvline(place, color=INK, linestyle=":", linewidth=1)
            axes.annotate(f" {name}", (place, 0.01), xycoords=("data", "axes fraction"), color=INK)
        axes.set(xlabel="pre-activation z", ylabel=label)
        quiet(axes)
    panels[0].legend(frameon=False, labelcolor=INK, fontsize=8, loc="upper left")
    return figure


def _slopes_in_words(z: Any, slopes: Mapping[str, Any], place: float) -> str:
    return ", of ".join(
        f"{name} is {number(float(np.interp(place, z, curve)))}" for name, curve in slopes.items()
    )


def logit_pulls(P: Any, label: int) -> Still:
    """Draw the probabilities of one example and the pull of the cross-entropy on each logit.

    Parameters
    ----------
    P : ndarray of shape (K,)
        Probabilities of the classes.
    label : int
        The right class.

    Returns
    -------
    Still
        A bar for each class; an arrow as long as the pull, from the probability to its target.

    Examples
    --------
    >>> logit_pulls([0.75, 0.25], 1).sentence
    'Class 0: p 0.7500, pulled down by 0.7500; class 1 (right): p 0.2500, pulled up by 0.7500.'
    """
    P = np.asarray(P)
    pulls = (np.arange(len(P)) == label) - P
    words = [
        f"class {k}{' (right)' if k == label else ''}: p {number(p)}, "
        f"pulled {'up' if pull > 0 else 'down'} by {number(abs(pull))}"
        for k, (p, pull) in enumerate(zip(P, pulls, strict=True))
    ]
    figure = Still(6.5, 3.0, f"{'; '.join(words).capitalize()}.")
    axes = figure.add_axes((0.1, 0.16, 0.87, 0.8))
    for k, (p, pull) in enumerate(zip(P, pulls, strict=True)):
        hatch = "///" if k == label else None
        axes.bar(k, p, width=0.5, facecolor="none", edgecolor=FORWARD, linewidth=1.5, hatch=hatch)
        arrow = {"arrowstyle": "-|>", "color": BACKWARD, "shrinkA": 0, "shrinkB": 0, "linewidth": 1.5}
        axes.annotate("", (k + 0.32, p + pull), (k + 0.32, p), arrowprops=arrow)
        axes.text(k + 0.36, p + pull / 2, number(pull), color=BACKWARD, fontsize=9, va="center")
    names = [f"class {k}{', right' if k == label else ''}" for k in range(len(P))]
    axes.set_xticks(range(len(P)), names)
    axes.set(xlim=(-0.5, len(P) - 0.2), ylim=(0, 1.05), ylabel="p, and the pull on its logit")
    quiet(axes)
    return figure


def share_right(shares: Mapping[str, Sequence[float]]) -> Still:
    """Draw the share of right answers over the steps of several trainings.

    Parameters
    ----------
    shares : mapping of str to sequence of float
        By the training's name: the share before step 1, ..., after the last step.

    Returns
    -------
    Still
        One curve for each training, named in the legend and told apart by its dashes.

    Examples
    --------
    >>> share_right({"A": [0.1, 0.5, 0.9]}).sentence
    'After 2 steps: A 90.0 %.'
    """
    steps = max(len(curve) for curve in shares.values()) - 1
    ends = ", ".join(f"{name} {100 * curve[-1]:.1f} %" for name, curve in shares.items())
    figure = Still(7.5, 3.2, f"After {steps} steps: {ends}.")
    axes = figure.add_axes((0.09, 0.16, 0.52, 0.8))
    looks = ((FORWARD, "-", 2.5), (FORWARD, ":", 2.0), (BACKWARD, "-.", 2.0), (BACKWARD, "--", 2.5))
    for (name, curve), (colour, style, width) in zip(shares.items(), looks, strict=False):
        axes.plot(curve, style, color=colour, linewidth=width, label=name)
    axes.set(ylim=(0, 1), xlabel="step of descent", ylabel="share of right answers")
    axes.margins(x=0)
    axes.legend(frameon=False, labelcolor=INK, fontsize=9, loc="center left", bbox_to_anchor=(1.02, 0.5))
    quiet(axes)
    return figure
