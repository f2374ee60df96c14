"""``backproplab lab``: student copies of the lessons in a folder, and JupyterLab on them."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

from graders.durable import write_durably
from graders.errors import GradersError, UsageError
from graders.lessons import Lesson, all_lessons, find_lesson, start_notebook
from graders.placed import HIDDEN
from graders.student_folder import home_of, keep_copies, own_folder, place

__all__ = ["lab", "place"]

START_SECONDS = 120  # a cold disk and a virus scanner can take a minute
RUNNING = "lab.json"  # in the student's folder, also after the end
DIRECT = build_opener(ProxyHandler({}))  # a proxy knows nothing of this machine
# nbgrader's menu, buttons and lists are a teacher's; the question about Jupyter's news covers the page.
NOT_FOR_STUDENTS = ("@jupyter/nbgrader", "@jupyterlab/apputils-extension:announcements")
STOPPING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def lab(directory: Path | None, lesson: str | None, *, port: int = 0, browser: bool = True) -> int:
    """Put the lessons into the student's folder and open JupyterLab there until it is stopped.

    Parameters
    ----------
    directory : Path or None
        The folder; None for what :func:`own_folder` finds.
    lesson : str or None
        The lesson to open; None for the start notebook.
    port : int, optional
        The port on 127.0.0.1; 0 for any free one.
    browser : bool, optional
        Open a browser where there is a display.

    Returns
    -------
    int
        0 after Ctrl-C or JupyterLab's own *Shut Down*, and where it runs on the folder already.

    Raises
    ------
    GradersError
        If the folder cannot be written, the port is taken, or JupyterLab does not start.
    """
    lessons = all_lessons()
    here = Path.cwd()
    given = directory.expanduser().resolve() if directory else None
    folder = home_of(given) if given else own_folder(here).resolve()
    if folder != given and folder in (here, here.parent, given and given.parent):
        print(f"your lessons are here: {folder}")
    page = f"lab/tree/{_place_of(find_lesson(lesson)) if lesson else start_notebook().name}"
    running = _running(folder, page)
    if running:
        print(f"already running on {folder}\n{running}")
        return 0
    if port:
        _check_port(port)
    for line in place(lessons, folder):
        print(line)
    try:
        return _serve(folder, page, port, browser and _has_display())
    finally:
        with suppress(OSError):  # nothing is lost by it: the notebooks are there
            keep_copies(lessons, folder)


def _place_of(lesson: Lesson) -> str:
    return f"{lesson.folder}/{lesson.folder}.ipynb"


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
            _note(folder, Path(private))
            address = _address(page, server, Path(private))
            print(f"{address}\nCtrl-C here stops it.", flush=True)
            status = server.wait()
        except KeyboardInterrupt:
            status = 0
        finally:
            _end(server)
    if status:
        raise GradersError(f"JupyterLab ended with status {status}")
    print("JupyterLab has stopped; your notebooks are as you saved them, what was not saved is lost")
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
    page = private / "labconfig" / "page_config.json"
    page.parent.mkdir()
    page.write_text(json.dumps({"disabledExtensions": dict.fromkeys(NOT_FOR_STUDENTS, True)}))
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return {
        **os.environ,
        "PATH": tools + os.pathsep + os.environ.get("PATH", os.defpath),
        "JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(private), others])),
        "JUPYTER_RUNTIME_DIR": str(private),  # where the server tells its port and token, to us alone
        "JUPYTER_PREFER_ENV_PATH": "1",  # our python3 kernel, not one of the same name in the home folder
    }


def _address(page: str, server: "subprocess.Popen[bytes]", private: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < end:
        for facts in _servers(private):
            with suppress(OSError):  # not yet listening
                socket.create_connection(("127.0.0.1", facts["port"]), timeout=1).close()
                return f"{facts['url']}{page}?token={facts['token']}"
        time.sleep(0.1)
    raise GradersError(f"JupyterLab did not start. Its last words:\n{_last_words(private / 'log')}")


def _servers(private: Path) -> Iterator[dict[str, Any]]:
    """Return what the servers tell of themselves in a folder."""
    for file in private.glob("jpserver-*.json"):
        with suppress(OSError, ValueError):  # gone, or not yet written to its end
            yield json.loads(file.read_bytes())


def _note(folder: Path, private: Path) -> None:
    """Note in the student's folder where the server tells its token: in a place that only they can read."""
    write_durably(folder / HIDDEN / RUNNING, json.dumps({"told_in": str(private)}).encode())


def _running(folder: Path, page: str) -> str:
    """Return the address of the JupyterLab that runs on a folder already and answers; else nothing."""
    with suppress(OSError, ValueError, LookupError, TypeError, HTTPException):  # gone, or none of ours
        private = json.loads((folder / HIDDEN / RUNNING).read_bytes())["told_in"]
        for facts in _servers(Path(private)):
            asked = f"{facts['url']}api/status?token={facts['token']}"
            if Path(facts["root_dir"]) == folder and facts["url"].startswith("http://127.0.0.1:"):
                DIRECT.open(asked, timeout=5).close()
                return f"{facts['url']}{page}?token={facts['token']}"
    return ""


def _last_words(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return "\n".join(lines[-3:])


def _end(server: "subprocess.Popen[bytes]") -> None:
    for stop in (server.terminate, server.kill):
        if server.poll() is None:
            stop()
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=15)
