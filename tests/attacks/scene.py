"""What stands around a graded submission: canaries that must not sing, victims that must stay whole."""

import os
import secrets
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from graders.lessons import checkout

__all__ = ["Scene"]

ROOT = checkout() or Path()
SHOUT = "BREACH"


class Scene:
    """Folders, listeners and a bystander that belong to the account that grades.

    Parameters
    ----------
    base : Path
        An empty folder. HOME and TMPDIR of this process point into it.
    secret : str
        What stands in the environment of the grader.
    """

    def __init__(self, base: Path, secret: str) -> None:
        self.base = base
        self.mark = f"mark-{secrets.token_hex(8)}"
        self.key = secrets.randbits(30) | 1
        self.memory = f"canary-memory-{secrets.token_hex(16)}"
        self.canaries = [secret, self.memory, *(self._write(name) for name in FILES)]
        self._furnish()
        self.bystander = _bystander()
        self.listeners = self._listen()
        self.whole: dict[str, tuple[object, ...]] = {}
        self.remember()

    def remember(self) -> None:
        """Take things as they are now for whole."""
        self.whole = self._state()

    def fill(self, text: str) -> str:
        """Tell a submission where everything is: attackers know such things."""
        for word, value in self._words().items():
            text = text.replace(f"@{word}@", str(value))
        return text

    def leaks(self, *texts: str) -> list[str]:
        """Return what of the secrets can be seen in these texts."""
        seen = [word for text in texts for word in self.canaries if word in text]
        return seen + [text[text.index(SHOUT) :][:160] for text in texts if SHOUT in text]

    def damage(self) -> list[str]:
        """Return what was changed, taken, reached or left behind since the start."""
        now = self._state()
        changed = [name for name in {*now, *self.whole} if now.get(name) != self.whole.get(name)]
        found = [f"changed: {name}" for name in sorted(changed)]
        found += [f"reached: {name}" for name, listener in self.listeners.items() if _reached(listener)]
        if self.bystander.poll() is not None:
            found.append("killed: a bystander")
        return found + [f"left: {name}" for name in self._marked()]

    def close(self) -> None:
        """Take the listeners and the bystander away, and what was left in shared folders."""
        for name in self._marked():
            with suppress(OSError):
                Path(name).unlink()
        self.bystander.kill()
        self.bystander.wait()
        for listener in self.listeners.values():
            listener.close()

    def _words(self) -> dict[str, object]:
        listeners = self.listeners
        return {
            "BASE": self.base,
            **{name.upper(): self.base / name for name in ("home", "course", "tmp", "victim")},
            "MARK": self.mark,
            "KEY": self.key,
            "GRADER": os.getpid(),
            "VICTIM_PID": self.bystander.pid,
            "TCP": listeners["TCP"].getsockname()[1],
            "UDP": listeners["UDP"].getsockname()[1],
            "ROOT": ROOT,
            **{name.upper(): ROOT / name for name in ("graders", "lessons", "backproplab")},
        }

    def _write(self, name: str) -> str:
        canary = f"canary-{secrets.token_hex(16)}"
        path = self.base / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{canary}\n", encoding="utf-8")
        return canary

    def _furnish(self) -> None:
        with sqlite3.connect(self.base / "course/gradebook.db") as book:
            book.execute("create table marks (points)")
        book.close()
        (self.base / "victim/folder").mkdir()
        # Everybody may do everything here: only the sandbox stands before it.
        for path in [self.base, *self.base.rglob("*")]:
            path.chmod(0o777 if path.is_dir() else 0o666)

    def _listen(self) -> dict[str, socket.socket]:
        listeners = {
            "TCP": socket.create_server(("127.0.0.1", 0)),
            "UDP": socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
            "UNIX": socket.socket(socket.AF_UNIX),
            "ABSTRACT": socket.socket(socket.AF_UNIX),
        }
        listeners["UDP"].bind(("127.0.0.1", 0))
        listeners["UNIX"].bind(str(self.base / "run.sock"))
        (self.base / "run.sock").chmod(0o777)
        listeners["ABSTRACT"].bind(f"\0{self.mark}")
        for listener in listeners.values():
            listener.setblocking(False)
            if listener.type == socket.SOCK_STREAM:
                listener.listen()
        return listeners

    def _state(self) -> dict[str, tuple[object, ...]]:
        """Return contents, rights, owner and age of everything but the temporary folder."""
        state: dict[str, tuple[object, ...]] = {}
        for path in self.base.rglob("*"):
            # A file may vanish while it is looked at only where somebody is at work on it.
            with suppress(FileNotFoundError):
                if (self.base / "tmp") in (path, *path.parents):
                    continue
                seen = path.lstat()
                contents = path.read_bytes() if path.is_file() and os.access(path, os.R_OK) else b""
                folder_age = 0 if path.is_dir() else seen.st_mtime_ns
                state[str(path.relative_to(self.base))] = (seen.st_mode, seen.st_uid, folder_age, contents)
        return state

    def _marked(self) -> list[str]:
        """Return files anywhere that a submission could have made, and what lies in the temporary folder."""
        places = [
            Path(place) for place in ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue") if Path(place).is_dir()
        ]
        found = [str(path) for place in places for path in place.iterdir() if self.mark in path.name]
        for table in ("shm", "sem", "msg"):
            with suppress(OSError):
                rows = Path("/proc/sysvipc", table).read_text(encoding="ascii").splitlines()[1:]
                found += [f"sysvipc {table}" for row in rows if row.split()[0] == str(self.key)]
        return found


FILES = (
    "home/secret.txt",
    "home/.ssh/id_rsa",
    "course/.secret",
    "course/submitted/ann/01_one_neuron/01_one_neuron.ipynb",
    "tmp/other/submission.ipynb",
    "victim/open.txt",
    "victim/second.txt",
)


def _bystander() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-Ic", "import time; time.sleep(100000)"])


def _reached(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(1000)
    except BlockingIOError:
        return False
    return True


def descendants() -> dict[int, int]:
    """Return every living process below this one, and how many pages of memory it holds."""
    parents, pages = {}, {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            if entry.name.isdigit():
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
                if state != "Z":
                    parents[int(entry.name)] = int(parent)
                    pages[int(entry.name)] = int((entry / "statm").read_text().split()[1])
    below = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    # One may have ended between the two looks.
    return {pid: pages[pid] for pid in below - {os.getpid()} if pid in pages}


def settled(known: set[str], tmp: Path, processes: int, seconds: float = 3.0) -> list[str]:
    """Wait until nothing of a submission is left; return what stays."""
    end = time.monotonic() + seconds
    while True:
        extra = len(descendants()) - processes
        files = {path.name for path in tmp.iterdir()} - known
        if extra <= 0 and not files:
            return []
        if time.monotonic() > end:
            return [f"{extra} processes"] * (extra > 0) + [
                f"left in TMPDIR: {name}" for name in sorted(files)
            ]
        time.sleep(0.02)
