"""A derivation with switches: the right way, each wrong turn at its place, and two at once."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from graders.bank.beliefs import BELIEFS
from graders.bank.derivation import Derivation, Detour, Step, Turn, Where, pairs
from graders.bank.network import MLP, PLACES

TENFOLD = Turn("tenfold", lambda at: 10 * at.x, "10 x")
TOWER = Derivation(
    {
        "add": Step(
            lambda at: at.x + 1, "x + 1", (Turn("adds_two", lambda at: at.x + 2, "x + 2"),), layered=True
        ),
        "end": Step(lambda at: at.x, "x", (TENFOLD,)),
    },
    lambda take, depth: climb(take, depth),
)


def climb(take: Any, depth: int) -> list[int]:
    """Take the same step in every layer, and keep what came out of each."""
    heights = [0]
    for layer in range(1, depth + 1):
        heights.append(take("add", layer=layer, depth=depth, x=heights[-1]))
    return [*heights[1:], take("end", x=heights[-1])]


def places_of(step: Step, places: tuple[Where, ...], depth: int = 0) -> list[Where]:
    turns = Derivation({"step": step}, lambda take: None).wrong_turns(places, depth)
    return [where for turn in turns if isinstance(turn.derive, Detour) for _, where in turn.derive.taken]


def turned(**limits: Any) -> Step:
    return Step(lambda at: 0, "0", (Turn("slip", lambda at: 1, "1", **limits),), layered=True)


EVERY: tuple[Where, ...] = ("all", "hidden", "last", 1, 2, 3)


@pytest.mark.parametrize(
    ("where", "heights"),
    [
        ("all", [2, 4, 6, 6]),
        ("hidden", [2, 4, 5, 5]),
        ("last", [1, 2, 4, 4]),
        (1, [2, 3, 4, 4]),
        (2, [1, 3, 4, 4]),
    ],
)
def test_a_turn_is_taken_where_it_is_meant_and_nowhere_else(where: Where, heights: list[int]) -> None:
    (turn,) = (t for t in TOWER.wrong_turns((where,)) if t.misconception == "adds_two")
    assert TOWER(3) == [1, 2, 3, 3]
    assert turn.derive(3) == heights
    assert turn.layer == (where if isinstance(where, int) else None)


def test_a_slip_of_all_hidden_layers_or_of_the_last_says_where_it_sits() -> None:
    turns = [turn for turn in MLP.wrong_turns(PLACES) if turn.formula == "delta = dA"]
    says = BELIEFS["missing_slope"].says
    told = ["", f"{says}, in the hidden layers", f"{says}, in the last layer", "", ""]
    assert [turn.says for turn in turns] == told, "elsewhere its layer's number says it"


def test_a_step_without_layers_is_turned_once() -> None:
    names = [turn.misconception for turn in TOWER.wrong_turns(EVERY)]
    assert names.count("tenfold") == 1
    assert names.count("adds_two") == len(EVERY)


@pytest.mark.parametrize(
    ("limits", "depth", "places"),
    [
        ({}, 0, ["all", "hidden", "last", 1, 2, 3]),
        ({"since": 2}, 0, ["all", "hidden", "last", 2, 3]),
        ({"until": 1}, 0, [1]),
        ({"since": 2}, 2, [2]),
        ({"inner": True}, 0, ["hidden", 1, 2, 3]),
        ({"inner": True}, 2, ["hidden", 1]),
    ],
)
def test_a_slip_has_only_places_where_it_makes_a_difference(limits: Any, depth: int, places: Any) -> None:
    assert places_of(turned(**limits), EVERY, depth) == places


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [(1, 2, True), ("hidden", "last", True), (1, 1, False), ("all", 1, False), ("hidden", 1, False)],
)
def test_two_slips_of_one_step_need_places_apart(one: Where, other: Where, together: bool) -> None:
    slip = TOWER.steps["add"].turns[0]
    first, second = (Detour(TOWER, {("add", where): slip}) for where in (one, other))
    both = first.with_another(second)
    assert (both is not None) == together
    if both is not None:
        assert both(2) == [2, 4, 4]


def test_slips_of_different_steps_and_places_make_pairs() -> None:
    turns = TOWER.wrong_turns((1, 2))
    found = {(first.misconception, second.misconception): both(2) for first, second, both in pairs(turns)}
    assert found == {
        ("adds_two", "tenfold"): [2, 3, 30],
        ("adds_two", "adds_two"): [2, 4, 4],
        ("tenfold", "adds_two"): [1, 3, 30],
    }


def test_derivations_do_not_mix() -> None:
    other = Derivation(dict(TOWER.steps), TOWER.run)
    slips = [d.wrong_turns((1,))[0].derive for d in (TOWER, other)]
    assert isinstance(slips[0], Detour)
    assert isinstance(slips[1], Detour)
    assert slips[0].with_another(slips[1]) is None


def test_a_step_can_gain_and_lose_turns() -> None:
    step = TOWER.steps["end"].and_turns(Turn("none", lambda at: 0, "0"))
    assert [turn.misconception for turn in step.turns] == ["tenfold", "none"]
    assert [turn.misconception for turn in step.without("tenfold").turns] == ["none"]
    assert step.right(SimpleNamespace(x=3)) == 3


def counted_tower() -> tuple[Derivation, list[int]]:
    """Return the tower, and a list that grows by one with every right step that is really taken."""
    taken: list[int] = []

    def right(at: SimpleNamespace) -> int:
        taken.append(at.layer)
        return int(at.x) + 1

    step = Step(right, "x + 1", TOWER.steps["add"].turns, layered=True)
    return Derivation({**TOWER.steps, "add": step}, TOWER.run), taken


def test_the_right_way_up_to_a_turn_is_gone_once_for_the_same_arguments() -> None:
    tower, taken = counted_tower()
    depth = 4
    (third,) = (t for t in tower.wrong_turns((3,)) if t.misconception == "adds_two")
    for _ in range(3):
        assert third.derive(depth) == [1, 2, 4, 5, 5]
    assert taken == [1, 2, 3, 4, *(4,) * 3]


def test_steps_inside_steps_are_taken_every_time() -> None:
    """What the inner step gives must not be taken for what the outer one gives."""

    def run(take: Any, x: int) -> int:
        return int(take("outer", inner=lambda: take("inner", x=x)))

    outer = Step(lambda at: 10 * at.inner(), "10 inner")
    inner = Step(lambda at: at.x, "x", (Turn("slip", lambda at: -at.x, "-x"),))
    derivation = Derivation({"outer": outer, "inner": inner}, run)
    (slip,) = derivation.wrong_turns()
    assert [derivation(3), slip.derive(3), derivation(3)] == [30, -30, 30]


def test_other_arguments_are_not_taken_for_those_before() -> None:
    for depth in range(1, 100):
        assert TOWER(depth)[-1] == depth


def test_what_is_drawn_is_drawn_anew() -> None:
    drawn = Derivation(
        {"draw": Step(lambda at: at.rng.random(), "r")}, lambda take, rng: take("draw", rng=rng)
    )
    rng = np.random.default_rng(0)
    assert drawn(rng) != drawn(rng)


def test_a_slip_of_the_next_layer_is_made_everywhere_only_where_there_is_one() -> None:
    ending_early = Step(lambda at: 0, "0", turned(inner=True).turns, layered=True, until=2)
    assert places_of(ending_early, ("all", 1, 2), 3) == ["all", 1, 2]
    assert places_of(turned(inner=True), ("all", 1, 2), 3) == [1, 2]
