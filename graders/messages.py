"""What the student reads: where, what the numbers say, a question, the formulas. Never the code.

A message is a few paragraphs, separated by empty lines, each one level deeper than the one before.
"""

from typing import Any

import numpy as np

from backproplab.activations import Activation
from graders import facts
from graders.bank.beliefs import BELIEFS
from graders.evidence import Evidence, came_to_nothing
from graders.exercise import Exercise, Misconception, Probe, WrongTurn

__all__ = ["FLOAT32", "ROUNDED", "compose", "show", "show_args", "wrong_notes"]

# The raw words of Python and NumPy for slips that are common here, and what they mean.
_PLAINLY = {
    "'Activation' object is not callable": "act is not a function itself: it has act.f and act.deriv",
    "object has no attribute 'deriv'": "act was replaced by something else before it was used",
    "matmul: Input operand": "@ multiplies arrays; for a single number use *",
    "multiply sequence by non-int": "a pair of values cannot be multiplied: take its two parts first",
    "and 'function'": "a function stands where its value is due: call it with its argument",
    "truth value of an array": "an array is compared as if it were one number: boil it down first",
}

FLOAT32 = "the numbers look like float32; they are right as far as float32 goes"
ROUNDED = "the last digits differ: this looks like float32 or a numerical derivative"

_OPENING = {
    "not_started": "not started",
    "ungradable": "cannot be judged in this form; nothing is lost, mend the form and check again",
    "error": "stopped with an error",
    "timeout": "did not come to an end in time",
    "crashed": "ended the process that ran it",
}


def compose(
    exercise: Exercise,
    status: str,
    points: float,
    misconceptions: tuple[Misconception, ...],
    notes: tuple[str, ...],
    evidence: Evidence | None,
) -> str:
    """Write the message of a verdict.

    Parameters
    ----------
    exercise : Exercise
        What was asked.
    status : str
        The verdict's status.
    points : float
        Marks earned.
    misconceptions : tuple of Misconception
        Named mistakes.
    notes : tuple of str
        Facts to add.
    evidence : Evidence or None
        The answers beside the truth, where there are answers.

    Returns
    -------
    str
        Paragraphs separated by empty lines.
    """
    head = f"{exercise.name}: {_number(points)} of {_number(exercise.points)} points"
    if evidence is None or status == "error":
        opening = f"{exercise.name}: {_OPENING[status]} ({_number(exercise.points)} points)"
        plainly = [text for raw, text in _PLAINLY.items() if any(raw in note for note in notes)]
        levels = ["\n".join([opening, *map(_sentence, (*notes, *plainly)), *_due(exercise, status)])]
        if evidence is not None:  # it returned at other test points
            levels += [text for named in misconceptions for text in _explain(exercise, named, evidence)]
        return "\n\n".join(levels)
    if status == "pass":
        worst = float(np.max(evidence.errors))
        agreement = f"; the largest relative difference is {worst:.0e}" if worst else ""
        lines = [f"{head}. Right at all {len(evidence.probes)} test points{agreement}."]
        return "\n".join([*lines, *(_sentence(note) for note in notes)])
    levels = [_where(head, exercise, evidence, notes)]
    for misconception in misconceptions:
        levels += _explain(exercise, misconception, evidence)
    if not misconceptions:
        said = " ".join(("they fit none of the known wrong turns.", *facts.say(evidence)))
        levels.append(
            f"What the numbers say: {said} "
            f"Compare this test point by hand, factor by factor.\n{_test_point(exercise, evidence)}"
        )
    return "\n\n".join(levels)


def wrong_notes(exercise: Exercise, evidence: Evidence) -> tuple[str, ...]:
    """Return the plain facts about parts with a wrong shape, missing numbers or an unreadable form."""
    notes = []
    for part, name in enumerate(exercise.parts):
        for answer, truth in zip(evidence.answers, evidence.truths, strict=True):
            fact = _fault(name, answer[part], truth[part], exercise)
            if fact:
                notes.append(fact)
                break
    return tuple(notes)


def _fault(name: str, given: Any, true: Any, exercise: Exercise) -> str | None:
    if isinstance(given, str):
        return f"{name}: you returned {given}"
    if exercise.form == "flag":
        return None
    if exercise.form == "word":
        return None if str(given) in exercise.words else f"{str(given)!r} is none of {exercise.words}"
    if given.shape != true.shape:
        return f"{name} has shape {given.shape}, expected {true.shape or 'a single number'}"
    if not np.all(np.isfinite(given)):
        return f"{name} holds nan or inf"
    return None


def _where(head: str, exercise: Exercise, evidence: Evidence, notes: tuple[str, ...]) -> str:
    right = [name for name, ok in zip(exercise.parts, evidence.right, strict=True) if ok]
    wrong = [name for name, ok in zip(exercise.parts, evidence.right, strict=True) if not ok]
    count = len(evidence.probes)
    lines = [f"{head}."]
    if wrong and right:
        lines.append(
            f"Where: {' and '.join(right)} right at all {count} test points, {' and '.join(wrong)} not."
        )
    elif wrong:
        off = sum(evidence.off_rows)
        verb = "differs" if len(wrong) == 1 else "differ"
        where = f"at {off} of {count} test points{_by_activation(evidence)}"
        lines.append(f"Where: {' and '.join(wrong)} {verb} {where}.")
    else:
        lines.append(f"Where: the values are right at all {count} test points.")
    lines += [_sentence(note) for note in notes]
    return "\n".join(lines)


