"""Published numbers, reproduced: each test names its source and the digits that were printed there."""

from typing import Any

import numpy as np
import pytest

from backproplab.data import dose
from backproplab.initializers import gaussian
from backproplab.losses import LOSSES
from backproplab.network import MLP, Pass, backward, forward, gradients
from backproplab.optimizers import SGD
from backproplab.training import train_step

DOSE, OBSERVED = (column[:, None] for column in dose())
# w1 b1 w2 b2 w3 w4 b3, as StatQuest counts them
START = (2.74, 0.0, -1.13, 0.0, 0.36, 0.63, 0.0)
FIT = (3.34, -1.43, -3.53, 0.57, -1.22, -2.30, 2.61)
OTHER_FIT = (3.2616, -1.9333, -3.3466, 0.5432, -1.4815, -2.2453, 2.4482)


def bonkers(values: tuple[float, ...]) -> MLP:
    """The 1-2-1 softplus network of StatQuest's "Backpropagation Details"."""
    net = MLP([1, 2, 1], "softplus", loss="ssr", rng=np.random.default_rng(0))
    w1, b1, w2, b2, w3, w4, b3 = values
    fill(net, [[[w1, w2]], [b1, b2], [[w3], [w4]], [b3]])
    return net


def fill(net: MLP, values: list[Any]) -> None:
    for parameter, value in zip(net.parameters, values, strict=True):
        parameter[...] = value


def in_order(parameters: list[Any]) -> list[float]:
    W1, b1, W2, b2 = parameters
    return [float(v) for v in (W1[0, 0], b1[0], W1[0, 1], b1[1], W2[0, 0], W2[1, 0], b2[0])]


def descend(values: tuple[float, ...], lr: float, steps: int) -> tuple[MLP, list[float]]:
    """Plain full-batch descent until SSR < 1e-12; ``history[k]`` is the SSR after k steps."""
    net, optimizer, history = bonkers(values), SGD(lr=lr), []
    for _ in range(steps + 1):
        history.append(train_step(net, DOSE, OBSERVED, optimizer))
        if history[-1] < 1e-12:
            break
    return net, history


def test_statquest_start_predictions_ssr_and_seven_derivatives() -> None:
    net = bonkers(START)
    np.testing.assert_allclose(net.forward(DOSE).ravel(), [0.686216, 0.858232, 1.185280], atol=5e-7)
    assert net.loss(DOSE, OBSERVED) == pytest.approx(1.895878, abs=5e-7)
    derivatives = [0.760944, 0.967286, 0.332276, 0.732226, 7.142314, 1.487281, 3.459454]
    np.testing.assert_allclose(in_order(net.gradients(DOSE, OBSERVED)), derivatives, atol=5e-7)


def test_statquest_published_fit_predicts_the_three_points() -> None:
    net = bonkers(FIT)
    np.testing.assert_allclose(net.forward(DOSE).ravel(), [0.0063, 1.0010, -0.0049], atol=5e-5)
    assert net.loss(DOSE, OBSERVED) == pytest.approx(6.48e-5, abs=5e-8)


@pytest.mark.parametrize(("lr", "steps"), [(0.005, 20_701), (0.01, 10_346), (0.03, 3_440)])
def test_statquest_descent_reaches_the_published_fit_to_all_decimals(lr: float, steps: int) -> None:
    net, history = descend(START, lr, 25_000)
    assert len(history) - 1 == pytest.approx(steps, abs=1)
    assert [round(v, 2) for v in in_order(net.parameters)] == list(FIT)


def test_statquest_descent_at_a_larger_rate_lands_on_another_perfect_fit() -> None:
    net, history = descend(START, 0.1, 2_000)
    assert len(history) - 1 == pytest.approx(880, abs=1)
    np.testing.assert_allclose(in_order(net.parameters), OTHER_FIT, atol=5e-5)


@pytest.mark.parametrize("steps", [20_000, pytest.param(200_000, marks=pytest.mark.proof)])
def test_statquest_descent_at_rate_015_does_not_converge(steps: int) -> None:
    _, history = descend(START, 0.15, steps)
    assert len(history) == steps + 1
    assert min(history[-1000:]) > 1e-12


