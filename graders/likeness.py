"""What a student's numbers are like: which wrong turn, in which parts, and how exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import Answer
from graders.bank.beliefs import BELIEFS
from graders.evidence import Evidence, came_to_nothing, finite
from graders.exercise import Misconception, WrongTurn
from graders.probes import Tensors
from graders.showing import join, parameters

__all__ = ["Likeness", "changes_arguments", "likeness"]

# So many other slips of equal numbers are told.
MOST = 2
# Further apart than that, one slip alone does not give these numbers.
ALIKE = 1e-3


@dataclass(frozen=True)
class Likeness:
    """A named mistake, told of one student's numbers.

    Parameters
    ----------
    id : str
        The mistake.
    where : str
        At which test points; empty where that goes without saying.
    says : str
        What the numbers are equal to; the words after "the result" where two slips mix.
    question : str
        What to ask.
    belief : str
        What may be behind it; empty where the exercise tells the mistake in its own words.
    turn : WrongTurn or None
        The form of the slip that the student has; None where no formula stands behind it.
    plain : bool
        It is not about the numbers that come out, so there is nothing that they equal.
    """

    id: str
    where: str
    says: str
    question: str
    belief: str
    turn: WrongTurn | None
    plain: bool = False


# Mistakes that no formula stands behind.
_PLAIN = {
    "mutates_arguments": "the values stand, {says}; that costs half the points, because whoever "
    "called it goes on with what is left.",
    "changed_besides": "Besides, the call changes what it was given; that halves what is earned, because "
    "whoever called it goes on with what is left.",
    "numerical_derivative": "the values are right as far as a small step h lets them be, and no further; "
    "here the derivation is asked for, and differences earn nothing.",
    "constant_answer": "your function returns the same answer whatever its arguments are, "
    "while the right one changes from test point to test point.",
}


def likeness(misconception: Misconception, evidence: Evidence, alone: bool = True) -> Likeness:
    """Tell what a student's numbers have to do with a named mistake.

    Parameters
    ----------
    misconception : Misconception
        What the diagnosis named.
    evidence : Evidence
        The answers beside the truth.
    alone : bool
        There is no other slip that may have changed the same parts.

    Returns
    -------
    Likeness
        The sentence, the question and the form of the slip.
    """
    known = BELIEFS[misconception.id]
    turn = _closest(misconception, evidence)
    asks = (turn.asks if turn else "") or known.question
    belief = _belief(misconception, evidence, turn)
    plain, question = _plain(misconception, evidence)
    if plain:
        says = plain.format(says=known.says)
        return Likeness(misconception.id, "", says, question or asks, belief, turn, plain=True)
    names = _told(misconception, evidence)
    numbered = misconception.layer and evidence.probe_set.exercise.layers
    layer = f", in layer {misconception.layer}" if numbered else ""
    told = (_told(other, evidence) for other in misconception.alternatives if other.id != misconception.id)
    different = [says for says in dict.fromkeys(told) if says != names]
    others = "".join(f", or {says}" for says in different[: MOST if alone else 1])
    says = f"{_equal(turn, evidence, alone)}{names}{layer}{others}."
    count, complete = len(evidence.answers), len(evidence.returned) == len(evidence.answers)
    everywhere = f"at all {count} test points " if count > 1 else ""
    where = everywhere if complete else "wherever an answer came "
    return Likeness(misconception.id, where, says, asks, belief, turn)


def _belief(misconception: Misconception, evidence: Evidence, turn: WrongTurn | None) -> str:
    """Return what may be behind a mistake, in words that fit the exercise and the arguments."""
    exercise = evidence.probe_set.exercise
    if misconception.id in exercise.told:
        return ""
    if misconception.id == "mutates_arguments" and evidence.changed:
        first = evidence.changed[0]
        return _kept_apart(parameters(exercise)[first], evidence.probes[0].args[first])
    return (turn.belief if turn else "") or BELIEFS[misconception.id].belief


def _kept_apart(name: str, value: Any) -> str:
    """Say what does not make a copy of an argument of this kind, and what does."""
    if isinstance(value, Mapping) and all(np.ndim(one) == 0 for one in value.values()):
        ways = f"{name}[key] -= ... and new = {name} are taken to make a new dict"
        return f"{ways}; only dict({name}) or a new {{...}} does."
    if isinstance(value, Mapping | list | tuple):
        kind, new = ("dict", "{...}") if isinstance(value, Mapping) else ("list", "[...]")
        ways = f"{kind}({name}) and W -= ... are taken to leave the old arrays alone"
        return f"{ways}; only a new {new} of new arrays, W - ... or W.copy(), does."
    ways = f"{name} -= ... and new = {name} are taken to make a new array"
    return f"{ways}; only {name} - ... or {name}.copy() does."


def _told(misconception: Misconception, evidence: Evidence) -> str:
    """Say what the numbers come out with, in the exercise's own words where it has any."""
    turn = _closest(misconception, evidence)
    return (turn.says if turn else "") or BELIEFS[misconception.id].says


