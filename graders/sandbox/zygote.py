"""A warm process that forks children: ``python -I zygote.py LAYERS``, its stdin the socket to the grader.

It is started by exec with a clean environment, so its memory holds no secret. All that is slow to import is
imported here once. ``fork`` with three descriptors (requests, answers, output) is answered by the child's
number and a pidfd; ``reap N`` by the exit code of child N, which has been ended; ``drop N`` is the same
without an answer. When the grader is gone, the socket ends, and with it this process and its children.
"""

import gc
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import warnings
from contextlib import suppress
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any, NoReturn

# Slow to import, and wanted by honest notebooks or by what runs them.
PRELOADED = (
    *("numpy.fft", "numpy.linalg", "numpy.polynomial", "numpy.random", "numpy.testing", "numpy.ma"),
    *("matplotlib.pyplot", "matplotlib.backends.backend_agg", "matplotlib.animation", "mpl_toolkits.mplot3d"),
    *("IPython.core.inputtransformer2", "IPython.display", "ipywidgets"),
    *("backproplab.activations", "backproplab.data", "backproplab.errors"),
    *("asyncio", "collections.abc", "concurrent.futures", "copy", "csv", "dataclasses", "datetime"),
    *("decimal", "doctest", "fractions", "functools", "itertools", "logging", "math", "pickle", "pprint"),
    *("queue", "random", "statistics", "string", "subprocess", "textwrap", "threading", "time", "timeit"),
    *("typing", "unittest", "urllib.request", "encodings.idna", "pdb", "zoneinfo"),
)
HIGHEST_DESCRIPTOR = 1 << 16


class Zygote:
    """Answers the grader's requests.

    Parameters
    ----------
    control : socket
        Where they come from.
    """

    def __init__(self, control: socket.socket, layers: list[Any]) -> None:
        self._control = control
        self._children: set[int] = set()
        here = Path(__file__).resolve()
        self._child = _load(here.with_name("child.py"))
        _import_all()
        self._wire, self._student = self._child.prepare()
        policy = self._child.load("policy")
        confine = self._child.load("confine")
        confine.adopt_orphans()
        self._confinement = confine.Confinement(policy.Layers(*layers), policy, here.parents[2])

    def serve(self) -> None:
        """Answer until the grader is gone, then end what it started."""
        gc.collect()
        gc.disable()
        gc.freeze()  # or a collection in a child would copy everything
        self._control.send(b"ready")
        while True:
            message, descriptors, _, _ = socket.recv_fds(self._control, 64, 3, socket.MSG_CMSG_CLOEXEC)
            if not message:
                break
            if message == b"fork":
                self._fork(descriptors)
            else:
                self._reap(*message.split())
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _fork(self, descriptors: list[int]) -> None:
        here = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._control.send(f"no process: {error.strerror}".encode())
            return
        finally:
            if os.getpid() == here:
                for descriptor in descriptors:
                    os.close(descriptor)
        if pid == 0:
            self._child.run_and_leave(lambda: self._become_child(here, descriptors))
        self._children.add(pid)
        pidfd = os.pidfd_open(pid)
        socket.send_fds(self._control, [str(pid).encode()], [pidfd])
        os.close(pidfd)

    def _reap(self, request: bytes, number: bytes) -> None:
        pid = int(number)
        self._children.discard(pid)
        status = os.waitpid(pid, 0)[1]
        while orphans := _children() - self._children:
            for orphan in orphans:
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)
        if request == b"reap":
            self._control.send(str(os.waitstatus_to_exitcode(status)).encode())

    def _become_child(self, parent: int, descriptors: list[int]) -> None:
        os.setsid()
        for wanted, descriptor in enumerate(descriptors):
            os.dup2(descriptor, wanted)
        pipes = self._child.take_pipes()
        self._control.detach()
        self._confinement.enter(parent)
        first, second = sorted(pipe.fileno() for pipe in pipes)
        os.closerange(3, first)
        os.closerange(first + 1, second)
        os.closerange(second + 1, HIGHEST_DESCRIPTOR)
        gc.enable()
        self._child.serve(self._wire, self._student, *pipes)


def _children() -> set[int]:
    here = os.getpid()
    with suppress(OSError):  # a kernel that does not list them
        return {int(pid) for pid in Path(f"/proc/{here}/task/{here}/children").read_text().split()}
    return set()


def _load(path: Path) -> Any:
    spec = spec_from_file_location("_child", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is missing: install backproplab again")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _import_all() -> None:
    """Import; matplotlib insists on a folder that it can write to."""
    folder = tempfile.mkdtemp(prefix=f"backproplab-{os.getpid()}-")
    os.environ["MPLCONFIGDIR"] = folder
    try:
        for name in PRELOADED:
            with suppress(ImportError):
                import_module(name)
        _draw_once()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _draw_once() -> None:
    """Fill the caches of fonts and styles, which every first plot would fill anew."""
    from matplotlib import pyplot

    figure = pyplot.figure()
    figure.add_subplot().set_title("0")
    figure.canvas.draw()
    pyplot.close(figure)


def main() -> NoReturn:
    """Get warm, then serve."""
    control = socket.socket(fileno=os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(null, standard)
    os.chdir("/")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        zygote = Zygote(control, json.loads(sys.argv[1]))
    os.dup2(null, 2)
    os.close(null)
    zygote.serve()
    os._exit(0)


if __name__ == "__main__":
    main()
