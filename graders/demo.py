"""A class that never was: submissions of known truth, to try a course on before the term begins.

The answers are the known ones of the tests: right ones, each named mistake, answers that mean nothing, code
that stops. What each must come to is written beside the course, so that anybody can compare.
"""

import importlib
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from graders.course import Course, new_course, open_course
from graders.errors import GradersError, UsageError
from graders.exercises import for_lesson
from graders.gradebook import Gradebook
from graders.lessons import Lesson, all_lessons, checkout
from graders.notebook import cell_source, read
from graders.release import released_text
from graders.submitted import STAMP

__all__ = ["TRUTH", "Expected", "census", "demo_class", "truth_of"]

TRUTH = Path(".backproplab", "demo.json")
FIRST = (
    "Ada Ben Chen Dina Emil Fatou Goran Hana Ines Jonas Kofi Lena Marek Nadia Omar Pia Quentin Rosa Sven Tara"
)
LAST = "Abebe Brandt Castillo Dubois Eriksen Fischer Gomes Haddad Ivanova Jansen"
# Shares of a class that hand in nothing any more, the untouched notebook, or a file that cannot be read.
GONE, UNTOUCHED, BROKEN, LATE = 0.06, 0.05, 0.03, 0.12
BROKEN_FILES: Mapping[str, Callable[[bytes], bytes]] = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda text: b"",
    "no notebook": lambda text: b'{"cells": "none"}',
}
# These cost seconds each, or depend on the way a run is ended.
TOO_SLOW = ("timeout", "crashed")


@dataclass(frozen=True)
class Answer:
    """One student's answer to one exercise, and what it must come to."""

    kind: str
    source: str
    status: str
    points: float
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected:
    """What one submission must come to.

    Parameters
    ----------
    student, assignment : str
        Whose, and what.
    kind : str
        ``answers``, ``untouched``, or why the file cannot be read.
    days_late : int
        Days after the due date; 0 in time.
    exercises : mapping
        Exercise -> ``kind``, ``status``, ``points`` and the ``names`` of its misconceptions; empty where
        the file cannot be read.
    """

    student: str
    assignment: str
    kind: str
    days_late: int
    exercises: Mapping[str, Mapping[str, Any]]


def demo_class(
    root: Path, students: int = 60, seed: int = 7, progress: Callable[[int, int], object] | None = None
) -> list[Expected]:
    """Make a course and fill it with a class of made-up students.

    Parameters
    ----------
    root : Path
        A new folder, or a course in which nothing was handed in yet.
    students : int
        How many, 1 to 2,000.
    seed : int
        The same seed makes the same class.
    progress : callable, optional
        Told (submissions written, students times lessons).

    Returns
    -------
    list of Expected
        The truth, which is also in ``.backproplab/demo.json`` of the course.

    Raises
    ------
    UsageError
        If the number of students is out of range.
    GradersError
        If something was handed in already, there is no checkout, or the disk refuses.
    """
    if not 1 <= students <= 2000:
        raise UsageError(f"--students: 1 to 2,000, got {students}")
    course = _empty_course(root)
    chance = random.Random(seed)
    roster = dict(_roster(students, chance))
    due = _due_dates(datetime.now(UTC))
    truth: list[Expected] = []
    try:
        for number, lesson in enumerate(all_lessons()):
            for expected, text in _submissions(lesson, number, list(roster), chance):
                _hand_in(course, expected, text, due[lesson.folder])
                truth.append(expected)
                if progress:
                    progress(len(truth), students * len(all_lessons()))
        (course.root / TRUTH).write_text(
            json.dumps([asdict(one) for one in truth], indent=1), encoding="utf-8"
        )
    except OSError as error:
        raise GradersError(f"cannot write in {root}: {error.strerror or error}") from error
    with Gradebook(course.db_url, course.course_id) as gradebook:
        gradebook.enrol(roster)
        gradebook.set_due(due)
    if progress:
        progress(students * len(all_lessons()), students * len(all_lessons()))
    return truth


