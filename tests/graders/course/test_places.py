"""Where commands write: every output option makes the folders that are missing."""

from pathlib import Path

import pytest

from graders import cli, student_zip

WRITING = (
    "grade --course COURSE --json PLACE/results.json",
    "grade COURSE/submitted/ann/01_one_neuron/01_one_neuron.ipynb --json PLACE/results.json",
    "report --course COURSE --out PLACE/page.html",
    "export --course COURSE --to csv --out PLACE",
    "export --course COURSE --to moodle --out PLACE",
    "release 1 --to PLACE",
    "release 1 --zip PLACE/lesson.zip",
)


@pytest.mark.parametrize("line", WRITING)
def test_the_folders_of_every_output_option_are_made(line, small_class, tmp_path, monkeypatch):
    monkeypatch.setattr(student_zip, "own_wheel", lambda _: Path(__file__))
    small_class.grade()
    place = tmp_path / "not" / "there" / "yet"
    words = line.replace("PLACE", str(place)).replace("COURSE", str(small_class.root)).split()
    assert cli.main(words) == 0
    assert any(place.iterdir())
