import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from graders.errors import UnreadableNotebook
from graders.submission import MAX_BYTES, MAX_CELLS, Submission, read_submission

Notebook = dict[str, Any]
NAMES = [
    "neuron_forward",
    "neuron_loss",
    "sigmoid_slope",
    "neuron_delta",
    "neuron_grads",
    "neuron_step",
    "why_stalled",
]


def read(notebook: Any, name: str = "homework.ipynb") -> Submission:
    return read_submission(json.dumps(notebook).encode(), name)


def find(notebook: Notebook, name: str) -> dict[str, Any]:
    cells: list[dict[str, Any]] = notebook["cells"]
    return next(c for c in cells if c["metadata"].get("nbgrader", {}).get("grade_id") == name)


def sources(submission: Submission, own: bool | None = None) -> list[str]:
    return [cell.source for cell in submission.cells if own in (None, cell.own)]


def bare(notebook: Notebook) -> Notebook:
    """Strip everything by which a cell could be known, except its text."""
    keep = ("cell_type", "source")
    return {"cells": [{k: cell[k] for k in keep} for cell in notebook["cells"]], "nbformat": 4}


@pytest.fixture
def solved(handed_in: Callable[..., Notebook]) -> Notebook:
    return handed_in()


def test_a_solved_notebook_gives_every_text_in_the_lessons_order(
    solved: Notebook, right_answers: dict[str, str]
) -> None:
    submission = read(solved)
    assert submission.lesson == "one_neuron"
    assert dict(submission.texts) == right_answers
    assert [name for cell in submission.cells for name in cell.solves] == NAMES
    assert not submission.notes


def test_an_untouched_notebook_gives_no_text_and_runs_the_stubs(untouched: Notebook) -> None:
    submission = read(untouched)
    assert not submission.texts
    assert not sources(submission, own=True)
    assert sum("raise NotImplementedError()" in source for source in sources(submission)) == len(NAMES)


def test_the_instructors_solutions_never_run(untouched: Notebook, right_answers: dict[str, str]) -> None:
    find(untouched, "neuron_loss")["source"] = "def neuron_loss(a, t):\n    return 1.0"
    run = "\n".join(sources(read(untouched)))
    assert "SOLUTION" not in run
    assert "(a - t) * act.deriv(z)" not in run


def test_test_cells_and_locked_cells_never_run_as_the_student_wrote_them(solved: Notebook) -> None:
    find(solved, "test_neuron_loss")["source"] = "print('edited')"
    locked = {"nbgrader": {"grade_id": "mine", "locked": True, "solution": False, "grade": False}}
    solved["cells"].append({"cell_type": "code", "metadata": locked, "source": "print('edited')"})
    run = sources(read(solved))
    assert "print('edited')" not in run
    assert not any(source.startswith("check(") for source in run)


def test_helpers_and_edited_open_cells_run_where_they_stand(solved: Notebook) -> None:
    cells = solved["cells"]
    at = cells.index(find(solved, "neuron_grads"))
    cells.insert(at, {"cell_type": "code", "metadata": {}, "source": "def helper(): return 3"})
    setup = next(c for c in cells if c["cell_type"] == "code")
    original, setup["source"] = "".join(setup["source"]), "import math"
    run = sources(read(solved))
    assert run.index(original) < run.index("import math") < run.index("def helper(): return 3")
    assert run.index("def helper(): return 3") + 1 == run.index("".join(cells[at + 1]["source"]))


def test_deleted_cells_come_from_the_lesson(solved: Notebook) -> None:
    setup = next(c for c in solved["cells"] if c["cell_type"] == "code")
    solved["cells"].remove(setup)
    solved["cells"].remove(find(solved, "neuron_loss"))
    submission = read(solved)
    assert submission.cells[0].source == "".join(setup["source"])
    assert "neuron_loss" not in submission.texts
    assert submission.notes == {"neuron_loss": ("its cell is missing from the notebook",)}
    assert not any(source.startswith("def neuron_loss") for source in sources(submission)), "no stub for it"


