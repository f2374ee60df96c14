"""Export marks: as a table of our own, and in the forms that Canvas and Moodle take."""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from graders.class_marks import WAITING, ClassMarks, class_marks, plain
from graders.course import Course
from graders.errors import GradersError, UsageError
from graders.lms_rosters import CANVAS, MOODLE, Dialect, Sheet, read_sheet, sheet_text
from graders.near_in_roster import NearInRoster
from graders.standing import Student
from graders.written_files import write_files

__all__ = ["LMS", "RECORD", "TELL", "Exported", "export_csv", "export_lms", "export_place"]

LMS = {"canvas": CANVAS, "moodle": MOODLE}
RECORD = Path(".backproplab", "exports.json")
# All four at once: nbgrader empties what is left out.
TELL = (
    "tell the gradebook who they are: "
    "nbgrader db student add ID --first-name F --last-name L --email E --lms-user-id N"
)
ABOUT = ("student", "first_name", "last_name", "assignment", "state")
SUMS = ("late_penalty", "total", "possible")


@dataclass
class Exported:
    """What an export came to.

    Parameters
    ----------
    paths : list of Path
        The files.
    waiting : list of str
        Submissions that have no marks yet: their cells are left as they were.
    doubtful : list of str
        Submissions whose marks are written, though a person should look at them again.
    lost : dict
        Students of ours who are not in the file that was to be filled in -> who is near to them there.
    strange : list of str
        Those in it who are none of ours.
    """

    paths: list[Path]
    waiting: list[str] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    lost: dict[str, list[str]] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)


def export_place(course: Course, out: Path | None) -> Path:
    """Return the folder for exports."""
    return out or course.root / "exports"


def export_csv(course: Course, out: Path | None = None, assignment: str | None = None) -> Exported:
    """Write ``grades.csv``: a row for each student and assignment, a column for each exercise.

    Of one assignment it is ``grades_ASSIGNMENT.csv``, so that the whole class's stays.

    Raises
    ------
    GradersError
        If nothing was graded yet, somebody else's file is in the way, or the disk refuses.
    """
    marks = class_marks(course, assignment)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*ABOUT, *marks.exercises, *SUMS])
    writer.writerows(_row(marks, student, name) for name in marks.possible for student in marks.students)
    path = export_place(course, out) / _name("grades", marks, assignment)
    write_files({path: text.getvalue().encode()}, course.root / RECORD)
    return Exported([path], *_unsettled(marks))


def _name(kind: str, marks: ClassMarks, assignment: str | None) -> str:
    """Return the file's name; one assignment has a file of its own."""
    return "_".join([kind, *(marks.possible if assignment else ())]) + ".csv"


def _row(marks: ClassMarks, student: Student, assignment: str) -> list[str]:
    got = marks.of(student.id, assignment)
    about = (student.id, student.first, student.last, assignment, got.state)
    points = (plain(got.exercises.get(name)) for name in marks.exercises)
    sums = (plain(got.penalty) if got.exercises else "", plain(got.total), plain(marks.possible[assignment]))
    return [*map(_no_formula, about), *points, *sums]


def _no_formula(text: str) -> str:
    # A spreadsheet would compute what begins like this, whoever chose the name.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def export_lms(
    course: Course,
    kind: str,
    out: Path | None = None,
    roster: Path | None = None,
    assignment: str | None = None,
) -> Exported:
    """Write the marks in the form that Canvas or Moodle takes.

    Parameters
    ----------
    course : Course
        The course.
    kind : str
        ``canvas`` or ``moodle``.
    out : Path, optional
        The folder; ``exports/`` of the course by default.
    roster : Path, optional
        A file that the system has exported: its columns and rows are kept, our marks filled in.
    assignment : str, optional
        Only this one.

    Raises
    ------
    UsageError
        If the file to fill in would be written over, is of another kind, or does not fit our students.
    GradersError
        If nothing was graded yet, students cannot be told apart, somebody else's file is in the way, or the
        disk refuses.
    """
    marks = class_marks(course, assignment)
    path = export_place(course, out) / _name(kind, marks, assignment)
    if roster is not None and path.resolve() == roster.resolve():
        raise UsageError(f"--roster {roster} would be written over\nchoose another --out")
    dialect = LMS[kind]
    sheet, found, lost = _filled_in(roster, dialect, marks) if roster else _new(dialect, marks)
    for name, possible in marks.possible.items():
        place = sheet.column(name)
        sheet.set_points(place, plain(possible))
        for student, cells in found.items():
            cells[place] = plain(marks.of(student, name).total) or cells[place]
    write_files({path: sheet_text(sheet).encode()}, course.root / RECORD)
    strange = sheet.strangers(found)
    near = NearInRoster(strange)
    return Exported([path], *_unsettled(marks), {one.id: near.of(one) for one in lost}, list(strange))


def _filled_in(
    roster: Path, dialect: Dialect, marks: ClassMarks
) -> tuple[Sheet, dict[str, list[str]], list[Student]]:
    sheet = read_sheet(roster, dialect)
    found, lost = sheet.match(marks.students)
    if not found:
        by = ", ".join(dialect.keys)
        raise UsageError(f"{roster}: none of our {len(marks.students)} students is in it, by {by}\n{TELL}")
    # Who never handed in anything and is not there has left the course.
    handed_in = {student for student, _ in marks.marks}
    return sheet, found, [student for student in lost if student.id in handed_in]


def _new(dialect: Dialect, marks: ClassMarks) -> tuple[Sheet, dict[str, list[str]], list[Student]]:
    seen: dict[str, str] = {}
    for student in marks.students:
        twin = seen.setdefault(student.id.casefold(), student.id)
        if twin != student.id:
            raise GradersError(
                f"students {twin!r} and {student.id!r} differ in case only: one person for {dialect.name}\n"
                "remove one of them: nbgrader db student remove ID"
            )
    rows = {student.id: _identity(dialect, student) for student in marks.students}
    sheet = Sheet(dialect.name, dialect, list(dialect.columns), list(enumerate(rows.values(), 2)))
    return sheet, rows, []


def _identity(dialect: Dialect, student: Student) -> list[str]:
    if dialect is CANVAS:
        name = ", ".join(filter(None, (student.last, student.first))) or student.id
        return [name, student.lms, "", student.id, ""]
    return [student.id, student.first, student.last, student.lms, student.email]


def _unsettled(marks: ClassMarks) -> tuple[list[str], list[str]]:
    """Return what has no marks yet, and what has some that still need a person."""
    waiting: list[str] = []
    doubtful: list[str] = []
    for (who, what), got in sorted(marks.marks.items()):
        if got.state == WAITING:
            (waiting if got.total is None else doubtful).append(f"{who} {what}")
    return waiting, doubtful
