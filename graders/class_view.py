"""What a class came to, as data: marks, mistakes by exercise, who is stuck where, what failed on our side.

The page and the text of the report both render this.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graders.assignments import Assignment, find_assignment, must_be_readable, read_assignments
from graders.course import Course
from graders.errors import GradersError, UnreadableNotebook
from graders.exercise import Misconception, Result, Verdict
from graders.gradebook import Gradebook
from graders.index import opening
from graders.lesson_parts import Part, parts_of_mistake
from graders.lessons import find_lesson
from graders.notebook import cell_source, read
from graders.similar import Alike, alike_answers
from graders.standing import Standing
from graders.submitted import contents

__all__ = ["STOPPED", "ClassView", "ExerciseView", "LessonView", "Mistake", "class_view", "title_of"]

# Statuses that are no judgement of the numbers: the form was wrong, or the code did not end well.
STOPPED = ("ungradable", "timeout", "crashed", "error", "flagged")


@dataclass(frozen=True)
class Mistake:
    """A named mistake in one exercise.

    Parameters
    ----------
    id : str
        The misconception.
    students : tuple of str
        Who made it.
    layers : mapping
        Layer -> in how many answers; without those that no layer belongs to.
    others : tuple of str
        Other names that the same numbers may have.
    example : Verdict
        What one of them read.
    parts : tuple of Part
        What to go over again: what leads to this exercise, then where the mistake was treated first.
    """

    id: str
    students: tuple[str, ...]
    layers: Mapping[int, int]
    others: tuple[str, ...]
    example: Verdict
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class ExerciseView:
    """How a class did in one exercise.

    Parameters
    ----------
    name : str
        The exercise.
    possible : float
        Marks to be had.
    statuses : mapping
        Status -> number of students.
    share : float
        The part of the marks that was earned, by the grader's own verdicts.
    mistakes : tuple of Mistake
        The most frequent first.
    unnamed : int
        How many wrong answers have no name.
    stuck, before : tuple of str
        Who tried it and came no further, and who stopped before it.
    """

    name: str
    possible: float
    statuses: Mapping[str, int]
    share: float
    mistakes: tuple[Mistake, ...]
    unnamed: int
    stuck: tuple[str, ...]
    before: tuple[str, ...]

    def count(self, *statuses: str) -> int:
        """Return how many students have one of these statuses."""
        return sum(self.statuses.get(status, 0) for status in statuses)


@dataclass(frozen=True)
class LessonView:
    """How a class did in one assignment.

    Parameters
    ----------
    name, title : str
        The assignment's folder, and the lesson's own title.
    standings : mapping
        Student -> what the gradebook holds.
    exercises : tuple of ExerciseView
        In the lesson's order.
    untouched, through : tuple of str
        Who handed in nothing but stubs, and who solved the last exercise.
    refused : mapping
        Student -> why the notebook could not be graded.
    stopped : tuple of (str, str, str)
        Student, exercise and status, where code did not end well or tampering was seen.
    unknown : tuple of str
        Whose marks stand in the gradebook without a verdict of ours.
    alike : tuple of Alike
        Similar answers.
    """

    name: str
    title: str
    standings: Mapping[str, Standing]
    exercises: tuple[ExerciseView, ...]
    untouched: tuple[str, ...]
    through: tuple[str, ...]
    refused: Mapping[str, str]
    stopped: tuple[tuple[str, str, str], ...]
    unknown: tuple[str, ...]
    alike: tuple[Alike, ...]


@dataclass(frozen=True)
class ClassView:
    """How a class did.

    Parameters
    ----------
    course_id : str
        The course's name.
    names : mapping
        Student -> name, of everybody in the gradebook.
    lessons : tuple of LessonView
        Those for which something was graded.
    isolation : mapping
        What kept students' code apart -> in how many gradings.
    """

    course_id: str
    names: Mapping[str, str]
    lessons: tuple[LessonView, ...]
    isolation: Mapping[str, int]

    def most_frequent(self) -> list[tuple[str, set[str], list[str]]]:
        """Return the mistakes of the whole class: id, students, exercises; the most frequent first."""
        students: defaultdict[str, set[str]] = defaultdict(set)
        exercises: defaultdict[str, list[str]] = defaultdict(list)
        for lesson in self.lessons:
            for exercise in lesson.exercises:
                for mistake in exercise.mistakes:
                    students[mistake.id].update(mistake.students)
                    exercises[mistake.id].append(exercise.name)
        ranked = sorted(students, key=lambda id: (-len(students[id]), id))
        return [(id, students[id], exercises[id]) for id in ranked]


def class_view(
    course: Course, assignment: str | None = None, progress: Callable[[int, int], object] | None = None
) -> ClassView:
    """Read what a class came to.

    Parameters
    ----------
    course : Course
        The course.
    assignment : str, optional
        Only this one.
    progress : callable, optional
        Told (lessons read, lessons in all).

    Raises
    ------
    UnknownName
        If there is no such assignment.
    GradersError
        If nothing was graded yet, or the gradebook or a graded lesson's source cannot be read.
    """
    known, broken = read_assignments(course.source)
    wanted = list(known) if assignment is None else [find_assignment(assignment, known, broken)]
    with Gradebook(course.db_url, course.course_id) as gradebook:
        entries, standings, names = gradebook.entries(), gradebook.standings(), gradebook.names()
    if assignment is None:
        must_be_readable(broken, {of for of, _ in entries})
    by_slug = {one.lesson: one for one in known.values()}
    lessons = []
    for number, name in enumerate(wanted, 1):
        mine = {s.student: s for s in standings if (s.assignment, s.notebook) == (name, known[name].notebook)}
        results = {student: entry.result for (of, student), entry in entries.items() if of == name}
        if mine:
            lessons.append(_lesson(course, known[name], mine, results, by_slug))
        if progress:
            progress(number, len(wanted))
    if not lessons:
        raise GradersError(
            f"{course.root}: nothing graded yet\nfirst: backproplab grade --course {course.root}"
        )
    shown = {lesson.name for lesson in lessons}
    isolation = Counter(e.result.isolation for (of, _), e in entries.items() if of in shown)
    del isolation[""]  # nothing was run where nothing could be read
    return ClassView(course.course_id, names, tuple(lessons), isolation)


def title_of(assignment: Assignment) -> str:
    """Return the title of an assignment's lesson, or its name where the lesson does not tell."""
    try:
        return opening(find_lesson(assignment.lesson)).title
    except GradersError:
        return assignment.name


