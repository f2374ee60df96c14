"""The ``release`` command: write student copies, merge mended lessons into started ones."""

import argparse
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
--update merges lessons that have changed since into the started notebooks of a student's folder: what
the student wrote stays to the letter, the rest is renewed, a copy of the notebook as it was goes to
DIR/.backproplab/backups. Save and close the notebooks first.

Exit status: 1 if a notebook had to be left alone (each is named, with the reason)."""
    examples = """examples:
  backproplab release --to students             every lesson
  backproplab release one_neuron --to students  one
  backproplab release --update ~/backprop       newer lessons into started notebooks"""
    parser = add_command(commands, "release", _release, text, examples)
    add_lessons(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", metavar="DIR", help=PLACE)
    where.add_argument("--update", metavar="DIR", help="merge into the started notebooks there")


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
    from graders.release import release

    print(*release(chosen(args.lessons), Path(args.to)), sep="\n")
    return DONE


def _update(args: argparse.Namespace) -> int:
    from graders.updating import update

    updated = update(chosen(args.lessons), Path(args.update))
    for line in updated.lines:
        print(line)
    for failure in updated.failures:
        complain(failure)
    return NOT_ALL if updated.failures else DONE
