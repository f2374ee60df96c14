"""The report of a class as plain text, for a terminal and for mails."""

from collections.abc import Iterable, Mapping, Sequence
from textwrap import TextWrapper, fill, indent

from graders.class_view import ClassView, ExerciseView, LessonView, Mistake
from graders.levels import as_text
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

__all__ = ["FIRST_LINE", "aligned", "report_text"]

FIRST_LINE = "report of the class, written by backproplab"
WIDTH = 100
# Of an example the first levels are told: where it differs, what the numbers say, what to ask.
LEVELS = 3


def report_text(view: ClassView, labels: Mapping[str, str], when: str) -> str:
    """Return the text.

    Parameters
    ----------
    view : ClassView
        What the class came to.
    labels : mapping
        Student -> what to call them.
    when : str
        The date that it bears.
    """
    text = _Text(labels)
    parts = [
        f"{view.course_id}: {FIRST_LINE}\n{when}. Marks are those of the gradebook.",
        text.overview(view),
        text.frequent(view),
        *map(text.lesson, view.lessons),
        text.pairs(view),
        text.machinery(view),
        text.marks(view),
    ]
    return "\n\n".join(parts) + "\n"


def aligned(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as columns: the first to the left, the others to the right.

    Examples
    --------
    >>> print(aligned([("who", "points"), ("ann", "3")]))
    who  points
    ann       3
    """
    table = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(n) for cell, n in zip(row[1:], widths[1:], strict=True))]
        )
        for row in table
    )


class _Text:
    """The sections; what they share is how students are called."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self.labels = labels

    def who(self, students: Iterable[str]) -> str:
        return ", ".join(sorted(self.labels.get(student, student) for student in students))

    def overview(self, view: ClassView) -> str:
        rows = [(lesson.name, *overview_of(lesson)) for lesson in view.lessons]
        legend = fill(OVERVIEW_LEGEND, WIDTH)
        return f"{len(view.names)} students.\n\n{aligned([OVERVIEW, *rows])}\n{legend}"

    def frequent(self, view: ClassView) -> str:
        ranked = view.most_frequent()
        lines = [
            f"{len(students):4}  {id}: {belief_of(id)}\n      in {', '.join(exercises)}"
            for id, students, exercises in ranked[:MOST_FREQUENT]
        ]
        return "\n".join([_heading("The most frequent mistakes, with the number of students"), *lines])

    def lesson(self, lesson: LessonView) -> str:
        rows = [(exercise.name, *counts(exercise)) for exercise in lesson.exercises]
        parts = [
            f"{_heading(f'{lesson.name}: {lesson.title}')}\n{aligned([COUNTED, *rows])}",
            "Who is stuck where\n" + (self.stuck(lesson) or "  nobody"),
            *filter(None, map(self.mistakes, lesson.exercises)),
        ]
        return "\n\n".join(parts)

    def stuck(self, lesson: LessonView) -> str:
        lines = []
        for one in lesson.exercises:
            lines += [f"{one.name}, tried it and came no further: {self.who(one.stuck)}"] if one.stuck else []
            lines += [f"{one.name}, stopped before it: {self.who(one.before)}"] if one.before else []
        lines += [f"nothing started: {self.who(lesson.untouched)}"] if lesson.untouched else []
        return "\n".join(_filled(line, "  ") for line in lines)

    def mistakes(self, exercise: ExerciseView) -> str:
        told = [self.mistake(exercise, mistake) for mistake in exercise.mistakes]
        if exercise.unnamed:
            told.append(f"{exercise.name}: {students(exercise.unnamed)} wrong in a way that has no name")
        return "\n\n".join(told)

    def mistake(self, exercise: ExerciseView, mistake: Mistake) -> str:
        parts = ", before that ".join(f"{part.title} ({part.link})" for part in mistake.parts)
        lines = [
            f"{belief_of(mistake.id)} Ask: {question_of(mistake.id)}",
            f"Go over again: {parts}",
            f"Who: {self.who(mistake.students)}",
            "One of them read:",
        ]
        head = f"{exercise.name}: {students(len(mistake.students))} {mistake.id}{details(mistake)}"
        example = indent(as_text(mistake.example.levels[:LEVELS]), "    | ", lambda line: True)
        return "\n".join([head, *(_filled(line, "  ") for line in lines), example])

    def pairs(self, view: ClassView) -> str:
        ranked = sorted((pair for lesson in view.lessons for pair in lesson.alike), key=lambda p: -p.words)
        lines = [
            f"  {self.who(pair.students)}: {pair.assignment}, {', '.join(pair.exercises)}, {pair.words} words"
            for pair in ranked[:MOST_PAIRS]
        ]
        more = [f"  {len(ranked) - MOST_PAIRS} more have less in common"] if len(ranked) > MOST_PAIRS else []
        return "\n".join([_heading("Similar answers"), fill(LOOK, WIDTH), *(lines or ["  none"]), *more])

    def machinery(self, view: ClassView) -> str:
        lines = [f"  {name}: {number} gradings" for name, number in view.isolation.items()]
        lines += [f"  {line}" for line in troubles(view, self.labels) or ["nothing failed"]]
        return "\n".join([_heading("Grading itself: what kept students' code apart, what failed"), *lines])

    def marks(self, view: ClassView) -> str:
        heads = ("student", *map(number_of, view.lessons), "sum")
        table = aligned([heads, *marks_by_student(view, self.labels)])
        return f"{_heading('Marks')}\n{table}\n{MARKS_LEGEND}"


def _heading(text: str) -> str:
    return f"{text}\n{'-' * len(text)}"


def _filled(text: str, margin: str) -> str:
    # A link that is broken at a hyphen leads nowhere.
    wrap = TextWrapper(WIDTH, margin, 2 * margin, break_long_words=False, break_on_hyphens=False)
    return wrap.fill(text)
