"""Show a verdict in a notebook: the first paragraph open, each deeper one folded."""

from html import escape

from graders.exercise import Verdict

__all__ = ["show_verdict", "to_html"]

_MARKS = {"pass": "&#10003;", "partial": "&#9680;", "not_started": "&#8230;"}
_COLOURS = {"pass": "success", "partial": "warn", "not_started": "info"}


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
        One ``div`` with role "status"; every paragraph after the first is folded.

    Examples
    --------
    >>> to_html(Verdict("f", "not_started", 0, 2, message="f: not started (2 points)"))[:16]
    '<div role="statu'
    """
    first, *deeper = verdict.message.split("\n\n")
    head, *facts = first.split("\n")
    mark = _MARKS.get(verdict.status, "&#10007;")
    lines = "".join(f"<div>{escape(fact)}</div>" for fact in facts)
    folds = "".join(_fold(paragraph) for paragraph in deeper)
    colour = f"var(--jp-{_COLOURS.get(verdict.status, 'error')}-color1, #808080)"
    return (
        f'<div role="status" class="backproplab-verdict" data-status="{verdict.status}" '
        f'style="border-left: 4px solid {colour}; padding: 2px 0 2px 12px; line-height: 1.5">'
        f'<div><span aria-hidden="true">{mark}</span> <strong>{escape(head)}</strong></div>'
        f"{lines}{folds}</div>"
    )


def _fold(paragraph: str) -> str:
    title, _, rest = paragraph.partition(":")
    body = "<br>".join(escape(line) for line in rest.strip().split("\n"))
    return (
        f"<details><summary>{escape(title)}</summary><div style='padding-left: 14px'>{body}</div></details>"
    )
