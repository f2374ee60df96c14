"""How every benchmark measures: both sides interleaved in one process, medians of ratios, one BLAS thread."""

import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

OUT = Path(__file__).resolve().parents[2] / "build" / "bench"


def interleaved(
    tasks: dict[str, Callable[[], Any]], rounds: int, seconds: float = 0.02
) -> dict[str, list[float]]:
    """Run every task in turn, ``rounds`` times, and return CPU seconds per call, round by round."""
    repeats = {name: _repeats(task, seconds) for name, task in tasks.items()}
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            start = time.process_time()
            for _ in range(repeats[name]):
                task()
            times[name].append((time.process_time() - start) / repeats[name])
    return times


def ratio(times: dict[str, list[float]], name: str, to: str) -> float:
    """Return the median over the rounds of one task's time over another's."""
    return statistics.median(a / b for a, b in zip(times[name], times[to], strict=True))


def _repeats(task: Callable[[], Any], seconds: float) -> int:
    task()
    start = time.process_time()
    task()
    once = max(time.process_time() - start, 1e-7)
    return max(1, int(seconds / once))


def report(name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table and write it to ``build/bench/NAME.json``."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(str(c)) for c in column) for column in zip(columns, *cells, strict=True)]
    for row in ([*columns], *cells):
        print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    OUT.mkdir(parents=True, exist_ok=True)
    plain = [dict(zip(columns, row, strict=True)) for row in rows]
    (OUT / f"{name}.json").write_text(json.dumps(plain, indent=1) + "\n", encoding="utf-8")


def missing(package: str) -> None:
    """Say that a peer is not installed."""
    print(f"{package} is not installed: its column is empty", file=sys.stderr)


def _cell(value: Any) -> str:
    return "-" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
