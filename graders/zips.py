"""Zips whose bytes depend on nothing but what is in them."""

import io
import stat
import zipfile
from collections.abc import Mapping

__all__ = ["packed"]

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # the oldest date that a zip can hold, in place of today's


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files, by name; scripts, which begin with ``#!``, may be run.

    Examples
    --------
    >>> packed({"a": b"1", "b": b"2"}) == packed({"b": b"2", "a": b"1"})
    True
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, FIRST_DAY)
            mode = 0o755 if files[name].startswith(b"#!") else 0o644
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | mode) << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED, 9)
    return stream.getvalue()
