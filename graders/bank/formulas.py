"""What a wrong turn computes, beside what is due at that very step."""

from graders.exercise import WrongTurn

__all__ = ["side_by_side"]


def side_by_side(turn: WrongTurn, whole: str = "") -> tuple[str, str]:
    """Return the right formula and the one that the slip makes of it.

    Parameters
    ----------
    turn : WrongTurn
        The slip.
    whole : str
        The formula of the whole exercise, for slips that are not steps of a derivation.

    Examples
    --------
    >>> from graders.bank.layers import ACTIVATION
    >>> side_by_side(ACTIVATION.wrong_turns()[0])
    ("delta = dA * f'(Z)", 'delta = dA')
    """
    return turn.right or whole, turn.formula
