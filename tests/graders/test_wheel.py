"""What a student gets with ``pip install backproplab``: the lessons without their answers."""

import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from graders.leaks import leaks
from graders.lessons import all_lessons, checkout, start_notebook
from graders.notebook import canonical, cell_source, instructor_only, read
from graders.release import released_text

ROOT = checkout()


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
    folder = tmp_path_factory.mktemp("wheel")
    run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (path,) = folder.glob("*.whl")
    return path


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
    region = re.search(r"### BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", text, re.DOTALL)
    return region[1].split("\n") if region else []


def test_only_the_stripping_code_knows_the_markers(files):
    marked = {name for name, text in files.items() if "BEGIN SOLUTION" in text}
    assert all(name.startswith("graders/") and name.endswith(".py") for name in marked)


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


def test_an_editable_install_puts_no_lessons_into_the_tree(tmp_path):
    run("-c", f"from hatchling.build import build_editable; build_editable({str(tmp_path)!r})")
    (path,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        assert not [name for name in archive.namelist() if "_lessons" in name]
    assert not (ROOT / "backproplab" / "_lessons").exists()
