"""The only module that imports nbgrader: what its own commands need to work on our lessons.

``nbgrader_config.py`` calls ``configure``; ``nbgrader`` then finds the preprocessors by their names.
"""

from typing import Any

from nbgrader.converters import GenerateAssignment, GenerateFeedback  # type: ignore[import-untyped]  # has no types
from nbgrader.preprocessors import NbGraderPreprocessor  # type: ignore[import-untyped]  # the same

from graders.notebook import instructor_only

__all__ = ["DropInstructorNotes", "configure"]


class DropInstructorNotes(NbGraderPreprocessor):  # type: ignore[misc]  # its base has no types
    """Leave the instructor's notes out of what students get."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Return the notebook without the cells that are tagged ``instructor``."""
        nb.cells = [cell for cell in nb.cells if not instructor_only(cell)]
        return nb, resources


def configure(config: Any) -> None:
    """Set up a course's configuration for our lessons: preprocessors and the kernel.

    Parameters
    ----------
    config : traitlets.config.Config
        What ``get_config()`` returns in ``nbgrader_config.py``.
    """
    from jupyter_client.manager import KernelManager

    config.GenerateAssignment.preprocessors = [DropInstructorNotes, *_stock(GenerateAssignment)]
    # Without it the feedback shows hidden tests.
    hide = "nbgrader.preprocessors.ClearHiddenTests"
    config.GenerateFeedback.preprocessors = [hide, *_stock(GenerateFeedback)]
    config.Execute.kernel_name = "python3"
    # Without it ipykernel 7.4 warns in every kernel; older versions have no such trait.
    if "transport_encryption" in KernelManager.class_traits():
        config.KernelManager.transport_encryption = "auto"


def _stock(converter: Any) -> list[Any]:
    """Return the preprocessors that nbgrader would use, whatever its version."""
    return list(converter.class_traits()["preprocessors"].default())
