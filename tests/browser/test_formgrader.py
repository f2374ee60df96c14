"""nbgrader's own formgrader, as an instructor uses it: its buttons grade in the sandbox."""

import json

import pytest

from graders.course import new_course
from graders.lessons import find_lesson
from graders.release import released_text

pytestmark = pytest.mark.browser

LESSON = find_lesson("one_neuron")
HALF = (
    "def neuron_grads(w, b, x, t, act):\n"
    "    z = w @ x + b\n"
    "    delta = (act.f(z) - t) * act.deriv(z)\n"
    "    return -w * delta, delta"
)
NOTE = "My note <img src='none' onerror='document.title = \"taken over\"'>"


@pytest.fixture
def page(browser, own_lab):
    """Return a page of the formgrader on a new course in which Ada has handed in half an answer."""
    course = new_course(own_lab.folder / "course")
    notebook = json.loads(released_text(LESSON))
    for cell in notebook["cells"]:
        if cell["id"] == "neuron_grads":
            cell["source"] = HALF
    notebook["cells"].append({"cell_type": "markdown", "id": "note", "metadata": {}, "source": NOTE})
    handed_in = course / "submitted" / "ada" / LESSON.folder / f"{LESSON.folder}.ipynb"
    handed_in.parent.mkdir(parents=True)
    handed_in.write_text(json.dumps(notebook), encoding="utf-8")
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(60_000)
    # The page fetches MathJax from elsewhere; a test needs no network.
    page.route("**/*", lambda route: route.continue_() if own_lab.url in route.request.url else route.abort())
    page.goto(f"{own_lab.url}/formgrader?path=course")
    yield page
    context.close()


def test_its_autograde_button_gives_partial_marks_and_shows_the_message(page, own_lab, screenshots):
    page.locator("tr", has_text=LESSON.folder).locator(".assign a").click()
    page.get_by_text("Successfully created").wait_for()
    page.goto(f"{own_lab.url}/formgrader/manage_submissions/{LESSON.folder}")
    page.locator(".autograde a").click()
    page.get_by_text("Successfully autograded").wait_for()
    page.get_by_role("button", name="OK").or_(page.get_by_role("button", name="Close")).last.click()
    assert page.locator("td.score").inner_text() == "2.5 / 20"
    page.goto(f"{own_lab.url}/formgrader/gradebook/{LESSON.folder}/{LESSON.folder}")
    page.locator("td.name a:visible").click()
    verdict = page.locator(".backproplab-verdict[data-status=partial]")
    assert "neuron_grads: 2.5 of 5 points" in verdict.inner_text()
    page.wait_for_function("document.getElementById('test_neuron_grads').placeholder === '2.5'")
    assert page.title() != "taken over"
    verdict.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "formgrader.png")
