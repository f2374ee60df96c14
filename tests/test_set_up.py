"""The set-up script, on a tiny project that needs nothing from a network."""

import ast
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / ".ci" / "set_up.py"

PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "tiny"
version = "1"
"""
BACKEND = """
import zipfile
NAME = "tiny-1-py3-none-any.whl"
def build_editable(folder, settings=None, metadata=None):
    with zipfile.ZipFile(folder + "/" + NAME, "w") as wheel:
        wheel.writestr("tiny.py", "")
        wheel.writestr("tiny-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: tiny\\nVersion: 1\\n")
        wheel.writestr("tiny-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nTag: py3-none-any\\n")
        wheel.writestr("tiny-1.dist-info/RECORD", "")
    return NAME
"""


def load(root: Path) -> ModuleType:
    """Import the script as it stands in that checkout."""
    spec = importlib.util.spec_from_file_location("set_up_under_test", root / ".ci" / "set_up.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def checkout(root: Path) -> Path:
    """Lay out a tiny project: an empty lock, and a uv that no index here has."""
    (root / ".ci").mkdir(parents=True)
    shutil.copy(SCRIPT, root / ".ci")
    (root / ".ci" / "uv.txt").write_text(f"uv==0.0.1 --hash=sha256:{'0' * 64}\n")
    (root / "requirements.lock").write_text("# nothing is needed\n")
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    return root


def without_index(env):
    """Return an environment in which pip has no source of packages at all."""
    kept = {name: value for name, value in env.items() if not name.startswith(("PIP_", "UV_"))}
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}


def start(root: Path, *words: str) -> subprocess.CompletedProcess:
    """Run the script as a user does."""
    command = [sys.executable, str(root / ".ci" / "set_up.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, env=without_index(os.environ), timeout=120)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make an environment once; the first run's words are kept."""
    root = checkout(tmp_path_factory.mktemp("made") / "a b")
    first = start(root, "ready")
    assert first.returncode == 0, first.stderr
    return root, first.stderr


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A checkout without an environment, in which no step is really run."""
    script = load(checkout(tmp_path / "bare"))
    monkeypatch.setattr(script, "find_python", lambda: script.Found("3.11.0", sys.executable, True, True))
    return script


def interpreter(folder: Path, answer: str) -> str:
    """Write a program that answers the probe as some Python would."""
    program = folder / "python3"
    program.write_text(f"#!/bin/sh\necho {answer}\n")
    program.chmod(0o755)
    return str(program)


def test_an_old_python_can_read_the_script():
    ast.parse(SCRIPT.read_text(), feature_version=(3, 8))


def test_the_script_needs_the_standard_library_only():
    nodes = list(ast.walk(ast.parse(SCRIPT.read_text())))
    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_a_first_run_falls_back_to_pip_where_uv_cannot_be_had(made):
    _, words = made
    assert "uv cannot be used here: going on with pip" in words
    assert len(words.splitlines()) == 2


def test_a_finished_set_up_starts_no_process(made, monkeypatch):
    root, _ = made
    script = load(root)
    monkeypatch.setattr(subprocess, "run", pytest.fail)
    monkeypatch.setattr(subprocess, "check_output", pytest.fail)
    script.set_up()


def test_commands_find_the_tools_of_the_environment_first(made):
    root, _ = made
    show = "import os, sys, tiny; print(os.environ['PATH'].split(os.pathsep)[0], sys.prefix, sep='\\n')"
    done = start(root, "run", "python", "-c", show)
    script = load(root)
    assert done.stdout.splitlines() == [str(script.BIN), str(script.VENV)], done.stderr


def test_a_changed_lock_renews_the_environment_without_making_it_anew(made):
    root, _ = made
    keepsake = root / ".venv" / "keepsake"
    keepsake.touch()
    (root / "requirements.lock").write_text("# changed\n")
    assert not load(root).ready()
    done = start(root, "ready")
    assert done.returncode == 0, done.stderr
    assert "changed: renewing" in done.stderr
    assert keepsake.exists()
    assert load(root).ready()


def test_an_interrupted_set_up_is_made_anew(made):
    root, _ = made
    script = load(root)
    script.STAMP.unlink()
    half = script.VENV / "half-a-package"
    half.touch()
    done = start(root, "ready")
    assert done.returncode == 0, done.stderr
    assert "making it anew" in done.stderr
    assert not half.exists()
    assert load(root).ready()


def test_an_environment_whose_python_is_gone_or_that_was_moved_is_not_used(made, tmp_path):
    moved = tmp_path / "moved"
    shutil.copytree(made[0], moved, symlinks=True)
    script = load(moved)
    assert not script.ready()
    assert not script.reusable()
    script.PYTHON.unlink()
    script.PYTHON.symlink_to(tmp_path / "python-that-was-removed")
    script.STAMP.write_text(script.fingerprint())
    assert not script.ready()


def test_a_second_set_up_waits_for_the_first_and_takes_what_it_made(made):
    root, _ = made
    script = load(root)
    stamp = script.STAMP.read_text()
    with script.alone():
        script.STAMP.unlink()
        command = [sys.executable, str(root / ".ci" / "set_up.py"), "ready"]
        second = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=without_index(os.environ))
        assert "waiting for it" in second.stderr.readline()
        script.STAMP.write_text(stamp)
    assert second.communicate(timeout=60)[1] == ""
    assert second.returncode == 0


def test_without_a_network_it_says_so_and_that_a_rerun_goes_on(made, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    index = {"PIP_INDEX_URL": f"http://127.0.0.1:{port}/simple", "PIP_NO_INDEX": "0", "PIP_RETRIES": "1"}
    script = load(made[0])
    environment = without_index(script.environment()) | index
    monkeypatch.setattr(script, "environment", lambda: environment)
    with pytest.raises(script.Failed, match=r"cannot be reached.*\n.*run the same command again"):
        script.install()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for an old Python is a shell script")
@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (
            "3.8.18 1 /usr/bin/python3.8",
            r"3\.11 or newer is needed; found: /usr/bin/python3\.8 is 3\.8\.18",
        ),
        ("3.12.1 0 /usr/bin/python3", r"has no venv module(.|\n)*apt install python3\.12-venv"),
        ("nonsense", r"3\.11 or newer is needed; found: no Python at all"),
    ],
)
def test_an_unfit_python_is_named_with_what_to_install(tmp_path, capsys, monkeypatch, answer, wanted):
    script = load(checkout(tmp_path / "root"))
    monkeypatch.setattr(script, "candidates", lambda: [interpreter(tmp_path, answer)])
    assert script.main(["ready"]) == 1
    said = capsys.readouterr().err
    assert re.search(wanted, said)
    assert len(said.splitlines()) <= 3


def test_a_newer_python_on_path_serves_where_the_running_one_is_old(monkeypatch, tmp_path):
    script = load(checkout(tmp_path / "root"))
    (tmp_path / "new").mkdir()
    old, new = interpreter(tmp_path, "3.8.18 1 /old"), interpreter(tmp_path / "new", "3.13.0 1 /new")
    monkeypatch.setattr(script, "candidates", lambda: [old, new])
    assert script.find_python()[:2] == ("3.13.0", "/new")


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        (
            "ERROR: Could not install packages: [Errno 28] No space left on device",
            "disk is full",
        ),
        (
            "error: failed to write to file\n  Caused by: No space left on device (os error 28)",
            "disk is full",
        ),
        ("OSError: [WinError 112] There is not enough space on the disk", "disk is full"),
        ("error: failed to create directory\n  Caused by: Permission denied (os error 13)", "No permission"),
        ("PermissionError: [WinError 5] Access is denied: 'C:\\\\x'", "No permission"),
        ("WARNING: Retrying ... NewConnectionError(...): Failed to establish a new connection", "network"),
        ("error: Failed to fetch: `...`\n  Caused by: dns error: failed to lookup address", "network"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate"),
    ],
)
def test_a_failing_step_is_explained_in_two_lines(bare, monkeypatch, capsys, output, advice):
    broken = subprocess.CompletedProcess([], 1, f"Collecting async-timeout\n{output}\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: broken)
    assert bare.main(["ready"]) == 1
    said = capsys.readouterr().err
    assert advice in said
    assert "Traceback" not in said
    assert len(said.splitlines()) == 3  # one that it began, two with advice
    assert not bare.ready()


def test_an_unknown_failure_shows_the_tools_own_last_words(bare, monkeypatch, capsys):
    broken = subprocess.CompletedProcess([], 1, "much\nERROR: hashes do not match: async-timeout\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: broken)
    assert bare.main(["ready"]) == 1
    assert "ERROR: hashes do not match: async-timeout" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said_so(bare, monkeypatch, capsys):
    class Forbidden(type(bare.BUILD)):
        def mkdir(self, *_, **__):
            raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(bare, "BUILD", Forbidden(bare.BUILD))
    assert bare.main(["ready"]) == 1
    assert "No permission to write" in capsys.readouterr().err


def test_ctrl_c_says_that_a_rerun_goes_on_and_leaves_no_stamp(bare, monkeypatch, capsys):
    def interrupted(*_, **__):
        bare.VENV.mkdir(exist_ok=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(bare, "run", interrupted)
    with pytest.raises(SystemExit, match="130"):
        bare.main(["ready"])
    assert "Run the same command again: it goes on" in capsys.readouterr().err
    assert not bare.ready()


def test_an_interrupted_renewal_counts_as_unfinished(bare, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    bare.VENV.mkdir()
    bare.STAMP.write_text("of an earlier lock")
    monkeypatch.setattr(bare, "reusable", lambda: True)
    monkeypatch.setattr(bare, "install", interrupted)
    with pytest.raises(SystemExit, match="130"):
        bare.main(["ready"])
    assert not bare.STAMP.exists()


SPREAD = ["-n", "auto", "--maxprocesses", "4", "--dist", "loadfile", "--no-loadscope-reorder"]


@pytest.mark.parametrize(
    ("words", "arguments", "proof"),
    [
        (["test"], ["-m", "pytest", "-m", "not proof", *SPREAD], None),
        (["test", "-k", "judge"], ["-m", "pytest", "-m", "not proof", "-k", "judge"], None),
        (["proof"], ["-m", "pytest"], "1"),
        (["lab", "--no-browser"], ["-m", "graders.cli", "lab", "--no-browser"], None),
    ],
)
def test_each_command_becomes_the_program_it_stands_for(bare, monkeypatch, words, arguments, proof):
    monkeypatch.delenv("BACKPROPLAB_PROOF", raising=False)
    started = []
    monkeypatch.setattr(bare, "set_up", lambda: None)
    monkeypatch.setattr(bare.os, "name", "posix")
    monkeypatch.setattr(bare.os, "execve", lambda *call: started.append(call))
    monkeypatch.chdir(bare.ROOT)
    bare.dispatch(*[words[0], words[1:]])
    [(program, argv, env)] = started[:1]
    assert (program, argv[1:]) == (str(bare.PYTHON), arguments)
    assert env.get("BACKPROPLAB_PROOF") == proof


def test_benchmarks_run_in_order_and_one_failure_is_not_hidden(bare, capfd):
    folder = bare.ROOT / "tests" / "benchmarks"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("print('first'); raise SystemExit(3)")
    (folder / "b.py").write_text("print('second')")
    bare.PYTHON = Path(sys.executable)
    assert bare.bench([]) == 3
    assert capfd.readouterr().out.split() == ["first", "second"]
    assert bare.bench(["b"]) == 0


def test_clean_keeps_a_students_notebooks(bare, capsys):
    for name in ("lab/01_one_neuron", "release/01_one_neuron", "bench"):
        (bare.BUILD / name).mkdir(parents=True)
    bare.VENV.mkdir()
    assert bare.main(["clean"]) == 0
    assert [path.name for path in bare.BUILD.iterdir()] == ["lab"]
    assert not bare.VENV.exists()
    assert "kept build/lab" in capsys.readouterr().err


def test_an_unknown_command_shows_those_that_exist(bare, capsys):
    assert bare.main(["tset"]) == 2
    assert "usage: python3 .ci/set_up.py COMMAND" in capsys.readouterr().err


def test_make_knows_the_scripts_commands_and_no_others(bare):
    listed = re.search(r"^COMMANDS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    documented = re.findall(r"^  (\w+)  ", bare.USAGE, re.MULTILINE)
    assert set(listed) == set(documented) - {"run"}  # run's words are no make targets


def test_the_locks_hold_the_pinned_uv_and_no_addresses(bare):
    locks = [(ROOT / name).read_text() for name in ("requirements.lock", ".ci/uv.txt")]
    assert re.search(f"^{re.escape(bare.UV)} ", locks[1], re.MULTILINE)
    assert not any("://" in lock or "--index" in lock for lock in locks)


def test_continuous_integration_runs_the_readmes_commands():
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    commands = [line for line in lines if re.match(r"(exec )?make ", line)]
    assert commands == ["make lint </dev/null", "exec make test </dev/null"]
    for name in ("BROWSER", "POSTGRES"):
        assert any(line.startswith(f"export BACKPROPLAB_REQUIRE_{name}=1") for line in lines)
