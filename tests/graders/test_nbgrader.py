"""Stock nbgrader, by its own commands and its own API, on a copy of the course with a class of odd students.

Starting nbgrader takes seconds, so everything goes through a few starts.
"""

import copy
import csv
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from graders.leaks import leaks
from graders.lessons import checkout, find_lesson
from graders.notebook import canonical, cell_source, read, set_source, to_text
from graders.release import released

LESSON = find_lesson("one_neuron")
OWN = "own_sheet"  # an assignment of the course's own
HIDDEN = "### BEGIN HIDDEN TESTS\nhidden_from_students = True\n### END HIDDEN TESTS\n"
MIXED = {
    "neuron_loss": (
        "import sys, warnings\n"
        "def neuron_loss(a, t):\n"
        "    print('looking at', a, file=sys.stderr)\n"
        "    warnings.warn('a warning of the student')\n"
        "    return (a - t) ** 2 / 2"
    ),
    "neuron_delta": "def neuron_delta(z, a, t, act):\n    return a - t",
    "neuron_grads": (
        "def neuron_grads(w, b, x, t, act):\n"
        "    z = w @ x + b\n"
        "    delta = (act.f(z) - t) * act.deriv(z)\n"
        "    return -w * delta, delta"
    ),
    "neuron_step": "def neuron_step(w, b, x, t, lr, act):\n    return undefined",
    "why_stalled": "why_stalled = 'slope'",
}
WRONG = "def neuron_loss(a, t):\n    return 3.0"
EXITS = "import os\ndef neuron_loss(a, t):\n    os._exit(0)"
STEALS = """
def neuron_loss(a, t):
    import sqlite3
    book = sqlite3.connect({database!r})
    book.execute("UPDATE grade SET manual_score = 100")
    book.commit()
    return (a - t) ** 2 / 2
"""
# Everything that has to go on in one process of nbgrader's: {calls} are lines of Python.
BY_API = """
from nbgrader.apps import NbGrader, NbGraderAPI
app = NbGrader()
app.load_config_file()
api = NbGraderAPI(config=app.config)
def done(outcome):
    assert outcome["success"], outcome["error"]
{calls}
"""
DUE_ON_NEW_YEAR = f"""
with api.gradebook as book:
    book.update_or_create_assignment({LESSON.folder!r}, duedate="2020-01-01 00:00:00 UTC")
"""
A_PERSON_WRITES = f"""
place = {LESSON.folder!r}, {LESSON.folder!r}, "mixed"
with api.gradebook as book:
    book.find_grade("test_neuron_delta", *place).manual_score = 4
    book.find_comment("neuron_delta", *place).manual_comment = "Well tried"
    book.db.commit()
"""


def stored(cells, *folders):
    """Write a notebook where nbgrader expects it: these cells, or these bytes."""
    path = Path(*folders) / f"{Path(folders[-1]).name}.ipynb"
    path.parent.mkdir(parents=True)
    text = cells if isinstance(cells, bytes) else to_text({**SHELL, "cells": cells}).encode()
    path.write_bytes(text)
    return path


def cell(cells, name):
    return next(each for each in cells if each["id"] == name)


