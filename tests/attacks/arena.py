"""A process that grades hostile submissions one by one and looks around after each.

Run as ``python -m tests.attacks.arena FOLDER ABI OPTION`` with the secret in the environment; it reads
``FAMILY INDEX`` from standard input and answers with one line of JSON. :class:`Arena` is the other end.
"""

import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.attacks import confuse, crash, escape, exhaust, honest, steal, tamper
from tests.attacks.case import POSSIBLE, Case, honest_notebook
from tests.attacks.scene import ROOT, Scene, descendants, settled

__all__ = ["FAMILIES", "Arena", "Report"]

FAMILIES: dict[str, list[Case]] = {
    module.__name__.rpartition(".")[2]: module.CASES
    for module in (tamper, steal, crash, exhaust, escape, confuse, honest)
}
SECRET = "ARENA_SECRET"
ANSWER_SECONDS = 120.0
SAMPLE_SECONDS = 0.05


@dataclass(frozen=True)
class Report:
    """What came of one submission.

    Parameters
    ----------
    points : float
        Its marks.
    beside : float
        The marks of an honest submission that the same process graded next.
    leaks, damage : list of str
        What must be empty.
    seconds, megabytes, processes : float
        What it cost at most.
    isolation : str
        As the result says.
    error : str or None
        As the result says.
    result : str
        The whole result as JSON.
    """

    points: float = 0.0
    beside: float = 0.0
    leaks: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    seconds: float = 0.0
    megabytes: float = 0.0
    processes: int = 0
    isolation: str = ""
    error: str | None = None
    result: str = ""


class Arena:
    """Keeps an arena process and starts it again when a submission has killed it.

    Parameters
    ----------
    folder : Path
        An empty folder of our own.
    abi : int or None
        The newest Landlock ABI that the machine is said to have; the real one by default.
    unsandboxed : bool
        Grade all the same where a layer is missing.
    prepare : callable or None
        Called in the new process before it becomes Python, for example to become another user.
    user : int or None
        Whom its folder belongs to then.
    """

    def __init__(
        self,
        folder: Path,
        abi: int | None = None,
        unsandboxed: bool = False,
        prepare: Callable[[], None] | None = None,
        user: int | None = None,
    ) -> None:
        self._folder, self._prepare, self._user = folder, prepare, user
        self._options = [str(11 if abi is None else abi), str(int(unsandboxed))]
        self._process: subprocess.Popen[bytes] | None = None
        self._secret = f"canary-{os.urandom(16).hex()}"
        self._count = 0

    def fight(self, family: str, index: int) -> Report:
        """Grade one case; whatever happens to the process is part of the report."""
        process = self._process or self._start()
        assert process.stdin
        assert process.stdout
        late = threading.Timer(ANSWER_SECONDS, process.kill)
        late.start()
        try:
            process.stdin.write(f"{family} {index}\n".encode())
            process.stdin.flush()
            line = process.stdout.readline()
        except BrokenPipeError:
            line = b""
        late.cancel()
        if not line:
            code = process.wait()
            self.close()
            said = (self._folder / str(self._count) / "printed").read_text(errors="replace")[-2000:]
            return Report(damage=[f"killed: the grader, with {code}: {said}"])
        report = Report(**json.loads(line))
        if report.leaks or report.damage:
            self.close()  # the next one finds everything whole again
        return report

    def close(self) -> None:
        """End the process that was started here."""
        if self._process:
            assert self._process.stdin
            assert self._process.stdout
            self._process.stdin.close()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
            self._process = None

    def _start(self) -> subprocess.Popen[bytes]:
        self._count += 1
        base = self._folder / str(self._count)
        for name in ("scene", "scene/home", "scene/tmp"):
            (base / name).mkdir(parents=True)
        (base / "printed").touch()
        if self._user is not None:
            for path in [base, *base.rglob("*")]:
                os.chown(path, self._user, self._user)
        clean = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        home, tmp = base / "scene/home", base / "scene/tmp"
        environment = {**clean, "HOME": str(home), "TMPDIR": str(tmp)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.attacks.arena", str(base), *self._options],
            cwd=ROOT,
            env={SECRET: self._secret, **environment, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=self._prepare,
        )
        return self._process


class _Watch:
    """Notes the largest number of processes below this one, and of megabytes in all of them."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        self.processes = 0

    @contextmanager
    def watching(self) -> Iterator[None]:
        ended = threading.Event()
        thread = threading.Thread(target=self._look, args=(ended,))
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _look(self, ended: threading.Event) -> None:
        while not ended.wait(SAMPLE_SECONDS):
            found = descendants()
            self.processes = max(self.processes, len(found))
            self.megabytes = max(self.megabytes, sum(found.values()) * resource.getpagesize() / 1e6)


def _grade(data: bytes, unsandboxed: bool) -> Any:
    from graders.runner import Task, grade_one

    return grade_one(Task(data, "homework.ipynb", 20240229, unsandboxed=unsandboxed))


def _fought(case: Case, scene: Scene, processes: int, unsandboxed: bool) -> Report:
    watch = _Watch()
    known = {path.name for path in (scene.base / "tmp").iterdir()}
    start = time.monotonic()
    with watch.watching():
        result = _grade(case.data(scene.fill), unsandboxed)
    seconds = time.monotonic() - start
    beside = _grade(json.dumps(honest_notebook()).encode(), unsandboxed)
    left = settled(known, scene.base / "tmp", processes)
    text = json.dumps(result.to_json(), ensure_ascii=False)
    printed = (scene.base.parent / "printed").read_text(errors="replace")
    return Report(
        points=result.points,
        beside=beside.points,
        leaks=scene.leaks(text, result.__repr__(), printed),
        damage=[*left, *scene.damage()],
        seconds=seconds,
        megabytes=watch.megabytes,
        processes=watch.processes,
        isolation=result.isolation,
        error=result.error,
        result=text,
    )


def _adopt_orphans() -> None:
    """Let everything that is left behind by a submission become our child, so that it is seen."""
    import ctypes

    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def _own_streams(printed: Path) -> tuple[Any, Any]:
    """Keep the pipes to the other end; what anything here prints goes to a file."""
    requests, answers = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    null = os.open(os.devnull, os.O_RDONLY)
    file = os.open(printed, os.O_WRONLY | os.O_APPEND)
    for source, target in ((null, 0), (file, 1), (file, 2)):
        os.dup2(source, target)
    return requests, answers


def main(base: str, abi: str, unsandboxed: str) -> None:
    """Serve until standard input ends."""
    from graders.sandbox import isolation

    layers = isolation.SETTINGS
    isolation.SETTINGS = (
        layers._replace(landlock=int(abi)) if int(abi) >= 0 else type(layers)(0, *[False] * 3)
    )
    requests, answers = _own_streams(Path(base, "printed"))
    _adopt_orphans()
    scene = Scene(Path(base, "scene"), os.environ[SECRET])
    warm = _grade(json.dumps(honest_notebook()).encode(), unsandboxed == "1")
    processes = len(descendants())
    scene.remember()
    for request in requests:
        family, index = request.split()
        case = FAMILIES[family][int(index)]
        report = _fought(case, scene, processes, unsandboxed == "1")
        answers.write(json.dumps(asdict(report)) + "\n")
        answers.flush()
    scene.close()
    assert warm.points in (0.0, POSSIBLE), warm


if __name__ == "__main__":
    main(*sys.argv[1:])
