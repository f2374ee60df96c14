"""What a gradient costs: forward passes by nudging, by backpropagation, and the seconds that they take."""

from dataclasses import dataclass

__all__ = ["EXAMPLES", "MEASURED", "Race", "amount", "duration"]

EXAMPLES = 128
"""As many as the race of lesson ``million_and_one`` sends through a network at a time."""

MEASURED = {
    2_410: "central differences took about 2,700 times as long as backpropagation",
    79_510: "central differences took 60,000 to 230,000 times as long as backpropagation",
    301_066: "one-sided differences would take about 35 min, backpropagation took 0.019 s",
}
"""By the number of parameters: what the authors measured, by wall clock, in orders of magnitude."""

_UNITS = (("years", 31_557_600.0), ("days", 86_400.0), ("h", 3600.0), ("min", 60.0), ("s", 1.0))
_PARTS = (("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9))


@dataclass(frozen=True)
class Race:
    """Nudging against backpropagation, for one gradient.

    Parameters
    ----------
    parameters : int
        How many slopes are wanted.
    ratio : float
        What a forward and a backward pass together cost, in forward passes.
    speed : float
        Multiplications per second.
    clock : float
        The time that has passed, in forward passes.

    Examples
    --------
    >>> race = Race(parameters=301_066, ratio=2.7, speed=5.5e9, clock=3)
    >>> race.passes, race.known_by_nudging, race.known_by_backpropagation
    (301067, 2, 301066)
    """

    parameters: int
    ratio: float
    speed: float
    clock: float

    @property
    def passes(self) -> int:
        """The forward passes that one-sided differences need."""
        return self.parameters + 1

    @property
    def known_by_nudging(self) -> int:
        """The slopes known by now: the first pass gives none, each further one gives one."""
        return max(0, min(int(self.clock) - 1, self.parameters))

    @property
    def known_by_backpropagation(self) -> int:
        """All or none: the sweep hands out the slopes as it ends."""
        return self.parameters if self.clock >= self.ratio else 0

    @property
    def seconds_a_pass(self) -> float:
        """The seconds of one forward pass: one multiplication for each parameter and example."""
        return EXAMPLES * self.parameters / self.speed

    @property
    def times_as_long(self) -> float:
        """How many times as long nudging takes."""
        return self.passes / self.ratio

    def in_words(self) -> str:
        """Return the race as sentences, with all its numbers."""
        nudging, sweep = (duration(passes * self.seconds_a_pass) for passes in (self.passes, self.ratio))
        measured = MEASURED.get(self.parameters)
        return (
            f"For {self.parameters:,} slopes nudging takes {self.passes:,} forward passes; forward and "
            f"backward together cost as much as {self.ratio:g} (measured by the authors: 2.4 to 2.7; proven: "
            f"at most 4). So nudging takes {amount(self.times_as_long)} times as long. With {EXAMPLES} "
            f"examples and {amount(self.speed)} multiplications a second these are {nudging} and {sweep}. "
            f"When {self.clock:,g} forward pass{'es' if self.clock != 1 else ''} could have been run, "
            f"nudging knows {self.known_by_nudging:,} of the slopes and backpropagation "
            f"{'all of them' if self.known_by_backpropagation else 'none'}."
            + (f" The authors measured: {measured}." if measured else "")
        )


def amount(count: float) -> str:
    """Return a large number in short: up to seven digits as it is, then as a power of ten.

    Examples
    --------
    >>> amount(301_067), amount(64e9), amount(10**22), amount(2.5)
    ('301,067', '6.4 · 10^10', '10^22', '2.5')
    """
    if count < 0:
        return "\N{MINUS SIGN}" + amount(-count)
    if count < 1e7:
        return f"{count:,.0f}" if count >= 10 else f"{count:.2g}"
    digits, power = f"{count:.1e}".split("e")
    return f"10^{int(power)}" if digits == "1.0" else f"{digits} · 10^{int(power)}"


def duration(seconds: float) -> str:
    """Return a time in its largest unit that leaves at least 1, to two digits.

    Examples
    --------
    >>> duration(2100), duration(0.019), duration(1.28e8), duration(59.9)
    ('35 min', '19 ms', '4.1 years', '60 s')
    """
    name, unit = next(((n, u) for n, u in (*_UNITS, *_PARTS) if seconds >= u), _PARTS[-1])
    value = seconds / unit
    return f"{value:,.0f} {name}" if value >= 9.95 else f"{value:.2g} {name}"
