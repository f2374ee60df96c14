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


def chart(
    name: str,
    title: str,
    labels: Sequence[str],
    bars: dict[str, Sequence[float | None]],
    marks: dict[str, Sequence[float | None]],
    log: bool = False,
) -> None:
    """Draw bars beside each other, with a stroke where each should end, to ``build/bench/NAME.png``."""
    import matplotlib.pyplot as plt

    height = 0.8 / len(bars)
    figure, axes = plt.subplots(figsize=(9, 1.8 + 0.3 * len(labels) * len(bars)), layout="constrained")
    for number, (legend, values) in enumerate(bars.items()):
        places = [i + height * (number + 0.5) - 0.4 for i in range(len(labels))]
        drawn = axes.barh(places, [value or 0 for value in values], height * 0.9, label=legend)
        axes.bar_label(drawn, ["" if value is None else f"{value:.3g}" for value in values], padding=3)
    for legend, values in marks.items():
        ends = [(i, value) for i, value in enumerate(values) if value is not None and value == value]
        axes.vlines(
            [v for _, v in ends],
            [i - 0.42 for i, _ in ends],
            [i + 0.42 for i, _ in ends],
            "black",
            label=legend,
        )
    axes.set(title=title, yticks=range(len(labels)), yticklabels=labels)
    axes.set_xscale("log" if log else "linear")
    axes.margins(x=0.12, y=0.01)
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    OUT.mkdir(parents=True, exist_ok=True)
    figure.savefig(OUT / f"{name}.png", dpi=110)
    plt.close(figure)


def missing(package: str) -> None:
    """Say that a peer is not installed."""
    print(f"{package} is not installed: its column is empty", file=sys.stderr)


def _cell(value: Any) -> str:
    return "-" if value is None else f"{value:.3g}" if isinstance(value, float) else str(value)
