"""Programs with intermediate values: adjoints, fan-out, and slopes by counted passes.

An adjoint is what the output moves by when a value moves by 1; a value used twice gathers two shares.
"""

from typing import Any

import numpy as np

from graders.answers import ABSENT
from graders.bank.derivation import Derivation, Step, Turn

__all__ = ["FAN_OUT", "GRADIENT_BY_DIFFERENCES", "PROGRAM"]

USERS = "several lines use the value: through how many does it move the output?"
LAST, FIRST = "with the share written last alone", "with the share written first alone"
# A value's shares arrive in the order of the sweep: the last consumer's first.
GATHER = (
    Turn(
        "last_term_only", lambda at: at.shares[-1], "the share written last replaces the others", LAST, USERS
    ),
    Turn("first_term_only", lambda at: at.shares[0], "the share written first alone", FIRST, USERS),
    Turn(
        "mean_over_k",
        lambda at: sum(at.shares) / len(at.shares),
        "the mean of the shares",
        "with the mean of the shares in place of their sum",
        "a second, equal user is added: does the output move twice as much?",
    ),
)
FLAT = "where the curve of this operation is flat, how much of a nudge gets through?"
ITSELF = "at a height of 1, is every curve equally steep?"
WHERE = "is the slope taken at what enters the line, or at what leaves it?"
SINE = (
    Turn("sin_slope_sign", lambda at: -at.g * np.cos(at.a), "slope of sin u: -cos u"),
    Turn(
        "local_slope_missing",
        lambda at: at.g * 1.0,
        "slope of sin u: 1",
        "without the slope of the sine",
        FLAT,
    ),
    Turn(
        "slope_is_f",
        lambda at: at.g * at.value,
        "slope of sin u: sin u",
        "with the sine itself for its slope",
        ITSELF,
    ),
    Turn(
        "slope_at_own_value",
        lambda at: at.g * np.cos(at.value),
        "slope of sin u: cos(sin u)",
        "with the cosine of the sine",
        WHERE,
    ),
)
EXPONENTIAL = (
    Turn("power_rule_on_exp", lambda at: at.g * at.a * np.exp(at.a - 1), "slope of e^u: u e^(u - 1)"),
    Turn(
        "local_slope_missing",
        lambda at: at.g * 1.0,
        "slope of e^u: 1",
        "without the slope of the exponential",
        FLAT,
    ),
    Turn(
        "slope_at_own_value",
        lambda at: at.g * np.exp(at.value),
        "slope of e^u: e^(e^u)",
        "with e to the power of the value",
        WHERE,
    ),
)

# adjoint_program: a = e^x, b = a^2, c = a + b, d = e^c, e = sin c, f = d + e

PROGRAM = Derivation(
    {
        "seed": Step(
            lambda at: 1.0,
            "df/df = 1",
            (Turn("seed_is_value", lambda at: at.f, "df/df = f"),),
        ),
        "gather": Step(lambda at: sum(at.shares), "sum of the shares", GATHER, layered=True),
        "exp": Step(lambda at: at.g * np.exp(at.a), "d e^c = e^c", EXPONENTIAL),
        "sin": Step(lambda at: at.g * np.cos(at.a), "d sin c = cos c", SINE),
        "square": Step(
            lambda at: at.g * 2 * at.a,
            "d a^2 = 2 a",
            (
                Turn(
                    "square_counted_once",
                    lambda at: at.g * at.a,
                    "d a^2 = a",
                    "with a for the slope of a^2",
                    "in b = a a, how many arrows run from a to b?",
                ),
                Turn(
                    "local_slope_missing",
                    lambda at: at.g * 2.0,
                    "d a^2 = 2",
                    "without a in the slope of the square",
                ),
                Turn("slope_is_f", lambda at: at.g * at.a**2, "d a^2 = a^2", "with the square for its slope"),
            ),
        ),
        "start": Step(
            lambda at: at.g * at.value,
            "d e^x = e^x",
            (
                Turn(
                    "local_slope_missing",
                    lambda at: at.g * 1.0,
                    "df/dx = df/da",
                    "without the last factor, da/dx = e^x",
                    "you have df/da; is a the variable that was asked about?",
                ),
            ),
        ),
        "whole": Step(
            lambda at: at.df,
            "df/dx",
            (
                Turn("sign", lambda at: -at.df, "-df/dx"),
                Turn("value_for_slope", lambda at: at.f, "f for df/dx", "with the value of f for its slope"),
                Turn("inner_slope_only", lambda at: at.a + 2 * at.b, "dc/dx alone: e^x + 2 e^2x"),
                Turn("outer_slope_only", lambda at: at.dc, "df/dc alone: e^c + cos c"),
            ),
        ),
    },
    lambda take, x: _program(take, x),
)


