"""Lessons as they were before they were mended, and what students do to notebooks: at random, by a seed."""

import copy
import random
from collections.abc import Callable
from typing import Any

from graders.notebook import cell_source
from graders.release import checksum

__all__ = ["MARK", "older", "started", "student_texts"]

Cell = dict[str, Any]
MARK = "written by me"


def older(lesson: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return a release from which this lesson might have come by mending."""
    cells = copy.deepcopy(lesson["cells"])
    for _ in range(rng.randrange(1, 6)):
        cell = rng.choice(cells)
        grading = cell["metadata"].get("nbgrader")
        change = rng.choice(["text", "text", "points", "gone", "new"])
        if change == "text":
            cell["source"] = cell_source(cell) + "\n# as it was"
        elif change == "points" and grading and grading["grade"]:
            grading["points"] += 1
        elif change == "gone" and len(cells) > 3:
            cells.remove(cell)
        elif change == "new":
            place = rng.randrange(len(cells))
            cells.insert(place, markdown(f"taken-out-{len(cells)}", "A paragraph of old."))
        if grading and "checksum" in grading:
            grading["checksum"] = checksum(cell)
    return {**lesson, "cells": cells}


def markdown(name: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _grading(cell: Cell) -> dict[str, Any]:
    return cell["metadata"].get("nbgrader") or {}


class Student:
    """Somebody who works on a notebook, carelessly."""

    def __init__(self, notebook: dict[str, Any], rng: random.Random) -> None:
        self.notebook = copy.deepcopy(notebook)
        self.cells: list[Cell] = self.notebook["cells"]
        self.rng = rng
        self.count = 0

    def words(self) -> str:
        self.count += 1
        return f"# {MARK}: {self.count}"

    def some(self, **grading: bool) -> Cell:
        """Return a cell, if need be one that is graded so."""
        fitting = [
            cell
            for cell in self.cells
            if all(_grading(cell).get(key) == value for key, value in grading.items())
        ]
        return self.rng.choice(fitting or self.cells)

    def work(self, edits: int) -> None:
        for _ in range(edits):
            self.rng.choice(EDITS)(self)


def answer(me: Student) -> None:
    cell = me.some(solution=True)
    cell["source"] = f"def {cell.get('id', 'f')}(*a):\n    return 1  {me.words()}"


def answer_and_run(me: Student) -> None:
    answer(me)
    me.some(grade=True).update(outputs=[{"output_type": "stream", "name": "stdout", "text": me.words()}])


def edit_anything(me: Student) -> None:
    cell = me.some()
    cell["source"] = cell_source(cell) + "\n" + me.words()


def edit_a_locked_test(me: Student) -> None:
    cell = me.some(locked=True)
    cell["source"] = me.words() + "\r\n" + cell_source(cell)


def add(me: Student) -> None:
    kind = me.rng.choice(["code", "markdown", "raw"])
    cell = {"cell_type": kind, "id": f"{me.rng.getrandbits(32):08x}", "metadata": {}, "source": [me.words()]}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    me.cells.insert(me.rng.randrange(len(me.cells) + 1), cell)


def delete(me: Student) -> None:
    if len(me.cells) > 3:
        me.cells.remove(me.some())


def duplicate(me: Student) -> None:
    twin = copy.deepcopy(me.some())
    if me.rng.random() < 0.7:
        twin["id"] = f"{me.rng.getrandbits(32):08x}"
    me.cells.insert(me.rng.randrange(len(me.cells) + 1), twin)


def move(me: Student) -> None:
    cell = me.cells.pop(me.rng.randrange(len(me.cells)))
    me.cells.insert(me.rng.randrange(len(me.cells) + 1), cell)


def rename(me: Student) -> None:
    cell = me.some(solution=True)
    cell["id"] = "renamed-by-me"
    _grading(cell)["grade_id"] = "renamed_by_me"


def lose_metadata(me: Student) -> None:
    me.some(solution=True)["metadata"] = {}


def damage_metadata(me: Student) -> None:
    me.some()["metadata"] = me.rng.choice(
        [{"nbgrader": None}, {"nbgrader": {"checksum": 7}}, {"tags": ["x"]}]
    )


def change_type(me: Student) -> None:
    cell = me.some()
    cell["cell_type"] = "raw" if cell["cell_type"] == "markdown" else "markdown"
    for key in ("outputs", "execution_count"):
        cell.pop(key, None)


def cut_in_two(me: Student) -> None:
    cell = me.some()
    lines = cell_source(cell).split("\n")
    rest = copy.deepcopy(cell) | {"id": f"{me.rng.getrandbits(32):08x}", "source": "\n".join(lines[1:])}
    cell["source"] = lines[0]
    me.cells.insert(me.cells.index(cell) + 1, rest)


def join_with_the_next(me: Student) -> None:
    place = me.rng.randrange(len(me.cells))
    if place + 1 < len(me.cells) > 3:
        rest = me.cells.pop(place + 1)
        me.cells[place]["source"] = cell_source(me.cells[place]) + "\n\n" + cell_source(rest)


def empty(me: Student) -> None:
    me.some()["source"] = []


def save_without_ids(me: Student) -> None:
    if me.rng.random() < 0.2:
        for cell in me.cells:
            cell.pop("id", None)


EDITS: list[Callable[[Student], None]] = [
    *(answer, answer, answer, answer_and_run, edit_anything, edit_a_locked_test, add, add, delete, duplicate),
    *(duplicate, move, move, rename, lose_metadata, damage_metadata, change_type, cut_in_two),
    *(join_with_the_next, empty, save_without_ids),
]


def started(release: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    """Return a release after some random edits."""
    student = Student(release, rng)
    student.work(rng.randrange(1, 25))
    return student.notebook


def student_texts(notebook: dict[str, Any]) -> list[str]:
    """Return the texts of all cells in which the student wrote, sorted."""
    return sorted(text for text in map(cell_source, notebook["cells"]) if MARK in text)
