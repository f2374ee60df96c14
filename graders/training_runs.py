"""How ``train`` is judged: by its first step, and by what three whole runs on the digits have learnt.

Where a run starts is the student's own draw, so the gradient that its first step must follow is found at that
start: the same call with a learning rate of 0 tells where it is. Several epochs at that rate tell more: the
loss of each shows which example came last, because that one is a batch of its own.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import linear, relu
from backproplab.data import digits
from backproplab.losses import softmax_cross_entropy
from graders.answers import ABSENT
from graders.bank.training import LOSS_AND_GRADS
from graders.exercise import Probe, WrongTurn
from graders.networks import Params, draw_classifier, forward, true_loss_and_grads

__all__ = [
    "FREE",
    "GRADIENTS",
    "PARTS",
    "RUN_FACTS",
    "RUN_TURNS",
    "SHOWN",
    "flat",
    "probes",
    "recast",
    "true_step",
]

# Examples, widths and learning rate of a single step on the whole batch. Wide, because biases start at 0:
# an example for which a whole ReLU layer sleeps would stand on the kink of the next one.
STEPS = ((11, [6, 24, 22, 3], 0.3), (9, [22, 22, 22, 22], 0.5), (13, [5, 22, 26, 4], 0.1))
SIZES, RATE, EPOCHS, BATCH = [64, 64, 10], 0.5, 30, 32
# Right trainers reach .983 to .997; some wrong ones .96, which is why the first step counts too.
GOOD = 0.95
# Equal losses, in float32 too.
CLOSE = 1e-5
# A run that learns leaves far less of the loss of its first epoch.
LEFT = 0.5
# At rate 0: an example stays last in that many epochs by chance once in 4 million runs.
SEEN, BATCHES = 8, 3
# The spread of so many drawn weights is this sure: glorot's is .7 of he's.
SPREAD = 0.12
GRADIENTS = tuple(f"{name}{layer}" for layer in (1, 2, 3) for name in ("dW", "db"))
COUNT = "the number of losses in the history"
# What runs must show.
SHOWN = {
    "test accuracy": GOOD,
    COUNT: float(EPOCHS),
    "loss left after training": LEFT,
    "the first weights beside those of he": 1.0,
    "the share of epochs in a new order": 1.0,
    "the batches that an epoch's loss tells of": float(BATCHES),
    "the loss of an epoch beside its batches' mean": 1.0,
}
PARTS = (*GRADIENTS, *SHOWN)
# What no single step tells, and earlier functions decide too.
FREE = tuple(name for name in SHOWN if name != COUNT)
# How a message tells counts and shares of theirs.
RUN_FACTS: dict[str, Callable[[Any], str]] = {
    "test accuracy": lambda share: f"{GOOD:.0%} or more" if share >= GOOD else f"{share:.1%}",
    COUNT: lambda count: f"{count:.0f} for {EPOCHS} epochs",
    "loss left after training": lambda left: (
        "half of the first loss, or less" if left <= LEFT else f"{left:.0%} of the first loss"
    ),
    "the share of epochs in a new order": lambda share: f"{share:.0%}",
}


def probes(rng: Generator) -> list[Probe]:
    """Draw three calls a question: epochs at rate 0, and two that differ in the learning rate alone.

    Then come three runs on the digits, and a first call again that differs in the rng alone.
    """
    calls = []
    for n, sizes, lr in STEPS:
        _, X, y = draw_classifier(rng, n, sizes)
        state, other = (int(state) for state in rng.integers(2**32, size=2))
        calls.append(Probe((X, y, sizes, 0.0, SEEN, (n - 1) // (BATCHES - 1), np.random.default_rng(other))))
        calls += [Probe((X, y, sizes, rate, 1, n, np.random.default_rng(state))) for rate in (0.0, lr)]
    images, labels, _, _ = digits()
    *seeds, last = rng.integers(2**32, size=len(STEPS) + 1)
    calls += [
        Probe((images, labels, SIZES, RATE, EPOCHS, BATCH, np.random.default_rng(seed))) for seed in seeds
    ]
    return [*calls, Probe((*calls[1].args[:-1], np.random.default_rng(last)))]


def recast(calls: Sequence[Probe], answers: Sequence[Any]) -> tuple[list[Probe], list[Any]]:
    """Turn each three calls into one question, whether this step is the gradient at this start.

    Raises
    ------
    ValueError
        If an answer is no pair of parameters and history.
    """
    read = [_read(answer, call.args[2]) for call, answer in zip(calls, answers, strict=True)]
    count = 3 * len(STEPS)
    questions, found = [], []
    for at, (X, y, _, lr, *_) in enumerate(call.args for call in calls[2:count:3]):
        (still, losses), (start, _), (after, _) = read[3 * at : 3 * at + 3]
        asked_at = [(np.nan_to_num(W), np.nan_to_num(b)) for W, b in start]
        questions.append(Probe((asked_at, X, y, lr), names=("params", "X", "y", "lr")))
        step = [((W - V) / lr, (b - c) / lr) for (W, b), (V, c) in zip(start, after, strict=True)]
        order, *of_losses = _epochs(still, losses, X, y)
        if all(np.array_equal(W, V) for (W, _), (V, _) in zip(still, start, strict=True)):
            order = 1.0  # one start for two generators: that the order heeds neither is the same slip
        shown = (*_learnt(*read[count + at]), _spread([*still, *start]), order, *of_losses)
        found.append((*_in_a_row(step), *shown))
    return questions, found


def _read(answer: Any, sizes: Sequence[int]) -> tuple[Params, Any]:
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        raise ValueError("no pair (params, history)")
    params, history = answer
    shapes = [((n, m), (m,)) for n, m in pairwise(sizes)]
    if [tuple(map(np.shape, pair)) for pair in params] != shapes:
        raise ValueError(f"params whose shapes are not those of sizes = {list(sizes)}")
    if not isinstance(history, dict) or "loss" not in history:
        raise ValueError("a history without the key 'loss'")
    pairs = [(np.asarray(W, float), np.asarray(b, float)) for W, b in params]
    return pairs, np.asarray(history["loss"], float).ravel()


def _learnt(params: Params, losses: Any) -> tuple[float, float, float]:
    """Return the test accuracy, how many losses there are, and what is left of the first of them.

    What is better than good enough counts as good enough.
    """
    _, _, X, y = digits()
    logits = forward(params, X, [relu, linear])[1][-1]
    left = losses[-1] / losses[0] if len(losses) else np.nan
    return min(float((logits.argmax(axis=1) == y).mean()), GOOD), float(len(losses)), max(float(left), LEFT)


def _spread(start: Params) -> float:
    """Return how far the first weights lie from 0 beside those of he; near a recipe's, that is meant."""
    of_he = np.concatenate([np.ravel(W) * np.sqrt(len(W) / 2) for W, _ in start])
    size = float(np.sqrt(np.mean(np.square(of_he))))
    return next((due for due in (1.0, _glorot_beside_he(start)) if abs(size - due) < SPREAD * due), size)