def changes_arguments(misconception: Misconception, evidence: Evidence) -> bool:
    """Tell whether a mistake is about the arguments, not about the numbers."""
    return misconception.id in ("mutates_arguments", evidence.probe_set.exercise.change)


def _plain(misconception: Misconception, evidence: Evidence) -> tuple[str, str]:
    """Return the sentence for a mistake that no formula stands behind, and the exercise's own question."""
    exercise = evidence.probe_set.exercise
    if changes_arguments(misconception, evidence):
        return _PLAIN["changed_besides" if evidence.off.any() else "mutates_arguments"], ""
    own = exercise.told.get(misconception.id)
    return own or (_PLAIN.get(misconception.id, ""), "")


def _equal(turn: WrongTurn | None, evidence: Evidence, alone: bool) -> str:
    """Say which of the student's numbers equal those of the slip, where, and to how many digits."""
    exercise = evidence.probe_set.exercise
    if exercise.form in ("word", "flag"):
        return "your answer is the result "
    apart = _apart(turn, evidence) if turn else {}
    # Where two slips mix, a part that is only nearly what one of them gives has both.
    most = ALIKE if alone else evidence.tolerance
    near = {part: distance for part, distance in apart.items() if distance <= most}
    if not near:
        return "your numbers are the result " if alone else ""
    worst, alike = max(near.values()), [exercise.parts[part] for part in near]
    exactly = f", to {worst:.0e}," if worst > 1e-16 else " exactly"
    names = join([name.removeprefix("the ") for name in alike])
    whose = "numbers equal" if len(alike) == len(apart) else f"{names} equal{'s' * (len(alike) == 1)}"
    return f"your {whose}{exactly} the result "


def _apart(turn: WrongTurn, evidence: Evidence) -> dict[int, float]:
    """Return for each wrong part how far, beside its size, it lies from what the slip gives."""
    wrongs = evidence.probe_set.wrong_answers[turn]
    return {
        part: max(
            (
                _distance(wrong, answer, part)
                for wrong, answer in zip(wrongs, evidence.answers, strict=True)
                if wrong is not None and not came_to_nothing(answer) and _tells(wrong[part], answer[part])
            ),
            default=np.inf,
        )
        for part in evidence.wrong_parts
    }


def _closest(misconception: Misconception, evidence: Evidence) -> WrongTurn | None:
    """Of several forms of one slip (2 or 1/2) return the one whose numbers the student has.

    Where two slips mix, it is the one that gives them together with the other.
    """
    derived = evidence.probe_set.wrong_answers
    named = [turn for turn in derived if turn.misconception == misconception.id]
    turns = [turn for turn in named if turn.layer == misconception.layer] or named
    if not turns or not evidence.off.any():
        return None
    together = [] if evidence.fits.whole.any() else [turn for pair in evidence.pairs for turn in pair]
    if mixed := [turn for turn in together if turn in turns]:
        return mixed[0]
    (row, part), order = evidence.first_difference, list(derived)

    def distance(turn: WrongTurn) -> tuple[int, float]:
        wrong = derived[turn][row]
        explained = int(evidence.fits.parts[order.index(turn)][evidence.wrong_parts].sum())
        return -explained, _distance(wrong, evidence.answers[row], part) if wrong is not None else 0.0

    return min(turns, key=distance)


def _tells(wrong: NDArray[Any], given: "NDArray[Any] | str") -> bool:
    """Tell whether there is anything to compare: a slip that divides by n - 1 is infinite for one example."""
    both = [wrong, given]
    if not wrong.size and not isinstance(given, str) and given.size:  # the slip says nothing of this part
        return False
    return not all(isinstance(one, np.ndarray) and not finite(one) for one in both)


def _distance(wrong: Tensors, answer: Answer | Sequence[Any], part: int) -> float:
    """Return how far a part of the answer lies from what a slip gives, beside the size of that."""
    given, like = answer[part], wrong[part]
    if isinstance(given, str) or (given.size != like.size and 1 not in (given.size, like.size)):
        return np.inf
    if like.dtype.kind == "U":
        return 0.0
    ours, theirs = np.ravel(like), np.ravel(given)
    size = float(np.linalg.norm(ours[np.isfinite(ours)]))
    with np.errstate(all="ignore"):  # both may be infinite, and equal where they are
        apart = np.where((ours == theirs) | (np.isnan(ours) & np.isnan(theirs)), 0.0, ours - theirs)
        far = np.linalg.norm(apart) / max(size, 1e-12)
    return float(np.nan_to_num(far, nan=np.inf))
