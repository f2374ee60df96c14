"""What can go wrong outside a student's code. The command line prints these in one or two lines."""

from collections.abc import Iterable

from backproplab.errors import nearest

__all__ = ["GradersError", "NotConfined", "UnknownName", "UnreadableNotebook", "UsageError"]


class GradersError(Exception):
    """Something that a person can mend: the text says what, where and how."""


class UsageError(GradersError):
    """The command was called wrongly, or given a file that cannot serve (exit status 2)."""


class NotConfined(UsageError):
    """No kernel layer confines students' code on this machine.

    Parameters
    ----------
    missing : str
        The layers that are not there, for example ``"Landlock"``.

    Examples
    --------
    >>> print(NotConfined("Landlock"))
    students' code cannot be confined on this machine: no Landlock (see backproplab doctor)
    Grade in a Linux container or on Linux 5.13 or later, or accept the risk: --allow-unsandboxed
    """

    def __init__(self, missing: str) -> None:
        super().__init__(
            f"students' code cannot be confined on this machine: no {missing} (see backproplab doctor)\n"
            "Grade in a Linux container or on Linux 5.13 or later, or accept the risk: --allow-unsandboxed"
        )
        self.missing = missing


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
    listed : iterable of str, optional
        Those of them that are named; all by default.

    Examples
    --------
    >>> str(UnknownName("exercise", "neuron_detla", ["neuron_delta", "neuron_loss"]))
    "unknown exercise 'neuron_detla': did you mean 'neuron_delta'? (known: neuron_delta, neuron_loss)"
    """

    def __init__(
        self, kind: str, name: str, known: Iterable[str], listed: Iterable[str] | None = None
    ) -> None:
        super().__init__(nearest(kind, name, known, listed))
        self.name = name


class UnreadableNotebook(GradersError):
    """A file that is not a notebook of a known lesson, with the reason."""