def test_moved_cells_find_the_lessons_set_up_before_them(solved: Notebook) -> None:
    solved["cells"].reverse()
    submission = read(solved)
    assert len(submission.texts) == len(NAMES)
    assert "import numpy as np" in submission.cells[0].source


def test_of_several_cells_with_one_id_the_last_that_is_not_the_stub_counts(
    handed_in: Callable[..., Notebook], untouched: Notebook
) -> None:
    original = "".join(find(untouched, "neuron_loss")["source"])
    solved = handed_in()
    cell = find(solved, "neuron_loss")
    stub = {**cell, "source": "  \n" + original.replace("\n", "\n\n")}
    solved["cells"] += [{**cell, "source": "def neuron_loss(a, t): return 2"}, stub]
    submission = read(solved)
    assert submission.texts["neuron_loss"] == "def neuron_loss(a, t): return 2"
    assert submission.notes == {"neuron_loss": ("several cells answer it; the last one counts",)}
    assert stub["source"] not in sources(submission)


def test_with_all_metadata_lost_everything_is_found_by_its_text(
    solved: Notebook, right_answers: dict[str, str]
) -> None:
    submission = read(bare(solved))
    assert dict(submission.texts) == right_answers
    assert "import numpy as np" in submission.cells[0].source
    assert not any(source.startswith("check(") for source in sources(submission))


def test_with_grade_ids_lost_the_cell_ids_serve(solved: Notebook, right_answers: dict[str, str]) -> None:
    for cell in solved["cells"]:
        cell["metadata"] = {}
    find_text = "neuron_loss = lambda a, t: (a - t) ** 2 / 2"
    next(c for c in solved["cells"] if c["id"] == "neuron_loss")["source"] = find_text
    assert dict(read(solved).texts) == {**right_answers, "neuron_loss": find_text}


def test_an_answer_in_another_cell_is_found_by_the_function(untouched: Notebook) -> None:
    text = "import math\nclass Helper: pass\ndef neuron_loss(a, t):\n    return 0.5 * (a - t) ** 2"
    untouched["cells"].append({"cell_type": "code", "metadata": {}, "source": text})
    submission = read(untouched)
    assert dict(submission.texts) == {"neuron_loss": text}
    assert not any("def neuron_loss" in s for s in sources(submission, own=False)), "the stub would undo it"


def test_one_cell_may_answer_several_exercises(untouched: Notebook, right_answers: dict[str, str]) -> None:
    text = "\n\n".join(right_answers.values())
    submission = read({"nbformat": 4, "cells": [{"cell_type": "code", "source": text}]})
    assert set(submission.texts) == set(NAMES)
    assert [cell.solves for cell in submission.cells if cell.own] == [tuple(NAMES)]


@pytest.mark.parametrize("minor", range(6))
def test_every_minor_format_is_read(solved: Notebook, minor: int) -> None:
    if minor < 5:
        for cell in solved["cells"]:
            cell.pop("id", None)
    assert len(read({**solved, "nbformat_minor": minor}).texts) == len(NAMES)


def test_lists_line_ends_byte_order_marks_and_utf16_are_read(
    solved: Notebook, right_answers: dict[str, str]
) -> None:
    for cell in solved["cells"]:
        text = "".join(cell["source"]).replace("\n", "\r\n")
        cell["source"] = text.splitlines(keepends=True)
    text = json.dumps(solved, indent=2).replace("\n", "\r\n")
    for encoding in ("utf-8-sig", "utf-16"):
        assert dict(read_submission(text.encode(encoding), "x").texts) == right_answers


def test_points_tags_types_and_unknown_keys_change_nothing(
    solved: Notebook, right_answers: dict[str, str]
) -> None:
    for cell in solved["cells"]:
        cell["metadata"] |= {"tags": ["skip-execution", 3], "points": 99}
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 1e9, "schema_version": 1, "locked": True, "task": "?"}
    assert dict(read(solved).texts) == right_answers


