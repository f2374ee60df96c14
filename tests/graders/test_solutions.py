import re
import tempfile

import pytest

import graders.solutions
from graders.errors import GradersError
from graders.lessons import Lesson, find_lesson
from graders.notebook import canonical, read, to_nbformat, to_text
from graders.pages import page
from graders.record import SWITCHES
from graders.solutions import execute, solutions


def text_cell(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def code_cell(text, name=None):
    cell = {"cell_type": "code", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
    return {**cell, "id": name} if name else cell


def notebook(*cells):
    return canonical({"nbformat": 4, "metadata": {}, "cells": list(cells)})


def lesson_file(tmp_path, book, folder="07_small"):
    path = tmp_path / "lessons" / folder / f"{folder}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_text(book), encoding="utf-8")
    return Lesson(int(folder[:2]), folder[3:], path)


def loads(html):
    """Return everything that a browser would fetch to show the page."""
    tags = re.findall(r"<(?:script|link|img|iframe|source|object|embed)\b[^>]*", html)
    return [tag for tag in tags if re.search(r"(src|href|data)\s*=", tag) and "data:image/" not in tag] + (
        re.findall(r"@import[^;]*|url\(\s*['\"]?(?:https?:|//)[^)]*|import\s*\(?['\"]https?:[^'\"]*", html)
    )


FOLDED = (
    "<details><summary>Hint on $\\delta_k$</summary>\n\nThe idea: $a * b_1 * c_1$ is **it**.\n\n</details>"
)
SMALL = notebook(
    text_cell("# The $\\delta$\n\nIt costs \\$5, or $6 to $7. And `$code$`.\n\n$$\nz = \\frac{1}{2}\n$$"),
    text_cell(FOLDED),
    code_cell("import sys, backproplab, graders\nprint(sys.executable)", "interpreter"),
    code_cell("import ipywidgets\nipywidgets.IntSlider(value=41)", "slider"),
    code_cell("from IPython.display import Markdown\nMarkdown('so $x^2$')", "formula"),
    code_cell("import pathlib\n[path.name for path in pathlib.Path().iterdir()]", "folder"),
)


@pytest.fixture(scope="module")
def solved():
    return execute(SMALL)


@pytest.fixture(scope="module")
def html(solved):
    return page(solved, title="small")


def output(book, name):
    return next(cell["outputs"][0] for cell in book["cells"] if cell["id"] == name)


def test_the_kernel_is_this_interpreter_with_both_packages(solved):
    import sys

    assert "".join(output(solved, "interpreter")["text"]).strip() == sys.executable


def test_the_lesson_runs_in_an_empty_folder_and_warns_of_nothing(solved):
    assert output(solved, "folder")["data"]["text/plain"] == "[]"
    assert not [o for cell in solved["cells"] for o in cell.get("outputs", ()) if o.get("name") == "stderr"]


def test_a_widget_leaves_its_text_and_no_state(solved):
    assert output(solved, "slider")["data"] == {"text/plain": "IntSlider(value=41)"}
    assert "widgets" not in solved["metadata"]


def test_a_solved_notebook_is_valid_and_differs_from_its_source_by_runs_only(solved):
    to_nbformat(solved)
    assert canonical(solved) == SMALL


def test_formulas_are_mathml_also_in_folds_headings_and_outputs(html):
    assert html.count("<math ") == 5
    assert re.search(r"<summary>Hint on <math [^>]*>.*</math></summary>", html)
    assert re.search(r"<details>.*<strong>it</strong>.*</details>", html, re.DOTALL)
    assert re.search(r"<h1[^>]*>The <math ", html)
    assert re.search(r"so <math .*<msup><mi>x</mi><mn>2</mn></msup>", html)
    assert "elumrof" not in re.sub(r"<[^>]*>", "", html)


def test_dollars_that_are_money_or_code_stay(html):
    assert "It costs $5, or $6 to $7." in html
    assert "<code>$code$</code>" in html


def test_a_page_loads_nothing(html):
    assert loads(html) == []
    assert "require" not in "".join(re.findall(r"<script.*?</script>", html, re.DOTALL))


@pytest.mark.parametrize("formula", ["$\\frac{$", "$\\nosuchcommand x$", "$$a & b$$"])
def test_a_formula_that_cannot_be_rendered_is_named_with_its_cell(formula):
    with pytest.raises(GradersError, match="cell the-slope: cannot render"):
        page(notebook(text_cell(f"# The slope\n{formula}")), title="x")


@pytest.mark.parametrize(
    ("formula", "count"),
    [
        ("```\n$a$\n```\n\n$b$", 1),
        ("``$a` $`` and $b$", 1),
        ("$a$ and\n$b$", 2),
        ("\\begin{align*}a &= b\\\\ c &= d\\end{align*}", 1),
        ("$a \\$ b$ x", 0),
        ("a $5 bill", 0),
        ("\\$a$ is no formula", 0),
    ],
)
def test_what_counts_as_a_formula(formula, count):
    assert page(notebook(text_cell(formula)), title="x").count("<math ") == count


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("1 / 0", "cell the-cell raised ZeroDivisionError: division by zero"),
        ("import os; os._exit(3)", "cell the-cell ended the kernel"),
        ("while True: pass", "cell the-cell ran longer than 1 s"),
    ],
)
def test_a_lesson_that_fails_is_named_with_cell_and_error(tmp_path, monkeypatch, code, reason):
    monkeypatch.setattr(graders.solutions, "SECONDS_PER_CELL", 1)
    lesson = lesson_file(tmp_path, notebook(code_cell(code, "the-cell")))
    with pytest.raises(GradersError, match=rf"07_small\.ipynb: {reason}"):
        solutions([lesson], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_solutions_are_written_and_replaced(tmp_path, capfd):
    lesson = lesson_file(tmp_path, notebook(code_cell("21 * 2")))
    written = solutions([lesson], tmp_path / "out")
    assert [path.name for path in written] == ["07_small.ipynb", "07_small.html"]
    assert read(written[0])["cells"][0]["outputs"][0]["data"]["text/plain"] == "42"
    assert "42" in written[1].read_text(encoding="utf-8")
    lesson_file(tmp_path, notebook(code_cell("21 * 3")))
    assert solutions([lesson], tmp_path / "out") == written
    assert "63" in written[0].read_text(encoding="utf-8")
    # Not `== ""`: a kernel that is being stopped may let libzmq complain on its way out.
    assert "WARNING" not in capfd.readouterr().err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("07_small.ipynb", to_text(SMALL)),
        ("07_small.ipynb", "no notebook at all"),
        ("07_small.html", "<p>my page</p>"),
    ],
)
def test_a_file_that_is_not_ours_is_kept(tmp_path, name, text):
    theirs = tmp_path / "out" / "07_small" / name
    theirs.parent.mkdir(parents=True)
    theirs.write_text(text, encoding="utf-8")
    with pytest.raises(GradersError, match=f"kept .*{re.escape(name)}"):
        solutions([lesson_file(tmp_path, notebook(code_cell("1")))], tmp_path / "out")
    assert theirs.read_text(encoding="utf-8") == text


