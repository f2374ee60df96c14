"""The graders' copy of a notebook and the rows of the gradebook, without nbgrader and without a sandbox."""

import copy
import json

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.autograded import as_lesson, autograded_notebook, marks
from graders.errors import GradersError
from graders.exercise import Result, Verdict
from graders.exercises import for_lesson
from graders.handed_in import MAX_CELLS, MAX_TEXT
from graders.lessons import find_lesson
from graders.levels import as_levels
from graders.notebook import cell_source
from graders.release import released_text

NAMES = [exercise.name for exercise in for_lesson("one_neuron")]
GRADED = [cell for name in NAMES for cell in (name, f"test_{name}")]
RELEASED = json.loads(released_text(find_lesson("one_neuron")))
ANSWER = "def neuron_loss(a, t):\n    return (a - t) ** 2 / 2"
HALF = Verdict(
    "neuron_loss", "partial", 1.5, 2, levels=as_levels("neuron_loss: 1.5 of 2 points.\n\nAsk yourself: why?")
)


def result(*verdicts, error=None, lesson="one_neuron"):
    return Result("a/01_one_neuron.ipynb", lesson, "a", "0.1", "process", 0.1, verdicts, error)


def handed_in(**answers):
    book = copy.deepcopy(RELEASED)
    for cell in book["cells"]:
        cell["source"] = answers.get(cell["id"], cell["source"])
    return book


def graders_copy(book, outcome=None):
    data = book if isinstance(book, bytes) else json.dumps(book).encode()
    return json.loads(autograded_notebook(data, outcome or result(HALF)))


def cell(book, name):
    return next(cell for cell in book["cells"] if cell["id"] == name)


def grade_ids(book):
    return [c["metadata"]["nbgrader"]["grade_id"] for c in book["cells"] if "nbgrader" in c["metadata"]]


def without(*names):
    book = handed_in()
    return {**book, "cells": [cell for cell in book["cells"] if cell["id"] not in names]}


def rewritten(**metadata):
    book = handed_in(neuron_loss=ANSWER)
    for each in book["cells"]:
        each["metadata"] = {"tags": ["skip-execution"], **metadata}
        each.pop("id")
    return book


ODD = {
    "untouched": handed_in(),
    "twice": {**RELEASED, "cells": RELEASED["cells"] * 2},
    "backwards": {**RELEASED, "cells": RELEASED["cells"][::-1]},
    "no tests": without(*(f"test_{name}" for name in NAMES)),
    "nothing graded": without(*GRADED),
    "no metadata": rewritten(),
    "old schema": rewritten(nbgrader={"schema_version": 1, "grade_id": "neuron_loss", "solution": True}),
    "new schema": rewritten(nbgrader={"schema_version": 99, "grade": True, "points": 1e9}),
    "odd metadata": rewritten(nbgrader=[1], deletable="maybe"),
    "odd cells": {**RELEASED, "cells": [*RELEASED["cells"], None, 7, {}, {"source": [1]}, {"source": {}}]},
    "odd types": {**RELEASED, "cells": [{**c, "cell_type": "raw"} for c in RELEASED["cells"]]},
    "very many": {**RELEASED, "cells": RELEASED["cells"] + [{"cell_type": "code", "source": "1"}] * 5000},
}


@pytest.mark.parametrize("book", ODD.values(), ids=ODD)
def test_every_graded_cell_is_there_once_in_a_valid_notebook(book):
    made = graders_copy(book)
    assert sorted(grade_ids(made)) == sorted(GRADED)
    nbformat.validate(made)
    assert len({each["id"] for each in made["cells"]}) == len(made["cells"])
    assert len(made["cells"]) <= MAX_CELLS + len(GRADED)


