"""The notebooks that the graders are measured on: lesson 1 as students hand it in, four kinds of them."""

import json
from pathlib import Path
from typing import Any

from graders.lessons import find_lesson
from graders.release import released_text

__all__ = ["KINDS", "LESSON", "hand_in", "notebook"]

LESSON = find_lesson("one_neuron")
KINDS = ("right", "partial", "wrong", "untouched")
WRONG = {
    "neuron_loss": "def neuron_loss(a, t):\n    return (a - t) ** 2",
    "neuron_delta": "def neuron_delta(z, a, t, act):\n    return a - t",
    "neuron_step": "def neuron_step(w, b, x, t, lr, act):\n    return undefined",
    "neuron_grads": (
        "def neuron_grads(w, b, x, t, act):\n"
        "    z = w @ x + b\n"
        "    delta = (act.f(z) - t) * act.deriv(z)\n"
        "    return -delta * x, delta"
    ),
    "neuron_forward": "def neuron_forward(w, b, x, act):\n    return w @ x, act.f(w @ x)",
    "sigmoid_slope": "def sigmoid_slope(a):\n    return 1 - a",
    "why_stalled": "def why_stalled(w, b, x, t, act):\n    return 'slope'",
}
PARTIAL = ("neuron_delta", "neuron_step", "neuron_grads")


def _grade_id(cell: dict[str, Any]) -> str:
    return str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))


def _solutions() -> dict[str, str]:
    cells = json.loads(LESSON.path.read_text(encoding="utf-8"))["cells"]
    return {_grade_id(c): c["source"] for c in cells if c["metadata"].get("nbgrader", {}).get("solution")}


def notebook(kind: str, number: int) -> bytes:
    """Return one submission; no two have the same contents."""
    right = _solutions()
    answers = {
        "right": right,
        "partial": right | {name: WRONG[name] for name in PARTIAL},
        "wrong": right | WRONG,
        "untouched": {},
    }[kind]
    made = json.loads(released_text(LESSON))
    for cell in made["cells"]:
        cell["source"] = answers.get(_grade_id(cell), cell["source"])
    own = {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": f"Student {number}"}
    return json.dumps({**made, "cells": [*made["cells"], own]}).encode()


def hand_in(course: Path, students: int, assignments: tuple[str, ...] = (LESSON.folder,)) -> None:
    """Put a notebook of every student into a course's folder, the kinds taking turns."""
    for number in range(students):
        for shift, assignment in enumerate(assignments):
            place = course / "submitted" / f"s{number:03}" / assignment
            place.mkdir(parents=True)
            kind = KINDS[(number + shift) % len(KINDS)]
            (place / f"{LESSON.folder}.ipynb").write_bytes(notebook(kind, number))
