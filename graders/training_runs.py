"""How ``train`` is judged: by its first step, and by what three whole runs on the digits have learnt.

Where a run starts is the student's own draw, so the gradient that its first step must follow is found at
that start: the same call with a learning rate of 0 tells where it is.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import linear, relu
from backproplab.data import digits
from graders.answers import ABSENT
from graders.exercise import Probe
from graders.networks import Params, draw_classifier, forward, true_loss_and_grads

__all__ = ["EPOCHS", "GOOD", "GRADIENTS", "LEARNT", "LEFT", "PARTS", "flat", "probes", "recast", "true_step"]

# Examples, widths and learning rate of a single step on the whole batch. Wide, because biases start at 0:
# an example for which a whole ReLU layer sleeps would stand on the kink of the next one.
STEPS = ((11, [6, 24, 22, 3], 0.3), (9, [22, 22, 22, 22], 0.5), (13, [5, 22, 26, 4], 0.1))
SIZES, RATE, EPOCHS, BATCH = [64, 64, 10], 0.5, 30, 32
# Right trainers reach .983 to .997; some wrong ones .96, which is why the first step counts too.
GOOD = 0.95
# A run that learns leaves far less of the loss of its first epoch.
LEFT = 0.5
GRADIENTS = tuple(f"{name}{layer}" for layer in (1, 2, 3) for name in ("dW", "db"))
PARTS = (*GRADIENTS, "test accuracy", "losses in the history", "loss left after training")
# What is learnt, which no single step tells.
LEARNT = PARTS[len(GRADIENTS) :: 2]


def probes(rng: Generator) -> list[Probe]:
    """Draw pairs of calls that differ in the learning rate alone, then three runs on the digits."""
    calls = []
    for n, sizes, lr in STEPS:
        _, X, y = draw_classifier(rng, n, sizes)
        state = int(rng.integers(2**32))
        calls += [Probe((X, y, sizes, rate, 1, n, np.random.default_rng(state))) for rate in (0.0, lr)]
    X, y, _, _ = digits()
    seeds = rng.integers(2**32, size=len(STEPS))
    return calls + [Probe((X, y, SIZES, RATE, EPOCHS, BATCH, np.random.default_rng(seed))) for seed in seeds]


def recast(calls: Sequence[Probe], answers: Sequence[Any]) -> tuple[list[Probe], list[Any]]:
    """Turn each pair of calls into one question, whether this step is the gradient at this start.

    Raises
    ------
    ValueError
        If an answer is no pair of parameters and history.
    """
    read = [_read(answer, call.args[2]) for call, answer in zip(calls, answers, strict=True)]
    count = 2 * len(STEPS)
    questions, found = [], []
    for at, (X, y, _, lr, *_) in enumerate(call.args for call in calls[1:count:2]):
        (start, _), (after, _) = read[2 * at], read[2 * at + 1]
        asked_at = [(np.nan_to_num(W), np.nan_to_num(b)) for W, b in start]
        questions.append(Probe((asked_at, X, y, lr), names=("params", "X", "y", "lr")))
        step = [((W - V) / lr, (b - c) / lr) for (W, b), (V, c) in zip(start, after, strict=True)]
        found.append((*_in_a_row(step), *_learnt(*read[count + at])))
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


def true_step(params: Params, X: Any, y: Any, lr: float) -> tuple[Any, ...]:
    """Return what the first step divided by -lr must be, the numerical gradient, and what runs must show."""
    return (*_in_a_row(true_loss_and_grads(params, X, y)[1]), GOOD, float(EPOCHS), LEFT)


def flat(answer: Any, *arguments: Any) -> Any:
    """Return an answer part by part; a bank's gradients say nothing of whole runs."""
    return (*_in_a_row(answer), ABSENT, ABSENT, ABSENT) if isinstance(answer, list) else answer


def _in_a_row(pairs: Sequence[tuple[Any, Any]]) -> tuple[Any, ...]:
    return tuple(array for pair in pairs for array in pair)
