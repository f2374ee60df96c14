import json
import math

import numpy as np
import pytest

from backproplab.explorers import VanishingGradients
from backproplab.explorers.vanishing_gradients import _shades

SMALL = {"depth": 4, "width": 8}


def arrays(explorer):
    """Return the arrays of the picture, as the page unpacks them."""
    found, at = {}, 0
    for name, kind, *shape in explorer.picture["layout"]:
        size = math.prod(shape) * {"f4": 4, "u1": 1}[kind]
        found[name] = np.frombuffer(explorer.arrays[at : at + size], kind).reshape(shape)
        at += size
    return found


def unpacked(packed, depth, rows):
    """Return the shades of the map, as the page reads them."""
    return np.stack([packed >> 4, packed & 15], axis=1).ravel()[: depth * rows].reshape(depth, rows)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "softplus", "linear"])
def test_the_picture_holds_the_sizes_of_the_tower(activation):
    explorer = VanishingGradients(**SMALL, activation=activation)
    sent = arrays(explorer)
    np.testing.assert_allclose(10.0 ** sent["deltas"], explorer.state.deltas, rtol=1e-5)
    np.testing.assert_allclose(10.0 ** sent["gradients"], explorer.state.weight_gradients, rtol=1e-5)
    np.testing.assert_allclose(10.0 ** sent["foretold"], explorer.state.foretold, rtol=1e-5)


def test_sizes_below_float32_arrive():
    explorer = VanishingGradients(depth=50, scale=0.1)
    assert -90 < arrays(explorer)["deltas"][0] < -60


def test_a_move_at_depth_50_and_width_64_is_small():
    explorer = VanishingGradients(depth=50, width=64, activation="relu")
    assert len(explorer.arrays) + len(json.dumps(explorer.picture)) < 1700


def test_dead_layers_stand_below_the_axis_not_on_a_floor():
    explorer = VanishingGradients(**SMALL, activation="relu", bias=-5.0)
    assert np.isneginf(arrays(explorer)["deltas"]).all()
    assert explorer.picture["silent"] == 4


@pytest.mark.parametrize("width", [8, 15, 16, 17, 40, 64])
def test_the_map_is_empty_or_full_only_where_all_examples_agree(width):
    depth = 3
    saturation = np.zeros((depth, width))
    saturation[1] = 1
    saturation[2, 0] = 1 / 64
    rows = math.ceil(width / math.ceil(width / 16))
    shades = unpacked(_shades(saturation), depth, rows)
    assert (shades[0] == 0).all()
    assert (shades[1] == 15).all()
    assert shades[2, 0] == 1
    assert (shades[2, 1:] == 0).all()


def test_shades_follow_the_shares_most_saturated_first():
    shares = np.linspace(0, 1, 16)[None]
    shades = unpacked(_shades(shares), 1, 16)[0].astype(float)
    np.testing.assert_allclose(shades / 15, shares[0, ::-1], atol=1 / 14)
    assert (np.diff(shades) <= 0).all()


def test_bars_count_z_inside_and_say_what_lies_outside():
    explorer = VanishingGradients(**SMALL, init="normal", scale=4.0)
    Z = explorer.state.pre_activations[0]
    counts = np.histogram(Z, np.linspace(-6, 6, 49))[0]
    np.testing.assert_array_equal(arrays(explorer)["bars"], np.ceil(255 * counts / counts.max()))
    assert explorer.picture["further"] == [np.mean(Z < -6), np.mean(Z > 6)]
    assert counts.sum() / Z.size + sum(explorer.picture["further"]) == pytest.approx(1)


def test_looking_into_another_layer_computes_no_new_tower():
    explorer = VanishingGradients(**SMALL)
    before = explorer.state
    explorer.layer = 3
    assert explorer.state is before
    assert "in layer 3 z has mean" in explorer.picture["sentence"]


def test_a_layer_above_the_tower_is_the_last_one():
    explorer = VanishingGradients(**SMALL, layer=50)
    assert explorer.picture["layer"] == 4


def test_training_goes_on_and_any_other_knob_starts_anew():
    explorer = VanishingGradients(**SMALL, activation="tanh")
    explorer.train()
    explorer.train()
    losses = arrays(explorer)["losses"]
    assert len(losses) == 41
    assert losses[-1] < losses[0]
    assert losses[-1] == pytest.approx(explorer.state.losses[-1], rel=1e-6)
    explorer.layer = 2
    assert "after 40 steps of training" in explorer.picture["sentence"]
    explorer.seed = 1
    assert len(arrays(explorer)["losses"]) == 1
    for _ in range(2):  # the second time no knob has moved
        explorer.train()
        explorer.reset()
        assert "untrained" in explorer.picture["sentence"]


def test_training_ends_and_says_so():
    explorer = VanishingGradients(depth=2, width=8)
    for _ in range(11):
        explorer.train()
    assert len(arrays(explorer)["losses"]) == 201
    assert explorer.notice.startswith("Trained 200 steps")


def test_a_training_that_bursts_says_so_and_keeps_its_numbers():
    explorer = VanishingGradients(depth=10, activation="relu", init="normal", scale=5.0)
    explorer.train()
    assert "the next one led out of all numbers" in explorer.notice
    assert np.isfinite(explorer.state.losses).all()
    json.dumps(explorer.picture, allow_nan=False)


def test_a_vanished_signal_does_not_train_and_a_kept_one_does():
    dead, alive = VanishingGradients(depth=20), VanishingGradients(depth=20, activation="tanh")
    for explorer in (dead, alive):
        for _ in range(3):
            explorer.train()
    assert dead.state.losses[-1] == pytest.approx(dead.state.guessing, abs=0.01)
    assert alive.state.losses[-1] < 0.7 * alive.state.guessing


def test_data_and_seed_make_other_towers():
    base = VanishingGradients(**SMALL).state.deltas
    for change in ({"seed": 1}, {"data": "random"}, {"init": "uniform"}, {"bias": 0.5}, {"scale": 2.0}):
        assert not np.allclose(VanishingGradients(**SMALL, **change).state.deltas, base)
