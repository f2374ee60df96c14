"""What holds for all tests."""

import os
import signal


def pytest_configure() -> None:
    """Let Ctrl-C end programs under test wherever the tests run; let no check keep its marks."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # A check leaves no record in the folder that the tests were started from, nor one by a kernel of theirs.
    os.environ["BACKPROPLAB_NO_PROGRESS"] = "1"
