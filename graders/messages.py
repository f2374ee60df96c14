"""What the student reads: where, what the numbers say, a question, the formulas. Never the code.

A message is a tuple of levels, each deeper than the one before; ``graders.levels`` says how they look.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from backproplab.activations import Activation
from graders import facts
from graders.bank.beliefs import BELIEFS
from graders.evidence import Evidence
from graders.exercise import Exercise, Misconception, WrongTurn
from graders.levels import Level, as_text
from graders.likeness import Likeness, changes_arguments, likeness
from graders.plainly import in_plain_words
from graders.showing import join
from graders.worked import WORKING, worked_entry

__all__ = ["compose"]

_OPENING = {
    "not_started": "not started",
    "ungradable": "cannot be judged in this form; nothing is lost, mend the form and check again",
    "error": "stopped with an error",
    "timeout": "did not come to an end in time",
    "crashed": "ended the process that ran it",
}
# The raw words of an exception are worth that many characters; the notes have more of them.
MOST = 160
# So many wrong parts are named one by one where nothing is right.
SOME = 4
# What to ask where nothing has a name.
BY_HAND = (
    "work the entry below out by hand, factor by factor: which is the first factor for which your code holds "
    "another number than your paper?"
)
BY_WORD = (
    "take the numbers of the test point below: which answer do they call for, and at which step does your "
    "code leave them?"
)
BY_SHAPE = (
    "go through your function step by step and write beside each result which shape it has, and which it "
    "must have: where do the two differ for the first time?"
)
# What is left out where a message would have more words than that.
WORDS = 160
BEHIND = "Perhaps behind it: "
SAYS, ASKS, SIDE_BY_SIDE = "What the numbers say", "Ask yourself", "Side by side"


def compose(
    exercise: Exercise,
    status: str,
    points: float,
    misconceptions: tuple[Misconception, ...],
    notes: tuple[str, ...],
    evidence: Evidence | None,
) -> tuple[Level, ...]:
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
    tuple of Level
        Where; and where something is wrong: what the numbers say, a question, the formulas.
    """
    head = f"{exercise.name}: {points:g} of {exercise.points:g} points"
    if evidence is None or status == "error":
        deeper = _deeper(misconceptions, evidence, ()) if evidence else ()
        return _fitted((_opening(exercise, status, notes), *deeper))
    if status == "pass":
        worst = float(np.max(evidence.errors))
        agreement = f"; the largest relative difference is {worst:.0e}" if worst else ""
        right = f"{head}. Right at all {len(evidence.probes)} test points{agreement}."
        return (Level("", (right, *map(_sentence, notes))),)
    first = Level("", (f"{head}.", *_where(evidence), *map(_sentence, notes)))
    beliefs = tuple(BELIEFS[one.id].belief for one in misconceptions if one.id not in exercise.told)
    slips = [one for one in misconceptions if not changes_arguments(one, evidence)]
    named = slips or (misconceptions and not evidence.off.any())
    deeper = _deeper(misconceptions, evidence, beliefs) if named else _unnamed(evidence, misconceptions)
    return _fitted((first, *deeper))


