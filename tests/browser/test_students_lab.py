"""``backproplab lab`` in a browser: what a student sees around a lesson, and what not."""

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.browser

LAB = [sys.executable, "-m", "graders.cli", "lab", "--no-browser", "--lesson", "1"]


@pytest.fixture
def address(tmp_path):
    """Start the lab as a student does, with settings of its own; return its address."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("JUPYTER")} | {"HOME": str(tmp_path)}
    process = subprocess.Popen([*LAB, str(tmp_path / "work")], stdout=subprocess.PIPE, text=True, env=env)
    try:
        yield next(line.strip() for line in process.stdout if line.startswith("http://"))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def test_a_student_sees_no_teachers_tools_and_is_asked_nothing(browser, address, screenshots):
    page = browser.new_page(viewport={"width": 1300, "height": 900})
    page.goto(address)
    page.get_by_role("heading", name="One neuron, five steps").wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)  # its side bars are there, too
    page.wait_for_timeout(3000)  # what must not come would be there by now
    assert page.get_by_text("Kernel", exact=True).count()
    for words in ("Nbgrader", "Validate", "Create Assignment", "Assignment List", "official Jupyter news"):
        assert page.get_by_text(words).count() == 0, words
    page.screenshot(path=screenshots / "students_lab.png")
    page.close()
