"""The report of a class as one page: no network, readable light and dark and on paper."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from backproplab.explorers.standalone import html_page
from graders.class_view import ClassView, ExerciseView, LessonView, Mistake
from graders.display import to_html
from graders.lesson_parts import Part
from graders.own_pages import fold, table
from graders.report_plots import marks_plot, success_plot
from graders.report_words import (
    COUNTED,
    LOOK,
    MARKS_LEGEND,
    MOST_FREQUENT,
    MOST_PAIRS,
    OVERVIEW,
    OVERVIEW_LEGEND,
    belief_of,
    counts,
    details,
    marks_by_student,
    number_of,
    overview_of,
    question_of,
    students,
    troubles,
)
from graders.similar import Alike

__all__ = ["report_page"]

STYLE = """
body { max-width: 1000px; }
h2 { margin: 40px 0 8px; border-bottom: 1px solid GrayText; }
h3 { margin: 24px 0 4px; font-size: 17px; }
table { border-collapse: collapse; margin: 8px 0; font-size: 14px; }
th, td { padding: 2px 12px 2px 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid GrayText; vertical-align: bottom; }
tbody th { font-weight: normal; }
.numbers td, .numbers thead th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
.wide th { white-space: nowrap; }
.mistake { margin: 10px 0 14px; padding-left: 12px; border-left: 4px solid GrayText; }
.about { opacity: .8; }
svg { max-width: 100%; height: auto; }
summary { cursor: pointer; }
pre { overflow-x: auto; font-size: 13px; }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 16px; }
.two > * { min-width: 0; }
:root { --jp-success-color1: #3d83c9; --jp-warn-color1: #c08a1c; --jp-error-color1: #c4651c; }
@media print {
  h2, h3, h4 { break-after: avoid; }
  .mistake, tr, svg { break-inside: avoid; }
}
"""


def report_page(view: ClassView, labels: Mapping[str, str], when: str, up: str, texts: bool = True) -> str:
    """Return the page.

    Parameters
    ----------
    view : ClassView
        What the class came to.
    labels : mapping
        Student -> what to call them.
    when : str
        The date that it bears.
    up : str
        The way from the page to the lessons, with a slash at its end.
    texts : bool
        Show what students wrote where answers are alike.
    """
    page = _Page(labels, up, texts)
    body = "".join(
        [
            f"<main><h1>{escape(view.course_id)}: report of the class</h1>",
            f'<p class="about">{escape(when)}. Marks are those of the gradebook, with scores given by '
            "hand and what was taken off for being late. Written by backproplab.</p>",
            page.overview(view),
            page.frequent(view),
            *map(page.lesson, view.lessons),
            page.pairs([pair for lesson in view.lessons for pair in lesson.alike]),
            page.machinery(view),
            page.students(view),
            "</main>",
        ]
    )
    return html_page(f"{view.course_id}: report of the class", body, STYLE)


class _Page:
    """The sections; what they share is how students are called and where the lessons lie."""

    def __init__(self, labels: Mapping[str, str], up: str, texts: bool) -> None:
        self.labels = labels
        self.up = up
        self.texts = texts

    def who(self, students: Iterable[str]) -> str:
        return escape(", ".join(sorted(self.labels.get(student, student) for student in students)))

    def overview(self, view: ClassView) -> str:
        rows = [
            [f'<a href="#{escape(lesson.name)}">{escape(lesson.name)}</a>', *overview_of(lesson)]
            for lesson in view.lessons
        ]
        legend = f"<p>{OVERVIEW_LEGEND} In the picture a dot is a student, the upright line the median.</p>"
        return f"<p>{len(view.names)} students.</p>{table(OVERVIEW, rows)}{legend}{marks_plot(view.lessons)}"

    def frequent(self, view: ClassView) -> str:
        ranked = view.most_frequent()
        rows = [
            [_code(id), str(len(students)), escape(belief_of(id)), escape(", ".join(exercises))]
            for id, students, exercises in ranked[:MOST_FREQUENT]
        ]
        more = f"<p>{len(ranked) - len(rows)} more are rarer.</p>" if len(ranked) > len(rows) else ""
        heads = ("mistake", "students", "what seems to be believed", "in")
        return f"<h2>The most frequent mistakes</h2>{table(heads, rows, numbers=False)}{more}"

    def lesson(self, lesson: LessonView) -> str:
        rows = [_outcomes(exercise) for exercise in lesson.exercises]
        return (
            f'<h2 id="{escape(lesson.name)}">{escape(lesson.name)}: {escape(lesson.title)}</h2>'
            f"{success_plot(lesson.exercises)}{table(COUNTED, rows)}"
            f"<h3>Who is stuck where</h3>{self.stuck(lesson)}<h3>Mistakes by exercise</h3>"
            + ("".join(map(self.mistakes, lesson.exercises)) or "<p>None has a name.</p>")
        )

    def stuck(self, lesson: LessonView) -> str:
        rows = [
            [_code(one.name), self.who(one.stuck), self.who(one.before)]
            for one in lesson.exercises
            if one.stuck or one.before
        ]
        untouched = f"<p>Nothing started: {self.who(lesson.untouched)}.</p>" if lesson.untouched else ""
        heads = ("exercise", "tried it and came no further", "stopped before it")
        return (table(heads, rows, numbers=False) if rows else "<p>Nobody is.</p>") + untouched

    def mistakes(self, exercise: ExerciseView) -> str:
        if not (exercise.mistakes or exercise.unnamed):
            return ""
        found = "".join(map(self.mistake, exercise.mistakes))
        wrong = "answers are" if exercise.unnamed > 1 else "answer is"
        unnamed = f"<p>{exercise.unnamed} {wrong} wrong in a way that has no name.</p>"
        return f"<h4>{_code(exercise.name)}</h4>{found}{unnamed if exercise.unnamed else ''}"

    def mistake(self, mistake: Mistake) -> str:
        where = ", before that ".join(map(self.part, mistake.parts))
        return (
            f'<div class="mistake"><strong>{students(len(mistake.students))}</strong> {_code(mistake.id)}'
            f"{escape(details(mistake))}<br>{escape(belief_of(mistake.id))}"
            f"<br>Ask: {escape(question_of(mistake.id))}<br>Go over again: {where}."
            f"<br>Who: {self.who(mistake.students)}"
            f"{fold('What one of them read', to_html(mistake.example))}</div>"
        )

    def part(self, part: Part) -> str:
        return f'<a href="{escape(self.up + part.link)}">{escape(part.title)}</a> ({escape(part.assignment)})'

    def pairs(self, pairs: Sequence[Alike]) -> str:
        ranked = sorted(pairs, key=lambda pair: -pair.words)
        shown = "".join(map(self.pair, ranked[:MOST_PAIRS])) or "<p>None.</p>"
        more = f"<p>{len(ranked) - MOST_PAIRS} more have less in common.</p>"
        return f"<h2>Similar answers</h2><p>{LOOK}</p>{shown}{more if len(ranked) > MOST_PAIRS else ''}"

    def pair(self, pair: Alike) -> str:
        exercises = ", ".join(f"{name} {100 * share:.0f}%" for name, share in pair.exercises.items())
        told = (
            f"{self.who(pair.students)}: {escape(pair.assignment)}, {escape(exercises)}, {pair.words} words"
        )
        if not self.texts:
            return f"<p>{told}</p>"
        sides = "".join(
            f'<h4>{_code(name)}</h4><div class="two">{_pre(left)}{_pre(right)}</div>'
            for name, (left, right) in pair.texts.items()
        )
        return f"<details><summary>{told}</summary>{sides}</details>"

    def machinery(self, view: ClassView) -> str:
        rows = [[escape(name), str(number)] for name, number in view.isolation.items()]
        heads = ("what kept students' code apart", "gradings")
        items = "".join(f"<li>{escape(line)}</li>" for line in troubles(view, self.labels))
        return f"<h2>Grading itself</h2>{table(heads, rows)}" + (
            f"<ul>{items}</ul>" if items else "<p>Nothing failed.</p>"
        )

    def students(self, view: ClassView) -> str:
        short = (f'<abbr title="{escape(one.name)}">{escape(number_of(one))}</abbr>' for one in view.lessons)
        heads = ("student", *short, "sum")
        rows = [[escape(cell) for cell in row] for row in marks_by_student(view, self.labels)]
        return f'<h2>Marks</h2><div class="wide">{table(heads, rows)}</div><p>{MARKS_LEGEND}</p>'


def _outcomes(exercise: ExerciseView) -> list[str]:
    return [_code(exercise.name), *counts(exercise)]


def _code(name: str) -> str:
    return f"<code>{escape(name)}</code>"


def _pre(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"
