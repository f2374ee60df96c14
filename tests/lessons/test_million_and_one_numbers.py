"""Every number that lesson ``million_and_one`` quotes is computed here again."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from backproplab import paths as layered
from backproplab.explorers import CostRace, PathCount

LESSON = "million_and_one"
AT = float(np.log(0.4))
EXAMPLE = "a = exp x\nb = mul a a\nc = add a b\nd = exp c\ne = sin c\nf = add d e"
POWER = (
    "four = const 4\nu = add x four\nu2 = mul u u\nu4 = mul u2 u2\nu5 = mul u4 u\nk = const 3\ny = mul k u5"
)
PRODUCT = "u = exp x\ny = mul x u"
SIZES = ([64, 32, 10], [784, 100, 10], [64, 512, 512, 10], [64, 954, 972, 10])


def weights_of(sizes: list[int]) -> list[int]:
    return [n_in * n_out for n_in, n_out in pairwise(sizes)]


def counted_ratio(sizes: list[int]) -> float:
    """Multiplications of both passes over those of the forward one: the first layer sends nothing back."""
    weights = weights_of(sizes)
    return 3 - weights[0] / sum(weights)


def edges_of(trace: Any) -> list[tuple[str, str]]:
    return [(arg, name) for name, _, args, _ in trace for arg in args]


def network_trace(namespace: dict[str, Any]) -> Any:
    return namespace["network_trace"]


def swept(namespace: dict[str, Any], program: str, output: str, x: float) -> Any:
    return namespace["adjoint_from_trace"](namespace["record"](program, x=x), output)


def test_the_hand_worked_table_of_the_example(namespace: dict[str, Any]) -> None:
    adjoints = swept(namespace, EXAMPLE, "f", AT)
    quoted = {"f": 1.0, "e": 1.0, "d": 1.0, "c": 2.5979, "b": 2.5979, "a": 4.6763, "x": 1.8705}
    assert {name: round(float(value), 4) for name, value in adjoints.items()} == quoted
    terms = [round(float(term), 5) for term in (np.exp(0.56), np.cos(0.56))]
    assert terms == [1.75067, 0.84726]
    assert round(sum(terms), 5) == round(float(adjoints["c"]), 5) == 2.59793
    assert namespace["adjoint_program"](AT) == pytest.approx((2.2819, 1.8705), abs=5e-5)


def test_the_school_functions_come_out_as_by_product_and_chain_rule(namespace: dict[str, Any]) -> None:
    assert swept(namespace, POWER, "y", -2.0)["x"] == pytest.approx(3 * 5 * 2**4) == 240
    assert round(swept(namespace, PRODUCT, "y", 1.0)["x"], 4) == round(2 * np.e, 4) == 5.4366
    assert round(np.e, 4) == 2.7183


def test_the_fan_out_worked_by_hand_is_two(namespace: dict[str, Any]) -> None:
    assert namespace["fan_out_gradient"](np.array([2.0, -1.0]), np.array([3.0, 4.0])) == 2


def test_the_planted_bug_loses_one_of_two_shares() -> None:
    """They are equal at x = 1 only, where losing one looks like a factor 2."""
    x = np.array([0.5, 1.0, 2.0])
    both, last = np.exp(x) + x * np.exp(x), x * np.exp(x)
    np.testing.assert_allclose(last / both, [1 / 3, 1 / 2, 2 / 3])


def test_one_sweep_over_the_network_gives_the_seven_derivatives(namespace: dict[str, Any]) -> None:
    """StatQuest's start of the 1-2-1 network; the derivatives are those of lesson ``going_bonkers``."""
    quoted = (0.760944, 0.967286, 0.332276, 0.732226, 7.142314, 1.487281, 3.459454)
    adjoints = namespace["adjoint_from_trace"](network_trace(namespace), "ssr")
    assert tuple(round(float(adjoints[name]), 6) for name in namespace["NAMES"]) == quoted
    assert round(float(namespace["one_two_one"](namespace["START"])), 6) == 1.895878


def test_seven_slopes_take_eight_passes_and_sixteen_take_seventeen(namespace: dict[str, Any]) -> None:
    by_differences = namespace["gradient_by_differences"]
    grad, passes = by_differences(namespace["one_two_one"], namespace["START"], 1e-7)
    adjoints = namespace["adjoint_from_trace"](network_trace(namespace), "ssr")
    assert passes == 8
    np.testing.assert_allclose(grad, [adjoints[name] for name in namespace["NAMES"]], atol=1e-5)
    assert by_differences(np.sum, np.ones(3 * 4 + 4), 0.1)[1] == 17


def test_the_network_is_a_program_of_51_lines(namespace: dict[str, Any]) -> None:
    assert len(namespace["NETWORK"].splitlines()) == 51
    assert all(len(line.split()) in (4, 5) for line in namespace["NETWORK"].splitlines())
    assert network_trace(namespace)[-1][3] == pytest.approx(1.895878, abs=5e-7)


