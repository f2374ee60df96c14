"""Late days: what lateness costs a student who may spend some days without losing marks.

The penalties of a student follow from what stands in the gradebook: when things were due and handed in, and
what they earned. So it does not matter in which order they are graded. The days are spent in the order of
the due dates, and whoever grades one assignment brings the student's other penalties up to date too: they
change only if days, marks or the settings did.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from graders.rows import Rows

__all__ = ["LateDays", "renew_penalties", "score_of", "uncovered"]

DAY = timedelta(days=1)


@dataclass(frozen=True)
class LateDays:
    """What a course says about lateness.

    Parameters
    ----------
    budget : int
        Days that a student may be late, all assignments together, before it costs anything.
    penalty_per_day : float
        The share of the marks earned that each further day costs.
    extensions : mapping
        ``student -> assignment -> days`` by which something is due later for one student.
    """

    budget: int = 0
    penalty_per_day: float = 0.0
    extensions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def days(self, student: str, assignment: str, late: timedelta, extension: timedelta | None) -> int:
        """Return how many days late something is; a day that was begun counts.

        Parameters
        ----------
        student, assignment : str
            Whose, and what.
        late : timedelta
            Time between the due date for all and handing in.
        extension : timedelta or None
            The one in the gradebook; the longer of that and the one in the settings holds.
        """
        granted = timedelta(days=self.extensions.get(student, {}).get(assignment, 0))
        return max(0, math.ceil((late - max(granted, extension or granted)) / DAY))


def uncovered(days: Sequence[int], budget: int) -> list[int]:
    """Return the late days of each assignment that the budget does not cover, spent from the first on.

    Examples
    --------
    >>> uncovered([1, 0, 3, 2], budget=2)
    [0, 0, 2, 2]
    """
    costs = []
    for late in days:
        spent = min(late, budget)
        budget -= spent
        costs.append(late - spent)
    return costs


def renew_penalties(rows: Rows, student: str, late: LateDays) -> None:
    """Bring what a student loses by lateness up to date, for every assignment.

    Parameters
    ----------
    rows : Rows
        In a transaction; the caller commits.
    student : str
        Whose.
    late : LateDays
        The course's rule.
    """
    handed_in = _handed_in(rows, student)
    days = [
        late.days(student, known.name, submitted.timestamp - known.duedate, submitted.extension)
        for known, submitted in handed_in
    ]
    for (_, submitted), cost in zip(handed_in, uncovered(days, late.budget), strict=True):
        share = min(1.0, late.penalty_per_day * cost)
        for notebook in rows.of("submitted_notebook", assignment_id=submitted.id):
            taken = round(share * score_of(rows, notebook.id), 2) if share else None
            if notebook.late_submission_penalty != taken:
                rows.update("submitted_notebook", notebook.id, late_submission_penalty=taken)


def _handed_in(rows: Rows, student: str) -> list[tuple[Any, Any]]:
    """Return assignments with a student's submissions, in the order of their due dates."""
    known = {row.id: row for row in rows.of("assignment")}
    pairs = [(known[row.assignment_id], row) for row in rows.of("submitted_assignment", student_id=student)]
    timed = [pair for pair in pairs if pair[0].duedate is not None and pair[1].timestamp is not None]
    return sorted(timed, key=lambda pair: (pair[0].duedate, pair[0].name))


def score_of(rows: Rows, notebook: str) -> float:
    """Return what nbgrader counts for a notebook before any penalty."""
    return sum(map(_score, rows.of("grade", notebook_id=notebook)))


def _score(row: Any) -> float:
    """Return what one cell earned: a person's score before the automatic one, and what is on top."""
    score = row.auto_score if row.manual_score is None else row.manual_score
    return 0.0 if score is None else float(score) + float(row.extra_credit or 0)
