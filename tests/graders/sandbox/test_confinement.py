import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import landlockpy
import pytest

from graders.sandbox import isolation, policy
from graders.sandbox.policy import Layers
from graders.sandbox.remote import CellReport, Child

Choose = Callable[[Layers], None]
ALL, NONE = Layers(), Layers(0, False, False, False)
ABI = landlockpy.abi_version()
ROOT = os.geteuid() == 0
# The oldest that somebody still has (Debian 12), and with the long tests the others.
OLD = [pytest.param(abi, marks=[pytest.mark.proof] if abi != 2 else []) for abi in (1, 2, 4) if abi <= ABI]

LIBC = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"
FAILED = " < 0: raise OSError(ctypes.get_errno(), 'refused')"


class Attack(NamedTuple):
    """Code that raises if it is held off, and the layers of which each alone holds it off."""

    name: str
    code: str
    held_by: dict[str, int | bool]


def attack(name: str, code: str, *, landlock: int = 0, **layers: bool) -> Attack:
    """Landlock is named with the ABI that first held it off."""
    held_by: dict[str, int | bool] = {"landlock": 11} if 0 < landlock <= ABI else {}
    return Attack(name, code, held_by | {layer: True for layer, holds in layers.items() if holds})


ATTACKS = [
    attack("read a file", "open(FILE).read()", landlock=1),
    attack("write a file", "open(FILE, 'w')", landlock=1),
    attack("make a file", "open(FILE + '2', 'w')", landlock=1),
    attack("list a folder", "import os; os.listdir(os.path.dirname(FILE))", landlock=1),
    attack("read the judge", "open(JUDGE).read()", landlock=1),
    attack("read what the kernel tells about a process", "open('/proc/self/environ').read()", landlock=1),
    attack("cut a file", "import os; os.truncate(FILE, 0)", landlock=3, seccomp=True),
    attack("cut a file by reading", "import os; os.open(FILE, os.O_TRUNC)", landlock=3, seccomp=True),
    attack("cut a file by mode 3", "import os; os.open(FILE, 3 | os.O_TRUNC)", landlock=3, seccomp=True),
    attack("remove a file", "import os; os.unlink(FILE)", landlock=1, seccomp=True),
    attack("move a file", "import os; os.rename(FILE, FILE + '2')", landlock=1, seccomp=True),
    attack("make a folder", "import os; os.mkdir(FILE + '2')", landlock=1, seccomp=True),
    attack("make a link", "import os; os.symlink('/', FILE + '2')", landlock=1, seccomp=True),
    attack("make a pipe", "import os; os.mkfifo(FILE + '2')", landlock=1, seccomp=True),
    attack("change rights", "import os; os.chmod(FILE, 0o600)", seccomp=True),
    attack("change times", "import os; os.utime(FILE)", seccomp=True),
    attack("connect", "import socket; socket.create_connection(TCP, 1)", landlock=4, seccomp=True),
    attack("send", "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'', TCP)", seccomp=True),
    attack(
        "connect to an abstract name",
        "import socket; socket.socket(socket.AF_UNIX).connect(NAME)",
        landlock=6,
        seccomp=True,
    ),
    attack("signal the grader", "import os; os.kill(GRADER, 0)", landlock=6, seccomp=True),
    attack("slow the grader down", "import os; os.sched_setaffinity(GRADER, CORES)", seccomp=True),
    attack("fork", "import os\nif not os.fork(): os._exit(0)", seccomp=True),
    attack("run a program", "import subprocess; subprocess.run(['/bin/true'])", seccomp=True),
    attack("replace the program", "import os; os.execv('/bin/true', ['true'])", landlock=1, seccomp=True),
    attack("make memory that is a file", "import os; os.memfd_create('x')", seccomp=True),
    attack("outlive the zygote", LIBC + "if libc.prctl(1, 0, 0, 0, 0)" + FAILED, seccomp=True),
    attack("memory without end", "x = bytearray(1 << 30)", limits=True),
    attack("files without end", "import os\nfor _ in range(300): os.dup(0)", limits=True),
    attack(
        "threads without end",
        "import threading; stop = threading.Event(); threading.stack_size(32768)\ntry:\n"
        "    for _ in range(700): threading.Thread(target=stop.wait, daemon=True).start()\n"
        "finally: stop.set()",
        limits=not ROOT,  # nobody counts the threads of root
    ),
    attack(
        "be looked at", LIBC + "if libc.prctl(3, 0, 0, 0, 0) != 1: raise OSError('hidden')", identity=True
    ),
]
if ROOT:
    ATTACKS.append(attack("read root's own", "open(SECRET).read()", landlock=1, identity=True))
