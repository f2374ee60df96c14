"""The index and the start notebook: they say what the lessons say, lead to them, and give nothing away."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import backproplab
from backproplab.layers import dense_backward, dense_gradients
from backproplab.losses import log_softmax
from graders import index, lab
from graders.exercises import for_lesson, slugs
from graders.field_guide import COURSE
from graders.leaks import leaks
from graders.lessons import Lesson, all_lessons, start_notebook
from graders.notebook import canonical, cell_source, instructor_only, read, to_text
from graders.release import release
from graders.solutions import execute

ROOT = Path(__file__).parent.parent.parent
START = read(start_notebook())
PAGES = {page.relative_to(ROOT).as_posix(): text for page, text in index.pages(ROOT).items()}
LESSONS = pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)


def text_of(page: str) -> str:
    if page.endswith(".ipynb"):
        return "\n\n".join(map(cell_source, read(ROOT / page)["cells"]))
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES)
def test_the_page_is_up_to_date(page: str) -> None:
    run = "run: python -m graders.index --write"
    assert (ROOT / page).read_text(encoding="utf-8") == PAGES[page], run


@pytest.mark.parametrize(
    ("page", "blocks"),
    [
        ("README.md", ["lessons"]),
        ("lessons/README.md", ["lessons", "entries", "notation"]),
        ("lessons/start.ipynb", ["lessons", "notation"]),
    ],
)
def test_the_page_has_its_blocks(page: str, blocks: list[str]) -> None:
    text = text_of(page)
    assert re.findall(r"^<!-- index: (.*) -->\n\n[|#]", text, flags=re.M) == blocks
    assert text.count("<!-- end -->") == len(blocks)


@LESSONS
@pytest.mark.parametrize("page", PAGES)
def test_the_page_asks_the_lessons_question(page: str, lesson: Lesson) -> None:
    first = cell_source(read(lesson.path)["cells"][0])
    question, line = re.findall(r"^\*+([^*\n].*?)\*+$", first, flags=re.M)
    minutes, points = re.findall(r"(\d+) (?:minutes|points)", line)
    [row] = re.findall(rf"^\| {lesson.number} \|.*", text_of(page), flags=re.M)
    assert row.endswith(f"| {question} | {minutes} | {points} |")


@LESSONS
def test_the_index_has_what_the_lesson_needs_and_each_exercise_with_its_points(lesson: Lesson) -> None:
    _, _, entry = text_of("lessons/README.md").partition(f"## {lesson.number} `{lesson.slug}`")
    entry = entry.partition("\n## ")[0]
    first = cell_source(read(lesson.path)["cells"][0])
    needs = first.rstrip("*").partition("You need: ")[2]
    assert needs
    assert needs in entry
    counted = re.findall(r"`(\w+)(?:\([^`]*\))?` (\d+)[,.]", entry)
    assert [(name, float(points)) for name, points in counted] == [
        (exercise.name, exercise.points) for exercise in for_lesson(lesson.slug)
    ]


@LESSONS
def test_the_points_that_a_lesson_promises_are_those_of_its_exercises(lesson: Lesson) -> None:
    assert index.opening(lesson).points == sum(exercise.points for exercise in for_lesson(lesson.slug))


@LESSONS
def test_a_lesson_needs_earlier_lessons_only(lesson: Lesson) -> None:
    named = set(re.findall(r"`(\w+)`", index.opening(lesson).needs)) & set(COURSE)
    assert named <= set(COURSE[: lesson.number - 1])


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text_of(page)) if "://" not in link]
    assert len(links) >= len(all_lessons())
    for link in links:
        assert ((ROOT / page).parent / link).is_file(), link


def points_ahead(text: str, number: int) -> list[str]:
    """Return what refers to a lesson behind the one of that number."""
    own = {exercise.name for exercise in for_lesson(COURSE[number - 1])}
    slugs = [slug for slug in COURSE[number:] if slug not in own and re.search(rf"`{slug}`", text)]
    numbers = re.findall(r"\b[Ll]essons? (\d+)(?: (?:to|and|or) (\d+))?", text)
    ahead = [n for pair in numbers for n in pair if n and int(n) > number]
    return [*slugs, *ahead, *re.findall(r"(?:later|next|coming|following) lessons?|lessons to come", text)]


@LESSONS
def test_a_lesson_points_ahead_in_its_last_section_only(lesson: Lesson) -> None:
    cells = [cell_source(cell) for cell in read(lesson.path)["cells"] if not instructor_only(cell)]
    body = "\n\n".join(cells).rpartition("\n## ")[0]
    assert points_ahead(body, lesson.number) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("as `one_neuron` has shown", []),
        ("as lessons 1 and 2 have shown", []),
        ("more in `hidden_delta`", ["hidden_delta"]),
        ("more in lessons 2 to 4", ["4"]),
        ("more in a later lesson", ["later lesson"]),
    ],
)
def test_what_points_ahead_of_lesson_two_is_seen(text: str, found: list[str]) -> None:
    assert points_ahead(text, 2) == found


def test_the_shapes_of_the_notation_are_those_of_the_reference_implementation() -> None:
    B, n_in, n_out = 5, 3, 2
    sizes = {"B": B, "n_in": n_in, "n_out": n_out}
    shapes = {s.name: eval(s.shape, sizes.copy()) for s in index.NOTATION if s.shape}
    rng = np.random.default_rng(0)
    values = {name: rng.normal(size=shapes[name]) for name in ("X", "W", "b", "T")}
    values |= {"act": backproplab.sigmoid, "y": rng.integers(n_out, size=B)}
    for name in ("Z", "A"):
        [meaning] = [s.meaning for s in index.NOTATION if s.name == name]
        [formula] = re.findall(r"s, `([^`]*)`", meaning)
        values[name] = eval(formula, values.copy())
    values["P"], values["Y"] = np.exp(log_softmax(values["Z"])), np.eye(n_out)[values["y"]]
    values["loss"] = np.float64(np.sum((values["A"] - values["T"]) ** 2) / 2)
    values["delta"] = (values["A"] - values["T"]) * values["act"].deriv(values["Z"])
    values["dW"], values["db"] = dense_gradients(values["X"], values["delta"])
    values["dX"] = dense_backward(values["delta"], values["W"])
    assert {name: values[name].shape for name in shapes} == shapes


@pytest.mark.parametrize("name", [symbol.name for symbol in index.NOTATION])
def test_a_name_of_the_notation_is_used_in_an_exercise_or_a_lesson(name: str) -> None:
    asked = [exercise.signature for slug in slugs() for exercise in for_lesson(slug)]
    told = [cell_source(cell) for lesson in all_lessons() for cell in read(lesson.path)["cells"]]
    assert re.search(rf"\b{name}\b", "\n".join(asked + told)) is not None


def test_the_start_notebook_is_canonical_and_short() -> None:
    assert start_notebook().read_text(encoding="utf-8") == to_text(canonical(START))
    assert len(START["cells"]) <= 10


@LESSONS
def test_the_start_notebook_gives_no_answer_away(lesson: Lesson) -> None:
    assert leaks(canonical(START), read(lesson.path)) == []


def test_the_start_notebook_shows_every_lessons_progress(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    [cell] = [cell for cell in execute(START)["cells"] if cell["id"] == "your-progress"]
    [output] = cell["outputs"]
    shown = "".join(output["data"]["text/plain"])
    for lesson in all_lessons():
        assert f"\n{lesson.number} {lesson.slug}" in shown


@pytest.fixture
def student(tmp_path: Path) -> Path:
    """Return the start notebook in a student's folder."""
    assert f"new: {start_notebook().name}" in lab.place(all_lessons(), tmp_path)
    return tmp_path / start_notebook().name


