"""Descent of the 1-2-1 network: gradients at one moment, one step for all seven, and the history."""

from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn
from graders.bank.one_two_one import GRAD_ALL, LAST, NAMES, all_gradients, right_forward

__all__ = ["DESCEND"]


def _step(at: Any) -> dict[str, Any]:
    return {name: at.p[name] - at.lr * at.gradient[name] for name in NAMES}


def _one_by_one(at: Any) -> dict[str, Any]:
    p = dict(at.p)
    for name in NAMES:
        p[name] = p[name] - at.lr * at.gradient_at(p)[name]
    return p


def _last_layer_first(at: Any) -> dict[str, Any]:
    p = {**at.p, **{name: at.p[name] - at.lr * at.gradient[name] for name in LAST}}
    fresh = at.gradient_at(p)
    return {name: p[name] if name in LAST else p[name] - at.lr * fresh[name] for name in NAMES}


def _through_new_weights(at: Any) -> dict[str, Any]:
    new = _step(at)
    late = at.gradient_behind(new)
    return {name: new[name] if name in LAST else at.p[name] - at.lr * late[name] for name in NAMES}


def _summed_gradients(at: Any) -> dict[str, Any]:
    return {name: at.p[name] - at.lr * sum(gradient[name] for gradient in at.past) for name in NAMES}


ONE_BY_ONE = "p[name] moved one after the other, each gradient at the p of its moment"
MOVED = "with each slope taken after the parameter before it had moved"
MOMENT = "all seven slopes belong to one point of the landscape: which p is that point?"
UPDATE = Step(
    _step,
    "p_new = p - lr dSSR/dp",
    (
        # A residual of the wrong sign gives the same walk; who has come this far has right gradients.
        Turn(
            "sign",
            lambda at: {name: at.p[name] + at.lr * at.gradient[name] for name in NAMES},
            "p_new = p + lr dSSR/dp",
            says="with every step taken uphill",
            asks="the slope for a parameter is positive: must it go up or down for the SSR to fall?",
        ),
        Turn("updated_before_use", _through_new_weights, "dSSR/dy1 = dSSR/dpred (w3 - lr dw3)", asks=MOMENT),
        Turn("refreshed_forward", _one_by_one, ONE_BY_ONE, MOVED, MOMENT),
        Turn("updated_before_use", _one_by_one, ONE_BY_ONE, MOVED, MOMENT),
        Turn("refreshed_forward", _last_layer_first, "w1 b1 w2 b2 from a new forward pass", asks=MOMENT),
        Turn(
            "lr_missing",
            lambda at: {name: at.p[name] - at.gradient[name] for name in NAMES},
            "p_new = p - dSSR/dp",
        ),
        Turn(
            "accumulated_not_reset",
            _summed_gradients,
            "p_new = p - lr (all gradients so far, added up)",
            says="with the gradients of earlier steps still in the sum",
        ),
        Turn(
            "gradient_of_start",
            lambda at: {name: at.p[name] - at.lr * at.past[0][name] for name in NAMES},
            "p_new = p - lr (dSSR/dp at the start)",
        ),
        Turn(
            "updates_last_layer_only",
            lambda at: {**at.p, **{name: at.p[name] - at.lr * at.gradient[name] for name in LAST}},
            "w1 b1 w2 b2 as they were",
        ),
    ),
)
HISTORY = Step(
    lambda at: at.losses,
    "SSR before step 1, ..., after the last",
    (
        Turn("history_off_by_one", lambda at: at.losses[1:], "SSR after each step"),
        Turn("history_off_by_one", lambda at: at.losses[:-1], "SSR before each step"),
        Turn("history_off_by_one", lambda at: [at.losses[0], *at.losses[:-1]], "SSR before step 1 twice"),
        Turn(
            "history_off_by_one", lambda at: [*at.losses[1:], at.losses[-1]], "SSR after the last step twice"
        ),
    ),
)
COUNT = Step(
    lambda at: at.steps,
    "as many steps as asked for",
    (
        Turn("steps_off_by_one", lambda at: at.steps - 1, "one step less"),
        Turn("steps_off_by_one", lambda at: at.steps + 1, "one step more"),
    ),
)


def _descend(take: Any, p: Any, dose: Any, observed: Any, lr: Any, steps: int) -> tuple[Any, Any]:
    losses, past = [], []

    def gradient_at(p: Any) -> dict[str, Any]:
        at = right_forward(p, dose)
        return all_gradients(take, p, at, observed - at.pred)

    p = {name: p[name] for name in NAMES}
    for _ in range(take("count", steps=steps)):
        at = right_forward(p, dose)
        residual = observed - at.pred
        losses.append(residual @ residual)
        past.append(all_gradients(take, p, at, residual))
        p = take(
            "update",
            p=p,
            gradient=past[-1],
            past=past,
            lr=lr,
            gradient_at=gradient_at,
            gradient_behind=lambda new, p=p, at=at, r=residual: all_gradients(take, p, at, r, new),
        )
    residual = observed - right_forward(p, dose).pred
    return p, np.array(take("history", losses=[*losses, residual @ residual]))


DESCEND = Derivation(
    {
        **GRAD_ALL.steps,
        "residual": GRAD_ALL.steps["residual"].without("sign"),
        "update": UPDATE,
        "history": HISTORY,
        "count": COUNT,
    },
    _descend,
)
