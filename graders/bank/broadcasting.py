"""Going back through broadcasting: what was repeated on the way forward is summed on the way back."""

from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn

__all__ = ["UNBROADCAST"]

ASKS_SHAPE = "a gradient has the shape of what it belongs to: which shape is that?"
ASKS_USES = "a number is used in every place it is repeated to: through how many of them does it act?"
ASKS_EFFECTS = "a number used in five places is nudged: do its five effects add up, or is their mean felt?"
ASKS_UNDER = "two shapes are laid over each other from the right: which axis of g lies over the 1 of (1, 5)?"
ONE_USE = "A value is taken to count once, however often it was repeated."
# ``g`` is the gradient that arrives, ``axes`` those along which the value was repeated.
SUM = Step(
    lambda at: at.g.sum(axis=at.axes).reshape(at.shape),
    "sum g over the repeated axes",
    (
        Turn(
            "db_mean",
            lambda at: at.g.mean(axis=at.axes).reshape(at.shape),
            "the mean of g over the repeated axes",
            says="with the mean over the repeated axes in place of the sum",
            asks=ASKS_EFFECTS,
            belief=ONE_USE,
        ),
        Turn(
            "db_not_summed",
            lambda at: at.g * 1.0,
            "g as it arrives",
            "with nothing summed: g itself",
            ASKS_SHAPE,
        ),
        Turn(
            "db_mean",
            lambda at: at.g.sum(axis=_leading(at)).mean(axis=_ones(at), keepdims=True),
            "sum g over the new axes, its mean over those of length 1",
            says="with the mean over the axes stretched from length 1, and the sum over the new ones",
            asks=ASKS_EFFECTS,
            belief=ONE_USE,
        ),
        Turn(
            "db_mean",
            lambda at: at.g.mean(axis=_leading(at)).sum(axis=_ones(at), keepdims=True),
            "the mean of g over the new axes, its sum over those of length 1",
            says="with the mean over the new axes, and the sum over those stretched from length 1",
            asks=ASKS_EFFECTS,
            belief=ONE_USE,
        ),
        Turn("leading_axes_only", lambda at: at.g.sum(axis=_leading(at)), "sum g over the new axes alone"),
        Turn(
            "leading_axes_only",
            lambda at: at.g.sum(axis=0),
            "sum g over the first axis",
            says="with the sum over the first axis, whichever axes were repeated",
            asks="a column of shape (11, 1) was stretched to (11, 5): along which axis do its copies lie?",
            belief="The sum over the examples, as for a bias, is taken for the way back of every repetition.",
        ),
        Turn(
            "leading_axes_kept",
            lambda at: at.g.sum(axis=_stretched(at), keepdims=True),
            "sum g over axes of length 1",
        ),
        Turn(
            "leading_axes_kept",
            lambda at: _from_behind(at),
            "sum g over the last axes, as many as were added in front",
            says="with the last axes summed, where those in front were added",
            asks="two shapes are laid over each other from the right: at which end are axes missing?",
        ),
        Turn(
            "leading_axes_kept",
            lambda at: _one_in_front(at).sum(axis=_ones(at), keepdims=True),
            "sum g over the first of the new axes, and over those of length 1",
            says="with one of the new axes summed, where several were added in front",
            asks="a number was used in every place of a table of shape (7, 3): how many of its axes are new?",
            belief="It is taken for granted that broadcasting adds one axis at most.",
        ),
        Turn(
            "leading_axes_kept",
            lambda at: _from_the_left(at).sum(axis=_leading(at)),
            "sum g over axes of length 1, counted from the left, then over the new axes",
            says="with the axes of length 1 looked for while the new axes still stand in front of them",
            asks=ASKS_UNDER,
        ),
        Turn(
            "leading_axes_kept",
            lambda at: _from_the_left(at),
            "sum g over axes of length 1, counted from the left",
            says="with the axes of length 1 counted from the left, and the new ones in front not summed",
            asks=ASKS_UNDER,
        ),
        Turn("axes_lost", lambda at: at.g.sum(axis=at.axes), "sum g over the repeated axes, and drop them"),
        Turn(
            "db_first",
            lambda at: _picked(at, 0),
            "g at the first place of the repeated axes",
            says="with the first of the repetitions alone",
            asks=ASKS_USES,
        ),
        Turn(
            "db_last",
            lambda at: _picked(at, -1),
            "g at the last place of the repeated axes",
            says="with the last of the repetitions alone",
            asks=ASKS_USES,
        ),
        Turn(
            "db_total",
            lambda at: np.full(at.shape, at.g.sum()),
            "the sum of g over all axes",
            says="with everything summed, also along axes that were not repeated",
            asks="two numbers that stood side by side already: do they share one gradient?",
        ),
        Turn(
            "extra_1_over_n",
            lambda at: at.g.sum(axis=at.axes).reshape(at.shape) / len(at.g),
            "1/B of the sum of g over the repeated axes",
            asks="whatever the loss divides by is in g already: how often is 1/B due?",
        ),
    ),
)


def _leading(at: Any) -> tuple[int, ...]:
    return tuple(range(at.g.ndim - len(at.shape)))


def _stretched(at: Any) -> tuple[int, ...]:
    return tuple(axis for axis in at.axes if axis not in _leading(at))


def _ones(at: Any) -> tuple[int, ...]:
    """Return the axes of length 1, as they are numbered without new ones in front."""
    return tuple(axis for axis, size in enumerate(at.shape) if size == 1)


def _one_in_front(at: Any) -> Any:
    return at.g.sum(axis=0) if _leading(at) else at.g


def _from_the_left(at: Any) -> Any:
    return at.g.sum(axis=_ones(at), keepdims=True)


def _from_behind(at: Any) -> Any:
    g = at.g.sum(axis=tuple(range(len(at.shape), at.g.ndim)))
    return g.sum(axis=_ones(at), keepdims=True)


def _picked(at: Any, index: int) -> Any:
    places = tuple(index if axis in at.axes else slice(None) for axis in range(at.g.ndim))
    return at.g[places].reshape(at.shape)


def _unbroadcast(take: Any, g: Any, shape: tuple[int, ...]) -> Any:
    new = g.ndim - len(shape)
    stretched = tuple(new + i for i, size in enumerate(shape) if size == 1 and g.shape[new + i] > 1)
    axes = (*range(new), *stretched)
    return take("sum", g=g, axes=axes, shape=shape)


UNBROADCAST = Derivation({"sum": SUM}, _unbroadcast)
