"""Every number that lesson ``softmax_cross_entropy`` quotes is computed here again."""

from typing import Any

import numpy as np
import pytest

from backproplab import sigmoid
from backproplab.data import digits
from backproplab.explorers import LogitsTugOfWar

LESSON = "softmax_cross_entropy"
A, B = 1.5, 4.0
LOGITS = np.array([[2.0, 1.0, 0.0]])


def rounded(values: Any, digits: int = 4) -> list[float]:
    return [round(float(v), digits) for v in np.ravel(values)]


def entropy(z: float, t: float) -> float:
    a = sigmoid.f(z)
    return float(-(t * np.log(a) + (1 - t) * np.log(1 - a)))


def slope_of(loss: Any, z: float, t: float) -> float:
    return float((loss(z + 1e-5, t) - loss(z - 1e-5, t)) / 2e-5)


def learn(z: float, delta: Any, lr: float = 0.15, steps: int = 300) -> list[float]:
    """Nielsen's neuron: weight and bias both move by lr * delta, and the input is 1."""
    answers = [float(sigmoid.f(z))]
    for _ in range(steps):
        z -= 2 * lr * delta(z)
        answers.append(float(sigmoid.f(z)))
    return answers


@pytest.fixture
def neuron(namespace: dict[str, Any]) -> dict[str, Any]:
    """Delta of the neuron with both losses, by the functions of the lesson: logits 0 and z, target 0."""

    def squared(z: float) -> float:
        P = np.exp(namespace["log_softmax"](np.array([[0.0, z]])))
        return float(namespace["softmax_vjp"](P, np.array([[0.0, P[0, 1]]]))[0, 1])

    def fused(z: float) -> float:
        return float(namespace["softmax_cross_entropy_grad"](np.array([[0.0, z]]), np.array([0]))[0, 1])

    return {"squared": squared, "entropy": fused}


def gradients(namespace: dict[str, Any]) -> dict[str, Any]:
    def squared(Z: Any, y: Any) -> Any:
        P = np.exp(namespace["log_softmax"](Z))
        return namespace["softmax_vjp"](P, (P - np.eye(10)[y]) / len(y))

    return {"entropy": namespace["softmax_cross_entropy_grad"], "squared": squared}


def share_right(grad: Any, first_bias: float, steps: int) -> float:
    X, y, X_test, y_test = digits()
    W, b = np.zeros((64, 10)), np.zeros(10)
    b[0] = first_bias
    for _ in range(steps):
        delta = grad(X @ W + b, y)
        W, b = W - X.T @ delta, b - delta.sum(axis=0)
    return float(((X_test @ W + b).argmax(axis=1) == y_test).mean())


@pytest.mark.parametrize(("z", "first", "last"), [(A, 0.82, 0.09), (B, 0.98, 0.20)])
def test_nielsens_two_starts_reach_the_published_answers_through_the_softmax(
    neuron: dict[str, Any], z: float, first: float, last: float
) -> None:
    """Neural Networks and Deep Learning, chapter 3: the quadratic cost on one neuron."""
    answers = learn(z, neuron["squared"])
    assert (round(answers[0], 2), round(answers[-1], 2)) == (first, last)


def test_the_initial_loss_on_ten_classes_is_ln_10(namespace: dict[str, Any]) -> None:
    _, y, _, _ = digits()
    assert round(namespace["cross_entropy"](np.zeros((len(y), 10)), y), 4) == round(np.log(10), 4) == 2.3026
    assert round(np.log(100), 3) == 4.605


def test_the_initial_loss_with_small_weights_is_near_it_and_when_certain_four_times_as_high(
    namespace: dict[str, Any],
) -> None:
    X, y, _, _ = digits()
    W = np.random.default_rng(0).normal(0, 0.01, (64, 10))
    assert namespace["cross_entropy"](X @ W, y) == pytest.approx(np.log(10), abs=0.005)
    certain = 10.0 * np.eye(10)[np.zeros(len(y), int)]
    assert round(namespace["cross_entropy"](certain, y) / np.log(10)) == 4
    assert round(namespace["cross_entropy"](certain, y)) == 9


def test_what_the_cross_entropy_charges_at_both_starts() -> None:
    given = 1 - sigmoid.f(np.array([B, A]))
    assert rounded(given) == [0.0180, 0.1824]
    assert rounded(-np.log(given), 2) == [4.02, 1.70]
    assert [round(entropy(z, 0.0), 2) for z in (B, A)] == [4.02, 1.70]