NAMES = [a.name for a in ATTACKS]


class Place(NamedTuple):
    """What there is to attack."""

    file: Path
    said: str


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a folder that other users reach; pytest's own are private."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def place(open_folder: Path) -> Iterator[Place]:
    """Make a file that everybody may change, a secret one, and listening sockets."""
    open_folder.chmod(0o777)
    file, secret = open_folder / "file", open_folder / "secret"
    for path, mode in ((file, 0o666), (secret, 0o600)):
        path.write_text("treasure")
        path.chmod(mode)
    name = f"\0backproplab-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as tcp, socket.socket(socket.AF_UNIX) as abstract:
        abstract.bind(name)
        abstract.listen()
        values = {
            "FILE": str(file),
            "SECRET": str(secret),
            "JUDGE": isolation.__file__,
            "TCP": tcp.getsockname(),
            "NAME": name,
            "GRADER": os.getpid(),
            "CORES": sorted(os.sched_getaffinity(0)),
        }
        yield Place(file, "\n".join(f"{key} = {value!r}" for key, value in values.items()))


def tried(place: Place, code: str) -> CellReport:
    with Child() as child:
        assert child.exec(place.said, 5).kind == "done"
        return child.exec(code, 10)


def held_off(report: CellReport) -> bool:
    return report.kind == "raised"


@pytest.mark.parametrize("case", ATTACKS, ids=NAMES)
def test_all_layers_together_hold_every_attack_off(case: Attack, place: Place) -> None:
    assert held_off(tried(place, case.code))
    assert place.file.read_text() == "treasure"


@pytest.mark.parametrize("case", ATTACKS, ids=NAMES)
def test_each_layer_alone_holds_off_what_it_is_there_for(
    case: Attack, place: Place, confined_by: Choose
) -> None:
    for layer, setting in case.held_by.items():
        confined_by(NONE._replace(**{layer: setting}))  # type: ignore[arg-type]  # a layer's own kind of value
        assert held_off(tried(place, case.code)), f"{layer} does not hold it off"


@pytest.mark.parametrize("case", ATTACKS, ids=NAMES)
def test_without_any_layer_every_attack_works(case: Attack, place: Place, confined_by: Choose) -> None:
    confined_by(NONE)
    report = tried(place, case.code)
    assert report.kind in ("done", "crashed"), f"nothing was tried: {report.error}"


@pytest.mark.parametrize("abi", OLD)
@pytest.mark.parametrize("case", ATTACKS, ids=NAMES)
def test_an_older_kernel_holds_the_same_attacks_off(
    case: Attack, abi: int, place: Place, confined_by: Choose
) -> None:
    confined_by(ALL._replace(landlock=abi))
    assert held_off(tried(place, case.code))
    assert place.file.read_text() == "treasure"