@pytest.mark.parametrize("data", [b"", b'{"cells": [', b"\xff\xfe", b"[]", b'{"cells": 3}', b"[" * 9999])
def test_what_is_no_notebook_becomes_the_lesson_with_the_reason_on_top(data):
    first, *rest = graders_copy(data, result(error="cut off"))["cells"]
    assert cell_source(first).startswith("**Not graded:** cut off\n\nOpen the file")
    assert [{**each, "source": cell_source(each)} for each in rest] == [
        {**each, "source": "" if each["id"] in NAMES else cell_source(each)} for each in RELEASED["cells"]
    ]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(RELEASED["cells"]), max_size=40))
def test_any_shuffled_choice_of_cells_is_completed_in_the_students_order(cells):
    made = graders_copy({**RELEASED, "cells": cells})
    handed = list(dict.fromkeys(each["id"] for each in cells))
    assert [each["id"] for each in made["cells"] if each["id"] in handed] == handed
    assert sorted(grade_ids(made)) == sorted(GRADED)


def test_a_missing_cell_comes_back_behind_the_one_it_follows():
    made = [each["id"] for each in graders_copy(without("test_neuron_loss", "neuron_forward"))["cells"]]
    assert made.index("test_neuron_loss") == made.index("neuron_loss") + 1
    assert made.index("neuron_forward") < made.index("test_neuron_forward")


@pytest.mark.parametrize(
    ("book", "shown"),
    [
        (without("neuron_loss"), ""),
        (handed_in(neuron_loss=" \n"), ""),
        (handed_in(), cell_source(cell(RELEASED, "neuron_loss"))),
        (rewritten(), ANSWER),
    ],
    ids=["deleted", "emptied", "untouched", "no metadata"],
)
def test_no_answer_is_shown_that_was_not_handed_in(book, shown):
    made = graders_copy(book, result(Verdict("neuron_loss", "not_started", 0, 2)))
    assert cell_source(cell(made, "neuron_loss")) == shown
    assert cell_source(cell(made, "neuron_delta")) == cell_source(cell(RELEASED, "neuron_delta"))


def test_a_locked_cell_has_the_lessons_text_and_metadata_whatever_was_handed_in():
    book = handed_in(test_neuron_loss="20.0")
    cell(book, "test_neuron_loss")["metadata"] = {
        "nbgrader": {**cell(book, "test_neuron_loss")["metadata"]["nbgrader"], "points": 100},
        "tags": ["skip-execution"],
    }
    made, own = cell(graders_copy(book), "test_neuron_loss"), cell(RELEASED, "test_neuron_loss")
    assert (made["source"], made["metadata"]) == (own["source"], own["metadata"])
    assert "20.0" not in [cell_source(each) for each in graders_copy(book)["cells"]]


def test_a_test_cell_shows_the_message_and_ends_in_the_points():
    shown, points = cell(graders_copy(handed_in(neuron_loss=ANSWER)), "test_neuron_loss")["outputs"]
    assert shown["output_type"] == "display_data"
    assert shown["data"]["text/plain"] == HALF.message
    assert "backproplab-verdict" in shown["data"]["text/html"]
    assert points["data"] == {"text/plain": "1.5"}


def test_outputs_of_the_student_are_not_kept():
    book = handed_in()
    for each in book["cells"]:
        each["outputs"] = [{"output_type": "stream", "name": "stderr", "text": "forged"}]
    assert "forged" not in json.dumps(graders_copy(book))


def test_the_solution_that_counts_stands_in_the_graded_cell_and_the_others_beside_it():
    book = handed_in(neuron_loss=ANSWER)
    earlier = {**cell(book, "neuron_loss"), "source": "def neuron_loss(a, t):\n    return 0"}
    book["cells"] = [earlier, *book["cells"], cell(RELEASED, "neuron_loss")]  # an untouched one at the end
    made = graders_copy(book)
    assert cell_source(cell(made, "neuron_loss")) == ANSWER
    (beside,) = [each for each in made["cells"] if cell_source(each) == earlier["source"]]
    assert beside["metadata"] == {}


