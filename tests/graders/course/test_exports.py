"""Exports of marks: what stands in the gradebook, no more; a roster's own columns are never touched."""

import csv
import io
import re
import shutil

import pytest
from sqlalchemy import create_engine

from graders import cli
from graders.course import open_course

LESSON = "01_one_neuron"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Quiz (77),One neuron (4711),Current Score (read only)
,,,,,Manual Posting,,(read only)
    Points Possible,,,,,10,20,(read only)
"Doe, Ann",501,u1,ANN,"A, early ""bird"" one",7,,70
"Roe, Bob",502,u2,bob,B,8,3,80
"Poe, Zoe",503,u3,zoe,B,9,4,90
"Student, Test",599,,5a5a,B,1,,
"""
MOODLE = """\
First name,Last name,ID number,Email address,Assignment: One neuron (Real),Last downloaded from this course
Ann,Doe,501,Ann@Uni.edu,-,1700000000
Bob,Roe,502,bob@uni.edu,3.00,1700000000
"""


def run(course, *words):
    return cli.main(["export", "--course", str(course.root), *map(str, words)])


def amend(course, statement):
    """Do what a person does by hand."""
    engine = create_engine(open_course(course.root).db_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def sheet(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, strict=True))


def table(course, kind="grades", key=0):
    header, *rows = sheet(course.root / "exports" / f"{kind}.csv")
    return {row[key]: dict(zip(header, row, strict=True)) for row in rows}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return tmp_path_factory.mktemp("graded") / "course"


@pytest.fixture
def graded(small_class, kept):
    """Return a class of three, which is graded once for all tests."""
    if kept.exists():
        shutil.rmtree(small_class.root)
        shutil.copytree(kept, small_class.root)
    else:
        small_class.hand_in("cut", b'{"cells": [')
        small_class.grade()
        shutil.copytree(small_class.root, kept)
    return small_class


@pytest.fixture
def roster(tmp_path):
    def write(text=CANVAS, encoding="utf-8"):
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_every_exercise_of_every_student_stands_in_the_table(graded, capsys):
    assert run(graded, "--to", "csv") == 0
    rows = table(graded)
    for student, marks in graded.marks().items():
        for exercise, points in marks.items():
            assert rows[student][exercise] == ("" if points is None else f"{points:g}")
    assert rows["ann"]["total"] == "20" == rows["ann"]["possible"]
    assert float(rows["bob"]["total"]) == graded.total("bob") < 20
    assert "left empty: cut 01_one_neuron" in capsys.readouterr().err


def test_what_has_no_marks_is_empty_and_no_zero(graded):
    amend(graded, "INSERT INTO student (id) VALUES ('idle')")
    run(graded, "--to", "csv")
    rows = table(graded)
    assert [rows["cut"][c] for c in ("state", "total", "neuron_loss")] == ["needs a person", "", ""]
    assert [rows["idle"][c] for c in ("state", "total", "late_penalty")] == ["not handed in", "", ""]
    run(graded, "--to", "canvas")
    assert table(graded, "canvas", 3)["cut"][LESSON] == ""


def test_a_persons_marks_count_and_what_is_late_is_taken_off(graded):
    amend(graded, "UPDATE grade SET manual_score = 1.5, extra_credit = 1 WHERE auto_score = 0")
    amend(graded, "UPDATE submitted_notebook SET late_submission_penalty = 2.25")
    run(graded, "--to", "csv")
    bob = table(graded)["bob"]
    assert (bob["neuron_loss"], bob["late_penalty"]) == ("2.5", "2.25")
    assert float(bob["total"]) == graded.total("bob") + 2.5 - 2.25


@pytest.mark.parametrize("system", ["csv", "canvas", "moodle"])
def test_who_still_needs_a_person_is_named_once_and_has_a_mark(graded, capsys, system):
    amend(graded, "UPDATE grade SET needs_manual_grade = 1 WHERE auto_score > 2")
    assert run(graded, "--to", system) == 0
    said = capsys.readouterr().err
    assert said.count("ann 01") == said.count("bob 01") == 1
    assert f'still need a person ("needs manual grade" in the gradebook), 2: ann {LESSON}; bob' in said
    assert f"no marks yet, left empty: cut {LESSON}\n" in said


def test_names_that_a_spreadsheet_would_compute_are_text(graded):
    amend(graded, "UPDATE student SET first_name = '=HYPERLINK(1)', last_name = 'a, \"b\"' WHERE id = 'ann'")
    run(graded, "--to", "csv")
    ann = table(graded)["ann"]
    assert (ann["first_name"], ann["last_name"]) == ("'=HYPERLINK(1)", 'a, "b"')


def test_a_new_canvas_file_has_the_columns_that_its_import_wants(graded):
    known = "first_name = 'Ann', last_name = 'Doe', lms_user_id = '501'"
    amend(graded, f"UPDATE student SET {known} WHERE id = 'ann'")
    assert run(graded, "--to", "canvas") == 0
    header, points, ann, bob, _ = sheet(graded.root / "exports" / "canvas.csv")
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", LESSON]
    assert points == ["    Points Possible", "", "", "", "", "20"]
    assert ann == ["Doe, Ann", "501", "", "ann", "", "20"]
    assert bob[:5] == ["bob", "", "", "bob", ""]


def test_a_canvas_roster_gets_our_marks_and_keeps_everything_else(graded, roster, capsys):
    assert run(graded, "--to", "canvas", "--roster", roster()) == 1  # cut is not in it
    before = list(csv.reader(io.StringIO(CANVAS, newline="")))
    after = sheet(graded.root / "exports" / "canvas.csv")
    changed = [(i, j) for i, row in enumerate(after) for j, cell in enumerate(row) if cell != before[i][j]]
    assert changed == [(3, 6), (4, 6)]
    assert (after[3][6], float(after[4][6])) == ("20", graded.total("bob"))
    said = capsys.readouterr().err
    assert "not in the roster: cut" in said
    assert "1 in the roster who are not in the gradebook, left as they were: Poe, Zoe (zoe)\n" in said


def test_who_is_near_to_a_student_is_offered_and_never_taken(graded, roster, capsys):
    path = roster(CANVAS.replace("ANN", "ann@uni.edu").replace(",bob,", ",bbo,").replace("Roe, Bob", "Bobb"))
    amend(graded, "INSERT INTO student (id) VALUES ('zoe')")
    assert run(graded, "--to", "canvas", "--roster", path) == 1
    said = capsys.readouterr().err
    assert "not in the roster: ann; perhaps Doe, Ann (ann@uni.edu)\n" in said
    assert "not in the roster: bob; perhaps Bobb (bbo)\n" in said
    assert "not in the roster: cut\n" in said
    assert re.search("tell the gradebook who they are: nbgrader db student add ID --first-name F", said)
    assert table(graded, "canvas", 3)["ann@uni.edu"]["One neuron (4711)"] == ""


def test_where_two_are_near_both_are_named(graded, roster, capsys):
    path = roster(CANVAS.replace("ANN", "ann@uni.edu").replace("zoe", "ann@other.edu"))
    assert run(graded, "--to", "canvas", "--roster", path) == 1
    assert "ann; perhaps Doe, Ann (ann@uni.edu); Poe, Zoe (ann@other.edu)\n" in capsys.readouterr().err


def test_of_many_strangers_the_first_ten_are_named(graded, roster, capsys):
    more = "".join(f'"Moe, M{n:02}",{600 + n},v{n},moe{n},B,1,,\n' for n in range(20))
    run(graded, "--to", "canvas", "--roster", roster(CANVAS + more))
    said = capsys.readouterr().err
    assert "21 in the roster who" in said
    assert said.count("Moe, M") == 9
    assert "(moe8); and 11 more\n" in said


def test_a_mark_of_theirs_stays_where_we_have_none(graded, roster):
    amend(graded, "INSERT INTO student (id) VALUES ('zoe')")
    run(graded, "--to", "canvas", "--roster", roster())
    assert table(graded, "canvas", 3)["zoe"]["One neuron (4711)"] == "4"


def test_an_assignment_that_canvas_does_not_know_gets_a_column(graded, roster):
    run(graded, "--to", "canvas", "--roster", roster(CANVAS.replace("One neuron (4711)", "Essay (4711)")))
    header, posting, points, ann, *_ = sheet(graded.root / "exports" / "canvas.csv")
    assert (header[-1], posting[-1], points[-1], ann[-1]) == (LESSON, "", "20", "20")


def test_a_roster_may_have_semicolons_and_a_byte_order_mark(graded, roster):
    text = CANVAS.replace('"A, early ""bird"" one"', "A").replace(",", ";").replace("Doe; Ann", "Doe, Ann")
    run(graded, "--to", "canvas", "--roster", roster(text, "utf-8-sig"))
    written = (graded.root / "exports" / "canvas.csv").read_text(encoding="utf-8")
    assert "Doe, Ann;501;u1;ANN;A;7;20;70\n" in written.replace('"', "").replace("\r", "")


def test_moodle_files_new_and_filled_in(graded, roster, capsys):
    amend(graded, "UPDATE student SET email = id || '@uni.edu'")
    assert run(graded, "--to", "moodle") == 0
    header, ann, *_ = sheet(graded.root / "exports" / "moodle.csv")
    assert header == ["Username", "First name", "Last name", "ID number", "Email address", LESSON]
    assert ann == ["ann", "", "", "", "ann@uni.edu", "20"]
    capsys.readouterr()
    assert run(graded, "--to", "moodle", "--roster", roster(f"{MOODLE}Zoe,Poe,503,z@uni.edu,-,0\n")) == 1
    assert "left as they were: Zoe Poe (503)\n" in capsys.readouterr().err
    _, ann, bob, _ = sheet(graded.root / "exports" / "moodle.csv")
    assert ann == ["Ann", "Doe", "501", "Ann@Uni.edu", "20", "1700000000"]
    assert float(bob[4]) == graded.total("bob")


@pytest.mark.parametrize(
    ("old", "new", "says", "remedy"),
    [
        ("Student,ID,SIS User ID,", "Name,Key,Mail,", "line 1: no Canvas file, it lacks Student", "export"),
        (CANVAS, "", "line 1: no Canvas file", "export"),
        ("zoe", "bob", "line 6: SIS Login ID 'bob' stands on line 5 too", "remove one"),
        ("u3", "ann", "lines 4 and 6: both could be our student 'ann'", ""),
        (",8,3,80", ",8,3", "line 5: 7 cells, the first line has 8", "export"),
        ("Quiz (77)", "01_one_neuron (9)", "both '01_one_neuron (9)' and 'One neuron (4711)'", "rename"),
        ("10,20", "10,15", "line 3: 'One neuron (4711)' has 15 points there, 20 here", "give it 20 points"),
        (",bob,", ",robert,", "", ""),
    ],
)
def test_a_roster_that_does_not_fit_is_told_with_its_line(graded, roster, capsys, old, new, says, remedy):
    path = roster(CANVAS.replace(old, new))
    assert run(graded, "--to", "canvas", "--roster", path) == (2 if says else 1)
    said = capsys.readouterr().err
    if says:
        assert all(text in said for text in (f"backproplab: {path}, ", says, remedy))
        assert not (graded.root / "exports").exists()
    else:
        assert "not in the roster: bob" in said


def test_two_of_ours_who_are_one_there_are_refused(graded, roster, capsys):
    amend(graded, "INSERT INTO student (id) VALUES ('ANN')")
    assert run(graded, "--to", "canvas", "--roster", roster()) == 2
    assert "both 'ANN' and 'ann'" in capsys.readouterr().err
    assert run(graded, "--to", "canvas") == 1
    assert "differ in case only" in capsys.readouterr().err
    assert not (graded.root / "exports").exists()


def test_a_roster_of_another_class_says_so(graded, roster, capsys):
    text = CANVAS.replace("ANN", "x1").replace("bob", "x2")
    assert run(graded, "--to", "canvas", "--roster", roster(text)) == 2
    said = capsys.readouterr().err
    assert re.search("none of our 3 students is in it.*\\n.*nbgrader db student add", said)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b'Student,"ID\n'])
def test_a_roster_that_is_no_csv_is_refused(graded, tmp_path, capsys, data):
    (tmp_path / "r.csv").write_bytes(data)
    assert run(graded, "--to", "canvas", "--roster", tmp_path / "r.csv") == 2
    assert capsys.readouterr().err.count("\n") == 2
    assert run(graded, "--to", "canvas", "--roster", tmp_path / "none.csv") == 2
    assert "No such file" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["csv", "canvas", "moodle"])
def test_without_grades_there_is_nothing_to_export(course, capsys, kind):
    assert run(course, "--to", kind) == 1
    said = capsys.readouterr().err
    assert "nothing was graded yet\nfirst: backproplab grade --course" in said
    assert not (course.root / "exports").exists()


def test_an_export_is_renewed_but_not_what_a_person_changed(graded, capsys):
    file = graded.root / "exports" / "grades.csv"
    assert run(graded, "--to", "csv") == 0
    amend(graded, "UPDATE grade SET manual_score = 1 WHERE auto_score = 0")
    assert run(graded, "--to", "csv") == 0
    file.write_text("my own", encoding="utf-8")
    assert run(graded, "--to", "csv") == 1
    assert "kept" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "my own"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--to", "canves"), "did you mean 'canvas'"),
        (("--to", "csv", "--roster", "x"), "--roster goes with"),
        (("--to", "csv", "--assignment", "one_nuron"), "unknown assignment"),
    ],
)
def test_wrong_usage_is_told(graded, capsys, words, says):
    assert run(graded, *words) == 2
    assert says in capsys.readouterr().err


def test_the_roster_itself_is_never_written_over(graded, tmp_path, capsys):
    roster = tmp_path / "canvas.csv"
    roster.write_text(CANVAS, encoding="utf-8")
    assert run(graded, "--to", "canvas", "--roster", roster, "--out", tmp_path) == 2
    assert roster.read_text(encoding="utf-8") == CANVAS


@pytest.mark.parametrize("kind", ["csv", "canvas", "moodle"])
def test_one_assignment_has_a_file_of_its_own_and_that_of_the_class_stays(graded, kind, capsys):
    run(graded, "--to", kind)
    (whole,) = (graded.root / "exports").iterdir()
    before = whole.read_bytes()
    assert run(graded, "--to", kind, "--assignment", "1") == 0
    (other,) = set((graded.root / "exports").iterdir()) - {whole}
    assert other.name == f"{whole.stem}_01_one_neuron.csv"
    assert whole.read_bytes() == before
