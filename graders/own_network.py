"""Name the mistake in the gradients of a described network, by the bank of wrong turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backproplab.activations import Activation
from backproplab.errors import DesignError
from backproplab.losses import Loss
from graders.bank.formulas import side_by_side
from graders.bank.whole_networks import derivation_of, places
from graders.diagnosis import name_mistake
from graders.evidence import gather, relative_error
from graders.exercise import Exercise, Misconception, Probe, WrongTurn
from graders.gradient_forms import Slot
from graders.probes import ProbeSet, Tensors

__all__ = ["Description", "NamedByBank", "name_by_bank"]


@dataclass(frozen=True)
class Description:
    """What a network computes.

    Parameters
    ----------
    acts : sequence of Activation
        One per layer.
    X, T : ndarray
        The batch and its targets.
    loss : Loss
        One of ``backproplab.losses``.
    lam : float
        The factor of ``lam / 2 sum W^2`` in the loss; 0 for none.
    """

    acts: Sequence[Activation]
    X: Any
    T: Any
    loss: Loss
    lam: float = 0.0

    def arguments(self, slots: Sequence[Slot]) -> tuple[Any, ...]:
        """Return what the bank's derivation is asked about."""
        arrays = [slot.parameter for slot in slots]
        params = list(zip(arrays[::2], arrays[1::2], strict=True))
        return (params, self.X, self.T, list(self.acts), *([self.lam] if self.lam else []))


@dataclass(frozen=True)
class NamedByBank:
    """What the bank says of gradients.

    Parameters
    ----------
    misconceptions : tuple of Misconception
        What is wrong at the same time.
    turns : tuple of WrongTurn
        The form of each of them that has the same numbers.
    fits : bool
        Whether the described network has the gradient that was measured.
    """

    misconceptions: tuple[Misconception, ...]
    turns: tuple[WrongTurn, ...]
    fits: bool = True

    @property
    def formulas(self) -> tuple[tuple[str, str], ...]:
        """The right formula and the wrong one, for each misconception."""
        return tuple(side_by_side(turn) for turn in self.turns)


def name_by_bank(description: Description, slots: Sequence[Slot], tolerance: float) -> NamedByBank:
    """Match gradients against every known wrong turn of the network that is described.

    Parameters
    ----------
    description : Description
        The network.
    slots : sequence of Slot
        ``W1, b1, W2, b2, ...`` with the written and the numerical gradients.
    tolerance : float
        Up to which the description has to fit the numerical gradients.

    Returns
    -------
    NamedByBank
        Nothing where no wrong turn fits: a guess is worse.
    """
    derivation = derivation_of(description.loss, regular=bool(description.lam))
    arguments = description.arguments(slots)
    try:
        exact = [np.asarray(g) for pair in derivation(*arguments) for g in pair]
    except (ValueError, IndexError) as error:
        raise DesignError(f"the network as described cannot be run: {error}") from error
    if not all(relative_error(g, slot.true) <= tolerance for g, slot in zip(exact, slots, strict=True)):
        return NamedByBank((), (), fits=False)
    pairs = list(zip(exact[::2], exact[1::2], strict=True))
    depth = len(pairs)
    exercise = Exercise(
        name="your gradients",
        signature="",
        points=0,
        probes=lambda rng: (),
        truth=lambda *asked: pairs,
        formula="",
        wrong_turns=derivation.wrong_turns(places(depth), depth),
        form="pairs",
        parts=tuple(slot.name for slot in slots),
        tolerance=tolerance,
    )
    probe_set = ProbeSet(exercise, (Probe(arguments),))
    written = tuple(slot.written for slot in slots)
    named = name_mistake(gather(probe_set, (written,)))
    return NamedByBank(named, tuple(_nearest(one, probe_set, written) for one in named))


def _nearest(named: Misconception, probe_set: ProbeSet, written: Tensors) -> WrongTurn:
    """Of several forms of one slip return the one with the most tensors of the student's."""

    def alike(item: tuple[WrongTurn, tuple[Tensors | None, ...]]) -> int:
        turn, (wrong,) = item
        same = wrong and sum(relative_error(a, b) <= 1e-6 for a, b in zip(written, wrong, strict=True))
        return (same or 0) if (turn.misconception, turn.layer) == (named.id, named.layer) else -1

    return max(probe_set.wrong_answers.items(), key=alike)[0]
