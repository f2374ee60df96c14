from itertools import product
from math import prod

import numpy as np
import pytest

from backproplab.network import MLP
from backproplab.paths import Sweep, edges_of, paths_of

SHAPES = [(1, 1), (1, 4), (2, 3), (4, 2), (3, 4)]
shapes = pytest.mark.parametrize(("layers", "units"), SHAPES)


def paths_one_by_one(sweep):
    """Return the product of the local slopes along every path that begins with the marked weight."""
    routes = product(range(sweep.units), repeat=sweep.layers - 1)
    walks = [(0, 0, *route, 0) for route in routes]
    return [prod(W[walk[i], walk[i + 1]] for i, W in enumerate(sweep.weights) if i) for walk in walks]


@shapes
def test_the_count_of_paths_is_that_of_walking_them_one_by_one(layers, units):
    sweep = Sweep(layers, units, True, 0)
    assert len(paths_one_by_one(sweep)) == sweep.paths == paths_of(layers, units)
    assert sweep.walked == sweep.paths * (layers + 1)


@shapes
def test_the_sweep_s_slope_is_the_sum_over_the_paths(layers, units):
    for drawn in (False, True):
        sweep = Sweep(layers, units, drawn, 0)
        assert sweep.slope == sum(paths_one_by_one(sweep))
    assert Sweep(layers, units, False, 0).slope == paths_of(layers, units)


@shapes
def test_the_slope_is_that_of_the_package_s_network(layers, units):
    sweep = Sweep(layers, units, True, 0)
    net = MLP([1, *[units] * layers, 1], "linear", rng=np.random.default_rng(0))
    net.parameters[::2] = sweep.weights
    run = net.run(np.ones((1, 1)))
    deltas = net.backward(run, np.ones((1, 1)))
    assert sweep.slope == deltas[0][0, 0]
    for value, activation in zip(sweep.values, run.As, strict=True):
        np.testing.assert_array_equal(value, activation.ravel())


@shapes
def test_every_edge_is_used_once_forward_and_once_backward(layers, units):
    used = [Sweep(layers, units, False, moment) for moment in range(2 * layers + 4)]
    assert [s.used_forward for s in used] == sorted(s.used_forward for s in used)
    assert (used[0].used_forward, used[0].used_backward) == (0, 0)
    assert used[-1].used_forward == used[-1].used_backward == edges_of(layers, units)
    assert used[layers + 1].used_forward == edges_of(layers, units) > used[layers + 1].used_backward == 0


def test_the_marked_weight_is_known_when_its_unit_has_its_adjoint():
    assert [Sweep(3, 2, False, moment).known for moment in range(9)] == [False] * 7 + [True] * 2


def test_deep_and_wide_is_said_as_a_power_of_ten():
    sweep = Sweep(12, 100, False, 26)
    assert "10^22 paths from the marked weight" in sweep.in_words()
    assert "so its slope is the number of paths, 10^22." in sweep.in_words()
    assert np.isfinite(Sweep(12, 100, True, 26).slope)
