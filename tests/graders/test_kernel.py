"""The check in the student's own kernel: shows, returns points, and lets nothing out."""

import codecs
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from graders import check, when_solved
from graders.display import to_html
from graders.exercise import Verdict
from graders.kernel import verdict_of
from graders.levels import Level


def right(z: float, a: float, t: float, act: Any) -> Any:
    return (a - t) * act.deriv(z)


def test_check_returns_the_points_and_shows_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    points = check("neuron_delta", right)
    assert points == 5.0
    assert type(points) is float
    assert "neuron_delta: 5 of 5 points" in capsys.readouterr().out


def test_a_stub_is_not_started_and_returns_zero(capsys: pytest.CaptureFixture[str]) -> None:
    def stub(*args: Any) -> Any:
        raise NotImplementedError

    assert check("neuron_delta", stub) == 0.0
    assert "not started" in capsys.readouterr().out


def test_who_calls_a_stub_has_started_and_is_told_which_one() -> None:
    def neuron_delta(*args: Any) -> Any:
        raise NotImplementedError

    verdict = verdict_of("neuron_grads", lambda w, b, x, t, act: neuron_delta(b, b, t, act))
    assert verdict.status == "error"
    assert "it uses neuron_delta, which is not written yet" in verdict.message
    assert "test point" not in verdict.message


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A shell such as the one that runs a notebook's cells."""
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    yield shell
    InteractiveShell.clear_instance()


BROKEN = "\n# my loss\ndef neuron_loss(a, t):\n    d = (a - t\n    return d ** 2 / 2\n"
CHECK = 'points = check("neuron_loss", neuron_loss)'


def test_a_cell_that_cannot_be_read_is_checked_and_not_the_one_before(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(cell: str) -> str:
        shell.run_cell(cell, store_history=True)
        shell.run_cell(CHECK, store_history=True)
        return capsys.readouterr().out.rpartition("neuron_loss: ")[2]

    shell.user_ns["check"] = check
    whole = BROKEN.replace("- t", "- t)")
    assert run(whole).startswith("2 of 2 points")
    said = run(BROKEN)
    assert "Note: SyntaxError: '(' was never closed." in said
    assert "Note: it stopped in line 4 of its cell: d = (a - t." in said
    assert "test point" not in said
    assert shell.user_ns["points"] == 0.0
    assert run("def helper(:").startswith("stopped with an error"), "the answer is broken still"
    assert run("%matplotlib inline\n" + whole).startswith("2 of 2 points")


EMPTY = {
    "neuron_loss": "def neuron_loss(a, t):\n    raise NotImplementedError()",
    "wrong_retelling": "wrong_retelling = None",
}


@pytest.mark.parametrize(("name", "what"), [("neuron_loss", "function"), ("wrong_retelling", "value")])
def test_a_check_without_its_cell_asks_whether_that_was_run(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str], name: str, what: str
) -> None:
    def run(*cells: str) -> str:
        for cell in cells:
            shell.run_cell(cell, store_history=True)
        return capsys.readouterr().out

    shell.user_ns["check"] = check
    line = f"points = check('{name}', {name})"
    untouched = run(EMPTY[name], line)
    assert untouched.count("\n") == 1
    assert ": not started (" in untouched
    assert run(EMPTY[name], line) == untouched, "all run again"
    assert run(f"{EMPTY[name]}\n{line}") == untouched, "both in one cell"
    asked = f"Note: the {what} in memory is still the empty one: is the cell above run?\n"
    assert run("typed = 1", line) == untouched + asked
    assert run(line) == untouched + asked
    assert run(EMPTY[name], line) == untouched


def test_of_a_cell_that_cannot_be_read_that_is_told_where_the_stub_is_in_memory(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.user_ns["check"] = check
    for cell in (EMPTY["neuron_loss"], CHECK, BROKEN, CHECK):
        shell.run_cell(cell, store_history=True)
    said = capsys.readouterr().out.rpartition("neuron_loss: ")[2]
    assert "SyntaxError: '(' was never closed" in said
    assert "not started" not in said


def test_a_library_that_lacks_something_is_no_stub() -> None:
    verdict = verdict_of("neuron_loss", lambda a, t: codecs.Codec().encode(str(a)))
    assert verdict.status == "error"
    assert "not written yet" not in verdict.message


def test_an_unknown_exercise_is_one_line_with_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert check("neuron_detla", right) == 0.0
    said = capsys.readouterr().out
    assert "did you mean 'neuron_delta'? (known there: neuron_forward, " in said
    assert "hidden_delta" not in said, "the lesson has five names, the course fifty"
    assert check("qqqqqq", right) == 0.0
    assert capsys.readouterr().out == "unknown exercise 'qqqqqq'\n"


def test_something_that_is_no_function_cannot_be_judged() -> None:
    verdict = verdict_of("neuron_delta", 3.0)
    assert verdict.status == "ungradable"
    assert "not a function" in verdict.message


def test_what_the_function_prints_and_warns_stays_out_of_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    def noisy(z: float, a: float, t: float, act: Any) -> Any:
        print("z is", z)
        print("careful", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return right(z, a, t, act)

    assert check("neuron_delta", noisy) == 5.0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert "your function printed: z is" in captured.out


def test_an_endless_loop_ends_and_the_next_check_works() -> None:
    def loop(*args: Any) -> Any:
        while True:
            try:
                time.sleep(0.01)
            except Exception:
                continue

    start = time.monotonic()
    assert verdict_of("neuron_delta", loop).status == "timeout"
    assert time.monotonic() - start < 10
    assert verdict_of("neuron_delta", right).status == "pass"


def test_activations_are_whole_again_after_a_check() -> None:
    from backproplab.activations import ACTIVATIONS

    before = [(a, a.f, a.deriv) for a in ACTIVATIONS.values()]
    verdict_of("neuron_delta", lambda z, a, t, act: 1 / 0)
    assert before == [(a, a.f, a.deriv) for a in ACTIVATIONS.values()]


def test_the_arguments_of_the_next_call_are_not_touched_by_this_one() -> None:
    def changes(w: Any, b: float, x: Any, act: Any) -> Any:
        z = w @ x + b
        w[:] = 0
        return z, act.f(z)

    for _ in range(2):
        verdict = verdict_of("neuron_forward", changes)
        assert [m.id for m in verdict.misconceptions] == ["mutates_arguments"]


def test_html_escapes_what_the_student_wrote_and_folds_the_deeper_levels() -> None:
    table = (("", "right", "yours"), ("<i>", "a < b", "b > a"))
    levels = (Level("", ("f: <b>0</b>", "fact")), Level("Ask yourself", ("a < b?",), table))
    html = to_html(Verdict("f", "fail", 0, 2, levels=levels))
    assert "<b>" not in html
    assert "<i>" not in html
    assert html.count("<details") == 1
    assert "a &lt; b?" in html


def test_code_that_waits_for_an_exercise_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    with when_solved():
        raise NotImplementedError
    assert capsys.readouterr().out == "This cell waits for an exercise above it.\n"
    with pytest.raises(ValueError, match="mine"), when_solved():
        raise ValueError("mine")


def test_numbers_are_judged_not_their_types() -> None:
    verdict = verdict_of("neuron_forward", lambda w, b, x, act: np.array([w @ x + b, act.f(w @ x + b)]))
    assert verdict.status == "pass"
