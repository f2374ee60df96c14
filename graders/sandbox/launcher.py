"""The grader's end of the zygotes: start one when needed, ask it for children, replace it when it dies."""

import atexit
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from graders.sandbox.policy import Layers

__all__ = ["ONE_THREAD", "Launched", "StartFailed", "environment", "stop_all"]

# On the lessons' small matrices more threads of linear algebra gain nothing: they spin while they wait.
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1"
)

START_SECONDS = 60.0
# How long an answer may take once the zygote is warm: it only forks and collects.
ANSWER_SECONDS = 20.0
STOP_SECONDS = 5.0
ATTEMPTS = 3
SAID = 400

_ZYGOTE = Path(__file__).with_name("zygote.py")


class StartFailed(RuntimeError):
    """The student's process did not start, or we lost it: a failure of this machine, never of the student."""


class _Zygote:
    """One warm process and the socket to it."""

    def __init__(self, layers: Layers) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                self.process = subprocess.Popen(
                    [sys.executable, "-I", "-X", "utf8", str(_ZYGOTE), json.dumps(layers)],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    cwd="/",
                    env=environment("/nonexistent"),
                    start_new_session=True,
                )
            except OSError as error:
                self._control.close()
                raise StartFailed(f"cannot start {sys.executable}: {error.strerror or error}") from error
        try:
            self._wait_until_warm()
        except BaseException:
            self.process.kill()  # it would notice only once it is warm
            self.stop()
            raise

    def _wait_until_warm(self) -> None:
        self._control.settimeout(START_SECONDS)
        try:
            warm = self._control.recv(64) == b"ready"
        except OSError:
            warm = False
        self._control.settimeout(ANSWER_SECONDS)
        if not warm and self.process.stderr:
            self.process.kill()
            said = " ".join(self.process.stderr.read().decode(errors="replace").split())
            raise StartFailed(f"the students' process did not start: {said[-SAID:]}")

    def fork(self, descriptors: list[int]) -> tuple[int, int]:
        """Return the number of a new child, and a pidfd for it."""
        answer, received = self._exchange(b"fork", descriptors)
        if not received:
            raise StartFailed(answer.decode(errors="replace") or "the students' zygote died")
        return int(answer), received[0]

    def reap(self, pid: int) -> int:
        """Return the exit code of a child that has ended."""
        answer, _ = self._exchange(b"reap %d" % pid, [])
        if not answer:
            raise StartFailed("the students' zygote died, and the process with it")
        return int(answer)

    def _exchange(self, message: bytes, descriptors: list[int]) -> tuple[bytes, list[int]]:
        try:
            socket.send_fds(self._control, [message], descriptors)
            answer, received, _, _ = socket.recv_fds(self._control, 256, 1, socket.MSG_CMSG_CLOEXEC)
        except OSError as error:
            raise StartFailed(f"the students' zygote does not answer: {error.strerror or error}") from error
        except BaseException:
            self._control.close()  # the answer that is on its way must not be taken for the next one
            raise
        return answer, received

    def drop(self, pid: int) -> None:
        """Let a child that was killed be collected, without waiting for that."""
        with suppress(OSError):  # then it went with its zygote
            self._control.send(b"drop %d" % pid)

    def forget(self) -> None:
        """Leave it to the process that started it: this one is a fork of that."""
        self._control.close()
        self.process.returncode = 0  # it is not ours to wait for
        if self.process.stderr:
            self.process.stderr.close()

    def stop(self) -> None:
        """End it; its children end with it."""
        self._control.close()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()


_lock = threading.RLock()
_zygotes: dict[Layers, _Zygote] = {}


class Launched:
    """A confined child, forked from a warm process.

    Parameters
    ----------
    layers : Layers
        What confines it.
    descriptors : list of int
        The child's ends of three pipes: requests, answers, output.

    Attributes
    ----------
    pid, pidfd : int
        Its number, and a descriptor that stays its own.

    Raises
    ------
    StartFailed
        If no zygote starts or it has no child to give.
    """

    def __init__(self, layers: Layers, descriptors: list[int]) -> None:
        with _lock:
            for attempt in range(ATTEMPTS):
                self._zygote = _zygote(layers)
                try:
                    self.pid, self.pidfd = self._zygote.fork(descriptors)
                    return
                except StartFailed:
                    _discard(self._zygote)
                    if attempt == ATTEMPTS - 1:
                        raise

    def exit_code(self) -> int:
        """Collect the child, which has ended.

        Returns
        -------
        int
            Its exit code; the negative of a signal's number where that ended it.

        Raises
        ------
        StartFailed
            If its zygote has died, which ended the child too.
        """
        with _lock:
            try:
                return self._zygote.reap(self.pid)
            except StartFailed:
                _discard(self._zygote)
                raise

    def drop(self) -> None:
        """Let it be collected, after it was killed; whoever comes next waits for that."""
        with _lock:
            self._zygote.drop(self.pid)


def stop_all() -> None:
    """End all zygotes of this process, with their children."""
    with _lock:
        for zygote in list(_zygotes.values()):
            _discard(zygote)


def environment(folder: str) -> dict[str, str]:
    """Return the clean environment of a student's process, which owns ``folder`` if anything."""
    clean = {
        "PATH": os.defpath,
        "HOME": folder,
        "TMPDIR": folder,
        "MPLBACKEND": "agg",
        **ONE_THREAD,
        # Each further arena reserves 128 MB of the address space that is bounded.
        "MALLOC_ARENA_MAX": "1",
    }
    if sys.platform == "win32":
        clean |= {"TEMP": folder, "TMP": folder, "USERPROFILE": folder}
        clean |= {key: os.environ[key] for key in ("SYSTEMROOT",) if key in os.environ}
    return clean


def _zygote(layers: Layers) -> _Zygote:
    if layers not in _zygotes:
        _zygotes[layers] = _Zygote(layers)
    return _zygotes[layers]


def _discard(zygote: _Zygote) -> None:
    for layers, running in list(_zygotes.items()):
        if running is zygote:
            del _zygotes[layers]
    zygote.stop()


def _forget_all() -> None:
    """After a fork of the grader: the zygotes are its parent's."""
    global _lock
    _lock = threading.RLock()
    for zygote in _zygotes.values():
        zygote.forget()
    _zygotes.clear()


atexit.register(stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
