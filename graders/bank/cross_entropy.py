"""The logarithm of a softmax, and the cross-entropy of K classes made of it.

``at`` holds what is at hand: the logits ``Z`` (n, K), their log-probabilities ``L``, the labels ``y``.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn
from graders.bank.softmax import HALF, but_one, one_hot, softmax

__all__ = ["CROSS_ENTROPY", "LOG_SOFTMAX", "LOSS_STEPS", "mean_loss"]

LOG_SIGN = "a probability is at most 1: which sign has its logarithm, and which sign a loss?"


def _floored(least: float) -> Turn:
    """Return the slip that keeps the logarithm of 0 away by a number of one's own."""
    return Turn(
        "log_after_softmax",
        lambda at: np.log(softmax(at.S) + least),
        f"log P = log(e^S / sum_k e^S_k + {least:.0e})",
        says=f"with {least:.0e} added to probabilities that have already become 0",
        asks="for the logits 0 and -5000 the right logarithm is -5000: what is yours, and who chose it?",
    )


SHIFT = Step(
    lambda at: at.Z - at.Z.max(axis=1, keepdims=True),
    "S = Z - max_k Z_k, row by row",
    (
        Turn("softmax_no_shift", lambda at: 1.0 * at.Z, "S = Z"),
        Turn(
            "softmax_axis",
            lambda at: at.Z - at.Z.max(),
            "S = Z - the largest of all rows",
            says="with the largest logit of the whole batch subtracted, not that of the row",
            asks="one row holds numbers near 5000, another near -5000: what is e^S in the second row?",
        ),
    ),
)
NORMALISE = Step(
    lambda at: at.S - np.log(np.exp(at.S).sum(axis=1, keepdims=True)),
    "log P = S - log sum_k e^S_k",
    (
        Turn(
            "softmax_axis",
            lambda at: at.S - np.log(np.exp(at.S).sum(axis=0, keepdims=True)),
            "log P = S - log sum_n e^S_n, down the batch",
        ),
        Turn(
            "softmax_axis",
            lambda at: at.S - np.log(np.exp(at.S).sum()),
            "log P = S - log sum_nk e^S_nk, over everything",
            says="with the exponentials summed over the whole batch",
        ),
        Turn(
            "softmax_axis",
            lambda at: at.Z - np.logaddexp.reduce(at.Z, axis=0),
            "log P = S - log sum_n e^S_n with S = Z - max_n Z_n, down the batch",
        ),
        Turn("log_after_softmax", lambda at: np.log(softmax(at.S)), "log P = log(e^S / sum_k e^S_k)"),
        *map(_floored, (1e-12, 1e-15, 1e-10, 1e-8)),
        Turn(
            "log_missing", lambda at: np.exp(at.S) / np.exp(at.S).sum(axis=1, keepdims=True), "P, not log P"
        ),
        Turn("normaliser_missing", lambda at: at.S + 0.0, "log P = S"),
        Turn(
            "normaliser_not_logged",
            lambda at: at.S - np.exp(at.S).sum(axis=1, keepdims=True),
            "log P = S - sum_k e^S_k",
        ),
        Turn(
            "sign",
            lambda at: np.log(np.exp(at.S).sum(axis=1, keepdims=True)) - at.S,
            "-log P",
            asks=LOG_SIGN,
        ),
    ),
)


def _log_softmax(take: Any, Z: Any) -> Any:
    return take("normalise", S=take("shift", Z=Z), Z=Z)


LOG_SOFTMAX = Derivation({"shift": SHIFT, "normalise": NORMALISE}, _log_softmax)

