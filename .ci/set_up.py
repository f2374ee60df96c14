#!/usr/bin/env python3
"""Set up .venv on first use, then run one of the project's commands in it.

Standard library only, in syntax that an old Python can read, so that it can say which one is needed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT
from typing import IO, TYPE_CHECKING, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / ".ready"  # written last: without it the environment counts as unfinished
LOCK = ROOT / "requirements.lock"
UV_LOCK = ROOT / ".ci" / "uv.txt"
UV = "uv==0.13.9"
MADE = (".venv", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", "dist")

NEEDED = (3, 11)
NAMES = ("python3.13", "python3.12", "python3.11", "python3.14", "python3", "python")
PROBE = """
import sys
try:
    import ensurepip, venv
    whole = 1
except ImportError:
    whole = 0
print("%d.%d.%d" % sys.version_info[:3], whole, getattr(sys, "_base_executable", "") or sys.executable)
"""
# Settings that would send packages elsewhere than into .venv, or take modules from elsewhere.
UNWANTED = ("PYTHONHOME", "PYTHONPATH", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_NO_COMPILE")

USAGE = """usage: python3 .ci/set_up.py COMMAND [ARGUMENT...]

  ready   set up .venv, nothing else
  lab     the lessons in JupyterLab            (backproplab lab)
  test    the test-suite; arguments go to pytest
  proof   the test-suite with every long form
  bench   the benchmarks, all or those named
  lint    ruff check, ruff format --check, mypy
  lock    resolve requirements.lock again; arguments go to uv, for example --upgrade
  run     any command inside .venv
  clean   remove .venv, caches and build/, but never build/lab with your notebooks

Each but clean sets up .venv first where that is not done yet."""

ADVICE = {
    "network": (
        "The package index cannot be reached: no network, a proxy, or a certificate that is not trusted.\n"
        "Connect (or set HTTPS_PROXY, PIP_INDEX_URL, SSL_CERT_FILE), then run the same command again."
    ),
    "disk": (
        f"The disk is full. The set-up needs about 800 MB in {ROOT}, and as much for the package cache.\n"
        "Free some space, then run the same command again."
    ),
    "permission": (
        f"No permission to write in {ROOT} or in the package cache.\n"
        "Use a checkout that belongs to you (git clone into your own folder), then run the command again."
    ),
}
SIGNS = {
    "disk": r"no space left|not enough space|disk quota exceeded|os error (28|112|122)\b|errno (28|122)\b",
    "permission": r"permission denied|access is denied|read-only file system|errno (1|13|30)\b",
    "network": r"name resolution|dns error|failed to resolve|nodename nor servname|getaddrinfo"
    r"|newconnectionerror|connection (refused|reset|aborted)|failed to establish a new connection"
    r"|timed out|(connect|read)timeout|network is unreachable|no route to host|proxyerror|tunnel error"
    r"|client error \(connect\)|certificate_verify_failed|invalid peer certificate|sslerror|failed to fetch",
}


class Failed(Exception):
    """The set-up cannot go on; the text says why and what to do."""

    def __init__(self, text: str, cause: str | None = None) -> None:
        super().__init__(text)
        self.cause = cause


class Found(NamedTuple):
    """A Python: its version, its path, whether it is new enough and has its venv module."""

    version: str
    path: str
    new: bool
    whole: bool


def say(text: str) -> None:
    """Tell the user, beside whatever the command itself prints."""
    print(f"backproplab: {text}", file=sys.stderr, flush=True)


def fingerprint() -> str:
    """Return what the environment was made from: lock, metadata, place and interpreter."""
    digest = hashlib.sha256()
    for path in (LOCK, ROOT / "pyproject.toml"):
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    digest.update(os.fsencode(f"{ROOT}\n{os.path.realpath(str(PYTHON))}"))
    return digest.hexdigest()


def base_exists() -> bool:
    """Tell whether the Python that made .venv is still there (on Windows .venv holds a copy of it)."""
    home = re.search(r"^home *= *(.+)$", (VENV / "pyvenv.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    return PYTHON.exists() and home is not None and Path(home[1].strip()).is_dir()


def ready() -> bool:
    """Tell, without starting a process, whether a finished set-up fits."""
    try:
        return STAMP.read_text(encoding="ascii") == fingerprint() and base_exists()
    except (OSError, UnicodeDecodeError):
        return False


def reusable() -> bool:
    """Tell whether .venv was finished once, works, and was made in this very folder."""
    try:
        if not STAMP.exists() or str(VENV) not in (BIN / "activate").read_text(encoding="utf-8"):
            return False
        run([PYTHON, "-m", "pip", "--version"])
    except (OSError, Failed):
        return False
    return True


def environment() -> dict[str, str]:
    """Return the environment of every child: the tools of .venv come first on PATH."""
    env = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    env["PATH"] = str(BIN) + os.pathsep + env.get("PATH", os.defpath)
    env["VIRTUAL_ENV"] = str(VENV)
    return env


def run(command: list[str | Path]) -> None:
    """Run one step quietly; raise ``Failed`` with advice, or with the tool's own last words."""
    words = [str(part) for part in command]
    done = subprocess.run(
        words, cwd=ROOT, env=environment(), input="", stdout=PIPE, stderr=STDOUT, text=True, errors="replace"
    )
    if done.returncode:
        raise explained(done.stdout, words)


