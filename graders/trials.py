"""Real attacks that ``doctor`` tries on this machine, each beside the layer that has to stop it.

They are harmless where they succeed: the file is made for them, the signal is none, the program does nothing.
"""

import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graders.exercise import Outcome
from graders.sandbox.remote import Child

__all__ = ["TRIALS", "Trial", "starts", "succeeds"]


@dataclass(frozen=True)
class Trial:
    """One attack.

    Parameters
    ----------
    layer : str
        What has to stop it, as ``graders.sandbox.isolation.describe`` calls it, or "process".
    what : str
        What a student's code would be able to do, in words that follow "can" and "cannot".
    body : str
        Lines that raise where they are stopped; ``path``, ``port`` and ``pid`` are a file of this account,
        a server of it, and the grader.
    linux : bool
        It means something on Linux only.
    """

    layer: str
    what: str
    body: str
    linux: bool = False


_SEIZE = "import ctypes; assert ctypes.CDLL(None).ptrace(0x4206, pid, 0, 0) == 0"
_RAISE = "import resource as r; r.setrlimit(r.RLIMIT_AS, (r.RLIM_INFINITY, r.RLIM_INFINITY))"
_FORK = "import os\nif os.fork() == 0: os._exit(0)"

TRIALS = (
    Trial("landlock", "read a file of this account", "open(path).read()"),
    Trial("landlock", "list a folder of this account", "import os; os.listdir(os.path.dirname(path))"),
    Trial(
        "landlock", "read the judge's source", f"open({str(Path(__file__).with_name('judge.py'))!r}).read()"
    ),
    Trial("landlock", "change a file of this account", "open(path, 'a').write('x')"),
    Trial("landlock", "leave a file behind", "open(path + '-left', 'w').close()"),
    Trial("seccomp", "cut a file of this account", "import os; os.truncate(path, 0)"),
    Trial(
        "seccomp", "connect to a server", "import socket; socket.create_connection(('127.0.0.1', port), 1)"
    ),
    Trial("seccomp", "open a server", "import socket; socket.create_server(('127.0.0.1', 0))"),
    Trial("seccomp", "start a program", "import subprocess, sys; subprocess.run([sys.executable, '-V'])"),
    Trial("seccomp", "start a process", _FORK, linux=True),
    Trial("seccomp", "signal the grader", "import os; os.kill(pid, 0)", linux=True),
    Trial("seccomp", "trace the grader", _SEIZE, linux=True),
    Trial("rlimits", "take two gigabytes of memory", "bytearray(2 << 30)"),
    Trial("rlimits", "raise its limits", _RAISE, linux=True),
    Trial("user", "read the grader's memory", "open(f'/proc/{pid}/mem', 'rb')", linux=True),
    Trial("user", "read the grader's environment", "open(f'/proc/{pid}/environ').read()", linux=True),
    Trial("process", "import the judge", "import graders.judge"),
    Trial("process", "go on for ever", "while True: pass"),
)
_SECONDS = 1.0


def starts() -> Outcome:
    """Return what an honest function answers in a student's process: 42 where there is one."""
    return _called("return 42", ("", 0, 0))


def succeeds(trial: Trial) -> bool:
    """Try one attack in a student's process and tell whether it got through.

    Parameters
    ----------
    trial : Trial
        What to try; on another system than Linux some are not.

    Returns
    -------
    bool
        Whether every line of it ran.
    """
    if trial.linux and sys.platform != "linux":
        return False
    with _bait() as (path, port):
        return _called(f"{trial.body}\nreturn True", (path, port, os.getpid())).value is True


def _called(body: str, arguments: tuple[str, int, int]) -> Outcome:
    lines = "\n    ".join(body.splitlines())
    with Child() as child:
        child.exec(f"def attack(path, port, pid):\n    {lines}", seconds=30)
        [outcome] = child.call("attack", [arguments], _SECONDS)
    return outcome


@contextmanager
def _bait() -> Iterator[tuple[str, int]]:
    """Yield a file that anybody may read and change, and the port of a server."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        Path(folder).chmod(0o777)
        file = Path(folder) / "bait"
        file.write_text("of this account", encoding="utf-8")
        file.chmod(0o666)
        yield str(file), server.getsockname()[1]