def _program(take: Any, x: Any) -> tuple[Any, Any]:
    a = np.exp(x)
    b = a * a
    c = a + b
    d, e = np.exp(c), np.sin(c)
    g = take("seed", f=d + e)
    from_e, from_d = take("sin", g=g, a=c, value=e), take("exp", g=g, a=c, value=d)
    dc = take("gather", layer=2, depth=2, shares=[from_e, from_d])
    da = take("gather", layer=1, depth=2, shares=[dc, take("square", g=dc, a=a)])
    df = take("start", g=da, value=a)
    return d + e, take("whole", df=df, f=d + e, dc=dc, a=a, b=b)


# fan_out_gradient

CHILDREN = "x has several children: through how many of them does it change the loss?"
FLAT_CHILD = "the local slope of a child is 0: how much can x move the loss through it?"
SECOND_CHILD = "a second, equal child is added: does x move the loss as before, or twice as much?"

FAN_OUT = Derivation(
    {
        "shares": Step(
            lambda at: at.slopes * at.children,
            "slope_k * dL/dchild_k",
            (
                Turn(
                    "missing_slope",
                    lambda at: at.children * 1.0,
                    "dL/dchild_k",
                    "without the local slopes",
                    FLAT_CHILD,
                    belief="What comes back is passed on as it is, as if x and its child moved alike.",
                ),
                Turn(
                    "weights_ignored",
                    lambda at: at.children * 1.0,
                    "dL/dchild_k",
                    "with every local slope taken for 1",
                    FLAT_CHILD,
                ),
                Turn(
                    "upstream_ignored",
                    lambda at: at.slopes * 1.0,
                    "slope_k",
                    "with the local slopes alone, without what arrives at the children",
                    "if no child mattered to the loss, how much would x matter?",
                ),
                Turn("slope_twice", lambda at: at.slopes**2 * at.children, "slope_k^2 * dL/dchild_k"),
                Turn("sign", lambda at: -at.slopes * at.children, "-slope_k * dL/dchild_k"),
                Turn("adds_for_multiplies", lambda at: at.slopes + at.children, "slope_k + dL/dchild_k"),
            ),
        ),
        "sum": Step(
            lambda at: at.shares.sum(axis=0),
            "the sum over k",
            (
                Turn(
                    "last_term_only",
                    lambda at: at.shares[-1],
                    "the last k alone",
                    "with the last k alone",
                    CHILDREN,
                ),
                Turn(
                    "first_term_only",
                    lambda at: at.shares[0],
                    "the first k alone",
                    "with the first k alone",
                    CHILDREN,
                ),
                Turn(
                    "mean_over_k",
                    lambda at: at.shares.mean(axis=0),
                    "the mean over k",
                    "with the mean over the children in place of the sum",
                    SECOND_CHILD,
                ),
                Turn(
                    "divides_by_k",
                    lambda at: at.shares.mean(axis=0),
                    "1/K times the sum over k",
                    "with a division by the number of children",
                    SECOND_CHILD,
                ),
                Turn("product_over_k", lambda at: at.shares.prod(axis=0), "the product over k"),
                Turn("not_summed_over_k", lambda at: at.shares * 1.0, "one number for each k"),
                Turn("fan_out_axis", lambda at: at.shares.sum(axis=-1), "the sum over the entries of x"),
                Turn(
                    "fan_out_axis",
                    lambda at: at.shares.sum(),
                    "the sum over k and over the entries of x",
                    "with the entries of x added up too",
                ),
                Turn(
                    "sum_times_sum",
                    lambda at: at.slopes.sum(axis=0) * at.children.sum(axis=0),
                    "(sum of the slopes) * (sum of the children's gradients)",
                ),
                Turn("largest_share_only", lambda at: at.shares.max(axis=0), "the largest share alone"),
            ),
        ),
    },
    lambda take, slopes, children: _fan_out(take, np.asarray(slopes), np.asarray(children)),
)


