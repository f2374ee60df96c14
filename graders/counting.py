"""Which of what a student handed in counts: the last submission, as in nbgrader, or the best one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from graders.errors import UnreadableNotebook
from graders.folders import draft_folder, put_in_place, sweep
from graders.ledger import Entry
from graders.submitted import Submitted, contents

__all__ = ["Counting", "Earlier", "Key"]

Key: TypeAlias = tuple[str, str]  # assignment, student


class Counting:
    """What was graded, and which of it stands in the gradebook.

    Parameters
    ----------
    best : bool
        The best counts; else the last.
    stands : mapping
        What stands in the gradebook: ``(assignment, student) -> entry``.
    history : iterable of Entry
        All that was graded, the oldest first.
    """

    def __init__(self, best: bool, stands: Mapping[Key, Entry], history: Iterable[Entry] = ()) -> None:
        self.best = best
        self.stands = dict(stands)
        self._known: dict[Key, dict[str, Entry]] = {key: {e.content: e} for key, e in stands.items()}
        for entry in history:
            self._known.setdefault(_key(entry), {})[entry.content] = entry

    def entry(self, key: Key, content: str) -> Entry | None:
        """Return what these contents came to, if they were graded."""
        return self._known.get(key, {}).get(content)

    def contents(self, key: Key) -> list[str]:
        """Return the hashes of all that was graded."""
        return list(self._known.get(key, {}))

    def settled(self, key: Key, last: str) -> bool:
        """Tell whether what stands in the gradebook is what counts, of these the contents of the last one."""
        known = self._known.get(key, {})
        counts = max(known.values(), key=self._rank) if self.best else known.get(last)
        return counts == self.stands.get(key)

    def after(self, entry: Entry) -> Entry:
        """Return what counts when this has been graded."""
        if not self.best:
            return entry
        known = self._known.get(_key(entry), {}) | {entry.content: entry}
        return max(known.values(), key=self._rank)

    def recorded(self, entry: Entry, counts: Entry) -> None:
        """Take note of what was graded and what stands in the gradebook now."""
        self._known.setdefault(_key(entry), {})[entry.content] = entry
        self._known[_key(entry)][counts.content] = counts
        self.stands[_key(entry)] = counts

    def _rank(self, entry: Entry) -> tuple[bool, float, float, bool]:
        """Most marks go first; of equal ones what was handed in first, else what stands."""
        result = entry.result
        share = result.points / result.possible if result.possible else 0.0
        moment = -entry.handed_in.timestamp() if entry.handed_in else 0.0
        stands = self.stands.get(_key(entry))
        return result.error is None, share, moment, stands is not None and stands.content == entry.content


def _key(entry: Entry) -> Key:
    return entry.assignment, entry.student


class Earlier:
    """What was handed in, version by version: where the best counts, one of them may be graded again.

    Parameters
    ----------
    root : Path
        The folder for them: ``root/STUDENT/ASSIGNMENT/HASH/``.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        for student in root.glob("*"):
            sweep(student)

    def keep(self, entry: Entry, files: Mapping[str, bytes]) -> None:
        """Keep what was handed in, if it is not kept yet."""
        place = self._place(_key(entry), entry.content)
        if not place.is_dir():
            put_in_place(draft_folder(place, files), place)

    def find(self, last: Submitted, content: str) -> Submitted | None:
        """Return the submission with these contents in the place of a student's last one, if it is kept."""
        place = self._place((last.assignment, last.student), content)
        found = sorted(place.glob("*.ipynb")) if content else []
        if not found:
            return None
        name = f"{last.name} (handed in earlier, {content[:8]})"
        return replace(last, path=found[0], name=name, problem="", remarks=())

    def contents(self, entry: Entry) -> bytes:
        """Return what was handed in; nothing where it is not kept."""
        for path in self._place(_key(entry), entry.content).glob("*.ipynb"):
            try:
                return contents(path)
            except UnreadableNotebook:
                return b""
        return b""

    def _place(self, key: Key, content: str) -> Path:
        assignment, student = key
        return self.root / student / assignment / (content or "unreadable")
