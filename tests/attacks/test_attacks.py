"""Hostile submissions gain nothing, learn nothing and leave nothing; honest ones beside them lose nothing."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks.arena import FAMILIES, Arena, Report
from tests.attacks.case import POSSIBLE, Case, honest_notebook
from tests.attacks.privileges import MODES
from tests.attacks.scene import descendants, settled

Arenas = Callable[..., Arena]
HOSTILE = tuple(name for name in FAMILIES if name != "honest")
# What needs no wall of files around it.
INNER = ("tamper", "crash", "exhaust", "confuse", "honest")
FILES = (
    "the gate removed and the judge imported",
    "modules planted for the next submission",
    "files in memory until it is full",
)
SAMPLE_SIZE = 5
MAX_SECONDS, MAX_MEGABYTES, MAX_PROCESSES = 35.0, 1900.0, 24
ORDINARY = "user"

SAMPLE = [
    (family, FAMILIES[family].index(case))
    for family in FAMILIES
    for case in random.Random(family).sample([c for c in FAMILIES[family] if not c.slow], SAMPLE_SIZE)
]
KERNELS = [(mode, None) for mode in MODES] + [(ORDINARY, abi) for abi in (1, 2, 4)]
# Cases that must be seen where nothing confines them -> the word by which the witness tells it.
SEEN = {
    ("steal", "a secret in the home folder"): "canary-",
    ("escape", "a signal to a stranger"): "killed: a bystander",
    ("escape", "a foreign file truncated"): "changed: victim/open.txt",
    ("escape", "a connection by TCP"): "reached: TCP",
}
SEEN_TOO = {
    ("steal", "the environment of the grader"): "canary-",
    ("steal", "the judge's source"): "BREACH",
    ("steal", "the grader's memory"): "BREACH",
    ("escape", "a file in the shared temporary folder"): "left: /tmp/",
    ("escape", "a file beside other submissions' folders"): "left in TMPDIR",
    ("escape", "a foreign file given other rights"): "changed: victim/open.txt",
    ("escape", "a datagram by UDP"): "reached: UDP",
    ("escape", "a socket in the file system"): "reached: UNIX",
    ("escape", "a socket without a file"): "reached: ABSTRACT",
    ("escape", "the gradebook changed"): "changed: course/gradebook.db",
}


def wrong_with(case: Case, report: Report) -> list[str]:
    """Return everything that should not have come of a submission."""
    found = [*report.leaks, *report.damage]
    if not case.least <= report.points <= case.deserved:
        found.append(
            f"{report.points} points, due are {case.least} to {case.deserved}: {report.result[:2000]}"
        )
    if report.beside != POSSIBLE and not report.damage:
        found.append(f"the honest submission beside it has {report.beside}")
    if report.seconds > MAX_SECONDS:
        found.append(f"{report.seconds:.0f} s")
    if report.megabytes > MAX_MEGABYTES or report.processes > MAX_PROCESSES:
        found.append(f"{report.megabytes:.0f} MB in {report.processes} processes")
    return found


def fight_all(arena: Arena, family: str) -> dict[str, list[str]]:
    """Return what went wrong with the cases of a family, by their names."""
    reports = {case.name: (case, arena.fight(family, i)) for i, case in enumerate(FAMILIES[family])}
    return {name: wrong for name, pair in reports.items() if (wrong := wrong_with(*pair))}


@pytest.mark.parametrize(("family", "index"), SAMPLE, ids=[FAMILIES[f][i].name for f, i in SAMPLE])
def test_a_submission_gets_what_it_deserves_and_leaves_no_trace(
    arenas: Arenas, family: str, index: int
) -> None:
    case = FAMILIES[family][index]
    assert wrong_with(case, arenas(MODES[0]).fight(family, index)) == []


@pytest.mark.proof
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(("mode", "landlock"), KERNELS)
def test_every_account_and_every_landlock_contains_every_case(
    arenas: Arenas, mode: str, landlock: int | None, family: str
) -> None:
    assert fight_all(arenas(mode, landlock), family) == {}


@pytest.mark.parametrize("mode", [MODES[0]])
def test_without_landlock_nothing_runs_unless_it_is_asked_for(arenas: Arenas, mode: str) -> None:
    refused = arenas(mode, 0).fight("honest", 0)
    assert (refused.points, refused.beside) == (0, 0)
    assert "--allow-unsandboxed" in str(refused.error)
    allowed = arenas(mode, 0, True).fight("honest", 0)
    assert (allowed.points, allowed.error) == (POSSIBLE, None)
    assert allowed.isolation == "seccomp+rlimits"


@pytest.mark.proof
@pytest.mark.parametrize("family", INNER)
def test_without_landlock_what_needs_no_files_is_still_contained(arenas: Arenas, family: str) -> None:
    wrong = fight_all(arenas(ORDINARY, 0, True), family)
    assert {name: found for name, found in wrong.items() if name not in FILES} == {}


@pytest.mark.parametrize(
    ("mode", "landlock", "recorded"),
    [
        (MODES[0], None, "landlock+seccomp+rlimits"),
        (MODES[0], 2, "landlock-abi2+seccomp+rlimits"),
    ],
)
def test_every_result_records_what_confined_it(
    arenas: Arenas, mode: str, landlock: int | None, recorded: str
) -> None:
    assert arenas(mode, landlock).fight("honest", 0).isolation == recorded


@pytest.mark.parametrize(("place", "word"), SEEN.items(), ids=[name for _, name in SEEN])
def test_the_witnesses_see_what_an_unconfined_submission_does(
    arenas: Arenas, place: tuple[str, str], word: str
) -> None:
    assert word in seen_unconfined(arenas, *place)


@pytest.mark.proof
@pytest.mark.parametrize(("place", "word"), SEEN_TOO.items(), ids=[name for _, name in SEEN_TOO])
def test_the_witnesses_see_the_rest_too(arenas: Arenas, place: tuple[str, str], word: str) -> None:
    assert word in seen_unconfined(arenas, *place)


def seen_unconfined(arenas: Arenas, family: str, name: str) -> str:
    index = [case.name for case in FAMILIES[family]].index(name)
    report = arenas(MODES[0], -1, True).fight(family, index)
    return str([*report.leaks, *report.damage])


def test_the_witnesses_see_processes_and_files_that_stay(tmp_path: Path) -> None:
    before = len(descendants())
    (tmp_path / "old").touch()
    with subprocess.Popen([sys.executable, "-Ic", "input()"], stdin=subprocess.PIPE) as process:
        (tmp_path / "new").touch()
        assert settled({"old"}, tmp_path, before, 0.1) == ["1 processes", "left in TMPDIR: new"]
        process.communicate(b"\n")
    assert settled({"old", "new"}, tmp_path, before) == []


def test_there_are_enough_cases_and_each_has_its_own_name() -> None:
    assert sum(len(FAMILIES[family]) for family in HOSTILE) >= 90
    assert len(FAMILIES["honest"]) >= 20
    for family, cases in FAMILIES.items():
        assert len({case.name for case in cases}) == len(cases), family


def test_modules_beside_a_notebook_are_not_imported(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    for name in ("numpy", "json", "graders", "sitecustomize", "usercustomize", "IPython", "seccompy"):
        (tmp_path / f"{name}.py").write_text(f"open({str(witness)!r}, 'w').close()\n", encoding="utf-8")
    (tmp_path / "homework.ipynb").write_text(json.dumps(honest_notebook()), encoding="utf-8")
    command = [
        str(Path(sys.executable).parent / "backproplab"),
        "grade",
        "homework.ipynb",
        "--json",
        "results.json",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=_clean())
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "results.json").read_bytes())[0]["points"] == POSSIBLE
    assert not witness.exists()


def _clean() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
