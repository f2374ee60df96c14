"""Going back from an output whose delta is known at once, as with a cross-entropy."""

from collections.abc import Sequence

from graders.exercise import WrongTurn

__all__ = ["but_at_output"]


def but_at_output(turns: Sequence[WrongTurn], depth: int) -> tuple[WrongTurn, ...]:
    """Leave out handing on dA in delta's place at the output, where there is only delta.

    Parameters
    ----------
    turns : sequence of WrongTurn
        Those of a network.
    depth : int
        The layers of the deepest network asked about.
    """
    return tuple(t for t in turns if (t.misconception, t.layer) != ("propagates_dA", depth))
