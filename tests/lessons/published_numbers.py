"""How the published numbers come about: each function takes the names of a solved lesson first."""

import json
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from typing import Any

import numpy as np

from backproplab import linear, sigmoid, softplus
from backproplab.data import digits
from graders.lessons import find_lesson

Names = dict[str, Any]


def neuron(n: Names, w: float, b: float) -> list[float]:
    """The answer at the start and after 300 rounds at rate 0.15, with the functions of lesson 1."""
    weights, one, answers = np.array([w]), np.array([1.0]), []
    for _ in range(301):
        answers.append(n["neuron_forward"](weights, b, one, sigmoid)[1])
        weights, b = n["neuron_step"](weights, b, one, 0.0, 0.15, sigmoid)
    return [answers[0], answers[-1]]


def neuron_as_softmax(n: Names, z: float) -> list[float]:
    """The same two answers with the functions of lesson 7: logits 0 and z, squared error."""
    first = sigmoid.f(z)
    for _ in range(300):
        P = np.exp(n["log_softmax"](np.array([[0.0, z]])))
        z -= 2 * 0.15 * n["softmax_vjp"](P, np.array([[0.0, P[0, 1]]]))[0, 1]
    return [first, sigmoid.f(z)]


def fit_of_seven(n: Names) -> list[float]:
    return list(n["bonkers_descend"](n["start"], n["dose"], n["observed"], 0.01, 10_346)[0].values())


def walk(n: Names, begin: Names, steps: int) -> list[Names]:
    """Every stop of a descent at rate 0.1 in which only what ``begin`` names moves."""
    stops = [{**n["published"], **begin}]
    for _ in range(steps):
        slopes = n["bonkers_grad_last"](stops[-1], n["dose"], n["observed"])
        stops.append({**stops[-1], **{name: stops[-1][name] - 0.1 * slopes[name] for name in begin}})
    return stops


def last_bias(n: Names) -> list[float]:
    """The first two slopes at the last bias, and where it stands after 20 steps."""
    stops = walk(n, {"b3": 0.0}, 20)
    slopes = [n["bonkers_grad_last"](stop, n["dose"], n["observed"])["b3"] for stop in stops[:2]]
    return [*slopes, stops[-1]["b3"]]


def last_layer(n: Names) -> list[float]:
    begin = {"w3": 0.36, "w4": 0.63, "b3": 0.0}
    return [walk(n, begin, 2000)[-1][name] for name in begin]


def mazur_slopes(n: Names) -> list[float]:
    grads = n["mazur_gradients"](n["start"], n["x"], n["t"])
    return [grads["W2"][0, 0], grads["W1"][0, 0]]


def mazur_after(n: Names, rounds: int, wrong_order: bool = False) -> Names:
    """The worked example after so many updates; in the wrong order W1 follows from the new W2."""
    params, x = n["start"], n["x"]
    for _ in range(rounds):
        grads, z1 = n["mazur_gradients"](params, x, n["t"]), n["forward"](params, x)[0]
        W2 = params["W2"] - 0.5 * grads["W2"]
        delta1 = n["hidden_delta_loop"](grads["b2"], W2 if wrong_order else params["W2"], z1, sigmoid)
        params = {**params, "W1": params["W1"] - 0.5 * np.outer(x, delta1), "W2": W2}
    return params


def mazur_loss(n: Names, rounds: int, wrong_order: bool = False) -> list[float]:
    """Its loss after so many updates."""
    return [n["loss"](mazur_after(n, rounds, wrong_order), n["x"], n["t"])]


def mazur_outputs(n: Names, wrong_order: bool = False) -> list[float]:
    return list(n["forward"](mazur_after(n, 10_000, wrong_order), n["x"])[3])


def passes(n: Names, weights: int) -> list[int]:
    """The passes that a gradient by differences has counted."""
    return [n["gradient_by_differences"](lambda theta: 0.0, np.zeros(weights), 1.0)[1]]


def counted_ratios(n: Names) -> list[float]:
    """Multiplications of both passes over those of the forward one, for the networks of the race."""
    n = {**n}
    run(n, "million_and_one", "count-multiplications")
    ratios = []
    for sizes in n["NETWORKS"]:
        weights = [n_in * n_out for n_in, n_out in pairwise(sizes)]
        ratios.append(3 - weights[0] / sum(weights))
    return ratios


