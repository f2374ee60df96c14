"""A confined child of the zygote, with three pipes that are served while one waits for an answer."""

import os
import select
import signal
import time
from contextlib import suppress

from graders.sandbox import isolation, wire
from graders.sandbox.launcher import Launched, StartFailed
from graders.sandbox.process import KEPT_OUTPUT, MAX_OUTPUT, how_it_ended

__all__ = ["WarmProcess"]

# A killed process has to give back its memory first.
DEATH_SECONDS = 10.0
PIECE, PIECES = 1 << 16, 16


class WarmProcess:
    """A child that is confined as :mod:`graders.sandbox.isolation` wants it.

    It reads and writes when it is asked to, in the thread that asks: whatever the student's code does
    meanwhile, it fills no more than its pipes.

    Raises
    ------
    StartFailed
        If this machine has no process to give.
    """

    # How many questions may be sent before an answer is taken; what waits stays in the pipes.
    ahead = 64

    def __init__(self) -> None:
        self._outgoing = bytearray()
        self._incoming = bytearray()
        self._printed = bytearray()
        self._seen = 0
        self._ended = False  # no more answers will come
        self._silent = False  # no more output will come
        self._closed = False
        self._end = ""
        (requests, self._requests), (self._answers, answers), (self._output, output) = _pipes(3)
        try:
            self._child = Launched(isolation.found(isolation.SETTINGS), [requests, answers, output])
        except BaseException:
            self._close_pipes()
            raise
        finally:
            for theirs in (requests, answers, output):
                os.close(theirs)
        for ours in (self._requests, self._answers, self._output):
            os.set_blocking(ours, False)

    @property
    def printed(self) -> str:
        """Return the first 64 kB of what was printed."""
        self._take_output()
        return bytes(self._printed).decode("utf-8", "replace")

    @property
    def unread(self) -> bool:
        """Tell whether something was sent unasked, or the process has ended."""
        self._take_answers()
        return self._ended or bool(self._incoming)

    def write(self, payload: bytes) -> None:
        """Hand over a frame; it is sent, with others, when an answer is waited for."""
        self._outgoing += wire.framed(payload)

    def read(self, seconds: float) -> bytes | None:
        """Return the next frame, or None when there will be none.

        Raises
        ------
        TimeoutError
            If nothing comes in time.
        """
        deadline = time.monotonic() + seconds
        while True:
            try:
                frame = wire.take_frame(self._incoming)
            except wire.WireError:
                return None
            if frame is not None or self._ended:
                return frame
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self._serve(left)

    def kill(self) -> str:
        """End the process with its whole group, and say how it ended.

        Raises
        ------
        StartFailed
            If it was not the student's code that ended it.
        """
        if not self._end:
            self._signal()
            _wait(self._child.pidfd)
            self._end = how_it_ended(self._child.exit_code())
        if self._seen > MAX_OUTPUT:
            return f"the process printed more than {MAX_OUTPUT // 1_000_000} MB"
        return self._end

    def close(self) -> None:
        """End the process and close the pipes to it."""
        if self._closed:
            return
        self._closed = True
        if not self._end:
            self._signal()
            self._child.drop()
        self._take_output()
        self._silent = True
        self._close_pipes()
        os.close(self._child.pidfd)

    def _signal(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._child.pidfd, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)

    def _serve(self, seconds: float) -> None:
        """Move what can be moved, waiting for that at most so long."""
        poll = select.poll()
        poll.register(self._answers, select.POLLIN)
        if not self._silent:
            poll.register(self._output, select.POLLIN)
        if self._outgoing:
            poll.register(self._requests, select.POLLOUT)
        ready = {descriptor for descriptor, _ in poll.poll(seconds * 1000)}
        if self._requests in ready:
            self._send()
        if self._output in ready:
            self._take_output()
        if self._answers in ready:
            self._take_answers()

    def _send(self) -> None:
        with suppress(BlockingIOError):
            while self._outgoing:
                try:
                    written = os.write(self._requests, self._outgoing[:PIECE])
                except BrokenPipeError:  # it has ended; whoever waits for its answer will see that
                    self._outgoing.clear()
                    return
                del self._outgoing[:written]

    def _take_answers(self) -> None:
        pieces, ended = _read(self._answers)
        self._incoming += pieces
        self._ended = self._ended or ended

    def _take_output(self) -> None:
        if self._silent:
            return
        pieces, self._silent = _read(self._output)
        self._seen += len(pieces)
        self._printed += pieces[: KEPT_OUTPUT - len(self._printed)]
        # Nobody waits for the rest; the process is ended where its answer was wanted.
        self._ended = self._ended or self._seen > MAX_OUTPUT

    def _close_pipes(self) -> None:
        for ours in (self._requests, self._answers, self._output):
            os.close(ours)


def _pipes(number: int) -> list[tuple[int, int]]:
    made: list[tuple[int, int]] = []
    try:
        for _ in range(number):
            made.append(os.pipe())
    except OSError as error:
        for descriptor in sum(made, ()):
            os.close(descriptor)
        raise StartFailed(f"no pipe to a student's process: {error.strerror}") from error
    return made


def _read(descriptor: int) -> tuple[bytes, bool]:
    """Return what is there, at most some pieces of it, and whether there will be no more."""
    found = bytearray()
    for _ in range(PIECES):
        try:
            piece = os.read(descriptor, PIECE)
        except BlockingIOError:
            return bytes(found), False
        if not piece:
            return bytes(found), True
        found += piece
    return bytes(found), False


def _wait(pidfd: int) -> None:
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    if not poll.poll(DEATH_SECONDS * 1000):
        raise StartFailed("a killed process does not end: this machine needs a look")
