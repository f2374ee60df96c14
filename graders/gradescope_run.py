"""What runs in Gradescope's container: grade the one notebook there, and write what Gradescope reads."""

import json
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from graders.errors import GradersError, NotConfined, UnreadableNotebook
from graders.exercise import Result, Status, Verdict
from graders.exercises import for_lesson
from graders.levels import Level
from graders.runner import Task, grade_one
from graders.sandbox.isolation import isolation, require
from graders.submitted import contents

__all__ = ["as_markdown", "main", "run"]

WORDS: dict[Status, str] = {
    "pass": "right",
    "partial": "partly right",
    "fail": "not right yet",
    "not_started": "not started",
    "ungradable": "ungradable in this form",
    "timeout": "took too long",
    "crashed": "crashed",
    "error": "stopped with an error",
    "flagged": "judged, to be looked at",
}
FORM = (
    "The form of the answer is not the one asked for, so nothing was compared. Mend the form, hand in again."
)
LEFT_OUT = "__MACOSX"


class Results:
    """The file ``results.json``, written anew after each exercise.

    Parameters
    ----------
    file : Path
        Where it is.
    lesson : str
        Whose exercises are listed, also before they are graded.
    points : mapping
        What they are worth in the course; what they are worth anywhere, if they are not in it.
    """

    def __init__(self, file: Path, lesson: str, points: Mapping[str, float]) -> None:
        self.file = file
        self.tests = {e.name: _waiting(e.name, points.get(e.name, e.points)) for e in for_lesson(lesson)}
        self.write("Grading has begun. An exercise without a verdict below was not reached in time.")

    def told(self, verdict: Verdict) -> None:
        """Enter a verdict, and write."""
        if verdict.name in self.tests:
            self.tests[verdict.name] = as_test(verdict)
            self.write("Not all exercises were reached in time. These were.")

    def write(self, output: str, **more: Any) -> None:
        """Write the file at once, so that a reader never meets half of it."""
        tests = list(self.tests.values())
        plain = {
            "score": round(sum(test["score"] for test in tests), 4),
            "output": output,
            "output_format": "md",
            "test_output_format": "md",
            "visibility": "visible",
            "stdout_visibility": "hidden",
            "tests": tests,
            **more,
        }
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_name(f".{self.file.name}")
        draft.write_text(json.dumps(plain, indent=1), encoding="utf-8")
        draft.replace(self.file)

    def finish(self, result: Result) -> None:
        """Enter the whole result."""
        self.tests = {verdict.name: as_test(verdict) for verdict in result.exercises}
        flagged = [verdict.name for verdict in result.exercises if verdict.status == "flagged"]
        told = {"isolation": result.isolation, "grader_version": result.grader_version, "flagged": flagged}
        points = f"**{result.points:g} of {result.possible:g} points.**"
        self.write(points, execution_time=result.seconds, extra_data=told)


def _waiting(name: str, points: float) -> dict[str, Any]:
    return _test(name, 0.0, points, "not graded", "This exercise was not reached.", "not_graded")


def as_test(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as one of Gradescope's test cases."""
    text = as_markdown(verdict.levels)
    if verdict.status == "ungradable":
        text = f"**{FORM}**\n\n{text}"
    named = [misconception.id for misconception in verdict.misconceptions]
    word = WORDS[verdict.status]
    return _test(verdict.name, verdict.points, verdict.possible, word, text, verdict.status, *named)


def _test(name: str, points: float, possible: float, word: str, text: str, *tags: str) -> dict[str, Any]:
    return {
        "name": f"{name}: {word}",
        "score": round(points, 4),
        "max_score": possible,
        "status": "passed" if tags[0] == "pass" else "failed",
        "output": text,
        "output_format": "md",
        "tags": list(tags),
        "visibility": "visible",
    }


def as_markdown(levels: Sequence[Level]) -> str:
    r"""Return a message as Markdown, in which nothing that a student wrote means anything.

    Examples
    --------
    >>> print(as_markdown([Level("", ("0 of 2 points.",)), Level("Where", ("`W1` differs <b>here</b>",))]))
    0 of 2 points.
    <BLANKLINE>
    **Where:** \`W1\` differs \<b\>here\</b\>
    """
    return "\n\n".join(part for level in levels for part in _parts(level))


def _parts(level: Level) -> Iterable[str]:
    lines = [_escaped(line) for line in level.lines]
    if level.title:
        lines[:1] = [f"**{_escaped(level.title)}:** {lines[0] if lines else ''}".rstrip()]
    yield from filter(None, lines)
    if level.table:
        rows = Level("", (), level.table).text.strip("\n").replace("`", "'")
        yield f"```\n{rows}\n```"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_\[\]<>#|~$&!])", r"\\\1", " ".join(text.split("\n")))


def run(home: Path) -> int:
    """Grade what was handed in.

    Parameters
    ----------
    home : Path
        Gradescope's ``/autograder``, with ``source``, ``submission`` and ``results``.

    Returns
    -------
    int
        0 if there is a result; 1 after a failure of ours, and then there is none: Gradescope says that the
        autograder failed, instead of a zero.
    """
    file = home / "results" / "results.json"
    try:
        settings = json.loads((home / "source" / "autograder.json").read_text(encoding="utf-8"))
        require(settings["unsandboxed"])
        results = Results(file, settings["lesson"], settings["points"])
        try:
            _grade(home, settings, results)
        except UnreadableNotebook as error:
            results.write(f"**Nothing was graded:** {_escaped(str(error))}\n\nMend that and hand in again.")
    except NotConfined as error:
        print(f"{error}\nthat is an option of: backproplab export --to gradescope")
    except Exception as error:  # whatever it is, it is no student's fault
        print(f"needs a person: {type(error).__name__}: {error}")
    else:
        print(f"graded; isolation: {isolation()}")
        return 0
    file.unlink(missing_ok=True)
    return 1


def _grade(home: Path, settings: dict[str, Any], results: Results) -> None:
    notebook = _notebook(home / "submission")
    task = Task(
        contents(notebook),
        notebook.name,
        settings["seed"],
        _student(home),
        points=tuple(settings["points"].items()),
        unsandboxed=settings["unsandboxed"],
    )
    result = grade_one(task, results.told)
    if result.lesson is not None and result.lesson != settings["lesson"]:
        raise UnreadableNotebook(f"this is the lesson {result.lesson}, not {settings['lesson']}")
    if result.error and result.error.startswith("needs a person"):
        raise GradersError(result.error)
    if result.error:
        raise UnreadableNotebook(result.error)
    results.finish(result)


def _notebook(folder: Path) -> Path:
    """Return the only notebook that was handed in."""
    inside = (path.relative_to(folder).parts for path in sorted(folder.rglob("*.ipynb")))
    found = [parts for parts in inside if LEFT_OUT not in parts and not any(p.startswith(".") for p in parts)]
    if len(found) != 1:
        names = ": " + ", ".join(parts[-1] for parts in found[:5]) if found else ""
        raise UnreadableNotebook(f"{len(found)} notebooks were handed in, one is wanted{names}")
    return folder.joinpath(*found[0])


def _student(home: Path) -> str | None:
    """Return who hands in, as far as Gradescope tells: it decides which test points are met."""
    try:
        about = json.loads((home / "submission_metadata.json").read_text(encoding="utf-8"))
        return " ".join(sorted(str(user["email"]) for user in about["users"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def main() -> int:
    """Grade in the folder that is named, ``/autograder`` by default."""
    return run(Path(sys.argv[1] if len(sys.argv) > 1 else f"{os.sep}autograder"))


if __name__ == "__main__":
    sys.exit(main())
