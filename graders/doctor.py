"""``backproplab doctor``: what is missing or weak on this machine."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

__all__ = ["Finding", "doctor", "examine"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MEND = "run make ready in a checkout, or pip install backproplab"


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Parameters
    ----------
    state : {"ok", "weak", "missing"}
        "missing" alone makes the command fail.
    subject : str
        What was looked at.
    detail : str
        What was found, and where it is not right, how to mend it.
    """

    state: Literal["ok", "weak", "missing"]
    subject: str
    detail: str


def doctor() -> int:
    """Print what is missing or weak, and return the exit status.

    Returns
    -------
    int
        0 if nothing that is needed is missing, else 1.
    """
    findings = []
    for finding in examine():
        print(f"{finding.state:<8} {finding.subject:<12} {finding.detail}", flush=True)
        findings.append(finding.state)
    print(f"\n{findings.count('missing')} missing, {findings.count('weak')} weak")
    return 1 if "missing" in findings else 0


def examine() -> Iterator[Finding]:
    """Look at everything, one finding after another."""
    for look in (_packages, _tools, _browser, _write_access, _isolation):
        try:
            yield from look()
        except ImportError as error:
            yield Finding("missing", error.name or "a package", f"{error}: {MEND}")


def _packages() -> Iterator[Finding]:
    """Compare Python and each package that is declared as needed with what is installed."""
    from packaging.requirements import Requirement

    try:
        ours = metadata.metadata("backproplab")
    except metadata.PackageNotFoundError:
        yield Finding("missing", "backproplab", f"not installed: {MEND}")
        return
    yield _compared("Python", ".".join(map(str, sys.version_info[:3])), ours["Requires-Python"])
    for requirement in map(Requirement, ours.get_all("Requires-Dist") or []):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield _compared(requirement.name, _version(requirement.name), str(requirement.specifier))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _compared(name: str, version: str, wanted: str) -> Finding:
    from packaging.specifiers import SpecifierSet

    if version and SpecifierSet(wanted).contains(version, prereleases=True):
        return Finding("ok", name, f"{version} ({wanted})")
    return Finding("missing", name, f"{version or 'not installed'}, {wanted} is needed: {MEND}")


def _tools() -> Iterator[Finding]:
    """Look for the programs that nbgrader and JupyterLab call by name."""
    for name in ("jupyter", "alembic"):
        found = shutil.which(name)
        beside = Path(sys.executable).parent
        if found and Path(found).parent == beside:
            yield Finding("ok", name, found)
        else:
            where = f"{found} belongs to another installation" if found else "not on PATH"
            yield Finding("weak", name, f"{where}; nbgrader needs it: put {beside} first on PATH")


def _browser() -> Iterator[Finding]:
    named = os.environ.get("BACKPROPLAB_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found:
        yield Finding("ok", "browser", found)
    else:
        remedy = "its tests are skipped (Debian, Ubuntu: apt install chromium)"
        yield Finding("weak", "browser", f"no Chromium: {remedy}")


def _write_access() -> Iterator[Finding]:
    folder = Path.cwd()
    try:
        with tempfile.TemporaryFile(dir=folder):
            yield Finding("ok", "writing", f"in {folder}")
    except OSError as error:
        yield Finding("missing", "writing", f"in {folder}: {error.strerror}; work in a folder of your own")


def _isolation() -> Iterator[Finding]:
    """Start the process that runs students' code, and try layer by layer what must not work in it."""
    from graders.sandbox.isolation import describe
    from graders.trials import TRIALS, starts, succeeds

    answer = starts()
    if answer.value != 42:
        yield Finding("missing", "isolation", f"no process for students' code: {answer.error or answer.kind}")
        return
    for layer, state, detail in (("process", "ok", "students' code runs in one of its own"), *describe()):
        # Without a layer everything but grading works, and grading says so itself.
        yield Finding("ok" if state == "ok" else "weak", layer, detail)
        for trial in TRIALS:
            if trial.layer == layer and succeeds(trial):
                # A hole where there should be none is worse than a layer that is known to be missing.
                yield Finding(
                    "missing" if state == "ok" else "weak", layer, f"students' code can {trial.what}"
                )
            elif trial.layer == layer:
                yield Finding("ok", layer, f"students' code cannot {trial.what}")
