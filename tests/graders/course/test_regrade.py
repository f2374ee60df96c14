"""An exercise after it was mended: everyone anew in that one, and who moved is told."""

import json
import sqlite3
from dataclasses import replace

import pytest

from graders import class_run, cli
from graders.exercise import Misconception, Verdict
from graders.ledger import Entry
from graders.levels import as_levels
from graders.moves import Moves
from graders.results import check_target
from graders.runner import grade_one
from tests.graders.course.amended import worth

LESSON = "01_one_neuron"
STEP = "def neuron_step(w, b, x, t, lr, act):\n    return w, b"


@pytest.fixture
def alone(small_class):
    """Return the small class with lesson 1 alone in its source: the others take time."""
    for folder in (small_class.root / "source").iterdir():
        if folder.name != LESSON:
            folder.rename(small_class.root / f".{folder.name}")
    return small_class


def max_score(course, exercise):
    return course.rows(f"""
        SELECT max_score FROM grade_cells JOIN base_cell ON base_cell.id = grade_cells.id
        WHERE base_cell.name = 'test_{exercise}'""")


def mended(monkeypatch, change):
    """Let the grader judge in another way."""

    def grade_all(tasks, **_):
        for task in tasks:
            result = grade_one(task)
            yield task, replace(result, exercises=tuple(map(change, result.exercises)))

    monkeypatch.setattr(class_run, "grade_all", grade_all)


def test_who_moved_is_told_with_the_points_and_the_reason(alone, monkeypatch, say):
    say()

    def stricter(verdict):
        named = (Misconception("factor_two"),)
        slip = replace(verdict, points=1.0, status="partial", misconceptions=named)
        return slip if verdict.name == "neuron_loss" and verdict.points else verdict

    mended(monkeypatch, stricter)
    status, said, _ = say("--exercise", "neuron_loss")
    assert status == 0
    assert said.splitlines() == [
        "graded 2, unchanged 0",
        "neuron_loss: 2 graded again, 1 moved",
        "  ann  2/2 -> 1/2  pass -> partial (factor_two)",
    ]
    assert (alone.total("ann"), alone.total("bob")) == (19, 18)
    assert say("--exercise", "neuron_loss")[1].splitlines()[1:] == ["neuron_loss: 2 graded again, 0 moved"]


def test_another_message_with_the_same_points_is_counted_and_stored(alone, monkeypatch, say):
    say()
    mended(monkeypatch, lambda verdict: replace(verdict, levels=as_levels("said in another way")))
    said = say("--exercise", "neuron_delta")[1]
    assert "neuron_delta: 2 graded again, 0 moved, 2 with the same points and another message" in said
    query = "SELECT COUNT(*) FROM comment WHERE auto_comment = 'said in another way'"
    assert alone.rows(query) == [(2,)]


def test_points_that_changed_in_the_source_reach_marks_message_and_gradebook(alone, say):
    alone.hand_in("bob", neuron_step=STEP)
    say()
    worth(alone.root, "neuron_loss", 5)
    worth(alone.root, "neuron_delta", 9)
    said = say("--exercise", "neuron_loss")[1].splitlines()
    assert said[1:] == ["neuron_loss: 2 graded again, 2 moved"] + [
        f"  {student}  2/2 -> 5/5  pass -> pass" for student in ("ann", "bob")
    ]
    assert alone.marks()["ann"]["neuron_loss"] == 5
    assert alone.marks()["ann"]["neuron_delta"] == 5  # that one was not asked for
    assert max_score(alone, "neuron_loss") == [(5.0,)]
    assert alone.rows(
        "SELECT COUNT(*) FROM comment WHERE auto_comment LIKE 'neuron_loss: 5 of 5 points%'"
    ) == [(2,)]


def test_a_usual_run_notices_changed_points_by_itself(alone, say):
    say()
    worth(alone.root, "neuron_loss", 3)
    said = say()[1].splitlines()
    assert said == [
        "graded 2, unchanged 0",
        "neuron_loss: 2 graded again, 2 moved",
        "  ann  2/2 -> 3/3  pass -> pass",
        "  bob  0/2 -> 0/3  fail (factor_two) -> fail (factor_two)",
    ]
    assert say()[1] == "graded 0, unchanged 2\n"


