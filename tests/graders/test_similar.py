"""Similar answers: what counts as alike, and what never does."""

import pytest

from graders import similar
from graders.assignments import read_assignment
from graders.lessons import find_lesson
from graders.notebook import cell_source, read
from graders.similar import COMMON, alike_answers, words_of

LESSON = find_lesson("one_neuron")
OWN = """def neuron_grads(w, b, x, t, act):
    # go through the inputs one by one
    z = b
    for i in range(len(x)):
        z = z + w[i] * x[i]
    error = act.f(z) - t
    slope = act.deriv(z)
    dw = []
    for i in range(len(x)):
        dw.append(error * slope * x[i])
    return np.array(dw), error * slope
"""
RENAMED = (
    OWN.replace("error", "e")
    .replace("slope", "s2")
    .replace("    # go through the inputs one by one\n", "    'gradients'\n\n")
    .replace("for i", "for k")
    .replace("[i]", "[k]")
)
OTHER = """def neuron_grads(w, b, x, t, act):
    def loss(w, b):
        return (act.f(sum(p * q for p, q in zip(w, x)) + b) - t) ** 2 / 2
    h, grads = 1e-6, []
    while len(grads) < len(w):
        moved = np.array(w, float)
        moved[len(grads)] += h
        grads += [(loss(moved, b) - loss(w, b)) / h]
    return np.array(grads), (loss(w, b + h) - loss(w, b)) / h
"""


@pytest.fixture(scope="module")
def lesson():
    return read_assignment(LESSON.path.parent)


@pytest.fixture(scope="module")
def solutions():
    return {cell["id"]: cell_source(cell) for cell in read(LESSON.path)["cells"]}


@pytest.fixture
def pairs(lesson, solutions):
    def found(**answers):
        given = {student: {"neuron_grads": text} for student, text in answers.items()}
        return [one.students for one in alike_answers(lesson, solutions, given)]

    return found


def test_names_comments_docstrings_and_layout_do_not_hide_a_copy(pairs):
    assert RENAMED != OWN
    assert pairs(ann=OWN, bob=RENAMED, eve=OTHER) == [("ann", "bob")]


def test_the_likeness_tells_exercise_words_share_and_the_two_texts(lesson, solutions):
    given = {"ann": {"neuron_grads": OWN}, "bob": {"neuron_grads": RENAMED, "neuron_delta": "return 1"}}
    (one,) = alike_answers(lesson, solutions, given)
    assert one.exercises == {"neuron_grads": 1.0}
    assert one.texts == {"neuron_grads": (OWN, RENAMED)}
    assert 40 <= one.words <= len(words_of(OWN))
    assert 0.9 < one.share < 1


def test_the_lessons_own_answer_and_the_untouched_stub_do_not_count(pairs, lesson, solutions, monkeypatch):
    monkeypatch.setattr(similar, "WORDS", 1)  # that they are short is another reason
    stub = next(cell_source(cell) for cell in lesson.released["cells"] if cell["id"] == "neuron_grads")
    solved = solutions["neuron_grads"]
    renamed = solved.replace("delta", "signal").replace("neuron_signal", "neuron_delta")
    assert pairs(ann=stub, bob=stub) == []
    assert pairs(ann=solved, bob=renamed) == []
    assert pairs(ann=OWN, bob=OWN) == [("ann", "bob")]


def test_what_many_have_does_not_count(pairs):
    few = {f"s{i}": OWN for i in range(COMMON)}
    assert len(pairs(**few)) == COMMON * (COMMON - 1) // 2
    assert pairs(**few, one_more=OWN) == []


def test_short_answers_do_not_count(pairs):
    short = "def neuron_grads(w, b, x, t, act):\n    return x - t, act.deriv(b)"
    assert pairs(ann=short, bob=short) == []


@pytest.mark.parametrize("text", ["", "def f(:\n  '''", "x = (", "\x00", "  a\n b\n", "é = 'ü'"])
def test_any_text_has_words(text, pairs):
    words_of(text)
    assert pairs(ann=text, bob=text) == []
