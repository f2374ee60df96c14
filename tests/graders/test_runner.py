import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import backproplab
from graders import runner
from graders.exercise import Outcome, Result, Verdict
from graders.judge import judge
from graders.probes import ProbeSet
from graders.runner import Task, grade_files, grade_one
from graders.sandbox import session
from graders.sandbox.isolation import isolation
from graders.sandbox.remote import CellReport
from graders.sandbox.session import Call, Cell, Session

Notebook = dict[str, Any]
Make = Callable[..., Notebook]
LOSS = "def neuron_loss(a, t):\n    "
# Memory is bounded on Linux only.
MEMORY = [("x = []\n    while True: x.append(np.empty(1 << 24))", "error", "MemoryError")]
HALF = "return 0.5 * (a - t) ** 2"


def grade(notebook: Notebook, seed: int = 1) -> Result:
    return grade_one(Task(json.dumps(notebook).encode(), "homework.ipynb", seed))


class Answerless:
    """A session that starts no process and gets no answers."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.reports: dict[int, CellReport] = {}

    def __enter__(self) -> "Answerless":
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def failure(self, name: str) -> None:
        return None

    def call_all(self, calls: Sequence[Call]) -> Iterator[list[Outcome]]:
        for call in calls:
            yield [Outcome("crashed")] * len(call.batch)


def named(result: Result) -> dict[str, Verdict]:
    return {verdict.name: verdict for verdict in result.exercises}


def test_the_solutions_earn_full_marks(handed_in: Make) -> None:
    result = grade(handed_in())
    assert (result.points, result.possible, result.error) == (20.0, 20.0, None)
    assert {verdict.status for verdict in result.exercises} == {"pass"}
    assert (result.lesson, result.isolation) == ("one_neuron", isolation())
    assert result.grader_version == backproplab.__version__


def test_an_untouched_notebook_is_not_started_and_starts_no_process(
    untouched: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "Session", None)
    result = grade(untouched)
    assert result.points == 0
    assert [verdict.status for verdict in result.exercises] == ["not_started"] * 7


def test_a_mistake_is_named_as_in_the_notebook(handed_in: Make) -> None:
    result = grade(handed_in(neuron_delta="def neuron_delta(z, a, t, act):\n    return a - t"))
    verdict = named(result)["neuron_delta"]
    assert verdict.status == "fail"
    assert [m.id for m in verdict.misconceptions] == ["missing_slope"]


@pytest.mark.parametrize(
    ("body", "status", "note"),
    [
        (
            "import signal\n    for s in (2, 15): signal.signal(s, signal.SIG_IGN)\n    while True:\n"
            "        try:\n            while True: pass\n        except: pass",
            "timeout",
            "no answer after 2 s",
        ),
        ("import os; os._exit(0)", "crashed", "exit status 0"),
        ("import ctypes; ctypes.string_at(0)", "crashed", "SIGSEGV"),
        ("[print('x' * 10**6) for _ in range(100)]; " + HALF, "crashed", "more than 16 MB"),
        *(MEMORY if sys.platform == "linux" else []),
        ("return neuron_loss(a, t)", "error", "RecursionError"),
        ("raise ValueError('why not')", "error", "ValueError: why not"),
        ("import sys; sys.exit()", "error", "SystemExit"),
        ("input(); " + HALF, "error", "EOFError"),
        (
            "from graders.exercises import find; return find('neuron_loss').truth(a, t)",
            "error",
            "ImportError",
        ),
        ("from backproplab.gradcheck import complex_step; " + HALF, "error", "ImportError"),
        ("return None", "ungradable", "None"),
        ("return {'loss': 1.0}", "ungradable", "dict"),
        ("return (x for x in 'ab')", "ungradable", "generator"),
        ("return lambda: 1", "ungradable", "function"),
        ("import numpy as np; return np.float16(1)", "ungradable", "float16"),
        ("return type('Same', (float,), {'__eq__': lambda s, o: True})(1)", "ungradable", "Same"),
        ("import numpy as np; return np.zeros(2 * 10**7)", "ungradable", "more than 64 MB"),
        ("import numpy as np; np.allclose = np.isclose = lambda *a: True; return 0.0", "fail", ""),
    ],
)
def test_whatever_one_function_does_the_others_keep_their_marks(
    handed_in: Make, body: str, status: str, note: str
) -> None:
    result = grade(handed_in(neuron_loss=LOSS + body))
    verdict = named(result)["neuron_loss"]
    assert (verdict.status, result.points) == (status, 18.0)
    assert note in " ".join(verdict.notes)


@pytest.mark.parametrize(
    ("cell", "status", "note"),
    [
        ("def neuron_loss(a, t: return 1", "error", "SyntaxError: "),
        ("x = 1 / 0\n" + LOSS + HALF, "error", "ZeroDivisionError: division by zero"),
        (LOSS + HALF + "\nraise ValueError('after')", "pass", "stopped with ValueError: after"),
        ("import os; os._exit(1)\n" + LOSS + HALF, "crashed", "exit status 1"),
        ("def loss(a, t): " + HALF, "error", "its cell defines loss where neuron_loss is asked for"),
        ("if True:\n    " + LOSS.replace("\n", "\n    ") + HALF, "pass", ""),
        ("exec('def neuron_loss(a, t): " + HALF + "')", "pass", ""),
        ("'in words only'", "error", "NameError: its cell does not define neuron_loss"),
        ("neuron_loss = 0.5", "ungradable", "it is a float, not a function"),
        ("#" * 400_000, "error", "longer than 300,000 characters"),
    ],
)
def test_a_solution_cell_that_fails_costs_its_own_exercise_at_most(
    handed_in: Make, cell: str, status: str, note: str
) -> None:
    result = grade(handed_in(neuron_loss=cell))
    verdict = named(result)["neuron_loss"]
    assert (verdict.status, result.points) == (status, 20.0 if status == "pass" else 18.0)
    assert note in " ".join(verdict.notes)


CALLS_DELTA = (
    "def neuron_grads(w, b, x, t, act):\n    d = neuron_delta(w @ x + b, act.f(w @ x + b), t, act)\n"
)
STUB = "def neuron_delta(z, a, t, act):\n    raise NotImplementedError()"


@pytest.mark.parametrize(
    ("left", "raw", "said"),
    [
        (None, "NameError: name 'neuron_delta' is not defined", "neuron_delta, which is not there"),
        ("", "NotImplementedError: it uses", "neuron_delta, which is not written yet"),
        (STUB, "NotImplementedError: it uses", "neuron_delta, which is not written yet"),
    ],
    ids=["deleted", "emptied", "a stub"],
)
def test_an_answer_that_was_written_is_told_which_one_it_misses(
    handed_in: Make, left: str | None, raw: str, said: str
) -> None:
    book = handed_in(neuron_delta=left or "", neuron_grads=CALLS_DELTA + "    return d * x, d")
    if left is None:
        book["cells"] = [cell for cell in book["cells"] if cell["id"] != "neuron_delta"]
    verdicts = named(grade(book))
    missing = "its cell is missing from the notebook"
    assert verdicts["neuron_delta"].status == "not_started"
    assert (missing in verdicts["neuron_delta"].notes) is (left is None)
    assert (missing in verdicts["neuron_delta"].message) is (left is None)
    for name in ("neuron_grads", "neuron_step"):  # the second of them calls the first
        verdict = verdicts[name]
        assert verdict.status == "error"
        assert verdict.notes[0].startswith(raw)
        assert verdict.notes[1].startswith("it stopped in line 2 of neuron_grads: d = neuron_delta(")
        assert said in verdict.message
        assert "test point" not in verdict.message


OPEN = "# my loss\ndef neuron_loss(a, t):\n    d = (a - t\n    return d ** 2 / 2\n"


@pytest.mark.parametrize(
    ("cell", "error", "place"),
    [
        (OPEN, "SyntaxError: '(' was never closed", "line 3 of its cell: d = (a - t"),
        ("\n\n" + OPEN, "SyntaxError: '(' was never closed", "line 5 of its cell: d = (a - t"),
        (
            "\n%matplotlib inline\n" + OPEN,
            "SyntaxError: '(' was never closed",
            "line 5 of its cell: d = (a - t",
        ),
        ("%%time\n" + OPEN, "SyntaxError: '(' was never closed", "line 4 of its cell: d = (a - t"),
        (LOSS.strip() + "\n" + HALF, "IndentationError: expected an", f"line 2 of its cell: {HALF}"),
        (
            "one = 1\nhalf = one / 0\n" + LOSS + HALF,
            "ZeroDivisionError",
            "line 2 of its cell: half = one / 0",
        ),
        (
            "def g(x):\n    return 1 / x\ng(0)\n" + LOSS + HALF,
            "ZeroDivisionError",
            "line 2 of g: return 1 / x",
        ),
        ("a = '" + "x" * 300, "SyntaxError: unterminated", "line 1 of its cell: a = 'xxx"),
    ],
)
def test_the_line_at_which_a_cell_stops_is_told_with_its_text(
    handed_in: Make, cell: str, error: str, place: str
) -> None:
    verdict = named(grade(handed_in(neuron_loss=cell)))["neuron_loss"]
    assert verdict.status == "error"
    assert len(verdict.notes) == 2
    assert verdict.notes[0].startswith(error)
    assert verdict.notes[1].startswith(f"it stopped in {place}")
    assert f"it stopped in {place}" in verdict.message
    assert len(verdict.message) < 300


def test_the_line_of_a_scratch_cell_that_stops_is_told_too(handed_in: Make) -> None:
    verdicts = named(grade(handed_in("for x in range(3)\n    print(x)")))
    (note,) = verdicts["why_stalled"].notes
    assert note.endswith("was left out: SyntaxError: expected ':', in line 1 of its cell: for x in range(3)")


def test_an_answer_by_another_name_is_told_so_and_nothing_else(handed_in: Make) -> None:
    other = "unit = 1\ndef my_loss(a, t):\n    " + HALF
    verdict = named(grade(handed_in(neuron_loss=other)))["neuron_loss"]
    (said,) = verdict.notes
    assert said.startswith("NameError: its cell defines unit and my_loss where neuron_loss is asked for: ")
    assert verdict.message == f"neuron_loss: stopped with an error (2 points)\nNote: {said}"


def test_a_missing_cell_is_told_where_nothing_else_was_written(untouched: Notebook) -> None:
    untouched["cells"] = [cell for cell in untouched["cells"] if cell["id"] != "neuron_delta"]
    assert "its cell is missing" in named(grade(untouched))["neuron_delta"].message


def test_honest_code_with_loud_habits_earns_full_marks(
    handed_in: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CELL_SECONDS", 20.0)  # importing matplotlib takes long on a busy machine
    loss = (
        "%matplotlib inline\n%pip install nothing\n!ls\nimport os, sys, threading, time, warnings\n"
        "import matplotlib.pyplot as plt\nnp.seterr(all='raise'); os.chdir('/')\nsum = list = max = None\n"
        "def neuron_loss(a, t):\n"
        "    print('x' * 1000); warnings.warn('careful'); sys.stderr.write('oh'); time.sleep(0.05)\n"
        "    thread = threading.Thread(target=print); thread.start(); thread.join()\n    " + HALF
    )
    result = grade(
        handed_in(
            "plt.plot([1, 2]); plt.show()", "from graders import check; check('a', 1)", neuron_loss=loss
        )
    )
    assert result.points == 20.0
    assert not any(verdict.notes for verdict in result.exercises)


def test_scratch_cells_are_dropped_named_and_cost_nothing(
    handed_in: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CELL_SECONDS", 3.0)
    scratch = ["a b c", "1 / 0", "input()", "neuron_step(1)", "while True: pass", "import os; os._exit(4)"]
    result = grade(handed_in(*scratch))
    assert result.points == 20.0
    notes = " | ".join(named(result)["why_stalled"].notes)
    for words in (
        "'while True: pass' was left out: no answer",
        "exit status 4",
        "SyntaxError",
        "ZeroDivision",
    ):
        assert words in notes


def test_changed_arguments_cost_half(handed_in: Make) -> None:
    step = (
        "def neuron_step(w, b, x, t, lr, act):\n    dw, db = neuron_grads(w, b, x, t, act)\n"
        "    w -= lr * dw\n    return w, b - lr * db"
    )
    verdict = named(grade(handed_in(neuron_step=step)))["neuron_step"]
    assert (verdict.status, verdict.points) == ("partial", 1.0)
    assert [m.id for m in verdict.misconceptions] == ["mutates_arguments"]


def test_time_for_the_whole_notebook_is_bounded() -> None:
    cells = [Cell(f"x = {i}\nwhile True: pass", True, "f") for i in range(50)]
    with Session([*cells, Cell("def f(): return 1", True, "f")], seconds=1.5) as alive:
        outcomes = alive.call("f", [(), ()], 2.0)
    assert [o.kind for o in outcomes] == ["timeout", "timeout"]
    assert "longer than 1.5 s in all" in outcomes[0].error


def test_one_of_eight_probe_sets_is_met_again_with_the_same_seed_student_and_contents(
    handed_in: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[int] = []

    def spy(probe_set: ProbeSet, outcomes: Any) -> Verdict:
        met.append(id(probe_set))
        return judge(probe_set, outcomes)

    def sets(seed: int, students: range, end: str = "") -> list[int]:
        met.clear()
        data = (json.dumps(handed_in()) + end).encode()
        for number in students:
            grade_one(Task(data, "homework.ipynb", seed, f"s{number}", ("neuron_loss",)))
        return met.copy()

    monkeypatch.setattr(runner, "judge", spy)
    monkeypatch.setattr(runner, "Session", Answerless)
    class_of_99 = sets(5, range(99))
    assert sets(5, range(99)) == class_of_99
    assert len(set(class_of_99)) == 8
    assert sets(5, range(99), end=" ") != class_of_99
    assert set(sets(6, range(9))).isdisjoint(class_of_99)


def test_a_failure_of_ours_is_tried_again_and_then_needs_a_person(
    handed_in: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def broken(*args: Any) -> Verdict:
        tried.append(args)
        raise RuntimeError("the judge is out")

    monkeypatch.setattr(runner, "judge", broken)
    result = grade(handed_in())
    assert result.error == "needs a person: RuntimeError: the judge is out"
    assert (len(tried), result.exercises) == (3, ())


def test_every_path_gets_its_result_and_progress_is_told(tmp_path: Path, untouched: Notebook) -> None:
    (tmp_path / "good.ipynb").write_text(json.dumps(untouched), encoding="utf-8")
    (tmp_path / "empty.ipynb").touch()
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "good.ipynb")
    names = ["good", "empty", "folder", "pipe", "missing", "link"]
    paths = [str(tmp_path / f"{name}.ipynb") for name in names]
    told: list[tuple[int, int]] = []
    results = grade_files(
        [*paths, "null\0byte"], seed=3, progress=lambda done, total: told.append((done, total))
    )
    assert [r.notebook for r in results] == [*paths, "null\0byte"]
    assert [r.error for r in results[:6]] == [
        None,
        "empty file",
        "not a regular file",
        "not a regular file",
        "No such file or directory",
        None,
    ]
    assert results[6].error
    assert told == [(i, 7) for i in range(1, 8)]


def test_a_file_that_may_not_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret.ipynb").touch()

    def refuse(*args: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert grade_files([str(tmp_path / "secret.ipynb")])[0].error == "Permission denied"
