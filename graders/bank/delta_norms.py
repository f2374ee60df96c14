"""How large the error signal is in each hidden layer: delta per example, mean over the batch, norm.

The output is always sigmoid with one binary cross-entropy a class, so its delta is a - y.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from backproplab.activations import sigmoid
from graders.bank.derivation import Derivation, Step, Turn
from graders.bank.network import BACKS, SLOPES, go_back
from graders.bank.softmax import one_hot, softmax

__all__ = ["DELTA_NORMS"]

OUTPUT = Step(
    lambda at: at.A - at.Y,
    "delta_D = A - Y",
    (
        Turn(
            "slope_extra_at_output",
            lambda at: (at.A - at.Y) * at.A * (1 - at.A),
            "delta_D = (A - Y) A (1 - A)",
        ),
        Turn(
            "forgot_one_hot",
            lambda at: at.A - at.y[:, None],
            "delta_D = A - y, the label's number in every column",
        ),
        Turn(
            "largest_label",
            lambda at: at.A - one_hot(at.y, at.y.max() + 1),
            "Y has a column up to the largest label",
            says="with as many columns in Y as the largest label of the batch asks for",
            asks="a batch of one example has the label 0: how many numbers does the output give for it?",
            belief="What stands in a batch is taken for all the classes there are.",
        ),
        Turn(
            "bce_missing_slope",
            lambda at: (at.A - at.Y) / (at.A * (1 - at.A)),
            "delta_D = (A - Y) / (A (1 - A))",
        ),
        Turn("bce_positive_only", lambda at: -at.Y * (1 - at.A), "delta_D = -Y (1 - A)"),
        Turn("ce_wrt_p", lambda at: -at.Y / at.A, "delta_D = -Y / A"),
        Turn("softmax_for_sigmoid", lambda at: softmax(at.Z) - at.Y, "delta_D = softmax(Z) - Y"),
        Turn(
            "hard_argmax",
            lambda at: one_hot(at.A.argmax(axis=1), at.A.shape[1]) - at.Y,
            "A = 1 for the largest",
        ),
        Turn("label_ignored", lambda at: at.A * 1.0, "delta_D = A"),
        Turn("upstream_ignored", lambda at: np.ones_like(at.A), "delta_D = 1"),
        Turn("factor_two", lambda at: 2 * (at.A - at.Y), "delta_D = 2 (A - Y)", "multiplied by 2"),
        Turn("extra_1_over_n", lambda at: (at.A - at.Y) / len(at.A), "delta_D = 1/B (A - Y)"),
        Turn("divides_by_k", lambda at: (at.A - at.Y) / at.A.shape[1], "delta_D = 1/K (A - Y)"),
    ),
)
NORM = Step(
    lambda at: np.linalg.norm(at.delta.mean(axis=0)),
    "| mean_n delta_n |",
    (
        Turn("norm_then_mean", lambda at: np.linalg.norm(at.delta, axis=1).mean(), "mean_n |delta_n|"),
        Turn("missing_1_over_n", lambda at: np.linalg.norm(at.delta.sum(axis=0)), "| sum_n delta_n |"),
        Turn("norm_over_batch", lambda at: np.linalg.norm(at.delta), "the norm of the whole table of deltas"),
        Turn("norm_over_batch", lambda at: np.linalg.norm(at.delta) / len(at.delta), "that norm / B"),
        Turn(
            "mean_over_units",
            lambda at: np.linalg.norm(at.delta.mean(axis=1)),
            "the mean over units, not examples",
        ),
        Turn("size_by_sum", lambda at: np.abs(at.delta.mean(axis=0)).sum(), "sum_j |mean_n delta_nj|"),
        Turn(
            "size_by_largest_entry", lambda at: np.abs(at.delta.mean(axis=0)).max(), "max_j |mean_n delta_nj|"
        ),
        Turn("size_not_rooted", lambda at: (at.delta.mean(axis=0) ** 2).sum(), "sum_j (mean_n delta_nj)^2"),
        Turn(
            "size_by_mean",
            lambda at: np.sqrt((at.delta.mean(axis=0) ** 2).mean()),
            "the root of the mean square",
        ),
        Turn("mean_size", lambda at: np.abs(at.delta).mean(), "the mean of |delta|, over everything"),
        Turn(
            "last_example_only",
            lambda at: np.linalg.norm(at.delta[-1]) / len(at.delta),
            "1/B |delta| of the last example",
        ),
        Turn(
            "first_example_only",
            lambda at: np.linalg.norm(at.delta[0]) / len(at.delta),
            "1/B |delta| of the first example",
        ),
        Turn("last_example_only", lambda at: np.linalg.norm(at.delta[-1]), "|delta| of the last example"),
        Turn("first_example_only", lambda at: np.linalg.norm(at.delta[0]), "|delta| of the first example"),
        Turn("dW_norm_for_delta", lambda at: np.linalg.norm(at.A_prev.T @ at.delta) / len(at.delta), "|dW|"),
    ),
)
LISTED = Step(
    lambda at: at.norms,
    "first hidden layer first",
    (
        Turn("last_layer_first", lambda at: at.norms[::-1], "last hidden layer first"),
        Turn("layers_shifted", lambda at: [*at.norms[1:], at.last], "layers 2 to L in place of 1 to L - 1"),
    ),
)


def _delta_norms(take: Any, Ws: Any, bs: Any, X: Any, y: Any, act: Any) -> list[Any]:
    acts = [act] * (len(Ws) - 1) + [sigmoid]
    Zs: list[Any] = []
    As = [X]
    for W, b, f in zip(Ws, bs, acts, strict=True):
        Zs.append(As[-1] @ W + b)
        As.append(f.f(Zs[-1]))
    delta = take("output", A=As[-1], Z=Zs[-1], y=y, Y=one_hot(y, As[-1].shape[1]))
    deltas = go_back(take, Ws, Zs, As, acts, delta, delta)
    *norms, last = (take("norm", delta=delta, A_prev=A) for delta, A in zip(deltas, As, strict=False))
    return list(take("listed", norms=norms, last=last))


# The deepest network asked about has three layers, so two slopes. A norm hardly feels a leak of 0.01.
DELTA_NORMS = Derivation(
    {
        "norm": NORM,
        "slope": replace(SLOPES.without("relu_leaky"), until=2),
        "output": OUTPUT,
        "back": BACKS,
        "listed": LISTED,
    },
    _delta_norms,
)
