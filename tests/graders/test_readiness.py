"""Before handing in: the saved notebook, the record of checks and the kernel tell what is still missing."""

import asyncio
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from graders import lab, readiness, record, submit_ready
from graders.cli import main
from graders.exercise import Status, Verdict
from graders.exercises import for_lesson
from graders.lessons import all_lessons, find_lesson, start_notebook
from graders.readiness import NOT_HERE, _problems
from graders.record import keep
from graders.release import released_text

LESSON = "01_one_neuron"
NOTEBOOK = "the notebook"
NAMES = [exercise.name for exercise in for_lesson("one_neuron")]
POINTS = {exercise.name: exercise.points for exercise in for_lesson("one_neuron")}

Notebook = dict[str, Any]


@pytest.fixture(scope="module")
def released() -> str:
    return released_text(find_lesson("one_neuron"))


@pytest.fixture
def untouched(released: str) -> Notebook:
    """The student's copy of lesson 1."""
    copy: Notebook = json.loads(released)
    return copy


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, released: str) -> Path:
    """A student's folder with the first lesson, seen from there."""
    for switch in (*record.SWITCHES, "JPY_SESSION_NAME"):
        monkeypatch.delenv(switch, raising=False)
    (tmp_path / ".backproplab").mkdir()
    (tmp_path / LESSON).mkdir()
    monkeypatch.chdir(tmp_path / LESSON)
    Path(f"{LESSON}.ipynb").write_text(released, encoding="utf-8")
    return tmp_path


def code_cells(notebook: Notebook) -> list[Notebook]:
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def cell_of(notebook: Notebook, name: str) -> Notebook:
    found: Notebook = next(cell for cell in notebook["cells"] if cell["id"] == name)
    return found