@pytest.mark.parametrize(
    "junk",
    [
        None,
        7,
        [],
        {},
        {"cell_type": "code"},
        {"cell_type": "code", "source": 3, "metadata": {}},
        {"cell_type": "code", "source": ["a", 3], "metadata": {}},
        {"cell_type": "code", "source": "x = 1", "metadata": []},
        {"cell_type": "code", "source": "x = 1", "metadata": {"nbgrader": "yes"}},
        {"cell_type": "code", "source": "x = 1", "id": 5, "metadata": {"nbgrader": {"grade_id": ["a"]}}},
        {"cell_type": "code", "source": "x = '\ud800'", "metadata": {}},
        {"cell_type": ["code"], "source": "x"},
    ],
)
def test_one_damaged_cell_costs_nothing_else(solved: Notebook, junk: Any) -> None:
    solved["cells"].insert(2, junk)
    submission = read(solved)
    assert len(submission.texts) == len(NAMES)
    "\n".join(sources(submission)).encode("utf-8")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        (b" \n\t", "empty file"),
        (b"\xef\xbb\xbf", "not a notebook"),
        (b'{"cells": [{"cell_type": "co', "damaged or cut off"),
        (b"[" * 100_000, "damaged or cut off"),
        (b"9" * 10_000, "damaged or cut off"),
        (b"\xff\xd8\xff\xe0 a picture", "not text in UTF-8"),
        (b"PK\x03\x04 an archive", "damaged or cut off"),
        (b"[1, 2]", "without a list of cells"),
        (b'"text"', "without a list of cells"),
        (b"null", "without a list of cells"),
        (b'{"cells": {}}', "without a list of cells"),
        (b'{"cells": [' + b"0," * MAX_CELLS + b"0]}", "more than 10,000 cells"),
        (b'{"cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "damaged or cut off"),
        (b'{"cells": [NaN, -Infinity, 1e999]}', "known lesson"),
        (b'{"cells": [], "cells": null}', "without a list of cells"),
        (b'{"cells": [{"cell_type": "code", "source": "\xed\xa0\x80"}]}', "known lesson"),
        (bytes(range(256)) * 100, "not text in UTF-8|damaged"),
        (b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "notebook format 3"),
        (b'{"nbformat": 4, "cells": []}', "no notebook|known lesson"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": "x = 1"}]}', "known lesson"),
        (b" " * (MAX_BYTES + 1), "larger than 20 MB"),
    ],
)
def test_what_is_no_notebook_of_a_lesson_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(UnreadableNotebook, match=reason):
        read_submission(data, "homework.ipynb")


def test_the_file_name_is_the_last_resort() -> None:
    submission = read({"nbformat": 4, "cells": []}, "/somewhere/01_one_neuron (1).ipynb")
    assert (submission.lesson, dict(submission.texts)) == ("one_neuron", {})


@pytest.mark.parametrize(
    "text",
    [
        "def neuron_loss(a, t): return 1",
        "async def neuron_loss(a, t): return 1",
        "class neuron_loss: pass",
        "neuron_loss = max",
        "neuron_loss: object = max",
        "%%time\ndef neuron_loss(a, t): return (",
    ],
)
def test_a_name_is_found_however_it_is_given(text: str) -> None:
    assert dict(read({"cells": [{"cell_type": "code", "source": text}]}).texts) == {"neuron_loss": text}


@pytest.mark.parametrize("text", ["neuron_loss == 1", "  neuron_loss = 1", "# def neuron_loss(a, t):"])
def test_a_name_that_is_only_mentioned_is_no_answer(untouched: Notebook, text: str) -> None:
    untouched["cells"].append({"cell_type": "code", "source": text, "metadata": {}})
    assert not read(untouched).texts


AROUND: list[dict[str, Any]] = [
    {"nbformat": "4"},
    {"nbformat": None},
    {"nbformat": float("nan"), "nbformat_minor": float("inf")},
    {"nbformat_minor": [5]},
    {"metadata": []},
    {"metadata": {"kernelspec": 3, "language_info": "python", "lesson": "two_neurons"}},
    {"worksheets": "none", "signature": "\ud800"},
    {"cells ": [], "Cells": []},
]


def test_what_stands_around_the_cells_changes_nothing(
    solved: Notebook, right_answers: dict[str, str]
) -> None:
    for change in AROUND:
        assert dict(read({**solved, **change}).texts) == right_answers, change


