"""What a hostile or unlucky submission is, as data, and the notebooks made of it."""

import copy
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from graders.exercises import find
from graders.lessons import find_lesson
from graders.release import released_text

__all__ = ["POSSIBLE", "RIGHT", "WRONG", "Case", "Notebook", "honest_notebook", "inside", "loss", "table"]

Notebook = dict[str, Any]
POSSIBLE = 20.0
# What hostile code raises when it succeeded. Spelled in two halves, so that no quoted source looks like it.
BREACH = "'BRE' 'ACH '"

WRONG = {
    "neuron_forward": "def neuron_forward(w, b, x, act):\n    return 0.0, 0.0\n",
    "neuron_loss": "def neuron_loss(a, t):\n    return 0.0\n",
    "sigmoid_slope": "def sigmoid_slope(a):\n    return 0.0 * a\n",
    "neuron_delta": "def neuron_delta(z, a, t, act):\n    return 0.0\n",
    "neuron_grads": "def neuron_grads(w, b, x, t, act):\n    return 0.0 * x, 0.0\n",
    "neuron_step": "def neuron_step(w, b, x, t, lr, act):\n    return 0.0 * w, 0.0\n",
    "why_stalled": "def why_stalled(w, b, x, t, act):\n    return 'input'\n",
}


@dataclass(frozen=True)
class Case:
    """One submission and what may come of it.

    Parameters
    ----------
    name : str
        What it tries, in words.
    answers : mapping
        Exercise -> the text of its solution cell; the other cells hold right answers. Words between
        at signs, as in ``@HOME@``, are filled in by the scene.
    before, after : str
        A code cell of the student's at the start, or at the end, of the notebook.
    edit : callable or None
        Changes the finished notebook, or returns the bytes that are handed in instead.
    most : float or None
        The marks that the evidence supports; by default those of the cells that hold right answers.
    least : float
        The marks that it has earned whatever else it does.
    slow : bool
        It waits for a deadline, so it is left to the long form.
    """

    name: str
    answers: Mapping[str, str] = field(default_factory=dict)
    before: str = ""
    after: str = ""
    edit: Callable[[Notebook], Any] | None = None
    most: float | None = None
    least: float = 0.0
    slow: bool = False

    @property
    def deserved(self) -> float:
        """The most that it may be given."""
        return POSSIBLE - sum(find(name).points for name in self.answers) if self.most is None else self.most

    def data(self, fill: Callable[[str], str]) -> bytes:
        """Return the notebook as it is handed in."""
        notebook = honest_notebook()
        for cell in notebook["cells"]:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            if name in self.answers:
                cell["source"] = fill(self.answers[name])
        if self.before:
            notebook["cells"].insert(0, _own("before", fill(self.before)))
        if self.after:
            notebook["cells"].append(_own("after", fill(self.after)))
        edited = self.edit(notebook) if self.edit else None
        if isinstance(edited, bytes):
            return edited
        return json.dumps(notebook if edited is None else edited).encode()


def _own(name: str, source: str) -> dict[str, Any]:
    return {"cell_type": "code", "id": name, "metadata": {}, "outputs": [], "source": source}


@cache
def _lesson() -> tuple[Notebook, dict[str, str]]:
    lesson = find_lesson("one_neuron")
    source = json.loads(lesson.path.read_text(encoding="utf-8"))
    cells = [cell for cell in source["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
    right = {cell["metadata"]["nbgrader"]["grade_id"]: "".join(cell["source"]) for cell in cells}
    return json.loads(released_text(lesson)), right


RIGHT = _lesson()[1]


def honest_notebook() -> Notebook:
    """Return lesson 1 with all answers right."""
    notebook = copy.deepcopy(_lesson()[0])
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in RIGHT:
            cell["source"] = RIGHT[name]
    return notebook


def loss(body: str, top: str = "") -> dict[str, str]:
    """Return ``neuron_loss`` with this body, and perhaps something before it."""
    body = textwrap.indent(textwrap.dedent(body).strip("\n"), "    ")
    return {"neuron_loss": f"{textwrap.dedent(top)}\ndef neuron_loss(a, t):\n{body}\n"}


def inside(body: str) -> dict[str, str]:
    """Return ``neuron_loss`` that does something and then gives a wrong answer."""
    return loss(f"{textwrap.dedent(body).strip()}\nreturn 0.0")


def breach(expression: str) -> str:
    """Return code that shouts what the expression found, if it found anything."""
    return f"found = {expression}\nif found:\n    raise Exception({BREACH} + str(found)[:150])"


def table(entries: Mapping[str, str], make: Callable[[str], dict[str, str]], **common: Any) -> list[Case]:
    """Make one case of each named piece of code."""
    return [Case(name, make(code), **common) for name, code in entries.items()]
