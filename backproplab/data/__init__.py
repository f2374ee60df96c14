"""Data that travel with the package; nothing is fetched at run time.

Provenance and licence stand beside each file: ``DIGITS.md``, and the head of ``iris.csv``.
"""

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.random import Generator

__all__ = ["digits", "dose", "iris", "moons", "spirals"]

DIGITS_TRAINING = 1437


def dose() -> tuple[Any, Any]:
    """Return the three points of StatQuest's example: dosages and how well they worked.

    Returns
    -------
    dose, observed : ndarray of shape (3,)
        Low and high doses do nothing, the middle one works.

    Examples
    --------
    >>> dose()[1]
    array([0., 1., 0.])
    """
    return np.array([0.0, 0.5, 1.0]), np.array([0.0, 1.0, 0.0])


def digits() -> tuple[Any, Any, Any, Any]:
    """Return the handwritten digits, split once and for all.

    The split follows the permutation of ``default_rng(0)``. Cut in the order of the file, networks read
    some 92 % of the later items, for they meet handwriting there that the earlier ones do not hold.

    Returns
    -------
    X_train : ndarray of shape (1437, 64)
        Pixels from 0 to 1.
    y_train : ndarray of shape (1437,)
        Labels from 0 to 9.
    X_test, y_test : ndarray of shapes (360, 64) and (360,)
        The same for the test.

    Examples
    --------
    >>> [part.shape for part in digits()]
    [(1437, 64), (1437,), (360, 64), (360,)]
    """
    images, labels = _digits_file()
    order = np.random.default_rng(0).permutation(len(labels))
    X, y = images[order] / 16, labels[order].astype(int)
    return X[:DIGITS_TRAINING], y[:DIGITS_TRAINING], X[DIGITS_TRAINING:], y[DIGITS_TRAINING:]


@cache
def _digits_file() -> tuple[Any, Any]:
    with (files(__name__) / "digits.npz").open("rb") as file, np.load(file) as arrays:
        return arrays["images"], arrays["labels"]


def iris() -> tuple[Any, Any]:
    """Return Fisher's iris flowers.

    Returns
    -------
    X : ndarray of shape (150, 4)
        Sepal length, sepal width, petal length, petal width in cm.
    y : ndarray of shape (150,)
        0 setosa, 1 versicolor, 2 virginica.

    Examples
    --------
    >>> X, y = iris()
    >>> X.mean(axis=0).round(2)
    array([5.84, 3.06, 3.76, 1.2 ])
    """
    with (files(__name__) / "iris.csv").open(encoding="utf-8") as file:
        table = np.loadtxt(file, delimiter=",")
    return table[:, :4], table[:, 4].astype(int)


def moons(n: int, noise: float, rng: Generator) -> tuple[Any, Any]:
    """Draw two interleaved half circles.

    Parameters
    ----------
    n : int
        Points altogether; the first half is class 0.
    noise : float
        Standard deviation of the scatter; the circles have radius 1.
    rng : numpy.random.Generator
        Draws the points.

    Returns
    -------
    X : ndarray of shape (n, 2)
        Points.
    y : ndarray of shape (n,)
        Classes 0 and 1.

    Examples
    --------
    >>> moons(6, 0.0, np.random.default_rng(0))[1]
    array([0, 0, 0, 1, 1, 1])
    """
    y = (np.arange(n) >= n // 2).astype(int)
    angle = rng.uniform(0, np.pi, n)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    return np.where(y[:, None] == 0, upper, lower) + rng.normal(0, noise, (n, 2)), y


def spirals(n: int, noise: float, rng: Generator, arms: int = 3) -> tuple[Any, Any]:
    """Draw interleaved spiral arms, a small problem that no straight line can solve.

    Parameters
    ----------
    n : int
        Points altogether.
    noise : float
        Standard deviation of the scatter; the arms have length 1.
    rng : numpy.random.Generator
        Draws the points.
    arms : int
        Number of classes.

    Returns
    -------
    X : ndarray of shape (n, 2)
        Points.
    y : ndarray of shape (n,)
        Classes from 0 to ``arms - 1``.

    Examples
    --------
    >>> spirals(6, 0.0, np.random.default_rng(0))[1]
    array([0, 1, 2, 0, 1, 2])
    """
    y = np.arange(n) % arms
    radius = rng.uniform(0.05, 1, n)
    angle = 4 * radius + 2 * np.pi * y / arms
    X = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return X + rng.normal(0, noise, (n, 2)), y