def run(course, *command):
    scripts = Path(sys.executable).parent  # nbgrader looks for alembic on the PATH
    home = {"HOME": str(course / "home"), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [sys.executable, *command], cwd=course, env={**os.environ, **home}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def source_of_lesson():
    """Return lesson 1 with a hidden test and an answer that is a variable, which it does not have."""
    book = canonical(read(LESSON.path))
    test = cell(book["cells"], "test_neuron_loss")
    set_source(test, HIDDEN + cell_source(test))
    rate = copy.deepcopy(cell(book["cells"], "neuron_loss"))
    rate["metadata"]["nbgrader"]["grade_id"] = rate["id"] = "best_rate"
    set_source(rate, "### BEGIN SOLUTION\nbest_rate = 0.3\n### END SOLUTION")
    book["cells"].append(rate)
    return book


def source_of_own_sheet():
    def code(name, text, **grading):
        kind = {"grade": False, "solution": False, "locked": False, "task": False, **grading}
        return {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": name, "schema_version": 3, **kind}},
            "source": text,
        }

    cells = [
        code("triple", "def triple(x):\n    ### BEGIN SOLUTION\n    return 3 * x", solution=True),
        code("test_triple", HIDDEN + "assert triple(2) == 6", grade=True, locked=True, points=4),
    ]
    cells[0]["source"] += "\n    ### END SOLUTION"
    return canonical({"nbformat": 4, "metadata": {}, "cells": cells})


SOURCE = source_of_lesson()
SHELL = {key: value for key, value in SOURCE.items() if key != "cells"}
SOLVED = {
    each["id"]: cell_source(each) for each in SOURCE["cells"] if f"test_{each['id']}" in json.dumps(SOURCE)
}


def answered(**answers):
    cells = copy.deepcopy(released(SOURCE)["cells"])
    for each in cells:
        if each["id"] in answers:
            set_source(each, answers[each["id"]])
    return cells


def tampered():
    cells = answered(**SOLVED)
    for each in cells:
        each["metadata"].setdefault("nbgrader", {})["schema_version"] = 1
        each["metadata"]["tags"] = ["skip-execution"]
    test = cell(cells, "test_neuron_loss")
    test["metadata"]["nbgrader"] |= {"points": 100, "schema_version": 99}
    set_source(test, "100.0")
    return cells


def doubled():
    cells = answered(**SOLVED)
    wrong = copy.deepcopy(cell(cells, "neuron_loss"))
    set_source(wrong, WRONG)
    return [wrong, *cells, cell(cells, "test_neuron_step")]


def shortened():
    return [each for each in answered(**SOLVED) if each["id"] not in ("neuron_loss", "test_neuron_grads")]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Return a course in which nbgrader has done its work; what it told when grading is in ``log``."""
    course = tmp_path_factory.mktemp("course")
    shutil.copy(checkout() / "nbgrader_config.py", course)
    stored(SOURCE["cells"], course / "lessons" / LESSON.folder)
    stored(source_of_own_sheet()["cells"], course / "lessons" / OWN)
    own = released(source_of_own_sheet())["cells"]
    set_source(own[0], "def triple(x):\n    return x + x + x")
    submitted = course / "build/course/submitted"
    stored(own, submitted / "solved" / OWN)
    database = str(course / "build/course/gradebook.db")
    class_ = {
        "solved": answered(**SOLVED),
        "untouched": answered(),
        "mixed": answered(**MIXED),
        "tampered": tampered(),
        "doubled": doubled(),
        "shortened": shortened(),
        "exits": answered(**{**SOLVED, "neuron_loss": EXITS}),
        "steals": answered(**{**SOLVED, "neuron_loss": STEALS.format(database=database)}),
        "late": answered(**SOLVED),
        "damaged": b'{"cells": [',
    }
    for student, cells in class_.items():
        stored(cells, submitted / student / LESSON.folder)
    (submitted / "late" / LESSON.folder / "timestamp.txt").write_text("2020-02-02 12:00:00 UTC")
    (submitted / "linked" / LESSON.folder).mkdir(parents=True)
    right = submitted / "solved" / LESSON.folder / f"{LESSON.folder}.ipynb"
    (submitted / "linked" / LESSON.folder / right.name).symlink_to(right)
    calls = [f"done(api.generate_assignment({name!r}))" for name in (LESSON.folder, OWN)]
    calls += [DUE_ON_NEW_YEAR]
    calls += [f"done(api.{step}({OWN!r}, 'solved'))" for step in ("autograde", "generate_feedback")]
    run(course, "-c", BY_API.format(calls="\n".join(calls)))
    options = ["--Execute.kernel_name=there-is-none", "--LateSubmissionPlugin.penalty_method=zero"]
    (course / "log").write_text(run(course, "-m", "nbgrader", "autograde", LESSON.folder, *options))
    return course


@pytest.fixture(scope="module")
def grades(course):
    """Return ``{student: {cell: (auto_score, manual_score, needs_manual_grade)}}`` after grading."""
    return read_grades(course)


def read_grades(course):
    query = """
        SELECT student_id, base_cell.name, auto_score, manual_score, needs_manual_grade FROM grade
        JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        JOIN base_cell ON base_cell.id = grade.cell_id"""
    database = sqlite3.connect(course / "build/course/gradebook.db")
    rows = database.execute(query).fetchall()
    database.close()
    table = {student: {} for student, *_ in rows}
    for student, name, *row in rows:
        table[student][name] = tuple(row)
    return table


def total(grades, student):
    return sum(auto or 0 for name, (auto, *_) in grades[student].items() if name != "test_triple")


@pytest.fixture(scope="module")
def afterwards(course, grades):
    """Return the grades after a person's mark, a second grading by the API, feedback and export."""
    calls = [A_PERSON_WRITES, f"done(api.autograde({LESSON.folder!r}, 'mixed'))"]
    calls += [f"done(api.generate_feedback({LESSON.folder!r}))"]
    calls += ["from nbgrader.apps import ExportApp", "ExportApp.launch_instance(['--to', 'grades.csv'])"]
    run(course, "-c", BY_API.format(calls="\n".join(calls)))
    return read_grades(course)


def autograded(course, student):
    return read(course / "build/course/autograded" / student / LESSON.folder / f"{LESSON.folder}.ipynb")


def feedback(course, student, assignment=LESSON.folder):
    page = course / "build/course/feedback" / student / assignment / f"{assignment}.html"
    return page.read_text(encoding="utf-8")


def test_the_assignment_nbgrader_releases_is_ours(course):
    theirs = read(course / "build/course/release" / LESSON.folder / f"{LESSON.folder}.ipynb")
    assert theirs == released(SOURCE)
    assert leaks(theirs, SOURCE) == []
    assert cell_source(cell(theirs["cells"], "best_rate")) == "best_rate = None"


@pytest.mark.parametrize("student", ["solved", "tampered", "doubled"])
def test_right_work_gets_full_marks_and_no_more_whatever_was_done_to_its_cells(grades, student):
    assert total(grades, student) == 20


def test_the_untouched_release_gets_nothing(grades):
    assert {auto for auto, *_ in grades["untouched"].values()} == {0}
    assert len(grades["untouched"]) == 7


@pytest.mark.parametrize(
    ("exercise", "score"),
    [
        ("neuron_loss", 2),  # right, though it writes to stderr
        ("neuron_delta", 0),  # a named wrong turn
        ("neuron_grads", 2.5),  # db is right, dw is not
        ("neuron_step", 0),  # raises
        ("why_stalled", 0),  # not a function
        ("neuron_forward", 0),  # not started
    ],
)
def test_partly_right_work_gets_its_part(grades, exercise, score):
    assert grades["mixed"][f"test_{exercise}"] == (score, None, 0)


@pytest.mark.parametrize("student", ["shortened", "exits", "steals"])
def test_one_lost_or_hostile_answer_costs_that_exercise_only(grades, student):
    assert grades[student]["test_neuron_loss"] == (0, None, 0)
    assert total(grades, student) == 18


@pytest.mark.parametrize(
    ("student", "reason"), [("damaged", "damaged or cut off"), ("linked", "not a regular file")]
)
def test_what_cannot_be_read_is_named_and_waits_for_a_person(course, grades, student, reason):
    assert set(grades[student].values()) == {(None, None, 1)}
    (line,) = [line for line in (course / "log").read_text().splitlines() if f"submitted/{student}" in line]
    assert "not graded" in line
    assert reason in line


def test_nothing_else_went_wrong(course):
    log = (course / "log").read_text()
    assert log.count("ERROR") == 2
    assert "Traceback" not in log


def test_the_gradebook_is_out_of_reach(grades):
    assert {manual for rows in grades.values() for _, manual, _ in rows.values()} == {None}


@pytest.mark.parametrize("student", ["solved", "tampered", "doubled", "shortened", "damaged"])
def test_the_graders_copy_has_every_graded_cell_once_and_the_lessons_tests(course, student):
    cells = [each for each in autograded(course, student)["cells"] if "nbgrader" in each["metadata"]]
    expected = {each["id"]: each for each in released(SOURCE)["cells"] if "nbgrader" in each["metadata"]}
    assert sorted(each["id"] for each in cells) == sorted(expected)
    for each in cells:
        assert each["metadata"] == expected[each["id"]]["metadata"]
        if each["metadata"]["nbgrader"]["locked"]:
            assert each["source"] == expected[each["id"]]["source"]


def test_the_feedback_shows_verdict_name_and_points_and_no_hidden_test(course, afterwards):
    page = feedback(course, "mixed")
    assert "backproplab-verdict" in page
    assert "without the slope" in page
    assert "neuron_grads: 2.5 of 5 points" in page
    for student in afterwards:
        assert "hidden_from_students" not in feedback(course, student)


def test_the_feedback_says_each_message_once_and_folds_its_deeper_levels(course, afterwards):
    page = feedback(course, "mixed")
    for said in ("neuron_grads: 2.5 of 5 points", "without the slope"):
        assert page.count(said) == 1
    assert page.count("<summary") >= 3


def test_the_feedback_on_a_damaged_notebook_says_why(course, afterwards):
    assert "the JSON is damaged or cut off" in feedback(course, "damaged")


def test_a_second_grading_by_the_api_keeps_what_a_person_gave_and_wrote(course, grades, afterwards):
    assert afterwards["mixed"].pop("test_neuron_delta") == (0, 4, 1)
    before = {name: row for name, row in grades["mixed"].items() if name != "test_neuron_delta"}
    assert afterwards["mixed"] == before
    assert "Well tried" in feedback(course, "mixed")


def test_the_export_has_a_row_a_student(course, afterwards):
    with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["assignment"] == LESSON.folder]
    scores = {row["student_id"]: float(row["score"]) for row in rows}
    assert len(scores) == len(afterwards)
    assert (scores["solved"], scores["untouched"], scores["mixed"], scores["damaged"]) == (20, 0, 8.5, 0)


