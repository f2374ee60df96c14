"""``backproplab lab``: student copies of the lessons in a folder, and JupyterLab on them."""

import errno
import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from graders.durable import write_durably
from graders.errors import GradersError, UsageError
from graders.lessons import Lesson, all_lessons, checkout, find_lesson, refuse_sources, start_notebook

if TYPE_CHECKING:
    from graders.placed import Placed

__all__ = ["lab", "place"]

START_SECONDS = 120  # a cold disk and a virus scanner can take a minute
STOPPING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def lab(directory: Path | None, lesson: str | None, *, port: int = 0, browser: bool = True) -> int:
    """Put the lessons into the student's folder and open JupyterLab there until it is stopped.

    Parameters
    ----------
    directory : Path or None
        The folder; None for ``build/lab`` in a checkout, else ``./backproplab-lessons``.
    lesson : str or None
        The lesson to open; None for the start notebook.
    port : int, optional
        The port on 127.0.0.1; 0 for any free one.
    browser : bool, optional
        Open a browser where there is a display.

    Returns
    -------
    int
        0 after Ctrl-C or JupyterLab's own *Shut Down*.

    Raises
    ------
    GradersError
        If the folder cannot be written, the port is taken, or JupyterLab does not start.
    """
    lessons = all_lessons()
    opened = _place_of(find_lesson(lesson)) if lesson else start_notebook().name
    folder = (directory or _default_folder()).expanduser().resolve()
    if port:
        _check_port(port)
    for line in place(lessons, folder):
        print(line)
    return _serve(folder, f"lab/tree/{opened}", port, browser and _has_display())


def _place_of(lesson: Lesson) -> str:
    return f"{lesson.folder}/{lesson.folder}.ipynb"


def _default_folder() -> Path:
    root = checkout()
    return root / "build" / "lab" if root else Path("backproplab-lessons")


# The student's folder


def place(lessons: Sequence[Lesson], folder: Path) -> list[str]:
    """Write student copies into the folder, never over a notebook that somebody has worked on.

    A copy that is byte for byte what was once released there is renewed; hence the record in
    ``.backproplab``. Where a notebook was started on an older lesson, the last line says how to merge.

    Parameters
    ----------
    lessons : sequence of Lesson
        What to put there; with all of them goes the start notebook.
    folder : Path
        The student's folder; it is made if need be.

    Returns
    -------
    list of str
        What was done, a line for each notebook that was written or kept.

    Raises
    ------
    GradersError
        If the folder holds the sources or cannot be written.
    """
    from graders.placed import Placed
    from graders.release import student_copies

    refuse_sources(folder)
    copies = student_copies(lessons)
    try:
        placed = Placed(folder)
        lines = [_place_one(folder / place, text, placed) for place, text in copies.items()]
        placed.save()
    except OSError as error:
        raise GradersError(
            f"cannot write in {folder}: {error.strerror}\nchoose another folder: backproplab lab DIR"
        ) from error
    waiting = [place.stem for place, text in copies.items() if placed.is_older(place.stem, text.encode())]
    if waiting:
        command = f"backproplab release --update {shlex.quote(str(folder))}"
        lines.append(f"newer than yours: {', '.join(waiting)}; to merge, your text stays: {command}")
    return [line for line in lines if line]


def _place_one(target: Path, released: str, placed: "Placed") -> str:
    there = target.read_bytes() if target.exists() else None
    new = released.encode()
    if there not in (None, new) and not placed.is_untouched(target.stem, there or b""):
        return f"kept your {target.name}"
    placed.note(target.stem, released)
    if there == new:
        return ""
    write_durably(target, new)
    return f"{'new' if there is None else 'renewed'}: {target.name}"


# JupyterLab


def _check_port(port: int) -> None:
    if port > 65535:
        raise UsageError(f"{port} is not a port (0 to 65535)")
    try:
        with socket.create_server(("127.0.0.1", port)):
            pass
    except OSError as error:
        reason = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used: {error.strerror}"
        raise GradersError(f"port {port} {reason}; try another one, or --port 0 for any free one") from error


def _has_display() -> bool:
    unix = sys.platform.startswith(("linux", "freebsd"))
    return not unix or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _serve(folder: Path, page: str, port: int, browser: bool) -> int:
    for number in STOPPING:  # an end from outside must end JupyterLab too
        signal.signal(number, signal.default_int_handler)
    print(f"starting JupyterLab on {folder}", flush=True)
    with tempfile.TemporaryDirectory(prefix="backproplab-") as private:
        server = _start(folder, page, port, browser, Path(private))
        try:
            address = _address(page, server, Path(private))
            print(f"{address}\nCtrl-C here stops it.", flush=True)
            status = server.wait()
        except KeyboardInterrupt:
            status = 0
        finally:
            _end(server)
    if status:
        raise GradersError(f"JupyterLab ended with status {status}")
    print("JupyterLab has stopped; your notebooks are as you saved them")
    return 0


def _start(folder: Path, page: str, port: int, browser: bool, private: Path) -> "subprocess.Popen[bytes]":
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.allow_root": hasattr(os, "geteuid") and os.geteuid() == 0,
        "ServerApp.open_browser": browser,
        "ServerApp.answer_yes": True,  # Ctrl-C is meant
        "LabApp.default_url": f"/{page}",
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "ServerApp.kernel_websocket_connection_class": "graders.prompt_socket.PromptConnection",
        "KernelManager.transport_encryption": "auto",  # else ipykernel 7.4 warns at each start of a kernel
    }
    with (private / "log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *(f"--{name}={value}" for name, value in options.items())],
            cwd=folder,
            env=_environment(private),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def _environment(private: Path) -> dict[str, str]:
    tools = str(Path(sys.executable).parent)
    return {
        **os.environ,
        "PATH": tools + os.pathsep + os.environ.get("PATH", os.defpath),
        "JUPYTER_RUNTIME_DIR": str(private),  # where the server tells its port and token, to us alone
        "JUPYTER_PREFER_ENV_PATH": "1",  # our python3 kernel, not one of the same name in the home folder
    }


def _address(page: str, server: "subprocess.Popen[bytes]", private: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        for file in private.glob("jpserver-*.json"):
            with suppress(OSError, ValueError):  # not yet written to its end, or not yet listening
                facts = json.loads(file.read_bytes())
                socket.create_connection(("127.0.0.1", facts["port"]), timeout=1).close()
                return f"{facts['url']}{page}?token={facts['token']}"
        time.sleep(0.1)
    raise GradersError(f"JupyterLab did not start. Its last words:\n{_last_words(private / 'log')}")


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return "\n".join(lines[-3:])


def _end(server: "subprocess.Popen[bytes]") -> None:
    for stop in (server.terminate, server.kill):
        if server.poll() is None:
            stop()
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=15)
