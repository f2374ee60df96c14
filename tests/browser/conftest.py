"""A real JupyterLab on a free port of this machine, opened in the system's Chromium."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.jupyterlab import (
    FLAGS,
    NO_CHROMIUM,
    Lab,
    Notebook,
    find_chromium,
    open_in,
    running_lab,
    text_of_cells,
)

ROUNDS_OF_PROOF = 5


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run browser tests five times in ``make proof``: a flake shows only when repeated; long forms once."""
    long = metafunc.definition.get_closest_marker("one_round")
    if os.environ.get("BACKPROPLAB_PROOF") and not long:
        metafunc.fixturenames.append("browser_round")
        metafunc.parametrize("browser_round", range(1, ROUNDS_OF_PROOF + 1))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab once; end it with the session."""
    with running_lab(tmp_path_factory.mktemp("lab"), tmp_path_factory.mktemp("jupyter")) as lab:
        yield lab


@pytest.fixture
def own_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Start JupyterLab for one test: the formgrader keeps to the first course that it was asked for."""
    with running_lab(tmp_path_factory.mktemp("own_lab"), tmp_path_factory.mktemp("own_jupyter")) as lab:
        yield lab


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Give all skips for want of a browser the same place: pytest then folds them into one line."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and NO_CHROMIUM in report.longrepr[2]:
        report.longrepr = (__file__, 1, report.longrepr[2])
    return report


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Chromium for one module: while playwright runs, no other event loop can run in this thread."""
    path = find_chromium()
    if path is None:
        if os.environ.get("BACKPROPLAB_REQUIRE_BROWSER") == "1":
            pytest.fail(NO_CHROMIUM)
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def open_notebook(browser: Browser, lab: Lab) -> Iterator[Callable[[str, str], Notebook]]:
    """Return a function that opens a notebook, given a file name and a text.

    At the end of the module nothing may have gone wrong in any page: no script error, no foreign request.
    """
    opened = []

    def open_it(name: str, text: str) -> Notebook:
        notebook = open_in(lab, browser, name, text)
        opened.append(notebook)
        return notebook

    yield open_it
    for notebook in opened:
        notebook.page.context.close()
    assert [error for notebook in opened for error in notebook.page_errors] == []
    assert [url for notebook in opened for url in notebook.foreign_requests] == []


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Return the git-ignored folder where pictures for human eyes go."""
    folder = Path(__file__).resolve().parents[2] / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def notebook_text() -> Callable[..., str]:
    """Return a function that makes a notebook's text out of code cells, given by id."""
    return text_of_cells
