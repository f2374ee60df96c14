"""The zips for Gradescope, run as its container would, in a folder that stands for ``/autograder``."""

import json
import os
import site
import stat
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from graders import cli, gradescope_run
from graders.course import new_course, probe_secret
from graders.exercises import for_lesson
from graders.gradescope_run import as_markdown, run
from graders.levels import Level
from tests.graders.course.amended import worth
from tests.graders.course.gradescope_contract import valid

LESSON = "01_one_neuron"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Export one lesson of a new course."""
    root = new_course(tmp_path_factory.mktemp("gradescope") / "course")
    assert cli.main(["export", "--course", str(root), "--to", "gradescope", "--assignment", "1"]) == 0
    return root / "exports" / f"gradescope_{LESSON}.zip"


@pytest.fixture
def home(exported, tmp_path):
    """Return ``/autograder`` as Gradescope lays it out, without an environment of its own."""
    for name in ("source", "submission", "results"):
        (tmp_path / name).mkdir()
    with zipfile.ZipFile(exported) as archive:
        archive.extractall(tmp_path / "source")
    return tmp_path


@pytest.fixture
def hand_in(home, handed_in, as_bytes):
    def put(*added, name="mine.ipynb", **texts):
        (home / "submission" / name).write_bytes(as_bytes(handed_in(*added, **texts)))

    return put


def results(home):
    return valid((home / "results" / "results.json").read_text(encoding="utf-8"))


def by_name(home):
    return {test["name"].partition(":")[0]: test for test in results(home)["tests"]}


def test_the_zip_has_its_scripts_at_the_root_and_the_wheel_beside_them(exported):
    with zipfile.ZipFile(exported) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
    wheel = next(name for name in modes if name.endswith(".whl"))
    assert set(modes) == {"setup.sh", "run_autograder", "autograder.json", wheel}
    for name in ("setup.sh", "run_autograder"):
        assert modes[name] & stat.S_IXUSR


def test_the_courses_own_secret_does_not_leave_it(exported):
    secret = probe_secret(exported.parent.parent)
    with zipfile.ZipFile(exported) as archive:
        settings = archive.read("autograder.json").decode()
    assert str(secret) not in settings
    assert f"{secret:x}" not in settings
    assert json.loads(settings)["unsandboxed"] is False


def test_the_same_course_makes_the_same_zip_and_keeps_a_changed_one(exported, capsys):
    words = ["export", "--course", str(exported.parent.parent), "--to", "gradescope", "--assignment", "1"]
    before = exported.read_bytes()
    assert cli.main(words) == 0
    assert exported.read_bytes() == before
    exported.write_bytes(b"mine")
    assert cli.main(words) == 1
    assert "kept" in capsys.readouterr().err
    exported.write_bytes(before)


def test_the_scripts_install_from_the_wheel_and_grade(home, hand_in):
    """Only the other packages come from here, since a test has no network."""
    hand_in(neuron_loss="def neuron_loss(a, t):\n    return (a - t) ** 2")
    alone = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "AUTOGRADER_HOME": str(home)}
    subprocess.run(["bash", home / "source" / "setup.sh"], check=True, env={**os.environ, **alone})
    (packages,) = (home / "venv" / "lib").glob("python*/site-packages")
    (packages / "others.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    done = subprocess.run(
        ["bash", home / "source" / "run_autograder"], cwd=home, env={"PATH": os.environ["PATH"], **alone}
    )
    assert done.returncode == 0
    assert results(home)["score"] == 18
    lines = (
        "import pathlib, sys",
        "from graders.own_wheel import own_wheel",
        "own_wheel(pathlib.Path(sys.argv[1]))",
    )
    again = home / "again"
    again.mkdir()
    subprocess.run([home / "venv" / "bin" / "python", "-I", "-c", "; ".join(lines), again], check=True)
    assert wheel_files(again) == wheel_files(home / "source")


def wheel_files(folder: Path):
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        names = {name for name in archive.namelist() if not name.endswith("RECORD")}
        return {name: archive.read(name) for name in names}


def test_a_right_notebook_has_every_point(home, hand_in):
    hand_in()
    assert run(home) == 0
    told = results(home)
    assert told["score"] == 20 == sum(test["max_score"] for test in told["tests"])
    assert {test["status"] for test in told["tests"]} == {"passed"}
    assert told["extra_data"]["flagged"] == []


def test_not_started_and_ungradable_are_told_apart_from_wrong(home, hand_in):
    hand_in(
        neuron_loss="def neuron_loss(a, t):\n    raise NotImplementedError",
        neuron_delta="def neuron_delta(z, a, t, act):\n    return {'delta': 1}",
        sigmoid_slope="def sigmoid_slope(z):\n    return z",
    )
    run(home)
    tests = by_name(home)
    heads = {name: tests[name]["name"].partition(": ")[2] for name in tests}
    assert heads["neuron_loss"] == "not started"
    assert heads["neuron_delta"] == "ungradable in this form"
    assert "Mend the form" in tests["neuron_delta"]["output"]
    assert heads["sigmoid_slope"] == "not right yet"


def test_what_was_graded_is_there_when_the_time_is_up(home, hand_in, monkeypatch):
    """Killed at the last exercise, all others have their verdicts and the file is whole."""
    hand_in()
    seen = []
    write = gradescope_run.Results.write

    def watched(self, output, **more):
        write(self, output, **more)
        seen.append(self.file.read_text(encoding="utf-8"))

    monkeypatch.setattr(gradescope_run.Results, "write", watched)
    run(home)
    exercises = len(for_lesson("one_neuron"))
    states = [valid(text) for text in seen]
    reached = [sum("not_graded" not in test["tags"] for test in state["tests"]) for state in states]
    assert reached == [*range(exercises + 1), exercises]
    assert "Not all exercises were reached in time" in states[-3]["output"]


def test_verdicts_come_while_later_exercises_still_run(home, hand_in, monkeypatch):
    hand_in(why_stalled="import time\ndef why_stalled(*a, **k):\n    time.sleep(60)")
    moments = []
    told = gradescope_run.Results.told
    monkeypatch.setattr(
        gradescope_run.Results,
        "told",
        lambda self, v: (told(self, v), moments.append((v.name, time.monotonic()))),
    )
    run(home)
    at = dict(moments)
    assert at["why_stalled"] - at["neuron_forward"] > 1


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "0 notebooks were handed in"),
        ({"a.ipynb": b"{}", "b.ipynb": b"{}"}, "2 notebooks were handed in, one is wanted: a.ipynb, b.ipynb"),
        ({"a.ipynb": b'{"cells": ['}, "Nothing was graded"),
    ],
)
def test_what_cannot_be_read_is_told_to_the_student(home, files, says):
    for name, data in files.items():
        (home / "submission" / name).write_bytes(data)
    assert run(home) == 0
    told = results(home)
    assert says in told["output"]
    assert told["score"] == 0
    assert len(told["tests"]) == len(for_lesson("one_neuron"))


def test_another_lessons_notebook_is_named(home, hand_in):
    hand_in()
    file = home / "source" / "autograder.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "lesson": "going_bonkers"}))
    run(home)
    assert "this is the lesson one\\_neuron" in results(home)["output"]


def test_a_failure_of_ours_leaves_no_result_rather_than_a_zero(home, hand_in, monkeypatch, capsys):
    hand_in()

    def fails(*_):
        raise MemoryError("full")

    monkeypatch.setattr(gradescope_run.Results, "told", fails)
    assert run(home) == 1
    assert "needs a person: " in capsys.readouterr().out
    assert list((home / "results").iterdir()) == []


def test_without_confinement_it_refuses_and_names_the_option(home, hand_in, monkeypatch, capsys):
    hand_in()

    def bare(unsandboxed):
        raise gradescope_run.NotConfined("Landlock")

    monkeypatch.setattr(gradescope_run, "require", bare)
    assert run(home) == 1
    assert "--allow-unsandboxed" in capsys.readouterr().out
    assert not (home / "results" / "results.json").exists()


def test_what_a_student_wrote_is_no_markup():
    text = as_markdown([Level("", ("raised ValueError: <script> [x](http://y) *a* `b`\n# c",))])
    assert text == r"raised ValueError: \<script\> \[x\](http://y) \*a\* \`b\` \# c"
    table = as_markdown([Level("Side", ("x",), (("", "right"), ("```", "<b>")))])
    assert table.count("```") == 2


def test_points_are_those_of_the_course(tmp_path, home, hand_in):
    root = new_course(tmp_path / "course")
    worth(root, "neuron_loss", 7)
    assert cli.main(["export", "--course", str(root), "--to", "gradescope", "--assignment", "1"]) == 0
    with zipfile.ZipFile(root / "exports" / f"gradescope_{LESSON}.zip") as archive:
        archive.extractall(home / "source")
    hand_in()
    run(home)
    loss = by_name(home)["neuron_loss"]
    assert (loss["score"], loss["max_score"], results(home)["score"]) == (7, 7, 25)
