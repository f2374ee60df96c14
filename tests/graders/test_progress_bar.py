"""The bar of a long run: on a terminal only, with rate and time left."""

import io
import time

import pytest

from graders.progress_bar import progress_text, terminal_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands still unless it is set."""
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_file_gets_no_bar() -> None:
    assert terminal_bar(io.StringIO()) is None


def test_a_bar_tells_rate_and_time_left_and_ends_its_line(clock: list[float]) -> None:
    terminal = Terminal()
    bar = terminal_bar(terminal)
    assert bar is not None
    for done, clock[0] in ((1, 1.0), (30, 2.0), (300, 20.0)):
        bar(done, 300)
    first, second, last = terminal.getvalue().split("\r")[1:]
    assert "1 of 300  1.0/s  4:59 left" in first
    assert "30 of 300  15/s  0:18 left" in second
    assert "300 of 300  15/s" in last
    assert "left" not in last
    assert last.endswith("\n")
    assert "\n" not in first + second


def test_many_steps_at_once_are_drawn_once(clock: list[float]) -> None:
    terminal = Terminal()
    bar = terminal_bar(terminal)
    assert bar is not None
    for done in range(1, 1000):
        bar(done, 5000)
    assert terminal.getvalue().count("\r") == 1


def test_a_single_notebook_gets_no_bar(clock: list[float]) -> None:
    terminal = Terminal()
    bar = terminal_bar(terminal)
    assert bar is not None
    bar(1, 1)
    assert terminal.getvalue() == ""


def test_hours_are_told_as_hours_and_an_unknown_total_as_none() -> None:
    assert progress_text(1, 8000, 1.0).endswith("2:13:19 left")
    assert progress_text(7, 0, 1.0) == "7 done  7.0/s"
    assert progress_text(0, 9, 0.0).endswith("0 of 9")
