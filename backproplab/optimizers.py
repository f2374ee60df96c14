"""Optimisers: what to do with the gradients. Each changes the parameters in place."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from backproplab.errors import DesignError, ShapeError

__all__ = ["SGD", "Adam", "RMSProp", "clip_by_global_norm"]


class SGD:
    """Gradient descent: walk against the gradient, with or without momentum.

    Parameters
    ----------
    lr : float
        Learning rate, at least 0.
    momentum : float
        Share of the last velocity that is kept, in [0, 1): ``v = momentum v + g``, ``p -= lr v``.
    nesterov : bool
        Look ahead by one momentum step: ``p -= lr (g + momentum v)`` (Sutskever et al. 2013).
    weight_decay : float
        Pulls every parameter towards 0 by adding ``weight_decay * p`` to its gradient.

    Examples
    --------
    >>> w = np.array([1.0])
    >>> SGD(lr=0.1).step([w], [np.array([2.0])])
    >>> w
    array([0.8])
    """

    def __init__(
        self, lr: float, momentum: float = 0.0, nesterov: bool = False, weight_decay: float = 0.0
    ) -> None:
        _check_settings(lr=lr, weight_decay=weight_decay)
        _check_shares(momentum=momentum)
        if nesterov and not momentum:
            raise DesignError(
                "nesterov needs a momentum above 0, got 0\nGive momentum=0.9, or leave nesterov out."
            )
        self.lr, self.momentum, self.nesterov, self.weight_decay = lr, momentum, nesterov, weight_decay
        self._velocities: list[Any] = []

    def step(self, parameters: Sequence[Any], gradients: Sequence[Any]) -> None:
        """Change the parameters in place.

        Raises
        ------
        ShapeError
            If a gradient has not the shape of its parameter.
        """
        _check_gradients(parameters, gradients)
        if self.momentum and not self._velocities:
            self._velocities = [np.zeros_like(p) for p in parameters]
        for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
            if self.weight_decay:
                g = g + self.weight_decay * p
            if self.momentum:
                v = self._velocities[i]
                v *= self.momentum
                v += g
                g = g + self.momentum * v if self.nesterov else v
            p -= self.lr * g


class RMSProp:
    """Divide each gradient by the running size of its own past (Hinton's lecture 6e, 2012).

    Parameters
    ----------
    lr : float
        Learning rate, at least 0.
    rho : float
        Memory of the squared gradients, in [0, 1): ``s = rho s + (1 - rho) g^2``, then
        ``p -= lr g / (sqrt(s) + eps)``.
    eps : float
        Keeps the division finite; added outside the root.
    weight_decay : float
        Pulls every parameter towards 0 by adding ``weight_decay * p`` to its gradient.
    """

    def __init__(
        self, lr: float = 1e-2, rho: float = 0.99, eps: float = 1e-8, weight_decay: float = 0.0
    ) -> None:
        _check_settings(lr=lr, eps=eps, weight_decay=weight_decay)
        _check_shares(rho=rho)
        self.lr, self.rho, self.eps, self.weight_decay = lr, rho, eps, weight_decay
        self._squares: list[Any] = []

    def step(self, parameters: Sequence[Any], gradients: Sequence[Any]) -> None:
        """Change the parameters in place."""
        _check_gradients(parameters, gradients)
        if not self._squares:
            self._squares = [np.zeros_like(p) for p in parameters]
        for p, g, s in zip(parameters, gradients, self._squares, strict=True):
            if self.weight_decay:
                g = g + self.weight_decay * p
            s *= self.rho
            s += (1 - self.rho) * g * g
            p -= self.lr * g / (np.sqrt(s) + self.eps)


class Adam:
    """Momentum and RMSProp in one, both corrected for their start at 0 (Kingma and Ba 2015).

    Parameters
    ----------
    lr : float
        Learning rate, at least 0.
    betas : pair of float
        Memory of the gradients and of their squares, both in [0, 1).
    eps : float
        Keeps the division finite; added outside the root.
    weight_decay : float
        Shrinks every parameter by ``lr * weight_decay`` of itself, beside the gradient (AdamW, Loshchilov
        and Hutter 2019).
    """

    def __init__(
        self,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        _check_settings(lr=lr, eps=eps, weight_decay=weight_decay)
        _check_shares(beta1=betas[0], beta2=betas[1])
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self._moments: list[tuple[Any, Any]] = []
        self._t = 0

    def step(self, parameters: Sequence[Any], gradients: Sequence[Any]) -> None:
        """Change the parameters in place."""
        _check_gradients(parameters, gradients)
        if not self._moments:
            self._moments = [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
        self._t += 1
        beta1, beta2 = self.betas
        for p, g, (m, v) in zip(parameters, gradients, self._moments, strict=True):
            m *= beta1
            m += (1 - beta1) * g
            v *= beta2
            v += (1 - beta2) * g * g
            m_hat, v_hat = m / (1 - beta1**self._t), v / (1 - beta2**self._t)
            p -= self.lr * (m_hat / (np.sqrt(v_hat) + self.eps) + self.weight_decay * p)


def clip_by_global_norm(gradients: Sequence[Any], max_norm: float) -> float:
    """Shorten all gradients together, in place, so that their common norm is at most ``max_norm``.

    The direction stays: every gradient is multiplied by the same number.

    Parameters
    ----------
    gradients : sequence of ndarray
        Changed in place.
    max_norm : float
        The longest step that is allowed, above 0.

    Returns
    -------
    float
        The norm before.

    Examples
    --------
    >>> g = [np.array([3.0]), np.array([4.0])]
    >>> clip_by_global_norm(g, 1.0), g[0].round(2), g[1].round(2)
    (5.0, array([0.6]), array([0.8]))
    """
    if not max_norm > 0:
        raise DesignError(f"max_norm is {max_norm}, expected a number above 0")
    norm = float(np.sqrt(sum(float(np.vdot(g, g).real) for g in gradients)))
    if norm > max_norm:
        for g in gradients:
            g *= max_norm / norm
    return norm


def _check_settings(**settings: float) -> None:
    for name, value in settings.items():
        if not 0 <= value < float("inf"):
            raise DesignError(f"{name} is {value}, expected a number of at least 0")


def _check_shares(**shares: float) -> None:
    for name, value in shares.items():
        if not 0 <= value < 1:
            raise DesignError(f"{name} is {value}, expected a number in [0, 1)\nAt 1 the past never fades.")


def _check_gradients(parameters: Sequence[Any], gradients: Sequence[Any]) -> None:
    if len(parameters) != len(gradients):
        raise DesignError(f"{len(gradients)} gradients for {len(parameters)} parameters, expected one each")
    for i, (p, g) in enumerate(zip(parameters, gradients, strict=True)):
        if p.shape != g.shape:
            cause = "It is the transpose: dW is X.T @ delta." if g.shape == p.shape[::-1] else ""
            raise ShapeError(f"gradient {i}", str(p.shape), g.shape, cause)
