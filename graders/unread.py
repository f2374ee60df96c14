"""What a student is told whose notebook was not graded: the reason, and what to do about it."""

__all__ = ["not_graded", "what_to_do"]

LOOK = (
    "Open the file that you handed in with JupyterLab: does it open, is it this lesson, and are your answers "
    "in it? If so, save it and hand it in again. If not, hand in the notebook in which you worked."
)
WAIT = "That is no fault of yours: there is nothing for you to do."
# How a reason begins -> the remedy; LOOK for all others.
REMEDIES = {
    "larger than": "To clear them, choose Edit, Clear Outputs of All Cells in JupyterLab, then save.",
    "notebook format 3": "Hand it in again once you have saved it there.",
    "needs a person": WAIT,
    "students' code cannot be confined": WAIT,
}


def not_graded(reason: str) -> str:
    """Return what is said in the place of a judgement.

    Examples
    --------
    >>> not_graded("empty file")
    'Not graded: empty file. A person looks at it.'
    """
    return f"Not graded: {reason}. A person looks at it."


def what_to_do(reason: str) -> str:
    """Return the remedy, in a sentence or two.

    Examples
    --------
    >>> what_to_do("needs a person: OSError: disk full")
    'That is no fault of yours: there is nothing for you to do.'
    """
    return next((remedy for begins, remedy in REMEDIES.items() if reason.startswith(begins)), LOOK)
