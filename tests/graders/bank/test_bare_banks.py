"""Banks whose exercises come later, and answers that are measured: optimisers, L2 terms, random draws."""

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from backproplab.activations import linear, relu
from backproplab.losses import softmax_cross_entropy
from backproplab.optimizers import SGD, Adam
from graders.bank.batches import batch_facts
from graders.bank.checking import WORDS, step_word
from graders.bank.derivation import pairs
from graders.bank.optimizers import ADAM, MOMENTUM
from graders.bank.regularised import regularised
from graders.bank.training import LOSS_AND_GRADS
from graders.exercises import find
from graders.networks import draw_layer, forward, true_gradients

REGULARISED = regularised(LOSS_AND_GRADS, lambda answer: answer[1], lambda answer, pairs: (answer[0], pairs))
TURNS = [
    *((MOMENTUM, turn) for turn in MOMENTUM.wrong_turns()),
    *((ADAM, turn) for turn in ADAM.wrong_turns()),
    *((REGULARISED, turn) for turn in REGULARISED.wrong_turns() if turn.misconception.startswith("reg_")),
]


def run(seed: int) -> tuple[Any, Any, list[float]]:
    """Draw a start, four gradients small enough for eps to be felt, and a changing learning rate."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 5)), rng.normal(size=(4, 3, 5)) / 10, [0.1, 0.3, 0.05, 0.2]


def classifier(seed: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    params = [draw_layer(rng, 6, 5), draw_layer(rng, 5, 3)]
    return params, rng.normal(size=(11, 6)), rng.integers(0, 3, 11), 0.3


def arguments(derivation: Any, seed: int) -> tuple[Any, ...]:
    if derivation is REGULARISED:
        return classifier(seed)
    return (*run(seed), 0.7) if derivation is MOMENTUM else (*run(seed), (0.8, 0.95), 1e-3)


def flat(answer: Any) -> Any:
    if not isinstance(answer, tuple):
        return np.ravel(answer)
    return np.concatenate([np.ravel(array) for pair in answer[1] for array in pair])


def stepped(optimizer: Any, seed: int) -> Any:
    w, gradients, lrs = run(seed)
    for g, lr in zip(gradients, lrs, strict=True):
        optimizer.lr = lr
        optimizer.step([w], [g])
    return w


def test_momentum_walks_as_the_package_does() -> None:
    assert np.allclose(MOMENTUM(*arguments(MOMENTUM, 0)), stepped(SGD(lr=1.0, momentum=0.7), 0), rtol=1e-13)


def test_adam_walks_as_the_package_does() -> None:
    package = stepped(Adam(lr=1.0, betas=(0.8, 0.95), eps=1e-3), 0)
    assert np.allclose(ADAM(*arguments(ADAM, 0)), package, rtol=1e-13)


def test_regularised_gradients_are_those_of_the_loss_with_its_penalty() -> None:
    params, X, y, lam = classifier(0)

    def loss(params: Any) -> Any:
        penalty = sum((W**2).sum() for W, _ in params) * lam / 2
        return softmax_cross_entropy.f(forward(params, X, [relu, linear])[1][-1], y) + penalty

    ours, true = REGULARISED(params, X, y, lam)[1], true_gradients(loss, params)
    for pair, numerical in zip(ours, true, strict=True):
        assert all(np.allclose(one, other, rtol=1e-12) for one, other in zip(pair, numerical, strict=True))


@pytest.mark.parametrize(("derivation", "turn"), TURNS, ids=lambda value: getattr(value, "misconception", ""))
def test_a_bare_wrong_turn_differs_from_the_truth(derivation: Any, turn: Any) -> None:
    right, wrong = (flat(f(*arguments(derivation, 0))) for f in (derivation, turn.derive))
    assert np.linalg.norm(wrong - right) > 1.4e-3 * np.linalg.norm(right)


@pytest.mark.parametrize("derivation", [MOMENTUM, ADAM, REGULARISED], ids=["momentum", "adam", "regularised"])
def test_no_two_bare_wrong_turns_are_alike(derivation: Any) -> None:
    wrongs = [(turn, flat(turn.derive(*arguments(derivation, 0)))) for of, turn in TURNS if of is derivation]
    for (turn, one), (other, two) in combinations(wrongs, 2):
        far = np.linalg.norm(one - two) > 1e-6 * np.linalg.norm(one)
        assert far or turn.misconception == other.misconception, (turn.formula, other.formula)


def test_a_penalty_slip_goes_with_a_slip_of_the_derivation_beneath() -> None:
    both = [d for one, two, d in pairs(REGULARISED.wrong_turns()) if one.misconception == "reg_missing"]
    assert both
    assert flat(both[0](*classifier(0))).shape == flat(REGULARISED(*classifier(0))).shape


def normal(rng: Any, shape: tuple[int, int], std: float) -> Any:
    return rng.normal(0, std, shape)


def uniform(rng: Any, shape: tuple[int, int], std: float) -> Any:
    return rng.uniform(-(3**0.5) * std, 3**0.5 * std, shape)


@pytest.mark.parametrize("draw", [normal, uniform])
@pytest.mark.parametrize("seed", range(5))
def test_honest_random_weights_are_within_the_tolerance(draw: Any, seed: int) -> None:
    exercise = find("init_params")
    for probe in exercise.probes(np.random.default_rng(seed)):
        tables = exercise.truth(*probe.args)
        params = [(draw(probe.args[1], W.shape, W.flat[0]), np.zeros(len(b))) for W, b in tables]
        for (found, bias), (W, _) in zip(exercise.measure(params, *probe.args), tables, strict=True):
            assert abs(found - W.flat[0]) <= exercise.tolerance * W.flat[0]
            assert bias == 0


def test_a_table_of_the_wrong_shape_has_no_spread() -> None:
    exercise = find("init_params")
    params = [(np.ones((3, 2)), np.zeros(3))]
    assert np.isnan(exercise.measure(params, [2, 3], None, "he")[0][0])


def test_batches_are_told_by_their_facts_whatever_the_shuffle() -> None:
    facts = [
        batch_facts(np.array_split(np.random.default_rng(s).permutation(10), [4, 8]), 10, 4, None)
        for s in range(9)
    ]
    assert all(often == 1 and list(sizes) == [4, 4, 2] and order == 1 for often, sizes, order in facts)


@pytest.mark.parametrize("seed", range(6))
def test_every_reasonable_search_for_the_best_step_passes(seed: int) -> None:
    exercise = find("best_step")
    for probe in exercise.probes(np.random.default_rng(seed)):
        f, df, x = probe.args
        for spacing in (1.0, 0.5, 0.1):
            steps = 10 ** np.arange(-12.0, 0.0, spacing)
            errors = np.abs((f(x + steps) - f(x - steps)) / (2 * steps) - df(x))
            assert step_word(steps[np.argmin(errors)], f, df, x) == WORDS[1]


@pytest.mark.parametrize("h", 10.0 ** np.arange(-13, 1))
def test_no_single_step_is_best_for_all_functions(h: float) -> None:
    exercise = find("best_step")
    probes = exercise.probes(np.random.default_rng(0))
    assert {step_word(h, *probe.args) for probe in probes} != {WORDS[1]}


@pytest.mark.parametrize("h", [np.nan, np.inf, 0.0, 1j, "1e-5", np.array([1e-5, 1e-4])])
def test_what_is_no_step_is_not_called_a_good_one(h: Any) -> None:
    f, df, x = find("best_step").probes(np.random.default_rng(0))[0].args
    with pytest.raises(ValueError, match="a step above 0 is due"):
        step_word(h, f, df, x)


@pytest.mark.parametrize("seed", range(3))
def test_the_truth_of_a_complex_step_is_the_derivative(seed: int) -> None:
    exercise = find("complex_step")
    for probe in exercise.probes(np.random.default_rng(seed)):
        f, x, *_ = probe.args
        assert exercise.truth(*probe.args) == pytest.approx(float(f.df(x)), rel=1e-13)


@pytest.mark.parametrize("seed", range(20))
def test_a_kink_is_clear_whether_slopes_are_compared_absolutely_or_relatively(seed: int) -> None:
    exercise = find("is_kink")
    for probe in exercise.probes(np.random.default_rng(seed)):
        f, x, h = probe.args
        left, right = (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h
        jump, share = abs(right - left), abs(right - left) / max(abs(left), abs(right))
        clear = jump >= 0.5 and share >= 0.1 if exercise.truth(f, x, h) else max(jump, share) < 1e-3
        assert clear, (f.name, jump, share)


@pytest.mark.parametrize("seed", range(3))
def test_one_graph_is_too_large_to_count_its_paths_one_by_one(seed: int) -> None:
    exercise = find("count_paths")
    counts = [exercise.truth(*probe.args) for probe in exercise.probes(np.random.default_rng(seed))]
    assert 10**12 < max(counts) < 2**53
    assert {0, 1} < set(counts)
