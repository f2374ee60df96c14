import base64
import io
from html import escape

import numpy as np
import pytest
from PIL import Image

from backproplab.activations import relu, sigmoid
from backproplab.figures import accuracy_by_depth, signal_by_layer, slopes_of_layer

NORMS = {"sigmoid": [0.002, 0.04, 0.2], "relu": [0.1, 0.2]}
TABLES = {"layer 1": np.array([[-1.0, 2.0], [0.5, 0.25]]), "layer 2": np.array([-3.5, 0.0])}
SHARES = {"sigmoid": [0.93, 0.1], "relu": [0.97, 0.96]}
PICTURES = {
    "signal_by_layer": lambda: signal_by_layer(NORMS, [0.003, 0.05], ([0.001, 0.02], [0.004, 0.1])),
    "slopes_of_layer": lambda: slopes_of_layer(TABLES, sigmoid),
    "accuracy_by_depth": lambda: accuracy_by_depth([1, 8], SHARES, chance=0.1),
}


@pytest.fixture(params=sorted(PICTURES))
def figure(request):
    return PICTURES[request.param]()


def test_it_is_a_small_png_with_its_sentence(figure):
    data = figure._repr_mimebundle_()
    assert len(base64.b64decode(data["image/png"])) < 45_000
    assert data["text/plain"] == figure.sentence
    assert escape(figure.sentence) in data["text/html"]


def test_ground_is_transparent_and_ink_readable_on_white_and_on_black(figure):
    png = base64.b64decode(figure._repr_mimebundle_()["image/png"])
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)
    assert picture[0, 0, 3] == 0
    opaque = picture[picture[..., 3] == 255][:, :3]
    assert opaque.min(axis=1).min() > 0x10
    assert opaque.max(axis=1).max() < 0xF0


def test_each_axis_says_what_it_shows(figure):
    assert figure.axes[0].get_ylabel()
    assert all(axes.get_xlabel() for axes in figure.axes)


def test_signals_lie_over_their_layers_on_a_logarithmic_axis():
    (axes,) = signal_by_layer(NORMS).axes
    assert axes.get_yscale() == "log"
    assert [list(line.get_ydata()) for line in axes.lines] == list(NORMS.values())
    assert [list(line.get_xdata()) for line in axes.lines] == [[1, 2, 3], [1, 2]]


def test_lines_differ_in_shape_and_dashes_not_only_in_colour():
    (axes,) = accuracy_by_depth([1, 8], {f"kind {i}": [0.5, 0.4] for i in range(6)}, chance=0.1).axes
    lines = axes.lines[:6]
    assert len({line.get_marker() for line in lines}) == 6
    assert len({line.get_linestyle() for line in lines}) >= 4


def test_published_values_are_hollow_and_stand_in_the_band():
    (axes,) = signal_by_layer(NORMS, [0.003, 0.05], ([0.001, 0.02], [0.004, 0.1])).axes
    published = axes.lines[-1]
    assert list(published.get_ydata()) == [0.003, 0.05]
    assert published.get_markerfacecolor() == "none"
    assert axes.collections[0].get_hatch()


def test_the_factor_of_a_layer_is_told_in_words():
    sentence = signal_by_layer({"relu": [0.125, 9.0, 1.0, 1.0]}).sentence
    assert sentence == "relu: 0.1250 in layer 1, 1.000 in layer 4, a factor 0.5000 a layer on the way back."


@pytest.mark.parametrize("values", [[0.2], [0.0, 0.2]], ids=["one layer", "no signal left"])
def test_no_factor_is_told_where_there_is_none(values):
    assert "factor" not in signal_by_layer({"relu": values}).sentence


def test_the_dashed_line_is_the_root_mean_square_of_the_slope():
    (axes,) = slopes_of_layer({"half awake": np.array([[-1.0, 2.0], [3.0, -4.0]])}, relu).axes
    assert axes.lines[-1].get_ydata()[0] == pytest.approx(0.5**0.5)
    assert axes.lines[-1].get_linestyle() == "--"


def test_every_pre_activation_lies_within_the_axis():
    for axes in slopes_of_layer({"wide": np.array([-12.0, 7.0])}, sigmoid).axes:
        assert axes.get_xlim()[0] <= -12


def test_accuracies_are_told_at_both_ends():
    assert accuracy_by_depth([1, 4, 8], {"relu": [0.97, 0.5, 0.08]}, chance=0.1).sentence == (
        "relu: 97 % at depth 1, 8 % at depth 8. Guessing reaches 10 %."
    )
