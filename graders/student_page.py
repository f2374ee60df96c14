"""One student's feedback on one assignment as a page: no network, readable light and dark and on paper."""

from dataclasses import dataclass
from html import escape

from backproplab.explorers.standalone import html_page
from graders.display import to_html
from graders.errors import GradersError
from graders.exercise import Status, Verdict
from graders.handed_in import plain_text
from graders.levels import as_levels
from graders.own_pages import fold, table
from graders.pages import markdown
from graders.standing import Score, Standing

__all__ = ["Answer", "Work", "student_page"]

STYLE = """
h2 { margin: 32px 0 4px; font-size: 18px; border-bottom: 1px solid GrayText; }
table { border-collapse: collapse; margin: 8px 0; font-size: 14px; }
th, td { padding: 2px 14px 2px 0; text-align: left; }
thead th { border-bottom: 1px solid GrayText; }
tbody th { font-weight: normal; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
.total { font-size: 18px; font-weight: bold; }
.person { margin: 10px 0; padding-left: 12px; border-left: 4px solid #8a5fbf; }
.points { float: right; font-weight: normal; }
summary { cursor: pointer; }
pre { overflow-x: auto; font-size: 13px; padding: 8px 0 8px 12px; border-left: 1px solid GrayText; }
:root { --jp-success-color1: #3d83c9; --jp-warn-color1: #c08a1c; --jp-error-color1: #c4651c; }
@media print {
  section { break-inside: avoid; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
}
"""


@dataclass(frozen=True)
class Answer:
    """What a student wrote in one cell, and what is said of it.

    Parameters
    ----------
    name : str
        The grade id; empty for a cell of the student's own.
    source : str
        The text.
    verdict : Verdict or None
        The judgement of our grader, if it was the one who marked.
    message : str
        What the gradebook has of it: another grader may have been there since.
    comment : str
        A person's own words, as Markdown.
    scores : tuple of Score
        The marks of the cell, or of the tests that follow it.
    """

    name: str
    source: str = ""
    verdict: Verdict | None = None
    message: str = ""
    comment: str = ""
    scores: tuple[Score, ...] = ()


@dataclass(frozen=True)
class Work:
    """What a student handed in, with all that is to be told.

    Parameters
    ----------
    title : str
        The lesson's.
    name : str
        The student's.
    standing : Standing
        The marks of the gradebook.
    answers : tuple of Answer
        In the notebook's order.
    problem : str
        Why it is not complete.
    """

    title: str
    name: str
    standing: Standing
    answers: tuple[Answer, ...]
    problem: str = ""


def student_page(work: Work) -> str:
    """Return the page.

    Examples
    --------
    >>> standing = Standing("01_one_neuron", "01_one_neuron", "ann")
    >>> page = student_page(Work("One neuron", "Ann <b>", standing, (Answer("f", "a < b"),)))
    >>> "Ann &lt;b&gt;" in page, "a &lt; b" in page
    (True, True)
    """
    rows = [[_link(answer), _marks(answer.scores)] for answer in work.answers if answer.scores]
    problem = f"<p><em>{escape(work.problem)}</em></p>" if work.problem else ""
    body = (
        f"<main><h1>{escape(work.title)}</h1><p>{escape(_handed_in(work))}</p>"
        f'<p class="total">{_total(work.standing)}</p>{problem}{table(("exercise", "points"), rows)}'
        f"{''.join(map(_section, work.answers))}</main>"
    )
    return html_page(f"{work.title}: {work.name}", body, STYLE)


def _handed_in(work: Work) -> str:
    standing = work.standing
    name = work.name if work.name == standing.student else f"{work.name} ({standing.student})"
    when = f", handed in {standing.timestamp:%Y-%m-%d %H:%M} UTC" if standing.timestamp else ""
    return f"{name}{when}{', late' if standing.late else ''}"


def _total(standing: Standing) -> str:
    off = f", {_number(standing.penalty)} taken off for being late" if standing.penalty else ""
    waiting = "; a person still has to look at some" if standing.unjudged else ""
    return f"{_number(standing.points)} of {_number(standing.possible)} points{off}{waiting}"


def _link(answer: Answer) -> str:
    name = _code(answer.name)
    return f'<a href="#{escape(answer.name)}">{name}</a>' if _body(answer) else name


def _section(answer: Answer) -> str:
    if not answer.name:
        return fold("A cell of your own", _pre(answer.source))
    body = _body(answer)
    marks = f'<span class="points">{_marks(answer.scores)}</span>' if answer.scores else ""
    heading = f"<h2>{_code(answer.name)}{marks}</h2>"
    return f'<section id="{escape(answer.name)}">{heading}{body}</section>' if body else ""


def _body(answer: Answer) -> str:
    """Return the answer and what is said of it; empty if the table has told all."""
    shown = _pre(answer.source) if answer.source.strip() else ""
    by_hand = "".join(map(_by_hand, answer.scores))
    return f"{shown}{_said(answer)}{by_hand}{_comment(answer.comment)}"


def _said(answer: Answer) -> str:
    """Return the message: with its levels folded if it is our grader's, else as the gradebook has it."""
    verdict, message = answer.verdict, answer.message
    if not message.strip():
        return ""
    if verdict is None or plain_text(verdict.message) != message:
        levels = as_levels(message.replace("&lt;", "<"))
        verdict = Verdict(answer.name, _status(answer.scores), 0, 0, levels=levels)
    return to_html(verdict)


def _status(scores: tuple[Score, ...]) -> Status:
    """Return what the grader's marks say of an answer whose verdict is not known."""
    if any(score.auto is None for score in scores):
        return "ungradable"
    missing = sum(score.auto or 0 for score in scores) - sum(score.possible for score in scores)
    return "pass" if missing >= 0 else "partial" if any(score.auto for score in scores) else "fail"


def _by_hand(score: Score) -> str:
    told = []
    if score.manual is not None:
        told.append(f"{_number(score.manual)} points given by a person")
    if score.extra:
        told.append(f"{_number(score.extra)} points on top")
    return f'<p class="person">{", ".join(told)}</p>' if told else ""


def _comment(text: str) -> str:
    if not text.strip():
        return ""
    try:
        shown = markdown(plain_text(text))
    except GradersError:  # a formula that cannot be rendered
        shown = _pre(text)
    return f'<div class="person"><strong>Comment</strong>{shown}</div>'


def _marks(scores: tuple[Score, ...]) -> str:
    if any(score.auto is None and score.manual is None for score in scores):
        return "a person has to look"
    got, possible = sum(score.points for score in scores), sum(score.possible for score in scores)
    return f"{_number(got)} of {_number(possible)}"


def _number(points: float) -> str:
    return f"{round(points, 2):g}"


def _code(name: str) -> str:
    return f"<code>{escape(name)}</code>"


def _pre(text: str) -> str:
    return f"<pre><code>{escape(text)}</code></pre>"
