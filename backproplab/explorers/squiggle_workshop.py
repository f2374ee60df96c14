"""The squiggle workshop of lesson 2: two bent curves add up to one, and descent turns all seven knobs."""

from collections.abc import Mapping
from functools import lru_cache, partialmethod
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
import traitlets

from backproplab.dose_network import (
    DOSE,
    MOMENTS,
    OBSERVED,
    STARTS,
    Descent,
    Seven,
    curves,
    descend,
    predictions,
    ssr_of,
    terms,
)
from backproplab.explorers.frame import Explorer, View, among, choosing, front_end, sliding
from backproplab.neuron import number

__all__ = ["SquiggleWorkshop"]

GRID = np.linspace(0, 1, 51)
RATES = (0.001, 0.003, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.12, 0.15, 0.2, 0.3)
PRESETS: Mapping[str, tuple[str, str, float]] = MappingProxyType(
    {
        "run_1": ("Run 1: rate 0.01", "published", 0.01),
        "run_2": ("Run 2: rate 0.1", "published", 0.1),
        "wild": ("Rate 0.15", "published", 0.15),
        "twins": ("Twins", "twins", 0.1),
        "zeros": ("All zero", "zeros", 0.1),
        "fit": ("Published fit", "fit", 0.01),
    }
)
"""Each button's label, its start and its learning rate."""

_run = lru_cache(maxsize=16)(descend)


def _begin_of(preset: str) -> dict[str, float]:
    _, start, lr = PRESETS[preset]
    return {**STARTS[start]._asdict(), "lr": lr, "step": 0}


def _turning(name: str) -> traitlets.TraitType[Any, Any]:
    return sliding(name, -5.0, 5.0, 0.01, getattr(STARTS["published"], name))


class SquiggleWorkshop(Explorer):
    """The 1-2-1 network of the dose example, at some step of its descent.

    Parameters
    ----------
    w1, b1, w2, b2, w3, w4, b3 : float
        Where the descent starts.
    lr : float
        The learning rate.
    step : int
        How many steps of descent are done.
    slope : str
        The parameter whose slope is shown term by term.

    Examples
    --------
    >>> workshop = SquiggleWorkshop(step=10_346)
    >>> [round(value, 2) for value in workshop.now]  # run 1 ends at the published fit
    [3.34, -1.43, -3.53, 0.57, -1.22, -2.3, 2.61]
    """

    title = "Squiggle workshop"
    lesson = "going_bonkers"
    buttons: ClassVar = {name: label for name, (label, _, _) in PRESETS.items()}
    _esm = front_end("squiggle_workshop")

    w1 = _turning("w1")
    b1 = _turning("b1")
    w2 = _turning("w2")
    b2 = _turning("b2")
    w3 = _turning("w3")
    w4 = _turning("w4")
    b3 = _turning("b3")
    lr = among("learning rate", RATES, 0.01)
    slope = choosing("terms of", Seven._fields, "w1")
    step = among("step", MOMENTS, 0, play=True)

    fixed = traitlets.Dict(
        {
            "dose": DOSE,
            "observed": OBSERVED,
            "grid": len(GRID),
            "moments": MOMENTS,
            "starts": {name: _begin_of(name) for name in PRESETS},
        }
    ).tag(sync=True)

    def _begin(self, preset: str) -> None:
        self.move(**_begin_of(preset))

    run_1 = partialmethod(_begin, "run_1")
    run_2 = partialmethod(_begin, "run_2")
    wild = partialmethod(_begin, "wild")
    twins = partialmethod(_begin, "twins")
    zeros = partialmethod(_begin, "zeros")
    fit = partialmethod(_begin, "fit")

    @property
    def start(self) -> Seven:
        """The seven numbers of the sliders."""
        return Seven(*[getattr(self, name) for name in Seven._fields])

    @property
    def run(self) -> Descent:
        """The whole descent, at the moments."""
        return _run(self.start, self.lr)

    @property
    def now(self) -> Seven:
        """The seven parameters after ``step`` steps."""
        place = int(np.searchsorted(MOMENTS, self.step, side="right")) - 1
        before = self.run.parameters[place]
        ahead = self.step - MOMENTS[place]
        return descend(before, self.lr, (0, ahead)).parameters[-1] if ahead else before

    def look(self) -> View:
        """Compute the curves, the run and the terms of the chosen slope."""
        now, run = self.now, self.run
        points = terms(now)
        arrays = {
            "curves": curves(now, GRID),
            "history": run.ssr,
            "now": np.array(now),
            "slopes": np.sum(points, axis=0),
            "terms": np.array([getattr(point, self.slope) for point in points]),
        }
        numbers = {"at": min(self.step, run.last_step), "ssr": ssr_of(now)}
        return View(numbers, self._in_words(now, arrays["terms"]), arrays)

    def _in_words(self, now: Seven, of_points: Any) -> str:
        run, (first, *_, last) = self.run, self.run.ssr
        at = min(self.step, run.last_step)
        heights = ", ".join(map(number, predictions(now)))
        shares = " + ".join(
            f"({number(term)})" if term < 0 else number(term) for term in map(float, of_points)
        )
        ends = f"{number(float(last))} after {MOMENTS[-1]:,} steps"
        if run.overflows:
            ends = f"beyond all numbers from step {run.last_step + 1:,} on"
        return (
            f"After {at:,} steps of rate {self.lr:g} the SSR is {number(ssr_of(now))} "
            f"({number(float(first))} at the start, {ends}, 0.6667 for the best flat line). "
            f"The curve stands at {heights} for the doses 0, 0.5, 1, where 0, 1, 0 were observed. "
            f"dSSR/d{self.slope} adds up one term a point: {shares} = {number(float(sum(of_points)))}."
        )

    def still(self) -> Any:
        """Return the curves as a still picture."""
        from backproplab.figures import squiggles  # matplotlib is slow to load, the sliders need not wait

        drawn = dict(zip(("prediction", "w3 y1", "w4 y2"), curves(self.now, GRID), strict=True))
        figure = squiggles(GRID, drawn, DOSE, OBSERVED)
        figure.sentence = self.look().sentence
        return figure
