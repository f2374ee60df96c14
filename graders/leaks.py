"""What a student copy gives away, found by comparing it with the source it came from.

The check shares no code with the stripping in ``graders.release``: a mistake there must show here.

A *secret* is a line of an answer, of a hidden test or of an instructor note. Two rules hold:

1. No cell may show a secret more often than the given part of the same source cell does. Given code may
   repeat a line of an answer (``a = act.f(z)`` is one), but only where the author wrote it.
2. No cell may hold every long line of one secret, wherever it comes from: then the whole answer stands in
   given text, and the author has forgotten it there.

White space never counts, so a secret that was indented, quoted or wrapped otherwise is still found.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graders.notebook import canonical, cell_source, instructor_only

__all__ = ["leaks"]

LONG = 8  # characters without white space; a shorter line is a secret only as a line of its own
_MARKER = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)", re.IGNORECASE)
_NOTEBOOK_KEYS = {"cells", "metadata", "nbformat", "nbformat_minor"}
_METADATA_KEYS = {"kernelspec": {"display_name", "language", "name"}, "language_info": {"name"}}
_CELL_KEYS = {"attachments", "cell_type", "execution_count", "id", "metadata", "outputs", "source"}
_CELL_METADATA_KEYS = {"deletable", "editable", "nbgrader"}
_GRADING_KEYS = {
    *("cell_type", "checksum", "grade", "grade_id", "locked", "points", "schema_version", "solution", "task"),
}


@dataclass(frozen=True)
class _Secret:
    """The secret lines of one source cell, without white space."""

    where: str
    lines: tuple[str, ...]

    @property
    def long_lines(self) -> tuple[str, ...]:
        return tuple(line for line in self.lines if len(line) >= LONG)


def leaks(released: dict[str, Any], source: dict[str, Any]) -> list[str]:
    """Return everything in a student copy that must not be there, one line each: the cell, its line, what.

    Parameters
    ----------
    released : dict
        The student copy.
    source : dict
        The notebook with the answers.

    Returns
    -------
    list of str
        Empty if the copy is clean.
    """
    given: dict[str, str] = {}
    secrets: list[_Secret] = []
    for cell in canonical(source)["cells"]:
        given[cell["id"]], secret = _split(cell)
        if secret.lines:
            secrets.append(secret)
    found = list(_stray_keys(released))
    for cell in released["cells"]:
        name = cell.get("id", "without id")
        found += [f"cell {name}: {what}" for what in _stray_contents(cell)]
        found += [f"cell {name}{what}" for what in _shown(cell, given.get(name, ""), secrets)]
        found += [f"cell {name}: {what}, outside its text" for what in _beside(cell, secrets)]
    return found


def _split(cell: dict[str, Any]) -> tuple[str, _Secret]:
    """Return the given text of a source cell and its secret."""
    text, where = cell_source(cell), f"the answer of {cell['id']}"
    if instructor_only(cell):
        return "", _secret(f"the instructor note {cell['id']}", text.split("\n"))
    solution = cell["metadata"].get("nbgrader", {}).get("solution")
    if solution and not _MARKER.search(text):
        return "", _secret(where, text.split("\n"))
    given: list[str] = []
    hidden: list[str] = []
    inside = False
    for line in text.split("\n"):
        if marker := _MARKER.search(line):
            inside = marker[1].upper() == "BEGIN"
        else:
            (hidden if inside else given).append(line)
    return "\n".join(given), _secret(where if solution else f"the hidden test of {cell['id']}", hidden)


def _secret(where: str, lines: list[str]) -> _Secret:
    squashed = (_squash(line) for line in lines)
    return _Secret(where, tuple(line for line in squashed if re.search(r"\w", line)))


def _squash(text: str) -> str:
    return "".join(text.split())


def _shown(cell: dict[str, Any], given: str, secrets: list[_Secret]) -> Iterator[str]:
    """Yield where the text of a cell shows a secret; ``given`` is what it may show."""
    text = cell_source(cell)
    for number, line in enumerate(text.split("\n"), start=1):
        if _MARKER.search(line):
            yield f", line {number}: a region marker"
    for secret in secrets:
        shown = [line for line in secret.lines if _count(line, text) > _count(line, given)]
        if shown:
            yield f"{_line_number(shown[0], text)}: a line of {secret.where}"
        elif _within(secret, text):
            yield f"{_line_number(secret.long_lines[0], text)}: the whole of {secret.where}, as given text"


def _beside(cell: dict[str, Any], secrets: list[_Secret]) -> Iterator[str]:
    """Yield the secrets that show in outputs, metadata or attachments."""
    texts = [_squash(text) for text in _strings({**cell, "source": ""})]
    for secret in secrets:
        if any(line in text for line in secret.long_lines for text in texts):
            yield f"a line of {secret.where}"


def _count(line: str, text: str) -> int:
    if len(line) >= LONG:
        return _squash(text).count(line)
    return [_squash(other) for other in text.split("\n")].count(line)


def _line_number(line: str, text: str) -> str:
    numbers = (n for n, other in enumerate(text.split("\n"), start=1) if line in _squash(other))
    number = next(numbers, None)
    return f", line {number}" if number else ""


def _within(secret: _Secret, text: str) -> bool:
    """Tell whether the text holds every long line of the secret."""
    wanted = secret.long_lines
    return bool(wanted) and all(line in _squash(text) for line in wanted)


def _stray_keys(notebook: dict[str, Any]) -> Iterator[str]:
    for key in sorted(set(notebook) - _NOTEBOOK_KEYS):
        yield f"notebook: stray {key!r}"
    for key, value in notebook["metadata"].items():
        allowed = _METADATA_KEYS.get(key)
        if allowed is None or set(value) - allowed:
            yield f"notebook: stray metadata in {key!r}"


def _stray_contents(cell: dict[str, Any]) -> Iterator[str]:
    metadata = cell["metadata"]
    if instructor_only(cell):
        yield "an instructor note"
    for key in sorted(set(cell) - _CELL_KEYS):
        yield f"stray {key!r}"
    for key in sorted(set(metadata) - _CELL_METADATA_KEYS):
        yield f"stray metadata {key!r}"
    for key in sorted(set(metadata.get("nbgrader", {})) - _GRADING_KEYS):
        yield f"stray nbgrader metadata {key!r}"
    for key, what in (("outputs", "an output"), ("attachments", "an attachment")):
        if cell.get(key):
            yield what
    if cell.get("execution_count") is not None:
        yield "an execution count"


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (key, *_strings(inner))
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
