"""Confinement by the kernel: prepared once in the zygote, entered by each child, never left.

The zygote loads this file by path, so it imports nothing of ``graders``; what is allowed stands in
``policy.py``, which is handed in.
"""

import ctypes
import errno
import os
import resource
import signal
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import landlockpy
import seccompy

__all__ = ["Confinement", "adopt_orphans"]

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_SET_NO_NEW_PRIVS = 1, 4, 8, 38
_PR_SET_SECCOMP, _FILTER = 22, 2
_PR_SET_CHILD_SUBREAPER = 36
_CAPABILITY_HEADER = struct.pack("=Ii", 0x20080522, 0)
_CAP_DAC_READ_SEARCH = 1 << 2
_MASKED_EQUAL = 6

_libc: Any = ctypes.CDLL(None, use_errno=True)
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]


class Confinement:
    """All layers, ready to be entered.

    Parameters
    ----------
    layers : Layers
        Which of them; this machine must have them.
    policy : module
        ``policy.py``.
    packages : Path
        The folder in which ``graders`` and ``backproplab`` lie.
    """

    def __init__(self, layers: Any, policy: Any, packages: Path) -> None:
        self._layers, self._policy = layers, policy
        paths = policy.readable(packages, _mapped_libraries())
        self._ruleset = _ruleset(layers.landlock, paths, policy.DEVICES) if layers.landlock else None
        self._filter = _Program(_filter(policy)) if layers.seccomp else None
        self._root = layers.identity and os.geteuid() == 0
        # The unused user could not even enter a Python in a private home. What it may read, Landlock says.
        needed = _CAP_DAC_READ_SEARCH if self._ruleset and policy.private(paths) else 0
        kept = needed & _capabilities()
        self._kept = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
        self._limits = _limits(policy, self._root) if layers.limits else []

    def enter(self, parent: int) -> None:
        """Give up everything that is not needed; whatever fails here must end the process.

        Parameters
        ----------
        parent : int
            The process with which this one ends.
        """
        self._bound()
        if self._root:
            _become(self._policy.UNUSED_USER)
        if self._layers.identity:
            _check(_libc.capset(_CAPABILITY_HEADER, self._kept))
        # After the change of the user, which forgets it.
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        if self._layers.identity:
            _prctl(_PR_SET_DUMPABLE, 0)
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        if self._ruleset:
            self._ruleset.restrict()
            self._ruleset.close()
        if self._filter:
            _prctl(_PR_SET_SECCOMP, _FILTER, self._filter.address)

    def _bound(self) -> None:
        with suppress(OSError):  # then the kernel weighs this process like every other
            weight = os.open("/proc/self/oom_score_adj", os.O_WRONLY | os.O_CLOEXEC)
            os.write(weight, b"1000")
            os.close(weight)
        for what, bound in self._limits:
            resource.setrlimit(what, (bound, bound))


def adopt_orphans() -> None:
    """Become the parent of what the children leave behind, where they may start processes at all."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


class _Program:
    """A compiled filter in the form in which the kernel takes it, made once and not per child."""

    def __init__(self, rules: seccompy.Filter) -> None:
        self._instructions = ctypes.create_string_buffer(rules.program, len(rules.program))
        where = ctypes.addressof(self._instructions)
        self._header = ctypes.create_string_buffer(struct.pack("@HP", len(rules.program) // 8, where))
        self.address = ctypes.addressof(self._header)


def _ruleset(abi: int, paths: list[str], devices: dict[str, str]) -> landlockpy.Ruleset:
    access = landlockpy.AccessFS
    ruleset = landlockpy.Ruleset(
        handled_fs=landlockpy.fs_for_abi(abi),
        handled_net=landlockpy.net_for_abi(abi),
        scoped=landlockpy.scope_for_abi(abi),
    )
    for path in paths:
        inside = access.READ_DIR if Path(path).is_dir() else access.NONE
        ruleset.allow_path(path, access.READ_FILE | inside)
    rights = {"r": access.READ_FILE, "rw": access.READ_FILE | access.WRITE_FILE | access.TRUNCATE}
    for path, mode in devices.items():
        if Path(path).exists():
            ruleset.allow_path(path, rights[mode])
    return ruleset


def _filter(policy: Any) -> seccompy.Filter:
    if not seccompy.supported():  # asked here, because it must not be asked for the first time in a child
        raise OSError(errno.ENOSYS, "seccomp is missing")
    rules = seccompy.Filter(seccompy.Action.ERRNO | errno.EPERM)
    for name in policy.ALLOWED:
        rules.allow(name)
    known = policy.LEGACY if seccompy.arch() == "x86_64" else ()
    for name in known:
        rules.allow(name)
    for name, (argument, mask, values) in policy.CONDITIONAL.items():
        if name != "open" or known:
            for value in values:
                rules.allow(name, args=[(argument, _MASKED_EQUAL, value, mask)])
    for name in policy.NOT_BUILT_IN:
        rules.errno(name, errno.ENOSYS)
    return rules


def _limits(policy: Any, root: bool) -> list[tuple[int, int]]:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limits = {
        resource.RLIMIT_AS: used + policy.MEMORY,
        resource.RLIMIT_FSIZE: policy.FILE_SIZE,
        resource.RLIMIT_CPU: policy.CPU_SECONDS,
        resource.RLIMIT_NOFILE: policy.OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    tasks = policy.TASKS if root else policy.TASKS + _tasks_of(os.getuid())
    if root or _can_fork_under(tasks):
        limits[resource.RLIMIT_NPROC] = tasks
    return [(what, _at_most(resource.getrlimit(what)[1], wanted)) for what, wanted in limits.items()]


def _at_most(hard: int, wanted: int) -> int:
    return wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)


def _tasks_of(user: int) -> int:
    """Count the threads of a user, as far as they can be seen."""
    count = 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            count += len(list((process / "task").iterdir())) if process.stat().st_uid == user else 0
    return count


def _can_fork_under(tasks: int) -> bool:
    """Tell whether the limit leaves room: in a container the user may have tasks that are not seen here."""
    pid = os.fork()
    if pid == 0:
        try:
            resource.setrlimit(resource.RLIMIT_NPROC, (tasks, tasks))
            inner = os.fork()
            if inner == 0:
                os._exit(0)
            os.waitpid(inner, 0)
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(pid, 0)[1] == 0


def _capabilities() -> int:
    """Return those of this process, of which few are of interest here."""
    held = ctypes.create_string_buffer(24)
    _check(_libc.capget(_CAPABILITY_HEADER, held))
    return int(struct.unpack("=6I", held.raw)[1])


def _become(user: int) -> None:
    """Become an unused user, where the container allows that; what root may do is given up next."""
    _prctl(_PR_SET_KEEPCAPS, 1)
    with suppress(OSError):
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)


def _prctl(option: int, value: int, address: int = 0) -> None:
    _check(_libc.prctl(option, value, address, 0, 0))


def _check(returned: int) -> None:
    if returned != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _mapped_libraries() -> set[str]:
    """Return the paths of the shared libraries of this process."""
    found = set()
    for line in Path("/proc/self/maps").read_text().splitlines():
        path = line.split(maxsplit=5)[-1]
        if path.startswith("/") and ".so" in path and Path(path).exists():
            found.add(path)
    return found
