"""What lies in ``submitted/STUDENT/ASSIGNMENT/``: the notebooks, and everything that has no business there.

Nothing is followed: a link, a named pipe or a folder in a notebook's place is "not a regular file".
"""

import os
import stat
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import normalize

from graders.course import Course
from graders.errors import UnreadableNotebook
from graders.runner import file_contents

__all__ = ["Submitted", "all_submitted", "contents", "timestamp_of"]

IRREGULAR = "not a regular file"
MISPLACED = "a notebook belongs into submitted/{}/"
STAMP = "timestamp.txt"
MAX_NAME = 128  # nbgrader's columns hold no more


@dataclass(frozen=True)
class Submitted:
    """One assignment handed in by one student, as far as its folder tells.

    Parameters
    ----------
    student, assignment : str
        The names of the folders.
    path : Path
        The notebook; the folder where no notebook could be chosen.
    name : str
        The same from the course's folder on, as results call it.
    problem : str
        Why it cannot be read.
    remarks : tuple of str
        What is unusual, though it can be graded.
    """

    student: str
    assignment: str
    path: Path
    name: str
    problem: str = ""
    remarks: tuple[str, ...] = field(default=(), compare=False)


def all_submitted(course: Course, notebooks: dict[str, str]) -> list[Submitted]:
    """Return everything that was handed in, whatever its state, by student and assignment.

    Parameters
    ----------
    course : Course
        Where to look.
    notebooks : dict
        Assignment -> the name of its notebook, without ``.ipynb``.

    Returns
    -------
    list of Submitted
        One for each folder of a student that is an assignment or holds a notebook.
    """
    students = _entries(course.submitted)
    twins = _twins([student.name for student in students])
    found = []
    for student in students:
        twin = twins.get(student.name)
        remarks = (f"student {twin!r} differs in case only: the same person?",) if twin else ()
        try:
            found += list(_of_student(course, student, notebooks, remarks))
        except OSError as error:
            problem = error.strerror or str(error)
            found.append(_unusable(course, student.name, "", Path(student.path), problem))
    return found


def _of_student(
    course: Course, student: os.DirEntry[str], notebooks: dict[str, str], remarks: tuple[str, ...]
) -> Iterator[Submitted]:
    problem = IRREGULAR if student.is_symlink() else _unstorable(student.name)
    if problem:
        yield _unusable(course, _printable(student.name), "", Path(student.path), problem)
        return
    if not student.is_dir(follow_symlinks=False):
        if student.name.endswith(".ipynb"):
            yield _unusable(course, "", "", Path(student.path), MISPLACED.format("STUDENT/ASSIGNMENT"))
        return  # a list, a read-me, what an operating system leaves
    for folder in _entries(Path(student.path)):
        path = Path(folder.path)
        if folder.name not in notebooks:
            if folder.is_dir(follow_symlinks=False) and any(path.glob("*.ipynb")):
                problem = f"{folder.name!r} is not an assignment of this course"
                yield _unusable(course, student.name, "", path, problem + _meant(folder.name, notebooks))
            elif folder.name.endswith(".ipynb"):
                problem = MISPLACED.format(f"{student.name}/ASSIGNMENT")
                yield _unusable(course, student.name, "", path, problem)
        elif folder.is_symlink() or not folder.is_dir(follow_symlinks=False):
            yield _unusable(course, student.name, folder.name, path, IRREGULAR)
        else:
            yield _of_folder(course, student.name, path, notebooks[folder.name], remarks)


def _meant(name: str, assignments: Collection[str]) -> str:
    """Offer the assignment of that lesson, which was named without its number."""
    meant = [known for known in assignments if known.partition("_")[2] == name]
    return f": did you mean {meant[0]!r}?" if meant else ""


def _of_folder(
    course: Course, student: str, folder: Path, expected: str, remarks: tuple[str, ...]
) -> Submitted:
    """Choose the notebook: the one with the right name, else the only one."""
    found = sorted(entry.name for entry in _entries(folder) if entry.name.endswith(".ipynb"))
    right = f"{expected}.ipynb"
    if right not in found and len(found) != 1:
        problem = f"{len(found)} notebooks and none is named {right}" if found else "no notebook in it"
        return _unusable(course, student, folder.name, folder, problem)
    path = folder / (right if right in found else found[0])
    others = [name for name in found if name != path.name]
    if others:
        remarks = (*remarks, f"only {path.name} counts, not {', '.join(others)}")
    problem = "" if stat.S_ISREG(path.lstat().st_mode) else IRREGULAR
    return Submitted(student, folder.name, path, _name(course, path), problem, remarks)


def _unusable(course: Course, student: str, assignment: str, path: Path, problem: str) -> Submitted:
    return Submitted(student, assignment, path, _name(course, path), problem)


def _unstorable(student: str) -> str:
    if len(student) > MAX_NAME:
        return f"the student's name has more than {MAX_NAME} characters"
    return "" if student.isprintable() else "the student's name holds characters that cannot be stored"


def _name(course: Course, path: Path) -> str:
    """Return the path from the course's folder on, safe to print and to store."""
    name = path.relative_to(course.root).as_posix() if path.is_relative_to(course.root) else str(path)
    return _printable(name)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder, in order, without hidden things; nothing if there is no folder."""
    if not folder.is_dir():
        return []
    with os.scandir(folder) as entries:
        return sorted((e for e in entries if not e.name.startswith(".")), key=lambda entry: entry.name)


def _twins(students: list[str]) -> dict[str, str]:
    """Return for each name that differs from another one in case or composition only that other one."""
    alike = defaultdict(list)
    for name in students:
        alike[normalize("NFC", name).casefold()].append(name)
    return {name: other for group in alike.values() for name in group for other in group if name != other}


def contents(path: Path) -> bytes:
    """Return a file's bytes, one more than allowed at most.

    Raises
    ------
    UnreadableNotebook
        If it is no regular file or the disk refuses.
    """
    if path.is_symlink():  # it may lead out of the course
        raise UnreadableNotebook(IRREGULAR)
    return file_contents(path)


def timestamp_of(folder: Path, now: datetime | None = None) -> tuple[datetime | None, str]:
    """Return when a submission was handed in, in UTC as nbgrader stores it, and what is odd about that.

    Parameters
    ----------
    folder : Path
        The submission's folder; its ``timestamp.txt`` is read the way nbgrader does.
    now : datetime, optional
        Stands in for the clock.

    Returns
    -------
    timestamp : datetime or None
        None where the file is missing or damaged.
    remark : str
        Empty if all is well.
    """
    file = folder / STAMP
    if not file.exists() and not file.is_symlink():
        return None, ""
    try:
        moment = _moment(contents(file)[:200].decode("utf-8").strip())
    except (UnreadableNotebook, ValueError, OverflowError) as error:
        return None, f"{STAMP} tells no time, so it is not late: {str(error) or 'empty'}"
    late = moment > (now or datetime.now(UTC).replace(tzinfo=None))
    return moment, f"{STAMP} lies in the future: {moment:%Y-%m-%d %H:%M} UTC" if late else ""


def _moment(text: str) -> datetime:
    from dateutil import parser, tz  # type: ignore[import-untyped]  # has no types

    if not text:
        raise ValueError
    zone = {"tzinfos": lambda name, offset: tz.gettz(name) if name else offset}
    moment: datetime = parser.parse(text, **zone)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
