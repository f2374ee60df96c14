import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graders.sandbox import isolation, launcher
from graders.sandbox.launcher import StartFailed
from graders.sandbox.policy import Layers
from graders.sandbox.remote import Child

Choose = Callable[[Layers], None]
MOST_PRIVATE = 5_000  # kB


@pytest.fixture
def child() -> Iterator[Child]:
    with Child() as child:
        yield child


def zygote() -> int:
    """Return the number of the process that children are forked from."""
    return launcher._zygotes[isolation.found(isolation.SETTINGS)].process.pid


def wait_for_end(*pids: int, seconds: float = 10.0) -> None:
    """Wait until they have ended, collected by their parents or not."""
    deadline = time.monotonic() + seconds
    while not all(map(ended, pids)):
        assert time.monotonic() < deadline, f"still there: {[pid for pid in pids if not ended(pid)]}"
        time.sleep(0.01)


def ended(pid: int) -> bool:
    try:
        return state(pid) in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def descriptors() -> tuple[int, int]:
    """Count those open here and in the zygote, once that waits for its next request."""
    deadline = time.monotonic() + 10
    while state(zygote()) != "S":
        assert time.monotonic() < deadline, "the zygote does not come to rest"
        time.sleep(0.01)
    here, there = (len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in (os.getpid(), zygote()))
    return here, there


def number_of(child: Child) -> int:
    child.exec("import os; me = os.getpid()", 5)
    return int(child.read("me").value)


def test_children_come_from_one_warm_process() -> None:
    with Child() as first, Child() as second:
        parents = set()
        for child in (first, second):
            child.exec("import os; parent = os.getppid()", 5)
            parents.add(child.read("parent").value)
    assert parents == {zygote()}


def test_a_child_knows_nothing_of_the_one_before_it() -> None:
    with Child() as first:
        first.exec("import sys, numpy; numpy.secret = sys.secret = 'mine'", 5)
    with Child() as second:
        second.exec("import sys, numpy; x = hasattr(numpy, 'secret') or hasattr(sys, 'secret')", 5)
        assert second.read("x").value is False


def test_the_death_of_the_zygote_is_our_failure_and_mended_at_once(child: Child) -> None:
    number, dead = number_of(child), zygote()
    os.kill(dead, signal.SIGKILL)
    wait_for_end(number)
    with pytest.raises(StartFailed, match="zygote"):
        child.exec("1", 5)
    with Child() as another:
        assert another.exec("1", 5).kind == "done"
    assert zygote() != dead


def test_a_zygote_that_stands_still_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "ANSWER_SECONDS", 0.3)
    monkeypatch.setattr(launcher, "STOP_SECONDS", 0.1)
    launcher.stop_all()
    with Child():
        asleep = zygote()
    os.kill(asleep, signal.SIGSTOP)
    with Child() as child:
        assert child.exec("1", 20).kind == "done"
    wait_for_end(asleep)


GRADER = """
import json, sys, time
from graders.sandbox import isolation, launcher
from graders.sandbox.remote import Child
child = Child()
child.exec("import os; me = os.getpid()", 20)
zygote = launcher._zygotes[isolation.found(isolation.SETTINGS)].process.pid
print(json.dumps([child.read("me").value, zygote]), flush=True)
child.exec("import signal\\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\\nwhile True: pass", 60)
"""


def test_a_grader_that_is_killed_leaves_no_process_and_no_folder() -> None:
    with subprocess.Popen([sys.executable, "-c", GRADER], stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        child, zygote = json.loads(grader.stdout.readline())
        time.sleep(0.2)
        grader.kill()
    wait_for_end(child, zygote)
    assert not list(Path(tempfile.gettempdir()).glob(f"backproplab-{zygote}-*"))


def test_a_grader_that_is_killed_while_its_zygote_gets_warm_leaves_nothing() -> None:
    start = "import os; from graders.sandbox import launcher; print(os.getpid(), flush=True); " + (
        "from graders.sandbox.remote import Child; Child()"
    )
    with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        pid = int(grader.stdout.readline())
        zygotes: list[str] = []
        while not zygotes:
            zygotes = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        grader.kill()
    wait_for_end(*map(int, zygotes))
    assert not list(Path(tempfile.gettempdir()).glob(f"backproplab-{zygotes[0]}-*"))


def test_a_grader_that_ends_takes_its_zygote_along() -> None:
    leave = GRADER.replace("child.exec(", "child.close(); sys.exit() or (", 2).replace(
        "child.close(); sys.exit() or (", "child.exec(", 1
    )
    said = subprocess.run([sys.executable, "-c", leave], capture_output=True, text=True, check=True)
    wait_for_end(*json.loads(said.stdout))
    assert said.stderr == ""


def test_a_forked_grader_has_a_zygote_of_its_own() -> None:
    script = """
import json, os
from graders.sandbox import isolation, launcher
from graders.sandbox.remote import Child
def parent():
    with Child() as child:
        child.exec("import os; parent = os.getppid()", 20)
        return child.read("parent").value
first = parent()
pid = os.fork()
if pid == 0:
    print(json.dumps([first, parent()]), flush=True)
    launcher.stop_all()
    os._exit(0)
os.waitpid(pid, 0)
print(json.dumps([first, parent()]))
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    (first, forked), (same, after) = map(json.loads, said.splitlines())
    assert first == same == after != forked


def test_nothing_is_left_open_after_many_children(child: Child) -> None:
    child.exec("1", 5)
    before = descriptors()
    for _ in range(200):
        with Child() as another:
            another.exec("1", 5)
    here, there = descriptors()
    assert here <= before[0]
    assert there <= before[1]


def test_the_child_has_its_pipes_and_nothing_else(child: Child, confined_by: Choose) -> None:
    confined_by(Layers(0, False, False, False))
    with Child() as bare:
        bare.exec("import os; x = sorted(int(n) for n in os.listdir('/proc/self/fd'))", 5)
        assert bare.read("x").value[:5] == [0, 1, 2, 3, 20], "3 is the folder being listed"
        assert len(bare.read("x").value) == 6


def test_a_child_costs_little_memory(confined_by: Choose) -> None:
    confined_by(Layers(identity=False))  # whose memory may be looked at
    with Child() as child:
        child.exec("import gc, numpy as np\ndef f(X): return np.tanh(X)", 5)
        child.call("f", [(1.0,), ([[0.5]],)], 2)
        child.exec("gc.collect()", 5)
        rollup = Path(f"/proc/{number_of(child)}/smaps_rollup").read_text().splitlines()
    private = next(int(line.split()[1]) for line in rollup if line.startswith("Private_Dirty"))
    assert private <= MOST_PRIVATE


def test_threads_share_a_zygote_without_mixing_their_children_up() -> None:
    def work(number: int) -> bool:
        with Child() as child:
            child.exec(f"x = {number}", 20)
            return bool(child.read("x").value == number)

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(40)))


def test_processes_that_a_student_starts_end_with_the_child(confined_by: Choose) -> None:
    confined_by(Layers(seccomp=False, landlock=0))
    start = "subprocess.Popen(['sleep', '60'], start_new_session=True).pid"
    with Child() as child:
        child.exec(f"import subprocess; others = [{start}, {start}]", 5)
        others = child.read("others").value
        assert not any(map(ended, others))
    wait_for_end(*others)


def test_a_confinement_that_cannot_be_had_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launcher, "ATTEMPTS", 1)
    impossible = Layers(landlock="none")  # type: ignore[arg-type]  # no number: preparing it fails
    with pytest.raises(StartFailed, match="TypeError"):
        launcher.Launched(impossible, [0, 1, 2])