def _glorot_beside_he(start: Params) -> float:
    squares = [(W.size, len(W) / sum(W.shape)) for W, _ in start]
    return float(np.sqrt(sum(n * square for n, square in squares) / sum(n for n, _ in squares)))


def _epochs(params: Params, losses: Any, X: Any, y: Any) -> tuple[float, float, float]:
    """Read from the losses at rate 0: is the order new, of how many batches do they tell, and how."""
    if len(losses) != SEEN or not np.isfinite(losses).all():  # their number is judged elsewhere
        return 1.0, float(BATCHES), 1.0
    logits = forward(params, X, [*[relu] * (len(params) - 1), linear])[1][-1]
    each = np.array(
        [softmax_cross_entropy.f(row[None], label[None]) for row, label in zip(logits, y, strict=True)]
    )
    means = ((each.sum() - each) / ((len(y) - 1) / (BATCHES - 1)) + each) / BATCHES  # by the last example
    if np.allclose(losses, each.mean(), rtol=CLOSE):  # of all data, or each batch by its size: no order
        return 1.0, float(BATCHES), 1.0
    for times in (1.0, float(BATCHES)):
        last = np.argmin(abs(losses[:, None] / times - means), axis=1)
        if np.allclose(losses / times, means[last], rtol=CLOSE):
            return float(np.ptp(last) > 0), float(BATCHES), times
    last = np.argmin(abs(losses[:, None] - each), axis=1)
    if np.allclose(losses, each[last], rtol=CLOSE):
        return float(np.ptp(last) > 0), 1.0, 1.0
    return 1.0, float(BATCHES), float(np.median(losses) / each.mean())


def true_step(params: Params, X: Any, y: Any, lr: float) -> tuple[Any, ...]:
    """Return what the first step divided by -lr must be, the numerical gradient, and what runs must show."""
    return (*_in_a_row(true_loss_and_grads(params, X, y)[1]), *SHOWN.values())


def flat(answer: Any, *arguments: Any) -> Any:
    """Return an answer part by part; a bank's gradients say nothing of whole runs."""
    return (*_in_a_row(answer), *[ABSENT] * len(SHOWN)) if isinstance(answer, list) else answer


def _in_a_row(pairs: Sequence[tuple[Any, Any]]) -> tuple[Any, ...]:
    return tuple(array for pair in pairs for array in pair)


def _shows(part: str, value: Callable[[Params], float]) -> Callable[..., tuple[Any, ...]]:
    """Return an answer that is right but for what its runs show in one part."""

    def derive(params: Params, X: Any, y: Any, lr: float) -> tuple[Any, ...]:
        right = (*_in_a_row(LOSS_AND_GRADS(params, X, y)[1]), *SHOWN.values())
        return tuple(value(params) if name == part else true for name, true in zip(PARTS, right, strict=True))

    return derive


_OF_HE, _ORDERS, _BATCHES, _BESIDE = list(SHOWN)[3:]
RUN_TURNS = (
    WrongTurn(
        "kind_ignored",
        _shows(_OF_HE, _glorot_beside_he),
        "a start by the recipe of glorot",
        says="with glorot's first weights in place of he's",
        asks="which recipe is the one for ReLU layers, and which one does your start name?",
        right="a start by the recipe of he",
    ),
    WrongTurn(
        "not_shuffled",
        _shows(_ORDERS, lambda params: 0.0),
        "one order for all epochs",
        says="with the batches of the first epoch in every epoch",
        asks="two examples share a batch in the first epoch: will they ever be apart?",
        right="a new order in every epoch",
    ),
    WrongTurn(
        "one_batch_only",
        _shows(_BATCHES, lambda params: 1.0),
        "the loss of the last batch",
        says="with the loss of the last batch for that of the epoch",
        asks="the last batch has one example: how much of the epoch does its loss tell?",
        right="the mean of the batches' losses",
    ),
    WrongTurn(
        "missing_1_over_n",
        _shows(_BESIDE, lambda params: float(BATCHES)),
        "the sum of the batches' losses",
        says="with the losses of an epoch's batches added up, not averaged",
        asks="half the batch size makes twice the batches: should the loss of an epoch double?",
        right="the mean of the batches' losses",
    ),
)
