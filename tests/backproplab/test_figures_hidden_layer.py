import base64
import io
from html import escape

import numpy as np
import pytest
from matplotlib.text import Annotation
from PIL import Image

from backproplab.figures import delta_flow, gap_by_rate, shares_of_delta, small_network

MINUS = "\N{MINUS SIGN}"
VALUES = [np.array([0.05, 0.1]), np.array([0.5, 0.25, -0.75]), np.array([0.75, 0.8])]
WEIGHTS = [np.array([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]]), np.array([[2.0, 4.0], [1.0, 3.0], [0.5, 0.7]])]
DELTAS = [np.array([0.01, 0.02, 0.03]), np.array([0.5, -0.125])]
RATES, GAPS = np.array([0.1, 0.5, 2.0, 5.0]), np.array([1e-9, 2e-7, 3e-6, -4e-5])
PICTURES = {
    "small_network": lambda: small_network(VALUES, WEIGHTS, [0.01, 0.99]),
    "delta_flow": lambda: delta_flow(VALUES, WEIGHTS, DELTAS, unit=1),
    "shares_of_delta": lambda: shares_of_delta(DELTAS[1], WEIGHTS[1], [0.25, 0.5, 1.0]),
    "gap_by_rate": lambda: gap_by_rate(RATES, GAPS, marked=0.5),
}


@pytest.fixture(params=sorted(PICTURES))
def figure(request):
    return PICTURES[request.param]()


def shown(axes):
    return [text.get_text().strip() for text in axes.texts if text.get_text()]


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


def test_the_network_shows_every_value_weight_and_target():
    texts = shown(small_network(VALUES, WEIGHTS, [0.01, 0.99]).axes[0])
    assert {"x2: 0.1", "h1: 0.5", f"h3: {MINUS}0.75", "o2: 0.8", "target 0.01", "target 0.99"} <= set(texts)
    assert {f"{w:.2f}" for matrix in WEIGHTS for w in matrix.flat} <= set(texts)
    assert texts.count("no target") == 3


def test_each_edge_ends_at_the_unit_that_its_weight_leads_to():
    axes = small_network(VALUES, WEIGHTS, [0.01, 0.99]).axes[0]
    arrows = [note for note in axes.texts if isinstance(note, Annotation)]
    heads = [note for note in arrows if note.arrowprops["arrowstyle"] == "->"]
    ends = sorted((round(note.xy[0]), -round(note.xy[1])) for note in heads)
    assert ends == sorted([(1, k) for k in range(3)] * 2 + [(2, k) for k in range(2)] * 3)


@pytest.mark.parametrize(("unit", "terms"), [(0, ("2.00", "4.00")), (2, ("0.50", "0.70"))])
def test_the_flow_shows_the_terms_of_the_chosen_unit_and_every_delta(unit, terms):
    texts = shown(delta_flow(VALUES, WEIGHTS, DELTAS, unit).axes[0])
    assert f"0.5000 \N{MULTIPLICATION SIGN} {terms[0]}" in texts
    assert f"{MINUS}0.1250 \N{MULTIPLICATION SIGN} {terms[1]}" in texts
    assert len([text for text in texts if text.startswith("\N{GREEK SMALL LETTER DELTA} =")]) == 5


def test_the_flow_says_sum_and_delta_in_words():
    assert delta_flow(VALUES, WEIGHTS, DELTAS, unit=1).sentence == (
        f"h2 hears 0.5000 from o1 and {MINUS}0.3750 from o2, together 0.1250; "
        "times its slope that is 0.02000."
    )


def test_bars_are_the_terms_their_sum_and_what_the_slope_leaves():
    panels = shares_of_delta(DELTAS[1], WEIGHTS[1], [0.25, 0.5, 1.0]).axes
    bars = [[patch.get_width() for patch in axes.patches] for axes in panels]
    assert bars == pytest.approx(np.array([[1, -0.5, 0.5, 0.125], [0.5, -0.375, 0.125, 0.0625],
                                           [0.25, -0.0875, 0.1625, 0.1625]]))  # fmt: skip
    assert [patch.get_hatch() for patch in panels[0].patches] == ["///", "///", None, None]


def test_gaps_of_both_signs_have_shapes_of_their_own():
    (axes,) = gap_by_rate(RATES, GAPS, marked=0.5).axes
    higher, lower, marked = axes.lines
    assert list(higher.get_ydata()) == [1e-9, 2e-7, 3e-6]
    assert list(lower.get_ydata()) == [4e-5]
    assert higher.get_marker() != lower.get_marker()
    assert marked.get_xdata()[0] == 0.5


def test_the_marked_gap_is_told_in_words():
    sentence = gap_by_rate(RATES, GAPS, marked=0.5).sentence
    assert "At rate 0.5 the gap is 2.0e-07" in sentence
    assert "lower at 1 of 4 rates" in sentence
