"""Compare a student's answers with those of every known wrong turn at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["MATCH", "TINY", "AnswerTable", "Fits", "Given", "Tensors", "same_numbers"]

MATCH = 1e-7
# What should be 0 is this large where numbers near 1 were added up to it.
TINY = 1e-15
Tensors = tuple[NDArray[Any], ...]
Given = Sequence["NDArray[Any] | str"]


@dataclass(frozen=True)
class Fits:
    """Which wrong turns give the student's numbers.

    Parameters
    ----------
    parts : ndarray of shape (n_turns, n_parts)
        The same numbers in this part at every test point that tells anything.
    whole : ndarray of shape (n_turns,)
        The same numbers everywhere, and they are not all right.
    differs : ndarray of shape (n_turns, n_parts)
        The wrong turn gives something wrong in this part, where the student gave an answer: only that can
        it explain.
    """

    parts: NDArray[np.bool_]
    whole: NDArray[np.bool_]
    differs: NDArray[np.bool_]


class AnswerTable:
    """The answers of many wrong turns, one row each, laid out beside the truth.

    Parameters
    ----------
    rows : sequence of sequence of (tuple of ndarray, or None)
        What each wrong turn leads to at each test point; None where it cannot be taken, which tells
        nothing either way.
    truths : sequence of tuple of ndarray
        The true parts of the answer at each test point.

    Examples
    --------
    >>> table = AnswerTable([[(np.array([2.0, 4.0]),)], [(np.array([1.0, 2.0]),)]], [(np.array([1.0, 2.0]),)])
    >>> fits = table.fits([(np.array([2.0, 4.0]),)], 1e-7)
    >>> fits.whole.tolist(), fits.differs.tolist()
    ([True, False], [[True], [False]])
    """

    def __init__(self, rows: Sequence[Sequence[Tensors | None]], truths: Sequence[Tensors]) -> None:
        self._parts = len(truths[0])
        self._places = [
            (probe, part)
            for part in range(self._parts)
            for probe in range(len(truths))
            if truths[probe][part].size  # a shallower network has fewer layers
        ]
        self._trues = [truths[probe][part] for probe, part in self._places]
        self._starts = np.cumsum([0, *(true.size for true in self._trues)])[:-1]
        laid = [self._lay(row) for row in rows]
        self._odd = [odd for _, odd in laid]
        total = sum(true.size for true in self._trues)
        self._numbers = np.array([numbers for numbers, _ in laid]).reshape(len(rows), total)
        with np.errstate(over="ignore"):  # a walk up the loss ends far away
            self._norms = np.sqrt(self._sums(self._numbers**2))
        self._taken = np.array(
            [[_says(row[probe], part) for probe, part in self._places] for row in rows], bool
        ).reshape(len(rows), len(self._places))
        self._off = self._taken & ~self._same(truths, MATCH)

    def fits(self, answers: Sequence[Given | None], tolerance: float) -> Fits:
        """Tell which rows hold the numbers of an answer.

        Parameters
        ----------
        answers : sequence of (tuple of (ndarray or str), or None)
            One per test point: a text stands for a part that cannot be read, None for no answer at all.
        tolerance : float
            Relative to the norm of each part.
        """
        same = self._same(answers, tolerance)
        tells = self._taken & [_tells(answers[probe], part) for probe, part in self._places]
        answered = np.array([answers[probe] is not None for probe, _ in self._places])
        fit = same | ~self._taken | ~answered
        differs = self._over_probes(self._off & answered, np.any)
        return Fits(
            self._over_probes(fit, np.all) & self._over_probes(tells, np.any),
            fit.all(axis=1) & tells.any(axis=1) & differs.any(axis=1),
            differs,
        )

    def _same(self, answers: Sequence[Given | None], tolerance: float) -> NDArray[np.bool_]:
        numbers, odd = self._lay(answers)
        with np.errstate(all="ignore"):  # an answer may hold anything
            distances = np.sqrt(self._sums((self._numbers - numbers) ** 2))
            same: NDArray[np.bool_] = distances <= np.maximum(tolerance * self._norms, TINY)
        for place, given in odd.items():
            for row, others in enumerate(self._odd):
                if place in others:
                    same[row, place] = same_numbers(given, others[place], tolerance)
        return same

    def _lay(self, answers: Sequence[Given | None]) -> tuple[NDArray[np.float64], Mapping[int, Any]]:
        """Return all numbers in a row; parts of another shape, or not finite, are nan in it, and apart."""
        row: list[NDArray[Any]] = []
        odd: dict[int, Any] = {}
        for place, ((probe, part), true) in enumerate(zip(self._places, self._trues, strict=True)):
            given = _given(answers[probe], part)
            numbers = None if given is None else _numbers(given, true)
            if numbers is None and given is not None:
                odd[place] = given
            row.append(np.full(true.size, np.nan) if numbers is None else numbers)
        laid = np.concatenate(row, dtype=float)
        finite = np.isfinite(laid)
        if not finite.all():
            for place in np.flatnonzero(~np.logical_and.reduceat(finite, self._starts)).tolist():
                probe, part = self._places[place]
                given = _given(answers[probe], part)
                if given is not None:
                    odd[place] = given
                    laid[self._starts[place] :][: self._trues[place].size] = np.nan
        return laid, odd

    def _sums(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up the numbers of each place."""
        return np.add.reduceat(numbers, self._starts, axis=1)

    def _over_probes(self, places: NDArray[np.bool_], gather: Any) -> NDArray[np.bool_]:
        of = np.array([part for _, part in self._places])
        return np.stack([gather(places[:, of == part], axis=1) for part in range(self._parts)], axis=1)


