"""The settings of a course, ``course.toml``: what lateness costs, and which submission counts."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, Literal

from backproplab.errors import near_name
from graders.errors import GradersError, UnknownName
from graders.late_days import LateDays

__all__ = ["EXAMPLE", "SETTINGS", "Settings", "line_of_extension", "read_settings"]

SETTINGS = "course.toml"
# What ``course new`` writes; a test reads it with the comments taken off.
EXAMPLE = """\
# Settings of this course, read by `backproplab grade --course` and by `nbgrader autograde`.
# Take the first "# " off a line to use it.

# Which of several submissions of one assignment counts: "last", as in nbgrader, or "best" of those that
# were graded (most points before any penalty). nbgrader's own autograde always takes the last one.
# counts = "best"

# Late days. Due dates stand in the gradebook: set them in the formgrader.
# [late]
# budget = 4             # days that each student may be late over the whole course, at no cost
# penalty_per_day = 0.1  # share of the marks earned that each day beyond them costs

# Days by which something is due later for one student.
# [extensions."ada.lovelace"]
# 01_one_neuron = 3
# 02_going_bonkers = 1.5
"""


@dataclass(frozen=True)
class Settings:
    """What a course may set.

    Parameters
    ----------
    counts : {"last", "best"}
        Which submission's marks stand in the gradebook.
    late : LateDays or None
        What lateness costs; None to leave that to nbgrader's own plug-in.
    """

    counts: Literal["last", "best"] = "last"
    late: LateDays | None = None


def read_settings(root: Path, source: Path) -> Settings:
    """Return the settings in a course's folder; the usual ones where there is no such file.

    Parameters
    ----------
    root : Path
        The course's folder.
    source : Path
        The folder with its assignments, which the settings may name.

    Returns
    -------
    Settings
        With every assignment under the name of its folder.

    Raises
    ------
    GradersError
        If the file cannot be read or says something that is not understood: with the key, its line and a
        remedy.
    """
    file = root / SETTINGS
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise GradersError(f"{file}: not text in UTF-8; save it in that encoding") from error
    except OSError as error:
        raise GradersError(f"{file}: {error.strerror or error}") from error
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise GradersError(_explained(file, text, str(error))) from error
    names = [path.name for path in source.glob("*") if path.is_dir()]
    return _settings(_Reader(file, text, names), plain)


def line_of_extension(root: Path, student: str) -> int:
    """Return the line of the settings in which a student's extensions begin."""
    return _line_of((root / SETTINGS).read_text(encoding="utf-8-sig"), ("extensions", student))


def _explained(file: Path, text: str, reason: str) -> str:
    """Say in which line the file is no TOML, and what to do about it."""
    found = re.search(r"at line (\d+)", reason)
    lines = text.splitlines()
    number = int(found[1]) if found else len(lines)
    line = lines[number - 1].strip() if 0 < number <= len(lines) else ""
    said = reason.partition(" (at ")[0]
    remedy = 'key = value, where text stands in quotes: counts = "best"'
    if re.search(r"=\s*[\d.+-]", line) and "newline" in said:
        remedy = "a number and nothing behind it, for days too: 01_one_neuron = 3"
    if line.startswith("["):
        remedy = 'each [table] once, names with dots in quotes: [extensions."ada.lovelace"]'
    return f"{file}, line {number}: {line or 'the end'}: {said[:1].lower()}{said[1:]}\nexpected: {remedy}"


def _settings(reader: "_Reader", plain: Mapping[str, Any]) -> Settings:
    reader.check_keys((), plain, ("counts", "late", "extensions"))
    counts = plain.get("counts", "last")
    if counts not in ("last", "best"):
        reader.refuse(("counts",), counts, 'counts = "best"', '"last" or "best"')
    extensions = _extensions(reader, plain.get("extensions", {}))
    if "late" not in plain:
        return Settings(counts, LateDays(extensions=extensions) if extensions else None)
    late = reader.table(("late",), plain["late"])
    reader.check_keys(("late",), late, ("budget", "penalty_per_day"))
    budget = reader.number(("late", "budget"), late.get("budget", 0), "a whole number of days", _whole)
    if "penalty_per_day" not in late:  # a budget alone would cost nobody anything
        reader.refuse(("late",), late, EXAMPLES["penalty_per_day"], "penalty_per_day in it")
    share = late["penalty_per_day"]
    share = reader.number(("late", "penalty_per_day"), share, "a share from 0 to 1", _is_share)
    return Settings(counts, LateDays(int(budget), share, extensions))


