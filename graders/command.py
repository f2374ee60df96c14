"""What the commands of the command line share: their parser, their exit statuses, how they complain."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from graders.errors import GradersError, UsageError

if TYPE_CHECKING:
    from graders.course import Course

__all__ = [
    "DONE",
    "INTERRUPTED",
    "NOT_ALL",
    "WRONG_USAGE",
    "Commands",
    "Parser",
    "add_command",
    "chosen_course",
    "complain",
    "shortened",
    "whole_number",
]

DONE, NOT_ALL, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


class Parser(argparse.ArgumentParser):
    """A parser that complains in two lines instead of a usage dump."""

    def error(self, message: str) -> NoReturn:
        """Raise what the command line prints.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError(f"{message}\nsee: {self.prog} --help")


Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def add_command(
    commands: Commands, name: str, run: Callable[[argparse.Namespace], int], text: str, examples: str
) -> Parser:
    """Add a command; the first line of its text stands in the list of commands.

    Parameters
    ----------
    commands : Commands
        Where it goes.
    name : str
        What one types.
    run : callable
        Its parsed options -> the exit status.
    text, examples : str
        What ``--help`` shows above and below the options.

    Returns
    -------
    Parser
        For the command's own options.
    """
    parser = commands.add_parser(
        name,
        description=text,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--debug", action="store_true", help="show the traceback of an error")
    parser.set_defaults(run=run)
    return parser


def chosen_course(folder: str) -> "Course":
    """Return the course in a folder that was named.

    Raises
    ------
    UsageError
        If there is none, or its configuration or settings are not understood: that is wrong input, too.
    """
    from graders.course import open_course

    try:
        return open_course(Path(folder))
    except GradersError as error:
        raise UsageError(str(error)) from error


def complain(text: str) -> None:
    """Print to standard error, with our name."""
    print(f"backproplab: {text}", file=sys.stderr)


def shortened(texts: Sequence[str], most: int = 10) -> str:
    """Return a list in one line; of a long one the beginning, and how many more there are.

    Examples
    --------
    >>> shortened(["ann", "bob", "cut"], most=2)
    'ann; bob; and 1 more'
    """
    return "; ".join([*texts[:most], f"and {len(texts) - most} more"] if len(texts) > most else texts)


def whole_number(first: int = 0) -> Callable[[str], int]:
    """Return what reads the number that an option's word spells.

    Parameters
    ----------
    first : int
        The least that the option takes.

    Raises
    ------
    argparse.ArgumentTypeError
        On a word that spells no such number.

    Examples
    --------
    >>> whole_number(1)("7")
    7
    """

    def read(text: str) -> int:
        if not text.isdecimal() or int(text) < first:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {first} on")
        return int(text)

    return read
