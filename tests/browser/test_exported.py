"""Explorers in an exported page, opened without a network: picture and sentence remain."""

import json

import pytest

from backproplab import explorers
from graders.lessons import all_lessons
from graders.pages import page
from graders.solutions import execute, solutions

pytestmark = pytest.mark.browser


@pytest.fixture
def open_offline(browser):
    """Return a function that opens a file; nothing but files may be asked for, no script may fail."""
    context = browser.new_context(offline=True)
    errors, requests = [], []

    def open_it(path):
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("request", lambda request: requests.append(request.url))
        tab.goto(path.as_uri())
        return tab

    yield open_it
    context.close()
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


def assert_stills(tab, number):
    """Check that so many still pictures are there to see, each with its sentence."""
    stills = tab.locator(".bpl-still").all()
    assert len(stills) == number
    for still in stills:
        assert still.is_visible()
        assert still.locator("img").evaluate("(img) => img.naturalWidth") > 300
        assert still.locator("figcaption").inner_text().strip().endswith(".")
    assert "model not found" not in tab.locator("body").inner_text()


def test_every_explorer_is_a_still_picture_with_its_sentence(open_offline, notebook_text, tmp_path):
    cells = {name: f"from backproplab.explorers import {name}\n{name}()" for name in explorers.__all__}
    file = tmp_path / "all.html"
    file.write_text(page(execute(json.loads(notebook_text(**cells))), "all"), encoding="utf-8")
    assert_stills(open_offline(file), len(cells))


@pytest.mark.proof
def test_every_lesson_has_its_pictures_without_a_network(open_offline, tmp_path):
    written = solutions(all_lessons(), tmp_path)
    for file in (path for path in written if path.suffix == ".html"):
        tab = open_offline(file)
        assert_stills(tab, tab.locator(".bpl-still").count())
        assert tab.locator(".bpl-still").count() > 0, file.name
