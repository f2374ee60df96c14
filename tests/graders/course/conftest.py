"""Courses to grade: made once by ``course new``, copied for every test."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, select

from graders import class_run, cli
from graders.choice import Wanted
from graders.class_run import ClassRun, grade_class
from graders.course import new_course, open_course
from graders.runner import Task, grade_one

LESSON = "01_one_neuron"
WRONG = "def neuron_loss(a, t):\n    return (a - t) ** 2"


class Class:
    """A course in a folder, and what one does with it."""

    def __init__(self, root: Path, solved: dict[str, Any]) -> None:
        self.root = root
        self.solved = solved

    def hand_in(
        self, student: str, data: bytes | None = None, assignment: str = LESSON, **texts: str
    ) -> Path:
        """Put a notebook where it belongs: these bytes, or the solution with some texts replaced."""
        file = self.root / "submitted" / student / assignment / f"{LESSON}.ipynb"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.notebook(**texts) if data is None else data)
        return file

    def notebook(self, **texts: str) -> bytes:
        cells = [
            {**cell, "source": texts[cell["id"]]} if cell["id"] in texts else cell
            for cell in self.solved["cells"]
        ]
        return json.dumps({**self.solved, "cells": cells}).encode()

    def grade(self, **wanted: Any) -> ClassRun:
        return grade_class(open_course(self.root), Wanted(**wanted), seed=7)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        engine = create_engine(open_course(self.root).db_url)
        try:
            with engine.begin() as connection:
                return [tuple(row) for row in connection.exec_driver_sql(query)]
        finally:
            engine.dispose()

    def marks(self) -> dict[str, dict[str, float | None]]:
        """Return ``{student: {exercise: auto score}}``."""
        rows = self.rows("""
            SELECT student_id, base_cell.name, auto_score FROM grade
            JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
            JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
            JOIN base_cell ON base_cell.id = grade.cell_id""")
        table: dict[str, dict[str, float | None]] = {student: {} for student, *_ in rows}
        for student, cell, score in rows:
            table[student][cell.removeprefix("test_")] = score
        return table

    def total(self, student: str) -> float:
        return sum(score or 0 for score in self.marks()[student].values())

    def state(self) -> tuple[dict[str, list[str]], dict[str, bytes]]:
        """Return all that grading left, without what differs from run to run."""
        copies = self.root / "autograded"
        files = {str(f.relative_to(copies)): f.read_bytes() for f in sorted(copies.rglob("*")) if f.is_file()}
        return tables(open_course(self.root).db_url), files


def tables(db_url: str) -> dict[str, list[str]]:
    """Return the rows of all tables as sorted text, with names in the place of random ids."""
    engine, metadata = create_engine(db_url), MetaData()
    metadata.reflect(engine)
    told: dict[tuple[str, str], str] = {}
    dump = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            dump[table.name] = []
            for row in connection.execute(select(table)).mappings():
                text = repr(_plain(table, row, told))
                told[table.name, str(row.get("id"))] = text
                dump[table.name].append(text)
            dump[table.name].sort()
    engine.dispose()
    return dump


def _plain(table: Any, row: Any, told: dict[tuple[str, str], str]) -> dict[str, Any]:
    plain = {}
    for column in table.columns:
        value = row[column.name]
        for key in column.foreign_keys:
            value = told[key.column.table.name, value]
        natural = column.name != "id" or column.foreign_keys or table.name in ("student", "course")
        if natural and column.name not in ("graded_at", "timestamp"):
            plain[column.name] = value
    if "result" in plain:
        plain["result"] = {k: v for k, v in json.loads(plain["result"]).items() if k != "seconds"}
    return plain


@pytest.fixture(scope="session")
def new_one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a course as ``course new`` makes it; nbgrader takes seconds, so once."""
    return new_course(tmp_path_factory.mktemp("courses") / "backprop")


@pytest.fixture
def course(tmp_path: Path, new_one: Path, handed_in: Callable[..., dict[str, Any]]) -> Class:
    """Return a course of one's own, in which nobody has handed in anything."""
    root = tmp_path / "course"
    shutil.copytree(new_one, root)
    return Class(root, handed_in())


@pytest.fixture
def graded_here(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Grade in this process, without waiting for workers; return what was graded."""
    seen: list[Task] = []

    def grade_all(tasks: Any, **_: Any) -> Iterator[Any]:
        for task in tasks:
            seen.append(task)
            yield task, grade_one(task)

    monkeypatch.setattr(class_run, "grade_all", grade_all)
    return seen


@pytest.fixture
def say(course: Class, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run the command on the course; return its exit status, its output and its complaints."""

    def run(*words: object) -> tuple[int, str, str]:
        status = cli.main(["grade", "--course", str(course.root), "--jobs", "1", *map(str, words)])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def small_class(course: Class, graded_here: list[Task]) -> Class:
    course.hand_in("ann")
    course.hand_in("bob", neuron_loss=WRONG)
    return course
