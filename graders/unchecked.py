"""Why the check of an answer cannot have judged it: told from the saved cells, of which nothing is run."""

import symtable
from collections.abc import Sequence
from typing import Any

from graders.defined import as_it_runs, check_of, why_unread
from graders.notebook import cell_source
from graders.sandbox.harness import unparsed
from graders.submission import Submission, other_names

__all__ = ["how_to_check", "why_no_answer"]

NO_CHECK = "its check cell is missing: run {} in a new cell"


def why_no_answer(name: str, submission: Submission) -> str:
    """Say why the text that stands for an exercise gives no answer; empty if it gives one.

    Parameters
    ----------
    name : str
        The exercise; something stands for it.
    submission : Submission
        All that was saved.
    """
    text = submission.texts[name]
    error = why_unread(as_it_runs(text))
    if error:
        told = unparsed(error)
        return ", ".join(filter(None, (f"its cell cannot be read: {told['error']}", told["place"])))
    own = (cell.source for cell in submission.cells if cell.own)
    return "" if any(_binds(source, name) for source in own) else other_names(name, text)


def _binds(text: str, name: str) -> bool:
    """Tell whether a cell gives a name its value, in whatever form; one that may do so does."""
    runs = as_it_runs(text)
    if name not in text or why_unread(runs):
        return "import *" in text
    try:
        found = symtable.symtable(runs, "<cell>", "exec").lookup(name)
    except (KeyError, SyntaxError):
        return False
    return found.is_assigned() or found.is_imported()


def how_to_check(name: str, cells: Sequence[dict[str, Any]], otherwise: str) -> str:
    """Say how an answer comes to be checked: what is wrong with its check, if anything is.

    Parameters
    ----------
    name : str
        The exercise.
    cells : sequence of dict
        The notebook's.
    otherwise : str
        What to say where its check is there and did not stop.
    """
    line = f'check("{name}", {name})'
    code = (cell for cell in cells if cell["cell_type"] == "code")
    checks = [cell for cell in code if check_of(name).search(cell_source(cell))]
    if not checks:
        return NO_CHECK.format(line)
    outputs = [output for cell in checks for output in cell.get("outputs") or () if isinstance(output, dict)]
    stopped = [output for output in outputs if output.get("output_type") == "error"]
    if not stopped:
        return otherwise
    error = f"{stopped[-1].get('ename')}: {stopped[-1].get('evalue')}"
    return f"its check stopped with {error}: run its cell, then its check"
