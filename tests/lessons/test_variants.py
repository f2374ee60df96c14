"""Each known student answer gets the verdict that it must get, from both callers."""

import json
from typing import Any

import pytest

from graders.exercise import Verdict
from graders.exercises import for_lesson
from graders.kernel import verdict_of
from graders.lessons import find_lesson
from graders.release import released_text
from graders.runner import Task, grade_one
from tests.lessons.variants.one_neuron import VARIANTS, Variant

# In the kernel an endless print is stopped by the clock, in the grader by the amount.
BY_AMOUNT = {"prints without end": "crashed"}


def assert_as_wanted(variant: Variant, verdict: Verdict, status: str) -> None:
    assert (verdict.status, verdict.points) == (status, variant.points), verdict.message
    assert tuple(m.id for m in verdict.misconceptions) == variant.names, verdict.message
    assert variant.note in " ".join(verdict.notes)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: f"{v.exercise}: {v.kind}")
def test_the_notebook_check_gives_the_wanted_verdict(variant: Variant, namespace: dict[str, Any]) -> None:
    exec(variant.source, namespace)
    verdict = verdict_of(variant.exercise, namespace[variant.exercise])
    assert_as_wanted(variant, verdict, variant.status)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda v: f"{v.exercise}: {v.kind}")
def test_the_grader_gives_the_wanted_verdict(variant: Variant, solutions: dict[str, str]) -> None:
    result = grade_one(Task(submitted(variant, solutions), "submitted.ipynb", 7))
    verdicts = {verdict.name: verdict for verdict in result.exercises}
    assert_as_wanted(variant, verdicts[variant.exercise], BY_AMOUNT.get(variant.kind, variant.status))
    for name in {"neuron_loss", "sigmoid_slope"} - {variant.exercise}:
        assert verdicts[name].status == "pass", "an exercise that needs no other is judged by itself"


def submitted(variant: Variant, solutions: dict[str, str]) -> bytes:
    """A student's notebook: the release with every solution in, but for one cell."""
    notebook = json.loads(released_text(find_lesson("one_neuron")))
    answers = solutions | {variant.exercise: variant.source}
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]]
    return json.dumps(notebook).encode()


@pytest.mark.parametrize("exercise", for_lesson("one_neuron"), ids=lambda e: e.name)
def test_the_solution_gets_full_marks_from_the_check(exercise: Any, namespace: dict[str, Any]) -> None:
    verdict = verdict_of(exercise.name, namespace[exercise.name])
    assert (verdict.status, verdict.points) == ("pass", exercise.points)


def test_the_table_has_every_promised_name() -> None:
    promised = {
        *("missing_slope", "slope_of_a", "slope_formula_on_z", "slope_twice", "sign", "factor_two"),
        *("dW_missing_input", "dW_uses_z", "dW_uses_own_a"),
        *("constant_answer", "numerical_derivative", "mutates_arguments"),
    }
    assert promised <= {name for variant in VARIANTS for name in variant.names}
