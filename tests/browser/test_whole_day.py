"""An instructor's day in one course: new, release, grade, formgrader, regrade, feedback, report, export."""

import csv
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from graders import gradescope_run
from graders.class_view import class_view
from graders.course import open_course
from graders.demo import truth_of
from tests.browser.day import Day
from tests.graders.course.amended import LESSON, worth
from tests.graders.course.demo_truth import mistakes_made, mistakes_told
from tests.graders.course.gradescope_contract import valid

pytestmark = [pytest.mark.browser, pytest.mark.proof]  # minutes, though each of its parts has tests elsewhere

README = Path(__file__).parents[2] / "README.md"
COMMENT = "Well argued; see me about the bias."
SIZES = [
    pytest.param(8, 1, id="small"),
    pytest.param(60, 9, id="whole"),
]


def query(root: Path, statement: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(root / "gradebook.db")) as book:
        return book.execute(statement, values).fetchall()


def notebook_of(root: Path, student: str) -> str:
    ((found,),) = query(
        root,
        """SELECT submitted_notebook.id FROM submitted_notebook
        JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
        JOIN assignment ON assignment.id = submitted_assignment.assignment_id
        WHERE assignment.name = ? AND student_id = ?""",
        LESSON,
        student,
    )
    return str(found)


def marks_by_hand(root: Path, student: str) -> list[tuple[object, ...]]:
    """Return the exercise and the points that a person gave."""
    return query(
        root,
        """SELECT base_cell.name, manual_score FROM grade JOIN base_cell ON base_cell.id = grade.cell_id
        WHERE grade.notebook_id = ? AND manual_score IS NOT NULL""",
        notebook_of(root, student),
    )


def a_mistake(root: Path) -> tuple[str, str]:
    """Return a student of the first lesson who made a named mistake, and in which exercise."""
    return next(
        (one.student, exercise)
        for one in truth_of(root)
        if one.assignment == LESSON and one.kind == "answers"
        for exercise, expected in one.exercises.items()
        if expected["names"] and expected["status"] == "fail" and exercise != "neuron_loss"
    )


@pytest.fixture
def formgrader(browser, own_lab):
    """Return a page that reaches this machine only."""
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.route("**/*", lambda route: route.continue_() if own_lab.url in route.request.url else route.abort())
    yield page
    context.close()


def look_and_mark(page, own_lab, day, student, exercise, screenshots):
    """See our verdict in the formgrader, grade once more by its button, give a mark and a comment."""
    page.goto(f"{own_lab.url}/formgrader?path={day.root.name}")
    page.goto(f"{own_lab.url}/formgrader/manage_submissions/{LESSON}")
    row = page.locator("tr", has=page.locator("td", has_text=student).first).filter(has_text=student).first
    row.locator(".autograde a").click()
    page.get_by_text("Successfully autograded").wait_for()
    page.goto(f"{own_lab.url}/formgrader/submissions/{notebook_of(day.root, student)}")
    verdict = (
        page.locator(".backproplab-verdict[data-status=fail]").filter(has_text=f"{exercise}: 0 of").first
    )
    verdict.wait_for()
    mark = page.locator(f"#test_{exercise}")
    page.wait_for_function("(mark) => mark.placeholder === '0'", arg=mark.element_handle())
    mark.fill("1.5")
    mark.press("Tab")
    page.locator(f"#{exercise}-comment").fill(COMMENT)
    page.locator(f"#{exercise}-comment").press("Tab")
    page.wait_for_load_state("networkidle")
    verdict.scroll_into_view_if_needed()
    page.screenshot(path=screenshots / "day_formgrader.png")
    page.reload()  # as anybody later sees it
    page.wait_for_function("(name) => document.getElementById(name).value === '1.5'", arg=f"test_{exercise}")
    day.by_hand(f"formgrader: autograde pressed for {student}; 1.5 points and a comment for {exercise}")


