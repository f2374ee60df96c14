"""What a student reads, as data: levels, each deeper than the one before, and their plain text.

The notebook, the feedback, the report of a class and the JSON all render this one structure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Level", "as_levels", "as_text"]

# A table that would be wider than this is written entry under entry.
WIDTH = 100


@dataclass(frozen=True)
class Level:
    """One level of a message.

    Parameters
    ----------
    title : str
        What it is about; empty for the first level, which is always open.
    lines : tuple of str
        One statement each.
    table : tuple of tuple of str
        Things that stand side by side: first the headings, then a row each, beginning with its name.

    Examples
    --------
    >>> print(Level("Side by side", ("At z = 2:",), (("", "right", "yours"), ("dL/dz", "0.1", "0.7"))).text)
    Side by side: At z = 2:
             right  yours
      dL/dz  0.1    0.7
    """

    title: str
    lines: tuple[str, ...] = ()
    table: tuple[tuple[str, ...], ...] = ()

    @property
    def text(self) -> str:
        """The level as plain text."""
        first, *others = self.lines or ("",)
        opening = f"{self.title}: {first}".rstrip() if self.title else first
        return "\n".join([opening, *others, *_rows(self.table)])

    def to_json(self) -> dict[str, Any]:
        """Return the plain form."""
        return {"title": self.title, "lines": list(self.lines), "table": [list(row) for row in self.table]}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Level":
        """Rebuild from the plain form."""
        return cls(plain["title"], tuple(plain["lines"]), tuple(tuple(row) for row in plain["table"]))


def as_text(levels: Sequence[Level]) -> str:
    """Return the whole message: a paragraph a level, with empty lines between."""
    return "\n\n".join(level.text for level in levels)


def as_levels(text: str) -> tuple[Level, ...]:
    r"""Read levels out of plain text, where that is all there is.

    Examples
    --------
    >>> as_levels("f: 0 of 2 points.\n\nAsk yourself: why?")[1]
    Level(title='Ask yourself', lines=('why?',), table=())
    """
    first, *deeper = text.split("\n\n")
    return (Level("", tuple(first.split("\n"))), *map(_as_level, deeper))


def _as_level(paragraph: str) -> Level:
    first, *others = paragraph.split("\n")
    title, colon, rest = first.partition(": ")
    return Level(title, (rest, *others)) if colon else Level("", (first, *others))


def _rows(table: tuple[tuple[str, ...], ...]) -> list[str]:
    if not table:
        return []
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    if sum(widths) + 2 * len(widths) > WIDTH:
        headings, *rows = table
        named = [zip(headings[1:], row[1:], strict=True) for row in rows]
        return [
            f"  {row[0]}, {heading}: {cell}"
            for row, cells in zip(rows, named, strict=True)
            for heading, cell in cells
        ]
    return [
        "".join(f"  {cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]
