"""How far a long run is, on a terminal: done of total, rate, time left."""

import sys
import time
from collections.abc import Callable
from typing import TextIO

__all__ = ["progress_text", "terminal_bar"]

WIDTH = 30
# Drawing costs little, but a terminal at the far end of a slow line has to read it all.
SECONDS_BETWEEN = 0.1


def terminal_bar(stream: TextIO | None = None) -> Callable[[int, int], None] | None:
    """Return a function that is told ``(done, total)`` and draws a bar; None where nobody would see it.

    Parameters
    ----------
    stream : text file, optional
        Where the bar goes; to the standard error stream by default.

    Returns
    -------
    callable or None
        None unless the stream is a terminal. A total of 0 stands for "not known"; with a total of 1
        nothing is drawn. The last call ends the line.

    Examples
    --------
    >>> import io
    >>> terminal_bar(io.StringIO()) is None
    True
    """
    out = sys.stderr if stream is None else stream
    if not out.isatty():
        return None
    start = time.monotonic()
    drawn = start - SECONDS_BETWEEN

    def show(done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        last = done == total
        if total == 1 or (now < drawn + SECONDS_BETWEEN and not last):
            return
        drawn = now
        end = "\n" if last else ""
        # What was longer the last time is wiped out.
        print(f"\r{progress_text(done, total, now - start)}\x1b[K", end=end, file=out, flush=True)

    return show


def progress_text(done: int, total: int, seconds: float) -> str:
    """Write how far it is.

    Parameters
    ----------
    done, total : int
        A total of 0 stands for "not known".
    seconds : float
        Since the start.

    Examples
    --------
    >>> progress_text(100, 300, 2.0)
    '[##########....................] 100 of 300  50/s  0:04 left'
    >>> progress_text(5, 0, 10.0)
    '5 done  0.5/s'
    """
    rate = done / seconds if seconds > 0 else 0.0
    speed = f"  {rate:.0f}/s" if rate >= 10 else f"  {rate:.1f}/s" if done else ""
    if not total:
        return f"{done} done{speed}"
    filled = WIDTH * done // total
    left = f"  {_clock((total - done) / rate)} left" if rate and done < total else ""
    return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {done} of {total}{speed}{left}"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
