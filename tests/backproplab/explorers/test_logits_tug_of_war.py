import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backproplab.explorers import LogitsTugOfWar
from backproplab.gradcheck import complex_step
from backproplab.logit_forces import logit_forces, probability
from backproplab.losses import log_softmax, softmax

steady = settings(deadline=None, derandomize=True)
logits = st.lists(st.floats(-10, 10), min_size=3, max_size=5)


def entropy(z, label):
    return -log_softmax(z[None, :])[0, label]


def squared(z, label):
    return ((softmax(z[None, :])[0] - np.eye(len(z))[label]) ** 2).sum() / 2


@steady
@given(logits, st.integers(0, 2))
def test_pulls_are_minus_the_complex_step_derivatives_and_add_up_to_0(z, label):
    forces = logit_forces(z, label)
    for name, loss in (("cross-entropy", entropy), ("squared error", squared)):
        assert forces.losses[name] == pytest.approx(float(loss(np.array(z), label)), rel=1e-12, abs=1e-15)
        measured = complex_step(lambda v, loss=loss: loss(v, label), np.array(z))
        np.testing.assert_allclose(forces.pulls[name], -measured, rtol=1e-9, atol=1e-14)
        assert abs(forces.pulls[name].sum()) < 1e-15


@steady
@given(logits, st.integers(0, 2))
def test_the_pull_of_cross_entropy_reaches_the_target(z, label):
    forces = logit_forces(z, label)
    np.testing.assert_allclose(forces.p + forces.pulls["cross-entropy"], np.eye(len(z))[label], atol=1e-15)


@steady
@given(logits, st.integers(0, 2), st.floats(-500, 500))
def test_a_common_shift_of_the_logits_changes_nothing(z, label, shift):
    one, other = logit_forces(z, label), logit_forces(np.array(z) + shift, label)
    np.testing.assert_allclose(one.log_p, other.log_p, atol=1e-11)


@pytest.mark.parametrize("loss", ["cross-entropy", "squared error"])
def test_a_step_follows_the_pulls_and_lowers_the_loss(loss):
    game = LogitsTugOfWar(z0=0.0, z1=2.0, z2=1.0, loss=loss, lr=0.5)
    before = game.forces
    game.take_step()
    assert [game.z0, game.z1, game.z2] == pytest.approx(list(before.logits + 0.5 * before.pulls[loss]))
    assert game.forces.losses[loss] < before.losses[loss]
    assert (game.z3, game.z4) == (0.0, 0.0)


def test_a_step_goes_by_the_logits_whatever_their_scale():
    game = LogitsTugOfWar(z0=0.1, z1=0.2, z2=0.0, scale="10", lr=1.0)
    before = game.forces
    game.take_step()
    np.testing.assert_allclose(game.forces.logits, before.logits + before.pulls["cross-entropy"])


def test_a_step_off_the_sliders_is_named_and_not_taken():
    game = LogitsTugOfWar(z0=9.0, z1=9.0, lr=10.0)
    game.take_step()
    assert game.z0 == 9.0
    assert game.notice.startswith("No step taken")


def test_a_class_that_does_not_play_cannot_be_right():
    game = LogitsTugOfWar(classes=5, right="4")
    picture = game.picture
    game.classes = 4
    assert game.notice.startswith("Class 4 is not in play")
    assert game.picture == picture
    game.take_step()
    assert game.z0 == 0.0
    game.right = "3"
    assert game.notice == ""


def test_logits_of_a_thousand_are_neither_clipped_nor_missing():
    game = LogitsTugOfWar(z0=-10.0, z1=10.0, z2=0.0, scale="100", right="0")
    assert game.forces.losses["cross-entropy"] == 2000.0
    assert game.picture["p"][0] == [0.0, "2.6e-869"]
    assert game.picture["pulls"]["cross-entropy"] == [1.0, -1.0, 0.0]
    assert game.picture["pulls"]["squared error"] == [0.0, 0.0, 0.0]
    assert "squared error (1.000) with 0, 0, 0: it stalls" in game.picture["sentence"]


@pytest.mark.parametrize("log_p", [-1e-9, -0.5, -690.0, -691.0, -1e4])
def test_a_probability_is_told_however_small_it_is(log_p):
    mantissa, _, power = probability(log_p).partition("e")
    assert math.log(float(mantissa)) + int(power or 0) * math.log(10) == pytest.approx(log_p, abs=0.05)


def test_the_sentence_holds_probabilities_pulls_and_what_a_step_does():
    sentence = LogitsTugOfWar(z0=2.0, z1=1.0, z2=0.0, right="2").picture["sentence"]
    assert "p = 0.6652, 0.2447, 0.09003" in sentence
    minus = "\N{MINUS SIGN}"
    assert f"Cross-entropy (2.408) pulls at the logits with {minus}0.6652, {minus}0.2447, 0.9100" in sentence
    assert "takes its loss to 1.220" in sentence


def test_equal_logits_cost_the_logarithm_of_the_number_of_classes():
    for k in (3, 4, 5):
        game = LogitsTugOfWar(classes=k, z0=1.0, z1=1.0, z2=1.0, z3=1.0, z4=1.0)
        assert game.forces.losses["cross-entropy"] == pytest.approx(math.log(k))


def test_the_picture_follows_every_knob_of_a_class_that_plays():
    game = LogitsTugOfWar(classes=5)
    for k in range(5):
        before = game.picture["p"]
        setattr(game, f"z{k}", 3.3)
        assert game.picture["logits"][k] == "3.300"
        assert game.picture["p"] != before
        assert len(game.picture["moved"]) == 5
