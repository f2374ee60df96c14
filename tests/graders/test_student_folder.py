"""A student's folder: the copies that are kept of the work, and what is said where work seems lost."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from graders.backups import MOST, back_up, backups
from graders.errors import GradersError
from graders.lessons import all_lessons, find_lesson
from graders.release import released_text
from graders.student_folder import home_of, keep_copies, own_folder, place

FIRST = find_lesson("one_neuron")
PLACE = Path(FIRST.folder, f"{FIRST.folder}.ipynb")
EMPTY = f"{PLACE.name} is the empty lesson, though 4 points are recorded for it; "


def write_answer(path, text):
    """Write an answer into a notebook, as saved by an editor."""
    book = json.loads(path.read_bytes())
    (cell,) = [cell for cell in book["cells"] if cell["id"] == "neuron_delta"]
    cell["source"] = f"def neuron_delta(z, a, t, act):\n    {text}\n"
    path.write_text(json.dumps(book))


@pytest.fixture
def folder(tmp_path):
    """A folder with a first answer in it, checked, and a copy of the work."""
    place([FIRST], tmp_path)
    write_answer(tmp_path / PLACE, "return a - t")
    mark = {"points": 4, "possible": 5, "status": "partial", "text": ""}
    (tmp_path / ".backproplab" / "progress.json").write_text(json.dumps({"neuron_delta": mark}))
    keep_copies([FIRST], tmp_path)
    return tmp_path


@pytest.mark.parametrize("keep", [place, keep_copies])
def test_work_that_changed_is_copied_and_what_has_a_copy_is_not(folder, keep):
    notebook = folder / PLACE
    for text in ("return a - t", "return a", "return a"):
        write_answer(notebook, text)
        keep([FIRST], folder)
        assert backups(notebook.stem, folder)[0].read_bytes() == notebook.read_bytes()
    assert len(backups(notebook.stem, folder)) == 2


def test_of_many_copies_the_newest_are_kept(tmp_path, monkeypatch):
    times = iter(f"2026090{day}-080000" for day in (1, 1, 2, 3, 3, 3, 4, 4, 5, 6, 7, 8))
    monkeypatch.setattr("time.strftime", lambda _: next(times))
    for number in range(12):
        back_up(tmp_path / PLACE, b"%d" % number, tmp_path)
    kept = [int(file.read_bytes()) for file in backups(PLACE.stem, tmp_path)]
    assert kept == list(range(11, 11 - MOST, -1))


def test_work_that_an_empty_lesson_was_put_over_is_named_and_comes_back_by_the_command(folder):
    notebook = folder / PLACE
    work = notebook.read_bytes()
    empty = json.loads(released_text(FIRST))
    noted = {**empty, "cells": [*empty["cells"], {**empty["cells"][0], "id": "mine", "source": "A note."}]}
    # As released, saved, with a note in it: only the last is worth a copy, and that is not taken back.
    for text, kept in ((released_text(FIRST), 1), (json.dumps(empty), 1), (json.dumps(noted), 2)):
        notebook.write_text(text)
        *_, line = place([FIRST], folder)
        assert line.startswith(f"{EMPTY}to take your last copy back:\n  cp ")
        assert len(backups(notebook.stem, folder)) == kept
    subprocess.run(line.rpartition(":\n")[2], shell=True, check=True)
    assert notebook.read_bytes() == work
    assert place([FIRST], folder) == [f"kept your {PLACE.name}"]


def test_answers_without_points_are_missed_too(folder):
    (folder / ".backproplab" / "progress.json").unlink()
    (folder / PLACE).write_text(released_text(FIRST))
    *_, line = place([FIRST], folder)
    assert line.startswith(f"{PLACE.name} is the empty lesson, though there were answers in it; to take your")


def test_an_empty_lesson_of_which_nothing_is_kept_is_not_named(tmp_path):
    for _ in range(2):
        assert not any("empty lesson" in line for line in place([FIRST], tmp_path))
        keep_copies([FIRST], tmp_path)


def test_without_a_copy_of_ours_that_of_jupyterlab_is_named(folder):
    notebook = folder / PLACE
    (ours,) = backups(notebook.stem, folder)
    jupyters = notebook.parent / ".ipynb_checkpoints" / f"{notebook.stem}-checkpoint.ipynb"
    jupyters.parent.mkdir()
    ours.rename(jupyters)
    notebook.write_text(released_text(FIRST))
    assert place([FIRST], folder) == [f"{EMPTY}to take your last copy back:\n  cp {jupyters} {notebook}"]
    jupyters.unlink()
    assert place([FIRST], folder) == [f"{EMPTY}no copy is kept"]


@pytest.mark.parametrize("content", ["my own", '{"cells": []}', "", None])
def test_a_notebook_that_is_not_the_lesson_is_said_to_be_none(folder, content):
    notebook = folder / PLACE
    other = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook.write_text(json.dumps(other) if content is None else content)
    before = notebook.read_bytes()
    (line,) = place([FIRST], folder)
    assert line.startswith(f"{PLACE} is not the lesson: move it away to get it, or take your last copy back:")
    assert notebook.read_bytes() == before
    assert len(backups(notebook.stem, folder)) == 1  # no place is lost to what is not the lesson


def test_a_start_page_of_ones_own_is_said_to_be_none(tmp_path):
    (tmp_path / "start.ipynb").write_text("my own")
    assert place(all_lessons(), tmp_path)[-1] == "start.ipynb is not the start page: move it away to get it"


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / FIRST.folder).touch()
    with pytest.raises(GradersError, match=re.escape(f"{tmp_path / FIRST.folder} is in the way\n")):
        place([FIRST], tmp_path)


@pytest.fixture
def installed(monkeypatch):
    """Let this be an installed wheel."""
    monkeypatch.setattr("graders.student_folder.checkout", lambda: None)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("here", [".", FIRST.folder])
def test_a_folder_with_lessons_is_the_one_that_is_meant_in_it(folder, here):
    assert own_folder(folder / here) == home_of(folder / here) == folder


@pytest.mark.usefixtures("installed")
def test_elsewhere_and_in_a_course_a_new_folder_is_meant(folder):
    for here in (folder.parent, folder / ".backproplab"):
        assert own_folder(here) == here / "backproplab-lessons"
    (folder / "nbgrader_config.py").touch()
    assert own_folder(folder) == folder / "backproplab-lessons"
    assert home_of(folder / FIRST.folder) == folder / FIRST.folder


def test_in_a_checkout_its_own_folder_is_meant(folder):
    assert own_folder(folder).parts[-2:] == ("build", "lab")
