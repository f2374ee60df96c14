"""Lesson ``full_training``: probes, numerical truth and wrong turns of its six exercises."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab import network as net
from backproplab.activations import linear, relu
from backproplab.losses import softmax_cross_entropy
from graders import training_runs
from graders.bank import from_error, training
from graders.bank.batches import BATCH_FACTS, BATCH_TURNS, batch_facts
from graders.bank.initialisation import INIT_PARAMS
from graders.exercise import Carry, Exercise, Probe
from graders.networks import Params, draw_classifier, draw_layer, true_loss_and_grads

__all__ = ["EXERCISES"]

# init_params: tables so large that 3 %, the tolerance, is six times the chance error of what is drawn
WIDE = ((400, 250, 160, 120), (150, 300, 90), (200, 100, 260))
DEPTH, CHANCE = 3, 0.03


def _pairs(names: tuple[str, str], depth: int = DEPTH) -> tuple[str, ...]:
    return tuple(f"{name}{layer}" for layer in range(1, depth + 1) for name in names)


def _init_probes(rng: Generator) -> list[Probe]:
    kinds = ("he", "glorot", "glorot", "zeros", "he")
    sizes = (*WIDE, WIDE[1], WIDE[0])
    return [Probe((list(widths), _child(rng), kind)) for widths, kind in zip(sizes, kinds, strict=True)]


def _child(rng: Generator) -> Generator:
    return np.random.default_rng(int(rng.integers(2**32)))


def spreads(params: Any, sizes: Any, rng: Any, kind: str) -> list[tuple[float, float]]:
    """Return how far the entries of every W and b lie from 0; nan where a shape is wrong."""
    found = [
        (_near(_spread(W, V.shape), V.max()), _spread(b, c.shape))
        for (W, b), (V, c) in zip(params, true_params(sizes, rng, kind), strict=True)
    ]
    return [(of_W, of_W if _alike(of_b, of_W) else of_b) for of_W, of_b in found]


def _near(spread: float, due: float) -> float:
    """Return what is due where the spread differs from it by chance alone."""
    return due if abs(spread - due) <= CHANCE * due else spread


def _alike(few: float, many: float) -> bool:
    """Tell whether so few numbers as a layer has biases may come from the same draw as its weights."""
    return abs(few - many) < 0.3 * many


def _spread(array: Any, shape: tuple[int, ...]) -> float:
    return float(np.sqrt(np.mean(np.square(array)))) if np.shape(array) == shape else float("nan")


def true_params(sizes: Any, rng: Any, kind: str) -> Params:
    """Return tables that have the spreads of the recipes in every entry."""
    variance: dict[str, Callable[[int, int], float]] = {
        "he": lambda n, m: 2 / n,
        "glorot": lambda n, m: 2 / (n + m),
        "zeros": lambda n, m: 0.0,
    }
    return [(np.full((n, m), np.sqrt(variance[kind](n, m))), np.zeros(m)) for n, m in pairwise(sizes)]


def _batch_probes(rng: Generator) -> list[Probe]:
    # Not 7 in batches of 3: there, one shuffle of 20 keeps neighbours together by chance.
    return [Probe((n, size, _child(rng))) for n, size in ((103, 10), (103, 10), (64, 16), (45, 8), (31, 7))]


def true_batches(n: int, batch_size: int, rng: Generator) -> list[Any]:
    """Deal the shuffled examples out, batch after batch."""
    order = list(rng.permutation(n))
    return [
        np.array([order.pop() for _ in range(min(batch_size, len(order)))])
        for _ in range(-(-n // batch_size))
    ]


# Examples and widths: two calls of equal shapes, a square one, another depth, a batch of one.
NETS = ((11, (6, 5, 7, 3)), (11, (6, 5, 7, 3)), (9, (4, 4, 4, 4)), (1, (7, 5, 6)))


def _grads_probes(rng: Generator) -> list[Probe]:
    return [Probe(draw_classifier(rng, n, sizes)) for n, sizes in NETS]


def _step_probes(rng: Generator) -> list[Probe]:
    probes = []
    for (_, sizes), lr in zip(NETS, (0.1, 0.1, 0.7, 0.03), strict=True):
        params, grads = ([draw_layer(rng, *layer) for layer in pairwise(sizes)] for _ in range(2))
        probes.append(Probe((params, grads, lr)))
    return probes


def true_step(params: Params, grads: Params, lr: float) -> Params:
    """Walk against the gradients, entry by entry."""
    return [
        (np.subtract(W, lr * dW), np.subtract(b, lr * db))
        for (W, b), (dW, db) in zip(params, grads, strict=True)
    ]


def _sanity_probes(rng: Generator) -> list[Probe]:
    (params, X, y), (other, V, t) = (draw_classifier(rng, *net) for net in ((25, (6, 8, 4)), (19, (5, 9, 7))))
    y[y == 1], t[:7] = 3, rng.permutation(7)  # a class that never occurs, and all classes
    return [Probe((params, X, y)), Probe((other, V, t))]


def true_sanity(params: Params, X: Any, y: Any) -> dict[str, float]:
    """Take the losses, and the 500 steps, with the package's own network."""
    flat = [array.copy() for pair in params for array in pair]
    acts = [relu, linear]

    def loss(X: Any, y: Any) -> float:
        return float(softmax_cross_entropy.f(net.forward(flat, X, acts).As[-1], y))

    found = {"initial_loss": loss(X, y), "expected_loss": float(np.log(len(flat[-1])))}
    found["zero_input_loss"] = loss(0 * X, y)
    for _ in range(500):
        run = net.forward(flat, X[:10], acts)
        deltas = net.backward(flat, run, softmax_cross_entropy.deriv(run.As[-1], y[:10]), acts)
        for array, gradient in zip(flat, net.gradients(run, deltas), strict=True):
            array -= 0.1 * gradient
    return found | {"overfit_loss": loss(X[:10], y[:10])}


