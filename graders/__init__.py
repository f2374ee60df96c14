"""Everything that checks, runs, judges, reports and exports students' work.

In a notebook: ``from graders import check, progress, when_solved``, ``submit_ready`` before handing in,
``watch`` to see one's own function at work, and ``gradient_report`` for gradients of one's own.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "check": "kernel",
    "gradient_report": "own_gradients",
    "progress": "earned",
    "submit_ready": "readiness",
    "watch": "watching",
    "when_solved": "kernel",
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'graders' has no attribute {name!r}")
    value = getattr(import_module(f"graders.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
