"""The cost race of lesson 5: one gradient by nudging, and by backpropagation."""

from types import MappingProxyType
from typing import Any, ClassVar

import traitlets

from backproplab.costs import EXAMPLES, Race, amount, duration
from backproplab.explorers.frame import Explorer, View, among, choosing, front_end, sliding

__all__ = ["CostRace"]

SIZES = (
    10, 20, 50, 100, 200, 500, 1_000, 2_410, 5_000, 10_000, 20_000, 50_000, 79_510, 150_000, 301_066,
    500_000, 1_000_000,
)  # fmt: skip
CLOCK = (
    1, 2, 3, 4, 5, 7, 11, 21, 51, 101, 201, 501, 1_001, 2_001, 5_001, 10_001, 20_001, 50_001, 100_001,
    200_001, 301_067, 500_001, 1_000_001,
)  # fmt: skip
SPEEDS = MappingProxyType(
    {"1 million/s": 1e6, "100 million/s": 1e8, "5.5 billion/s": 5.5e9, "1 trillion/s": 1e12}
)
"""Multiplications a second; the third is what the authors' 35 minutes come to."""


class CostRace(Explorer):
    """How long one gradient takes by nudging, and how long by backpropagation.

    Parameters
    ----------
    parameters : int
        How many slopes are wanted.
    ratio : float
        What a forward and a backward pass together cost, in forward passes: measure yours.
    speed : str
        How many multiplications the computer does in a second.
    clock : int
        The time that has passed, in forward passes.

    Examples
    --------
    >>> CostRace(parameters=10, clock=11).race.known_by_nudging  # the last of eleven passes is done
    10
    """

    title = "Cost race"
    lesson = "million_and_one"
    grid: ClassVar = {
        "parameters": [10, 100, 1_000, 2_410, 10_000, 79_510, 301_066, 1_000_000],
        "speed": ["1 million/s", "5.5 billion/s"],
        "clock": [1, 2, 3, 5, 11, 101, 1_001, 10_001, 79_511, 100_001, 301_067, 1_000_001],
    }
    _esm = front_end("cost_race")

    parameters = among("parameters", SIZES, 301_066)
    ratio = sliding("both passes", 1.5, 4.0, 0.05, 2.7)
    speed = choosing("speed", list(SPEEDS), "5.5 billion/s")
    clock = among("clock", CLOCK, 1, play=True)

    fixed = traitlets.Dict(
        {
            "sizes": [SIZES[0], SIZES[-1]],
            "examples": EXAMPLES,
            # one-sided or central, parameters, and how many times as long: from, to
            "measured": [
                ["central", 2_410, 2_700, 2_700],
                ["central", 79_510, 60_000, 230_000],
                ["one-sided", 301_066, 35 * 60 / 0.019, 35 * 60 / 0.019],
            ],
        }
    ).tag(sync=True)

    @property
    def race(self) -> Race:
        """Every number behind the picture."""
        return Race(self.parameters, self.ratio, SPEEDS[self.speed], self.clock)

    def look(self) -> View:
        """Compute who is how far."""
        race = self.race
        seconds = {"nudging": race.passes, "sweep": race.ratio, "clock": race.clock, "pass": 1}
        seconds = {name: float(f"{passes * race.seconds_a_pass:.4g}") for name, passes in seconds.items()}
        numbers = {
            "seconds": seconds,
            "shown": {name: duration(value) for name, value in seconds.items()},
            "known": [race.known_by_nudging, race.known_by_backpropagation],
            "times": amount(race.times_as_long),
        }
        return View(numbers, race.in_words())

    def still(self) -> Any:
        """Return the costs of small and large networks as a still picture."""
        from backproplab.figures import cost_race  # matplotlib is slow to load, the sliders need not wait

        sizes = [size for size in SIZES if size < self.parameters] + [self.parameters]
        figure = cost_race(sizes, [self.ratio] * len(sizes))
        figure.sentence = self.race.in_words()
        return figure
