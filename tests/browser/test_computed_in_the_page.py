"""An explorer that computes by itself on a page without Python says there what Python says."""

import json
import random
import re
from math import isclose, nextafter

import numpy as np
import pytest

from backproplab import explorers
from backproplab.explorers.frame import joined
from backproplab.explorers.standalone import computes_itself

pytestmark = pytest.mark.browser

EVERY = [getattr(explorers, name) for name in explorers.__all__]
ALONE = [kind for kind in EVERY if computes_itself(kind)]
PRESSES = [(kind, name) for kind in ALONE for name in kind.buttons]
DRAWS, PUSHES = 16, 3
WITHIN = 1e-5
PRINTED = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:e[+-]\d+)?")
COMPUTE = """([knobs, fixed]) => {
    const { arrays, ...picture } = explorer.compute(knobs, fixed);
    const plain = Object.entries(arrays).map(([name, array]) => [name, [...array].map(String)]);
    return { picture, arrays: Object.fromEntries(plain) };
}"""


@pytest.fixture
def page(browser):
    """Return an empty page; in the end no script may have failed."""
    page, errors = browser.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    page.close()
    assert errors == []


def load(page, kind):
    page.add_script_tag(content=joined(kind.script()))


def drawn(kind, rng):
    """Return random knobs, as the controls can set them."""
    controls = {control["name"]: control for control in kind().controls if control["kind"] != "button"}
    return {name: draw_one(control, rng) for name, control in controls.items()}


def draw_one(control, rng):
    if control["kind"] == "tick":
        return rng.random() < 0.5
    if values := control.get("values") or control.get("options"):
        return rng.choice(values)
    places = round((control["high"] - control["low"]) / control["step"])
    value = control["low"] + rng.randint(0, places) * control["step"]
    return value if isinstance(control["step"], int) else round(min(value, control["high"]), 9)


def picture_of(explorer):
    """Return what Python computes: the numbers, and the arrays as float64."""
    numbers = json.loads(json.dumps(explorer.picture))
    del numbers["layout"]
    arrays = explorer.look().arrays
    return numbers, {name: np.asarray(array, float).ravel().tolist() for name, array in arrays.items()}


def is_steady(kind, knobs, wanted):
    """Tell whether rounding decides nothing: in a chaotic descent two right programs soon part."""
    try:
        agree(picture_of(kind(**nudged(kind, knobs))), wanted, "", within=WITHIN / 100)
    except AssertionError:
        return False
    return True


def nudged(kind, knobs):
    """Return the settings with every number moved by its last bit, inward."""
    ranges = {control["name"]: control for control in kind().controls if "high" in control}
    return {
        name: nextafter(value, (ranges[name]["low"] + ranges[name]["high"]) / 2)
        if isinstance(value, float)
        else value
        for name, value in knobs.items()
    }


def agree(given, wanted, where, within=WITHIN):
    """Check that two pictures are the same, names and words exactly, numbers nearly."""
    if isinstance(wanted, dict):
        assert given.keys() == wanted.keys(), where
        for name, value in wanted.items():
            agree(given[name], value, f"{where}.{name}", within)
    elif isinstance(wanted, (list, tuple)):
        assert len(given) == len(wanted), where
        for place, (one, other) in enumerate(zip(given, wanted, strict=True)):
            agree(one, other, f"{where}[{place}]", within)
    elif isinstance(wanted, (int, float)) and not isinstance(wanted, bool):
        assert isclose(float(given), wanted, rel_tol=within, abs_tol=within), f"{where}: {given} {wanted}"
    elif isinstance(wanted, str):
        agree_in_words(given, wanted, where)
    else:
        assert given == wanted, where


def agree_in_words(given, wanted, where):
    """Words are equal; a printed number may end in another digit, and near nothing be another."""
    assert PRINTED.sub("#", given) == PRINTED.sub("#", wanted), where
    for one, other in zip(PRINTED.findall(given), PRINTED.findall(wanted), strict=True):
        gap = abs(float(one.replace(",", "")) - float(other.replace(",", "")))
        assert gap <= max(1.01 * last_digit(other), WITHIN), f"{where}: {one} for {other} in {wanted}"


def last_digit(printed):
    digits, _, power = printed.replace(",", "").partition("e")
    return 10.0 ** (int(power or 0) - len(digits.partition(".")[2]))


@pytest.mark.parametrize("kind", ALONE, ids=lambda kind: kind.__name__)
def test_the_page_computes_what_python_computes(kind, page):
    load(page, kind)
    rng = random.Random(0)
    settings = [kind().settings(), *(drawn(kind, rng) for _ in range(DRAWS))]
    steady = 0
    for knobs in settings:
        wanted = picture_of(kind(**knobs))
        if not is_steady(kind, knobs, wanted):
            continue
        steady += 1
        answer = page.evaluate(COMPUTE, [knobs, kind().fixed])
        arrays = {name: [numeral(text) for text in array] for name, array in answer["arrays"].items()}
        agree((answer["picture"], arrays), wanted, str(knobs))
    assert steady > DRAWS / 2


def numeral(text):
    return float(text.replace("Infinity", "inf"))


@pytest.mark.parametrize(("kind", "name"), PRESSES, ids=lambda part: getattr(part, "__name__", part))
def test_buttons_do_there_what_they_do_in_python(kind, name, page):
    load(page, kind)
    rng = random.Random(1)
    for knobs in (drawn(kind, rng) for _ in range(PUSHES)):
        explorer = kind(**knobs)
        getattr(explorer, name)()
        moved = page.evaluate(
            "([name, knobs, fixed]) => explorer.press(name, knobs, fixed)", [name, knobs, explorer.fixed]
        )
        agree_in_words(moved.pop("notice", ""), explorer.notice, name)
        agree(knobs | moved, explorer.settings(), str(knobs))


def test_some_explorers_compute_by_themselves():
    assert {"NeuronBench", "SquiggleWorkshop"} <= {kind.__name__ for kind in ALONE}