# What follows from the student's own functions


def _in_pairs(parts: Any, depth: int) -> Params:
    return list(zip(parts[: 2 * depth : 2], parts[1 : 2 * depth : 2], strict=True))


def first_step_by_own(own: Any, params: Params, X: Any, y: Any, lr: float) -> tuple[Any, ...]:
    """Do the first step with the student's own gradients and update; nobody knows what it leads to.

    The start and the batches are the student's own too, and show where nothing follows from a single step.
    """
    _, *grads = own("loss_and_grads", params, X, y)
    stepped = _in_pairs(own("sgd_step", params, _in_pairs(grads, len(params)), lr), len(params))
    rows = zip(params, stepped, strict=True)
    moved = [(old - new) / lr for before, after in rows for old, new in zip(before, after, strict=True)]
    own("init_params", [len(W) for W, _ in params], np.random.default_rng(0), "he")
    own("minibatches", 3, 1, np.random.default_rng(0))
    return (*moved, *training_runs.SHOWN.values())


GRADIENT = "delta_D = (P - Y) / B, delta_l = (delta_l+1 W_l+1^T) where Z_l > 0, dW_l = A_l-1^T delta_l"
EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="init_params",
        signature="init_params(sizes, rng, kind) -> list of (W, b)",
        points=2,
        probes=_init_probes,
        truth=true_params,
        formula="W drawn with std sqrt(2 / n_in) for he, sqrt(2 / (n_in + n_out)) for glorot; b = 0",
        wrong_turns=INIT_PARAMS.wrong_turns(),
        form="pairs",
        parts=_pairs(("W", "b")),
        tolerance=CHANCE,
        measure=spreads,
    ),
    Exercise(
        name="minibatches",
        signature="minibatches(n, batch_size, rng)",
        points=2,
        probes=_batch_probes,
        truth=true_batches,
        formula="a shuffled row of all indices, cut into pieces of batch_size",
        wrong_turns=BATCH_TURNS,
        form="tuple",
        parts=("how often each index comes", "the sizes of the batches", "how mixed the order is"),
        answer="items",
        measure=batch_facts,
        in_words=BATCH_FACTS,
    ),
    Exercise(
        name="sgd_step",
        signature="sgd_step(params, grads, lr) -> params",
        points=2,
        probes=_step_probes,
        truth=true_step,
        formula="W - lr dW, b - lr db",
        wrong_turns=training.SGD_STEP.wrong_turns(("all", "hidden", "last", 1)),
        form="pairs",
        parts=_pairs(("W", "b")),
    ),
    Exercise(
        name="loss_and_grads",
        signature="loss_and_grads(params, X, y) -> (loss, [(dW, db), ...])",
        points=5,
        probes=_grads_probes,
        truth=true_loss_and_grads,
        formula=GRADIENT,
        wrong_turns=from_error.but_at_output(
            training.LOSS_AND_GRADS.wrong_turns(("all", 1, 2, 3), DEPTH), DEPTH
        ),
        form="tuple",
        parts=("loss", *_pairs(("dW", "db"))),
        inside=(("value", 1), ("pairs", 2 * DEPTH)),
        counted=_pairs(("dW", "db")),
        derivation=True,
        forward_calls=2 * DEPTH,
    ),
    Exercise(
        name="sanity_checks",
        signature="sanity_checks(params, X, y) -> dict",
        points=3,
        probes=_sanity_probes,
        truth=true_sanity,
        formula="the loss at params; ln K; the loss with X = 0; the loss on ten after 500 steps",
        wrong_turns=training.SANITY_CHECKS.wrong_turns(),
        form="dict",
        parts=("initial_loss", "expected_loss", "zero_input_loss", "overfit_loss"),
        tolerance=1e-3,
    ),
    Exercise(
        name="train",
        signature="train(X, y, sizes, lr, epochs, batch_size, rng) -> (params, history)",
        points=6,
        probes=training_runs.probes,
        truth=training_runs.true_step,
        formula=f"params - lr times the gradient of each batch: {GRADIENT}",
        wrong_turns=(
            *training_runs.RUN_TURNS,  # first, so that a slip of the same name has their words
            *training.FIRST_STEP.wrong_turns(),
            training.UPDATED_BEFORE_USE,
        ),
        form="tuple",
        parts=training_runs.PARTS,
        counted=training_runs.GRADIENTS,
        seconds=20.0,
        measure=training_runs.flat,
        recast=training_runs.recast,
        in_words=training_runs.RUN_FACTS,
        carries=(
            Carry(
                ("init_params", "minibatches", "loss_and_grads", "sgd_step"),
                first_step_by_own,
                free=training_runs.FREE,
            ),
        ),
    ),
)