# With logits of ordinary size neither the shift nor the order of softmax and logarithm shows.
LOGARITHMS = Step(
    lambda at: at.Z - _log_sum(at.Z, 1),
    "log P = Z - log sum_k e^Z_k, row by row",
    (
        Turn(
            "softmax_axis", lambda at: at.Z - _log_sum(at.Z, 0), "log P = Z - log sum_n e^Z_n, down the batch"
        ),
        Turn(
            "softmax_axis",
            lambda at: at.Z - _log_sum(at.Z, None),
            "log P = Z - log sum_nk e^Z_nk, over everything",
            says="with the exponentials summed over the whole batch",
        ),
        Turn("normaliser_missing", lambda at: at.Z + 0.0, "log P = Z"),
    ),
)
PICK = Step(
    lambda at: -_picked(at),
    "loss_n = -log p of the right class",
    (
        Turn(
            "hard_argmax",
            lambda at: -at.L.max(axis=1),
            "loss_n = -log p of the likeliest class",
            says="with the likeliest class in place of the right one",
            asks="the network is sure and wrong: what does your loss charge for that?",
        ),
        Turn(
            "forgot_one_hot", lambda at: -(at.y[:, None] * at.L).sum(axis=1), "loss_n = -sum_k y_n log p_nk"
        ),
        Turn("label_ignored", lambda at: -at.L.sum(axis=1), "loss_n = -sum_k log p_nk"),
        Turn(
            "labels_of_all_rows",
            lambda at: -at.L[:, at.y].mean(axis=1),
            "loss_n = -mean_m log p of the class y_m",
        ),
        Turn(
            "labels_of_all_rows",
            lambda at: -at.L[:, at.y].sum(axis=1),
            "loss_n = -sum_m log p of the class y_m",
        ),
        Turn("sign", lambda at: _picked(at), "loss_n = log p of the right class", asks=LOG_SIGN),
        Turn("log_missing", lambda at: -np.exp(_picked(at)), "loss_n = -p of the right class"),
        Turn(
            "softmax_mse_as_ce",
            lambda at: ((np.exp(at.L) - one_hot(at.y, at.K)) ** 2).sum(axis=1) / 2,
            "loss_n = 1/2 sum_k (p_nk - y_nk)^2",
        ),
        Turn(
            "bce_on_softmax",
            lambda at: -_both_terms(np.exp(at.L), one_hot(at.y, at.K)),
            "loss_n = -sum_k (y_k log p_k + (1 - y_k) log(1 - p_k))",
        ),
    ),
)
AVERAGE = Step(
    lambda at: at.losses.mean(),
    "loss = mean_n loss_n",
    (
        Turn(
            "missing_1_over_n",
            lambda at: at.losses.sum(),
            "loss = sum_n loss_n",
            asks="every example is put into the batch twice: does a mean change, and does your loss?",
        ),
        Turn(
            "divides_by_k",
            lambda at: at.losses.mean() / at.K,
            "loss = mean_n loss_n / K",
            says="with a division by the number of classes",
            asks="each example has one right class: over how many numbers is the mean taken?",
        ),
        Turn("extra_1_over_n", lambda at: at.losses.mean() / len(at.losses), "loss = mean_n loss_n / B"),
        Turn("n_minus_1", lambda at: at.losses.sum() / but_one(at.losses), "loss = sum_n loss_n / (B - 1)"),
        Turn("factor_two", lambda at: at.losses.mean() / 2, "loss = 1/2 mean_n loss_n", says=HALF),
        Turn(
            "last_example_only",
            lambda at: at.losses[-1] / len(at.losses),
            "loss = 1/B loss of the last example",
        ),
        Turn(
            "first_example_only",
            lambda at: at.losses[0] / len(at.losses),
            "loss = 1/B loss of the first example",
        ),
    ),
)
LOSS_STEPS = {"pick": PICK, "logarithms": LOGARITHMS, "average": AVERAGE}


def _log_sum(Z: Any, axis: int | None) -> Any:
    return np.log(np.exp(Z).sum(axis=axis, keepdims=True))


def _picked(at: SimpleNamespace) -> Any:
    return at.L[np.arange(len(at.y)), at.y]


def _both_terms(P: Any, Y: Any) -> Any:
    return (Y * np.log(P) + (1 - Y) * np.log1p(-P)).sum(axis=1)


def mean_loss(take: Any, Z: Any, y: Any) -> Any:
    """Take the steps of the loss: logarithms, pick, average."""
    losses = take("pick", L=take("logarithms", Z=Z), y=y, K=Z.shape[1])
    return take("average", losses=losses, K=Z.shape[1])


NOT_AVERAGED = Turn(
    "not_summed",
    lambda at: at.losses + 0.0,
    "loss_n, one number an example",
    says="without the mean: one number an example",
)
CROSS_ENTROPY = Derivation({**LOSS_STEPS, "average": AVERAGE.and_turns(NOT_AVERAGED)}, mean_loss)
