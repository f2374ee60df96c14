"""Results of a grading as a JSON file and as a table to read."""

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from graders.errors import GradersError
from graders.exercise import Result, Verdict

__all__ = ["as_json", "as_table", "check_target", "write_json"]

Was: TypeAlias = Mapping[tuple[str | None, str], dict[str, Any]]


def as_json(results: Sequence[Result], was: Was = MappingProxyType({})) -> str:
    """Return the results in the form of ``grade --json``.

    Parameters
    ----------
    results : sequence of Result
        Of any notebooks.
    was : mapping
        ``(student, exercise) -> what it came to before``, for those who moved; it stands under "was".
    """
    plain = [result.to_json() for result in results]
    for result in plain:
        for verdict in result["exercises"]:
            before = was.get((result["student"], verdict["name"]))
            verdict |= {"was": before} if before else {}
    return json.dumps(plain, indent=1)


def check_target(file: Path) -> None:
    """Refuse, before any grading, a file that could not be written or that is not ours to replace.

    Its folders are made if need be.

    Raises
    ------
    GradersError
        If the folder cannot be made or written in, or the file holds something else than our results.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=file.parent):
            pass
    except OSError as error:
        raise GradersError(f"{file}: cannot write in {file.parent}: {error.strerror}") from error
    if file.exists() and not _holds_results(file):
        raise GradersError(f"{file}: kept, because it holds no results of backproplab; choose another name")


def _holds_results(file: Path) -> bool:
    try:
        return file.is_file() and bool([Result.from_json(plain) for plain in json.loads(file.read_bytes())])
    except (ValueError, TypeError, KeyError, AttributeError, OSError):
        return False


def write_json(file: Path, results: Sequence[Result], was: Was = MappingProxyType({})) -> None:
    """Write the results at once, so that a reader never meets half of them."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_text(f"{as_json(results, was)}\n", encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise GradersError(f"{file}: not written: {error.strerror}") from error


def as_table(result: Result) -> str:
    """Return one notebook's marks, exercise by exercise, with the message of each that is not right.

    Examples
    --------
    >>> verdicts = Verdict("neuron_loss", "pass", 3, 3), Verdict("neuron_db", "not_started", 0, 1)
    >>> print(as_table(Result("a.ipynb", "one_neuron", None, "0.1", "process", 0.1, verdicts)))
    a.ipynb  3 of 4
      neuron_loss  3/3  pass
      neuron_db    0/1  not_started
    """
    if result.error:
        return f"{result.notebook}  not graded"
    head = f"{result.notebook}  {result.points:g} of {result.possible:g}"
    width = max((len(verdict.name) for verdict in result.exercises), default=0)
    return "\n".join([head, *(_row(verdict, width) for verdict in result.exercises)])


def _row(verdict: Verdict, width: int) -> str:
    points = f"{verdict.points:g}/{verdict.possible:g}"
    names = " ".join(misconception.id for misconception in verdict.misconceptions)
    row = f"  {verdict.name:<{width}}  {points}  {verdict.status}  {names}".rstrip()
    told = [] if verdict.status == "pass" or not verdict.message else [*verdict.message.splitlines(), ""]
    return "\n".join([row, *(f"      {line}".rstrip() for line in told)])
