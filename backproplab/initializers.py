"""Initialisers: how large the first weights are. Each draws a weight matrix of shape (n_in, n_out)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.errors import UnknownName

__all__ = [
    "INITIALIZERS",
    "Initializer",
    "find_initializer",
    "gaussian",
    "glorot",
    "he",
    "lecun",
    "normal",
    "orthogonal",
    "uniform",
    "zeros",
]


@dataclass(frozen=True, eq=False)
class Initializer:
    """A way to draw the first weights.

    Parameters
    ----------
    name : str
        The name by which networks and reports call it.
    draw : callable
        ``(rng, n_in, n_out) -> W`` of shape (n_in, n_out), float64.
    """

    name: str
    draw: Callable[[Generator, int, int], Any]

    def __call__(self, rng: Generator, n_in: int, n_out: int, dtype: Any = np.float64) -> Any:
        """Draw a weight matrix.

        Examples
        --------
        >>> he(np.random.default_rng(0), 50, 100).std().round(1)  # sqrt(2 / 50)
        np.float64(0.2)
        """
        return self.draw(rng, n_in, n_out).astype(dtype)

    def __repr__(self) -> str:
        return f"<initializer {self.name}>"


def gaussian(name: str, std: Callable[[int, int], float]) -> Initializer:
    """Return an initialiser that draws from N(0, std^2).

    Parameters
    ----------
    name : str
        Its name.
    std : callable
        ``(n_in, n_out) -> standard deviation``.

    Examples
    --------
    >>> gaussian("tiny", lambda n_in, n_out: 0.01)
    <initializer tiny>
    """
    return Initializer(name, lambda rng, n_in, n_out: rng.normal(0.0, std(n_in, n_out), (n_in, n_out)))


def _orthogonal(rng: Generator, n_in: int, n_out: int) -> Any:
    # The signs of R make Q uniform over all orthogonal matrices (Mezzadri 2007).
    tall = rng.normal(size=(max(n_in, n_out), min(n_in, n_out)))
    Q, R = np.linalg.qr(tall)
    Q = Q * np.sign(np.diag(R))
    return Q if n_in >= n_out else Q.T


zeros = Initializer("zeros", lambda rng, n_in, n_out: np.zeros((n_in, n_out)))
normal = gaussian("normal", lambda n_in, n_out: 1.0)
# LeCun et al. 1998: keeps the spread of z where the slope of f is 1.
lecun = gaussian("lecun", lambda n_in, n_out: (1 / n_in) ** 0.5)
# Glorot and Bengio 2010: a compromise between the way forward and the way back.
glorot = gaussian("glorot", lambda n_in, n_out: (2 / (n_in + n_out)) ** 0.5)
# He et al. 2015: twice LeCun's variance, because ReLU silences half of the units.
he = gaussian("he", lambda n_in, n_out: (2 / n_in) ** 0.5)
# The usual way until 2010, after Glorot and Bengio: evenly between -1/sqrt(n_in) and 1/sqrt(n_in).
uniform = Initializer("uniform", lambda rng, n_in, n_out: rng.uniform(-1, 1, (n_in, n_out)) / n_in**0.5)
# Saxe et al. 2014: all singular values are 1, so a deep linear product neither shrinks nor grows.
orthogonal = Initializer("orthogonal", _orthogonal)

INITIALIZERS: dict[str, Initializer] = {
    init.name: init for init in (zeros, normal, uniform, lecun, glorot, he, orthogonal)
}


def find_initializer(name: str | Initializer) -> Initializer:
    """Return the initializer of that name; an initializer stands for itself.

    Raises
    ------
    UnknownName
        If there is none; the nearest name is offered.
    """
    if isinstance(name, Initializer):
        return name
    if name not in INITIALIZERS:
        raise UnknownName("initializer", name, INITIALIZERS)
    return INITIALIZERS[name]
