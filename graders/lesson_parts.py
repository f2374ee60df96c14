"""Which part of a lesson to go over again, by the exercise that asks about it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from graders.assignments import Assignment
from graders.bank.beliefs import BELIEFS
from graders.exercises import for_lesson
from graders.notebook import cell_source

__all__ = ["Part", "part_of", "parts_of_mistake"]

_HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)
_CODE = re.compile(r"^ {0,3}(```|~~~).*?^ {0,3}\1", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Part:
    """A part of a lesson.

    Parameters
    ----------
    assignment : str
        The lesson's folder.
    heading : str
        The heading as the lesson has it.
    link : str
        The notebook and its anchor, from the folder of the lessons on.
    """

    assignment: str
    heading: str
    link: str

    @property
    def title(self) -> str:
        """The heading without marks of Markdown."""
        return re.sub(r"[$*`]", "", self.heading).replace("\\", "")


def part_of(assignment: Assignment, exercise: str) -> Part:
    """Return the part that leads to an exercise: the last heading above the one of the exercise itself.

    Parameters
    ----------
    assignment : Assignment
        The lesson, as the course has it.
    exercise : str
        The exercise's name.

    Returns
    -------
    Part
        The lesson as a whole where it has no such heading.
    """
    heading = assignment.name
    for cell in assignment.released["cells"]:
        if cell["id"] == exercise:
            break
        if cell["cell_type"] == "markdown":
            headings = _HEADING.findall(_CODE.sub("", cell_source(cell)))
            heading = next((text for text in reversed(headings) if not text.startswith("Exercise")), heading)
    # JupyterLab makes an anchor of a heading by putting hyphens for its spaces.
    anchor = quote(heading.replace(" ", "-"))
    return Part(assignment.name, heading, f"{assignment.name}/{assignment.notebook}.ipynb#{anchor}")


def parts_of_mistake(
    mistake: str, exercise: str, assignment: Assignment, lessons: Mapping[str, Assignment]
) -> list[Part]:
    """Return where to read again: what leads to the exercise, and before that where the mistake was treated.

    Parameters
    ----------
    mistake : str
        The id of a misconception.
    exercise : str
        In which exercise it was made.
    assignment : Assignment
        The lesson of that exercise.
    lessons : mapping
        The slugs of the course's lessons and their assignments.
    """
    here = part_of(assignment, exercise)
    belief = BELIEFS.get(mistake)
    home = lessons.get(belief.lesson) if belief else None
    if home is None or home.name >= assignment.name:
        return [here]
    treating = [
        one
        for one in for_lesson(home.lesson)
        if any(turn.misconception == mistake for turn in one.wrong_turns)
    ]
    if not treating:
        return [here]
    # The exercise with the most points is the one that the lesson is about.
    return [here, part_of(home, max(treating, key=lambda one: one.points).name)]
