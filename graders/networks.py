"""Random networks to ask about, and their derivatives by tiny imaginary steps: no backward pass in sight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import Activation, linear, relu
from backproplab.gradcheck import complex_step, node_perturbation
from backproplab.losses import softmax_cross_entropy

__all__ = [
    "Net",
    "Params",
    "draw_classifier",
    "draw_layer",
    "draw_net",
    "forward",
    "true_deltas",
    "true_gradients",
    "true_loss_and_grads",
]

Params = list[tuple[Any, Any]]


@dataclass(frozen=True)
class Net:
    """A network in the middle of its work.

    Parameters
    ----------
    params : list of (ndarray, ndarray)
        ``(W, b)`` of each layer.
    acts : list of Activation
        One per layer.
    Zs, As : list of ndarray
        What the forward pass left behind; ``As[0]`` is the input.
    T : ndarray
        Targets, of the shape of ``As[-1]``.
    """

    params: list[tuple[Any, Any]]
    acts: list[Activation]
    Zs: list[Any]
    As: list[Any]
    T: Any


def draw_layer(rng: Generator, n_in: int, n_out: int) -> tuple[Any, Any]:
    """Draw ``(W, b)`` small enough that no layer saturates."""
    return rng.normal(size=(n_in, n_out)) / np.sqrt(n_in), rng.normal(size=n_out) / 2


def draw_net(rng: Generator, n: int, sizes: Sequence[int], acts: Sequence[Activation]) -> Net:
    """Draw a network, a batch of ``n`` and targets, and run the forward pass, until no layer is asleep.

    Examples
    --------
    >>> from backproplab.activations import linear, tanh
    >>> net = draw_net(np.random.default_rng(0), 11, [3, 5, 7], [tanh, linear])
    >>> [Z.shape for Z in net.Zs], net.T.shape
    ([(11, 5), (11, 7)], (11, 7))
    """
    while True:
        params = [draw_layer(rng, n_in, n_out) for n_in, n_out in pairwise(sizes)]
        Zs, As = forward(params, rng.normal(size=(n, sizes[0])), acts)
        if all(_awake(act, Z) for act, Z in zip(acts, Zs, strict=True)):
            return Net(params, list(acts), Zs, As, As[-1] + rng.normal(size=As[-1].shape))


def _awake(act: Activation, Z: Any) -> bool:
    """Tell whether neither nearly all of a ReLU layer sleeps nor nearly all of it is awake."""
    return act is not relu or bool(0.25 <= (Z > 0).mean() <= 0.75)


def forward(
    params: Sequence[tuple[Any, Any]], X: Any, acts: Sequence[Activation]
) -> tuple[list[Any], list[Any]]:
    """Return every Z and A of a batch."""
    Zs: list[Any] = []
    As = [X]
    for (W, b), act in zip(params, acts, strict=True):
        Zs.append(As[-1] @ W + b)
        As.append(act.f(Zs[-1]))
    return Zs, As


def true_deltas(
    Ws: Sequence[Any], Zs: Sequence[Any], As: Sequence[Any], T: Any, acts: Sequence[Activation]
) -> list[Any]:
    """Nudge the pre-activations of each layer in turn and watch each example's half squared error."""

    def tail(layer: int) -> Callable[[Any], Any]:
        def losses(Z: Any) -> Any:
            for at in range(layer, len(Ws)):
                A = acts[at].f(Z)
                if at + 1 < len(Ws):
                    Z = Zs[at + 1] + (A - As[at + 1]) @ Ws[at + 1]
            return ((A - T) ** 2).sum(axis=1) / 2

        return losses

    return [node_perturbation(tail(layer), Zs[layer]) for layer in range(len(Ws))]


def true_gradients(loss: Callable[[list[tuple[Any, Any]]], Any], params: list[tuple[Any, Any]]) -> Any:
    """Nudge every weight and bias on its own: ``loss(params)`` is one number, ``params`` a list of (W, b)."""

    def slopes(layer: int, which: int) -> Any:
        def nudged(array: Any) -> Any:
            pair = [*params[layer]]
            pair[which] = array
            return loss([*params[:layer], (pair[0], pair[1]), *params[layer + 1 :]])

        return complex_step(nudged, params[layer][which])

    return [(slopes(layer, 0), slopes(layer, 1)) for layer in range(len(params))]


def draw_classifier(rng: Generator, n: int, sizes: Sequence[int]) -> tuple[Params, Any, Any]:
    """Draw parameters, inputs and labels; every ReLU layer is awake somewhere in every example."""
    while True:
        params = [draw_layer(rng, n_in, n_out) for n_in, n_out in pairwise(sizes)]
        X, y = rng.normal(size=(n, sizes[0])), rng.integers(0, sizes[-1], n)
        Zs, As = forward(params, X, [*[relu] * (len(params) - 1), linear])
        awake = all((Z > 0).any(axis=1).all() and not (Z > 0).all(axis=0).any() for Z in Zs[:-1]) or n == 1
        if awake and (As[-1].argmax(axis=1) != y)[[0, -1]].all() and y[0]:
            return params, X, y


def true_loss_and_grads(params: Params, X: Any, y: Any) -> tuple[float, Any]:
    """Return the mean cross-entropy of a ReLU classifier, and its slopes by nudging every parameter."""

    def loss(nudged: Params) -> Any:
        logits = forward(nudged, X, [*[relu] * (len(nudged) - 1), linear])[1][-1]
        return softmax_cross_entropy.f(logits, y)

    return float(loss(params)), true_gradients(loss, params)
