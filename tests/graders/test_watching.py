"""A student's own function in the delta flow: the check's name for the mistake stands beside the picture."""

import pytest

from graders import watch
from graders.errors import UnknownName


def without_slope(delta_next, W_next, Z, act):
    return delta_next @ W_next.T


def right(delta_next, W_next, Z, act):
    return (delta_next @ W_next.T) * act.deriv(Z)


def slope_of_sigmoid(delta_next, W_next, Z, act):
    a = 1 / (1 + __import__("numpy").exp(-Z))
    return (delta_next @ W_next.T) * a * (1 - a)


def test_a_known_mistake_has_its_name_and_its_question():
    flow = watch("hidden_delta", without_slope)
    assert flow.fixed["own"]["name"] == "missing_slope"
    said = flow.picture["sentence"]
    assert (
        "missing_slope: At all 6 test points your numbers equal exactly the result without the slope" in said
    )
    assert "Ask yourself: If the slope here were 0" in said


def test_every_tensor_that_is_wrong_is_listed_after_the_first():
    said = watch("hidden_delta", without_slope, layers=4).picture["sentence"]
    assert "first in the delta of layer 3" in said
    assert "Wrong too: the delta of layer 2, the delta of layer 1." in said
    assert "Wrong too" not in watch("hidden_delta", without_slope, layers=2).picture["sentence"]


def test_the_verdict_is_asked_for_once(monkeypatch):
    from graders import watching

    asked = []
    monkeypatch.setattr(
        watching, "verdict_of", lambda *a, ask=watching.verdict_of: asked.append(a) or ask(*a)
    )
    flow = watch("hidden_delta", without_slope)
    flow.seed = 9
    flow.layers = 5
    assert len(asked) == 1


def test_a_right_function_has_no_name():
    flow = watch("hidden_delta", right, layers=4)
    assert flow.fixed["own"] == {
        "status": "right",
        "lines": ["Your hidden_delta agrees with the numerical derivatives in this network.", ""],
        "name": "",
        "marks": [["delta", layer, "right"] for layer in (3, 2, 1)],
    }


def test_what_is_right_in_this_network_only_is_said_to_be():
    flow = watch("hidden_delta", slope_of_sigmoid)
    assert flow.fixed["own"]["status"] == "right"
    assert "The check has more to say:" in flow.picture["sentence"]
    flow.activation = "tanh"
    assert flow.fixed["own"]["status"] == "wrong"


def test_a_stub_waits():
    def stub(delta_next, W_next, Z, act):
        raise NotImplementedError

    assert (
        "is not written yet. The picture shows the reference."
        in watch("hidden_delta", stub).picture["sentence"]
    )


def test_an_exercise_that_cannot_be_watched_is_named():
    with pytest.raises(
        UnknownName, match="unknown exercise to watch 'hidden_dleta': did you mean 'hidden_delta'"
    ):
        watch("hidden_dleta", right)
