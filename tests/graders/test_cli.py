"""The command line: what it says, where, and with which exit status."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graders import cli, doctor, lab, release, runner, solutions
from graders.errors import GradersError, UsageError
from graders.exercise import Misconception, Result, Verdict
from graders.levels import as_levels
from graders.results import as_json
from graders.sandbox import isolation, policy

RIGHT = Verdict("neuron_loss", "pass", 2, 2, levels=as_levels("right"))
WRONG = Verdict(
    "neuron_delta", "fail", 0, 5, (Misconception("missing_slope"),), levels=as_levels("Where.\n\nWhat next?")
)


def result(name, *verdicts, error=None):
    return Result(name, None if error else "one_neuron", None, "0.1", "process", 0.1, verdicts, error)


@pytest.fixture
def graded(monkeypatch):
    """Put results of our choice in the runner's place; remember how it was called."""
    calls = []

    def grade_files(notebooks, *, seed, progress, **who):
        calls.append((list(notebooks), seed, who))
        if progress:
            progress(1, len(notebooks))
        return [
            result(n, error="empty file") if n.startswith("bad") else result(n, RIGHT, WRONG)
            for n in notebooks
        ]

    monkeypatch.setattr(runner, "grade_files", grade_files)
    return calls


def test_help_costs_no_heavy_import_and_under_a_third_of_a_second():
    # The process's own time: this machine may be busy with other things.
    code = "import sys, time; from graders.cli import main; main(['--help'])"
    code += "; print(time.process_time(), *sys.modules)"
    command = [sys.executable, "-c", code]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    seconds, *modules = said.splitlines()[-1].split()
    assert not {"numpy", "nbformat", "IPython", "matplotlib", "nbgrader"} & set(modules)
    assert float(seconds) < 0.3


@pytest.mark.parametrize("command", ["lab", "release", "solutions", "course", "grade", "doctor"])
def test_each_command_has_a_description_and_examples(command, capsys):
    assert cli.main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert "example" in shown
    assert f"\n  backproplab {command}" in shown
    assert cli.main(["--help"]) == 0
    assert f"\n  {command}  " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["grad", "a.ipynb"], "unknown command 'grad': did you mean 'grade'?"),
        (["grade", "a.ipynb", "--jsn=x"], "unknown option '--jsn': did you mean '--json'?"),
        (["grade", "a.ipynb", "--nthreads=1"], "--jobs, --json, --seed"),  # not what examples pass to others
        (["--versoin"], "unknown option '--versoin': did you mean '--version'?"),
        (["release"], "one of the arguments --to --update --prove --zip is required"),
        (["release", "one_nuron", "--to", "x"], "unknown lesson 'one_nuron': did you mean 'one_neuron'?"),
        (["grade"], "what to grade: NOTEBOOK... or --course DIR?"),
        (["grade", "a.ipynb", "--course", "."], "NOTEBOOK... or --course DIR, not both"),
        (["grade", "a.ipynb", "--seed", "-1"], "argument --seed"),
        (["lab", "--port", "http"], "argument --port: 'http' is not a whole number from 0 on"),
        (["lab", "--port", "65536"], "65536 is not a port (0 to 65535)"),
        (["grade", "a.ipynb", "--jobs", "two"], "argument --jobs: 'two' is not a whole number from 1 on"),
        (["grade", "a.ipynb", "--jobs", "0"], "argument --jobs: '0' is not a whole number from 1 on"),
        (["grade", "a.ipynb", "--seed", "x"], "argument --seed: 'x' is not a whole number from 0 on"),
        (["course", "demo", "d", "--students", "2001"], "--students: 1 to 2,000, got 2001"),
        (["course", "demo", "d", "--students", "0"], "'0' is not a whole number from 1 on"),
        (["doctor", "now"], "unrecognized arguments: now"),
        ([], "which command?"),
    ],
)
def test_wrong_usage_is_told_in_a_line_or_two_on_standard_error(words, wanted, capsys):
    assert cli.main(words) == 2
    shown = capsys.readouterr()
    assert wanted in shown.err
    assert len(shown.err.splitlines()) <= 2
    assert shown.out == ""


def test_the_version_is_that_of_the_package(capsys):
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("backproplab 0.")


@pytest.mark.parametrize(
    ("error", "status", "wanted"),
    [
        (GradersError("the lesson leaks"), 1, "backproplab: the lesson leaks\n"),
        (UsageError("wrong lesson"), 2, "backproplab: wrong lesson\n"),
        (PermissionError(13, "Permission denied", "/x"), 1, "backproplab: /x: Permission denied\n"),
        (KeyboardInterrupt(), 130, "backproplab: stopped\n"),
        (ZeroDivisionError("by zero"), 1, "backproplab: ZeroDivisionError: by zero\n"),
    ],
)
def test_errors_have_their_status_and_no_traceback(monkeypatch, capsys, error, status, wanted):
    def broken(*_):
        raise error

    monkeypatch.setattr(doctor, "doctor", broken)
    assert cli.main(["doctor"]) == status
    shown = capsys.readouterr().err
    assert shown.startswith(wanted)
    assert "Traceback" not in shown


