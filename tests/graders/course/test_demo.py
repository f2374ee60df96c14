"""The demo class: known truth, the same for the same seed, never over somebody's work."""

import json
from collections import Counter
from pathlib import Path

import pytest

from graders import demo
from graders.choice import Wanted
from graders.class_run import grade_class
from graders.cli import main
from graders.course import open_course
from graders.demo import census, demo_class, truth_of
from graders.lessons import all_lessons

STUDENTS = 25


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make a class of the first two lessons, graded once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "all_lessons", lambda: all_lessons()[:2])
        root = tmp_path_factory.mktemp("demo") / "course"
        demo_class(root, STUDENTS, seed=3)
    return root


def texts(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.glob("submitted/*/*/*.ipynb"))}


def test_every_submission_comes_to_what_the_truth_says(course):
    run = grade_class(open_course(course), Wanted())
    given = {(r.student, r.notebook.split("/")[2]): r for r in run.results}
    truth = truth_of(course)
    assert len(truth) == len(given) == run.graded + len(run.refused)
    for one in truth:
        result = given[one.student, one.assignment]
        assert bool(result.error) == (not one.exercises), (one.student, one.assignment)
        verdicts = {verdict.name: verdict for verdict in result.exercises}
        for name, wanted in one.exercises.items():
            verdict = verdicts[name]
            names = [misconception.id for misconception in verdict.misconceptions]
            got = (verdict.status, verdict.points, names)
            assert got == (wanted["status"], wanted["points"], wanted["names"]), (one.student, name)


def test_the_class_has_every_sort_and_many_mistakes(course):
    truth = truth_of(course)
    kinds = census(truth)
    assert {"answers", "untouched", "late"} <= set(kinds)
    names = Counter(n for one in truth for e in one.exercises.values() for n in e["names"])
    assert len(names) >= 15
    handed_in = Counter(one.student for one in truth)
    assert len(handed_in) == STUDENTS  # the first lesson has all of them


def test_the_same_seed_makes_the_same_class(course, tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "all_lessons", lambda: all_lessons()[:2])
    demo_class(tmp_path / "again", STUDENTS, seed=3)
    demo_class(tmp_path / "other", STUDENTS, seed=4)
    assert texts(tmp_path / "again") == texts(course)
    assert texts(tmp_path / "other") != texts(course)


def test_no_file_of_a_submission_tells_the_truth(course):
    """What each must come to stays with the instructor."""
    for text in texts(course).values():
        assert b"misconception" not in text
        assert b"END SOLUTION" not in text
    assert not list(course.glob("submitted/**/demo.json"))


def test_work_that_was_handed_in_is_kept(course, capsys):
    before = texts(course)
    assert main(["course", "demo", str(course)]) == 1
    assert "kept, because something was handed in" in capsys.readouterr().err
    assert texts(course) == before


@pytest.mark.parametrize(("students", "said"), [("0", "a whole number from 1 on"), ("2001", "1 to 2,000")])
def test_a_class_of_impossible_size_is_refused(students, said, tmp_path, capsys):
    assert main(["course", "demo", str(tmp_path / "c"), "--students", students]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "c").exists()


def test_a_course_without_a_class_says_so(tmp_path):
    (tmp_path / ".backproplab").mkdir()
    (tmp_path / ".backproplab" / "demo.json").write_text(json.dumps([1]), encoding="utf-8")
    with pytest.raises(Exception, match="holds no demo class"):
        truth_of(tmp_path)
