"""Plain Jupyter Notebook 7 serves like JupyterLab: Run All, a check, a bench that the keyboard moves."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from graders.exercises import for_lesson
from graders.lessons import find_lesson
from graders.release import released_text
from tests.browser.explorer_page import ExplorerPage
from tests.browser.jupyterlab import NOTEBOOK_7, Notebook, open_in, running_lab, text_of_cells

pytestmark = pytest.mark.browser
# Jupyter Notebook 7.6 has it for an empty notebook too, while it reads its settings.
ITS_OWN_ERROR = "Cannot read properties of undefined (reading 'schema')"
BENCH = "from backproplab.explorers import NeuronBench\nNeuronBench(w=2.0, b=2.0, x=1.0, t=0.0, lr=0.15)"
CHECK = "from graders import check\ncheck('neuron_delta', lambda z, a, t, act: a - t)"
CLEAN = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"


@pytest.fixture(scope="module")
def open_it(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Notebook]]:
    """Return a function that opens a notebook's text in Jupyter Notebook."""
    opened: list[Notebook] = []
    folder, home = tmp_path_factory.mktemp("notebook"), tmp_path_factory.mktemp("jupyter")
    with running_lab(folder, home, NOTEBOOK_7) as server:

        def open_text(text: str) -> Notebook:
            opened.append(open_in(server, browser, f"{len(opened)}.ipynb", text))
            return opened[-1]

        yield open_text
        for notebook in opened:
            notebook.page.context.close()
    assert {error for notebook in opened for error in notebook.page_errors} <= {ITS_OWN_ERROR}
    assert [url for notebook in opened for url in notebook.foreign_requests] == []


def assert_the_bench_moves(notebook: Notebook, cell: str) -> None:
    notebook.cell(cell)
    bench = ExplorerPage(notebook, notebook.page.locator("body"))
    before = bench.look()
    assert before["colours"] > 3
    bench.press("weight w", "ArrowRight", times=5)
    bench.wait_until(w=2.5)
    assert bench.look()["hash"] != before["hash"]


def test_a_check_and_a_bench_work_and_shortcuts_pass(open_it: Callable[[str], Notebook]) -> None:
    notebook = open_it(text_of_cells(check=CHECK, bench=BENCH))
    assert notebook.page.evaluate("window.jupyterapp.name") == "Jupyter Notebook"
    assert notebook.run_all() == {}
    verdict = notebook.cell("check").locator(".backproplab-verdict[data-status=fail]")
    verdict.wait_for()
    assert "0 of 5 points" in verdict.inner_text()
    assert_the_bench_moves(notebook, "bench")
    notebook.page.keyboard.press("Control+s")  # the focus is on the slider; run cells are not saved yet
    notebook.page.wait_for_function(CLEAN)


@pytest.mark.proof
def test_the_whole_lesson_runs_and_a_typed_answer_is_checked(open_it: Callable[[str], Notebook]) -> None:
    lesson = open_it(released_text(find_lesson("one_neuron")))
    assert lesson.run_all() == {}
    for exercise in for_lesson("one_neuron"):
        lesson.cell(f"test_{exercise.name}").locator("[data-status=not_started]").wait_for()
    lesson.replace_source("neuron_delta", ["def neuron_delta(z, a, t, act):", "return a - t"])
    lesson.run_cell("neuron_delta")
    lesson.run_cell("test_neuron_delta")
    lesson.cell("test_neuron_delta").locator(".backproplab-verdict[data-status=fail]").wait_for()
    assert_the_bench_moves(lesson, "neuron-bench")
