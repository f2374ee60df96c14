"""The ``release`` command: write student copies, merge mended lessons into started ones."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from graders.command import DONE, NOT_ALL, Commands, Parser, add_command, complain

if TYPE_CHECKING:
    from graders.lessons import Lesson

__all__ = ["PLACE", "add_lessons", "chosen", "declare_release"]

PLACE = "writes DIR/NN_slug/NN_slug.ipynb"


def declare_release(commands: Commands) -> None:
    """Declare ``release``."""
    text = """write student copies of lessons

They hold no solutions, no hidden tests and no outputs; if a check finds any, nothing is written.
The lessons are those of this version of backproplab. What a course has changed in its own source/ is not in
them: there nbgrader generate_assignment makes the copies.
--update merges lessons that have changed since into the started notebooks of a student's folder: what
the student wrote stays to the letter, the rest is renewed, a copy of the notebook as it was goes to
DIR/.backproplab/backups. Save and close the notebooks first.
--prove writes nothing: it grades the lessons' own answers in the released notebooks (minutes).
--zip writes the lessons, the wheel and two lines of instructions into one file for students. The wheel
holds all lessons: backproplab lab puts the others beside those that were named.

Exit status: 1 if a notebook had to be left alone or cannot be solved (each is named, with the reason)."""
    examples = """examples:
  backproplab release --to students             every lesson
  backproplab release one_neuron --to students  one
  backproplab release --update ~/backprop       newer lessons into started notebooks
  backproplab release --prove                   can every exercise of it be solved?
  backproplab release --zip backprop.zip        all that a student needs"""
    parser = add_command(commands, "release", _release, text, examples)
    add_lessons(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", metavar="DIR", help=PLACE)
    where.add_argument("--update", metavar="DIR", help="merge into the started notebooks there")
    where.add_argument("--prove", action="store_true", help="grade the answers in the released notebooks")
    where.add_argument("--zip", metavar="FILE", help="lessons, wheel and instructions in one file")
    parser.add_argument(
        "--allow-unsandboxed", action="store_true", help="--prove: grade even where nothing confines code"
    )


def add_lessons(parser: Parser) -> None:
    """Let a command take the names of lessons."""
    parser.add_argument("lessons", metavar="LESSON", nargs="*", help="slug, number or folder name (all)")


def chosen(names: list[str]) -> "list[Lesson]":
    """Return the lessons of these names, each once; all of them if there is no name.

    Raises
    ------
    UnknownName
        If one of them does not exist.
    """
    from graders.lessons import all_lessons, find_lesson

    return list(dict.fromkeys(map(find_lesson, names))) or list(all_lessons())


def _release(args: argparse.Namespace) -> int:
    if args.update:
        return _update(args)
    if args.prove:
        return _prove(args)
    if args.zip:
        return _zip(args)
    from graders.release import release

    print(*release(chosen(args.lessons), Path(args.to)), sep="\n")
    return DONE


def _prove(args: argparse.Namespace) -> int:
    from graders.progress_bar import terminal_bar
    from graders.proving import prove

    lessons = chosen(args.lessons)
    found = prove(lessons, terminal_bar(sys.stderr), unsandboxed=args.allow_unsandboxed)
    for line in found:
        complain(line)
    if not found:
        print(f"solvable: {_number_of(lessons)}, every answer gets full marks in the released notebook")
    return NOT_ALL if found else DONE


def _zip(args: argparse.Namespace) -> int:
    from graders.student_zip import student_zip

    lessons, file = chosen(args.lessons), Path(args.zip)
    beside = [name for name in student_zip(lessons, file) if "/" not in name]
    parts = ", ".join([_number_of(lessons), *beside])
    print(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {parts}")
    return DONE


def _number_of(lessons: "list[Lesson]") -> str:
    return f"{len(lessons)} lesson{'s' * (len(lessons) != 1)}"


def _update(args: argparse.Namespace) -> int:
    from graders.updating import update

    updated = update(chosen(args.lessons), Path(args.update))
    for line in updated.lines:
        print(line)
    if any(line.startswith("merged: ") for line in updated.lines):
        print("if it is open in JupyterLab, choose Revert there: what you had saved is in it")
    for failure in updated.failures:
        complain(failure)
    return NOT_ALL if updated.failures else DONE