def test_lab_puts_it_beside_the_lessons(student: Path) -> None:
    assert student.read_bytes() == start_notebook().read_bytes()
    for link in re.findall(r"\]\(([^)]*\.ipynb)\)", student.read_text(encoding="utf-8")):
        assert (student.parent / link).is_file()


def test_lab_keeps_one_that_was_changed_and_renews_one_that_was_not(student: Path, monkeypatch) -> None:
    newer = student.parent / "newer" / "start.ipynb"
    newer.parent.mkdir()
    newer.write_text(to_text(canonical({**START, "cells": START["cells"][:1]})), encoding="utf-8")
    monkeypatch.setattr("graders.release.start_notebook", lambda: newer)
    assert lab.place(all_lessons(), student.parent) == ["renewed: start.ipynb"]
    assert student.read_bytes() == newer.read_bytes()
    student.write_text(to_text(START), encoding="utf-8")
    assert lab.place(all_lessons(), student.parent) == ["kept your start.ipynb"]
    assert student.read_text(encoding="utf-8") == to_text(START)


@pytest.mark.parametrize(
    ("lesson", "page"), [(None, "start.ipynb"), ("1", "01_one_neuron/01_one_neuron.ipynb")]
)
def test_lab_opens_it_where_no_lesson_is_named(lesson: str | None, page: str, tmp_path, monkeypatch) -> None:
    served: list[Any] = []
    monkeypatch.setattr(lab, "_serve", lambda *words: served.append(words) or 0)
    assert lab.lab(tmp_path, lesson, browser=False) == 0
    assert served == [(tmp_path, f"lab/tree/{page}", 0, False)]


def test_a_release_of_all_lessons_has_it_and_one_of_a_few_has_not(tmp_path: Path) -> None:
    *_, last = release(all_lessons(), tmp_path / "all")
    assert last == tmp_path / "all" / "start.ipynb"
    assert last.read_bytes() == start_notebook().read_bytes()
    release(all_lessons()[:-1], tmp_path / "few")
    assert not (tmp_path / "few" / "start.ipynb").exists()


def test_nbgrader_takes_it_for_no_assignment() -> None:
    ask = (
        "from nbgrader.apps import NbGrader, NbGraderAPI\n"
        "app = NbGrader()\napp.load_config_file()\n"
        "print(*sorted(NbGraderAPI(config=app.config).get_source_assignments()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [lesson.folder for lesson in all_lessons()]


def test_pages_are_written_when_asked_and_named_when_behind(tmp_path: Path, monkeypatch, capsys) -> None:
    page = tmp_path / "page.md"
    page.write_text("old", encoding="utf-8")
    monkeypatch.setattr(index, "checkout", lambda: tmp_path)
    monkeypatch.setattr(index, "pages", lambda root: {root / "page.md": "new"})
    assert [index.main([]), page.read_text(encoding="utf-8")] == [1, "old"]
    assert [index.main(["--write"]), page.read_text(encoding="utf-8")] == [0, "new"]
    assert index.main([]) == 0
    assert capsys.readouterr().out == "page.md: behind\npage.md: written\n"


def test_pages_are_written_in_a_checkout_only(monkeypatch, capsys) -> None:
    monkeypatch.setattr(index, "checkout", lambda: None)
    assert index.main(["--write"]) == 2
    assert "in a checkout" in capsys.readouterr().err


def test_a_first_cell_of_another_form_is_named(tmp_path: Path) -> None:
    path = tmp_path / "lesson.ipynb"
    cell = {"cell_type": "markdown", "metadata": {}, "source": "# A lesson\n\nTwenty minutes."}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}), encoding="utf-8")
    with pytest.raises(index.GradersError, match=r"lesson\.ipynb: the first cell is not"):
        index.opening(Lesson(1, "lesson", path))