@pytest.mark.parametrize(
    "code",
    [
        "import matplotlib.pyplot as plt; plt.plot([1, 2]); plt.title('x'); plt.show()",
        "import io, matplotlib.pyplot as plt; plt.text(0, 0, r'$\\frac{a}{b}$'); plt.savefig(io.BytesIO())",
        "import concurrent.futures as c\nwith c.ThreadPoolExecutor(4) as p: list(p.map(abs, [1]))",
        "import time; time.sleep(0.1); import datetime; datetime.datetime.now().astimezone()",
        "import numpy as np; np.random.rand(3); np.random.default_rng(); np.linalg.inv(np.eye(200) + 1)",
        "from backproplab.data import digits, iris; digits(), iris()",
        "import os; os.chdir('/tmp'); os.getcwd(); os.cpu_count(); print('x', file=open(os.devnull, 'w'))",
        "import sched, shelve, wave, colorsys, difflib, sqlite3, xml.dom.minidom",
        "import ipywidgets; ipywidgets.interact(lambda x: x, x=(1, 3))",
        "import inspect, backproplab.activations as a; inspect.getsource(a.sigmoid.f)",
        "import signal; signal.signal(signal.SIGALRM, print); signal.setitimer(signal.ITIMER_REAL, 0.01)",
        "import subprocess\ntry: subprocess.run(['ls'])\nexcept OSError: pass",
    ],
)
@pytest.mark.parametrize("abi", [ABI, *OLD])
def test_honest_code_works_in_there(code: str, abi: int, confined_by: Choose) -> None:
    confined_by(ALL._replace(landlock=abi))
    with Child() as child:
        assert child.exec(code, 10).error == ""


def test_the_answers_are_unreadable_for_one_who_opens_the_gate() -> None:
    with Child() as child:
        child.exec("import sys\nsys.meta_path = [m for m in sys.meta_path if type(m).__name__ != 'Gate']", 5)
        for module in ("graders.judge", "backproplab.network", "graders.exercises.one_neuron"):
            assert child.exec(f"import {module}", 5).error.startswith(("PermissionError", "ModuleNotFound"))


def test_no_right_of_root_is_kept_in_reserve(confined_by: Choose) -> None:
    confined_by(NONE._replace(identity=True))
    with Child() as child:
        child.exec("x = [l.split()[1] for l in open('/proc/self/status') if l.startswith('Cap')][:3]", 5)
        assert [int(held, 16) for held in child.read("x").value] == [0, 0, 0]


def test_it_works_where_namespaces_are_forbidden(tmp_path: Path) -> None:
    script = """
import errno, sys, seccompy
rules = seccompy.Filter(seccompy.Action.ALLOW)
for name in ("unshare", "setns", "mount", "pivot_root", "chroot"):
    rules.errno(name, errno.EPERM)
for flag in (0x10000000, 0x20000000, 0x40000000, 0x00020000):
    rules.errno("clone", errno.EPERM, args=[(0, 6, flag, flag)])
rules.load()
from graders.sandbox.isolation import isolation, require
from graders.sandbox.remote import Child
require(False)
with Child() as child:
    print(isolation(), child.exec("1", 5).kind, child.exec("open(%r)" % sys.argv[1], 5).error[:15])
"""
    file = tmp_path / "file"
    file.write_text("treasure")
    run = [sys.executable, "-c", script, str(file)]
    said = subprocess.run(run, capture_output=True, text=True, timeout=60, check=True).stdout
    assert said.split() == [isolation.isolation(), "done", "PermissionError"]


def test_every_allowed_call_exists_on_both_kinds_of_machine() -> None:
    from seccompy.syscalls import AARCH64_SYSCALLS, X86_64_SYSCALLS

    conditional = {*policy.CONDITIONAL, *policy.NOT_BUILT_IN}
    assert {*policy.ALLOWED, *policy.LEGACY, *conditional} <= set(X86_64_SYSCALLS)
    assert {*policy.ALLOWED, *conditional} - {"open"} <= set(AARCH64_SYSCALLS)
    assert not {*policy.LEGACY, "open"} & set(AARCH64_SYSCALLS)


def test_an_installed_package_is_readable_but_for_what_is_withheld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "python3" / "site-packages"
    for name in ("graders/judge.py", "backproplab/network.py", "backproplab/errors.py", "numpy/core.py"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text("")
    (site.parent / "os.py").write_text("")
    paths = dict.fromkeys(("stdlib", "platstdlib"), site.parent) | dict.fromkeys(("purelib", "platlib"), site)
    monkeypatch.setattr(policy.sysconfig, "get_paths", lambda: paths)
    found = {p for p in map(Path, policy.readable(site, [])) if p.is_relative_to(tmp_path)}
    assert found == {site.parent / "os.py", site / "numpy", site / "backproplab" / "errors.py"}
