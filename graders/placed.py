"""What was once released into a student's folder, on record there: by it our text is told from theirs."""

import hashlib
import json
from pathlib import Path
from typing import Any

from graders.durable import write_durably
from graders.merging import digests

__all__ = ["HIDDEN", "Placed"]

HIDDEN = ".backproplab"


class Placed:
    """The record of a student's folder; where it is missing or damaged, nothing is known.

    Parameters
    ----------
    folder : Path
        The student's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._files = (folder / HIDDEN / "released.json", folder / HIDDEN / "released_cells.json")
        self._hashes, self._cells = map(_read, self._files)

    def is_untouched(self, name: str, content: bytes) -> bool:
        """Tell whether a notebook is byte for byte what was last released there."""
        return bool(self._hashes.get(name) == _hash(content))

    def texts(self, name: str) -> dict[str, list[str]]:
        """Return cell id -> hashes of all the texts that were released in that cell."""
        cells = self._cells.get(name)
        lists = cells.items() if isinstance(cells, dict) else ()
        return {key: [str(text) for text in value] for key, value in lists if isinstance(value, list)}

    def note(self, name: str, released: str) -> None:
        """Note that this notebook lies there now, as released or merged into the student's."""
        self._hashes[name] = _hash(released.encode())
        texts = self.texts(name)
        for cell, text in digests(json.loads(released)).items():
            texts[cell] = sorted({*texts.get(cell, ()), text})
        self._cells[name] = texts

    def save(self) -> None:
        """Write the record.

        Raises
        ------
        OSError
            If the disk refuses.
        """
        for file, facts in zip(self._files, (self._hashes, self._cells), strict=True):
            write_durably(file, (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(file: Path) -> dict[str, Any]:
    try:
        facts = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}  # nothing known: whatever differs is kept
    return facts if isinstance(facts, dict) else {}
