"""A real PostgreSQL server: the same class graded into it gives the same gradebook."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest

from graders import cli
from graders.course import open_course
from graders.gradebook import Gradebook

WRONG = "def neuron_loss(a, t):\n    return (a - t) ** 2"
NO_SERVER = "no PostgreSQL server found: install it (Debian, Ubuntu: apt-get install postgresql)"


def programs():
    """Return the folder with initdb and pg_ctl, or None."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *filter(None, [shutil.which("initdb")])]
    return Path(found[-1]).parent if found else None


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Start a server of our own on a socket in a folder of our own; return the address of its databases."""
    folder = programs()
    if folder is None:
        if os.environ.get("BACKPROPLAB_REQUIRE_POSTGRES") == "1":
            pytest.fail(NO_SERVER)
        pytest.skip(NO_SERVER)
    home = tmp_path_factory.mktemp("pg")
    prefix = []
    if os.geteuid() == 0:  # PostgreSQL refuses root; Debian's package brings this user
        home = Path(tempfile.mkdtemp())
        shutil.chown(home, "postgres")
        prefix = ["runuser", "-u", "postgres", "--"]

    def run(program, *words):
        subprocess.run([*prefix, folder / program, *words], check=True, cwd=home, stdout=subprocess.DEVNULL)

    run("initdb", "-D", home / "data", "-U", "ann", "--auth=trust", "--no-sync")
    asked = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off"
    run("pg_ctl", "-D", home / "data", "-l", home / "log", "-w", "-o", asked, "start")
    yield f"postgresql+psycopg://ann@/{{name}}?host={home}"
    run("pg_ctl", "-D", home / "data", "-m", "immediate", "-w", "stop")
    shutil.rmtree(home)


@pytest.fixture
def in_postgres(server, tmp_path, course):
    """Return a copy of the course whose gradebook lies on the server, empty."""
    root = tmp_path / "postgres"
    shutil.copytree(course.root, root)
    (root / "gradebook.db").unlink()
    with psycopg.connect(
        server.format(name="postgres").replace("+psycopg", ""), autocommit=True
    ) as connection:
        connection.execute("DROP DATABASE IF EXISTS marks")
        connection.execute("CREATE DATABASE marks")
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write(f"\nc.CourseDirectory.db_url = {server.format(name='marks')!r}\n")
    return type(course)(root, course.solved)


def by_hand(here):
    """Do what a person does in the formgrader."""
    with Gradebook(open_course(here.root).db_url, "backprop") as book, book._engine.begin() as connection:
        connection.execute(book._tables["grade"].update().values(manual_score=1.5, needs_manual_grade=False))
        connection.execute(book._tables["comment"].update().values(manual_comment="by hand"))


def test_the_same_class_gives_the_same_gradebook(course, in_postgres, graded_here, capsys):
    states = []
    for here in (course, in_postgres):
        here.hand_in("ann")
        here.hand_in("bob", neuron_loss=WRONG)
        here.hand_in("cyd", neuron_loss='raise ValueError("nul \\0 in it")')
        here.hand_in("cut", b'{"cells": [')
        stamp = here.root / "submitted" / "ann" / "01_one_neuron" / "timestamp.txt"
        stamp.write_text("2026-01-01 10:00:00 UTC")
        here.grade()
        by_hand(here)
        here.hand_in("ann", neuron_loss=WRONG)
        here.grade()
        states.append(here.state())
        assert cli.main(["grade", "--course", str(here.root), "--seed", "7"]) == 1
    assert states[0] == states[1]
    assert not (in_postgres.root / "gradebook.db").exists()
    assert "damaged or cut off" in capsys.readouterr().err
