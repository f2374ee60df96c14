import json
import os
import re
import subprocess
import sys

import pytest

from graders.errors import GradersError, UnreadableNotebook
from graders.lessons import all_lessons
from graders.notebook import canonical, cell_source, main, read, to_nbformat, to_text, write


def text_cell(text, **metadata):
    return {"cell_type": "markdown", "metadata": metadata, "source": text}


def code_cell(text, **metadata):
    run = {"execution_count": 3, "outputs": [{"output_type": "stream", "name": "stdout", "text": "7"}]}
    return {"cell_type": "code", "metadata": metadata, "source": text, **run}


def notebook(*cells):
    return {"nbformat": 4, "nbformat_minor": 2, "metadata": {"widgets": {"state": 1}}, "cells": list(cells)}


def graded(name, **flags):
    return {"grade_id": name, "schema_version": 3, **flags}


MESSY = notebook(
    text_cell("no heading yet\r\n", toc=True),
    text_cell("# The *delta*: `dL/dz`\n\ntext", tags=["instructor", "x"], collapsed=True),
    code_cell("```python\n# no heading\n```"),
    text_cell("```\n# a comment in a fence\n```\nand no heading"),
    text_cell("## Gain"),
    code_cell("def gain(): ...", nbgrader=graded("gain", solution=True, checksum="1f", cell_type="code")),
    code_cell("check()", nbgrader=graded("test_gain", grade=True, locked=True, points=2.0), deletable=False),
    text_cell("## Gain\nagain"),
    code_cell("1 + 1", nbgrader=graded("left over")),
    {**code_cell("2 + 2"), "id": "predict-the-sum"},
    {**code_cell("3 + 3"), "id": "3f2a9c1e-1b2c-4d5e-8f90-a1b2c3d4e5f6"},
    {**code_cell("4 + 4"), "id": "deadbeef"},
    {**code_cell("5 + 5"), "id": "Not ours"},
    {**code_cell("6 + 6"), "id": "gain"},
)


def test_canonical_form_is_valid_for_nbformat():
    to_nbformat(canonical(MESSY))  # raises on a duplicate or malformed id, and on a missing key


def test_canonical_form_of_the_canonical_form_is_itself():
    once = canonical(MESSY)
    assert to_text(canonical(once)) == to_text(once)


def test_ids_are_grade_ids_else_headings_else_telling_names_else_numbered():
    assert [cell["id"] for cell in canonical(MESSY)["cells"]] == [
        *("cell", "the-delta-dl-dz", "the-delta-dl-dz-2", "the-delta-dl-dz-3"),
        *("gain-2", "gain", "test_gain", "gain-3", "gain-4"),
        *("predict-the-sum", "gain-5", "gain-6", "gain-7", "gain-8"),
    ]


@pytest.mark.parametrize("heading", ["# " + "long words " * 30, "# δ, ∂ and ∇", "#   ", "# _x_ # y ##"])
def test_ids_follow_nbformats_rule_for_any_heading(heading):
    cells = canonical(notebook(text_cell(heading), text_cell(heading), code_cell("1")))["cells"]
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell["id"]) for cell in cells)
    assert len({cell["id"] for cell in cells}) == 3


def test_outputs_counts_and_stray_metadata_go():
    clean = canonical(MESSY)
    metadata = [key for cell in clean["cells"] for key in cell["metadata"]]
    assert (set(clean["metadata"]), clean["nbformat_minor"]) == ({"kernelspec", "language_info"}, 5)
    assert all(not cell.get("outputs") and cell.get("execution_count") is None for cell in clean["cells"])
    assert metadata == ["tags", "nbgrader", "nbgrader"]
    assert clean["cells"][1]["metadata"]["tags"] == ["instructor"]


def test_grading_metadata_has_schema_three_and_whole_points():
    test = canonical(MESSY)["cells"][6]["metadata"]["nbgrader"]
    assert json.dumps(test, sort_keys=True) == (
        '{"grade": true, "grade_id": "test_gain", "locked": true, "points": 2, "schema_version": 3,'
        ' "solution": false, "task": false}'
    )


def test_canonicalising_changes_neither_its_argument_nor_the_text():
    before = json.dumps(MESSY)
    texts = [cell_source(cell) for cell in canonical(MESSY)["cells"]]
    assert texts == [cell_source(cell) for cell in MESSY["cells"]]
    assert json.dumps(MESSY) == before


def test_file_text_keeps_letters_sorts_keys_and_ends_with_a_newline():
    text = to_text(canonical(notebook(text_cell("# Übung δ"))))
    assert "# Übung δ" in text
    assert text.startswith('{\n "cells": [\n  {\n   "cell_type"')
    assert text.endswith("}\n")


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.slug)
def test_every_lesson_is_canonical(lesson):
    repair = (
        f"mend it with: python -m graders.notebook --repair lessons/{lesson.folder}/{lesson.folder}.ipynb"
    )
    assert lesson.path.read_text(encoding="utf-8") == to_text(canonical(read(lesson.path))), repair


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b'{"cells": [', "cut off"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b"[1, 2]", "not a notebook"),
        (b'{"nbformat": 3, "worksheets": []}', "format 3"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 3}]}', "damaged"),
        (b'{"nbformat": 4, "cells": 1}', "damaged"),
    ],
)
def test_what_is_no_notebook_is_refused_with_the_file_and_the_reason(tmp_path, content, reason):
    path = tmp_path / "hand_in.ipynb"
    path.write_bytes(content)
    with pytest.raises(UnreadableNotebook, match=rf"hand_in\.ipynb: .*{reason}"):
        read(path)


def test_folders_pipes_and_missing_files_are_refused_at_once(tmp_path):
    paths = [(tmp_path, "regular"), (tmp_path / "x", "No such file")]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        paths.append((tmp_path / "pipe", "regular"))
    for path, reason in paths:
        with pytest.raises(UnreadableNotebook, match=reason):
            read(path)


def test_a_byte_order_mark_is_tolerated(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"\xef\xbb\xbf" + to_text(canonical(MESSY)).encode())
    assert read(path) == canonical(MESSY)


def test_writing_where_a_file_is_the_folder_says_so(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(GradersError, match=r"cannot write .*a\.ipynb"):
        write(tmp_path / "file" / "a.ipynb", "{}")


def test_check_names_the_repairing_command_and_repair_mends(tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(MESSY), encoding="utf-8")
    assert main(["--check", str(path)]) == 1
    assert f"python -m graders.notebook --repair {path}" in capsys.readouterr().err
    assert main(["--repair", str(path)]) == 0
    assert main(["--check", str(path)]) == 0


def test_check_names_an_unreadable_file(tmp_path, capsys):
    assert main(["--check", str(tmp_path / "none.ipynb")]) == 1
    assert "none.ipynb" in capsys.readouterr().err


def test_reading_a_notebook_needs_the_standard_library_only():
    heavy = "import sys, graders.release; print({'numpy', 'nbformat', 'IPython'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
