"""Every number that lesson ``going_bonkers`` quotes is computed here again.

Published numbers are from StatQuest (Josh Starmer): *Neural Networks Pt. 2: Backpropagation Main Ideas* for
the last bias alone, and *Backpropagation Details* Pt. 1 and Pt. 2 for three and for seven parameters.
"""

from functools import cache
from typing import Any

import numpy as np
import pytest

from backproplab import sigmoid, softplus
from backproplab.explorers import SquiggleWorkshop
from tests.lessons.conftest import solved

LESSON = "going_bonkers"
DOSE, OBSERVED = np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 0.0])
FIT = {"w1": 3.34, "b1": -1.43, "w2": -3.53, "b2": 0.57, "w3": -1.22, "w4": -2.30, "b3": 2.61}
OTHER_FIT = {"w1": 3.26, "b1": -1.93, "w2": -3.35, "b2": 0.54, "w3": -1.48, "w4": -2.25, "b3": 2.45}
TWINS = {"w1": 1.0, "b1": 0.0, "w2": 1.0, "b2": 0.0, "w3": 0.5, "w4": 0.5, "b3": 0.0}
ZEROS = dict.fromkeys(FIT, 0.0)


@cache
def descend(start: str, lr: float, steps: int) -> tuple[dict[str, float], Any]:
    """The lesson's own descent from one of its starts, with the history as an array."""
    names = solved(LESSON)
    begin = {"start": names["start"], "twins": TWINS, "zeros": ZEROS, "apart": {**TWINS, "w1": 1.001}}[start]
    end, history = names["bonkers_descend"](begin, DOSE, OBSERVED, lr, steps)
    return end, np.array(history)


def rounded(p: dict[str, float], digits: int = 2) -> dict[str, float]:
    return {name: round(float(value), digits) for name, value in p.items()}


def first_below(history: Any, level: float) -> int:
    return int(np.argmax(history < level))


def test_the_given_numbers_are_the_published_ones(namespace: dict[str, Any]) -> None:
    assert list(namespace["start"].values()) == [2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0]
    assert namespace["published"] == FIT


def test_the_worked_numbers_of_the_middle_dose(namespace: dict[str, Any]) -> None:
    at = {k: float(v[1]) for k, v in namespace["bonkers_forward"](namespace["start"], DOSE).items()}
    assert rounded(at, 4) == {"x1": 1.37, "y1": 1.5964, "x2": -0.565, "y2": 0.45, "pred": 0.8582}
    factors = [-2 * (1 - at["pred"]), 0.36, float(sigmoid.f(at["x1"])), 0.5]
    assert [round(f, 4) for f in (*factors, np.prod(factors))] == [-0.2835, 0.36, 0.7974, 0.5, -0.0407]
    assert round(float(softplus.f(0.0)), 4) == 0.6931


def test_the_start_has_the_published_predictions_and_ssr(namespace: dict[str, Any]) -> None:
    pred = namespace["bonkers_forward"](namespace["start"], DOSE)["pred"]
    assert list(pred.round(6)) == [0.686216, 0.858232, 1.185280]
    assert list(((OBSERVED - pred) ** 2).round(4)) == [0.4709, 0.0201, 1.4049]
    assert round(float(namespace["bonkers_ssr"](namespace["start"], DOSE, OBSERVED)), 6) == 1.895878


def test_the_best_flat_line_leaves_two_thirds(namespace: dict[str, Any]) -> None:
    def flat(height: float) -> float:
        return float(namespace["bonkers_ssr"]({**ZEROS, "b3": height}, DOSE, OBSERVED))

    assert flat(1 / 3) == pytest.approx(2 / 3)
    assert min(flat(h) for h in np.linspace(0, 1, 301)) > 2 / 3 - 1e-12
    slopes = namespace["bonkers_grad_all"]({**ZEROS, "b3": 1 / 3}, DOSE, OBSERVED)
    assert max(abs(slope) for slope in slopes.values()) < 1e-15