def is_graded_for_gradescope(root: Path, student: str, folder: Path) -> None:
    """Run the exported zip in a folder laid out as Gradescope's and compare with our own marks."""
    for name in ("source", "submission", "results"):
        (folder / name).mkdir(parents=True)
    with zipfile.ZipFile(root / "exports" / f"gradescope_{LESSON}.zip") as archive:
        archive.extractall(folder / "source")
    shutil.copy(root / "submitted" / student / LESSON / f"{LESSON}.ipynb", folder / "submission")
    assert gradescope_run.run(folder) == 0
    told = valid((folder / "results" / "results.json").read_text(encoding="utf-8"))
    ((score,),) = query(
        root, "SELECT SUM(auto_score) FROM grade WHERE notebook_id = ?", notebook_of(root, student)
    )
    assert told["score"] == pytest.approx(score)


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, strict=True))


@pytest.mark.one_round
@pytest.mark.parametrize(("students", "lessons"), SIZES)
def test_a_whole_day(students, lessons, formgrader, browser, own_lab, screenshots, tmp_path):
    root = own_lab.folder / "backprop"
    day = Day(root, lessons)
    day.run("backproplab course new backprop")
    day.run(f"nbgrader generate_assignment {LESSON}")
    assert (root / "release" / LESSON / f"{LESSON}.ipynb").exists()
    day.run(f"backproplab course demo . --students {students} --seed 7")
    truth = truth_of(root)
    readable = [one for one in truth if one.exercises]
    graded = day.run("backproplab grade --course . --jobs 2", status=int(len(readable) < len(truth)))
    assert graded.startswith(f"graded {len(readable)}, unchanged 0")
    assert mistakes_told(class_view(open_course(root))) == mistakes_made(truth)

    student, exercise = a_mistake(root)
    look_and_mark(formgrader, own_lab, day, student, exercise, screenshots)
    assert marks_by_hand(root, student) == [(f"test_{exercise}", 1.5)]

    worth(root, "neuron_loss", 3)
    day.by_hand("source: neuron_loss is worth 3 points now, not 2")
    mine = [one for one in readable if one.assignment == LESSON]
    broken = sum(one.assignment == LESSON for one in truth) - len(mine)
    moved = day.run("backproplab grade --course . --exercise neuron_loss", int(broken > 0)).splitlines()
    tried = [one for one in mine if one.exercises["neuron_loss"]["status"] != "not_started"]
    assert moved[1].startswith(f"neuron_loss: {len(mine)} graded again, ")
    assert {line.split()[0] for line in moved[2:]} >= {one.student for one in tried}
    assert marks_by_hand(root, student) == [(f"test_{exercise}", 1.5)]

    day.run("backproplab feedback --course .")
    page = (root / "feedback" / student / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")
    assert COMMENT in page
    assert f"{exercise}: 0 of" in page
    day.run("backproplab report --course .")
    report = browser.new_page(viewport={"width": 1000, "height": 1400})
    report.goto((root / "reports" / "report.html").as_uri())
    assert report.locator("h1").count() == 1
    report.screenshot(path=screenshots / "day_report.png", full_page=True)
    report.close()

    for kind in ("csv", "canvas", "moodle"):
        day.run(f"backproplab export --course . --to {kind}")
    day.run(f"backproplab export --course . --to gradescope --assignment {LESSON}")
    grades = {(row["student"], row["assignment"]): row for row in rows_of(root / "exports" / "grades.csv")}
    assert {(one.student, one.assignment) for one in readable} <= set(grades)
    is_graded_for_gradescope(root, student, tmp_path / "autograder")
    (screenshots.parent / f"day_{students}.txt").write_text(day.transcript(), encoding="utf-8")
    typed = [line.partition("    #")[0] for line in day.told if line.startswith("$ ")]
    assert students < 60 or typed == re.findall(r"^\$ .*?(?=    #)", README.read_text(encoding="utf-8"), re.M)
