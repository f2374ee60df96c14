"""The wrong turns of the dose example in its own words: x1 and y1 where a neuron's z and a would stand.

A belief speaks of one neuron with inputs x. Here two other things are called x, so its words would mislead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graders.exercise import WrongTurn

__all__ = ["SSR_WORDS", "Words", "worded"]

# Misconception, or misconception and layer -> what the numbers say, and what to ask; empty: the belief's own.
Words = Mapping[str | tuple[str, int | None], tuple[str, str]]

_SLOPES: Words = {
    "missing_slope": (
        "without the slope of softplus",
        "far to the left softplus is flat: if x1 stood there, how much would nudging w1 change the SSR?",
    ),
    "slope_of_a": (
        "with the slope taken at y1 instead of x1",
        "where on the curve of softplus does the unit stand: at x1, or at its height y1?",
    ),
    "slope_of_sigmoid": (
        "with the slope of the sigmoid where the slope of softplus is due",
        "nudge softplus at x = 0: is its slope 1/2 or 1/4?",
    ),
    "slope_of_other_activation": (
        "with y1 (1 - y1) for the slope",
        "what is the slope of softplus at x = 0, and what does y (1 - y) say there?",
    ),
    "slope_formula_on_z": (
        "with x1 (1 - x1) for the slope",
        "x (1 - x) is negative for x = 2; can the slope of a rising curve be negative?",
    ),
    "slope_twice": (
        "with the slope of softplus multiplied in twice",
        "how many bent curves lie between w1 and the prediction?",
    ),
    "slope_is_f": (
        "with y1 itself in place of the slope at x1",
        "far to the right softplus is nearly x: how large is y there, and how steep is the curve?",
    ),
    "slope_one_minus_a": (
        "with 1 - y1 for the slope",
        "far to the right softplus is nearly x: what does 1 - y say there, and how steep is the curve?",
    ),
    "dW_slope_again": (
        "with the slope of softplus a second time in the slope for w1",
        "what lies between x1 and w1: a curve, or only a product?",
    ),
}
_INPUTS: Words = {
    ("dW_uses_z", 2): (
        "with x1 and x2 where y1 and y2 are due",
        "pred = w3 y1 + w4 y2 + b3: when w3 is nudged by h, by how much does pred move?",
    ),
    "dW_uses_x": (
        "with the dose where y1 and y2 are due",
        "which number does w3 multiply on the way forward: the dose, or y1?",
    ),
    ("dW_uses_weight", 2): (
        "with the weight itself where what enters it is due",
        "pred = w3 y1 + w4 y2 + b3: with y1 held still and w3 nudged, which of the two is the slope?",
    ),
    "dW_uses_weight": (
        "with the weight itself where what enters it is due",
        "x1 = w1 dose + b1: with the dose held still and w1 nudged, which of the two is the slope?",
    ),
    ("dW_missing_input", 2): ("", "where y1 is nearly 0, how much does w3 matter to the prediction?"),
    "dW_missing_input": ("", "at the dose 0, how much does w1 matter to the prediction?"),
    "forward_no_bias": ("without the bias", "what is left of the formula where everything that enters is 0?"),
}
_POINTS: Words = {
    "extra_1_over_n": ("", "every data point is written down twice: does the sum of squares double or stay?"),
    "db_mean": ("", "every data point is written down twice: does the sum of squares double or stay?"),
    "db_first": ("", "the bias is added at every dose: how many predictions move when it is nudged?"),
    "db_last": ("", "the bias is added at every dose: how many predictions move when it is nudged?"),
    "db_not_summed": (
        "without the sum over the data for the bias: one number an example",
        "one bias serves all examples: how many slopes can the SSR have along it?",
    ),
}
_ERRORS: Words = {
    "sign": (
        "",
        "pred lies above what was observed, and rises: does the SSR rise, and do your numbers say so?",
    ),
    "factor_two": ("", "the SSR has no half in front: what is the derivative of u^2 with respect to u?"),
    "upstream_ignored": (
        "without what comes back from the residuals",
        "if every prediction already equals what was observed, what should the slopes be?",
    ),
    "loss_for_error": (
        "with the square itself in place of its slope",
        "what is the derivative of (observed - pred)^2 with respect to pred?",
    ),
    "updated_before_use": ("with w3 and w4 already moved when the slopes of unit 1 and 2 are taken", ""),
}
WORDS: Words = {**_SLOPES, **_INPUTS, **_POINTS, **_ERRORS}
# The formulas of a bias's step, which speaks of layers and batches elsewhere.
FORMULAS: Mapping[str, str] = {
    "db = sum_n delta_n": "dSSR/db = sum_n delta_n",
    "db = 1/B sum_n delta_n": "dSSR/db = mean_n delta_n",
    "db = mean_n delta_n": "dSSR/db = mean_n delta_n",
    "db = delta of the last example": "dSSR/db = delta_n of the last example alone",
    "db = delta of the first example": "dSSR/db = delta_n of the first example alone",
    "db = 0": "dSSR/db = 0",
    "db = -sum_n delta_n": "dSSR/db = -sum_n delta_n",
    "db = delta, one row an example": "dSSR/db = delta_n, one number an example",
}
# Here the sum is asked for, not its slope.
SSR_WORDS: Words = {"factor_two": ("", "is there a half in the sum of squared residuals?")}


def worded(turns: Sequence[WrongTurn], words: Words = WORDS) -> tuple[WrongTurn, ...]:
    """Return the wrong turns in the words of the dose example; what a turn says of itself stands.

    Examples
    --------
    >>> worded([WrongTurn("missing_slope", lambda: 0, "dSSR/dx = dSSR/dy")])[0].says
    'without the slope of softplus'
    """
    return tuple(_worded(turn, words) for turn in turns)


def _worded(turn: WrongTurn, words: Words) -> WrongTurn:
    says, asks = words.get((turn.misconception, turn.layer), words.get(turn.misconception, ("", "")))
    formula, right = (FORMULAS.get(written, written) for written in (turn.formula, turn.right))
    return replace(turn, says=turn.says or says, asks=turn.asks or asks, formula=formula, right=right)
