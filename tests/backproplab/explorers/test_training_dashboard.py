import numpy as np
import pytest

from backproplab.data import digits
from backproplab.explorers import TrainingDashboard
from backproplab.losses import LOSSES
from backproplab.network import MLP
from backproplab.optimizers import SGD
from backproplab.recorded_run import EPOCHS, Settings, recorded_run
from backproplab.training import accuracy, train

DIVERGING = {"loss": "squared error, no softmax", "lr": "5"}


@pytest.fixture(scope="module")
def trained():
    """The same run by hand, ended after three epochs."""
    X, y, *_ = digits()
    rng = np.random.default_rng(4)
    net = MLP([64, 8, 10], "tanh", loss="softmax_cross_entropy", init="glorot", rng=rng)
    train(net, X, np.eye(10)[y], epochs=3, batch_size=128, optimizer=SGD(0.5), rng=rng)
    return net


@pytest.fixture(scope="module")
def run():
    return recorded_run(Settings((8,), "tanh", "softmax_cross_entropy", "glorot", 0.5, 128, 4))


def test_a_recorded_epoch_is_where_training_by_hand_ends(run, trained):
    X, y, X_new, y_new = digits()
    np.testing.assert_allclose(run.losses[3], [trained.loss(X, y), trained.loss(X_new, y_new)], rtol=1e-9)
    assert list(run.shares[3]) == [accuracy(trained, X, y), accuracy(trained, X_new, y_new)]
    wrong = np.flatnonzero(trained.forward(X_new).argmax(axis=1) != y_new)
    np.testing.assert_array_equal(run.misread(3), wrong)


def test_deltas_are_those_of_single_examples(run, trained):
    """Of a batch of one example the trace tells the norm of its delta, without any 1/n."""
    X, y, *_ = digits()
    each = [trained.trace(X[i : i + 1], y[i : i + 1]).delta_norms for i in range(100)]
    np.testing.assert_allclose(run.deltas[3], np.mean(each, axis=0), rtol=1e-9)


def test_a_run_has_its_start_and_all_epochs(run):
    assert [len(part) for part in (run.losses, run.shares, run.deltas, run.answers)] == [EPOCHS + 1] * 4
    assert run.failed is None
    assert run.losses[0, 0] == pytest.approx(np.log(10), rel=0.2)


def test_divergence_ends_the_record_and_is_named():
    board = TrainingDashboard(**DIVERGING)
    failed = board.run.failed
    assert 1 <= failed <= EPOCHS
    assert len(board.run.losses) == failed
    assert f"In epoch {failed} the training diverged" in board.picture["sentence"]
    assert (board.picture["wrong"], board.picture["misread"]) == (None, [])
    board.epoch = failed
    assert board.picture["wrong"] is None
    board.epoch = failed - 1
    assert f"The training diverges in epoch {failed}." in board.picture["sentence"]
    assert board.picture["wrong"] == len(board.run.misread(failed - 1))


def test_a_dead_layer_is_exactly_0_never_a_floor():
    board = TrainingDashboard(init="zeros")
    assert set(board.run.deltas[:, 0]) == {0.0}
    assert "in layer 1 exactly 0, in layer 2" in board.picture["sentence"]


def test_misread_digits_come_with_their_images():
    board = TrainingDashboard(epoch=1)
    _, _, X_new, y_new = digits()
    wrong = board.run.misread(1)
    assert board.picture["misread"] == [[y_new[i], board.run.answers[1, i]] for i in wrong[:8]]
    pixels = np.frombuffer(board.arrays[-8 * 64 :], np.uint8).reshape(8, 64)
    np.testing.assert_allclose(pixels / 255, X_new[wrong[:8]], atol=0.002)
    assert f"{len(wrong)} of 360 wrong" in board.picture["sentence"]


def test_scrubbing_trains_nothing_again(monkeypatch):
    board = TrainingDashboard()
    trained = recorded_run.cache_info().misses
    for epoch in range(EPOCHS + 1):
        board.epoch = epoch
        assert f"After {epoch} of {EPOCHS} epochs: loss" in board.picture["sentence"]
    assert recorded_run.cache_info().misses == trained


@pytest.mark.parametrize(
    ("knob", "value"),
    [("lr", "0.05"), ("batch", "128"), ("hidden", "none"), ("activation", "tanh"),
     ("loss", "squared error after softmax"), ("init", "glorot"), ("seed", 3)],
)  # fmt: skip
def test_every_knob_of_the_training_gives_another_run(knob, value):
    board = TrainingDashboard()
    before = board.run
    board.move(**{knob: value})
    assert board.run is not before
    assert board.run.losses[-1, 0] != before.losses[-1, 0]


def test_all_three_losses_are_losses_of_the_package():
    from backproplab.explorers import training_dashboard

    assert set(training_dashboard.LOSSES.values()) < set(LOSSES)


def test_the_sentence_says_what_was_trained_on_what():
    sentence = TrainingDashboard(hidden="none").picture["sentence"]
    assert sentence.startswith(
        "64-10, start he, cross-entropy, rate 0.5, batches of 32, trained on all 1,437"
    )


def test_the_still_picture_breaks_off_where_numbers_have_no_end():
    explorer = TrainingDashboard(**DIVERGING)
    figure = explorer.still()
    assert "image/png" in figure._repr_mimebundle_()
    assert figure.axes[0].get_ylim()[1] < 1e12
    assert figure.sentence == explorer.picture["sentence"]
