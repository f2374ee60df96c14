"""What a student needs, in one zip: the lessons, the wheel, two lines that say what to do."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from graders.durable import write_durably
from graders.errors import GradersError
from graders.lessons import Lesson
from graders.own_wheel import own_wheel
from graders.release import refuse_strays, student_copies
from graders.zips import packed

__all__ = ["student_zip"]

# The version may be the same in both: pip would keep the old code.
README = """\
Start (Python 3.11 or later, in an environment: python3 -m venv venv, then . venv/bin/activate, on Windows \
venv\\Scripts\\activate), in this folder: python -m pip install {wheel}, then: backproplab lab .
Your work stands in another folder? Here: python -m pip install --force-reinstall --no-deps {wheel}, \
then: backproplab lab THAT_FOLDER (your answers stay)
"""


def student_zip(lessons: Sequence[Lesson], file: Path) -> list[str]:
    """Write the zip; the same lessons and code make the same bytes.

    All lies in one folder named after the zip: unpacked later, it does not come down on started notebooks.

    Parameters
    ----------
    lessons : sequence of Lesson
        What goes in; with all of them, the start notebook.
    file : Path
        The zip; one that is there and differs is kept.

    Returns
    -------
    list of str
        The names of the files in it, in their folder.

    Raises
    ------
    GradersError
        If a lesson leaks, the wheel cannot be built, or the file is there or cannot be written.
    """
    refuse_strays(lessons)
    files = {place.as_posix(): text.encode() for place, text in student_copies(lessons).items()}
    with tempfile.TemporaryDirectory(prefix="backproplab-") as folder:
        wheel = own_wheel(Path(folder))
        files |= {wheel.name: wheel.read_bytes(), "README.txt": README.format(wheel=wheel.name).encode()}
    content = packed({f"{file.stem}/{name}": data for name, data in files.items()})
    try:
        if file.exists() and file.read_bytes() != content:
            raise GradersError(
                f"kept, because it is there and differs: {file}\nmove it away or choose another name"
            )
        write_durably(file, content)
    except OSError as error:
        raise GradersError(f"cannot write {file}: {error.strerror or error}") from error
    return sorted(files)
