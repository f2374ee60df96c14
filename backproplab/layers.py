"""The dense layer: ``Z = X @ W + b`` forward, and the error signal back through it."""

from typing import Any

__all__ = ["dense_backward", "dense_forward", "dense_gradients"]


def dense_forward(X: Any, W: Any, b: Any) -> Any:
    """Return the pre-activations of a batch.

    Parameters
    ----------
    X : ndarray of shape (n, n_in)
        One example a row.
    W : ndarray of shape (n_in, n_out)
        ``W[j, k]`` runs from input ``j`` to unit ``k``.
    b : ndarray of shape (n_out,)
        One bias a unit.

    Returns
    -------
    ndarray of shape (n, n_out)
        ``Z[n, k] = sum_j X[n, j] W[j, k] + b[k]``.

    Examples
    --------
    >>> import numpy as np
    >>> dense_forward(np.array([[2.0, 0.0]]), np.array([[1.0], [3.0]]), np.array([0.5]))
    array([[2.5]])
    """
    return X @ W + b


def dense_backward(delta: Any, W: Any) -> Any:
    """Send the error signal back through the weights.

    A unit gathers the error of every unit that it feeds, each by the weight between them.

    Parameters
    ----------
    delta : ndarray of shape (n, n_out)
        ``dL/dZ`` of this layer.
    W : ndarray of shape (n_in, n_out)
        Its weights.

    Returns
    -------
    ndarray of shape (n, n_in)
        ``dL/dX[n, j] = sum_k delta[n, k] W[j, k]``.

    Examples
    --------
    >>> import numpy as np
    >>> dense_backward(np.array([[1.0, 10.0]]), np.array([[2.0, 3.0]]))  # 1 * 2 + 10 * 3
    array([[32.]])
    """
    return delta @ W.T


def dense_gradients(X: Any, delta: Any) -> tuple[Any, Any]:
    """Return the gradients of the layer's own parameters: *input times error*.

    Parameters
    ----------
    X : ndarray of shape (n, n_in)
        What entered the layer.
    delta : ndarray of shape (n, n_out)
        ``dL/dZ``, one row per example.

    Returns
    -------
    dW : ndarray of shape (n_in, n_out)
        ``dL/dW[j, k] = sum_n X[n, j] delta[n, k]``.
    db : ndarray of shape (n_out,)
        ``dL/db[k] = sum_n delta[n, k]``.

    Examples
    --------
    >>> import numpy as np
    >>> dW, db = dense_gradients(np.array([[2.0, 0.0]]), np.array([[0.5]]))
    >>> dW.ravel()  # the silent input teaches its weight nothing
    array([1., 0.])
    """
    return X.T @ delta, delta.sum(axis=0)
