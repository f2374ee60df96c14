import base64
import io

import numpy as np
import pytest
from PIL import Image

from backproplab.figures import cost_race, path_growth, program_graph

TRACE = [
    ("x", "input", (), -2.0),
    ("k", "const", (), 3.0),
    ("u", "mul", ("x", "x"), 4.0),
    ("v", "exp", ("u",), 54.6),
    ("y", "add", ("x", "v"), 52.6),
    ("z", "sub", ("y", "k"), 49.6),
]
ADJOINTS = {"x": -217.4, "k": -1.0, "u": 54.6, "v": 1.0, "y": 1.0, "z": 1.0}
FIGURES = {
    "graph": lambda: program_graph(TRACE, ADJOINTS),
    "race": lambda: cost_race([10, 1_000_000], [2.5, 2.2]),
    "paths": lambda: path_growth([1, 40], [2, 2**40], [4, 160]),
}
EACH = pytest.mark.parametrize("figure", FIGURES.values(), ids=FIGURES)


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


@EACH
def test_a_figure_is_a_small_png_on_a_transparent_ground_without_black_or_white(figure):
    png = base64.b64decode(figure()._repr_mimebundle_()["image/png"])
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)
    opaque = picture[picture[..., 3] == 255][:, :3]
    assert len(png) < 45_000
    assert picture[0, 0, 3] == 0
    assert opaque.min(axis=1).min() > 0x10
    assert opaque.max(axis=1).max() < 0xF0


def test_the_graph_has_each_row_with_its_value_and_its_adjoint():
    shown = texts(program_graph(TRACE, ADJOINTS))
    for text in ("x\n\N{MINUS SIGN}2.000", "u = x \N{MULTIPLICATION SIGN} x\n4.000", "v = exp u\n54.60"):
        assert text in shown
    assert {"dx = \N{MINUS SIGN}217.4", "dz = 1.000"} <= set(shown)


def test_the_graph_has_one_arrow_for_each_use():
    arrows = [text for text in program_graph(TRACE).axes[0].texts if text.get_text() == ""]
    uses = sum(len(args) for _, _, args, _ in TRACE)
    assert sum(hasattr(text, "arrow_patch") and text.arrow_patch is not None for text in arrows) == uses == 7


def test_no_two_rows_of_the_graph_stand_in_one_place():
    figure = program_graph(TRACE)
    places = [text.get_position() for text in figure.axes[0].texts if "\n" in text.get_text()]
    assert len(set(places)) == len(TRACE)


def test_without_adjoints_the_graph_speaks_of_the_way_forward_alone():
    assert program_graph(TRACE).sentence.startswith("Forward: x = \N{MINUS SIGN}2.000, k = 3.000")
    assert "Backward" not in program_graph(TRACE).sentence
    assert "Backward: dz = 1.000, dy = 1.000" in program_graph(TRACE, ADJOINTS).sentence


def test_the_race_draws_one_pass_more_than_parameters_and_the_measured_costs():
    (axes,) = cost_race([10, 1000], [2.5, 2.25]).axes
    drawn = [list(line.get_ydata()) for line in axes.lines]
    assert drawn == [[11, 1001], [4, 4], [2.5, 2.25]]
    assert len({line.get_linestyle() for line in axes.lines}) == 3  # told apart without colour


def test_a_cost_below_one_pass_is_not_cut_off():
    (axes,) = cost_race([10], [0.5]).axes
    assert axes.get_ylim()[0] <= 0.5


def test_paths_beyond_64_bits_are_drawn():
    (axes,) = path_growth([1, 2], [2, 2**70], [4, 8]).axes
    assert list(axes.lines[0].get_ydata()) == [2.0, 2.0**70]
    assert len({line.get_linestyle() for line in axes.lines}) == 2
