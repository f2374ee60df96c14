"""Put the released lessons, without their answers, into the wheel."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ReleasedLessons(BuildHookInterface[Any]):
    """Add ``backproplab/_lessons/NN_slug/NN_slug.ipynb`` for every lesson, and the start notebook.

    An editable install needs none.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Release the lessons into a temporary folder and have the wheel take them from there."""
        self.folder: tempfile.TemporaryDirectory[str] | None = None
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from graders.lessons import all_lessons
        from graders.release import release

        self.folder = tempfile.TemporaryDirectory()
        released = Path(self.folder.name)
        for path in release(all_lessons(), released):
            inside = f"backproplab/_lessons/{path.relative_to(released).as_posix()}"
            build_data["force_include"][str(path)] = inside

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        if self.folder is not None:
            self.folder.cleanup()
