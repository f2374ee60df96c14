"""What a student reads is short, opens level by level, and is the same in every form."""

import json
import re
from html.parser import HTMLParser
from itertools import islice

import pytest

from graders import evidence
from graders.display import to_html
from graders.exercise import Verdict
from tests.diagnosis.clear import clear_pairs
from tests.diagnosis.everything import MUTANTS, UNKNOWN, mutant_text, pair_text
from tests.diagnosis.table import Mutant, Unknown
from tests.diagnosis.test_naming import CALLED, judged

TITLES = ["", "What the numbers say", "Ask yourself", "Side by side"]
SAMPLE = [mutant for mutant in (*MUTANTS, *UNKNOWN) if mutant.exercise in CALLED][::11]
# Where the numbers are right there is no entry to work out; where no answer came, no number to speak of.
VALUES_STAY = {"mutates_arguments", "numerical_derivative"}


def verdict_on(mutant: Mutant | Unknown) -> Verdict:
    return judged(mutant.exercise, mutant_text(mutant))[1]


def hold_bounds(verdict: Verdict) -> None:
    words = len(verdict.message.split())
    # A part that cannot be read is told in one note, and nothing is left to say where the rest is right.
    unread = len(verdict.levels) == 1 and any("cannot be read" in note for note in verdict.notes)
    lower = 25 if verdict.status == "error" or unread else 80
    assert lower <= words <= 160, f"{words} words:\n{verdict.message}"
    first = verdict.levels[0]
    assert len(first.lines) <= 5, first.text
    assert max(map(len, first.lines)) <= 200, first.text
    assert len(re.findall(r"-?\d+\.\d+", verdict.message)) <= 30, f"a wall of numbers:\n{verdict.message}"


@pytest.mark.parametrize("mutant", SAMPLE, ids=lambda m: f"{m.exercise}-{m.base}")
def test_a_message_has_four_levels_and_is_short(mutant: Mutant | Unknown) -> None:
    verdict = verdict_on(mutant)
    hold_bounds(verdict)
    named = {misconception.id for misconception in verdict.misconceptions}
    if verdict.status != "error" and not named & VALUES_STAY:
        assert [level.title for level in verdict.levels] == TITLES
        assert verdict.levels[3].table[0] == ("", "right", "yours")


@pytest.mark.proof
def test_every_message_of_the_table_is_short() -> None:
    for mutant in (*MUTANTS, *UNKNOWN):
        if mutant.exercise in CALLED:
            hold_bounds(verdict_on(mutant))


def test_a_message_on_two_mistakes_tells_both_and_is_little_longer() -> None:
    pairs = (pair for pair in clear_pairs(every=97) if pair[0].exercise in CALLED)
    for first, _, text in islice(pairs, 12):
        verdict = judged(first.exercise, text)[1]
        assert len(verdict.message.split()) <= 200, verdict.message
        if len(verdict.misconceptions) == 2:
            questions = verdict.levels[2].lines
            assert [line[:4] for line in questions] == ["(1) ", "(2) "]
            assert len(set(questions)) == 2


class Words(HTMLParser):
    """Collect what a page says: all of it, and what is not folded away."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.depth += tag == "details"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "details"

    def handle_data(self, data: str) -> None:
        self.said.append(data)
        if not self.depth:
            self.open.append(data)


def bare(text: str) -> str:
    return "".join(re.sub(r"[✗✓◐…]", "", text).split())


@pytest.mark.parametrize("mutant", SAMPLE[::5], ids=lambda m: f"{m.exercise}-{m.base}")
def test_text_page_and_json_say_the_same(mutant: Mutant | Unknown) -> None:
    verdict = verdict_on(mutant)
    page = Words()
    page.feed(to_html(verdict))
    assert bare("".join(page.open)) == bare(verdict.levels[0].text)
    for level in verdict.levels:
        for piece in (level.title, *level.lines, *(cell for row in level.table for cell in row)):
            assert bare(piece) in bare("".join(page.said))
            assert bare(piece) in bare(verdict.message)
    plain = json.loads(json.dumps(verdict.to_json()))
    assert plain["message"] == verdict.message
    assert Verdict.from_json(plain) == verdict


def test_a_page_has_no_colours_of_its_own_but_the_bar_at_its_side() -> None:
    page = to_html(verdict_on(SAMPLE[0]))
    assert re.findall(r"(?:color|background)\s*:|(?<!&)#[0-9a-fA-F]{3,6}\b", page) == ["#808080"]
    assert page.count("<details") == page.count("<summary") == 3
    assert page.index('role="status"') < page.index("<details")


def test_where_no_answer_came_no_slip_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slip that differs from the truth in that call alone would explain any part."""
    monkeypatch.setattr(evidence, "PAIR_SECONDS", 0)
    first, second = (
        next(m for m in MUTANTS if m.exercise == "mazur_gradients" and m.wanted == ((name, 2),))
        for name in ("weights_wrong_layer", "dW_uses_z")
    )
    text = pair_text(first, second)
    assert text
    verdict = judged("mazur_gradients", text)[1]
    assert verdict.status == "error"
    assert [m.id for m in verdict.misconceptions] == ["weights_wrong_layer", "dW_uses_z"]
