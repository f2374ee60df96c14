"""Which cells of the student's kernel define a function: so a check can say what it has checked."""

import ast
import inspect
import linecache
import re
import sys
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

__all__ = ["as_it_runs", "check_of", "checked_again", "fingerprint", "text_of", "unread_cell", "why_unread"]


def text_of(function: Any) -> str:
    """Return the text of the notebook cell that defined a function; empty where that is not known.

    Parameters
    ----------
    function : object
        Anything; only a function keeps where it comes from.

    Examples
    --------
    >>> text_of(len), text_of(3)
    ('', '')
    """
    code = getattr(inspect.unwrap(function) if callable(function) else None, "__code__", None)
    # A cell has no file that could change: IPython enters it without a time. Functions of modules have one.
    known = linecache.cache.get(getattr(code, "co_filename", ""))
    lines = known[2] if known and len(known) == 4 and known[1] is None else ()
    return "".join(lines)


def unread_cell(name: str) -> tuple[str, SyntaxError] | None:
    """Return the newest cell that was to give a name its value, if Python could not read it, and why not.

    What stands under that name is older than the cell then, and not what the student wants to have checked.

    Parameters
    ----------
    name : str
        The function's, or the variable's.
    """
    defines = _definition(name)
    for raw, runs in _newest_first():
        if defines.search(raw):
            empty = len(raw) - len(raw.lstrip("\n"))  # IPython leaves these lines out
            error = why_unread("\n" * empty + runs)
            return ("\n" * empty + runs, error) if error else None
    return None


def checked_again(name: str) -> bool:
    """Tell whether the running check is not the first one since a cell gave that name its value.

    Parameters
    ----------
    name : str
        The exercise.
    """
    defines, checks = _definition(name), check_of(name)
    for number, (raw, _) in enumerate(_newest_first()):
        if number and checks.search(raw):  # the first one is the cell that runs now
            return True
        if defines.search(raw):
            return False
    return False


def check_of(name: str) -> re.Pattern[str]:
    """Return the pattern of a call that checks an exercise."""
    return re.compile(rf"\bcheck\(\s*[\"']{re.escape(name)}[\"']")


def _definition(name: str) -> re.Pattern[str]:
    own = re.escape(name)
    return re.compile(rf"^(?:async[ \t]+)?(?:def[ \t]+{own}\b|{own}[ \t]*(?::[^=\n]*)?=(?!=))", re.M)


def _newest_first() -> Iterator[tuple[str, str]]:
    """Give the cells that this kernel was handed, as typed and as run."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        history = shell.history_manager
        yield from zip(reversed(history.input_hist_raw), reversed(history.input_hist_parsed), strict=False)


def why_unread(text: str) -> SyntaxError | None:
    """Return why Python cannot read a cell's text, as IPython would run it; None if it can."""
    try:
        compile(text, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        return error
    except (ValueError, RecursionError, MemoryError):  # Python has said so itself
        return None
    return None


def fingerprint(text: str) -> str:
    r"""Return a short hash of a cell's text as IPython runs it; empty for no text.

    Examples
    --------
    >>> fingerprint("z = 1") == fingerprint("z = 1\n") != fingerprint("z = 2")
    True
    """
    if not text.strip():
        return ""
    runs = as_it_runs(text).strip()  # what has gone through once stays as it is
    return sha256(runs.encode("utf-8", "replace")).hexdigest()[:16]


def as_it_runs(text: str) -> str:
    r"""Return a cell's text as IPython hands it to Python: magics and the like are calls; lines keep numbers.

    Examples
    --------
    >>> as_it_runs("\n%matplotlib inline")
    "\nget_ipython().run_line_magic('matplotlib', 'inline')\n"
    """
    from IPython.core.inputtransformer2 import TransformerManager

    transform: Any = TransformerManager  # it has no types
    empty = len(text) - len(text.lstrip("\n"))  # IPython leaves these lines out
    return "\n" * empty + str(transform().transform_cell(text))
