"""Every number that lesson ``trust_but_check`` quotes is computed here again."""

from typing import Any

import numpy as np
import pytest

from backproplab import relu, sigmoid
from backproplab.explorers import UCurve
from backproplab.step_errors import EXPONENTS

LESSON = "trust_but_check"
LOSSES = (("loss_a", 2.74), ("loss_b", 18.0))
STEPS = 10.0 ** np.arange(-16, 0.1, 0.25)
# dSSR/d(w1 b1 w2 b2 w3 w4 b3) at StatQuest's start of "Backpropagation Details"
DERIVED = (0.760944, 0.967286, 0.332276, 0.732226, 7.142314, 1.487281, 3.459454)


def cube(x: Any) -> Any:
    return x**3


def nudged(namespace: dict[str, Any], loss: str, x: float) -> float:
    return float(namespace["forward_difference"](namespace[loss], x, 1e-6))


@pytest.mark.parametrize(
    ("slope", "loss", "x", "row"),
    [
        ("slope_a", "loss_a", 2.74, ("0.760943720", "0.760943877", "0.000000158")),
        ("slope_b", "loss_b", 18.0, ("0.000000030", "0.000000015", "0.000000015")),
    ],
)
def test_the_table_of_the_puzzle(
    namespace: dict[str, Any], slope: str, loss: str, x: float, row: tuple[str, ...]
) -> None:
    derived, measured = namespace[slope](x), nudged(namespace, loss, x)
    assert tuple(f"{v:.9f}" for v in (derived, measured, abs(derived - measured))) == row


def test_slope_a_is_right_and_slope_b_is_twice_too_large(namespace: dict[str, Any]) -> None:
    step = namespace["complex_step"]
    assert step(namespace["loss_a"], 2.74) == pytest.approx(namespace["slope_a"](2.74), rel=1e-14)
    assert 2 * step(namespace["loss_b"], 18.0) == pytest.approx(namespace["slope_b"](18.0), rel=1e-14)


def test_the_relative_errors_of_the_puzzle(namespace: dict[str, Any]) -> None:
    found = [
        namespace["relative_error"](namespace[slope](x), nudged(namespace, loss, x), 1e-9)
        for slope, loss, x in (("slope_a", "loss_a", 2.74), ("slope_b", "loss_b", 18.0))
    ]
    assert [f"{error:.0e}" for error in found] == ["2e-07", "5e-01"]


def test_a_nudge_of_a_millionth_of_a_millionth_drowns_both_slopes(namespace: dict[str, Any]) -> None:
    a, b = (namespace["forward_difference"](namespace[f], x, 1e-12) for f, x in LOSSES)
    assert b == 0
    assert 1e-5 < abs(a / namespace["slope_a"](2.74) - 1) < 1e-2


def test_what_the_floor_does_and_what_the_length_hides(namespace: dict[str, Any]) -> None:
    relative_error = namespace["relative_error"]
    assert relative_error(0.0, 1e-12, 1e-9) == pytest.approx(1e-3)
    hidden = relative_error(np.array([1000, 0.001]), np.array([1000, 0.002]), 1e-9)
    assert hidden == pytest.approx(1e-6, rel=1e-3)


@pytest.mark.parametrize(
    ("method", "h", "quoted"),
    [
        ("forward_difference", 0.1, 12.61),
        ("forward_difference", 0.01, 12.0601),
        ("forward_difference", 1, 19),
        ("central_difference", 0.1, 12.01),
        ("central_difference", 1, 13),
        ("complex_step", 0.1, 11.99),
    ],
)
def test_the_cube_at_2(namespace: dict[str, Any], method: str, h: float, quoted: float) -> None:
    assert namespace[method](cube, 2.0, h) == pytest.approx(quoted, abs=1e-9)


@pytest.mark.parametrize(("method", "gain"), [("forward_difference", 10), ("central_difference", 100)])
def test_a_tenth_of_h_leaves_a_tenth_or_a_hundredth_of_the_error(
    namespace: dict[str, Any], method: str, gain: int
) -> None:
    errors = [
        namespace[method](namespace["loss_a"], 2.74, h) - namespace["slope_a"](2.74)
        for h in (0.1, 0.01, 0.001)
    ]
    assert [errors[0] / errors[1], errors[1] / errors[2]] == pytest.approx([gain, gain], rel=0.01)


def test_boisgerault_three_forward_differences_of_exp(namespace: dict[str, Any]) -> None:
    """Complex-Step Differentiation, Mines ParisTech 2017, introduction: exp'(0) with three steps."""
    printed = {1e-4: 1.000050001667141, 1e-8: 0.99999999392252903, 1e-12: 1.000088900582341}
    for h, slope in printed.items():
        assert namespace["forward_difference"](np.exp, 0.0, h) == pytest.approx(slope, rel=1e-15)


def test_the_calculator_with_six_digits() -> None:
    table = {1: (3.00417, 2.8589), 2: (2.7456, 2.732), 3: (2.721, 2.72), 4: (2.71855, 2.7), 5: (2.71831, 3)}
    for k, (value, slope) in {**table, 6: (2.71828, 0)}.items():
        shown = float(f"{np.exp(1 + 10.0**-k):.6g}")
        assert shown == value
        assert (shown - 2.71828) * 10**k == pytest.approx(slope, abs=1e-6)


