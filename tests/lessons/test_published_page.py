"""The page of published numbers: each stands in its lesson, has its test, and is what the solutions give."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graders.lessons import all_lessons, find_lesson
from tests.lessons import published
from tests.lessons.published_rows import HIDDEN_DELTA, ROWS, Row

ROOT = Path(__file__).parent.parent.parent
EACH = pytest.mark.parametrize(
    ("slug", "row"),
    [pytest.param(slug, row, id=f"{slug}: {row.what}") for slug, rows in ROWS.items() for row in rows],
)
LESSONS = pytest.mark.parametrize("slug", ROWS)
NUMBER = r"(?<![\w.])-?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?"


def text_of(slug: str, kind: str = "") -> str:
    """The text of all cells of a lesson, or of those of one kind."""
    notebook = json.loads(find_lesson(slug).path.read_text(encoding="utf-8"))
    return "\n".join("".join(cell["source"]) for cell in notebook["cells"] if kind in cell["cell_type"])


def sources_of(slug: str) -> dict[str, str]:
    """Name -> source of every test in the file about a lesson's numbers."""
    source = (ROOT / published.file_of(slug)).read_text(encoding="utf-8")
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_source_segment(source, node) or "" for node in functions}


def quoted_of(slug: str) -> str:
    return " ".join(text for row in ROWS[slug] for text in row.quoted)


def floats_in(value: Any) -> set[float]:
    """All numbers in dicts, lists and arrays."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return set().union(*map(floats_in, value))
    return set(np.ravel(value).tolist())


def test_the_page_is_up_to_date() -> None:
    run = "run: python -m tests.lessons.published --write"
    assert published.PAGE.read_text(encoding="utf-8") == published.page(), run


def test_every_lesson_has_its_section_in_order() -> None:
    assert list(ROWS) == [lesson.slug for lesson in all_lessons()]


@EACH
def test_the_quoted_stands_in_the_lesson(slug: str, row: Row) -> None:
    text = text_of(slug)
    for quoted in row.quoted:
        assert re.search(rf"(?<![\w.]){re.escape(quoted)}(?![\d]|\.\d)", text), quoted


@EACH
def test_the_named_test_exists(slug: str, row: Row) -> None:
    assert row.test in sources_of(slug) if row.test else "no test" in row.held


@EACH
def test_what_the_named_test_is_said_to_hold_stands_in_it(slug: str, row: Row) -> None:
    said = (row.held + row.remark).partition("the test holds ")[2].replace(",", "")
    source = sources_of(slug).get(row.test, "").replace("_", "")
    for number in re.findall(r"\d[\d.]*(?:e-\d+)?", said):
        assert re.search(rf"(?<![\w.]){re.escape(number)}(?![\d.])", source), number


@EACH
def test_a_row_is_computed_or_held_by_its_test(slug: str, row: Row) -> None:
    assert (row.computed is None) == bool(row.held)
    assert row.computed or not row.remark


@EACH
def test_numbers_agree_in_every_quoted_digit_unless_the_row_says_that_they_differ(
    slug: str, row: Row
) -> None:
    if row.computed and published.known(row.quoted):
        assert published.agrees(row.quoted, published.computed(slug, row)) is not bool(row.remark)


@pytest.mark.parametrize("row", [row for row in HIDDEN_DELTA if row.beside], ids=lambda row: row.what)
def test_where_the_worked_example_differs_the_remark_has_what_it_prints(row: Row) -> None:
    assert published.agrees(row.quoted, published.beside("hidden_delta", row))


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_nielsens_values_lie_between_the_percentiles_that_are_shown(depth: int) -> None:
    slug = "vanishing_gradients"
    [row] = [row for row in ROWS[slug] if row.by == "Michael Nielsen" and len(row.quoted) == depth]
    bands = published.beside(slug, row)
    for value, low, high in zip(map(float, row.quoted), bands[::2], bands[1::2], strict=True):
        assert low < value < high


@LESSONS
def test_what_a_lesson_prints_as_published_is_on_the_page(slug: str) -> None:
    said = re.findall(r"(?:published|prints|reference):? ([^{\"'\n]*)", text_of(slug, "code"))
    numbers = {number for words in said for number in re.findall(NUMBER, words)}
    assert numbers <= set(re.findall(NUMBER, quoted_of(slug)))


@pytest.mark.parametrize(
    ("slug", "name"),
    [("going_bonkers", "published"), ("matrices_and_batches", "published"),
     ("vanishing_gradients", "published"), ("hidden_delta", "printed")],
)  # fmt: skip
def test_what_a_lesson_holds_as_published_is_on_the_page(slug: str, name: str) -> None:
    held = published.names_of(slug)[name]
    if name == "printed":
        held = {key: held[key] for key in ("W1", "W2")}  # its biases are given, not computed
    assert floats_in(held) <= {
        float(text) for row in ROWS[slug] for text in map(str, published.known(row.quoted))
    }


@pytest.mark.parametrize("page", ["README.md", "lessons/README.md"])
def test_it_is_linked(page: str) -> None:
    links = re.findall(r"\]\(([^)]*PUBLISHED\.md)\)", (ROOT / page).read_text(encoding="utf-8"))
    assert [((ROOT / page).parent / link).resolve() for link in links] == [published.PAGE]


def test_its_links_lead_to_files() -> None:
    links = re.findall(r"\]\(([^)]*)\)", published.PAGE.read_text(encoding="utf-8"))
    assert len(links) > len(ROWS)
    for link in links:
        assert (published.PAGE.parent / link).is_file(), link


@pytest.mark.parametrize(
    ("quoted", "value", "agree"),
    [("0.82", 0.8176, True), ("0.82", 0.8149, False), ("2.302", 2.302585, False),
     ("4.88e-4", 4.8828e-4, True), ("-2.30", -2.3014, True), ("2.61", -2.61, False)],
)  # fmt: skip
def test_a_value_agrees_if_it_rounds_to_the_quoted_digits(quoted: str, value: float, agree: bool) -> None:
    assert published.agrees([quoted], [value]) is agree


def test_the_page_is_written_when_asked_and_named_when_behind(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(published, "PAGE", tmp_path / "PUBLISHED.md")
    monkeypatch.setattr(published, "page", lambda: "new")
    assert [published.main([]), published.PAGE.exists()] == [1, False]
    assert [published.main(["--write"]), published.PAGE.read_text(encoding="utf-8")] == [0, "new"]
    assert published.main([]) == 0
    assert capsys.readouterr().out == "PUBLISHED.md: behind\nPUBLISHED.md: written\n"
