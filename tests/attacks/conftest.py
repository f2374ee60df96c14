"""Arenas in which submissions are graded, one for each account and kernel, kept for the whole run."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

# The attacks and the witnesses speak to a Linux kernel; elsewhere grading is refused (see test_isolation).
collect_ignore_glob = [] if sys.platform == "linux" else ["*.py"]


@pytest.fixture(scope="session")
def arenas() -> Iterator[Any]:
    """Return a function ``(mode, landlock, unsandboxed) -> Arena``."""
    from tests.attacks.arena import Arena
    from tests.attacks.privileges import options

    # Not pytest's own folder, which another account may not enter.
    folder = Path(tempfile.mkdtemp(prefix="arenas-"))
    folder.chmod(0o755)
    kept: dict[tuple[Any, ...], Arena] = {}

    def arena(mode: str, landlock: int | None = None, unsandboxed: bool = False) -> Arena:
        key = (mode, landlock, unsandboxed)
        if key not in kept:
            own = folder / str(len(kept))
            own.mkdir()
            kept[key] = Arena(own, landlock, unsandboxed, **options(mode))
        return kept[key]

    yield arena
    for one in kept.values():
        one.close()
    shutil.rmtree(folder)
