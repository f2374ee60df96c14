"""The gradient check: sees one wrong entry among thousands, and never cries wolf."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backproplab.activations import ACTIVATIONS
from backproplab.errors import BackproplabError
from backproplab.figures import gradient_heatmap
from backproplab.gradient_report import gradient_check, random_direction
from backproplab.network import MLP

# Those without a kink: at a kink no derivative is there to be checked.
SMOOTH = [name for name in sorted(ACTIVATIONS) if "relu" not in name]
Loss = Callable[[list[Any]], Any]


def problem(seed: int, sizes: tuple[int, ...] = (64, 32, 10)) -> tuple[MLP, Loss, list[Any]]:
    """A random network, its loss as a function of the parameters, and its right gradients."""
    rng = np.random.default_rng(seed)
    net = MLP(sizes, SMOOTH[seed % len(SMOOTH)], init="lecun", rng=rng)
    X, T = rng.normal(size=(8, sizes[0])), rng.normal(size=(8, sizes[-1]))
    return net, lambda parameters: net.loss_of(parameters)(X, T), net.gradients(X, T)


def missed(entries: int, relative: float) -> int:
    """How often one wrong entry, off by a relative amount, goes unseen."""
    unseen = 0
    net, loss, gradients = problem(2)
    rng = np.random.default_rng(0)
    for seed in range(entries):
        spoilt = [g.copy() for g in gradients]
        tensor = spoilt[int(rng.integers(len(spoilt)))]
        tensor[tuple(rng.integers(n) for n in tensor.shape)] *= 1 + relative
        directions = np.random.default_rng(seed)
        unseen += gradient_check(loss, net.parameters, spoilt, rng=directions, locate=False).ok
    return unseen


@pytest.mark.parametrize("relative", [1.0, 1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("entries", [8, pytest.param(400, marks=pytest.mark.proof)])
def test_no_single_wrong_entry_is_missed(entries: int, relative: float) -> None:
    assert missed(entries, relative) == 0


@pytest.mark.parametrize("networks", [30, pytest.param(300, marks=pytest.mark.proof)])
def test_right_networks_raise_no_alarm(networks: int) -> None:
    alarms = 0
    for seed in range(networks):
        net, loss, gradients = problem(seed, sizes=(5 + seed % 7, 3 + seed % 11, 1 + seed % 4))
        alarms += not gradient_check(loss, net.parameters, gradients).ok
    assert alarms == 0


def test_the_report_says_which_tensor_and_which_entry() -> None:
    net, loss, gradients = problem(3, sizes=(4, 3, 2))
    gradients[2][1, 0] += 0.5
    report = gradient_check(loss, net.parameters, gradients, names=net.names)
    assert report.wrong == ("W2",)
    assert report.tensors[2].worst == (1, 0)
    assert "1 of 4 gradients are wrong" in str(report)
    assert "most at [1, 0]" in str(report)


@pytest.mark.parametrize("make_loss", [lambda f: lambda p: float(f(p)), lambda f: lambda p: abs(f(p))])
def test_a_loss_that_refuses_or_loses_complex_numbers_is_checked_by_central_differences(
    make_loss: Any,
) -> None:
    net, loss, gradients = problem(0, sizes=(3, 2, 1))
    report = gradient_check(make_loss(loss), net.parameters, gradients)
    assert report.ok
    assert report.method == "central differences"
    gradients[0][0, 0] += 0.1
    assert gradient_check(make_loss(loss), net.parameters, gradients).wrong == ("p0",)


def test_float32_gradients_are_held_to_what_float32_can_say() -> None:
    rng = np.random.default_rng(0)
    net = MLP([6, 5, 3], rng=rng, dtype=np.float32)
    X, T = rng.normal(size=(8, 6)), rng.normal(size=(8, 3))
    report = gradient_check(lambda p: net.loss_of(p)(X, T), net.parameters, net.gradients(X, T))
    assert report.ok
    assert report.floor == 1e-5


def test_no_entry_of_a_direction_is_near_zero_and_sizes_differ() -> None:
    v = random_direction(np.random.default_rng(0), [np.zeros((50, 50))])[0]
    assert np.abs(v).min() >= 0.5
    assert len(np.unique(np.abs(v))) == v.size
    assert 0.4 < np.mean(v > 0) < 0.6


@pytest.mark.parametrize(
    ("gradients", "message"),
    [
        ([np.ones((2, 3))], r"gradient of 'W' has shape \(2, 3\), expected \(3, 2\)\nIt is the transpose"),
        ([np.full((3, 2), np.nan)], "nan or inf"),
        ([], "0 gradients"),
    ],
)
def test_what_cannot_be_compared_is_refused(gradients: list[Any], message: str) -> None:
    with pytest.raises(BackproplabError, match=message):
        gradient_check(lambda p: p[0].sum(), [np.ones((3, 2))], gradients, names=["W"])


def test_the_heat_map_shows_one_panel_per_wrong_or_right_tensor() -> None:
    net, loss, gradients = problem(3, sizes=(4, 3, 2))
    gradients[0][2, 1] *= 2
    report = gradient_check(loss, net.parameters, gradients, names=net.names)
    figure = gradient_heatmap(report)
    assert [axes.get_title() for axes in figure.axes[:4]] == [
        "W1: wrong",
        "b1: right",
        "W2: right",
        "b2: right",
    ]
    assert "W1" in figure._repr_mimebundle_()["text/plain"]
