"""The delta flow: its numbers are the trace's, and a student's function is compared and survived."""

import json
import re
import time

import numpy as np
import pytest

from backproplab.explorers import DeltaFlow
from backproplab.explorers.own_flow import Diagnosis
from backproplab.explorers.standalone import explorer_page
from backproplab.neuron import number

ALL_AT_ONCE = {"moment": 11}


def hidden_delta(delta_next, W_next, Z, act):
    return (delta_next @ W_next.T) * act.deriv(Z)


def without_slope(delta_next, W_next, Z, act):
    return delta_next @ W_next.T


def all_deltas(Ws, Zs, As, T, act):
    deltas = [(As[-1] - T) * act.deriv(Zs[-1])]
    for W, Z in zip(Ws[:0:-1], Zs[-2::-1], strict=True):
        deltas.insert(0, hidden_delta(deltas[0], W, Z, act))
    return deltas


def mlp_backward(params, Zs, As, T, acts):
    dA, pairs = (As[-1] - T) / len(T), []
    for (W, _), Z, A, act in zip(params[::-1], Zs[::-1], As[-2::-1], acts[::-1], strict=True):
        delta = dA * act.deriv(Z)
        pairs.insert(0, (A.T @ delta, delta.sum(axis=0)))
        dA = delta @ W.T
    return pairs


RIGHT = {"hidden_delta": hidden_delta, "all_deltas": all_deltas, "mlp_backward": mlp_backward}


def changed_in(layer, change, function=all_deltas):
    """Return the right function, spoilt in one layer."""

    def spoilt(*args):
        answer = function(*args)
        answer[layer - 1] = change(answer[layer - 1])
        return answer

    return spoilt


def arrays_of(explorer):
    arrays, at = {}, 0
    for name, kind, *shape in explorer.picture["layout"]:
        dtype = np.dtype({"f4": np.float32, "u1": np.uint8}[kind])
        size = int(np.prod(shape))
        arrays[name] = np.frombuffer(explorer.arrays, dtype, size, at).reshape(shape)
        at += size * dtype.itemsize
    return arrays


