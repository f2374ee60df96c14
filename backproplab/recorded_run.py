"""A training run on the digits, recorded epoch by epoch: what the training dashboard draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.data import digits
from backproplab.errors import DataError
from backproplab.network import MLP
from backproplab.optimizers import SGD
from backproplab.training import train

__all__ = ["EPOCHS", "RecordedRun", "Settings", "examples", "recorded_run"]

EPOCHS = 10
"""How many passes through the examples a run has."""

_LOOKED_INTO = 100  # as many examples tell the size of the deltas


@dataclass(frozen=True)
class Settings:
    """All that a run depends on.

    Parameters
    ----------
    hidden : tuple of int
        The widths of the hidden layers; empty for none.
    activation, loss, init : str
        As for :class:`backproplab.network.MLP`; the output is linear.
    lr : float
        Learning rate of plain SGD.
    batch_size : int
        Examples per step.
    seed : int
        Draws the start and shuffles the examples.
    """

    hidden: tuple[int, ...] = (32,)
    activation: str = "relu"
    loss: str = "softmax_cross_entropy"
    init: str = "he"
    lr: float = 0.5
    batch_size: int = 32
    seed: int = 0


@dataclass(frozen=True, eq=False)
class RecordedRun:
    """One run, with an entry for its start and for each epoch that ended with finite numbers.

    Parameters
    ----------
    losses, shares : ndarray of shape (n, 2)
        Loss and share of digits read right, on the examples and on the new digits.
    deltas : ndarray of shape (n, n_layers)
        Mean size of the deltas of each layer over a hundred examples, first layer first.
    answers : ndarray of shape (n, n_new)
        What was read in each new digit.
    failed : int or None
        The epoch in which the loss or a weight stopped being a finite number.
    """

    losses: NDArray[np.float64]
    shares: NDArray[np.float64]
    deltas: NDArray[np.float64]
    answers: NDArray[np.int64]
    failed: int | None

    def misread(self, epoch: int) -> NDArray[np.int64]:
        """Return which of the new digits are read wrong after that epoch."""
        return np.flatnonzero(self.answers[epoch] != examples()[3])


@cache
def examples() -> tuple[Any, Any, Any, Any]:
    """Return the digits, read once: images and labels to learn from, then the new ones."""
    return digits()


@lru_cache(maxsize=64)
def recorded_run(settings: Settings) -> RecordedRun:
    """Train on all 1,437 digits, and look at the net before the first and after each epoch.

    Parameters
    ----------
    settings : Settings
        What to train, and how.

    Returns
    -------
    RecordedRun
        A run that diverged has fewer entries, and says in which epoch.

    Examples
    --------
    >>> run = recorded_run(Settings(lr=0.3))
    >>> bool(run.shares[0, 1] < 0.2), bool(run.shares[-1, 1] > 0.9)
    (True, True)
    """
    X, y, *_ = examples()
    T = np.eye(10)[y]
    rng = np.random.default_rng(settings.seed)
    sizes = [64, *settings.hidden, 10]
    net = MLP(sizes, settings.activation, loss=settings.loss, init=settings.init, rng=rng)
    record, failed = [_look(net)], None

    def look(_epoch: int, _loss: float) -> None:
        record.append(_look(net))

    with np.errstate(all="ignore"):
        try:
            train(
                net, X, T, epochs=EPOCHS, batch_size=settings.batch_size,
                optimizer=SGD(settings.lr), rng=rng, progress=look,
            )  # fmt: skip
        except DataError:  # the loss, or a parameter, is no longer a finite number
            failed = len(record)
    losses, shares, deltas, answers = (np.array(part) for part in zip(*record, strict=True))
    return RecordedRun(losses, shares, deltas, answers, failed)


def _look(net: MLP) -> Sequence[Any]:
    X, y, X_new, y_new = examples()
    T, T_new = np.eye(10)[y], np.eye(10)[y_new]
    net.checked_inputs(X[:1])  # refuses parameters that are no finite numbers
    out, out_new = _outputs(net, X), _outputs(net, X_new)
    losses = [net.loss_function.f(out, T), net.loss_function.f(out_new, T_new)]
    answers = out_new.argmax(axis=1)
    right = [np.mean(out.argmax(axis=1) == y), np.mean(answers == y_new)]
    deltas = net.deltas(net.run(X[:_LOOKED_INTO]), T[:_LOOKED_INTO])
    # The loss is a mean: times n, each row is the delta of its own example.
    sizes = [np.linalg.norm(len(delta) * delta, axis=1).mean() for delta in deltas]
    return losses, right, sizes, answers


def _outputs(net: MLP, X: Any) -> Any:
    # In pieces: large products are shared out to threads, which wait for each other on a busy machine.
    return np.concatenate([net.run(X[first : first + 64]).As[-1] for first in range(0, len(X), 64)])
