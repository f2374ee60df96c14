"""The accounts under which the attacks are tried: root, an ordinary user, a user who may do even less."""

import ctypes
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

__all__ = ["MODES", "options"]

USER = 23_456
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_CLONE_NEWNS = 0x00020000
_NAMESPACES = 0x7E020080  # every CLONE_NEW flag
_SYSTEM_CALLS = ("unshare", "setns", "mount", "umount2", "pivot_root", "open_tree", "fsopen", "move_mount")

_libc: Any = ctypes.CDLL(None, use_errno=True)

MODES = ("root", "user", "bare") if os.geteuid() == 0 else ("user", "bare")


def options(mode: str) -> dict[str, Any]:
    """Return how an arena is started in one of the modes.

    Parameters
    ----------
    mode : {"root", "user", "bare"}
        As this process, as an ordinary user, as one under a filter that forbids namespaces.

    Returns
    -------
    dict
        Arguments of ``Arena``.
    """
    leave = os.geteuid() == 0 and mode != "root"
    return {
        "prepare": _prepared(leave, mode == "bare"),
        "user": USER if leave else None,
    }


def _prepared(leave: bool, bare: bool) -> Callable[[], None]:
    """Return what the new process does before it becomes Python; all imports are done here."""
    rules = _without_namespaces() if bare else None

    def prepare() -> None:
        if leave:
            _open_the_way(Path(sys.base_prefix))
            os.setgroups([])
            os.setresgid(USER, USER, USER)
            os.setresuid(USER, USER, USER)
        if rules:
            rules.load()

    return prepare


def _without_namespaces() -> Any:
    import seccompy

    seccompy.supported()
    rules = seccompy.Filter(seccompy.Action.ALLOW)
    for name in _SYSTEM_CALLS:
        rules.errno(name, 1)
    rules.errno("clone3", 38)
    for bit in (1 << n for n in range(32)):
        if bit & _NAMESPACES:
            rules.errno("clone", 1, args=[(0, 6, bit, bit)])
    _ = rules.program
    return rules


def _open_the_way(prefix: Path) -> None:
    """Show an interpreter in somebody's private home at the same path, in a view of our own."""
    closed = [p for p in prefix.resolve().parents if not p.stat().st_mode & stat.S_IXOTH]
    if not closed:
        return
    home = closed[-1]
    _check(_libc.unshare(_CLONE_NEWNS))
    _check(_libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    inside = prefix.resolve()
    held = os.open(inside, os.O_PATH)
    _check(_libc.mount(b"none", os.fsencode(home), b"tmpfs", 0, b"mode=755"))
    inside.mkdir(parents=True)
    _check(_libc.mount(f"/proc/self/fd/{held}".encode(), os.fsencode(inside), None, _MS_BIND, None))
    os.close(held)


def _check(returned: int) -> None:
    if returned != 0:
        raise OSError(ctypes.get_errno(), "the interpreter cannot be shown to an ordinary user")
