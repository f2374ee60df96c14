"""A course: one folder with the lessons' sources, what students handed in, and nbgrader's gradebook."""

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graders.errors import GradersError, UsageError
from graders.lessons import all_lessons, checkout
from graders.settings import EXAMPLE, SETTINGS, Settings, read_settings

__all__ = [
    "Course",
    "check_one_rule",
    "configure",
    "empty_gradebook",
    "new_course",
    "open_course",
    "private_folder",
    "probe_secret",
]

CONFIG = "nbgrader_config.py"
PRIVATE = ".backproplab"
# Where nbgrader's configuration says what lateness costs.
PENALTIES = {"AssignLatePenalties", "LateSubmissionPlugin"}
FOLDERS = ("source", "submitted", "release", "autograded", "feedback")
STRUCTURE = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")  # noqa: PTH118 - nbgrader's pattern

CONFIG_TEXT = '''\
"""This course, for nbgrader and for ``backproplab grade --course``: both read what stands here."""

from pathlib import Path

from graders.course import configure

c = get_config()  # nbgrader defines it
configure(c)

here = Path(__file__).resolve().parent
c.CourseDirectory.course_id = "{course_id}"
c.CourseDirectory.root = str(here)
# PostgreSQL: "postgresql+psycopg://user:password@host/name" (pip install "backproplab[postgres]")
c.CourseDirectory.db_url = f"sqlite:///{{here / 'gradebook.db'}}"
'''

README_TEXT = """\
# {course_id}

An nbgrader course with the lessons of backproplab.

1. Hand out: `nbgrader generate_assignment 01_one_neuron` writes `release/`, with the points and texts of
   your `source/`. (`backproplab release` writes the lessons as they come, not yours.)
2. Collect: `submitted/STUDENT/01_one_neuron/01_one_neuron.ipynb`, a folder for each student.
3. Grade: `backproplab grade --course .` writes `gradebook.db` and `autograded/`. It may be stopped and
   called again at any time: it goes on where it was, and grades what changed.
   After an exercise was mended: `backproplab grade --course . --exercise NAME` says who moved and why.
4. Look, comment, correct marks by hand: the formgrader of nbgrader.
5. Look at the class: `backproplab report --course .` writes `reports/report.html`.
6. Give back: `backproplab feedback --course .` (or `nbgrader generate_feedback 01_one_neuron`), and
   `nbgrader export`.

`course.toml` says what lateness costs, who has an extension, and which of several submissions counts.
`.backproplab/secret` decides which test points a notebook meets. Keep it to yourself, and keep it:
without it a regrading would use others. `source/` holds the solutions.
"""


