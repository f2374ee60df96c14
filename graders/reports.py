"""Write the report of a class: a page, and the same as text."""

import hmac
import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from graders.assignments import find_assignment, read_assignments
from graders.class_view import ClassView, class_view
from graders.course import Course, probe_secret
from graders.notebook import write
from graders.own_pages import MARK, must_be_ours
from graders.report_page import report_page
from graders.report_text import FIRST_LINE, report_text

__all__ = ["places", "report"]


def report(
    course: Course,
    out: Path | None = None,
    *,
    assignment: str | None = None,
    anonymous: bool = False,
    progress: Callable[[int, int], object] | None = None,
    now: datetime | None = None,
) -> tuple[ClassView, list[Path]]:
    """Write the report of a class, as a page and as text.

    Parameters
    ----------
    course : Course
        The course.
    out : Path, optional
        The page's file; the text lies beside it. By default ``reports/`` of the course, in a file of its
        own for each assignment, and for the anonymous report.
    assignment : str, optional
        Only this one.
    anonymous : bool
        Number the students, always in the same order, and leave their texts out.
    progress : callable, optional
        Told (lessons read, lessons in all).
    now : datetime, optional
        Stands in for the clock.

    Returns
    -------
    view : ClassView
        What stands in it.
    paths : list of Path
        The page and the text.

    Raises
    ------
    GradersError
        If nothing was graded yet, somebody else's file is in the way, or the disk refuses.
    """
    name = find_assignment(assignment, *read_assignments(course.source)) if assignment else ""
    page, text = places(course, out, name, anonymous)
    remedy = "move it away or choose another --out"
    must_be_ours([page], "a report of ours", remedy, MARK)
    must_be_ours([text], "a report of ours", remedy, FIRST_LINE.encode())
    view = class_view(course, name or None, progress)
    labels = _numbered(view, probe_secret(course.root)) if anonymous else _named(view)
    when = f"{now or datetime.now():%Y-%m-%d %H:%M}"
    up = f"{Path(os.path.relpath(course.source, page.resolve().parent)).as_posix()}/"
    write(page, report_page(view, labels, when, up, texts=not anonymous))
    write(text, report_text(view, labels, when))
    return view, [page, text]


def places(course: Course, out: Path | None, assignment: str, anonymous: bool) -> tuple[Path, Path]:
    """Return where page and text go; one assignment and the anonymous report have files of their own."""
    if out is None:
        selection = f"_{assignment}" * bool(assignment) + "-anonymous" * anonymous
        out = course.root / "reports" / f"report{selection}.html"
    page = out.with_suffix(".html") if out.suffix == ".txt" else out
    return page, page.with_suffix(".txt")


def _named(view: ClassView) -> dict[str, str]:
    """Return the students' names, with the id where two have one name."""
    names = list(view.names.values())
    return {id: name if names.count(name) == 1 else f"{name} ({id})" for id, name in view.names.items()}


def _numbered(view: ClassView, secret: int) -> Mapping[str, str]:
    """Return numbers for names: the same in every report, and telling nothing of the names' order."""

    def drawn(student: str) -> bytes:
        return hmac.digest(f"{secret:x} report".encode(), student.encode(), "sha256")

    width = len(str(len(view.names)))
    order = sorted(view.names, key=drawn)
    return {student: f"student {number:0{width}}" for number, student in enumerate(order, 1)}