def _lesson(
    course: Course,
    assignment: Assignment,
    standings: Mapping[str, Standing],
    results: Mapping[str, Result],
    lessons: Mapping[str, Assignment],
) -> LessonView:
    graded = {student: result for student, result in results.items() if result.error is None}
    reached = {student: _reached(result) for student, result in graded.items()}
    stopped = [
        (student, verdict.name, verdict.status)
        for student, result in graded.items()
        for verdict in result.exercises
        if verdict.status in ("timeout", "crashed", "flagged")
    ]
    return LessonView(
        name=assignment.name,
        title=title_of(assignment),
        standings=standings,
        exercises=tuple(_exercises(assignment, graded, reached, lessons)),
        untouched=_who(reached, ("untouched", "")),
        through=_who(reached, ("through", "")),
        refused={student: r.error for student, r in results.items() if r.error is not None},
        stopped=tuple(stopped),
        unknown=tuple(student for student in standings if student not in results),
        alike=tuple(alike_answers(assignment, _solutions(course, assignment), _answers(course, assignment))),
    )


def _reached(result: Result) -> tuple[str, str]:
    """Return how far a student came: through, untouched, or stuck at or stopped before an exercise."""
    verdicts = result.exercises
    started = [i for i, verdict in enumerate(verdicts) if verdict.status != "not_started"]
    if not started:
        return "untouched", ""
    last = verdicts[started[-1]]
    if last.status != "pass":
        return "stuck", last.name
    following = verdicts[started[-1] + 1 :]
    return ("before", following[0].name) if following else ("through", "")


