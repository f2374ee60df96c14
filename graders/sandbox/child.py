"""What runs a student's code, talking over the process's own stdin and stdout.

On Linux a zygote loads this file by path and forks; elsewhere it is started as ``python -I child.py``.
It holds nothing worth stealing: it is sent cells and argument values, and answers with what the functions
returned. ``graders`` and the reference implementation cannot be imported here.
"""

import builtins
import importlib.util
import linecache
import os
import sys
import traceback
import types
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

OPEN = ("backproplab", "backproplab.activations", "backproplab.data", "backproplab.errors")
INERT = ("backproplab.explorers", "backproplab.figures")
# Cell magics whose body is ordinary code.
PLAIN_MAGICS = ("capture", "time")
# How the names begin under which cells are compiled.
CELL = "<cell "


class Inert:
    """Answers every call and every attribute with itself and does nothing."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing."""
        return self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __getitem__(self, key: Any) -> Any:
        return self

    def __iter__(self) -> Any:
        return iter(())

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        return None


class InertModule(types.ModuleType):
    """A module whose every public name is inert."""

    def __getattr__(self, name: str) -> Any:
        return getattr(Inert(), name)


class Gate(MetaPathFinder, Loader):
    """Import hook: stand-ins for what only shows something, a refusal for what knows the answers."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        """Decide about one module; None leaves it to the ordinary import."""
        if name.partition(".")[0] not in ("graders", "backproplab") or name in OPEN:
            return None
        if name == "graders" or any(f"{name}.".startswith(f"{root}.") for root in INERT):
            return ModuleSpec(name, self, is_package=True)
        raise ImportError(f"{name} is not available while grading", name=name)

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """Return a stand-in."""
        module = InertModule(spec.name)
        if spec.name == "graders":
            vars(module).update(check=_no_points, progress=_nothing, when_solved=_not_here)
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""


def _no_points(*args: Any, **kwargs: Any) -> float:
    return 0.0


def _not_here(*args: Any, **kwargs: Any) -> None:
    # A demonstration calls the student's functions, which may not end: the cell stops before it.
    raise NotImplementedError("shown in the notebook only")


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


class Shell(Inert):
    """What ``get_ipython()`` returns here: magics and shell commands do nothing."""

    def __init__(self, student: "Student") -> None:
        self._student = student

    def run_cell_magic(self, name: str, line: str, body: str) -> None:
        """Run the body of those cell magics that only watch it."""
        if name in PLAIN_MAGICS:
            # With its first line empty, the lines have the numbers that they have in the cell.
            exec(self._student.compile(f"\n{body}"), self._student.namespace)


class Student:
    """The namespace of the student's cells, and what the grader may ask of it."""

    def __init__(self, harness: Any, lent: Any) -> None:
        self._harness = harness
        self._lent = lent
        self._cells = 0
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        self.namespace = vars(module)
        shell = Shell(self)
        vars(builtins).update(get_ipython=lambda: shell, display=_nothing)

    def run(self, source: str) -> dict[str, Any]:
        """Run one cell; an error is an answer, and so is an attempt to leave."""
        try:
            code = self.compile(source)
        except SyntaxError as error:
            return dict(self._harness.unparsed(error))
        except Exception as error:  # null bytes, too deep, too large
            return {"kind": "unparsed", "error": self._harness.short(error)}
        try:
            exec(code, self.namespace)
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: the other cells go on
            if isinstance(error, SyntaxError) and str(error.filename).startswith(CELL):  # below a magic
                return dict(self._harness.unparsed(error))
            place = self._harness.place_in(error, self.namespace)
            return {"kind": "raised", "error": self._harness.short(error), "place": place}
        return {"kind": "done", "error": ""}

    def compile(self, source: str) -> types.CodeType:
        """Compile a cell as Python, or else as what IPython makes of it."""
        try:
            return self._compiled(source)
        except SyntaxError:
            return self._compiled(_without_magics(source))

    def _compiled(self, source: str) -> types.CodeType:
        """Compile a text under a name of its own, under which its lines can be found."""
        self._cells += 1
        name = f"{CELL}{self._cells}>"
        code = compile(source, name, "exec", dont_inherit=True)
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        return code

    def call(self, name: str, batch: list[tuple[Any, ...]], answer: str) -> dict[str, Any]:
        """Call one of the student's functions on a batch of arguments, or read one of the variables."""
        if answer == "variable":
            return self._read(name)
        if name not in self.namespace:
            missing = {"kind": "raised", "error": f"NameError: no function {name} is defined"}
            return {"outcomes": [missing] * len(batch)}
        function = self.namespace[name]
        if not callable(function) or isinstance(function, type):
            wrong = self._harness.no_function(function)
            return {"outcomes": [{"kind": "unsendable", "error": wrong}] * len(batch)}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return {"outcomes": self._harness.call_batch(function, batch, answer, self._lent.given)}

    def defines(self, name: str) -> dict[str, Any]:
        """Tell whether a name has a value."""
        return {"defined": name in self.namespace}

    def _read(self, name: str) -> dict[str, Any]:
        """Return the value of a variable as an outcome."""
        if name not in self.namespace:
            return {"outcomes": [{"kind": "raised", "error": f"NameError: no {name} is defined"}]}
        value = self.namespace[name]
        kind = "not_started" if value is None else "returned"
        return {"outcomes": [{"kind": kind, "value": value}]}


