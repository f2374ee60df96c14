"""The tug-of-war of lesson 7: how two losses pull at the logits of one example."""

from typing import Any, ClassVar

import numpy as np

from backproplab.explorers.frame import Explorer, Trouble, View, choosing, front_end, sliding
from backproplab.logit_forces import CONTENDERS, LogitForces, logit_forces, probability
from backproplab.neuron import number

__all__ = ["LogitsTugOfWar"]

_REACH, _MOST = 10.0, 5


class LogitsTugOfWar(Explorer):
    """Probabilities of up to five classes, and the pull of cross-entropy and of squared error on each logit.

    Parameters
    ----------
    classes : int
        How many classes play, from 3 to 5.
    right : str
        The right class, ``"0"`` to ``"4"``.
    z0, z1, z2, z3, z4 : float
        The logits, before they are multiplied with the scale.
    scale : str
        ``"1"``, ``"10"`` or ``"100"``; with the last one, logits reach 1000.
    loss : str
        Which loss takes the step: ``cross-entropy`` or ``squared error``.
    lr : float
        The learning rate of the step.

    Examples
    --------
    >>> game = LogitsTugOfWar(z0=2.0, z1=1.0, z2=0.0, right="2")
    >>> game.forces.pulls["cross-entropy"].round(3)
    array([-0.665, -0.245,  0.91 ])
    """

    title = "Tug-of-war of the logits"
    lesson = "softmax_cross_entropy"
    buttons: ClassVar = {"take_step": "Take one step"}
    _esm = front_end("logits_tug_of_war")

    classes = sliding("classes", 3, _MOST, 1, 3)
    right = choosing("right class", [str(k) for k in range(_MOST)], "0")
    z0 = sliding("logit z₀", -_REACH, _REACH, 0.1, 0.0)
    z1 = sliding("logit z₁", -_REACH, _REACH, 0.1, 2.0)
    z2 = sliding("logit z₂", -_REACH, _REACH, 0.1, 1.0)
    z3 = sliding("logit z₃", -_REACH, _REACH, 0.1, 0.0)
    z4 = sliding("logit z₄", -_REACH, _REACH, 0.1, 0.0)
    scale = choosing("logits times", ("1", "10", "100"), "1")
    loss = choosing("step by", list(CONTENDERS), "cross-entropy")
    lr = sliding("learning rate", 0.0, 10.0, 0.1, 1.0)

    grid: ClassVar = {
        "right": ["0", "1", "2"],
        "z0": [-4.0, 0.0, 1.0, 4.0],
        "z1": [-4.0, 0.0, 2.0, 4.0],
        "z2": [0.0, 1.0],
        "scale": ["1", "10", "100"],
    }

    @property
    def forces(self) -> LogitForces:
        """The pulls at the logits in play."""
        label = int(self.right)
        if label >= self.classes:
            raise Trouble(f"Class {label} is not in play: choose another right class, or more classes.")
        return logit_forces(self._logits()[: self.classes], label)

    def take_step(self) -> None:
        """Move the logits along their pulls; a step that would leave the sliders is named, not taken."""
        try:
            moved = self.forces.after(self.loss, self.lr).logits / float(self.scale)
        except Trouble as trouble:
            self.say(str(trouble))
            return
        if np.abs(moved).max() > _REACH:
            self.say("No step taken: a logit would leave its slider; lower the learning rate.")
        else:
            self.move(**{f"z{k}": float(z) for k, z in enumerate(moved)})

    def look(self) -> View:
        """Compute probabilities, losses and pulls."""
        forces, step = self.forces, self.forces.after(self.loss, self.lr)
        numbers = {
            "label": forces.label,
            "logits": [number(z) for z in self._logits()],
            "moved": [number(z) for z in step.logits],
            "p": [[_short(p), probability(log_p)] for p, log_p in zip(forces.p, forces.log_p, strict=True)],
            "losses": {name: number(value) for name, value in forces.losses.items()},
            "pulls": {name: [_short(part) for part in pull] for name, pull in forces.pulls.items()},
        }
        return View(numbers, self._in_words(forces, step))

    def still(self) -> Any:
        """Return the bars and pulls as a still picture."""
        from backproplab.figures import logit_pulls

        forces = self.forces
        figure = logit_pulls(forces.p, forces.label)
        figure.sentence = self._in_words(forces, forces.after(self.loss, self.lr))
        return figure

    def _logits(self) -> list[float]:
        return [float(self.scale) * getattr(self, f"z{k}") for k in range(_MOST)]

    def _in_words(self, forces: LogitForces, step: LogitForces) -> str:
        entropy, squared = (forces.pulls[name] for name in CONTENDERS)
        return (
            f"Logits {_listed(map(number, forces.logits))}, class {forces.label} is right: "
            f"p = {_listed(map(probability, forces.log_p))}. "
            f"Cross-entropy ({number(forces.losses['cross-entropy'])}) pulls at the logits with "
            f"{_listed(map(number, entropy))}; squared error ({number(forces.losses['squared error'])}) with "
            f"{_listed(map(number, squared))}{_compared(entropy, squared)}. Both add up to 0. "
            f"A step of rate {number(self.lr)} by {self.loss} takes its loss "
            f"to {number(step.losses[self.loss])}."
        )


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _listed(words: Any) -> str:
    return ", ".join(words)


def _compared(entropy: Any, squared: Any) -> str:
    strong, weak = float(np.abs(entropy).max()), float(np.abs(squared).max())
    if strong == 0:
        return ""
    return f", at most {number(weak / strong)} of it" if weak else ": it stalls"
