"""Every gradient of a described network: any depth, any activations, any of the losses, summed or averaged.

The steps are those of :mod:`graders.bank.network` and :mod:`graders.bank.softmax`; here they start from
the network's input, and the loss decides what the error at the output is.
"""

from collections.abc import Callable
from typing import Any

from backproplab.activations import sigmoid
from backproplab.losses import Loss
from graders.bank.derivation import Derivation, Step, Turn, Where
from graders.bank.layers import BIASES
from graders.bank.network import (
    AVERAGED,
    BACKS,
    ORDER,
    SLOPES,
    SUMMED,
    WEIGHTS_OF_NET,
    go_back,
    gradients,
)
from graders.bank.regularised import regularised
from graders.bank.softmax import ERROR_STEPS
from graders.networks import forward

__all__ = ["derivation_of", "places"]

Error = Callable[[Any, Any, Any], Any]
LAYERS = {"slope": SLOPES, "back": BACKS, "weights": WEIGHTS_OF_NET, "biases": BIASES, "order": ORDER}
LOGISTIC = Step(
    lambda at: sigmoid.f(at.Z) - at.T,
    "dZ = sigmoid(Z) - T",
    (
        Turn("slope_extra_at_output", lambda at: _stalled(at), "dZ = (A - T) * A (1 - A), A = sigmoid(Z)"),
        Turn("bce_positive_only", lambda at: at.T * (sigmoid.f(at.Z) - 1), "dZ = -T (1 - A), A = sigmoid(Z)"),
    ),
)


def derivation_of(loss: Loss, regular: bool = False) -> Derivation:
    """Return the derivation of all gradients of a network with that loss.

    Parameters
    ----------
    loss : Loss
        One of ``backproplab.losses``, summed or averaged over the examples.
    regular : bool
        Whether ``lam / 2 sum W^2`` is added to it.

    Returns
    -------
    Derivation
        ``(params, X, T, acts) -> list of (dW, db)``, with ``lam`` as one more argument where it is regular.

    Examples
    --------
    >>> import numpy as np
    >>> from backproplab.activations import linear
    >>> from backproplab.losses import half_squared_error
    >>> params = [(np.array([[2.0]]), np.array([0.0]))]
    >>> derivation_of(half_squared_error)(params, np.array([[3.0]]), np.array([[5.0]]), [linear])
    [(array([[3.]]), array([1.]))]
    """
    error, steps = ERRORS[loss.name]
    output = AVERAGED if loss.reduction == "mean" else SUMMED
    if loss.on_logits:
        output = output.without("loss_for_error", "upstream_ignored")

    def run(take: Any, params: Any, X: Any, T: Any, acts: Any) -> Any:
        return _gradients(take, error, params, X, T, acts)

    derivation = Derivation({**LAYERS, "output": output, **steps}, run)
    return regularised(derivation) if regular else derivation


def places(depth: int) -> tuple[Where, ...]:
    """Return where a slip may sit in a network of that depth: everywhere, in one layer, in all hidden ones.

    Examples
    --------
    >>> places(3), places(2), places(1)
    (('all', 1, 2, 3, 'hidden'), ('all', 1, 2), ('all',))
    """
    if depth == 1:
        return ("all",)
    # One layer before the hidden ones: where only one of these is gone back through, it has its number.
    return ("all", *range(1, depth + 1), *(("hidden",) if depth > 2 else ()))


def _gradients(take: Any, error: Error, params: Any, X: Any, T: Any, acts: Any) -> Any:
    depth, Ws = len(params), [W for W, _ in params]
    Zs, As = forward(params, X, acts)
    dA = take("output", dA=error(take, As[-1], T), As=As)
    net = {"Ws": Ws, "Zs": Zs, "As": As, "depth": depth}
    delta = take("slope", layer=depth, dA=dA, Z=Zs[-1], act=acts[-1], **net)
    deltas = go_back(take, Ws, Zs, As, acts, delta, dA)
    return take("order", answers=gradients(take, deltas, Zs, As, acts))


def _squared(twice: float) -> Error:
    return lambda take, A, T: twice * (A - T)


def _logistic(take: Any, Z: Any, T: Any) -> Any:
    return take("logistic", Z=Z, T=T)


def _stalled(at: Any) -> Any:
    A = sigmoid.f(at.Z)
    return (A - at.T) * A * (1 - A)


def _softmax(take: Any, Z: Any, y: Any) -> Any:
    labels = y if y.ndim == 1 else y.argmax(axis=1)
    P = take("probabilities", Z=Z)
    return take("error", P=P, Y=take("targets", P=P, y=labels))


def _softmax_squared(take: Any, Z: Any, y: Any) -> Any:
    """Half the squared error of the probabilities: the error goes back through the softmax."""
    labels = y if y.ndim == 1 else y.argmax(axis=1)
    P = take("probabilities", Z=Z)
    G = P - take("targets", P=P, y=labels)
    return P * (G - (P * G).sum(axis=1, keepdims=True))


ERRORS: dict[str, tuple[Error, dict[str, Step]]] = {
    "half_squared_error": (_squared(1.0), {}),
    "ssr": (_squared(2.0), {}),
    "binary_cross_entropy": (_logistic, {"logistic": LOGISTIC}),
    "softmax_cross_entropy": (
        _softmax,
        {name: ERROR_STEPS[name] for name in ("probabilities", "targets", "error")},
    ),
    "softmax_squared_error": (
        _softmax_squared,
        {name: ERROR_STEPS[name] for name in ("probabilities", "targets")},
    ),
}
