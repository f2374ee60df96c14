"""What the page and the text of a class report say in the same words."""

from collections.abc import Mapping
from statistics import median

from graders.bank.beliefs import BELIEFS
from graders.class_view import STOPPED, ClassView, ExerciseView, LessonView, Mistake

__all__ = [
    "COUNTED",
    "LOOK",
    "MARKS_LEGEND",
    "MOST_FREQUENT",
    "MOST_PAIRS",
    "OUTCOMES",
    "OVERVIEW",
    "OVERVIEW_LEGEND",
    "belief_of",
    "counts",
    "details",
    "mark",
    "marks_by_student",
    "number_of",
    "overview_of",
    "question_of",
    "students",
    "troubles",
]

# What is told apart, and the statuses that it covers.
OUTCOMES = (
    ("right", ("pass",)),
    ("partly right", ("partial",)),
    ("wrong", ("fail",)),
    ("no result", STOPPED),
    ("not started", ("not_started",)),
)
COUNTED = ("exercise", "points", *(name for name, _ in OUTCOMES), "of the points")
OVERVIEW = ("lesson", "handed in", "late", "untouched", "last exercise right", "not readable", "median mark")
OVERVIEW_LEGEND = (
    "Last exercise right: how many solved the lesson's last exercise, whatever came of those before it. "
    "Median mark: half of the students have that many points or more, half that many or fewer."
)
MOST_FREQUENT = 15
MOST_PAIRS = 20
LOOK = (
    "Alike in words, whatever the student's own names are. Only answers count that are neither untouched, "
    "nor nearly the lesson's own, nor those of many. A list to look at, never a verdict: two who learned "
    "together, or made the same mistake by themselves, stand in it too."
)
MARKS_LEGEND = "A dash: not handed in. A question mark: a person has to look."


def belief_of(id: str) -> str:
    """Return what a learner seems to believe who makes that mistake."""
    return BELIEFS[id].belief if id in BELIEFS else ""


def question_of(id: str) -> str:
    """Return the question that the belief cannot answer."""
    return BELIEFS[id].question if id in BELIEFS else ""


def counts(exercise: ExerciseView) -> list[str]:
    """Return the points of an exercise, how many students came to what, and the share of the points."""
    numbers = [str(exercise.count(*statuses)) for _, statuses in OUTCOMES]
    return [f"{exercise.possible:g}", *numbers, f"{100 * exercise.share:.0f}%"]


def overview_of(lesson: LessonView) -> list[str]:
    """Return a row of the overview, without the lesson's name."""
    late = sum(standing.late for standing in lesson.standings.values())
    groups = (lesson.untouched, lesson.through, lesson.refused)
    return [*map(str, (len(lesson.standings), late, *map(len, groups))), _median(lesson)]


def _median(lesson: LessonView) -> str:
    marks = [one.points for one in lesson.standings.values() if not one.unjudged]
    return mark(median(marks)) if marks else "-"


def number_of(lesson: LessonView) -> str:
    """Return the number of a lesson's folder, or the name of another assignment."""
    number = lesson.name.partition("_")[0]
    return number if number.isdecimal() else lesson.name


def mark(points: float) -> str:
    """Return marks as people write them.

    Examples
    --------
    >>> mark(12.0), mark(4.285714)
    ('12', '4.29')
    """
    return f"{round(points, 2):g}"


def students(number: int) -> str:
    """Return a number of students in words."""
    return f"{number} student{'s' * (number != 1)}:"


def details(mistake: Mistake) -> str:
    """Return the layers of a mistake, and what else its numbers may come from."""
    layers = ", ".join(f"layer {layer}: {number}" for layer, number in sorted(mistake.layers.items()))
    others = " or ".join(mistake.others)
    return f"{f' ({layers})' if layers else ''}{f', or {others}' if others else ''}"


def marks_by_student(view: ClassView, labels: Mapping[str, str]) -> list[list[str]]:
    """Return a row for each student: name, marks by lesson, sum."""
    rows = []
    for student in sorted(view.names, key=lambda one: labels[one]):
        standings = [lesson.standings.get(student) for lesson in view.lessons]
        cells = ["-" if one is None else "?" if one.unjudged else mark(one.points) for one in standings]
        rows.append([labels[student], *cells, mark(sum(one.points for one in standings if one))])
    return rows


def troubles(view: ClassView, labels: Mapping[str, str]) -> list[str]:
    """Return what did not go as it should, a line each."""
    lines = []
    for lesson in view.lessons:
        told = [(student, f"not readable: {reason}") for student, reason in lesson.refused.items()]
        told += [(student, f"{exercise}: {status}") for student, exercise, status in lesson.stopped]
        told += [(student, "marked, but not by this grader") for student in lesson.unknown]
        # A reason may hold the path, and that the student's id.
        lines += [
            f"{lesson.name}, {labels[student]}: {text.replace(student, labels[student])}"
            for student, text in told
        ]
    return lines
