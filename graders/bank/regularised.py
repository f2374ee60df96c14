"""Losses with an L2 term: any derivation of gradients, and lam W added to every dW.

``loss + lam / 2 sum W^2``: the half is there so that the derivative is lam W.
"""

from collections.abc import Callable
from typing import Any

from graders.bank.derivation import Derivation, Step, Turn

__all__ = ["regularised"]

PENALTY = Step(
    lambda at: at.dW + at.lam * at.W,
    "dW + lam W",
    (
        Turn("reg_missing", lambda at: at.dW, "dW"),
        Turn("reg_doubled", lambda at: at.dW + 2 * at.lam * at.W, "dW + 2 lam W"),
        Turn("reg_halved", lambda at: at.dW + at.lam * at.W / 2, "dW + lam W / 2"),
        Turn("reg_sign", lambda at: at.dW - at.lam * at.W, "dW - lam W"),
        Turn("reg_over_n", lambda at: at.dW + at.lam * at.W / at.n, "dW + lam W / B"),
        Turn("reg_on_norm", lambda at: at.dW + at.lam * (at.W**2).sum() / 2, "dW + lam / 2 sum W^2"),
    ),
    layered=True,
)
BIAS = Step(
    lambda at: at.db,
    "db",
    (Turn("reg_on_bias", lambda at: at.db + at.lam * at.b, "db + lam b"),),
    layered=True,
)


def regularised(
    derivation: Derivation,
    pairs_of: Callable[[Any], Any] = lambda answer: answer,
    with_pairs: Callable[[Any, Any], Any] = lambda answer, pairs: pairs,
    n_of: Callable[..., int] = lambda params, X, *rest: len(X),
) -> Derivation:
    """Return the derivation of the same gradients with an L2 term on the weights.

    Parameters
    ----------
    derivation : Derivation
        Its first argument is the list of (W, b); the regularised one takes ``lam`` as one more, the last.
    pairs_of, with_pairs : callable
        Take the pairs (dW, db) out of its answer, and put others in.
    n_of : callable
        The same arguments -> the size of the batch.
    """

    def run(take: Any, params: Any, *rest: Any) -> Any:
        *others, lam = rest
        answer = derivation.run(take, params, *others)
        pairs = []
        for layer, ((W, b), (dW, db)) in enumerate(zip(params, pairs_of(answer), strict=True), 1):
            where = {"layer": layer, "depth": len(params), "lam": lam, "n": n_of(params, *others)}
            pairs.append((take("penalty", **where, W=W, dW=dW), take("bias_penalty", **where, b=b, db=db)))
        return with_pairs(answer, pairs)

    return Derivation({"penalty": PENALTY, "bias_penalty": BIAS, **derivation.steps}, run)
