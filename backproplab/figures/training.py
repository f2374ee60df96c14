"""Training on images: the images themselves, the course of runs, and gradients beside numerical ones."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.ticker import NullFormatter

from backproplab.figures.still import BACKWARD, FORWARD, INK, Still, quiet
from backproplab.neuron import number

__all__ = ["digit_gallery", "epoch_losses", "gradients_compared", "run_by_epoch", "training_dashboard"]

COLUMNS = 10
# Dashes and marks beside colours, so that lines are told apart without them.
STYLES = ((FORWARD, "-", "o"), (BACKWARD, "--", "s"), (INK, ":", "^"), (FORWARD, "-.", "D"))


def digit_gallery(images: Any, labels: Sequence[int], answers: Sequence[int] | None = None) -> Still:
    """Draw handwritten digits with their labels, and with what a network read.

    Parameters
    ----------
    images : ndarray of shape (n, 64)
        Pixels from 0 to 1, at least one image.
    labels : sequence of int
        What was written.
    answers : sequence of int, optional
        What was read.

    Returns
    -------
    Still
        Ten images a row, ink as opaque as the pixels are large.

    Examples
    --------
    >>> digit_gallery(np.ones((2, 64)), [3, 5], [3, 8]).sentence
    '3 read as 3, 5 read as 8.'
    """
    titles = [str(label) for label in labels]
    if answers is not None:
        titles = [f"{label} read as {answer}" for label, answer in zip(labels, answers, strict=True)]
    rows = -(-len(titles) // COLUMNS)
    figure = Still(7.8, 0.15 + 0.95 * rows, ", ".join(titles) + ".")
    panels = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    figure.subplots_adjust(left=0.01, right=0.99, top=1 - 0.25 / rows, bottom=0.02, wspace=0.12, hspace=0.5)
    for axes in panels:
        axes.axis("off")
    for axes, image, title in zip(panels, np.asarray(images), titles, strict=False):
        _draw_digit(axes, image, title)
    return figure


def _draw_digit(axes: Axes, image: Any, title: str) -> None:
    pixels = np.empty((8, 8, 4))
    pixels[..., :3], pixels[..., 3] = to_rgb(INK), image.reshape(8, 8)
    axes.imshow(pixels, interpolation="nearest")
    axes.set_title(title, color=INK, fontsize=8, pad=3)


def epoch_losses(runs: Mapping[str, Sequence[float]], chance: float) -> Still:
    """Draw the loss of each epoch for several runs, beside that of one who guesses.

    Parameters
    ----------
    runs : mapping of str to sequence of float
        The losses of each run, first epoch first.
    chance : float
        The loss of equal probabilities.

    Returns
    -------
    Still
        Dashes and colours tell the runs apart.

    Examples
    --------
    >>> epoch_losses({"mine": [2.0, 0.5]}, chance=2.3).sentence
    'mine: from 2.000 to 0.5000. Guessing has 2.300.'
    """
    words = [f"{name}: from {number(run[0])} to {number(run[-1])}" for name, run in runs.items()]
    figure = Still(6.5, 3.0, f"{'; '.join(words)}. Guessing has {number(chance)}.")
    axes = figure.add_axes((0.1, 0.17, 0.78, 0.79))
    for (name, run), (color, dashes, mark) in zip(runs.items(), STYLES, strict=False):
        axes.plot(range(1, len(run) + 1), run, color=color, linestyle=dashes, marker=mark, ms=4, label=name)
    axes.axhline(chance, color=INK, linewidth=0.8)
    axes.annotate(
        "guessing", (1, chance), xycoords=("axes fraction", "data"), xytext=(5, 0),
        textcoords="offset points", va="center", color=INK, fontsize=9,
    )  # fmt: skip
    axes.set(xlabel="epoch", ylabel="mean loss of the batches", ylim=(0, None))
    axes.legend(frameon=False, labelcolor=INK, fontsize=9)
    quiet(axes)
    return figure


def run_by_epoch(epochs: Sequence[int], accuracy: Sequence[float], deltas: Any) -> Still:
    """Draw how often a network is right, and how large the deltas of its layers are, while it learns.

    Parameters
    ----------
    epochs : sequence of int
        How many epochs were done.
    accuracy : sequence of float
        The share of right answers after each.
    deltas : ndarray of shape (n_epochs, n_layers)
        The size of the deltas of each layer, first layer first.

    Returns
    -------
    Still
        Two panels; the sizes on a logarithmic scale.
    """
    deltas = np.asarray(deltas)
    shrunk = ", ".join(
        f"layer {layer} from {number(sizes[0])} to {number(sizes[-1])}"
        for layer, sizes in enumerate(deltas.T, 1)
    )
    figure = Still(
        7.8,
        2.9,
        f"Accuracy from {accuracy[0]:.1%} to {accuracy[-1]:.1%} in {epochs[-1]} epochs. Deltas: {shrunk}.",
    )
    left, right = figure.subplots(1, 2)
    figure.subplots_adjust(left=0.09, right=0.98, top=0.95, bottom=0.17, wspace=0.28)
    left.plot(epochs, accuracy, color=FORWARD, marker="o", ms=4)
    left.set(ylim=(0, 1.03), xlabel="epochs done", ylabel="share of test digits read right")
    _draw_deltas(right, epochs, deltas)
    quiet(left)
    return figure


def _draw_deltas(axes: Axes, epochs: Sequence[int], deltas: Any) -> None:
    for layer, (sizes, (color, dashes, mark)) in enumerate(zip(deltas.T, STYLES, strict=False), 1):
        name = f"layer {layer}{'' if sizes[-1] else ': 0 at the end'}"
        axes.plot(epochs, sizes, color=color, linestyle=dashes, marker=mark, ms=4, label=name)
    # A layer without any delta has no place on a logarithmic axis; the legend names it all the same.
    if np.any(deltas > 0):
        _count_in_powers_of_ten(axes, deltas)
    axes.set(xlabel="epochs done", ylabel="mean size of delta")
    axes.legend(frameon=False, labelcolor=INK, fontsize=9)
    quiet(axes)


def _count_in_powers_of_ten(axes: Axes, values: Any) -> None:
    powers = np.log10(values[values > 0])
    axes.set(yscale="log", ylim=(10 ** np.floor(powers.min()), 10 ** np.ceil(powers.max() + 1e-9)))
    axes.yaxis.set_minor_formatter(NullFormatter())


def training_dashboard(
    losses: Any, shares: Any, deltas: Any, images: Any, titles: Sequence[str], sentence: str, epochs: int
) -> Still:
    """Draw a whole run: loss, share of right answers, size of the deltas, and digits that were misread.

    Parameters
    ----------
    losses, shares : ndarray of shape (n_epochs, 2)
        On the examples and on new digits, before the first epoch and after each.
    deltas : ndarray of shape (n_epochs, n_layers)
        The size of the deltas of each layer, first layer first.
    images : ndarray of shape (n, 64)
        At most ten digits.
    titles : sequence of str
        What stands above each of them.
    sentence : str
        The run in words.
    epochs : int
        How many epochs were asked for; a run that diverged has fewer.

    Returns
    -------
    Still
        Three panels and a row of digits.
    """
    figure = Still(7.8, 3.9, sentence)
    done = range(len(losses))
    panels = [figure.add_axes((left, 0.42, 0.235, 0.54)) for left in (0.08, 0.405, 0.75)]
    for axes, curves, label in zip(panels, (losses, shares), ("loss", "share read right"), strict=False):
        for curve, name, (color, dashes, mark) in zip(curves.T, ("examples", "new"), STYLES, strict=False):
            axes.plot(done, curve, color=color, linestyle=dashes, marker=mark, ms=4, label=name)
        axes.set(xlabel="epochs done", ylabel=label)
        quiet(axes)
    _count_in_powers_of_ten(panels[0], losses)
    panels[0].legend(frameon=False, labelcolor=INK, fontsize=9)
    panels[1].set(ylim=(0, 1.03))
    _draw_deltas(panels[2], done, deltas)
    for axes in panels:
        axes.set(xlim=(-0.03 * epochs, 1.03 * epochs), xticks=(0, epochs // 2, epochs))
    for i, (image, title) in enumerate(zip(images, titles, strict=True)):
        axes = figure.add_axes((0.01 + 0.099 * i, 0.02, 0.09, 0.19))
        axes.axis("off")
        _draw_digit(axes, image, title)
    return figure


def gradients_compared(numerical: Any, claims: Mapping[str, Any]) -> Still:
    """Draw claimed gradients over numerical ones, one dot an entry, one panel a claim.

    Parameters
    ----------
    numerical : ndarray of shape (n,)
        Numerical derivatives.
    claims : mapping of str to ndarray of shape (n,)
        What each program says that they are.

    Returns
    -------
    Still
        Where a claim is right, all dots lie on the dashed line.

    Examples
    --------
    >>> gradients_compared([1.0, 2.0], {"A": [1.0, 2.0], "B": [1.0, 3.0]}).sentence
    'A: largest difference 0. B: largest difference 1.000.'
    """
    numerical = np.asarray(numerical)
    words = [f"{name}: largest difference {_apart(claim - numerical)}" for name, claim in claims.items()]
    figure = Still(7.0, 3.2, f"{'. '.join(words)}.")
    panels = figure.subplots(1, len(claims), sharex=True, sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.12, right=0.98, top=0.9, bottom=0.17, wspace=0.08)
    for axes, (name, claim) in zip(panels, claims.items(), strict=True):
        _cloud(axes, numerical, claim)
        axes.set_title(name, color=INK, fontsize=10)
    panels[0].set_ylabel("the program's derivative")
    return figure


def _apart(differences: Any) -> str:
    largest = float(np.abs(differences).max())
    return number(largest) if largest else "0"


def _cloud(axes: Axes, numerical: Any, claim: Any) -> None:
    axes.axline((0, 0), slope=1, color=INK, linestyle="--", linewidth=0.8)
    axes.plot(numerical, claim, "o", color=BACKWARD, markerfacecolor="none", ms=4)
    axes.set_xlabel("numerical derivative")
    quiet(axes)
