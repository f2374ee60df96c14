"""``release --update``: the files of a student's folder, the backups, and what is left after a kill."""

import itertools
import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from graders import lab, updating
from graders.cli import main
from graders.lessons import all_lessons, checkout
from graders.notebook import cell_source
from graders.placed import Placed
from graders.release import released_text
from tests.graders.started import older, started, student_texts

LESSON = all_lessons()[0]
PLACE = f"{LESSON.folder}/{LESSON.folder}.ipynb"
BACKUP = re.compile(rf"{LESSON.folder}\.backup-\d{{8}}-\d{{6}}(-\d+)?\.ipynb")


@pytest.fixture(scope="module")
def old():
    """The first lesson before it was mended."""
    lesson = older(json.loads(released_text(LESSON)), random.Random(2))
    lesson["cells"][0]["source"] = "# The title of old"
    return lesson


@pytest.fixture
def folder(tmp_path, old, monkeypatch):
    """A student's folder with an older first lesson in it, started."""
    with monkeypatch.context() as earlier:
        earlier.setattr("graders.release.released_text", lambda _: json.dumps(old))
        lab.place([LESSON], tmp_path)
    notebook = started(old, random.Random(4))
    (tmp_path / PLACE).write_text(json.dumps(notebook))
    return tmp_path


def notebook(folder):
    return json.loads((folder / PLACE).read_bytes())


def backups(folder):
    return sorted((folder / ".backproplab" / "backups").glob("[!.]*"))


def update(folder):
    return main(["release", "one_neuron", "--update", str(folder)])


def test_the_merge_renews_the_lesson_keeps_the_students_text_and_leaves_a_backup(folder, capsys):
    before = (folder / PLACE).read_bytes()
    assert update(folder) == 0
    merged = notebook(folder)
    assert cell_source(merged["cells"][0]) == cell_source(json.loads(released_text(LESSON))["cells"][0])
    assert student_texts(merged) == student_texts(json.loads(before))
    (backup,) = backups(folder)
    assert backup.read_bytes() == before
    assert BACKUP.fullmatch(backup.name)
    said = capsys.readouterr().out
    assert said.startswith(f"merged: {LESSON.folder}.ipynb (")
    assert str(backup) in said


def test_a_second_update_touches_nothing(folder, capsys):
    update(folder)
    before, stamp = (folder / PLACE).read_bytes(), (folder / PLACE).stat().st_mtime_ns
    assert update(folder) == 0
    assert ((folder / PLACE).read_bytes(), (folder / PLACE).stat().st_mtime_ns) == (before, stamp)
    assert len(backups(folder)) == 1
    assert f"up to date: {LESSON.folder}.ipynb" in capsys.readouterr().out


def test_a_backup_is_never_overwritten(folder, monkeypatch):
    monkeypatch.setattr("time.strftime", lambda _: "20260901-080000")
    start = [(folder / PLACE).read_bytes() + b" " * number for number in range(3)]
    for content in start:
        (folder / PLACE).write_bytes(content)
        update(folder)
    assert sorted(file.read_bytes() for file in backups(folder)) == start


OFFER = re.compile(
    rf"newer than yours, or missing there: {LESSON.folder} \(\d+ cells?\)\n"
    r"to merge, your text stays: save and stop the lab, or close the notebook, then: (.*)"
)


def test_lab_says_what_is_newer_and_how_to_merge_it(folder):
    kept, offer = lab.place([LESSON], folder)
    assert kept == f"kept your {LESSON.folder}.ipynb"
    assert OFFER.fullmatch(offer)[1] == f"backproplab release --update {folder}"
    update(folder)
    assert lab.place([LESSON], folder) == [f"kept your {LESSON.folder}.ipynb"]


def test_a_merge_that_was_undone_in_an_open_page_is_offered_again(folder):
    before = (folder / PLACE).read_bytes()
    update(folder)
    (folder / PLACE).write_bytes(before)  # Overwrite, in JupyterLab's dialog
    assert OFFER.fullmatch(lab.place([LESSON], folder)[-1])


def test_a_cell_that_the_student_deleted_can_come_back_by_a_merge(folder):
    update(folder)
    book = notebook(folder)
    book["cells"] = [cell for cell in book["cells"] if cell["id"] != "neuron_delta"]
    (folder / PLACE).write_text(json.dumps(book))
    assert OFFER.fullmatch(lab.place([LESSON], folder)[-1])


def test_work_on_the_lesson_of_today_is_offered_no_merge(tmp_path):
    lab.place([LESSON], tmp_path)
    book = notebook(tmp_path)
    for cell in book["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution") or cell["id"] == "setup":
            cell["source"] = cell_source(cell) + "\n# mine"
    (tmp_path / PLACE).write_text(json.dumps(book))
    assert lab.place([LESSON], tmp_path) == [f"kept your {LESSON.folder}.ipynb"]


