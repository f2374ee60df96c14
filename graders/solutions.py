"""The instructor's notebooks: every lesson run with its answers in, as ``.ipynb`` and as an offline page."""

import copy
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from graders.errors import GradersError, UnreadableNotebook
from graders.lessons import Lesson, checkout
from graders.notebook import canonical, read, to_nbformat, to_text, write
from graders.record import NO_PROGRESS
from graders.sandbox.launcher import ONE_THREAD

__all__ = ["execute", "solutions"]

SECONDS_PER_CELL = 60
# Both files carry it, so that a rerun replaces its own work and nothing else.
MARK = "backproplab solutions"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def solutions(lessons: Sequence[Lesson], to: Path) -> list[Path]:
    """Run the source notebooks and write ``NN_slug/NN_slug.ipynb`` and ``.html`` into the folder.

    Earlier solutions are replaced; any other file of that name is kept.

    Parameters
    ----------
    lessons : sequence of Lesson
        What to run.
    to : Path
        The folder; it is made if need be.

    Returns
    -------
    list of Path
        The notebooks and pages, in the order of the lessons.

    Raises
    ------
    GradersError
        If there is no checkout, a cell raises, another file is in the way, or the disk refuses.
    """
    if checkout() is None:
        raise GradersError(
            "the installed package holds no answers\nrun this in a checkout of the repository, after make lab"
        )
    targets = {lesson: to / lesson.folder / f"{lesson.folder}.ipynb" for lesson in lessons}
    for target in targets.values():
        _refuse_foreign(target)
    return [path for lesson, target in targets.items() for path in _solve(lesson, target)]


def _refuse_foreign(target: Path) -> None:
    page = target.with_suffix(".html")
    try:
        foreign = target.exists() and read(target)["metadata"].get("generator") != MARK
        if not foreign and page.exists():
            foreign, target = MARK not in page.read_text(encoding="utf-8", errors="replace"), page
    except UnreadableNotebook:
        foreign = True
    except OSError as error:
        raise GradersError(f"cannot read {target}: {error.strerror or error}") from error
    if foreign:
        raise GradersError(f"kept {target}: it was not made by this command\nchoose another --to")


def _solve(lesson: Lesson, target: Path) -> list[Path]:
    from graders.pages import page

    try:
        notebook = execute(read(lesson.path))
        html = page(notebook, title=lesson.folder, generator=MARK)
    except UnreadableNotebook:
        raise
    except GradersError as error:
        raise GradersError(f"{lesson.path}: {error}") from error
    notebook["metadata"]["generator"] = MARK
    write(target, to_text(notebook))
    write(target.with_suffix(".html"), html)
    return [target, target.with_suffix(".html")]


def execute(source: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook with the outputs of a run by this interpreter, in an empty folder.

    A live picture leaves its still image or its text; the state of widgets is not kept.

    Parameters
    ----------
    source : dict
        A notebook with the answers in; it is not changed.

    Returns
    -------
    dict
        The canonical notebook with outputs and counts.

    Raises
    ------
    GradersError
        If a cell raises, takes too long or kills the kernel.
    """
    solved = canonical(source)
    live = to_nbformat(solved)
    _run(live)
    for cell, done in zip(solved["cells"], live.cells, strict=True):
        if cell["cell_type"] == "code":
            cell["execution_count"] = done.execution_count
            cell["outputs"] = [_still(output) for output in done.outputs]
    return solved


def _run(live: Any) -> None:
    """Run an nbformat notebook in place."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    reached: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            live,
            km=_kernel_manager(),
            timeout=SECONDS_PER_CELL,
            store_widget_state=False,
            record_timing=False,
            resources={"metadata": {"path": folder}},
            on_cell_execute=lambda cell, cell_index: reached.append(cell.id),
        )
        try:
            # The kernel manager is ours, so the client would leave its kernel running.
            client.execute(cleanup_kc=True, env={**os.environ, **ONE_THREAD, NO_PROGRESS: "1"})
        except CellExecutionError as error:
            raise GradersError(f"cell {reached[-1]} raised {error.ename}: {error.evalue}") from None
        except CellTimeoutError:
            raise GradersError(f"cell {reached[-1]} ran longer than {SECONDS_PER_CELL} s") from None
        except DeadKernelError:
            raise GradersError(f"cell {reached[-1]} ended the kernel") from None


def _kernel_manager() -> Any:
    """Return a manager of kernels that run this interpreter, whatever kernels the user has installed."""
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager

    manager = AsyncKernelManager(
        kernel_name="python3",
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True),
    )
    # Without it ipykernel 7.4 warns in every kernel; older versions have no such trait.
    if manager.has_trait("transport_encryption"):
        manager.transport_encryption = "auto"
    return manager


def _still(output: Any) -> dict[str, Any]:
    """Return an output as plain JSON, without the live view of a widget."""
    plain = copy.deepcopy(dict(output))
    plain.get("data", {}).pop(WIDGET_VIEW, None)
    return plain