@pytest.mark.parametrize("activation", ["linear", "sigmoid", "tanh", "relu", "softplus"])
def test_the_picture_holds_the_deltas_of_the_trace(activation):
    explorer = DeltaFlow(layers=4, units=5, activation=activation, example=2)
    net, flow = explorer.flow.net, explorer.flow
    trace = net.trace(flow.X, flow.T)
    wanted = np.concatenate([delta[1] for delta in trace.deltas])
    np.testing.assert_allclose(arrays_of(explorer)["delta"], wanted, rtol=1e-6, atol=1e-12)
    values = np.concatenate([flow.X[1], *(A[1] for A in trace.activations)])
    np.testing.assert_allclose(arrays_of(explorer)["a"], values, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_gradient_of_the_chosen_weight_is_the_one_of_the_network(layer):
    explorer = DeltaFlow(**ALL_AT_ONCE, layer=layer, unit=2, source=3)
    flow = explorer.flow
    dW = flow.net.gradients(flow.X, flow.T)[2 * (layer - 1)]
    assert explorer.picture["chosen"]["total"] == number(float(dW[2, 1]))
    assert f"{number(float(dW[2, 1]))} summed over all 5 examples" in explorer.picture["sentence"]


def test_the_sentence_holds_every_term_their_sum_the_slope_and_the_product():
    explorer = DeltaFlow(**ALL_AT_ONCE)
    flow, sentence = explorer.flow, explorer.picture["sentence"]
    delta = flow.deltas[1][0, 0]
    terms = flow.deltas[2][0] * flow.Ws[2][0]
    a = flow.run.As[1][0, 0]
    for value in (*terms, terms.sum(), flow.slopes[1][0, 0], delta, a, a * delta):
        assert number(float(value)) in sentence


def test_before_delta_is_back_the_sentence_says_when_it_comes():
    explorer = DeltaFlow(moment=1)
    assert "has not yet reached unit 1 of layer 2; it does at moment 2." in explorer.picture["sentence"]
    explorer.moment = 4
    assert "delta has not come back to it yet, it is there at moment 5." in explorer.picture["sentence"]
    explorer.moment = 5
    assert "that is its delta" in explorer.picture["sentence"]


def test_in_a_smaller_network_the_sliders_end_sooner():
    explorer = DeltaFlow(layers=5, units=8, layer=5, unit=2, moment=11)
    explorer.move(layers=2, units=1, unit=8, source=8)
    assert explorer.picture["limits"] == {"moment": 5, "layer": 2, "unit": 2, "source": 1}
    place = {name: explorer.picture[name] for name in ("moment", "layer", "unit", "source")}
    assert place == {"moment": 5, "layer": 2, "unit": 2, "source": 1}


def test_a_move_of_what_is_chosen_sends_no_arrays():
    explorer, sent = DeltaFlow(), []
    explorer.observe(lambda change: sent.append(change.name), "arrays")
    for name in ("moment", "layer", "unit", "source"):
        setattr(explorer, name, getattr(explorer, name) + 1)
    assert sent == []


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize(
    ("layers", "units", "activation"), [(2, 1, "relu"), (3, 4, "tanh"), (5, 8, "softplus")]
)
def test_a_right_function_is_right_everywhere(name, layers, units, activation):
    explorer = DeltaFlow(**{name: RIGHT[name]}, layers=layers, units=units, activation=activation)
    assert explorer.fixed["own"]["status"] == "right"
    assert f"Your {name} agrees with the numerical derivatives" in explorer.picture["sentence"]
    assert not arrays_of(explorer)["wrongUnits"].any()
    assert not arrays_of(explorer)["wrongWeights"].any()


def test_a_wrong_function_is_marked_with_tensor_layer_entry_and_both_numbers():
    explorer = DeltaFlow(hidden_delta=without_slope)
    flow, own = explorer.flow, explorer.fixed["own"]
    assert own["marks"] == [["delta", 2, "first"], ["delta", 1, "wrong"]]
    yours, due = (flow.deltas[2] @ flow.Ws[2].T)[0, 0], flow.deltas[1][0, 0]
    words = f"first in the delta of layer 2: for example 1, unit 1 it is {number(float(yours))}, by nudging "
    assert words + number(float(due)) in explorer.picture["sentence"]
    assert arrays_of(explorer)["wrongUnits"].tolist() == [1] * 8 + [0, 0]


@pytest.mark.parametrize("layer", [1, 2, 3])
def test_the_first_wrong_layer_is_counted_from_the_output_back(layer):
    spoilt = changed_in(layer, lambda delta: 2 * delta)
    explorer = DeltaFlow(all_deltas=spoilt)
    assert [layer for _, layer, verdict in explorer.fixed["own"]["marks"] if verdict == "first"] == [layer]


@pytest.mark.parametrize("name", ["all_deltas", "mlp_backward"])
def test_of_two_wrong_layers_the_one_nearer_to_the_output_is_first(name):
    spoilt = RIGHT[name]
    for layer in (1, 2):
        spoilt = changed_in(
            layer, lambda one: np.zeros_like(one) if name == "all_deltas" else (-one[0], one[1]), spoilt
        )
    own = DeltaFlow(**{name: spoilt}).own
    assert own.first_wrong.layer == 2
    assert {tensor.layer for tensor in own.tensors if tensor.wrong} == {1, 2}


def test_a_single_wrong_entry_is_found():
    def one_off(delta):
        delta[3, 1] += 0.5
        return delta

    explorer = DeltaFlow(all_deltas=changed_in(2, one_off), example=4, unit=2)
    assert "first in the delta of layer 2: for example 4, unit 2 it is" in explorer.picture["sentence"]
    assert arrays_of(explorer)["wrongUnits"].tolist() == [0] * 4 + [0, 1, 0, 0] + [0, 0]
    explorer.example = 1
    assert not arrays_of(explorer)["wrongUnits"].any()


def test_a_wrong_bias_gradient_leaves_the_weights_right():
    spoilt = changed_in(2, lambda pair: (pair[0], pair[1] / 5), mlp_backward)
    explorer = DeltaFlow(mlp_backward=spoilt)
    wrong = [mark for mark in explorer.fixed["own"]["marks"] if mark[2] != "right"]
    assert wrong == [["db", 2, "first"]]
    assert not arrays_of(explorer)["wrongWeights"].any()


def test_a_transposed_tensor_is_told_by_its_shape():
    spoilt = changed_in(3, lambda pair: (pair[0].T, pair[1]), mlp_backward)
    said = DeltaFlow(mlp_backward=spoilt).picture["sentence"]
    assert "first in dW of layer 3: it returned dW of shape (2, 4), due is (4, 2)." in said


def test_the_diagnosis_is_asked_once_and_said():
    asked = []

    def diagnose(name, function):
        asked.append(name)
        return Diagnosis("missing_slope", "It is the one without f'(z).", "What is the slope for?")

    explorer = DeltaFlow(hidden_delta=without_slope, diagnose=diagnose)
    explorer.seed, explorer.layers = 5, 4
    assert asked == ["hidden_delta"]
    said = explorer.picture["sentence"]
    assert "missing_slope: It is the one without f'(z). Ask yourself: What is the slope for?" in said


def raises(*args):
    raise ZeroDivisionError("division by zero")


def sleeps(*args):
    time.sleep(60)


def stub(*args):
    raise NotImplementedError


@pytest.mark.parametrize(
    ("function", "status", "words"),
    [
        (raises, "trouble", "Your all_deltas raised ZeroDivisionError: division by zero."),
        (stub, "unwritten", "Your all_deltas is not written yet."),
        (lambda *args: None, "trouble", "returned None, due is a list of 3 deltas."),
        (lambda *args: [1.0], "trouble", "returned 1 deltas, due are 3."),
        (lambda *args: ["a", "b", "c"], "wrong", "it returned delta as a str, due is an array."),
        (
            changed_in(2, lambda d: d * np.nan),
            "wrong",
            "it returned delta with 20 entries that are nan or inf.",
        ),
    ],
    ids=["raises", "stub", "none", "short", "words", "nan"],
)
def test_a_function_that_gives_no_numbers_is_named_beside_the_reference(function, status, words):
    explorer = DeltaFlow(all_deltas=function)
    assert explorer.fixed["own"]["status"] == status
    assert words in explorer.picture["sentence"]
    assert "that is its delta" in explorer.picture["sentence"]
    assert explorer.notice == ""
    json.dumps(explorer.picture, allow_nan=False)


def test_a_function_that_sleeps_is_given_up_and_not_asked_again():
    began = time.monotonic()
    explorer = DeltaFlow(hidden_delta=sleeps)
    for seed in range(20):
        explorer.seed = seed
    assert time.monotonic() - began < 20, "asked each time, it would take 40 seconds"
    assert "gave no answer in 2 s; it is not asked again" in explorer.picture["sentence"]


def test_a_function_cannot_change_the_picture():
    def greedy(Ws, Zs, As, T, act):
        answer = all_deltas(Ws, Zs, As, T, act)
        for array in (*Ws, *Zs, *As, T):
            array[:] = 0
        return answer

    explorer = DeltaFlow(all_deltas=greedy)
    assert explorer.fixed["own"]["status"] == "right"
    assert explorer.arrays[: len(DeltaFlow().arrays)] == DeltaFlow().arrays


def test_one_function_at_a_time_and_only_functions():
    with pytest.raises(ValueError, match="one function at a time, got hidden_delta and all_deltas"):
        DeltaFlow(hidden_delta=hidden_delta, all_deltas=all_deltas)
    with pytest.raises(ValueError, match="all_deltas is a float, expected your function"):
        DeltaFlow(all_deltas=1.0)


def test_a_page_without_a_kernel_starts_where_the_explorer_starts():
    page = explorer_page(DeltaFlow)
    knobs = json.loads(re.search(r'"knobs":({[^}]*})', page)[1])
    start = DeltaFlow().settings()
    assert knobs == {name: start[name] for name in DeltaFlow.grid}


def test_the_largest_network_stays_small_on_the_wire():
    explorer = DeltaFlow(layers=5, units=8, **ALL_AT_ONCE)
    assert len(json.dumps(explorer.picture)) < 1_300
    assert len(explorer.arrays) < 1_500
