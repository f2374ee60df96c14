"""What may lie in ``submitted/``, and what is made of it."""

import os
from datetime import datetime

import pytest

from graders.course import open_course
from graders.errors import UnreadableNotebook
from graders.submitted import all_submitted, contents, timestamp_of

LESSON = "01_one_neuron"
NOW = datetime(2026, 1, 31, 12, 0)


@pytest.fixture
def found(course):
    """Return what is found, by student."""

    def look():
        return {s.student: s for s in all_submitted(open_course(course.root), {LESSON: LESSON})}

    return look


def test_students_without_submissions_and_foreign_files_are_left_alone(course, found):
    course.hand_in("ann")
    for path in ("nobody", "ann/notes", ".hidden/01_one_neuron", "__MACOSX"):
        (course.root / "submitted" / path).mkdir(parents=True)
    for path in ("list.csv", ".DS_Store", "ann/readme.txt", f"ann/{LESSON}/data.csv"):
        (course.root / "submitted" / path).touch()
    assert list(found()) == ["ann"]
    assert found()["ann"].problem == ""
    assert found()["ann"].name == f"submitted/ann/{LESSON}/{LESSON}.ipynb"


def test_no_submissions_at_all_is_nothing_to_do(course, found):
    (course.root / "submitted").rmdir()
    assert found() == {}


def test_a_renamed_notebook_is_found_if_it_is_the_only_one(course, found):
    file = course.hand_in("ann")
    file.rename(file.with_name("my solution (2).ipynb"))
    assert found()["ann"].path.name == "my solution (2).ipynb"


def test_of_two_notebooks_the_one_with_the_right_name_counts_and_that_is_said(course, found):
    file = course.hand_in("ann")
    file.with_name("old.ipynb").touch()
    assert found()["ann"].path == file
    assert found()["ann"].remarks == (f"only {LESSON}.ipynb counts, not old.ipynb",)


def test_two_notebooks_without_the_right_name_are_for_a_person(course, found):
    file = course.hand_in("ann")
    file.rename(file.with_name("a.ipynb"))
    file.with_name("b.ipynb").touch()
    assert found()["ann"].problem == f"2 notebooks and none is named {LESSON}.ipynb"


def test_a_folder_without_a_notebook_is_for_a_person(course, found):
    course.hand_in("ann").unlink()
    assert found()["ann"].problem == "no notebook in it"


def a_link(path, outside):
    path.symlink_to(outside)


def a_pipe(path, _):
    os.mkfifo(path)


def a_folder(path, _):
    path.mkdir()


@pytest.mark.parametrize("make", [a_link, a_pipe, a_folder])
def test_what_is_not_a_regular_file_is_never_followed(course, found, tmp_path, make):
    file = course.hand_in("ann")
    outside = tmp_path / "outside.ipynb"
    file.rename(outside)
    make(file, outside)
    assert found()["ann"].problem == "not a regular file"
    with pytest.raises(UnreadableNotebook, match="not a regular file"):
        contents(file)


@pytest.mark.parametrize("level", ["ann", f"ann/{LESSON}"])
def test_a_linked_folder_is_never_followed(course, found, tmp_path, level):
    course.hand_in("ann")
    link = course.root / "submitted" / level
    link.rename(tmp_path / "outside")
    link.symlink_to(tmp_path / "outside")
    assert found()["ann"].problem == "not a regular file"


def test_a_notebook_in_a_folder_that_is_no_assignment_is_named(course, found):
    course.hand_in("ann", assignment="1_one_neuron")
    assert found()["ann"].assignment == ""
    assert "'1_one_neuron' is not an assignment" in found()["ann"].problem


@pytest.mark.parametrize(("place", "due"), [("", "STUDENT/ASSIGNMENT"), ("eve/", "eve/ASSIGNMENT")])
def test_a_notebook_that_lies_too_high_is_named_with_its_place(course, found, place, due):
    path = course.root / "submitted" / place / "01_one_neuron.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    (stray,) = found().values()
    assert stray.problem == f"a notebook belongs into submitted/{due}/"


def test_a_folder_named_without_the_number_is_told_which_one_is_meant(course, found):
    folder = course.root / "submitted" / "bob" / "one_neuron"
    folder.mkdir(parents=True)
    (folder / "a.ipynb").write_text("{}")
    assert found()["bob"].problem.endswith("did you mean '01_one_neuron'?")


@pytest.mark.parametrize(("first", "second"), [("Ann", "ann"), ("Zo\u00eb", "Zoe\u0308")])
def test_the_same_student_twice_is_remarked_and_both_are_kept(course, found, first, second):
    for name in (first, second):
        course.hand_in(name)
    assert [s.problem for s in found().values()] == ["", ""]
    assert found()[first].remarks == (f"student {second!r} differs in case only: the same person?",)


@pytest.mark.parametrize(("name", "wanted"), [("x" * 129, "more than 128"), ("a\tb", "cannot be stored")])
def test_a_name_that_no_gradebook_holds_is_named(course, found, name, wanted):
    course.hand_in(name)
    (one,) = found().values()
    assert wanted in one.problem
    assert one.assignment == ""
    assert one.name.isprintable()


@pytest.mark.parametrize(
    ("text", "moment", "remark"),
    [
        ("2026-01-30 15:58:23.5 UTC", datetime(2026, 1, 30, 15, 58, 23, 500000), ""),
        ("2026-01-30 15:58:23 +0100\n", datetime(2026, 1, 30, 14, 58, 23), ""),
        ("2026-01-30T15:58:23Z", datetime(2026, 1, 30, 15, 58, 23), ""),
        ("2026-01-30 15:58:23", datetime(2026, 1, 30, 15, 58, 23), ""),
        ("2031-05-01 10:00:00 UTC", datetime(2031, 5, 1, 10), "lies in the future: 2031-05-01 10:00 UTC"),
        ("the day before", None, "tells no time, so it is not late"),
        ("99999999999999999999", None, "tells no time, so it is not late"),
        ("\x00\xff", None, "tells no time, so it is not late"),
        ("", None, "tells no time, so it is not late"),
    ],
)
def test_the_time_of_handing_in_is_read_or_left_out(tmp_path, text, moment, remark):
    (tmp_path / "timestamp.txt").write_text(text, encoding="latin-1")
    found, said = timestamp_of(tmp_path, now=NOW)
    assert found == moment
    assert remark in said
    assert bool(remark) == bool(said)


def test_a_time_of_handing_in_may_be_missing_but_not_a_link(tmp_path):
    assert timestamp_of(tmp_path) == (None, "")
    (tmp_path / "timestamp.txt").symlink_to("/etc/hostname")
    assert timestamp_of(tmp_path) == (
        None,
        "timestamp.txt tells no time, so it is not late: not a regular file",
    )
