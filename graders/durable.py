"""Files that are there whole, the old or the new, whenever the process that writes them is killed."""

import os
import shutil
from pathlib import Path

__all__ = ["write_durably"]


def write_durably(path: Path, content: bytes) -> None:
    """Write a file so that at any moment, also after a loss of power, the old or the new one is there whole.

    Parameters
    ----------
    path : Path
        The file; its folders are made if need be. One that is there keeps its permissions.
    content : bytes
        What it will hold.

    Raises
    ------
    OSError
        If the disk refuses; then the file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _settle(path.parent)


def _settle(folder: Path) -> None:
    """Make the renaming in a folder durable, where folders can be opened (not on Windows)."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