def fit_by_matrices(n: Names) -> list[float]:
    """The seven parameters of the 1-2-1 network in the video's order, by the walk of lesson 6."""
    acts, T = [softplus, linear], n["effect"][:, None]

    def gradients(params: Any) -> Any:
        return n["mlp_backward"](params, *n["mlp_forward"](params, n["dose"], acts), T, acts)

    (W1, b1), (W2, b2) = n["descend"](n["start"], gradients)
    return [W1[0, 0], b1[0], W1[0, 1], b1[1], W2[0, 0], W2[1, 0], b2[0]]


def mazur_by_matrices(n: Names) -> list[float]:
    """The two outputs, and the gradients of w5 and w1, from a batch of one."""
    params = [
        (np.array([[0.15, 0.25], [0.20, 0.30]]), np.array([0.35, 0.35])),
        (np.array([[0.40, 0.50], [0.45, 0.55]]), np.array([0.60, 0.60])),
    ]
    Zs, As = n["mlp_forward"](params, np.array([[0.05, 0.10]]), [sigmoid] * 2)
    (dW1, _), (dW2, _) = n["mlp_backward"](params, Zs, As, np.array([[0.01, 0.99]]), [sigmoid] * 2)
    return [*As[-1][0], dW2[0, 0], dW1[0, 0]]


def knowing_nothing(n: Names, classes: int) -> list[float]:
    return [n["cross_entropy"](np.zeros((1, classes)), np.array([0]))]


def expected_loss(n: Names) -> list[float]:
    X, y, _, _ = digits()
    fresh = n["init_params"]([64, 64, 10], np.random.default_rng(0), "he")
    return [n["sanity_checks"](fresh, X, y)["expected_loss"]]


def mean_deltas(n: Names, depth: int) -> Any:
    """The lengths of the mean deltas of forty networks, a row each."""
    nets = [n["nielsens_network"](depth, seed) for seed in range(40)]
    return np.array([n["delta_norms"](*net, n["X"][:1000], n["y"][:1000], sigmoid) for net in nets])


def middle_deltas(n: Names, depth: int) -> list[float]:
    return list(np.median(mean_deltas(n, depth), axis=0))


def band_of_deltas(n: Names, depth: int) -> list[float]:
    """The 5th and the 95th percentile of each layer, layer by layer."""
    return list(np.percentile(mean_deltas(n, depth), [5, 95], axis=0).T.ravel())


def tower_of_tanh(n: Names, name: str) -> list[float]:
    """The variances of delta or dW in layers 1 to 4, relative to the fifth."""
    n = {**n, "my_dW": ""}
    run(n, "vanishing_gradients", "tower-of-tanh", "variances-of-the-tower")
    variances = n["variances"][name]
    return [variance / variances[-1] for variance in variances[:-1]]


def lost_in_each_layer(n: Names) -> list[float]:
    variances = [*tower_of_tanh(n, "delta"), 1.0]
    return [1 - here / ahead for here, ahead in pairwise(variances)]


def glorot_to_he(n: Names, layers: int) -> list[float]:
    """How much shorter a delta comes back through ReLU layers without the 2 of He."""
    lengths = []
    for kind in ("glorot", "he"):
        rng = np.random.default_rng(0)
        X, delta = rng.normal(size=(16, 256)), rng.normal(size=(16, 256))
        Ws = n["draw"]([256] * (layers + 1), n["recipe"](kind), rng)
        lengths.append(n["length_going_back"](Ws, X, delta))
    return [lengths[0] / lengths[1]]


def singular_values(n: Names, which: str) -> list[float]:
    """The largest and the middle singular value of fifty layers, ``random`` or ``turned``.

    The smallest of the random ones is rounding, and another number on another machine.
    """
    n = {**n}
    run(n, "vanishing_gradients", "fifty-linear-layers")
    values = np.linalg.svd(n[which], compute_uv=False)
    return [values.max(), float(np.median(values))]


def run(n: Names, slug: str, *cells: str) -> None:
    """Run cells of a lesson that are no part of any answer, without their output."""
    notebook = json.loads(find_lesson(slug).path.read_text(encoding="utf-8"))
    sources = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    with redirect_stdout(StringIO()):
        for cell in cells:
            exec(sources[cell], n)
