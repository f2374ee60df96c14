"""Files of a learning management system: read one, find our students and assignments in it, fill in marks."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graders.errors import UsageError
from graders.standing import Student

__all__ = ["CANVAS", "MOODLE", "Dialect", "Sheet", "read_sheet", "sheet_text"]

POINTS = "points possible"


@dataclass(frozen=True)
class Dialect:
    """How a system writes its gradebook as CSV.

    Parameters
    ----------
    name : str
        The system's name.
    columns : sequence of str
        The columns about a student, as we write them.
    required : sequence of str
        Those that a file from there must have.
    keys : mapping
        Column -> what of ours it may hold; a file must have one of them.
    person : sequence of str
        Columns with a student's name.
    title : str
        Pattern of a column of marks: its group is the assignment's name.
    points_row : bool
        Whether a row above the students tells the points that can be had.
    remedy : str
        How to get such a file.
    """

    name: str
    columns: Sequence[str]
    required: Sequence[str]
    keys: Mapping[str, Callable[[Student], Iterable[str]]]
    person: Sequence[str]
    title: str
    points_row: bool
    remedy: str


CANVAS = Dialect(
    name="Canvas",
    columns=("Student", "ID", "SIS User ID", "SIS Login ID", "Section"),
    required=("Student", "ID", "SIS Login ID", "Section"),
    keys={
        "SIS Login ID": lambda student: (student.id, student.email),
        "SIS User ID": lambda student: (student.id, student.lms),
        "ID": lambda student: (student.lms,),
    },
    person=("Student",),
    title=r"(.+?)(?: \(\d+\))?",
    points_row=True,
    remedy="take the file that Canvas exports (Gradebook, Export), in English and unchanged",
)
MOODLE = Dialect(
    name="Moodle",
    columns=("Username", "First name", "Last name", "ID number", "Email address"),
    required=("First name",),
    keys={
        "Username": lambda student: (student.id,),
        "ID number": lambda student: (student.id, student.lms),
        "Email address": lambda student: (student.email, student.id),
    },
    person=("First name", "Last name"),
    title=r"(?:\w+: ?)?(.+?)(?: \(Real\))?",
    points_row=False,
    remedy="take the file that Moodle exports (Grades, Export, Plain text file), in English and unchanged",
)


@dataclass
class Sheet:
    """A file of such a system.

    Parameters
    ----------
    name : str
        What messages call it.
    dialect : Dialect
        Whose it is.
    header : list of str
        Its first line.
    rows : list of (int, list of str)
        The other ones, each with its number in the file.
    delimiter : str
        What stands between two cells.
    """

    name: str
    dialect: Dialect
    header: list[str]
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    delimiter: str = ","

    def students(self) -> list[tuple[int, list[str]]]:
        """Return the rows of students; Canvas has others above them, and a student of its own for trying."""
        if not self.dialect.points_row:
            return self.rows
        first = 1 + next((i for i, (_, cells) in enumerate(self.rows) if _is_points(cells[0])), -1)
        return [(line, cells) for line, cells in self.rows[first:] if cells[0].strip() != "Student, Test"]

    def match(self, students: Iterable[Student]) -> tuple[dict[str, list[str]], list[Student]]:
        """Find our students.

        Returns
        -------
        found : dict
            Student's id -> row.
        lost : list of Student
            Those who are not in the file.

        Raises
        ------
        UsageError
            If a name stands twice in the file, two of ours are one there, or one of ours is two.
        """
        index = self._index()
        found: dict[str, tuple[int, list[str]]] = {}
        lost = []
        for student in students:
            rows = dict(_looked_up(index, self.dialect, student))
            if len(rows) > 1:
                lines = " and ".join(map(str, sorted(rows)))
                raise UsageError(f"{self.name}, lines {lines}: both could be our student {student.id!r}")
            if rows:
                found[student.id] = rows.popitem()
            else:
                lost.append(student)
        self._refuse_twins(found)
        return {student: cells for student, (_, cells) in found.items()}, lost

    def strangers(self, found: Mapping[str, list[str]]) -> dict[str, list[str]]:
        """Return those who are none of ours: what to call them -> all that tells who they are."""
        ours = set(map(id, found.values()))
        people = {}
        for line, row in self.students():
            if id(row) not in ours:
                cells = {name: cell.strip() for name, cell in zip(self.header, row, strict=True)}
                name = " ".join(filter(None, (cells.get(column) for column in self.dialect.person)))
                keys = [cells[key] for key in self.dialect.keys if cells.get(key)]
                login = f"({keys[0]})" if keys else ""
                people[" ".join(filter(None, (name, login))) or f"line {line}"] = [name, *keys]
        return people

    def _index(self) -> dict[tuple[str, str], tuple[int, list[str]]]:
        index: dict[tuple[str, str], tuple[int, list[str]]] = {}
        for key in (key for key in self.dialect.keys if key in self.header):
            place = self.header.index(key)
            for line, cells in self.students():
                value = cells[place].strip()
                earlier = index.get((key, value.casefold()))
                if value and earlier:
                    raise UsageError(
                        f"{self.name}, line {line}: {key} {value!r} stands on line {earlier[0]} too\n"
                        "remove one of the two rows: a student may be listed once only"
                    )
                index[key, value.casefold()] = (line, cells)
        return {(key, value): row for (key, value), row in index.items() if value}

    def _refuse_twins(self, found: Mapping[str, tuple[int, list[str]]]) -> None:
        owner: dict[int, str] = {}
        for student, (line, _) in found.items():
            if line in owner:
                raise UsageError(
                    f"{self.name}, line {line}: both {owner[line]!r} and {student!r} of our gradebook"
                    " are this one\nremove one of them: nbgrader db student remove ID"
                )
            owner[line] = student

    def column(self, assignment: str) -> int:
        """Return the place of an assignment's marks; a new last column where there is none.

        Raises
        ------
        UsageError
            If two columns could be the one.
        """
        wanted = {_bare(assignment), _bare(re.sub(r"^\d+_", "", assignment))}
        places = [
            i for i, text in enumerate(self.header) if i >= self._first() and self._title(text) in wanted
        ]
        if len(places) > 1:
            both = " and ".join(repr(self.header[i]) for i in places)
            raise UsageError(
                f"{self.name}, line 1: both {both} could be {assignment}\n"
                f"rename one of them in {self.dialect.name}"
            )
        if places:
            return places[0]
        self.header.append(assignment)
        for _, cells in self.rows:
            cells.append("")
        return len(self.header) - 1

    def set_points(self, place: int, points: str) -> None:
        """Fill in the points that can be had, where the system has a row for them.

        Raises
        ------
        UsageError
            If it has other points there.
        """
        if not self.dialect.points_row:
            return
        row = next(((line, cells) for line, cells in self.rows if _is_points(cells[0])), None)
        if row is None:
            row = (2, ["    Points Possible", *[""] * (len(self.header) - 1)])
            self.rows.insert(0, row)
        line, cells = row
        there = cells[place].strip()
        if there and _number(there) != float(points):
            raise UsageError(
                f"{self.name}, line {line}: {self.header[place]!r} has {there} points there, "
                f"{points} here\ngive it {points} points in {self.dialect.name} and export the file again"
            )
        cells[place] = cells[place] or points

    def _first(self) -> int:
        """Return where the columns about a student end."""
        return 1 + max(self.header.index(name) for name in self.dialect.columns if name in self.header)

    def _title(self, text: str) -> str:
        matched = re.fullmatch(self.dialect.title, text.strip())
        return _bare(matched[1]) if matched else ""


def _number(text: str) -> float | None:
    """Return the number that a cell holds, if it holds one."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _is_points(text: str) -> bool:
    return text.strip().casefold() == POINTS


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "_", text.strip().casefold())


