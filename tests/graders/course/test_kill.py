"""``kill -9`` at any moment and a rerun: the course is as if nothing had happened."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

STUDENTS = ("ann", "bob", "cyd")
WRONG = {"neuron_loss": "def neuron_loss(a, t):\n    return (a - t) ** 2"}
SCRIPT = Path(__file__).with_name("kill_points.py")


@pytest.fixture(params=["first", "again", "best counts"])
def before_the_kill(request, course, graded_here):
    """Return a class nobody has graded, and two graded before that have handed in something else since."""
    before, after = ({}, WRONG) if request.param == "best counts" else (WRONG, {})
    if request.param == "best counts":
        (course.root / "course.toml").write_text('counts = "best"\n', encoding="utf-8")
    for student in STUDENTS:
        course.hand_in(student, **before)
    if request.param != "first":
        course.grade()
        for student in STUDENTS:
            course.hand_in(student, **after)
        course.hand_in("cut", b'{"cells": [')
    return course


def killed_at(course, steps):
    """Return ``{step: whether it came that far}``; the graded courses lie in ``killed-STEP``."""
    command = [sys.executable, str(SCRIPT), str(course.root), *map(str, steps)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {int(step): killed for step, killed in json.loads(done.stdout).items()}


def assert_as_if_nothing_had_happened(course, steps):
    killed = killed_at(course, steps)
    course.grade(force=True)
    wanted = course.state()
    for step in steps:
        copy = type(course)(course.root.with_name(f"killed-{step}"), course.solved)
        assert copy.state() == wanted, f"differs after a kill at step {step}"
        assert not [path for path in copy.root.rglob("*") if path.suffix in (".part", ".old")]
    return killed


def test_a_kill_at_some_steps_leaves_what_a_rerun_completes(before_the_kill):
    killed = assert_as_if_nothing_had_happened(before_the_kill, range(1, 180, 29))
    assert sum(killed.values()) > 3


@pytest.mark.proof
def test_a_kill_at_any_step_leaves_what_a_rerun_completes(before_the_kill):
    steps = range(1, 501)
    killed = assert_as_if_nothing_had_happened(before_the_kill, steps)
    assert not all(killed.values()), "more steps than were tried: raise the number"
    assert killed == {step: step <= sum(killed.values()) for step in steps}


def start(course, jobs=2):
    command = [sys.executable, "-m", "graders.cli", "grade", "--course", str(course.root), "--seed", "7"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*command, "--jobs", str(jobs)], start_new_session=True, **quiet)


def kill_at_random(course, rounds):
    """Kill the command in its own group, with its workers, at random moments; then grade the rest."""
    for number in range(6):
        course.hand_in(f"student-{number:02}", **(WRONG if number % 3 else {}))
    rng = random.Random(rounds)
    copies = [course.root.with_name(f"round-{number}") for number in range(rounds)]
    for copy in copies:
        shutil.copytree(course.root, copy)
    began = time.monotonic()
    assert start(course).wait() == 0
    seconds = time.monotonic() - began
    wanted = course.state()
    for copy in copies:
        hurt = type(course)(copy, course.solved)
        run = start(hurt)
        time.sleep(rng.uniform(0.3, 1.0) * seconds)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        hurt.grade()
        assert hurt.state() == wanted
        shutil.rmtree(copy)


def test_five_kills_at_random_moments_lose_nothing(course, graded_here):
    kill_at_random(course, 5)


@pytest.mark.proof
def test_a_hundred_kills_at_random_moments_lose_nothing(course, graded_here):
    kill_at_random(course, 100)
