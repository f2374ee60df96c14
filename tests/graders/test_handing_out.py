"""What goes to students: it can be solved, nothing lies beside it, and the zip is complete and repeatable."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from graders import own_wheel, proving, student_zip
from graders.cli import main
from graders.errors import GradersError, UsageError
from graders.lessons import Lesson, all_lessons, find_lesson
from graders.release import release, released_text

FIRST = find_lesson("one_neuron")


def test_the_answers_get_full_marks_in_the_released_notebook(capsys):
    assert main(["release", "one_neuron", "--prove"]) == 0
    assert "solvable: 1 lesson," in capsys.readouterr().out


def test_a_release_that_cannot_be_solved_is_named(monkeypatch, capsys):
    notebook = json.loads(proving.answered(FIRST))
    (cell,) = [cell for cell in notebook["cells"] if cell["id"] == "neuron_loss"]
    cell["source"] = "def neuron_loss(a, t):\n    return t"
    monkeypatch.setattr(proving, "answered", lambda _: json.dumps(notebook).encode())
    assert main(["release", "one_neuron", "--prove"]) == 1
    assert "01_one_neuron: neuron_loss gets 0 of" in capsys.readouterr().err


def test_an_answered_release_is_the_release_but_for_its_answers():
    answered, released = json.loads(proving.answered(FIRST)), json.loads(released_text(FIRST))
    for ours, theirs in zip(answered["cells"], released["cells"], strict=True):
        if theirs["metadata"].get("nbgrader", {}).get("solution"):
            assert ours.pop("source") != theirs.pop("source")
        assert ours == theirs


def test_a_file_beside_a_lesson_stops_the_release_and_is_named(tmp_path):
    path = tmp_path / "01_one_neuron" / "01_one_neuron.ipynb"
    path.parent.mkdir()
    path.write_bytes(FIRST.path.read_bytes())
    (path.parent / ".ipynb_checkpoints").mkdir()
    lesson = Lesson(1, "one_neuron", path)
    release([lesson], tmp_path / "clean")
    (path.parent / "answers.py").touch()
    with pytest.raises(GradersError, match=r"beside a lesson; move it away\n.*answers\.py"):
        release([lesson], tmp_path / "to")
    assert not (tmp_path / "to").exists()


@pytest.fixture(scope="module")
def zipped(tmp_path_factory):
    file = tmp_path_factory.mktemp("zip") / "backprop.zip"
    assert main(["release", "--zip", str(file)]) == 0
    return file


def test_the_zip_holds_the_lessons_the_wheel_and_two_lines(zipped):
    with zipfile.ZipFile(zipped) as archive:
        names = [name.removeprefix("backprop/") for name in archive.namelist()]
        assert {name.partition("/")[0] for name in archive.namelist()} == {"backprop"}
        (wheel,) = [name for name in names if name.endswith(".whl")]
        readme = archive.read("backprop/README.txt").decode()
        for lesson in all_lessons():
            place = f"{lesson.folder}/{lesson.folder}.ipynb"
            assert archive.read(f"backprop/{place}").decode() == released_text(lesson)
            with zipfile.ZipFile(io.BytesIO(archive.read(f"backprop/{wheel}"))) as inner:
                assert f"backproplab/_lessons/{place}" in inner.namelist()
    assert len(names) == len(all_lessons()) + 3
    fresh, goes_on = readme.splitlines()
    assert f"pip install {wheel}, then: backproplab lab ." in fresh
    assert f"pip install --force-reinstall --no-deps {wheel}, then: backproplab lab THAT_FOLDER" in goes_on


def test_a_later_zip_comes_not_down_on_the_work_of_an_earlier_one(tmp_path, monkeypatch):
    monkeypatch.setattr(student_zip, "own_wheel", lambda _: Path(__file__))
    folders = []
    for week in ("week1", "week2"):
        student_zip.student_zip([FIRST], tmp_path / f"{week}.zip")
        with zipfile.ZipFile(tmp_path / f"{week}.zip") as archive:
            folders.append({name.partition("/")[0] for name in archive.namelist()})
    assert folders == [{"week1"}, {"week2"}]


def test_of_a_zip_place_size_and_contents_are_told_in_a_line(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(student_zip, "own_wheel", lambda _: Path(__file__))
    place = tmp_path / "new" / "one.zip"
    assert main(["release", "1", "--zip", str(place)]) == 0
    size = f"{place.stat().st_size / 1e6:.1f} MB"
    inside = f"1 lesson, README.txt, {Path(__file__).name}"
    assert capsys.readouterr().out == f"{place}: {size}, {inside}\n"


def test_the_same_zip_is_the_same_bytes_and_another_file_is_kept(zipped):
    before = zipped.read_bytes()
    student_zip.student_zip(all_lessons(), zipped)
    assert zipped.read_bytes() == before
    zipped.write_text("my file")
    with pytest.raises(GradersError, match="kept, because it is there and differs"):
        student_zip.student_zip(all_lessons(), zipped)
    assert zipped.read_text() == "my file"


def test_without_a_checkout_there_is_nothing_to_prove(monkeypatch):
    monkeypatch.setattr(proving, "checkout", lambda: None)
    with pytest.raises(UsageError, match="needs a checkout"):
        proving.prove([FIRST])


def test_a_wheel_that_cannot_be_built_writes_no_zip(monkeypatch, tmp_path):
    monkeypatch.setattr(own_wheel, "checkout", lambda: tmp_path)  # nothing to build in there
    with pytest.raises(GradersError, match="the wheel could not be built"):
        student_zip.student_zip(all_lessons(), tmp_path / "all.zip")
    assert not (tmp_path / "all.zip").exists()
