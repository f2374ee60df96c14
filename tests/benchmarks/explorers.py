"""From key press to painted frame in a real JupyterLab: every explorer, and its still picture by @interact.

Both ways of showing the same picture take turns in one notebook, five moves of ours to one of theirs, because
theirs is slow. Bytes are those of the WebSocket's frames, both ways, with all that Jupyter adds.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measure import report
from playwright.sync_api import ElementHandle, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from backproplab import explorers  # noqa: E402 - the checkout is put on the path first
from tests.browser.jupyterlab import FLAGS, Notebook, find_chromium, open_in, running_lab, text_of_cells  # noqa: E402

BUDGET = "budget: median 50 ms, p95 120 ms, 4 kB a move, first paint 400 ms, 8 times faster than @interact"
# The knob that is moved, and where the others stand; elsewhere the first slider of a fresh explorer.
SETTINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "VanishingGradients": ("scale", {"depth": 50, "width": 64}),
}
# What a message drew counts as painted at the first task after the next frame.
WATCH_CANVAS = """(canvas) => {
    const frames = (window.live = []);
    new MutationObserver(() => requestAnimationFrame(() => setTimeout(() => frames.push(performance.now()))))
        .observe(canvas, { attributes: true, attributeFilter: ["data-state"] });
}"""
WATCH_IMAGES = """(area) => {
    const frames = (window.interact = []);
    const painted = () => requestAnimationFrame(() => setTimeout(() => frames.push(performance.now())));
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes) for (const node of addedNodes) {
            const image = node.tagName === "IMG" ? node : node.querySelector?.("img");
            if (image) image.decode().then(painted, () => {});
        }
    }).observe(area, { childList: true, subtree: true });
}"""
NOTE_KEYS = "addEventListener('keydown', () => { window.pressed = performance.now(); }, true)"
FIRST_PAINT = """(cell) => new Promise((done) => {
    const start = performance.now();
    const look = () => {
        const canvas = cell.querySelector("canvas");
        if (canvas?.dataset.state) setTimeout(() => done(performance.now() - start));
        else requestAnimationFrame(look);
    };
    window.jupyterapp.commands.execute("notebook:run-cell");
    look();
})"""
INTERACT = """import io
from ipywidgets import {slider}, interact
from IPython.display import Image, display
@interact(value={slider}(value={value}, min={low}, max={high}, step={step}, description="moved"))
def show(value):
    file = io.BytesIO()
    {name}(**{{**{settings}, "{knob}": value}}).still().savefig(file, format="png", bbox_inches="tight")
    display(Image(file.getvalue()))
"""


def moved_control(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the control to move and the other settings."""
    kind = getattr(explorers, name)
    knob, settings = SETTINGS.get(name, (None, {}))
    sliders = [one for one in kind().controls if one["kind"] in ("slider", "player")]
    control = next(one for one in sliders if knob in (None, one["name"]))
    return control, settings


def cells_of(name: str) -> dict[str, str]:
    """Return a notebook's cells: what a lesson has loaded already, the explorer, its picture by @interact."""
    control, settings = moved_control(name)
    explorer = getattr(explorers, name)(**settings)
    value = getattr(explorer, control["name"])
    whole = isinstance(value, int)
    return {
        "loaded": f"from backproplab.explorers import {name}\n{name}()._repr_mimebundle_();",
        "live": f"{name}(**{settings})",
        "interact": INTERACT.format(
            name=name, settings=settings, knob=control["name"], value=value, low=control["low"],
            high=control["high"], step=control["step"], slider="IntSlider" if whole else "FloatSlider",
        ),
    }  # fmt: skip


