"""What stands behind a known mistake: the form of one entry of the field guide."""

from dataclasses import dataclass

__all__ = ["Belief"]


@dataclass(frozen=True)
class Belief:
    """The false belief behind a mistake.

    Parameters
    ----------
    says : str
        What the numbers equal, to follow "your numbers equal the result ...".
    belief : str
        The belief, in one sentence.
    question : str
        A question that the belief cannot answer.
    lesson : str
        The slug of the lesson that treats it.
    """

    says: str
    belief: str
    question: str
    lesson: str
