import base64
import io

import numpy as np
import pytest
from PIL import Image

from backproplab.explorers import JacobianSpectrum, SlopeProduct, VanishingGradients


def trained(**knobs):
    explorer = VanishingGradients(**knobs)
    explorer.train()
    return explorer


PICTURES = {
    "tower": lambda: VanishingGradients(depth=12),
    "trained": lambda: trained(depth=4, activation="tanh"),
    "dead": lambda: VanishingGradients(depth=4, activation="relu", bias=-5.0),
    "slopes": SlopeProduct,
    "cut": lambda: SlopeProduct(activation="relu"),
    "values": JacobianSpectrum,
    "lost": lambda: JacobianSpectrum(activation="relu"),
}


@pytest.fixture(params=sorted(PICTURES))
def explorer(request):
    return PICTURES[request.param]()


def test_the_still_says_what_the_moving_picture_says(explorer):
    assert explorer.still().sentence == explorer.picture["sentence"]


def test_it_is_a_small_png_on_transparent_ground_readable_on_white_and_on_black(explorer):
    png = base64.b64decode(explorer.still()._repr_mimebundle_()["image/png"])
    assert len(png) < 60_000
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)
    assert picture[0, 0, 3] == 0
    opaque = picture[picture[..., 3] == 255][:, :3]
    assert opaque.min(axis=1).min() > 0x10
    assert opaque.max(axis=1).max() < 0xF0


def test_silent_layers_are_triangles_below_not_points_on_the_axis():
    axes = VanishingGradients(depth=4, activation="relu", bias=-5.0).still().axes[0]
    shown = [line for line in axes.lines if line.get_marker() == "v"]
    assert [list(line.get_xdata()) for line in shown] == [[1, 2, 3, 4]]
    assert np.isnan(axes.lines[0].get_ydata()).all()


def test_lost_values_are_counted_not_drawn():
    explorer = JacobianSpectrum(activation="relu")
    axes, seen = explorer.still().axes[0], explorer.spectrum
    drawn = np.array([line.get_ydata() for line in axes.lines[: seen.values.shape[1]]]).T
    np.testing.assert_array_equal(np.isfinite(drawn), seen.resolved)
    assert "lost in rounding" in axes.texts[0].get_text()