@dataclass(frozen=True)
class Course:
    """Where a course keeps its things, as its ``nbgrader_config.py`` says.

    Parameters
    ----------
    root : Path
        The course's folder.
    course_id : str
        Its name in the gradebook.
    db_url : str
        The gradebook's address; it may hold a password.
    source, submitted, autograded, feedback : Path
        The folders of nbgrader's steps.
    penalties : traitlets.config.Config or None
        What the course sets for nbgrader's plug-in for late submissions; None if it sets nothing.
    settings : Settings
        What its ``course.toml`` says.
    """

    root: Path
    course_id: str
    db_url: str
    source: Path
    submitted: Path
    autograded: Path
    feedback: Path
    penalties: Any = None
    settings: Settings = field(default_factory=Settings)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep a second grading of this course out.

        Raises
        ------
        GradersError
            If one is running.
        """
        from filelock import FileLock, Timeout

        private = private_folder(self.root)
        try:
            with FileLock(private / "lock", blocking=False):
                yield
        except Timeout as error:
            raise GradersError(f"{self.root}: another grading of this course is running") from error


def open_course(root: Path) -> Course:
    """Return the course in that folder.

    Raises
    ------
    UsageError
        If the folder is no course.
    GradersError
        If its configuration does not run, or arranges the folders in its own way.
    """
    file = root / CONFIG
    if not file.is_file():
        raise UsageError(f"{root}: not a course, it has no {CONFIG}\nmake one: backproplab course new DIR")
    from traitlets.config.loader import PyFileConfigLoader

    try:
        config = PyFileConfigLoader(CONFIG, path=str(root.resolve())).load_config()
    except Exception as error:  # whatever a person wrote there
        raise GradersError(f"{file}: {type(error).__name__}: {error}") from error
    settings = config.CourseDirectory
    if settings.get("directory_structure", STRUCTURE) != STRUCTURE:
        raise GradersError(f"{file}: directory_structure is set; only nbgrader's own is understood")
    home = root.resolve() / settings.get("root", ".")
    folders = {step: home / settings.get(f"{step}_directory", step) for step in FOLDERS}
    chosen = read_settings(home, folders["source"])
    check_one_rule(chosen, config)
    return Course(
        root=home,
        course_id=settings.get("course_id", ""),
        db_url=settings.get("db_url", f"sqlite:///{home / 'gradebook.db'}"),
        source=folders["source"],
        submitted=folders["submitted"],
        autograded=folders["autograded"],
        feedback=folders["feedback"],
        penalties=config if PENALTIES & set(config) else None,
        settings=chosen,
    )


def check_one_rule(settings: Settings, config: Any) -> None:
    """Refuse two rules for late submissions.

    Raises
    ------
    GradersError
        If the settings and nbgrader's configuration each have one.
    """
    both = PENALTIES & set(config)
    if settings.late and both:
        raise GradersError(
            f"two rules for late submissions: c.{min(both)} in {CONFIG}, late days in {SETTINGS}\n"
            "take one of them out"
        )


def configure(config: Any) -> None:
    """Set up nbgrader for our lessons, where it is nbgrader that reads the configuration.

    Our own commands read the same file for its folders and its gradebook; they need not wait the seconds
    that importing nbgrader takes.

    Parameters
    ----------
    config : traitlets.config.Config
        What ``get_config()`` returns in ``nbgrader_config.py``.
    """
    if "nbgrader" in sys.modules:
        from graders.nbgrader_bridge import configure as set_up

        set_up(config)


def new_course(root: Path) -> Path:
    """Make a course: folders, the lessons as sources, configuration, an empty gradebook and a secret.

    It is made beside its place and moved there, so a failure leaves nothing.

    Parameters
    ----------
    root : Path
        The folder; it must not exist, or be empty.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    GradersError
        If there is something, there are no sources (an installed wheel), or the disk refuses.
    """
    if checkout() is None:
        raise GradersError("course new needs a checkout of the repository: solutions are not installed")
    place = root.resolve()
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise GradersError(f"{root}: kept, because something is there; choose a new folder")
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{place.name}.") as draft:
            made = Path(draft) / "course"
            _fill(made, re.sub(r"[^\w-]+", "_", place.name) or "course")
            with suppress(FileNotFoundError):
                place.rmdir()  # an empty folder that was there
            made.rename(place)
    except OSError as error:
        raise GradersError(f"cannot make {root}: {error.strerror or error}") from error
    return root


def _fill(folder: Path, course_id: str) -> None:
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    for lesson in all_lessons():
        hidden = shutil.ignore_patterns(".*", "__pycache__")
        shutil.copytree(lesson.path.parent, folder / "source" / lesson.folder, ignore=hidden)
    for name, text in ((CONFIG, CONFIG_TEXT), ("README.md", README_TEXT)):
        (folder / name).write_text(text.format(course_id=course_id), encoding="utf-8")
    (folder / SETTINGS).write_text(EXAMPLE, encoding="utf-8")
    probe_secret(folder)
    empty_gradebook(f"sqlite:///{folder / 'gradebook.db'}", course_id)


def empty_gradebook(db_url: str, course_id: str) -> None:
    """Let nbgrader make its tables in an empty database.

    Raises
    ------
    GradersError
        If its tools do not run.
    """
    from graders.nbgrader_bridge import create_gradebook

    path = os.environ.get("PATH", "")
    # nbgrader calls alembic by its name, and that lies beside this Python.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    try:
        create_gradebook(db_url, course_id)
    except subprocess.CalledProcessError as error:
        raise GradersError(f"nbgrader could not make its gradebook: {error}") from error
    finally:
        os.environ["PATH"] = path


def probe_secret(root: Path) -> int:
    """Return the secret from which a course draws its test points; the first call makes it.

    Raises
    ------
    GradersError
        If the file cannot be read or is damaged.
    """
    file = private_folder(root) / "secret"
    try:
        if not file.exists():
            _write_secret(file)
        return int(file.read_text(encoding="ascii"), 16)
    except OSError as error:
        raise GradersError(f"{file}: {error.strerror or error}") from error
    except ValueError as error:
        raise GradersError(f"{file}: damaged; bring it back, or remove it to draw new test points") from error


def _write_secret(file: Path) -> None:
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as text:
        text.write(secrets.token_hex(32))
    draft.replace(file)


def private_folder(root: Path) -> Path:
    """Return the folder for what is ours alone; it is made where it is missing.

    Raises
    ------
    GradersError
        If the disk refuses.
    """
    folder = root / PRIVATE
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise GradersError(f"{folder}: {error.strerror or error}") from error
    return folder