def _numbers(given: "NDArray[Any] | str", true: NDArray[Any]) -> NDArray[Any] | None:
    """Return the numbers of a part in a row; None where they cannot be laid beside the true ones."""
    if isinstance(given, str) or given.dtype.kind == "U" or true.dtype.kind == "U":
        return None
    if given.shape != true.shape:
        if given.size != 1:
            return None
        given = np.full(true.shape, given.reshape(()))  # one number may stand for a constant tensor
    return given.reshape(-1)


def _given(answer: Given | None, part: int) -> "NDArray[Any] | str | None":
    return None if answer is None else answer[part]


def _says(answer: Tensors | None, part: int) -> bool:
    """Tell whether a wrong turn leads to anything here: it may say nothing of a part."""
    return answer is not None and answer[part].size > 0


def _tells(answer: Given | None, part: int) -> bool:
    """Tell whether there is anything to compare: the place of a nan alone is no evidence."""
    given = _given(answer, part)
    if given is None or isinstance(given, str):
        return given is not None
    return given.dtype.kind == "U" or bool(np.isfinite(given).any())


def same_numbers(given: "NDArray[Any] | str", wrong: NDArray[Any], tolerance: float) -> bool:
    """Tell whether two tensors hold the same numbers; one number may stand for a constant tensor.

    Where one is not finite the other must not be, either: whether nan or inf depends on the order of steps.

    Examples
    --------
    >>> same_numbers(np.array(2.0), np.array([2.0, 2.0]), 1e-7)
    True
    >>> same_numbers(np.array([np.nan, 1.0]), np.array([np.inf, 1.0]), 1e-7)
    True
    """
    if isinstance(given, str):
        return False
    if given.dtype.kind == "U" or wrong.dtype.kind == "U":
        return bool(np.array_equal(given, wrong))
    if given.shape != wrong.shape:
        if given.size != 1 and wrong.size != 1:
            return False
        given, wrong = np.broadcast_arrays(
            given.reshape(()) if given.size == 1 else given, wrong.reshape(()) if wrong.size == 1 else wrong
        )
    finite = np.isfinite(wrong)
    if not np.array_equal(np.isfinite(given), finite):
        return False
    distance = float(np.linalg.norm(given[finite] - wrong[finite]))
    return distance <= max(tolerance * float(np.linalg.norm(wrong[finite])), TINY)
