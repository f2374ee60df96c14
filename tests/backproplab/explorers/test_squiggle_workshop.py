import numpy as np
import pytest

from backproplab.dose_network import MOMENTS, STARTS, Seven, descend, ssr_of
from backproplab.explorers import SquiggleWorkshop
from backproplab.explorers.squiggle_workshop import PRESETS

MINUS = "\N{MINUS SIGN}"


def unpacked(workshop):
    arrays, at = {}, 0
    for name, _, *shape in workshop.picture["layout"]:
        size = int(np.prod(shape))
        arrays[name] = np.frombuffer(workshop.arrays, np.float32, size, at).reshape(shape)
        at += 4 * size
    return arrays


def test_it_opens_at_the_published_start():
    sentence = SquiggleWorkshop().picture["sentence"]
    assert sentence.startswith("After 0 steps of rate 0.01 the SSR is 1.896 ")
    assert "at 0.6862, 0.8582, 1.185 for the doses" in sentence
    assert sentence.endswith(f"0 + ({MINUS}0.04070) + 0.8016 = 0.7609.")


@pytest.mark.parametrize(
    ("preset", "ends", "now"),
    [
        ("run_1", "1.0e-12 after 10,346", (3.34, -1.43, -3.53, 0.57, -1.22, -2.30, 2.61)),
        ("run_2", "1.2e-29 after 10,346", (3.26, -1.93, -3.35, 0.54, -1.48, -2.25, 2.45)),
        ("zeros", "0.6667 after 10,346", (0, 0, 0, 0, 0.12, 0.12, 0.17)),
    ],
)
def test_presets_end_where_the_lesson_says(preset, ends, now):
    workshop = SquiggleWorkshop(step=3, w1=-1.0)
    getattr(workshop, preset)()
    assert workshop.step == 0
    assert ends in workshop.picture["sentence"]
    workshop.step = MOMENTS[-1]
    assert [round(value, 2) + 0.0 for value in workshop.now] == list(now)


def test_twins_stay_twins():
    workshop = SquiggleWorkshop()
    workshop.twins()
    workshop.step = 4940
    now = workshop.now
    assert (now.w1, now.b1, now.w3) == (now.w2, now.b2, now.w4)
    assert workshop.picture["ssr"] > 0.5


def test_every_button_has_its_preset_and_a_start():
    assert list(SquiggleWorkshop.buttons) == list(PRESETS)
    assert {start for _, start, _ in PRESETS.values()} == set(STARTS)


@pytest.mark.parametrize("step", [0, 5, 137, 2_299, 10_346])
def test_the_picture_is_that_of_its_step_between_the_moments_too(step):
    workshop = SquiggleWorkshop(lr=0.03, step=step, slope="w4")
    now = descend(STARTS["published"], 0.03, (0, step)).parameters[1]
    arrays = unpacked(workshop)
    np.testing.assert_allclose(arrays["now"], now, rtol=1e-6)
    assert workshop.picture["at"] == step
    assert workshop.picture["ssr"] == pytest.approx(ssr_of(now))
    assert arrays["terms"].sum() == pytest.approx(arrays["slopes"][5], rel=1e-4, abs=1e-7)


def test_the_slopes_are_numerical_derivatives_of_the_ssr():
    workshop = SquiggleWorkshop(w1=-2.0, b2=1.5, step=10)
    now, h = workshop.now, 1e-6
    for place, slope in enumerate(unpacked(workshop)["slopes"]):
        to = [Seven(*[v + d * (i == place) for i, v in enumerate(now)]) for d in (-h, h)]
        assert slope == pytest.approx((ssr_of(to[1]) - ssr_of(to[0])) / (2 * h), rel=1e-5, abs=1e-6)


def test_scrubbing_does_not_run_the_descent_again(monkeypatch):
    from backproplab.explorers import squiggle_workshop

    workshop = SquiggleWorkshop(w2=0.37)
    monkeypatch.setattr(squiggle_workshop, "descend", None)
    for step in MOMENTS[::20]:
        workshop.step = step
    assert workshop.picture["at"] == MOMENTS[::20][-1]


def test_an_overflow_is_said_with_its_step(monkeypatch):
    from backproplab.explorers import squiggle_workshop

    beyond = descend(Seven(1e100, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), 0.1)
    monkeypatch.setattr(squiggle_workshop, "_run", lambda _start, _lr: beyond)
    workshop = SquiggleWorkshop(step=100)
    assert workshop.picture["at"] == 0
    assert "beyond all numbers from step 1 on" in workshop.picture["sentence"]


def test_a_move_is_small():
    workshop = SquiggleWorkshop(step=2_300)
    assert len(workshop.arrays) < 1500
    assert len(str(workshop.picture)) < 700
