"""A time limit on code that is not ours, in the process that runs it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["TimeUp", "deadline"]


class TimeUp(BaseException):
    """Not an Exception, so that ``except Exception`` in a student's loop does not swallow it."""


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Raise ``TimeUp`` in the running code after ``seconds``, again and again until it ends.

    Outside the main thread no code can be interrupted: there the limit does not hold.

    Examples
    --------
    >>> try:
    ...     with deadline(0.05):
    ...         while True:
    ...             pass
    ... except TimeUp:
    ...     print("ended")
    ended
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "setitimer"):
        with _alarm(seconds):
            yield
    else:
        with _interrupt(seconds):
            yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeUp

    previous = signal.signal(signal.SIGALRM, ring)
    # A bare ``except:`` may swallow the first alarm, so it rings on.
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


@contextmanager
def _interrupt(seconds: float) -> Iterator[None]:
    """Do without timers of the operating system (Windows): a thread interrupts the main one."""
    import _thread

    late = threading.Event()

    def ring() -> None:
        late.set()
        _thread.interrupt_main()

    timer = threading.Timer(seconds, ring)
    timer.start()
    try:
        yield
    except KeyboardInterrupt:
        if late.is_set():
            raise TimeUp from None
        raise
    finally:
        timer.cancel()