def _fan_out(take: Any, slopes: Any, children: Any) -> Any:
    shares = take("shares", slopes=slopes, children=children)
    return take("sum", shares=shares, slopes=slopes, children=children)


# gradient_by_differences


def _one_sided(at: Any, h: float, keep: bool = False) -> Any:
    """Return ``(loss(theta_i + h) - loss(theta)) / h`` for each entry; ``keep`` leaves the nudges in."""
    theta, gradient = np.array(at.theta, dtype=float), np.empty(np.shape(at.theta))
    before = at.loss(theta)
    for index in np.ndindex(theta.shape):
        old = theta[index]
        theta[index] = old + h
        gradient[index] = (at.loss(theta) - before) / h
        if not keep:
            theta[index] = old
    return gradient


def _central(at: Any) -> Any:
    return (_one_sided(at, at.h) + _one_sided(at, -at.h)) / 2


def _together(at: Any) -> Any:
    slope = (at.loss(np.asarray(at.theta) + at.h) - at.loss(np.asarray(at.theta))) / at.h
    return np.full(np.shape(at.theta), slope)


GRADIENT_BY_DIFFERENCES = Derivation(
    {
        "quotients": Step(
            lambda at: _one_sided(at, at.h),
            "(L(theta_i + h) - L(theta)) / h, entry by entry",
            (
                Turn("not_restored", lambda at: _one_sided(at, at.h, keep=True), "the nudges are left in"),
                Turn("nudges_together", _together, "all entries nudged at once"),
                Turn(
                    "backward_difference", lambda at: _one_sided(at, -at.h), "(L(theta) - L(theta_i - h)) / h"
                ),
                Turn("sign", lambda at: -_one_sided(at, at.h), "(L(theta) - L(theta_i + h)) / h"),
                Turn("not_divided_by_h", lambda at: _one_sided(at, at.h) * at.h, "L(theta_i + h) - L(theta)"),
                Turn(
                    "factor_two",
                    lambda at: _one_sided(at, at.h) / 2,
                    "(L(theta_i + h) - L(theta)) / 2h",
                    "multiplied by 1/2",
                    "how far apart are the two points at which the loss was asked?",
                ),
                Turn(
                    "value_for_slope",
                    lambda at: _one_sided(at, at.h) + at.loss(at.theta) / at.h,
                    "L(theta_i + h) / h",
                ),
            ),
        ),
        "passes": Step(
            lambda at: at.n + 1,
            "n + 1 passes",
            (
                Turn("baseline_not_counted", lambda at: at.n, "n passes"),
                Turn("baseline_each_time", lambda at: 2 * at.n, "2 n passes"),
            ),
        ),
        "method": Step(
            lambda at: (at.quotients, at.passes),
            "(L(theta_i + h) - L(theta)) / h, entry by entry",
            (
                Turn(
                    "central_for_forward",
                    lambda at: (_central(at), ABSENT),  # which takes 2 n passes, or one more
                    "(L(theta_i + h) - L(theta_i - h)) / 2h",
                    "with central differences",
                    "the loss at theta is known: how many more passes does a one-sided difference need?",
                ),
            ),
        ),
    },
    lambda take, loss, theta, h: take(
        "method",
        loss=loss,
        theta=theta,
        h=h,
        quotients=take("quotients", loss=loss, theta=theta, h=h),
        passes=take("passes", n=np.size(theta)),
    ),
)
