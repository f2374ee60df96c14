"""The cells of a notebook that was handed in, for people to read: mended, cut, and harmless in a browser."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

from graders.notebook import cell_source, set_source
from graders.submission import MAX_BYTES

__all__ = [
    "MAX_CELLS",
    "MAX_TEXT",
    "Cell",
    "GivenCell",
    "bare",
    "given_cells",
    "grading",
    "markdown_cell",
    "plain_text",
    "shortened",
    "weave",
]

# Whoever hands in more than that gets the rest cut from what is shown.
MAX_CELLS = 500
MAX_TEXT = 50_000
_CUT = "\n... cut here: the whole text is in the notebook as it was handed in"
_TAG = re.compile(r"<(?=[A-Za-z/!?])")

Cell = dict[str, Any]


@dataclass(frozen=True)
class GivenCell:
    """A cell as it was handed in.

    Parameters
    ----------
    code : bool
        It is a code cell.
    text : str
        What stands in it.
    names : tuple of str
        Its grade id and its id, as far as it has them; they only serve to tell which cell it is.
    """

    code: bool
    text: str
    names: tuple[str, ...]

    @cached_property
    def bare(self) -> str:
        """The text without white space, by which cells are compared."""
        return bare(self.text)


def given_cells(data: bytes) -> Iterator[GivenCell]:
    """Yield the cells that can be read; none if the file is no notebook.

    Examples
    --------
    >>> [cell.text for cell in given_cells(b'{"cells": [null, {"source": ["a = ", "1"]}]}')]
    ['a = 1']
    """
    try:
        book = json.loads(data) if len(data) <= MAX_BYTES else None
    except (ValueError, RecursionError):
        return
    cells = book.get("cells") if isinstance(book, dict) else None
    for cell in cells[:MAX_CELLS] if isinstance(cells, list) else ():
        pieces = _pieces(cell)
        if pieces is not None:
            yield GivenCell(cell.get("cell_type") == "code", _clean("".join(pieces)), _names(cell))


def _pieces(cell: Any) -> list[str] | None:
    source = cell.get("source", "") if isinstance(cell, dict) else None
    pieces: list[Any] = source if isinstance(source, list) else [source]
    return pieces if all(isinstance(piece, str) for piece in pieces) else None


def _names(cell: Cell) -> tuple[str, ...]:
    metadata = cell.get("metadata")
    marked = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marked.get("grade_id") if isinstance(marked, dict) else None
    return tuple(name for name in (grade_id, cell.get("id")) if isinstance(name, str))


def _clean(text: str) -> str:
    # Half a surrogate pair, which JSON can spell, cannot be written anywhere.
    return text.replace("\r\n", "\n").encode("utf-8", "replace").decode("utf-8")


def weave(
    given: Sequence[GivenCell], lesson: Sequence[Cell], graded: Mapping[str, Cell], answers: Mapping[str, str]
) -> list[Cell]:
    """Return the student's cells in the student's order, with every graded cell of the lesson once.

    Parameters
    ----------
    given : sequence of GivenCell
        What was handed in.
    lesson : sequence of dict
        The lesson's cells.
    graded : mapping
        Grade id -> the cell of the lesson that stands there, whatever was handed in under that name.
    answers : mapping
        Grade id -> the text by which the student's solution is known.
    """
    unchanged = {bare(cell_source(cell)): cell for cell in lesson if not grading(cell)}
    texts = {
        name: {bare(cell_source(cell)), bare(answers.get(name) or cell_source(cell))}
        for name, cell in graded.items()
    }
    woven: dict[str, Cell] = {}
    for number, cell in enumerate(given):
        name = _stands_for(cell, graded, texts)
        if name is not None:
            woven[name] = graded[name]
        elif cell.bare in unchanged:
            woven[unchanged[cell.bare]["id"]] = unchanged[cell.bare]
        elif cell.bare:
            woven[f"submitted-{number}"] = _kept(f"submitted-{number}", cell)
    return _complete(woven, graded)


def _stands_for(cell: GivenCell, graded: Mapping[str, Cell], texts: Mapping[str, set[str]]) -> str | None:
    """Return the graded cell that this one is, was or passes itself off as."""
    named = [name for name in cell.names if name in graded]
    for name in (*named, *graded):
        locked = name in named and not grading(graded[name])["solution"]
        if locked or cell.bare in texts[name]:
            return name
    return None


def _complete(woven: dict[str, Cell], graded: Mapping[str, Cell]) -> list[Cell]:
    """Put each graded cell that is missing behind the one that it follows in the lesson."""
    order = list(woven)
    for before, name in pairwise(["", *graded]):
        if name not in woven:
            order.insert(order.index(before) + 1 if before else 0, name)
    return [woven.get(name) or graded[name] for name in order]


def _kept(name: str, cell: GivenCell) -> Cell:
    """Return a cell of the student's own for reading."""
    text = shortened(cell.text)
    if not cell.code:
        return markdown_cell(name, plain_text(text))
    plain: Cell = {"cell_type": "code", "id": name, "metadata": {}, "execution_count": None, "outputs": []}
    set_source(plain, text)
    return plain


def markdown_cell(name: str, text: str) -> Cell:
    """Return a Markdown cell with that id and text."""
    cell: Cell = {"cell_type": "markdown", "id": name, "metadata": {}}
    set_source(cell, text)
    return cell


def plain_text(text: str) -> str:
    """Return Markdown in which what looks like an HTML tag is text, and which any database takes.

    Examples
    --------
    >>> plain_text("a < b, but <b>")
    'a < b, but &lt;b>'
    """
    return _TAG.sub("&lt;", _clean(text).replace("\0", ""))


def shortened(text: str) -> str:
    """Return the text, cut if it is very long."""
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + _CUT


def bare(text: str) -> str:
    """Return a text without white space."""
    return "".join(text.split())


def grading(cell: Cell) -> dict[str, Any]:
    """Return what nbgrader knows of a graded cell; empty for the others."""
    grading: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return grading
