"""The lesson and its explorer, as a student meets them: in JupyterLab, in a browser."""

import json
import math
from types import SimpleNamespace

import pytest

from backproplab.neuron import neuron_state
from graders.exercises import for_lesson
from graders.lessons import find_lesson
from graders.release import released_text
from tests.browser.explorer_page import ExplorerPage

pytestmark = pytest.mark.browser

START = {"w": 2.0, "b": 2.0, "x": 1.0, "t": 0.0}  # where the lesson starts its bench


@pytest.fixture(scope="module")
def lesson(open_notebook):
    """Open the released lesson and run all of it, once; keep what Run All gave."""
    notebook = open_notebook("lesson.ipynb", released_text(find_lesson("one_neuron")))
    errors = notebook.run_all()
    return SimpleNamespace(notebook=notebook, errors=errors, cells=notebook.cells())


@pytest.fixture
def bench(lesson):
    """Scroll to the lesson's bench and set it back to its start."""
    assert lesson.errors == {}  # Run All stops at an error: there would be no bench to wait for
    cell = next(cell["id"] for cell in lesson.cells if cell["source"].startswith("NeuronBench("))
    lesson.notebook.cell(cell)
    bench = Bench(lesson.notebook, lesson.notebook.page)
    bench.button("Reset").click()
    bench.wait_until(**START)
    return bench


class Bench(ExplorerPage):
    """The neuron bench, held to the reference."""

    def expected(self):
        return neuron_state(**self.data()["knobs"])

    def assert_agrees(self):
        """Check data and text twin against the reference."""
        state, data = self.expected(), self.data()
        for name in ("z", "a", "loss", "error", "slope", "dw", "db", "w_new", "b_new", "loss_new"):
            assert math.isclose(data[name], getattr(state, name), rel_tol=1e-12, abs_tol=1e-15), name
        assert self.twin().endswith(state.in_words())


def test_untouched_lesson_runs_to_its_end_and_every_check_says_not_started(lesson):
    assert lesson.errors == {}
    shown = {cell["id"]: json.dumps(cell.get("outputs", [])) for cell in lesson.cells}
    for exercise in for_lesson("one_neuron"):
        assert "not started" in shown[f"test_{exercise.name}"], exercise.name


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [("return (a - t) * act.deriv(z)", "pass", "5 of 5"), ("return a - t", "fail", "slope")],
)
def test_typed_solution_gets_its_verdict(lesson, body, status, words):
    notebook = lesson.notebook
    notebook.replace_source("neuron_delta", ["def neuron_delta(z, a, t, act):", body])
    notebook.run_cell("neuron_delta")
    notebook.run_cell("test_neuron_delta")
    verdict = notebook.cell("test_neuron_delta").locator(".backproplab-verdict")
    assert verdict.get_attribute("data-status") == status, verdict.inner_text()
    for fold in verdict.locator("summary").all():
        fold.click()
    assert words in verdict.inner_text()


def test_arrow_keys_move_picture_data_and_text_together(bench):
    before, twin = bench.look(), bench.twin()
    assert before["colours"] > 3
    bench.press("weight w", "ArrowRight", times=5)
    bench.wait_until(w=2.5)
    after = bench.look()
    assert after["hash"] != before["hash"]
    assert after["colours"] > 3
    assert bench.twin() != twin
    bench.assert_agrees()


def test_letters_typed_on_a_slider_do_not_command_the_notebook(bench):
    sources = [cell["source"] for cell in bench.notebook.cells()]
    bench.root.get_by_label("input x").focus()
    for key in "bdda":  # in command mode: a new cell below, this one deleted, a new one above
        bench.notebook.page.keyboard.press(key)
    assert [cell["source"] for cell in bench.notebook.cells()] == sources


def test_mouse_moves_the_picture_too(bench):
    before = bench.look()
    slider = bench.root.get_by_label("target t")
    box = slider.bounding_box()
    bench.notebook.page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + box["height"] / 2)
    bench.notebook.page.wait_for_function(
        "JSON.parse(document.querySelector('.bpl-explorer canvas').dataset.state).t > 1"
    )
    assert bench.look()["hash"] != before["hash"]
    bench.assert_agrees()


def test_step_and_reset_work_from_the_keyboard(bench):
    start = bench.data()
    bench.button("Take one step").focus()
    bench.notebook.page.keyboard.press("Enter")
    bench.wait_until(w=start["w_new"], b=start["b_new"])
    bench.assert_agrees()
    bench.button("Reset").focus()
    bench.notebook.page.keyboard.press("Space")
    bench.wait_until(w=start["w"])
    assert bench.data() == start


def test_the_still_picture_is_hidden_beside_the_live_one_and_stays_without_it(open_notebook, notebook_text):
    cell = f"from backproplab.explorers import NeuronBench\nNeuronBench(**{START})"
    notebook = open_notebook("still.ipynb", notebook_text(live=cell))
    assert notebook.run_all() == {}
    still = notebook.cell("live").locator(".bpl-still")
    notebook.cell("live").locator("canvas").wait_for()
    assert not still.is_visible()
    assert still.locator("img").evaluate("(img) => img.naturalWidth") > 300
    notebook.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    notebook.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart()"
    )
    notebook.wait_idle()
    assert notebook.cell("live").locator("canvas").is_visible()  # the last picture outlives its kernel
    notebook.page.reload()
    notebook.wait_idle()
    still = notebook.cell("live").locator(".bpl-still")
    still.wait_for(state="visible")
    assert still.inner_text().strip() == neuron_state(**START, activation="sigmoid", lr=0.5).in_words()
    assert notebook.cell("live").locator("canvas").count() == 0
