"""What can go wrong outside a student's code. The command line prints these in one or two lines."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["GradersError", "UnknownName", "UnreadableNotebook", "UsageError"]


class GradersError(Exception):
    """Something that a person can mend: the text says what, where and how."""


class UsageError(GradersError):
    """The command was called wrongly (exit status 2)."""


class UnknownName(UsageError):
    """A lesson or exercise of that name does not exist.

    Parameters
    ----------
    kind : str
        What was looked for, for example ``"lesson"``.
    name : str
        What was asked for.
    known : iterable of str
        The names that exist; the nearest one is offered.

    Examples
    --------
    >>> str(UnknownName("exercise", "neuron_detla", ["neuron_delta", "neuron_loss"]))
    "unknown exercise 'neuron_detla': did you mean 'neuron_delta'? (known: neuron_delta, neuron_loss)"
    """

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = get_close_matches(name, names, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}? " if near else ""
        super().__init__(f"unknown {kind} {name!r}: {hint}(known: {', '.join(names) or 'none'})")
        self.name = name


class UnreadableNotebook(GradersError):
    """A file that is not a notebook of a known lesson, with the reason."""
