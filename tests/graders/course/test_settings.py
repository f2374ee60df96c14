"""``course.toml``: read, or refused with the key, its line and a remedy."""

import pytest

from graders import cli
from graders.course import open_course
from graders.errors import GradersError
from graders.late_days import LateDays
from graders.settings import EXAMPLE, SETTINGS, Settings, read_settings

KNOWN = ("01_one_neuron", "02_going_bonkers")


@pytest.fixture
def settings(tmp_path):
    """Read a text as the settings of a course with two assignments."""
    for name in KNOWN:
        (tmp_path / "source" / name).mkdir(parents=True)

    def read(text):
        (tmp_path / SETTINGS).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_settings(tmp_path, tmp_path / "source")

    return read


def without_comments(example):
    """Take the first "# " off every line that is a setting."""
    lines = [line.removeprefix("# ") for line in example.splitlines()]
    return "\n".join(line if "=" in line or line.startswith("[") else f"# {line}" for line in lines)


def test_the_example_sets_nothing_until_its_comments_are_taken_off(settings):
    assert settings(EXAMPLE) == settings("") == Settings()
    extensions = {"ada.lovelace": {"01_one_neuron": 3, "02_going_bonkers": 1.5}}
    assert settings(without_comments(EXAMPLE)) == Settings("best", LateDays(4, 0.1, extensions))


def test_without_the_file_all_is_as_nbgrader_has_it(tmp_path):
    assert read_settings(tmp_path, tmp_path) == Settings()


@pytest.mark.parametrize("name", ["01_one_neuron", "one_neuron", "1"])
def test_an_extension_may_call_the_assignment_as_everywhere(settings, name):
    late = settings(f"[extensions.bob]\n{name} = 2").late
    assert late == LateDays(extensions={"bob": {"01_one_neuron": 2}})


@pytest.mark.parametrize(
    ("text", "line", "key", "remedy"),
    [
        ("\n[late]\nbudget = three", 3, "budget = three", "text stands in quotes"),
        ("[late]\nbudget = 3\nbudget = 4", 3, "budget = 4", "key = value"),
        ("[late\nbudget = 3", 1, "[late", "each [table] once"),
        ("[late]\nbudget = 3\n[late]", 3, "[late]", "each [table] once"),
        ("[late]\nbudget = '3'", 2, "late.budget", "budget = 4"),
        ("[late]\nbudget = 4", 1, "late", "penalty_per_day = 0.1"),
        ("[late]\nbudget = -1", 2, "late.budget", "a whole number of days, got -1"),
        ("[late]\nbudget = 1.5", 2, "late.budget", "a whole number of days"),
        ("[late]\nbudget = true", 2, "late.budget", "a whole number of days"),
        ("[late]\npenalty_per_day = 10", 2, "late.penalty_per_day", "a share from 0 to 1"),
        ("[late]\npenalty_per_day = nan", 2, "late.penalty_per_day", "penalty_per_day = 0.1"),
        ("late.budget = 1\nlate.penalty_per_day = 2", 2, "late.penalty_per_day", "a share"),
        ("late = {budget = 1, penalty_per_day = 2}", 1, "late.penalty_per_day", "a share"),
        ("late = 3", 1, "late", "[late], and its settings below it"),
        ("counts = 'first'", 1, "counts", 'counts = "best"'),
        ("[late]\nbugdet = 3", 2, "late.bugdet", "did you mean budget?"),
        ("[late]\ncounts = 'best'", 2, "late.counts", "put it above the first [table]"),
        ("# two\n\nlateness = 3", 3, "lateness", "did you mean late?"),
        ("[extensions]\nada = 3", 2, "extensions.ada", '[extensions."ada.lovelace"]'),
        ("[extensions.ada.lovelace]\n1 = 3", 1, "extensions.ada.lovelace", "names with dots in quotes"),
        ('[extensions."a.b"]\n1 = -3', 2, "extensions.a.b.1", "days, 0 or more, got -3"),
        (
            "[extensions.ada]\n1_one_nuron = 3",
            2,
            "extensions.ada.1_one_nuron",
            "did you mean '01_one_neuron'",
        ),
        ("[extensions.ada]\n1 = 3 days", 2, "1 = 3 days", "a number and nothing behind it"),
        ("[extensions.ada]\n1 = 30.11.2026", 2, "1 = 30.11.2026", "for days too: 01_one_neuron = 3"),
        ("[extensions.ada]\n1 = 2026-11-30", 2, "extensions.ada.1", "days, 0 or more, got 2026-11-30"),
        ("[extensions.ada]\none_neuron = 3\n[late]\nbudget = 'x'", 4, "late.budget", "budget = 4"),
        (b"counts = 'b\xe9st'", None, "not text in UTF-8", "save it in that encoding"),
    ],
)
def test_what_is_not_understood_is_named_with_key_line_and_remedy(settings, text, line, key, remedy):
    with pytest.raises(GradersError) as refused:
        settings(text)
    said = str(refused.value)
    where = f"{SETTINGS}, line {line}: " if line else f"{SETTINGS}: "
    assert f"{where}{key}" in said
    assert remedy in said
    assert len(said.splitlines()) == 2 or not line


def test_the_command_tells_it_in_two_lines_and_grades_nothing(course, graded_here, capsys):
    course.hand_in("ann")
    (course.root / SETTINGS).write_text("[late]\nbudget = many\n")
    assert cli.main(["grade", "--course", str(course.root)]) == 2
    said = capsys.readouterr().err
    assert f"{SETTINGS}, line 2: budget = many" in said
    assert (len(said.splitlines()), graded_here) == (2, [])


def test_two_rules_for_lateness_are_refused(course):
    (course.root / SETTINGS).write_text("[late]\nbudget = 2\npenalty_per_day = 0.1\n")
    with (course.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with pytest.raises(GradersError, match=r"two rules .* c\.LateSubmissionPlugin in nbgrader_config\.py"):
        open_course(course.root)


def test_a_mark_at_the_beginning_that_some_editors_write_is_no_part_of_the_text(settings):
    assert settings("\ufeffcounts = 'best'").counts == "best"


def test_a_new_course_has_the_example(new_one):
    assert (new_one / SETTINGS).read_text(encoding="utf-8") == EXAMPLE
