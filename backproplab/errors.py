"""What can be wrong with what one is given: each error says what, expected, got, and the likely cause."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["BackproplabError", "DataError", "DesignError", "ShapeError", "UnknownName", "nearest"]


class BackproplabError(ValueError):
    """Base of all errors of backproplab; a ValueError, so that ordinary handlers see it."""


class ShapeError(BackproplabError):
    """An array has another shape than the one that is due.

    Parameters
    ----------
    name : str
        What the array is, for example ``"X"``.
    expected : str
        The shape that is due, in words or symbols.
    got : tuple of int
        The shape that came.
    cause : str
        The likely cause, a sentence.

    Examples
    --------
    >>> print(ShapeError("X", "(n, 3)", (3,), "One example is a row: use X[None, :]."))
    X has shape (3,), expected (n, 3)
    One example is a row: use X[None, :].
    """

    def __init__(self, name: str, expected: str, got: tuple[int, ...], cause: str = "") -> None:
        super().__init__(f"{name} has shape {got}, expected {expected}" + (f"\n{cause}" if cause else ""))
        self.name, self.expected, self.got = name, expected, got


class DataError(BackproplabError):
    """Numbers that cannot be worked with: nan, inf, labels out of range, an empty batch, a wrong dtype."""


class DesignError(BackproplabError):
    """Parts that do not fit together: sizes, activation and loss, or a setting out of its range."""


class UnknownName(BackproplabError):
    """A name that does not exist; the nearest right one is offered.

    Parameters
    ----------
    kind : str
        What was looked for, for example ``"activation"``.
    name : str
        What was asked for.
    known : iterable of str
        The names that exist.

    Examples
    --------
    >>> print(UnknownName("activation", "sigmod", ["relu", "sigmoid"]))
    unknown activation 'sigmod': did you mean 'sigmoid'? (known: relu, sigmoid)
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        super().__init__(nearest(kind, name, known))
        self.name = name


def nearest(kind: str, name: str, known: Iterable[str]) -> str:
    """Return one line that says that a name is unknown, and which one may have been meant."""
    names = sorted(known)
    near = get_close_matches(str(name), names, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"unknown {kind} {name!r}: {hint}(known: {', '.join(names) or 'none'})"
