"""The command ``grade``, for single notebooks or a class."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from graders.command import DONE, NOT_ALL, Commands, add_command, chosen_course, complain, whole_number
from graders.errors import NotConfined, UsageError

if TYPE_CHECKING:
    from graders.class_run import ClassRun
    from graders.exercise import Result
    from graders.results import Was

__all__ = ["declare_grade"]

FOR_COURSES = ("assignment", "student", "exercise", "force")


def declare_grade(commands: Commands) -> None:
    """Declare ``grade``."""
    text = """grade notebooks, or a whole class

Single notebooks need no course and no gradebook. With --course, everything in DIR/submitted that is new or
changed is graded into nbgrader's gradebook and into DIR/autograded; stop it at any time and call it again,
it goes on from there. A student's code runs confined in a process of its own, the judging is done here.
With --exercise, one exercise whose points, test points or message changed is graded again: the others keep
their marks, scores and comments given by hand stay, and everyone who moved is named, with the reason.
DIR/course.toml says what lateness costs, who has an extension, and which of several submissions counts.
Exit status: 0 all graded, 1 some could not be graded (each is named on standard error),
2 wrong usage, or a course or settings that cannot be used, 130 after Ctrl-C."""
    examples = """examples:
  backproplab grade 01_one_neuron.ipynb
  backproplab grade submitted/*/01_one_neuron/*.ipynb --json results.json
  backproplab grade 01_one_neuron.ipynb --json - --seed 7
  backproplab grade --course . --assignment 1 --jobs 4
  backproplab grade --course . --exercise neuron_delta     that one again, for everyone
  backproplab grade --course . --executor dask://10.0.0.5:8786
workers of a Dask cluster (pip install "backproplab[dask]", for its scheduler too), on each machine:
  dask worker tcp://10.0.0.5:8786 --nworkers auto --nthreads 1"""
    parser = add_command(commands, "grade", _grade, text, examples)
    parser.add_argument("notebooks", metavar="NOTEBOOK", nargs="*", help="a student's notebook")
    parser.add_argument("--course", metavar="DIR", help="grade a class: a folder made by course new")
    parser.add_argument("--assignment", metavar="A", help="only this assignment of the course")
    parser.add_argument("--student", metavar="S", help="only this student of the course")
    parser.add_argument("--exercise", metavar="E", help="grade this one again for everyone, keep the rest")
    parser.add_argument("--force", action="store_true", help="grade also what has not changed")
    parser.add_argument("--jobs", metavar="N", type=whole_number(1), help="worker processes (all cores)")
    parser.add_argument("--executor", metavar="dask://HOST:PORT", help="the workers of a Dask cluster")
    parser.add_argument("--json", metavar="FILE", help="write the results as JSON (-: to standard output)")
    parser.add_argument("--seed", type=whole_number(), help="draw the probes from it, to repeat a grading")
    parser.add_argument(
        "--allow-unsandboxed", action="store_true", help="grade even where the kernel does not confine"
    )


def _grade(args: argparse.Namespace) -> int:
    _check_words(args)
    from graders.results import check_target

    if args.json and args.json != "-":
        check_target(Path(args.json))
    if args.executor is None:
        _check_isolation(args.allow_unsandboxed)
    return _grade_course(args) if args.course is not None else _grade_notebooks(args)


def _check_words(args: argparse.Namespace) -> None:
    if bool(args.notebooks) == (args.course is not None):
        which = "NOTEBOOK... or --course DIR, not both" if args.notebooks else "NOTEBOOK... or --course DIR?"
        raise UsageError(f"what to grade: {which}\nsee: backproplab grade --help")
    stray = [name for name in FOR_COURSES if getattr(args, name)]
    if stray and args.course is None:
        raise UsageError(f"--{stray[0]} goes with --course DIR\nsee: backproplab grade --help")


def _check_isolation(unsandboxed: bool) -> None:
    """Refuse to go on without a sandbox, or warn where that was asked for."""
    from graders.runner import ISOLATION_NOTE
    from graders.sandbox.isolation import require

    try:
        require(False)
    except NotConfined:
        if not unsandboxed:
            raise
        complain(f"WARNING: {ISOLATION_NOTE}")


def _grade_notebooks(args: argparse.Namespace) -> int:
    from graders.progress_bar import terminal_bar
    from graders.results import as_table
    from graders.runner import grade_files

    results = grade_files(
        args.notebooks,
        seed=args.seed,
        progress=terminal_bar(sys.stderr),
        jobs=args.jobs,
        executor=args.executor,
        unsandboxed=args.allow_unsandboxed,
    )
    if args.json:
        _write(args.json, results)
    else:
        print("\n\n".join(map(as_table, results)))
    return _name([result for result in results if result.error])


def _grade_course(args: argparse.Namespace) -> int:
    from graders.choice import Wanted
    from graders.class_run import grade_class
    from graders.progress_bar import terminal_bar

    wanted = Wanted(args.assignment, args.student, args.exercise, args.force)
    try:
        run = grade_class(
            chosen_course(args.course),
            wanted,
            jobs=args.jobs,
            executor=args.executor,
            seed=args.seed,
            unsandboxed=args.allow_unsandboxed,
            progress=terminal_bar(sys.stderr),
        )
    except KeyboardInterrupt:
        kept = "stopped; what was graded is kept, and the same command goes on from there"
        raise KeyboardInterrupt(kept) from None
    if args.json:
        was: Was = {(move.student, move.after.name): move.to_json() for move in run.moves.moved}
        _write(args.json, run.results, was)
    if args.json != "-":
        print(_summary(run), *run.moves.lines(args.exercise), sep="\n")
    for remark in run.remarks:
        complain(f"note: {remark}")
    return _name(run.refused)


def _summary(run: "ClassRun") -> str:
    parts = [f"graded {run.graded}", f"unchanged {run.unchanged}"]
    parts += [f"not gradable {len(run.refused)}"] if run.refused else []
    return ", ".join([*parts, f"an earlier one counts for {run.earlier}"] if run.earlier else parts)


def _write(target: str, results: "Sequence[Result]", was: "Was" = MappingProxyType({})) -> None:
    from graders.results import as_json, write_json

    if target == "-":
        print(as_json(results, was))
    else:
        write_json(Path(target), results, was)
        print(f"{target}: results of {len(results)} notebook{'s' * (len(results) != 1)}")


def _name(refused: "Sequence[Result]") -> int:
    for result in refused:
        complain(f"{result.notebook}: {result.error}")
    return NOT_ALL if refused else DONE