def save(notebook: Notebook) -> None:
    Path(f"{LESSON}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def save_as(file: Path, notebook: Notebook) -> None:
    file.write_text(json.dumps(notebook), encoding="utf-8")


def checked(name: str, text: str, status: Status = "pass") -> None:
    keep(Verdict(name, status, POINTS[name] if status == "pass" else 0, POINTS[name]), text)


@pytest.fixture
def solved(folder: Path, handed_in: Callable[..., Notebook], right_answers: dict[str, str]) -> Notebook:
    """Lesson 1 with right answers, run from top to bottom, checked and saved."""
    notebook = handed_in()
    for number, cell in enumerate(code_cells(notebook), start=1):
        cell["execution_count"] = number
    save(notebook)
    for name in NAMES:
        checked(name, right_answers[name])
    return notebook


def words(name: str) -> str:
    """Return what is said of one row."""
    return next(said for row, said, _ in submit_ready().rows if row == name)


@pytest.mark.usefixtures("solved")
def test_with_every_exercise_right_and_all_run_and_saved_nothing_is_missing() -> None:
    ready = submit_ready()
    assert ready.missing == ()
    assert "ready to hand in, 20 of 20 points by your last checks" in ready.head
    assert [name for name, *_ in ready.rows] == [*NAMES, NOTEBOOK]


@pytest.mark.usefixtures("folder")
def test_of_an_untouched_lesson_everything_is_missing() -> None:
    assert submit_ready().missing == (*NAMES, NOTEBOOK)
    assert submit_ready().head.endswith(": not started")
    assert words("neuron_delta") == "not started"
    assert words(NOTEBOOK).startswith("was not run before it was saved")
    assert words(NOTEBOOK).endswith("a cell that does not end is stopped with Kernel, Interrupt Kernel")


def not_started(notebook: Notebook, untouched: str) -> None:
    keep(Verdict("neuron_delta", "not_started", 0, 5))
    cell_of(notebook, "neuron_delta")["source"] = untouched


def deleted(notebook: Notebook, untouched: str) -> None:
    keep(Verdict("neuron_delta", "not_started", 0, 5))
    notebook["cells"].remove(cell_of(notebook, "neuron_delta"))


def unchecked(notebook: Notebook, untouched: str) -> None:
    file = Path("../.backproplab/progress.json")
    marks = json.loads(file.read_text())
    del marks["neuron_delta"]
    file.write_text(json.dumps(marks))


def not_run(notebook: Notebook, untouched: str) -> None:
    checked("neuron_delta", untouched, "not_started")


def renamed(notebook: Notebook, untouched: str) -> None:
    cell = cell_of(notebook, "neuron_delta")
    cell["source"] = cell["source"].replace("neuron_delta", "my_delta")


def unreadable(notebook: Notebook, untouched: str) -> None:
    cell = cell_of(notebook, "neuron_delta")
    cell["source"] = f"%matplotlib inline\n{cell['source']}\nd = (3"


def check_deleted(notebook: Notebook, untouched: str) -> None:
    unchecked(notebook, untouched)
    notebook["cells"].remove(cell_of(notebook, "test_neuron_delta"))


def check_deleted_later(notebook: Notebook, untouched: str) -> None:
    changed(notebook, untouched)
    notebook["cells"].remove(cell_of(notebook, "test_neuron_delta"))


def deleted_later(notebook: Notebook, untouched: str) -> None:
    notebook["cells"].remove(cell_of(notebook, "neuron_delta"))


def wrong(notebook: Notebook, untouched: str) -> None:
    checked("neuron_delta", cell_of(notebook, "neuron_delta")["source"], "fail")


def changed(notebook: Notebook, untouched: str) -> None:
    cell_of(notebook, "neuron_delta")["source"] += "  # mended"


def unsaved(notebook: Notebook, untouched: str) -> None:
    cell_of(notebook, "neuron_delta")["source"] = untouched


def skipped(notebook: Notebook, untouched: str) -> None:
    cell_of(notebook, "three-factors")["execution_count"] = None


def out_of_order(notebook: Notebook, untouched: str) -> None:
    cell_of(notebook, "neuron_delta")["execution_count"] = 100


def broken(notebook: Notebook, untouched: str) -> None:
    error = {"output_type": "error", "ename": "NameError", "evalue": "x", "traceback": []}
    cell_of(notebook, "three-factors")["outputs"] = [error]


@pytest.mark.parametrize(
    ("lack", "row", "said"),
    [
        (not_started, "neuron_delta", "not started"),
        (deleted, "neuron_delta", "its cell is missing from the notebook"),
        (unchecked, "neuron_delta", "written, but never checked: run its check"),
        (not_run, "neuron_delta", "written, but not run: run its cell, then its check"),
        (renamed, "neuron_delta", "its cell defines my_delta where neuron_delta is asked for"),
        (unreadable, "neuron_delta", "its cell cannot be read: SyntaxError: '(' was never closed, line "),
        (check_deleted, "neuron_delta", 'its check cell is missing: run check("neuron_delta", neuron_delta)'),
        (check_deleted_later, "neuron_delta", "its check cell is missing: run check("),
        (deleted_later, "neuron_delta", "its cell is missing from the notebook: save and close the notebook"),
        (wrong, "neuron_delta", "wrong, 0 of 5 points"),
        (changed, "neuron_delta", "changed since its last check: check it again"),
        (unsaved, "neuron_delta", "checked, but not in the saved notebook: save it (Ctrl + S)"),
        (skipped, NOTEBOOK, "the cell 'with when_solved():' was not run before it was saved: choose Kernel"),
        (out_of_order, NOTEBOOK, "its cells were run in another order than they stand in: choose Kernel"),
        (broken, NOTEBOOK, "the cell 'with when_solved():' was stopped with an error: mend it"),
    ],
)
def test_one_lack_is_named_and_nothing_else(
    solved: Notebook, untouched: Notebook, lack: Callable[[Notebook, str], None], row: str, said: str
) -> None:
    lack(solved, STUB)
    save(solved)
    ready = submit_ready()
    assert ready.missing == (row,)
    assert words(row).startswith(said)
    assert "1 thing is missing" in ready.head


def test_the_line_of_an_unreadable_cell_is_told(solved: Notebook) -> None:
    cell_of(solved, "neuron_delta")["source"] = "\ndef neuron_delta(z, a, t, act):\n    return (a - t"
    save(solved)
    assert words("neuron_delta").endswith("line 3 of its cell: return (a - t")


def test_of_a_check_that_stopped_the_error_is_told(solved: Notebook) -> None:
    unchecked(solved, STUB)
    error = {"output_type": "error", "ename": "NameError", "evalue": "name 'k' is not defined"}
    cell_of(solved, "test_neuron_delta")["outputs"] = [error]
    save(solved)
    assert words("neuron_delta").startswith("its check stopped with NameError: name 'k' is not defined: ")


@pytest.mark.parametrize(
    "source",
    [
        "if True:\n    neuron_delta = lambda z, a, t, act: act.deriv(z) * (a - t)",
        "from mine import neuron_delta",
        "from mine import *",
        "neuron_delta, other = lambda z, a, t, act: act.deriv(z) * (a - t), 3",
        "def my_delta(z, a, t, act): ...\nimport mine as neuron_delta",
    ],
)
def test_a_name_that_is_given_in_any_way_is_given(solved: Notebook, source: str) -> None:
    cell_of(solved, "neuron_delta")["source"] = source
    save(solved)
    assert words("neuron_delta") == "changed since its last check: check it again"


def test_a_name_that_another_cell_gives_is_given(solved: Notebook) -> None:
    renamed(solved, STUB)
    cell_of(solved, "before-you-hand-in")["source"] = "neuron_delta = my_delta"
    save(solved)
    assert words("neuron_delta") == "changed since its last check: check it again"


def test_the_way_back_brings_a_deleted_cell_back(solved: Notebook, folder: Path) -> None:
    deleted(solved, STUB)
    save(solved)
    said = words("neuron_delta")
    assert f"backproplab release --update {folder}, in a terminal, brings the cell back" in said
    before = words("neuron_loss")
    assert main(["release", "--update", str(folder)]) == 0
    assert words("neuron_delta") == "not started"
    assert words("neuron_loss") == before
    lone = (folder / LESSON / f"{LESSON}.ipynb").replace(folder / "mine.ipynb")
    save_as(lone, solved)
    assert "its cell is missing from the notebook: define neuron_delta in a new cell" in str(
        submit_ready(lone)
    )


STUB = '''def neuron_delta(z, a, t, act):
    """Return dL/dz for the half squared error."""
    # YOUR CODE HERE
    raise NotImplementedError()'''


def test_the_stub_of_these_tests_is_the_lessons(untouched: Notebook) -> None:
    assert "".join(cell_of(untouched, "neuron_delta")["source"]) == STUB


def test_a_record_of_an_older_version_without_fingerprints_still_counts(solved: Notebook) -> None:
    file = Path("../.backproplab/progress.json")
    marks = json.loads(file.read_text())
    file.write_text(json.dumps({name: {**mark, "text": ""} for name, mark in marks.items()}))
    assert submit_ready().missing == ()
    for mark in marks.values():
        del mark["text"]
    file.write_text(json.dumps(marks))
    assert submit_ready().missing == ()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("partial", "partly right"),
        ("ungradable", "the answer has a wrong form"),
        ("timeout", "does not come to an end"),
        ("error", "raises an error"),
        ("fail", "wrong"),
    ],
)
def test_the_last_verdict_is_told_in_words(solved: Notebook, status: Status, said: str) -> None:
    checked("neuron_loss", cell_of(solved, "neuron_loss")["source"], status)
    assert words("neuron_loss") == f"{said}, 0 of 2 points"


