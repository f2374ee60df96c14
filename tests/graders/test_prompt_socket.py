"""Pictures must not wait for acknowledgements of messages that went before."""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from graders.prompt_socket import PromptConnection


def test_a_connection_sends_each_message_at_once(monkeypatch):
    done = []
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: done.append("connected"))
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    monkeypatch.setattr(handler, "set_nodelay", lambda on: done.append(("nodelay", on)), raising=False)
    PromptConnection(websocket_handler=handler).connect()
    assert done == [("nodelay", True), "connected"]
