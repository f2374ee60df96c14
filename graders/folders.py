"""Folders that are there whole or not at all, whenever the process that writes them is killed."""

import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

__all__ = ["discard", "draft_folder", "put_in_place", "sweep"]

DRAFT, OLD = ".part", ".old"


def draft_folder(place: Path, files: Mapping[str, bytes]) -> Path:
    """Write files into a new folder beside the place where it belongs.

    Parameters
    ----------
    place : Path
        Where ``put_in_place`` will put it.
    files : mapping
        Name -> contents.

    Returns
    -------
    Path
        The new folder; if the disk refuses, nothing is left of it.
    """
    draft = _beside(place, DRAFT)
    draft.mkdir(parents=True)
    try:
        for name, data in files.items():
            (draft / name).write_bytes(data)
    except OSError:
        discard(draft)
        raise
    return draft


def put_in_place(draft: Path, place: Path) -> None:
    """Rename a new folder to its place; the one that was there goes."""
    old = _beside(place, OLD)
    with suppress(FileNotFoundError):
        place.rename(old)
    draft.rename(place)
    discard(old)


def discard(folder: Path) -> None:
    """Remove a folder with what is in it, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)


def sweep(root: Path) -> None:
    """Remove what killed processes left beside the folders ``root/*/*``."""
    for end in (DRAFT, OLD):
        for stale in root.glob(f"*/.*{end}"):
            discard(stale)


def _beside(place: Path, end: str) -> Path:
    return place.with_name(f".{place.name}.{secrets.token_hex(4)}{end}")
