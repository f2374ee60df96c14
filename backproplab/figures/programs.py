"""Programs as pictures: a graph with its adjoints, what a gradient costs, and how paths multiply."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from backproplab.figures.still import BACKWARD, FORWARD, INK, Still, quiet
from backproplab.neuron import number

__all__ = ["cost_race", "path_growth", "program_graph"]

Row = tuple[str, str, Sequence[str], float]
OPERATIONS = {"add": "{} + {}", "sub": "{} \N{MINUS SIGN} {}", "mul": "{} \N{MULTIPLICATION SIGN} {}"}


def program_graph(trace: Sequence[Row], adjoints: Mapping[str, float] | None = None) -> Still:
    """Draw a small program: a box for each row, an arrow for each use, each row's adjoint below it.

    Parameters
    ----------
    trace : sequence of (name, op, args, value)
        The rows in execution order; constants are drawn like inputs.
    adjoints : mapping of str to float, optional
        By the row's name: the derivative of the output with respect to it.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> rows = [("x", "input", (), 3.0), ("y", "mul", ("x", "x"), 9.0)]
    >>> program_graph(rows, {"x": 6.0, "y": 1.0}).sentence
    'Forward: x = 3.000, y = 9.000. Backward: dy = 1.000, dx = 6.000.'
    """
    figure = Still(8, 2.9, _program_in_words(trace, adjoints))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    places = _places(trace)
    for name, op, args, value in trace:
        _draw_row(axes, places[name], _text_of(name, op, args, value), _adjoint_of(name, adjoints))
        for arg in dict.fromkeys(args):
            _draw_use(axes, places[arg], places[name], times=list(args).count(arg))
    last = max(x for x, _ in places.values())
    axes.set(xlim=(-0.55, last + 0.55), ylim=(-1.25, 1.35))
    return figure


def _program_in_words(trace: Sequence[Row], adjoints: Mapping[str, float] | None) -> str:
    forward = ", ".join(f"{name} = {number(value)}" for name, _, _, value in trace)
    if adjoints is None:
        return f"Forward: {forward}."
    backward = ", ".join(f"d{name} = {number(adjoints[name])}" for name, *_ in reversed(trace))
    return f"Forward: {forward}. Backward: {backward}."


def _places(trace: Sequence[Row]) -> dict[str, tuple[float, float]]:
    """Return where each row stands: one column to the right of its last argument, rows spread evenly."""
    column: dict[str, int] = {}
    for name, _, args, _ in trace:
        column[name] = 1 + max((column[arg] for arg in args), default=-1)
    places = {}
    for depth in set(column.values()):
        names = [name for name, at in column.items() if at == depth]
        for i, name in enumerate(names):
            places[name] = (float(depth), 1.2 * ((len(names) - 1) / 2 - i))
    return places


def _text_of(name: str, op: str, args: Sequence[str], value: float) -> str:
    rule = OPERATIONS.get(op, op + " {}").format(*args) if args else op
    return f"{name} = {rule}\n{number(value)}" if args else f"{name}\n{number(value)}"


def _adjoint_of(name: str, adjoints: Mapping[str, float] | None) -> str:
    return "" if adjoints is None else f"d{name} = {number(adjoints[name])}"


def _draw_row(axes: Axes, place: tuple[float, float], text: str, adjoint: str) -> None:
    box = {"boxstyle": "round,pad=0.35", "facecolor": "none", "edgecolor": INK}
    axes.text(*place, text, ha="center", va="center", color=FORWARD, fontsize=9, bbox=box)
    axes.text(
        place[0], place[1] - 0.42, adjoint, ha="center", va="center", color=BACKWARD, fontsize=9,
        style="italic",
    )  # fmt: skip


def _draw_use(axes: Axes, start: tuple[float, float], end: tuple[float, float], times: int) -> None:
    """Draw one arrow for each use; an arrow that passes a column goes round it."""
    far = end[0] - start[0] > 1
    bends = [-0.5] if far else [0.0] if times == 1 else [-0.2, 0.2]
    for bend in bends:
        arrow = {
            "arrowstyle": "->", "color": FORWARD, "connectionstyle": f"arc3,rad={bend}",
            "shrinkA": 27, "shrinkB": 27,
        }  # fmt: skip
        axes.annotate("", end, start, arrowprops=arrow)


def cost_race(parameters: Sequence[int], costs: Sequence[float], bound: float = 4.0) -> Still:
    """Draw what one gradient costs in forward passes, by differences and by backpropagation.

    Parameters
    ----------
    parameters : sequence of int
        The sizes of the networks, smallest first.
    costs : sequence of float
        For each of them: a forward and a backward pass over a forward pass.
    bound : float
        The theoretical limit, drawn dotted.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> cost_race([10, 1000], [2.5, 2.25]).sentence
    'At 1,000 parameters differences take 1,001 forward passes; backpropagation costs as much as 2.2.'
    """
    n = parameters[-1]
    sentence = (
        f"At {n:,} parameters differences take {n + 1:,} forward passes; "
        f"backpropagation costs as much as {costs[-1]:.1f}."
    )
    figure = Still(6.5, 3.2, sentence)
    axes = figure.add_axes((0.11, 0.17, 0.86, 0.79))
    passes = [count + 1 for count in parameters]
    axes.plot(parameters, passes, "s--", color=BACKWARD, label="differences: one pass each, and one more")
    axes.axhline(bound, color=INK, linestyle=":", label=f"bound: {bound:g} passes")
    axes.plot(parameters, costs, "o-", color=FORWARD, label="backpropagation, measured")
    axes.set(xscale="log", yscale="log", xlabel="parameters", ylabel="forward passes a gradient costs")
    axes.set_ylim(min(1.0, *costs), 3 * max(passes))
    _legend(axes)
    return figure


def path_growth(stages: Sequence[int], paths: Sequence[int], edges: Sequence[int]) -> Still:
    """Draw how the paths through a graph grow with its stages, beside its edges.

    Parameters
    ----------
    stages, paths, edges : sequence of int
        How many stages in a row, how many paths lead through them, how many edges they have.

    Returns
    -------
    Still
        Not shown, not known to pyplot.

    Examples
    --------
    >>> path_growth([1, 2], [2, 4], [4, 8]).sentence
    'At 2 stages 4 paths run over 8 edges.'
    """
    sentence = f"At {stages[-1]:,} stages {paths[-1]:,} paths run over {edges[-1]:,} edges."
    figure = Still(6.5, 3.0, sentence)
    axes = figure.add_axes((0.11, 0.18, 0.86, 0.78))
    axes.plot(stages, paths, "s--", color=BACKWARD, label="paths from the first value to the last")
    axes.plot(stages, edges, "o-", color=FORWARD, label="edges, each used once by the sweep")
    axes.set(yscale="log", xlabel="stages", ylabel="number")
    _legend(axes)
    return figure


def _legend(axes: Axes) -> None:
    options: dict[str, Any] = {"frameon": False, "labelcolor": INK, "fontsize": 9, "loc": "upper left"}
    axes.legend(**options)
    quiet(axes)
