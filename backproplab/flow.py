"""A small network at work on a small batch: how delta comes back, and a numerical witness for every number.

What the picture of the delta flow draws, as plain numbers. Layers and units are counted from 1, as the
lessons count them; layer ``l`` owns ``W_l`` and ``delta_l``, and layer 0 is the input.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.activations import Activation
from backproplab.gradcheck import node_perturbation
from backproplab.losses import Loss, half_squared_error
from backproplab.network import MLP, Pass, forward

__all__ = ["BATCH", "INPUTS", "OUTPUTS", "Flow", "draw_flow"]

# No two of them are equal to each other or to the units at the start, so that a transposition shows.
BATCH, INPUTS, OUTPUTS = 5, 3, 2


@dataclass(frozen=True)
class Flow:
    """A network, a batch, and what went forward and came back.

    Parameters
    ----------
    net : MLP
        The same activation in every layer, half squared error.
    X : ndarray of shape (n, n_in)
        The inputs.
    T : ndarray of shape (n, n_out)
        The targets.

    Examples
    --------
    >>> flow = draw_flow(layers=2, units=4, activation="tanh", seed=0, mean=False)
    >>> terms = flow.terms(layer=1, unit=1, example=1)
    >>> bool(np.isclose(terms.sum() * flow.slopes[0][0, 0], flow.deltas[0][0, 0]))  # sum times slope
    True
    """

    net: MLP
    X: NDArray[np.float64]
    T: NDArray[np.float64]

    @property
    def act(self) -> Activation:
        """The activation of every layer."""
        return self.net.activations[0]

    @property
    def loss(self) -> Loss:
        """The loss; its reduction says whether 1/n is in it."""
        return self.net.loss_function

    @property
    def Ws(self) -> list[Any]:
        """The weights of each layer."""
        return list(self.net.parameters[::2])

    @property
    def bs(self) -> list[Any]:
        """The biases of each layer."""
        return list(self.net.parameters[1::2])

    @property
    def layers(self) -> int:
        """How many weight layers there are."""
        return len(self.net.activations)

    @property
    def moments(self) -> int:
        """The last moment: the input is there at 0, then go all layers forward, back, and the gradients."""
        return 2 * self.layers + 1

    @cached_property
    def run(self) -> Pass:
        """The forward pass."""
        return self.net.run(self.X)

    @cached_property
    def deltas(self) -> list[Any]:
        """``dL/dZ`` of each layer by backpropagation."""
        return self.net.deltas(self.run, self.T)

    @cached_property
    def slopes(self) -> list[Any]:
        """``f'(Z)`` of each layer."""
        return [self.act.deriv(Z) for Z in self.run.Zs]

    @cached_property
    def numerical_deltas(self) -> list[NDArray[np.float64]]:
        """``dL/dZ`` of each layer by nudging its pre-activations: no backward pass in sight."""
        return [node_perturbation(self._tail(layer), Z) for layer, Z in enumerate(self.run.Zs, start=1)]

    def arrives(self, layer: int) -> int:
        """Return the moment at which the delta of a layer is there."""
        return 2 * self.layers + 1 - layer

    def terms(self, layer: int, unit: int, example: int) -> NDArray[np.float64]:
        """Return ``delta_k w_jk`` for each unit k of the next layer: what comes back to unit j."""
        return np.asarray(self.deltas[layer][example - 1] * self.Ws[layer][unit - 1])

    def _tail(self, layer: int) -> Callable[[Any], Any]:
        """Return the rest of the network after a layer's Z: its loss, example by example."""
        share = 1 / len(self.X) if self.loss.reduction == "mean" else 1
        summed = self.loss.summed()

        def losses(Z: Any) -> Any:
            later = self.net.parameters[2 * layer :]
            A = forward(later, self.act.f(Z), self.net.activations[layer:]).As[-1]
            return (
                np.array([summed.f(a, t) for a, t in zip(A[:, None], self.T[:, None], strict=True)]) * share
            )

        return losses


def draw_flow(layers: int, units: int, activation: str, seed: int, *, mean: bool) -> Flow:
    """Draw a network, a batch and its targets.

    Parameters
    ----------
    layers : int
        How many weight layers.
    units : int
        How many units in each hidden layer.
    activation : str
        Of every layer, the output's too.
    seed : int
        The same seed gives the same network.
    mean : bool
        Whether the loss is the mean over the examples (lesson 6) or their sum (lesson 3).

    Returns
    -------
    Flow
        Nothing is computed before it is asked for.
    """
    rng = np.random.default_rng(seed)
    loss = half_squared_error if mean else half_squared_error.summed()
    net = MLP([INPUTS, *[units] * (layers - 1), OUTPUTS], activation, activation, loss, "lecun", rng=rng)
    # Without biases a layer behind a silent ReLU layer would sit exactly on the kink, where no slope is.
    for b in net.parameters[1::2]:
        b[:] = rng.normal(0, 0.5, b.shape)
    return Flow(net, rng.normal(size=(BATCH, INPUTS)), rng.uniform(-1, 1, (BATCH, OUTPUTS)))
