"""What a student needs, in one zip: the lessons, the wheel, two lines that say what to do."""

import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from graders.durable import write_durably
from graders.errors import GradersError, UsageError
from graders.lessons import Lesson, checkout
from graders.release import refuse_strays, student_copies

__all__ = ["build_wheel", "packed", "student_zip"]

README = """Install: python -m pip install {wheel}    (Python 3.11 or later, in this folder)
Start:   backproplab lab .    (start.ipynb opens; hand in the notebooks that your teacher asks for)
"""
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the oldest date that a zip can hold, in place of today's


def student_zip(lessons: Sequence[Lesson], file: Path) -> list[str]:
    """Write the zip; the same lessons and code make the same bytes.

    Parameters
    ----------
    lessons : sequence of Lesson
        What goes in; with all of them, the start notebook.
    file : Path
        The zip; one that is there and differs is kept.

    Returns
    -------
    list of str
        The names of the files in it.

    Raises
    ------
    GradersError
        If a lesson leaks, the wheel cannot be built, or the file is there or cannot be written.
    """
    refuse_strays(lessons)
    files = {place.as_posix(): text.encode() for place, text in student_copies(lessons).items()}
    with tempfile.TemporaryDirectory(prefix="backproplab-") as folder:
        wheel = build_wheel(Path(folder))
        files |= {wheel.name: wheel.read_bytes(), "README.txt": README.format(wheel=wheel.name).encode()}
    content = packed(files)
    try:
        if file.exists() and file.read_bytes() != content:
            raise GradersError(
                f"kept, because it is there and differs: {file}\nmove it away or choose another name"
            )
        write_durably(file, content)
    except OSError as error:
        raise GradersError(f"cannot write {file}: {error.strerror or error}") from error
    return sorted(files)


def build_wheel(folder: Path) -> Path:
    """Build this checkout's wheel into a folder and return its path.

    Raises
    ------
    GradersError
        If this is no checkout, or the build fails.
    """
    root = checkout()
    if root is None:
        raise UsageError("a wheel is built from a checkout: --zip needs one")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise GradersError(f"the wheel was not built: {words[-1] if words else 'no reason given'}")
    return wheels[0]


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files whose bytes depend on nothing but their names and contents.

    Examples
    --------
    >>> packed({"a": b"1", "b": b"2"}) == packed({"b": b"2", "a": b"1"})
    True
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()