def _without_magics(source: str) -> str:
    from IPython.core.inputtransformer2 import TransformerManager  # 0.2 s, and rarely needed

    manager: Any = TransformerManager
    # IPython leaves out empty lines at the beginning; the others keep their numbers.
    lines = source.split("\n")
    empty = next((i for i, line in enumerate(lines) if line.strip()), 0)
    return "\n" * empty + str(manager().transform_cell(source))


def pack(wire: Any, answer: dict[str, Any]) -> bytes:
    """Return an answer's bytes; an outcome that cannot travel is replaced, the others are kept."""
    with suppress(Exception):
        return bytes(wire.encode(answer))
    rows = [_sendable(wire, row) for row in answer["outcomes"]]
    with suppress(Exception):
        return bytes(wire.encode({**answer, "outcomes": rows}))
    large = {"kind": "unsendable", "error": "more than 64 MB in all calls together"}
    return bytes(wire.encode({**answer, "outcomes": [large] * len(rows)}))


def _sendable(wire: Any, row: dict[str, Any]) -> dict[str, Any]:
    value = row.get("value")
    try:
        wire.encode(row)
        return row
    except wire.WireError as problem:
        inside = type(value) in (list, tuple, dict)
        error = f"a {type(value).__name__} that holds {problem}" if inside else str(problem)
    except Exception:  # an object whose own methods fail
        error = "an object that cannot be read"
    return {"kind": "unsendable", "error": error, "calls": row.get("calls", {})}


def _private(descriptor: int) -> int:
    """Copy a descriptor to where the student's own files do not land by accident."""
    if sys.platform == "win32":
        return os.dup(descriptor)
    import fcntl

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 20)


def take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep stdin and stdout for the grader; what the student prints goes to stderr, input() finds an end."""
    requests = os.fdopen(_private(0), "rb", buffering=0)
    answers = os.fdopen(_private(1), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(2, 1)
    os.close(null)
    return requests, answers


def load(name: str) -> Any:
    """Load a neighbour by its path: the package it belongs to does not exist in this process."""
    spec = importlib.util.spec_from_file_location(f"_{name}", Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(f"{name}.py is missing beside child.py: install backproplab again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def prepare() -> tuple[Any, Student]:
    """Load what answering needs, and close the gate to what knows the answers."""
    wire, harness, lent = load("wire"), load("harness"), load("lent")
    sys.meta_path.insert(0, Gate())
    return wire, Student(harness, lent)


def serve(wire: Any, student: Student, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer requests, one at a time, until the grader closes the pipe."""
    doors: dict[str, Callable[..., dict[str, Any]]] = {
        "exec": student.run,
        "call": student.call,
        "defines": student.defines,
    }
    wire.write_frame(answers, wire.encode({"id": 0}))
    for number, frame in enumerate(iter(lambda: wire.read_frame(requests), None), start=1):
        door, arguments = wire.decode(frame)
        answer = doors[door](*arguments)
        for stream in (sys.stdout, sys.stderr):
            with suppress(Exception):  # the student may have closed or replaced them
                stream.flush()
        wire.write_frame(answers, pack(wire, {"id": number, **answer}))


def run_and_leave(work: Callable[[], None]) -> NoReturn:
    """Do the work and leave at once: the student's threads and exit handlers have no say."""
    try:
        work()
    except BaseException:
        traceback.print_exc()
        with suppress(Exception):
            sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _main() -> None:
    pipes = take_pipes()
    serve(*prepare(), *pipes)


if __name__ == "__main__":
    run_and_leave(_main)
