"""The student's folder, and JupyterLab on it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import pytest

from graders import lab
from graders.backups import backups
from graders.errors import GradersError, UsageError
from graders.lessons import all_lessons, checkout, find_lesson
from graders.release import released_text

OLDER = '{"cells": []}'
FIRST = Path("01_one_neuron", "01_one_neuron.ipynb")


@pytest.fixture
def notebook(tmp_path):
    """A student's folder with the lessons in it; the first one's path."""
    lab.place(all_lessons(), tmp_path)
    return tmp_path / FIRST


@pytest.fixture
def signals():
    """Leave the handlers of this process as they were."""
    kept = {number: signal.getsignal(number) for number in lab.STOPPING}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


def older_release(notebook, monkeypatch, text):
    """Let the student's copy be one of an earlier release."""
    notebook.unlink()
    with monkeypatch.context() as earlier:
        earlier.setattr("graders.release.released_text", lambda _: text)
        lab.place(all_lessons()[:1], notebook.parent.parent)


def test_new_lessons_are_put_into_the_folder_as_released(notebook):
    assert notebook.read_text() == released_text(find_lesson("one_neuron"))


def test_a_second_time_there_is_nothing_to_do(notebook):
    assert lab.place(all_lessons(), notebook.parent.parent) == []


def begin(notebook, text="return a - t"):
    """Write an answer into a notebook."""
    book = json.loads(notebook.read_bytes())
    (cell,) = [cell for cell in book["cells"] if cell["id"] == "neuron_delta"]
    cell["source"] = f"def neuron_delta(z, a, t, act):\n    {text}\n"
    notebook.write_text(json.dumps(book))


def test_a_started_notebook_is_kept_and_said_so(notebook):
    begin(notebook)
    before = notebook.read_bytes()
    assert lab.place(all_lessons(), notebook.parent.parent) == [f"kept your {FIRST.name}"]
    assert notebook.read_bytes() == before


def test_an_untouched_copy_of_an_older_release_is_renewed(notebook, monkeypatch):
    older_release(notebook, monkeypatch, OLDER)
    assert notebook.read_text() == OLDER
    assert lab.place(all_lessons()[:1], notebook.parent.parent) == [f"renewed: {FIRST.name}"]
    assert notebook.read_text() == released_text(find_lesson("one_neuron"))


def test_a_started_copy_of_an_older_release_is_kept_every_time(notebook, monkeypatch):
    older = json.loads(notebook.read_bytes())
    older["cells"][0]["source"] = "# As it was"
    older_release(notebook, monkeypatch, json.dumps(older))
    begin(notebook)
    before = notebook.read_bytes()
    for _ in range(2):
        kept, newer = lab.place(all_lessons()[:1], notebook.parent.parent)
        assert kept == f"kept your {FIRST.name}"
        assert newer.startswith("newer than yours, or missing there: 01_one_neuron (1 cell)\n")
    assert notebook.read_bytes() == before


@pytest.mark.parametrize("record", [None, "", "[]", '{"01_one_neuron": 3}'])
def test_without_a_usable_record_whatever_differs_is_kept(notebook, record):
    file = notebook.parent.parent / ".backproplab" / "released.json"
    file.unlink() if record is None else file.write_text(record)
    begin(notebook)
    assert lab.place(all_lessons(), notebook.parent.parent) == [f"kept your {FIRST.name}"]


@pytest.mark.parametrize("record", ["", "[]", '{"01_one_neuron": 3}', '{"01_one_neuron": {"a": 3}}'])
def test_a_damaged_record_of_cells_is_no_record(notebook, record):
    (notebook.parent.parent / ".backproplab" / "released_cells.json").write_text(record)
    assert lab.place(all_lessons(), notebook.parent.parent) == []


def test_a_deleted_notebook_comes_back(notebook):
    notebook.unlink()
    assert f"new: {FIRST.name}" in lab.place(all_lessons(), notebook.parent.parent)


def test_the_lessons_own_sources_are_not_a_students_folder():
    with pytest.raises(UsageError, match="sources, with solutions"):
        lab.place(all_lessons(), checkout() / "lessons")


