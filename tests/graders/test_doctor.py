"""The doctor's findings."""

import os
import shutil
import sys
from importlib import metadata
from pathlib import Path

import pytest

from graders import doctor, trials
from graders.exercise import Outcome
from graders.sandbox import isolation
from graders.trials import TRIALS


def state(subject, findings=None):
    return [f.state for f in (doctor.examine() if findings is None else findings) if f.subject == subject]


def by_layer(trial):
    return ("process", "landlock", "seccomp", "rlimits", "user").index(trial.layer)


@pytest.fixture
def on_path(monkeypatch):
    """Put the tools of this environment first on PATH."""
    tools = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", tools + os.pathsep + os.environ["PATH"])


@pytest.mark.usefixtures("on_path")
def test_the_environment_of_the_tests_misses_nothing(capsys):
    assert doctor.doctor() == 0
    shown = capsys.readouterr().out
    assert "ok       numpy" in shown
    assert "ok       alembic" in shown
    assert "ok       writing" in shown
    assert "0 missing" in shown


def test_every_attack_is_tried_and_contained_layer_by_layer():
    findings = [f for f in doctor._isolation() if f.detail.startswith("students' code can")]
    assert [f.subject for f in findings] == [trial.layer for trial in sorted(TRIALS, key=by_layer)]
    # Elsewhere there are no layers, and grading is refused.
    assert {f.state for f in findings} == ({"ok"} if sys.platform == "linux" else {"ok", "weak"})


def test_without_a_layer_its_attacks_get_through_and_are_weak(monkeypatch):
    monkeypatch.setattr(isolation, "SETTINGS", isolation.Layers(0, False, False, False))
    findings = list(doctor._isolation())
    assert {f.state for f in findings if f.subject in ("landlock", "seccomp")} == {"weak"}
    assert state("process", findings) == ["ok"] * 3
    assert "students' code can connect to a server" in [f.detail for f in findings]


def test_an_attack_that_gets_through_a_layer_in_force_is_missing(monkeypatch):
    monkeypatch.setattr(isolation, "describe", lambda: [("seccomp", "ok", "no sockets")])
    monkeypatch.setattr(trials, "succeeds", lambda trial: trial.what == "start a program")
    told = [f.detail for f in doctor._isolation() if f.state == "missing"]
    assert told == ["students' code can start a program"]


def test_a_process_that_cannot_start_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(trials, "starts", lambda: Outcome("crashed", error="no process"))
    assert doctor.doctor() == 1
    assert "no process for students' code: no process" in capsys.readouterr().out


@pytest.mark.parametrize(("version", "wanted"), [("1.26", "missing"), ("2.0", "ok"), ("2.5rc1", "ok")])
def test_a_package_below_its_floor_is_missing(monkeypatch, version, wanted):
    real = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: version if name == "numpy" else real(name))
    assert state("numpy", doctor._packages()) == [wanted]


def test_an_absent_package_is_missing_with_the_way_to_get_it(monkeypatch):
    def absent(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    [finding] = [f for f in doctor._packages() if f.subject == "numpy"]
    assert (finding.state, finding.detail[:13]) == ("missing", "not installed")
    assert "make ready" in finding.detail


def test_a_package_that_does_not_even_import_does_not_stop_the_doctor(monkeypatch):
    monkeypatch.setitem(sys.modules, "graders.trials", None)
    findings = list(doctor.examine())
    assert findings[-1].state == "missing"
    assert "graders.trials" in findings[-1].detail


@pytest.mark.usefixtures("on_path")
def test_tools_of_another_installation_are_weak(monkeypatch, tmp_path):
    assert state("alembic", doctor._tools()) == ["ok"]
    monkeypatch.setattr(shutil, "which", lambda name: str(tmp_path / name))
    assert {(f.state, "another installation" in f.detail) for f in doctor._tools()} == {("weak", True)}
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert {(f.state, "not on PATH" in f.detail) for f in doctor._tools()} == {("weak", True)}


def test_a_missing_browser_is_weak_and_names_the_command_that_installs_it(monkeypatch):
    monkeypatch.delenv("BACKPROPLAB_CHROMIUM", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    [finding] = doctor._browser()
    assert finding.state == "weak"
    assert "apt install chromium" in finding.detail
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name == "google-chrome" else None)
    assert [f.detail for f in doctor._browser()] == ["/bin/google-chrome"]


def test_a_folder_that_cannot_be_written_is_missing(monkeypatch):
    def refused(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    [finding] = doctor._write_access()
    assert finding.state == "missing"
    assert "Permission denied" in finding.detail
