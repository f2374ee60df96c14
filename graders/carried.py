"""Marks carried forward: an answer that is right for the student's own earlier function, which is wrong.

What would be right is rebuilt from the student's own earlier functions, which are asked again; nothing they
say is believed beyond being numbers. The only evidence is that the later answer equals the rebuilt one at
every test point, while that one depends on its arguments as the truth does.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.answers import Answer, BadFormat, looks_like_float32, measured, read_answer, tensors
from graders.evidence import relative_error
from graders.exercise import Carry, Exercise, Outcome, Probe, Verdict
from graders.exercises import find
from graders.judge import judge
from graders.levels import as_levels
from graders.probes import ProbeSet, Tensors, draw, plain

__all__ = ["Ask", "OwnFunctions", "carry_forward", "may_be_carried"]

# A function's name, a batch of arguments, how long it may take, what is told of its answer -> what each
# call came to.
Ask = Callable[[str, Sequence[tuple[Any, ...]], float, str], Sequence[Outcome]]

WRONG = ("fail", "partial")
# For all that is asked about one exercise.
SECONDS = 5.0
# No test point of any exercise has larger tensors: what is larger would only cost us memory.
LARGEST = 1000
# The true answer is never this many times smaller: beside such numbers a forgotten term would not show.
TIMES = 1e3
# Of what the right answer moves when an argument moves, so much must be seen in the rebuilt one.
SEEN = 1e-3
# How far right answers lie from the rebuilt one: derivations, those whose truth is nudged, others, float32.
DERIVED, NUDGED, CLOSE, SINGLE = 1e-12, 2e-11, 1e-6, 2e-5


class _Unusable(Exception):
    """Nothing can be built on what the student's function says."""


def may_be_carried(verdict: Verdict, known: Mapping[str, Verdict]) -> bool:
    """Tell whether an answer may be right for an earlier one: it is wrong, and so is one before it.

    Parameters
    ----------
    verdict : Verdict
        Of the later exercise.
    known : mapping
        Verdicts of earlier ones, as far as they are known.
    """
    if verdict.status not in WRONG:
        return False
    before = [name for name in _under([verdict.name]) if name != verdict.name]
    return any(name not in known or known[name].status in WRONG for name in before)


def _under(names: Iterable[str]) -> dict[str, None]:
    """Return these exercises and all on which they may build."""
    found: dict[str, None] = {}
    for name in names:
        direct = [earlier for carry in find(name).carries for earlier in carry.earlier]
        found |= {name: None} | _under(direct)
    return found


@dataclass(frozen=True)
class OwnFunctions:
    """The student's functions, which can be asked again.

    Parameters
    ----------
    ask : callable
        Calls one of them on a batch of arguments.
    seed : int
        Draws the probes by which each is judged.
    known : mapping
        What each is worth by itself, as far as it was judged. Those that were right are judged again.
    """

    ask: Ask
    seed: int
    known: Mapping[str, Verdict]
    _found: dict[str, Verdict] = field(default_factory=dict)

    def verdict(self, name: str) -> Verdict:
        """Judge a function by itself, once."""
        if name in self.known and self.known[name].status in WRONG:
            return self.known[name]
        if name not in self._found:
            probe_set = draw(name, self.seed)
            exercise = probe_set.exercise
            outcomes = self.ask(name, probe_set.batch, exercise.seconds, exercise.answer)
            self._found[name] = judge(probe_set, outcomes)
        return self._found[name]

    def is_wrong(self, name: str) -> bool:
        """Tell whether it returns numbers that depend on something, and not the right ones."""
        verdict = self.verdict(name)
        return verdict.status in WRONG and "constant_answer" not in _ids(verdict)


@dataclass
class _Basis:
    """The functions on which an answer is rebuilt: the student's own, and ours for those left out.

    Parameters
    ----------
    functions : OwnFunctions or None
        The student's; None to build on nothing but ours.
    wrong : set of str
        The wrong ones that are taken as they are. Right ones are taken always.
    patience : list of float
        The seconds that may still be spent on asking; all who build on the functions share them.
    """

    functions: OwnFunctions | None
    wrong: set[str]
    patience: list[float] = field(default_factory=lambda: [SECONDS])
    met: set[str] = field(default_factory=set)

    def __call__(self, name: str, *args: Any) -> Tensors:
        """Return the parts of one answer."""
        return self.each(name, [args])[0]

    def each(self, name: str, batch: Sequence[tuple[Any, ...]]) -> list[Tensors]:
        """Return the parts of many answers."""
        exercise = find(name)
        right = self.functions is not None and self.functions.verdict(name).status == "pass"
        if self.functions is None or not (right or name in self.wrong):
            return [tensors(exercise, self._ours(exercise)(*args)) for args in batch]
        self.met |= {name} & self.wrong
        if self.patience[0] <= 0:
            raise _Unusable("time is up")
        start = time.monotonic()
        travelling = [tuple(map(plain, args)) for args in batch]
        seconds = min(exercise.seconds, self.patience[0])
        outcomes = self.functions.ask(name, travelling, seconds, exercise.answer)
        self.patience[0] -= time.monotonic() - start
        return [_numbers(exercise, outcome) for outcome in outcomes]

    def _ours(self, exercise: Exercise) -> Callable[..., Any]:
        """Return our own way; it leads over the student's functions where these come before."""
        for carry in exercise.carries:
            if not carry.nudged:
                return lambda *args: carry.rebuild(self, *args)
        return exercise.truth


