import math

import numpy as np
import pytest

from backproplab.explorers import UCurve
from backproplab.gradcheck import central_difference, complex_step, forward_difference
from backproplab.step_errors import CURVES, EXPONENTS, METHODS, PRECISIONS, nudge, step_errors

SMOOTH = [name for name, curve in CURVES.items() if curve.kink is None]
BY_HAND = {"forward difference": forward_difference, "central difference": central_difference}
STEPS = 10**EXPONENTS


@pytest.mark.parametrize("x", [-2.3, 0.0, 0.7, 2.05])
@pytest.mark.parametrize("name", CURVES)
def test_each_derivative_is_the_complex_step_of_the_one_before(name, x):
    curve = CURVES[name]
    if curve.kink == x:
        return
    for f, slope in zip((curve.f, *curve.slopes), curve.slopes, strict=False):
        if name == "relu(x)" and f is not curve.f:
            assert slope(x) == 0
        else:
            measured = float(complex_step(lambda v, f=f: f(v) + 0 * v, x))
            assert measured == pytest.approx(float(slope(x)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CURVES)
def test_errors_are_those_of_the_reference_at_every_step(name, method):
    found = step_errors(name, 0.7, method, "float64")
    with np.errstate(all="ignore"):
        measured = [float(METHODS[method](CURVES[name].f, 0.7, float(h))) for h in STEPS]
        expected = np.abs(np.array(measured) - CURVES[name].slopes[0](0.7))
    np.testing.assert_array_equal(found.errors, expected)


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", SMOOTH)
def test_no_error_is_above_thrice_the_theory_where_theory_holds(name, method, precision):
    """Where the nudge is not lost, and the step small enough for one term of the series."""
    found = step_errors(name, -2.3, method, precision)
    fast = 1e-3 if "1000" in name else 1.0
    holds = (0.5 * fast > STEPS) & ((-21 if found.lost is None else found.lost) < EXPONENTS)
    theory = found.bend * STEPS**found.order + found.rounding * STEPS ** float(found.fall)
    assert np.all(found.errors[holds] <= 3 * theory[holds])


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("method", BY_HAND)
@pytest.mark.parametrize("name", SMOOTH)
def test_the_bottom_of_theory_is_near_that_of_the_measured_curve(name, method, precision):
    found = step_errors(name, 0.7, method, precision)
    assert found.bottom / 30 < found.lowest[0] < 30 * found.bottom


@pytest.mark.parametrize(("method", "powers"), [("forward difference", 1), ("central difference", 2)])
def test_the_right_branch_falls_by_one_power_of_ten_or_by_two(method, powers):
    errors = dict(zip(EXPONENTS, step_errors("exp(x)", 0.7, method, "float64").errors, strict=True))
    assert math.log10(errors[-1.0] / errors[-2.0]) == pytest.approx(powers, abs=0.03)
    assert math.log10(errors[-2.0] / errors[-3.0]) == pytest.approx(powers, abs=0.03)


def test_float32_is_float32_all_the_way():
    taken = nudge("exp(x)", 0.7, "central difference", "float32", 0.01)
    x, h = np.float32(0.7), np.float32(0.01)
    above, below = np.exp(x + h), np.exp(x - h)
    assert [value for _, value in taken.values] == pytest.approx([above, below], rel=1.2e-7)
    assert all(np.float32(value) == value for _, value in taken.values)
    assert taken.slope == pytest.approx(float((above - below) / (2 * h)), rel=3e-5)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_nudge_is_lost_exactly_where_the_point_does_not_move(precision):
    found = step_errors("exp(x)", 0.7, "forward difference", precision)
    number = PRECISIONS[precision][0]
    lost = [power for power in EXPONENTS if number(found.x + 10**power) == found.x]
    assert found.lost == max(lost)
    assert set(found.errors[found.lost >= EXPONENTS]) == {found.exact}
    assert step_errors("exp(x)", 0.7, "complex step", precision).lost is None


@pytest.mark.parametrize(
    ("one", "other", "digits"), [(2.0, 2.0, 17), (1.0, 0.9995, 3), (5.0, -5.0, 0), (0, 1, 0)]
)
def test_numbers_agree_in_as_many_digits_as_their_difference_leaves(one, other, digits):
    assert nudge("x³", 2.0, "forward difference", "float64", 0.1).agreeing(one, other) == digits


def test_an_overflow_is_infinite_never_missing():
    found = step_errors("sin(1000 x)", 0.7, "complex step", "float64")
    assert np.isinf(found.errors[-1])
    assert not np.isnan(found.errors).any()
    curve = UCurve(function="sin(1000 x)", method="complex step", log_h=0.0)
    assert curve.picture["error"] is None
    assert "an overflow" in curve.picture["sentence"]


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ({"function": "x³", "x": 2.0, "method": "forward difference", "log_h": -1.0}, "gives 12.61 for 12"),
        ({"method": "complex step", "log_h": -15.0}, "nothing is subtracted"),
        ({"method": "complex step", "log_h": -15.0}, "off by exactly 0"),
        ({"log_h": -18.0}, "So small a nudge is lost: x + h is x"),
        ({"log_h": -18.0}, "are the same number, their difference is 0"),
        ({"log_h": -1.0}, "Here the bend weighs more"),
        ({"log_h": -9.0}, "Here rounding weighs more"),
        ({"function": "relu(x)", "x": 0.0}, "All 81 steps are off by 0.5000: no step helps"),
        ({"function": "relu(x)", "x": 0.0}, "At the kink there is no one slope"),
        ({"function": "relu(x)", "x": 0.05, "log_h": -1.0}, "The nudge reaches across the kink"),
        ({"function": "relu(x)", "x": -1.0}, "The error is exactly 0 at all 81 steps"),
    ],
)
def test_the_sentence_says_what_happens(knobs, said):
    assert said in UCurve(**knobs).picture["sentence"]


def test_the_sentence_names_the_best_step_and_its_error():
    curve = UCurve()
    h, error = curve.errors.lowest
    assert f"The best of 81 steps is h = {h:.2g}, off by {error:.1e}" in curve.picture["sentence"]
    assert error == curve.errors.errors.min()
    assert curve.picture["lowest"] == [math.log10(h), math.log10(error)]


def test_underlined_characters_are_the_digits_that_agree():
    rows = UCurve(function="x³", x=2.0, method="forward difference", log_h=-4.0).picture["rows"]
    (_, above, lost), (_, here, _), (_, measured, right), (_, exact, _) = rows
    assert (above[:lost], here[:lost]) == ("8.00", "8.00")
    assert (measured[:right], exact[:right]) == ("12.00", "12.00")


def test_moving_the_step_sends_no_array_again():
    curve, sent = UCurve(), []
    curve.observe(lambda change: sent.append(change.new), "arrays")
    curve.log_h = -7.0
    assert sent == []
    curve.precision = "float32"
    np.testing.assert_array_equal(np.frombuffer(sent[0], np.float32), np.float32(curve.errors.errors))


def test_the_still_picture_breaks_off_where_numbers_have_no_end():
    explorer = UCurve(function="sin(1000 x)", method="complex step")
    figure = explorer.still()
    assert "image/png" in figure._repr_mimebundle_()
    assert figure.axes[0].get_ylim()[1] < 1e12
    assert figure.sentence == explorer.picture["sentence"]
