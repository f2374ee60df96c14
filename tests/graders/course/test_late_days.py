"""Late days: a budget spent in the order of the due dates, whatever the order of grading."""

import itertools
import os
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from graders.course import open_course
from graders.gradebook import Gradebook
from graders.late_days import LateDays, uncovered
from graders.settings import SETTINGS
from graders.submitted import STAMP

LESSON = "01_one_neuron"
FIRST, SECOND, THIRD = SHEETS = ("z_first", "m_second", "a_third")  # named against the order of due dates
DUE = {name: datetime(2026, 1, 10) + timedelta(weeks=week) for week, name in enumerate(SHEETS)}
RULE = "[late]\nbudget = 2\npenalty_per_day = 0.25\n"
WRONG = "def neuron_loss(a, t):\n    return (a - t) ** 2"


@pytest.fixture
def sheets(course, graded_here):
    """Return a course with lesson 1 three times over, due a week after each other."""
    source = course.root / "source"
    shutil.move(source / LESSON, source / FIRST)
    for other in source.glob("0*"):
        shutil.rmtree(other)
    for name in (SECOND, THIRD):
        shutil.copytree(source / FIRST, source / name)
    with Gradebook(open_course(course.root).db_url, "backprop") as book:
        book.set_due(DUE)
    (course.root / SETTINGS).write_text(RULE)
    return course


@pytest.fixture
def hand_in(sheets):
    """Hand in ann's solution of a sheet so many hours late."""

    def late(sheet, hours, student="ann", **texts):
        file = sheets.hand_in(student, assignment=sheet, **texts)
        moment = DUE[sheet] + timedelta(hours=hours)
        file.with_name(STAMP).write_text(f"{moment:%Y-%m-%d %H:%M:%S} UTC\n")

    return late


def taken(course, student="ann"):
    return dict(
        course.rows(f"""
        SELECT assignment.name, late_submission_penalty FROM submitted_notebook
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        JOIN assignment ON assignment.id = submitted_assignment.assignment_id
        WHERE student_id = '{student}'""")
    )


def in_gradebook(course, statement):
    with sqlite3.connect(course.root / "gradebook.db") as database:
        database.execute(statement)
    database.close()


@pytest.mark.parametrize("budget", range(8))
def test_the_budget_covers_the_first_days_and_no_more_than_it_has(budget):
    days = [1, 0, 3, 2]
    costs = uncovered(days, budget)
    assert sum(days) - sum(costs) == min(budget, sum(days))
    assert all(0 <= cost <= late for cost, late in zip(costs, days, strict=True))
    paid = [cost > 0 for cost in costs if cost]
    spent = list(itertools.accumulate(days))
    assert all(cost == 0 for cost, sum_ in zip(costs, spent, strict=True) if sum_ <= budget)
    assert len(paid) == sum(1 for late, sum_ in zip(days, spent, strict=True) if late and sum_ > budget)


@pytest.mark.parametrize(("hours", "days"), [(-1, 0), (0, 0), (0.1, 1), (24, 1), (24.1, 2), (49, 3)])
def test_a_day_that_was_begun_counts(hours, days):
    assert LateDays().days("ann", FIRST, timedelta(hours=hours), None) == days


@pytest.mark.parametrize(("granted", "book", "days"), [(0, 0, 3), (2, 0, 1), (0, 2, 1), (1, 2, 1), (9, 2, 0)])
def test_the_longer_of_two_extensions_holds(granted, book, days):
    late = LateDays(extensions={"ann": {FIRST: granted}})
    extension = timedelta(days=book) if book else None
    assert late.days("ann", FIRST, timedelta(days=3), extension) == days
    assert late.days("bob", FIRST, timedelta(days=3), None) == 3


@pytest.mark.parametrize("order", list(itertools.permutations(SHEETS)))
def test_the_order_of_grading_does_not_matter(sheets, hand_in, order):
    for sheet, hours in zip(SHEETS, (30, 20, 10), strict=True):
        hand_in(sheet, hours)
    for sheet in order:
        sheets.grade(assignment=sheet)
    assert taken(sheets) == {FIRST: None, SECOND: 5.0, THIRD: 5.0}


