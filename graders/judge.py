"""The one judge: probes and outcomes in, a verdict out. No evidence means no marks."""

from collections.abc import Sequence
from typing import Any

from graders import messages
from graders.answers import BadFormat, looks_like_float32, looks_rounded, read_answer
from graders.diagnosis import name_mistake
from graders.evidence import Evidence, gather
from graders.exercise import Exercise, Misconception, Outcome, Probe, Verdict
from graders.probes import ProbeSet

__all__ = ["judge"]

# Above this a float64 answer was rounded or measured on the way, not derived.
ROUNDING = 1e-12
# Below this no float32 was involved, while differences of float64 numbers may well end there.
SINGLE = 1e-8


def judge(probe_set: ProbeSet, outcomes: Sequence[Outcome]) -> Verdict:
    """Judge what the student's function did with the probes.

    Parameters
    ----------
    probe_set : ProbeSet
        What was asked.
    outcomes : sequence of Outcome
        What the caller got, one per probe.

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
    if not probes or len(outcomes) != len(probes):
        raise ValueError(f"{exercise.name}: {len(outcomes)} outcomes for {len(probes)} probes")
    for i, outcome in enumerate(outcomes):
        if outcome.kind != "returned":
            return _stopped(exercise, outcome, probes[i], i)
    try:
        answers = tuple(read_answer(exercise, outcome.value) for outcome in outcomes)
    except BadFormat as problem:
        return _verdict(exercise, "ungradable", notes=(f"your function returned {problem}",))
    return _weigh(exercise, gather(probe_set, answers), outcomes)


def _weigh(exercise: Exercise, evidence: Evidence, outcomes: Sequence[Outcome]) -> Verdict:
    changed = any(outcome.changed for outcome in outcomes)
    if not all(evidence.right):
        return _wrong(exercise, evidence, changed)
    notes, numerical = _precision(exercise, evidence, outcomes)
    if numerical:
        named = (Misconception("numerical_derivative"),)
        return _verdict(exercise, "fail", misconceptions=named, notes=notes, evidence=evidence)
    if changed:
        named = (Misconception("mutates_arguments"),)
        return _verdict(exercise, "partial", 0.5, named, notes, evidence)
    return _verdict(exercise, "pass", 1.0, notes=notes, evidence=evidence)


def _wrong(exercise: Exercise, evidence: Evidence, changed: bool) -> Verdict:
    named = name_mistake(evidence)
    share = 0.0 if exercise.form == "word" else sum(evidence.right) / len(evidence.right)
    if changed:
        named, share = (*named, Misconception("mutates_arguments")), share / 2
    status = "partial" if share else "fail"
    return _verdict(exercise, status, share, named, messages.wrong_notes(exercise, evidence), evidence)


def _precision(
    exercise: Exercise, evidence: Evidence, outcomes: Sequence[Outcome]
) -> tuple[tuple[str, ...], bool]:
    """Say what the digits give away: notes, and whether the derivative was measured, not derived."""
    plain = [i for i, probe in enumerate(evidence.probes) if not probe.saturated]
    worst = float(evidence.errors[plain].max())
    if exercise.form == "word" or worst <= ROUNDING:
        return (), False
    coarse = worst > SINGLE or all(looks_rounded(answer) for answer in evidence.answers)
    if exercise.derivation and not (coarse and _looks_derived(exercise, outcomes)):
        return (f"relative error {worst:.0e}, where a derivation leaves 1e-15",), True
    note = messages.FLOAT32 if all(map(looks_like_float32, evidence.answers)) else messages.ROUNDED
    return ((note,) if worst > SINGLE else ()), False


def _looks_derived(exercise: Exercise, outcomes: Sequence[Outcome]) -> bool:
    """Tell what the counted calls say; they come from the student's process and are no proof."""
    return all(
        outcome.calls.get("deriv", 0) > 0 or outcome.calls.get("f", 0) == 0 for outcome in outcomes
    ) and all(outcome.calls.get("f", 0) <= exercise.forward_calls for outcome in outcomes)


def _stopped(exercise: Exercise, outcome: Outcome, probe: Probe, index: int) -> Verdict:
    """Judge a function that did not return."""
    if outcome.kind == "not_started":
        return _verdict(exercise, "not_started")
    if outcome.kind == "unsendable":
        return _verdict(exercise, "ungradable", notes=(f"your function returned {outcome.error}",))
    where = f"at test point {index + 1}, called with {messages.show_args(exercise, probe)}"
    if outcome.kind == "raised":
        return _verdict(exercise, "error", notes=(outcome.error, where))
    notes = (outcome.error,) if outcome.error else ()
    return _verdict(exercise, outcome.kind, notes=notes)


def _verdict(
    exercise: Exercise,
    status: Any,
    share: float = 0.0,
    misconceptions: tuple[Misconception, ...] = (),
    notes: tuple[str, ...] = (),
    evidence: Evidence | None = None,
) -> Verdict:
    points = round(share * exercise.points, 2)
    text = messages.compose(exercise, status, points, misconceptions, notes, evidence)
    return Verdict(exercise.name, status, points, exercise.points, misconceptions, notes, text)
