"""JupyterLab's connection between kernel and page, without a pause before short messages.

A kernel answers with several short messages in a row. By default the server's sockets hold back the second
until the page has acknowledged the first (Nagle's algorithm), and a page takes 40 ms and more for that
(delayed acknowledgement), which is longer than it takes to compute a picture.
"""

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

__all__ = ["PromptConnection"]


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A kernel's connection to a page that sends each message at once."""

    def connect(self) -> Any:
        """Connect, with Nagle's algorithm off for this socket."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
