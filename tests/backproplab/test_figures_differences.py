import base64
import io

import numpy as np
import pytest
from PIL import Image

from backproplab.figures import chords, u_curve

CUBE = (np.linspace(0.5, 3.2, 50), np.linspace(0.5, 3.2, 50) ** 3)
BETWEEN = {"one-sided": ((2, 8), (3, 27)), "two-sided": ((1, 1), (3, 27))}
STEPS = 10.0 ** np.arange(-8, 0)
ERRORS = {
    "one-sided": [1e-4, 1e-5, 1e-6, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3],
    "two-sided": [1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-8, 1e-6],
}


def cube():
    return chords(CUBE, (2, 8, 12), BETWEEN)


def test_the_sentence_of_chords_has_every_slope():
    assert cube().sentence == "The tangent has the slope 12.00; one-sided 19.00; two-sided 13.00."


def test_chords_go_through_their_two_points():
    marked = [line for line in cube().axes[0].lines if line.get_marker() != "None" and len(line.get_xdata())]
    points = [list(zip(line.get_xdata(), line.get_ydata(), strict=True)) for line in marked]
    assert points == [list(pair) for pair in BETWEEN.values()]


def test_the_sentence_of_a_u_names_its_bottom():
    assert u_curve(STEPS, {"two-sided": ERRORS["two-sided"]}).sentence == (
        "two-sided: smallest at h = 1e-03, where it is 1e-09."
    )


def test_a_ring_marks_the_bottom_of_each_u():
    rings = [line for line in u_curve(STEPS, ERRORS).axes[0].lines if line.get_markersize() > 10]
    where = [(float(ring.get_xdata()[0]), float(ring.get_ydata()[0])) for ring in rings]
    assert where == [pytest.approx((1e-5, 1e-7)), pytest.approx((1e-3, 1e-9))]


def test_a_flat_line_has_no_bottom():
    figure = u_curve(STEPS, {"wrong": [1.0, 1.0, 0.3, 0.5, 0.5, 0.5, 0.5, 0.4]})
    assert not [line for line in figure.axes[0].lines if line.get_markersize() > 10]
    assert figure.sentence == "wrong: no bottom, between 3e-01 and 1e+00."


def test_errors_of_exactly_0_stand_below_all_others_and_are_called_so():
    figure = u_curve(STEPS[:3], {"complex step": [0.0, 0.0, 1e-16]})
    (axes,) = figure.axes
    heights = [y for line in axes.lines if len(line.get_xdata()) == 2 for y in line.get_ydata()]
    assert max(heights) < 1e-16
    assert "exactly 0" in [text.get_text() for text in axes.texts]
    assert figure.sentence == "complex step: exactly 0 at 2 of 3 steps."


def test_a_step_at_which_nothing_came_leaves_a_gap():
    (axes,) = u_curve(STEPS[:3], {"two-sided": [1e-3, np.nan, 1e-5]}).axes
    assert np.isnan(axes.lines[0].get_ydata()).tolist() == [False, True, False]


def test_methods_differ_in_dashes_and_in_marks():
    lines = [line for line in u_curve(STEPS, ERRORS).axes[0].lines if line.get_label() in ERRORS]
    assert len({line.get_linestyle() for line in lines}) == len({line.get_marker() for line in lines}) == 2


@pytest.mark.parametrize("figure", [cube(), u_curve(STEPS, ERRORS)], ids=["chords", "u_curve"])
def test_ground_is_transparent_and_ink_readable_on_white_and_on_black(figure):
    data = figure._repr_mimebundle_()
    png = base64.b64decode(data["image/png"])
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)
    assert len(png) < 45_000
    assert data["text/plain"] == figure.sentence
    assert picture[0, 0, 3] == 0
    opaque = picture[picture[..., 3] == 255][:, :3]
    assert opaque.min(axis=1).min() > 0x10  # nothing black
    assert opaque.max(axis=1).max() < 0xF0  # nothing white


@pytest.mark.parametrize("figure", [cube(), u_curve(STEPS, ERRORS)], ids=["chords", "u_curve"])
def test_axes_are_labelled(figure):
    assert all(axes.get_xlabel() and axes.get_ylabel() for axes in figure.axes)


def test_a_marked_step_is_pointed_out():
    dotted = [
        line for line in u_curve(STEPS, ERRORS, marked=1e-5).axes[0].lines if line.get_linestyle() == ":"
    ]
    assert [list(line.get_xdata()) for line in dotted] == [[1e-5, 1e-5]]
