"""What only a page can show of the tower: a click on the map, and training by its button."""

import pytest

from tests.browser.explorer_page import ExplorerPage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tower(open_notebook, notebook_text):
    """Open a notebook with a tower of six tanh layers."""
    code = (
        "from backproplab.explorers import VanishingGradients\nVanishingGradients(depth=6, activation='tanh')"
    )
    notebook = open_notebook("tower.ipynb", notebook_text(tower=code))
    assert notebook.run_all() == {}
    return ExplorerPage(notebook, notebook.cell("tower"))


@pytest.mark.parametrize(("layer", "height"), [(5, 0.2), (2, 0.6)], ids=["signal", "map"])
def test_a_click_looks_into_the_layer_under_it(tower, layer, height):
    box = tower.canvas.bounding_box()
    across = (62 + (layer - 0.5) / 6 * 676) / 750
    tower.page.mouse.click(box["x"] + across * box["width"], box["y"] + height * box["height"])
    tower.wait_until(layer=layer)
    assert tower.data()["layer"] == layer
    assert f"in layer {layer} z has mean" in tower.twin()


def test_training_goes_on_and_a_knob_starts_anew(tower):
    tower.reset(seed=0)
    tower.page.wait_for_function(
        "(canvas) => canvas.view.arrays.losses.length === 1", arg=tower.canvas.element_handle()
    )
    for steps in (20, 40):
        before, look = tower.data(), tower.look()["hash"]
        tower.button("Train 20 steps").click()
        tower.wait_for_change(before)
        assert f"after {steps} steps of training" in tower.twin()
        assert tower.look()["hash"] != look
    losses = tower.arrays()["losses"]
    assert len(losses) == 41
    assert losses[-1] < 0.8 * losses[0]
    tower.press("seed", "ArrowRight")
    tower.wait_until(seed=1)
    assert len(tower.arrays()["losses"]) == 1
