"""What holds for every explorer: knobs, what travels, what stays when a picture cannot be made."""

import json
import math

import numpy as np
import pytest
import traitlets

from backproplab import explorers
from backproplab.explorers import frame
from backproplab.explorers.frame import Explorer, Trouble, View, among, choosing, sliding, ticking

EVERY = [getattr(explorers, name) for name in explorers.__all__]
every = pytest.mark.parametrize("kind", EVERY, ids=lambda kind: kind.__name__)


class Probe(Explorer):
    """A picture that shows its knobs and fails when it is told to."""

    title, lesson = "Probe", "one_neuron"
    buttons = {"jump": "Jump"}  # noqa: RUF012 - as short as an explorer may write it
    _esm = "export default { render() {} };"

    size = sliding("size", 1, 9, 1, 3)
    rate = sliding("rate", 0.0, 1.0, 0.1, 0.5, play=True)
    name = choosing("name", ("left", "right"), "left")
    fails = ticking("fails", start=False)
    inner = traitlets.Int(0)

    def jump(self):
        self.move(size=9, rate=1.0)

    def look(self):
        if self.fails:
            raise Trouble("the probe was told to fail")
        arrays = {
            "few": np.arange(3, dtype=np.uint8),
            "row": np.array([self.rate, 1e300]),
            "grid": np.ones((2, self.size)),
        }
        return View({"size": self.size, "odd": [math.inf, {"a": np.float64(math.nan)}]}, "A probe.", arrays)


def test_knobs_come_in_the_order_of_their_declaration():
    assert Probe.knobs() == ["size", "rate", "name", "fails"]
    kinds = [control["kind"] for control in Probe().controls]
    assert kinds == ["slider", "player", "choice", "tick", "button", "button"]


def test_whole_numbers_slide_over_whole_numbers():
    with pytest.raises(traitlets.TraitError):
        Probe().size = 2.5


def test_a_knob_among_numbers_knows_their_ends_and_their_digits():
    whole, broken = (among("n", values, 1).metadata["control"] for values in ([1, 10, 100], [0.005, 1, 4.5]))
    assert (whole["low"], whole["high"], whole["step"], whole["values"]) == (1, 100, 1, [1, 10, 100])
    assert (broken["low"], broken["high"], broken["step"]) == (0.005, 4.5, 0.001)


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ({"sise": 1}, "Probe has no knob 'sise'; it has size, rate, name, fails"),
        ({"inner": 1}, "no knob 'inner'"),
        ({"size": 10}, "should not be greater than 9"),
        ({"name": "up"}, "'up'"),
        ({"rate": "much"}, "rate"),
    ],
)
def test_a_wrong_start_is_refused_by_name(start, words):
    with pytest.raises(ValueError, match=words):
        Probe(**start)


def test_arrays_travel_as_float32_and_bytes_with_floats_first():
    probe = Probe(size=2)
    assert probe.picture["layout"] == [["row", "f4", 2], ["grid", "f4", 2, 2], ["few", "u1", 3]]
    floats = np.frombuffer(probe.arrays[:24], np.float32)
    np.testing.assert_array_equal(floats, np.array([0.5, np.inf, 1, 1, 1, 1], np.float32))
    assert probe.arrays[24:] == bytes([0, 1, 2])


def test_what_json_does_not_know_travels_as_none():
    assert Probe().picture["odd"] == [None, {"a": None}]


def test_trouble_keeps_the_last_good_picture_and_is_said_until_the_next():
    probe = Probe()
    picture, arrays = probe.picture, probe.arrays
    probe.move(fails=True, size=5)
    assert probe.notice == "the probe was told to fail"
    assert (probe.picture, probe.arrays) == (picture, arrays)
    probe.fails = False
    assert probe.notice == ""
    assert probe.picture["size"] == 5


def test_a_move_of_many_knobs_makes_one_picture():
    probe, seen = Probe(), []
    probe.observe(lambda change: seen.append(change.new["size"]), "picture")
    probe.move(size=4, rate=0.1, name="right")
    assert seen == [4]


class Shrinking(Probe):
    """Its picture has fewer places than its knob."""

    rate = sliding("rate", 0, 9, 1, 5)

    def look(self):
        return View({}, "A probe.", limits={"rate": self.size})


def test_a_picture_says_where_the_range_of_a_knob_ends():
    probe = Shrinking(size=4)
    assert probe.picture["limits"] == {"rate": 4}
    probe.size = 6
    assert probe.picture["limits"] == {"rate": 6}
    assert "limits" not in Probe().picture


def test_only_buttons_can_be_pressed():
    probe = Probe()
    for message in ("close", "look", "move", {"jump": 1}, ["jump"], 7, None):
        probe._handle_custom_msg(message, [])
    assert probe.size == 3
    probe._handle_custom_msg("jump", [])
    assert (probe.size, probe.rate) == (9, 1.0)
    probe._handle_custom_msg("reset", [])
    assert probe.settings() == Probe().settings()


@every
def test_every_explorer_says_what_it_is_and_where_it_belongs(kind):
    from graders.exercises import slugs

    assert kind.title
    assert kind.lesson in slugs()
    assert kind.__doc__
    assert all(callable(getattr(kind, name)) for name in kind.buttons)


@every
def test_every_picture_is_plain_json_and_its_sentence_ends(kind):
    picture = kind().picture
    json.dumps(picture, allow_nan=False)
    assert picture["sentence"].endswith(".")


def ends(kind, name):
    control = kind.class_traits()[name].metadata["control"]
    options = {"choice": control.get("options"), "tick": [False, True]}
    return options.get(control["kind"]) or [control["low"], control["high"]]


@every
def test_no_knob_at_its_end_empties_the_picture(kind):
    """At the ends of every range there is a picture with finite numbers, or a word why there is none."""
    explorer = kind()
    for name in kind.knobs():
        for value in ends(kind, name):
            explorer.reset()
            explorer.move(**{name: value})
            assert explorer.notice or "nan" not in json.dumps(explorer.picture).lower().split()


@every
def test_without_a_widget_manager_picture_and_sentence_remain(kind):
    from nbconvert import HTMLExporter
    from nbformat import v4

    explorer = kind()
    data, metadata = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    output = v4.new_output("display_data", data=data, metadata=metadata)
    page, _ = HTMLExporter().from_notebook_node(
        v4.new_notebook(cells=[v4.new_code_cell("", outputs=[output])])
    )
    assert f"data:image/png;base64,{data['image/png']}" in page
    assert data["text/plain"] in page


def test_the_script_of_a_page_is_the_frame_and_the_drawing_and_one_export():
    script = frame.front_end("neuron_bench")
    assert script.count("export default") == 1
    assert script.index("function show(") < script.index("const explorer =") < script.index("export default")
