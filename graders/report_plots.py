"""The pictures of a class report, as SVG that stands in the page and takes its colours."""

import re
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from backproplab.figures.still import BACKWARD, FORWARD, INK, quiet
from graders.class_view import ExerciseView, LessonView
from graders.report_words import OUTCOMES
from graders.standing import Standing

__all__ = ["marks_plot", "success_plot"]

# Face, hatch and edge of each outcome: on paper without colours they differ too.
LOOKS: tuple[dict[str, Any], ...] = (
    {"facecolor": FORWARD, "edgecolor": FORWARD},
    {"facecolor": "none", "edgecolor": FORWARD, "hatch": "////"},
    {"facecolor": BACKWARD, "edgecolor": BACKWARD},
    {"facecolor": "none", "edgecolor": BACKWARD, "hatch": "\\\\\\\\"},
    {"facecolor": "none", "edgecolor": INK},
)


def marks_plot(lessons: Sequence[LessonView]) -> str:
    """Return the marks of everybody, a dot each, lesson by lesson, with the median.

    Parameters
    ----------
    lessons : sequence of LessonView
        The lessons, in their order.
    """
    figure = Figure(figsize=(7.6, 0.7 + 0.42 * len(lessons)), facecolor="none")
    axes = figure.add_axes((0.3, 0.5 / figure.get_figheight(), 0.68, 1 - 0.6 / figure.get_figheight()))
    medians = []
    for row, lesson in enumerate(lessons):
        marks = np.sort([_share(one) for one in lesson.standings.values() if not one.unjudged])
        # Always the same jitter, in an order that has nothing to do with the marks.
        offset = ((np.arange(len(marks)) * 0.618) % 1 - 0.5) * 0.5
        axes.plot(marks, row + offset, "o", color=FORWARD, markersize=3.5, alpha=0.6, markeredgewidth=0)
        median = float(np.median(marks)) if len(marks) else 0.0
        axes.plot([median, median], [row - 0.38, row + 0.38], color=BACKWARD, linewidth=2.5)
        medians.append(f"{lesson.name} {median:.0f}")
    quiet(axes)
    axes.set(xlim=(-3, 103), ylim=(len(lessons) - 0.4, -0.6), xlabel="percent of the points")
    axes.set_yticks(range(len(lessons)), [lesson.name for lesson in lessons])
    _bare(axes)
    return _svg(figure, f"Marks in percent, a dot a student. The median: {', '.join(medians)}.")


def _share(standing: Standing) -> float:
    return 100 * standing.points / standing.possible if standing.possible else 0.0


def success_plot(exercises: Sequence[ExerciseView]) -> str:
    """Return how many students were right, wrong and so on in each exercise, as bars of one length.

    Parameters
    ----------
    exercises : sequence of ExerciseView
        Those of one lesson.
    """
    figure = Figure(figsize=(7.6, 0.55 + 0.3 * len(exercises)), facecolor="none")
    height = figure.get_figheight()
    axes = figure.add_axes((0.3, 0.25 / height, 0.68, 1 - 0.55 / height))
    left = np.zeros(len(exercises))
    for (name, statuses), looks in zip(OUTCOMES, LOOKS, strict=True):
        width = np.array([exercise.count(*statuses) for exercise in exercises], float)
        axes.barh(range(len(exercises)), width, 0.66, left, label=name, linewidth=0.8, **looks)
        left += width
    quiet(axes)
    axes.set(xlim=(0, max(1.0, left.max(initial=0))), ylim=(len(exercises) - 0.5, -0.5))
    axes.set_yticks(range(len(exercises)), [exercise.name for exercise in exercises])
    _bare(axes)
    figure.legend(loc="upper right", ncols=5, frameon=False, fontsize=8, labelcolor=INK, borderaxespad=0.0)
    told = (f"{exercise.name} {exercise.count('pass')}" for exercise in exercises)
    return _svg(figure, f"Students by outcome. Right: {', '.join(told)}.")


def _bare(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _svg(figure: Figure, sentence: str) -> str:
    """Return the figure as an element of the page; its text stays text, its ink is the page's."""
    file = BytesIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": sentence, "hatch.linewidth": 0.8}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    text = file.getvalue().decode("utf-8")
    drawing = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    # Several pictures stand in one page, so no group may keep its name.
    drawing = re.sub(r'<g id="[^"]*"', "<g", drawing)
    label = f'<svg role="img" aria-label="{escape(sentence)}"'
    return drawing.replace("<svg", label, 1).replace(INK, "currentColor")