def test_the_last_bias_alone_walks_as_published(namespace: dict[str, Any]) -> None:
    heights = [namespace["bonkers_ssr"]({**FIT, "b3": b3}, DOSE, OBSERVED) for b3 in (0.0, 1.0, 2.0, 3.0)]
    assert [round(float(ssr), 4) for ssr in heights] == [20.4236, 7.7685, 1.1134, 0.4583]
    p, walk, slopes = {**FIT, "b3": 0.0}, [], []
    terms = -2 * (OBSERVED - namespace["bonkers_forward"](p, DOSE)["pred"])
    assert list(terms.round(4)) == [-5.2073, -5.2180, -5.2297]
    assert list((terms / 2).round(4)) == [-2.6037, -1.6090 - 1, -2.6149]
    for _ in range(20):
        walk.append(round(p["b3"], 4))
        slopes.append(float(namespace["bonkers_grad_last"](p, DOSE, OBSERVED)["b3"]))
        p["b3"] -= 0.1 * slopes[-1]
    assert walk[:5] == [0.0, 1.5655, 2.1917, 2.4422, 2.5424]
    assert [round(slope, 3) for slope in slopes[:4]] == [-15.655, -6.262, -2.505, -1.002]
    assert [round(slopes[0], 1), round(slopes[1], 2), round(p["b3"], 2)] == [-15.7, -6.26, 2.61]


def test_the_last_layer_alone_has_the_published_slopes_and_one_solution(namespace: dict[str, Any]) -> None:
    p = {**FIT, "w3": 0.36, "w4": 0.63, "b3": 0.0}
    at = namespace["bonkers_forward"](p, DOSE)
    assert list(at["pred"].round(4)) == [0.7187, 0.4619, 0.7691]
    assert round(float(namespace["bonkers_ssr"](p, DOSE, OBSERVED)), 5) == 1.39767
    slopes = namespace["bonkers_grad_last"](p, DOSE, OBSERVED)
    assert rounded(slopes, 4) == {"w3": 2.5761, "w4": 1.2568, "b3": 1.8996}
    columns = np.column_stack([at["y1"], at["y2"], np.ones(3)])
    assert np.linalg.matrix_rank(columns) == 3
    assert list(np.linalg.solve(columns, OBSERVED).round(6)) == [-1.215898, -2.303807, 2.606661]
    turns = []
    for _ in range(2000):
        slopes = namespace["bonkers_grad_last"](p, DOSE, OBSERVED)
        p.update({name: p[name] - 0.1 * slopes[name] for name in slopes})
        turns.append(slopes["b3"] < 0)
    assert turns[:4] == [False, True, False, True]
    assert all(turns[3:100])
    assert rounded({n: p[n] for n in slopes}, 6) == {"w3": -1.215898, "w4": -2.303807, "b3": 2.606661}


def test_the_seven_slopes_at_the_start(namespace: dict[str, Any]) -> None:
    slopes = namespace["bonkers_grad_all"](namespace["start"], DOSE, OBSERVED)
    measured = namespace["nudged_slopes"](namespace["start"], list(FIT))
    quoted = [0.760944, 0.967286, 0.332276, 0.732226, 7.142314, 1.487281, 3.459454]
    assert [round(float(slopes[name]), 6) for name in FIT] == quoted
    assert [measured[name] for name in FIT] == pytest.approx(quoted, abs=2e-6)


def test_only_the_dose_zero_is_silent_about_w1_and_not_about_b1(namespace: dict[str, Any]) -> None:
    points = [namespace["bonkers_grad_all"](namespace["start"], DOSE[[n]], OBSERVED[[n]]) for n in range(3)]
    assert [round(float(point["w1"]), 4) for point in points] == [0.0, -0.0407, 0.8016]
    assert [round(float(point["b1"]), 4) for point in points] == [0.2470, -0.0814, 0.8016]


def test_the_planted_bug_gives_the_number_that_the_lesson_says(namespace: dict[str, Any]) -> None:
    at = namespace["bonkers_forward"](namespace["start"], DOSE)
    wrong = (-2 * (OBSERVED - at["pred"]) * 0.36 * sigmoid.f(at["x1"]) * at["x1"]).sum()
    assert round(float(wrong), 3) == 2.085
    assert round(namespace["nudged_slopes"](namespace["start"], ["w1"])["w1"], 3) == 0.761


def test_run_1_ends_at_all_seven_published_numbers() -> None:
    end, history = descend("start", 0.01, 10_346)
    assert rounded(end) == FIT
    assert history[-1] < 1e-12 <= history[-2]
    assert [first_below(history, level) for level in (1, 0.7, 0.65, 0.1, 0.01)] == [3, 237, 2300, 4940, 5569]
    assert all(np.diff(history) < 0)
    fitted = solved(LESSON)["bonkers_forward"](FIT, DOSE)["pred"]
    assert list(fitted.round(4)) == [0.0063, 1.0010, -0.0049]
    assert solved(LESSON)["bonkers_ssr"](FIT, DOSE, OBSERVED) == pytest.approx(6.48e-5, abs=5e-8)


