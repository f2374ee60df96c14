"""Each known student answer gets the verdict that it must get, from both callers."""

import json
from importlib import import_module

import pytest

from graders.exercise import Exercise, Verdict
from graders.exercises import for_lesson
from graders.kernel import verdict_of
from graders.lessons import all_lessons, find_lesson
from graders.release import released_text
from graders.runner import Task, grade_one
from tests.lessons.conftest import solutions_of, solved
from tests.lessons.variant import Variant

# In the kernel an endless print is stopped by the clock, in the grader by the amount.
BY_AMOUNT = {"prints without end": "crashed"}
SLUGS = [lesson.slug for lesson in all_lessons()]
TABLES: dict[str, tuple[Variant, ...]] = {
    slug: import_module(f"tests.lessons.variants.{slug}").VARIANTS for slug in SLUGS
}
# Both callers see every answer in the proof; in the suite the grader sees each sixth, and of the long
# training runs each caller sees one right one.
EVERY = 6


def _answers(every: int) -> pytest.MarkDecorator:
    rows = [(slug, variant) for slug, table in TABLES.items() for variant in table]
    return pytest.mark.parametrize(
        ("slug", "variant"),
        [
            pytest.param(
                slug,
                variant,
                id=f"{variant.exercise}: {variant.kind}",
                marks=[] if _in_the_suite(variant, at, every) else pytest.mark.proof,
            )
            for at, (slug, variant) in enumerate(rows)
        ],
    )


def _in_the_suite(variant: Variant, at: int, every: int) -> bool:
    if variant.exercise == "train":
        return variant.status == "pass"
    return at % every == 0


def assert_as_wanted(variant: Variant, verdict: Verdict, status: str) -> None:
    assert (verdict.status, verdict.points) == (status, variant.points), verdict.message
    assert tuple(m.id for m in verdict.misconceptions) == variant.names, verdict.message
    assert variant.note in " ".join(verdict.notes)


@_answers(1)
def test_the_notebook_check_gives_the_wanted_verdict(slug: str, variant: Variant) -> None:
    namespace = solved(slug)
    exec(variant.source, namespace)
    assert_as_wanted(variant, verdict_of(variant.exercise, namespace[variant.exercise]), variant.status)


@_answers(EVERY)
def test_the_grader_gives_the_wanted_verdict(slug: str, variant: Variant) -> None:
    result = grade_one(Task(submitted(slug, variant), "submitted.ipynb", 7))
    verdicts = {verdict.name: verdict for verdict in result.exercises}
    assert_as_wanted(variant, verdicts[variant.exercise], BY_AMOUNT.get(variant.kind, variant.status))
    for name in {"neuron_loss", "sigmoid_slope"} & set(verdicts) - {variant.exercise}:
        assert verdicts[name].status == "pass", "an exercise that needs no other is judged by itself"


def submitted(slug: str, variant: Variant) -> bytes:
    """A student's notebook: the release with every solution in, but for one cell."""
    notebook = json.loads(released_text(find_lesson(slug)))
    answers = solutions_of(slug) | {variant.exercise: variant.source}
    for cell in notebook["cells"]:
        if cell["id"] in answers:
            cell["source"] = answers[cell["id"]]
    return json.dumps(notebook).encode()


@pytest.mark.parametrize(
    ("slug", "exercise"), [pytest.param(slug, e, id=e.name) for slug in SLUGS for e in for_lesson(slug)]
)
def test_the_solution_gets_full_marks_from_the_check(slug: str, exercise: Exercise) -> None:
    verdict = verdict_of(exercise.name, solved(slug)[exercise.name])
    assert (verdict.status, verdict.points) == ("pass", exercise.points)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_lesson_has_twenty_answers_of_every_sort(slug: str) -> None:
    """Right ones, wrong turns that have a name, unknown ones, and code that gives no answer at all."""
    table = TABLES[slug]
    assert len(table) >= 20
    assert {v.exercise for v in table if v.status == "pass"} == {e.name for e in for_lesson(slug)}
    assert {v.exercise for v in table if v.names} == {e.name for e in for_lesson(slug)}
    assert [v for v in table if v.status == "fail" and not v.names]
    assert {"error", "not_started", "ungradable"} <= {v.status for v in table}


def test_the_table_of_the_first_lesson_has_every_promised_name() -> None:
    promised = {
        *("missing_slope", "slope_of_a", "slope_formula_on_z", "slope_twice", "sign", "factor_two"),
        *("dW_missing_input", "dW_uses_z", "dW_uses_own_a"),
        *("constant_answer", "numerical_derivative", "mutates_arguments"),
    }
    assert promised <= {name for variant in TABLES["one_neuron"] for name in variant.names}
