"""Depth against activation and initialisation: test accuracy on digits, beside the published table.

Width 30, SGD at 0.1, 20 epochs, batches of 32, softmax cross-entropy, median of three seeds.
"""

import statistics
import sys
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent))
from measure import chart, report

from backproplab.data import digits
from backproplab.errors import DataError
from backproplab.initializers import Initializer, gaussian
from backproplab.network import MLP
from backproplab.optimizers import SGD
from backproplab.training import accuracy, train

DEPTHS = (1, 2, 4, 8, 16)
ROWS: tuple[tuple[str, str, str | Initializer, tuple[float, ...]], ...] = (
    ("sigmoid + Glorot", "sigmoid", "glorot", (0.92, 0.65, 0.10, 0.10, 0.08)),
    ("sigmoid + N(0, 1)", "sigmoid", "normal", (0.92, 0.89, 0.89, 0.83, 0.28)),
    ("tanh + Glorot", "tanh", "glorot", (0.97, 0.97, 0.96, 0.97, 0.93)),
    ("ReLU + 0.01", "relu", gaussian("0.01", lambda n_in, n_out: 0.01), (0.95, 0.17, 0.09, 0.09, 0.09)),
    ("ReLU + Glorot", "relu", "glorot", (0.96, 0.97, 0.97, 0.93, 0.38)),
    ("ReLU + He", "relu", "he", (0.97, 0.97, 0.97, 0.94, 0.52)),
)


def reached(activation: str, init: str | Initializer, depth: int, seed: int) -> float:
    X, y, X_test, y_test = digits()
    rng = np.random.default_rng(seed)
    net = MLP([64, *[30] * depth, 10], activation, loss="softmax_cross_entropy", init=init, rng=rng)
    try:
        train(net, X, y, epochs=20, batch_size=32, optimizer=SGD(lr=0.1), rng=rng)
    except DataError:  # diverged
        return 0.0
    return accuracy(net, X_test, y_test)


def main() -> None:
    rows = []
    with threadpool_limits(1):
        for name, activation, init, published in ROWS:
            for depth, known in zip(DEPTHS, published, strict=True):
                ours = statistics.median(reached(activation, init, depth, seed) for seed in range(3))
                rows.append([name, depth, round(ours, 2), known])
    report("depth_sweep", ["network", "depth", "accuracy", "published"], rows)
    chart(
        "depth_sweep",
        "Test accuracy on digits by depth: median of three seeds",
        [f"{name}, depth {depth}" for name, depth, *_ in rows],
        {"here": [row[2] for row in rows]},
        {"published": [row[3] for row in rows]},
    )


if __name__ == "__main__":
    main()