def test_without_a_checkout_there_are_no_solutions(tmp_path, monkeypatch):
    monkeypatch.setattr(graders.solutions, "checkout", lambda: None)
    with pytest.raises(GradersError, match="checkout"):
        solutions([find_lesson("one_neuron")], tmp_path)


def test_lesson_one_runs_and_its_page_renders_every_formula_offline(tmp_path):
    notebook_path, page_path = solutions([find_lesson("one_neuron")], tmp_path)
    html = page_path.read_text(encoding="utf-8")
    assert loads(html) == []
    shown = re.sub(r"<(pre|code|script|style)\b.*?</\1>|<[^>]*>", "", html, flags=re.DOTALL)
    assert re.findall(r"\$[^$\n]+\$|\\[a-zA-Z]+\b", shown) == []
    assert html.count("<math ") > 20
    assert html.count("<details") >= 21
    assert "widgets" not in read(notebook_path)["metadata"]


def test_a_run_of_a_solution_leaves_no_marks_in_a_record(tmp_path, monkeypatch):
    for switch in SWITCHES:
        monkeypatch.delenv(switch, raising=False)
    (tmp_path / ".backproplab").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    source = 'from graders import check\ncheck("neuron_loss", lambda a, t: (a - t) ** 2 / 2)'
    done = execute(notebook(code_cell(source)))
    assert "2.0" in str(done["cells"][0]["outputs"])
    assert not list((tmp_path / ".backproplab").iterdir())
