"""What every explorer shares in Python: how its front end is put together.

The shared half of the front end is ``frame.js`` and ``frame.css``; an explorer's own drawing lies in a
``.js`` file beside its module. A widget takes one script, so the two are joined end to end.
"""

from pathlib import Path

__all__ = ["STYLE", "front_end"]

_HERE = Path(__file__).parent

STYLE = (_HERE / "frame.css").read_text(encoding="utf-8")


def front_end(name: str) -> str:
    """Return the script of one explorer: the shared frame, then its own drawing."""
    return "\n".join((_HERE / f"{part}.js").read_text(encoding="utf-8") for part in ("frame", name))
