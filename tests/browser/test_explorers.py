"""What holds for every explorer in a real JupyterLab: keyboard, mouse, picture, numbers and text together."""

from math import isclose
from types import SimpleNamespace
from typing import Any

import pytest

from backproplab import explorers
from tests.browser.explorer_page import ExplorerPage

pytestmark = pytest.mark.browser

EVERY = list(explorers.__all__)


@pytest.fixture(scope="module")
def opened(open_notebook, notebook_text):
    """Open one notebook with every explorer, a cell each, and run it once."""
    text = notebook_text(**{name: f"from backproplab.explorers import {name}\n{name}()" for name in EVERY})
    notebook = open_notebook("explorers.ipynb", text)
    return SimpleNamespace(notebook=notebook, errors=notebook.run_all())


@pytest.fixture(params=EVERY)
def explorer(request, opened):
    """Return one explorer, set back to its start."""
    assert opened.errors == {}
    page = ExplorerPage(opened.notebook, opened.notebook.cell(request.param))
    fresh = getattr(explorers, request.param)()
    page.kind, page.start = type(fresh), fresh.settings()
    page.reset(**page.start)
    return page


def assert_close(given: Any, wanted: Any, where: str = "") -> None:
    """Check that two pictures hold the same numbers and words."""
    if isinstance(wanted, dict):
        assert given.keys() == wanted.keys(), where
        for name, value in wanted.items():
            assert_close(given[name], value, f"{where}.{name}")
    elif isinstance(wanted, list):
        assert len(given) == len(wanted), where
        for place, (one, other) in enumerate(zip(given, wanted, strict=True)):
            assert_close(one, other, f"{where}[{place}]")
    elif isinstance(wanted, float):
        assert isclose(given, wanted, rel_tol=1e-9, abs_tol=1e-300), where
    else:
        assert given == wanted, where


def assert_agrees(page: ExplorerPage) -> None:
    """Check the painted numbers and the text twin against the same explorer computed here."""
    data = page.data()
    knobs = data.pop("knobs")
    wanted = page.kind(**knobs).picture
    assert_close(data, wanted)
    assert page.twin().endswith(wanted["sentence"])


def moving_key(control):
    """Return a key that moves that control from where it stands at the start."""
    return {"choice": "ArrowDown", "tick": "Space"}.get(control["kind"], "ArrowRight")


def test_every_control_moves_its_knob_and_the_picture_by_keyboard(explorer):
    page = explorer.page
    for control in explorer.kind().controls:
        if control["kind"] == "button":
            continue
        explorer.reset(**explorer.start)
        name, start = control["name"], explorer.start[control["name"]]
        at_end = start in (control.get("high"), (control.get("options") or [None])[-1])
        key = (
            {"ArrowRight": "ArrowLeft", "ArrowDown": "ArrowUp"}[moving_key(control)]
            if at_end
            else moving_key(control)
        )
        before = (explorer.look()["hash"], explorer.data()["sentence"])
        explorer.press(control["label"], key)
        page.wait_for_function(
            "([canvas, name, start]) => JSON.parse(canvas.dataset.state).knobs[name] !== start",
            arg=[explorer.canvas.element_handle(), name, start],
        )
        explorer.wait_until(**{name: explorer.data()["knobs"][name]})
        assert (explorer.look()["hash"], explorer.data()["sentence"]) != before, name
        assert explorer.look()["colours"] > 3, name
        assert_agrees(explorer)


def place_of(control, value):
    """Return where on its slider a value lies, from 0 to 1."""
    if values := control.get("values"):
        return values.index(value) / (len(values) - 1)
    return (value - control["low"]) / (control["high"] - control["low"])


def test_sliders_move_by_mouse(explorer):
    sliders = [c for c in explorer.kind().controls if c["kind"] in ("slider", "player")]
    if not sliders:
        return
    control = sliders[0]
    before = explorer.look()
    box = explorer.root.get_by_label(control["label"], exact=True).bounding_box()
    share = 0.2 if place_of(control, explorer.start[control["name"]]) > 0.5 else 0.8
    explorer.page.mouse.click(box["x"] + share * box["width"], box["y"] + box["height"] / 2)
    explorer.page.wait_for_function(
        "([canvas, name, start]) => JSON.parse(canvas.dataset.state).knobs[name] !== start",
        arg=[explorer.canvas.element_handle(), control["name"], explorer.start[control["name"]]],
    )
    explorer.wait_until(**{control["name"]: explorer.data()["knobs"][control["name"]]})
    assert explorer.look()["hash"] != before["hash"]
    assert_agrees(explorer)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_picture_follows_the_theme_on_transparent_ground(explorer, screenshots, theme):
    other = {"JupyterLab Light": "JupyterLab Dark", "JupyterLab Dark": "JupyterLab Light"}[theme]
    explorer.use_theme(other)
    before = explorer.look()
    explorer.use_theme(theme)
    after = explorer.look()
    assert after["hash"] != before["hash"]
    assert after["colours"] > 3
    assert after["corner"] == 0
    name = explorer.kind.__name__
    explorer.root.screenshot(path=screenshots / f"{name}_{theme.split()[1].lower()}.png")
