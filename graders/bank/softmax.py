"""Back through softmax and cross-entropy: any gradient through a softmax, and the gradient p - y.

``at`` holds what is at hand: the logits ``Z`` (n, K), what they become, and the integer labels ``y``.
"""

from types import SimpleNamespace
from typing import Any

import numpy as np

from backproplab.activations import sigmoid
from graders.bank.derivation import Derivation, Step, Turn

__all__ = [
    "ERROR_STEPS",
    "HALF",
    "SOFTMAX_CROSS_ENTROPY_GRAD",
    "SOFTMAX_VJP",
    "but_one",
    "mean_error",
    "one_hot",
    "softmax",
]

TWICE, HALF = "multiplied by 2", "multiplied by 1/2"
EVERY_PROBABILITY = "a nudged logit moves every probability: through how many of them does it reach the loss?"


def one_hot(y: Any, K: int) -> Any:
    """Return a row with a single 1 for each label."""
    return np.equal(np.asarray(y)[:, None], np.arange(K)).astype(float)


def softmax(Z: Any, axis: int | None = 1) -> Any:
    """Return the probabilities of each row, or along another axis."""
    E = np.exp(Z - Z.max(axis=axis, keepdims=True))
    return E / E.sum(axis=axis, keepdims=True)


def but_one(rows: Any) -> int:
    """Return B - 1, where there is anything to divide by."""
    if len(rows) == 1:
        raise ZeroDivisionError("1/(B - 1) of a batch of one")
    return len(rows) - 1


def _only(rows: Any, n: int) -> Any:
    """Keep one row and put zeros in the place of the others."""
    kept = np.zeros_like(rows)
    kept[n] = rows[n]
    return kept


# softmax_vjp


def _vjp(P: Any, G: Any) -> Any:
    return P * (G - (G * P).sum(axis=1, keepdims=True))


INNER = Step(
    lambda at: (at.G * at.P).sum(axis=1, keepdims=True),
    "s_n = sum_k G_nk P_nk",
    (
        Turn("softmax_axis", lambda at: (at.G * at.P).sum(axis=0, keepdims=True), "s_k = sum_n G_nk P_nk"),
        Turn(
            "softmax_axis",
            lambda at: (at.G * at.P).sum(),
            "s = sum_nk G_nk P_nk",
            says="with one sum over the whole batch in place of one for each row",
        ),
        Turn("inner_without_p", lambda at: at.G.sum(axis=1, keepdims=True), "s_n = sum_k G_nk"),
        Turn(
            "inner_without_p",
            lambda at: at.G.mean(axis=1, keepdims=True),
            "s_n = mean_k G_nk",
            says="with the plain mean of G in place of the weighted one",
        ),
        Turn("mean_over_k", lambda at: (at.G * at.P).mean(axis=1, keepdims=True), "s_n = mean_k G_nk P_nk"),
        Turn(
            "upstream_ignored",
            lambda at: at.P.sum(axis=1, keepdims=True),
            "s_n = sum_k P_nk",
            says="with the gradient G from above left out of the sum over k",
        ),
    ),
)
COMBINE = Step(
    lambda at: at.P * (at.G - at.s),
    "dZ = P * (G - s), s = sum_k G_k P_k",
    (
        Turn("softmax_diagonal_only", lambda at: at.P * (1 - at.P) * at.G, "dZ = P * (1 - P) * G"),
        Turn("own_term_twice", lambda at: at.P * ((1 - at.P) * at.G - at.s), "dZ = P * ((1 - P) * G - s)"),
        Turn("normaliser_held_fixed", lambda at: at.P * at.G, "dZ = P * G"),
        Turn(
            "last_term_only",
            lambda at: _vjp_term(at, -1),
            "dz_j = G_k dp_k/dz_j, the last k alone",
            asks=EVERY_PROBABILITY,
        ),
        Turn(
            "first_term_only",
            lambda at: _vjp_term(at, 0),
            "dz_j = G_k dp_k/dz_j, the first k alone",
            asks=EVERY_PROBABILITY,
        ),
        Turn(
            "missing_slope",
            lambda at: at.G - at.s,
            "dZ = G - s",
            says="without the factor P in front of the bracket",
            asks="a class whose probability is nearly 0: how far can a nudge of its logit move anything?",
            belief="What comes back is passed on as it is, as if a probability moved as far as its logit.",
        ),
        Turn("upstream_ignored", lambda at: at.P * (1 - at.P), "dZ = P * (1 - P)"),
        Turn("sign", lambda at: at.P * (at.s - at.G), "dZ = P * (s - G)"),
        Turn(
            "off_diagonal_sign", lambda at: at.P * (1 - 2 * at.P) * at.G + at.P * at.s, "dz_j/dp_i = +p_i p_j"
        ),
        Turn("normaliser_not_weighted", lambda at: at.P * at.G - at.s, "dZ = P * G - s"),
        Turn("factor_two", lambda at: 2 * at.P * (at.G - at.s), "dZ = 2 P * (G - s)", says=TWICE),
        Turn("extra_1_over_n", lambda at: at.P * (at.G - at.s) / len(at.P), "dZ = 1/B P * (G - s)"),
        Turn("divides_by_k", lambda at: at.P * (at.G - at.s) / at.P.shape[1], "dZ = 1/K P * (G - s)"),
    ),
)


def _vjp_term(at: SimpleNamespace, k: int) -> Any:
    """Return one term of the sum over the outputs: G_k p_k (1 for j = k, else 0, minus p_j)."""
    K = at.P.shape[1]
    return (at.G * at.P)[:, k, None] * (np.equal(np.arange(K), k % K) - at.P)


