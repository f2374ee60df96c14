"""The report of a class: its counts are the truth of a demo class, and it tells no more than it should."""

import json
import re
from html.parser import HTMLParser
from statistics import median

import pytest

from graders import demo
from graders.assignments import read_assignments
from graders.choice import Wanted
from graders.class_run import grade_class
from graders.class_view import class_view
from graders.cli import main
from graders.course import open_course
from graders.demo import demo_class, truth_of
from graders.gradebook import Gradebook
from graders.lesson_parts import part_of, parts_of_mistake
from graders.lessons import all_lessons
from graders.reports import report
from tests.graders.course.demo_truth import mistakes_made, mistakes_told

STUDENTS = 14
FEW = ("neuron_delta", "neuron_grads", "bonkers_forward", "bonkers_grad_all")


def few_of(known_answers):
    """Leave few wrong answers, so that several students of a small class have the same."""

    def few(slug):
        known = known_answers(slug)
        named = {name: [a for a in answers if a.names][:2] for name, answers in known.items() if name in FEW}
        return {name: answers or known[name][:1] for name, answers in named.items()}

    return few


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Make a class of the first two lessons, graded once, in which several make the same mistake."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "all_lessons", lambda: all_lessons()[:2])
        patch.setattr(demo, "_known_answers", few_of(demo._known_answers))
        root = tmp_path_factory.mktemp("reported") / "course"
        demo_class(root, STUDENTS, seed=11)
    grade_class(open_course(root), Wanted(), jobs=2)
    return open_course(root)


@pytest.fixture(scope="module")
def view(course):
    return class_view(course)


@pytest.fixture(scope="module")
def truth(course):
    return truth_of(course.root)


@pytest.fixture(scope="module")
def written(course):
    _, (page, text) = report(course)
    return page.read_text(encoding="utf-8"), text.read_text(encoding="utf-8")


class Parsed(HTMLParser):
    """The text of a page, and every address that it would load."""

    def __init__(self, page):
        super().__init__()
        self.words, self.loads, self.links = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.loads += [given[name] for name in ("src", "data", "srcset") if name in given]
        self.links += [given["href"]] if tag == "a" else []
        assert tag not in ("link", "script", "iframe")

    def handle_data(self, data):
        self.words.append(data)


def test_the_misconceptions_are_those_of_the_truth(view, truth):
    made = mistakes_made(truth)
    assert len(made) >= 5
    assert max(map(len, made.values())) >= 3
    assert mistakes_told(view) == made


def test_outcomes_and_shares_are_those_of_the_truth(view, truth):
    for lesson in view.lessons:
        mine = [one for one in truth if one.assignment == lesson.name and one.exercises]
        for exercise in lesson.exercises:
            wanted = [one.exercises[exercise.name] for one in mine]
            for status in ("pass", "partial", "fail", "not_started", "error", "ungradable"):
                assert exercise.count(status) == sum(w["status"] == status for w in wanted), exercise.name
            share = sum(w["points"] for w in wanted) / (exercise.possible * len(wanted))
            assert exercise.share == pytest.approx(share)


def test_everybody_is_somewhere_and_nobody_twice(view, truth):
    for lesson in view.lessons:
        places = [*lesson.untouched, *lesson.through, *lesson.refused]
        places += [who for exercise in lesson.exercises for who in (*exercise.stuck, *exercise.before)]
        assert sorted(places) == sorted(one.student for one in truth if one.assignment == lesson.name)


def test_who_is_stuck_tried_and_started_nothing_after(view, truth):
    statuses = {(one.assignment, one.student): one.exercises for one in truth}
    seen = 0
    for lesson in view.lessons:
        names = [exercise.name for exercise in lesson.exercises]
        for number, exercise in enumerate(lesson.exercises):
            for student in (*exercise.stuck, *exercise.before):
                row = [statuses[lesson.name, student][name]["status"] for name in names]
                assert set(row[number + 1 :]) <= {"not_started"}
                seen += 1
            for student in exercise.stuck:
                assert statuses[lesson.name, student][exercise.name]["status"] not in ("pass", "not_started")
            for student in exercise.before:
                assert statuses[lesson.name, student][exercise.name]["status"] == "not_started"
                assert statuses[lesson.name, student][names[number - 1]]["status"] == "pass"
        for student in lesson.through:
            assert statuses[lesson.name, student][names[-1]]["status"] == "pass"
    assert seen


