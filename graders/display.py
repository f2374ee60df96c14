"""Show a verdict in a notebook: the first level open, each deeper one folded."""

from html import escape

from graders.exercise import Verdict
from graders.levels import Level

__all__ = ["show_verdict", "to_html"]

_MARKS = {"pass": "&#10003;", "partial": "&#9680;", "not_started": "&#8230;"}
_COLOURS = {"pass": "success", "partial": "warn", "not_started": "info"}
# JupyterLab sets numbers to the right and wants cells on one line; a formula is read from the left and wraps.
_CELL = 'style="text-align: left; white-space: normal; padding: 2px 20px 2px 0; max-width: none"'


def show_verdict(verdict: Verdict) -> None:
    """Display a verdict: as HTML where there is a notebook, else as text."""
    from IPython.display import display

    display({"text/html": to_html(verdict), "text/plain": verdict.message}, raw=True)  # type: ignore[no-untyped-call]  # IPython's display is untyped


def to_html(verdict: Verdict) -> str:
    """Return the verdict as a block of HTML that follows the notebook's theme.

    Parameters
    ----------
    verdict : Verdict
        What to show.

    Returns
    -------
    str
        The first level, announced by screen readers as it appears; then a fold for each deeper one, which
        the keyboard opens. No colours of its own: text is as the page has it, the bar at the side repeats
        what the words say.

    Examples
    --------
    >>> to_html(Verdict("f", "not_started", 0, 2, levels=(Level("", ("f: not started",)),)))[:33]
    '<div class="backproplab-verdict" '
    """
    first, *deeper = verdict.levels or (Level("", (verdict.name,)),)
    mark = _MARKS.get(verdict.status, "&#10007;")
    head, *facts = first.lines
    colour = f"var(--jp-{_COLOURS.get(verdict.status, 'error')}-color1, #808080)"
    return (
        f'<div class="backproplab-verdict" data-status="{verdict.status}" '
        f'style="border-left: 4px solid {colour}; padding: 2px 0 2px 12px; line-height: 1.5">'
        f'<div role="status"><div><span aria-hidden="true">{mark}</span> '
        f"<strong>{escape(head)}</strong></div>{_lines(facts)}</div>"
        f"{''.join(map(_fold, deeper))}</div>"
    )


def _fold(level: Level) -> str:
    # Bootstrap, on nbgrader's feedback page, makes blocks of summaries, which have no triangle.
    title = escape(level.title or "More")
    return (
        f'<details style="margin-top: 2px"><summary style="cursor: pointer; display: list-item">{title}'
        f'</summary><div style="padding: 2px 0 4px 14px">{_lines(level.lines)}{_table(level)}</div></details>'
    )


def _lines(lines: list[str] | tuple[str, ...]) -> str:
    return "".join(f"<div>{escape(line)}</div>" for line in lines)


def _table(level: Level) -> str:
    if not level.table:
        return ""
    (corner, *headings), *rows = level.table
    head = "".join(f'<th scope="col" {_CELL}>{escape(heading)}</th>' for heading in headings)
    body = "".join(
        f'<tr><th scope="row" {_CELL}>{escape(name)}</th>'
        + "".join(f"<td {_CELL}>{escape(cell)}</td>" for cell in cells)
        + "</tr>"
        for name, *cells in rows
    )
    return (
        f'<table aria-label="{escape(level.title)}" style="margin: 4px 0; border-collapse: collapse">'
        f"<thead><tr><td {_CELL}>{escape(corner)}</td>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
