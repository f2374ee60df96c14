"""How a loss pulls at the logits of one example: what the tug-of-war draws, in plain numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.losses import Loss, log_softmax, softmax_cross_entropy, softmax_squared_error
from backproplab.neuron import number

__all__ = ["CONTENDERS", "LogitForces", "logit_forces", "probability"]

CONTENDERS: dict[str, Loss] = {"cross-entropy": softmax_cross_entropy, "squared error": softmax_squared_error}
"""The losses that pull, both behind a softmax."""


@dataclass(frozen=True, eq=False)
class LogitForces:
    """One example between its classes.

    Parameters
    ----------
    logits : ndarray of shape (k,)
        What the network answers.
    label : int
        The right class.
    log_p : ndarray of shape (k,)
        Logarithms of the probabilities; finite for any logits.
    losses : mapping of str to float
        By the name of the loss: its value.
    pulls : mapping of str to ndarray of shape (k,)
        By the name of the loss: ``-dL/dz``, the way a step goes. Each adds up to 0.
    """

    logits: NDArray[np.float64]
    label: int
    log_p: NDArray[np.float64]
    losses: Mapping[str, float]
    pulls: Mapping[str, NDArray[np.float64]]

    @property
    def p(self) -> NDArray[np.float64]:
        """The probabilities; 0 where they are too small for a float."""
        return np.exp(self.log_p)

    def after(self, loss: str, lr: float) -> "LogitForces":
        """Return the example after one step of gradient descent on its logits."""
        return logit_forces(self.logits + lr * self.pulls[loss], self.label)


def logit_forces(logits: Sequence[float] | NDArray[Any], label: int) -> LogitForces:
    """Compute what each loss does to the logits of one example.

    Parameters
    ----------
    logits : sequence of float
        One for each class, of any size.
    label : int
        The right class.

    Returns
    -------
    LogitForces
        Probabilities, losses and pulls.

    Examples
    --------
    >>> forces = logit_forces([0.0, 4.0], label=0)
    >>> {name: float(pull[0].round(3)) for name, pull in forces.pulls.items()}  # certain, and wrong
    {'cross-entropy': 0.982, 'squared error': 0.035}
    """
    Z, y = np.asarray(logits, dtype=float)[None, :], np.array([label])
    both = {name: loss.f_and_deriv(Z, y) for name, loss in CONTENDERS.items()}
    return LogitForces(
        logits=Z[0],
        label=label,
        log_p=log_softmax(Z)[0],
        losses={name: float(value) for name, (value, _) in both.items()},
        pulls={name: 0.0 - slope[0] for name, (_, slope) in both.items()},
    )


def probability(log_p: float) -> str:
    """Return a probability in digits, also one that is too small for a float.

    Examples
    --------
    >>> probability(-1.0), probability(-2000.0)
    ('0.3679', '2.6e-869')
    """
    if log_p > log(1e-300):
        return number(float(np.exp(log_p)))
    power = log_p / log(10)
    return f"{10 ** (power - floor(power)):.1f}e{floor(power)}"
