"""What can be wrong with what one is given: each error says what, expected, got, and the likely cause."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "BackproplabError",
    "DataError",
    "DesignError",
    "ShapeError",
    "UnknownName",
    "near_name",
    "nearest",
]


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


def nearest(kind: str, name: str, known: Iterable[str], listed: Iterable[str] | None = None) -> str:
    """Return one line that says that a name is unknown, and which one may have been meant.

    Of a long list only those that are ``listed`` are named; all of them by default.

    Examples
    --------
    >>> nearest("system", "excel", ["canvas", "gradescope"])
    "unknown system 'excel' (known: canvas, gradescope)"
    >>> nearest("lesson", "softmax", ["hidden_delta", "softmax_cross_entropy"]).partition(" (")[0]
    "unknown lesson 'softmax': did you mean 'softmax_cross_entropy'?"
    >>> nearest("exercise", "neuron_lss", ["neuron_loss", "hidden_delta"], listed=[])
    "unknown exercise 'neuron_lss': did you mean 'neuron_loss'?"
    """
    names = sorted(known)
    near = near_name(str(name), names)
    hint = f": did you mean {near!r}?" if near else ""
    line = f"unknown {kind} {name!r}{hint}"
    if listed is None:
        return f"{line} (known: {', '.join(names) or 'none'})"
    few = ", ".join(listed)
    return f"{line} (known there: {few})" if few else line


def near_name(name: str, names: Iterable[str]) -> str | None:
    """Return the only one of which a name is a part, else the one that a slip of the fingers makes it.

    Examples
    --------
    >>> near_name("softmax", ["hidden_delta", "softmax_cross_entropy"])
    'softmax_cross_entropy'
    >>> near_name("neuron_detla", ["neuron_delta", "neuron_loss"])
    'neuron_delta'
    """
    bare = {_bare(one): one for one in names}
    whole = [one for one in bare if len(_bare(name)) > 2 and _bare(name) in one]
    near = whole if len(whole) == 1 else get_close_matches(_bare(name), bare, n=1)
    return bare[near[0]] if near else None


def _bare(name: str) -> str:
    return name.casefold().lstrip("-")  # dashes that all options share make none alike
