"""Mini-batches: what a shuffled run through all examples must have, told by three facts.

The order is random, so not the indices are compared but whether each example comes once, how large the
batches are, and whether they are mixed.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from graders.exercise import WrongTurn

__all__ = ["BATCH_FACTS", "BATCH_TURNS", "batch_facts"]

# How often the examples come: each once; some never; some twice.
ONCE, MISSING, TWICE = 1.0, 0.0, 2.0
# How the order looks: mixed; as in the data; whole batches of neighbours in a mixed order.
MIXED, IN_ORDER, NEIGHBOURS = 1.0, 0.0, 0.5


def batch_facts(batches: Any, n: int, batch_size: int, rng: Any) -> tuple[float, Any, float]:
    """Return how often the examples come, the sizes of the batches, and how the order looks.

    Parameters
    ----------
    batches : sequence of ndarray
        Index arrays.
    n, batch_size, rng : int, int, Generator
        The arguments that led to them.

    Examples
    --------
    >>> batch_facts([np.array([2, 0]), np.array([1])], 3, 2, None)
    (1.0, array([2., 1.]), 1.0)
    """
    batches = [np.asarray(batch).ravel() for batch in batches]
    order = np.concatenate(batches) if batches else np.empty(0, int)
    counts = np.array([np.count_nonzero(order == i) for i in range(n)])
    often = TWICE if (counts > 1).any() or len(order) > n else MISSING if (counts == 0).any() else ONCE
    return often, np.array([float(len(batch)) for batch in batches]), _looks(batches, order)


def _sizes(sizes: Any) -> str:
    shown = [f"{size:.0f}" for size in np.ravel(sizes)]
    return f"{len(shown)} batches ({', '.join(shown if len(shown) < 4 else [*shown[:2], '...', shown[-1]])})"


# How a message tells the three facts.
BATCH_FACTS: dict[str, Callable[[Any], str]] = {
    "how often each index comes": lambda often: {
        ONCE: "each once",
        MISSING: "some never",
        TWICE: "some twice",
    }.get(float(often), "no such thing"),
    "the sizes of the batches": _sizes,
    "how mixed the order is": lambda order: {
        MIXED: "mixed",
        IN_ORDER: "not at all, as in the data",
        NEIGHBOURS: "whole batches of neighbours",
    }.get(float(order), "no such thing"),
}


def _looks(batches: Sequence[Any], order: Any) -> float:
    if bool(np.all(np.diff(order) > 0)):
        return IN_ORDER
    return NEIGHBOURS if all(np.ptp(batch) == len(batch) - 1 for batch in batches) else MIXED


def _cut(order: Any, size: int) -> list[Any]:
    return [order[start : start + size] for start in range(0, len(order), size)]


def _full_only(n: int, size: int, rng: Any) -> list[Any]:
    return _cut(rng.permutation(n)[: n // size * size], size)


def _with_replacement(n: int, size: int, rng: Any) -> list[Any]:
    return _cut(rng.integers(0, n, n), size)


def _mixed_batches(n: int, size: int, rng: Any) -> list[Any]:
    batches = _cut(np.arange(n), size)
    return [batches[i] for i in rng.permutation(len(batches))]


BATCH_TURNS = (
    WrongTurn("last_batch_dropped", _full_only, "only the batches that are full"),
    WrongTurn(
        "not_shuffled",
        (lambda n, size, rng: _cut(np.arange(n), size)),
        "0, 1, 2, ... cut into pieces",
    ),
    WrongTurn("drawn_with_replacement", _with_replacement, "every index drawn on its own"),
    WrongTurn(
        "batches_shuffled_only",
        _mixed_batches,
        "0, 1, 2, ... cut into pieces, the pieces shuffled",
    ),
    WrongTurn(
        "batch_size_as_count",
        (lambda n, size, rng: np.array_split(rng.permutation(n), size)),
        "batch_size pieces",
    ),
    WrongTurn("one_batch_only", (lambda n, size, rng: [rng.permutation(n)[:size]]), "the first piece alone"),
    WrongTurn("one_batch_of_all", (lambda n, size, rng: [rng.permutation(n)]), "all indices in one piece"),
)