def test_marks_late_and_refused_are_those_of_the_truth(view, truth):
    for lesson in view.lessons:
        mine = {one.student: one for one in truth if one.assignment == lesson.name}
        assert {s for s, standing in lesson.standings.items() if standing.late} == {
            s for s, one in mine.items() if one.days_late and lesson.standings[s].timestamp
        }
        assert set(lesson.refused) == {s for s, one in mine.items() if not one.exercises}
        for student, one in mine.items():
            points = sum(expected["points"] for expected in one.exercises.values())
            assert lesson.standings[student].points == pytest.approx(points)


def test_every_mistake_has_an_example_of_its_own_and_a_part_that_the_lesson_has(view, course):
    for lesson in view.lessons:
        for exercise in lesson.exercises:
            for mistake in exercise.mistakes:
                assert mistake.id in {found.id for found in mistake.example.misconceptions}
                assert mistake.example.message
                for part in mistake.parts:
                    file = course.source / part.link.partition("#")[0]
                    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
                    text = "\n".join("".join(cell["source"]) for cell in cells)
                    assert re.search(rf"^#+ {re.escape(part.heading)}$", text, re.MULTILINE)


def test_the_part_is_the_one_that_leads_to_the_exercise(course):
    lesson = read_assignments(course.source)[0]["01_one_neuron"]
    assert part_of(lesson, "neuron_loss").title == "Step 2: loss"
    delta = part_of(lesson, "neuron_delta")
    assert delta.title == "delta: the error signal at z"
    assert delta.link == "01_one_neuron/01_one_neuron.ipynb#delta%3A-the-error-signal-at-%24z%24"


def test_a_mistake_of_an_earlier_lesson_points_back_to_it(course):
    known = read_assignments(course.source)[0]
    lessons = {one.lesson: one for one in known.values()}
    here = known["02_going_bonkers"]
    parts = parts_of_mistake("missing_slope", "bonkers_grad_all", here, lessons)
    assert [part.title for part in parts] == ["Share the factors", "delta: the error signal at z"]
    (only,) = parts_of_mistake("missing_slope", "neuron_delta", known["01_one_neuron"], lessons)
    assert only.title == "delta: the error signal at z"


def test_page_and_text_tell_the_same_numbers(view, written):
    page, text = written
    shown = " ".join("".join(Parsed(page).words).split())
    for lesson in view.lessons:
        for exercise in lesson.exercises:
            for mistake in exercise.mistakes:
                number = len(mistake.students)
                told = f"{number} student{'s' * (number != 1)}: {mistake.id}"
                assert told in shown
                assert f"{exercise.name}: {told}" in text
                head = mistake.example.levels[0].lines[0]
                assert head in shown
                assert head in text


def test_the_page_loads_nothing_and_its_links_lead_somewhere(written, course):
    parsed = Parsed(written[0])
    assert parsed.loads == []
    assert "url(http" not in written[0]
    for link in parsed.links:
        file, _, anchor = link.partition("#")
        assert (course.root / "reports" / file).is_file() if file else f'id="{anchor}"' in written[0]


def test_the_anonymous_report_names_nobody_and_has_no_text_of_a_student(course, view):
    _, paths = report(course, anonymous=True)
    for path in paths:
        told = path.read_text(encoding="utf-8")
        for student, name in view.names.items():
            assert student not in told
            assert name not in told
        assert "student 01" in told
        assert "<pre>" not in told
    assert "anonymous" in paths[0].name


def test_numbers_for_names_are_the_same_again_and_do_not_follow_the_names(course, view):
    from graders.course import probe_secret
    from graders.reports import _numbered

    labels = _numbered(view, probe_secret(course.root))
    assert labels == _numbered(view, probe_secret(course.root))
    assert len(set(labels.values())) == STUDENTS
    assert sorted(labels, key=labels.__getitem__) != sorted(labels)


def test_a_copied_answer_is_listed_whatever_its_names(course, view):
    original = view.lessons[0].through[0]
    answer = "def neuron_step(w, b, x, t, lr, act):\n    acc = 0.0\n" + "".join(
        f"    acc = acc * {i} + b - lr * t\n" for i in range(12)
    )
    places = list(course.autograded.glob("*/01_one_neuron/*.ipynb"))
    texts = {path: path.read_bytes() for path in places}
    copies = [p for p in places if p.parts[-3] in (original, view.lessons[0].untouched[0])]
    assert len(copies) == 2
    try:
        for path, source in zip(copies, (answer, answer.replace("acc", "total")), strict=True):
            book = json.loads(path.read_bytes())
            next(c for c in book["cells"] if c["id"] == "neuron_step")["source"] = [source]
            path.write_text(json.dumps(book), encoding="utf-8")
        pairs = class_view(course).lessons[0].alike
        assert sorted(p.parts[-3] for p in copies) in [sorted(p.students) for p in pairs]
    finally:
        for path, data in texts.items():
            path.write_bytes(data)


