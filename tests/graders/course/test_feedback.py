"""Our own pages of feedback: nbgrader's content, in its place, and never over somebody else's page."""

import html
import json
import re

import pytest

from graders import class_run
from graders.choice import Wanted
from graders.class_run import grade_class
from graders.cli import main
from graders.course import open_course
from graders.feedback import feedback
from graders.gradebook import Gradebook
from graders.lessons import find_lesson
from graders.release import released_text
from graders.runner import grade_one
from tests.graders.course.test_with_nbgrader import nbgrader

LESSON = "01_one_neuron"
WRONG = "def neuron_loss(a, t):\n    return (a - t) ** 2"
NASTY = "def neuron_loss(a, t):\n    '<script>alert(1)</script>'\n    raise ValueError('<img src=x>')"


@pytest.fixture
def graded(course, monkeypatch):
    """Three students graded in this process: one right, one wrong, one whose file is cut off."""
    monkeypatch.setattr(class_run, "grade_all", lambda tasks, **_: ((t, grade_one(t)) for t in tasks))
    course.hand_in("ann")
    course.hand_in("bob", neuron_loss=WRONG, neuron_delta="raise KeyError('<b>')")
    course.hand_in("cut", b'{"cells": [')
    grade_class(open_course(course.root), Wanted(), seed=7)
    return course


def page(course, student):
    return course.root / "feedback" / student / LESSON / f"{LESSON}.html"


def words(path):
    """Return what a page says, without markup and white space."""
    text = re.sub(r"<(style|title)\b.*?</\1>|<[^>]*>", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\W+", " ", html.unescape(html.unescape(text)))


def told(course):
    """Yield student and every line of text that feedback owes: messages, answers, marks."""
    with Gradebook(open_course(course.root).db_url, "backprop") as book:
        entries, standings = book.entries(), book.standings()
    for standing in standings:
        file = course.root / "autograded" / standing.student / LESSON / f"{LESSON}.ipynb"
        cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(file.read_bytes())["cells"]}
        verdicts = entries[LESSON, standing.student].result.exercises
        lines = [line for v in verdicts for level in v.levels for line in level.lines]
        lines += [entry for v in verdicts for level in v.levels for row in level.table for entry in row]
        for name, comment in standing.comments.items():
            lines += [cells[name], *(comment.auto or "").splitlines(), *(comment.manual or "").splitlines()]
        yield standing.student, lines


def by_hand(course, cell, student="bob", **values):
    """Give a student a score or a comment as the formgrader does."""
    from nbgrader.api import Gradebook as Theirs

    with Theirs(open_course(course.root).db_url, "backprop") as book:
        find = book.find_comment if "manual_comment" in values else book.find_grade
        row = find(cell, LESSON, LESSON, student)
        for name, value in values.items():
            setattr(row, name, value)
        book.db.commit()


def test_nbgraders_page_and_ours_say_all_that_the_student_is_told(graded):
    by_hand(graded, "test_neuron_loss", manual_score=1.25, extra_credit=0.5)
    by_hand(graded, "neuron_step", manual_comment="A tidy step, *well* done.")
    nbgrader(graded.root, "generate_feedback", LESSON)
    theirs = {student: words(page(graded, student)) for student, _ in told(graded)}
    done = feedback(open_course(graded.root), force=True)
    assert [path.parent.parent.name for path in done.pages] == ["ann", "bob", "cut"]
    seen = 0
    for student, lines in told(graded):
        ours = words(page(graded, student))
        for line in lines:
            said = re.sub(r"\W+", " ", html.unescape(line)).strip()
            assert said in ours, (student, line)
            assert said in theirs[student], (student, line)
            seen += 1
    assert seen > 60
    bob = words(page(graded, "bob"))
    assert "neuron_loss 1 75 of 2" in bob
    assert "1 25 points given by a person 0 5 points on top" in bob
    # neuron_delta raises, and so do the two functions that call it: 6 points are left, and 1.75 by hand.
    assert "7 75 of 20 points" in bob
    assert "Score 7 75 20 0" in theirs["bob"]


def test_a_page_is_safe_to_open_and_loads_nothing(graded):
    graded.hand_in("eve", neuron_loss=NASTY)
    grade_class(open_course(graded.root), Wanted(), seed=7)
    by_hand(graded, "neuron_loss", manual_comment="<script>alert(2)</script> [x](javascript:f) ![y](//z)")
    feedback(open_course(graded.root))
    for student in ("ann", "bob", "cut", "eve"):
        text = page(graded, student).read_text(encoding="utf-8")
        assert not re.search(r"<script|<img|<link|<[^>]*\b(src=|href=\"(?!#))|url\(http", text), student
    assert "alert(1)" in page(graded, "eve").read_text(encoding="utf-8")  # told as text


def test_a_comment_keeps_its_markdown_and_its_formulas(graded):
    by_hand(graded, "neuron_step", manual_comment=r"See *this*: $\frac{1}{2}$.")
    by_hand(graded, "neuron_loss", manual_comment=r"Odd: $\nosuchthing{$")
    feedback(open_course(graded.root), student="bob")
    text = page(graded, "bob").read_text(encoding="utf-8")
    assert "<em>this</em>" in text
    assert "<mfrac>" in text
    assert r"\nosuchthing" in text


