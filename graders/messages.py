"""What the student reads: where, what the numbers say, a question, the formulas. Never the code.

A message is a tuple of levels, each deeper than the one before; ``graders.levels`` says how they look.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graders import facts
from graders.diagnosis import left_over
from graders.evidence import Evidence, came_to_nothing
from graders.exercise import Exercise, Misconception, WrongTurn
from graders.levels import Level, as_text
from graders.likeness import Likeness, changes_arguments, likeness
from graders.plainly import in_plain_words
from graders.points import what_separates
from graders.scales import ENOUGH
from graders.showing import join
from graders.worked import ENTRY, WORKING, worked_entry

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
# What to ask where nothing has a name: of a product of factors, of anything else, of a word, of a shape.
BY_FACTOR = (
    "work the entry below out by hand, factor by factor: which is the first factor for which your code holds "
    "another number than your paper?"
)
BY_STEP = (
    "take the smallest example that you can work out on paper, and let your code print every step of it: "
    "at which step do the two part for the first time?"
)
BY_ROUND = (
    "let your loop go round once only, and print what it has then, number by number: which of these numbers "
    "is the first that you did not expect?"
)
BY_WORD = (
    "take the numbers of the test point below: which answer do they call for, and at which step does your "
    "code leave them?"
)
BY_SHAPE = (
    "go through your function step by step and write beside each result which shape it has, and which it "
    "must have: where do the two differ for the first time?"
)
ENDLESS = (
    "does each of your loops come nearer to its end in every round? And how many rounds are there for the "
    "largest arguments: does a little more to do make them a little more, or twice as many?"
)
UNKNOWN = "they fit none of the known wrong turns."
UNLIKE = "Nor are they the right ones times one factor, or with the wrong sign."
# Where one of these stands in the question, there is a loop that is not to be done by hand.
_ROUNDS = ("steps", "epochs")
UNFELT = "Where you are right, {} no difference."
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
    if evidence is None or status == "error":
        deeper = _deeper(misconceptions, evidence, behind=False) if evidence else ()
        asks = (Level(ASKS, (ENDLESS,)),) if status == "timeout" else ()
        return _fitted((_opening(exercise, status, notes), *deeper, *asks))
    head = f"{exercise.name}: {points:g} of {_points(exercise)}."
    if status == "pass":
        return (Level("", (f"{head} {_all_right(evidence)}", *map(_sentence, notes))),)
    first = Level("", (head, *_where(evidence), *map(_sentence, notes)))
    slips = [one for one in misconceptions if not changes_arguments(one, evidence)]
    named = slips or (misconceptions and not evidence.off.any())
    deeper = _deeper(misconceptions, evidence) if named else _unnamed(evidence, misconceptions)
    return _fitted((first, *deeper))


def _points(exercise: Exercise) -> str:
    return f"{exercise.points:g} point{'s' * (exercise.points != 1)}"


def _all_right(evidence: Evidence) -> str:
    """Say that everything is right, and how nearly."""
    count, worst = len(evidence.probes), float(np.max(evidence.errors))
    right = f"Right at all {count} test points" if count > 1 else "Right"
    return f"{right}; the largest relative difference is {worst:.0e}." if worst else f"{right}."


def _fitted(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    """Leave out what helps least until the message is short enough to be read."""
    for spare in (BEHIND, WORKING, UNLIKE, ENTRY):
        if len(as_text(levels).split()) > WORDS:
            levels = tuple(
                replace(level, lines=tuple(line for line in level.lines if not line.startswith(spare)))
                for level in levels
            )
    return levels


def _opening(exercise: Exercise, status: str, notes: tuple[str, ...]) -> Level:
    """Say what became of a function that gave no answer everywhere."""
    due = [f"Due: {exercise.signature}."] if status == "ungradable" else []
    opening = f"{exercise.name}: {_OPENING[status]} ({_points(exercise)})"
    return Level("", (opening, *(_sentence(in_plain_words(note), MOST) for note in notes), *due))


def _where(evidence: Evidence) -> list[str]:
    """Say which parts are right, which are wrong, and in which layer the first wrong one is met."""
    names, count = evidence.probe_set.exercise.parts, len(evidence.probes)
    right = [name for name, ok in zip(names, evidence.right, strict=True) if ok]
    wrong = [names[part] for part, ok in enumerate(evidence.right) if not ok and part not in evidence.unread]
    if len(right) == len(names):
        return [f"Where: the values are right at all {count} test points."]
    if _is_fixed(evidence):
        return ["Where: this is not the answer that is due."]
    lines = [f"Where: {_differ(wrong, not right)} {_off(evidence, wrong, right)}."] if wrong else []
    return [*lines, f"Right everywhere: {join(right)}."] if right else lines


def _differ(wrong: Sequence[str], everything: bool) -> str:
    whose = f"all {len(wrong)} parts" if len(wrong) > SOME and everything else join(wrong)
    return f"{whose} {'differs' if len(wrong) == 1 else 'differ'}"


def _off(evidence: Evidence, wrong: Sequence[str], right: Sequence[str]) -> str:
    """Say at how many of the test points that have the wrong parts, and what the others have in common."""
    of, count = sum(evidence.concerned), len(evidence.probes)
    all_of = f"{of} test points" if of == count else f"the {of} test points that have {_it(wrong)}"
    common = what_separates(evidence)
    layer = evidence.first_wrong_layer if right else ""
    return (
        f"at {sum(evidence.off_rows)} of {all_of}{f'; right {common}' if common else ''}"
        f"{f'; going backward, first in {layer}' if layer else ''}"
    )


def _it(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"


def _deeper(
    misconceptions: Sequence[Misconception], evidence: Evidence, behind: bool = True
) -> tuple[Level, ...]:
    """Say of named mistakes what the numbers say, what to ask and which formula yours stands for."""
    if not misconceptions:
        return ()
    rest = left_over(evidence, misconceptions)
    alone = not rest and sum(not changes_arguments(one, evidence) for one in misconceptions) == 1
    alike = [likeness(misconception, evidence, alone) for misconception in misconceptions]
    # Two slips have enough to say; their questions lead to the beliefs.
    beliefs = [one.belief for one in alike if one.belief]
    spare = (f"{BEHIND}{beliefs[0]}",) if behind and len(beliefs) == 1 else ()
    levels = [
        Level(SAYS, _says(alike, evidence, rest)),
        Level(ASKS, (*_numbered([one.question for one in alike]), *spare)),
    ]
    turns = [one.turn for one in alike if one.turn]
    return (*levels, *_side_by_side(evidence, turns)) if evidence.off.any() else tuple(levels)


def _says(alike: Sequence[Likeness], evidence: Evidence, rest: Sequence[int]) -> tuple[str, ...]:
    slips = [one for one in alike if not one.plain]
    says = [f"{one.where}{one.says}" for one in slips]
    if len(slips) > 1 and not rest:
        number, both = {2: ("two", "both"), 3: ("three", "all")}.get(len(slips), ("several", "all"))
        together = f"{number} slips, {both} together, give your numbers {slips[0].where}".rstrip()
        says = [f"{together}.", *_numbered([one.says for one in slips])]
    if rest:
        names = join([evidence.probe_set.exercise.parts[part] for part in rest])
        says += [f"What is off in {names} is something else, without a name.", *facts.say(evidence, rest)]
    elif any(one.turn for one in slips) and not all(evidence.off_rows):
        says.append(UNFELT.format("the slip makes" if len(slips) == 1 else "the slips make"))
    return (*says, *(one.says for one in alike if one.plain))


def _unnamed(evidence: Evidence, besides: Sequence[Misconception] = ()) -> tuple[Level, ...]:
    """Guess nothing: give the facts, and a way to find the place."""
    told = [likeness(one, evidence) for one in besides]
    says, asks = tuple(one.says for one in told), tuple(one.question for one in told)
    wrong = [part for part in evidence.wrong_parts if part not in evidence.unread]
    if not wrong:  # what cannot be read was told at first
        return (Level(SAYS, says), Level(ASKS, _numbered(asks))) if told else ()
    return (
        Level(SAYS, (*_facts(evidence, wrong), *says)),
        Level(ASKS, _numbered((_how_to_look(evidence), *asks))),
        *_side_by_side(evidence, ()),
    )


def _facts(evidence: Evidence, wrong: Sequence[int]) -> tuple[str, ...]:
    """Say what is known of parts without a name; that no name fits only where no shape explains them."""
    said = facts.say(evidence)
    if set(wrong) <= facts.but_for_shape(evidence, wrong).keys():
        return tuple(fact.replace("Apart", "apart", 1) for fact in said)
    plain = evidence.probe_set.exercise.form not in ("word", "flag") and len(evidence.probes) >= ENOUGH
    return (
        UNKNOWN,
        *(said or ((UNLIKE,) if plain and all(_shaped(evidence, part) for part in wrong) else ())),
    )


def _shaped(evidence: Evidence, part: int) -> bool:
    """Tell whether a part has the shape that is due, wherever an answer came."""
    rows = zip(evidence.answers, evidence.truths, strict=True)
    return all(came_to_nothing(given) or np.shape(given[part]) == true[part].shape for given, true in rows)


def _how_to_look(evidence: Evidence) -> str:
    """Return the question that fits an answer without a name: there may be no factors in it."""
    row, part = evidence.first_difference
    given, true = evidence.answers[row][part], evidence.truths[row][part]
    exercise = evidence.probe_set.exercise
    if np.shape(given) != true.shape and exercise.parts[part] not in exercise.in_words:
        return BY_SHAPE
    if true.dtype.kind == "U":
        return BY_WORD
    if exercise.derivation:
        return BY_FACTOR
    return (
        BY_ROUND if any(word in f"{exercise.signature} {exercise.formula}" for word in _ROUNDS) else BY_STEP
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


def _sentence(note: str, most: int = 0) -> str:
    # What a student's code raised or printed stays within its line.
    text = " ".join(note.split())
    text = f"{text[:most]} ..." if most and len(text) > most else text
    return f"Note: {text}" if text.endswith((".", "?")) else f"Note: {text}."
