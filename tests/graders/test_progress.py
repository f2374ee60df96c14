"""The student's own record: every check leaves its marks there, whatever happens to the file."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from graders import check, progress, record
from graders.exercise import Verdict
from graders.exercises import for_lesson
from graders.lessons import all_lessons
from graders.record import keep, lessons_folder

ROOT = Path(__file__).parent.parent.parent
# Each kernel checks its own exercises, over and over.
MANY_CHECKS = """
import sys
from graders.exercise import Verdict
from graders.record import keep
for i in range(20):
    keep(Verdict(f"{sys.argv[1]}_{i}", "pass", 1, 1))
"""


def right(z: float, a: float, t: float, act: Any) -> Any:
    return (a - t) * act.deriv(z)


def stub(*arguments: Any) -> Any:
    raise NotImplementedError


@pytest.fixture
def lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of lessons with a record, seen from the first lesson's notebook."""
    for switch in record.SWITCHES:
        monkeypatch.delenv(switch, raising=False)
    (tmp_path / ".backproplab").mkdir()
    for lesson in all_lessons():
        (tmp_path / lesson.folder).mkdir()
        (tmp_path / lesson.folder / f"{lesson.folder}.ipynb").touch()
    monkeypatch.chdir(tmp_path / all_lessons()[0].folder)
    return tmp_path


def file_of(folder: Path) -> Path:
    return folder / ".backproplab" / "progress.json"


def kept(folder: Path) -> dict[str, float]:
    return {name: mark["points"] for name, mark in json.loads(file_of(folder).read_text()).items()}


def test_a_check_leaves_its_marks_in_the_lessons_folder(lessons: Path) -> None:
    check("neuron_delta", right)
    check("neuron_step", stub)
    assert kept(lessons) == {"neuron_delta": 5.0, "neuron_step": 0.0}


def test_the_last_check_counts(lessons: Path) -> None:
    check("neuron_delta", right)
    check("neuron_delta", lambda z, a, t, act: a - t)
    assert kept(lessons) == {"neuron_delta": 0.0}


def test_without_a_record_upward_one_begins_beside_the_notebook(lessons: Path) -> None:
    (lessons / ".backproplab").rmdir()
    check("neuron_delta", right)
    assert kept(Path.cwd()) == {"neuron_delta": 5.0}
    assert not (lessons / ".backproplab").exists()


@pytest.mark.parametrize("switch", record.SWITCHES)
def test_nothing_is_kept_while_grading_or_where_it_is_switched_off(
    lessons: Path, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setenv(switch, "1")
    assert check("neuron_delta", right) == 5.0
    assert not file_of(lessons).exists()


def test_an_unknown_exercise_leaves_nothing(lessons: Path) -> None:
    check("neuron_detla", right)
    assert not file_of(lessons).exists()


def test_several_kernels_at_once_lose_no_entry(lessons: Path) -> None:
    command = [sys.executable, "-c", MANY_CHECKS]
    kernels = [
        subprocess.Popen([*command, name], env={**os.environ, "PYTHONPATH": str(ROOT)}) for name in "abcd"
    ]
    assert [kernel.wait(timeout=60) for kernel in kernels] == [0] * 4
    assert len(kept(lessons)) == 80


DAMAGED = {
    "empty": b"",
    "cut": b'{"neuron_delta": {"points": 5',
    "list": b"[]",
    "words": b'{"neuron_delta": 5}',
    "missing": b'{"neuron_delta": {"points": 5}}',
    "none": b'{"neuron_delta": {"points": null, "possible": 5, "status": "pass"}}',
    "too_many": b'{"neuron_delta": {"points": 6, "possible": 5, "status": "pass"}}',
    "nan": b'{"neuron_delta": {"points": NaN, "possible": 5, "status": "pass"}}',
    "bytes": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "huge": b" " * 1_100_000 + b"{}",
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_record_is_set_aside_with_one_line(
    lessons: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    file_of(lessons).write_bytes(content)
    assert check("neuron_delta", right) == 5.0
    assert capsys.readouterr().out.count("could not be read; it is now progress.damaged.json") == 1
    assert file_of(lessons).with_name("progress.damaged.json").read_bytes() == content
    assert kept(lessons) == {"neuron_delta": 5.0}
    check("neuron_delta", right)
    assert "could not be read" not in capsys.readouterr().out


def test_progress_sets_a_damaged_record_aside_too(lessons: Path) -> None:
    file_of(lessons).write_text("?")
    assert "could not be read" in str(progress())
    assert "could not be read" not in str(progress())


def test_a_folder_in_the_place_of_the_record_is_set_aside(lessons: Path) -> None:
    file_of(lessons).mkdir()
    check("neuron_delta", right)
    assert kept(lessons) == {"neuron_delta": 5.0}


@pytest.mark.parametrize("obstacle", ["write", "lock", "gone"])
def test_where_nothing_can_be_written_a_check_goes_on_silently(
    lessons: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], obstacle: str
) -> None:
    def refuse(*arguments: Any, **options: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    if obstacle == "gone":
        monkeypatch.setattr(Path, "cwd", refuse)
    else:
        target = {"write": "pathlib.Path.write_text", "lock": "filelock.FileLock"}[obstacle]
        monkeypatch.setattr(target, refuse)
    assert check("neuron_delta", right) == 5.0
    assert "denied" not in capsys.readouterr().out
    assert not file_of(lessons).exists()


def test_progress_says_that_nothing_can_be_kept(lessons: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "cannot be written" not in str(progress())

    def refuse(**options: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(record, "TemporaryFile", refuse)
    assert f"{lessons} cannot be written" in str(progress())
    assert "cannot be written" in progress()._repr_html_()


def test_progress_sums_what_the_checks_gave(lessons: Path) -> None:
    possible = sum(exercise.points for lesson in all_lessons() for exercise in for_lesson(lesson.slug))
    check("neuron_delta", right)
    keep(Verdict("neuron_grads", "partial", 2.5, 5))
    keep(Verdict("of_another_course", "pass", 3, 3))
    text = str(progress())
    assert f"7.5 of {possible:g} points so far" in text
    assert "1 one_neuron             7.5 of 20  neuron_delta 5 of 5, neuron_grads 2.5 of 5" in text


def test_the_table_links_to_the_notebooks_that_are_there(lessons: Path) -> None:
    folder = all_lessons()[0].folder
    assert f'href="{folder}.ipynb"' in progress()._repr_html_().replace(f"../{folder}/", "")
    (lessons / folder / f"{folder}.ipynb").unlink()
    assert f"{folder}.ipynb" not in progress()._repr_html_()


def test_a_status_from_elsewhere_is_not_shown_as_markup(lessons: Path) -> None:
    mark = {"points": 5, "possible": 5, "status": "<b>"}
    file_of(lessons).write_text(json.dumps({"neuron_delta": mark}))
    assert "<b>" not in progress()._repr_html_()


def test_a_restarted_kernel_finds_the_record(lessons: Path) -> None:
    check("neuron_delta", right)
    said = subprocess.run(
        [sys.executable, "-c", "from graders import progress; print(progress())"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ).stdout
    assert "neuron_delta 5 of 5" in said


def test_the_start_notebook_marks_the_folder_of_the_lessons(tmp_path: Path) -> None:
    lesson = tmp_path / "course" / "01_one_neuron"
    lesson.mkdir(parents=True)
    assert lessons_folder(lesson) == lesson
    (tmp_path / "course" / "start.ipynb").write_text("{}", encoding="utf-8")
    assert lessons_folder(lesson) == tmp_path / "course"
