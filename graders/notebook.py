"""Lesson notebooks as plain JSON: read, write, and the one canonical form in which they are kept.

``python -m graders.notebook --check FILES`` tells which files differ from it, ``--repair FILES`` mends them.
"""

import json
import re
import stat
import sys
import unicodedata
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from graders.errors import GradersError, UnreadableNotebook

__all__ = [
    "canonical",
    "cell_source",
    "instructor_only",
    "read",
    "set_source",
    "to_nbformat",
    "to_text",
    "write",
]

INSTRUCTOR = "instructor"
MAX_ID = 64
_KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
_HEADING = re.compile(r" {0,3}#{1,6}\s+(.+?)\s*#*\s*$")
_WORDS = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{8}|[0-9-]*")
_FENCE = re.compile(r" {0,3}(```|~~~)")


def read(path: Path) -> dict[str, Any]:
    """Return the notebook in that file as plain JSON data; nothing of it is executed or upgraded.

    Raises
    ------
    UnreadableNotebook
        If it is not a regular file that holds a notebook of format 4.
    """
    try:
        # Opening a named pipe would wait for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            raise UnreadableNotebook(f"{path}: not a regular file")
        notebook = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise UnreadableNotebook(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise UnreadableNotebook(f"{path}: not a notebook (byte {error.start} is not UTF-8)") from error
    except (ValueError, RecursionError) as error:
        what = "empty file" if path.stat().st_size == 0 else f"not JSON, perhaps cut off ({error})"
        raise UnreadableNotebook(f"{path}: {what}") from error
    reason = _not_a_notebook(notebook)
    if reason:
        raise UnreadableNotebook(f"{path}: {reason}")
    return dict(notebook)


def _not_a_notebook(notebook: Any) -> str | None:
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        return "JSON, but not a notebook"
    if notebook["nbformat"] != 4:
        return f"notebook format {notebook['nbformat']!r}, expected 4: open and save it in JupyterLab"
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(_is_cell(cell) for cell in cells):
        return "a notebook whose cells are damaged"
    return None


def _is_cell(cell: Any) -> bool:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return False
    source = cell.get("source")
    pieces = source if isinstance(source, list) else [source]
    return isinstance(cell.get("metadata", {}), dict) and all(isinstance(piece, str) for piece in pieces)


def cell_source(cell: dict[str, Any]) -> str:
    r"""Return a cell's text, whichever way it is stored.

    Examples
    --------
    >>> cell_source({"source": ["z = 1\r\n", "a = 2"]})
    'z = 1\na = 2'
    """
    source = cell["source"]
    text = source if isinstance(source, str) else "".join(source)
    return text.replace("\r\n", "\n")


def set_source(cell: dict[str, Any], text: str) -> None:
    """Store a cell's text as a list of lines."""
    cell["source"] = text.splitlines(keepends=True)


def instructor_only(cell: dict[str, Any]) -> bool:
    """Tell whether the cell is a note that students never see."""
    return INSTRUCTOR in (cell.get("metadata", {}).get("tags") or ())


def canonical(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the one form in which a lesson is kept: what its author wrote and nothing else.

    Outputs, counts, widget state and stray metadata go. A cell's id is its grade id, else the slug of its
    heading, else the telling name that its author gave it, else the heading above with a number.
    Attachments are content, so they stay here; the release refuses them.

    Parameters
    ----------
    notebook : dict
        A notebook of format 4; it is not changed.

    Returns
    -------
    dict
        A notebook of format 4.5.

    Examples
    --------
    >>> cell = {"cell_type": "code", "metadata": {"collapsed": True}, "source": "1 + 1", "outputs": [2]}
    >>> clean = canonical({"nbformat": 4, "metadata": {}, "cells": [cell]})["cells"][0]
    >>> clean["id"], clean["metadata"], clean["source"], clean["outputs"]
    ('cell', {}, ['1 + 1'], [])
    """
    cells = [_canonical_cell(cell) for cell in notebook["cells"]]
    old = [cell.get("id") for cell in notebook["cells"]]
    for cell, name in zip(cells, _ids(cells, old), strict=True):
        cell["id"] = name
    return {"cells": cells, "metadata": json.loads(json.dumps(_KERNEL)), "nbformat": 4, "nbformat_minor": 5}


def _canonical_cell(cell: dict[str, Any]) -> dict[str, Any]:
    clean: dict[str, Any] = {"cell_type": cell["cell_type"], "metadata": {}}
    set_source(clean, cell_source(cell))
    if instructor_only(cell):
        clean["metadata"]["tags"] = [INSTRUCTOR]
    grading = _canonical_grading(cell.get("metadata", {}).get("nbgrader"))
    if grading:
        clean["metadata"]["nbgrader"] = grading
    if cell["cell_type"] == "code":
        clean |= {"execution_count": None, "outputs": []}
    elif cell.get("attachments"):
        clean["attachments"] = cell["attachments"]
    return clean


def _canonical_grading(grading: Any) -> dict[str, Any] | None:
    if not isinstance(grading, dict):
        return None
    flags = {flag: bool(grading.get(flag)) for flag in ("grade", "locked", "solution", "task")}
    if not any(flags.values()):
        return None
    clean = {**flags, "grade_id": grading.get("grade_id", ""), "schema_version": 3}
    if flags["grade"] or flags["task"]:
        points = float(grading.get("points") or 0)
        clean["points"] = int(points) if points.is_integer() else points
    return clean


def _ids(cells: Sequence[dict[str, Any]], old: Sequence[Any]) -> list[str]:
    """Return one id per cell; of a canonical notebook these are the ids it has."""
    names = [_grade_id(cell) for cell in cells]
    headings = [_first_heading(cell) for cell in cells]
    taken = set(names)
    for i, heading in enumerate(headings):
        if not names[i] and heading is not None:
            names[i] = _free(_slug(heading), taken)
    for i, name in enumerate(old):
        if not names[i] and name not in taken and _telling(name):
            names[i] = name
            taken.add(name)
    above = "cell"
    for i, heading in enumerate(headings):
        above = above if heading is None else _slug(heading)
        names[i] = names[i] or _free(above, taken)
    return names


def _telling(name: Any) -> bool:
    """Tell whether an id was chosen by a person: words, not the random digits that editors give."""
    text = str(name)
    return len(text) <= MAX_ID and bool(_WORDS.fullmatch(text)) and not _RANDOM.fullmatch(text)


def _grade_id(cell: dict[str, Any]) -> str:
    name = str(cell["metadata"].get("nbgrader", {}).get("grade_id", ""))
    return re.sub(r"[^a-zA-Z0-9_-]", "-", name)[:MAX_ID]


def _free(base: str, taken: set[str]) -> str:
    """Return the name, with a number if it is taken, and take it."""
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def _first_heading(cell: dict[str, Any]) -> str | None:
    fenced = False
    for line in cell_source(cell).split("\n") if cell["cell_type"] == "markdown" else ():
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := _HEADING.match(line)):
            return match[1]
    return None


def _slug(heading: str) -> str:
    """Return a heading as a cell id.

    Examples
    --------
    >>> _slug("3. The *delta*: where it stalls")
    '3-the-delta-where-it-stalls'
    """
    plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode().lower()
    # Room is left for the number of a repeated heading.
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[: MAX_ID - 6].strip("-") or "cell"


def to_text(notebook: dict[str, Any]) -> str:
    """Return the notebook as the text of its file: sorted keys, one space of indent, a final newline."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def to_nbformat(notebook: dict[str, Any]) -> Any:
    """Return the notebook as nbformat's own object, for the tools that want it."""
    import nbformat

    reads: Any = nbformat.reads  # it has no types
    return reads(to_text(notebook), as_version=4)


def write(path: Path, text: str) -> None:
    """Write a text file whole or not at all, with its folders.

    Raises
    ------
    GradersError
        If the disk refuses.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise GradersError(f"cannot write {path}: {error.strerror or error}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Check or repair notebooks: ``--check FILES`` or ``--repair FILES``; return the exit status."""
    from argparse import ArgumentParser

    parser = ArgumentParser(prog="python -m graders.notebook", description="The canonical form of lessons.")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--check", nargs="*", type=Path, metavar="FILE")
    which.add_argument("--repair", nargs="*", type=Path, metavar="FILE")
    asked = parser.parse_args(arguments)
    differing = 0
    for path in asked.check if asked.repair is None else asked.repair:
        try:
            differing += _handle(path, repair=asked.repair is not None)
        except GradersError as error:
            print(error, file=sys.stderr)
            differing += 1
    return 1 if differing else 0


def _handle(path: Path, *, repair: bool) -> bool:
    text = to_text(canonical(read(path)))
    if path.read_bytes() == text.encode("utf-8"):
        return False
    if repair:
        write(path, text)
        print(f"{path}: repaired")
        return False
    print(f"{path}: not canonical; mend it with: python -m graders.notebook --repair {path}", file=sys.stderr)
    return True


if __name__ == "__main__":
    sys.exit(main())