def _extensions(reader: "_Reader", plain: Any) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = {}
    for student, given in reader.table(("extensions",), plain).items():
        for name, days in reader.table(("extensions", student), given).items():
            path = ("extensions", student, name)
            number = reader.number(path, days, "days, 0 or more", _days)
            found.setdefault(student, {})[reader.assignment(path)] = number
    return found


def _whole(value: float) -> bool:
    return isinstance(value, int) and 0 <= value <= 10_000


def _days(value: float) -> bool:
    return 0 <= value <= 10_000


def _is_share(value: float) -> bool:
    return 0 <= value <= 1


EXAMPLES = {"budget": "budget = 4", "penalty_per_day": "penalty_per_day = 0.1"}


@dataclass(frozen=True)
class _Reader:
    """Tells what is wrong with a value, and in which line it stands."""

    file: Path
    text: str
    assignments: Sequence[str]

    def assignment(self, path: tuple[str, ...]) -> str:
        from graders.assignments import find_assignment  # late: few settings name one

        try:
            return find_assignment(path[-1], self.assignments)
        except UnknownName as error:
            raise GradersError(f"{self.place(path)}:\n{error}") from error

    def table(self, path: tuple[str, ...], value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            heading = '[extensions."ada.lovelace"]' if path[0] == "extensions" else f"[{path[0]}]"
            self.refuse(path, value, f"{heading}, and its settings below it", "a table")
        table: Mapping[str, Any] = value
        return table

    def number(
        self, path: tuple[str, ...], value: Any, expected: str, fits: Callable[[float], bool]
    ) -> float:
        if isinstance(value, dict):
            self.refuse(path, value, '[extensions."ada.lovelace"], names with dots in quotes', expected)
        if isinstance(value, bool) or not isinstance(value, int | float) or not fits(value):
            self.refuse(path, value, EXAMPLES.get(path[-1], f"{path[-1]} = 3"), expected)
        number: float = value
        return number

    def check_keys(self, path: tuple[str, ...], table: Mapping[str, Any], known: tuple[str, ...]) -> None:
        for key in table:
            if key not in known:
                if key in ("counts", "late", "extensions"):
                    raise GradersError(
                        f"{self.place((*path, key))}: stands in [{path[0]}]\n"
                        f"put it above the first [table]: {key} = ..."
                    )
                near = near_name(key, known)
                offer = f"did you mean {near}?" if near else f"known here: {', '.join(known)}"
                raise GradersError(f"{self.place((*path, key))}: no such setting\n{offer}")

    def refuse(self, path: tuple[str, ...], value: Any, example: str, expected: str) -> None:
        said = str(value) if isinstance(value, date | time) else repr(value)
        shown = said if len(said) <= 40 else f"{said[:40]}..."
        raise GradersError(f"{self.place(path)}: expected {expected}, got {shown}\nfor example: {example}")

    def place(self, path: tuple[str, ...]) -> str:
        return f"{self.file}, line {_line_of(self.text, path)}: {'.'.join(path)}"


def _line_of(text: str, path: tuple[str, ...]) -> int:
    """Return the line in which a key is set: the first whose own keys lead to it."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            alone = tomllib.loads(line)
        except tomllib.TOMLDecodeError:
            continue  # a part of a value of several lines
        here: tuple[str, ...] = ()
        if line.lstrip().startswith("["):
            table = _only_keys(alone)
        else:
            here = table
        if _holds(alone, path[len(here) :]) and path[: len(here)] == here:
            return number
    return 1


def _only_keys(plain: Any) -> tuple[str, ...]:
    """Return the keys of a table's heading, from the outside in."""
    keys: tuple[str, ...] = ()
    while isinstance(plain, dict) and plain:
        (key,) = plain
        keys, plain = (*keys, key), plain[key]
    return keys


def _holds(plain: Any, path: tuple[str, ...]) -> bool:
    for key in path:
        if not isinstance(plain, dict) or key not in plain:
            return False
        plain = plain[key]
    return bool(path)
