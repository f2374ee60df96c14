"""The student's own record: what the last check of each exercise gave, kept across restarts of the kernel.

It lies in ``.backproplab/progress.json`` of the lessons' folder. It is for the student alone: grading never
reads it and never writes it.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from graders.defined import fingerprint
from graders.errors import GradersError
from graders.exercise import Verdict
from graders.notebook import write

__all__ = ["NO_PROGRESS", "Mark", "can_be_kept", "is_off", "keep", "lessons_folder", "look", "read"]

HOME, FILE, DAMAGED = ".backproplab", "progress.json", "progress.damaged.json"
START = "start.ipynb"  # lies beside the lessons' folders
# Nothing is kept where one of these is set: by whoever runs solutions; by nbgrader while it runs a notebook.
NO_PROGRESS = "BACKPROPLAB_NO_PROGRESS"
SWITCHES = (NO_PROGRESS, "NBGRADER_EXECUTION")
SECONDS = 2.0  # another kernel holds the lock for some milliseconds
LARGEST = 1_000_000


@dataclass(frozen=True)
class Mark:
    """What the last check of one exercise gave.

    Parameters
    ----------
    points, possible : float
        Marks earned, marks to be had.
    status : str
        The verdict's status.
    text : str
        The fingerprint of the cell that was checked; empty where it is not known.
    """

    points: float
    possible: float
    status: str
    text: str = ""


def is_off() -> bool:
    """Tell whether somebody else than a student runs the notebook."""
    return any(os.environ.get(switch) for switch in SWITCHES)


def lessons_folder(start: Path) -> Path:
    """Return the nearest folder, upward, with a record or the start notebook in it; else ``start``."""
    upward = (start, *start.parents)
    return next((f for f in upward if (f / HOME).is_dir() or (f / START).is_file()), start)


def keep(verdict: Verdict, text: str = "") -> str:
    """Put a verdict into the record of the lessons' folder; where that cannot be written, do nothing.

    Parameters
    ----------
    verdict : Verdict
        It takes the place of the exercise's earlier one.
    text : str, optional
        The text of the cell that was checked.

    Returns
    -------
    str
        What the student should know, one line; mostly nothing.
    """
    if is_off():
        return ""
    try:
        home = lessons_folder(Path.cwd()) / HOME
        home.mkdir(exist_ok=True)
        with _alone(home):
            marks, note = read(home.parent)
            mark = Mark(float(verdict.points), float(verdict.possible), verdict.status, fingerprint(text))
            _write(home / FILE, {**marks, verdict.name: mark})
    except (OSError, GradersError):
        return ""
    return note


def read(folder: Path) -> tuple[dict[str, Mark], str]:
    """Return the record of a lessons' folder, and a line about a damaged one, which is set aside.

    Parameters
    ----------
    folder : Path
        What :func:`lessons_folder` found.

    Returns
    -------
    dict, str
        Exercise -> mark; what the student should know, mostly nothing.
    """
    file = folder / HOME / FILE
    if not file.exists():
        return {}, ""
    try:
        return _marks(file), ""
    except (ValueError, TypeError, LookupError, RecursionError):
        file.replace(file.with_name(DAMAGED))
        return {}, f"{HOME}/{FILE} could not be read; it is now {DAMAGED}, and a new record begins."


def look(folder: Path) -> tuple[dict[str, Mark], str]:
    """Return the record of a lessons' folder, and a line about what is wrong with it; nothing is raised."""
    try:
        marks, note = read(folder)
    except OSError as error:
        marks, note = {}, f"Your record cannot be read: {error.strerror}."
    if not note and not can_be_kept(folder):
        note = f"Checks leave no record here: {folder} cannot be written."
    return marks, note


def can_be_kept(folder: Path) -> bool:
    """Tell whether a record can be written in a folder."""
    try:
        with TemporaryFile(dir=folder / HOME if (folder / HOME).is_dir() else folder):
            return True
    except OSError:
        return False


def _marks(file: Path) -> dict[str, Mark]:
    if not file.is_file() or file.stat().st_size > LARGEST:
        raise ValueError("not a record")
    plain = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(plain, dict):
        raise ValueError("not a record")
    return {name: _mark(entry) for name, entry in plain.items()}


def _mark(entry: Any) -> Mark:
    points, possible = float(entry["points"]), float(entry["possible"])
    mark = Mark(points, possible, str(entry["status"]), str(entry.get("text", "")))
    if not 0 <= mark.points <= mark.possible < float("inf"):
        raise ValueError("not a mark")
    return mark


def _write(file: Path, marks: Mapping[str, Mark]) -> None:
    plain = {name: asdict(mark) for name, mark in sorted(marks.items())}
    write(file, json.dumps(plain, indent=1) + "\n")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep other kernels waiting: each reads, adds its own entry and writes."""
    from filelock import FileLock  # 15 ms, and only in the student's own kernel

    with FileLock(home / "progress.lock", timeout=SECONDS):
        yield
