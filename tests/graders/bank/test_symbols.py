"""The formulas of lesson 3 name what is asked for, in the symbols of their exercise."""

import re

import pytest

from graders.bank import layers, mazur, network, symbols
from graders.bank.symbols import Symbols
from graders.exercise import WrongTurn
from graders.exercises import find
from graders.exercises.hidden_delta import EXERCISES

TABLES = pytest.mark.parametrize(
    ("turns", "table"),
    [
        (layers.HIDDEN_DELTA_LOOP.wrong_turns(), symbols.ONE_UNIT),
        (layers.HIDDEN_DELTA.wrong_turns(), symbols.ONE_LAYER),
        (network.ALL_DELTAS.wrong_turns(network.PLACES), symbols.ALL_LAYERS),
        (mazur.MAZUR.wrong_turns(("all", 1, 2), depth=2), symbols.ONE_EXAMPLE),
    ],
    ids=["unit", "layer", "layers", "example"],
)


def formulas(name: str) -> set[str]:
    return {formula for turn in find(name).wrong_turns for formula in (turn.formula, turn.right)}


@TABLES
def test_every_entry_of_a_table_is_the_formula_of_a_slip(
    turns: tuple[WrongTurn, ...], table: Symbols
) -> None:
    assert set(table) <= {formula for turn in turns for formula in (turn.formula, turn.right)}


@pytest.mark.parametrize("name", ["hidden_delta_loop", "hidden_delta"])
def test_both_rows_of_a_hidden_delta_are_about_delta(name: str) -> None:
    assert not [formula for formula in formulas(name) if not formula.startswith("delta")]


def test_all_deltas_speaks_of_deltas_or_of_the_order_of_its_list() -> None:
    others = {formula for formula in formulas("all_deltas") if not formula.startswith("delta")}
    assert others == {"the first layer's first", "the last layer's first"}


def test_a_single_unit_has_a_sum_over_k_and_no_matrices() -> None:
    assert not [formula for formula in formulas("hidden_delta_loop") if re.search(r"[AWZ]|\^T", formula)]


def test_one_example_is_neither_transposed_nor_summed_over() -> None:
    assert not [f for f in formulas("mazur_gradients") if re.search(r"\^T|sum_n|_n\b|[AXZ]|dA|1/B", f)]


def test_a_slip_and_what_is_due_never_read_alike() -> None:
    alike = [(e.name, t.misconception) for e in EXERCISES for t in e.wrong_turns if t.formula == t.right]
    assert alike == []
