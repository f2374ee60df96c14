"""Adjoints of a recorded program: one sweep back over its rows, with every operation's local slopes.

A row is ``(name, op, args, value)``. ``at`` holds what arrives ``g``, the arguments' values ``a`` and
``b``, and the row's own ``value``.
"""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np

from graders.bank.derivation import Derivation, Step, Turn
from graders.bank.programs import EXPONENTIAL, FLAT, GATHER, ITSELF, LAST, SINE, USERS, WHERE

__all__ = ["TRACE"]


def _alone(turn: Turn) -> Turn:
    """Return the turn of an operation that has one argument, and so one share."""
    return replace(turn, rule=lambda at: (turn.rule(at),))


# Each operation: what arrives -> one share per argument.
OPERATIONS = {
    "add": Step(lambda at: (at.g, at.g), "u + v: g, g"),
    "sub": Step(
        lambda at: (at.g, -at.g),
        "u - v: g, -g",
        (
            Turn("sub_sign", lambda at: (at.g, at.g), "u - v: g, g"),
            Turn(
                "sub_sign", lambda at: (-at.g, at.g), "u - v: -g, g", "with the two signs of u - v exchanged"
            ),
        ),
    ),
    "mul": Step(
        lambda at: (at.g * at.b, at.g * at.a),
        "u v: g v, g u",
        (
            Turn("mul_own_operand", lambda at: (at.g * at.a, at.g * at.b), "u v: g u, g v"),
            Turn("square_counted_once", lambda at: _square_once(at), "u u: g u in place of 2 g u"),
            Turn(
                "local_slope_missing",
                lambda at: (at.g, at.g),
                "u v: g, g",
                "with the adjoint handed on through a product as it is",
                "in 5 u, what is the slope with respect to u?",
            ),
        ),
    ),
    "neg": Step(lambda at: (-at.g,), "-u: -g", (Turn("neg_sign", lambda at: (at.g,), "-u: g"),)),
    "sin": Step(
        lambda at: (at.g * np.cos(at.a),),
        "sin u: g cos u",
        tuple(_alone(turn) for turn in SINE),
    ),
    "exp": Step(
        lambda at: (at.g * at.value,),
        "exp u: g e^u",
        tuple(_alone(turn) for turn in EXPONENTIAL),
    ),
    "log": Step(
        lambda at: (at.g / at.a,),
        "log u: g / u",
        (
            Turn(
                "slope_is_f",
                lambda at: (at.g * at.value,),
                "log u: g log u",
                "with the logarithm for its slope",
                ITSELF,
            ),
            Turn(
                "slope_at_own_value",
                lambda at: (at.g / at.value,),
                "log u: g / log u",
                "with 1 / log u for 1 / u",
                WHERE,
            ),
            Turn(
                "local_slope_missing",
                lambda at: (at.g,),
                "log u: g",
                "without the slope of the logarithm",
                FLAT,
            ),
            Turn("log_slope_not_inverted", lambda at: (at.g * at.a,), "log u: g u"),
        ),
    ),
}
STEPS = OPERATIONS | {
    "gather": Step(
        lambda at: sum(at.every),
        "the sum of the shares",
        (
            Turn(
                "last_term_only",
                lambda at: at.every[-1],
                "the share written last replaces the others",
                LAST,
                USERS,
            ),
            *GATHER,
        ),
    ),
    "upstream": Step(
        lambda at: at.g,
        "each share is g times the local slope",
        (
            Turn(
                "upstream_ignored",
                lambda at: 1.0,
                "the local slopes alone",
                "with 1 in place of the adjoint that arrives at each row",
                "a row that the output hardly feels: how much should it hand on?",
            ),
            Turn(
                "upstream_ignored",
                lambda at: float(at.felt),
                "the local slopes alone, from the output on",
                "with 1 in place of the adjoint that arrives at each row",
                "a row that the output hardly feels: how much should it hand on?",
            ),
        ),
    ),
    "seed": Step(
        lambda at: 1.0,
        "the output's own adjoint is 1",
        (
            Turn("seed_is_value", lambda at: at.value, "the output's own adjoint is its value"),
            Turn("sign", lambda at: -1.0, "the output's own adjoint is -1"),
        ),
    ),
    "order": Step(
        lambda at: at.rows[::-1],
        "from the last row to the first",
        (Turn("sweep_forward", lambda at: at.rows, "from the first row to the last"),),
    ),
    "output": Step(
        lambda at: at.output,
        "begin at the output",
        (Turn("begins_at_last_row", lambda at: at.rows[-1][0], "begin at the last row"),),
    ),
}


def _square_once(at: SimpleNamespace) -> tuple[Any, Any]:
    """Keep one share for x x, as a dict keyed by the arguments does."""
    return (at.g * at.b, 0.0 if at.args[0] == at.args[1] else at.g * at.a)


def _adjoints(take: Any, trace: Any, output: str) -> dict[str, Any]:
    rows = list(trace)
    values = {name: value for name, _, _, value in rows}
    output = take("output", rows=rows, output=output)
    # What the rows send that the output feels; ``every`` has the zeros of the others too.
    shares: dict[str, list[Any]] = {name: [] for name in values}
    every: dict[str, list[Any]] = {name: [] for name in values}

    def adjoint(name: str) -> Any:
        return take("gather", shares=shares[name] or [0.0], every=every[name] or [0.0])

    for sent in (shares, every):
        sent[output].append(take("seed", value=values[output]))
    for name, op, args, value in take("order", rows=rows):
        if args:
            felt = bool(shares[name])
            a, b = values[args[0]], values[args[-1]]
            g = take("upstream", g=adjoint(name), felt=felt)
            for arg, share in zip(args, take(op, g=g, a=a, b=b, value=value, args=args), strict=True):
                every[arg].append(share)
                if felt:
                    shares[arg].append(share)
    return {name: adjoint(name) for name in values}


TRACE = Derivation(STEPS, _adjoints)
