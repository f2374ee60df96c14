"""The banks on published examples: the right derivations and the wrong turns that others have published."""

from typing import Any

import numpy as np
import pytest

from graders.bank.mazur import MAZUR, ORDER_GAP
from graders.bank.one_two_one import GRAD_ALL, NAMES, SSR
from graders.exercise import Probe, WrongTurn
from graders.exercises import find
from graders.exercises.going_bonkers import DOSE, OBSERVED, START, derivation_a, derivation_b

MAZUR_NET = {
    "W1": np.array([[0.15, 0.25], [0.20, 0.30]]),
    "b1": np.array([0.35, 0.35]),
    "W2": np.array([[0.40, 0.50], [0.45, 0.55]]),
    "b2": np.array([0.60, 0.60]),
}
X, T = np.array([0.05, 0.10]), np.array([0.01, 0.99])


def slip(name: str, misconception: str, layer: int | None) -> Any:
    turns: list[WrongTurn] = [
        turn for turn in find(name).wrong_turns if (turn.misconception, turn.layer) == (misconception, layer)
    ]
    return turns[0].derive


def test_the_start_of_the_dose_example_has_the_published_slopes() -> None:
    slopes = (0.760944, 0.967286, 0.332276, 0.732226, 7.142314, 1.487281, 3.459454)
    ours = GRAD_ALL(START, DOSE, OBSERVED)
    assert {name: round(float(slope), 6) for name, slope in ours.items()} == dict(
        zip(NAMES, slopes, strict=True)
    )
    assert SSR(START, DOSE, OBSERVED) == pytest.approx(1.895878, abs=5e-7)


@pytest.mark.parametrize(
    ("misconception", "layer", "number"), [("weights_ignored", 2, 2.1137), ("dW_uses_z", 1, 2.08)]
)
def test_wrong_retellings_of_it_are_in_the_bank(misconception: str, layer: int, number: float) -> None:
    wrong = slip("bonkers_grad_all", misconception, layer)(START, DOSE, OBSERVED)["w1"]
    assert wrong == pytest.approx(number, abs=5e-3)


def test_the_derivation_with_three_factors_is_the_wrong_one() -> None:
    numbers = [derivation(START, DOSE, OBSERVED) for derivation in (derivation_a, derivation_b)]
    assert numbers == pytest.approx([2.1137, 0.7609], abs=5e-5)
    assert find("wrong_retelling").truth() == "a"


def test_the_two_by_two_example_has_the_published_slopes() -> None:
    ours = MAZUR(MAZUR_NET, X, T)
    assert ours["W2"][0, 0] == pytest.approx(0.082167041, abs=5e-10)
    assert ours["W1"][0, 0] == pytest.approx(0.000438568, abs=5e-10)
    assert ours["b1"] == pytest.approx([0.008771355, 0.009954255], abs=5e-10)


def test_updating_in_place_leaves_the_published_gap() -> None:
    assert ORDER_GAP(MAZUR_NET, X, T, 0.5) == pytest.approx(1.502e-7, abs=5e-11)
    in_place = slip("mazur_gradients", "updated_before_use", 2)(MAZUR_NET, X, T)["W1"]
    assert MAZUR_NET["W1"][0, 0] - 0.5 * in_place[0, 0] == pytest.approx(0.149817639, abs=5e-10)


def test_no_gap_is_too_small_to_be_told() -> None:
    probes: list[Probe] = list(find("update_order_gap").probes(np.random.default_rng(3)))
    gaps = [find("update_order_gap").truth(*probe.args) for probe in probes]
    assert min(map(abs, gaps)) > 3e-4
    assert min(gaps) < 0 < max(gaps)
