"""A student's own function in the delta flow: wrong, raising, sleeping, and mended again."""

from types import SimpleNamespace

import pytest

from backproplab.explorers.frame import joined
from backproplab.neuron import number
from tests.browser.explorer_page import ExplorerPage

pytestmark = pytest.mark.browser

RETURNS = "(delta_next @ W_next.T)"
HEAD = "from graders import watch\ndef hidden_delta(delta_next, W_next, Z, act):\n    "
BODIES = {
    "wrong": f"return {RETURNS}",
    "raising": "raise ZeroDivisionError('division by zero')",
    "sleeping": "import time; time.sleep(60)",
    "good": f"return {RETURNS} * act.deriv(Z)",
}
# JupyterLab's own error colour is none of ours: the mark is drawn in one of these two.
RED = """(canvas) => {
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const marks = ["192,0,32", "255,128,128"]; // in the light theme and in the dark one
    let red = 0;
    for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] === 255 && marks.includes(`${data[i]},${data[i + 1]},${data[i + 2]}`)) red++;
    return red;
}"""


def test_the_page_writes_numbers_as_python_does(browser):
    values = [0.0, 1.0, -2.5, 0.0966, 4.54e-5, -0.00049, 0.0005, 123.4, 9998.0, 12345.0, -3e10, 1e-300]
    page = browser.new_page()
    page.set_content(f"<script>{joined()}</script>")
    assert page.evaluate("(values) => values.map((value) => number(value))", values) == [*map(number, values)]
    assert page.evaluate("[NaN, -Infinity].map((value) => number(value))") == [
        "NaN",
        "\N{MINUS SIGN}\N{INFINITY}",
    ]
    page.close()


@pytest.fixture(scope="module")
def opened(open_notebook, notebook_text):
    """Run one cell for each function."""
    cells = {name: f"{HEAD}{body}\nwatch('hidden_delta', hidden_delta)" for name, body in BODIES.items()}
    notebook = open_notebook("delta_flow.ipynb", notebook_text(**cells))
    return SimpleNamespace(notebook=notebook, errors=notebook.run_all())


def page_of(opened, name):
    assert opened.errors == {}
    page = ExplorerPage(opened.notebook, opened.notebook.cell(name))
    page.reset(layers=3, layer=2, unit=1, source=1)
    return page


def test_a_wrong_function_is_marked_in_red_with_its_layer_and_its_name(opened, screenshots):
    page = page_of(opened, "wrong")
    page.page.wait_for_function(f"(canvas) => ({RED})(canvas) > 200", arg=page.canvas.element_handle())
    assert "Your hidden_delta returns wrong numbers, going back, first in the delta of layer 2" in page.twin()
    assert "missing_slope" in page.twin()
    assert "Ask yourself" in page.twin()
    page.root.screenshot(path=screenshots / "DeltaFlow_wrong.png")


@pytest.mark.parametrize(
    ("name", "words"),
    [("raising", "raised ZeroDivisionError: division by zero"), ("sleeping", "gave no answer in 2 s")],
)
def test_trouble_is_said_in_place_and_the_picture_stays_alive(opened, name, words):
    page = page_of(opened, name)
    assert words in page.twin()
    assert "The picture shows the reference." in page.twin()
    before = page.look()
    page.press("layer", "ArrowLeft")
    page.wait_until(layer=1)
    assert page.look()["hash"] != before["hash"]
    assert "is its delta" in page.twin()


def test_the_next_good_function_draws_again(opened):
    page = page_of(opened, "good")
    assert "Your hidden_delta agrees with the numerical derivatives" in page.twin()
    assert page.canvas.evaluate(RED) == 0


def test_a_click_chooses_a_unit_and_a_weight_and_the_sliders_follow(opened):
    page = page_of(opened, "good")
    box = page.canvas.bounding_box()

    def click(x, y):
        scale = box["width"] / 750
        page.page.mouse.click(box["x"] + x * scale, box["y"] + y * scale)

    top = 215 - 1.5 * 75.5
    click(52 + 646 / 3, top + 2 * 75.5)
    page.wait_until(layer=1, unit=3)
    click(52 + 646 / 2, top)
    page.wait_until(layer=2, unit=1, source=1)
    assert page.root.get_by_label("layer", exact=True).input_value() == "2"


def test_the_sliders_of_a_smaller_network_end_sooner_and_play_runs_to_the_end(opened):
    page = page_of(opened, "good")
    moment = page.root.get_by_label("moment", exact=True)
    assert (moment.get_attribute("max"), moment.input_value()) == ("7", "7")
    page.button("Step back").click()
    page.wait_until(moment=6)
    page.button("Play").click()
    page.wait_until(moment=7)
    page.root.get_by_role("button", name="Play", exact=True).wait_for()
    page.press("layers", "ArrowRight")
    page.wait_until(layers=4)
    assert moment.get_attribute("max") == "9"


def test_pointing_at_a_factor_shows_where_it_comes_from(opened):
    page = page_of(opened, "good")
    before = page.look()["hash"]
    page.canvas.hover(position={"x": 150, "y": 407})
    page.wait_for_another_look(before)
