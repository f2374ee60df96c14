"""What Gradescope documents of its results: each key optional, none but these."""

import json
from typing import Any

import pytest

VISIBILITY = {"visible", "hidden", "after_due_date", "after_published"}
FORMATS = {"text", "html", "simple_format", "md", "ansi"}
TOP = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": str,
    "output_format": FORMATS,
    "test_output_format": FORMATS,
    "test_name_format": FORMATS,
    "visibility": VISIBILITY,
    "stdout_visibility": VISIBILITY,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
TEST = {
    "score": (int, float),
    "max_score": (int, float),
    "status": {"passed", "failed"},
    "name": str,
    "name_format": FORMATS,
    "number": str,
    "output": str,
    "output_format": FORMATS,
    "tags": list,
    "visibility": VISIBILITY,
    "extra_data": dict,
}


def meets(contract: dict[str, Any], plain: dict[str, Any]) -> None:
    """Hold an object against Gradescope's documented keys: each optional, none but these."""
    for key, value in plain.items():
        wanted = contract[key]
        good = value in wanted if isinstance(wanted, set) else isinstance(value, wanted)
        assert good, (key, value)


def valid(text: str) -> dict[str, Any]:
    """Return what Gradescope would read, if it may be read."""
    plain: dict[str, Any] = json.loads(text)
    meets(TOP, plain)
    for test in plain["tests"]:
        meets(TEST, test)
        assert all(isinstance(tag, str) for tag in test["tags"])
        assert 0 <= test["score"] <= test["max_score"]
    assert plain["score"] == pytest.approx(sum(test["score"] for test in plain["tests"]))
    return plain