def test_of_two_lists_of_cells_the_last_is_read(solved: Notebook, right_answers: dict[str, str]) -> None:
    data = json.dumps({"cells": solved["cells"]}).replace('{"cells"', '{"cells": [], "cells"', 1)
    assert dict(read_submission(data.encode(), "x").texts) == right_answers


WRONG_TYPES: list[Any] = [None, True, 3, 1.5, "", "text", [], ["a"], {}, {"a": 1}, [[{}]], "\ud800"]


@pytest.mark.parametrize("key", ["metadata", "id", "outputs", "execution_count", "attachments"])
def test_a_key_of_another_type_is_as_good_as_lost(
    solved: Notebook, right_answers: dict[str, str], key: str
) -> None:
    for junk in WRONG_TYPES:
        cells = [{**cell, key: junk} for cell in solved["cells"]]
        assert dict(read({**solved, "cells": cells}).texts) == right_answers, junk


@pytest.mark.parametrize("key", ["grade_id", "solution", "grade", "locked", "points", "schema_version"])
def test_grading_metadata_of_another_type_is_as_good_as_lost(
    solved: Notebook, right_answers: dict[str, str], key: str
) -> None:
    for junk in WRONG_TYPES:
        for cell in solved["cells"]:
            cell["metadata"].get("nbgrader", {})[key] = junk
        assert dict(read(solved).texts) == right_answers, junk


def test_an_endless_cell_is_not_taken_apart_and_answers_by_its_id_only(solved: Notebook) -> None:
    endless = "def neuron_delta(z, a, t, act): return 1\n" + "\n" * 1_000_000
    find(solved, "neuron_loss")["source"] = endless
    submission = read(solved)
    assert submission.texts["neuron_loss"] == endless
    assert submission.texts["neuron_delta"] != endless


def test_ten_thousand_answers_to_one_exercise_are_read_soon(solved: Notebook) -> None:
    answer = {"cell_type": "code", "source": "def neuron_loss(a, t): return 1", "metadata": {}}
    room = MAX_CELLS - len(solved["cells"])
    copies = [find(solved, "neuron_loss"), answer] * (room // 2)
    start = time.process_time()
    submission = read({"cells": solved["cells"] + copies})
    assert submission.notes == {"neuron_loss": ("several cells answer it; the last one counts",)}
    assert time.process_time() - start < 5


COSTLY = {
    "empty lists": "b'[' + unit(b'[],') + b'0]'",
    "small dicts": """b'[' + unit(b'{"a":0},') + b'0]'""",
    "few letters": """b'[{"cell_type":"code","source":["x",' + unit(b'"ab",') + b'""]}]'""",
    "line ends": """b'[{"cell_type":"code","source":"x=1' + unit(b'\\\\n') + b'"}]'""",
    "one name": """b'[{"cell_type":"code","source":"' + unit(b'a') + b'"}]'""",
}
MEASURED = """
import resource, sys
from graders.submission import MAX_BYTES, read_submission
def unit(piece): return piece * ((MAX_BYTES - 200) // len(piece))
data = b'{{"cells":' + {} + b'}}'
read_submission(b'{{"cells":[]}}', "01_one_neuron.ipynb")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_submission(data, "01_one_neuron.ipynb")
except Exception as error:
    assert type(error).__name__ == "UnreadableNotebook", error
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.proof
@pytest.mark.parametrize("kind", COSTLY if sys.platform == "linux" else [])
def test_the_costliest_notebooks_take_bounded_memory_and_time(kind: str) -> None:
    script = MEASURED.format(COSTLY[kind])
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(ran.stdout) < 600


def test_a_lesson_cell_that_only_shows_something_is_not_run(as_bytes: Any, handed_in: Any) -> None:
    run = [cell.source for cell in read_submission(as_bytes(handed_in()), "x.ipynb").cells if not cell.own]
    assert not any(source.startswith(("with when_solved", "NeuronBench(")) for source in run)
    assert any("import numpy as np" in source for source in run)
    assert any("def nudged_delta" in source for source in run), "it leaves a name behind"
