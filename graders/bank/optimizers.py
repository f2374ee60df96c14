"""Optimisers over several steps: the state that is kept, and what becomes of it when it is not.

``gradients`` and ``lrs`` hold one entry a step; the answer is where w ends. ``at`` holds the step's
gradient ``g``, the state ``v`` (and ``m``), the step's number ``t``.
"""

from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn

__all__ = ["ADAM", "MOMENTUM"]

# momentum: v = beta v + g, w = w - lr v

MOMENTUM = Derivation(
    {
        "velocity": Step(
            lambda at: at.beta * at.v + at.g,
            "v = beta v + g",
            (
                Turn("momentum_no_state", lambda at: at.g, "v = g"),
                Turn("momentum_sign", lambda at: at.g - at.beta * at.v, "v = g - beta v"),
                Turn(
                    "momentum_averaged",
                    lambda at: at.beta * at.v + (1 - at.beta) * at.g,
                    "v = beta v + (1 - beta) g",
                ),
            ),
        ),
        "update": Step(
            lambda at: at.w - at.lr * at.v,
            "w = w - lr v",
            (
                Turn("sign", lambda at: at.w + at.lr * at.v, "w = w + lr v"),
                Turn("lr_missing", lambda at: at.w - at.v, "w = w - v"),
                Turn(
                    "momentum_old_velocity",
                    lambda at: at.w - at.lr * at.v_old,
                    "w = w - lr v, with the old v",
                ),
            ),
        ),
    },
    lambda take, w, gradients, lrs, beta: _momentum(take, w, gradients, lrs, beta),
)


def _momentum(take: Any, w: Any, gradients: Any, lrs: Any, beta: Any) -> Any:
    v = 0 * w
    for g, lr in zip(gradients, lrs, strict=True):
        new = take("velocity", v=v, g=g, beta=beta)
        w = take("update", w=w, lr=lr, v=new, v_old=v, g=g, beta=beta)
        v = new
    return w


# adam: m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, both over 1 - b^t, w = w - lr m / (sqrt(v) + eps)

ADAM = Derivation(
    {
        "correct": Step(
            lambda at: at.value / (1 - at.beta**at.t),
            "m / (1 - beta1^t), v / (1 - beta2^t)",
            (
                Turn("adam_no_bias_correction", lambda at: at.value, "m and v as they are"),
                Turn(
                    "adam_frozen_t", lambda at: at.value / (1 - at.beta), "m / (1 - beta1), v / (1 - beta2)"
                ),
            ),
        ),
        "betas": Step(
            lambda at: at.betas,
            "beta1 for m, beta2 for v",
            (Turn("adam_betas_swapped", lambda at: at.betas[::-1], "beta2 for m, beta1 for v"),),
        ),
        "update": Step(
            lambda at: at.w - at.lr * at.m / (np.sqrt(at.v) + at.eps),
            "w = w - lr m / (sqrt(v) + eps)",
            (
                Turn(
                    "adam_eps_inside_root",
                    lambda at: at.w - at.lr * at.m / np.sqrt(at.v + at.eps),
                    "sqrt(v + eps)",
                ),
                Turn("adam_no_root", lambda at: at.w - at.lr * at.m / (at.v + at.eps), "m / (v + eps)"),
                Turn("sign", lambda at: at.w + at.lr * at.m / (np.sqrt(at.v) + at.eps), "w = w + lr m / ..."),
                Turn("lr_missing", lambda at: at.w - at.m / (np.sqrt(at.v) + at.eps), "w = w - m / ..."),
                Turn(
                    "adam_no_state",
                    lambda at: at.w - at.lr * at.g / (np.sqrt(at.v) + at.eps),
                    "g / (sqrt(v) + eps)",
                ),
            ),
        ),
        "square": Step(
            lambda at: at.beta * at.v + (1 - at.beta) * at.g**2,
            "v = beta2 v + (1 - beta2) g^2",
            (
                Turn(
                    "adam_square_missing",
                    lambda at: at.beta * at.v + (1 - at.beta) * np.abs(at.g),
                    "|g| for g^2",
                ),
                Turn("adam_no_state", lambda at: (1 - at.beta) * at.g**2, "v = (1 - beta2) g^2"),
                Turn("adam_share_missing", lambda at: at.beta * at.v + at.g**2, "v = beta2 v + g^2"),
            ),
        ),
        "mean": Step(
            lambda at: at.beta * at.m + (1 - at.beta) * at.g,
            "m = beta1 m + (1 - beta1) g",
            (
                Turn(
                    "adam_no_state",
                    lambda at: (1 - at.beta) * at.g,
                    "m = (1 - beta1) g",
                    "with m begun anew in every step",
                ),
                Turn("adam_share_missing", lambda at: at.beta * at.m + at.g, "m = beta1 m + g"),
            ),
        ),
    },
    lambda take, w, gradients, lrs, betas, eps: _adam(take, w, gradients, lrs, betas, eps),
)


def _adam(take: Any, w: Any, gradients: Any, lrs: Any, betas: Any, eps: Any) -> Any:
    m, v = 0 * w, 0 * w
    first, second = take("betas", betas=betas)
    for t, (g, lr) in enumerate(zip(gradients, lrs, strict=True), 1):
        m = take("mean", m=m, g=g, beta=first)
        v = take("square", v=v, g=g, m=m, beta=second)
        hats = [take("correct", value=value, beta=beta, t=t) for value, beta in ((m, first), (v, second))]
        w = take("update", w=w, lr=lr, m=hats[0], v=hats[1], g=g, eps=eps)
    return w
