"""Products over many layers: the slopes along a path, and the stretching by Jacobians."""

import numpy as np
from matplotlib.ticker import MaxNLocator

from backproplab.figures.still import BACKWARD, FORWARD, INK, Still, quiet
from backproplab.jacobians import Spectrum
from backproplab.slope_chain import SlopeChain

__all__ = ["singular_values", "slopes_on_path"]


def slopes_on_path(chain: SlopeChain) -> Still:
    """Draw the slopes of each layer with a path through them, and the product along it.

    Parameters
    ----------
    chain : SlopeChain
        What :func:`backproplab.slope_chain.slope_chain` returns.

    Returns
    -------
    Still
        The product as a power of ten; where it is exactly 0, a triangle below.
    """
    figure = Still(7.5, 4.4, chain.in_words())
    above, below = figure.subplots(2, 1, sharex=True)
    figure.subplots_adjust(left=0.11, right=0.98, top=0.98, bottom=0.11, hspace=0.12)
    layers = np.arange(1, len(chain.units) + 1)
    above.plot(layers, chain.slopes, "_", color=INK, markersize=6, alpha=0.7)
    above.plot(layers, chain.taken, "o-", color=BACKWARD, markersize=4)
    above.set(ylabel="slope f'(z)", ylim=(-0.03 * chain.steepest, 1.05 * chain.steepest))
    exponents = chain.exponents
    below.plot(
        layers, np.where(np.isfinite(exponents), exponents, np.nan), "o-", color=BACKWARD, markersize=4
    )
    best = np.log10(chain.steepest) * (len(layers) + 1 - layers)
    below.plot(layers, best, "--", color=FORWARD, label="the steepest slope in every layer")
    silent = layers[np.isinf(exponents)]
    below.plot(silent, np.full(len(silent), 0.04), "v", color=BACKWARD, transform=below.get_xaxis_transform())
    lowest = min(-1.0, *best, *exponents[np.isfinite(exponents)])
    below.set(xlabel="layer", ylabel="product, power of ten", ylim=(1.15 * lowest, 0.1 - 0.05 * lowest))
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    below.legend(frameon=False, labelcolor=INK, fontsize=8)
    for axes in (above, below):
        quiet(axes)
    return figure


def singular_values(spectrum: Spectrum) -> Still:
    """Draw the singular values of products of Jacobians against the number of layers passed.

    Parameters
    ----------
    spectrum : Spectrum
        What :func:`backproplab.jacobians.spectrum` returns.

    Returns
    -------
    Still
        Values that are lost in rounding are counted below, not drawn.
    """
    figure = Still(7.5, 3.8, spectrum.in_words())
    axes = figure.add_axes((0.1, 0.13, 0.88, 0.78))
    shown = np.where(spectrum.resolved, spectrum.values, np.nan)
    axes.plot(spectrum.passed, shown, ".", color=INK, markersize=4, alpha=0.7)
    axes.plot(spectrum.passed, shown[:, 0], color=BACKWARD, label="largest")
    middle = shown[:, (shown.shape[1] - 1) // 2]
    axes.plot(spectrum.passed, middle, "--", color=FORWARD, label="median")
    kept = np.where(spectrum.kept > 0, spectrum.kept, np.nan)
    axes.plot(spectrum.passed, kept, "s:", color=INK, markersize=4, label="what a random delta keeps")
    axes.set(yscale="log", xlabel="layers passed", ylabel="singular value")
    lost = int(np.count_nonzero(~spectrum.resolved[-1]))
    if lost:
        note = f"{lost} of {shown.shape[1]} are 0 or lost in rounding"
        axes.text(0.02, 0.04, note, color=INK, transform=axes.transAxes)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(
        frameon=False, labelcolor=INK, fontsize=8, ncols=3, loc="lower left", bbox_to_anchor=(0, 0.99)
    )
    quiet(axes)
    return figure
