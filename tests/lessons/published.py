"""The page of published numbers, made of the rows in ``published_rows``.

``python -m tests.lessons.published`` tells whether the page is behind, ``--write`` writes it anew.
"""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from decimal import Decimal, InvalidOperation
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

from graders.index import opening
from graders.lessons import find_lesson
from graders.notebook import write
from tests.lessons.conftest import solved
from tests.lessons.published_rows import ROWS, Row

PAGE = Path(__file__).parent.parent.parent / ".github" / "PUBLISHED.md"
OPENING = """\
# Published numbers

Every published number that a lesson quotes, beside the same number from the lesson's own solutions.

What is computed here agrees with what is quoted in every quoted digit, unless the cell says that it \
differs. Where the cell says only what the test holds, the number is not computed for this page: it is \
from a long run, from seconds or from rounding. A link leads to the file with the test. Written by \
`python -m tests.lessons.published --write` from `tests/lessons/published_rows.py`; do not edit it here.
"""
HEAD = ("what", "quoted", "published by", "computed here", "source", "test")


@cache
def names_of(slug: str) -> dict[str, Any]:
    """What a student's notebook holds after all solutions were run, without its output."""
    with redirect_stdout(StringIO()):
        return solved(slug)


@cache
def computed(slug: str, row: Row) -> tuple[float, ...]:
    """Return the numbers of the row as the lesson's solutions give them."""
    return tuple(row.computed(names_of(slug))) if row.computed else ()


@cache
def beside(slug: str, row: Row) -> tuple[float, ...]:
    """Return the numbers that its remark speaks of."""
    return tuple(row.beside(names_of(slug))) if row.beside else ()


def known(quoted: Sequence[str]) -> list[Decimal]:
    """Return the quoted numbers; none where words are quoted."""
    try:
        return [Decimal(text) for text in quoted]
    except InvalidOperation:
        return []


def agrees(quoted: Sequence[str], values: Sequence[float]) -> bool:
    """Whether each value, rounded to the digits that are quoted, is the quoted number."""
    rounded = [Decimal(float(v)).quantize(number) for v, number in zip(values, known(quoted), strict=True)]
    return rounded == known(quoted)


def file_of(slug: str) -> str:
    return f"tests/lessons/test_{slug}_numbers.py"


def page() -> str:
    """Return the page as it should be."""
    return OPENING + "".join(_section(slug) for slug in ROWS)


def _section(slug: str) -> str:
    lesson = find_lesson(slug)
    rows = [HEAD, ["---"] * len(HEAD), *(_cells(slug, row) for row in ROWS[slug])]
    address = f"../lessons/{lesson.folder}/{lesson.folder}.ipynb"
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return f"\n## {lesson.number} `{slug}`\n\n[{opening(lesson).title}]({address})\n\n{table}"


def _cells(slug: str, row: Row) -> tuple[str, ...]:
    test = f"[`{row.test}`](../{file_of(slug)})" if row.test else "none"
    return row.what, "; ".join(row.quoted), row.by, _here(slug, row), row.source, test


def _here(slug: str, row: Row) -> str:
    """Return the numbers, with a remark where there is one, or what the test holds."""
    if not row.computed:
        return row.held
    shown = "; ".join(format(value, row.shown) for value in computed(slug, row))
    if not row.remark:
        return shown
    remark = row.remark.format(*beside(slug, row))
    return f"{shown}. **Differs:** {remark}." if known(row.quoted) else f"{shown}: {remark}."


def main(arguments: Sequence[str] | None = None) -> int:
    """Tell whether the page is behind, or write it with ``--write``; return the exit status."""
    from argparse import ArgumentParser

    parser = ArgumentParser(prog="python -m tests.lessons.published", description="The published numbers.")
    parser.add_argument("--write", action="store_true", help="write the page if it is behind")
    asked = parser.parse_args(arguments)
    text = page()
    behind = not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text
    if behind and asked.write:
        write(PAGE, text)
    if behind:
        print(f"{PAGE.name}: {'written' if asked.write else 'behind'}")
    return 1 if behind and not asked.write else 0


if __name__ == "__main__":
    sys.exit(main())
