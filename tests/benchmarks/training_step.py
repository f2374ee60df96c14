"""One training step (forward, loss, backward, gradients, update) beside the matrix products it cannot avoid.

The bound is the 3L - 1 products alone, into arrays that are already there. ``by hand`` is the same step
written out for ReLU and softmax, without layers, checks or names: what NumPy itself adds to the bound on
this machine. Peers: HIPS autograd, scikit-learn, micrograd, and torch (eager, CPU) where installed.
"""

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent))
from measure import chart, interleaved, missing, ratio, report

from backproplab.network import MLP
from backproplab.optimizers import SGD
from backproplab.training import train_step

# sizes, batch, what to hold: ratio to the bound, ratio to torch
CASES: tuple[tuple[list[int], int, float, float], ...] = (
    ([784, 100, 10], 10, 2.0, 0.30),
    ([784, 100, 10], 32, 1.45, 0.55),
    ([784, 100, 10], 128, 1.25, 0.75),
    ([64, 256, 256, 10], 64, 1.35, 0.75),
    ([64] * 21, 64, 1.9, 0.55),
    ([784, 1024, 1024, 10], 256, 1.10, 1.0),
    ([1, 2, 1], 3, float("nan"), 0.12),
)
Task = Callable[[], Any]


def data(sizes: list[int], batch: int, dtype: Any) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(batch, sizes[0])).astype(dtype)
    if sizes[-1] == 1:
        return X, rng.normal(size=(batch, 1)).astype(dtype)
    return X, rng.integers(0, sizes[-1], batch)


def ours(sizes: list[int], X: Any, T: Any, dtype: Any) -> Task:
    loss, act = ("ssr", "softplus") if sizes[-1] == 1 else ("softmax_cross_entropy", "relu")
    net = MLP(sizes, act, loss=loss, init="he", rng=np.random.default_rng(1), dtype=dtype)
    optimizer = SGD(lr=1e-4)
    return lambda: train_step(net, X, T, optimizer)


def products(sizes: list[int], batch: int, dtype: Any) -> Task:
    rng = np.random.default_rng(2)
    Ws = [rng.normal(size=pair).astype(dtype) for pair in pairwise(sizes)]
    As = [rng.normal(size=(batch, n)).astype(dtype) for n in sizes]
    Zs, dAs, dWs = (
        [np.empty_like(A) for A in As],
        [np.empty_like(A) for A in As],
        [np.empty_like(W) for W in Ws],
    )

    def run() -> None:
        for layer, W in enumerate(Ws):
            np.dot(As[layer], W, out=Zs[layer + 1])
        for layer in reversed(range(len(Ws))):
            np.dot(As[layer].T, Zs[layer + 1], out=dWs[layer])
            if layer:
                np.dot(Zs[layer + 1], Ws[layer].T, out=dAs[layer])

    return run


def by_hand(sizes: list[int], X: Any, T: Any) -> Task | None:
    if sizes[-1] == 1:
        return None
    parameters = MLP(sizes, init="he", rng=np.random.default_rng(1), dtype=X.dtype.type).parameters
    rows = np.eye(sizes[-1], dtype=X.dtype)[T]
    last = len(parameters) - 2

    def step() -> None:
        As = [X]
        for i in range(0, last + 1, 2):
            Z = As[-1] @ parameters[i]
            Z += parameters[i + 1]
            As.append(np.maximum(Z, 0, out=Z) if i < last else Z)
        P = np.exp(As[-1] - As[-1].max(axis=1, keepdims=True))
        P /= P.sum(axis=1, keepdims=True)
        float(-np.log((P * rows).sum(axis=1)).sum())
        delta = (P - rows) / len(X)
        for i in range(last, -1, -2):
            W, A = parameters[i], As[i // 2]
            dW, db = A.T @ delta, delta.sum(axis=0)
            if i:
                delta = (delta @ W.T) * (A > 0)
            W -= 1e-4 * dW
            parameters[i + 1] -= 1e-4 * db

    return step


def with_torch(sizes: list[int], X: Any, T: Any) -> Task | None:
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    kind = torch.float32 if X.dtype == np.float32 else torch.float64
    act = torch.nn.Softplus if sizes[-1] == 1 else torch.nn.ReLU
    layers: list[Any] = []
    for n_in, n_out in pairwise(sizes):
        layers += [torch.nn.Linear(n_in, n_out, dtype=kind), act()]
    net = torch.nn.Sequential(*layers[:-1])
    loss = torch.nn.MSELoss(reduction="sum") if sizes[-1] == 1 else torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-4)
    X, T = torch.from_numpy(X), torch.from_numpy(T)

    def step() -> float:
        optimizer.zero_grad()
        value = loss(net(X), T)
        value.backward()
        optimizer.step()
        return float(value)

    return step


