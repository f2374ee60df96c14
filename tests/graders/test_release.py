import copy
import json

import pytest

import graders.release
from graders.errors import GradersError
from graders.leaks import leaks
from graders.lessons import Lesson, all_lessons
from graders.notebook import canonical, cell_source, read, set_source, to_nbformat, to_text
from graders.release import checksum, release, released, released_text, stub_source, variable_stub


def cell(kind, text, tags=(), **grading):
    metadata = {"tags": list(tags)} if tags else {}
    if grading:
        metadata["nbgrader"] = {"schema_version": 3, **grading}
    return {"cell_type": kind, "metadata": metadata, "source": text}


def notebook(*cells):
    return canonical({"nbformat": 4, "metadata": {}, "cells": list(cells)})


DELTA = '''def delta(z, a, t, act):
    """Return dL/dz."""
    error = a - t
    ### BEGIN SOLUTION
    slope = act.deriv(z)
    return error * slope
    ### END SOLUTION'''
TEST = """### BEGIN HIDDEN TESTS
assert delta.__name__ == "delta"
### END HIDDEN TESTS
check("delta", delta)"""
NOTE = "## For instructors\n\nLet them multiply two small numbers first."
RATE = """from math import inf
### BEGIN SOLUTION
best_rate: float = 0.3  # where the loss falls fastest
### END SOLUTION"""
WHY = "Because\n### BEGIN SOLUTION\nthe slope is nearly nothing\n### END SOLUTION\n"
SOURCE = notebook(
    cell("markdown", "# The delta\n\nIt is $dL/dz$."),
    cell("markdown", NOTE, tags=["instructor"]),
    cell("code", "slope = act.deriv(z)", grade_id="given", locked=True),
    cell("code", DELTA, grade_id="delta", solution=True),
    cell("code", TEST, grade_id="test_delta", grade=True, locked=True, points=5),
    cell("code", "answer = 42", grade_id="whole", solution=True),
    cell("code", RATE, grade_id="best_rate", solution=True),
    cell("markdown", WHY, grade_id="why", solution=True, grade=True, points=1),
    {**cell("code", "scratch = 1"), "id": "scratch"},
)


def by_id(book, name):
    return next(cell for cell in book["cells"] if cell["id"] == name)


def lesson_file(tmp_path, source=SOURCE, folder="07_delta"):
    path = tmp_path / "lessons" / folder / f"{folder}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_text(source), encoding="utf-8")
    return Lesson(int(folder[:2]), folder[3:], path)


def test_answers_become_the_stub_with_their_indent():
    assert cell_source(by_id(released(SOURCE), "delta")) == (
        'def delta(z, a, t, act):\n    """Return dL/dz."""\n    error = a - t\n'
        "    # YOUR CODE HERE\n    raise NotImplementedError()"
    )
    assert cell_source(by_id(released(SOURCE), "whole")) == "# YOUR CODE HERE\nraise NotImplementedError()"
    assert cell_source(by_id(released(SOURCE), "why")) == "Because\nYOUR ANSWER HERE\n"


def test_a_variable_becomes_none_and_the_rest_of_its_cell_stays():
    assert cell_source(by_id(released(SOURCE), "best_rate")) == "from math import inf\nbest_rate = None"


@pytest.mark.parametrize(
    "source",
    [
        "rate = 0.3",  # another name
        "if easy:\n    best_rate = 0.3",  # not at the margin
        "best_rate == 0.3",
        "def best_rate(x):\n    return x\nbest_rate = cached(best_rate)",
        "best_rate = 0.1\n### BEGIN SOLUTION\nrun(best_rate)\n### END SOLUTION",  # given, not the answer
    ],
)
def test_an_answer_that_is_no_variable_keeps_the_usual_stub(source):
    assert variable_stub(source, "best_rate") is None


def test_hidden_tests_and_instructor_notes_are_gone():
    copy_of_it = released(SOURCE)
    assert cell_source(by_id(copy_of_it, "test_delta")) == 'check("delta", delta)'
    assert "for-instructors" not in [cell["id"] for cell in copy_of_it["cells"]]


def test_given_cells_keep_their_text_and_every_cell_its_id():
    kept = [cell for cell in SOURCE["cells"] if cell["id"] != "for-instructors"]
    assert [cell["id"] for cell in released(SOURCE)["cells"]] == [cell["id"] for cell in kept]
    for name in ("the-delta", "given", "scratch"):
        assert by_id(released(SOURCE), name)["source"] == by_id(SOURCE, name)["source"]


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)
def test_our_release_equals_nbgraders_cell_by_cell(lesson):
    for source in (SOURCE, read(lesson.path)):
        assert released(source)["cells"] == stripped_by_nbgrader(source)


