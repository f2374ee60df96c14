"""The commands around a course: make one, fill one for trying, report on it, give it back, export it."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from graders.command import (
    DONE,
    NOT_ALL,
    Commands,
    add_command,
    chosen_course,
    complain,
    shortened,
    whole_number,
)
from graders.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from graders.exports import Exported

__all__ = ["declare_course", "declare_export", "declare_feedback", "declare_report"]

ACTIONS = ("new", "demo")
TARGETS = ("csv", "canvas", "moodle", "gradescope")


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
    parser.add_argument("--students", type=whole_number(1), metavar="N", help="demo: how many (60)")
    parser.add_argument(
        "--seed", type=whole_number(), metavar="SEED", help="demo: the same makes the same class (7)"
    )


def _course(args: argparse.Namespace) -> int:
    if args.action not in ACTIONS:
        raise UnknownName("command of course", args.action, ACTIONS)
    return {"new": _new, "demo": _demo}[args.action](args)


def _new(args: argparse.Namespace) -> int:
    from graders.course import new_course

    if args.students is not None or args.seed is not None:
        raise UsageError("--students and --seed belong to course demo")
    root = new_course(Path(args.directory))
    print(f"{root}\nnext, in that folder: nbgrader generate_assignment 01_one_neuron")
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


def declare_report(commands: Commands) -> None:
    """Declare ``report``."""
    text = """tell what a class came to: marks, mistakes by exercise, who is stuck where

Writes a page and the same as text, out of what grade --course found: how each exercise went, each named
mistake with the number of students, an example of what they read and the part of the lesson to go over
again, similar answers to look at, and what went wrong in grading. Reports of ours are renewed, any other
file in the way is kept."""
    examples = """examples:
  backproplab report --course .                 reports/report.html and report.txt
  backproplab report --course . --assignment 3  reports/report_03_hidden_delta.html and .txt
  backproplab report --course . --anonymous     for showing in class: reports/report-anonymous.html and .txt
  backproplab report --course . --out week3.html"""
    parser = add_command(commands, "report", _report, text, examples)
    parser.add_argument("--course", metavar="DIR", required=True, help="a folder made by course new")
    parser.add_argument("--out", metavar="FILE", help="the page; the text goes beside it (DIR/reports/)")
    parser.add_argument("--assignment", metavar="A", help="only this assignment, in a file of its own")
    parser.add_argument("--anonymous", action="store_true", help="numbers for names, no texts of students")


def _report(args: argparse.Namespace) -> int:
    from graders.progress_bar import terminal_bar
    from graders.report_words import students
    from graders.reports import report

    view, paths = report(
        chosen_course(args.course),
        Path(args.out) if args.out else None,
        assignment=args.assignment,
        anonymous=args.anonymous,
        progress=terminal_bar(sys.stderr),
    )
    for id, who, exercises in view.most_frequent()[:3]:
        print(f"{students(len(who))} {id}, in {', '.join(exercises)}")
    print(*paths, sep="\n")
    return DONE


def declare_feedback(commands: Commands) -> None:
    """Declare ``feedback``."""
    text = """write a page of feedback for each student and assignment

DIR/feedback/STUDENT/ASSIGNMENT/, where nbgrader keeps its own: the student's answers with our message on
each, and the marks and comments of the gradebook, those given by hand too. The pages need no network.
Ours are renewed; one of nbgrader's in the same place is kept unless --force says otherwise.
Exit status: 0 all written, 1 some could not be (each is named on standard error)."""
    examples = """examples:
  backproplab feedback --course .
  backproplab feedback --course . --assignment one_neuron --student ada"""
    parser = add_command(commands, "feedback", _feedback, text, examples)
    parser.add_argument("--course", metavar="DIR", required=True, help="a folder made by course new")
    parser.add_argument("--assignment", metavar="A", help="only this assignment of the course")
    parser.add_argument("--student", metavar="S", help="only this student of the course")
    parser.add_argument("--force", action="store_true", help="write over pages that are not ours")


def _feedback(args: argparse.Namespace) -> int:
    from graders.feedback import feedback
    from graders.progress_bar import terminal_bar

    course, bar = chosen_course(args.course), terminal_bar(sys.stderr)
    done = feedback(course, args.assignment, args.student, force=args.force, progress=bar)
    print(f"{course.feedback}: {len(done.pages)} page{'s' * (len(done.pages) != 1)}")
    for problem in done.problems:
        complain(problem)
    if done.kept:
        pages = (
            f"{len(done.kept)} pages that are not ours, such as"
            if len(done.kept) > 1
            else "what is not ours,"
        )
        complain(f"kept {pages} {done.kept[0]}\n--force writes over them")
    return NOT_ALL if done.problems or done.kept else DONE


def declare_export(commands: Commands) -> None:
    """Declare ``export``."""
    text = """write files that other systems take: marks as CSV, autograders for Gradescope

