"""A tower, layers of equal width one on the other, and what its error signals keep on their way down."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.activations import Activation
from backproplab.data import digits
from backproplab.initializers import Initializer, find_initializer
from backproplab.network import MLP
from backproplab.neuron import number
from backproplab.optimizers import SGD
from backproplab.training import train_step

__all__ = [
    "TowerState",
    "examples",
    "foretold_factors",
    "gaussian_means",
    "loss_of_guessing",
    "tower",
    "tower_state",
    "train_tower",
]

INPUTS, CLASSES = 64, 10

# An even number of points: none lies on the kink of ReLU.
_BELL = np.linspace(-6, 6, 600)
_SHARES = np.exp(-(_BELL**2) / 2) / np.exp(-(_BELL**2) / 2).sum()


def tower(
    depth: int,
    width: int,
    activation: str,
    init: str,
    *,
    scale: float = 1.0,
    bias: float = 0.0,
    seed: int = 0,
) -> MLP:
    """Return a network of equal hidden layers that answers digits.

    A layer's weights depend on the seed and on its place only, so a taller tower stands on the same layers.

    Parameters
    ----------
    depth, width : int
        Number of hidden layers, and of units in each.
    activation, init : str
        Names; ``init`` says how the weights are drawn.
    scale : float
        All weights are multiplied by it.
    bias : float
        Of every hidden unit.
    seed : int
        Of the weights.

    Returns
    -------
    MLP
        64 inputs, 10 outputs, softmax cross-entropy.

    Examples
    --------
    >>> low, high = tower(2, 8, "relu", "he"), tower(3, 8, "relu", "he")
    >>> bool((low.parameters[2] == high.parameters[2]).all())
    True
    """
    places = iter(range(depth + 1))

    def draw(_rng: Any, n_in: int, n_out: int) -> Any:
        return scale * _weights(init, seed, next(places), n_in, n_out)

    sizes = [INPUTS, *[width] * depth, CLASSES]
    net = MLP(
        sizes, activation, loss="softmax_cross_entropy", init=Initializer(init, draw),
        rng=np.random.default_rng(seed),
    )  # fmt: skip
    for b in net.parameters[1:-1:2]:
        b[:] = bias
    return net


@lru_cache(maxsize=256)
def _weights(init: str, seed: int, place: int, n_in: int, n_out: int) -> Any:
    return find_initializer(init)(np.random.default_rng([seed, place]), n_in, n_out)


@lru_cache(maxsize=8)
def examples(kind: str, n: int = 64, seed: int = 0) -> tuple[Any, Any]:
    """Return ``n`` examples: the first training ``"digits"``, or ``"random"`` inputs with random labels.

    Examples
    --------
    >>> [part.shape for part in examples("random", n=3)]
    [(3, 64), (3,)]
    """
    if kind == "digits":
        X, y, _, _ = digits()
        return X[:n], y[:n]
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, INPUTS)), rng.integers(CLASSES, size=n)


def loss_of_guessing(y: Any) -> float:
    """Return the least cross-entropy of an answer that is the same for all examples.

    Examples
    --------
    >>> round(loss_of_guessing(np.arange(10)), 3)  # ln 10
    2.303
    """
    shares = np.bincount(y) / len(y)
    return float(-np.sum(shares[shares > 0] * np.log(shares[shares > 0])))


def gaussian_means(act: Activation, mean: float, spread: float) -> tuple[float, float]:
    """Return the mean squares of ``f(z)`` and of ``f'(z)`` where z lies on a bell curve.

    Examples
    --------
    >>> from backproplab.activations import sigmoid
    >>> round(gaussian_means(sigmoid, 0.0, 1.0)[1] ** 0.5, 2)  # one fifth a sigmoid layer
    0.21
    """
    z = mean + spread * _BELL
    return float(_SHARES @ act.f(z) ** 2), float(_SHARES @ act.deriv(z) ** 2)


def foretold_factors(net: MLP, X: Any) -> NDArray[np.float64]:
    """Foretell by how much each layer of a tower multiplies the error signal on its way back.

    Only sizes go in: each layer's z is taken to lie on a bell curve, as wide as the mean square of what
    enters and of the weights make it. A layer multiplies the mean square of delta by the number of its
    weights' ends, their mean square, and the mean square of the slope.

    Parameters
    ----------
    net : MLP
        Equal hidden layers, with one bias each.
    X : ndarray of shape (n, n_in)
        Examples; only their mean square counts.

    Returns
    -------
    ndarray of shape (depth - 1,)
        ``|delta_l| / |delta_{l+1}|`` for the hidden layers but the last, first layer first.

    Examples
    --------
    >>> X, y = examples("digits")
    >>> foretold_factors(tower(4, 30, "sigmoid", "lecun"), X).round(1)
    array([0.2, 0.2, 0.2])
    """
    Ws, bs = net.parameters[:-2:2], net.parameters[1:-2:2]
    act, sums = net.activations[0], [float(np.vdot(W, W)) for W in Ws]
    entering, factors = float(np.mean(X**2)), []
    for W, b, below, above in zip(Ws, bs, sums, sums[1:], strict=False):
        spread = math.sqrt(below / W.shape[1] * entering)
        entering, slope = gaussian_means(act, float(b.mean()), spread)
        factors.append(math.sqrt(above / W.shape[1] * slope))
    return np.array(factors)


@dataclass(frozen=True)
class TowerState:
    """What goes on in the hidden layers of a tower on one batch; lists run from the first layer to the last.

    Parameters
    ----------
    activation : str
        Its name.
    deltas : ndarray of shape (depth,)
        Norm of the mean delta of each layer, delta taken for each example without 1/n.
    weight_gradients : ndarray of shape (depth,)
        ``|dW|`` of each layer.
    foretold : ndarray of shape (depth,) or (0,)
        What :func:`foretold_factors` makes of the last layer's delta; nothing once the tower is trained, for
        it speaks of fresh weights.
    saturation : ndarray of shape (depth, width)
        For which share of the examples a unit is saturated.
    pre_activations : tuple of ndarray of shape (n, width)
        ``Z`` of each layer.
    losses : tuple of float
        The loss before each step of training, and now.
    guessing : float
        What :func:`loss_of_guessing` says of the batch.
    """

    activation: str
    deltas: NDArray[np.float64]
    weight_gradients: NDArray[np.float64]
    foretold: NDArray[np.float64]
    saturation: NDArray[np.float64]
    pre_activations: tuple[NDArray[np.float64], ...]
    losses: tuple[float, ...]
    guessing: float

    @property
    def depth(self) -> int:
        """The number of hidden layers."""
        return len(self.deltas)

    @property
    def silent(self) -> int:
        """How many layers have a delta of exactly 0."""
        return int(np.count_nonzero(self.deltas == 0))

    def in_words(self, layer: int) -> str:
        """Return the whole picture in words, with a closer look at one layer."""
        width = self.saturation.shape[1]
        words = [
            f"{self.depth} hidden {self.activation} layers of {width}: {self._signal_in_words()}",
            f"|dW| is {number(self.weight_gradients[-1])} in layer {self.depth} and "
            f"{number(self.weight_gradients[0])} in layer 1",
            self._layer_in_words(layer),
            self._training_in_words(),
        ]
        return "; ".join(word for word in words if word) + "."

    def _signal_in_words(self) -> str:
        beyond = int(np.count_nonzero(~np.isfinite(self.deltas)))
        if beyond:
            return f"the mean delta leaves the range of numbers in {beyond} of {self.depth} layers"
        first, last = self.deltas[0], self.deltas[-1]
        ends = f"the mean delta is {number(last)} in layer {self.depth} and {number(first)} in layer 1"
        if self.silent:
            return f"{ends}, exactly 0 in {self.silent} of {self.depth} layers: they learn nothing"
        orders = float(np.log10(last / first))
        change = f"{abs(orders):.1f} orders of magnitude {'lost' if orders > 0 else 'gained'}"
        steps = self.depth - 1
        words = f"{ends}, {change}: a factor {number((first / last) ** (1 / steps))} a layer"
        if not len(self.foretold):
            return words
        return f"{words} (foretold {number((self.foretold[0] / last) ** (1 / steps))})"

    def _layer_in_words(self, layer: int) -> str:
        Z, share = self.pre_activations[layer - 1], self.saturation[layer - 1].mean()
        return (
            f"in layer {layer} z has mean {number(float(Z.mean()))} and spread {number(float(Z.std()))}, "
            f"{100 * share:.0f} % of it saturated"
        )

    def _training_in_words(self) -> str:
        steps = len(self.losses) - 1
        now = f"the loss is {number(self.losses[-1])}, that of guessing {number(self.guessing)}"
        return f"after {steps} steps of training {now}" if steps else f"untrained, {now}"


def tower_state(net: MLP, X: Any, y: Any, losses: tuple[float, ...] = ()) -> TowerState:
    """Send a batch up a tower and its error signal down, and look at every hidden layer.

    Parameters
    ----------
    net : MLP
        What :func:`tower` returns.
    X, y : ndarray
        Examples and their labels.
    losses : tuple of float
        The losses before the steps that it was trained.

    Examples
    --------
    >>> seen = tower_state(tower(4, 30, "sigmoid", "lecun"), *examples("digits"))
    >>> bool(seen.deltas[0] < seen.deltas[3] / 50)
    True
    """
    with np.errstate(over="ignore", invalid="ignore"):
        seen = net.trace(X, y)
        deltas = len(X) * seen.delta_norms[:-1]
        factors = [] if losses else [*foretold_factors(net, X), 1.0]
        loss = float(net.loss_function.f(seen.activations[-1], y))
    return TowerState(
        activation=net.activations[0].name,
        deltas=deltas,
        weight_gradients=seen.weight_gradient_norms[:-1],
        foretold=deltas[-1] * np.cumprod(factors[::-1])[::-1],
        saturation=np.array(seen.unit_saturation[:-1]),
        pre_activations=seen.pre_activations[:-1],
        losses=(*losses, loss),
        guessing=loss_of_guessing(y),
    )


def train_tower(net: MLP, X: Any, y: Any, *, steps: int, lr: float) -> list[float]:
    """Take steps of gradient descent on a batch, in place; return the loss before each.

    A step that would lead out of the range of numbers is not taken, and ends the training.

    Examples
    --------
    >>> net = tower(2, 16, "tanh", "lecun")
    >>> losses = train_tower(net, *examples("digits"), steps=20, lr=0.1)
    >>> losses[-1] < losses[0]
    True
    """
    losses: list[float] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(steps):
            before = [parameter.copy() for parameter in net.parameters]
            loss = train_step(net, X, y, SGD(lr=lr))
            if not np.isfinite(net.loss_function.f(net.run(X).As[-1], y)):
                net.parameters[:] = before
                break
            losses.append(loss)
    return losses
