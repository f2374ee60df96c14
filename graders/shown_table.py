"""A small table in a notebook's output, in the colours of the notebook's theme, light or dark."""

from collections.abc import Iterable
from html import escape

__all__ = ["CELL", "shown_table"]

CELL = "text-align: left; vertical-align: top; padding: 2px 16px 2px 0"
_CAPTION = "caption-side: top; text-align: left; color: inherit; white-space: nowrap"


def shown_table(name: str, caption: str, headings: Iterable[str], rows: Iterable[str], note: str = "") -> str:
    """Return the table as HTML.

    Parameters
    ----------
    name : str
        What its class ends in.
    caption : str
        One line above it.
    headings : iterable of str
        One for each column.
    rows : iterable of str
        As HTML.
    note : str, optional
        A line below it.

    Examples
    --------
    >>> shown_table("progress", "0 < 20", ["points"], [])[:33]
    '<div class="backproplab-progress"'
    """
    heads = "".join(f'<th scope="col" style="{CELL}">{escape(heading)}</th>' for heading in headings)
    below = f"<div>{escape(note)}</div>" if note else ""
    return (
        f'<div class="backproplab-{name}"><table><caption style="{_CAPTION}">{escape(caption)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>{below}</div>"
    )
