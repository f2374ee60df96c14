"""Products of the matrices around a dense layer: which of them is a gradient, by shape and by value."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

__all__ = [
    "LOST",
    "MISSHAPEN",
    "RIGHT",
    "UNEQUAL",
    "factors_of",
    "multiplied",
    "products",
    "verdict",
    "wanted_of",
]

LOST, MISSHAPEN, UNEQUAL, RIGHT = "does not run", "wrong shape", "wrong values", "right"


def factors_of(batch: int, n_in: int, n_out: int, rng: Generator) -> dict[str, NDArray[np.float64]]:
    """Draw the matrices of a dense layer ``Z = X @ W + b`` whose input left a tanh layer.

    Parameters
    ----------
    batch, n_in, n_out : int
        Examples, inputs, outputs.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    dict
        ``X``, ``dZ``, ``W``, and ``ones``: a row of ones, whose product with ``dZ`` sums over the examples.

    Examples
    --------
    >>> {name: M.shape for name, M in factors_of(5, 3, 2, np.random.default_rng(0)).items()}
    {'X': (5, 3), 'dZ': (5, 2), 'W': (3, 2), 'ones': (1, 5)}
    """
    return {
        "X": np.tanh(rng.normal(size=(batch, n_in))),
        "dZ": rng.normal(size=(batch, n_out)),
        "W": rng.normal(size=(n_in, n_out)),
        "ones": np.ones((1, batch)),
    }


def wanted_of(factors: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
    """Return the gradients that a dense layer owes, as matrices.

    Parameters
    ----------
    factors : mapping
        As ``factors_of`` gives them.

    Returns
    -------
    dict
        ``dW``, ``db`` (a row), ``dX``, and ``dZ_prev``: the delta of the tanh layer before.

    Examples
    --------
    >>> wanted_of(factors_of(5, 3, 2, np.random.default_rng(0)))["db"].shape
    (1, 2)
    """
    X, dZ, W = (np.asarray(factors[name]) for name in ("X", "dZ", "W"))
    dX = dZ @ W.T
    # X = tanh(Z_prev), so its slope is 1 - X^2.
    return {"dW": X.T @ dZ, "db": dZ.sum(axis=0, keepdims=True), "dX": dX, "dZ_prev": dX * (1 - X**2)}


def multiplied(left: Any, right: Any) -> Any:
    """Return the matrix product, or None where it does not run."""
    return left @ right if left.shape[1] == right.shape[0] else None


def verdict(made: Any, wanted: Any) -> str:
    """Tell whether a product is the gradient that is wanted.

    Parameters
    ----------
    made : ndarray or None
        The product; None if it does not run.
    wanted : ndarray
        The gradient.

    Examples
    --------
    >>> verdict(np.ones((2, 2)), np.zeros((2, 2)))
    'wrong values'
    """
    if made is None:
        return LOST
    if made.shape != wanted.shape:
        return MISSHAPEN
    return RIGHT if np.allclose(made, wanted) else UNEQUAL


def products(factors: Mapping[str, Any], wanted: Any) -> list[tuple[Any, Any, Any, str]]:
    """Multiply two matrices and their transposes in both orders; one matrix alone with itself.

    Parameters
    ----------
    factors : mapping of str to ndarray
        One or two matrices by their names.
    wanted : ndarray
        The gradient.

    Returns
    -------
    list of tuple
        For each product its named factors, its value or None, and the verdict.
    """
    sides = [
        [(name, np.asarray(matrix)), (f"{name}.T", np.asarray(matrix).T)] for name, matrix in factors.items()
    ]
    one, other = sides[0], sides[-1]
    pairs = [(a, b) for a in one for b in other]
    if len(sides) > 1:
        pairs += [(b, a) for b in other for a in one]
    made = [multiplied(a[1], b[1]) for a, b in pairs]
    return [(a, b, M, verdict(M, wanted)) for (a, b), M in zip(pairs, made, strict=True)]
