"""The gallery as anybody opens it: pages from the file system, in a browser, without kernel and network."""

import json

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from backproplab import explorers
from backproplab.explorers.standalone import computes_itself, number_of_states
from graders.gallery import gallery
from tests.browser.explorer_page import FINGERPRINT, NEXT_FRAME

pytestmark = pytest.mark.browser

EVERY = [getattr(explorers, name) for name in explorers.__all__]
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    gallery(folder)
    return folder


@pytest.fixture
def open_page(browser, folder):
    """Return a function that opens a page; in the end no script may have failed, nothing been fetched."""
    errors, requests, contexts = [], [], []

    def open_it(name, **options):
        contexts.append(browser.new_context(offline=True, **options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto((folder / name).as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []


def state_of(page):
    return json.loads(page.locator("canvas").get_attribute("data-state"))


def move_each_control(page):
    """Press a key on every control in turn; yield what it was, before and after."""
    for control in page.locator(".bpl-controls :is(input, select)").all():
        page.get_by_role("button", name="Reset", exact=True).click()
        page.evaluate(NEXT_FRAME)
        before, look = state_of(page), page.locator("canvas").evaluate(FINGERPRINT)
        control.focus()
        kind = control.evaluate("(el) => el.type")
        page.keyboard.press({"select-one": "ArrowDown", "checkbox": "Space"}.get(kind, "ArrowRight"))
        page.evaluate(NEXT_FRAME)
        if state_of(page) == before:  # it stood at its end
            page.keyboard.press({"select-one": "ArrowUp"}.get(kind, "ArrowLeft"))
            page.evaluate(NEXT_FRAME)
        yield control.get_attribute("name"), before, look


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
def test_every_page_moves_by_keyboard_and_shows_python_s_numbers(kind, open_page):
    page = open_page(f"{kind.script()}.html")
    page.locator("canvas[data-state]").wait_for()
    moved = 0
    for name, before, look in move_each_control(page):
        after = state_of(page)
        seen = page.locator("canvas").evaluate(FINGERPRINT)
        if after["knobs"][name] == before["knobs"][name]:
            continue  # the only value there is
        moved += 1
        assert (seen["hash"], after["sentence"]) != (look["hash"], before["sentence"]), name
        assert seen["colours"] > 3, name
        if not computes_itself(kind):
            assert after == json.loads(json.dumps(kind(**after["knobs"]).picture)) | {"knobs": after["knobs"]}
    assert moved


# The part of the canvas that is opaque, of a box in its own units.
OPAQUE = """(canvas, [left, top, width, height]) => {
    const scale = canvas.width / 750;
    const box = [left, top, width, height].map((at) => at * scale);
    const { data } = canvas.getContext("2d").getImageData(...box);
    return data.filter((value, i) => i % 4 === 3 && value > 200).length / (data.length / 4);
}"""


def test_the_map_of_saturated_units_is_drawn_without_a_kernel(open_page):
    page = open_page("vanishing_gradients.html")
    page.get_by_label("first weights", exact=True).select_option("normal")
    page.get_by_label("weight factor", exact=True).press("End")
    page.evaluate(NEXT_FRAME)
    knobs = {name: value for name, value in state_of(page)["knobs"].items() if name != "width"}
    saturation = explorers.VanishingGradients(**knobs).state.saturation
    opaque = page.locator("canvas").evaluate(OPAQUE, [64, 264, 670, 84])
    assert opaque == pytest.approx(np.mean(saturation > 0.7), abs=0.1)


@pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(kind, scheme, open_page, screenshots):
    page = open_page(f"{kind.script()}.html", color_scheme=scheme)
    page.locator("canvas[data-state]").wait_for()
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["help"]) for one in found if one["impact"] in SERIOUS] == []
    page.screenshot(path=screenshots / f"gallery_{kind.script()}_{scheme}.png")


def test_the_index_leads_to_every_page(open_page, folder):
    page = open_page("index.html")
    links = [link.get_attribute("href") for link in page.locator("a").all()]
    assert sorted(links) == sorted(f"{kind.script()}.html" for kind in EVERY)
    assert Axe().run(page).violations_count == 0
    for link in links:
        page.goto((folder / link).as_uri())
        assert page.locator("canvas").count() == 1
        page.get_by_role("link", name="All pictures").click()


def test_every_explorer_has_a_page():
    assert [
        kind.__name__ for kind in EVERY if not (computes_itself(kind) or number_of_states(kind) > 1)
    ] == []
