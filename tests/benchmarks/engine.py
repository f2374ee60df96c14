"""The scalar engines beside micrograd: nodes a second, bytes a node, the longest chain.

A node is one value, input or operation. The graph is a small ReLU network (4-8-8-1) with one input, one
product and one sum after another, over as many examples as give the number of nodes; the losses are
added as a tree, so that micrograd's recursion gets through. Timed are forward and backward, in CPU
time, with the garbage collector on; freeing the graph is not.
"""

import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable
from itertools import cycle, pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from measure import chart, missing, ratio, report

from backproplab.scalar import Value
from backproplab.tape import Tape

try:
    from micrograd.engine import Value as Micrograd
except ImportError:
    Micrograd = None

NODES_AND_ROUNDS = ((10_000, 41), (100_000, 9), (1_000_000, 3))
LAYERS = (4, 8, 8, 1)
FAR = 1_000_000  # a chain that long is long enough
HOLD_SPEED = {"scalar": {10_000: 2.0, 1_000_000: 5.0}, "tape": {10_000: 4.0, 1_000_000: 15.0}}
HOLD_BYTES = {"scalar": 180, "tape": 130}
MakeInput = Callable[[float], Any]
# Each gives a function that makes an input; the tape is new for every graph.
ENGINES: dict[str, Callable[[], MakeInput]] = {"scalar": lambda: Value, "tape": lambda: Tape().value}
if Micrograd is not None:
    ENGINES["micrograd"] = lambda: Micrograd


def network(make: MakeInput) -> list[list[tuple[list[Any], Any]]]:
    # Weights from -0.5 to 0.5 without a pattern that matters: drawing them would be timed as well.
    numbers = cycle(((7 * i) % 23 - 11) / 22 for i in range(23))

    def neuron(inputs: int) -> tuple[list[Any], Any]:
        return [make(next(numbers)) for _ in range(inputs)], make(0.1)

    return [[neuron(n_in) for _ in range(n_out)] for n_in, n_out in pairwise(LAYERS)]


def neuron_output(weights: list[Any], bias: Any, inputs: list[Any]) -> Any:
    z = bias
    for w, x in zip(weights, inputs):  # noqa: B905 - strict would be timed as well
        z = z + w * x
    return z.relu()


def example_loss(layers: list[list[tuple[list[Any], Any]]], make: MakeInput, number: int) -> Any:
    a = [make((number % 7 - 3) / 3), make((number % 11 - 5) / 5), make(1.0), make(-0.5)]
    for layer in layers:
        a = [neuron_output(weights, bias, a) for weights, bias in layer]
    error = a[0] + make(-0.5)
    return error * error


def nodes_per_example() -> int:
    operations = sum(n_out * (2 * n_in + 1) for n_in, n_out in pairwise(LAYERS))
    return LAYERS[0] + operations + 4  # its target, the error, its square, and a sum of losses


def run(make: MakeInput, nodes: int) -> Any:
    """Build the graph and go back through it; return what keeps it alive."""
    layers = network(make)
    losses = [example_loss(layers, make, number) for number in range(nodes // nodes_per_example())]
    while len(losses) > 1:
        odd = losses[-1:] if len(losses) % 2 else []
        losses = [a + b for a, b in zip(losses[::2], losses[1::2], strict=False)] + odd
    losses[0].backward()
    return losses[0], layers


def seconds(engine: str, nodes: int) -> float:
    make = ENGINES[engine]()
    gc.collect()
    start = time.process_time()
    kept = run(make, nodes)
    took = time.process_time() - start
    del kept
    return took


def speeds(nodes: int, rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {engine: [] for engine in ENGINES}
    for _ in range(rounds):
        for engine in ENGINES:
            times[engine].append(seconds(engine, nodes))
    return times


def bytes_a_node(engine: str, nodes: int = 100_000) -> tuple[float, float]:
    """Return what is held after backward, and the most that was held on the way."""
    gc.collect()
    tracemalloc.start()
    kept = run(ENGINES[engine](), nodes)
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del kept
    return held / nodes, peak / nodes


def survives(engine: str, length: int) -> bool:
    x = ENGINES[engine]()(1.0)
    end = x
    for _ in range(length):
        end = end + x
    try:
        end.backward()
    except RecursionError:
        return False
    return bool(x.grad == length + 1)


def longest_chain(engine: str) -> int:
    if survives(engine, FAR):
        return FAR
    good, bad = 1, FAR
    while bad - good > 1:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if survives(engine, middle) else (good, middle)
    return good


def row(engine: str, nodes: int, times: dict[str, list[float]]) -> list[Any]:
    rate = nodes / statistics.median(times[engine]) / 1e6
    faster = ratio(times, "micrograd", engine) if "micrograd" in times else None
    return [engine, nodes, rate, faster, HOLD_SPEED.get(engine, {}).get(nodes)]


def main() -> None:
    if Micrograd is None:
        missing("micrograd")
    columns = ["engine", "nodes", "M nodes/s", "times micrograd", "hold >="]
    rows = [row(e, n, times) for n, r in NODES_AND_ROUNDS for times in [speeds(n, r)] for e in ENGINES]
    for engine in ENGINES:
        held, peak = bytes_a_node(engine)
        chain = longest_chain(engine)
        sizes = [round(held), HOLD_BYTES.get(engine), round(peak), chain]
        for each in (r for r in rows if r[0] == engine):
            each.extend(sizes)
    report("engine", [*columns, "bytes a node", "hold <=", "peak bytes", f"chain (to {FAR:,})"], rows)
    sizes_drawn = [nodes for nodes, _ in NODES_AND_ROUNDS]
    chart(
        "engine",
        "Million nodes a second, forward and backward",
        [f"{nodes:,} nodes" for nodes in sizes_drawn],
        {e: [each[2] for each in rows if each[0] == e] for e in ENGINES},
        {},
    )


if __name__ == "__main__":
    main()
