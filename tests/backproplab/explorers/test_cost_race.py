import pytest

from backproplab.costs import MEASURED
from backproplab.explorers import CostRace
from backproplab.explorers.cost_race import CLOCK, SIZES


def test_it_opens_at_the_authors_largest_measurement():
    sentence = CostRace().picture["sentence"]
    assert "nudging takes 301,067 forward passes" in sentence
    assert "So nudging takes 111,506 times as long." in sentence
    assert "these are 35 min and 19 ms" in sentence


def test_a_million_parameters_take_a_million_and_one_passes():
    race = CostRace(parameters=1_000_000, clock=1_000_001)
    assert race.picture["known"] == [1_000_000, 1_000_000]
    assert "nudging takes 1,000,001 forward passes" in race.picture["sentence"]


def test_the_clock_stops_where_each_measured_network_is_done():
    assert set(MEASURED) <= set(SIZES)
    assert CLOCK[-1] == SIZES[-1] + 1


def test_more_speed_shortens_both_alike():
    slow, fast = (CostRace(speed=speed).picture for speed in ("1 million/s", "1 trillion/s"))
    for name in ("nudging", "sweep"):
        assert slow["seconds"][name] / fast["seconds"][name] == pytest.approx(1e6, rel=1e-3)
    assert slow["times"] == fast["times"]


@pytest.mark.parametrize("ratio", [1.5, 2.4, 4.0])
def test_the_own_measured_ratio_counts(ratio):
    race = CostRace(parameters=1_000, ratio=ratio)
    assert race.race.times_as_long == pytest.approx(1_001 / ratio)
    assert f"cost as much as {ratio:g} " in race.picture["sentence"]


def test_the_measured_marks_of_the_picture_are_those_of_the_sentences():
    marks = {n: (low, high) for _, n, low, high in CostRace().fixed["measured"]}
    assert marks.keys() == MEASURED.keys()
    assert marks[2_410] == (2_700, 2_700)
    assert marks[79_510] == (60_000, 230_000)
    assert marks[301_066][0] == pytest.approx(35 * 60 / 0.019)


def test_a_move_is_small():
    assert len(str(CostRace(clock=1_001).picture)) < 900
