"""The doctor's findings."""

import os
import shutil
import sys
from importlib import metadata
from pathlib import Path

import pytest

from graders import doctor
from graders.exercise import Outcome


def state(subject, findings=None):
    return [f.state for f in (doctor.examine() if findings is None else findings) if f.subject == subject]


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


def test_isolation_says_what_was_tried_and_got_through():
    findings = {f.detail: f.state for f in doctor._isolation()}
    assert findings["students' code runs in a process of its own"] == "ok"
    assert findings["there it cannot import the judge"] == "ok"
    assert findings["there it can read files of this account: kernel confinement is not built yet"] == "weak"


def test_an_attack_that_fails_is_reported_as_such(monkeypatch):
    alive, beaten = Outcome("returned", 42), Outcome("raised", error="PermissionError")
    monkeypatch.setattr(doctor, "_tried", lambda source: alive if "42" in source else beaten)
    assert {f.state for f in doctor._isolation()} == {"ok"}


def test_a_process_that_cannot_start_is_missing(monkeypatch, capsys):
    monkeypatch.setattr(doctor, "_tried", lambda _: Outcome("crashed", error="no process"))
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
    monkeypatch.setitem(sys.modules, "graders.sandbox.remote", None)
    findings = list(doctor.examine())
    assert findings[-1].state == "missing"
    assert "graders.sandbox.remote" in findings[-1].detail


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