def test_a_cell_that_was_run_again_later_is_told_but_this_one_may_be(solved: Notebook) -> None:
    cell_of(solved, "before-you-hand-in")["execution_count"] = 3
    save(solved)
    assert submit_ready().missing == ()


@pytest.mark.usefixtures("solved")
def test_a_damaged_record_is_set_aside_with_one_line() -> None:
    Path("../.backproplab/progress.json").write_text("?")
    ready = submit_ready()
    assert "could not be read" in str(ready)
    assert ready.missing == tuple(NAMES)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"nbformat": 3}', b'{"nbformat": 4, "cells": [3]}', b"{}" * 9],
)
def test_a_file_that_is_no_notebook_is_one_line(folder: Path, content: bytes) -> None:
    Path(f"{LESSON}.ipynb").write_bytes(content)
    ready = submit_ready()
    assert ready.head.endswith("cannot be read")
    assert ready.missing == (NOTEBOOK,)


def test_a_file_that_is_not_there_is_one_line_with_those_that_are(folder: Path) -> None:
    said = str(submit_ready("nope.ipynb"))
    assert said.endswith(f"there is no nope.ipynb in {folder / LESSON}; notebooks there: {LESSON}.ipynb")
    assert str(submit_ready(folder)).endswith(f" is a folder; notebooks there: {LESSON}/{LESSON}.ipynb")


