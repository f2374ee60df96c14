"""A gradient check as a picture: the relative error of every entry of every gradient."""

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm

from backproplab.figures.still import INK, Still
from backproplab.gradient_report import GradientReport

__all__ = ["gradient_heatmap"]


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
            axes.plot(column, row, "x", color="white", markersize=8, markeredgewidth=4)
            axes.plot(column, row, "x", color="black", markersize=6, markeredgewidth=1.5)
        axes.set_title(f"{tensor.name}: {'right' if tensor.ok else 'wrong'}", color=INK, fontsize=9)
        axes.set(xticks=[], yticks=[])
    bar = figure.colorbar(ScalarMappable(scale, "cividis"), cax=figure.add_axes((0.89, 0.14, 0.02, 0.7)))
    bar.set_label("relative error", color=INK)
    bar.ax.tick_params(colors=INK, labelsize=8)
    return figure


def _errors_in_words(report: GradientReport) -> str:
    if report.ok:
        return f"all {len(report.tensors)} gradients agree with the loss."
    wrong = [f"{t.name} is off by {t.error:.1e}, most at {list(t.worst)}" for t in report.tensors if not t.ok]
    return f"{len(wrong)} of {len(report.tensors)} gradients are wrong: {'; '.join(wrong)}."