def stripped_by_nbgrader(source):
    """Run nbgrader's own preprocessors, but those that need its database or a kernel."""
    from nbgrader.preprocessors import IncludeHeaderFooter, InstantiateTests, SaveCells
    from traitlets.config import Config

    from graders.nbgrader_bridge import configure

    config = Config()
    configure(config)
    book = to_nbformat(canonical(source))
    for step in config.GenerateAssignment.preprocessors:
        if step not in (IncludeHeaderFooter, InstantiateTests, SaveCells):
            book, _ = step().preprocess(book, {})
    cells = json.loads(json.dumps(book["cells"]))
    for plain in cells:
        set_source(plain, plain["source"])
    return cells


def test_our_checksum_is_nbgraders():
    from nbgrader.utils import compute_checksum

    for plain, theirs in zip(SOURCE["cells"], to_nbformat(SOURCE)["cells"], strict=True):
        if "nbgrader" in plain["metadata"]:
            assert checksum(plain) == compute_checksum(theirs)


@pytest.mark.parametrize(
    ("kind", "text", "grading", "reason"),
    [
        ("code", "### BEGIN SOLUTION\nx", {"solution": True}, "no 'END SOLUTION'"),
        ("code", "x\n### END SOLUTION", {"solution": True}, "line 2: .*out of place"),
        ("code", "### BEGIN SOLUTION\n### BEGIN SOLUTION\n### END SOLUTION", {"solution": True}, "line 2"),
        ("code", "### BEGIN SOLUTION\nx\n### END SOLUTION", {"locked": True}, "not a solution cell"),
        ("code", "### BEGIN HIDDEN TESTS\nx\n### END HIDDEN TESTS", {"locked": True}, "not graded"),
        ("markdown", "### BEGIN SOLUTION\nx\n### END SOLUTION", {}, "not a solution cell"),
    ],
)
def test_a_damaged_region_is_refused_with_cell_and_reason(tmp_path, kind, text, grading, reason):
    damaged = cell(kind, text, **({"grade_id": "odd", **grading} if grading else {}))
    with pytest.raises(GradersError, match=rf"07_delta\.ipynb: cell (odd|begin).*{reason}"):
        released_text(lesson_file(tmp_path, notebook(damaged)))


def test_a_clean_release_has_no_leaks_in_ours_nor_in_nbgraders():
    assert leaks(released(SOURCE), SOURCE) == []


def plant_source(name, text):
    def plant(book):
        target = by_id(book, name)
        set_source(target, cell_source(target) + "\n" + text)

    return plant


def plant_key(name, key, value):
    def plant(book):
        by_id(book, name)[key] = value

    return plant


def plant_metadata(name, key, value):
    def plant(book):
        by_id(book, name)["metadata"][key] = value

    return plant


OUTPUT = {"output_type": "stream", "name": "stdout", "text": ["so return error * slope"]}
LEAKS = {
    "a line of an answer in another cell": (
        plant_source("the-delta", "```\nreturn error * slope\n```"),
        "cell the-delta, line 5: a line of the answer of delta",
    ),
    "the same, spaced otherwise": (plant_source("scratch", "return error*slope # so"), "line 2"),
    "the same, wrapped": (plant_source("scratch", "return error\n  * slope"), "of delta"),
    "a line put back into its own cell": (plant_source("delta", "    slope = act.deriv(z)"), "line 6"),
    "a given line of another cell": (plant_source("scratch", "slope = act.deriv(z)"), "the answer of delta"),
    "an answer without region": (plant_source("scratch", "answer = 42"), "the answer of whole"),
    "an answer in words": (plant_source("the-delta", "So the slope is nearly  nothing."), "answer of why"),
    "a hidden test": (plant_source("test_delta", 'assert delta.__name__ == "delta"'), "hidden test of test_"),
    "an instructor's line": (
        plant_source("the-delta", "> Let them multiply two small numbers first."),
        "the instructor note for-instructors",
    ),
    "a marker": (plant_source("delta", "    ### end solution"), "cell delta, line 6: a region marker"),
    "a hidden test's marker": (plant_source("scratch", "### BEGIN HIDDEN TESTS"), "a region marker"),
    "an output": (plant_key("scratch", "outputs", [OUTPUT]), "cell scratch: an output"),
    "an answer in an output": (plant_key("scratch", "outputs", [OUTPUT]), "answer of delta, outside"),
    "a count": (plant_key("scratch", "execution_count", 1), "cell scratch: an execution count"),
    "an attachment": (
        plant_key("the-delta", "attachments", {"a.png": {"image/png": "AAAA"}}),
        "cell the-delta: an attachment",
    ),
    "an answer in metadata": (plant_metadata("scratch", "x", "return error * slope"), "outside its text"),
    "stray metadata": (plant_metadata("scratch", "jupyter", {}), "stray metadata 'jupyter'"),
    "an instructor's tag": (plant_metadata("scratch", "tags", ["instructor"]), "an instructor note"),
    "a stray key": (plant_key("scratch", "solution", 1), "stray 'solution'"),
    "stray grading metadata": (
        lambda book: by_id(book, "delta")["metadata"]["nbgrader"].update(answer=1),
        "stray nbgrader metadata 'answer'",
    ),
    "widget state": (lambda book: book["metadata"].update(widgets={}), "stray metadata in 'widgets'"),
    "stray kernel metadata": (lambda book: book["metadata"]["kernelspec"].update(env={}), "'kernelspec'"),
    "a stray part of the notebook": (lambda book: book.update(answers=[]), "notebook: stray 'answers'"),
    "a whole cell of the source": (lambda book: book["cells"].append(by_id(SOURCE, "whole")), "of whole"),
}