def test_the_two_slopes_at_b_cancel() -> None:
    a = float(sigmoid.f(B))
    assert rounded([a, a * (1 - a), a * a * (1 - a)]) == [0.9820, 0.0177, 0.0173]
    assert (round(1 - a, 5), round(1 / (1 - a), 1), round(1 / 0.01799, 1)) == (0.01799, 55.6, 55.6)
    assert rounded([slope_of(entropy, z, 0.0) for z in (A, B)]) == [0.8176, 0.9820]
    assert round(slope_of(entropy, B, 0.0) / (a * a * (1 - a)), 1) == 56.6


def test_the_softmax_by_hand(namespace: dict[str, Any]) -> None:
    E = np.exp(LOGITS)
    assert rounded([*E[0], E.sum()], 3) == [7.389, 2.718, 1.0, 11.107]
    shifted = np.exp(LOGITS - 2)
    assert rounded([*shifted[0], shifted.sum(), np.log(shifted.sum())]) == [
        1.0,
        0.3679,
        0.1353,
        1.5032,
        0.4076,
    ]
    log_P = namespace["log_softmax"](LOGITS)
    assert rounded(np.exp(log_P), 3) == [0.665, 0.245, 0.090]
    assert rounded(log_P) == [-0.4076, -1.4076, -2.4076]
    losses = [namespace["cross_entropy"](LOGITS, np.array([k])) for k in (0, 2)]
    assert rounded(losses) == [0.4076, 2.4076]


def test_two_classes_are_one_sigmoid_and_a_common_shift_changes_nothing(namespace: dict[str, Any]) -> None:
    P = np.exp(namespace["log_softmax"](np.array([[0.0, B]])))
    assert P[0, 1] == pytest.approx(sigmoid.f(B))
    np.testing.assert_allclose(namespace["log_softmax"](LOGITS + 5), namespace["log_softmax"](LOGITS))


def test_how_large_and_how_small_an_exponential_may_be() -> None:
    assert int(1000 / np.log(10)) + 1 == 435
    assert int(np.log10(np.finfo(float).max)) + 1 == 309
    assert np.exp(-5000.0) == 0.0


def test_the_table_of_the_softmaxs_slopes(namespace: dict[str, Any]) -> None:
    P = np.exp(namespace["log_softmax"](LOGITS))
    table = [rounded(namespace["softmax_vjp"](P, G[None, :])) for G in np.eye(3)]
    assert table == [
        [0.2227, -0.1628, -0.0599],
        [-0.1628, 0.1848, -0.0220],
        [-0.0599, -0.0220, 0.0819],
    ]


def test_equal_gradients_do_not_get_through_a_softmax_nor_through_the_formula_without_p(
    namespace: dict[str, Any],
) -> None:
    P, G = np.exp(namespace["log_softmax"](LOGITS)), np.ones((1, 3))
    assert abs(namespace["softmax_vjp"](P, G)).max() < 1e-15
    assert abs(G - (G * P).sum(axis=1, keepdims=True)).max() < 1e-15


def test_the_stages_by_hand(namespace: dict[str, Any]) -> None:
    P = np.exp(namespace["log_softmax"](LOGITS))
    G = np.array([[0.0, 0.0, -1 / P[0, 2]]])
    assert (round(G[0, 2], 3), round(G[0, 2], 1)) == (-11.107, -11.1)
    assert (G * P).sum() == pytest.approx(-1)
    staged, fused = (
        namespace["softmax_vjp"](P, G),
        namespace["softmax_cross_entropy_grad"](LOGITS, np.array([2])),
    )
    assert rounded(staged, 3) == rounded(fused, 3) == [0.665, 0.245, -0.910]


def test_only_the_fused_gradient_survives_a_probability_of_0(namespace: dict[str, Any]) -> None:
    Z, y = np.array([[1000.0, 0.0]]), np.array([1])
    P = np.exp(namespace["log_softmax"](Z))
    with np.errstate(all="ignore"):
        staged = namespace["softmax_vjp"](P, -np.eye(2)[y] / P)
    assert np.isnan(staged).all()
    assert namespace["softmax_cross_entropy_grad"](Z, y).tolist() == [[1.0, -1.0]]


@pytest.mark.parametrize(("z", "ratio"), [(0.0, 0.25), (A, 0.1491), (B, 0.0177), (8.0, 0.0003)])
def test_the_stall_ratio_is_the_slope_whatever_the_target(
    namespace: dict[str, Any], z: float, ratio: float
) -> None:
    assert {round(namespace["stall_ratio"](z, t), 4) for t in (0.0, 0.3, 1.0)} == {ratio}


def test_the_planted_bug_is_wrong_by_the_stall_ratio(namespace: dict[str, Any]) -> None:
    for z in (A, B):
        theirs = sigmoid.f(z) * sigmoid.deriv(z)
        assert theirs / slope_of(entropy, z, 0.0) == pytest.approx(namespace["stall_ratio"](z, 0.0), rel=1e-6)


