"""The Jacobians between the layers of a network, their products, and by how much these stretch."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.network import MLP
from backproplab.neuron import number

__all__ = ["Spectrum", "layer_jacobians", "spectrum"]


def layer_jacobians(net: MLP, x: Any) -> list[Any]:
    """Return how each hidden layer's Z reacts to that of the hidden layer before it, at one example.

    Parameters
    ----------
    net : MLP
        The network.
    x : ndarray of shape (n_in,)
        The example.

    Returns
    -------
    list of ndarray of shape (n_{l+1}, n_l)
        ``J[k, j] = dz_k / dz_j``, first layer first: ``delta_l = delta_{l+1} @ J``.

    Examples
    --------
    >>> net = MLP([2, 3, 4, 1], "relu", rng=np.random.default_rng(0))
    >>> [J.shape for J in layer_jacobians(net, np.ones(2))]
    [(4, 3)]
    """
    Zs = net.run(x[None]).Zs
    act, Ws = net.activations[0], net.parameters[2:-2:2]
    return [W.T * act.deriv(Z[0]) for W, Z in zip(Ws, Zs[:-2], strict=True)]


@dataclass(frozen=True)
class Spectrum:
    """Singular values of products of Jacobians, from the last hidden layer back.

    Parameters
    ----------
    passed : ndarray of int of shape (products,)
        How many Jacobians each product has.
    values : ndarray of shape (products, width)
        Singular values, largest first: by how much the product stretches each of its directions.
    """

    passed: NDArray[np.int64]
    values: NDArray[np.float64]

    @property
    def floor(self) -> NDArray[np.float64]:
        """Below this a singular value is lost in rounding, for each product."""
        width = self.values.shape[1]
        floor: NDArray[np.float64] = width * np.finfo(float).eps * self.values[:, 0]
        return floor

    @property
    def resolved(self) -> NDArray[np.bool_]:
        """Which singular values are larger than the rounding."""
        resolved: NDArray[np.bool_] = self.values > self.floor[:, None]
        return resolved

    @property
    def kept(self) -> NDArray[np.float64]:
        """The root mean square of the singular values: how much of its length a random delta keeps."""
        kept: NDArray[np.float64] = np.sqrt(np.mean(self.values**2, axis=1))
        return kept

    def in_words(self) -> str:
        """Return the longest product in words."""
        values, width = self.values[-1], self.values.shape[1]
        if values[0] == 0:
            return f"The product of {self.passed[-1]} Jacobians is exactly 0: no delta gets through."
        middle = values[(width - 1) // 2]
        shown = number(float(middle)) if self.resolved[-1, (width - 1) // 2] else "less than rounding leaves"
        return (
            f"The product of {self.passed[-1]} Jacobians of {width} by {width} stretches one direction by "
            f"{number(float(values[0]))}, the one in the middle by {shown}, and a random delta by "
            f"{number(float(self.kept[-1]))}; {self._condition_in_words()}."
        )

    def _condition_in_words(self) -> str:
        lost = int(np.count_nonzero(~self.resolved[-1]))
        values, width = self.values[-1], self.values.shape[1]
        if not lost:
            return f"its condition number, largest by smallest, is {number(float(values[0] / values[-1]))}"
        least = number(float(values[0] / self.floor[-1]))
        return (
            f"{lost} of {width} directions are 0 or lost in rounding: its condition number is above {least}"
        )


def spectrum(jacobians: list[Any], products: int = 12) -> Spectrum:
    """Multiply Jacobians from the last one back, and take the singular values on the way.

    Parameters
    ----------
    jacobians : list of ndarray of shape (n, n)
        First layer first.
    products : int
        At how many places at most, from the first Jacobian to all of them.

    Returns
    -------
    Spectrum
        The singular values.

    Examples
    --------
    >>> turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    >>> spectrum([2 * turn, turn, turn]).values
    array([[1., 1.],
           [1., 1.],
           [2., 2.]])
    """
    passed = np.unique(np.linspace(1, len(jacobians), min(products, len(jacobians))).round().astype(int))
    product, seen = np.eye(len(jacobians[-1])), []
    for count, J in enumerate(reversed(jacobians), start=1):
        product = product @ J
        if count in passed:
            seen.append(product)
    return Spectrum(passed, np.linalg.svd(np.array(seen), compute_uv=False))
