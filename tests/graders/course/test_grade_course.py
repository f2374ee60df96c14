"""``grade --course``: a class from its folder into the gradebook."""

import shutil
import subprocess
import sys

import pytest

import backproplab
from graders import class_run, cli
from graders.runner import grade_one

LESSON = "01_one_neuron"
DAMAGED = b'{"cells": ['
WRONG = "def neuron_loss(a, t):\n    return (a - t) ** 2"


def names(graded):
    return sorted(task.name.split("/")[1] for task in graded)


def test_marks_stand_on_the_test_cells_and_messages_on_the_solutions(small_class, say):
    status, said, complaints = say()
    assert (status, said, complaints) == (0, "graded 2, unchanged 0\n", "")
    assert small_class.total("ann") == 20
    assert small_class.marks()["bob"]["neuron_loss"] == 0
    assert small_class.total("bob") == 18
    comments = small_class.rows(
        "SELECT auto_comment FROM comment WHERE auto_comment LIKE 'neuron_loss: 0 of 2%'"
    )
    assert len(comments) == 1
    assert small_class.rows("SELECT SUM(needs_manual_grade) FROM grade") == [(0,)]


def test_the_copy_for_the_formgrader_lies_in_autograded_and_nothing_else(small_class, say):
    stamp = small_class.root / "submitted" / "ann" / LESSON / "timestamp.txt"
    stamp.write_text("2026-01-01 10:00:00 UTC")
    (stamp.parent / "private.txt").touch()
    (small_class.root / "autograded" / "ann").mkdir()
    (small_class.root / "autograded" / "ann" / f".{LESSON}.0000.part").mkdir()
    say()
    _, files = small_class.state()
    assert set(files) == {f"{s}/{LESSON}/{LESSON}.ipynb" for s in ("ann", "bob")} | {
        f"ann/{LESSON}/timestamp.txt"
    }
    assert not list((small_class.root / "autograded").rglob("*.part"))
    ((moment,),) = small_class.rows("SELECT timestamp FROM submitted_assignment WHERE student_id = 'ann'")
    assert str(moment).startswith("2026-01-01 10:00:00")


def test_a_second_run_changes_nothing_and_grades_nothing(small_class, graded_here, say):
    say()
    before = small_class.state()
    assert say() == (0, "graded 0, unchanged 2\n", "")
    assert len(graded_here) == 2
    assert small_class.state() == before


def resubmit(course, monkeypatch):
    course.hand_in("ann", neuron_loss=WRONG)


def lose_the_copy(course, monkeypatch):
    shutil.rmtree(course.root / "autograded" / "ann")


def spoil_the_copy(course, monkeypatch):
    (course.root / "autograded" / "ann" / LESSON / f"{LESSON}.ipynb").write_text("{}")


@pytest.mark.parametrize("change", [resubmit, lose_the_copy, spoil_the_copy])
def test_only_what_changed_is_graded_again(small_class, graded_here, monkeypatch, say, change):
    say()
    graded_here.clear()
    change(small_class, monkeypatch)
    assert say()[1] == "graded 1, unchanged 1\n"
    assert names(graded_here) == ["ann"]
    assert small_class.total("ann") == (18 if change is resubmit else 20)
    assert say()[1] == "graded 0, unchanged 2\n"


def test_handing_in_the_first_version_again_brings_back_its_marks(small_class, say):
    say()
    for texts, total in [({"neuron_loss": WRONG}, 18), ({}, 20)]:
        small_class.hand_in("ann", **texts)
        say()
        assert small_class.total("ann") == total


def test_a_new_version_of_the_grader_grades_everything_again(small_class, graded_here, monkeypatch, say):
    say()
    monkeypatch.setattr(backproplab, "__version__", "99")
    assert say()[1] == "graded 2, unchanged 0\n"
    assert say()[1] == "graded 0, unchanged 2\n"


