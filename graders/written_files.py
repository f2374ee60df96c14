"""Files that we write for others to take: renewed as long as nobody has changed them since, else kept."""

import json
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from graders.durable import write_durably
from graders.errors import GradersError

__all__ = ["write_files"]


def write_files(files: Mapping[Path, bytes], record: Path) -> None:
    """Write files, each at once; none if one of them is in somebody else's way.

    Parameters
    ----------
    files : mapping
        Path -> contents.
    record : Path
        The file that remembers what was written, so that a later call knows its own.

    Raises
    ------
    GradersError
        If a file is there that we have not written, or that was changed since; or the disk refuses.
    """
    written = _recorded(record)
    try:
        for path in files:
            if path.exists() and (not path.is_file() or _hash(path.read_bytes()) != written.get(_key(path))):
                raise GradersError(
                    f"kept {path}: it was changed since it was exported, or is not of an export\n"
                    "move it away or choose another --out"
                )
        for path, data in files.items():
            # Remembered before it is there: killed in between, the file is written again.
            written[_key(path)] = _hash(data)
            write_durably(record, json.dumps(written, indent=1).encode())
            write_durably(path, data)
    except OSError as error:
        raise GradersError(f"cannot write {error.filename}: {error.strerror or error}") from error


def _recorded(record: Path) -> dict[str, str]:
    with suppress(OSError, ValueError, TypeError):
        return dict(json.loads(record.read_text(encoding="utf-8")))
    return {}


def _key(path: Path) -> str:
    return str(path.resolve())


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()
