"""``backproplab release --update``: mended lessons merged into the notebooks of a student's folder."""

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graders.backups import back_up, back_with
from graders.durable import write_durably
from graders.errors import GradersError, UnreadableNotebook, UsageError
from graders.lessons import Lesson, holds_lessons, refuse_sources
from graders.merging import Merged, merge
from graders.notebook import instructor_only, read, to_text
from graders.placed import Placed
from graders.release import student_copies

__all__ = ["Updated", "merged_now", "update"]


@dataclass(frozen=True)
class Updated:
    """What became of the notebooks of a folder.

    Parameters
    ----------
    lines : tuple of str
        A line for each notebook that is now at the newest state of its lesson.
    failures : tuple of str
        A line for each that was left alone, with the reason.
    """

    lines: tuple[str, ...]
    failures: tuple[str, ...]


def update(lessons: Sequence[Lesson], folder: Path) -> Updated:
    """Merge the lessons as they are now into the notebooks ``NN_slug/NN_slug.ipynb`` of a folder.

    The student's text stays to the letter. Before a notebook changes, a copy of it goes to
    ``.backproplab/backups``. A notebook that cannot be merged is left alone and named, the others go on.

    Parameters
    ----------
    lessons : sequence of Lesson
        Which; those that are not in the folder are passed over.
    folder : Path
        The student's folder.

    Returns
    -------
    Updated
        What was done and what was not.

    Raises
    ------
    GradersError
        If the folder holds none of the lessons, or is that of the sources.
    """
    refuse_sources(folder)
    copies = {folder / place: text for place, text in student_copies(lessons).items() if place.parent.name}
    there = {path: text for path, text in copies.items() if path.exists()}
    if not there:
        raise UsageError(f"{folder} {_why_none(folder)}")
    placed = Placed(folder)
    lines, failures = [], []
    for path, released in there.items():
        try:
            lines.append(_update_one(path, released, placed, folder))
        except (GradersError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            failures.append(f"left alone: {reason}: {path}")
    return Updated(tuple(lines), tuple(failures))


def _why_none(folder: Path) -> str:
    """Say why there is nothing to update, and which folder may have been meant."""
    none = "holds none of the lessons (NN_slug/NN_slug.ipynb)"
    none = "is a file, due is the folder that holds the lessons" if folder.is_file() else none
    home = next(filter(holds_lessons, folder.resolve().parents[:2]), None)
    if home is not None:  # a lesson's folder was given, or the notebook in it
        shown = home if folder.is_absolute() else Path(os.path.relpath(home))
        return f"{none}\nthe folder that holds them: --update {shown}"
    if folder.is_file():
        return f"{none}\nput a notebook into a folder of its name first: DIR/NN_slug/NN_slug.ipynb"
    return f"{none}\nto add them: --to {folder}"


def merged_now(
    path: Path, released: str, known: Mapping[str, Collection[str]]
) -> tuple[dict[str, Any], Merged]:
    """Return a notebook as it lies there, and what a merge with the lesson of today would make of it.

    Raises
    ------
    UnreadableNotebook
        If it is no notebook, holds no cell of the lesson, or is a lesson's source.
    """
    try:
        started = read(path)
    except UnreadableNotebook as error:
        raise UnreadableNotebook(str(error).removeprefix(f"{path}: ")) from error
    if any(map(instructor_only, started["cells"])):
        raise UnreadableNotebook(
            "it holds an instructor's notes, so it is a lesson's source, not a student's"
        )
    merged = merge(started, json.loads(released), known)
    if not merged.recognised:
        raise UnreadableNotebook("it holds no cell of the lesson")
    return started, merged


def _update_one(path: Path, released: str, placed: Placed, folder: Path) -> str:
    before = path.read_bytes()
    started, merged = merged_now(path, released, placed.texts(path.stem))
    line = f"up to date: {path.name}"
    if merged.notebook != started:
        backup = back_up(path, before, folder)
        _put_in_place(path, before, _as_bytes(merged.notebook))
        line = f"merged: {path.name} ({_account(merged)}); to go back: {back_with(backup, path)}"
    # Last: a record that runs ahead of the notebook would make old text of the lesson the student's.
    placed.note(path.stem, released)
    placed.save()
    return line


def _account(merged: Merged) -> str:
    answers = f"{merged.answers} answer{'s' * (merged.answers != 1)}" * (merged.answers > 0)
    own = f"{merged.own} cell{'s' * (merged.own != 1)} of your own" * (merged.own > 0)
    kept = " and ".join(filter(None, (answers, own))) or "nothing of yours to keep"
    return f"{kept}, {merged.renewed} cell{'s' * (merged.renewed != 1)} renewed"


def _as_bytes(notebook: dict[str, Any]) -> bytes:
    try:
        return to_text(notebook).encode("utf-8")
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell and UTF-8 cannot
        return (json.dumps(notebook, indent=1, sort_keys=True) + "\n").encode("ascii")


def _put_in_place(path: Path, before: bytes, content: bytes) -> None:
    target = path.resolve()  # a link stays a link
    if target.read_bytes() != before:
        raise GradersError("it was saved in this moment; once more, please")
    write_durably(target, content)