def _who(reached: Mapping[str, tuple[str, str]], where: tuple[str, str]) -> tuple[str, ...]:
    return tuple(student for student, place in reached.items() if place == where)


def _exercises(
    assignment: Assignment,
    graded: Mapping[str, Result],
    reached: Mapping[str, tuple[str, str]],
    lessons: Mapping[str, Assignment],
) -> Iterable[ExerciseView]:
    for name in assignment.exercises:
        verdicts = {s: v for s, result in graded.items() for v in result.exercises if v.name == name}
        wrong = [v for v in verdicts.values() if v.status in ("partial", "fail")]
        possible = sum(verdict.possible for verdict in verdicts.values())
        yield ExerciseView(
            name=name,
            possible=max((verdict.possible for verdict in verdicts.values()), default=0.0),
            statuses=Counter(verdict.status for verdict in verdicts.values()),
            share=sum(v.points for v in verdicts.values()) / possible if possible else 0.0,
            mistakes=tuple(_mistakes(assignment, name, verdicts, lessons)),
            unnamed=sum(not verdict.misconceptions for verdict in wrong),
            stuck=_who(reached, ("stuck", name)),
            before=_who(reached, ("before", name)),
        )


def _mistakes(
    assignment: Assignment, exercise: str, verdicts: Mapping[str, Verdict], lessons: Mapping[str, Assignment]
) -> list[Mistake]:
    made: defaultdict[str, list[tuple[str, Verdict, Misconception]]] = defaultdict(list)
    for student, verdict in verdicts.items():
        for misconception in verdict.misconceptions:
            made[misconception.id].append((student, verdict, misconception))
    found = [
        Mistake(
            id=id,
            students=tuple(dict.fromkeys(student for student, *_ in cases)),
            layers=Counter(named.layer for *_, named in cases if named.layer is not None),
            others=_others(id, [named for *_, named in cases]),
            example=_example([verdict for _, verdict, _ in cases]),
            parts=tuple(parts_of_mistake(id, exercise, assignment, lessons)),
        )
        for id, cases in made.items()
    ]
    return sorted(found, key=lambda mistake: (-len(mistake.students), mistake.id))


def _others(id: str, named: Sequence[Misconception]) -> tuple[str, ...]:
    found = (other.id for one in named for other in one.alternatives if other.id != id)
    return tuple(dict.fromkeys(found))


def _example(verdicts: Sequence[Verdict]) -> Verdict:
    """Return one that tells of this mistake alone, if there is one, and of no exception besides."""
    return min(verdicts, key=lambda verdict: (verdict.status in STOPPED, len(verdict.misconceptions)))


# The answers themselves


def _solutions(course: Course, assignment: Assignment) -> dict[str, str]:
    cells = read(course.source / assignment.name / f"{assignment.notebook}.ipynb")["cells"]
    return _sources(cells, assignment)


def _answers(course: Course, assignment: Assignment) -> dict[str, dict[str, str]]:
    """Return what everybody answered, as ``autograded/`` has it: mended, and the text that counted."""
    found = {}
    for path in sorted(course.autograded.glob(f"*/{assignment.name}/{assignment.notebook}.ipynb")):
        student = path.parent.parent.name
        found[student] = _of_file(path, assignment)
    return found


def _of_file(path: Path, assignment: Assignment) -> dict[str, str]:
    try:
        return _sources(json.loads(contents(path))["cells"], assignment)
    except (UnreadableNotebook, ValueError, KeyError, TypeError):
        return {}  # another program's file: it only cannot be compared


def _sources(cells: Iterable[Mapping[str, object]], assignment: Assignment) -> dict[str, str]:
    exercises = set(assignment.exercises)
    marked = ((dict(cell), cell["metadata"]) for cell in cells)
    named = {
        metadata.get("nbgrader", {}).get("grade_id", ""): cell_source(cell)
        for cell, metadata in marked
        if isinstance(metadata, dict)
    }
    return {name: text for name, text in named.items() if name in exercises}