def explained(output: str, words: list[str]) -> Failed:
    """Turn a tool's output into advice where its cause is known."""
    for cause, signs in SIGNS.items():
        if re.search(signs, output, re.IGNORECASE):
            return Failed(ADVICE[cause], cause)
    last = [line.rstrip() for line in output.splitlines() if line.strip()][-6:]
    return Failed("\n".join([f"This step failed: {' '.join(words)}", *last]))


def probe(candidate: str) -> Found | None:
    """Ask an interpreter what it is."""
    try:
        command = [candidate, "-I", "-c", PROBE]
        answer = subprocess.check_output(command, stderr=DEVNULL, text=True, timeout=30)
        version, whole, executable = answer.strip().split(" ", 2)
        numbers = tuple(int(part) for part in version.split("."))
    except (OSError, ValueError, subprocess.SubprocessError):
        return None  # a stub that starts no Python, or one too old for -I
    return Found(version, executable, numbers >= NEEDED, whole == "1")


def candidates() -> list[str]:
    """Return the interpreters to try: the running one, then those on PATH."""
    found = [sys.executable, *(shutil.which(name) for name in NAMES)]
    return list(dict.fromkeys(path for path in found if path))


def find_python() -> Found:
    """Return the first Python that is new enough and can make environments."""
    found = [answer for answer in map(probe, candidates()) if answer]
    for python in found:
        if python.new and python.whole:
            return python
    for python in found:
        if python.new:
            package = f"python{python.version.rpartition('.')[0]}-venv"
            raise Failed(
                f"{python.path} (Python {python.version}) has no venv module, or not all of it.\n"
                f"On Debian and Ubuntu: sudo apt install {package} (or python3-venv). Then run again."
            )
    seen = ", ".join(f"{python.path} is {python.version}" for python in dict.fromkeys(found))
    raise Failed(
        f"Python {NEEDED[0]}.{NEEDED[1]} or newer is needed; found: {seen or 'no Python at all'}.\n"
        "Install one (Debian, Ubuntu: sudo apt install python3 python3-venv; macOS: brew install python;\n"
        "Windows: winget install Python.Python.3.13), then run the same command again."
    )


def install() -> None:
    """Install the locked packages, then this project in editable form."""
    installer = install_lock()
    run([*installer, "--no-build-isolation", "--no-deps", "-e", ROOT])


def install_lock() -> list[str | Path]:
    """Install the lock with uv, or with plain pip where uv cannot be had; return what did it."""
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    uv: list[str | Path] = [PYTHON, "-m", "uv", "pip", "install", "--python", PYTHON]
    try:
        run([*pip, "--require-hashes", "-r", UV_LOCK])
    except Failed as failure:
        if failure.cause:  # what stops pip here stops it for the other packages too
            raise
    else:
        try:
            run([*uv, "--compile-bytecode", "--require-hashes", "-r", LOCK])
        except Failed as failure:
            if failure.cause in ("disk", "permission"):
                raise  # a mirror or proxy known to pip only is no reason to stop
        else:
            return uv
    say("uv cannot be used here: going on with pip, which takes a minute longer")
    run([*pip, "--require-hashes", "-r", LOCK])
    return pip


def make() -> None:
    """Make or renew .venv and stamp it last."""
    if reusable():
        say("requirements.lock or pyproject.toml changed: renewing .venv")
        STAMP.unlink()
    else:
        python = find_python()
        state = "making it anew" if VENV.exists() else "first use, about a minute"
        say(f"setting up .venv with Python {python.version} ({state}; later starts cost nothing)")
        run([python.path, "-m", "venv", "--clear", VENV])
    install()
    draft = STAMP.with_name(".ready.new")
    draft.write_text(fingerprint(), encoding="ascii")
    draft.replace(STAMP)


