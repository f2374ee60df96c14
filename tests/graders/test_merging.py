"""Mended lessons in started notebooks: whatever a student did, nothing of theirs is lost."""

import json
import random
from functools import cache
from typing import Any

import pytest

from graders.lessons import find_lesson
from graders.merging import digests, merge
from graders.notebook import to_nbformat
from graders.release import checksum, released_text
from graders.submission import read_submission
from tests.graders.started import MARK, older, started, student_texts

SEEDS = range(200)
LESSON = json.loads(released_text(find_lesson("one_neuron")))


@cache
def edited(seed: int) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return a notebook that was started on an older lesson, and what is on record; sometimes nothing."""
    rng = random.Random(seed)
    old = older(LESSON, rng)
    record = {name: [text] for name, text in digests(old).items()} if rng.random() < 0.7 else {}
    return started(old, rng), record


@pytest.mark.parametrize("seed", SEEDS)
def test_no_text_of_the_student_is_lost_or_doubled(seed):
    notebook, record = edited(seed)
    assert student_texts(merge(notebook, LESSON, record).notebook) == student_texts(notebook)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_merge_once_more_changes_nothing(seed):
    notebook, record = edited(seed)
    once = merge(notebook, LESSON, record).notebook
    later = {name: [*record.get(name, ()), text] for name, text in digests(LESSON).items()}
    for known in (record, later):  # a run that was stopped before it took note, and one that was not
        assert merge(once, LESSON, known).notebook == once


@pytest.mark.parametrize("seed", SEEDS)
def test_the_lessons_cells_are_there_once_in_its_order_and_the_fixed_ones_as_released(seed):
    notebook, record = edited(seed)
    merged = merge(notebook, LESSON, record).notebook
    to_nbformat(merged)
    ids = [cell["id"] for cell in merged["cells"]]
    lesson = {cell["id"]: cell for cell in LESSON["cells"]}
    assert len(set(ids)) == len(ids)
    assert [name for name in ids if name in lesson] == [name for name in lesson if name in ids]
    for cell in merged["cells"]:
        grading = cell["metadata"].get("nbgrader")
        assert grading == lesson.get(cell["id"], {"metadata": {}})["metadata"].get("nbgrader")
        if grading and grading["locked"]:
            assert checksum(cell) == grading["checksum"]


@pytest.mark.parametrize("seed", SEEDS)
def test_grading_finds_the_same_answers_after_the_merge(seed):
    notebook, record = edited(seed)
    merged = merge(notebook, LESSON, record).notebook
    before, after = (read_submission(json.dumps(n).encode(), "one_neuron") for n in (notebook, merged))
    mine = {name: text for name, text in before.texts.items() if MARK in text}
    assert {name: text for name, text in after.texts.items() if MARK in text} == mine


def test_an_untouched_copy_of_an_older_lesson_becomes_the_lesson():
    for seed in range(20):
        old = older(LESSON, random.Random(seed))
        record = {name: [text] for name, text in digests(old).items()}
        assert merge(old, LESSON, record).notebook == LESSON


INTRO = {"cell_type": "markdown", "id": "intro", "metadata": {}, "source": "Intro."}
DEMO = {"cell_type": "code", "id": "demo", "metadata": {}, "source": "lr = 0.1", "outputs": []}
STUB = "def f():\n    # YOUR CODE HERE\n    raise NotImplementedError()"


def solution(name="f", **more):
    grading = {"grade": False, "grade_id": name, "locked": False, "solution": True, "cell_type": "code"}
    metadata = {"deletable": False, "nbgrader": grading}
    return {"cell_type": "code", "id": name, "metadata": metadata, "source": STUB, "outputs": []} | more


def fixed(**more):
    grading = {"grade": True, "grade_id": "test_f", "locked": True, "solution": False, "points": 2}
    metadata = {"nbgrader": grading | {"cell_type": "code"}}
    cell = {"cell_type": "code", "id": "test_f", "metadata": metadata, "source": 'check("f", f)'}
    return cell | {"outputs": []} | more


def mine(text, name="5f0c", kind="code"):
    return {"cell_type": kind, "id": name, "metadata": {}, "source": text}


SMALL = {"cells": [INTRO, DEMO, solution(), fixed()]}
RECORD = {name: [text] for name, text in digests(SMALL).items()}
ANSWER = "def f():\n    return 1"


def texts(*cells, lesson=SMALL, record=RECORD):
    return [cell["source"] for cell in merge({"cells": list(cells)}, lesson, record).notebook["cells"]]


def mended(**sources):
    """Return the small lesson with some of its texts replaced."""
    return {"cells": [cell | {"source": sources.get(cell["id"], cell["source"])} for cell in SMALL["cells"]]}


def test_an_answer_stays_to_the_letter_under_a_stub_that_changed():
    lesson = mended(f=STUB.replace("f()", "f(a)"), intro="Better.")
    started = [INTRO, DEMO, solution(source=["def f():\r\n", "  return 1  "]), fixed()]
    assert texts(*started, lesson=lesson)[0] == "Better."
    assert texts(*started, lesson=lesson)[2] == ["def f():\r\n", "  return 1  "]


def test_outputs_of_unchanged_cells_stay_and_those_of_renewed_cells_go():
    lesson, shown = mended(demo="lr = 0.3"), {"outputs": [{"output_type": "stream"}], "execution_count": 3}
    started = {"cells": [INTRO, DEMO | shown, solution(source=ANSWER, **shown), fixed(**shown)]}
    merged = merge(started, lesson, RECORD).notebook["cells"]
    assert [bool(cell.get("outputs")) for cell in merged] == [False, False, True, True]


def test_own_cells_stay_behind_the_cell_that_they_followed_wherever_it_was_moved():
    started = [solution(source=ANSWER), mine("after f"), INTRO, mine("after intro"), mine("b"), DEMO, fixed()]
    assert texts(*started) == ["Intro.", "after intro", "b", "lr = 0.1", ANSWER, "after f", 'check("f", f)']


def test_own_cells_keep_their_id_outputs_and_metadata():
    own = mine("plot()") | {"outputs": [{"output_type": "stream"}], "metadata": {"collapsed": True}}
    assert own in merge({"cells": [INTRO, own]}, SMALL, RECORD).notebook["cells"]


def test_own_cells_on_top_stay_on_top_and_those_behind_a_cell_that_is_gone_move_up():
    lesson = {"cells": [cell for cell in SMALL["cells"] if cell is not DEMO]}
    assert texts(mine("top"), INTRO, DEMO, mine("note"), lesson=lesson)[:3] == ["top", "Intro.", "note"]


def test_a_given_cell_that_the_student_edited_stays_if_the_lesson_has_not_changed_it():
    edited = DEMO | {"source": "lr = 7"}
    assert texts(INTRO, edited, solution(), fixed())[1:3] == ["lr = 7", STUB]
    lesson = mended(demo="lr = 0.3")
    assert texts(INTRO, edited, solution(), fixed(), lesson=lesson)[1:3] == ["lr = 0.3", "lr = 7"]


def test_a_locked_test_that_was_edited_is_renewed_and_the_edited_form_is_an_own_cell():
    started = {"cells": [INTRO, DEMO, solution(), fixed(source="assert True")]}
    *_, test, own = merge(started, SMALL, RECORD).notebook["cells"]
    assert (test["source"], own["source"], own["metadata"]) == ('check("f", f)', "assert True", {})
    assert own["id"] == "test_f-yours"


def test_of_several_answers_the_last_stays_in_the_cell_as_in_grading():
    started = [INTRO, DEMO, solution(source="f = 1"), solution(source=ANSWER, id="7a7a"), fixed()]
    cells = merge({"cells": started}, SMALL, RECORD).notebook["cells"]
    assert [(cell["id"], cell["source"]) for cell in cells[2:4]] == [("f-yours", "f = 1"), ("f", ANSWER)]


def test_an_answer_whose_cell_was_deleted_is_put_where_it_belongs_else_the_stub_would_undo_it():
    assert texts(INTRO, mine(ANSWER), DEMO, fixed()) == ["Intro.", "lr = 0.1", ANSWER, 'check("f", f)']


def test_two_answers_in_one_cell_stay_together_and_no_stub_comes_back():
    lesson = {"cells": [solution("g", source=STUB.replace("f", "g")), solution(), fixed()]}
    both = f"def g():\n    return 2\n\n{ANSWER}"
    assert texts(solution("g", source=both), fixed(), lesson=lesson, record={}) == [both, 'check("f", f)']


def test_copies_of_an_untouched_stub_are_dropped():
    started = [INTRO, DEMO, solution(source=ANSWER), solution(id="7a7a"), mine(STUB), fixed()]
    assert texts(*started) == ["Intro.", "lr = 0.1", ANSWER, 'check("f", f)']


def test_without_a_record_an_older_text_counts_as_the_students():
    lesson = mended(intro="Better.")
    assert texts(INTRO, lesson=lesson, record={})[:2] == ["Better.", "Intro."]
    assert texts(INTRO, lesson=lesson)[:2] == ["Better.", "lr = 0.1"]


def test_a_notebook_that_is_no_lesson_is_told():
    assert not merge({"cells": [mine("my poem")]}, SMALL).recognised
