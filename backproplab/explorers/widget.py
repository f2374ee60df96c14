"""What an explorer is built on: a widget or, where none are installed, something that stands still."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import traitlets

__all__ = ["Widget"]

try:
    from anywidget import AnyWidget as Widget
except ImportError:

    class Widget(traitlets.HasTraits):  # type: ignore[no-redef]  # the same, as far as an explorer uses it
        """It computes like a widget and has no page: an explorer shows its still picture."""

        def hold_sync(self) -> AbstractContextManager[None]:
            """Hold nothing back: there is nobody to send it to."""
            return nullcontext()

        def on_msg(self, callback: Any) -> None:
            """Never call back: nobody can send a message."""

        def _repr_mimebundle_(self, **_kwargs: Any) -> None:
            """Return nothing to show alive."""
