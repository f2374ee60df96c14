"""The still pictures of the 1-2-1 network: what is drawn is what was handed in, and the sentence says it."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from backproplab.figures import descents, slope_path, slope_terms, squiggles

DOSE, OBSERVED = np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 0.0])
GRID = np.linspace(0, 1, 11)
CURVES = {"first": GRID**2, "second": 1 - GRID, "third": 0 * GRID}
VALUES = {"w1": 2.74, "x1": 1.37, "y1": 1.5964, "x2": -0.565, "y2": 0.45, "pred": 0.8582, "square": 0.0201}
SLOPES = {"dose": 0.5, "sigmoid(x1)": 0.7974, "w3": 0.36, "-2 (observed - pred)": -0.2836}
TERMS = {"w1": [0.0, -0.0407, 0.8016], "b1": [0.247, -0.0814, 0.8016]}
RUNS = {"slow": [2.0, 1.0, 0.5, 0.25], "fast": [2.0, 1e-20]}

FIGURES = {
    "squiggles": squiggles(GRID, CURVES, DOSE, OBSERVED),
    "slope_path": slope_path(VALUES, SLOPES),
    "slope_terms": slope_terms(TERMS, DOSE),
    "descents": descents(RUNS, {"2/3": 2 / 3}),
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_a_small_png_with_its_sentence(name):
    data = FIGURES[name]._repr_mimebundle_()
    assert len(base64.b64decode(data["image/png"])) < 60_000
    assert data["text/plain"] == FIGURES[name].sentence
    assert data["text/plain"].endswith(".")


@pytest.mark.parametrize("name", FIGURES)
def test_ground_is_transparent_and_ink_readable_on_white_and_on_black(name):
    file = io.BytesIO(base64.b64decode(FIGURES[name]._repr_mimebundle_()["image/png"]))
    picture = np.asarray(Image.open(file).convert("RGBA")).astype(int)
    assert picture[0, 0, 3] == 0
    opaque = picture[picture[..., 3] == 255][:, :3]
    assert opaque.min(axis=1).min() > 0x10  # nothing black
    assert opaque.max(axis=1).max() < 0xF0  # nothing white


def test_squiggles_hold_every_curve_and_lead_from_the_first_to_the_points():
    (axes,) = squiggles(GRID, CURVES, DOSE, OBSERVED).axes
    curves, residuals, points = axes.lines[:3], axes.lines[3:6], axes.lines[6]
    for line, curve in zip(curves, CURVES.values(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), curve)
    assert [tuple(line.get_ydata()) for line in residuals] == [(0, 0), (1, 0.25), (0, 1)]
    assert points.get_marker() == "o"
    assert len({line.get_linestyle() + str(line._dash_pattern) for line in curves}) == 3  # without colour


def test_the_sentence_reads_the_curves_where_the_data_are():
    said = squiggles(GRID, {"the curve": GRID}, [0.25], [1.0]).sentence
    assert said == "Observed 1.000 at the doses 0.2500. There the curve is 0.2500."


def test_the_path_shows_every_factor_and_their_product():
    figure = slope_path(VALUES, SLOPES)
    shown = " ".join(text.get_text() for text in figure.axes[0].texts)
    for number in ("0.5000", "0.7974", "0.3600", "\N{MINUS SIGN}0.2836", "1.370", "0.8582"):
        assert number in shown
    assert "product \N{MINUS SIGN}0.04071" in shown
    assert "the product is \N{MINUS SIGN}0.04071" in figure.sentence


def test_the_last_bar_of_a_group_is_the_sum_of_the_others():
    (axes,) = slope_terms(TERMS, DOSE).axes
    heights = np.array([[bar.get_height() for bar in group] for group in axes.containers])
    np.testing.assert_allclose(heights[:-1].T, list(TERMS.values()))
    np.testing.assert_allclose(heights[-1], heights[:-1].sum(axis=0))
    assert len({group[0].get_hatch() for group in axes.containers}) == 4  # told apart without colour


def test_descents_draw_every_loss_and_pin_what_lies_below_the_axis():
    (axes,) = descents(RUNS, {"2/3": 2 / 3}).axes
    assert axes.get_yscale() == "log"
    slow, fast, level = axes.lines
    assert list(slow.get_ydata()) == RUNS["slow"]
    assert fast.get_ydata()[1] == 1e-13
    assert level.get_ydata()[0] == 2 / 3


def test_descents_show_the_first_steps_once_more_on_an_ordinary_scale():
    whole, start = descents(RUNS, {"2/3": 2 / 3}, closer=2).axes
    assert (whole.get_yscale(), start.get_yscale()) == ("log", "linear")
    slow, fast, level = start.lines
    assert list(slow.get_ydata()) == RUNS["slow"][:3]
    assert list(fast.get_ydata()) == RUNS["fast"]
    assert start.get_ylim()[0] == 0
    assert level.get_ydata()[0] == 2 / 3