def test_the_overview_counts_the_truth_and_says_what_its_columns_mean(view, truth, written):
    lines = written[1].splitlines()
    for lesson in view.lessons:
        asked = [exercise.name for exercise in lesson.exercises]
        mine = [one.exercises for one in truth if one.assignment == lesson.name and one.exercises]
        last = sum(one[asked[-1]]["status"] == "pass" for one in mine)
        marks = sorted(one.points for one in lesson.standings.values() if not one.unjudged)
        middle = median(marks)
        row = next(line.split() for line in lines if line.startswith(lesson.name))
        assert row[4:] == [str(last), str(len(lesson.refused)), f"{round(middle, 2):g}"]
        assert sum(m <= middle for m in marks) * 2 >= len(marks) <= sum(m >= middle for m in marks) * 2
    for told in (" ".join(lines), " ".join(Parsed(written[0]).words)):
        assert "last exercise right" in told
        assert "Last exercise right: how many solved" in told
        assert "median mark" in told
        assert "Median mark: half of the students" in told


def test_a_score_given_by_hand_and_a_late_penalty_count(course, view):
    student = view.lessons[0].through[0]
    before = view.lessons[0].standings[student].points
    with Gradebook(course.db_url, course.course_id) as book, book._engine.begin() as connection:
        query = (
            "SELECT submitted_notebook.id FROM submitted_notebook JOIN submitted_assignment "
            "ON submitted_notebook.assignment_id = submitted_assignment.id JOIN assignment ON "
            "assignment.id = submitted_assignment.assignment_id WHERE assignment.name = '01_one_neuron' "
            f"AND student_id = '{student}'"
        )
        (mine,) = connection.exec_driver_sql(query).one()
        change = f"UPDATE submitted_notebook SET late_submission_penalty = 3 WHERE id = '{mine}'"
        connection.exec_driver_sql(change)
        try:
            from graders.standing import read_standings

            after = {(s.assignment, s.student): s for s in read_standings(connection, book._tables)}
            assert after["01_one_neuron", student].points == before - 3
        finally:
            connection.exec_driver_sql(change.replace("= 3", "= NULL"))


def test_the_command_writes_where_it_is_told_and_keeps_what_is_not_ours(course, tmp_path, capsys):
    out = tmp_path / "deep" / "week.html"
    words = ["report", "--course", str(course.root), "--assignment", "1", "--out", str(out)]
    assert main(words) == 0
    assert str(out) in capsys.readouterr().out
    assert "02_going_bonkers</h2>" not in out.read_text(encoding="utf-8")
    assert main(words) == 0  # ours are renewed
    out.with_suffix(".txt").write_text("shopping list", encoding="utf-8")
    page = out.read_bytes()
    assert main(words) == 1
    assert "week.txt: it is not a report of ours" in capsys.readouterr().err
    assert out.with_suffix(".txt").read_text(encoding="utf-8") == "shopping list"
    assert out.read_bytes() == page


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--assignment", "1"], "report_01_one_neuron"),
        (["--anonymous"], "report-anonymous"),
        (["--assignment", "one_neuron", "--anonymous"], "report_01_one_neuron-anonymous"),
    ],
)
def test_the_report_of_a_selection_leaves_that_of_the_class(course, written, capsys, words, name):
    reports = course.root / "reports"
    assert main(["report", "--course", str(course.root), *words]) == 0
    pages = [reports / f"{name}.html", reports / f"{name}.txt"]
    assert capsys.readouterr().out.split()[-2:] == list(map(str, pages))
    assert all(page.exists() for page in pages)
    kept = tuple((reports / f"report.{end}").read_text(encoding="utf-8") for end in ("html", "txt"))
    assert kept == written


def test_a_course_in_which_nothing_was_graded_says_so(tmp_path, new_one, capsys):
    assert main(["report", "--course", str(new_one), "--out", str(tmp_path / "r.html")]) == 1
    assert "nothing graded yet" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_a_student_wrote_is_text_in_the_report(view):
    from dataclasses import replace

    from graders.report_page import report_page

    lesson = view.lessons[0]
    nasty = dict.fromkeys(view.names, "<script>alert(1)</script>")
    refused = {next(iter(view.names)): "<img src=x onerror=alert(1)>"}
    page = report_page(replace(view, lessons=(replace(lesson, refused=refused),)), nasty, "", "")
    assert Parsed(page).loads == []
