"""A student's function may do what it likes: the picture that asked goes on."""

import sys
import time
import warnings

import numpy as np
import pytest

from backproplab.activations import tanh
from backproplab.explorers.own_code import Answers, Misformed, ask, numbers


def raises(error):
    def function(x):
        raise error

    return function


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (ValueError("shapes (2,3)\nnot aligned"), "raised ValueError: shapes (2,3) not aligned"),
        (KeyError(), "raised KeyError"),
        (Unprintable(), "raised Unprintable"),
        (SystemExit(3), "raised SystemExit: 3"),
    ],
    ids=["value", "bare", "unprintable", "exit"],
)  # fmt: skip
def test_what_it_raises_is_told_in_one_line(error, trouble):
    assert ask(raises(error), [(1.0,)]) == Answers(trouble=trouble)


def test_a_stub_is_not_started():
    assert not ask(raises(NotImplementedError()), [(1.0,)]).started


def test_what_calls_a_stub_is_started_and_is_told_which():
    def delta(x):
        return slope(x)

    def slope(x):
        raise NotImplementedError

    assert ask(delta, [(1.0,)]) == Answers(trouble="uses slope, which is not written yet")


def test_a_long_text_is_cut():
    assert len(ask(raises(ValueError("x" * 10_000)), [(1.0,)]).trouble) < 200


@pytest.mark.parametrize(
    "slow", [lambda: time.sleep(30), lambda: [None for _ in iter(int, 1)]], ids=["sleeps", "loops"]
)
def test_time_runs_out(slow):
    began = time.monotonic()
    answers = ask(slow, [()], seconds=0.2)
    assert time.monotonic() - began < 15
    assert answers.late
    assert answers.trouble == "gave no answer in 0.2 s"


def test_the_time_limit_holds_for_all_calls_together():
    assert ask(time.sleep, [(0.15,)] * 4, seconds=0.3).late
    assert not ask(time.sleep, [(0.01,)] * 4, seconds=0.3).late


def test_an_alarm_that_is_swallowed_rings_again():
    def stubborn():
        try:
            time.sleep(30)
        except:  # noqa: E722 - this is what a student may write
            time.sleep(30)

    assert ask(stubborn, [()], seconds=0.1).late


def test_arguments_are_copies_and_answers_are_kept_apart():
    held = np.zeros(2)

    def greedy(array, act, arrays):
        array += 1
        arrays[0][:] = 7
        assert act is tanh, "an activation stays the one that it is"
        return held

    array, arrays = np.zeros(2), [np.zeros(2)]
    (answer,) = ask(greedy, [(array, tanh, arrays)]).values
    held += 5
    assert not np.any([array, arrays[0], answer])


def test_what_it_prints_and_warns_of_goes_nowhere(capsys):
    def noisy():
        print("a")
        print("b", file=sys.stderr)
        warnings.warn("c", stacklevel=1)
        return np.log(np.zeros(1))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ask(noisy, [()]).trouble == ""
    assert capsys.readouterr() == ("", "")


def test_an_answer_that_cannot_be_copied_is_trouble():
    assert ask(lambda: (n for n in range(3)), [()]).trouble.startswith("raised TypeError")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "delta as None"),
        ("no", "delta as a str"),
        ([[1.0], [2.0, 3.0]], "delta as a list"),
        (np.ones((2, 1)) * 1j, "delta as a ndarray"),
        (np.ones((1, 2)), r"delta of shape \(1, 2\), due is \(2, 1\)"),
        ([[np.nan], [np.inf]], "delta with 2 entries that are nan or inf"),
    ],
)
def test_what_is_no_array_of_that_shape_is_named(value, words):
    with pytest.raises(Misformed, match=words):
        numbers("delta", value, (2, 1))


@pytest.mark.parametrize("value", [[[1], [2]], np.array([[1.0], [2.0]], np.float32), [[True], [False]]])
def test_lists_and_other_kinds_of_numbers_are_taken(value):
    assert numbers("delta", value, (2, 1)).dtype == np.float64
