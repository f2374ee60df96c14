"""One neuron at work, as plain numbers: what the neuron bench and its still picture draw."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backproplab.activations import ACTIVATIONS, SATURATED_BELOW, steepest_slope

__all__ = ["SLOPE_STRIP", "NeuronState", "neuron_state", "number", "slope_strip"]

SLOPE_STRIP = (-10.0, 10.0)
"""The pre-activations over which the slope is drawn."""

_MINUS, _TIMES = "\N{MINUS SIGN}", " \N{MULTIPLICATION SIGN} "
_FACTORS = {"error": f"the error a {_MINUS} t", "slope": "the slope f'(z)", "input": "the input x"}


@dataclass(frozen=True)
class NeuronState:
    """One neuron with one input at work: forward, backward, and one step ahead.

    Parameters
    ----------
    w, b, x, t : float
        Weight, bias, input and target.
    activation : str
        The name of the activation function.
    lr : float
        The learning rate of the step.
    z, a, loss : float
        The forward values ``z = w x + b``, ``a = f(z)`` and ``loss = 1/2 (a - t)^2``.
    error, slope : float
        The local slopes ``dL/da = a - t`` and ``da/dz = f'(z)``; the third, ``dz/dw``, is ``x`` itself.
    dw, db : float
        The products ``dL/dw = error * slope * x`` and ``dL/db = error * slope``.
    smallest : tuple of str
        Which of ``"error"``, ``"slope"``, ``"input"`` is the smallest factor of ``dw`` by absolute value;
        more than one if they are equal.
    saturated : bool
        Whether the slope is below a tenth of the activation's steepest.
    w_new, b_new, loss_new : float
        Where one step of gradient descent leads.
    """

    w: float
    b: float
    x: float
    t: float
    activation: str
    lr: float
    z: float
    a: float
    loss: float
    error: float
    slope: float
    dw: float
    db: float
    smallest: tuple[str, ...]
    saturated: bool
    w_new: float
    b_new: float
    loss_new: float

    @property
    def factors(self) -> dict[str, float]:
        """The three factors of ``dw``, in the order in which the error travels back."""
        return {"error": self.error, "slope": self.slope, "input": self.x}

    def in_words(self) -> str:
        """Return the whole picture as one sentence, for those who cannot see it."""
        product = _TIMES.join(
            f"({number(v)})" if v < 0 and i else number(v) for i, v in enumerate(self.factors.values())
        )
        return (
            f"z = {number(self.z)}, a = {number(self.a)}, L = {number(self.loss)}; "
            f"dL/dw = (a {_MINUS} t) f'(z) x = {product} = {number(self.dw)} "
            f"and dL/db = (a {_MINUS} t) f'(z) = {number(self.db)}; {self._smallest_in_words()}; "
            f"one step with learning rate {number(self.lr)} "
            f"{_moves('w', self.w, self.w_new)} and {_moves('L', self.loss, self.loss_new)}."
        )

    def _smallest_in_words(self) -> str:
        if len(self.smallest) == len(_FACTORS):
            return "all three factors are equally large"
        names = " and ".join(_FACTORS[name] for name in self.smallest)
        if len(self.smallest) > 1:
            return f"the smallest factors are {names}, equally large"
        saturated = ": the neuron is saturated" if self.smallest == ("slope",) and self.saturated else ""
        return f"the smallest factor is {names}{saturated}"


def neuron_state(w: float, b: float, x: float, t: float, activation: str, lr: float) -> NeuronState:
    """Run one neuron forward and backward, and look one step ahead.

    The gradient of a weight is a *product*: one small factor makes it small.

    Parameters
    ----------
    w, b, x, t : float
        Weight, bias, input and target.
    activation : str
        One of the names in ``ACTIVATIONS``.
    lr : float
        The learning rate of the step.

    Returns
    -------
    NeuronState
        Every value on the way.

    Raises
    ------
    ValueError
        If a number is not finite or the activation is unknown.

    Examples
    --------
    >>> state = neuron_state(w=4.0, b=2.0, x=1.0, t=0.0, activation="sigmoid", lr=1.0)
    >>> state.smallest, state.saturated  # as wrong as can be, and it hardly learns
    (('slope',), True)
    """
    if not all(map(math.isfinite, (w, b, x, t, lr))):
        raise ValueError(f"w, b, x, t and lr must be finite numbers, got {(w, b, x, t, lr)}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"there is no activation {activation!r}; choose one of {', '.join(ACTIVATIONS)}")
    act = ACTIVATIONS[activation]
    z = w * x + b
    a = float(act.f(z))
    error, slope = a - t, float(act.deriv(z))
    db = error * slope
    dw = db * x
    w_new, b_new = w - lr * dw, b - lr * db
    return NeuronState(
        w=w, b=b, x=x, t=t, activation=activation, lr=lr,
        z=z, a=a, loss=error**2 / 2,
        error=error, slope=slope, dw=dw, db=db,
        smallest=_smallest({"error": error, "slope": slope, "input": x}),
        saturated=abs(slope) < SATURATED_BELOW * steepest_slope(act),
        w_new=w_new, b_new=b_new, loss_new=(float(act.f(w_new * x + b_new)) - t) ** 2 / 2,
    )  # fmt: skip


def slope_strip(activation: str, n: int = 401) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return ``n`` pre-activations across the strip and the slope ``f'(z)`` at each.

    Examples
    --------
    >>> z, slope = slope_strip("tanh")
    >>> float(z[slope.argmax()])  # steepest where it crosses zero
    0.0
    """
    z = np.linspace(*SLOPE_STRIP, n)
    return z, np.asarray(ACTIVATIONS[activation].deriv(z))


def number(value: float) -> str:
    """Return a number as pictures and sentences show it: four significant digits.

    Examples
    --------
    >>> number(0.0966), number(0.0), number(0.0000454)
    ('0.09660', '0', '4.5e-05')
    """
    text = "0" if value == 0 else f"{value:#.4g}".rstrip(".") if 5e-4 <= abs(value) < 9999 else f"{value:.1e}"
    # A screen reader skips a hyphen, but says "minus" here.
    return _MINUS + text[1:] if value < 0 else text


def _moves(name: str, old: float, new: float) -> str:
    if new == old:
        return f"keeps {name} at {number(new)}"
    return f"{'lowers' if new < old else 'raises'} {name} to {number(new)}"


def _smallest(factors: dict[str, float]) -> tuple[str, ...]:
    least = min(map(abs, factors.values()))
    return tuple(name for name, value in factors.items() if math.isclose(abs(value), least, rel_tol=1e-9))