def _explain(exercise: Exercise, misconception: Misconception, evidence: Evidence) -> list[str]:
    belief = BELIEFS[misconception.id]
    turn = _closest(misconception, evidence)
    if misconception.id == exercise.change:
        says = f"the values stand, {belief.says}; that costs half the points.\n{belief.belief}"
    elif misconception.id == "numerical_derivative":
        says = "the values are as far off as a small step h leaves them; here the derivation is asked for."
    elif misconception.id == "constant_answer":
        says = "your function returns the same numbers whatever its arguments are."
    else:
        others = "".join(f", or {BELIEFS[o.id].says}" for o in misconception.alternatives)
        own = (turn.says if turn else "") or belief.says
        where = (
            "at every test point" if len(evidence.returned) == len(evidence.answers) else "wherever one came"
        )
        says = f"{where} they are what one gets {own}{others}.{_where_equal(evidence)}"
    asks = (turn.asks if turn else "") or belief.question
    levels = [f"What the numbers say: {says}", f"Ask yourself: {asks}"]
    if turn is not None:
        levels.append(_side_by_side(exercise, turn, evidence))
    return levels


def _by_activation(evidence: Evidence) -> str:
    """Tell for which activations the answers are right throughout, where there are any."""
    used = [
        next((a.name for a in probe.args if isinstance(a, Activation)), None) for probe in evidence.probes
    ]
    wrong = {name for name, off in zip(used, evidence.off_rows, strict=True) if off}
    right = [name for name in dict.fromkeys(used) if name and name not in wrong]
    return f"; right for {', '.join(right)}" if right else ""


def _where_equal(evidence: Evidence) -> str:
    """Say why some test points may be right although the derivation is wrong."""
    return " Where you are right, the slip makes no difference." if _by_activation(evidence) else ""


def _side_by_side(exercise: Exercise, turn: WrongTurn, evidence: Evidence) -> str:
    formulas = f"The two formulas: {exercise.formula}, but yours behaves like {turn.formula}."
    return f"{formulas}\n{_test_point(exercise, evidence)}"


def _first_difference(evidence: Evidence) -> tuple[int, int]:
    """Return the row and the part of the first answer that is wrong."""
    part = evidence.right.index(False)
    told = [not came_to_nothing(answer) for answer in evidence.answers]
    return int(np.argmax(evidence.off[:, part] & told)), part


def _test_point(exercise: Exercise, evidence: Evidence) -> str:
    row, part = _first_difference(evidence)
    given, true = evidence.answers[row][part], evidence.truths[row][part]
    working = f" ({exercise.working(*evidence.probes[row].args)})" if exercise.working else ""
    return (
        f"One test point: {show_args(exercise, evidence.probes[row])}{working}: "
        f"{exercise.parts[part]} is {show(true)}, yours is {show(given)}."
    )


def _closest(misconception: Misconception, evidence: Evidence) -> WrongTurn | None:
    """Of several forms of one slip (2 or 1/2) return the one whose numbers the student has."""
    derived = evidence.probe_set.wrong_answers
    turns = [turn for turn in derived if turn.misconception == misconception.id]
    if not turns or all(evidence.right):
        return None
    row, part = _first_difference(evidence)
    given = evidence.answers[row][part]

    def distance(turn: WrongTurn) -> float:
        wrong = derived[turn][row]
        if isinstance(given, str) or wrong is None or wrong[part].dtype.kind == "U":
            return 0.0
        number = wrong[part]
        if number.size != given.size:
            return 0.0
        with np.errstate(all="ignore"):  # both may be infinite
            far = np.linalg.norm(np.ravel(number) - np.ravel(given))
        return float(np.nan_to_num(far, nan=np.inf))

    return min(turns, key=distance)


def show(value: Any) -> str:
    """Write a number, an array or an activation for a reader.

    Examples
    --------
    >>> show(np.array([0.12345678, -2.0]))
    '[0.1235, -2]'
    """
    if isinstance(value, str):
        return value if " " in value else repr(value)
    if isinstance(value, (np.ndarray, float, int, np.generic)):
        array = np.asarray(value)
        if array.dtype.kind == "U":
            return repr(str(array))
        numbers = ", ".join(f"{v:.4g}" for v in array.ravel()[:6])
        more = ", ..." if array.size > 6 else ""
        return f"[{numbers}{more}]" if array.ndim else numbers
    return getattr(value, "name", repr(value))


def show_args(exercise: Exercise, probe: Probe) -> str:
    """Write the arguments of a probe with the names of the signature."""
    names = probe.names or exercise.signature.partition("(")[2].partition(")")[0].split(", ")
    pairs = zip(names, probe.args, strict=False)
    return ", ".join(f"{name.partition('=')[0]} = {show(value)}" for name, value in pairs)


def _due(exercise: Exercise, status: str) -> list[str]:
    return [f"Due: {exercise.signature}."] if status == "ungradable" else []


def _sentence(note: str) -> str:
    return f"Note: {note}."


def _number(points: float) -> str:
    return f"{points:g}"
