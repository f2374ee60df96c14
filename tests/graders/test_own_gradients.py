"""A student's own gradient check: the form of a mistake is told from the numbers, and never guessed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backproplab.activations import tanh
from backproplab.errors import BackproplabError
from backproplab.losses import LOSSES, half_squared_error
from backproplab.network import MLP
from graders import gradient_report
from graders.bank.whole_networks import derivation_of, places
from graders.gradient_forms import Slot
from graders.own_gradients import OwnReport
from graders.own_network import Description, name_by_bank
from graders.sandbox import child

N, LAM = 11, 0.1
# An input, hidden layers of equal width (a transposition shows by value there), an output; all sizes differ.
SIZES = (4, 5, 5, 3)
NAMES = ["W1", "b1", "W2", "b2", "W3", "b3"]


class Own:
    """A network with its batch, its loss and its right gradients."""

    def __init__(self, loss: str = "half_squared_error", reduction: str = "mean", lam: float = 0.0) -> None:
        rng = np.random.default_rng(3)
        self.loss_function = LOSSES[loss] if reduction == "mean" else LOSSES[loss].summed()
        self.net = MLP(SIZES, "tanh", loss=self.loss_function, rng=rng)
        self.lam = lam
        for parameter in self.net.parameters:
            parameter += rng.normal(size=parameter.shape) / 3
        self.X = rng.normal(size=(N, SIZES[0]))
        self.T = self._targets(loss, rng)
        slopes = self.net.gradients(self.X, self.T)
        self.gradients = [
            g + lam * p * (p.ndim == 2) for g, p in zip(slopes, self.net.parameters, strict=True)
        ]

    def _targets(self, loss: str, rng: np.random.Generator) -> Any:
        if loss.startswith("softmax"):
            return rng.integers(0, SIZES[-1], N)
        targets = rng.normal(size=(N, SIZES[-1]))
        return (targets > 0).astype(float) if loss == "binary_cross_entropy" else targets

    def loss(self, parameters: Any) -> Any:
        penalty = sum((W**2).sum() for W in parameters[::2])
        return self.net.loss_of(parameters)(self.X, self.T) + self.lam / 2 * penalty

    def report(self, gradients: Any, **known: Any) -> OwnReport:
        return gradient_report(self.loss, self.net.parameters, gradients, **known)

    def described(self, gradients: Any) -> OwnReport:
        return self.report(gradients, net=self.net, X=self.X, T=self.T, lam=self.lam)


def names(report: OwnReport) -> list[tuple[str, int | None]]:
    return [(m.id, m.layer) for m in report.misconceptions]


def changed(gradients: list[Any], **others: Any) -> list[Any]:
    return [others[name](g) if name in others else g for name, g in zip(NAMES, gradients, strict=True)]


# Right gradients, in every form

FORMS: dict[str, tuple[Callable[[Any], Any], Any, Any]] = {
    "list": (lambda p: (p[0] ** 2).sum() + 3 * p[1], [np.ones(2), 2.0], [2 * np.ones(2), 3.0]),
    "tuple": (lambda p: (p[0] ** 2).sum(), (np.ones(2),), (2 * np.ones(2),)),
    "dict": (lambda p: p["w"] * p["b"], {"w": 2.0, "b": 5.0}, {"b": 2.0, "w": 5.0}),
    "pairs": (
        lambda p: (p[0][0] @ p[1][0]).sum() + p[0][1].sum() * p[1][1].sum(),
        [(np.ones((2, 3)), np.ones(3)), (np.ones((3, 1)), np.ones(1))],
        [(np.ones((2, 3)), np.ones(3)), (2 * np.ones((3, 1)), 3 * np.ones(1))],
    ),
    "array": (lambda w: (w**2).sum(), np.ones((2, 2)), 2 * np.ones((2, 2))),
    "number": (lambda w: w**2, 3.0, 6.0),
    "integers": (lambda w: (w**2).sum(), np.array([1, 2]), np.array([2, 4])),
    "fortran": (
        lambda w: (w**2).sum(),
        np.asfortranarray(np.ones((3, 2))),
        np.asfortranarray(2 * np.ones((3, 2))),
    ),
}


@pytest.mark.parametrize(("loss", "parameters", "gradients"), FORMS.values(), ids=FORMS.keys())
def test_right_gradients_pass_in_every_form(loss: Any, parameters: Any, gradients: Any) -> None:
    report = gradient_report(loss, parameters, gradients)
    assert report.ok, report
    assert report.misconceptions == ()
    assert "agree with the loss" in report.message


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("lam", [0.0, LAM])
def test_right_gradients_of_a_described_network_pass(loss: str, reduction: str, lam: float) -> None:
    own = Own(loss, reduction, lam)
    assert own.described(own.gradients).ok


# Forms that the numbers alone tell

EVERYWHERE = [
    ("sign", lambda g: -g),
    ("factor_two", lambda g: 2 * g),
    ("factor_two", lambda g: g / 2),
    ("missing_1_over_n", lambda g: N * g),
    ("extra_1_over_n", lambda g: g / N),
    ("n_minus_1", lambda g: g * N / (N - 1)),
    ("divides_by_k", lambda g: g / SIZES[-1]),
    ("divides_by_d", lambda g: g * N / SIZES[0]),
]


@pytest.mark.parametrize(("name", "spoil"), EVERYWHERE)
def test_one_factor_on_everything_is_named(name: str, spoil: Callable[[Any], Any]) -> None:
    own = Own()
    assert names(own.report(list(map(spoil, own.gradients)), n=N)) == [(name, None)]


IN_PLACES = [
    ({"W2": np.transpose}, [("dW_transposed", 2)]),
    ({"b1": lambda g: 0 * g}, [("db_zero", 1)]),
    ({"b1": lambda g: 0 * g, "b2": lambda g: 0 * g, "b3": lambda g: 0 * g}, [("db_zero", None)]),
    ({"b3": lambda g: -g}, [("db_sign", 3)]),
    ({"W1": lambda g: -g, "W2": lambda g: -g, "W3": lambda g: -g}, [("dW_sign", None)]),
    ({"b2": lambda g: 0 * g + g.sum()}, [("db_total", 2)]),
    ({"b2": lambda g: g / N}, [("db_mean", 2)]),
    ({"W3": lambda g: g / N}, [("extra_1_over_n", 3)]),
    ({"b1": lambda g: 0 * g, "W3": lambda g: -g}, [("db_zero", 1), ("dW_sign", 3)]),
]


@pytest.mark.parametrize(("spoilt", "wanted"), IN_PLACES)
def test_a_form_in_some_tensors_is_named_with_its_layer(spoilt: Any, wanted: Any) -> None:
    own = Own()
    report = own.report(changed(own.gradients, **spoilt), n=N)
    assert sorted(names(report)) == sorted(wanted)
    assert report.layer == max(int(name[1]) for name in spoilt)


@pytest.mark.parametrize(
    ("times", "name"),
    [(-1.0, "reg_missing"), (1.0, "reg_doubled"), (-0.5, "reg_halved"), (-2.0, "reg_sign")],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_wrong_penalty_is_found_by_least_squares(times: float, name: str, known: bool) -> None:
    own = Own(lam=LAM)
    off = [
        g + times * LAM * p * (p.ndim == 2) for g, p in zip(own.gradients, own.net.parameters, strict=True)
    ]
    report = own.report(off, lam=LAM if known else 0.0)
    [named] = report.misconceptions
    # Without lam the others have the same numbers, with another lam.
    assert name in [named.id] + ([] if known else [other.id for other in named.alternatives])
    assert known == (not named.alternatives) or times == 1.0
    assert "times the parameter itself" in report.message


def test_a_penalty_on_the_biases_is_named() -> None:
    own = Own(lam=LAM)
    off = [g + LAM * p * (p.ndim == 1) for g, p in zip(own.gradients, own.net.parameters, strict=True)]
    assert names(own.report(off)) == [("reg_on_bias", None)]


def test_a_count_that_nobody_gave_is_told_with_its_condition() -> None:
    own = Own()
    assert "if the batch has 11 examples" in own.report([N * g for g in own.gradients]).message
    # Where the batch is known to be another one, there is no such name.
    assert names(own.report([N * g for g in own.gradients], n=7)) == []


# Honesty

UNKNOWN: list[Callable[[Any, Any], Any]] = [
    lambda g, rng: g * rng.uniform(0.5, 2, g.shape),
    lambda g, rng: g + rng.normal(size=g.shape) / 10,
    lambda g, rng: np.sort(g, axis=None).reshape(g.shape),
    lambda g, rng: 1.37 * g,
    lambda g, rng: -2.2 * g,
    lambda g, rng: g + 0.01,
    lambda g, rng: np.abs(g),
]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("spoil", UNKNOWN)
@pytest.mark.parametrize("described", [False, True])
def test_what_fits_no_form_gets_no_name(spoil: Any, seed: int, described: bool) -> None:
    own, rng = Own(), np.random.default_rng(seed)
    off = [spoil(g, rng) for g in own.gradients]
    assert names(own.described(off) if described else own.report(off, n=N, lam=LAM)) == []


def test_single_numbers_are_multiples_of_each_other_and_get_no_name_for_it() -> None:
    def loss(p: Any) -> Any:
        return p["w"] ** 2 * p["b"] + p["c"]

    report = gradient_report(
        loss, {"w": 2.0, "b": 3.0, "c": 1.0}, {"w": 12.7, "b": 4.9, "c": 1.9}, lam=0.1, n=4
    )
    assert names(report) == []
    assert "w, b and c fit no known form" in report.message


def test_where_two_forms_fit_both_are_told() -> None:
    w = np.array([1.0, 2.0, 3.0])  # here the gradient is the parameter itself
    [named] = gradient_report(lambda w: (w**2).sum() / 2, w, 2 * w).misconceptions
    assert [named.id, *(other.id for other in named.alternatives)] == ["factor_two", "reg_doubled"]


# The first wrong layer


def backward(own: Own, slip: str) -> list[Any]:
    """Go back by hand through the three layers, with at most one slip in layer 2."""
    (W1, b1, W2, b2, W3, b3), X = own.net.parameters, own.X
    A1 = np.tanh(X @ W1 + b1)
    A2 = np.tanh(A1 @ W2 + b2)
    error = (A2 @ W3 + b3 - own.T) / N
    back = error @ W3.T
    middle = back if slip == "missing_slope" else back * (1 - A2**2)
    if slip == "slope_of_a":
        middle = back * (1 - np.tanh(A2) ** 2)
    further = middle @ (W2 if slip == "weights_transposed" else W2.T)
    first = further * (1 - A1**2)
    if slip == "slope_twice":
        first = first * (1 - A1**2)
    deltas = (first, middle, error)
    return [g for A, delta in zip((X, A1, A2), deltas, strict=True) for g in (A.T @ delta, delta.sum(0))]


@pytest.mark.parametrize(
    ("slip", "layer", "right"),
    [
        ("missing_slope", 2, ["W3", "b3"]),
        ("slope_of_a", 2, ["W3", "b3"]),
        ("weights_transposed", 2, ["W2", "b2", "W3", "b3"]),
        ("slope_twice", 1, ["W2", "b2", "W3", "b3"]),
    ],
)
def test_a_described_network_gets_the_name_and_the_layer(slip: str, layer: int, right: list[str]) -> None:
    own = Own()
    assert own.described(backward(own, "")).ok
    report = own.described(backward(own, slip))
    assert names(report) == [(slip, layer)]
    assert [tensor.name for tensor in report.check.tensors if tensor.ok] == right
    assert "The two formulas" in report.message


@pytest.mark.parametrize(
    ("spoilt", "layer", "hint"),
    [
        (["W3", "b3", "W2", "b2", "W1", "b1"], 3, "it starts at the output"),
        (["W1", "b1"], 1, "from delta of layer 2 to delta of layer 1"),
        (["W2", "b2", "W1", "b1"], 2, "from delta of layer 3 to delta of layer 2"),
        (["W2"], 2, "look at what it is multiplied with in the gradient of W2"),
        (["b2"], 2, "look at how it is summed over the examples in the gradient of b2"),
        (["W2", "b2"], 2, "take their gradients from delta"),
    ],
)
def test_the_pattern_of_right_and_wrong_tells_where_to_look(spoilt: list[str], layer: int, hint: str) -> None:
    own, rng = Own(), np.random.default_rng(0)
    report = own.report(
        changed(own.gradients, **{name: lambda g: g * rng.uniform(2, 3, g.shape) for name in spoilt})
    )
    assert report.layer == layer
    assert hint in report.message


# The bank


@pytest.mark.parametrize("stride", [17, pytest.param(1, marks=pytest.mark.proof)])
@pytest.mark.parametrize(("loss", "reduction"), [*((loss, "mean") for loss in LOSSES), ("ssr", "sum")])
def test_every_wrong_turn_of_a_described_network_is_named(loss: str, reduction: str, stride: int) -> None:
    own = Own(loss, reduction, LAM)
    description = Description(own.net.activations, own.X, own.T, own.loss_function, LAM)
    pairs = list(zip(own.net.parameters[::2], own.net.parameters[1::2], strict=True))
    tried = 0
    for turn in derivation_of(own.loss_function, regular=True).wrong_turns(places(3), 3)[::stride]:
        try:
            wrong = [g for pair in turn.derive(pairs, own.X, own.T, own.net.activations, LAM) for g in pair]
        except ValueError:
            continue  # it cannot be taken between layers of different widths
        slots = [
            Slot(name, p, np.asarray(w), g, ok=w.shape == g.shape and bool(np.allclose(w, g, 1e-9, 1e-12)))
            for name, p, w, g in zip(NAMES, own.net.parameters, wrong, own.gradients, strict=True)
        ]
        if all(slot.ok or slot.written.shape != slot.true.shape for slot in slots):
            continue
        tried += 1
        named = name_by_bank(description, slots, 1e-7).misconceptions
        ids = [(one.id, one.layer) for first in named for one in (first, *first.alternatives)]
        assert (turn.misconception, turn.layer) in ids
    assert tried > 120 / stride


def test_one_form_of_everything_is_a_better_name_than_two_slips() -> None:
    own = Own(lam=LAM)
    # The bank alone would say that the error and the penalty each have the wrong sign.
    assert names(own.described([-g for g in own.gradients])) == [("sign", None)]


def test_a_description_of_another_network_names_nothing() -> None:
    own = Own()
    report = own.report(backward(own, "missing_slope"), acts=["relu", "tanh", "linear"], X=own.X, T=own.T)
    assert names(report) == []
    assert "another gradient than your loss" in report.message


def test_pairs_with_activations_and_a_loss_are_a_description_too() -> None:
    own = Own()

    def loss(params: Any) -> Any:
        return own.loss([array for pair in params for array in pair])

    def in_pairs(arrays: list[Any]) -> list[tuple[Any, Any]]:
        return list(zip(arrays[::2], arrays[1::2], strict=True))

    report = gradient_report(
        loss,
        in_pairs(own.net.parameters),
        in_pairs(backward(own, "missing_slope")),
        acts=[tanh, tanh, "linear"],
        X=own.X,
        T=own.T,
        loss_function=half_squared_error,
    )
    assert names(report) == [("missing_slope", 2)]


# How the numerical side is got


@pytest.mark.parametrize("rough", [float, abs, np.linalg.norm])
def test_a_loss_that_does_not_carry_complex_numbers_is_nudged_and_said_so(rough: Any) -> None:
    own = Own()

    def loss(parameters: Any) -> Any:
        return rough(own.loss(parameters))

    right = gradient_report(loss, own.net.parameters, own.gradients)
    assert right.ok
    off = gradient_report(loss, own.net.parameters, [-g for g in own.gradients])
    assert names(off) == [("sign", None)]
    assert "does not carry complex numbers" in right.message


def test_gradients_computed_in_float32_are_named_all_the_same() -> None:
    rng = np.random.default_rng(0)
    net = MLP([10, 8, 8, 8, 8, 3], "tanh", rng=rng, dtype=np.float32)
    X, T = rng.normal(size=(60, 10)), rng.normal(size=(60, 3))
    rounded = net.gradients(X, T)

    def loss(parameters: Any) -> Any:
        return net.loss_of(parameters)(X, T)

    assert gradient_report(loss, net.parameters, rounded).ok
    assert names(gradient_report(loss, net.parameters, [-g for g in rounded])) == [("sign", None)]


# Bad input: each its own plain sentence

W, G = np.ones((3, 2)), 2 * np.ones((3, 2))


def square(p: Any) -> Any:
    return (p[0] ** 2).sum()


def changes_its_argument(p: Any) -> Any:
    p[0] *= 2
    return p[0].sum()


def noisy(rng: Any = np.random.default_rng(0)) -> Any:  # noqa: B008 - one generator for all calls
    return lambda p: square(p) + rng.normal()


BAD: dict[str, tuple[Any, Any, Any, dict[str, Any], str]] = {
    "transposed": (square, [W], [G.T], {}, "shape (2, 3), expected (3, 2)\nIt is the transpose"),
    "column": (square, [W[0]], [G[0][:, None]], {}, "It is a column: a vector has one axis only"),
    "rows": (square, [W[0]], [G], {}, "It has one row per example: db is their sum"),
    "count": (square, [W], [G, G], {}, "2 gradients for 1 parameters (p0), expected one each"),
    "one array": (square, [W, W], G, {}, "the gradients are one array, expected one for each of p0, p1"),
    "None": (square, [W], None, {}, "the gradients are None (is a return missing?)"),
    "one None": (square, [W], [None], {}, "gradient of 'p0' is None (is a return missing?)"),
    "names": (square, [W], [G], {"names": ["a", "b"]}, "2 names for 1 parameters, expected one each"),
    "nothing": (square, [], [], {}, "there are no parameters"),
    "a word": (square, "W", [G], {}, "the parameters are a str, expected a list of arrays"),
    "keys": (lambda p: p["w"], {"w": 1.0}, {"dw": 1.0}, {}, "unknown gradient 'dw', expected the parameters"),
    "missing key": (lambda p: p["w"], {"w": 1.0, "b": 1.0}, {"w": 1.0}, {}, "no gradient of 'b'"),
    "float16": (square, [W], [G.astype(np.float16)], {}, "too coarse to be checked; use float64"),
    "complex": (square, [W], [G + 1j], {}, "holds complex numbers, expected real ones"),
    "words": (square, [W], [np.full((3, 2), "a")], {}, "expected real numbers"),
    "ragged": (square, [W], [[[1, 2], [3]]], {}, "nested list whose rows have different lengths"),
    "empty": (square, [np.empty((0, 2))], [np.empty((0, 2))], {}, "is empty, shape (0, 2)"),
    "nan gradient": (square, [W], [G * np.nan], {}, "p0 or its gradient holds nan or inf"),
    "nan loss": (lambda p: square(p) * np.nan, [W], [G], {}, "your loss is nan at these parameters"),
    "noisy": (noisy(), [W], [G], {}, "your loss gives different answers for the same parameters"),
    "mutating": (changes_its_argument, [W], [G], {}, "your loss changes p0, which it is given"),
    "per example": (
        lambda p: (p[0] ** 2).sum(axis=1),
        [W],
        [G],
        {},
        "array of shape (3,), expected one number",
    ),
    "no return": (lambda p: None, [W], [G], {}, "your loss returned None (is a return missing?)"),
    "text": (lambda p: "0.5", [W], [G], {}, "your loss returned a str, expected one number"),
    "raises": (lambda p: p["W1"], [W], [G], {}, "your loss stops at these parameters: TypeError"),
    "no function": (3.0, [W], [G], {}, "loss is a float, expected a function of the parameters"),
    "no batch": (square, [W, W[0]], [G, G[0]], {"acts": ["tanh"]}, "a described network needs X and T too"),
    "no layers": (
        square,
        [W],
        [G],
        {"acts": ["tanh"], "X": W, "T": W},
        "needs the parameters W1, b1, W2, b2, ...",
    ),
    "activations": (
        square,
        [W, W[0]],
        [2 * W, 0 * W[0]],
        {"acts": ["tanh", "tanh"], "X": W, "T": W},
        "2 activations for 1 layers",
    ),
    "activation": (
        square,
        [W, W[0]],
        [2 * W, 0 * W[0]],
        {"acts": ["tahn"], "X": W, "T": W},
        "did you mean 'tanh'?",
    ),
    "loss name": (
        square,
        [W, W[0]],
        [2 * W, 0 * W[0]],
        {"acts": ["tanh"], "X": W, "T": W, "loss_function": "mse"},
        "unknown loss 'mse'",
    ),
    "wrong X": (
        square,
        [W, W[0]],
        [W, 0 * W[0]],
        {"acts": ["tanh"], "X": W, "T": W},
        "the network as described cannot be run",
    ),
}


@pytest.mark.parametrize(("loss", "parameters", "gradients", "known", "text"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_told_in_its_own_sentence(
    loss: Any, parameters: Any, gradients: Any, known: Any, text: str
) -> None:
    with pytest.raises(BackproplabError) as caught:
        gradient_report(loss, parameters, gradients, **known)
    assert text in str(caught.value)


def test_neither_parameters_nor_gradients_are_changed() -> None:
    own = Own()
    before = [array.copy() for array in (*own.net.parameters, *own.gradients)]
    own.described([-g for g in own.gradients])
    for old, new in zip(before, (*own.net.parameters, *own.gradients), strict=True):
        np.testing.assert_array_equal(old, new)


# In a notebook


def test_the_page_has_the_message_folded_and_a_picture_with_its_sentence() -> None:
    own = Own()
    page = own.described(backward(own, "missing_slope"))._repr_html_()
    assert page.count("<details") == 3
    assert 'data-status="partial"' in page
    assert "<figcaption>4 of 6 gradients are wrong: W1 is off by" in page


def test_right_gradients_need_no_picture() -> None:
    own = Own()
    page = own.report(own.gradients)._repr_html_()
    assert 'data-status="pass"' in page
    assert "<figure" not in page


def test_the_first_level_stays_short_however_deep_the_network() -> None:
    rng = np.random.default_rng(0)
    net = MLP([3] * 12, "tanh", rng=rng)
    X, T = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    off = [-g for g in net.gradients(X, T)]
    message = gradient_report(lambda p: net.loss_of(p)(X, T), net.parameters, off).message
    assert len(message.split("\n\n")[0].splitlines()) <= 8


def test_while_grading_it_is_an_inert_stand_in() -> None:
    report = child.Gate().create_module(type("Spec", (), {"name": "graders"})()).gradient_report
    assert not list(report(None, None, None))