def _numbers(exercise: Exercise, outcome: Outcome) -> Tensors:
    """Read an answer of the student's; finite numbers of a bearable size, or nothing."""
    if outcome.kind != "returned":
        raise _Unusable(outcome.kind)
    try:
        parts = read_answer(exercise, outcome.value)
    except BadFormat as problem:
        raise _Unusable(str(problem)) from problem
    found = tuple(part for part in parts if not isinstance(part, str) and part.size <= LARGEST)
    if len(found) < len(parts) or not all(np.isfinite(part).all() for part in found):
        raise _Unusable("no finite numbers of the size that is due")
    return found


@dataclass
class _Claim:
    """That an answer is right for some functions of the student's, and what there is to test it by.

    Parameters
    ----------
    probe_set : ProbeSet
        What was asked, with the truth.
    answers : tuple of Answer
        What the later function returned.
    digits : float
        How far right answers may be off.
    carry : Carry
        How its answer would follow.
    basis : _Basis
        From which functions.
    rebuilt : list of tuple of ndarray
        What would be right at each probe, as far as it was looked at.
    """

    probe_set: ProbeSet
    answers: tuple[Answer, ...]
    digits: float
    carry: Carry
    basis: _Basis
    rebuilt: list[Tensors] = field(default_factory=list)

    def holds(self) -> bool:
        """Tell whether the answers are the rebuilt ones, and these no empty ones."""
        try:
            with np.errstate(all="ignore"):
                rows = zip(self.answers, self.probe_set.probes, strict=True)
                return all(self._fits(*row) for row in rows) and self._says_something()
        except (_Unusable, BadFormat, ValueError, LookupError, ArithmeticError, TypeError):
            return False

    def _rebuild(self, args: tuple[Any, ...]) -> Tensors:
        return tensors(self.probe_set.exercise, self.carry.rebuild(self.basis, *args))

    def _ours(self, args: tuple[Any, ...]) -> Tensors:
        """Rebuild on right functions: unlike the truth, what one gives does not follow from the other."""
        return tensors(self.probe_set.exercise, self.carry.rebuild(_Basis(None, set()), *args))

    def _fits(self, answer: Answer, probe: Probe) -> bool:
        self.rebuilt.append(self._rebuild(probe.args))
        rows = zip(self.probe_set.exercise.parts, answer, self.rebuilt[-1], strict=True)
        return all(
            relative_error(given, due) <= self.digits
            for name, given, due in rows
            if name not in self.carry.free
        )

    def _says_something(self) -> bool:
        """Tell whether wrong functions had a say, and the rebuilt answer depends on what was asked."""
        if not self.basis.met:
            return False
        truths = self.probe_set.truths
        if self.probe_set.exercise.form == "word":  # every word that is due somewhere is due here too
            return {str(word) for (word,) in self.rebuilt} == {str(word) for (word,) in truths}
        for own, true in zip(self.rebuilt, truths, strict=True):
            if any(_size(o) > TIMES * max(_size(t), 1) for o, t in zip(own, true, strict=True)):
                return False
        moves = [self._moves(position) for position in range(len(self.probe_set.probes[0].args))]
        if self._slips_are_known():
            due, seen = (set[int]().union(*parts) for parts in zip(*moves, strict=True))
            return due <= seen
        return all(due <= seen for due, seen in moves)

    def _slips_are_known(self) -> bool:
        """Tell whether each wrong function has a slip with a name, which may well forget one argument."""
        functions = self.basis.functions
        slips = [_ids(functions.verdict(name)) for name in self.basis.met] if functions else []
        return not self.carry.nudged and all(ids and "upstream_ignored" not in ids for ids in slips)

    def _moves(self, position: int) -> tuple[set[int], set[int]]:
        """Return which parts of the answer one argument should move, and which of those it does move."""
        due: set[int] = set()
        seen: set[int] = set()
        for args, own in zip((probe.args for probe in self.probe_set.probes), self.rebuilt, strict=True):
            moved = (*args[:position], _moved(args[position]), *args[position + 1 :])
            if moved[position] is args[position]:
                break
            ours, after = self._ours(args), self._ours(moved)
            ways = [_size(t - s) for s, t in zip(ours, after, strict=True)]
            here = {i for i, way in enumerate(ways) if way > SEEN * _size(ours[i])}
            due |= here
            if here - seen:
                answer = self._rebuild(moved)
                seen |= {i for i in here if _size(answer[i] - own[i]) > SEEN * ways[i]}
            if len(seen) == len(ways) - len(self.carry.free):
                break
        return due, seen


