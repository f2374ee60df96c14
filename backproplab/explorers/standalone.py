"""An explorer as one HTML page: no kernel, no server, no network; it opens from the file system.

A tiny net computes its pictures in the page. The others look them up: Python computes beforehand one picture
for every setting of the knobs that ``grid`` names.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from html import escape
from itertools import product
from math import prod
from typing import Any

from backproplab.explorers.frame import STYLE, Explorer, joined, script

__all__ = ["LARGEST", "computes_itself", "explorer_page", "html_page", "number_of_states"]

LARGEST = 2_000_000
"""No page may have more bytes than that."""

PAGE_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 790px; padding: 16px; font: 16px/1.5 system-ui, sans-serif;
       background: Canvas; color: CanvasText; }
h1 { margin: 0 0 4px; font-size: 24px; }
a { color: LinkText; }
.bpl-explorer { padding: 0; }
"""


def html_page(title: str, body: str, style: str = "") -> str:
    """Return a page that loads nothing."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="generator" content="backproplab">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{PAGE_STYLE}{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


def computes_itself(kind: type[Explorer]) -> bool:
    """Tell whether the explorer's own script can compute its pictures without Python."""
    return re.search(r"^  compute[(:,]", script(kind.script()), re.MULTILINE) is not None


def explorer_page(
    kind: type[Explorer], introduction: str = "", progress: Callable[[], object] | None = None
) -> str:
    """Return one explorer as a page.

    Parameters
    ----------
    kind : type
        The explorer's class.
    introduction : str
        HTML to stand below the heading.
    progress : callable, optional
        Called after each picture that is computed beforehand.

    Raises
    ------
    ValueError
        If the page would be larger than ``LARGEST``.

    Examples
    --------
    >>> from backproplab.explorers import NeuronBench
    >>> "<script" in explorer_page(NeuronBench)
    True
    """
    explorer = kind()
    state = _by_itself(explorer) if computes_itself(kind) else _beforehand(explorer, progress)
    # "</" may not stand inside a script, not even in a string.
    data = json.dumps(state, separators=(",", ":")).replace("</", "<\\/")
    code = joined(kind.script(), "standalone")
    still = explorer.still()._repr_mimebundle_()["text/html"]
    body = f"""<main>
<h1>{escape(kind.title)}</h1>
{introduction}
<div id="explorer"></div>
<noscript>{still}</noscript>
</main>
<script>{code}
mount(explorer, {data}, document.getElementById("explorer"));
</script>"""
    page = html_page(kind.title, body, STYLE)
    if len(page.encode()) > LARGEST:
        raise ValueError(f"{kind.__name__}: a page of {len(page.encode()):,} bytes; take a smaller grid")
    return page


def _by_itself(explorer: Explorer) -> dict[str, Any]:
    return {"controls": explorer.controls, "fixed": explorer.fixed, "knobs": explorer.settings()}


def _beforehand(explorer: Explorer, progress: Callable[[], object] | None) -> dict[str, Any]:
    grid, start = explorer.grid, explorer.settings()
    states = []
    for values in product(*grid.values()):
        states.append(_state(explorer, dict(zip(grid, values, strict=True))))
        if progress:
            progress()
    explorer.reset()  # the page starts where the explorer does
    return {
        "controls": [_narrowed(control, grid) for control in explorer.controls if _remains(control, grid)],
        "fixed": explorer.fixed,
        "knobs": {name: _nearest(value, grid[name]) for name, value in start.items() if name in grid},
        "grid": grid,
        "states": states,
    }


def number_of_states(kind: type[Explorer]) -> int:
    """Return how many pictures are computed beforehand for the explorer's page."""
    return 0 if computes_itself(kind) else prod(len(values) for values in kind.grid.values())


def _state(explorer: Explorer, knobs: Mapping[str, Any]) -> dict[str, Any]:
    explorer.move(**knobs)
    if explorer.notice:
        return {"notice": explorer.notice}
    return {"picture": explorer.picture, "arrays": b64encode(explorer.arrays).decode("ascii")}


def _remains(control: Mapping[str, Any], grid: Mapping[str, Any]) -> bool:
    return control["name"] in (grid.keys() | {"reset"})


def _narrowed(control: Mapping[str, Any], grid: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return the control with the values of the grid only."""
    if control["kind"] == "button":
        return dict(control)
    given = "options" if control["kind"] == "choice" else "values"
    return {**control, given: grid[control["name"]]}


def _nearest(value: Any, values: list[Any]) -> Any:
    if value in values or isinstance(value, (str, bool)):
        return value
    return min(values, key=lambda other: abs(other - value))
