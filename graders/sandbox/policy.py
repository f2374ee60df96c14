"""What a student's process may do: its limits, its files, its system calls. Changes belong here.

The zygote loads this file by path, so it imports nothing of ``graders``.
"""

import stat
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "ALLOWED",
    "CONDITIONAL",
    "CPU_SECONDS",
    "DEVICES",
    "FILE_SIZE",
    "LEGACY",
    "MEMORY",
    "NOT_BUILT_IN",
    "OPEN_FILES",
    "TASKS",
    "UNUSED_USER",
    "Layers",
    "private",
    "readable",
]


class Layers(NamedTuple):
    """Which layers confine a student's process.

    Parameters
    ----------
    landlock : int
        The newest Landlock ABI that is used; 0 for none.
    seccomp : bool
        Filter system calls.
    limits : bool
        Bound memory, processor time, open files and threads.
    identity : bool
        Leave root for an unused user, and be closed to the looks of other processes.
    """

    landlock: int = 11
    seccomp: bool = True
    limits: bool = True
    identity: bool = True


MEMORY = 640 << 20
FILE_SIZE = 64 << 20
CPU_SECONDS = 60
OPEN_FILES = 256
# Threads and processes that the user may have more than when the zygote started.
TASKS = 512
# Outside the ranges of people, system services and containers.
UNUSED_USER = 65432

# Read beside Python itself: time zones and fonts.
_SYSTEM = ("/etc/localtime", "/usr/share/zoneinfo", "/usr/share/fonts")
DEVICES = {"/dev/null": "rw", "/dev/zero": "r", "/dev/urandom": "r"}
# What is nobody's business in there, and what of it a student may use.
_WITHHELD = ("backproplab", "graders")
_OPEN = ("__init__.py", "activations.py", "errors.py", "data")

# There are no sockets, no programs or processes to start, no signals to others, and no files to make, cut,
# move or remove in this list: Landlock handles truncation from its ABI 3 only, and signals from 6.
ALLOWED = (
    # memory
    *("brk", "madvise", "mmap", "mprotect", "mremap", "munmap"),
    # open files and pipes
    *("close", "close_range", "dup", "dup3", "fsync", "lseek", "pipe2", "read", "readv", "write", "writev"),
    *("pread64", "preadv", "pwrite64", "pwritev", "fadvise64"),
    *("epoll_create1", "epoll_ctl", "epoll_pwait", "ppoll", "pselect6"),
    # looking at files
    *("chdir", "faccessat", "faccessat2", "fchdir", "fstat", "fstatfs", "getcwd", "getdents64"),
    *("newfstatat", "readlinkat", "statfs", "statx", "umask"),
    # threads and their signals
    *("exit", "exit_group", "futex", "gettid", "membarrier", "restart_syscall", "rseq", "sched_getaffinity"),
    *("sched_yield", "set_robust_list", "set_tid_address", "rt_sigaction", "rt_sigpending"),
    *("rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "sigaltstack"),
    *("getitimer", "setitimer", "wait4", "waitid"),
    # time and chance
    *("clock_getres", "clock_gettime", "clock_nanosleep", "getrandom", "gettimeofday", "nanosleep", "times"),
    # who and where am I
    *("getcpu", "getegid", "geteuid", "getgid", "getgroups", "getpgid", "getpid", "getppid", "getresgid"),
    *("getresuid", "getrlimit", "getrusage", "getsid", "getuid", "sysinfo", "uname"),
)
# x86-64 has these besides; newer machines do without.
LEGACY = (
    *("access", "alarm", "dup2", "epoll_create", "epoll_wait", "getdents", "getpgrp", "lstat"),
    *("pause", "pipe", "poll", "readlink", "select", "stat", "time"),
)

_LOW = 0xFFFFFFFF
_READ_OR_WRITE, _TRUNCATE = 0o3, 0o1000
# Truncating needs write access by Landlock's rules only where the file is opened for writing.
_HONEST_OPEN = (0, 1, 2, 1 | _TRUNCATE, 2 | _TRUNCATE)
_CLONE_THREAD = 0x10000
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC; F_SETOWN could send signals.
_FCNTL = (0, 1, 2, 3, 4, 1030)
# TCGETS (is it a terminal?), FIONREAD, FIONBIO, FIONCLEX, FIOCLEX.
_IOCTL = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)
# PR_SET_NAME, PR_GET_NAME, PR_SET_VMA.
_PRCTL = (15, 16, 0x53564D41)

# System call -> the number of an argument, the bits looked at, and what they may be.
CONDITIONAL: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "clone": (0, _CLONE_THREAD, (_CLONE_THREAD,)),
    "fcntl": (1, _LOW, _FCNTL),
    "ioctl": (1, _LOW, _IOCTL),
    "open": (1, _READ_OR_WRITE | _TRUNCATE, _HONEST_OPEN),
    "openat": (2, _READ_OR_WRITE | _TRUNCATE, _HONEST_OPEN),
    "prctl": (0, _LOW, _PRCTL),
    "prlimit64": (0, _LOW, (0,)),
}
# The C library takes the older way where the kernel does not know these.
NOT_BUILT_IN = ("clone3", "openat2")


def readable(packages: Path, mapped: Iterable[str]) -> list[str]:
    """Return the files and folders that the process may read: Python, its packages, their libraries.

    Parameters
    ----------
    packages : Path
        The folder in which ``graders`` and ``backproplab`` lie. Both are left out, wherever else they may
        be installed, except for what a student may import.
    mapped : iterable of str
        Paths of the shared libraries in use.

    Returns
    -------
    list of str
        Existing paths; a folder stands for everything in it.
    """
    names = sysconfig.get_paths()
    folders = {Path(names[key]).resolve() for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    roots = {packages, *folders, *(f / site for f in folders for site in ("site-packages", "dist-packages"))}
    withheld = {(root / name).resolve() for root in roots for name in _WITHHELD if (root / name).exists()}
    folders |= {Path(path).resolve().parent for path in mapped}
    found = {path for folder in folders for path in _without(folder, withheld)}
    found |= {packages / "backproplab" / name for name in _OPEN} | {Path(path) for path in _SYSTEM}
    return sorted(str(path) for path in found if path.exists())


def _without(path: Path, withheld: set[Path]) -> Iterator[Path]:
    """Yield the path, or where something withheld lies in it, the rest of what is in it."""
    if path in withheld:
        return
    if not any(hidden.is_relative_to(path) for hidden in withheld):
        yield path
        return
    for entry in path.iterdir():
        yield from _without(entry, withheld)


def private(paths: Iterable[str]) -> bool:
    """Tell whether another user of the machine could not read one of these paths."""
    if sys.platform == "win32":
        return False
    for path in map(Path, paths):
        if not path.stat().st_mode & stat.S_IROTH:
            return True
        if any(not above.stat().st_mode & stat.S_IXOTH for above in path.resolve().parents):
            return True
    return False
