"""Training: every example once an epoch, reproducible, stops early, and reaches the published accuracy."""

import numpy as np
import pytest

from backproplab.data import digits, iris, moons, spirals
from backproplab.network import MLP
from backproplab.optimizers import SGD, Adam
from backproplab.training import accuracy, minibatches, train


def test_minibatches_hold_each_example_once_in_an_order_that_the_rng_sets() -> None:
    first, again, other = (list(minibatches(10, 4, np.random.default_rng(s))) for s in (0, 0, 1))
    assert [len(batch) for batch in first] == [4, 4, 2]
    assert sorted(np.concatenate(first)) == list(range(10))
    np.testing.assert_array_equal(np.concatenate(first), np.concatenate(again))
    assert not np.array_equal(np.concatenate(first), np.concatenate(other))


def test_digits_reach_the_published_accuracy() -> None:
    """64-64-10 ReLU, momentum .9, lr .1, 30 epochs: about 98.6 % on the fixed split."""
    X, y, X_test, y_test = digits()
    rng = np.random.default_rng(0)
    net = MLP([64, 64, 10], "relu", loss="softmax_cross_entropy", init="he", rng=rng)
    history = train(net, X, y, epochs=30, batch_size=32, optimizer=SGD(lr=0.1, momentum=0.9), rng=rng)
    assert 2.0 < net_loss_before_training() < 2.9
    assert history.loss[-1] < 0.01 * history.loss[0]
    assert accuracy(net, X_test, y_test) > 0.97


def net_loss_before_training() -> float:
    X, y, _, _ = digits()
    rng = np.random.default_rng(0)
    return MLP([64, 64, 10], "relu", loss="softmax_cross_entropy", rng=rng).loss(X, y)


@pytest.mark.parametrize("draw", [moons, spirals])
def test_the_drawn_problems_can_be_learnt(draw: object) -> None:
    rng = np.random.default_rng(0)
    X, y = draw(300, 0.05, rng)
    net = MLP([2, 32, 32, 3], "tanh", loss="softmax_cross_entropy", rng=rng)
    train(net, X, y, epochs=120, batch_size=32, optimizer=Adam(lr=0.02), rng=rng)
    assert accuracy(net, X, y) > 0.95


def test_iris_can_be_learnt() -> None:
    X, y = iris()
    rng = np.random.default_rng(0)
    net = MLP([4, 8, 3], loss="softmax_cross_entropy", rng=rng)
    train(net, (X - X.mean(0)) / X.std(0), y, epochs=60, batch_size=16, optimizer=SGD(lr=0.1), rng=rng)
    assert accuracy(net, (X - X.mean(0)) / X.std(0), y) > 0.95


def test_training_stops_when_patience_runs_out_and_reports_progress() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(30, 2))
    net = MLP([2, 4, 1], rng=rng)
    seen: list[int] = []
    history = train(
        net,
        X,
        rng.normal(size=(30, 1)),
        epochs=200,
        batch_size=10,
        optimizer=SGD(lr=0.05),
        rng=rng,
        validation=(X[:5], rng.normal(size=(5, 1))),
        patience=3,
        progress=lambda epoch, loss: seen.append(epoch),
    )
    assert history.stopped_early
    assert seen == list(range(1, len(history.loss) + 1))
    assert len(history.loss) - 1 - int(np.argmin(history.validation_loss)) == 3


def test_a_clipped_step_is_no_longer_than_the_limit() -> None:
    rng = np.random.default_rng(0)
    net = MLP([2, 3, 1], rng=rng)
    before = [p.copy() for p in net.parameters]
    X, T = 100 * rng.normal(size=(5, 2)), rng.normal(size=(5, 1))
    train(net, X, T, epochs=1, batch_size=5, optimizer=SGD(lr=1.0), rng=rng, clip=0.5)
    moved = sum(float(((p - q) ** 2).sum()) for p, q in zip(net.parameters, before, strict=True))
    assert moved**0.5 == pytest.approx(0.5)


def test_the_split_of_the_digits_is_fixed() -> None:
    X, y, X_test, y_test = digits()
    assert (X.shape, X_test.shape) == ((1437, 64), (360, 64))
    assert (X.min(), X.max()) == (0.0, 1.0)
    counts = np.bincount(np.concatenate([y, y_test]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
