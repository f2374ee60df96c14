"""What a student gets with ``pip install backproplab``: the lessons without their answers."""

import json
import os
import re
import signal
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from pathlib import Path

import pytest

from graders.leaks import leaks
from graders.lessons import all_lessons, checkout, start_notebook
from graders.notebook import canonical, cell_source, instructor_only, read
from graders.own_wheel import own_wheel
from graders.release import released_text

ROOT = checkout()
REGIONS = ("SOLUTION", "HIDDEN TESTS", "MARK SCHEME")


def run(*command, cwd=ROOT, **environment):
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the wheel that goes into the zips for students and for Gradescope."""
    return own_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def files(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist()}


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_holds_the_two_packages_and_nothing_else(files):
    tops = {name.split("/")[0] for name in files}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"backproplab", "graders"}
    assert not [name for name in files if re.search(r"tests?[/_]|variants|checkpoint|__pycache__", name)]


def test_the_wheel_holds_every_lesson_as_released_and_the_start_notebook(files):
    held = {name: text for name, text in files.items() if name.endswith(".ipynb")}
    start = {"backproplab/_lessons/start.ipynb": start_notebook().read_text(encoding="utf-8")}
    assert held == start | {
        f"backproplab/_lessons/{lesson.folder}/{lesson.folder}.ipynb": released_text(lesson)
        for lesson in all_lessons()
    }


def test_no_lesson_in_the_wheel_leaks(files):
    for lesson in all_lessons():
        held = files[f"backproplab/_lessons/{lesson.folder}/{lesson.folder}.ipynb"]
        assert leaks(json.loads(held), read(lesson.path)) == []


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)
def test_no_file_of_the_wheel_holds_an_instructors_note_or_a_whole_answer(files, lesson):
    squashed = {name: "".join(text.split()) for name, text in files.items()}
    for cell in canonical(read(lesson.path))["cells"]:
        lines = ["".join(line.split()) for line in secret_lines(cell)]
        # A short answer is a formula, which the reference implementation states as well.
        if sum(len(line) >= 8 for line in lines) >= 2:
            held = [name for name, text in squashed.items() if all(line in text for line in lines)]
            assert held == [], cell["id"]


def secret_lines(cell):
    text = cell_source(cell)
    if instructor_only(cell):
        return text.split("\n")
    regions = [re.findall(rf"### BEGIN {name}\n(.*?)\s*### END {name}", text, re.DOTALL) for name in REGIONS]
    return [line for found in regions for region in found for line in region.split("\n")]


def test_the_search_would_find_an_answer_a_hidden_test_and_a_note():
    for name in REGIONS:
        cell = {"metadata": {}, "source": f"def f():\n    ### BEGIN {name}\n    a = 1\n    ### END {name}"}
        assert secret_lines(cell) == ["    a = 1"]
    assert secret_lines({"metadata": {"tags": ["instructor"]}, "source": "Say\nnothing."}) == [
        "Say",
        "nothing.",
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_only_the_stripping_code_knows_the_markers(files, region):
    marked = {name for name, text in files.items() if f"BEGIN {region}" in text}
    assert all(name.startswith("graders/") and name.endswith(".py") for name in marked)


def test_no_notebook_of_the_wheel_holds_an_output_a_tag_or_an_attachment(files):
    for name in [name for name in files if name.endswith(".ipynb")]:
        for cell in json.loads(files[name])["cells"]:
            assert not cell.get("outputs"), (name, cell["id"])
            assert not cell.get("attachments"), (name, cell["id"])
            assert "tags" not in cell["metadata"], (name, cell["id"])


def test_an_installed_wheel_releases_its_lessons_and_knows_no_answers(installed, tmp_path):
    code = (
        "from pathlib import Path\n"
        "from graders.errors import GradersError\n"
        "from graders.lessons import all_lessons, checkout\n"
        "from graders.release import release\n"
        "from graders.solutions import solutions\n"
        "assert checkout() is None, checkout()\n"
        "print(release(all_lessons(), Path('out'))[0])\n"
        "try:\n    solutions(all_lessons(), Path('out'))\n"
        "except GradersError as error:\n    print(error)"
    )
    printed = run("-c", code, cwd=tmp_path, PYTHONPATH=str(installed))
    first = all_lessons()[0].folder
    assert printed.splitlines()[0] == str(Path("out", first, f"{first}.ipynb"))
    assert "checkout" in printed.splitlines()[2]


FIRST_CHECK = """
import json, os, sys
from pathlib import Path
from graders.lab import place
from graders.lessons import all_lessons, checkout
assert checkout() is None, checkout()
lines = place(all_lessons(), Path("lessons"))
assert place(all_lessons(), Path("lessons")) == []
os.chdir("lessons/01_one_neuron")
from graders import check, progress, submit_ready
check("neuron_delta", lambda z, a, t, act: a - t)
print(progress().rows[0].marks)
print(submit_ready())
"""


def test_from_the_wheel_alone_the_lessons_are_placed_and_the_first_check_answers(installed, tmp_path):
    printed = run("-c", FIRST_CHECK, cwd=tmp_path, PYTHONPATH=str(installed), BACKPROPLAB_NO_PROGRESS="")
    assert "your numbers equal exactly the result without the slope" in printed
    assert "('neuron_delta', Mark(points=0.0, possible=5.0, status='fail', text=''))" in printed
    assert "01_one_neuron.ipynb, as it was saved at" in printed
    assert (tmp_path / "lessons" / "start.ipynb").read_text() == start_notebook().read_text()


# What a student types in a notebook, in a kernel of its own, as JupyterLab would run it.
ANSWER_AND_CHECK = """
import sys
from pathlib import Path
import nbformat
from nbclient import NotebookClient
path = Path(sys.argv[1])
live = nbformat.read(path, 4)
(answer,) = [cell for cell in live.cells if cell.id == "neuron_delta"]
answer.source = "def neuron_delta(z, a, t, act):\\n    return a - t"
nbformat.write(live, path)
live.cells = [cell for cell in live.cells if cell.id in ("setup", "neuron_delta", "test_neuron_delta")]
live.cells[:0] = [nbformat.v4.new_code_cell(first) for first in sys.argv[2:]]
NotebookClient(live, resources={"metadata": {"path": str(path.parent)}}).execute()
print(live.cells[-1].outputs[0]["data"]["text/plain"])
"""


def own_environment(folder):
    """Return the Python of a real environment of its own, which borrows from ours all but ourselves."""
    venv.create(folder)
    (site,) = folder.rglob("site-packages")
    (site / "borrowed.pth").write_text(sysconfig.get_path("purelib"))  # its own .pth files are not read
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "JUPYTER", "BACKPROPLAB"))}
    share = Path(sys.prefix) / "share" / "jupyter"
    borrowed = {"JUPYTERLAB_DIR": str(share / "lab"), "JUPYTER_PATH": str(share)}
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    return python, {**kept, **borrowed, "HOME": str(folder / "home")}


def start_lab(python, folder, env):
    """Start ``backproplab lab`` in the folder, fetch its page and end it; return what it said."""
    process = subprocess.Popen(
        [python.parent / "backproplab", "lab"], cwd=folder, env=env, stdout=subprocess.PIPE, text=True
    )
    said = []
    try:
        for line in process.stdout:
            said.append(line.strip())
            if line.startswith("http://"):
                with urllib.request.urlopen(line.strip(), timeout=30) as answer:
                    assert b"JupyterLab" in answer.read()
                break
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 0
    return said


@pytest.mark.proof
def test_in_an_empty_environment_and_folder_a_day_can_be_begun_and_gone_on_with(wheel, tmp_path):
    python, env = own_environment(tmp_path / "venv")
    run("-m", "pip", f"--python={python}", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    said = start_lab(python, tmp_path, env)
    first = [f"{lesson.folder}.ipynb" for lesson in all_lessons()]
    assert said[: len(first) + 1] == [f"new: {name}" for name in (*first, "start.ipynb")]
    notebook = tmp_path / "backproplab-lessons" / "01_one_neuron" / "01_one_neuron.ipynb"
    command = [python, "-c", ANSWER_AND_CHECK, notebook]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("neuron_delta: 0 of 5 points.")
    record = json.loads((tmp_path / "backproplab-lessons" / ".backproplab" / "progress.json").read_text())
    assert record["neuron_delta"]["status"] == "fail"
    mine = notebook.read_bytes()
    assert start_lab(python, tmp_path, env)[0] == "kept your 01_one_neuron.ipynb"
    assert notebook.read_bytes() == mine


@pytest.mark.proof
def test_one_lesson_alone_works_where_its_first_cell_installs_the_wheel(wheel, tmp_path):
    python, env = own_environment(tmp_path / "venv")
    held = json.loads(released_text(all_lessons()[0]))
    notebook = tmp_path / "lesson.ipynb"
    notebook.write_text(json.dumps(held), encoding="utf-8")
    command = [python, "-c", ANSWER_AND_CHECK, notebook]
    without = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "No module named 'backproplab'" in without.stderr
    install = f"%pip install --quiet --no-deps --no-index {wheel}"
    done = subprocess.run(
        [*command, install], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("neuron_delta: 0 of 5 points.")


def test_an_editable_install_puts_no_lessons_into_the_tree(tmp_path):
    run("-c", f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})")
    (path,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "_lessons" in name]
    assert not (ROOT / "backproplab" / "_lessons").exists()
