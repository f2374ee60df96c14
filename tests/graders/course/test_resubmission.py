"""Of several submissions the last one counts, or the best one, as the course's settings say."""

import json
import shutil
import sqlite3
from dataclasses import replace
from datetime import datetime

import pytest

import backproplab
from graders import class_run
from graders.course import open_course
from graders.gradebook import Gradebook
from graders.lessons import find_lesson
from graders.release import released_text
from graders.runner import grade_one
from graders.settings import SETTINGS
from graders.submitted import STAMP
from tests.graders.course.amended import worth

LESSON = "01_one_neuron"
LOSS = "def neuron_loss(a, t):\n    return (a - t) ** 2"
STEP = "def neuron_step(w, b, x, t, lr, act):\n    return 0 * w, 0 * b"
WORSE = {"neuron_loss": LOSS, "neuron_step": STEP}


@pytest.fixture
def best(course, graded_here):
    """Return a course in which the best counts, with lesson 1 alone."""
    for other in (course.root / "source").iterdir():
        if other.name != LESSON:
            shutil.rmtree(other)
    counts(course, "best")
    return course


def counts(course, rule, more=""):
    (course.root / SETTINGS).write_text(f'counts = "{rule}"\n{more}')


def hand_in(course, day, data=None, **texts):
    file = course.hand_in("ann", data, **texts)
    file.with_name(STAMP).write_text(f"2026-01-{day:02} 12:00:00 UTC\n")


def handed_in(course):
    ((moment,),) = course.rows("SELECT timestamp FROM submitted_assignment")
    return int(str(moment)[8:10])


def copy_of(course):
    file = course.root / "autograded" / "ann" / LESSON / f"{LESSON}.ipynb"
    return {cell["id"]: cell["source"] for cell in json.loads(file.read_text())["cells"]}


def test_the_last_one_counts_unless_the_course_says_otherwise(best):
    counts(best, "last")
    for day, texts, total in [(1, {}, 20), (2, WORSE, 16), (3, {"neuron_loss": LOSS}, 18)]:
        hand_in(best, day, **texts)
        best.grade()
        assert (best.total("ann"), handed_in(best)) == (total, day)


def test_the_best_one_counts_with_its_time_text_and_messages(best, say):
    for day, texts, total, which in [
        (1, WORSE, 16, 1),
        (2, {"neuron_loss": LOSS}, 18, 2),
        (3, WORSE, 18, 2),  # what was handed in first, once more
        (4, {"neuron_loss": "x = 1"}, 18, 2),  # as good, but later
        (5, {}, 20, 5),
        (6, {"neuron_loss": LOSS, "neuron_step": "y = 2"}, 20, 5),
    ]:
        hand_in(best, day, **texts)
        said = say()[1]
        assert (best.total("ann"), handed_in(best)) == (total, which)
        assert ("an earlier one counts for 1" in said) == (which != day)
    (right,) = (cell["source"] for cell in best.solved["cells"] if cell["id"] == "neuron_loss")
    assert "".join(copy_of(best)["neuron_loss"]) == right
    state = best.state()
    assert say()[1] == "graded 0, unchanged 1, an earlier one counts for 1\n"
    assert best.state() == state


def test_a_later_file_that_cannot_be_read_is_named_and_costs_nothing(best, say):
    hand_in(best, 1, neuron_loss=LOSS)
    say()
    state = best.state()
    hand_in(best, 2, b'{"cells": [')
    for _ in range(2):  # also on an idle rerun
        status, _, complaints = say()
        assert (status, best.total("ann")) == (1, 18)
        assert "damaged or cut off" in complaints
    assert best.state()[1] == state[1]


def test_what_a_person_reviewed_is_not_due_again_for_a_worse_submission(best):
    hand_in(best, 1, neuron_loss=LOSS)
    best.grade()
    reviewed = "UPDATE grade SET manual_score = 1, needs_manual_grade = 0"
    with sqlite3.connect(best.root / "gradebook.db") as database:
        database.execute(reviewed)
    database.close()
    hand_in(best, 2, **WORSE)
    best.grade()
    assert best.rows("SELECT SUM(manual_score), SUM(needs_manual_grade) FROM grade") == [(7, 0)]
    hand_in(best, 3)
    best.grade()
    assert best.rows("SELECT SUM(manual_score), SUM(needs_manual_grade) FROM grade") == [(7, 7)]


def test_a_copy_that_was_lost_or_overwritten_is_that_of_the_best_again(best):
    hand_in(best, 1)
    best.grade()
    hand_in(best, 2, **WORSE)
    best.grade()
    state = best.state()
    (best.root / "autograded" / "ann" / LESSON / f"{LESSON}.ipynb").write_text("{}")
    with sqlite3.connect(best.root / "gradebook.db") as database:
        database.execute("UPDATE grade SET auto_score = 0")  # as nbgrader's autograde of the last one would
    database.close()
    best.grade()
    assert best.state() == state


