"""The whole table, and the pairs that it gives rise to.

A driver grades ``RIGHT`` (full marks, no name), ``mutant_text`` of each of ``MUTANTS`` (one of its
``wanted``), of each of ``UNKNOWN`` (no name at all) and the texts of ``clear.clear_pairs()`` (both names).
The texts use ``np`` and what the signature brings; ``gain`` also ``gaussian_mean``; ``train`` and
``sanity_checks`` call the lesson's other functions, which must then be right. Styles with "float32" in
their name answer in float32.
"""

from collections.abc import Iterable
from itertools import combinations

from tests.diagnosis import (
    deep_deltas,
    differences,
    hidden_delta,
    initialisation,
    linear_and_mlp,
    one_neuron,
    one_two_one,
    one_two_one_all,
    optimizers,
    programs,
    softmax,
    training,
    training_loop,
)
from tests.diagnosis.table import Mutant, Text, Unknown, apply_edits

__all__ = ["FAMILIES", "MUTANTS", "RIGHT", "SOLUTIONS", "UNKNOWN", "mutant_text", "pair_text", "pairs"]

FAMILIES = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        one_neuron,
        one_two_one,
        one_two_one_all,
        hidden_delta,
        deep_deltas,
        differences,
        programs,
        linear_and_mlp,
        softmax,
        training,
        training_loop,
        initialisation,
        optimizers,
    )
}
SOLUTIONS: Text = {key: text for family in FAMILIES.values() for key, text in family.SOLUTIONS.items()}
MUTANTS: tuple[Mutant, ...] = tuple(mutant for family in FAMILIES.values() for mutant in family.MUTANTS)
UNKNOWN: tuple[Unknown, ...] = tuple(unknown for family in FAMILIES.values() for unknown in family.UNKNOWN)
RIGHT: Text = SOLUTIONS  # every solution is also a false-alarm test; "float32" in its style says so


def mutant_text(mutant: Mutant | Unknown) -> str:
    """Return the student's text with the mistake in it."""
    return apply_edits(SOLUTIONS[mutant.exercise, mutant.base], mutant.edits)


def pair_text(first: Mutant, second: Mutant) -> str | None:
    """Return the text with both mistakes, or None if they touch the same place."""
    base = SOLUTIONS[first.exercise, first.base]
    try:
        one = apply_edits(base, first.edits + second.edits)
        other = apply_edits(base, second.edits + first.edits)
    except ValueError:
        return None
    return one if one == other else None


def pairs() -> Iterable[tuple[Mutant, Mutant, str]]:
    """Yield two mistakes of one solution that touch different places, and the text with both."""
    named = [mutant for mutant in MUTANTS if not mutant.values_stay]
    for first, second in combinations(named, 2):
        if _may_meet(first, second) and (text := pair_text(first, second)) is not None:
            yield first, second, text


def _may_meet(first: Mutant, second: Mutant) -> bool:
    # One name in two layers is one mistake with layer null, so two of one name are no pair.
    here = (first.exercise, first.base) == (second.exercise, second.base)
    same_name = {name for name, _ in first.wanted} & {name for name, _ in second.wanted}
    return here and first.group != second.group and not same_name