@pytest.mark.parametrize("copy", ["as we write it", "with stubs in it"])
def test_an_unreadable_submission_gets_the_reason_and_the_remedy_and_no_code(graded, copy):
    file = graded.root / "autograded" / "cut" / LESSON / f"{LESSON}.ipynb"
    if copy == "with stubs in it":  # as it was before
        file.write_text(released_text(find_lesson("one_neuron")), encoding="utf-8")
    assert not feedback(open_course(graded.root)).problems
    said = words(page(graded, "cut"))
    assert said.count("Not graded not a notebook the JSON is damaged or cut off") == 1
    assert "hand it in again" in said
    assert "a person has to look" in said
    assert "raise" not in said
    assert "<pre>" not in page(graded, "cut").read_text(encoding="utf-8")
    assert not re.findall(r'href="#', page(graded, "cut").read_text(encoding="utf-8"))


def test_what_a_person_gave_for_an_unreadable_submission_is_told(graded):
    by_hand(graded, "test_neuron_loss", "cut", manual_score=1.5)
    by_hand(graded, "neuron_step", "cut", manual_comment="I read your printout.")
    feedback(open_course(graded.root))
    said = words(page(graded, "cut"))
    assert "1 5 points given by a person" in said
    assert "I read your printout" in said
    assert "the JSON is damaged" in said


def test_a_deleted_answer_is_told_and_the_lessons_own_text_is_not_shown(course, monkeypatch):
    monkeypatch.setattr(class_run, "grade_all", lambda tasks, **_: ((t, grade_one(t)) for t in tasks))
    book = json.loads(released_text(find_lesson("one_neuron")))
    book["cells"] = [cell for cell in book["cells"] if cell["id"] != "neuron_delta"]
    course.hand_in("ann", json.dumps(book).encode())
    grade_class(open_course(course.root), Wanted(), seed=7)
    feedback(open_course(course.root))
    text = page(course, "ann").read_text(encoding="utf-8")
    assert "its cell is missing from the notebook" in text
    assert "def neuron_delta(" not in text
    assert "def neuron_loss(" in text, "untouched, and handed in"


def test_pages_of_ours_are_renewed_and_others_kept(graded, capsys):
    command = ["feedback", "--course", str(graded.root)]
    assert main(command) == 0
    by_hand(graded, "neuron_step", manual_comment="new words")
    page(graded, "ann").write_text("hers", encoding="utf-8")
    assert main(command) == 1
    assert str(page(graded, "ann")) in capsys.readouterr().err
    assert page(graded, "ann").read_text(encoding="utf-8") == "hers"
    assert "new words" in words(page(graded, "bob"))
    assert main([*command, "--force"]) == 0
    assert "neuron_loss" in words(page(graded, "ann"))


def test_one_bad_copy_costs_no_page(graded):
    copy = graded.root / "autograded" / "ann" / LESSON / f"{LESSON}.ipynb"
    copy.write_bytes(b"{")
    done = feedback(open_course(graded.root))
    assert len(done.pages) == 3
    assert [problem.partition(":")[0] for problem in done.problems] == [f"ann/{LESSON}"]
    assert "2 of 2" in words(page(graded, "ann"))  # marks and messages stand in the gradebook


def test_a_folder_in_a_pages_place_costs_that_page_only(graded):
    page(graded, "ann").mkdir(parents=True)
    done = feedback(open_course(graded.root), force=True)
    assert [path.parent.parent.name for path in done.pages] == ["bob", "cut"]
    assert len(done.problems) == 1


def test_a_cell_of_ones_own_and_a_test_far_from_its_answer_are_told(graded):
    copy = graded.root / "autograded" / "bob" / LESSON / f"{LESSON}.ipynb"
    book = json.loads(copy.read_bytes())
    place = next(i for i, cell in enumerate(book["cells"]) if cell["id"] == "test_neuron_loss")
    own = {"cell_type": "code", "id": "submitted-7", "metadata": {}, "outputs": [], "source": "helper = 5"}
    book["cells"] += [own, book["cells"].pop(place)]
    copy.write_text(json.dumps(book), encoding="utf-8")
    feedback(open_course(graded.root), student="bob")
    said = words(page(graded, "bob"))
    assert "helper 5" in said
    assert "neuron_loss 0 of 2 sigmoid_slope 2 of 2" in said  # the table of points
    assert "test_neuron_loss" not in said


def test_a_message_that_nbgrader_has_renewed_since_is_the_one_that_is_told(graded):
    with Gradebook(open_course(graded.root).db_url, "backprop") as book, book._engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE comment SET auto_comment = 'neuron_loss: fresh' WHERE auto_comment LIKE 'neuron_loss: 0%'"
        )
    feedback(open_course(graded.root))
    said = words(page(graded, "bob"))
    assert "neuron_loss fresh" in said
    assert "neuron_loss 0 of 2 points" not in said


def test_only_what_is_asked_for_is_written_and_unknown_names_are_met(graded, capsys):
    command = ["feedback", "--course", str(graded.root)]
    assert main([*command, "--student", "bob", "--assignment", "1"]) == 0
    assert sorted(p.name for p in (graded.root / "feedback").iterdir()) == ["bob"]
    assert main([*command, "--student", "bbo"]) == 2
    assert "did you mean 'bob'" in capsys.readouterr().err
    assert main([*command, "--assignment", "one_nueron"]) == 2


def test_without_grades_there_is_no_feedback(course, capsys):
    assert main(["feedback", "--course", str(course.root)]) == 1
    assert "nothing graded yet" in capsys.readouterr().err