def _fitted(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """Leave out what helps least until the message is short enough to be read."""
    for spare in (BEHIND, WORKING):
        if len(as_text(levels).split()) > WORDS:
            levels = tuple(
                replace(level, lines=tuple(line for line in level.lines if not line.startswith(spare)))
                for level in levels
            )
    return levels


def _opening(exercise: Exercise, status: str, notes: tuple[str, ...]) -> Level:
    """Say what became of a function that gave no answer everywhere."""
    due = [f"Due: {exercise.signature}."] if status == "ungradable" else []
    opening = f"{exercise.name}: {_OPENING[status]} ({exercise.points:g} points)"
    return Level("", (opening, *(_sentence(in_plain_words(note), MOST) for note in notes), *due))


def _where(evidence: Evidence) -> list[str]:
    """Say which parts are right, which are wrong, and in which layer the first wrong one is met."""
    names, count = evidence.probe_set.exercise.parts, len(evidence.probes)
    right = [name for name, ok in zip(names, evidence.right, strict=True) if ok]
    wrong = [name for name, ok in zip(names, evidence.right, strict=True) if not ok]
    if not wrong:
        return [f"Where: the values are right at all {count} test points."]
    if _is_fixed(evidence):
        return ["Where: this is not the answer that is due."]
    everything = f"all {len(wrong)} parts" if len(wrong) > SOME and not right else join(wrong)
    off = f"at {sum(evidence.off_rows)} of {count} test points{_by_activation(evidence)}"
    layer = evidence.first_wrong_layer
    first = f"; going backward, first in layer {layer}" if layer and right else ""
    lines = [f"Where: {everything} {'differs' if len(wrong) == 1 else 'differ'} {off}{first}."]
    return [*lines, f"Right everywhere: {join(right)}."] if right else lines


def _deeper(
    misconceptions: Sequence[Misconception], evidence: Evidence, beliefs: tuple[str, ...]
) -> tuple[Level, ...]:
    """Say of named mistakes what the numbers say, what to ask and which formula yours stands for."""
    if not misconceptions:
        return ()
    alone = sum(not changes_arguments(one, evidence) for one in misconceptions) == 1
    alike = [likeness(misconception, evidence, alone) for misconception in misconceptions]
    # Two slips have enough to say; their questions lead to the beliefs.
    behind = (f"{BEHIND}{beliefs[0]}",) if len(beliefs) == 1 else ()
    levels = [
        Level(SAYS, _says(alike, evidence)),
        Level(ASKS, (*_numbered([one.question for one in alike]), *behind)),
    ]
    turns = [one.turn for one in alike if one.turn]
    return (*levels, *_side_by_side(evidence, turns)) if evidence.off.any() else tuple(levels)


def _says(alike: Sequence[Likeness], evidence: Evidence) -> tuple[str, ...]:
    slips = [one for one in alike if not one.plain]
    says = [f"{one.where}{one.says}" for one in slips]
    if len(slips) > 1:
        number, both = {2: ("two", "both"), 3: ("three", "all")}.get(len(slips), ("several", "all"))
        together = f"{number} slips, {both} together, give your numbers {slips[0].where}".rstrip()
        says = [f"{together}.", *_numbered([one.says for one in slips])]
    if _by_activation(evidence) and any(one.turn for one in slips):
        says.append("Where you are right, the slip makes no difference.")
    return (*says, *(one.says for one in alike if one.plain))


def _unnamed(evidence: Evidence, besides: Sequence[Misconception] = ()) -> tuple[Level, ...]:
    """Guess nothing: give the facts, and a way to find the place."""
    row, part = evidence.first_difference
    given, true = evidence.answers[row][part], evidence.truths[row][part]
    shaped = not isinstance(given, str) and given.shape == true.shape
    by_hand = BY_WORD if true.dtype.kind == "U" else BY_HAND
    told = [likeness(one, evidence) for one in besides]
    says = ("they fit none of the known wrong turns.", *facts.say(evidence), *(one.says for one in told))
    return (
        Level(SAYS, says),
        Level(ASKS, _numbered([by_hand if shaped else BY_SHAPE, *(one.question for one in told)])),
        *_side_by_side(evidence, ()),
    )


def _side_by_side(evidence: Evidence, turns: Sequence[WrongTurn]) -> tuple[Level, ...]:
    """Work one entry out; a single word that is always the same would be told by that, so it is not."""
    return () if _is_fixed(evidence) else (Level(SIDE_BY_SIDE, *worked_entry(evidence, turns)),)


def _is_fixed(evidence: Evidence) -> bool:
    return evidence.probe_set.exercise.answer == "variable"


def _numbered(texts: Sequence[str]) -> tuple[str, ...]:
    if len(texts) < 2:
        return tuple(texts)
    return tuple(f"({number}) {text}" for number, text in enumerate(texts, start=1))


def _by_activation(evidence: Evidence) -> str:
    """Tell for which activations the answers are right throughout, where there are any."""
    used = [
        next((a.name for a in probe.args if isinstance(a, Activation)), None) for probe in evidence.probes
    ]
    wrong = {name for name, off in zip(used, evidence.off_rows, strict=True) if off}
    right = [name for name in dict.fromkeys(used) if name and name not in wrong]
    return f"; right for {join(right)}" if right else ""


def _sentence(note: str, most: int = 0) -> str:
    # What a student's code raised or printed stays within its line.
    text = " ".join(note.split())
    text = f"{text[:most]} ..." if most and len(text) > most else text
    return f"Note: {text}" if text.endswith((".", "?")) else f"Note: {text}."
