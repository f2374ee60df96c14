"""The field guide has every mistake once, is what the bank says today, and gives no code away."""

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

from graders import field_guide as guide
from graders.bank.beliefs import BELIEFS
from graders.exercises import for_lesson, slugs

ROOT = Path(__file__).parent.parent.parent
PAGE = guide.field_guide()
ENTRIES = {entry.partition("\n")[0]: entry for entry in re.split(r"^##+ ", PAGE, flags=re.M)[1:]}
EXERCISES = [exercise for slug in slugs() for exercise in for_lesson(slug)]


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / guide.PAGE).read_text(encoding="utf-8") == PAGE, "run: python -m graders.field_guide"


def test_every_mistake_has_one_entry_in_one_chapter() -> None:
    assert sorted(re.findall(r"^### (.*)$", PAGE, flags=re.M)) == sorted(BELIEFS)
    listed = [id for group in guide.GROUPS for id in group.ids.split()]
    for name in BELIEFS:
        assert sum(fnmatch(name, id) for id in listed) <= 1, f"{name} is listed in two chapters"


@pytest.mark.parametrize("id", [id for group in guide.GROUPS for id in group.ids.split()])
def test_what_a_chapter_lists_exists(id: str) -> None:
    assert any(fnmatch(name, id) for name in BELIEFS)


def test_every_chapter_has_entries() -> None:
    chapters = re.split(r"^## ", PAGE, flags=re.M)[1:]
    assert [chapter.partition("\n")[0] for chapter in chapters] == [group.title for group in guide.GROUPS]
    assert all("### " in chapter for chapter in chapters)


def test_every_link_of_the_index_leads_to_a_heading() -> None:
    headings = [guide._anchor(title) for title in re.findall(r"^## (.*)$", PAGE, flags=re.M)]
    assert re.findall(r"\]\(#([^)]*)\)", PAGE) == headings
    index = PAGE.partition("\n## ")[0]
    assert all(re.search(rf"\b{name}\b", index) for name in BELIEFS)


@pytest.mark.parametrize("name", BELIEFS)
def test_an_entry_is_short_and_says_what_is_believed_and_asked(name: str) -> None:
    belief, entry = BELIEFS[name], ENTRIES[name]
    assert belief.says in entry
    assert belief.belief in entry
    assert f"**Ask:** {belief.question}" in entry
    assert f"*Lesson {belief.lesson}." in entry
    assert len(entry.strip().splitlines()) <= 7


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_an_entry_names_the_exercises_where_it_is_known_and_a_formula(exercise) -> None:
    for turn in exercise.wrong_turns:
        entry = ENTRIES[turn.misconception]
        assert re.search(rf" In .*\b{exercise.name}\b", entry)
        assert "Due `" in entry
        assert "``" not in entry


def test_the_formulas_are_no_code() -> None:
    formulas = re.findall(r"(?:Due|Instead) `([^`]*)`", PAGE)
    assert len(formulas) > len(BELIEFS)
    code = [f for f in formulas if re.search(r"\bnp\.|lambda|return|\.T\b|@|\*\*|==|\.(deriv|sum|f)\(", f)]
    assert not code
    assert "```" not in PAGE


def test_the_page_stays_out_of_the_packages_that_make_the_wheel() -> None:
    assert not guide.PAGE.startswith(("graders/", "backproplab/"))


def test_it_is_written_in_a_checkout_only(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(guide, "checkout", lambda: None)
    assert guide.main() == 2
    assert "in a checkout" in capsys.readouterr().err
    (tmp_path / ".github").mkdir()
    monkeypatch.setattr(guide, "checkout", lambda: tmp_path)
    assert guide.main() == 0
    assert (tmp_path / guide.PAGE).read_text(encoding="utf-8") == PAGE


def test_the_page_is_small_enough_to_be_kept() -> None:
    assert len(PAGE.encode()) < 100_000
