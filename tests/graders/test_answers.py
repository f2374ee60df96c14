"""Reading a student's answer: which containers are accepted, and what each refusal says."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graders.answers import BadFormat, read_answer, tensors
from graders.exercise import Exercise

ONE, TWO = np.array([1.0]), np.array([2.0, 3.0])


def asked(form: Any, *parts: str, inside: Any = ()) -> Exercise:
    return Exercise("f", "f() -> it", 1, lambda rng: [], lambda: None, "", (), form, parts, inside)


DICT = asked("dict", "W1", "b1")
LIST = asked("list", "delta1", "delta2", "delta3")
PAIRS = asked("pairs", "dW1", "db1", "dW2", "db2")
BOTH = asked("tuple", "loss", "dW1", "db1", inside=(("value", 1), ("pairs", 2)))


@pytest.mark.parametrize(
    ("exercise", "value", "numbers"),
    [
        (DICT, {"b1": 2.0, "W1": ONE}, [[1], [2]]),
        (LIST, (1.0, ONE, [2, 3]), [[1], [1], [2, 3]]),
        (LIST, np.array([1.0, 2.0, 3.0]), [[1], [2], [3]]),
        (LIST, [ONE, TWO], [[1], [2, 3], []]),
        (PAIRS, [(ONE, TWO), [ONE, 2.0]], [[1], [2, 3], [1], [2]]),
        (PAIRS, [(ONE, TWO)], [[1], [2, 3], [], []]),
        (BOTH, (0.5, [(ONE, TWO)]), [[0.5], [1], [2, 3]]),
    ],
)
def test_containers_are_split_into_their_parts(exercise: Exercise, value: Any, numbers: Any) -> None:
    for parts in (read_answer(exercise, value), tensors(exercise, value)):
        assert [np.ravel(part).tolist() for part in parts] == numbers


@pytest.mark.parametrize(
    ("exercise", "value", "wrong"),
    [
        (DICT, {"W1": ONE}, [False, True]),
        (DICT, {"W1": None, "b1": ONE}, [True, False]),
        (DICT, {"W1": ONE.astype(np.float16), "b1": ONE}, [True, False]),
        (LIST, [None, ONE, TWO], [True, False, False]),
        (PAIRS, [(ONE, TWO), None], [False, False, True, True]),
        (PAIRS, [(ONE, None), (ONE, TWO)], [False, True, False, False]),
    ],
)
def test_one_unreadable_tensor_leaves_the_others_readable(exercise: Any, value: Any, wrong: Any) -> None:
    assert [isinstance(part, str) for part in read_answer(exercise, value)] == wrong
    with pytest.raises(ValueError, match="f: "):
        tensors(exercise, value)


@pytest.mark.parametrize(
    ("exercise", "value", "text"),
    [
        (DICT, {"dW1": ONE, "b1": ONE}, "a dict with the key dW1, but a dict with the keys W1, b1 is due"),
        (DICT, [ONE, ONE], "a list, but a dict with the keys W1, b1 is due"),
        (DICT, {}, "no W1"),
        (LIST, {"delta1": ONE}, "a dict, but a list of arrays is due"),
        (LIST, [ONE] * 4, "a list of 4, but a list of 3 arrays is due"),
        (PAIRS, [ONE, ONE], "a list that holds an array of float64, but a list of pairs"),
        (PAIRS, [(ONE, ONE)] * 3, "a list of 3, but a list of 2 pairs"),
        (BOTH, [(ONE, TWO)], "1 value, but a tuple"),
        (BOTH, None, "None"),
    ],
)
def test_a_wrong_container_says_what_is_due(exercise: Exercise, value: Any, text: str) -> None:
    with pytest.raises(BadFormat) as refused:
        read_answer(exercise, value)
    assert str(refused.value).startswith(text)


def test_a_list_of_the_wrong_length_is_refused_where_the_truth_is_known() -> None:
    truth = tensors(LIST, [ONE, TWO])
    assert len(read_answer(LIST, [TWO, ONE], truth)) == 3
    for given in ([ONE], [ONE, ONE, ONE], []):
        with pytest.raises(BadFormat, match="but 2 arrays are due"):
            read_answer(LIST, given, truth)


TWO_LISTS = asked("tuple", "Zs[0]", "As[0]", "As[1]", inside=(("list", 1), ("list", 2)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (([ONE], [TWO]), "As with 1 entry, but 2 are due: As[0] is missing"),
        (([ONE], [ONE, TWO, TWO]), "As with 3 entries, but 2 are due"),
        (([ONE], np.ones((3, 2))), "As with 3 entries, but 2 are due: it is one array, not a list"),
        (([ONE, TWO], [ONE]), "its two values in the other order; (Zs, As) is due"),
        ({"Zs": [ONE]}, "a dict, but a tuple (Zs, As) is due"),
    ],
)
def test_of_two_lists_the_one_that_is_off_is_named(value: Any, text: str) -> None:
    exercise = replace(TWO_LISTS, signature="f(x) -> (Zs, As)")
    with pytest.raises(BadFormat) as refused:
        read_answer(exercise, value, (ONE, ONE, TWO))
    assert str(refused.value) == text


def test_where_numbers_are_due_no_arrays_are_asked_for() -> None:
    with pytest.raises(BadFormat, match="a list of 1, but 2 numbers are due"):
        read_answer(LIST, [1.0], tensors(LIST, [1.0, 2.0]))


def test_a_dict_in_a_tuple_is_called_as_in_the_signature() -> None:
    exercise = asked("tuple", "w", "b", "history", inside=(("dict", 2), ("value", 1)))
    with pytest.raises(BadFormat) as refused:
        read_answer(replace(exercise, signature="f(x) -> (p, history)"), {"w": 1.0, "b": 1.0})
    assert str(refused.value) == "a dict, but a tuple (p, history), p a dict with the keys w, b, is due"