def test_the_others_change_only_where_days_did(sheets, hand_in):
    for sheet in SHEETS:
        hand_in(sheet, 20)
    sheets.grade()
    assert taken(sheets) == {FIRST: None, SECOND: None, THIRD: 5.0}
    hand_in(SECOND, 20, neuron_loss=WRONG)  # as late as before, and worth less
    sheets.grade(assignment=SECOND)
    assert taken(sheets) == {FIRST: None, SECOND: None, THIRD: 5.0}
    hand_in(FIRST, -2, neuron_loss=WRONG)  # in time now: the third is covered
    sheets.grade(assignment=FIRST)
    assert set(taken(sheets).values()) == {None}


def test_the_penalty_is_a_share_of_what_counts_and_never_more(sheets, hand_in):
    hand_in(FIRST, 24 * 3)
    hand_in(SECOND, 24 * 9)
    sheets.grade()
    assert taken(sheets) == {FIRST: 5.0, SECOND: 20.0}
    in_gradebook(sheets, "UPDATE grade SET manual_score = 0.5")
    sheets.grade()
    assert taken(sheets) == {FIRST: 0.88, SECOND: 3.5}  # seven cells


def test_one_students_days_are_not_anothers(sheets, hand_in):
    hand_in(FIRST, 24 * 3)
    hand_in(FIRST, 24 * 2, student="bob")
    sheets.grade()
    assert (taken(sheets), taken(sheets, "bob")) == ({FIRST: 5.0}, {FIRST: None})


def test_an_extension_or_another_rule_holds_from_the_next_run_on_though_nothing_is_graded(sheets, hand_in):
    hand_in(FIRST, 24 * 3)
    hand_in(SECOND, 24)
    sheets.grade()
    assert taken(sheets) == {FIRST: 5.0, SECOND: 5.0}
    (sheets.root / SETTINGS).write_text(
        f"{RULE}[extensions.ann]\n{FIRST} = 2\n[extensions.anne]\n{FIRST} = 1\n"
    )
    run = sheets.grade()
    assert (run.graded, taken(sheets)) == (0, {FIRST: None, SECOND: None})
    (remark,) = run.remarks
    assert remark.startswith(f"{SETTINGS}, line 6: an extension for 'anne', who has handed in nothing")
    assert remark.endswith(": did you mean 'ann'?")
    assert sorted(run.moves.lines()) == [
        f"  ann  {SECOND}  5 -> 0",
        f"  ann  {FIRST}  5 -> 0",
        "late penalties: 2 changed",
    ]
    (sheets.root / SETTINGS).write_text("[late]\nbudget = 0\npenalty_per_day = 0.5\n")
    sheets.grade()
    assert taken(sheets) == {FIRST: 20.0, SECOND: 10.0}


def nbgrader(course, *words):
    scripts = Path(sys.executable).parent  # nbgrader looks for alembic on the PATH
    home = {"HOME": str(course.root / "home"), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "nbgrader", *words]
    return subprocess.run(
        command, cwd=course.root, env={**os.environ, **home}, capture_output=True, text=True, check=False
    )


def test_nbgraders_own_autograde_takes_the_same_and_values_exercises_as_the_source_does(sheets, hand_in):
    hand_in(FIRST, 30)
    hand_in(SECOND, 20)
    hand_in(THIRD, 24 * 9, neuron_loss=WRONG)
    sheets.grade()
    ours = taken(sheets)
    assert ours == {FIRST: None, SECOND: 5.0, THIRD: 18.0}
    in_gradebook(sheets, "UPDATE submitted_notebook SET late_submission_penalty = 99")
    source = sheets.root / "source" / THIRD / f"{LESSON}.ipynb"
    text = source.read_text(encoding="utf-8")
    assert text.count('"points": 5') == 2
    source.write_text(text.replace('"points": 5', '"points": 7'), encoding="utf-8")
    done = nbgrader(sheets, "autograde", "--force", THIRD)
    assert done.returncode == 0, done.stderr
    assert taken(sheets) == {**ours, THIRD: 22.0}  # all of it, and that is four more now
    assert sheets.rows("SELECT MAX(auto_score), MAX(max_score) FROM grade, grade_cells") == [(7, 7)]
    (sheets.root / SETTINGS).write_text("[late]\nbudget = many\n")
    done = nbgrader(sheets, "autograde", "--force", THIRD)
    assert f"{SETTINGS}, line 2: budget = many" in done.stderr
    assert done.returncode != 0
