"""What is special in three explorers: points of a curve that can be clicked, a run that plays, a step."""

from types import SimpleNamespace

import pytest

from backproplab.explorers import LogitsTugOfWar
from tests.browser.explorer_page import ExplorerPage

pytestmark = pytest.mark.browser

EXPLORERS = ("UCurve", "TrainingDashboard", "LogitsTugOfWar")


@pytest.fixture(scope="module")
def opened(open_notebook, notebook_text):
    text = notebook_text(
        **{name: f"from backproplab.explorers import {name}\n{name}()" for name in EXPLORERS}
    )
    notebook = open_notebook("clicking.ipynb", text)
    assert notebook.run_all() == {}
    return SimpleNamespace(**{name: ExplorerPage(notebook, notebook.cell(name)) for name in EXPLORERS})


def click(explorer, x, y):
    """Click a point of the canvas, given in its own units."""
    box = explorer.canvas.bounding_box()
    scale = box["width"] / 750
    explorer.canvas.click(position={"x": x * scale, "y": y * scale})


def test_a_click_on_the_curve_marks_the_nearest_step(opened):
    opened.UCurve.notebook.cell("UCurve")
    click(opened.UCurve, 68 + 670 / 2, 150)  # the middle of the axis from 1e-20 to 1
    opened.UCurve.wait_until(log_h=-10.0)
    assert "h = 1e-10 gives" in opened.UCurve.twin()
    before = opened.UCurve.data()
    click(opened.UCurve, 20, 150)  # beside the chart: nothing happens
    assert opened.UCurve.data() == before


def test_a_click_on_a_chart_goes_to_its_epoch_and_play_goes_on_to_the_last(opened):
    board = opened.TrainingDashboard
    board.notebook.cell("TrainingDashboard")
    click(board, 300 + 0.4 * 184, 100)
    board.wait_until(epoch=4)
    assert "After 4 of 10 epochs" in board.twin()
    board.button("Play").click()
    board.wait_until(epoch=10)
    assert "After 10 of 10 epochs" in board.twin()
    assert board.button("Play").is_visible()  # it has stopped, and does not wait for one more turn


def test_a_step_moves_the_sliders_along_the_pulls(opened):
    game = opened.LogitsTugOfWar
    game.notebook.cell("LogitsTugOfWar")
    expected = LogitsTugOfWar()
    game.reset(**expected.settings())
    expected.take_step()
    game.button("Take one step").click()
    game.wait_until(z0=expected.z0, z1=expected.z1, z2=expected.z2)
    assert game.twin() == expected.picture["sentence"]
