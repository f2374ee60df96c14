"""The one writer into nbgrader's gradebook."""

import sqlite3
from datetime import datetime, timedelta

import pytest

from graders import cli, gradebook
from graders.assignments import read_assignment
from graders.autograded import Mark
from graders.course import open_course
from graders.entering import Entered
from graders.errors import GradersError
from graders.exercise import Result
from graders.gradebook import Gradebook
from graders.ledger import Entry

LESSON = "01_one_neuron"
DUE = datetime(2026, 1, 10)


@pytest.fixture
def write(course):
    """Write a submission of ann's: points for neuron_loss and a comment on it."""
    assignment = read_assignment(course.root / "source" / LESSON)

    def enter(points=2.0, comment="well", *, content="1", late=None, timestamp=None, changed=True):
        marks = [
            Mark("test_neuron_loss", "grade", points, 2.0),
            Mark("neuron_loss", "solution", auto_comment=comment),
        ]
        entered = Entered(assignment, "ann", timestamp, marks, changed)
        result = Result("a.ipynb", "one_neuron", "ann", "0.1", "process", 0.1)
        with Gradebook(open_course(course.root).db_url, "backprop", late) as book:
            book.record(entered, Entry(LESSON, "ann", content, "0.1", "", result))
            return book.entries()

    return enter


@pytest.fixture
def change(course):
    """Run a statement in the gradebook, as another program would."""

    def run(statement, *values):
        with sqlite3.connect(course.root / "gradebook.db") as database:
            database.execute(statement, values)
        database.close()

    return run


def grade_of(course, columns):
    loss = "SELECT base_cell.id FROM base_cell WHERE name = 'test_neuron_loss'"
    return course.rows(f"SELECT {columns} FROM grade WHERE cell_id = ({loss})")[0]


def test_a_graded_cell_without_a_mark_needs_a_person(course, write):
    write()
    rows = course.rows("SELECT auto_score, needs_manual_grade FROM grade ORDER BY auto_score DESC")
    assert rows == [(2.0, False), *[(None, True)] * 6]


def test_what_a_person_gave_is_never_touched(course, write, change):
    write()
    change("UPDATE grade SET manual_score = 1.5, extra_credit = 1, needs_manual_grade = 0")
    change("UPDATE comment SET manual_comment = 'by hand'")
    write(0.5, "other", content="2")
    assert grade_of(course, "manual_score, extra_credit, auto_score") == (1.5, 1, 0.5)
    assert {row[0] for row in course.rows("SELECT manual_comment FROM comment")} == {"by hand"}


def test_a_person_looks_again_at_changed_work_only(course, write, change):
    write()
    reviewed = "UPDATE grade SET manual_score = 1.5, needs_manual_grade = 0"
    for points, changed, look in [(2.0, False, False), (2.0, True, True), (1.0, False, True)]:
        change(reviewed)
        write(points, changed=changed)
        assert bool(grade_of(course, "needs_manual_grade")[0]) == look


def test_all_of_a_submission_is_written_or_nothing(course, write, change):
    before = course.state()
    write()
    once = course.state()
    change("CREATE TRIGGER full BEFORE UPDATE ON comment BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    with pytest.raises(GradersError, match="the disk is full; what was written before is kept"):
        write(0.0, "worse", content="2")
    change("DROP TRIGGER full")
    assert before != once == course.state()


def test_every_commit_reaches_the_disk(course):
    with Gradebook(open_course(course.root).db_url, "backprop") as book, book._engine.connect() as connection:
        asked = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")
        ]
    assert asked == ["wal", 2]


def test_the_ledger_knows_which_contents_the_marks_are_of(write):
    for content in ("first", "second", "first"):
        assert write(content=content)[LESSON, "ann"].content == content


def test_what_no_database_stores_is_replaced(course, write):
    write(comment="nul \0 and half a pair \ud800")
    (comment,) = course.rows("SELECT auto_comment FROM comment WHERE auto_comment IS NOT NULL")
    assert comment == ("nul ? and half a pair ?",)


