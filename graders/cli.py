"""The ``backproplab`` command: options, help, exit status. What a command needs is imported when it runs."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from graders.errors import GradersError, UnknownName, UsageError

if TYPE_CHECKING:
    from graders.lessons import Lesson

__all__ = ["main"]

DONE, NOT_ALL, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130
BROKEN_PIPE = 141  # what a shell shows for a program that a closed pipe ended


class _Parser(argparse.ArgumentParser):
    """A parser that complains in two lines instead of a usage dump."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\nsee: {self.prog} --help")


_Commands: TypeAlias = "argparse._SubParsersAction[_Parser]"
_Run: TypeAlias = Callable[[argparse.Namespace], int]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        The words after ``backproplab``; those of this process by default.

    Returns
    -------
    int
        0 all done, 1 something could not be done or graded, 2 wrong usage, 130 after Ctrl-C.

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
    except KeyboardInterrupt:
        _complain("stopped")
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


def _complain(text: str) -> None:
    print(f"backproplab: {text}", file=sys.stderr)


def _explain(error: Exception, with_traceback: bool) -> None:
    if with_traceback:
        import traceback

        traceback.print_exception(error)
    elif isinstance(error, GradersError):
        _complain(str(error))
    elif isinstance(error, OSError) and error.strerror:
        _complain(f"{error.filename or 'error'}: {error.strerror}")
    else:
        _complain(f"{type(error).__name__}: {error}\nThis should not happen; --debug shows where it did.")


def _look_up(words: list[str], parser: _Parser, commands: dict[str, _Parser]) -> None:
    """Meet an unknown command or option with the nearest right one, before anything else is checked."""
    command = next((word for word in words if not word.startswith("-")), None)
    if command is not None and command not in commands:
        raise UnknownName("command", command, commands)
    helps = parser.format_help() + (commands[command].format_help() if command else "")
    known = set(re.findall(r"--[a-z][a-z-]*", helps))
    for word in words[: words.index("--") if "--" in words else None]:
        name = word.partition("=")[0]
        if name.startswith("--") and name not in known:
            raise UnknownName("option", name, known)