def _looked_up(
    index: Mapping[tuple[str, str], tuple[int, list[str]]], dialect: Dialect, student: Student
) -> Iterable[tuple[int, list[str]]]:
    for key, ours in dialect.keys.items():
        for text in filter(None, ours(student)):
            if (key, text.strip().casefold()) in index:
                yield index[key, text.strip().casefold()]


def read_sheet(file: Path, dialect: Dialect) -> Sheet:
    """Read a file that the system has exported.

    Raises
    ------
    UsageError
        If it cannot be read or is another file: with the line, and what to do.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not a text in UTF-8\n{dialect.remedy}") from error
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        lines = [(reader.line_num, cells) for cells in reader]
    except csv.Error as error:
        raise UsageError(f"{file}, line {reader.line_num}: {error}\n{dialect.remedy}") from error
    lines = [(line, cells) for line, cells in lines if any(map(str.strip, cells))]
    header = [cell.strip() for cell in lines[0][1]] if lines else []
    _check_header(file, header, dialect)
    for line, cells in lines[1:]:
        if len(cells) != len(header):
            raise UsageError(
                f"{file}, line {line}: {len(cells)} cells, the first line has {len(header)}\n{dialect.remedy}"
            )
    return Sheet(str(file), dialect, header, lines[1:], delimiter)


def _check_header(file: Path, header: list[str], dialect: Dialect) -> None:
    missing = [name for name in dialect.required if name not in header]
    keyless = not any(key in header for key in dialect.keys)
    if not missing and not keyless:
        return
    shown = ", ".join(header[:6]) + (", ..." if len(header) > 6 else "") or "nothing"
    lacking = ", ".join(missing) or f"one of {', '.join(dialect.keys)}"
    raise UsageError(
        f"{file}, line 1: no {dialect.name} file, it lacks {lacking}; its columns: {shown}\n{dialect.remedy}"
    )


def sheet_text(sheet: Sheet) -> str:
    """Return the sheet as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=sheet.delimiter, lineterminator="\r\n")
    writer.writerow(sheet.header)
    writer.writerows(cells for _, cells in sheet.rows)
    return text.getvalue()