def test_a_solution_is_known_by_its_text_where_its_metadata_are_lost():
    made = graders_copy(rewritten())
    assert cell_source(cell(made, "neuron_loss")) == ANSWER
    assert [cell_source(each) for each in made["cells"]].count(ANSWER) == 1


def test_html_of_the_student_is_shown_as_text_and_that_of_the_lesson_stays():
    book = handed_in()
    for kind in ("markdown", "raw", "strange"):
        book["cells"].append({"cell_type": kind, "source": f"a < b <script>{kind}</script>"})
    made = graders_copy(book)
    own = [each for each in made["cells"] if each["id"].startswith("submitted-")]
    assert [each["cell_type"] for each in own] == ["markdown"] * 3
    assert cell_source(own[0]) == "a < b &lt;script>markdown&lt;/script>"
    folded = [each["id"] for each in RELEASED["cells"] if "<details>" in cell_source(each)]
    assert folded
    assert [each["id"] for each in made["cells"] if "<details>" in cell_source(each)] == folded


def test_a_text_without_end_is_cut():
    made = graders_copy(handed_in(neuron_loss=ANSWER + "\n#" + "x" * 10 * MAX_TEXT))
    assert len(cell_source(cell(made, "neuron_loss"))) < MAX_TEXT + 200


def test_what_no_file_and_no_database_takes_is_taken_out():
    odd = Verdict("neuron_loss", "error", 0, 2, levels=as_levels("half \ud800 a character, \0 nothing"))
    assert graders_copy(handed_in(), result(odd))
    comment = marks(result(odd))[1].auto_comment
    assert comment == "half ? a character,  nothing"


def test_half_a_character_does_not_stop_it():
    made = autograded_notebook(
        rb'{"cells": [{"cell_type": "code", "source": "s = \"\ud800\""}]}', result(error="x")
    )
    assert b's = \\"?\\"' in made


def test_a_course_that_dropped_an_exercise_gets_only_its_own_cells():
    dropped = without("neuron_step", "test_neuron_step")
    made = json.loads(autograded_notebook(json.dumps(handed_in()).encode(), result(HALF), dropped))
    assert sorted(grade_ids(made)) == sorted(set(GRADED) - {"neuron_step", "test_neuron_step"})


def test_the_marks_are_the_results_and_each_solution_has_its_message():
    other = Verdict(
        "neuron_step", "error", 0, 2, levels=as_levels("neuron_step: stopped with an error\n<class 'int'>")
    )
    rows = {mark.cell: mark for mark in marks(result(HALF, other))}
    assert {name: mark.auto_score for name, mark in rows.items() if mark.kind == "grade"} == {
        "test_neuron_loss": 1.5,
        "test_neuron_step": 0,
    }
    assert rows["neuron_loss"].auto_comment == HALF.message
    assert "&lt;class" in rows["neuron_step"].auto_comment
    assert not any(mark.needs_manual_grade for mark in rows.values())


@pytest.mark.parametrize(
    "outcome",
    [
        as_lesson(result(error="cut off", lesson=None), "one_neuron"),
        as_lesson(result(Verdict("f", "pass", 3, 3), lesson="another"), "one_neuron"),
        result(error="needs a person: OSError"),
    ],
    ids=["unreadable", "another lesson", "our own failure"],
)
def test_without_a_judgement_every_exercise_waits_for_a_person(outcome):
    rows = marks(outcome)
    assert sorted(mark.cell for mark in rows) == sorted(GRADED)
    for mark in rows:
        if mark.kind == "grade":
            assert (mark.auto_score, mark.needs_manual_grade) == (None, True)
        else:
            assert mark.auto_comment.startswith("Not graded: ")


def test_a_result_of_no_lesson_is_refused_and_says_what_to_do():
    with pytest.raises(GradersError, match="as_lesson"):
        marks(result(error="cut off", lesson=None))