def test_debug_shows_the_traceback_and_keeps_the_status(monkeypatch, capsys):
    def broken():
        raise UsageError("wrong")

    monkeypatch.setattr(doctor, "doctor", broken)
    assert cli.main(["doctor", "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "graders.cli", "--version"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.stderr, done.returncode) == ("", 141)


@pytest.mark.parametrize("module", [release, solutions])
def test_lessons_are_found_by_any_of_their_names_and_once(monkeypatch, capsys, module):
    name, calls = module.__name__.rpartition(".")[2], []

    def write(lessons, to):
        calls.append(([lesson.slug for lesson in lessons], to))
        return [to / "a", to / "b"]

    monkeypatch.setattr(module, name, write)
    assert cli.main([name, "1", "01_one_neuron", "one_neuron", "--to", "out"]) == 0
    assert calls == [(["one_neuron"], Path("out"))]
    assert capsys.readouterr().out.split() == [str(Path("out", "a")), str(Path("out", "b"))]
    cli.main([name, "--to", "out"])
    assert "one_neuron" in calls[1][0]


def test_lab_gets_its_options(monkeypatch):
    calls = []
    monkeypatch.setattr(lab, "lab", lambda *words, **options: calls.append((words, options)) or 0)
    assert cli.main(["lab"]) == 0
    assert cli.main(["lab", "here", "--lesson", "1", "--port", "8888", "--no-browser"]) == 0
    assert calls == [
        ((None, None), {"port": 0, "browser": True}),
        ((Path("here"), "1"), {"port": 8888, "browser": False}),
    ]


def test_grade_prints_marks_names_and_the_message_of_what_is_not_right(graded, capsys):
    assert cli.main(["grade", "a.ipynb", "--seed", "7"]) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines() == [
        "a.ipynb  2 of 7",
        "  neuron_loss   2/2  pass",
        "  neuron_delta  0/5  fail  missing_slope",
        "      Where.",
        "",
        "      What next?",
        "",
    ]
    assert graded == [(["a.ipynb"], 7, {"jobs": None, "executor": None, "unsandboxed": False})]


def test_the_workers_are_those_that_were_asked_for(graded):
    cli.main(["grade", "--jobs", "3", "--allow-unsandboxed", "a.ipynb", "b.ipynb"])
    cli.main(["grade", "--executor", "dask://127.0.0.1:1", "a.ipynb"])
    assert [who for _, _, who in graded] == [
        {"jobs": 3, "executor": None, "unsandboxed": True},
        {"jobs": None, "executor": "dask://127.0.0.1:1", "unsandboxed": False},
    ]


def test_without_a_sandbox_nothing_is_graded_unless_that_is_accepted_aloud(graded, monkeypatch, capsys):
    monkeypatch.setattr(isolation, "SETTINGS", policy.Layers(0, False, False, False))
    assert cli.main(["grade", "a.ipynb"]) == 2
    assert "--allow-unsandboxed" in capsys.readouterr().err
    assert graded == []
    assert cli.main(["grade", "a.ipynb", "--allow-unsandboxed"]) == 0
    assert "WARNING" in capsys.readouterr().err


def test_a_machine_of_workers_needs_no_sandbox_here(graded, monkeypatch):
    monkeypatch.setattr(isolation, "SETTINGS", policy.Layers(0, False, False, False))
    assert cli.main(["grade", "a.ipynb", "--executor", "dask://127.0.0.1:1"]) == 0


def test_a_notebook_that_could_not_be_graded_is_named_and_changes_the_status(graded, capsys):
    assert cli.main(["grade", "a.ipynb", "bad.ipynb", "--json", "-"]) == 1
    shown = capsys.readouterr()
    assert [plain.get("error") for plain in json.loads(shown.out)] == [None, "empty file"]
    assert "backproplab: bad.ipynb: empty file" in shown.err.splitlines()


def test_json_goes_to_the_file_and_a_second_run_replaces_its_own_results(graded, tmp_path, capsys):
    file = tmp_path / "r.json"
    for names in (["a.ipynb", "b.ipynb"], ["c.ipynb"]):
        assert cli.main(["grade", *names, "--json", str(file)]) == 0
    assert [plain["notebook"] for plain in json.loads(file.read_text())] == ["c.ipynb"]
    assert "results of 1 notebook" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


@pytest.mark.parametrize(
    "content", ["", "[]", '{"cells": []}', '[{"name": "x"}]', "[1]", "null", as_json([])]
)
def test_a_foreign_file_is_kept_and_said_so_before_any_grading(graded, tmp_path, capsys, content):
    file = tmp_path / "precious.json"
    file.write_text(content)
    assert cli.main(["grade", "a.ipynb", "--json", str(file)]) == 1
    assert file.read_text() == content
    assert "kept, because it holds no results" in capsys.readouterr().err
    assert graded == []


@pytest.mark.parametrize("place", ["file/r.json", "file/in/r.json"])
def test_a_folder_that_cannot_take_the_results_is_told_before_any_grading(graded, tmp_path, capsys, place):
    (tmp_path / "file").touch()
    assert cli.main(["grade", "a.ipynb", "--json", str(tmp_path / place)]) == 1
    assert f"cannot write in {(tmp_path / place).parent}: " in capsys.readouterr().err
    assert graded == []


def test_a_folder_without_write_permission_is_told_before_any_grading(graded, monkeypatch, tmp_path, capsys):
    def refused(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    assert cli.main(["grade", "a.ipynb", "--json", str(tmp_path / "r.json")]) == 1
    assert f"cannot write in {tmp_path}: Permission denied" in capsys.readouterr().err
    assert graded == []


def test_a_progress_bar_is_shown_on_a_terminal_only(graded, monkeypatch, capsys):
    cli.main(["grade", "a.ipynb", "b.ipynb"])
    assert "1 of 2" not in capsys.readouterr().err
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    cli.main(["grade", "a.ipynb", "b.ipynb"])
    shown = capsys.readouterr()
    assert f"\r[{'#' * 15}{'.' * 15}] 1 of 2" in shown.err
    assert "1 of 2" not in shown.out
    cli.main(["grade", "a.ipynb"])
    assert "1 of 2" not in capsys.readouterr().err