def bottom(namespace: dict[str, Any], method: str) -> tuple[float, float]:
    """The step and the error at the bottom of slope A's U, by the smoothed curve."""
    errors = [
        abs(namespace[method](namespace["loss_a"], 2.74, h) - namespace["slope_a"](2.74)) for h in STEPS
    ]
    height = np.convolve(np.log10(np.maximum(errors, 1e-17)), np.ones(5) / 5, mode="same")[2:-2]
    return float(STEPS[2:-2][np.argmin(height)]), float(10 ** height.min())


def test_the_bottom_of_each_u_is_where_the_lesson_says(namespace: dict[str, Any]) -> None:
    h, error = bottom(namespace, "forward_difference")
    assert 3e-9 < h < 3e-7
    assert 1e-9 < error < 1e-7
    h, error = bottom(namespace, "central_difference")
    assert 1e-6 < h < 1e-4
    assert 1e-12 < error < 1e-10


def test_the_loss_of_slope_a_bends_gently(namespace: dict[str, Any]) -> None:
    error = namespace["central_difference"](namespace["loss_a"], 2.74, 0.01) - namespace["slope_a"](2.74)
    assert abs(error) / 0.01**2 == pytest.approx(0.002, rel=0.1)


def test_the_left_branches_are_equally_bad_and_the_complex_step_has_none(namespace: dict[str, Any]) -> None:
    small = STEPS[STEPS < 1e-8]
    exact = namespace["slope_a"](2.74)
    worst = {
        method: np.median([abs(namespace[method](namespace["loss_a"], 2.74, h) - exact) for h in small])
        for method in ("forward_difference", "central_difference", "complex_step")
    }
    assert worst["forward_difference"] == pytest.approx(worst["central_difference"], rel=1)
    assert worst["complex_step"] < 3e-16


@pytest.mark.parametrize(
    ("method", "h", "published"),
    [
        ("forward_difference", 1e-8, 4.6e-8),
        ("central_difference", 1e-5, 1.0e-10),
        ("complex_step", 1e-7, 1.5e-15),
    ],
)
def test_the_worst_of_seven_slopes_by_each_method(
    namespace: dict[str, Any], method: str, h: float, published: float
) -> None:
    """The last digits are rounding, and may differ with the machine's exp and log."""
    start, ssr = namespace["start"], namespace["ssr"]
    worst = 0.0
    for i, value in enumerate(start):

        def along(v: Any, i: int = i) -> Any:
            return ssr([*start[:i], v, *start[i + 1 :]])

        exact = namespace["complex_step"](along, value)
        worst = max(worst, abs(namespace[method](along, value, h) - exact) / abs(exact))
    assert published / 3 < worst < 3 * published


def test_nudging_confirms_the_seven_slopes_to_six_digits(namespace: dict[str, Any]) -> None:
    calls = []

    def loss(theta: Any) -> Any:
        calls.append(1)
        return namespace["ssr"](theta)

    gradient = namespace["numerical_gradient"](loss, namespace["start"].copy(), 1e-5)
    assert [round(float(v), 6) for v in gradient] == list(DERIVED)
    assert len(calls) == 14


def test_the_fellow_students_loss_hides_the_slope_from_the_complex_step(namespace: dict[str, Any]) -> None:
    def loss(w1: Any) -> Any:
        sizes = np.abs(namespace["observed"] - namespace["predict"]([w1, *namespace["start"][1:]]))
        return np.sum(sizes**2)

    assert namespace["complex_step"](loss, 2.74) == 0
    assert namespace["central_difference"](loss, 2.74, 1e-5) == pytest.approx(0.760944, abs=5e-7)


def test_what_the_lesson_says_of_rounding() -> None:
    assert 1 + 1e-16 == 1
    assert str(1 + 2e-16) == "1.0000000000000002"
    assert [0.1 + nudge - nudge == 0.1 for nudge in (0.1, 0.2, 0.5)] == [True, False, False]
    assert np.spacing(np.float32(1e6)) == pytest.approx(0.06, abs=0.003)


@pytest.mark.parametrize(("x", "h", "slope"), [(0.0, 1e-5, 0.5), (3e-6, 1e-5, 0.65), (3e-6, 1e-6, 1.0)])
def test_a_nudge_across_the_kink_of_relu(namespace: dict[str, Any], x: float, h: float, slope: float) -> None:
    assert namespace["central_difference"](relu.f, x, h) == pytest.approx(slope, abs=1e-9)


def test_at_the_kink_itself_the_complex_step_says_1(namespace: dict[str, Any]) -> None:
    assert namespace["complex_step"](relu.f, 0.0) == 1
    assert relu.deriv(0.0) == 0


def off(namespace: dict[str, Any], f: Any, df: Any, x: float, h: float) -> float:
    return abs(float(namespace["central_difference"](f, x, h)) / float(df(x)) - 1)