def test_statquest_plateau_lies_near_two_thirds() -> None:
    _, history = descend(START, 0.01, 25_000)
    levels = (1, 0.7, 0.1, 0.01)
    first_below = {level: next(k for k, v in enumerate(history) if v < level) for level in levels}
    assert first_below == {1: 3, 0.7: 237, 0.1: 4_940, 0.01: 5_569}
    assert 0.69 < history[300] < 0.70
    assert history[2_300] == pytest.approx(0.65, abs=5e-3)


@pytest.mark.parametrize(("start", "stuck"), [((1, 0, 1, 0, 0.5, 0.5, 0), 0.6635), ((0,) * 7, 0.6667)])
def test_statquest_symmetric_starts_stay_symmetric_and_stick(start: tuple[float, ...], stuck: float) -> None:
    net, history = descend(start, 0.01, 20_000)
    w1, b1, w2, b2, w3, w4, _ = in_order(net.parameters)
    assert (w1, b1, w3) == (w2, b2, w4)
    assert history[-1] == pytest.approx(stuck, abs=1e-4)


def test_statquest_last_layer_alone_has_one_solution() -> None:
    """Part 1: w3, w4, b3 free from .36 .63 0, the others at the fit; lr 0.1."""
    net = bonkers((*FIT[:4], 0.36, 0.63, 0.0))
    np.testing.assert_allclose(net.forward(DOSE).ravel(), [0.7187, 0.4619, 0.7691], atol=5e-5)
    assert net.loss(DOSE, OBSERVED) == pytest.approx(1.39767, abs=5e-6)
    slopes = in_order(net.gradients(DOSE, OBSERVED))[4:]
    np.testing.assert_allclose(slopes, [2.5761, 1.2568, 1.8996], atol=5e-5)
    for _ in range(20_000):
        SGD(lr=0.1).step(net.parameters[2:], net.gradients(DOSE, OBSERVED)[2:])
    np.testing.assert_allclose(in_order(net.parameters)[4:], [-1.215898, -2.303807, 2.606661], atol=5e-7)


def test_statquest_last_bias_alone() -> None:
    """b3 free, lr 0.1: the first four positions and derivatives, and the parabola of the SSR."""
    net = bonkers((*FIT[:6], 0.0))
    walk, slopes = [0.0], []
    for _ in range(4):
        slopes.append(in_order(net.gradients(DOSE, OBSERVED))[6])
        net.parameters[3] -= 0.1 * slopes[-1]
        walk.append(float(net.parameters[3][0]))
    np.testing.assert_allclose(slopes, [-15.655, -6.262, -2.505, -1.002], atol=1e-3)
    np.testing.assert_allclose(walk, [0, 1.5655, 2.1917, 2.4422, 2.5424], atol=1e-4)
    parabola = [bonkers((*FIT[:6], b3)).loss(DOSE, OBSERVED) for b3 in (0.0, 1.0, 2.0, 3.0)]
    np.testing.assert_allclose(parabola, [20.4236, 7.7685, 1.1134, 0.4583], atol=1e-4)


X, T = np.array([[0.05, 0.10]]), np.array([[0.01, 0.99]])


def mazur() -> MLP:
    """Matt Mazur's step-by-step example: sigmoid in both layers, E = sum 1/2 (t - o)^2."""
    loss = LOSSES["half_squared_error"].summed()
    net = MLP([2, 2, 2], "sigmoid", "sigmoid", loss, rng=np.random.default_rng(0))
    fill(net, [[[0.15, 0.25], [0.20, 0.30]], [0.35] * 2, [[0.40, 0.50], [0.45, 0.55]], [0.60] * 2])
    return net


def test_mazur_forward_gradients_and_deltas() -> None:
    net = mazur()
    run = net.run(X)
    np.testing.assert_allclose(run.As[1], [[0.593269992, 0.596884378]], atol=5e-10)
    np.testing.assert_allclose(run.As[2], [[0.75136507, 0.772928465]], atol=5e-9)
    assert net.loss(X, T) == pytest.approx(0.298371109, abs=5e-10)
    hidden, output = net.deltas(run, T)
    np.testing.assert_allclose(output, [[0.138498562, -0.038098237]], atol=5e-10)
    np.testing.assert_allclose(hidden, [[0.008771355, 0.009954255]], atol=5e-10)
    dW1, _, dW2, _ = net.gradients(X, T)
    assert (dW2[0, 0], dW1[0, 0]) == pytest.approx((0.082167041, 0.000438568), abs=5e-10)


