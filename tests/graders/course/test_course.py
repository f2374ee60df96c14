"""Making a course and opening one."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from graders import cli, course, nbgrader_bridge
from graders.course import new_course, open_course, probe_secret
from graders.errors import GradersError, UsageError
from graders.lessons import all_lessons


def test_a_new_course_has_what_nbgrader_and_we_want(new_one):
    assert {path.name for path in new_one.iterdir()} == {
        ".backproplab",
        "README.md",
        "course.toml",
        "nbgrader_config.py",
        "gradebook.db",
        *course.FOLDERS,
    }
    for lesson in all_lessons():
        copy = new_one / "source" / lesson.folder / f"{lesson.folder}.ipynb"
        assert copy.read_bytes() == lesson.path.read_bytes()
    opened = open_course(new_one)
    assert opened.course_id == "backprop"
    assert opened.db_url == f"sqlite:///{new_one / 'gradebook.db'}"
    assert opened.submitted == new_one / "submitted"


def test_only_its_owner_may_read_the_secret(new_one):
    assert (new_one / ".backproplab" / "secret").stat().st_mode & 0o077 == 0
    assert (new_one / ".backproplab").stat().st_mode & 0o077 == 0


def test_opening_a_course_does_not_wait_for_nbgrader(new_one):
    code = "import sys; from pathlib import Path; from graders.course import open_course"
    code += f"; print(open_course(Path({str(new_one)!r})).course_id, 'nbgrader' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["backprop", "False"]


def make_gradebook(db_url, _):
    Path(db_url.removeprefix("sqlite:///")).touch()


def test_a_course_is_made_in_an_empty_folder_and_nothing_is_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(nbgrader_bridge, "create_gradebook", make_gradebook)
    place = tmp_path / "My course!"
    place.mkdir()
    assert cli.main(["course", "new", str(place)]) == 0
    assert open_course(place).course_id == "My_course_"
    before = sorted(place.rglob("*"))
    assert cli.main(["course", "new", str(place)]) == 1
    assert "kept, because something is there" in capsys.readouterr().err
    assert sorted(place.rglob("*")) == before
    (tmp_path / "file").touch()
    assert cli.main(["course", "new", str(tmp_path / "file")]) == 1


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), GradersError("no alembic")])
def test_a_failure_leaves_nothing_half_made(tmp_path, monkeypatch, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(nbgrader_bridge, "create_gradebook", fail)
    with pytest.raises(GradersError, match=r"No space left|no alembic"):
        new_course(tmp_path / "course")
    assert list(tmp_path.iterdir()) == []


def test_without_the_sources_of_the_lessons_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(course, "checkout", lambda: None)
    with pytest.raises(GradersError, match="needs a checkout"):
        new_course(tmp_path / "course")


def test_only_new_goes_with_course(capsys):
    assert cli.main(["course", "nwe", "x"]) == 2
    assert "unknown command of course 'nwe': did you mean 'new'?" in capsys.readouterr().err


def test_each_course_has_its_own_secret_and_keeps_it(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert probe_secret(tmp_path / "a") == probe_secret(tmp_path / "a") != probe_secret(tmp_path / "b")
    (tmp_path / "a" / ".backproplab" / "secret").write_text("not a number")
    with pytest.raises(GradersError, match="damaged"):
        probe_secret(tmp_path / "a")


def test_a_folder_that_is_no_course_is_wrong_usage(tmp_path, capsys):
    assert cli.main(["grade", "--course", str(tmp_path)]) == 2
    assert "backproplab course new" in capsys.readouterr().err
    with pytest.raises(UsageError):
        open_course(tmp_path / "missing")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("1 / 0", "ZeroDivisionError"),
        ("c.CourseDirectory.directory_structure = '{student_id}'", "directory_structure"),
    ],
)
def test_a_configuration_that_does_not_serve_is_named(course, line, wanted):
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")
    with pytest.raises(GradersError, match=rf"nbgrader_config\.py: .*{wanted}"):
        open_course(course.root)


@pytest.mark.parametrize("command", ["grade", "report", "feedback", "export --to csv"])
@pytest.mark.parametrize(
    ("file", "text"), [("nbgrader_config.py", "1 / 0"), ("course.toml", "bugdet = 3"), ("course.toml", "\0")]
)
def test_a_course_that_cannot_serve_is_wrong_input_to_every_command(course, capsys, command, file, text):
    (course.root / file).write_text(text, encoding="utf-8")
    assert cli.main([*command.split(), "--course", str(course.root)]) == 2
    assert f"{course.root / file}" in capsys.readouterr().err


def test_what_the_configuration_says_counts(course):
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\nc.CourseDirectory.submitted_directory = 'collected'\n")
        file.write("c.CourseDirectory.db_url = 'postgresql+psycopg://host/marks'\n")
    opened = open_course(course.root)
    assert opened.submitted == course.root / "collected"
    assert opened.db_url == "postgresql+psycopg://host/marks"


def test_a_second_grading_is_kept_out(course, capsys):
    with open_course(course.root).alone():
        assert cli.main(["grade", "--course", str(course.root)]) == 1
    assert "another grading of this course is running" in capsys.readouterr().err
    assert cli.main(["grade", "--course", str(course.root)]) == 0


def test_a_course_may_be_moved(course, tmp_path):
    moved = tmp_path / "elsewhere"
    shutil.move(course.root, moved)
    assert open_course(moved).db_url == f"sqlite:///{moved / 'gradebook.db'}"
    assert os.path.commonpath([open_course(moved).source, moved]) == str(moved)
