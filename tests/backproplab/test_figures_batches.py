import base64
import io
from html import escape

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from PIL import Image

from backproplab.figures import compared_pairs, shape_bench

MINUS = "\N{MINUS SIGN}"
X, DZ, W = np.arange(15.0).reshape(5, 3), np.arange(10.0).reshape(5, 2) - 3, np.arange(6.0).reshape(3, 2)
SQUARE, OTHER = np.arange(9.0).reshape(3, 3) ** 2, np.arange(9.0).reshape(3, 3) - 4
PICTURES = {
    "shape_bench": lambda: shape_bench({"X": X, "dZ": DZ}, X.T @ DZ),
    "square_bench": lambda: shape_bench({"X": SQUARE, "dZ": OTHER}, SQUARE.T @ OTHER),
    "compared_pairs": lambda: compared_pairs([0.25, 0.5, 0.75], [0.0, 1.0, 0.0]),
}


@pytest.fixture(params=sorted(PICTURES))
def figure(request):
    return PICTURES[request.param]()


def shown(axes):
    return [text.get_text() for text in axes.texts]


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


def test_the_bench_shows_all_eight_products_and_says_which_fits():
    figure = shape_bench({"X": X, "dZ": DZ}, X.T @ DZ)
    texts = shown(figure.axes[0])
    sides = [("X", "dZ"), ("dZ", "X")]
    names = {f"{a}{s} @ {b}{t}" for a, b in sides for s in ("", ".T") for t in ("", ".T")}
    assert names == {text for text in texts if " @ " in text}
    assert len([text for text in texts if "does not run" in text]) == 6
    assert figure.sentence == "Of 8 products 2 run, 1 has the shape (3, 2), 1 has the values too: X.T @ dZ."


def test_a_square_bench_tells_shape_from_values():
    figure = shape_bench({"X": SQUARE, "dZ": OTHER}, SQUARE.T @ OTHER)
    texts = shown(figure.axes[0])
    assert [len([t for t in texts if t.endswith(v)]) for v in ("wrong values", "right")] == [7, 1]
    assert "8 have the shape (3, 3), 1 has the values too: X.T @ dZ." in figure.sentence


def test_a_bench_without_a_right_product_says_so():
    assert shape_bench({"X": X, "dZ": DZ}, X.T @ DZ + 1).sentence.endswith("0 have the values too: none.")


def test_each_product_is_drawn_as_high_and_as_wide_as_its_shape():
    axes = shape_bench({"dZ": DZ, "W": W}, DZ @ W.T).axes[0]
    patches = [patch for patch in axes.patches if patch.get_hatch() or patch.get_facecolor()[3]]
    (right,) = patches
    heights = {round(patch.get_height() / right.get_height() * 5) for patch in axes.patches}
    assert heights == {2, 3, 5}
    assert right.get_width() / right.get_height() == pytest.approx(3 / 5 * 1.44)


def test_every_answer_meets_every_target_and_its_own_is_framed():
    (axes,) = compared_pairs([0.25, 0.5, 0.75], [0.0, 1.0, 0.0]).axes
    places = {(t.get_position(), t.get_text()) for t in axes.texts}
    assert ((1, 0), f"{MINUS}0.7500") in places
    assert ((0, 1), "0.5000") in places
    frames = [(p.get_x() + p.get_width() / 2, p.get_y() + p.get_height() / 2) for p in axes.patches]
    assert all(isinstance(patch, Rectangle) for patch in axes.patches)
    np.testing.assert_allclose(frames, [(0, 0), (1, 1), (2, 2)])


def test_row_means_are_told_in_words():
    sentence = compared_pairs([0.25, 0.5], [0.0, 1.0]).sentence
    assert sentence.startswith("4 differences, 2 of them between an answer and its own target.")
    assert sentence.endswith(f"Row means: {MINUS}0.2500, 0.0000.")