def test_where_no_lesson_lies_that_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".ipynb_checkpoints").mkdir()
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    for said in (str(submit_ready()), str(submit_ready("01_one_neuron.ipynb"))):
        assert "no notebook lies there" in said
        assert "download it (File, Download) and ask beside it, or save it to Drive and give its path" in said
    assert "submit_ready('01_one_neuron.ipynb')" in str(submit_ready())


def test_of_two_copies_it_says_which_one_it_looked_at(solved: Notebook) -> None:
    deleted(solved, STUB)
    save_as(Path("mine.ipynb"), solved)
    Path("notes.ipynb").write_text('{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}')
    ready = submit_ready()
    assert ready.head.startswith(f"{LESSON}.ipynb, as it was saved at ")
    assert "also mine.ipynb; to look at that: submit_ready('mine.ipynb')." in ready.note
    assert "mine.ipynb, as" in submit_ready("mine.ipynb").head
    assert "also" not in submit_ready("mine.ipynb").note


@pytest.mark.usefixtures("solved")
def test_of_a_notebook_on_a_drive_the_record_is_found_where_its_kernel_runs(folder: Path) -> None:
    drive = folder.parent / f"{folder.name}-drive"
    drive.mkdir()
    there = Path(f"{LESSON}.ipynb").replace(drive / "Copy of 01_one_neuron.ipynb")
    assert submit_ready(there).missing == ()


def test_what_is_ready_is_named_with_its_path(solved: Notebook, folder: Path) -> None:
    path = folder / LESSON / f"{LESSON}.ipynb"
    assert str(submit_ready()).endswith(f"Hand in this file alone (outputs may stay): {path}.")
    wrong(solved, STUB)
    assert "Hand in" not in str(submit_ready())


def test_where_nothing_is_kept_it_says_what_a_student_would_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(record.NO_PROGRESS, "1")
    assert str(submit_ready()) == NOT_HERE


