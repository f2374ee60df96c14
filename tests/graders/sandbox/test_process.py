import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from graders.sandbox import process, remote
from graders.sandbox.launcher import StartFailed
from graders.sandbox.process import Process
from graders.sandbox.remote import Child


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """Start a process as systems without zygotes do."""
    monkeypatch.setattr(remote, "WarmProcess", Process)
    with Child() as child:
        yield child


def gone(pid: int) -> bool:
    """Tell whether a process has ended, collected by its parent or not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def test_a_plain_process_runs_cells_and_calls(child: Child) -> None:
    assert child.exec("print('out')\ndef f(x): return 2 * x\n%matplotlib inline", 20).kind == "done"
    assert child.call("f", [(21,), (1,)], 2)[0].value == 42
    assert child.exec("import graders.judge", 5).error.startswith("ImportError")
    deadline = time.monotonic() + 5
    while "out" not in child.printed and time.monotonic() < deadline:
        time.sleep(0.01)
    assert child.printed.strip() == "out"


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        ("while True: pass", "timeout", "no answer after 0.5 s"),
        ("import os; os._exit(3)", "crashed", "the process left with exit status 3"),
        ("\n    while True: print('x' * 99999)", "crashed", "the process printed more than 16 MB"),
    ],
)
def test_a_plain_process_may_end_in_every_way(child: Child, body: str, kind: str, error: str) -> None:
    child.exec(f"def f():\n    {body}", 20)
    outcome = child.call("f", [()], 0.5 if kind == "timeout" else 20)[0]
    assert (outcome.kind, outcome.error) == (kind, error)


def test_a_plain_process_leaves_nothing_behind(child: Child) -> None:
    child.exec("import os, subprocess, sys; folder = os.getcwd(); me = os.getpid()", 20)
    child.exec("open('file', 'w').close()", 5)
    child.exec("other = subprocess.Popen([sys.executable, '-c', 'input()'], stdin=subprocess.PIPE).pid", 5)
    folder, pids = child.read("folder").value, [child.read("me").value, child.read("other").value]
    assert Path(folder, "file").exists()
    child.close()
    deadline = time.monotonic() + 5
    while not all(map(gone, pids)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert all(map(gone, pids))
    assert not Path(folder).exists()


def test_a_plain_process_that_cannot_start_is_our_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(remote, "WarmProcess", Process)
    monkeypatch.setattr(process, "_CHILD", tmp_path / "missing.py")
    with Child() as child, pytest.raises(StartFailed, match="did not start"):
        child.exec("1", 5)
    monkeypatch.setattr(sys, "executable", os.fspath(tmp_path / "python"))
    with pytest.raises(StartFailed, match="cannot start"):
        Child()
