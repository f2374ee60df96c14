"""The multi-layer perceptron: forward keeps Z and A, backward turns them into gradients.

The functions ``forward``, ``backward`` and ``gradients`` are the whole algorithm. ``MLP`` holds the
parameters, checks what it is given, and calls them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import DTypeLike

from backproplab.activations import Activation, find_activation, linear
from backproplab.checks import (
    as_numbers,
    check_finite,
    check_output,
    checked_dtype,
    checked_inputs,
    checked_sizes,
)
from backproplab.errors import DesignError
from backproplab.initializers import Initializer, find_initializer
from backproplab.layers import dense_backward, dense_forward, dense_gradients
from backproplab.losses import Loss, find_loss
from backproplab.trace import Trace, trace

__all__ = ["MLP", "Pass", "backward", "forward", "gradients"]


@dataclass(frozen=True)
class Pass:
    """What a forward pass leaves behind for the way back.

    Parameters
    ----------
    Zs : list of ndarray
        Pre-activations of each layer, ``(n, n_l)``.
    As : list of ndarray
        Activations: ``As[0]`` is the input, ``As[l]`` leaves layer ``l``.
    """

    Zs: list[Any]
    As: list[Any]


def forward(parameters: Sequence[Any], X: Any, activations: Sequence[Activation]) -> Pass:
    """Run a batch through all layers and keep every Z and A.

    Parameters
    ----------
    parameters : sequence of ndarray
        ``[W1, b1, W2, b2, ...]``.
    X : ndarray of shape (n, n_in)
        One example a row.
    activations : sequence of Activation
        One per layer.

    Returns
    -------
    Pass
        ``Z_l = A_{l-1} @ W_l + b_l`` and ``A_l = f_l(Z_l)``.
    """
    Zs, As = [], [X]
    for W, b, act in zip(parameters[::2], parameters[1::2], activations, strict=True):
        Zs.append(dense_forward(As[-1], W, b))
        As.append(act.f(Zs[-1]))
    return Pass(Zs, As)


def backward(parameters: Sequence[Any], run: Pass, dA: Any, activations: Sequence[Activation]) -> list[Any]:
    """Send the loss's slope at the output back to every layer's Z.

    Parameters
    ----------
    parameters : sequence of ndarray
        ``[W1, b1, W2, b2, ...]``.
    run : Pass
        The forward pass.
    dA : ndarray of shape (n, n_out)
        ``dL/dA`` at the output.
    activations : sequence of Activation
        One per layer.

    Returns
    -------
    list of ndarray
        ``delta_l = dL/dZ_l``, first layer first:
        ``delta_l = (delta_{l+1} @ W_{l+1}.T) * f_l'(Z_l)``.
    """
    return _send_back(parameters, lambda layer: activations[layer].deriv(run.Zs[layer]), dA, activations)


def _send_back(
    parameters: Sequence[Any], slope_of: Callable[[int], Any], dA: Any, activations: Sequence[Activation]
) -> list[Any]:
    deltas = []
    for layer in reversed(range(len(activations))):
        delta = dA if activations[layer] is linear else dA * slope_of(layer)
        deltas.append(delta)
        if layer:  # nothing lies before the first layer that could learn
            dA = dense_backward(delta, parameters[2 * layer])
    return deltas[::-1]


def gradients(run: Pass, deltas: Sequence[Any]) -> list[Any]:
    """Turn every layer's delta into the gradients of its parameters.

    Parameters
    ----------
    run : Pass
        The forward pass.
    deltas : sequence of ndarray
        ``dL/dZ`` of each layer.

    Returns
    -------
    list of ndarray
        ``[dW1, db1, dW2, db2, ...]``, each shaped like its parameter.
    """
    return [g for A, delta in zip(run.As, deltas, strict=False) for g in dense_gradients(A, delta)]


class MLP:
    """A multi-layer perceptron.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of units, inputs first: ``[64, 30, 10]`` has two weight layers.
    activation, output_activation : str or Activation
        Of the hidden layers and of the output.
    loss : str or Loss
        The cross-entropies act on logits and need a linear output.
    init : str or Initializer
        How the weights are drawn; biases start at 0.
    rng : numpy.random.Generator
        Draws the weights.
    dtype : dtype
        float64 or float32.

    Raises
    ------
    BackproplabError
        If names are unknown or parts do not fit.

    Examples
    --------
    >>> net = MLP([2, 3, 1], rng=np.random.default_rng(0))
    >>> X, T = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[1.0], [0.0]])
    >>> [g.shape for g in net.gradients(X, T)]
    [(2, 3), (3,), (3, 1), (1,)]
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str | Activation = "tanh",
        output_activation: str | Activation = "linear",
        loss: str | Loss = "half_squared_error",
        init: str | Initializer = "glorot",
        *,
        rng: Generator,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.sizes = checked_sizes(sizes)
        self.dtype = checked_dtype(dtype)
        if not isinstance(rng, Generator):
            raise DesignError(f"rng is a {type(rng).__name__}, expected numpy.random.default_rng(seed)")
        hidden, output = find_activation(activation), find_activation(output_activation)
        self.activations = [hidden] * (len(self.sizes) - 2) + [output]
        self.loss_function = find_loss(loss)
        check_output(self.loss_function, output, self.sizes[-1])
        draw = find_initializer(init)
        self.parameters: list[Any] = []
        for n_in, n_out in zip(self.sizes, self.sizes[1:], strict=False):
            self.parameters += [draw(rng, n_in, n_out, self.dtype), np.zeros(n_out, self.dtype)]

    @property
    def names(self) -> list[str]:
        """The names of the parameters: ``["W1", "b1", "W2", "b2", ...]``."""
        return [f"{kind}{layer}" for layer in range(1, len(self.sizes)) for kind in "Wb"]

    def forward(self, X: Any) -> Any:
        """Return the outputs, ``(n, n_out)``."""
        return self.run(self.checked_inputs(X)).As[-1]

    def loss(self, X: Any, T: Any) -> float:
        """Return the loss of a batch."""
        X, T = self.checked(X, T)
        return float(self.loss_function.f(self.run(X).As[-1], T))

    def gradients(self, X: Any, T: Any) -> list[Any]:
        """Return ``[dW1, db1, ...]``: forward, loss, backward, gradients."""
        X, T = self.checked(X, T)
        run = self.run(X)
        return gradients(run, self.deltas(run, T))

    def trace(self, X: Any, T: Any) -> Trace:
        """Return what happens in each layer on one batch.

        Examples
        --------
        >>> net = MLP([2, 3, 3, 1], "sigmoid", rng=np.random.default_rng(0))
        >>> near, far = net.trace(np.ones((4, 2)), np.zeros((4, 1))).delta_norms[[2, 0]]
        >>> bool(far < near)  # the error signal fades on its way back
        True
        """
        X, T = self.checked(X, T)
        run = self.run(X)
        slopes = [act.deriv(Z) for act, Z in zip(self.activations, run.Zs, strict=True)]
        dA = self.loss_function.deriv(run.As[-1], T)
        deltas = _send_back(self.parameters, slopes.__getitem__, dA, self.activations)
        return trace(run.Zs, run.As[1:], slopes, deltas, gradients(run, deltas)[::2], self.activations)

    def run(self, X: Any) -> Pass:
        """Return the forward pass of checked inputs."""
        return forward(self.parameters, X, self.activations)

    def backward(self, run: Pass, dA: Any) -> list[Any]:
        """Return ``dL/dZ`` of every layer, from the loss's slope at the output."""
        return backward(self.parameters, run, dA, self.activations)

    def deltas(self, run: Pass, T: Any) -> list[Any]:
        """Return ``dL/dZ`` of every layer after a forward pass."""
        return self.backward(run, self.loss_function.deriv(run.As[-1], T))

    def loss_of(self, parameters: Sequence[Any]) -> Callable[[Any, Any], Any]:
        """Return the loss as a function of other parameters, complex ones too, for numerical derivatives."""

        def loss(X: Any, T: Any) -> Any:
            return self.loss_function.f(forward(parameters, X, self.activations).As[-1], T)

        return loss

    def checked_inputs(self, X: Any) -> Any:
        """Return ``X`` in the network's dtype, or say what is wrong with it."""
        X = checked_inputs(X, self.sizes[0])
        for name, parameter in zip(self.names, self.parameters, strict=True):
            check_finite(name, parameter)
        return X.astype(self.dtype, copy=False)

    def checked(self, X: Any, T: Any) -> tuple[Any, Any]:
        """Return ``X`` and ``T`` ready for arithmetic, or say what is wrong with them."""
        X = self.checked_inputs(X)
        T = as_numbers("T", T)
        self.loss_function.check(T, len(X), self.sizes[-1])
        check_finite("T", T)
        labels = self.loss_function.labels and T.ndim == 1
        return X, T if labels else T.astype(self.dtype, copy=False)

    def __repr__(self) -> str:
        chain = "-".join(map(str, self.sizes))
        return f"<MLP {chain}, {self.activations[0].name}, {self.loss_function.name}>"
