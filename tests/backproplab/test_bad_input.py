"""What cannot be worked with is refused before any arithmetic, with expected, got and likely cause."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from backproplab.errors import BackproplabError, nearest
from backproplab.network import MLP
from backproplab.optimizers import SGD, Adam, RMSProp, clip_by_global_norm
from backproplab.training import minibatches, train

RNG = np.random.default_rng(0)
X, T, Y = np.ones((4, 3)), np.ones((4, 2)), np.array([0, 1, 2, 0])


def squares(**settings: Any) -> MLP:
    return MLP([3, 5, 2], **{"rng": np.random.default_rng(0), **settings})


def classes() -> MLP:
    return squares(loss="softmax_cross_entropy")


def broken() -> MLP:
    net = squares()
    net.parameters[2][0, 0] = np.nan
    return net


def with_a_hole(array: Any) -> Any:
    array = array.copy()
    array[0, 0] = np.nan
    return array


def patient_without_validation() -> Any:
    optimizer = SGD(lr=0.1)
    return train(squares(), X, T, epochs=1, batch_size=2, optimizer=optimizer, rng=RNG, patience=2)


CASES: tuple[tuple[str, Callable[[], Any]], ...] = (
    (r"X has shape \(3,\), expected \(n, 3\)\nOne example is a row", lambda: squares().forward(np.ones(3))),
    (r"X has shape \(3, 4\).*\nIt looks transposed", lambda: squares().forward(X.T)),
    (r"X has no rows", lambda: squares().forward(np.ones((0, 3)))),
    (r"X holds 1 of 12 entries that are nan or inf", lambda: squares().forward(with_a_hole(X))),
    (r"X holds complex128", lambda: squares().forward(X + 1j)),
    (r"X holds <U1", lambda: squares().forward(np.full((4, 3), "a"))),
    (r"W2 holds 1 of 10 entries.*\nHas training diverged", lambda: broken().gradients(X, T)),
    (r"T has shape \(4,\), expected \(4, 2\)\nThese look like labels", lambda: squares().loss(X, Y)),
    (r"T has shape \(3, 2\), expected \(4, 2\)\nThere are 4 examples", lambda: squares().gradients(X, T[:3])),
    (r"A column is due", lambda: MLP([3, 1], rng=RNG).loss(X, np.ones(4))),
    (r"T holds 8 of 8 entries", lambda: squares().loss(X, T * np.inf)),
    (r"labels run from 0 to 2, expected 0 to 1\nEither the labels start at 1", lambda: classes().loss(X, Y)),
    (r"labels run from -1", lambda: classes().loss(X, Y - 1)),
    (r"labels are float64, expected integers", lambda: classes().loss(X, Y / 1.0)),
    (r"expected \(4,\) integer labels", lambda: classes().loss(X, np.ones((4, 3)))),
    (r"sizes is \[3\], expected at least inputs and outputs", lambda: MLP([3], rng=RNG)),
    (r"sizes is \[3, 0\], expected whole numbers above 0", lambda: MLP([3, 0], rng=RNG)),
    (r"sizes is \[3, 2.5\]", lambda: MLP([3, 2.5], rng=RNG)),
    (r"rng is a int, expected numpy", lambda: squares(rng=7)),
    (r"dtype is float16, expected float64 or float32", lambda: squares(dtype=np.float16)),
    (r"unknown activation 'sigmod': did you mean 'sigmoid'", lambda: squares(activation="sigmod")),
    (r"unknown activation 'Relu': did you mean", lambda: squares(output_activation="Relu")),
    (r"unknown loss 'half_square_error': did you mean", lambda: squares(loss="half_square_error")),
    (r"unknown initializer 'xavier'", lambda: squares(init="xavier")),
    (r"acts on logits", lambda: squares(loss="binary_cross_entropy", output_activation="sigmoid")),
    (
        r"one output, expected one output per class",
        lambda: MLP([3, 1], loss="softmax_cross_entropy", rng=RNG),
    ),
    (r"lr is -1, expected", lambda: SGD(lr=-1)),
    (r"lr is nan, expected", lambda: Adam(lr=float("nan"))),
    (r"momentum is 1.0, expected a number in \[0, 1\)", lambda: SGD(lr=0.1, momentum=1.0)),
    (r"rho is 2, expected", lambda: RMSProp(rho=2)),
    (r"nesterov needs a momentum", lambda: SGD(lr=0.1, nesterov=True)),
    (r"gradient 0 has shape \(2, 3\).*\nIt is the transpose", lambda: SGD(lr=1).step([X[:3, :2]], [X[:2]])),
    (r"1 gradients for 2 parameters", lambda: Adam().step([X, X], [X])),
    (r"max_norm is 0", lambda: clip_by_global_norm([X], 0)),
    (r"batch_size is 0", lambda: list(minibatches(4, 0, RNG))),
    (r"patience needs validation", patient_without_validation),
)


@pytest.mark.parametrize(("message", "act"), CASES, ids=[message[:40] for message, _ in CASES])
def test_bad_input_is_refused_with_its_cause(message: str, act: Callable[[], Any]) -> None:
    with pytest.raises(BackproplabError, match=f"(?s){message}"):
        act()


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
def test_diverged_training_says_so() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(BackproplabError, match="smaller learning rate"):
        train(
            squares(activation="linear"), 10 * X, T, epochs=500, batch_size=2, optimizer=SGD(lr=10.0), rng=rng
        )


NAMES = {
    "lesson": ["one_neuron", "going_bonkers", "hidden_delta", "softmax_cross_entropy", "full_training"],
    "option": ["--allow-unsandboxed", "--assignment", "--course", "--exercise", "--jobs", "--json", "--seed"],
    "system": ["canvas", "csv", "gradescope", "moodle"],
    "loss": ["binary_cross_entropy", "half_squared_error", "mean_squared_error", "ssr"],
}


def slips(name: str) -> set[str]:
    """Return the name with a letter left out, or two neighbours swapped."""
    first = len(name) - len(name.lstrip("-"))
    dropped = {name[:i] + name[i + 1 :] for i in range(first, len(name))}
    swapped = {
        name[:i] + name[i + 1] + name[i] + name[i + 2 :]
        for i in range(first, len(name) - 1)
        if name[i] != name[i + 1]
    }
    return dropped | swapped


@pytest.mark.parametrize("kind", NAMES)
def test_the_name_that_a_slip_of_the_fingers_hit_is_offered(kind: str) -> None:
    for name in NAMES[kind]:
        for slip in slips(name) | {name.upper()}:
            assert f"did you mean {name!r}?" in nearest(kind, slip, NAMES[kind]), slip


@pytest.mark.parametrize(
    ("kind", "name"),
    [("system", "excel"), ("system", "blackboard"), ("option", "--anonymous"), ("option", "--csv")],
)
def test_a_name_that_is_like_none_brings_no_guess(kind: str, name: str) -> None:
    assert nearest(kind, name, NAMES[kind]) == f"unknown {kind} {name!r} (known: {', '.join(NAMES[kind])})"
