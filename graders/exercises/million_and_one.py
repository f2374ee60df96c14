"""Lesson ``million_and_one``: probes, numerical truth and wrong turns of its five exercises."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.random import Generator

from backproplab import gradcheck
from graders.answers import ABSENT
from graders.bank import programs
from graders.bank.paths import PATH_TURNS
from graders.bank.traces import TRACE
from graders.curves import wavy_loss
from graders.exercise import Exercise, Probe, WrongTurn

__all__ = ["EXERCISES"]

Row = tuple[str, str, tuple[str, ...], float]

# adjoint_program and fan_out_gradient


def _program_probes(rng: Generator) -> list[Probe]:
    """Draw x where neither branch of the program drowns the other."""
    drawn = (float(x) for x in rng.uniform(-2, 0.3, 1000))
    kept = [x for x in drawn if abs(np.cos(np.exp(x) + np.exp(2 * x))) > 0.1]
    return [Probe((x,)) for x in kept[:6]]


def program(x: Any) -> Any:
    """Return f = exp(e^x + e^2x) + sin(e^x + e^2x)."""
    c = np.exp(x) + np.exp(2 * x)
    return np.exp(c) + np.sin(c)


def true_program(x: float) -> tuple[float, float]:
    """Differentiate the program numerically."""
    return float(program(x)), float(gradcheck.numerical_gradient(program, x))


# A value that two lines use, and the lost share, by the place where the two meet.
ARROWS = {
    ("last_term_only", 1): "with what comes back to a from b alone, without the share from c",
    ("first_term_only", 1): "with what comes back to a from c alone, without the share from b",
    ("last_term_only", 2): "with what comes back to c from d alone, without the share from e",
    ("first_term_only", 2): "with what comes back to c from e alone, without the share from d",
}


def _in_a_program(turn: WrongTurn) -> WrongTurn:
    """Tell a slip by the arrow that is lost: a program has no layers."""
    says = ARROWS.get((turn.misconception, turn.layer or 0), turn.says)
    return replace(turn, layer=None, says=says)


def _program_working(x: float) -> str:
    a = np.exp(x)
    c = a + a**2
    return f"a = {a:.4g}, c = {c:.4g}, e^c = {np.exp(c):.4g}, cos c = {np.cos(c):.4g}"


def _fan_out_probes(rng: Generator) -> list[Probe]:
    shapes = ((3,), (3,), (5,), (4, 6), (3, 3), (1, 2))
    return [Probe((rng.normal(size=shape), rng.normal(size=shape))) for shape in shapes]


def true_fan_out(slopes: Any, children: Any) -> Any:
    """Nudge x, of which every child is ``slope * x`` and the loss ``sum of gradient * child``."""
    x = np.zeros(slopes.shape[1:])
    return gradcheck.complex_step(lambda x: np.sum(children * (slopes * x)), x)


def _fan_out_working(slopes: Any, children: Any) -> str:
    shares = ", ".join(f"{share:.4g}" for share in (slopes * children).reshape(len(slopes), -1)[:, 0])
    which = "" if slopes.ndim == 1 else " of the first entry"
    return f"the shares{which} are {shares}"


# gradient_by_differences


def _differences_probes(rng: Generator) -> list[Probe]:
    arrays = [[rng.normal(size=n) for _ in range(3)] for n in (5, 5, 1, 12, 4)]
    return [Probe((wavy_loss(A, B), theta, 0.1)) for A, B, theta in arrays]


def true_differences(loss: Any, theta: Any, h: float) -> tuple[Any, int, int]:
    """Return the one-sided quotients, the passes that they need, and as many calls of the loss."""
    return gradcheck.forward_difference(loss, theta, h), theta.size + 1, theta.size + 1


def _differences_working(loss: Any, theta: Any, h: float) -> str:
    nudged = np.array(theta)
    nudged[0] += h
    return f"L(theta) = {loss(theta):.4g}, with the first entry nudged {loss(nudged):.4g}"


def with_calls(answer: Any, *arguments: Any) -> Any:
    """Leave open how often the loss was called, where that was not counted."""
    return (*answer, ABSENT) if len(answer) == 2 else answer


# adjoint_from_trace: every program has the same names, so that the answers have the same keys

INPUTS, CONSTANTS = ("x", "y"), ("k1", "k2")
NAMES = (*INPUTS, *CONSTANTS, *(f"v{i}" for i in range(1, 9)))
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "neg": lambda a: -a,
    "sin": np.sin,
    "exp": np.exp,
    "log": np.log,
}
# The output, and the operations of v1 to v8; what follows the output hangs in the air.
PROGRAMS = (
    # 3 (x + 4)^5: the last operation is a product, the one inside a power
    ("v5", "add x k1, mul v1 v1, mul v2 v2, mul v3 v1, mul k2 v4, sin v5, neg y, sub v6 v7"),
    # x exp(x): a product of two factors that both depend on x
    ("v2", "exp x, mul x v1, log k1, mul v2 v2, add y v3, neg v4, sin k2, sub v5 v7"),
    ("v8", "mul x y, sin v1, sub v2 x, exp v3, mul v4 v4, log v4, sub v6 y, mul v5 v7"),
    ("v8", "mul y y, add v1 k1, log v2, neg v3, sin v4, sub x v5, mul v6 k2, add v7 v3"),
    ("v7", "exp y, sub k2 v1, mul v2 x, sin v3, mul v4 v2, neg v5, add v6 v4, exp v7"),
    ("v8", "mul x x, exp y, add v1 v2, log v3, sub v4 v2, mul v5 v5, sin v6, sub v7 x"),
)


def _record(rng: Generator, text: str) -> list[Row]:
    """Run a program on random inputs and write down every row; inputs and constants come first."""
    rows: list[Row] = []
    for name in (*INPUTS, *CONSTANTS):
        kind = "input" if name in INPUTS else "const"
        rows.append((name, kind, (), float(rng.uniform(0.4, 1.3))))
    for i, line in enumerate(text.split(", "), 1):
        op, *args = line.split()
        known = {name: value for name, _, _, value in rows}
        rows.append((f"v{i}", op, tuple(args), float(FUNCTIONS[op](*(known[arg] for arg in args)))))
    return rows


def _trace_probes(rng: Generator) -> list[Probe]:
    return [Probe((_record(rng, text), output)) for output, text in PROGRAMS]


def true_adjoints(trace: list[Row], output: str) -> dict[str, float]:
    """Nudge the value of each row in turn and run what follows again."""

    def run(nudged: str, h: complex) -> Any:
        values: dict[str, Any] = {}
        for name, op, args, value in trace:
            values[name] = FUNCTIONS[op](*(values[arg] for arg in args)) if args else value
            values[name] += h if name == nudged else 0
        return values[output]

    return {name: float(np.imag(run(name, 1e-30j)) / 1e-30) for name, *_ in trace}


# count_paths

SHOWN = 12  # a graph with more edges is no example to work by hand


def _diamonds(n: int) -> list[tuple[str, str]]:
    """Return a chain of diamonds: each doubles the paths."""
    edges = []
    for i in range(n):
        here, there = f"n{i}", f"n{i + 1}"
        edges += [(here, f"up{i}"), (here, f"down{i}"), (f"up{i}", there), (f"down{i}", there)]
    return edges


def _web(rng: Generator, n: int) -> list[tuple[str, str]]:
    """Return every edge forward between n nodes that the coin allows, some of them twice."""
    edges = [
        (f"n{i}", f"n{j}") for i in range(n) for j in range(i + 1, n) if j == i + 1 or rng.random() < 0.6
    ]
    return edges + [edges[int(i)] for i in rng.choice(len(edges), 2, replace=False)]


def _paths_probes(rng: Generator) -> list[Probe]:
    cases = [(_web(rng, n), "n0", f"n{n - 1}") for n in (5, 6, 8)]
    cases += [(_web(rng, 6), "n2", "n2"), (_web(rng, 6), "n4", "n1"), (_web(rng, 7), "n1", "n5")]
    cases += [(_diamonds(45), "n0", "n45")]
    return [Probe((_shuffled(rng, edges), source, target)) for edges, source, target in cases]


def _paths_working(edges: Sequence[tuple[str, str]], source: str, target: str) -> str:
    if len(edges) > SHOWN:
        return f"{len(edges)} edges, of which {sum(u == source for u, _ in edges)} leave {source}"
    shown = ", ".join(f"{u} \N{RIGHTWARDS ARROW} {v}" for u, v in edges)
    return f"the edges are {shown}"


def _shuffled(rng: Generator, edges: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [edges[int(i)] for i in rng.permutation(len(edges))]


def true_count(edges: Any, source: str, target: str) -> int:
    """Count walks of every length: sum the powers of the table of edges, in whole numbers."""
    nodes = sorted({source, target, *(node for edge in edges for node in edge)})
    follows = {node: [v for u, v in edges if u == node] for node in nodes}
    walks, total = {source: 1}, 0
    while walks:
        total += walks.pop(target, 0)
        onward: dict[str, int] = {}
        for node, count in walks.items():
            for v in follows[node]:
                onward[v] = onward.get(v, 0) + count
        walks = onward
    return total


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="adjoint_program",
        signature="adjoint_program(x) -> (f, df)",
        points=5,
        probes=_program_probes,
        truth=true_program,
        formula="a = e^x, b = a^2, c = a + b: dc = e^c + cos c, da = dc + 2 a dc, df = da e^x",
        wrong_turns=tuple(map(_in_a_program, programs.PROGRAM.wrong_turns(("all", 1, 2)))),
        form="tuple",
        parts=("f", "df"),
        counted=("df",),
        derivation=True,
        working=_program_working,
        tolerance=1e-9,
    ),
    Exercise(
        name="fan_out_gradient",
        signature="fan_out_gradient(local_slopes, child_gradients) -> float or ndarray",
        points=2,
        probes=_fan_out_probes,
        truth=true_fan_out,
        formula="dL/dx = sum_k slope_k * dL/dchild_k",
        wrong_turns=programs.FAN_OUT.wrong_turns(),
        parts=("dL/dx",),
        working=_fan_out_working,
    ),
    Exercise(
        name="gradient_by_differences",
        signature="gradient_by_differences(loss, theta, h) -> (grad, passes)",
        points=3,
        probes=_differences_probes,
        truth=true_differences,
        formula="(L(theta_i + h) - L(theta)) / h, entry by entry; n + 1 passes",
        wrong_turns=programs.GRADIENT_BY_DIFFERENCES.wrong_turns(),
        form="tuple",
        parts=("grad", "passes", "calls of the loss"),
        counted=("grad",),
        answer="counted",
        working=_differences_working,
        measure=with_calls,
    ),
    Exercise(
        name="adjoint_from_trace",
        signature="adjoint_from_trace(trace, output) -> dict",
        points=7,
        probes=_trace_probes,
        truth=true_adjoints,
        formula="each argument gathers adjoint * slope",
        wrong_turns=TRACE.wrong_turns(),
        form="dict",
        parts=NAMES,
        counted=INPUTS,
        derivation=True,
    ),
    Exercise(
        name="count_paths",
        signature="count_paths(edges, source, target) -> int",
        points=3,
        probes=_paths_probes,
        truth=true_count,
        formula="paths(v) = sum of paths(u) over the edges u -> v, paths(source) = 1",
        wrong_turns=PATH_TURNS,
        parts=("the number of paths",),
        working=_paths_working,
        tolerance=1e-15,
    ),
)