def test_from_the_start_page_there_is_a_row_for_each_lesson(
    solved: Notebook, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.place(all_lessons()[1:3], folder)
    (folder / "02_going_bonkers" / "02_going_bonkers.ipynb").write_text("{")
    monkeypatch.chdir(folder)
    (folder / "start.ipynb").write_bytes(start_notebook().read_bytes())
    monkeypatch.setenv("JPY_SESSION_NAME", str(folder / "start.ipynb"))
    ready = submit_ready()
    assert ready.head == "1 of 3 lessons ready to hand in"
    assert [said for _, said, _ in ready.rows] == [
        "ready to hand in, 20 of 20 points by your last checks",
        "cannot be read",
        "not started",
    ]
    assert str(ready).endswith(f"{LESSON}.ipynb.")


def test_a_renamed_notebook_is_known_by_the_servers_word(
    solved: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = Path(f"{LESSON}.ipynb").replace("mine.ipynb").absolute()
    assert "notebooks there: mine.ipynb. Say which one: submit_ready('mine.ipynb')" in str(submit_ready())
    monkeypatch.setenv("JPY_SESSION_NAME", str(mine))
    assert submit_ready().head.startswith("mine.ipynb, as it was saved at ")
    assert submit_ready().missing == ()


@pytest.mark.usefixtures("solved")
def test_a_renamed_notebook_is_known_by_the_editors_word(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = Path(f"{LESSON}.ipynb").replace("mine.ipynb").absolute()
    monkeypatch.setattr(readiness, "_namespace", lambda: {"__vsc_ipynb_file__": str(mine)})
    assert submit_ready().missing == ()


def test_what_stands_in_a_notebook_is_not_shown_as_markup(solved: Notebook) -> None:
    cell_of(solved, "three-factors").update(source="print('<b>')", execution_count=None)
    save(solved)
    assert "<b>" not in submit_ready()._repr_html_()
    assert "&lt;b&gt;" in submit_ready()._repr_html_()


@pytest.mark.usefixtures("solved")
def test_the_table_says_in_words_what_is_missing() -> None:
    plain = re.sub(r"<[^>]*>", " ", submit_ready()._repr_html_()).split()
    assert plain.count("ok") == len(NAMES) + 1


MENDED = "def neuron_delta(z, a, t, act):\n    return act.deriv(z) * (a - t)"


def run(notebook: Notebook, *more: str) -> list[str]:
    """Run a notebook with further cells in a kernel of its own; return what those show."""
    live = nbformat.reads(json.dumps({**notebook, "nbformat_minor": 4}), as_version=4)
    live.cells += [nbformat.v4.new_code_cell(text) for text in more]
    env = {name: value for name, value in os.environ.items() if name not in record.SWITCHES}
    client = NotebookClient(live, timeout=120)
    asyncio.run(client.async_execute(env=env))
    shown = [cell.outputs for cell in live.cells[-len(more) :]]
    return [str(outputs[-1]["data"]["text/plain"]) if outputs else "" for outputs in shown]


def test_in_a_real_kernel_each_check_remembers_the_text_that_it_checked(
    folder: Path, handed_in: Callable[..., Notebook]
) -> None:
    notebook = handed_in()
    del notebook["cells"][[cell["id"] for cell in notebook["cells"]].index("what-you-have") :]
    for number, cell in enumerate(code_cells(notebook), start=1):
        cell["execution_count"] = number
    save(notebook)
    ask = "from graders import submit_ready\nsubmit_ready()"
    right = 'check("neuron_delta", neuron_delta)'
    ready, _, stale, _, late = run(notebook, ask, MENDED, ask, right, ask)
    assert "ready to hand in, 20 of 20" in ready
    assert stale == ready  # what was run and never checked is not known; the saved text was checked
    assert "changed since its last check: save it (Ctrl + S)" in late
    cell_of(notebook, "neuron_delta")["source"] = MENDED
    save(notebook)
    assert submit_ready().missing == ()


def test_what_is_not_ready_may_be_handed_in_too_and_is_named_with_its_path(folder: Path) -> None:
    assert "You may hand it in as it is, too: " in str(submit_ready())
    assert str(submit_ready()).endswith(f"The file: {folder / LESSON / LESSON}.ipynb.")


def test_of_several_cells_that_stopped_the_first_is_to_be_mended() -> None:
    error = [{"output_type": "error", "ename": "NameError", "evalue": "", "traceback": []}]
    cells = [
        {"cell_type": "code", "source": f"x{i}", "execution_count": i, "outputs": error} for i in range(3)
    ]
    (problem,) = _problems(cells)
    assert problem == (
        "the cell 'x0' and 2 more were stopped with an error: mend the first, the others may follow from it"
    )