@pytest.mark.parametrize("name", LEAKS)
def test_every_planted_leak_is_named(name):
    plant, expected = LEAKS[name]
    planted = copy.deepcopy(released(SOURCE))
    plant(planted)
    found = leaks(planted, SOURCE)
    assert any(expected in leak for leak in found), found


def test_a_line_of_an_answer_may_stand_where_the_author_gave_it():
    assert cell_source(by_id(released(SOURCE), "given")) == "slope = act.deriv(z)"
    assert leaks(released(SOURCE), SOURCE) == []


@pytest.mark.parametrize("text", ["def mine():\n  slope=act.deriv(z)\n\n  return error * slope", DELTA])
def test_a_whole_answer_that_was_forgotten_in_given_text_is_a_leak(tmp_path, text):
    forgotten = text.replace("    ### BEGIN SOLUTION\n", "").replace("    ### END SOLUTION", "")
    source = copy.deepcopy(SOURCE)
    set_source(by_id(source, "the-delta"), f"# The delta\n```\n{forgotten}\n```")
    with pytest.raises(
        GradersError, match=r"cell the-delta, line .: the whole of the answer of delta, as given"
    ):
        release([lesson_file(tmp_path, source)], tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("broken", "by"),
    [
        ("_replace", lambda text, region, stub: text),
        ("instructor_only", lambda cell: False),
        ("canonical", lambda source: copy.deepcopy(source)),
    ],
)
def test_a_mistake_in_the_stripping_is_caught_before_anything_is_written(tmp_path, monkeypatch, broken, by):
    source = copy.deepcopy(SOURCE)
    by_id(source, "delta")["outputs"] = [OUTPUT]
    clean, leaky = lesson_file(tmp_path, notebook(), "06_clean"), lesson_file(tmp_path, source)
    monkeypatch.setattr(graders.release, broken, by)
    with pytest.raises(
        GradersError, match=r"07_delta\.ipynb: not released, because the student copy leaks\n  "
    ):
        release([clean, leaky], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_release_writes_one_folder_a_lesson_and_repeats_itself(tmp_path):
    lessons = [lesson_file(tmp_path), lesson_file(tmp_path, notebook(), "08_empty")]
    paths = release(lessons, tmp_path / "out")
    assert [path.relative_to(tmp_path / "out").as_posix() for path in paths] == [
        *("07_delta/07_delta.ipynb", "08_empty/08_empty.ipynb"),
    ]
    assert paths[0].read_text(encoding="utf-8") == released_text(lessons[0])
    assert release(lessons, tmp_path / "out") == paths


def test_a_started_notebook_is_kept_and_named_and_the_others_are_written(tmp_path):
    started = tmp_path / "out" / "07_delta" / "07_delta.ipynb"
    started.parent.mkdir(parents=True)
    started.write_text("my work")
    lessons = [lesson_file(tmp_path), lesson_file(tmp_path, notebook(), "08_empty")]
    with pytest.raises(GradersError, match=r"kept, because .*07_delta\.ipynb"):
        release(lessons, tmp_path / "out")
    assert started.read_text() == "my work"
    assert (tmp_path / "out" / "08_empty" / "08_empty.ipynb").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(GradersError, match=r"cannot write .*out"):
        release([lesson_file(tmp_path)], tmp_path / "out")


def test_in_an_installed_wheel_the_lesson_is_copied_as_it_is(tmp_path, monkeypatch):
    lesson = lesson_file(tmp_path, released(SOURCE))
    monkeypatch.setattr(graders.release, "checkout", lambda: None)
    (path,) = release([lesson], tmp_path / "out")
    assert path.read_bytes() == lesson.path.read_bytes()


def test_a_stub_replaces_each_region_of_a_cell():
    two = "### BEGIN SOLUTION\na = 1\n### END SOLUTION\nb = 2\n### BEGIN SOLUTION\nc = 3\n### END SOLUTION"
    stub = "# YOUR CODE HERE\nraise NotImplementedError()"
    assert stub_source(two) == f"{stub}\nb = 2\n{stub}"


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)
def test_every_lesson_can_be_released(lesson):
    assert "BEGIN SOLUTION" not in released_text(lesson)