def test_no_step_is_the_best_for_all_four_functions(namespace: dict[str, Any]) -> None:
    curves = (
        (np.exp, np.exp, 0.7, 1e-5),
        (lambda x: np.sin(1000 * x), lambda x: 1000 * np.cos(1000 * x), 0.7, 1e-7),
        (lambda x: 1e6 + np.sin(x), np.cos, 0.7, 1e-3),
        (namespace["loss_b"], sigmoid.deriv, 18.0, 1e-3),
    )
    for f, df, x, best in curves:
        errors = {h: off(namespace, f, df, x, h) for h in (1e-7, 1e-5, 1e-3)}
        assert min(errors, key=errors.__getitem__) == best


def test_a_right_derivative_draws_a_u_and_a_wrong_one_a_plateau_at_one_half(
    namespace: dict[str, Any],
) -> None:
    def told(loss: str, derived: float, x: float, steps: Any) -> list[float]:
        check = namespace["central_difference"]
        return [namespace["relative_error"](derived, check(namespace[loss], x, h), 1e-9) for h in steps]

    flat = STEPS[(STEPS > 0.9e-7) & (STEPS < 0.11)]
    b = namespace["slope_b"](18.0)
    assert told("loss_b", b, 18.0, flat) == pytest.approx([0.5] * len(flat), abs=0.02)
    assert told("loss_b", b, 18.0, STEPS[STEPS < 0.9e-8]) == [1.0] * 32
    assert min(told("loss_a", namespace["slope_a"](2.74), 2.74, STEPS)) < 1e-10
    mended = told("loss_b", b / 2, 18.0, STEPS)
    assert 1e-8 < min(mended) < 1e-5
    assert mended[0] > 0.1


def test_float32_leaves_about_five_digits_near_a_hundredth(namespace: dict[str, Any]) -> None:
    near = [
        abs(namespace["central_difference"](np.exp, np.float32(0.7), np.float32(h)) / np.exp(0.7) - 1)
        for h in STEPS[(STEPS > 3e-3) & (STEPS < 0.03)]
    ]
    assert 1e-6 < np.median(near) < 1e-4


def test_a_central_difference_at_a_hundredth_may_be_off_by_a_ten_thousandth(
    namespace: dict[str, Any],
) -> None:
    assert 1e-5 < off(namespace, np.exp, np.exp, 0.7, 0.01) < 1e-4


def test_float32_near_a_million_leaves_hardly_one_digit(namespace: dict[str, Any]) -> None:
    errors = [
        abs(namespace["central_difference"](lambda x: 1e6 + np.sin(x), np.float32(0.7), np.float32(h)))
        / np.cos(0.7)
        - 1
        for h in STEPS
    ]
    assert 0.01 < np.min(np.abs(errors)) < 0.1
    assert 0.1 < STEPS[np.argmin(np.abs(errors))] < 1


def test_float32_has_five_digits_in_the_explorer_and_its_best_step_near_a_hundredth() -> None:
    errors = UCurve(precision="float32").errors
    assert errors.bottom == pytest.approx(0.01, rel=0.5)
    assert 4 < -np.log10(errors.bend * errors.bottom**2 / errors.exact) < 6


def test_a_million_beside_the_sine_moves_the_bottom_to_the_right_and_up() -> None:
    plain, carried = UCurve().errors, UCurve(function="1e6 + sin(x)").errors
    assert carried.bottom > 30 * plain.bottom
    assert carried.lowest[1] > 1e3 * plain.lowest[1]
    low = UCurve(function="1e6 + sin(x)", precision="float32").errors
    assert low.lowest[0] == pytest.approx(0.3, abs=0.1)
    assert low.lowest[1] / low.exact > 0.01


def test_a_thousandfold_frequency_moves_the_right_branch_by_three_powers_of_ten() -> None:
    """There the relative error of sin(1000 x) at h is that of sin(x) at 1000 h."""
    fast = UCurve(function="sin(1000 x)").errors
    assert fast.bend / abs(fast.exact) == pytest.approx(1e6 / 6)
    slow = UCurve(function="1e6 + sin(x)").errors
    assert slow.bend / slow.exact == pytest.approx(1 / 6)


def test_a_step_of_a_millionth_of_a_millionth_shares_eleven_digits_and_leaves_four() -> None:
    told = UCurve(log_h=-12).picture["sentence"]
    assert "agree in 11 digits" in told
    assert "some 4 digits right" in told
    errors = UCurve(method="complex step", log_h=-12).errors.errors
    assert errors[EXPONENTS == -12][0] <= np.spacing(2.0)


def test_the_kink_is_met_from_a_step_as_large_as_its_distance_on() -> None:
    curve = UCurve(function="relu(x)", x=0.05, log_h=-1)
    assert "gives 0.75 for 1" in curve.picture["sentence"]
    reach = 10**EXPONENTS > 0.05
    assert (curve.errors.errors[reach] > 0.05).all()
    near = (EXPONENTS > -12) & ~reach
    assert (curve.errors.errors[near] < 1e-4).all()
    assert set(UCurve(function="relu(x)", x=0.0).errors.errors) == {0.5}