@pytest.mark.parametrize(
    ("points", "shown"), [(-1, "-1"), ("two", '"two"'), (float("nan"), "NaN"), (None, "null"), (True, "true")]
)
def test_points_that_are_none_are_refused_with_their_place(alone, say, points, shown):
    worth(alone.root, "neuron_loss", points)
    status, _, complaints = say()
    assert status == 1
    assert f"{LESSON}.ipynb: the points of test_neuron_loss are {shown}, expected a number" in complaints


def test_what_a_person_gave_and_wrote_stays_and_is_told(alone, monkeypatch, say):
    say()
    loss = "(SELECT id FROM base_cell WHERE name = 'test_neuron_loss')"
    with sqlite3.connect(alone.root / "gradebook.db") as database:
        database.execute(f"UPDATE grade SET manual_score = 1.5 WHERE cell_id = {loss}")
        database.execute("UPDATE comment SET manual_comment = 'by hand'")
    database.close()
    mended(monkeypatch, lambda verdict: replace(verdict, points=0.25, status="partial"))
    said = say("--exercise", "neuron_loss")[1]
    assert "ann  2/2 -> 0.25/2  pass -> partial; the score given by hand stays" in said
    scores = alone.rows(f"SELECT manual_score, auto_score FROM grade WHERE cell_id = {loss}")
    assert scores == [(1.5, 0.25)] * 2
    assert {row[0] for row in alone.rows("SELECT manual_comment FROM comment")} == {"by hand"}


def test_a_score_by_hand_out_of_other_points_needs_a_person_and_every_export_says_so(alone, say, capsys):
    say()
    loss = "(SELECT id FROM base_cell WHERE name = 'test_neuron_loss')"
    with sqlite3.connect(
        alone.root / "gradebook.db"
    ) as database:  # bob has 0 from the grader, before and after
        database.execute(f"UPDATE grade SET manual_score = 1.5 WHERE cell_id = {loss} AND auto_score = 0")
    database.close()
    worth(alone.root, "neuron_loss", 3)
    said = say("--exercise", "neuron_loss")[1]
    assert "bob  0/2 -> 0/3" in said
    assert said.endswith("; the score given by hand stays, a person should look again\n")
    assert alone.rows("SELECT SUM(needs_manual_grade) FROM grade") == [(1,)]
    for system in ("csv", "canvas", "moodle"):
        assert cli.main(["export", "--course", str(alone.root), "--to", system]) == 0
        assert f'("needs manual grade" in the gradebook), 1: bob {LESSON}\n' in capsys.readouterr().err


def test_a_resubmission_is_no_move(alone, say):
    say()
    alone.hand_in("ann", neuron_step=STEP)
    assert say("--exercise", "neuron_step")[1].splitlines()[1:] == ["neuron_step: 1 graded again, 0 moved"]


def test_the_json_says_what_it_was_and_may_be_written_again(alone, monkeypatch, say, tmp_path):
    say()
    mended(monkeypatch, lambda verdict: replace(verdict, points=1.0, status="partial"))
    file = tmp_path / "results.json"
    say("--exercise", "neuron_loss", "--json", file)
    was = {
        (result["student"], verdict["name"]): verdict["was"]
        for result in json.loads(file.read_text())
        for verdict in result["exercises"]
        if "was" in verdict
    }
    assert was.keys() == {("ann", "neuron_loss"), ("bob", "neuron_loss")}
    assert was["ann", "neuron_loss"] == {
        "status": "pass",
        "points": 2.0,
        "possible": 2.0,
        "misconceptions": [],
    }
    check_target(file)
    assert cli.main(["grade", "--course", str(alone.root), "--json", str(file)]) == 0


def test_an_exercise_that_is_new_moves_nobody(new_one):
    def graded(*names):
        verdicts = tuple(Verdict(name, "pass", 1, 1) for name in names)
        result = class_run.Result("a.ipynb", "one_neuron", "ann", "0.1", "process", 0.1, verdicts)
        return Entry(LESSON, "ann", "1", "0.1", "", result)

    moves = Moves()
    moves.add(graded("a"), graded("a", "b"), None, ())
    assert (moves.moved, dict(moves.again)) == ([], {"a": 1})
