import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backproplab.activations import ACTIVATIONS
from backproplab.explorers import NeuronBench
from backproplab.neuron import neuron_state, slope_strip

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
knob = st.floats(-10, 10)
FIVE = ["linear", "relu", "sigmoid", "softplus", "tanh"]
steady = settings(deadline=None, derandomize=True)
names = st.sampled_from(FIVE)


def loss(w, b, x, t, name):
    return (ACTIVATIONS[name].f(w * x + b) - t) ** 2 / 2


@steady
@given(w=knob, b=knob, x=st.floats(-3, 3), t=st.floats(-2, 2), name=names)
def test_gradients_are_the_complex_step_derivatives_of_the_loss(w, b, x, t, name):
    assume(w * x + b != 0)  # the kink of ReLU has no derivative
    state = neuron_state(w, b, x, t, name, lr=0.5)
    h = 1e-30
    assert state.loss == pytest.approx(float(np.real(loss(w, b, x, t, name))), rel=1e-12)
    assert state.dw == pytest.approx(np.imag(loss(w + 1j * h, b, x, t, name)) / h, rel=1e-9, abs=1e-12)
    assert state.db == pytest.approx(np.imag(loss(w, b + 1j * h, x, t, name)) / h, rel=1e-9, abs=1e-12)
    assert state.dw == pytest.approx(math.prod(state.factors.values()), rel=1e-12, abs=1e-300)


@steady
@given(w=knob, b=knob, x=st.floats(-3, 3), t=st.floats(-2, 2), name=names)
def test_smallest_names_the_factors_of_least_absolute_value(w, b, x, t, name):
    state = neuron_state(w, b, x, t, name, lr=0.5)
    least = min(map(abs, state.factors.values()))
    for factor, value in state.factors.items():
        assert (factor in state.smallest) == math.isclose(abs(value), least, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("name", "z", "saturated"),
    [("sigmoid", 4.0, True), ("sigmoid", 3.0, False), ("relu", -0.1, True), ("softplus", 9.0, False),
     ("linear", -9.0, False), ("tanh", -2.0, True)],
)  # fmt: skip
def test_saturated_means_below_a_tenth_of_the_steepest_slope(name, z, saturated):
    assert neuron_state(z, 0.0, 1.0, 0.0, name, 0.1).saturated is saturated


def test_one_step_subtracts_the_gradient_times_the_learning_rate():
    state = neuron_state(1.0, 0.5, 2.0, 0.0, "tanh", lr=0.3)
    assert (state.w_new, state.b_new) == (1.0 - 0.3 * state.dw, 0.5 - 0.3 * state.db)
    assert state.loss_new == neuron_state(state.w_new, state.b_new, 2.0, 0.0, "tanh", 0.3).loss


@pytest.mark.parametrize("bad", [{"w": math.nan}, {"lr": math.inf}, {"activation": "step"}])
def test_bad_arguments_are_refused_with_their_name(bad):
    good = {"w": 1.0, "b": 0.0, "x": 1.0, "t": 0.0, "activation": "relu", "lr": 0.1}
    with pytest.raises(ValueError, match=r"finite|activation 'step'"):
        neuron_state(**good | bad)


@pytest.mark.parametrize(
    ("knobs", "said"),
    [
        ((4.0, 2.0, 1.0, 0.0, "sigmoid"), "the smallest factor is the slope f'(z): the neuron is saturated"),
        ((1.0, 1.0, 0.0, 0.0, "sigmoid"), "the smallest factor is the input x;"),
        ((1.0, 0.0, 1.0, 0.0, "linear"), "all three factors are equally large"),
        ((0.0, 0.0, 0.0, 0.0, "linear"), f"the smallest factors are the error a {MINUS} t and the input x"),
        ((2.0, 0.0, -1.0, 1.0, "sigmoid"), f"{MINUS}0.8808 {TIMES} 0.1050 {TIMES} ({MINUS}1.000) = 0.09248"),
    ],
)
def test_sentence_holds_the_product_and_its_smallest_factor(knobs, said):
    assert said in neuron_state(*knobs, lr=0.5).in_words()


@pytest.mark.parametrize(
    ("t", "x", "verb"), [(1.0, 1.0, "raises"), (-1.0, 1.0, "lowers"), (-1.0, 0.0, "keeps")]
)
def test_sentence_says_which_way_the_weight_goes(t, x, verb):
    assert f" {verb} w " in NeuronBench(w=0.0, b=0.0, x=x, t=t, activation="tanh").neuron.in_words()


def test_picture_follows_every_knob():
    bench = NeuronBench()
    for name, value in {"w": -1.5, "b": 0.25, "x": 2.0, "t": 1.0, "lr": 1.0, "activation": "tanh"}.items():
        setattr(bench, name, value)
        assert bench.picture[name] == value
        assert bench.picture["z"] == bench.neuron.z
        assert bench.picture["sentence"] == bench.neuron.in_words()


@pytest.mark.parametrize("name", FIVE)
def test_curve_travels_as_float32(name):
    bench = NeuronBench(activation=name)
    np.testing.assert_allclose(np.frombuffer(bench.arrays, np.float32), slope_strip(name)[1], rtol=1e-6)


def test_step_descends_and_reset_returns():
    bench = NeuronBench(w=1.0, b=1.0, x=1.0, t=0.0)
    start = bench.neuron
    bench.take_step()
    assert (bench.w, bench.b) == (start.w_new, start.b_new)
    bench.activation = "relu"
    bench.reset()
    assert bench.neuron == start


def test_step_that_would_leave_the_bench_is_named_and_not_taken():
    bench = NeuronBench(w=4.0, b=0.0, x=3.0, t=-2.0, activation="linear", lr=5.0)
    bench.take_step()
    assert bench.w == 4.0
    assert bench.notice.startswith("No step taken")
    bench.lr = 0.05
    assert bench.notice == ""


def test_messages_of_the_page_do_what_its_buttons_say():
    bench = NeuronBench()
    w_new = bench.neuron.w_new
    bench._handle_custom_msg("take_step", [])
    assert bench.w == w_new
    bench._handle_custom_msg("nonsense", [])
    bench._handle_custom_msg("reset", [])
    assert bench.w == 2.0


def test_package_import_loads_neither_widgets_nor_matplotlib():
    code = (
        "import sys, backproplab, backproplab.explorers;"
        "assert not {'matplotlib', 'ipywidgets', 'anywidget'} & set(sys.modules);"
        "from backproplab.explorers import NeuronBench; NeuronBench();"
        "assert 'matplotlib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