@pytest.mark.parametrize(("step", "heights"), [(237, [0.36, 0.31, 0.30]), (4_940, [0.11, 0.73, 0.12])])
def test_the_film_shows_a_flat_line_and_then_a_bend(step: int, heights: list[float]) -> None:
    end, _ = descend("start", 0.01, step)
    assert list(solved(LESSON)["bonkers_forward"](end, DOSE)["pred"].round(2)) == heights


def test_on_the_plateau_all_seven_slopes_are_small(namespace: dict[str, Any]) -> None:
    steepest = {
        step: max(
            abs(s)
            for s in namespace["bonkers_grad_all"](descend("start", 0.01, step)[0], DOSE, OBSERVED).values()
        )
        for step in (0, 1000, 2300, 4500)
    }
    assert max(steepest[1000], steepest[2300]) < 0.04 < 0.12 < steepest[4500] < 7 < steepest[0]


@pytest.mark.parametrize(("lr", "steps"), [(0.01, 5569), (0.03, 1851), (0.05, 1102)])
def test_small_rates_follow_one_path(lr: float, steps: int) -> None:
    _, history = descend("start", lr, 6000)
    assert first_below(history, 0.01) == steps
    assert 55 < steps * lr < 56


def test_run_2_ends_at_another_perfect_fit() -> None:
    end, history = descend("start", 0.1, 880)
    assert rounded(end) == OTHER_FIT
    assert not set(rounded(end).items()) & set(FIT.items())
    assert first_below(history, 1e-12) == 880
    assert [round(float(ssr), 2) for ssr in history[:3]] == [1.90, 4.21, 7.41]


def test_both_ends_have_no_slope_left_and_swapped_units_fit_as_well(namespace: dict[str, Any]) -> None:
    one, other = (descend("start", *run)[0] for run in ((0.01, 10_346), (0.1, 880)))
    for end in (one, other):
        assert max(abs(s) for s in namespace["bonkers_grad_all"](end, DOSE, OBSERVED).values()) < 1e-6
    swapped = dict(zip(FIT, (FIT[name] for name in ("w2", "b2", "w1", "b1", "w4", "w3", "b3")), strict=True))
    fits = [namespace["bonkers_forward"](fit, DOSE)["pred"] for fit in (FIT, swapped)]
    np.testing.assert_allclose(*fits, rtol=0, atol=1e-14)
    between = [namespace["bonkers_forward"](end, np.linspace(0, 1, 101))["pred"] for end in (one, other)]
    assert round(float(abs(between[0] - between[1]).max()), 2) == 0.03
    assert max((round(float(abs(one[name] - other[name])), 1), name) for name in one) == (0.5, "b1")


@pytest.mark.parametrize(("start", "ssr"), [("twins", 0.6572), ("zeros", 0.6667)])
def test_equal_units_stay_equal(start: str, ssr: float) -> None:
    end, history = descend(start, 0.1, 4000)
    assert (end["w1"], end["b1"], end["w3"]) == (end["w2"], end["b2"], end["w4"])
    assert round(float(history[-1]), 4) == ssr


def test_the_twins_creep_to_the_falling_half_that_one_unit_can_reach(namespace: dict[str, Any]) -> None:
    end, history = descend("twins", 0.1, 10_000)
    assert round(float(history[-1]), 4) == 0.5467
    assert list(namespace["bonkers_forward"](end, DOSE)["pred"].round(1)) == [0.5, 0.5, 0.1]


def test_from_all_zeros_the_bending_dies_out_on_the_flat_line(namespace: dict[str, Any]) -> None:
    early = [abs(descend("zeros", 0.1, steps)[0]["w1"]) for steps in (1, 2, 3, 100)]
    assert early[0] == 0 < early[3] < max(early) < 0.002
    end, _ = descend("zeros", 0.1, 4000)
    np.testing.assert_allclose(namespace["bonkers_forward"](end, DOSE)["pred"], 1 / 3, atol=1e-6)


def test_a_thousandth_sets_the_twins_free() -> None:
    assert descend("apart", 0.1, 4000)[1][-1] < 1e-9


