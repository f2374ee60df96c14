"""What confines a student's process on this machine, and what to do where nothing does."""

import os
import sys
from functools import cache

from graders.errors import NotConfined
from graders.sandbox.policy import UNUSED_USER, Layers

__all__ = ["SETTINGS", "describe", "found", "isolation", "require"]

SETTINGS = Layers()
"""What is wanted. A test may ask for less, or for an older Landlock; a worker process is told it."""

# From this ABI on Landlock bounds all that it is used for here; below, seccomp alone stands for some of it.
WHOLE_LANDLOCK = 6
_WITHOUT = {
    2: "truncation of files, TCP, signals and abstract sockets",
    3: "TCP, signals and abstract sockets",
    5: "signals and abstract sockets",
}


@cache
def found(wanted: Layers) -> Layers:
    """Return those of the wanted layers that this machine has.

    Parameters
    ----------
    wanted : Layers
        Usually :data:`SETTINGS`.

    Returns
    -------
    Layers
        With Landlock's ABI as it is here, if that is older.
    """
    if sys.platform != "linux":
        return Layers(0, False, False, False)
    return wanted._replace(landlock=min(wanted.landlock, _landlock()), seccomp=wanted.seccomp and _seccomp())


def _landlock() -> int:
    import landlockpy

    try:
        return landlockpy.abi_version()
    except OSError:  # an outer filter refuses the question
        return 0


def _seccomp() -> bool:
    import seccompy

    try:
        seccompy.audit_arch()
        return seccompy.supported()
    except (OSError, seccompy.UnsupportedError):
        return False


def isolation() -> str:
    """Name the layers that are in force on this machine, as each result records it.

    Returns
    -------
    str
        For example ``"landlock+seccomp+rlimits"``, ``"landlock-abi2+seccomp+rlimits"`` on an old kernel,
        and ``"process"`` where there are none.
    """
    layers = found(SETTINGS)
    names = ["landlock" if layers.landlock >= WHOLE_LANDLOCK else f"landlock-abi{layers.landlock}"]
    parts = names * (layers.landlock > 0) + ["seccomp"] * layers.seccomp + ["rlimits"] * layers.limits
    return "+".join(parts) or "process"


def require(unsandboxed: bool) -> None:
    """Refuse to run students' code where the kernel does not confine it.

    Parameters
    ----------
    unsandboxed : bool
        Run it all the same.

    Raises
    ------
    NotConfined
        If Landlock or seccomp is missing.
    """
    layers = found(SETTINGS)
    missing = ["Landlock"] * (not layers.landlock) + ["seccomp"] * (not layers.seccomp)
    if missing and not unsandboxed:
        raise NotConfined(" and ".join(missing))


def describe() -> list[tuple[str, str, str]]:
    """Tell about each layer on this machine.

    Returns
    -------
    list of (layer, state, detail)
        ``state`` is ``"ok"``, ``"weak"`` or ``"missing"``.
    """
    layers = found(SETTINGS)
    return [
        ("landlock", *_about_landlock(layers.landlock)),
        ("seccomp", *_about_seccomp(layers.seccomp)),
        ("rlimits", *_about_limits(layers.limits)),
        ("user", *_about_user(layers.identity)),
    ]


def _about_landlock(abi: int) -> tuple[str, str]:
    if not abi:
        return (
            "missing",
            "students' code could read and change files: needs Linux 5.13 or later with Landlock",
        )
    if abi >= WHOLE_LANDLOCK:
        return "ok", f"files, TCP, signals and abstract sockets are bounded (ABI {abi})"
    missing = next(what for newest, what in _WITHOUT.items() if abi <= newest)
    return "weak", f"files are bounded (ABI {abi}); {missing} rest on seccomp alone: a newer kernel has both"


def _about_seccomp(there: bool) -> tuple[str, str]:
    if there:
        return "ok", "no sockets, processes, programs or signals"
    return "missing", "system calls are not filtered: needs Linux on x86-64 or aarch64"


def _about_limits(there: bool) -> tuple[str, str]:
    if there:
        return "ok", "memory, processor time, open files and threads are bounded"
    return "missing", "memory is not bounded"


def _about_user(there: bool) -> tuple[str, str]:
    if there and hasattr(os, "geteuid") and os.geteuid() == 0:
        return "ok", f"students' code runs as the unused user {UNUSED_USER}"
    if there:
        return "ok", "students' code runs as this account, closed to its other processes"
    return "missing", "students' code runs as this account"