def mazur_round(net: MLP, in_place: bool) -> None:
    """One update at lr .5, biases left alone; in place means: the hidden deltas see the new W2."""
    run = net.run(X)
    dW1, _, dW2, _ = gradients(run, net.deltas(run, T))
    net.parameters[2] -= 0.5 * dW2
    if in_place:
        dW1 = gradients(run, net.deltas(run, T))[0]
    net.parameters[0] -= 0.5 * dW1


def test_mazur_printed_loss_is_that_of_the_wrong_order_and_its_weights_are_those_of_the_right_one() -> None:
    """The page prints .291027924 after one update, and w1 .149780716."""
    right, in_place = mazur(), mazur()
    mazur_round(right, in_place=False)
    mazur_round(in_place, in_place=True)
    assert right.loss(X, T) == pytest.approx(0.291027774, abs=5e-10)
    assert in_place.loss(X, T) == pytest.approx(0.2910279239, abs=5e-11)
    assert in_place.loss(X, T) - right.loss(X, T) == pytest.approx(1.502e-7, abs=5e-11)
    np.testing.assert_allclose(
        right.parameters[2].T.ravel(), [0.35891648, 0.408666186, 0.511301270, 0.561370121], atol=5e-9
    )
    np.testing.assert_allclose(
        right.parameters[0].T.ravel(), [0.149780716, 0.19956143, 0.24975114, 0.29950229], atol=5e-9
    )
    assert in_place.parameters[0][0, 0] == pytest.approx(0.149817639, abs=5e-10)


@pytest.mark.parametrize(
    ("in_place", "outputs"),
    [(True, (0.015912196, 0.984065734)), (False, (0.015913620, 0.984064273))],
    ids=["in place", "right"],
)
def test_mazur_outputs_after_ten_thousand_rounds(in_place: bool, outputs: tuple[float, float]) -> None:
    net = mazur()
    for k in range(10_000):
        if k == 9_999 and not in_place:
            assert net.loss(X, T) == pytest.approx(0.0000351085, abs=5e-11)  # what the page prints
        mazur_round(net, in_place)
    assert net.forward(X).ravel() == pytest.approx(outputs, abs=1e-9)
    assert net.loss(X, T) == pytest.approx(0.0000350848 if in_place else 0.0000351019, abs=5e-11)


# hidden layers: (lower, upper) bounds that 90 % of the seeds keep, layer by layer
BANDS = {
    2: ((0.037, 0.086), (0.200, 0.382)),
    3: ((0.007, 0.018), (0.039, 0.085), (0.195, 0.403)),
    4: ((0.001, 0.004), (0.0, 0.017)),
}
PUBLISHED = {2: (0.0657, 0.3092), 3: (0.0118, 0.0600, 0.2831), 4: (0.00298, 0.01708, 0.0695, 0.2851)}


def nielsen_delta_norms(depth: int, seed: int) -> list[float]:
    """Chapter 5: width 30, N(0, 1)/sqrt(n_in) weights, N(0, 1) biases, cross-entropy, first 1,000 items."""
    from backproplab.data import _digits_file

    images, labels = _digits_file()
    rng = np.random.default_rng(seed)
    loss = LOSSES["binary_cross_entropy"].summed()
    net = MLP([64, *[30] * depth, 10], "sigmoid", loss=loss, init="lecun", rng=rng)
    for b in net.parameters[1::2]:
        b[...] = rng.normal(size=b.shape)
    run = net.run(images[:1000] / 16)
    deltas = net.deltas(run, np.eye(10)[labels[:1000]])
    return [float(np.linalg.norm(delta.mean(axis=0))) for delta in deltas[:-1]]


