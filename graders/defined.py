"""Which text a function of the student's kernel was defined by: so a check can say what it has checked."""

import inspect
import linecache
from hashlib import sha256
from typing import Any

__all__ = ["fingerprint", "text_of"]


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


def fingerprint(text: str) -> str:
    r"""Return a short hash of a cell's text as IPython runs it; empty for no text.

    Examples
    --------
    >>> fingerprint("z = 1") == fingerprint("z = 1\n") != fingerprint("z = 2")
    True
    """
    if not text.strip():
        return ""
    from IPython.core.inputtransformer2 import TransformerManager

    transform: Any = TransformerManager  # it has no types
    runs = transform().transform_cell(text).strip()  # what has gone through once stays as it is
    return sha256(runs.encode("utf-8", "replace")).hexdigest()[:16]
