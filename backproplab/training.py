"""The training loop: forward, loss, backward, gradients, update, again and again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.random import Generator

from backproplab.errors import DataError, DesignError
from backproplab.network import MLP, gradients
from backproplab.optimizers import clip_by_global_norm

__all__ = ["History", "accuracy", "minibatches", "train", "train_step"]


class Optimizer(Protocol):
    """Anything that changes parameters in place."""

    def step(self, parameters: list[Any], gradients: list[Any]) -> None:
        """Change the parameters in place."""


@dataclass
class History:
    """How training went, one entry per epoch.

    Parameters
    ----------
    loss : list of float
        Mean of the mini-batch losses, each taken before its update.
    validation_loss : list of float
        Loss on the validation data after each epoch; empty without them.
    stopped_early : bool
        Whether patience ran out before the last epoch.
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    stopped_early: bool = False


def minibatches(n: int, batch_size: int, rng: Generator) -> Iterator[Any]:
    """Yield index arrays that hold each of ``n`` examples once, shuffled; the last may be short.

    Raises
    ------
    DesignError
        If ``batch_size`` is below 1.

    Examples
    --------
    >>> [len(batch) for batch in minibatches(10, 4, np.random.default_rng(0))]
    [4, 4, 2]
    """
    if batch_size < 1:
        raise DesignError(f"batch_size is {batch_size}, expected at least 1")
    yield from np.split(rng.permutation(n), range(batch_size, n, batch_size))


def train_step(net: MLP, X: Any, T: Any, optimizer: Optimizer, clip: float | None = None) -> float:
    """Take one step on a checked batch and return the loss before it: the five steps, in order."""
    run = net.run(X)  # 1 forward
    loss, dA = net.loss_function.f_and_deriv(run.As[-1], T)  # 2 loss, and its slope at the output
    deltas = net.backward(run, dA)  # 3 backward
    grads = gradients(run, deltas)  # 4 gradients
    if clip is not None:
        clip_by_global_norm(grads, clip)
    optimizer.step(net.parameters, grads)  # 5 update
    return float(loss)


def train(
    net: MLP,
    X: Any,
    T: Any,
    *,
    epochs: int,
    batch_size: int,
    optimizer: Optimizer,
    rng: Generator,
    validation: tuple[Any, Any] | None = None,
    patience: int | None = None,
    clip: float | None = None,
    progress: Callable[[int, float], None] | None = None,
) -> History:
    """Train a network in place.

    Parameters
    ----------
    net : MLP
        Its parameters are changed.
    X, T : ndarray
        All examples and targets.
    epochs : int
        Passes through the data.
    batch_size : int
        Examples per step.
    optimizer : SGD, RMSProp or Adam
        What to do with the gradients.
    rng : numpy.random.Generator
        Shuffles the examples.
    validation : pair of ndarray, optional
        Data for ``validation_loss`` and for ``patience``.
    patience : int, optional
        Stop after this many epochs without a better validation loss.
    clip : float, optional
        Longest common norm of all gradients of a step.
    progress : callable, optional
        Called as ``progress(epoch, loss)`` after each epoch.

    Returns
    -------
    History
        The losses.

    Raises
    ------
    BackproplabError
        If data or settings do not fit, or the loss is no longer finite.

    Examples
    --------
    >>> from backproplab.optimizers import SGD
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(20, 2))
    >>> net = MLP([2, 1], rng=rng)
    >>> history = train(net, X, X[:, :1], epochs=50, batch_size=5, optimizer=SGD(lr=0.1), rng=rng)
    >>> history.loss[-1] < 0.01 * history.loss[0]
    True
    """
    X, T = net.checked(X, T)
    if patience is not None and validation is None:
        raise DesignError("patience needs validation data, got none\nGive validation=(X, T).")
    held_out = net.checked(*validation) if validation is not None else None
    history = History()
    for epoch in range(epochs):
        losses = [
            train_step(net, X[batch], T[batch], optimizer, clip) * len(batch)
            for batch in minibatches(len(X), batch_size, rng)
        ]
        history.loss.append(sum(losses) / len(X))
        _check_alive(history.loss[-1], epoch)
        if held_out is not None:
            history.validation_loss.append(net.loss(*held_out))
        if progress is not None:
            progress(epoch + 1, history.loss[-1])
        if patience is not None and _is_over(history.validation_loss, patience):
            history.stopped_early = True
            break
    return history


def accuracy(net: MLP, X: Any, labels: Any) -> float:
    """Return the share of examples whose largest output is that of their label."""
    return float(np.mean(net.forward(X).argmax(axis=1) == labels))


def _check_alive(loss: float, epoch: int) -> None:
    if not np.isfinite(loss):
        raise DataError(
            f"the loss is {loss} in epoch {epoch + 1}, expected a finite number\n"
            "Training diverged: try a smaller learning rate, or clip=1.0."
        )


def _is_over(losses: list[float], patience: int) -> bool:
    return len(losses) - 1 - int(np.argmin(losses)) >= patience
