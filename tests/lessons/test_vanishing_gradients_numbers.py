"""Every number that lesson ``vanishing_gradients`` quotes is computed here again."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from backproplab import relu, sigmoid, softplus, tanh

LESSON = "vanishing_gradients"
# Michael Nielsen, Neural Networks and Deep Learning, chapter 5: norm of the mean delta by hidden layer.
NIELSEN = {2: (0.0657, 0.3092), 3: (0.0118, 0.0600, 0.2831), 4: (0.00298, 0.01708, 0.0695, 0.2851)}


def weights(namespace: dict[str, Any], depth: int, std: Any = None) -> Any:
    """Return the first weights of seed 0 as most cells of the lesson draw them."""
    sizes = [64, *[30] * depth, 10]
    return namespace["draw"](sizes, std or namespace["lecun"], np.random.default_rng(0))


def kept(namespace: dict[str, Any], Ws: Any, act: Any) -> float:
    """Return the share of delta that a layer keeps, as the lesson prints it."""
    return round(float(namespace["factor"](namespace["signals"](Ws, act))), 2)


def rms(v: Any) -> float:
    return float(np.sqrt(np.mean(np.square(v))))


def test_the_given_table_is_that_of_the_page(namespace: dict[str, Any]) -> None:
    assert {depth: tuple(row) for depth, row in namespace["published"].items()} == NIELSEN
    assert round(NIELSEN[4][3] / NIELSEN[4][0]) == 96


def test_the_chain_by_hand() -> None:
    assert 0.8 * np.array(sigmoid.deriv(0.0)) ** [1, 2, 3] == pytest.approx([0.2, 0.05, 0.0125])
    w = np.linspace(0, 100, 10_001)
    assert round((w * sigmoid.deriv(0.5 * w)).max(), 2) == 0.45


def test_ten_factors() -> None:
    assert [float(f"{f**10:.1g}") for f in (0.5, 0.2)] == [0.001, 1e-7]
    assert (round(0.9**10, 2), round(1.5**10)) == (0.35, 58)
    assert 0.5**10 < 0.001 < 0.5**9
    assert pytest.approx(1000, rel=0.03) == 2**10


@pytest.mark.parametrize("depth", NIELSEN)
def test_nielsens_values_lie_among_those_of_forty_networks(namespace: dict[str, Any], depth: int) -> None:
    data = namespace["X"][:1000], namespace["y"][:1000], sigmoid
    nets = [namespace["nielsens_network"](depth, seed) for seed in range(40)]
    norms = np.array([namespace["delta_norms"](*net, *data) for net in nets])
    low, high = np.percentile(norms, [5, 95], axis=0)
    assert np.all((low < NIELSEN[depth]) & (high > NIELSEN[depth]))
    low, high = np.percentile(norms[:, -1] / norms[:, 0], [5, 95])
    assert low < NIELSEN[depth][-1] / NIELSEN[depth][0] < high
    ratios = np.median(norms[:, :-1] / norms[:, 1:], axis=0)
    assert set(np.round(ratios, 2)) <= {0.20, 0.21}


def test_the_slope_is_the_small_factor(namespace: dict[str, Any]) -> None:
    Ws, bs = namespace["nielsens_network"](4, 0)
    Zs, As = namespace["forward"](Ws, bs, namespace["X"][:1000], sigmoid)
    rows = np.random.default_rng(1).normal(size=(1000, 30))
    for layer in (1, 2, 3):
        assert rms(As[layer - 1]) == pytest.approx(0.5, abs=0.1)
        assert rms(sigmoid.deriv(Zs[layer - 1])) == pytest.approx(0.2, abs=0.015)
        assert rms(rows @ Ws[layer].T) / rms(rows) == pytest.approx(1, abs=0.03)


def test_z_has_a_standard_deviation_near_one(namespace: dict[str, Any]) -> None:
    nets = [namespace["nielsens_network"](4, seed) for seed in range(40)]
    runs = [namespace["forward"](*net, namespace["X"][:100], sigmoid)[0] for net in nets]
    for layer in (0, 2):
        assert np.std([Zs[layer] for Zs in runs]) == pytest.approx(1, abs=0.2)


def test_sizes_of_slopes(namespace: dict[str, Any]) -> None:
    sizes = [namespace["size_of_slope"](act) for act in (sigmoid, tanh, relu, softplus)]
    assert [round(size, 2) for size in sizes] == [0.21, 0.68, 0.71, 0.54]
    assert round(1 / sizes[0], 2) == 4.72


def test_ten_layers_leave_a_millionth(namespace: dict[str, Any]) -> None:
    net = namespace["nielsens_network"](10, 0)
    norms = namespace["delta_norms"](*net, namespace["X"][:1000], namespace["y"][:1000], sigmoid)
    assert norms[9] == pytest.approx(0.3, abs=0.05)
    assert 0.5e-6 < norms[0] / norms[9] < 1e-6
    assert pytest.approx(0.5e-6, rel=0.03) == 0.2**9


def test_glorots_tower_hides_in_dw_what_delta_shows() -> None:
    rng = np.random.default_rng(0)
    A, inputs, slopes = rng.normal(size=(60, 1000)), [], []
    tower = [rng.uniform(-1, 1, size=(1000, 1000)) / np.sqrt(1000) for _ in range(5)]
    for W in tower:
        inputs.append(A)
        slopes.append(tanh.deriv(A @ W))
        A = tanh.f(A @ W)
    deltas = [rng.normal(size=(60, 1000)) * slopes[4]]
    for W, slope in zip(tower[:0:-1], slopes[-2::-1], strict=True):
        deltas.insert(0, deltas[0] @ W.T * slope)
    variances = np.array([delta.var() for delta in deltas])
    assert tower[0].var() == pytest.approx(1 / 3000, rel=0.01)
    assert variances / variances[-1] == pytest.approx([0.007, 0.031, 0.108, 0.322, 1], rel=0.05)
    assert variances[:-1] / variances[1:] == pytest.approx(1 / 3, abs=0.12)
    of_dW = np.array([(A.T @ delta).var() for A, delta in zip(inputs, deltas, strict=True)])
    assert of_dW / of_dW[-1] == pytest.approx([1.03, 1.00, 1.00, 0.99, 1], abs=0.03)


def test_what_each_activation_keeps(namespace: dict[str, Any]) -> None:
    Ws = weights(namespace, 10)
    assert [kept(namespace, Ws, act) for act in (sigmoid, tanh, relu)] == [0.23, 0.84, 0.61]


def test_the_mean_delta_of_relu_loses_more_than_single_ones(namespace: dict[str, Any]) -> None:
    Ws = weights(namespace, 10)
    Zs, As = namespace["forward"](Ws, namespace["no_biases"](Ws), namespace["X"][:1000], relu)
    delta, sizes = As[-1] - np.eye(10)[namespace["y"][:1000]], []
    for W, Z in zip(Ws[:0:-1], Zs[-2::-1], strict=True):
        delta = delta @ W.T * relu.deriv(Z)
        sizes.append(rms(delta))
    assert round((sizes[-1] / sizes[0]) ** (1 / 9), 2) == 0.68


@pytest.mark.parametrize("depth", [10, 20])
def test_from_end_to_end_the_deltas_of_relu_cancel_about_as_much(
    namespace: dict[str, Any], depth: int
) -> None:
    Ws = weights(namespace, depth)
    Zs, As = namespace["forward"](Ws, namespace["no_biases"](Ws), namespace["X"][:1000], relu)
    delta, left = As[-1] - np.eye(10)[namespace["y"][:1000]], []
    for W, Z in zip(Ws[:0:-1], Zs[-2::-1], strict=True):
        delta = delta @ W.T * relu.deriv(Z)
        left.append(rms(delta.mean(axis=0)) / rms(delta))
    assert left[-1] / left[0] == pytest.approx(0.4, abs=0.03)


def test_tanh_gets_smaller_from_layer_to_layer(namespace: dict[str, Any]) -> None:
    Ws = weights(namespace, 10)
    Zs, _ = namespace["forward"](Ws, namespace["no_biases"](Ws), namespace["X"][:1000], tanh)
    sizes = [rms(Z) for Z in Zs[:-1]]
    assert sizes[9] < sizes[4] < sizes[0]


@pytest.mark.parametrize(("std", "size"), [(1, 10), (0.01, 0.1), (0.1, 1)])
def test_a_hundred_inputs_of_size_one(std: float, size: float) -> None:
    rng = np.random.default_rng(0)
    assert rms(rng.choice([-1, 1], (500, 100)) @ (std * rng.normal(size=(100, 500)))) == pytest.approx(
        size, rel=0.05
    )


@pytest.mark.parametrize(("layers", "published"), [(22, 4.88e-4), (30, 3.05e-5)])
def test_glorot_against_he(namespace: dict[str, Any], layers: int, published: float) -> None:
    """He and others 2015."""
    assert 2 ** (-layers / 2) == pytest.approx(published, rel=1e-3)
    lengths = []
    for kind in ("he", "glorot"):
        rng = np.random.default_rng(0)
        X, delta = rng.normal(size=(16, 256)), rng.normal(size=(16, 256))
        Ws = namespace["draw"]([256] * (layers + 1), namespace["recipe"](kind), rng)
        lengths.append(namespace["length_going_back"](Ws, X, delta))
    assert lengths[1] / lengths[0] == pytest.approx(published, rel=1e-3)
    assert round(2 ** (30 / 2), -3) == 33_000


@pytest.mark.parametrize(("root", "keeps"), [(1, 0.22), (0.5, 0.91)], ids=["planted", "mended"])
def test_the_planted_bug_is_a_variance(namespace: dict[str, Any], root: float, keeps: float) -> None:
    rng = np.random.default_rng(0)
    Ws = [
        rng.normal(0, (2 / n_in) ** root, size=(n_in, n_out)) for n_in, n_out in pairwise(namespace["DEEP"])
    ]
    assert kept(namespace, Ws, relu) == keeps


def test_what_the_bug_makes_of_the_weights(namespace: dict[str, Any]) -> None:
    std = namespace["init_std"]("he", 30, 30)
    assert (round(std, 3), round(std**2, 3)) == (0.258, 0.067)
    assert std / std**2 == pytest.approx(4, rel=0.05)


def test_gains_and_what_they_keep_of_delta(namespace: dict[str, Any]) -> None:
    gains = [namespace["gain"](act) for act in (sigmoid, tanh, relu, softplus)]
    assert [round(g, 4) for g in gains] == [1.8462, 1.5925, 1.4142, 1.0419]
    slopes = [namespace["size_of_slope"](act) for act in (sigmoid, tanh, relu, softplus)]
    assert [round(g * s, 2) for g, s in zip(gains, slopes, strict=True)] == [0.39, 1.09, 1.00, 0.56]
    assert [round(1 / s, 4) for s in slopes[:2]] == [4.7226, 1.4674]


def test_the_gain_keeps_the_size_and_loses_the_difference(namespace: dict[str, Any]) -> None:
    g = namespace["gain"](sigmoid)
    Ws = weights(namespace, 10, lambda n_in, n_out: g / np.sqrt(n_in))
    Zs, As = namespace["forward"](Ws, namespace["no_biases"](Ws), namespace["X"][:1000], sigmoid)
    sizes = [rms(Z) for Z in Zs[:-1]]
    assert 0.85 < min(sizes) <= max(sizes) < 1.4
    differences = [rms(Z - Z.mean(axis=0)) for Z in Zs[:-1]]
    assert (differences[9] / differences[0]) ** (1 / 9) == pytest.approx(0.39, abs=0.02)
    assert kept(namespace, Ws, sigmoid) == 0.39
    assert As[5].mean() == pytest.approx(0.5, abs=0.05)


def test_fifty_linear_layers() -> None:
    """Saxe and others 2014: 6.5, 2.4e-8 and below; orthogonal all 1."""
    rng = np.random.default_rng(0)
    random, turned = np.eye(100), np.eye(100)
    for _ in range(50):
        random = random @ rng.normal(size=(100, 100)) / np.sqrt(100)
        turned = turned @ np.linalg.qr(rng.normal(size=(100, 100)))[0]
    values = np.linalg.svd(random, compute_uv=False)
    assert 3 < values.max() < 13
    assert 1e-8 < np.median(values) < 1e-7
    assert values.min() < 1e-15
    assert np.linalg.svd(turned, compute_uv=False) == pytest.approx(1)


def test_long_steps_kill(namespace: dict[str, Any]) -> None:
    Ws = weights(namespace, 2, namespace["recipe"]("he"))
    shares = []
    for lr in (0.0, 0.1, 1.0, 2.0):
        Zs, _ = namespace["forward"](*namespace["train"](Ws, relu, lr, epochs=1), namespace["X"], relu)
        shares.append([namespace["dead_fraction"](Z) for Z in Zs[:2]])
    assert np.all(np.diff(shares, axis=0) >= 0)
    assert namespace["X"].min() >= 0
    assert shares[0] == pytest.approx([1 / 30, 3 / 30])  # of thirty units each, before training
    assert shares[3][1] == 1


def test_the_spread_by_hand() -> None:
    Z = np.array([[5.1, -3.0], [4.9, -3.2]])
    assert Z.std() == pytest.approx(4, abs=0.1)
    assert np.sqrt(Z.var(axis=0).mean()) == pytest.approx(0.1)


def test_what_each_repair_keeps_of_delta(namespace: dict[str, Any]) -> None:
    Ws, X = weights(namespace, 10), namespace["X"]
    ways = (
        Ws,
        [W * namespace["gain"](sigmoid) for W in Ws],
        namespace["rescale_by_all_entries"](Ws, X, sigmoid),
        namespace["rescale_layers"](Ws, X, sigmoid),
    )
    assert [kept(namespace, way, sigmoid) for way in ways] == [0.23, 0.39, 0.37, 0.88]


def test_three_patients_have_three_complaints(namespace: dict[str, Any]) -> None:
    said = []
    for sick in (0, 2, None):
        Ws = namespace["draw"]([64, 30, 30, 10], namespace["lecun"], np.random.default_rng(0))
        bs = namespace["no_biases"](Ws)
        if sick is None:
            bs[1] += 10
        else:
            Ws[sick] *= 1e-5
        Zs, As = namespace["forward"](Ws, bs, namespace["X"][:1], tanh)
        said.append(namespace["explain_stall"](Ws[2], As[1][0], Zs[1][0], tanh))
    assert said == ["input", "weights", "slope"]


def test_at_eight_layers_two_kinds_only_guess(namespace: dict[str, Any]) -> None:
    reached = {}
    for kind, (act, _) in namespace["KINDS"].items():
        for depth in (1, 8):
            trained = namespace["train"](namespace["first_weights"](kind, depth), act)
            reached[kind, depth] = namespace["accuracy"](*trained, act)
    assert all(share > 0.85 for (_, depth), share in reached.items() if depth == 1)
    failures = {kind for (kind, depth), share in reached.items() if depth == 8 and share < 0.2}
    assert failures == {"sigmoid, Glorot", "ReLU, std 0.01"}
    assert all(reached[kind, 8] > 0.7 for kind in set(namespace["KINDS"]) - failures)


def test_large_weights_make_up_for_the_slope(namespace: dict[str, Any]) -> None:
    nets = [namespace["first_weights"](f"sigmoid, {way}", 10) for way in ("Glorot", "std 1", "rescaled")]
    assert [kept(namespace, Ws, sigmoid) for Ws in nets] == [0.23, 0.63, 0.88]
    assert rms(nets[2][5]) > rms(nets[1][5]) > 5 * rms(nets[0][5])
    assert round(np.sqrt(30), 1) == 5.5


def test_rescaled_weights_carry_the_signal_through_saturation(namespace: dict[str, Any]) -> None:
    Ws = namespace["first_weights"]("sigmoid, rescaled", 10)
    Zs, _ = namespace["forward"](Ws, namespace["no_biases"](Ws), namespace["X"], sigmoid)
    assert rms(Ws[5]) * np.sqrt(30) == pytest.approx(10, rel=0.1)
    assert min(map(rms, Zs[3:-1])) > 6
    assert rms(sigmoid.deriv(Zs[5])) == pytest.approx(0.1, abs=0.005)


@pytest.mark.parametrize(
    ("act", "multiple", "keeps"),
    [
        (relu, 1.0, 0.71), (relu, 1.4, 1.03), (relu, 2.0, 1.48),
        (tanh, 1.6, 1.0), (tanh, 4.0, 1.39),
        (sigmoid, 1.0, 0.22), (sigmoid, 4.7, 0.64),
    ],
)  # fmt: skip
def test_the_questions_on_the_tower(
    namespace: dict[str, Any], act: Any, multiple: float, keeps: float
) -> None:
    Ws = [multiple * W for W in weights(namespace, 20)]
    assert kept(namespace, Ws, act) == keeps


def test_relu_would_multiply_by_28() -> None:
    assert round(4 / np.sqrt(2), 1) == 2.8
