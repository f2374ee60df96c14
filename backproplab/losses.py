"""Losses: how wrong an output is, as one number, and the slope of that number at the output.

A loss is a value with ``f`` and ``deriv``, both functions of the network's output ``A`` and the targets
``T``. It sums over the outputs of an example; ``reduction`` says what happens over the examples, so that
``1/n`` enters exactly once, in ``deriv``. The cross-entropies act on logits.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from backproplab.activations import sigmoid, softplus
from backproplab.errors import DataError, ShapeError, UnknownName

__all__ = [
    "LOSSES",
    "Loss",
    "binary_cross_entropy",
    "find_loss",
    "half_squared_error",
    "log_softmax",
    "softmax",
    "softmax_cross_entropy",
    "softmax_squared_error",
    "softmax_vjp",
    "ssr",
]


@dataclass(frozen=True, eq=False)
class Loss:
    """A loss and its slope.

    Parameters
    ----------
    name : str
        The name by which networks and reports call it.
    parts : callable
        ``(A, T) -> (total, slope)``: the number, summed over outputs and examples, and its derivative,
        shaped like ``A``. They share most of their work.
    reduction : {"mean", "sum"}
        Over the examples.
    on_logits : bool
        The output must be linear, because the loss has its own squashing inside.
    labels : bool
        The targets may be integer labels, one per example.
    """

    name: str
    parts: Callable[[Any, Any], tuple[Any, Any]]
    reduction: Literal["mean", "sum"] = "mean"
    on_logits: bool = False
    labels: bool = False

    def f(self, A: Any, T: Any) -> Any:
        """Return the loss of a batch.

        Parameters
        ----------
        A : ndarray of shape (n, n_out)
            The network's outputs.
        T : ndarray
            The targets, shaped like ``A`` (for softmax cross-entropy also integer labels of shape (n,)).

        Returns
        -------
        float
            Summed over outputs; averaged over examples unless ``reduction`` is "sum".

        Examples
        --------
        >>> float(half_squared_error.f(np.array([[1.0], [3.0]]), np.array([[0.0], [0.0]])))
        2.5
        """
        return self.f_and_deriv(A, T)[0]

    def deriv(self, A: Any, T: Any) -> Any:
        """Return ``dL/dA``, shaped like ``A``.

        Examples
        --------
        >>> half_squared_error.deriv(np.array([[1.0], [3.0]]), np.array([[0.0], [0.0]])).ravel()
        array([0.5, 1.5])
        """
        return self.f_and_deriv(A, T)[1]

    def f_and_deriv(self, A: Any, T: Any) -> tuple[Any, Any]:
        """Return the loss and ``dL/dA`` together: the only place where ``1/n`` enters."""
        total, slope = self.parts(A, T)
        return (total / len(A), slope / len(A)) if self.reduction == "mean" else (total, slope)

    def summed(self) -> "Loss":
        """Return the same loss, summed over the examples."""
        return replace(self, reduction="sum")

    def check(self, T: Any, n: int, n_out: int) -> None:
        """Refuse targets that do not fit outputs of shape ``(n, n_out)``.

        Raises
        ------
        ShapeError
            If the shape does not fit.
        DataError
            If labels are no integers, or out of range.
        """
        T = np.asarray(T)
        if self.labels and T.shape != (n, n_out):
            _check_labels(T, n, n_out)
        elif T.shape != (n, n_out):
            raise ShapeError("T", f"({n}, {n_out})", T.shape, _cause_of_targets(T, n, n_out))

    def __repr__(self) -> str:
        return f"<loss {self.name}, {self.reduction} over examples>"


def softmax(Z: Any) -> Any:
    """Return the probabilities of each row's classes, stable for any size of logits.

    Parameters
    ----------
    Z : ndarray of shape (n, k)
        Logits.

    Returns
    -------
    ndarray of shape (n, k)
        ``e^z_j / sum_k e^z_k``; each row sums to 1.

    Examples
    --------
    >>> softmax(np.array([[1000.0, 1000.0]]))
    array([[0.5, 0.5]])
    """
    E = np.exp(Z - Z.real.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


def log_softmax(Z: Any) -> Any:
    """Return the logarithms of :func:`softmax`, without ever taking the logarithm of 0.

    Examples
    --------
    >>> log_softmax(np.array([[0.0, -10000.0]]))
    array([[     0., -10000.]])
    """
    shifted = Z - Z.real.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def softmax_vjp(P: Any, G: Any) -> Any:
    """Send a slope at the probabilities of a softmax back to its logits.

    Only differences within ``G`` get through: all probabilities cannot rise together.

    Parameters
    ----------
    P : ndarray of shape (n, k)
        Probabilities that a softmax made.
    G : ndarray of shape (n, k)
        ``dL/dP``.

    Returns
    -------
    ndarray of shape (n, k)
        ``dL/dZ[n, i] = P[n, i] (G[n, i] - sum_k G[n, k] P[n, k])``; each row sums to 0.

    Examples
    --------
    >>> softmax_vjp(np.array([[0.5, 0.5]]), np.array([[1.0, 0.0]]))
    array([[ 0.25, -0.25]])
    """
    return P * (G - (G * P).sum(axis=1, keepdims=True))


def _half_squared_error(A: Any, T: Any) -> tuple[Any, Any]:
    error = A - T
    return _dot(error, error) / 2, error


def _ssr(A: Any, T: Any) -> tuple[Any, Any]:
    error = A - T
    return _dot(error, error), 2 * error


def _binary_cross_entropy(A: Any, T: Any) -> tuple[Any, Any]:
    return softplus.f(A).sum() - _dot(T, A), sigmoid.f(A) - T


def _softmax_cross_entropy(A: Any, T: Any) -> tuple[Any, Any]:
    rows = _one_hot(A, T)
    shifted = A - A.real.max(axis=1, keepdims=True)
    E = np.exp(shifted)
    sums = E.sum(axis=1, keepdims=True)
    # -log p = log(sum of e^z) - z for the right class; the slope is p - t.
    return (rows * np.log(sums)).sum() - _dot(rows, shifted), E / sums - rows


def _softmax_squared_error(A: Any, T: Any) -> tuple[Any, Any]:
    P = softmax(A)
    error = P - _one_hot(A, T)
    return _dot(error, error) / 2, softmax_vjp(P, error)


def _one_hot(A: Any, T: Any) -> Any:
    return np.equal(T[:, None], np.arange(A.shape[1])).astype(A.dtype) if T.ndim == 1 else T


def _dot(A: Any, B: Any) -> Any:
    return A.ravel() @ B.ravel()


half_squared_error = Loss("half_squared_error", _half_squared_error)
ssr = Loss("ssr", _ssr, reduction="sum")
binary_cross_entropy = Loss("binary_cross_entropy", _binary_cross_entropy, on_logits=True)
softmax_cross_entropy = Loss("softmax_cross_entropy", _softmax_cross_entropy, on_logits=True, labels=True)
# Half the squared error of the probabilities: what cross-entropy is compared with.
softmax_squared_error = Loss("softmax_squared_error", _softmax_squared_error, on_logits=True, labels=True)

LOSSES: dict[str, Loss] = {
    loss.name: loss
    for loss in (
        half_squared_error,
        ssr,
        binary_cross_entropy,
        softmax_cross_entropy,
        softmax_squared_error,
    )
}


def _cause_of_targets(T: Any, n: int, n_out: int) -> str:
    if T.shape == (n,) and n_out == 1:
        return "A column is due: use T[:, None], or the difference becomes an n by n table."
    if T.shape == (n,):
        return "These look like labels: use loss='softmax_cross_entropy', or one-hot rows."
    if len(T) != n:
        return f"There are {n} examples in X."
    return "One column per output."


def _check_labels(T: Any, n: int, k: int) -> None:
    if T.shape != (n,):
        raise ShapeError("T", f"({n},) integer labels or ({n}, {k}) one-hot rows", T.shape)
    if T.dtype.kind not in "iu":
        raise DataError(
            f"labels are {T.dtype}, expected integers\nUse T.astype(int) if they are whole numbers."
        )
    if T.size and (int(T.min()) < 0 or int(T.max()) >= k):
        raise DataError(
            f"labels run from {T.min()} to {T.max()}, expected 0 to {k - 1}\n"
            "Either the labels start at 1, or the network has too few outputs."
        )


def find_loss(name: str | Loss) -> Loss:
    """Return the loss of that name; a loss stands for itself.

    Raises
    ------
    UnknownName
        If there is none; the nearest name is offered.
    """
    if isinstance(name, Loss):
        return name
    if name not in LOSSES:
        raise UnknownName("loss", name, LOSSES)
    return LOSSES[name]
