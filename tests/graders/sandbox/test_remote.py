import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from backproplab.activations import sigmoid
from graders.sandbox import launcher, process, wire
from graders.sandbox.child import OPEN
from graders.sandbox.remote import MAX_SOURCE, Child, StartFailed

DEFINE = "def f(*args):\n    "
# Memory is bounded on Linux only.
WITHOUT_END = [("x = []\n    while True: x.append(bytearray(1 << 28))", "raised", "MemoryError")]


@pytest.fixture
def child() -> Iterator[Child]:
    with Child() as child:
        yield child


def test_arguments_arrive_and_answers_come_back_as_they_are(child: Child) -> None:
    child.exec("def f(X, act, lr):\n    return {'A': act.f(X), 'rest': (lr, None, act is sigmoid)}", 5)
    child.exec("from backproplab import sigmoid", 5)
    X = np.array([[0.0, np.inf]])
    outcome = child.call("f", [(X, sigmoid, 0.5)], 2)[0]
    assert outcome.kind == "returned"
    np.testing.assert_array_equal(outcome.value["A"], [[0.5, 1.0]])
    assert outcome.value["rest"] == (0.5, None, True)
    assert outcome.calls == {"f": 1, "deriv": 0}


def test_changed_arguments_are_told_and_calls_do_not_see_each_other(child: Child) -> None:
    child.exec("def f(a, w):\n    w += a\n    return w", 5)
    w = np.zeros(2)
    first, second = child.call("f", [(1.0, w), (2.0, w)], 2)
    assert first.changed == second.changed == (1,)
    assert (first.value.tolist(), second.value.tolist()) == ([1.0, 1.0], [2.0, 2.0])
    assert w.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        ("raise KeyError('W')", "raised", "KeyError: 'W'"),
        ("raise NotImplementedError()", "not_started", ""),
        ("import sys; sys.exit(3)", "raised", "SystemExit: 3"),
        ("return f()", "raised", "RecursionError"),
        ("input()", "raised", "EOFError"),
        ("raise type('E', (Exception,), {'__str__': lambda s: 1 / 0})", "raised", "E: (its text"),
        ("raise ValueError('x' * 10**6)", "raised", "ValueError: xxx"),
        ("return (n for n in 'ab')", "unsendable", "a generator"),
        ("return [1, lambda: 2]", "unsendable", "a list that holds a function"),
        ("return type('Same', (float,), {'__eq__': lambda s, o: True})(1)", "unsendable", "a Same"),
        ("import numpy as np; return np.zeros(10**7)", "unsendable", "more than 64 MB"),
        *(WITHOUT_END if sys.platform == "linux" else []),
        ("return {1: 2}", "unsendable", "a dict that holds a dict with a key"),
    ],
)
def test_every_end_of_a_call_is_an_outcome(child: Child, body: str, kind: str, error: str) -> None:
    child.exec(DEFINE + body, 5)
    outcome = child.call("f", [()], 5)[0]
    assert outcome.kind == kind
    assert outcome.error.startswith(error)
    assert len(outcome.error) <= 200
    assert child.exec("x = 1", 5).kind == "done", "the process goes on"


def test_the_line_that_raised_is_told_with_its_text(child: Child) -> None:
    child.exec("def inner(x):\n    # a remark\n    return 1 / x", 5)
    child.exec("%matplotlib inline\nimport numpy as np\ndef f(x):\n    return np.vectorize(inner)([x])", 5)
    child.exec("class Odd(Exception): pass\ndef g():\n    raise Odd('" + "y" * 500 + "')", 5)
    assert child.call("f", [(0.0,)], 2)[0].place == "line 3 of inner: return 1 / x"
    assert child.call("g", [()], 2)[0].place.startswith("line 2 of g: raise Odd('yyy")
    assert len(child.call("g", [()], 2)[0].place) < 100
    assert child.call("missing", [()], 2)[0].place == ""


def test_one_answer_that_cannot_travel_leaves_the_others(child: Child) -> None:
    child.exec(DEFINE + "return args[0] if args[0] else object()", 5)
    assert [o.kind for o in child.call("f", [(1,), (0,), (2,)], 2)] == ["returned", "unsendable", "returned"]


