import base64
import io
import subprocess
import sys
from html import escape

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from backproplab.activations import ACTIVATIONS
from backproplab.figures import learning_curves, neuron_chain
from backproplab.neuron import neuron_state


def pixels(figure):
    data = figure._repr_mimebundle_()
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGBA"))


@pytest.fixture(params=sorted(ACTIVATIONS))
def state(request):
    return neuron_state(w=-10.0, b=-3.0, x=-2.5, t=1.3, activation=request.param, lr=0.5)


def test_neuron_chain_is_a_small_png_with_its_sentence(state):
    data = neuron_chain(state)._repr_mimebundle_()
    assert len(base64.b64decode(data["image/png"])) < 45_000
    assert data["text/plain"] == state.in_words()
    assert data["image/png"] in data["text/html"]
    assert escape(state.in_words()) in data["text/html"]


def test_numbers_of_the_state_stand_in_the_chain(state):
    shown = " ".join(text.get_text() for axes in neuron_chain(state).axes for text in axes.texts)
    for number in ("22.00", "\N{MINUS SIGN}2.500", "t = 1.300"):
        assert number in shown


@pytest.mark.parametrize(
    ("w", "x", "t", "marks"), [(1.0, 1.0, 0.0, 0), (2.0, 0.5, 0.0, 1), (1.0, 1.0, 1.0, 1), (0.0, 0.0, 0.0, 2)]
)
def test_smallest_factors_are_marked_unless_all_are_equal(w, x, t, marks):
    chain = neuron_chain(neuron_state(w, 0.0, x, t, activation="linear", lr=0.1)).axes[0]
    assert sum(text.get_text() == "smallest factor" for text in chain.texts) == marks


def test_ground_is_transparent_and_ink_readable_on_white_and_on_black(state):
    picture = pixels(neuron_chain(state)).astype(int)
    assert picture[0, 0, 3] == 0
    opaque = picture[picture[..., 3] == 255][:, :3]
    assert opaque.min(axis=1).min() > 0x10  # nothing black
    assert opaque.max(axis=1).max() < 0xF0  # nothing white


def test_pre_activation_beyond_the_strip_is_called_so():
    far = neuron_chain(neuron_state(10.0, 10.0, 3.0, 0.0, "sigmoid", 0.5))
    near = neuron_chain(neuron_state(1.0, 1.0, 1.0, 0.0, "sigmoid", 0.5))
    assert "beyond the strip" in far.axes[1].get_title("left")
    assert "beyond" not in near.axes[1].get_title("left")


def test_learning_curves_hold_every_answer():
    answers = {"A": [0.8, 0.4, 0.1], "B": [0.9, 0.8, -0.3]}
    (axes,) = learning_curves(answers).axes
    assert [list(line.get_ydata()) for line in axes.lines] == list(answers.values())
    assert axes.get_ylim()[0] <= -0.3
    styles = {line.get_linestyle() for line in axes.lines}
    assert len(styles) == 2  # told apart without colour


def test_figures_leave_pyplot_alone():
    code = (
        "import sys; from backproplab.figures import learning_curves;"
        "learning_curves({'A': [1.0, 0.5]})._repr_mimebundle_();"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_figure_belongs_to_its_caller(state):
    first, second = neuron_chain(state), neuron_chain(state)
    assert isinstance(first, Figure)
    assert first is not second
