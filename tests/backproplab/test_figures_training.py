import base64
import io
from html import escape

import numpy as np
import pytest
from PIL import Image

from backproplab.data import digits
from backproplab.figures import (
    digit_gallery,
    epoch_losses,
    gradients_compared,
    run_by_epoch,
    training_dashboard,
)

RUNS = {"shuffled": [1.0, 0.5, 0.25], "in order": [2.5, 2.25, 2.0]}
DELTAS = np.array([[0.5, 1.0], [0.25, 0.5], [0.05, 0.125]])
NUMERICAL = np.array([-1.0, 0.0, 2.0])
CLAIMS = {"A": np.array([-1.0, 0.5, 2.0]), "B": NUMERICAL}
PICTURES = {
    "digit_gallery": lambda: digit_gallery(digits()[0][:12], digits()[1][:12]),
    "epoch_losses": lambda: epoch_losses(RUNS, chance=2.3),
    "run_by_epoch": lambda: run_by_epoch([0, 1, 4], [0.125, 0.5, 0.75], DELTAS),
    "gradients_compared": lambda: gradients_compared(NUMERICAL, CLAIMS),
    "training_dashboard": lambda: dashboard(DELTAS),
}
LOSSES, SHARES = (
    np.array([[2.3, 2.4], [0.5, 0.7], [0.1, 0.3]]),
    np.array([[0.1, 0.1], [0.8, 0.7], [0.9, 0.9]]),
)


def dashboard(deltas):
    return training_dashboard(
        LOSSES, SHARES, deltas, np.ones((2, 64)), ["3 read as 5", "1 read as 7"], "A run.", 4
    )


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


def test_an_image_keeps_its_pixels_and_tells_what_was_read():
    images = np.linspace(0, 1, 128).reshape(2, 64)
    gallery = digit_gallery(images, [7, 4], [1, 4])
    drawn = [axes.images[0].get_array()[..., 3].ravel() for axes in gallery.axes if axes.images]
    assert np.array_equal(drawn, images)
    titles = [axes.get_title() for axes in gallery.axes if axes.images]
    assert titles == ["7 read as 1", "4 read as 4"]


def test_eleven_images_need_a_second_row():
    assert [len(digit_gallery(np.ones((n, 64)), [0] * n).axes) for n in (10, 11)] == [10, 20]


def test_every_run_has_its_losses_its_dashes_and_its_name():
    (axes,) = epoch_losses(RUNS, chance=2.3).axes
    *runs, chance = axes.lines
    assert [list(line.get_ydata()) for line in runs] == list(RUNS.values())
    assert list(runs[0].get_xdata()) == [1, 2, 3]
    assert len({line.get_linestyle() for line in runs}) == len({line.get_marker() for line in runs}) == 2
    assert [text.get_text() for text in axes.get_legend().texts] == list(RUNS)
    assert set(chance.get_ydata()) == {2.3}


def test_each_layer_has_a_line_of_its_own():
    left, right = run_by_epoch([0, 1, 4], [0.125, 0.5, 0.75], DELTAS).axes
    assert list(left.lines[0].get_ydata()) == [0.125, 0.5, 0.75]
    assert [list(line.get_ydata()) for line in right.lines] == DELTAS.T.tolist()
    assert right.get_yscale() == "log"


def test_a_dashboard_has_every_curve_of_the_run_and_its_misread_digits():
    board = dashboard(DELTAS)
    for axes, curves in zip(board.axes, (LOSSES, SHARES, DELTAS), strict=False):
        assert [list(line.get_ydata()) for line in axes.lines] == curves.T.tolist()
    assert [axes.get_title() for axes in board.axes[3:]] == ["3 read as 5", "1 read as 7"]
    assert all(list(axes.get_xticks()) == [0, 2, 4] for axes in board.axes[:3])
    assert board.axes[0].get_ylim() == pytest.approx((0.1, 10))
    assert board.sentence == "A run."


def test_layers_without_any_delta_are_drawn_on_an_ordinary_axis():
    panel = dashboard(np.zeros((3, 2))).axes[2]
    assert panel.get_yscale() == "linear"
    assert [text.get_text() for text in panel.get_legend().texts] == [
        "layer 1: 0 at the end",
        "layer 2: 0 at the end",
    ]


def test_the_run_is_told_in_words():
    assert run_by_epoch([0, 1, 4], [0.125, 0.5, 0.75], DELTAS).sentence == (
        "Accuracy from 12.5% to 75.0% in 4 epochs. "
        "Deltas: layer 1 from 0.5000 to 0.05000, layer 2 from 1.000 to 0.1250."
    )


def test_a_claim_is_drawn_over_the_numerical_derivative():
    panels = gradients_compared(NUMERICAL, CLAIMS).axes
    dots = [panel.lines[-1] for panel in panels]
    assert [list(line.get_ydata()) for line in dots] == [[-1.0, 0.5, 2.0], [-1.0, 0.0, 2.0]]
    assert all(list(line.get_xdata()) == [-1.0, 0.0, 2.0] for line in dots)
    assert [panel.get_title() for panel in panels] == ["A", "B"]
