"""Facts about a wrong answer that need no list of known mistakes: from the answers and the truth alone.

They are said where no name fits, so that even an unknown mistake can be found.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.contributions import counts, shares, weights_in_words
from graders.evidence import TOLERANCE, Evidence, came_to_nothing, relative_error
from graders.points import examples
from graders.scales import factor_in_words, lengths, scale
from graders.showing import join

__all__ = ["but_for_shape", "say"]

# A message is read, not studied.
MOST = 3
# The truth of single examples is asked for at so many test points, and where that is quick.
TAKEN_APART, QUICK = 2, 3


@dataclass(frozen=True)
class Pair:
    """One part of one answer beside the truth, of the same shape and finite."""

    probe: int
    part: int
    given: NDArray[Any]
    true: NDArray[Any]


def say(evidence: Evidence, parts: Sequence[int] | None = None) -> tuple[str, ...]:
    """Return what the numbers have in common with the right ones, one plain sentence a fact.

    Parameters
    ----------
    evidence : Evidence
        The answers beside the truth.
    parts : sequence of int, optional
        Which of the wrong parts to speak of; all of them if it is not given.

    Returns
    -------
    tuple of str
        The most telling first; empty where there is nothing to tell.

    Examples
    --------
    >>> from graders.evidence import gather
    >>> from graders.probes import draw
    >>> linear = draw("linear_backward", seed=1)
    >>> say(gather(linear, tuple((dX, -3 * dW, -3 * db) for dX, dW, db in linear.truths)))
    ('dW and db are -3 times what is right.',)
    """
    if evidence.probe_set.exercise.form in ("word", "flag"):
        return ()
    whole = parts is None
    wrong = [part for part, right in enumerate(evidence.right) if not right and part not in evidence.unread]
    sentences = _in_words(evidence, wrong if parts is None else list(parts))
    names, told = evidence.probe_set.exercise.parts, evidence.probe_set.exercise.in_words
    left = [part for part in (wrong if parts is None else parts) if names[part] not in told]
    with np.errstate(all="ignore"):  # an answer may hold anything
        for form, find in FINDERS:
            found = find(evidence, left, evidence.tolerance)
            sentences += _sentences(form, evidence, found)
            left = [part for part in left if part not in found]
    return tuple([*sentences, *(_first_wrong_layer(evidence) if left and whole else ())][:MOST])


def but_for_shape(evidence: Evidence, parts: Sequence[int]) -> dict[int, str]:
    """Return the parts that would be right if their shape were, and what each lacks."""
    exercise = evidence.probe_set.exercise
    said: dict[int, str] = {}
    for part in parts:
        rows = [
            _lacks(answer[part], truth[part], examples(exercise, probe))
            for answer, truth, probe in zip(evidence.answers, evidence.truths, evidence.probes, strict=True)
            if not came_to_nothing(answer) and not _is_same(answer[part], truth[part])
        ]
        common = [lack for lack in rows[0] if all(lack in row for row in rows)] if rows else []
        said |= {part: common[0]} if common else {}
    return said


def _is_same(given: "NDArray[Any] | str", true: NDArray[Any]) -> bool:
    return relative_error(given, true) <= TOLERANCE


def _lacks(given: "NDArray[Any] | str", true: NDArray[Any], n: int) -> list[str]:
    """Return what a tensor of a wrong shape may lack to be right; nothing where its numbers are wrong too."""
    if isinstance(given, str) or given.shape == true.shape or true.dtype.kind == "U":
        return []
    ways = {"the shape": given.reshape(true.shape)} if given.size == true.size else {}
    if n and given.shape == (n, *true.shape):
        ways |= {"the missing sum": given.sum(axis=0), "the missing mean": given.mean(axis=0)}
    return [lack for lack, made in ways.items() if _is_same(made, true)]


def _in_words(evidence: Evidence, parts: Sequence[int]) -> list[str]:
    """Say in words what came and what is due, of parts whose numbers are counts or flags."""
    names, told = evidence.probe_set.exercise.parts, evidence.probe_set.exercise.in_words
    sentences = []
    for part in parts:
        row = int(np.argmax(evidence.off[:, part]))
        given, true = evidence.answers[row][part], evidence.truths[row][part]
        if names[part] in told and not isinstance(given, str) and given.shape == true.shape:
            say = told[names[part]]
            sentences.append(f"{names[part].capitalize()}: {say(given)}; due: {say(true)}.")
    return sentences


def _sentences(form: str, evidence: Evidence, found: dict[int, str]) -> list[str]:
    """Say of several parts at once what is true of all of them."""
    alike: dict[str, list[str]] = defaultdict(list)
    for part, text in found.items():
        alike[text].append(evidence.probe_set.exercise.parts[part])
    filled = [
        form.format(_and(names), "is" if len(names) == 1 else "are", said) for said, names in alike.items()
    ]
    return [re.sub("^the ", "The ", text) for text in filled]


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _pairs(evidence: Evidence, part: int) -> Iterator[Pair]:
    for probe, (answer, truth) in enumerate(zip(evidence.answers, evidence.truths, strict=True)):
        given, true = answer[part], truth[part]
        comparable = not isinstance(given, str) and given.shape == true.shape and given.size
        if comparable and not isinstance(given, str) and np.isfinite(given).all():
            yield Pair(probe, part, given, true)


def _scaled(evidence: Evidence, parts: list[int], tolerance: float) -> dict[int, str]:
    """Say by what factor tensors are off."""
    exercise = evidence.probe_set.exercise
    sizes = [lengths(exercise, probe) for probe in evidence.probes]
    said = {}
    for part in parts:
        pairs = [pair for pair in _pairs(evidence, part) if np.any(pair.true)]
        factors = [scale(pair.given, pair.true, tolerance) for pair in pairs]
        known = [factor for factor in factors if factor is not None]
        if len(known) == len(pairs):
            said[part] = factor_in_words(known, [sizes[pair.probe] for pair in pairs], tolerance)
    return {part: text for part, text in said.items() if text}


def _transposed(evidence: Evidence, parts: list[int], tolerance: float) -> dict[int, str]:
    """Find the tables that are the right ones transposed: by shape, and by value where they are square."""
    return {
        part: "the transpose of what is right" for part in parts if _is_transposed(evidence, part, tolerance)
    }


def _is_transposed(evidence: Evidence, part: int, tolerance: float) -> bool:
    tables = [
        (answer[part], truth[part])
        for answer, truth in zip(evidence.answers, evidence.truths, strict=True)
        if truth[part].ndim == 2 and min(truth[part].shape) > 1
    ]
    return bool(tables) and all(
        not isinstance(given, str)
        and given.shape == true.shape[::-1]
        and float(np.linalg.norm(given - true.T)) <= tolerance * float(np.linalg.norm(true))
        for given, true in tables
    )


def _by_example(evidence: Evidence, parts: list[int], tolerance: float) -> dict[int, str]:
    """Say which examples of the batch count in parts that are sums over examples."""
    exercise = evidence.probe_set.exercise
    if len(exercise.parts) > QUICK:
        return {}
    batches = [shares(exercise, probe.args) for probe in evidence.probes[:TAKEN_APART]]
    said: dict[int, set[str | None]] = {part: set() for part in parts}
    for part in parts:
        for pair in _pairs(evidence, part):
            if pair.probe < TAKEN_APART and batches[pair.probe]:
                each = [share[part] for share in batches[pair.probe]]
                weights = counts(each, pair.given, pair.true, tolerance)
                said[part].add(None if weights is None else weights_in_words(weights))
    return _agreed(said)


def _agreed(said: Mapping[int, set[str | None]]) -> dict[int, str]:
    """Keep what is the same at every test point."""
    only = {part: next(iter(texts)) for part, texts in said.items() if len(texts) == 1}
    return {part: text for part, text in only.items() if text}


def _rows_that_are_right(evidence: Evidence, parts: list[int], tolerance: float) -> dict[int, str]:
    """Say where in a table the first or the last row or column differs from the others."""
    said: dict[int, set[str | None]] = {}
    for part in parts:
        wrong = [
            pair
            for pair in _pairs(evidence, part)
            if pair.true.ndim == 2 and min(pair.true.shape) > 1 and evidence.off[pair.probe, part]
        ]
        said[part] = {_pattern(pair, "row") or _pattern(pair, "column") for pair in wrong}
    return _agreed(said)


def _pattern(pair: Pair, side: str) -> str | None:
    """Name the pattern of right and wrong rows (or columns) of one table."""
    along = 1 if side == "row" else 0
    apart = np.linalg.norm(pair.given - pair.true, axis=along)
    right = apart <= TOLERANCE * np.linalg.norm(pair.true, axis=along)
    ends = {"first": np.arange(len(right)) == 0, "last": np.arange(len(right)) == len(right) - 1}
    for name, end in ends.items():
        if np.array_equal(right, end):
            return f"the {name} {side} alone is right"
        if np.array_equal(right, ~end):
            return f"the {name} {side} alone is wrong"
    return None


FINDERS: tuple[tuple[str, Callable[[Evidence, list[int], float], dict[int, str]]], ...] = (
    ("Apart from {2}, {0} {1} right.", lambda evidence, parts, tolerance: but_for_shape(evidence, parts)),
    ("{0} {1} {2}.", _scaled),
    ("{0} {1} {2}.", _transposed),
    ("In {0} {2}.", _by_example),
    ("Of {0} {2}.", _rows_that_are_right),
)

# dW1, db1, W1, b1, delta1, |delta_1|, w3, dW ...: what it is, and the layer where there are several.
_NAME = re.compile(r"^\W*d?(W|w|b|delta)_?(\d*)\W*$")
# Lesson 2 numbers its parameters, not its layers.
_ONE_TWO_ONE = {"w1": 1, "b1": 1, "w2": 1, "b2": 1, "w3": 2, "w4": 2, "b3": 2}


def _first_wrong_layer(evidence: Evidence) -> list[str]:
    """Find the first layer that is wrong going back from the output, and what in it is at fault."""
    exercise = evidence.probe_set.exercise
    if not exercise.derivation:  # what a descent comes to is no gradient of any layer
        return []
    layers = _layers(evidence)
    wrong = [layer for layer, kinds in layers.items() if not all(_all_right(evidence, kinds).values())]
    if not wrong:
        return []
    first, last = max(wrong), max(layers)
    right = _all_right(evidence, layers[first])
    told = _sum_or_factor(right) or ("look at its delta" if last else "")
    if not told:
        return []
    if not last:
        return [f"{told[0].upper()}{told[1:]}."]
    if first == last or evidence.first_wrong_layer == "the last layer":
        return [f"{_place(evidence, first)}, where going back begins, is wrong already: {told}."]
    back = _place(evidence, first)
    return [f"Going back from the output, {back[0].lower()}{back[1:]} is the first that is wrong: {told}."]


def _place(evidence: Evidence, layer: int) -> str:
    """Name a layer; where parameters are numbered, not layers, by its weights and biases."""
    exercise = evidence.probe_set.exercise
    names = [name for name in exercise.parts if _ONE_TWO_ONE.get(name) == layer]
    place = evidence.first_wrong_layer if evidence.first_wrong_layer == "the last layer" else f"layer {layer}"
    return place.capitalize() if exercise.layers else f"The step with {join(names)}"


def _layers(evidence: Evidence) -> dict[int, dict[str, list[int]]]:
    """Sort the parts that were given by layer and kind; layer 0 where the names tell none."""
    exercise = evidence.probe_set.exercise
    layers: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for part, name in enumerate(exercise.parts):
        match = _NAME.match(name)
        if match and part not in evidence.unread:
            layer = int(match[2] or 0) if exercise.layers else _ONE_TWO_ONE[name]
            layers[layer][match[1].lower()].append(part)
    return layers


def _all_right(evidence: Evidence, kinds: Mapping[str, list[int]]) -> dict[str, bool]:
    mended = but_for_shape(evidence, [part for parts in kinds.values() for part in parts])
    return {
        kind: all(evidence.right[part] or part in mended for part in parts) for kind, parts in kinds.items()
    }


def _sum_or_factor(right: Mapping[str, bool]) -> str:
    """Tell what is made of delta apart by which gradient is right."""
    if right.get("w") and not right.get("b", True):
        return "the weights' gradient is right, so delta is; how the biases' gradient is made of it is not"
    if right.get("b") and not right.get("w", True):
        made = "its factor for the weights, or the sum, is not"
        return f"the biases' gradient is right, so delta is; {made}"
    return ""