def test_regrading_takes_every_submission_and_the_best_of_them_then_counts(best, monkeypatch):
    hand_in(best, 1, neuron_step=STEP, why_stalled="why_stalled = 'slope'")
    best.grade()
    hand_in(best, 2, neuron_loss=LOSS)
    best.grade()
    assert (best.total("ann"), handed_in(best)) == (18, 2)
    asked = []

    def grade_all(tasks, **_):
        for task in tasks:
            asked.append(task.exercises)
            result = grade_one(task)
            yield task, replace(result, exercises=tuple(map(generous, result.exercises)))

    def generous(verdict):
        return replace(verdict, points=verdict.possible, status="pass", misconceptions=())

    monkeypatch.setattr(class_run, "grade_all", grade_all)
    run = best.grade(exercise="neuron_step")
    assert asked == [("neuron_step",)] * 2
    assert (run.graded, best.total("ann"), handed_in(best)) == (1, 18, 1)  # as good, and earlier
    assert [str(move) for move in run.moves.moved] == [
        "ann  0/2 -> 2/2  fail (factor_two) -> pass; another submission counts now",
        "ann  2/2 -> 0/2  pass -> ungradable; another submission counts now",
    ]


def test_a_new_version_of_the_grader_grades_every_submission_again(best, graded_here, monkeypatch):
    hand_in(best, 1)
    best.grade()
    hand_in(best, 2, **WORSE)
    best.grade()
    graded_here.clear()
    monkeypatch.setattr(backproplab, "__version__", "99")
    best.grade()
    assert len(graded_here) == 2
    assert (best.total("ann"), handed_in(best)) == (20, 1)
    assert best.grade().graded == 0


def test_another_rule_in_mid_term_holds_from_the_next_run_on(best):
    counts(best, "last")
    for day, texts in [(1, {"neuron_loss": LOSS}), (2, WORSE)]:
        hand_in(best, day, **texts)
        best.grade()
    counts(best, "best")
    best.grade()
    assert (best.total("ann"), handed_in(best)) == (18, 1)
    assert "".join(copy_of(best)["neuron_loss"]) == LOSS
    assert best.grade().graded == 0
    worth(best.root, "neuron_forward", 5)
    best.grade(exercise="neuron_forward")
    assert best.total("ann") == 21
    counts(best, "last")
    run = best.grade()
    assert (best.total("ann"), handed_in(best)) == (19, 2)
    assert [str(move) for move in run.moves.moved] == [
        "ann  2/2 -> 0/2  pass -> fail; another submission counts now"
    ]
    assert best.grade().graded == 0


def test_a_better_submission_whose_text_is_gone_is_named_and_keeps_its_marks(best):
    for day, texts in [(1, {"neuron_loss": LOSS}), (2, WORSE)]:
        hand_in(best, day, **texts)
        best.grade()
    shutil.rmtree(best.root / ".backproplab" / "earlier")
    shutil.rmtree(best.root / "autograded")
    worth(best.root, "neuron_forward", 5)
    (remark,) = best.grade().remarks
    assert "an earlier, better submission counts whose text was not kept" in remark
    assert "whose text was not kept" in "".join(copy_of(best)["note"])
    assert (best.total("ann"), handed_in(best)) == (18, 1)


def test_late_days_are_those_of_the_submission_that_counts(best):
    counts(best, "best", "[late]\nbudget = 0\npenalty_per_day = 0.1\n")
    with Gradebook(open_course(best.root).db_url, "backprop") as book:
        book.set_due({LESSON: datetime(2026, 1, 2, 18)})
    for day, texts, taken in [(1, {"neuron_loss": LOSS}, None), (4, WORSE, None), (5, {}, 6.0)]:
        hand_in(best, day, **texts)
        best.grade()
        assert best.rows("SELECT late_submission_penalty FROM submitted_notebook") == [(taken,)]


def test_a_ledger_of_an_earlier_version_is_taken_on(best):
    hand_in(best, 1)
    best.grade()
    with sqlite3.connect(best.root / "gradebook.db") as database:
        database.execute("ALTER TABLE backproplab_ledger DROP COLUMN handed_in")
    database.close()
    assert best.grade().unchanged == 1
    hand_in(best, 2, **WORSE)
    best.grade()
    assert best.total("ann") == 20


def test_what_is_kept_of_students_is_private(best):
    hand_in(best, 1)
    best.grade()
    (kept,) = (best.root / ".backproplab" / "earlier").glob("ann/*/*/*.ipynb")
    assert kept.read_bytes() == best.notebook()
    assert (best.root / ".backproplab").stat().st_mode & 0o077 == 0


def test_what_can_be_read_goes_before_what_cannot_even_at_no_points(best):
    hand_in(best, 1, b'{"cells": [')
    assert len(best.grade().refused) == 1
    hand_in(best, 2, released_text(find_lesson("one_neuron")).encode())
    run = best.grade()
    assert (run.refused, best.total("ann"), handed_in(best)) == ([], 0, 2)
