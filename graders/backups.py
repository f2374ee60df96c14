"""Copies of a student's notebooks, in ``.backproplab/backups`` of their folder: the last few of each."""

import os
import re
import shlex
import subprocess
import time
from pathlib import Path

from graders.durable import write_durably
from graders.placed import HIDDEN

__all__ = ["MOST", "back_up", "back_with", "backups"]

MOST = 10  # copies of one notebook
_NAME = re.compile(r"\.backup-(\d{8}-\d{6})(?:-(\d+))?\.ipynb")


def backups(name: str, folder: Path) -> list[Path]:
    """Return the copies that are kept of a notebook, the newest first.

    Parameters
    ----------
    name : str
        The notebook's name, without its ending.
    folder : Path
        The student's folder.
    """
    found = (folder / HIDDEN / "backups").glob(f"{name}.backup-*.ipynb")
    dated = [(m[1], int(m[2] or 1), file) for file in found if (m := _NAME.fullmatch(file.name, len(name)))]
    return [file for *_, file in sorted(dated, reverse=True)]


def back_up(path: Path, content: bytes, folder: Path) -> Path:
    """Keep a copy of a notebook, never over an older one; of many the oldest go.

    Parameters
    ----------
    path : Path
        The notebook.
    content : bytes
        What it holds.
    folder : Path
        The student's folder.

    Returns
    -------
    Path
        The copy: the last one where that holds the same.
    """
    last = next(iter(backups(path.stem, folder)), None)
    if last is not None and last.read_bytes() == content:
        return last
    base = f"{path.stem}.backup-{time.strftime('%Y%m%d-%H%M%S')}"
    number, copy = 1, folder / HIDDEN / "backups" / f"{base}.ipynb"
    while copy.exists():
        number += 1
        copy = copy.with_name(f"{base}-{number}.ipynb")
    write_durably(copy, content)
    for old in backups(path.stem, folder)[MOST:]:
        old.unlink()
    return copy


def back_with(copy: Path, path: Path) -> str:
    """Return the command that puts a copy in the notebook's place."""
    words = [str(copy), str(path)]
    return f"copy {subprocess.list2cmdline(words)}" if os.name == "nt" else f"cp {shlex.join(words)}"
