"""Which notebook a student means: the open one, the ones that lie here; and what is said where none does."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graders.errors import UnreadableNotebook, UsageError
from graders.lessons import all_lessons
from graders.showing import join
from graders.submission import read_submission

__all__ = ["copies_beside", "named", "notebooks_here", "open_now"]

ELSEWHERE = (
    "A notebook that runs elsewhere (Colab) is no file here: download it (File, Download) and ask beside it, "
    "or save it to Drive and give its path, submit_ready('/content/drive/MyDrive/...')"
)


def named(notebook: str | os.PathLike[str]) -> Path:
    """Return the file of that name.

    Raises
    ------
    UsageError
        If there is none: the notebooks that lie there are named.
    """
    file = Path(notebook)
    if file.is_file():
        return file
    folder = file if file.is_dir() else file.parent
    what = f"{file} is a folder" if file.is_dir() else f"there is no {file.name} in {folder.resolve()}"
    raise UsageError(f"{what}; {_names_in(folder)}")


def open_now(namespace: Mapping[str, Any]) -> Path | None:
    """Return the file of this notebook, where the server or the editor tells it and it is a lesson's.

    Parameters
    ----------
    namespace : mapping
        The variables of the kernel.
    """
    file = Path(str(os.environ.get("JPY_SESSION_NAME") or namespace.get("__vsc_ipynb_file__")))
    there = file.suffix == ".ipynb" and file.is_file()  # it may have been renamed since
    return file if there and _lesson_in(file) else None


def notebooks_here() -> list[Path]:
    """Return the lessons that lie here, or in the folders below.

    Raises
    ------
    UsageError
        If there is none: how to say which one.
    """
    here = Path.cwd()
    names = [lesson.folder for lesson in all_lessons()]
    lying = [here / f"{name}.ipynb" for name in names]
    below = [here / name / f"{name}.ipynb" for name in names]
    found = [file for file in lying if file.is_file()] or [file for file in below if file.is_file()]
    if not found:
        meant = next((file.name for file in _notebooks(here) if _lesson_in(file)), "01_one_neuron.ipynb")
        raise UsageError(
            f"no lesson under its own name in {here}; {_names_in(here)}. "
            f"Say which one: submit_ready({meant!r})"
        )
    return found


def copies_beside(file: Path) -> Sequence[str]:
    """Return the other notebooks of the same lesson that lie in its folder, by their names."""
    lesson = _lesson_in(file)
    beside = [other for other in _notebooks(file.parent) if other.name != file.name]
    return [other.name for other in beside if lesson and _lesson_in(other) == lesson]


def _lesson_in(file: Path) -> str:
    """Return the slug of the lesson that a file holds; empty if it holds none."""
    try:
        return read_submission(file.read_bytes(), "").lesson
    except (UnreadableNotebook, OSError):
        return ""


def _names_in(folder: Path) -> str:
    names = [file.relative_to(folder).as_posix() for file in _notebooks(folder) or _notebooks(folder, "*/")]
    return f"notebooks there: {join(names)}" if names else f"no notebook lies there. {ELSEWHERE}"


def _notebooks(folder: Path, below: str = "") -> list[Path]:
    found = (file for file in folder.glob(f"{below}*.ipynb") if file.is_file())
    return sorted(
        file for file in found if not any(p.startswith(".") for p in file.relative_to(folder).parts)
    )
