import numpy as np
import pytest

from backproplab.explorers import PathCount

DRAWN = "\N{MINUS SIGN}2, \N{MINUS SIGN}1, 1 or 2"


def arrays_of(explorer):
    arrays, at = {}, 0
    for name, _, *shape in explorer.picture["layout"]:
        size = int(np.prod(shape))
        arrays[name] = np.frombuffer(explorer.arrays, np.float32, size, at).reshape(shape)
        at += 4 * size
    return arrays


def test_the_sentence_counts_paths_edges_and_passes():
    sentence = PathCount(moment=10).picture["sentence"]
    assert sentence.startswith(
        "4 layers of 3 units: 27 paths from the marked weight to the output, 33 edges in all."
    )
    assert "the backward pass 33, each once" in sentence
    assert "so its slope is the number of paths, 27." in sentence
    assert sentence.endswith("nudging takes 34 passes.")


def test_before_the_sweep_nothing_is_used_and_nothing_known():
    picture = PathCount().picture
    assert (picture["done"], picture["used"]) == ([0, 0], [0, 0])
    assert "has not reached the marked weight" in picture["sentence"]


@pytest.mark.parametrize("units", [1, 6, 8, 100])
def test_no_more_units_travel_than_are_drawn(units):
    arrays = arrays_of(PathCount(layers=12, units=units))
    assert arrays["values"].shape == arrays["adjoints"].shape == (12, min(units, 6) if units <= 6 else 5)
    assert arrays["paths"][-1] == pytest.approx(float(units) ** 11)


def test_the_drawn_adjoints_are_the_first_and_the_last():
    explorer = PathCount(layers=2, units=8, slopes=DRAWN)
    wanted = explorer.sweep.adjoints[1][[0, 1, 2, 6, 7]]
    np.testing.assert_array_equal(arrays_of(explorer)["adjoints"][0], wanted)


def test_local_slopes_travel_where_they_can_be_written():
    assert arrays_of(PathCount(layers=2, units=3, slopes=DRAWN))["local"].size == 3 + 9 + 3
    assert arrays_of(PathCount(layers=2, units=4, slopes=DRAWN))["local"].size == 0


def test_a_move_is_small():
    explorer = PathCount(layers=12, units=100, slopes=DRAWN, moment=13)
    assert len(explorer.arrays) < 700
    assert len(str(explorer.picture)) < 900
