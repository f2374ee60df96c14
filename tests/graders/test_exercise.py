"""Verdicts and results are plain data: JSON both ways, and no impossible marks."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.exercise import Misconception, Result, Verdict
from graders.levels import Level

names = st.text(min_size=1, max_size=12)
misconceptions = st.builds(
    Misconception,
    names,
    st.none() | st.integers(1, 9),
    st.lists(st.builds(Misconception, names), max_size=2).map(tuple),
)
lines = st.lists(names, max_size=2).map(tuple)
levels = st.builds(Level, names, lines, st.lists(lines, max_size=1).map(tuple))
verdicts = st.builds(
    Verdict,
    name=names,
    status=st.sampled_from(["pass", "partial", "fail", "not_started", "flagged"]),
    points=st.floats(0, 5),
    possible=st.floats(5, 6),
    misconceptions=st.lists(misconceptions, max_size=2).map(tuple),
    notes=st.lists(st.text(), max_size=2).map(tuple),
    levels=st.lists(levels, max_size=2).map(tuple),
)
results = st.builds(
    Result,
    notebook=names,
    lesson=st.none() | names,
    student=st.none() | names,
    grader_version=names,
    isolation=names,
    seconds=st.floats(0, 99),
    exercises=st.lists(verdicts, max_size=3).map(tuple),
    error=st.none() | names,
)


@given(results)
def test_a_result_survives_json(result: Result) -> None:
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result


def test_the_sums_are_those_of_the_exercises() -> None:
    parts = (Verdict("f", "pass", 2, 2), Verdict("g", "partial", 2.5, 5))
    result = Result("n.ipynb", "one_neuron", None, "0", "process", 0.1, parts)
    assert (result.points, result.possible) == (4.5, 7)
    assert "error" not in result.to_json()


@pytest.mark.parametrize(
    "wrong", [{"points": 3}, {"points": -1}, {"points": float("nan")}, {"status": "fine"}]
)
def test_an_impossible_verdict_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"cannot be|unknown status"):
        Verdict(**{"name": "f", "status": "pass", "points": 2, "possible": 2, **wrong})