def test_no_curve_that_only_rises_leaves_less_than_a_half() -> None:
    """Twins make one softplus curve; of rising and of falling curves none does better than 0, 1/2, 1/2."""
    heights = np.linspace(-0.5, 1.5, 81)
    low, middle, high = np.meshgrid(heights, heights, heights, indexing="ij")
    left = low**2 + (1 - middle) ** 2 + high**2
    rising, falling = (low <= middle) & (middle <= high), (low >= middle) & (middle >= high)
    assert min(left[rising].min(), left[falling].min()) == pytest.approx(0.5)
    zero, half = heights.searchsorted([0.0, 0.5])
    assert left[zero, half, half] == left[half, half, zero] == 0.5


def test_at_rate_015_the_descent_does_not_come_to_rest() -> None:
    _, history = descend("start", 0.15, 6000)
    late = history[3000:]
    assert max(late) > 10
    assert min(late) > 1e-3
    assert sum((late[:-1] <= 2) & (late[1:] > 2)) == 5


def test_the_two_derivations_have_the_numbers_that_the_lesson_prints(namespace: dict[str, Any]) -> None:
    slope = namespace["bonkers_grad_all"](namespace["start"], DOSE, OBSERVED)["w1"]
    assert [round(float(v), 4) for v in (slope / 0.36, slope)] == [2.1137, 0.7609]


def test_three_factors_lower_the_loss_and_stick_at_two_thirds(namespace: dict[str, Any]) -> None:
    p, history = dict(namespace["start"]), []
    for _ in range(6000):
        history.append(float(namespace["bonkers_ssr"](p, DOSE, OBSERVED)))
        slopes = namespace["bonkers_grad_all"](p, DOSE, OBSERVED)
        for name, through in (("w1", "w3"), ("b1", "w3"), ("w2", "w4"), ("b2", "w4")):
            slopes[name] /= p[through]
        p = {name: p[name] - 0.01 * slopes[name] for name in p}
    assert round(history[0], 4) == 1.8959
    assert max(np.diff(history)) < 1e-6
    assert 0.666 < history[-1] < 0.6667
    right = descend("start", 0.01, 6000)[1]
    apart = [abs(right[step] - history[step]) for step in (500, 1000, 2000, 2500, 3500)]
    assert max(apart[:3]) < 0.02 < apart[3] < 0.03 < 0.09 < apart[4]


def test_the_workshop_shows_the_plateau_as_the_lesson_tells_it() -> None:
    """The three pulls at ``b3`` nearly cancel; both curves turn over while the SSR hardly moves."""
    grad = solved(LESSON)["bonkers_grad_all"]
    at = descend("start", 0.01, 2300)[0]
    pulls = [float(grad(at, DOSE[[n]], OBSERVED[[n]])["b3"]) for n in range(3)]
    assert [round(pull, 4) for pull in pulls] == [0.7212, -1.3225, 0.5751]
    assert round(sum(pulls), 4) == -0.0261
    shown = SquiggleWorkshop(step=2300, slope="b3").picture["sentence"]
    minus = "\N{MINUS SIGN}"
    assert shown.endswith(f"0.7212 + ({minus}1.322) + 0.5751 = {minus}0.02612.")
    turns = {name: [descend("start", 0.01, step)[0][name] > 0 for step in (900, 1000, 1600, 1700)]
             for name in ("w3", "w4")}  # fmt: skip
    assert turns == {"w3": [True, False, False, False], "w4": [True, True, True, False]}
    ends = [descend("start", 0.01, step) for step in (237, 2300)]
    assert [round(float(history[-1]), 2) for _, history in ends] == [0.70, 0.65]
    assert [round(float(p["b3"]), 2) for p, _ in ends] == [0.0, 0.55]


@pytest.mark.parametrize(
    ("preset", "run"), [("twins", ("twins", 0.1)), ("zeros", ("zeros", 0.1)), ("wild", ("start", 0.15))]
)
def test_the_workshop_s_buttons_lead_to_the_lesson_s_runs(preset: str, run: tuple[str, float]) -> None:
    workshop = SquiggleWorkshop(step=100)
    getattr(workshop, preset)()
    workshop.step = 100
    end, _ = descend(*run, 100)
    assert workshop.now._asdict() == pytest.approx(end, rel=1e-6, abs=1e-9)