def test_a_penalty_for_lateness_that_the_course_sets_is_taken_off(course, grades, afterwards):
    assert total(grades, "late") == 20
    assert "Late submission penalty" in feedback(course, "late")
    assert "Late submission penalty" not in feedback(course, "solved")


def test_where_nothing_confines_students_nothing_is_graded_unless_that_is_allowed(tmp_path, monkeypatch):
    from nbgrader.converters import NbGraderException
    from traitlets.config import Config, Configurable

    from graders.nbgrader_bridge import SubmissionReader
    from graders.sandbox import isolation
    from graders.sandbox.policy import Layers

    monkeypatch.setattr(isolation, "SETTINGS", Layers(0, False, True, False))
    parent = Configurable()
    parent.coursedir = SimpleNamespace(root=str(tmp_path), source_directory="source")
    with pytest.raises(NbGraderException, match="Landlock and seccomp"):
        SubmissionReader(parent=parent)
    assert SubmissionReader(parent=parent, config=Config(SubmissionReader={"allow_unsandboxed": True}))


def test_an_assignment_of_the_courses_own_is_run_as_nbgrader_does_and_hides_its_tests(course, grades):
    assert grades["solved"]["test_triple"] == (4, None, 0)
    assert "hidden_from_students" not in feedback(course, "solved", OWN)