@pytest.mark.parametrize(
    ("words", "again"),
    [
        (["--force"], ["ann", "bob"]),
        (["--force", "--student", "bob"], ["bob"]),
        (["--force", "--assignment", "1"], ["ann", "bob"]),
        (["--force", "--assignment", "one_neuron", "--student", "ann"], ["ann"]),
        (["--assignment", LESSON], []),
        (["--exercise", "neuron_loss"], ["ann", "bob"]),
        (["--exercise", "neuron_loss", "--student", "ann"], ["ann"]),
    ],
)
def test_a_part_of_the_class_can_be_asked_for(small_class, graded_here, say, words, again):
    say()
    before = small_class.state()
    graded_here.clear()
    assert say(*words)[0] == 0
    assert names(graded_here) == again
    assert small_class.state() == before


def test_one_exercise_is_graded_again_and_the_others_keep_their_marks(small_class, monkeypatch, say):
    say()
    asked = []

    def grade_all(tasks, **_):
        for task in tasks:
            asked.append(task.exercises)
            result = grade_one(task)
            (verdict,) = result.exercises
            object.__setattr__(verdict, "points", 1.0)
            yield task, result

    monkeypatch.setattr(class_run, "grade_all", grade_all)
    say("--exercise", "neuron_delta")
    assert asked == [("neuron_delta",)] * 2
    assert small_class.marks()["ann"]["neuron_delta"] == small_class.marks()["bob"]["neuron_delta"] == 1
    assert small_class.total("ann") == 16
    assert say()[1] == "graded 0, unchanged 2\n"


def test_one_exercise_by_a_new_version_leaves_the_others_due_for_it(small_class, monkeypatch, say):
    say()
    monkeypatch.setattr(backproplab, "__version__", "99")
    say("--exercise", "neuron_delta")
    assert say()[1] == "graded 2, unchanged 0\n"


def test_whoever_is_new_or_changed_gets_all_exercises_even_if_one_is_asked_for(small_class, say):
    say("--exercise", "neuron_delta")
    assert small_class.total("ann") == 20
    small_class.hand_in("ann", neuron_loss="def neuron_loss(a, t):\n    return 0.0")
    say("--exercise", "neuron_delta")
    assert small_class.total("ann") == 18


def test_where_regrading_one_exercise_fails_the_earlier_marks_stand_and_it_is_named(
    small_class, monkeypatch, say
):
    say()
    before = small_class.state()

    def grade_all(tasks, **_):
        for task in tasks:
            yield task, class_run.replace(grade_one(task), exercises=(), error="needs a person: no memory")

    monkeypatch.setattr(class_run, "grade_all", grade_all)
    status, _, complaints = say("--exercise", "neuron_delta", "--student", "ann")
    assert (status, small_class.state()) == (1, before)
    assert "needs a person: no memory" in complaints


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--student", "bbo"], "unknown student 'bbo': did you mean 'bob'?"),
        (["--exercise", "neuron_detla"], "unknown exercise 'neuron_detla': did you mean 'neuron_delta'?"),
        (["--assignment", "01_one_nuron"], f"unknown assignment '01_one_nuron': did you mean '{LESSON}'?"),
        (["a.ipynb"], "NOTEBOOK... or --course DIR, not both"),
    ],
)
def test_an_unknown_name_is_wrong_usage_and_meets_the_nearest(small_class, graded_here, say, words, wanted):
    status, said, complaints = say(*words)
    assert (status, said, graded_here) == (2, "", [])
    assert wanted in complaints


@pytest.mark.parametrize("option", ["--force", "--student=a", "--assignment=1", "--exercise=neuron_loss"])
def test_what_goes_with_a_course_only_says_so(option, capsys):
    assert cli.main(["grade", "a.ipynb", option]) == 2
    assert f"{option.partition('=')[0]} goes with --course DIR" in capsys.readouterr().err


def test_the_command_itself_grades_on_several_workers(course):
    for student in ("ann", "bob", "cyd"):
        course.hand_in(student)
    command = [sys.executable, "-m", "graders.cli", "grade", "--course", str(course.root), "--jobs", "2"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("graded 3, unchanged 0\n", "")
    assert [course.total(student) for student in ("ann", "bob", "cyd")] == [20, 20, 20]