def _parsers() -> tuple[_Parser, dict[str, _Parser]]:
    parser = _Parser(
        prog="backproplab",
        usage="backproplab COMMAND ...",
        description="Lessons on backpropagation: hand them out, open them, grade them.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="show the version")
    parser.set_defaults(run=_no_command)
    commands = parser.add_subparsers(prog="backproplab", help=argparse.SUPPRESS, parser_class=_Parser)
    for declare in (_declare_lab, _declare_release, _declare_solutions, _declare_grade, _declare_doctor):
        declare(commands)
    about = {name: str(command.description).splitlines()[0] for name, command in commands.choices.items()}
    lines = [f"  {name:<11}{text}" for name, text in about.items()]
    parser.epilog = "\n".join(
        ["commands:", *lines, "", "backproplab COMMAND --help explains it, with examples."]
    )
    return parser, dict(commands.choices)


def _add(commands: _Commands, name: str, run: _Run, text: str, examples: str) -> _Parser:
    """Add a command; the first line of its text stands in the list of commands."""
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


def _no_command(args: argparse.Namespace) -> int:
    if not args.version:
        raise UsageError("which command? lab, release, solutions, grade or doctor\nsee: backproplab --help")
    from importlib.metadata import version

    print(f"backproplab {version('backproplab')}")
    return DONE


def _whole_number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 on")
    return int(text)


def _declare_lab(commands: _Commands) -> None:
    text = """open the lessons in JupyterLab

DIR is your folder: by default build/lab in a checkout, else ./backproplab-lessons.
Lessons that are new there are added; a notebook that you have started is never overwritten."""
    examples = """examples:
  backproplab lab
  backproplab lab ~/backprop --lesson one_neuron
  backproplab lab --no-browser --port 8888"""
    parser = _add(commands, "lab", _lab, text, examples)
    parser.add_argument("directory", metavar="DIR", nargs="?", help="the folder with your notebooks")
    parser.add_argument("--lesson", help="the lesson to open: slug, number or folder name (the first)")
    parser.add_argument("--port", type=_whole_number, default=0, help="the port (default: 0, any free one)")
    parser.add_argument("--no-browser", action="store_true", help="print the address, open no browser")


def _lab(args: argparse.Namespace) -> int:
    from graders.lab import lab

    directory = Path(args.directory) if args.directory else None
    return lab(directory, args.lesson, port=args.port, browser=not args.no_browser)


def _declare_release(commands: _Commands) -> None:
    text = """write student copies of lessons

They hold no solutions, no hidden tests and no outputs; if a check finds any, nothing is written."""
    examples = """examples:
  backproplab release --to students             every lesson
  backproplab release one_neuron --to students  one"""
    _add_lessons(_add(commands, "release", _release, text, examples))


def _declare_solutions(commands: _Commands) -> None:
    text = """write executed instructor notebooks

One .ipynb and one .html for each lesson. Solutions are not installed: this needs a checkout."""
    examples = """examples:
  backproplab solutions --to build/solutions
  backproplab solutions 1 --to build/solutions"""
    _add_lessons(_add(commands, "solutions", _solutions, text, examples))


def _add_lessons(parser: _Parser) -> None:
    parser.add_argument("lessons", metavar="LESSON", nargs="*", help="slug, number or folder name (all)")
    parser.add_argument("--to", metavar="DIR", required=True, help="writes DIR/NN_slug/NN_slug.ipynb")


def _release(args: argparse.Namespace) -> int:
    from graders.release import release

    print(*release(_chosen(args.lessons), Path(args.to)), sep="\n")
    return DONE


def _solutions(args: argparse.Namespace) -> int:
    from graders.solutions import solutions

    print(*solutions(_chosen(args.lessons), Path(args.to)), sep="\n")
    return DONE


def _chosen(names: list[str]) -> "list[Lesson]":
    from graders.lessons import all_lessons, find_lesson

    return list(dict.fromkeys(map(find_lesson, names))) or list(all_lessons())


def _declare_grade(commands: _Commands) -> None:
    text = """grade single notebooks

No course and no gradebook is needed. A notebook's code runs in a separate process, the judging here.
Exit status: 0 all graded, 1 some could not be graded (each is named on standard error),
2 wrong usage, 130 after Ctrl-C."""
    examples = """examples:
  backproplab grade 01_one_neuron.ipynb
  backproplab grade submitted/*/01_one_neuron/*.ipynb --json results.json
  backproplab grade 01_one_neuron.ipynb --json - --seed 7"""
    parser = _add(commands, "grade", _grade, text, examples)
    parser.add_argument("notebooks", metavar="NOTEBOOK", nargs="+", help="a student's notebook")
    parser.add_argument("--json", metavar="FILE", help="write the results as JSON (-: to standard output)")
    parser.add_argument("--seed", type=_whole_number, help="draw the probes from it, to repeat a grading")
    parser.add_argument("--allow-unsandboxed", action="store_true", help="accept weak isolation, silently")


def _grade(args: argparse.Namespace) -> int:
    from graders.results import as_json, as_table, check_target, write_json
    from graders.runner import ISOLATION_NOTE, grade_files

    file = Path(args.json) if args.json and args.json != "-" else None
    if file:
        check_target(file)
    if not args.allow_unsandboxed:
        _complain(f"{ISOLATION_NOTE} (--allow-unsandboxed accepts that)")
    results = grade_files(args.notebooks, seed=args.seed, progress=_progress_bar(len(args.notebooks)))
    if file:
        write_json(file, results)
        print(f"{file}: results of {len(results)} notebook{'s' * (len(results) != 1)}")
    else:
        print(as_json(results) if args.json else "\n\n".join(map(as_table, results)))
    refused = [result for result in results if result.error]
    for result in refused:
        _complain(f"{result.notebook}: {result.error}")
    return NOT_ALL if refused else DONE


def _progress_bar(notebooks: int) -> Callable[[int, int], None] | None:
    def show(done: int, total: int) -> None:
        end = "\n" if done == total else ""
        print(f"\r[{'#' * (30 * done // total):<30}] {done} of {total}", end=end, file=sys.stderr, flush=True)

    return show if notebooks > 1 and sys.stderr.isatty() else None


def _declare_doctor(commands: _Commands) -> None:
    text = """tell what is missing or weak on this machine

Exit status: 0 if nothing that is needed is missing, else 1."""
    _add(commands, "doctor", _doctor, text, "example:\n  backproplab doctor")


def _doctor(_: argparse.Namespace) -> int:
    from graders.doctor import doctor

    return doctor()


if __name__ == "__main__":
    sys.exit(main())
