"""The commands around a course: make one, fill one for trying."""

import argparse
import sys
from pathlib import Path

from graders.command import DONE, Commands, add_command, whole_number
from graders.errors import UnknownName, UsageError

__all__ = ["declare_course"]

ACTIONS = ("new", "demo")


def declare_course(commands: Commands) -> None:
    """Declare ``course new`` and ``course demo``."""
    text = """make a course: the folders, configuration and gradebook that nbgrader wants

DIR/source holds the lessons with solutions, so this needs a checkout. Put what students hand in
into DIR/submitted/STUDENT/ASSIGNMENT/, then grade it: backproplab grade --course DIR
course demo fills a course with a class of made-up students, to try everything on before the term:
right answers, each known mistake, untouched, late and broken notebooks. What each must come to is
in DIR/.backproplab/demo.json."""
    examples = """examples:
  backproplab course new ~/courses/backprop
  backproplab course demo /tmp/demo --students 60 --seed 7"""
    parser = add_command(commands, "course", _course, text, examples)
    parser.add_argument("action", metavar="new|demo", help="make a new course, or one with a class in it")
    parser.add_argument("directory", metavar="DIR", help="its folder, new or empty")
    parser.add_argument("--students", type=whole_number, metavar="N", help="demo: how many (60)")
    parser.add_argument(
        "--seed", type=whole_number, metavar="SEED", help="demo: the same makes the same class (7)"
    )


def _course(args: argparse.Namespace) -> int:
    if args.action not in ACTIONS:
        raise UnknownName("command", f"course {args.action}", [f"course {action}" for action in ACTIONS])
    return {"new": _new, "demo": _demo}[args.action](args)


def _new(args: argparse.Namespace) -> int:
    from graders.course import new_course

    if args.students is not None or args.seed is not None:
        raise UsageError("--students and --seed belong to course demo")
    print(new_course(Path(args.directory)))
    return DONE


def _demo(args: argparse.Namespace) -> int:
    from graders.demo import TRUTH, census, demo_class
    from graders.progress_bar import terminal_bar

    root = Path(args.directory)
    students = 60 if args.students is None else args.students
    truth = demo_class(root, students, 7 if args.seed is None else args.seed, terminal_bar(sys.stderr))
    parts = ", ".join(f"{number} {kind}" for kind, number in census(truth).items())
    print(f"{root}: {students} students, {len(truth)} submissions ({parts})")
    print(f"what each must come to: {root / TRUTH}\nnext: backproplab grade --course {root}")
    return DONE
