"""A plain process with three pipes that three threads serve, so that nobody waits longer than wanted.

For systems without zygotes: nothing confines it, but it cannot reach the grader's memory.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import BinaryIO

from graders.sandbox import wire
from graders.sandbox.launcher import StartFailed, environment

__all__ = ["KEPT_OUTPUT", "MAX_OUTPUT", "Process", "how_it_ended"]

KEPT_OUTPUT = 64_000
MAX_OUTPUT = 16_000_000
# Longer than the threads need once the process is dead, unless a descendant of it holds a pipe.
JOIN_SECONDS = 2.0

_CHILD = Path(__file__).with_name("child.py")


class Process:
    """``child.py`` in an empty folder, with a clean environment and a process group of its own.

    Raises
    ------
    StartFailed
        If the system refuses a folder or a process.
    """

    # How many questions may be sent before an answer is taken: what was not asked for ends the process.
    ahead = 1

    def __init__(self) -> None:
        self._folder = ""
        self._printed = bytearray()
        self._flooded = False
        self._kill_lock = threading.Lock()
        self._requests: SimpleQueue[bytes | None] = SimpleQueue()
        self._frames: SimpleQueue[bytes | None] = SimpleQueue()
        try:
            self._folder = tempfile.mkdtemp(prefix="backproplab-")
            self._process = _start(self._folder)
        except OSError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise StartFailed(f"cannot start {sys.executable}: {error.strerror or error}") from error
        self._served = [
            (threading.Thread(target=work, args=(stream,), daemon=True), stream)
            for work, stream in (
                (self._send, self._process.stdin),
                (self._receive, self._process.stdout),
                (self._watch, self._process.stderr),
            )
            if stream is not None
        ]
        for thread, _ in self._served:
            thread.start()

    @property
    def printed(self) -> str:
        """Return the first 64 kB of what was printed."""
        return bytes(self._printed).decode("utf-8", "replace")

    @property
    def unread(self) -> bool:
        """Tell whether a frame, or the end of them, is waiting."""
        return not self._frames.empty()

    def write(self, payload: bytes) -> None:
        """Hand over a frame to be sent; this never waits."""
        self._requests.put(payload)

    def read(self, seconds: float) -> bytes | None:
        """Return the next frame, or None when there will be none.

        Raises
        ------
        TimeoutError
            If nothing comes in time.
        """
        try:
            return self._frames.get(timeout=seconds)
        except Empty:
            raise TimeoutError from None

    def kill(self) -> str:
        """End the process with its whole group, and say how it ended.

        A process that had ended by itself keeps its own exit code: it is collected only after the group
        was killed, so the number of the group cannot have gone to somebody else.
        """
        with self._kill_lock:
            if self._process.returncode is None:
                _kill_group(self._process)
            code = self._process.wait()
        if self._flooded:
            return f"the process printed more than {MAX_OUTPUT // 1_000_000} MB"
        return how_it_ended(code)

    def close(self) -> None:
        """End the process, its threads and its folder."""
        self.kill()
        self._requests.put(None)
        deadline = time.monotonic() + JOIN_SECONDS
        for thread, stream in self._served:
            thread.join(max(0.0, deadline - time.monotonic()))
            # Closing a pipe under a thread that reads it would wait for that thread.
            if not thread.is_alive():
                stream.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _send(self, stream: BinaryIO) -> None:
        while (payload := self._requests.get()) is not None:
            try:
                wire.write_frame(stream, payload)
            except OSError:  # the process has ended; whoever waits for its answer will see that
                return

    def _receive(self, stream: BinaryIO) -> None:
        frame: bytes | None = b""
        excess = False
        while frame is not None and not excess:
            try:
                frame = wire.read_frame(stream)
            except (wire.WireError, OSError):
                frame = None
            # One answer at a time: more than one unread bounds nothing and was not asked for.
            excess = not self._frames.empty()
            self._frames.put(frame)

    def _watch(self, stream: BinaryIO) -> None:
        seen = 0
        while piece := stream.read(1 << 16):
            seen += len(piece)
            self._printed += piece[: max(0, KEPT_OUTPUT - len(self._printed))]
            if seen > MAX_OUTPUT and not self._flooded:
                self._flooded = True
                self.kill()


def _start(folder: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-X", "utf8", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        bufsize=0,
        cwd=folder,
        env=environment(folder),
        start_new_session=True,
    )


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()


def how_it_ended(code: int) -> str:
    """Say in words how a process ended, by its exit code."""
    if code >= 0:
        return f"the process left with exit status {code}"
    if code == -9:
        return "the process was killed, or cut its connection to the grader"
    try:
        return f"the process was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"the process was ended by signal {-code}"
