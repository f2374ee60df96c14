"""The index of the lessons: tables, written from the lessons' own first cells into every page that has them.

``python -m graders.index`` tells which pages are behind, ``--write`` writes them anew.
"""

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.errors import GradersError
from graders.exercise import Exercise
from graders.exercises import for_lesson
from graders.lessons import Lesson, all_lessons, checkout, start_notebook
from graders.notebook import cell_source, read, set_source, to_text, write

__all__ = ["NOTATION", "Opening", "Symbol", "filled", "main", "opening", "pages"]

_OPENING = re.compile(
    r"# (?P<title>.+)\n\n\*\*(?P<question>.+)\*\*\n\n"
    r"\*(?P<minutes>\d+) minutes, (?P<points>\d+) points\. You need: (?P<needs>.+)\*"
)
_BLOCK = re.compile(r"(<!-- index: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Opening:
    """What a lesson says of itself in its first cell.

    Parameters
    ----------
    title, question : str
        Its heading, and the question that it answers.
    minutes, points : int
        The time it takes, the marks to be had.
    needs : str
        What one should know before.
    """

    title: str
    question: str
    minutes: int
    points: int
    needs: str


@dataclass(frozen=True)
class Symbol:
    """A row of the notation table.

    Parameters
    ----------
    name : str
        As lessons, checks and the reference implementation spell it.
    shape : str
        ``B`` examples, ``n_in`` inputs and ``n_out`` units; empty for what is no array.
    meaning : str
        In words. How a gradient is computed is what the exercises ask for, so that does not stand here.
    """

    name: str
    shape: str
    meaning: str


NOTATION = (
    Symbol("X", "(B, n_in)", "what enters a layer, one example a row; for one example `x`, of shape (n_in,)"),
    Symbol("W", "(n_in, n_out)", "weights; `W[j, k]` runs from unit j to unit k"),
    Symbol("b", "(n_out,)", "biases"),
    Symbol("Z", "(B, n_out)", "pre-activations, `X @ W + b`; for one example `z`"),
    Symbol(
        "act", "", "an activation: `act.f(Z)` is its value, `act.deriv(Z)` its slope, both functions of Z"
    ),
    Symbol("A", "(B, n_out)", "activations, `act.f(Z)`; for one example `a`; the next layer's X"),
    Symbol("T", "(B, n_out)", "targets; for one example `t`"),
    Symbol("loss", "()", "how far A is from T, as one number; L in formulas"),
    Symbol("delta", "(B, n_out)", "dL/dZ; `dZ` is another name for it"),
    Symbol("dW", "(n_in, n_out)", "dL/dW; every `d<name>` is a gradient and has the shape of `<name>`"),
    Symbol("db", "(n_out,)", "dL/db"),
    Symbol("dX", "(B, n_in)", "dL/dX, what a layer hands back to the one before"),
    Symbol("Ws", "", "a list with one entry for each layer, first layer first; so is `Zs`"),
    Symbol("As", "", "a list with one entry more: `As[0]` is X, `As[-1]` the network's answer"),
    Symbol("y", "(B,)", "labels, whole numbers from 0, where an answer is a class"),
    Symbol("P", "(B, n_out)", "probabilities, one for each class; for one example `p`"),
    Symbol("Y", "(B, n_out)", "the labels as rows: 1 at the label, else 0"),
    Symbol("G", "", "a gradient that arrives from above, in the shape of what it belongs to"),
    Symbol("lr", "", "the learning rate; updates subtract: new value = old value - lr * gradient"),
)


def opening(lesson: Lesson) -> Opening:
    """Return what the lesson says of itself.

    Raises
    ------
    GradersError
        If its first cell has another form.

    Examples
    --------
    >>> from graders.lessons import find_lesson
    >>> opening(find_lesson("one_neuron")).title
    'One neuron, five steps'
    """
    found = _OPENING.fullmatch(cell_source(read(lesson.path)["cells"][0]).strip())
    if not found:
        raise GradersError(
            f"{lesson.path}: the first cell is not heading, **question**, *minutes, points, needs*"
        )
    return Opening(
        found["title"], found["question"], int(found["minutes"]), int(found["points"]), found["needs"]
    )


# The blocks: each is a function of the way from its page to the lessons


def _lessons(way: str) -> str:
    rows = []
    for lesson in all_lessons():
        says = opening(lesson)
        link = f"[{lesson.slug}]({way}{_file(lesson)})"
        rows.append((lesson.number, link, says.question, says.minutes, says.points))
    return _table(("number", "lesson", "question", "minutes", "points"), rows)


def _entries(way: str) -> str:
    return "\n".join(_entry(lesson, way) for lesson in all_lessons())


def _entry(lesson: Lesson, way: str) -> str:
    says = opening(lesson)
    exercises = ", ".join(f"`{_call(exercise)}` {exercise.points:g}" for exercise in for_lesson(lesson.slug))
    return (
        f"## {lesson.number} `{lesson.slug}`: {says.title}\n\n"
        f"*{says.question}* [Open it]({way}{_file(lesson)}).\n\n"
        f"- {says.minutes} minutes, {says.points} points.\n"
        f"- Needs: {says.needs}\n"
        f"- Exercises with their points: {exercises}.\n"
    )


def _call(exercise: Exercise) -> str:
    return exercise.name if exercise.answer == "variable" else exercise.signature.partition(" ->")[0]


def _notation(_: str) -> str:
    return _table(("name", "shape", "meaning"), [(f"`{s.name}`", s.shape, s.meaning) for s in NOTATION])


def _file(lesson: Lesson) -> str:
    return f"{lesson.folder}/{lesson.folder}.ipynb"


def _table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(
        f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |\n" for row in lines
    )


BLOCKS: dict[str, Callable[[str], str]] = {"lessons": _lessons, "entries": _entries, "notation": _notation}


# The pages


def filled(text: str, way: str) -> str:
    r"""Return the text with its blocks written anew; all else stays.

    Parameters
    ----------
    text : str
        Markdown in which a block stands between ``<!-- index: name -->`` and ``<!-- end -->``.
    way : str
        Goes before the address of every lesson.

    Examples
    --------
    >>> print(filled("<!-- index: notation -->\n<!-- end -->", "").splitlines()[2])
    | name | shape | meaning |
    """
    return _BLOCK.sub(lambda block: f"{block[1]}\n{BLOCKS[block[2]](way)}\n{block[3]}", text)


def pages(root: Path) -> dict[Path, str]:
    """Return every page of the checkout that has such blocks, as it should be.

    Parameters
    ----------
    root : Path
        The root of the repository.
    """
    readme, index = root / "README.md", root / "lessons" / "README.md"
    return {
        readme: filled(readme.read_text(encoding="utf-8"), "lessons/"),
        index: filled(index.read_text(encoding="utf-8"), ""),
        start_notebook(): _filled_notebook(read(start_notebook())),
    }


def _filled_notebook(notebook: dict[str, Any]) -> str:
    copy = json.loads(json.dumps(notebook))
    for cell in copy["cells"]:
        if cell["cell_type"] == "markdown":
            set_source(cell, filled(cell_source(cell), ""))
    return to_text(copy)


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell which pages are behind, or write them with ``--write``; return the exit status."""
    from argparse import ArgumentParser

    parser = ArgumentParser(prog="python -m graders.index", description="The index of the lessons.")
    parser.add_argument("--write", action="store_true", help="write the pages that are behind")
    asked = parser.parse_args(arguments)
    root = checkout()
    if root is None:
        print("the index is written in a checkout of the repository only", file=sys.stderr)
        return 2
    behind = [(page, text) for page, text in pages(root).items() if page.read_text(encoding="utf-8") != text]
    for page, text in behind:
        if asked.write:
            write(page, text)
        print(f"{page.relative_to(root)}: {'written' if asked.write else 'behind'}")
    return 1 if behind and not asked.write else 0


if __name__ == "__main__":
    sys.exit(main())
