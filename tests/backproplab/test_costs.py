import pytest

from backproplab.costs import EXAMPLES, MEASURED, Race, amount, duration


def race(n=1_000, ratio=2.5, speed=1e9, clock=1):
    return Race(n, ratio, speed, clock)


@pytest.mark.parametrize("n", [1, 10, 1_000_000])
def test_nudging_takes_one_pass_more_than_there_are_parameters(n):
    assert race(n).passes == n + 1
    assert race(n, clock=n + 1).known_by_nudging == n > race(n, clock=n).known_by_nudging


def test_the_first_pass_of_nudging_gives_no_slope_and_each_further_one_gives_one():
    assert [race(10, clock=clock).known_by_nudging for clock in (0, 1, 2, 3, 11, 400)] == [0, 0, 1, 2, 10, 10]


def test_backpropagation_knows_all_slopes_at_its_end_and_none_before():
    assert [race(10, ratio=2.5, clock=clock).known_by_backpropagation for clock in (1, 2, 2.5, 3)] == [
        0,
        0,
        10,
        10,
    ]


def test_seconds_are_multiplications_over_speed():
    assert race(1_000, speed=EXAMPLES * 1e6).seconds_a_pass == pytest.approx(1e-3)


def test_the_authors_seconds_come_out_at_the_speed_that_they_imply():
    """35 minutes for 301,067 passes of 128 examples and 301,066 products each are 5.5 billion a second."""
    told = Race(301_066, 2.7, 5.5e9, 1)
    assert duration(told.passes * told.seconds_a_pass) == "35 min"
    assert duration(told.ratio * told.seconds_a_pass) == "19 ms"
    assert "35 min, backpropagation took 0.019 s" in told.in_words()


def test_only_measured_sizes_have_a_measurement():
    assert "The authors measured" not in race(1_000).in_words()
    assert all(f"The authors measured: {words}." in race(n).in_words() for n, words in MEASURED.items())


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(1e-10, "0.1 ns"), (4e-6, "4 µs"), (0.0994, "99 ms"), (1, "1 s"), (59, "59 s"), (60, "1 min"),
     (5400, "1.5 h"), (2 * 86_400, "2 days"), (3.2e9, "101 years")],
)  # fmt: skip
def test_times_are_said_in_their_largest_unit(seconds, words):
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0"), (1, "1"), (4.1, "4.1"), (27, "27"), (9_999_999, "9,999,999"), (1e7, "10^7"), (9.96e9, "10^10"),
     (-12.0, "\N{MINUS SIGN}12"), (3 * 10**30, "3.0 · 10^30")],
)  # fmt: skip
def test_large_counts_become_powers_of_ten(count, words):
    assert amount(count) == words
