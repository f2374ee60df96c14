"""What holds for all tests."""

import signal


def pytest_configure() -> None:
    """Hand on to programs under test that Ctrl-C ends them, also where the tests run in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
