"""``grade --course`` where things go wrong: bad submissions, a full disk, a broken copy, Ctrl-C."""

import json
import os
import shutil
import sqlite3

import pytest

from graders import class_run
from graders.cli import main
from graders.runner import grade_one
from tests.graders.course.amended import worth

LESSON = "01_one_neuron"
DAMAGED = b'{"cells": ['
WRONG = "def neuron_loss(a, t):\n    return (a - t) ** 2"


def spoilt(course):
    """Hand in what cannot be read; return who did."""
    outside = course.root / "outside.ipynb"
    shutil.copy(course.hand_in("link"), outside)
    for student, make in [
        ("link", lambda p: p.symlink_to(outside)),
        ("pipe", os.mkfifo),
        ("folder", os.mkdir),
    ]:
        file = course.hand_in(student)
        file.unlink()
        make(file)
    course.hand_in("cut", DAMAGED)
    course.hand_in("none").unlink()
    course.hand_in("foreign", b'{"a": 1}')
    return {"link", "pipe", "folder", "cut", "none", "foreign"}


def test_bad_submissions_are_named_every_time_and_stop_nobody(small_class, say, tmp_path):
    bad = spoilt(small_class)
    small_class.hand_in("typo", assignment="1_one_neuron")
    file = tmp_path / "results.json"
    for _ in range(2):
        status, _, complaints = say("--json", file)
        assert status == 1
        for student in (*bad, "typo"):
            assert f"submitted/{student}/" in complaints
        assert len(complaints.splitlines()) == len(bad) + 1
    assert small_class.total("ann") == 20
    needs = small_class.rows("""
        SELECT student_id, COUNT(auto_score), SUM(needs_manual_grade) FROM submitted_assignment
        JOIN submitted_notebook ON submitted_notebook.assignment_id = submitted_assignment.id
        JOIN grade ON grade.notebook_id = submitted_notebook.id GROUP BY student_id""")
    assert {student for student, scores, persons in needs if (scores, persons) == (0, 7)} == bad
    results = {plain["student"]: plain for plain in json.loads(file.read_text())}
    assert set(results) == {"ann", "bob", "typo", *bad}
    assert all(results[s]["error"] and results[s]["notebook"].startswith(f"submitted/{s}/") for s in bad)
    assert "error" not in results["ann"]


def test_a_person_s_mark_for_an_unreadable_one_is_kept_and_not_asked_for_again(course, graded_here, say):
    course.hand_in("cut", DAMAGED)
    say()
    with sqlite3.connect(course.root / "gradebook.db") as database:
        database.execute("UPDATE grade SET manual_score = 1, needs_manual_grade = 0")
    database.close()
    assert say()[0] == 1
    assert course.rows("SELECT SUM(manual_score), SUM(needs_manual_grade) FROM grade") == [(7, 0)]


def test_a_bad_one_that_is_mended_is_graded(course, graded_here, say):
    course.hand_in("cut", DAMAGED)
    say()
    course.hand_in("cut")
    assert say() == (0, "graded 1, unchanged 0\n", "")
    assert course.total("cut") == 20


def test_where_our_own_machinery_failed_the_next_run_tries_again(small_class, monkeypatch, say):
    def fail(tasks, **_):
        for task in tasks:
            yield task, class_run.replace(grade_one(task), exercises=(), error="needs a person: no memory")

    with monkeypatch.context() as patch:
        patch.setattr(class_run, "grade_all", fail)
        assert say()[0] == 1
    assert small_class.marks()["ann"]["neuron_loss"] is None
    assert say() == (0, "graded 2, unchanged 0\n", "")
    assert small_class.total("ann") == 20


def test_the_json_is_of_the_whole_course_whatever_was_graded_now(small_class, say):
    say("--student", "ann")
    status, said, _ = say("--student", "bob", "--json", "-")
    assert status == 0
    assert [(plain["student"], plain["points"]) for plain in json.loads(said)] == [("ann", 20), ("bob", 18)]
    assert json.loads(said)[0]["notebook"] == f"submitted/ann/{LESSON}/{LESSON}.ipynb"


def test_a_notebook_of_another_assignment_of_the_same_lesson_counts_there(small_class, say):
    shutil.copytree(small_class.root / "source" / LESSON, small_class.root / "source" / "resit")
    small_class.hand_in("ann", assignment="resit", neuron_loss=WRONG)
    assert say()[1] == "graded 3, unchanged 0\n"
    assert small_class.rows("SELECT name FROM assignment ORDER BY name") == [(LESSON,), ("resit",)]
    assert small_class.rows("SELECT COUNT(*) FROM grade") == [(21,)]


def test_an_assignment_that_cannot_serve_is_named_with_the_reason(small_class, say):
    broken = small_class.root / "source" / "essay"
    broken.mkdir()
    small_class.hand_in("ann", assignment="essay")
    status, said, complaints = say()
    assert (status, said) == (1, "graded 2, unchanged 0, not gradable 1\n")
    assert "expected one notebook, found 0" in complaints