def carry_forward(
    probe_set: ProbeSet, outcomes: Sequence[Outcome], verdict: Verdict, functions: OwnFunctions
) -> Verdict:
    """Give full marks where an answer is right for the student's own wrong earlier functions.

    Parameters
    ----------
    probe_set : ProbeSet
        What was asked.
    outcomes : sequence of Outcome
        What the student's function answered.
    verdict : Verdict
        What it is worth by itself.
    functions : OwnFunctions
        The student's, to be asked again: where marks count, in a process that never saw the later one at
        work, so that an earlier function cannot fit its answers to it.

    Returns
    -------
    Verdict
        The same, or a pass that says on which function it stands.
    """
    if any(outcome.kind != "returned" or outcome.changed for outcome in outcomes):
        return verdict
    try:
        question, answers = _question(probe_set, outcomes)
    except BadFormat:
        return verdict
    for claim in _claims(question, answers, outcomes, functions):
        if claim.holds():
            return _carried(verdict, sorted(claim.basis.met))
    return verdict


def _question(probe_set: ProbeSet, outcomes: Sequence[Outcome]) -> tuple[ProbeSet, tuple[Answer, ...]]:
    """Return what is judged, and what was answered."""
    exercise, probes = probe_set.exercise, probe_set.probes
    values = [outcome.value for outcome in outcomes[: len(probes)]]
    if exercise.recast:
        probes, values = measured(exercise.recast, probes, values)
        probe_set = ProbeSet(exercise, tuple(probes))
    return probe_set, tuple(read_answer(exercise, value) for value in values)


def _claims(
    probe_set: ProbeSet, answers: tuple[Answer, ...], outcomes: Sequence[Outcome], functions: OwnFunctions
) -> Iterator[_Claim]:
    """Yield what may hold: in each way, that all wrong functions were used, or all but some."""
    patience = [SECONDS]
    for carry in probe_set.exercise.carries:
        digits = _digits(probe_set.exercise, carry.nudged, answers, outcomes)
        wrong = [name for name in _under(carry.earlier) if functions.is_wrong(name)]
        if carry.nudged:  # an invented function, whose slope is easier to find, must not pay
            wrong = [name for name in wrong if functions.verdict(name).misconceptions]
        tried: list[_Claim] = []
        for size in range(len(wrong), 0, -1):
            for taken in map(set, combinations(wrong, size)):
                if any(claim.basis.met <= taken <= claim.basis.wrong for claim in tried):
                    continue  # it differs in functions that were not met: the same numbers again
                basis = _Basis(functions, taken, patience)
                tried.append(_Claim(probe_set, answers, digits, carry, basis))
                yield tried[-1]


def _digits(
    exercise: Exercise, nudged: bool, answers: tuple[Answer, ...], outcomes: Sequence[Outcome]
) -> float:
    """Return how far right answers may be off: less than a numerical derivative, where one is refused."""
    calls = max(outcome.calls.get("f", 0) for outcome in outcomes)
    derived = exercise.derivation
    if all(map(looks_like_float32, answers)) and (not derived or calls <= exercise.forward_calls):
        return min(exercise.tolerance, SINGLE)
    return min(exercise.tolerance, (NUDGED if nudged else DERIVED) if derived else CLOSE)


def _carried(verdict: Verdict, names: Sequence[str]) -> Verdict:
    one = len(names) == 1
    said = f"right for your own {' and '.join(names)}, which {'is' if one else 'are'} still wrong"
    told = (
        f"{verdict.name}: {verdict.possible:g} of {verdict.possible:g} points, carried forward: {said}. "
        f"Mend {'that one' if one else 'those'} first."
    )
    note = f"carried forward: {said}"
    return Verdict(verdict.name, "pass", verdict.possible, verdict.possible, (), (note,), as_levels(told))


def _ids(verdict: Verdict) -> set[str]:
    return {slip.id for slip in verdict.misconceptions}


def _size(tensor: NDArray[Any]) -> float:
    return float(np.sqrt(np.sum(np.square(tensor))))


def _moved(value: Any) -> Any:
    """Return an argument with every number in it changed; words, counts and activations stay."""
    if isinstance(value, (float, np.floating)):
        return 1.1 * float(value) + 0.1
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        return 1.1 * value + 0.1 * np.cos(np.arange(value.size)).reshape(value.shape)
    if isinstance(value, np.ndarray):  # labels
        return (value + 1) % (value.max() + 1)
    if isinstance(value, dict):
        return {key: _moved(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_moved, value))
    return value