@pytest.mark.parametrize(
    ("body", "kind", "error"),
    [
        (
            "import signal\n    for s in (2, 15): signal.signal(s, signal.SIG_IGN)\n    while True:\n"
            "        try:\n            while True: pass\n        except: pass",
            "timeout",
            "no answer after 1 s",
        ),
        ("import os; os._exit(3)", "crashed", "the process left with exit status 3"),
        ("import ctypes; ctypes.string_at(0)", "crashed", "the process was ended by SIGSEGV"),
        ("\n    while True: print('x' * 99999)", "crashed", "the process printed more than 16 MB"),
        (
            "import os; os.write(21, b'garbage' * 9)",
            "crashed",
            "the process was killed",
        ),
        ("import os; os.closerange(20, 99)", "crashed", "the process"),
        ("import json; json.dumps = print", "crashed", "the process left with exit status 1"),
        ("import numpy as np; np.array = np.asarray = np.isclose = None; return 1", "returned", ""),
    ],
)
def test_whatever_ends_the_process_is_the_answer_of_the_whole_batch(
    child: Child, body: str, kind: str, error: str
) -> None:
    child.exec(DEFINE + body, 5)
    first, second = child.call("f", [(), ()], 1.0)
    assert (first.kind, second.kind) == (kind, kind)
    assert first.error.startswith(error)
    assert child.alive is (kind == "returned")


FORGE = """
import sys
frame = sys._getframe()
while "answers" not in frame.f_locals:
    frame = frame.f_back
wire, pipe = frame.f_locals["wire"], frame.f_locals["answers"]
def answer(number, **fields):
    wire.write_frame(pipe, wire.encode({"id": number, **fields}))
RIGHT = {'kind': 'returned', 'value': 1.0, 'changed': [], 'calls': {'f': 0, 'deriv': 1}}
"""


@pytest.mark.parametrize(
    ("forgery", "error"),
    [
        ("answer(2, outcomes=[RIGHT]); answer(3, outcomes=[])", "without being asked"),
        ("answer(7, outcomes=[])", "out of turn"),
        ("answer(True, outcomes=[])", "out of turn"),
        ("answer(2, outcomes=[])", "another number of answers"),
        ("answer(2, outcomes=[RIGHT | {'kind': 'pass'}])", "an answer that is none"),
        ("answer(2, outcomes=[RIGHT | {'changed': [5]}])", "an answer that is none"),
        ("answer(2, outcomes=[RIGHT | {'calls': {'f': -1}}])", "an answer that is none"),
        ("answer(2, outcomes=[None])", "an answer that is none"),
    ],
)
def test_forged_frames_end_the_process(child: Child, forgery: str, error: str) -> None:
    assert child.exec(f"{FORGE}\ndef f():\n    {forgery}\n    return 1.0", 5).kind == "done"
    child.call("f", [()], 2)
    time.sleep(0.1)  # for what was sent too much to arrive
    assert error in child.call("f", [()], 2)[0].error
    assert not child.alive


def test_a_function_that_is_missing_or_none_is_said(child: Child) -> None:
    child.exec("number = 3.0", 5)
    assert child.call("f", [()], 2)[0].error == "NameError: no function f is defined"
    assert child.call("number", [()], 2)[0].kind == "unsendable"
    assert [child.defines(name) for name in ("f", "number")] == [False, True]
    assert (child.read("number").value, child.read("f").kind) == (3.0, "raised")


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline\n%pip install nothing\n!ls\nfiles = !ls\nx = 1",
        "%%time\nx = 1",
        "%%capture out\n%timeit 1\nx = 1",
        "get_ipython().run_line_magic('matplotlib', 'inline'); display(3); x = 1",
        "from graders import check\nassert check('f', None) == 0.0\nx = 1",
        "import backproplab.data\nfrom backproplab import tanh\nx = 1",
        "from backproplab import figures\nfigures.anything(1).shown\nx = 1",
        "from backproplab.explorers.bench import Bench\nBench(w=1).show()\nx = 1",
        "import threading, warnings\nwarnings.warn('w')\nthreading.Thread(target=print).start()\nx = 1",
        "import os; os.chdir('/'); sum = list = print = None\nx = 1",
        "import numpy as np\nnp.seterr(all='raise')\nx = 1",
        "from dataclasses import dataclass\n@dataclass\nclass A:\n    b: int = 1\nx = A().b",
    ],
)
def test_honest_cells_run_to_their_end(child: Child, cell: str) -> None:
    assert child.exec(cell, 20).error == ""
    assert child.read("x").value == 1