def test_after_a_merge_the_way_back_and_the_way_on_in_an_open_page_are_told(folder, capsys):
    before = (folder / PLACE).read_bytes()
    update(folder)
    said = capsys.readouterr().out
    assert "if it is open in JupyterLab, choose Revert there" in said
    (command,) = re.findall(r"to go back: (cp .*)", said)
    subprocess.run(command, shell=True, check=True)
    assert (folder / PLACE).read_bytes() == before
    lab.place([LESSON], folder)
    update(folder)
    update(folder)
    assert "Revert" not in capsys.readouterr().out.partition("up to date")[2]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"nbformat": 3}',
        b'{"nbformat": 4, "cells": [7]}',
        b'{"nbformat": 4, "cells": []}',
        b"\xff",
    ],
)
def test_a_damaged_notebook_is_left_alone_and_named_and_the_others_are_merged(folder, capsys, content):
    lab.place(all_lessons()[1:2], folder)
    second = folder / all_lessons()[1].folder / f"{all_lessons()[1].folder}.ipynb"
    book = json.loads(second.read_bytes())
    book["cells"] = [
        cell | {"source": "x"} if cell["cell_type"] == "raw" else cell for cell in book["cells"][1:]
    ]
    second.write_text(json.dumps(book))
    (folder / PLACE).write_bytes(content)
    assert main(["release", "--update", str(folder)]) == 1
    said = capsys.readouterr()
    assert re.search(rf"left alone: .+: {re.escape(str(folder / PLACE))}\n", said.err)
    assert len(said.err.splitlines()) == 1
    assert f"merged: {second.name}" in said.out
    assert (folder / PLACE).read_bytes() == content


def test_a_folder_without_lessons_and_that_of_the_sources_are_refused(tmp_path, capsys):
    assert main(["release", "--update", str(tmp_path)]) == 2
    assert main(["release", "--update", str(checkout() / "lessons")]) == 2
    said = capsys.readouterr().err
    assert "holds none of the lessons" in said
    assert "sources, with solutions" in said


@pytest.mark.parametrize(
    ("here", "given", "meant"),
    [
        (".", PLACE, "--update ."),
        (".", LESSON.folder, "--update ."),
        (LESSON.folder, ".", "--update .."),
        (LESSON.folder, f"{LESSON.folder}.ipynb", "--update .."),
        ("..", "{folder}/" + PLACE, "--update {folder}"),
        (".", "start.ipynb", "--update ."),
        ("..", "elsewhere", "to add them: --to elsewhere"),
        ("..", "alone.ipynb", "put a notebook into a folder of its name first: DIR/NN_slug/NN_slug.ipynb"),
    ],
)
def test_the_folder_that_was_meant_is_named(folder, monkeypatch, capsys, here, given, meant):
    for file in (folder / "start.ipynb", folder.parent / "alone.ipynb"):
        file.touch()
    monkeypatch.chdir(folder / here)
    assert main(["release", "--update", given.format(folder=folder)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2
    assert said[1].removeprefix("the folder that holds them: ") == meant.format(folder=folder)


def test_a_notebook_that_was_saved_meanwhile_is_left_alone(folder, monkeypatch, capsys):
    def saved(path, *_):
        path.write_text("saved in JupyterLab")
        return real(path, *_)

    real = updating.back_up
    monkeypatch.setattr(updating, "back_up", saved)
    assert update(folder) == 1
    assert "saved in this moment" in capsys.readouterr().err
    assert (folder / PLACE).read_text() == "saved in JupyterLab"


STEPS = [("os", "fsync"), ("pathlib.Path", "replace"), ("pathlib.Path", "open"), ("pathlib.Path", "mkdir")]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_at_any_step_the_notebook_is_whole_and_a_rerun_finishes(folder, monkeypatch, after):
    start, released = (folder / PLACE).read_bytes(), released_text(LESSON)
    record = {file: file.read_bytes() for file in (folder / ".backproplab").glob("*.json")}

    def merge_it():
        return updating._update_one(folder / PLACE, released, Placed(folder), folder)

    merge_it()
    end = (folder / PLACE).read_bytes()
    for step in itertools.count():
        (folder / PLACE).write_bytes(start)
        shutil.rmtree(folder / ".backproplab" / "backups")
        for file, content in record.items():
            file.write_bytes(content)
        killed = in_a_child(monkeypatch, step, after, merge_it)
        there = (folder / PLACE).read_bytes()
        assert there in (start, end)
        assert len(backups(folder)) >= (there == end)
        assert all(file.read_bytes() == start for file in backups(folder))
        merge_it()
        assert (folder / PLACE).read_bytes() == end
        assert Placed(folder).is_untouched(LESSON.folder, released.encode())
        if not killed:
            break
    assert step > 20


def in_a_child(monkeypatch, step, after, act):
    """Run something in a process that ends without warning around its n-th step on the disk."""
    child = os.fork()
    if not child:
        counter = iter(range(1000))
        for owner, name in STEPS:
            monkeypatch.setattr(f"{owner}.{name}", deadly(owner, name, counter, step, after))
        try:
            act()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9)
    return status == 9


def deadly(owner, name, counter, step, after):
    real = getattr(os if owner == "os" else Path, name)

    def call(*args, **options):
        last = next(counter) == step
        if last and not after:
            os._exit(9)
        result = real(*args, **options)
        if last:
            os._exit(9)
        return result

    return call


def test_the_sources_of_a_course_are_left_alone(folder, capsys):
    shutil.copytree(LESSON.path.parent, folder / LESSON.folder, dirs_exist_ok=True)
    before = (folder / PLACE).read_bytes()
    assert main(["release", "--update", str(folder)]) == 1
    assert "a lesson's source, not a student's" in capsys.readouterr().err
    assert (folder / PLACE).read_bytes() == before
