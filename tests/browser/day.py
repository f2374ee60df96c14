"""A day's commands in a course, as typed, with what they said and how long they took."""

import os
import subprocess
import sys
import time
from pathlib import Path

# A class of few lessons is enough for most purposes; the command itself always makes all of them.
OURS = """\
import sys
from graders import cli, demo
lessons = demo.all_lessons()[:{lessons}]
demo.all_lessons = lambda: lessons
sys.exit(cli.main())
"""
MOST_LINES = 6


class Day:
    """A course, and the commands given in it.

    Parameters
    ----------
    root : Path
        The course's folder.
    lessons : int
        How many lessons a demo class hands in.
    """

    def __init__(self, root: Path, lessons: int) -> None:
        self.root = root
        self.lessons = lessons
        self.told: list[str] = []

    def run(self, line: str, status: int = 0) -> str:
        """Run a command in the course's folder, or beside it while there is none; return what it said."""
        program, *words = line.split()
        here = self.root if self.root.exists() else self.root.parent
        ours = ["-c", OURS.format(lessons=self.lessons)]
        start = time.monotonic()
        done = subprocess.run(
            [sys.executable, *(ours if program == "backproplab" else ["-m", program]), *words],
            cwd=here,
            env={**os.environ, "BACKPROPLAB_NO_PROGRESS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.monotonic() - start
        said = (done.stdout + done.stderr * bool(status)).replace(str(self.root), self.root.name).splitlines()
        rest = [f"... and {len(said) - MOST_LINES} more lines"] if len(said) > MOST_LINES else []
        self.told += [f"$ {line}    # {seconds:.1f} s", *said[:MOST_LINES], *rest]
        assert done.returncode == status, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def by_hand(self, what: str) -> None:
        """Note what was done in the browser."""
        self.told.append(f"# {what}")

    def transcript(self) -> str:
        """Return the day as text."""
        return "\n".join(self.told) + "\n"