def test_new_cells_and_points_of_a_mended_lesson_are_taken_over(course, write):
    write()
    source = course.root / "source" / LESSON / f"{LESSON}.ipynb"
    text = source.read_text(encoding="utf-8").replace('"points": 5', '"points": 6')
    source.write_text(text, encoding="utf-8")
    gradebook_of = read_assignment(source.parent)
    with Gradebook(open_course(course.root).db_url, "backprop") as book:
        result = Result("a.ipynb", "one_neuron", "ann", "0.1", "process", 0.1)
        book.record(Entered(gradebook_of, "ann", None, []), Entry(LESSON, "ann", "3", "0.1", "", result))
    assert course.rows("SELECT SUM(max_score) FROM grade_cells") == [(22.0,)]


@pytest.mark.parametrize(
    ("moment", "extension", "taken", "wanted"),
    [
        (DUE, None, 1.0, None),
        (DUE + timedelta(hours=2), None, 0.5, 0.5),
        (DUE + timedelta(hours=2), None, 99.0, 2.0),
        (DUE + timedelta(hours=2), None, -1.0, 0.0),
        (DUE + timedelta(hours=2), None, None, None),
        (DUE + timedelta(hours=2), timedelta(hours=3), 1.0, None),
        (None, None, 1.0, None),
    ],
)
def test_a_late_submission_loses_what_the_course_says(course, write, moment, extension, taken, wanted):
    asked = []

    def rule(*given):
        asked.append(given)
        return taken

    write()
    with Gradebook(open_course(course.root).db_url, "backprop") as book, book._engine.begin() as connection:
        tables = book._tables
        connection.execute(tables["assignment"].update().values(duedate=DUE))
        connection.execute(tables["submitted_assignment"].update().values(extension=extension))
    write(timestamp=moment, late=rule)
    assert course.rows("SELECT late_submission_penalty FROM submitted_notebook") == [(wanted,)]
    assert asked in ([], [("ann", 2.0, 7200.0)])


def test_without_a_rule_nothing_is_taken_off(course, write, change):
    write()
    change("UPDATE assignment SET duedate = '2020-01-01 00:00:00.000000'")
    write(timestamp=DUE)
    assert course.rows("SELECT late_submission_penalty FROM submitted_notebook") == [(None,)]


def locked(course, monkeypatch):
    monkeypatch.setattr(gradebook, "BUSY_SECONDS", 0.2)
    with Gradebook(open_course(course.root).db_url, "backprop"):
        pass  # the ledger is there, so opening writes nothing: the lock must be noticed all the same
    database = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    return database


def read_only(course, _):
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(
            "\nc.CourseDirectory.db_url = f\"sqlite:///file:{here / 'gradebook.db'}?mode=ro&uri=true\"\n"
        )


def of_another_version(course, _):
    with sqlite3.connect(course.root / "gradebook.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '724cde206c17'")
    database.close()


def no_database(course, _):
    (course.root / "gradebook.db").write_bytes(b"not a database" * 100)


def full(course, monkeypatch):
    def set_up(connection, record):
        gradebook_set_up(connection, record)
        connection.execute("PRAGMA max_page_count = 1")

    gradebook_set_up = gradebook._set_up_sqlite
    monkeypatch.setattr(gradebook, "_set_up_sqlite", set_up)


def no_server(course, _):
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\nc.CourseDirectory.db_url = 'postgresql+psycopg://ann:secret@127.0.0.1:9/marks'\n")


def no_such_kind(course, _):
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\nc.CourseDirectory.db_url = 'sqlight:///gradebook.db'\n")


@pytest.mark.parametrize(
    ("spoil", "wanted"),
    [
        (locked, "locked by another program"),
        (read_only, "read-only"),
        (of_another_version, "its tables are of version 724cde206c17"),
        (no_database, "not a gradebook, or damaged\nput a copy of it back"),
        (full, "the disk is full"),
        (no_server, "connection failed"),
        (no_such_kind, "is none that is understood"),
    ],
)
def test_a_gradebook_that_cannot_be_written_is_told_in_a_line_or_two(
    course, graded_here, monkeypatch, capsys, spoil, wanted
):
    course.hand_in("ann")
    held = spoil(course, monkeypatch)
    assert cli.main(["grade", "--course", str(course.root), "--jobs", "1"]) == 1
    said = capsys.readouterr().err
    assert wanted in said
    assert len(said.splitlines()) <= 2
    assert "secret" not in said
    assert graded_here == []
    assert list((course.root / "autograded").iterdir()) == []
    if held:
        held.close()