READ_P = Step(
    lambda at: at.P,
    "P as given",
    (Turn("activation_twice", lambda at: softmax(at.P), "softmax(P) for P"),),
)


def _softmax_vjp(take: Any, P: Any, G: Any) -> Any:
    P = take("read", P=P)
    return take("combine", P=P, G=G, s=take("inner", P=P, G=G))


SOFTMAX_VJP = Derivation({"inner": INNER, "combine": COMBINE, "read": READ_P}, _softmax_vjp)

# softmax_cross_entropy_grad

PROBABILITIES = Step(
    lambda at: softmax(at.Z),
    "P = softmax(Z), row by row",
    (
        Turn("softmax_axis", lambda at: softmax(at.Z, axis=0), "P = softmax down the batch"),
        Turn(
            "softmax_axis",
            lambda at: softmax(at.Z, axis=None),
            "P = softmax over everything",
            says="with the exponentials summed over the whole batch",
        ),
        Turn(
            "hard_argmax",
            lambda at: one_hot(at.Z.argmax(axis=1), at.Z.shape[1]),
            "P = 1 for the likeliest class, else 0",
        ),
        Turn("sigmoid_for_softmax", lambda at: sigmoid.f(at.Z), "P = sigmoid(Z)"),
        Turn("softmax_missing", lambda at: at.Z + 0.0, "P = Z"),
        Turn(
            "softmax_missing",
            lambda at: at.Z - np.logaddexp.reduce(at.Z, axis=1, keepdims=True),
            "P = log softmax(Z)",
            says="with the logarithms of the probabilities in place of the probabilities",
            asks="may a probability be negative, and which numbers come from log_softmax?",
        ),
        Turn("activation_twice", lambda at: softmax(softmax(at.Z)), "P = softmax(softmax(Z))"),
    ),
)
TARGETS = Step(
    lambda at: one_hot(at.y, at.P.shape[1]),
    "Y = one-hot rows",
    (
        Turn(
            "forgot_one_hot", lambda at: at.y[:, None] + 0 * at.P, "Y = y, the label's number in every column"
        ),
        Turn(
            "hard_argmax",
            lambda at: one_hot(at.P.argmax(axis=1), at.P.shape[1]),
            "Y = 1 for the likeliest class",
        ),
        Turn("label_ignored", lambda at: 0 * at.P, "Y left out"),
        Turn(
            "label_off_by_one",
            lambda at: one_hot(at.y - 1, at.P.shape[1]),
            "Y = 1 one class too far to the left",
        ),
        Turn(
            "labels_of_all_rows",
            lambda at: 0 * at.P + np.isin(np.arange(at.P.shape[1]), at.y),
            "Y = 1 in the columns of all labels of the batch",
        ),
    ),
)
ERROR = Step(
    lambda at: at.P - at.Y,
    "dZ = P - Y",
    (
        Turn("ce_wrt_p", lambda at: -at.Y / at.P, "dZ = -Y / P"),
        Turn("softmax_diagonal_only", lambda at: -at.Y * (1 - at.P), "dZ = -Y / P * P (1 - P) = -Y (1 - P)"),
        Turn(
            "slope_extra_at_output", lambda at: (at.P - at.Y) * at.P * (1 - at.P), "dZ = (P - Y) * P (1 - P)"
        ),
        Turn(
            "softmax_mse_as_ce",
            lambda at: _vjp(at.P, at.P - at.Y),
            "dZ = P * (P - Y - sum_k (P - Y) P)",
        ),
        Turn("sign", lambda at: at.Y - at.P, "dZ = Y - P"),
    ),
)
SCALE = Step(
    lambda at: at.dZ / len(at.dZ),
    "1/B once",
    (
        Turn("missing_1_over_n", lambda at: at.dZ + 0.0, "dZ without 1/B"),
        Turn("divides_by_k", lambda at: at.dZ / at.dZ.size, "dZ / (B K)"),
        Turn(
            "divides_by_k",
            lambda at: at.dZ / at.dZ.shape[1],
            "dZ / K",
            says="divided by the number of classes in place of the number of examples",
        ),
        Turn("extra_1_over_n", lambda at: at.dZ / len(at.dZ) ** 2, "dZ / B^2"),
        Turn("n_minus_1", lambda at: at.dZ / but_one(at.dZ), "dZ / (B - 1)"),
        Turn("factor_two", lambda at: 2 * at.dZ / len(at.dZ), "2 dZ / B", says=TWICE),
        Turn("factor_two", lambda at: at.dZ / len(at.dZ) / 2, "dZ / (2 B)", says=HALF),
        Turn(
            "last_example_only",
            lambda at: _only(at.dZ, -1) / len(at.dZ),
            "dZ of the last example / B, else 0",
        ),
        Turn(
            "first_example_only",
            lambda at: _only(at.dZ, 0) / len(at.dZ),
            "dZ of the first example / B, else 0",
        ),
    ),
)
ERROR_STEPS = {"probabilities": PROBABILITIES, "targets": TARGETS, "error": ERROR, "scale": SCALE}


def mean_error(take: Any, Z: Any, y: Any, D: int = 1) -> Any:
    """Take the steps of the gradient: probabilities, targets, error, scale; D inputs led to Z."""
    P = take("probabilities", Z=Z)
    return take("scale", dZ=take("error", P=P, Y=take("targets", P=P, y=y)), D=D)


SOFTMAX_CROSS_ENTROPY_GRAD = Derivation(ERROR_STEPS, mean_error)
