"""Numerical derivatives: the independent witness against which written derivatives are checked.

Two methods that fail in different ways stand side by side. The complex step is exact to rounding but
needs a function that accepts complex numbers; central differences take any function but lose half the
digits. :func:`numerical_gradient` takes the first and lets the second contradict it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["DerivativesDisagree", "central_difference", "complex_step", "numerical_gradient"]

# Central differences of a smooth function at h = 1e-6 are good to about 1e-9 of the gradient's size.
AGREEMENT = 1e-6


class DerivativesDisagree(ArithmeticError):
    """Complex step and central differences give different derivatives: a kink, or no analytic function."""


def complex_step(f: Callable[[Any], Any], x: ArrayLike, h: float = 1e-30) -> NDArray[np.float64]:
    """Differentiate a scalar function by a tiny imaginary step: ``Im f(x + ih) / h``.

    Nothing is subtracted, so nothing cancels, and ``h`` can be as small as one likes
    (Squire and Trapp, 1998, SIAM Review 40).

    Parameters
    ----------
    f : callable
        Takes an array shaped like ``x``, returns one number; must accept complex numbers.
    x : float or ndarray
        Where to differentiate.
    h : float
        The step, in the units of ``x``.

    Returns
    -------
    ndarray, shaped like x
        ``df/dx`` for every entry.

    Examples
    --------
    >>> float(complex_step(lambda x: x**3, 2.0))
    12.0
    """
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        nudged = x.astype(complex)
        nudged[index] += 1j * h
        gradient[index] = np.imag(f(nudged)) / h
    return gradient


def central_difference(f: Callable[[Any], Any], x: ArrayLike, h: float = 1e-6) -> NDArray[np.float64]:
    """Differentiate a scalar function by ``(f(x + h) - f(x - h)) / 2h``, entry by entry.

    Parameters
    ----------
    f : callable
        Takes an array shaped like ``x``, returns one number.
    x : float or ndarray
        Where to differentiate.
    h : float
        The step: smaller means less curvature error and more rounding error.

    Returns
    -------
    ndarray, shaped like x
        ``df/dx`` for every entry.

    Examples
    --------
    >>> round(float(central_difference(lambda x: x**3, 2.0)), 6)
    12.0
    """
    x = np.asarray(x, dtype=float)
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        above, below = x.copy(), x.copy()
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


def numerical_gradient(f: Callable[[Any], Any], x: ArrayLike) -> NDArray[np.float64]:
    """Return the complex-step gradient after central differences have confirmed it.

    Parameters
    ----------
    f : callable
        Takes an array shaped like ``x``, returns one number; must accept complex numbers.
    x : float or ndarray
        Where to differentiate; not at a kink.

    Returns
    -------
    ndarray, shaped like x
        ``df/dx``, exact to rounding.

    Raises
    ------
    DerivativesDisagree
        If the two differ by more than 1e-6 of the gradient's size (or of 1, where it is smaller).

    Examples
    --------
    >>> numerical_gradient(lambda w: w[0] * w[1], [2.0, 5.0])
    array([5., 2.])
    >>> numerical_gradient(abs, 1.0)
    Traceback (most recent call last):
    ...
    backproplab.gradcheck.DerivativesDisagree: complex step 0, central differences 1: a kink, or ...
    """
    exact, rough = complex_step(f, x), central_difference(f, x)
    if not np.linalg.norm(exact - rough) <= AGREEMENT * max(1.0, float(np.linalg.norm(exact))):
        raise DerivativesDisagree(
            f"complex step {np.linalg.norm(exact):.6g}, central differences {np.linalg.norm(rough):.6g}: "
            "a kink, or a function such as abs that is not analytic"
        )
    return exact