def take(handle: IO[str]) -> None:
    """Take the lock on an open file or raise BlockingIOError or PermissionError."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Let one set-up at a time work in this folder; the system frees the lock of one that died."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "set-up.lock").open("w") as handle:
        told = False
        while True:
            try:
                take(handle)
                break
            except (BlockingIOError, PermissionError):
                if not told:
                    say("another set-up is at work in this folder: waiting for it")
                told = True
                time.sleep(0.5)
            except OSError:  # a file system without locks
                break
        yield


def set_up() -> None:
    """Leave a finished .venv behind; free of cost where there is one."""
    if ready():
        return
    try:
        with alone():
            if not ready():  # it may have become ready while we waited
                make()
    except KeyboardInterrupt:
        say("stopped. Run the same command again: it goes on with what is already downloaded")
        sys.exit(130)


def become(*arguments: str, **variables: str) -> NoReturn:
    """Run Python of .venv in place of this process."""
    os.chdir(str(ROOT))
    words = [str(PYTHON), *arguments]
    env = {**environment(), **variables}
    if os.name == "nt":  # there, exec leaves the shell waiting for nothing
        sys.exit(subprocess.call(words, env=env))
    os.execve(words[0], words, env)


def call(*words: str | Path, text: str | None = None) -> int:
    """Run one command inside .venv and return its exit status."""
    env = environment()
    program = shutil.which(str(words[0]), path=env["PATH"])
    if not program:
        raise Failed(f"{words[0]}: not found in .venv or on PATH")
    command = [program, *map(str, words[1:])]
    return subprocess.run(command, cwd=str(ROOT), env=env, input=text, text=True).returncode


def bench(names: list[str]) -> int:
    """Run the benchmark scripts in order; each prints its table and writes build/bench/NAME.json."""
    (BUILD / "bench").mkdir(parents=True, exist_ok=True)
    scripts = [p for p in sorted((ROOT / "tests" / "benchmarks").glob("[a-z]*.py")) if p.stem != "conftest"]
    chosen = [p for p in scripts if not names or p.stem in names]
    if not chosen:
        known = ", ".join(p.stem for p in scripts) or "none yet"
        raise Failed(f"No such benchmark. There are: {known}.")
    return max(call(PYTHON, script) for script in chosen)


def lint() -> int:
    """Run every linter, also after one has complained."""
    commands = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"], ["mypy", ".ci/set_up.py"])
    return max(call(*command) for command in commands)


def lock(options: list[str]) -> int:
    """Resolve the locks again, for every platform, with hashes and without addresses."""
    compiler = ["-m", "uv", "pip", "compile", "--universal", "--generate-hashes", "--python-version", "3.11"]
    compiler += ["--no-emit-index-url", "--quiet", "--custom-compile-command", "make lock", *options]
    status = call(PYTHON, *compiler, "--group", "dev", "pyproject.toml", "-o", LOCK)
    return status or call(PYTHON, *compiler, "--no-annotate", "-", "-o", UV_LOCK, text=f"{UV}\n")


def clean() -> int:
    """Remove what set-up and tools made; a student's notebooks in build/lab stay."""
    made = [ROOT / name for name in MADE] + [p for p in BUILD.glob("*") if p.name != "lab"]
    for path in made:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(str(path))
        elif path.exists():
            path.unlink()
    if (BUILD / "lab").exists():
        say("kept build/lab: your notebooks are in it")
    return 0


def dispatch(command: str, rest: list[str]) -> int:
    """Set up, then do what was asked."""
    if command == "clean":
        return clean()
    set_up()
    if command == "lab":
        become("-m", "graders.cli", "lab", *rest)
    if command == "test":
        # The whole suite keeps several cores busy; a file's tests stay together, they share what is costly.
        # In the order of the folders: files with few tests are the browser's, slow, and not to come last.
        spread = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"]
        spread = [] if rest else spread
        become("-m", "pytest", "-m", "not proof", *spread, *rest)
    if command == "proof":
        become("-m", "pytest", *rest, BACKPROPLAB_PROOF="1")
    if command == "bench":
        return bench(rest)
    if command == "lint":
        return lint()
    if command == "lock":
        return lock(rest)
    return call(*rest) if command == "run" else 0


def main(argv: list[str]) -> int:
    """Return the exit status; every expected failure is two or three plain lines."""
    known = re.findall(r"^  (\w+)  ", USAGE, re.MULTILINE)
    if not argv or argv[0] not in known or (argv[0] == "run" and not argv[1:]):
        asked = argv[:1] in (["-h"], ["--help"])
        print(USAGE, file=sys.stdout if asked else sys.stderr)
        return 0 if asked else 2
    try:
        return dispatch(argv[0], argv[1:])
    except Failed as failure:
        say(str(failure))
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        say(str(explained(str(error), ["the set-up"])))
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