def keys(control: dict[str, Any], explorer: Any, moves: int) -> Iterator[str]:
    """Go up from the start and down again, never beyond an end, so that each press is a move."""
    start, values = getattr(explorer, control["name"]), control.get("values")
    high = min(control["high"], explorer.picture.get("limits", {}).get(control["name"], control["high"]))
    steps = len(values) - 1 - values.index(start) if values else (high - start) / control["step"]
    room = min(int(steps + 1e-9), 10)
    turns = ["ArrowRight"] * room + ["ArrowLeft"] * room or ["ArrowLeft", "ArrowRight"]
    for place in range(moves):
        yield turns[place % len(turns)]


def time_move(notebook: Notebook, way: str, target: ElementHandle, key: str) -> float:
    """Press a key on the target and return the milliseconds to the next frame of that way."""
    target.focus()
    frames = notebook.page.evaluate(f"window.{way}.length")
    notebook.page.keyboard.press(key)
    notebook.page.wait_for_function(f"(n) => window.{way}.length > n", arg=frames, timeout=20_000)
    time: float = notebook.page.evaluate(f"(n) => window.{way}[n] - window.pressed", frames)
    notebook.wait_idle()
    return time


def measure(notebook: Notebook, name: str, moves: int) -> list[Any]:
    """Return the row of one explorer."""
    control, settings = moved_control(name)
    fresh = getattr(explorers, name)(**settings)
    notebook.page.evaluate(NOTE_KEYS)
    notebook.run_cell("loaded")
    first = notebook.cell("live").evaluate(FIRST_PAINT)
    notebook.wait_idle()
    root = notebook.cell("live").locator(".bpl-explorer")
    root.locator("canvas").evaluate(WATCH_CANVAS)
    live = root.get_by_label(control["label"], exact=True).element_handle()
    notebook.run_cell("interact")
    area = notebook.cell("interact").locator(".jp-OutputArea").first
    area.locator("img").wait_for()
    area.evaluate(WATCH_IMAGES)
    slow = area.locator("[role=slider]").element_handle()
    ours, theirs, size = [], [], 0
    other_keys = keys(control, fresh, moves)
    for place, key in enumerate(keys(control, fresh, moves)):
        before = notebook.bytes_on_wire
        ours.append(time_move(notebook, "live", live, key))
        size += notebook.bytes_on_wire - before
        if place % 5 == 4:
            theirs.append(time_move(notebook, "interact", slow, next(other_keys)))
    return row(name, control["name"], ours, theirs, size / moves, first)


def row(name: str, knob: str, ours: list[float], theirs: list[float], size: float, first: float) -> list[Any]:
    """Sum up one explorer's measurements."""
    median, other = statistics.median(ours), statistics.median(theirs)
    p95 = statistics.quantiles(ours, n=20)[-1]
    return [
        name,
        knob,
        round(median, 1),
        round(p95, 1),
        round(size / 1000, 2),
        round(first),
        round(other),
        round(other / median, 1),
    ]


@contextmanager
def opened() -> Iterator[Any]:
    """Start JupyterLab and Chromium; give a function that opens a notebook."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for part in ("lab", "home"):
            (Path(folder) / part).mkdir()
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        with running_lab(Path(folder) / "lab", Path(folder) / "home") as lab:
            yield lambda name, text: open_in(lab, browser, name, text)
        browser.close()


def main() -> int:
    """Measure the explorers that were named, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=list(explorers.__all__), metavar="EXPLORER")
    parser.add_argument("--moves", type=int, default=60)
    args = parser.parse_args()
    if find_chromium() is None:
        print("no Chromium found: nothing is measured")
        return 0
    rows = []
    with opened() as open_it:
        for name in args.names:
            notebook = open_it(f"{name}.ipynb", text_of_cells(**cells_of(name)))
            rows.append(measure(notebook, name, args.moves))
            notebook.page.context.close()
    columns = [
        "explorer",
        "knob",
        "median ms",
        "p95 ms",
        "kB a move",
        "first ms",
        "@interact ms",
        "times faster",
    ]
    report("explorers", columns, rows)
    print(BUDGET)
    return 0


if __name__ == "__main__":
    sys.exit(main())
