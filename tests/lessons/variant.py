"""What a row of the table of student answers is: one cell's text, and the verdict that it must get."""

from dataclasses import dataclass

from graders.exercises import find

__all__ = ["Variant", "function"]


@dataclass(frozen=True)
class Variant:
    """One student's answer to one exercise; the lesson's other exercises stay right.

    Parameters
    ----------
    kind, exercise, source : str
        What sort of answer, to which exercise, and the text of its solution cell.
    status : str
        The verdict's status.
    names : tuple of str
        The ids of the misconceptions that are named, in order.
    note : str
        What stands in the verdict's notes.
    share : float
        The share of the points that a partial answer earns.
    """

    kind: str
    exercise: str
    source: str
    status: str
    names: tuple[str, ...] = ()
    note: str = ""
    share: float = 0.5

    @property
    def points(self) -> float:
        """All for a pass, a share for a partial answer, else none."""
        share = {"pass": 1.0, "partial": self.share}.get(self.status, 0.0)
        return round(find(self.exercise).points * share, 2)


def function(head: str, *body: str) -> str:
    """Return the text of a function.

    Examples
    --------
    >>> function("half(x)", "return x / 2")
    'def half(x):\\n    return x / 2\\n'
    """
    return "\n".join([f"def {head}:", *(f"    {line}" for line in body), ""])