@pytest.mark.parametrize("depth", BANDS)
def test_nielsens_norms_of_delta_lie_in_the_bands_of_200_seeds(depth: int) -> None:
    norms = np.array([nielsen_delta_norms(depth, seed) for seed in range(200)])
    for layer, (low, high) in enumerate(BANDS[depth]):
        assert low <= PUBLISHED[depth][layer] * 1.02
        assert PUBLISHED[depth][layer] <= high * 1.01
        inside = np.mean((0.8 * low <= norms[:, layer]) & (norms[:, layer] <= 1.25 * high))
        assert inside >= 0.9, f"layer {layer + 1}: {inside:.0%} of the seeds"


@pytest.mark.parametrize("depth", BANDS)
def test_a_sigmoid_layer_keeps_about_one_fifth_of_delta(depth: int) -> None:
    norms = np.array([nielsen_delta_norms(depth, seed) for seed in range(60)])
    assert 0.17 < np.median(norms[:, :-1] / norms[:, 1:]) < 0.24


@pytest.mark.parametrize("layers", [22, 30])
def test_glorot_loses_a_factor_sqrt_two_per_relu_layer_against_he(layers: int) -> None:
    """He et al. 2015: 2^(-L/2), 4.88e-4 at 22 layers and 3.05e-5 at 30."""
    rng = np.random.default_rng(0)
    X, upstream = rng.normal(size=(16, 256)), rng.normal(size=(16, 256))
    norms = {}
    for init in ("he", "glorot"):
        net = MLP([256] * (layers + 2), "relu", init=init, rng=np.random.default_rng(1))
        run = net.run(X)
        norms[init] = np.linalg.norm(backward(net.parameters, run, upstream, net.activations)[0])
    assert norms["glorot"] / norms["he"] == pytest.approx(2 ** (-layers / 2), rel=0.05)
    assert 2 ** (-layers / 2) == pytest.approx({22: 4.88e-4, 30: 3.05e-5}[layers], rel=2e-3)


def tanh_tower(std: Any) -> tuple[Any, Any]:
    """Glorot and Bengio 2010: five tanh layers of 1,000; variances of delta and of dW by layer."""
    rng = np.random.default_rng(0)
    net = MLP([1000] * 6, "tanh", "tanh", init=gaussian("tower", std), rng=rng)
    run: Pass = forward(net.parameters, rng.normal(size=(100, 1000)), net.activations)
    deltas = backward(net.parameters, run, rng.normal(size=(100, 1000)), net.activations)
    delta_variance = np.array([delta.var() for delta in deltas])
    weight_variance = np.array([g.var() for g in gradients(run, deltas)[::2]])
    return delta_variance / delta_variance[-1], weight_variance / weight_variance[-1]


def test_glorots_tower_delta_fades_by_a_third_a_layer_in_the_standard_initialisation() -> None:
    delta, weights = tanh_tower(lambda n_in, n_out: (1 / (3 * n_in)) ** 0.5)
    np.testing.assert_allclose(delta, [0.007, 0.031, 0.108, 0.322, 1], rtol=0.25)
    assert weights.max() / weights.min() < 2


def test_glorots_tower_delta_is_kept_better_by_the_normalised_initialisation() -> None:
    delta, weights = tanh_tower(lambda n_in, n_out: (2 / (n_in + n_out)) ** 0.5)
    np.testing.assert_allclose(delta, [0.17, 0.36, 0.58, 0.77, 1], rtol=0.25)
    assert weights.max() / weights.min() < 1.5


def test_saxes_products_of_fifty_layers() -> None:
    """Saxe et al. 2014: a few large and many tiny singular values, against all 1 for orthogonal layers."""
    spectra = {}
    for init in ("lecun", "orthogonal"):
        net = MLP([100] * 51, "linear", init=init, rng=np.random.default_rng(0))
        product = np.linalg.multi_dot(net.parameters[::2])
        spectra[init] = np.linalg.svd(product, compute_uv=False)
    np.testing.assert_allclose(spectra["orthogonal"], 1, rtol=1e-12)
    largest, median, least = spectra["lecun"].max(), np.median(spectra["lecun"]), spectra["lecun"].min()
    assert 1 < largest < 60
    assert 1e-9 < median < 1e-6
    assert least < 1e-14
