"""Autograders for Gradescope: one zip a lesson, with everything of ours in it."""

import hmac
import json
import tempfile
from pathlib import Path

from graders.assignments import Assignment, find_assignment, read_assignments
from graders.course import Course, probe_secret
from graders.errors import GradersError
from graders.exports import RECORD, Exported, export_place
from graders.own_wheel import own_wheel
from graders.written_files import write_files
from graders.zips import packed

__all__ = ["export_gradescope"]

SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, when it builds the image. Ours comes with this file, the rest from PyPI.
set -euo pipefail
home="${AUTOGRADER_HOME:-/autograder}"

find_python() {
    for name in python3.13 python3.12 python3.11 python3; do
        if "$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

if ! python="$(find_python)"; then
    apt-get update
    apt-get install -y python3.12 python3.12-venv || apt-get install -y python3.11 python3.11-venv
    python="$(find_python)"
fi
"$python" -m venv "$home/venv"
"$home/venv/bin/python" -m pip install --quiet --no-cache-dir "$home"/source/backproplab-*.whl
"""
RUN = """\
#!/usr/bin/env bash
# Grades the notebook in submission/ into results/results.json, exercise by exercise. It ends before
# Gradescope's own limit of ten minutes would, so what is there by then is shown.
home="${AUTOGRADER_HOME:-/autograder}"
exec timeout --kill-after=5 "${AUTOGRADER_SECONDS:-540}" \\
    "$home/venv/bin/python" -I -m graders.gradescope_run "$home"
"""


def export_gradescope(
    course: Course, out: Path | None = None, assignment: str | None = None, *, unsandboxed: bool = False
) -> Exported:
    """Write ``gradescope_NN_slug.zip`` for each assignment of a course.

    Parameters
    ----------
    course : Course
        The course; its secret decides which test points a notebook meets there.
    out : Path, optional
        The folder; ``exports/`` of the course by default.
    assignment : str, optional
        Only this one.
    unsandboxed : bool
        Grade there even if nothing confines the students' code.

    Raises
    ------
    UnknownName
        If there is no such assignment.
    GradersError
        If the wheel cannot be built, somebody else's file is in the way, or the disk refuses.
    """
    known, broken = read_assignments(course.source)
    names = sorted(known) if assignment is None else [find_assignment(assignment, known, broken)]
    if not names:
        raise GradersError(f"{course.source}: no assignment in it")
    folder = export_place(course, out)
    with tempfile.TemporaryDirectory() as place:
        wheel = own_wheel(Path(place))
        data = wheel.read_bytes()
    secret = probe_secret(course.root)
    files = {
        folder / f"gradescope_{name}.zip": packed(
            {
                "setup.sh": SETUP.encode(),
                "run_autograder": RUN.encode(),
                "autograder.json": _settings(known[name], secret, unsandboxed),
                wheel.name: data,
            }
        )
        for name in names
    }
    write_files(files, course.root / RECORD)
    return Exported(list(files))


def _settings(assignment: Assignment, secret: int, unsandboxed: bool) -> bytes:
    # Not the course's own secret: what leaves the course must not tell its test points.
    drawn = hmac.digest(f"{secret:x}".encode(), f"gradescope {assignment.name}".encode(), "sha256")
    settings = {
        "lesson": assignment.lesson,
        "points": assignment.points,
        "seed": int.from_bytes(drawn),
        "unsandboxed": unsandboxed,
    }
    return json.dumps(settings).encode()
