"""The one judge: probes and outcomes in, a verdict out. No evidence means no marks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from graders import chance, faults, messages
from graders.answers import Answer, BadFormat, looks_like_float32, looks_rounded, measured, read_answer
from graders.diagnosis import name_mistake
from graders.evidence import RAISED, TOLERANCE, Evidence, came_to_nothing, gather
from graders.exercise import Exercise, Misconception, Outcome, Probe, Verdict
from graders.plainly import about_turning
from graders.points import examples
from graders.probes import ProbeSet, Tensors
from graders.showing import show_args

__all__ = ["judge"]

# Above this a float64 answer was rounded or measured on the way, not derived.
ROUNDING = 1e-12
# Below this no float32 was involved, while differences of float64 numbers may well end there.
SINGLE = 1e-8
# Slips that are themselves a change of the arguments.
LEAVES_CHANGED = ("not_restored",)
# What has nothing to do with what a function is called with, where it is raised each time.
WHATEVER_IS_ASKED = (
    "NameError: ",
    "NotImplementedError: ",
    "SyntaxError: ",
    "IndentationError: ",
    "TabError: ",
)


def judge(probe_set: ProbeSet, outcomes: Sequence[Outcome]) -> Verdict:
    """Judge what the student's function did with the probes.

    Parameters
    ----------
    probe_set : ProbeSet
        What was asked.
    outcomes : sequence of Outcome
        What the caller got: one per probe, and one more if the first probe was asked again.

    Returns
    -------
    Verdict
        Status, marks, the names of mistakes, and the message.

    Raises
    ------
    ValueError
        If there are no probes, or not one outcome per probe: then nothing may be judged.
    """
    exercise, probes = probe_set.exercise, probe_set.probes
    if not probes or len(outcomes) not in (len(probes), len(probes) + 1):
        raise ValueError(f"{exercise.name}: {len(outcomes)} outcomes for {len(probes)} probes")
    stopped = [i for i, outcome in enumerate(outcomes) if outcome.kind != "returned"]
    if stopped and not all(outcomes[i].kind == "raised" for i in stopped):
        first = next(i for i in stopped if outcomes[i].kind != "raised")
        return _stopped(probe_set, outcomes, first)
    if len(stopped) == len(outcomes) or (stopped and exercise.recast):
        return _stopped(probe_set, outcomes, stopped[0])
    asked, again = outcomes[: len(probes)], outcomes[len(probes) :]
    try:
        evidence = _evidence(probe_set, asked)
    except BadFormat as problem:
        return _verdict(exercise, "ungradable", notes=(f"your function returned {problem}",))
    if stopped:
        return _stopped(probe_set, outcomes, stopped[0], evidence)
    return _weigh(exercise, evidence, asked, chance.seen(probe_set, asked, again))


def _evidence(probe_set: ProbeSet, outcomes: Sequence[Outcome]) -> Evidence:
    """Lay what was returned beside the truth; where a call returned nothing, that stands there."""
    exercise = probe_set.exercise
    values = [outcome.value for outcome in outcomes]
    returned = [outcome.kind == "returned" for outcome in outcomes]
    if exercise.recast:
        probes, values = measured(exercise.recast, probe_set.probes, values)
        probe_set, returned = ProbeSet(exercise, tuple(probes)), [True] * len(probes)
    rows = zip(probe_set.probes, values, returned, probe_set.truths, strict=True)
    return gather(probe_set, tuple(_read(exercise, *row) for row in rows), tuple(values))


def _read(exercise: Exercise, probe: Probe, value: Any, returned: bool, truth: Tensors) -> Answer:
    if not returned:
        return (RAISED,) * len(truth)
    if exercise.measure:
        value = measured(exercise.measure, value, *probe.args)
    return read_answer(exercise, value, truth)


def _weigh(exercise: Exercise, evidence: Evidence, outcomes: Sequence[Outcome], luck: str) -> Verdict:
    evidence = replace(evidence, changed=faults.changed_positions(exercise, outcomes))
    changed = faults.changed_arguments(exercise, evidence.changed)
    if not all(evidence.right):
        return _wrong(exercise, evidence, changed, luck)
    if luck == chance.BESIDE_RNG:
        named = (Misconception("rng_ignored"),)
        return _verdict(exercise, "partial", 0.5, named, evidence=evidence)
    notes, numerical = _precision(exercise, evidence, outcomes)
    notes += (luck,) if luck else ()
    if numerical:
        named = (Misconception("numerical_derivative"),)
        return _verdict(exercise, "fail", misconceptions=named, notes=notes, evidence=evidence)
    if changed:
        named = (Misconception(exercise.change),)
        return _verdict(exercise, "partial", 0.5, named, (*notes, *changed), evidence)
    return _verdict(exercise, "pass", 1.0, notes=notes, evidence=evidence)


def _wrong(exercise: Exercise, evidence: Evidence, changed: tuple[str, ...], luck: str) -> Verdict:
    with np.errstate(all="ignore"):  # an answer may hold anything
        named = name_mistake(evidence)
    share = _share(exercise, evidence)
    notes = (*faults.wrong_notes(evidence, causes=not named), *changed)
    if luck and not named:
        notes += (luck,)
    if changed:
        named, share = (*named, *_changed_too(named)), share / 2
    status = "partial" if share else "fail"
    return _verdict(exercise, status, share, named, notes, evidence)


def _changed_too(named: Sequence[Misconception]) -> tuple[Misconception, ...]:
    """Name the change of arguments beside wrong values: plainly, and once."""
    return () if any(one.id in LEAVES_CHANGED for one in named) else (Misconception("mutates_arguments"),)


def _share(exercise: Exercise, evidence: Evidence) -> float:
    """Return the share of the tensors that are right; words are all or nothing.

    What is not paid (a forward value, a count) earns nothing; where it is wrong it weighs like one tensor.
    """
    if exercise.form in ("word", "flag"):
        return 0.0
    counted = exercise.counted or exercise.parts
    rows = list(zip(exercise.parts, evidence.right, strict=True))
    right = [ok for name, ok in rows if name in counted]
    return sum(right) / (len(right) + any(not ok for name, ok in rows if name not in counted))


def _precision(
    exercise: Exercise, evidence: Evidence, outcomes: Sequence[Outcome]
) -> tuple[tuple[str, ...], bool]:
    """Say what the digits give away: notes, and whether the derivative was measured, not derived."""
    plain = [i for i, probe in enumerate(evidence.probes) if not probe.saturated]
    worst = float(evidence.errors[plain].max())
    if exercise.form == "word" or exercise.tolerance > TOLERANCE or worst <= ROUNDING:
        return (), False
    # Of mixed kinds only what is not exact tells: float32 here, float64 there is no sign of differences.
    single = all(looks_like_float32(_inexact(evidence, row)) for row in plain)
    if exercise.derivation and not (
        (single or all(map(looks_rounded, evidence.answers)) or _counted_as_derived(outcomes, worst))
        and all(outcome.calls.get("f", 0) <= exercise.forward_calls for outcome in outcomes)
    ):
        return (f"relative error {worst:.0e}, where a derivation leaves 1e-15",), True
    if worst <= SINGLE:
        return (), False
    coarse = [bool(column.any()) for column in (evidence.errors > ROUNDING).T]
    return (faults.like_float32(exercise, coarse) if single else faults.ROUNDED,), False


def _inexact(evidence: Evidence, row: int) -> Answer:
    """Return those parts of an answer that are off by more than float64 leaves."""
    errors, answer = evidence.errors[row], evidence.answers[row]
    return tuple(part for part, error in zip(answer, errors, strict=True) if error > ROUNDING)


def _counted_as_derived(outcomes: Sequence[Outcome], worst: float) -> bool:
    """Tell whether float32 somewhere on the way is likelier than differences: the slope was asked for.

    The counts come from the student's process and are no proof, so they count only where float32 leads.
    """
    asked = all(outcome.calls.get("deriv", 0) > 0 for outcome in outcomes)
    return worst > SINGLE and asked


def _stopped(
    probe_set: ProbeSet, outcomes: Sequence[Outcome], at: int, elsewhere: Evidence | None = None
) -> Verdict:
    """Judge a function that did not return, by what it returned elsewhere too, if it did."""
    exercise, outcome = probe_set.exercise, outcomes[at]
    index = at % len(probe_set.probes)  # the first is asked twice
    probe = probe_set.probes[index]
    if outcome.kind == "not_started":
        return _verdict(exercise, "not_started")
    if outcome.kind == "unsendable":
        return _verdict(exercise, "ungradable", notes=(faults.unsendable(outcome.error),))
    where = f"at test point {index + 1}, called with {show_args(exercise, probe)}"
    if outcome.kind == "raised":
        named = name_mistake(elsewhere) if elsewhere and _tells_enough(elsewhere) else ()
        evidence = elsewhere if named else None
        place = (f"it stopped in {outcome.place}",) if outcome.place else ()
        asked = () if not elsewhere and outcome.error.startswith(WHATEVER_IS_ASKED) else (where,)
        notes = (outcome.error, *place, *asked, *about_turning(outcome.error, probe.args))
        return _verdict(exercise, "error", 0.0, named, notes, evidence)
    notes = (outcome.error,) if outcome.error else ()
    return _verdict(exercise, outcome.kind, notes=notes)


def _tells_enough(evidence: Evidence) -> bool:
    """Tell whether a wrong answer came for more than one example: for one it may fit a turn by chance."""
    exercise, rows = (
        evidence.probe_set.exercise,
        zip(evidence.probes, evidence.answers, evidence.off_rows, strict=True),
    )
    return any(
        wrong and not came_to_nothing(answer) and examples(exercise, probe) != 1
        for probe, answer, wrong in rows
    )


def _verdict(
    exercise: Exercise,
    status: Any,
    share: float = 0.0,
    misconceptions: tuple[Misconception, ...] = (),
    notes: tuple[str, ...] = (),
    evidence: Evidence | None = None,
) -> Verdict:
    points = round(share * exercise.points, 2)
    levels = messages.compose(exercise, status, points, misconceptions, notes, evidence)
    return Verdict(exercise.name, status, points, exercise.points, misconceptions, notes, levels)