def test_within_the_cross_entropy_the_start_that_is_further_off_is_faster(neuron: dict[str, Any]) -> None:
    steps = {
        (name, z): sum(a > 0.5 for a in learn(z, delta)) for name, delta in neuron.items() for z in (A, B)
    }
    assert list(steps.values()) == [36, 232, 8, 17]
    assert round(B / A, 1) == 2.7
    assert round(steps["squared", B] / steps["squared", A], 1) == 6.4
    assert round(steps["entropy", B] / steps["entropy", A], 1) == 2.1
    assert neuron["entropy"](B) > neuron["entropy"](A)
    assert neuron["squared"](B) < neuron["squared"](A)


def test_four_trainings_on_digits(namespace: dict[str, Any]) -> None:
    grads = gradients(namespace)
    after = {(name, bias): share_right(grads[name], bias, 100) for name in grads for bias in (0.0, 10.0)}
    assert rounded(list(after.values()), 3) == [0.947, 0.944, 0.914, 0.108]
    y_test = digits()[3]
    assert round(float((y_test == 0).mean()), 3) == 0.108


@pytest.mark.parametrize("steps", [2, 15, 30])
def test_squared_error_waits_for_thirty_rounds_before_it_learns_on(
    namespace: dict[str, Any], steps: int
) -> None:
    assert share_right(gradients(namespace)["squared"], 0.0, steps) == pytest.approx(0.69, abs=0.01)


def test_a_nudged_logit_moves_every_probability_by_the_derived_formula(namespace: dict[str, Any]) -> None:
    P = np.exp(namespace["log_softmax"](LOGITS))[0]
    table = [namespace["softmax_vjp"](P[None], G[None])[0] for G in np.eye(3)]
    np.testing.assert_allclose(np.array(table).T, P * (np.eye(3) - P[:, None]))


def test_squared_error_is_late_but_not_lost(namespace: dict[str, Any]) -> None:
    assert round(share_right(gradients(namespace)["squared"], 10.0, 400), 2) == 0.93


def test_what_squared_error_keeps_of_the_gradient_at_both_starts(namespace: dict[str, Any]) -> None:
    y, grads = digits()[1], gradients(namespace)
    kept = []
    for bias in (0.0, 10.0):
        Z = np.zeros((len(y), 10))
        Z[:, 0] = bias
        squared, fused = (np.linalg.norm(grads[name](Z, y)) for name in ("squared", "entropy"))
        kept.append(squared / fused)
    assert kept[0] == pytest.approx(0.1)
    assert round(kept[1], 4) == 0.0003


@pytest.mark.parametrize(("logits", "label", "pull"), [((0, 0, 20), 0, 1.0), ((0, 0, 3), 2, 0.091)])
def test_the_pulls_that_are_asked_for(
    namespace: dict[str, Any], logits: tuple[float, ...], label: int, pull: float
) -> None:
    grad = namespace["softmax_cross_entropy_grad"](np.array([logits], float), np.array([label]))
    assert round(float(-grad[0, label]), 3) == pull
    assert abs(grad.sum()) < 1e-15


@pytest.mark.parametrize(
    ("scale", "entropy", "squared"), [("1", 0.910, 0.163), ("10", 1.000, 0.000045), ("100", 1.000, 0.0)]
)
def test_the_two_losses_on_the_rope(scale: str, entropy: float, squared: float) -> None:
    forces = LogitsTugOfWar(z0=2.0, z1=1.0, z2=0.0, right="2", scale=scale).forces
    strongest = {name: float(abs(pull).max()) for name, pull in forces.pulls.items()}
    assert round(strongest["cross-entropy"], 3) == entropy
    assert strongest["squared error"] == pytest.approx(squared, abs=5e-7 if squared < 0.1 else 5e-4)
    if scale == "10":
        assert forces.p[2] == pytest.approx(0.000000002, rel=0.05)
    if scale == "100":
        assert forces.losses["cross-entropy"] == pytest.approx(200)


def test_the_three_questions_about_one_loss_hold_in_the_explorer() -> None:
    one, other = (LogitsTugOfWar(z0=2.0 + s, z1=1.0 + s, z2=s, right="2").forces for s in (0.0, 5.0))
    np.testing.assert_allclose(one.pulls["cross-entropy"], other.pulls["cross-entropy"], atol=1e-12)
    sure = LogitsTugOfWar(z0=0.0, z1=0.0, z2=2.0, right="0", scale="10").forces.pulls["cross-entropy"]
    np.testing.assert_allclose(sure, [1, 0, -1], atol=1e-8)
    kept = LogitsTugOfWar(z0=0.0, z1=0.0, z2=3.0, right="2").forces
    assert (round(kept.p[2], 3), round(kept.pulls["cross-entropy"][2], 3)) == (0.909, 0.091)
