"""Where squared error stalls and cross-entropy does not: the ratio of their slopes at one sigmoid."""

from typing import Any

import numpy as np

from backproplab.activations import sigmoid
from graders.bank.derivation import Derivation, Step, Turn

__all__ = ["STALL_RATIO"]

# Two ways each to the same wrong ratio, so the question must fit both.
AS_STEEP = "at z = 0 a sigmoid has the slope 1/4: in which of the two losses' dL/dz does it stand?"
FLATTER = "dL/da is one arrow short of dL/dz: how often does a (1 - a) stand in each of the two dL/dz?"

SQUARED = Step(
    lambda at: (at.a - at.t) * at.a * (1 - at.a),
    "half squared error: dL/dz = (a - t) a (1 - a)",
    (
        Turn("missing_slope", lambda at: at.a - at.t, "half squared error: dL/dz = a - t", asks=AS_STEEP),
        Turn(
            "slope_twice",
            lambda at: (at.a - at.t) * (at.a * (1 - at.a)) ** 2,
            "half squared error: dL/dz = (a - t) (a (1 - a))^2",
            asks=FLATTER,
        ),
        Turn("slope_formula_on_z", lambda at: (at.a - at.t) * at.z * (1 - at.z), "(a - t) z (1 - z)"),
        Turn("slope_of_a", lambda at: (at.a - at.t) * sigmoid.deriv(at.a), "(a - t) f'(a)"),
        Turn("slope_is_f", lambda at: (at.a - at.t) * at.a, "(a - t) a"),
        Turn("slope_one_minus_a", lambda at: (at.a - at.t) * (1 - at.a), "(a - t) (1 - a)"),
        Turn(
            "loss_for_error", lambda at: (at.a - at.t) ** 2 / 2 * at.a * (1 - at.a), "1/2 (a - t)^2 a (1 - a)"
        ),
        Turn("upstream_ignored", lambda at: at.a * (1 - at.a), "half squared error: dL/dz = a (1 - a)"),
        Turn(
            "factor_two",
            lambda at: 2 * (at.a - at.t) * at.a * (1 - at.a),
            "2 (a - t) a (1 - a)",
            says="multiplied by 2",
        ),
    ),
)
ENTROPY = Step(
    lambda at: at.a - at.t,
    "cross-entropy: dL/dz = a - t",
    (
        Turn(
            "bce_missing_slope",
            lambda at: (at.a - at.t) / (at.a * (1 - at.a)),
            "cross-entropy: dL/dz = (a - t) / (a (1 - a))",
            asks=FLATTER,
        ),
        Turn("bce_positive_only", lambda at: -at.t * (1 - at.a), "cross-entropy: dL/dz = -t (1 - a)"),
        Turn(
            "slope_extra_at_output",
            lambda at: (at.a - at.t) * at.a * (1 - at.a),
            "cross-entropy: dL/dz = (a - t) a (1 - a)",
            asks=AS_STEEP,
        ),
        Turn("ce_wrt_p", lambda at: -at.t / at.a, "cross-entropy: dL/dz = -t / a"),
    ),
)
RATIO = Step(
    lambda at: at.squared / at.entropy,
    "squared error over cross-entropy",
    (
        Turn("ratio_inverted", lambda at: at.entropy / at.squared, "cross-entropy over squared error"),
        Turn("sign", lambda at: -at.squared / at.entropy, "the ratio with a minus"),
        Turn("ratio_of_losses", lambda at: _loss_ratio(at.z, at.a, at.t), "1/2 (a - t)^2 / cross-entropy"),
    ),
)


def _loss_ratio(z: Any, a: Any, t: Any) -> Any:
    return (a - t) ** 2 / 2 / (np.logaddexp(0, z) - t * z)


def _stall_ratio(take: Any, z: Any, t: Any) -> Any:
    a = sigmoid.f(z)
    squared, entropy = take("squared", z=z, a=a, t=t), take("entropy", z=z, a=a, t=t)
    return take("ratio", squared=squared, entropy=entropy, z=z, a=a, t=t)


STALL_RATIO = Derivation({"squared": SQUARED, "entropy": ENTROPY, "ratio": RATIO}, _stall_ratio)
