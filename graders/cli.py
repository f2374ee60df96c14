"""The ``backproplab`` command: options, help, exit status. What a command needs is imported when it runs."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from graders.command import (
    DONE,
    INTERRUPTED,
    NOT_ALL,
    WRONG_USAGE,
    Commands,
    Parser,
    add_command,
    complain,
    whole_number,
)
from graders.course_commands import declare_course, declare_export, declare_feedback, declare_report
from graders.errors import GradersError, UnknownName, UsageError
from graders.grading_commands import declare_grade
from graders.release_commands import PLACE, add_lessons, chosen, declare_release

__all__ = ["main"]

BROKEN_PIPE = 141  # what a shell shows for a program that a closed pipe ended


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after ``backproplab``; those of this process by default.

    Returns
    -------
    int
        0 all done, 1 something could not be done or graded, 2 wrong usage or input, 130 after Ctrl-C.

    Examples
    --------
    >>> main(["grade", "--help"])  # doctest: +ELLIPSIS
    usage: backproplab grade ...
    0
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        status = _run(words)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more on its way out: that must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt as stop:
        complain(str(stop) or "stopped")
        return INTERRUPTED
    except Exception as error:
        _explain(error, with_traceback="--debug" in words)
        return WRONG_USAGE if isinstance(error, UsageError) else NOT_ALL
    return status


def _run(words: list[str]) -> int:
    parser, commands = _parsers()
    _look_up(words, parser, commands)
    try:
        args = parser.parse_args(words)
    except SystemExit as end:  # --help ends the parsing
        return int(end.code or 0)
    run: Callable[[argparse.Namespace], int] = args.run
    return run(args)


def _explain(error: Exception, with_traceback: bool) -> None:
    if with_traceback:
        import traceback

        traceback.print_exception(error)
    elif isinstance(error, GradersError):
        complain(str(error))
    elif isinstance(error, OSError) and error.strerror:
        complain(f"{error.filename or 'error'}: {error.strerror}")
    else:
        complain(f"{type(error).__name__}: {error}\nThis should not happen; --debug shows where it did.")


def _look_up(words: list[str], parser: Parser, commands: dict[str, Parser]) -> None:
    """Meet an unknown command or option with the nearest right one, before anything else is checked."""
    command = next((word for word in words if not word.startswith("-")), None)
    if command is not None and command not in commands:
        raise UnknownName("command", command, commands)
    helps = parser.format_help() + (commands[command].format_help() if command else "")
    known = set(re.findall(r"^  (?:-h, )?(--[a-z][a-z-]*)", helps, re.MULTILINE))
    for word in words[: words.index("--") if "--" in words else None]:
        name = word.partition("=")[0]
        if name.startswith("--") and name not in known:
            raise UnknownName("option", name, known)


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    parser = Parser(
        prog="backproplab",
        usage="backproplab COMMAND ...",
        description="Lessons on backpropagation: hand them out, open them, grade them.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="show the version")
    parser.set_defaults(run=_no_command)
    commands = parser.add_subparsers(prog="backproplab", help=argparse.SUPPRESS, parser_class=Parser)
    for declare in DECLARATIONS:
        declare(commands)
    about = {name: str(command.description).splitlines()[0] for name, command in commands.choices.items()}
    lines = [f"  {name:<11}{text}" for name, text in about.items()]
    parser.epilog = "\n".join(
        ["commands:", *lines, "", "backproplab COMMAND --help explains it, with examples."]
    )
    return parser, dict(commands.choices)


def _no_command(args: argparse.Namespace) -> int:
    if not args.version:
        raise UsageError(
            "which command? lab, release, solutions, course, grade, report, feedback, export, gallery, doctor"
            "\nsee: backproplab --help"
        )
    from importlib.metadata import version

    print(f"backproplab {version('backproplab')}")
    return DONE


def _declare_lab(commands: Commands) -> None:
    text = """open the lessons in JupyterLab

DIR is your folder: by default build/lab in a checkout, else this one if your lessons are in it, else
./backproplab-lessons. Lessons that are new there are added; a notebook that you have started is never
overwritten. At each start and end a copy of your work goes to DIR/.backproplab/backups, the last ten of
each notebook. If JupyterLab runs on DIR already, its address is printed."""
    examples = """examples:
  backproplab lab
  backproplab lab ~/backprop --lesson one_neuron
  backproplab lab --no-browser --port 8888"""
    parser = add_command(commands, "lab", _lab, text, examples)
    parser.add_argument("directory", metavar="DIR", nargs="?", help="the folder with your notebooks")
    parser.add_argument("--lesson", help="the lesson to open: slug, number or folder name (start.ipynb)")
    parser.add_argument("--port", type=whole_number(), default=0, help="the port (default: 0, any free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")


def _lab(args: argparse.Namespace) -> int:
    from graders.lab import lab

    directory = Path(args.directory) if args.directory else None
    return lab(directory, args.lesson, port=args.port, browser=not args.no_browser)


def _declare_solutions(commands: Commands) -> None:
    text = """write executed instructor notebooks

One .ipynb and one .html for each lesson. Solutions are not installed: this needs a checkout."""
    examples = """examples:
  backproplab solutions --to build/solutions
  backproplab solutions 1 --to build/solutions"""
    parser = add_command(commands, "solutions", _solutions, text, examples)
    add_lessons(parser)
    parser.add_argument("--to", metavar="DIR", required=True, help=PLACE)


def _solutions(args: argparse.Namespace) -> int:
    from graders.solutions import solutions

    print(*solutions(chosen(args.lessons), Path(args.to)), sep="\n")
    return DONE


def _declare_gallery(commands: Commands) -> None:
    text = """write every explorer as a page of its own

The pages work from the file system: no kernel, no server, no network. Open DIR/index.html in a browser.
Pages of an earlier gallery are renewed; any other file in the way is kept."""
    parser = add_command(commands, "gallery", _gallery, text, "example:\n  backproplab gallery --to gallery")
    parser.add_argument("--to", metavar="DIR", required=True, help="the folder for the pages")


def _gallery(args: argparse.Namespace) -> int:
    from graders.gallery import gallery
    from graders.progress_bar import terminal_bar

    print(*gallery(Path(args.to), terminal_bar(sys.stderr)), sep="\n")
    return DONE


def _declare_doctor(commands: Commands) -> None:
    text = """tell what is missing or weak on this machine

Exit status: 0 if nothing that is needed is missing, else 1."""
    add_command(commands, "doctor", _doctor, text, "example:\n  backproplab doctor")


def _doctor(_: argparse.Namespace) -> int:
    from graders.doctor import doctor

    return doctor()


# In the order in which --help lists them.
DECLARATIONS = (
    _declare_lab,
    declare_release,
    _declare_solutions,
    declare_course,
    declare_grade,
    declare_report,
    declare_feedback,
    declare_export,
    _declare_gallery,
    _declare_doctor,
)

if __name__ == "__main__":
    sys.exit(main())