def truth_of(course: Path) -> list[Expected]:
    """Return what the submissions of a demo class must come to.

    Raises
    ------
    GradersError
        If the course has no such class.
    """
    try:
        return [Expected(**row) for row in json.loads((course / TRUTH).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise GradersError(f"{course}: holds no demo class; make one: backproplab course demo DIR") from error


def _empty_course(root: Path) -> Course:
    if checkout() is None:
        raise GradersError("course demo needs a checkout of the repository: known answers are not installed")
    if not (root / "nbgrader_config.py").is_file():
        new_course(root)
    course = open_course(root)
    if course.submitted.is_dir() and any(course.submitted.iterdir()):
        raise GradersError(f"{course.submitted}: kept, because something was handed in; choose a new folder")
    return course


def _roster(students: int, chance: random.Random) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give ``id, (first name, last name)``; ids are unique however large the class is."""
    names = [(first, last) for first in FIRST.split() for last in LAST.split()]
    chance.shuffle(names)
    for place in range(students):
        first, last = names[place % len(names)]
        again = str(place // len(names) + 1) if place >= len(names) else ""
        yield f"{first.lower()}.{last.lower()}{again}", (first, last)


def _due_dates(now: datetime) -> dict[str, datetime]:
    """Return a due date a week, the last one a month ago: nothing lies in the future."""
    end = now.replace(hour=18, minute=0, second=0, microsecond=0, tzinfo=None) - timedelta(days=30)
    lessons = all_lessons()
    return {lesson.folder: end - timedelta(weeks=len(lessons) - 1 - at) for at, lesson in enumerate(lessons)}


# What one class does with one lesson


def _submissions(
    lesson: Lesson, number: int, roster: Sequence[str], chance: random.Random
) -> Iterator[tuple[Expected, bytes]]:
    queue = [(name, answer) for name, known in _known_answers(lesson.slug).items() for answer in known]
    chance.shuffle(queue)
    queue.sort(key=lambda item: not item[1].names)  # every named mistake before anything else
    for at, student in enumerate(roster):
        if at < GONE * len(roster) * number / 4:
            continue
        draw = chance.random()
        days = chance.randint(1, 5) if chance.random() < LATE else 0
        if draw < BROKEN:
            kind = chance.choice(sorted(BROKEN_FILES))
            text = BROKEN_FILES[kind](_notebook(lesson, {}))
            yield Expected(student, lesson.folder, kind, days, {}), text
        elif draw < BROKEN + UNTOUCHED:
            yield _expected(student, lesson, "untouched", days, {}), _notebook(lesson, {})
        else:
            answers = _answers(lesson, queue, chance)
            yield _expected(student, lesson, "answers", days, answers), _notebook(lesson, answers)


def _answers(lesson: Lesson, queue: list[tuple[str, Answer]], chance: random.Random) -> dict[str, Answer]:
    """Choose a student's answers: right ones, some of the queue's, perhaps none from some exercise on.

    A wrong answer stands only where no other answer calls it, so that what each must come to is known.
    """
    solutions = _solutions(lesson)
    answers = solutions
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3))):
        name, answer = queue[0]
        trial = answers | {name: answer}
        if name not in answers or answers[name].kind != "right" or not _known(trial):
            trial = _stopped_at(name, answer, solutions) if answers is solutions else answers
        if trial is not answers:
            answers = trial
            queue.append(queue.pop(0))  # again when all the others have been seen
    if answers is solutions and chance.random() < 0.3:
        answers = dict(list(solutions.items())[: chance.randint(1, len(solutions))])
    return answers


def _stopped_at(name: str, answer: Answer, solutions: Mapping[str, Answer]) -> dict[str, Answer]:
    """Return right answers up to one that others call, and nothing after it."""
    return dict(list(solutions.items())[: list(solutions).index(name)]) | {name: answer}


def _known(answers: Mapping[str, Answer]) -> bool:
    """Tell whether no answer calls one that is wrong."""
    wrong = [name for name, answer in answers.items() if answer.kind != "right"]
    return not any(
        re.search(rf"\b{name}\b", answer.source)
        for name in wrong
        for other, answer in answers.items()
        if other != name
    )


def _expected(student: str, lesson: Lesson, kind: str, days: int, answers: Mapping[str, Answer]) -> Expected:
    none = Answer("untouched", "", "not_started", 0.0)
    told = {exercise.name: answers.get(exercise.name, none) for exercise in for_lesson(lesson.slug)}
    shown = {
        name: {"kind": a.kind, "status": a.status, "points": a.points, "names": list(a.names)}
        for name, a in told.items()
    }
    return Expected(student, lesson.folder, kind, days, shown)


# Texts


def _solutions(lesson: Lesson) -> dict[str, Answer]:
    points = {exercise.name: exercise.points for exercise in for_lesson(lesson.slug)}
    return {
        name: Answer("right", source, "pass", points[name])
        for name, source in _solution_cells(lesson).items()
    }


@cache
def _solution_cells(lesson: Lesson) -> Mapping[str, str]:
    cells = read(lesson.path)["cells"]
    marked = [(cell["metadata"].get("nbgrader", {}), cell) for cell in cells]
    return {mark["grade_id"]: _unmarked(cell_source(cell)) for mark, cell in marked if mark.get("solution")}


def _unmarked(source: str) -> str:
    """Leave out the lines that mark a region as solution: no student writes them."""
    return "\n".join(line for line in source.splitlines() if not re.match(r"\s*### (BEGIN|END) ", line))


def _known_answers(slug: str) -> dict[str, list[Answer]]:
    """Return the tests' wrong answers by exercise."""
    root = str(checkout())
    sys.path.insert(0, root)
    try:
        variants = importlib.import_module(f"tests.lessons.variants.{slug}").VARIANTS
    finally:
        sys.path.remove(root)
    found: dict[str, list[Answer]] = {}
    for one in variants:
        if one.status not in (*TOO_SLOW, "not_started") and one.exercise != "train" and one.kind != "right":
            answer = Answer(one.kind, one.source, one.status, one.points, one.names)
            found.setdefault(one.exercise, []).append(answer)
    return found


@cache
def _released(lesson: Lesson) -> str:
    return released_text(lesson)


def _notebook(lesson: Lesson, answers: Mapping[str, Answer]) -> bytes:
    notebook = json.loads(_released(lesson))
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]].source
    return json.dumps(notebook, indent=1).encode()


def _hand_in(course: Course, expected: Expected, text: bytes, due: datetime) -> None:
    folder = course.submitted / expected.student / expected.assignment
    folder.mkdir(parents=True)
    (folder / f"{expected.assignment}.ipynb").write_bytes(text)
    handed_in = due + timedelta(days=expected.days_late, hours=-3)
    (folder / STAMP).write_text(f"{handed_in:%Y-%m-%d %H:%M:%S} UTC\n", encoding="utf-8")


def census(truth: Sequence[Expected]) -> Counter[str]:
    """Count the submissions by kind, late ones apart."""
    kinds = Counter(one.kind if one.exercises else "cannot be read" for one in truth)
    return kinds + Counter({"late": sum(one.days_late > 0 for one in truth)})
