import base64
import io
from html import escape

import numpy as np
import pytest
from matplotlib.text import Annotation
from PIL import Image

from backproplab.figures import logit_pulls, losses_and_slopes, share_right

Z = np.linspace(-2.0, 4.0, 13)
LOSSES = {"flat": np.tanh(Z), "steep": Z**2}
SLOPES = {"flat": 1 - np.tanh(Z) ** 2, "steep": 2 * Z}
SHARES = {"one": [0.1, 0.6, 0.9], "two": [0.1, 0.1, 0.125]}
PICTURES = {
    "losses_and_slopes": lambda: losses_and_slopes(Z, LOSSES, SLOPES, {"A": 1.5, "B": 3.0}),
    "logit_pulls": lambda: logit_pulls([0.5, 0.125, 0.375], 2),
    "share_right": lambda: share_right(SHARES),
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


def test_every_axis_has_a_label(figure):
    for axes in figure.axes:
        assert axes.get_ylabel()
        assert axes.get_xlabel() or axes.get_xticklabels()[0].get_text().startswith("class")


def test_losses_stand_on_the_left_and_their_slopes_on_the_right():
    left, right = PICTURES["losses_and_slopes"]().axes
    for axes, curves in ((left, LOSSES), (right, SLOPES)):
        drawn = {line.get_label(): line for line in axes.lines}
        for name, curve in curves.items():
            assert list(drawn[name].get_ydata()) == list(curve)
        assert drawn["flat"].get_linestyle() != drawn["steep"].get_linestyle()


def test_the_sentence_reads_the_slopes_at_the_marked_points():
    sentence = PICTURES["losses_and_slopes"]().sentence
    assert "At A (z = 1.5) the slope of flat is 0.1807, of steep is 3.000." in sentence
    assert "At B (z = 3)" in sentence


def test_each_arrow_runs_from_a_probability_to_its_target():
    (axes,) = logit_pulls([0.5, 0.125, 0.375], 2).axes
    arrows = [text for text in axes.texts if isinstance(text, Annotation)]
    assert [(note.xyann[1], note.xy[1]) for note in arrows] == [(0.5, 0.0), (0.125, 0.0), (0.375, 1.0)]
    assert [bar.get_height() for bar in axes.patches[:3]] == [0.5, 0.125, 0.375]
    assert [bar.get_hatch() for bar in axes.patches[:3]] == [None, None, "///"]


def test_the_pulls_are_told_in_words():
    assert logit_pulls([0.5, 0.125, 0.375], 2).sentence == (
        "Class 0: p 0.5000, pulled down by 0.5000; class 1: p 0.1250, pulled down by 0.1250; "
        "class 2 (right): p 0.3750, pulled up by 0.6250."
    )


def test_each_training_has_a_look_of_its_own_and_its_last_share_in_words():
    figure = share_right(SHARES)
    one, two = figure.axes[0].lines
    assert [list(line.get_ydata()) for line in (one, two)] == list(SHARES.values())
    assert one.get_linestyle() != two.get_linestyle()
    assert figure.sentence == "After 2 steps: one 90.0 %, two 12.5 %."
