"""Pages that we write: they load nothing, and ours are told from somebody else's by a mark in them."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

from graders.errors import GradersError

__all__ = ["MARK", "fold", "is_ours", "must_be_ours", "table"]

MARK = b'<meta name="generator" content="backproplab">'


def is_ours(path: Path, mark: bytes = MARK) -> bool:
    """Tell whether a file may be written anew: it is not there, or we have written it.

    Raises
    ------
    GradersError
        If it cannot be read.
    """
    try:
        return not path.exists() or (path.is_file() and mark in path.read_bytes())
    except OSError as error:
        raise GradersError(f"cannot read {path}: {error.strerror or error}") from error


def must_be_ours(paths: Iterable[Path], what: str, remedy: str, mark: bytes = MARK) -> None:
    """Refuse to write where a file of somebody else's is.

    Raises
    ------
    GradersError
        If one is in the way, or cannot be read.
    """
    for path in paths:
        if not is_ours(path, mark):
            raise GradersError(f"kept {path}: it is not {what}\n{remedy}")


def table(headings: Iterable[str], rows: Iterable[Iterable[str]], numbers: bool = True) -> str:
    """Return a table of HTML cells; the first of each row is its heading.

    Parameters
    ----------
    headings, rows : iterable of str
        HTML, so escape what is text.
    numbers : bool
        Set all but the first column to the right.

    Examples
    --------
    >>> table(["who", "points"], [["ann", "3"]], numbers=False)[-59:]
    '<tr><th scope="row">ann</th><td>3</td></tr></tbody></table>'
    """
    head = "".join(f'<th scope="col">{heading}</th>' for heading in headings)
    body = "".join(_row(*row) for row in rows)
    kind = ' class="numbers"' if numbers else ""
    return f"<table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _row(name: str, *cells: str) -> str:
    return f'<tr><th scope="row">{name}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def fold(summary: str, body: str) -> str:
    """Return HTML that opens at a click; the summary is text."""
    return f"<details><summary>{escape(summary)}</summary>{body}</details>"
