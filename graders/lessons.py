"""Where the lessons are: in a checkout the sources with solutions, in a wheel the released copies."""

import re
from dataclasses import dataclass
from pathlib import Path

from graders.errors import GradersError, UnknownName, UsageError

__all__ = [
    "Lesson",
    "all_lessons",
    "checkout",
    "find_lesson",
    "holds_lessons",
    "refuse_sources",
    "start_notebook",
]

_FOLDER = re.compile(r"(\d\d)_([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Lesson:
    """One lesson.

    Parameters
    ----------
    number : int
        Its place in the sequence; it appears in the folder's name only.
    slug : str
        Its name everywhere else.
    path : Path
        The notebook: the source with solutions in a checkout, else the released copy.
    """

    number: int
    slug: str
    path: Path

    @property
    def folder(self) -> str:
        """The name of its folder, of its notebook, and of its nbgrader assignment."""
        return f"{self.number:02d}_{self.slug}"


def checkout() -> Path | None:
    """Return the root of the repository this package runs from, or None for an installed wheel."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "lessons").is_dir() and (root / "pyproject.toml").is_file() else None


def _home() -> Path:
    root = checkout()
    return root / "lessons" if root else Path(__file__).resolve().parent.parent / "backproplab" / "_lessons"


def refuse_sources(folder: Path) -> None:
    """Refuse the lessons' own folder as a student's.

    Raises
    ------
    UsageError
        If the folder is that of the sources, or lies in it.
    """
    root = checkout()
    if root and folder.resolve().is_relative_to(root / "lessons"):
        raise UsageError(f"{folder} holds the lessons' sources, with solutions: choose another folder")


def start_notebook() -> Path:
    """Return the notebook with which the course begins; beside the folders, so that it is no assignment."""
    return _home() / "start.ipynb"


def all_lessons() -> tuple[Lesson, ...]:
    """Return every lesson in order.

    Raises
    ------
    GradersError
        If the installation holds no lessons at all.
    """
    home = _home()
    matches = [(m, p) for p in sorted(home.glob("*")) if p.is_dir() and (m := _FOLDER.fullmatch(p.name))]
    lessons = [Lesson(int(m[1]), m[2], p / f"{p.name}.ipynb") for m, p in matches]
    if not lessons:
        raise GradersError(f"no lessons found in {home}: install backproplab again")
    return tuple(lessons)


def find_lesson(name: str) -> Lesson:
    """Return the lesson with that slug, number or folder name.

    Raises
    ------
    UnknownName
        If there is none; the nearest name is offered.

    Examples
    --------
    >>> find_lesson("1") == find_lesson("one_neuron") == find_lesson("01_one_neuron")
    True
    """
    lessons = all_lessons()
    for lesson in lessons:
        if name in (lesson.slug, lesson.folder) or (name.isdecimal() and int(name) == lesson.number):
            return lesson
    raise UnknownName("lesson", name, [lesson.slug for lesson in lessons])


def holds_lessons(folder: Path) -> bool:
    """Tell whether any lesson's notebook lies in a folder, in a folder of its own."""
    return any((folder / one.folder / f"{one.folder}.ipynb").is_file() for one in all_lessons())
