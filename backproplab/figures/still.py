"""What every still picture shares: a figure with its sentence, its colours, and axes that fit any page."""

from base64 import b64encode
from html import escape
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["BACKWARD", "FORWARD", "INK", "MINUS", "Still", "quiet"]

# Ground is transparent and ink a middle grey, so one picture is readable on a light page and on a dark one.
INK, FORWARD, BACKWARD = "#777777", "#3d83c9", "#c4651c"
MINUS = "\N{MINUS SIGN}"


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


def quiet(axes: Axes) -> None:
    """Make ground, ticks and labels of axes fit a light page and a dark one."""
    axes.patch.set_alpha(0)
    axes.tick_params(which="both", colors=INK, labelsize=8)
    axes.xaxis.label.set_color(INK)
    axes.yaxis.label.set_color(INK)
    for spine in axes.spines.values():
        spine.set_color(INK)