csv      grades.csv, a row for each student and assignment: exercises, late penalty, total
canvas   canvas.csv, for Gradebook, Import; --roster fills in the file that Canvas exports
moodle   moodle.csv, for Grades, Import, CSV file; --roster likewise
gradescope  a zip for each lesson, to upload as its autograder; needs no grades

With --assignment the name of the assignment is in the file's name, and the whole class's file stays.
Who has no marks yet has an empty cell, which is not a zero. Whose marks still need a person ("needs manual
grade" in the gradebook) is named on standard error. A file that was changed since it was exported
is kept.
Exit status: 0 all exported, 1 some students are not in the roster (each is named on standard error),
2 wrong usage, or a course, settings or roster that cannot be used."""
    examples = """examples:
  backproplab export --course . --to csv
  backproplab export --course . --to canvas --roster Grades-Backprop.csv
  backproplab export --course . --to moodle --assignment one_neuron --out ~/marks
  backproplab export --course . --to gradescope --assignment 1"""
    parser = add_command(commands, "export", _export, text, examples)
    parser.add_argument("--course", metavar="DIR", required=True, help="a folder made by course new")
    parser.add_argument("--to", metavar="SYSTEM", required=True, help="|".join(TARGETS))
    parser.add_argument("--out", metavar="DIR", help="the folder for the files (DIR/exports/)")
    parser.add_argument("--assignment", metavar="A", help="only this assignment of the course")
    parser.add_argument("--roster", metavar="FILE", help="canvas, moodle: the exported file to fill in")
    parser.add_argument(
        "--allow-unsandboxed", action="store_true", help="gradescope: grade there even without confinement"
    )


def _export(args: argparse.Namespace) -> int:
    from graders.exports import export_csv, export_lms

    if args.to not in TARGETS:
        raise UnknownName("system", args.to, TARGETS)
    if args.roster is not None and args.to not in ("canvas", "moodle"):
        raise UsageError("--roster goes with --to canvas or --to moodle")
    if args.allow_unsandboxed and args.to != "gradescope":
        raise UsageError("--allow-unsandboxed goes with --to gradescope")
    course, out = chosen_course(args.course), Path(args.out) if args.out else None
    if args.to == "csv":
        return _exported(export_csv(course, out, args.assignment))
    if args.to == "gradescope":
        from graders.gradescope import export_gradescope

        return _exported(export_gradescope(course, out, args.assignment, unsandboxed=args.allow_unsandboxed))
    roster = Path(args.roster) if args.roster else None
    return _exported(export_lms(course, args.to, out, roster, args.assignment))


def _exported(done: "Exported") -> int:
    from graders.exports import TELL

    print(*done.paths, sep="\n")
    if done.waiting:
        complain(f"note: no marks yet, left empty: {shortened(done.waiting)}")
    if done.doubtful:
        who = f"{len(done.doubtful)}: {shortened(done.doubtful)}"
        complain(f'note: marks that still need a person ("needs manual grade" in the gradebook), {who}')
    if done.strange:
        who = f"{len(done.strange)} in the roster who are not in the gradebook"
        complain(f"note: {who}, left as they were: {shortened(done.strange)}")
    for student, near in done.lost.items():
        complain(f"not in the roster: {student}" + (f"; perhaps {shortened(near, 3)}" if near else ""))
    if done.lost:
        complain(TELL)
    return NOT_ALL if done.lost else DONE