def test_a_strict_setting_of_numpy_elsewhere_does_not_fail_a_right_function(child: Child) -> None:
    child.exec("import numpy as np, warnings\nnp.seterr(all='raise'); warnings.simplefilter('error')", 5)
    child.exec("def f(x): return np.exp(x)", 5)
    assert child.call("f", [(np.array([-1e4]),)], 2)[0].value.tolist() == [0.0]


@pytest.mark.parametrize(
    ("cell", "kind", "error"),
    [
        ("def f(:", "unparsed", "SyntaxError: "),
        ("x = 1\0", "unparsed", "SyntaxError: "),
        ("(" * 5000, "unparsed", ""),
        ("#" * (MAX_SOURCE + 1), "unparsed", "the cell is longer"),
        ("1 / 0", "raised", "ZeroDivisionError: division by zero"),
        ("raise SystemExit", "raised", "SystemExit"),
        ("with when_solved(): pass", "raised", "NameError"),
    ],
)
def test_a_cell_that_fails_is_reported_and_ends_nothing(
    child: Child, cell: str, kind: str, error: str
) -> None:
    report = child.exec(cell, 10)
    assert report.kind == kind
    assert report.error.startswith(error)
    assert child.exec("1", 5).kind == "done"


@pytest.mark.parametrize(
    "cell",
    [
        "import graders.judge",
        "from graders.exercises.one_neuron import EXERCISES",
        "import sys; del sys.modules['graders']; import graders.bank",
        "import backproplab.gradcheck",
        "from backproplab import complex_step",
        "import backproplab; backproplab.numerical_gradient",
        "import backproplab.tape",
    ],
)
def test_the_answers_cannot_be_imported(child: Child, cell: str) -> None:
    child.exec("from graders import check", 5)
    report = child.exec(cell, 5)
    assert report.kind == "raised"
    assert report.error.startswith("ImportError: ")
    assert "is not available while grading" in report.error


def test_the_process_holds_no_truth_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADING_SECRET", "treasure")
    with Child() as child:
        child.exec("import gc, os, sys\nfrom graders import check", 5)
        child.exec("modules = [m for m in sys.modules if m.startswith(('graders', 'backproplab'))]", 5)
        child.exec("kinds = sorted({type(o).__name__ for o in gc.get_objects()})", 5)
        child.exec("environment = dict(os.environ)", 5)
        assert set(child.read("modules").value) <= {"graders", *OPEN}
        assert not {"Exercise", "Probe", "WrongTurn"} & set(child.read("kinds").value)
        assert "treasure" not in str(child.read("environment").value)


def test_output_is_kept_in_part_and_harms_nobody(child: Child) -> None:
    child.exec("import os, sys\nprint('out'); print('error', file=sys.stderr); os.write(1, b'raw')", 5)
    child.exec("print('x' * 1_000_000)", 5)
    assert child.exec("1", 5).kind == "done"
    assert "out" in child.printed
    assert "error" in child.printed
    assert len(child.printed) == process.KEPT_OUTPUT


def test_a_process_that_cannot_start_is_our_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(launcher, "ATTEMPTS", 1)
    launcher.stop_all()
    monkeypatch.setattr(launcher, "_ZYGOTE", tmp_path / "missing.py")
    with pytest.raises(StartFailed, match=r"did not start: .*missing.py"):
        Child()
    monkeypatch.setattr(sys, "executable", os.fspath(tmp_path / "python"))
    with pytest.raises(StartFailed, match=r"cannot start .*No such file"):
        Child()


def test_requests_carry_argument_values_only(child: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = []
    encode = wire.encode
    monkeypatch.setattr(wire, "encode", lambda value: sent.append(value) or encode(value))  # type: ignore[func-returns-value]  # a spy
    child.call("f", [(1.0, "a")], 2)
    assert sent == [("call", ("f", [(1.0, "a")], ""))]
