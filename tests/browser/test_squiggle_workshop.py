"""What is special about the squiggle workshop and the path count: clicks on the picture, a run that plays."""

import pytest

from backproplab.dose_network import MOMENTS
from backproplab.explorers import PathCount, SquiggleWorkshop
from tests.browser.explorer_page import ExplorerPage

pytestmark = pytest.mark.browser

CELLS = {
    "workshop": "from backproplab.explorers import PathCount, SquiggleWorkshop\nSquiggleWorkshop()",
    "paths": "PathCount()",
}


@pytest.fixture(scope="module")
def notebook(open_notebook, notebook_text):
    notebook = open_notebook("workshop.ipynb", notebook_text(**CELLS))
    assert notebook.run_all() == {}
    return notebook


def opened(notebook, name):
    page = ExplorerPage(notebook, notebook.cell(name))
    page.reset(**(SquiggleWorkshop() if name == "workshop" else PathCount()).settings())
    return page


def test_a_click_on_a_row_takes_its_slope_apart(notebook):
    workshop = opened(notebook, "workshop")
    workshop.wait_until(step=0, slope="w1")
    workshop.canvas.click(position={"x": 600, "y": 34 + 26 * 6.5})
    workshop.wait_until(slope="b3")
    assert workshop.data()["sentence"] == SquiggleWorkshop(slope="b3").picture["sentence"]


def test_a_click_on_the_run_goes_to_that_step(notebook):
    workshop = opened(notebook, "workshop")
    workshop.wait_until(step=0)
    workshop.canvas.click(position={"x": 54 + 420 * 100 / (len(MOMENTS) - 1), "y": 400})
    workshop.wait_until(step=MOMENTS[100])


def test_a_preset_begins_at_its_start_and_plays_until_it_is_paused(notebook):
    workshop = opened(notebook, "workshop")
    workshop.press("step", "ArrowRight", 3)
    workshop.wait_until(step=3)
    workshop.button("Run 2: rate 0.1").click()
    workshop.wait_until(lr=0.1, step=0)
    workshop.button("Play").click()
    workshop.page.wait_for_function(
        "(canvas) => JSON.parse(canvas.dataset.state).knobs.step > 8", arg=workshop.canvas.element_handle()
    )
    workshop.button("Pause").click()
    assert workshop.button("Play").is_visible()
    workshop.wait_until_still()
    paused = workshop.data()["knobs"]["step"]
    assert paused < MOMENTS[-1]
    assert workshop.data()["ssr"] == pytest.approx(SquiggleWorkshop(lr=0.1, step=paused).picture["ssr"])


def test_a_click_on_the_growth_chooses_the_layers(notebook):
    paths = opened(notebook, "paths")
    paths.wait_until(layers=4)
    paths.canvas.click(position={"x": 66 + 354 * (9 - 0.5) / 12, "y": 400})
    paths.wait_until(layers=9)