def test_a_folder_that_cannot_be_written_is_told_with_another_way(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(GradersError, match=r"cannot write in .*file: .*\n.*backproplab lab DIR"):
        lab.place(all_lessons(), tmp_path / "file")


def test_a_port_in_use_is_named_before_anything_is_written(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(GradersError, match=rf"port {port} is in use; try another one, or --port 0"):
            lab.lab(tmp_path / "new", None, port=port)
    assert not (tmp_path / "new").exists()


def test_a_number_that_is_no_port_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="65536 is not a port"):
        lab.lab(tmp_path, None, port=65536)


@pytest.mark.parametrize(
    ("platform", "variables", "display"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_browser_is_opened_only_where_there_is_a_display(
    monkeypatch, platform, variables, display, tmp_path
):
    served = []
    monkeypatch.setattr(lab, "_serve", lambda *words: served.append(words) or 0)
    monkeypatch.setattr(sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert lab.lab(tmp_path, "1") == 0
    assert lab.lab(tmp_path, "1", browser=False) == 0
    page = "lab/tree/01_one_neuron/01_one_neuron.ipynb"
    assert served == [(tmp_path, page, 0, display), (tmp_path, page, 0, False)]


@pytest.mark.parametrize("user", [0, 1000])
def test_root_is_allowed_only_where_the_user_is_root(monkeypatch, tmp_path, user):
    started = []
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    monkeypatch.setattr(subprocess, "Popen", lambda words, **_: started.extend(words))
    lab._start(tmp_path, "lab", 0, False, tmp_path)
    assert f"--ServerApp.allow_root={user == 0}" in started
    assert "--ServerApp.ip=127.0.0.1" in started


@pytest.mark.usefixtures("signals")
def test_a_server_that_does_not_start_is_told_with_its_last_words(monkeypatch, tmp_path):
    failing = [sys.executable, "-c", "import sys; print('no room'); sys.exit(5)"]
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **options: popen(failing, **options))
    with pytest.raises(GradersError, match=r"JupyterLab did not start.*\n.*no room"):
        lab.lab(tmp_path, None, browser=False)


def test_the_address_is_told_only_when_the_server_listens(tmp_path):
    (tmp_path / "log").write_text("starting")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        facts = {"url": f"http://127.0.0.1:{port}/", "port": port, "token": "abc"}
        (tmp_path / "jpserver-1.json").write_text(json.dumps(facts))
        process = SimpleNamespace(poll=lambda: None)
        assert lab._address("lab", process, tmp_path) == f"http://127.0.0.1:{port}/lab?token=abc"
    process = SimpleNamespace(poll=iter([None, 1]).__next__)
    with pytest.raises(GradersError, match="did not start"):
        lab._address("lab", process, tmp_path)


@pytest.fixture
def server():
    """A server of somebody's that answers with the status it is told."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(self.server.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.status = 200
        Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


def tell(folder, private, port, of=None):
    """Let a lab on a folder be on record; return what its address begins with."""
    private.mkdir()
    facts = {"url": f"http://127.0.0.1:{port}/", "port": port, "token": "abc", "root_dir": str(of or folder)}
    (private / "jpserver-1.json").write_text(json.dumps(facts))
    lab._note(folder, private)
    return facts["url"]


def test_a_lab_that_runs_on_the_folder_is_found(tmp_path, server):
    url = tell(tmp_path, tmp_path / "private", server.server_port)
    assert lab._running(tmp_path, "lab") == f"{url}lab?token=abc"


def test_a_record_that_leads_to_another_machine_is_not_followed(tmp_path, server):
    tell(tmp_path, tmp_path / "private", server.server_port)
    told = tmp_path / "private" / "jpserver-1.json"
    told.write_text(told.read_text().replace("127.0.0.1", "localhost"))  # stands for any other
    assert lab._running(tmp_path, "lab") == ""


def test_a_record_of_a_lab_that_has_ended_blocks_nothing(tmp_path, server):
    assert lab._running(tmp_path, "lab") == ""
    tell(tmp_path, tmp_path / "private", server.server_port)
    server.status = 403  # its port is another's now
    assert lab._running(tmp_path, "lab") == ""
    for text in ("", "[]", "3", "{}", '{"told_in": 3}', '{"told_in": "/nowhere"}'):
        (tmp_path / ".backproplab" / "lab.json").write_text(text)
        assert lab._running(tmp_path, "lab") == ""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    tell(tmp_path, tmp_path / "silent", port)
    assert lab._running(tmp_path, "lab") == ""


def test_the_lab_of_the_folder_of_which_this_one_is_a_copy_is_another(tmp_path, server):
    tell(tmp_path, tmp_path / "private", server.server_port, of=tmp_path.parent)
    assert lab._running(tmp_path, "lab") == ""


def test_the_folder_that_was_taken_for_the_students_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("graders.student_folder.checkout", lambda: None)
    monkeypatch.setattr(lab, "_serve", lambda *_: 0)
    monkeypatch.chdir(tmp_path)
    lab.lab(None, None)
    assert "your lessons are here" not in capsys.readouterr().out
    monkeypatch.chdir(tmp_path / "backproplab-lessons" / "01_one_neuron")
    for given in (None, Path()):
        lab.lab(given, None)
        assert capsys.readouterr().out == f"your lessons are here: {tmp_path / 'backproplab-lessons'}\n"
    lab.lab(Path(".."), None)
    assert capsys.readouterr().out == ""


def test_work_is_copied_also_when_jupyterlab_fails(notebook, monkeypatch):
    def fails(*_):
        begin(notebook)
        raise GradersError("no room")

    monkeypatch.setattr(lab, "_serve", fails)
    with pytest.raises(GradersError, match="no room"):
        lab.lab(notebook.parent.parent, None)
    (copy,) = backups("01_one_neuron", notebook.parent.parent)
    assert copy.read_bytes() == notebook.read_bytes()


def foreign_kernel(home: Path) -> None:
    """Put another kernel of the same name into a home folder, as other courses do."""
    folder = home / ".local" / "share" / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["another-python"], "display_name": "Another", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(spec))


def test_jupyterlab_answers_on_the_start_notebook_and_ends_with_ctrl_c(tmp_path):
    home, folder = tmp_path / "home", tmp_path / "lessons"
    foreign_kernel(home)
    env = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "DISPLAY", "WAYLAND"))}
    env |= {"HOME": str(home), "TMPDIR": str(tmp_path), "JUPYTER_PREFER_ENV_PATH": "0"}
    command = [sys.executable, "-m", "graders.cli", "lab", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    try:
        said = [process.stdout.readline().strip() for _ in range(4 + len(all_lessons()))]
        [address] = [line for line in said if line.startswith("http://127.0.0.1:")]
        page, _, token = address.partition("?")
        assert page.endswith("lab/tree/start.ipynb")
        with urllib.request.urlopen(address, timeout=30) as answer:
            shown = answer.read().decode()
        assert '"news": {"disabled": true}' in shown
        disabled = json.loads(re.search(r'"disabledExtensions": (\[[^]]*\])', shown)[1])
        assert set(lab.NOT_FOR_STUDENTS) <= set(disabled)
        again = subprocess.run(
            [*command, "--lesson", "1"], capture_output=True, text=True, env=env, check=True
        )
        there = address.replace("start.ipynb", FIRST.as_posix())
        assert again.stdout == f"already running on {folder}\n{there}\n"
        root = page.partition("lab/tree")[0]
        with urllib.request.urlopen(f"{root}api/kernelspecs?{token}", timeout=30) as answer:
            kernel = json.load(answer)["kernelspecs"]["python3"]["spec"]["argv"]
        assert "another-python" not in kernel
    finally:
        process.send_signal(signal.SIGINT)
        rest, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, "")
    assert (
        rest == "JupyterLab has stopped; your notebooks are as you saved them, what was not saved is lost\n"
    )
    assert not list(tmp_path.glob("backproplab-*"))