@pytest.mark.parametrize(
    "words",
    [
        ("report",),
        ("feedback",),
        ("grade", "--exercise", "neuron_loss"),
        ("grade", "--assignment", "1"),
        ("report", "--assignment", "one_neuron"),
    ],
    ids=" ".join,
)
def test_a_slip_in_the_source_is_told_before_a_lesson_is_left_out_or_a_name_called_unknown(
    small_class, say, capsys, words
):
    shutil.copytree(small_class.root / "source" / LESSON, small_class.root / "source" / "resit")
    small_class.hand_in("bob", assignment="resit")
    assert say()[0] == 0
    worth(small_class.root, "neuron_loss", -3)
    assert main([words[0], "--course", str(small_class.root), *words[1:]]) == 1
    told = capsys.readouterr().err
    assert f"{LESSON}.ipynb: the points of test_neuron_loss are -3, expected a number, 0 or more" in told
    assert "unknown" not in told
    assert not (small_class.root / "reports").exists()


def test_a_class_that_has_handed_in_nothing_is_told_where_it_belongs(course, say):
    status, said, complaints = say()
    assert (status, said) == (0, "graded 0, unchanged 0\n")
    assert "submitted: nothing was handed in yet; due is STUDENT/ASSIGNMENT/" in complaints


def test_a_source_without_assignments_is_told(course, say):
    for folder in (course.root / "source").iterdir():
        shutil.rmtree(folder)
    status, _, complaints = say()
    assert status == 1
    assert "no assignment in it" in complaints


def test_what_is_odd_is_remarked_and_costs_nothing(small_class, say):
    folder = small_class.root / "submitted" / "ann" / LESSON
    (folder / "timestamp.txt").write_text("2999-01-01 00:00:00 UTC")
    (folder / "copy.ipynb").touch()
    small_class.hand_in("Ann")
    status, _, complaints = say()
    assert status == 0
    for wanted in ("lies in the future", "only 01_one_neuron.ipynb counts", "'Ann' differs in case only"):
        assert wanted in complaints


def test_ctrl_c_is_one_line_and_the_next_run_goes_on(small_class, graded_here, monkeypatch, say):
    whole = class_run.grade_all

    def stopped(tasks, **_):
        yield next(whole(tasks))
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(class_run, "grade_all", stopped)
        status, said, complaints = say()
    assert (status, said) == (130, "")
    assert complaints.splitlines() == [
        "backproplab: stopped; what was graded is kept, and the same command goes on from there"
    ]
    assert say()[1] == "graded 1, unchanged 1\n"


@pytest.mark.parametrize("step", ["draft_folder", "put_in_place"])
def test_a_disk_that_refuses_ends_the_run_with_one_line_and_spoils_nothing(
    small_class, monkeypatch, say, step
):
    say()
    before = small_class.state()
    small_class.hand_in("ann", neuron_loss=WRONG)

    def refuse(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(class_run, step, refuse)
        status, _, complaints = say()
    assert status == 1
    assert len(complaints.splitlines()) == 1
    assert "No space left on device; what was graded before is kept" in complaints
    assert small_class.state()[1] == before[1]
    assert say()[0] == 0
    assert small_class.total("ann") == 18


def test_the_late_penalty_that_the_course_sets_is_taken(small_class, say):
    with (small_class.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    stamp = small_class.root / "submitted" / "bob" / LESSON / "timestamp.txt"
    stamp.write_text("2026-01-02 10:00:00 UTC")
    say()
    with sqlite3.connect(small_class.root / "gradebook.db") as database:
        database.execute("UPDATE assignment SET duedate = '2026-01-01 00:00:00.000000'")
    database.close()
    say("--force")
    rows = small_class.rows("SELECT late_submission_penalty FROM submitted_notebook ORDER BY 1")
    assert rows == [(None,), (18.0,)]


def test_a_copy_that_cannot_be_made_is_for_a_person(small_class, monkeypatch, say):
    honest = class_run.autograded_notebook

    def fail(data, *rest):
        if data:
            raise RecursionError("too deep")
        return honest(data, *rest)

    monkeypatch.setattr(class_run, "autograded_notebook", fail)
    status, _, complaints = say()
    assert status == 1
    assert complaints.count("needs a person: RecursionError: too deep") == 2


def test_a_flag_of_the_judge_is_nbgraders_flag(small_class, monkeypatch, say):
    def grade_all(tasks, **_):
        for task in tasks:
            result = grade_one(task)
            if task.student == "bob":
                object.__setattr__(result.exercises[0], "status", "flagged")
            yield task, result

    monkeypatch.setattr(class_run, "grade_all", grade_all)
    say()
    rows = small_class.rows("""
        SELECT student_id, flagged FROM submitted_notebook JOIN submitted_assignment
        ON submitted_assignment.id = submitted_notebook.assignment_id ORDER BY student_id""")
    assert [(student, bool(flag)) for student, flag in rows] == [("ann", False), ("bob", True)]


def test_a_gradebook_that_was_lost_is_told_since_nothing_else_holds_what_a_person_gave(small_class, say):
    assert "the gradebook is new" not in say()[2]
    (small_class.root / "gradebook.db").unlink()
    status, said, complaints = say()
    assert (status, said) == (0, "graded 2, unchanged 0\n")
    assert "the gradebook is new" in complaints
    assert "put it back" in complaints
    assert say()[2] == ""
