"""Numerical derivatives: the independent witness against which written derivatives are checked.

Two methods that fail in different ways stand side by side. The complex step is exact to rounding but
needs a function that accepts complex numbers; central differences take any function but lose half the
digits. :func:`numerical_gradient` takes the first and lets the second contradict it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "DerivativesDisagree",
    "central_difference",
    "complex_direction",
    "complex_step",
    "forward_difference",
    "has_kink",
    "node_perturbation",
    "numerical_gradient",
    "one_sided",
    "richardson",
]

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


def forward_difference(f: Callable[[Any], Any], x: ArrayLike, h: float = 1e-8) -> NDArray[np.float64]:
    """Differentiate a scalar function by ``(f(x + h) - f(x)) / h``: one evaluation an entry, few digits.

    Parameters
    ----------
    f : callable
        Takes an array shaped like ``x``, returns one number.
    x : float or ndarray
        Where to differentiate.
    h : float
        The step; negative looks to the left.

    Returns
    -------
    ndarray, shaped like x
        ``df/dx``, good to about 1e-8.

    Examples
    --------
    >>> round(float(forward_difference(lambda x: x**3, 2.0)), 5)
    12.0
    """
    x = np.asarray(x, dtype=float)
    here = f(x.copy())
    gradient = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        nudged = x.copy()
        nudged[index] += h
        gradient[index] = (f(nudged) - here) / h
    return gradient


def richardson(f: Callable[[Any], Any], x: ArrayLike, h: float = 1e-3) -> NDArray[np.float64]:
    """Combine central differences at ``h`` and ``h/2`` so that the error of order ``h^2`` cancels.

    Parameters
    ----------
    f : callable
        Takes an array shaped like ``x``, returns one number.
    x : float or ndarray
        Where to differentiate.
    h : float
        The larger step.

    Returns
    -------
    ndarray, shaped like x
        ``(4 D(h/2) - D(h)) / 3``, good to about 1e-12.

    Examples
    --------
    >>> abs(float(richardson(np.exp, 0.0)) - 1.0) < 1e-11
    True
    """
    return (4 * central_difference(f, x, h / 2) - central_difference(f, x, h)) / 3


def one_sided(f: Callable[[Any], Any], x: float, h: float = 1e-6) -> tuple[float, float]:
    """Return the slopes just left and just right of ``x``.

    Examples
    --------
    >>> [round(slope, 6) for slope in one_sided(abs, 0.0)]
    [-1.0, 1.0]
    """
    return float(forward_difference(f, x, -h)), float(forward_difference(f, x, h))


def has_kink(f: Callable[[Any], Any], x: float, h: float = 1e-4) -> bool:
    """Tell whether ``f`` has a kink at ``x``: a jump of the slope that stays when ``h`` is halved.

    On a smooth curve the two one-sided slopes approach each other by half when ``h`` is halved.

    Examples
    --------
    >>> has_kink(abs, 0.0), has_kink(np.exp, 0.0)
    (True, False)
    """
    (left, right), (nearer_left, nearer_right) = one_sided(f, x, h), one_sided(f, x, h / 2)
    jump, nearer = abs(right - left), abs(nearer_right - nearer_left)
    rounding = 1e-15 * (1 + abs(float(f(x)))) / h
    return nearer > 0.75 * jump and nearer > 1e3 * rounding


def node_perturbation(tail: Callable[[Any], Any], Z: ArrayLike, h: float = 1e-30) -> NDArray[np.float64]:
    """Return ``dL/dZ`` of a whole layer with one forward pass of the rest of the network per *neuron*.

    Examples do not see each other, so a whole column of ``Z`` can be nudged at once: the imaginary part
    of each example's loss is that example's entry.

    Parameters
    ----------
    tail : callable
        The rest of the network, ``Z -> losses`` of shape (n,), one per example; must accept complex.
    Z : ndarray of shape (n, units)
        Pre-activations of the layer.
    h : float
        The imaginary step.

    Returns
    -------
    ndarray of shape (n, units)
        ``dL_n/dZ[n, j]``; ``A_prev.T`` times it is the gradient of the weights.

    Examples
    --------
    >>> node_perturbation(lambda Z: (Z**2).sum(axis=1), [[1.0, 2.0], [3.0, 4.0]])
    array([[2., 4.],
           [6., 8.]])
    """
    Z = np.asarray(Z, dtype=float)
    delta = np.empty(Z.shape)
    for unit in range(Z.shape[1]):
        nudged = Z.astype(complex)
        nudged[:, unit] += 1j * h
        delta[:, unit] = np.imag(tail(nudged)) / h
    return delta


def complex_direction(
    loss: Callable[[list[Any]], Any], parameters: Sequence[Any], direction: Sequence[Any], h: float = 1e-30
) -> float:
    """Return the slope of the loss along a direction in the space of all parameters, exact to rounding.

    Parameters
    ----------
    loss : callable
        Takes a list of parameters, returns one number; must accept complex numbers.
    parameters, direction : sequence of ndarray
        Where, and which way; equal shapes.
    h : float
        The imaginary step.

    Examples
    --------
    >>> complex_direction(lambda p: p[0] @ p[0], [np.array([1.0, 2.0])], [np.array([1.0, 1.0])])
    6.0
    """
    return float(np.imag(loss([p + 1j * h * v for p, v in zip(parameters, direction, strict=True)])) / h)


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