def test_paths_of_the_example_and_of_the_network(namespace: dict[str, Any]) -> None:
    example = namespace["record"](EXAMPLE, x=AT)
    assert namespace["count_paths"](edges_of(example), "x", "f") == 1 * 3 * 2 == 6
    assert namespace["count_paths"](edges_of(network_trace(namespace)), "w1", "ssr") == 6


def test_twelve_doublings_have_4096_paths_24_edges_and_that_derivative(namespace: dict[str, Any]) -> None:
    names = ["x", *(f"v{i}" for i in range(1, 13))]
    program = "\n".join(f"{new} = add {old} {old}" for old, new in pairwise(names))
    edges = edges_of(namespace["record"](program, x=1.0))
    assert (namespace["count_paths"](edges, "x", "v12"), len(edges)) == (4096, 24)
    assert swept(namespace, program, "v12", 1.0)["x"] == 4096


def test_the_networks_of_the_race_have_the_quoted_sizes() -> None:
    counts = [sum(weights_of(sizes)) + sum(sizes[1:]) for sizes in SIZES]
    assert counts == [2_410, 79_510, 301_066, 1_000_000]
    assert np.prod(SIZES[-1]) == 593_464_320
    assert [round(counted_ratio(sizes), 2) for sizes in SIZES] == [2.14, 2.01, 2.89, 2.94]


def test_the_answers_below_see_it_move() -> None:
    deep = [[64, *[100] * depth, 10] for depth in range(1, 9)]
    paths = [float(np.prod(np.array(sizes, dtype=float))) for sizes in deep]
    assert [count > 1e9 for count in paths].index(True) + 1 == 4
    assert (paths[3], sum(weights_of(deep[3]))) == (64e9, 37_400)
    ratios = [counted_ratio(sizes) for sizes in deep]
    assert (round(min(ratios), 2), round(max(ratios), 2)) == (2.14, 2.92)
    assert ratios == sorted(ratios)


@pytest.fixture
def raced(namespace: dict[str, Any]) -> tuple[int, float, float]:
    """The smallest network of the race: parameters, seconds of a forward pass and of both passes."""
    theta, X, T = namespace["draw"](SIZES[0], 128, np.random.default_rng(0))
    forward, backward = namespace["forward"], namespace["backward"]
    one, both = namespace["best_of"](
        lambda: forward(theta, SIZES[0], X),
        lambda: backward(theta, SIZES[0], forward(theta, SIZES[0], X), T),
    )
    return theta.size, one, both


def test_both_passes_cost_a_small_multiple_of_one(raced: tuple[int, float, float]) -> None:
    """Measured elsewhere: 2.4 to 2.7; Griewank and Walther bound the operations by 4."""
    _, one, both = raced
    assert 1.2 < both / one < 6


def test_central_differences_cost_about_2700_times_backpropagation(raced: tuple[int, float, float]) -> None:
    n, one, both = raced
    assert 800 < 2 * n * one / both < 4 * 2_700


def test_the_given_backward_pass_agrees_with_differences(namespace: dict[str, Any]) -> None:
    sizes = [3, 4, 5, 2]
    theta, X, _ = namespace["draw"](sizes, 6, np.random.default_rng(1))
    T = np.random.default_rng(2).normal(size=(6, 2))
    forward = namespace["forward"]
    nudged, passes = namespace["gradient_by_differences"](
        lambda th: 0.5 * np.sum((forward(th, sizes, X).As[-1] - T) ** 2), theta, 1e-7
    )
    assert passes == theta.size + 1
    parts = namespace["backward"](theta, sizes, forward(theta, sizes, X), T)
    given = np.concatenate([part.ravel() for part in parts])
    np.testing.assert_allclose(given, nudged, atol=1e-4 * np.abs(given).max())


def test_the_answers_of_the_path_count() -> None:
    done = PathCount(moment=10).sweep
    assert [column.tolist() for column in done.values] == [[1], [1] * 3, [3] * 3, [9] * 3, [27] * 3, [81]]
    assert [column[0] for column in done.adjoints[1:]] == [27, 9, 3, 1, 1]
    for units, layers, paths, edges in ((3, 5, 81, 42), (100, 4, 1_000_000, 30_200)):
        assert layered.paths_of(layers, units) == paths > edges == layered.edges_of(layers, units)
        assert layered.paths_of(layers - 1, units) < layered.edges_of(layers - 1, units)
    drawn = PathCount(slopes="\N{MINUS SIGN}2, \N{MINUS SIGN}1, 1 or 2").sweep
    assert drawn.adjoints[4].tolist() == [2, -2, -2]
    assert drawn.weights[3][0].tolist() == [2, 1, -2]
    assert drawn.adjoints[3][0] == 2 * 2 + 1 * -2 - 2 * -2 == 6


def test_the_answers_of_the_cost_race() -> None:
    sentence = CostRace(parameters=1_000_000).picture["sentence"]
    assert "nudging takes 370,371 times as long" in sentence
    assert "these are 6.5 h and 63 ms" in sentence
    for parameters in (10, 1_000_000):
        race = CostRace(parameters=parameters, clock=3).race
        assert (race.known_by_nudging, race.known_by_backpropagation) == (2, parameters)
        assert CostRace(parameters=parameters, clock=2).race.known_by_backpropagation == 0
