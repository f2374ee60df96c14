"""Who moved when work that had its marks was graded again, and why."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from graders.exercise import Verdict
from graders.ledger import Entry

__all__ = ["Move", "Moves", "Penalty"]


@dataclass(frozen=True)
class Move:
    """One exercise of one student with other points than before, for the same work.

    Parameters
    ----------
    student, assignment : str
        Whose, and in what.
    before, after : Verdict
        The earlier judgement and the new one.
    by_hand : bool
        A person's score stands in the gradebook, whatever the judge says.
    another : bool
        Another submission of the student's counts now.
    """

    student: str
    assignment: str
    before: Verdict
    after: Verdict
    by_hand: bool = False
    another: bool = False

    def __str__(self) -> str:
        points = f"{_points(self.before)} -> {_points(self.after)}"
        notes = "; another submission counts now" if self.another else ""
        notes += "; the score given by hand stays, a person should look again" if self.by_hand else ""
        return f"{self.student}  {points}  {_reason(self.before)} -> {_reason(self.after)}{notes}"

    def to_json(self) -> dict[str, Any]:
        """Return what the exercise came to before, as the results tell it."""
        plain = self.before.to_json()
        return {name: plain[name] for name in ("status", "points", "possible", "misconceptions")}


@dataclass(frozen=True)
class Penalty:
    """What lateness takes off one student's work, where that changed for the same work.

    Parameters
    ----------
    assignment, student : str
        In what, and whose.
    before, after : float
        Marks.
    """

    assignment: str
    student: str
    before: float
    after: float

    def __str__(self) -> str:
        return f"{self.student}  {self.assignment}  {self.before:g} -> {self.after:g}"


@dataclass
class Moves:
    """What grading again came to.

    Parameters
    ----------
    moved : list of Move
        Who has other points than before.
    again, reworded : Counter
        Exercise -> how many were graded again, and how many of those kept their points but not their message.
    penalties : list of Penalty
        Who loses other marks by lateness than before.
    """

    moved: list[Move] = field(default_factory=list)
    again: Counter[str] = field(default_factory=Counter)
    reworded: Counter[str] = field(default_factory=Counter)
    penalties: list[Penalty] = field(default_factory=list)

    def add(self, before: Entry, after: Entry, exercise: str | None, by_hand: Collection[Any]) -> None:
        """Compare two gradings, in one exercise or in all; in all too where another submission counts."""
        another = before.content != after.content
        old = {verdict.name: verdict for verdict in before.result.exercises}
        for new in after.result.exercises:
            was = old.get(new.name)
            if was is None or (exercise not in (None, new.name) and not another):
                continue
            self.again[new.name] += 1
            if (was.points, was.possible) != (new.points, new.possible):
                manual = (after.assignment, after.student, f"test_{new.name}") in by_hand
                self.moved.append(Move(after.student, after.assignment, was, new, manual, another))
            elif was.message != new.message:
                self.reworded[new.name] += 1

    def lines(self, exercise: str | None = None) -> Iterator[str]:
        """Give a line for each exercise that was asked for or moved anybody, and one for each who moved.

        What changed in late penalties follows in the same form.
        """
        for name, again in self.again.items():
            mine = [move for move in self.moved if move.after.name == name]
            if mine or name == exercise:
                others = f", {self.reworded[name]} with the same points and another message"
                told = others if self.reworded[name] else ""
                yield f"{name}: {again} graded again, {len(mine)} moved{told}"
                yield from (f"  {move}" for move in mine)
        if self.penalties:
            yield f"late penalties: {len(self.penalties)} changed"
            yield from (f"  {penalty}" for penalty in self.penalties)


def _points(verdict: Verdict) -> str:
    return f"{verdict.points:g}/{verdict.possible:g}"


def _reason(verdict: Verdict) -> str:
    names = ", ".join(misconception.id for misconception in verdict.misconceptions)
    return f"{verdict.status} ({names})" if names else verdict.status
