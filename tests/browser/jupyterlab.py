"""A real JupyterLab or Jupyter Notebook on a free port of this machine, and the system's Chromium for it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, WebSocket

__all__ = [
    "FLAGS",
    "JUPYTERLAB",
    "NOTEBOOK_7",
    "NO_CHROMIUM",
    "Lab",
    "Notebook",
    "find_chromium",
    "open_in",
    "running_lab",
    "text_of_cells",
]

NO_CHROMIUM = (
    "no Chromium found: install it (Debian, Ubuntu: apt-get install chromium) "
    "or put its path into BACKPROPLAB_CHROMIUM"
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KERNEL_IDLE = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    return panel?.context?.isReady && panel.sessionContext?.session?.kernel?.status === "idle";
}"""
# The promise is kept in the page: evaluate() has no time limit, wait_for_function() has.
RUN_ALL = """() => {
    window.ranAll = false;
    window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => { window.ranAll = true; });
}"""
GO_TO_CELL = """async (id) => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    const index = notebook.widgets.findIndex((cell) => cell.model.id === id);
    notebook.activeCellIndex = index;
    await notebook.scrollToItem(index, "start");
}"""


@dataclass
class Notebook:
    """One notebook open in JupyterLab, and everything that went wrong in its page."""

    page: Page
    page_errors: list[str] = field(default_factory=list)
    foreign_requests: list[str] = field(default_factory=list)
    bytes_on_wire: int = 0

    def watch(self) -> None:
        self.page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", self._weigh)

    def _weigh(self, socket: WebSocket) -> None:
        socket.on("framesent", self._add)
        socket.on("framereceived", self._add)

    def _add(self, payload: bytes | str) -> None:
        self.bytes_on_wire += len(payload)

    def _note(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.hostname != "127.0.0.1":
            self.foreign_requests.append(url)

    def run_all(self, seconds: float = 90) -> dict[str, list[str]]:
        """Run every cell; return the errors by cell id."""
        self.page.evaluate(RUN_ALL)
        self.page.wait_for_function("window.ranAll", timeout=1000 * seconds)
        self.wait_idle()
        errors = {cell["id"]: _errors(cell) for cell in self.cells()}
        return {cell: found for cell, found in errors.items() if found}

    def wait_idle(self, seconds: float = 60) -> None:
        self.page.wait_for_function(KERNEL_IDLE, timeout=1000 * seconds)

    def cells(self) -> list[dict[str, Any]]:
        """Return the cells as JupyterLab holds them now, outputs included."""
        cells: list[dict[str, Any]] = self.page.evaluate(
            "() => window.jupyterapp.shell.currentWidget.content.model.toJSON().cells"
        )
        return cells

    def cell(self, name: str) -> Locator:
        """Scroll to the cell with that id and return it."""
        self.page.evaluate(GO_TO_CELL, name)
        return self.page.locator(".jp-Notebook-cell.jp-mod-active")

    def replace_source(self, name: str, lines: list[str]) -> None:
        """Type into a cell as a student would; the editor indents."""
        self.cell(name).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.press("Delete")
        for number, line in enumerate(lines):
            if number:
                self.page.keyboard.press("Enter")
            self.page.keyboard.type(line)

    def run_cell(self, name: str) -> None:
        """Run one cell with Ctrl+Enter and wait for its end."""
        self.cell(name).locator(".cm-content").click()
        before = self._count(name)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(
            """([id, before]) => {
                const cells = window.jupyterapp.shell.currentWidget.content.model.toJSON().cells;
                const count = cells.find((cell) => cell.id === id).execution_count;
                return count !== null && count !== before;
            }""",
            arg=[name, before],
        )
        self.wait_idle()

    def _count(self, name: str) -> int | None:
        count: int | None = next(cell["execution_count"] for cell in self.cells() if cell["id"] == name)
        return count

    def use_theme(self, name: str) -> None:
        self.page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', {theme})", name)
        light = str("Light" in name).lower()
        self.page.wait_for_function("(light) => document.body.dataset.jpThemeLight === light", arg=light)


def _errors(cell: dict[str, Any]) -> list[str]:
    outputs = cell.get("outputs", [])
    return [f"{out['ename']}: {out['evalue']}" for out in outputs if out["output_type"] == "error"]


@dataclass(frozen=True)
class App:
    """How one of Jupyter's two front ends is started, and where it shows a notebook."""

    module: str
    options: dict[str, object]
    page: str


JUPYTERLAB = App(
    "jupyterlab",
    {
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.extension_manager": "readonly",
        "LabApp.expose_app_in_browser": True,
    },
    "doc/tree",
)
NOTEBOOK_7 = App("notebook", {"JupyterNotebookApp.expose_app_in_browser": True}, "notebooks")


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab or Jupyter Notebook."""

    url: str
    folder: Path
    app: App = JUPYTERLAB


@contextmanager
def running_lab(folder: Path, home: Path, app: App = JUPYTERLAB) -> Iterator[Lab]:
    """Run JupyterLab, or Jupyter Notebook, on a folder, with its own settings in ``home``; end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    _want_no_news(home)
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            _command(app, port, folder),
            cwd=folder,
            env=_environment(home),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/api", server, home / "log")
            yield Lab(f"http://127.0.0.1:{port}", folder, app)
        finally:
            _end(server)


def open_in(lab: Lab, browser: Browser, name: str, text: str) -> Notebook:
    """Put a notebook into the lab's folder and open it in a page of its own."""
    (lab.folder / name).write_text(text, encoding="utf-8")
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    notebook = Notebook(context.new_page())
    notebook.watch()
    notebook.page.goto(f"{lab.url}/{lab.app.page}/{name}?reset")
    notebook.wait_idle()
    return notebook


def _command(app: App, port: int, folder: Path) -> list[str]:
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.port_retries": 0,
        "ServerApp.open_browser": False,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": "",
        "ServerApp.kernel_websocket_connection_class": "graders.prompt_socket.PromptConnection",
        "KernelManager.transport_encryption": "auto",
        **app.options,
    }
    as_root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return [sys.executable, "-m", app.module, *as_root, *(f"--{k}={v}" for k, v in options.items())]


def _environment(home: Path) -> dict[str, str]:
    folders = {
        name: str(home / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    }
    # The kernel's command is a bare "python": it has to be ours.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {**os.environ, **folders, "PATH": path, "JUPYTER_PREFER_ENV_PATH": "1"}


def _want_no_news(home: Path) -> None:
    """Answer JupyterLab's question about news beforehand: it would cover the page and ask the network."""
    settings = home / "jupyter_config_dir/lab/user-settings/@jupyterlab/apputils-extension"
    settings.mkdir(parents=True)
    answer = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(answer), encoding="utf-8")


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"no answer at {url}; its log ends:\n{log.read_text()[-2000:]}")


def _end(server: "subprocess.Popen[bytes]") -> None:
    server.terminate()
    try:
        server.wait(15)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("BACKPROPLAB_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


def text_of_cells(**cells: str) -> str:
    """Return the text of a notebook with these code cells, given by id."""
    code: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "id": name,
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for name, source in cells.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return json.dumps({"cells": code, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