def with_autograd(sizes: list[int], X: Any, T: Any) -> Task | None:
    try:
        import autograd.numpy as anp
        from autograd import value_and_grad
    except ImportError:
        return None
    net = MLP(sizes, init="he", rng=np.random.default_rng(1), dtype=X.dtype.type)

    def loss(parameters: list[Any]) -> Any:
        A = X
        for layer in range(0, len(parameters), 2):
            Z = anp.dot(A, parameters[layer]) + parameters[layer + 1]
            A = (
                Z
                if layer == len(parameters) - 2
                else anp.maximum(Z, 0)
                if len(sizes) > 3 or sizes[-1] > 1
                else anp.log1p(anp.exp(Z))
            )
        if sizes[-1] == 1:
            return anp.sum((A - T) ** 2)
        shifted = A - anp.max(A, axis=1, keepdims=True)
        return -anp.mean(
            (shifted - anp.log(anp.sum(anp.exp(shifted), axis=1, keepdims=True)))[anp.arange(len(T)), T]
        )

    gradient = value_and_grad(loss)
    optimizer = SGD(lr=1e-4)
    return lambda: optimizer.step(net.parameters, gradient(net.parameters)[1])


def with_sklearn(sizes: list[int], X: Any, T: Any) -> Task | None:
    try:
        from sklearn.neural_network import MLPClassifier
    except ImportError:
        return None
    if sizes[-1] == 1:
        return None
    net = MLPClassifier(sizes[1:-1], solver="sgd", batch_size=len(X), alpha=0.0, momentum=0.0, random_state=0)
    classes = np.arange(sizes[-1])
    return lambda: net.partial_fit(X, T, classes=classes)


def with_micrograd(sizes: list[int], X: Any, T: Any) -> Task | None:
    try:
        from micrograd import nn
    except ImportError:
        return None
    if sizes[-1] != 1:
        return None
    net = nn.MLP(1, [2, 1])

    def step() -> None:
        net.zero_grad()
        loss = sum((net([float(x)]) - float(t)) ** 2 for x, t in zip(X[:, 0], T[:, 0], strict=True))
        loss.backward()
        for p in net.parameters():
            p.data -= 1e-4 * p.grad

    return step


PEERS = {
    "by hand": by_hand,
    "torch": with_torch,
    "autograd": with_autograd,
    "sklearn": with_sklearn,
    "micrograd": with_micrograd,
}


def measure(sizes: list[int], batch: int, dtype: Any, rounds: int) -> dict[str, Any]:
    X, T = data(sizes, batch, dtype)
    tasks: dict[str, Task] = {"ours": ours(sizes, X, T, dtype), "bound": products(sizes, batch, dtype)}
    tasks |= {name: task for name, make in PEERS.items() if (task := make(sizes, X, T)) is not None}
    times = interleaved(tasks, rounds)
    found = {name: ratio(times, "ours", name) for name in tasks if name != "ours"}
    return {"us": 1e6 * sorted(times["ours"])[rounds // 2], **found}


def name_of(sizes: list[int]) -> str:
    return f"{len(sizes) - 1} layers of {sizes[0]}" if len(sizes) > 6 else "-".join(map(str, sizes))


def main() -> None:
    for package in list(PEERS)[1:]:
        try:
            __import__(package)
        except ImportError:
            missing(package)
    rows = []
    with threadpool_limits(1):
        for sizes, batch, hold, hold_torch in CASES:
            for dtype in (np.float32, np.float64):
                found = measure(sizes, batch, dtype, rounds=25 if sum(sizes) < 2000 else 9)
                rows.append(
                    [f"{name_of(sizes)}, batch {batch}", dtype.__name__, found["us"], found["bound"], hold]
                    + [found.get("by hand"), found.get("torch"), hold_torch]
                    + [found.get(peer) for peer in ("autograd", "sklearn", "micrograd")]
                )
    ratios = [
        "to bound",
        "hold",
        "to by hand",
        "to torch",
        "hold ",
        "to autograd",
        "to sklearn",
        "to micrograd",
    ]
    report("training_step", ["case", "dtype", "us", *ratios], rows)
    held = [row for row in rows if row[4] == row[4]]  # the smallest case is held in microseconds
    chart(
        "training_step",
        "One training step, as a multiple of its matrix products alone",
        [f"{row[0]}, {row[1]}" for row in held],
        {"backproplab": [row[3] for row in held], "by hand": [row[3] / row[5] for row in held]},
        {"hold": [row[4] for row in held]},
    )


if __name__ == "__main__":
    main()
