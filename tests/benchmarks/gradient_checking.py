"""What a gradient check costs, and how many single wrong entries each kind misses.

One network, 64-32-10 tanh with 2,410 parameters, batch 8, half squared error. Every peer gets the same
wrong gradients: one entry of 400 random ones, off by a relative amount.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).parent))
from measure import chart, interleaved, missing, report

from backproplab.gradcheck import central_difference, complex_step, node_perturbation
from backproplab.gradient_report import gradient_check
from backproplab.network import MLP, forward

ENTRIES, SEED = 400, 0
RELATIVE = (1.0, 1e-2, 1e-4, 1e-6)
rng = np.random.default_rng(SEED)
NET = MLP([64, 32, 10], "tanh", rng=rng)
X, T = rng.normal(size=(8, 64)), rng.normal(size=(8, 10))
GRADIENTS = NET.gradients(X, T)
SHAPES = [g.shape for g in GRADIENTS]
SIZES = [g.size for g in GRADIENTS]
Check = Callable[[list[Any]], bool]


def loss(parameters: list[Any]) -> Any:
    return NET.loss_of(parameters)(X, T)


def flat(arrays: list[Any]) -> Any:
    return np.concatenate([np.ravel(a) for a in arrays])


def parts(vector: Any) -> list[Any]:
    pieces = np.split(vector, np.cumsum(SIZES)[:-1])
    return [piece.reshape(shape) for piece, shape in zip(pieces, SHAPES, strict=True)]


def entry_by_entry(method: Callable[..., Any]) -> Any:
    return method(lambda vector: loss(parts(vector)), flat(NET.parameters))


def by_nodes() -> Any:
    """Every entry from one tail pass per neuron."""
    run, gradients = NET.run(X), []
    for layer, Z in enumerate(run.Zs):

        def tail(Z: Any, layer: int = layer) -> Any:
            A = NET.activations[layer].f(Z)
            out = forward(NET.parameters[2 * layer + 2 :], A, NET.activations[layer + 1 :]).As[-1]
            return ((out - T) ** 2).sum(axis=1) / 2 / len(X)

        delta = node_perturbation(tail, Z)
        gradients += [run.As[layer].T @ delta, delta.sum(axis=0)]
    return flat(gradients)


def directions(gradients: list[Any]) -> bool:
    return gradient_check(loss, NET.parameters, gradients, locate=False).ok


def against(numerical: Any) -> Check:
    """A check by the ratio of norms, at the usual 1e-5."""
    size = np.linalg.norm(numerical)
    return lambda gradients: bool(np.linalg.norm(flat(gradients) - numerical) <= 1e-5 * size)


def by_node_entries(numerical: Any) -> Check:
    """A check of every entry against node perturbation, at rounding."""
    top = np.abs(numerical).max()
    return lambda gradients: bool(np.all(np.abs(flat(gradients) - numerical) <= 1e-12 * top))


def scipy_check(gradients: list[Any]) -> bool:
    """scipy.optimize.check_grad returns a norm; held to 1e-5 of the gradient's."""
    from scipy.optimize import check_grad

    wrong = flat(gradients)
    distance = check_grad(lambda v: float(loss(parts(v))), lambda v: wrong, flat(NET.parameters))
    return bool(distance <= 1e-5 * np.linalg.norm(wrong))


def autograd_gradient() -> Any:
    import autograd.numpy as anp
    from autograd import grad

    def same(parameters: list[Any]) -> Any:
        W1, b1, W2, b2 = parameters
        return anp.sum((anp.dot(anp.tanh(anp.dot(X, W1) + b1), W2) + b2 - T) ** 2) / 2 / len(X)

    return flat(grad(same)(NET.parameters))


def numdifftools_entry() -> Any:
    import numdifftools

    vector = flat(NET.parameters)
    return numdifftools.Derivative(lambda v: float(loss(parts(np.concatenate([[v], vector[1:]])))))(vector[0])


def torch_check(fast: bool) -> Check:
    import torch

    inputs = [torch.tensor(p, requires_grad=True) for p in NET.parameters]

    def check(gradients: list[Any]) -> bool:
        class Wrong(torch.autograd.Function):
            """The loss with our gradients for its backward."""

            @staticmethod
            def forward(ctx: Any, *p: Any) -> Any:
                return torch.tensor(float(loss([q.detach().numpy() for q in p])), dtype=torch.float64)

            @staticmethod
            def backward(ctx: Any, upstream: Any) -> Any:
                return tuple(upstream * torch.from_numpy(g) for g in gradients)

        return bool(torch.autograd.gradcheck(Wrong.apply, inputs, fast_mode=fast, raise_exception=False))

    return check


def jax_check(gradients: list[Any]) -> bool:
    """jax.test_util.check_grads in reverse mode, at its default tolerance."""
    import jax
    import jax.numpy as jnp
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)

    @jax.custom_vjp
    def value(p: list[Any]) -> Any:
        W1, b1, W2, b2 = p
        return ((jnp.tanh(X @ W1 + b1) @ W2 + b2 - T) ** 2).sum() / 2 / len(X)

    value.defvjp(lambda p: (value(p), None), lambda _, up: ([up * jnp.asarray(g) for g in gradients],))
    try:
        check_grads(value, ([jnp.asarray(p) for p in NET.parameters],), order=1, modes=["rev"])
    except AssertionError:
        return False
    return True


def spoilt(relative: float) -> list[list[Any]]:
    draw, wrong = np.random.default_rng(1), []
    vector = flat(GRADIENTS)
    for entry in draw.integers(len(vector), size=ENTRIES):
        off = vector.copy()
        off[entry] *= 1 + relative
        wrong.append(parts(off))
    return wrong


def main() -> None:
    central = entry_by_entry(central_difference)
    costs: dict[str, Callable[[], Any]] = {
        "five complex directions": lambda: directions(GRADIENTS),
        "node perturbation, every entry": by_nodes,
        "central per entry": lambda: entry_by_entry(central_difference),
        "complex step per entry": lambda: entry_by_entry(complex_step),
        "scipy check_grad": lambda: scipy_check(GRADIENTS),
        "autograd gradient": autograd_gradient,
        "numdifftools, one entry": numdifftools_entry,
    }
    checks: dict[str, tuple[Check, int]] = {
        "five complex directions": (directions, ENTRIES),
        "node perturbation, every entry": (by_node_entries(by_nodes()), ENTRIES),
        "central per entry": (against(central), ENTRIES),
        "scipy check_grad": (scipy_check, 5),
        "autograd gradient": (against(autograd_gradient()), ENTRIES),
    }
    try:
        import torch  # noqa: F401 - only to see whether it is there

        costs |= {"torch gradcheck, fast": lambda: torch_check(True)(GRADIENTS)}
        costs |= {"torch gradcheck": lambda: torch_check(False)(GRADIENTS)}
        checks |= {
            "torch gradcheck, fast": (torch_check(True), 40),
            "torch gradcheck": (torch_check(False), 3),
        }
    except ImportError:
        missing("torch")
    try:
        import jax  # noqa: F401 - only to see whether it is there

        costs |= {"JAX check_grads": lambda: jax_check(GRADIENTS)}
        checks |= {"JAX check_grads": (jax_check, 60)}
    except ImportError:
        missing("jax")
    with threadpool_limits(1):
        times = interleaved(costs, rounds=5, seconds=0.01)
        rows = [row(name, sorted(times[name])[2] * 1e3, checks.get(name)) for name in costs]
    report("gradient_checking", ["method", "ms", "tried", *(f"missed at {r:g}" for r in RELATIVE)], rows)
    chart(
        "gradient_checking",
        "Cost of checking 2,410 gradients once, in ms",
        [row[0] if row[2] is None else f"{row[0]}\nmisses {row[5]} of {row[2]} at 1e-4" for row in rows],
        {"ms": [row[1] for row in rows]},
        {},
        log=True,
    )


def row(name: str, ms: float, check: tuple[Check, int] | None) -> list[Any]:
    if check is None:
        return [name, ms, None, *[None] * len(RELATIVE)]
    ok, tried = check
    return [name, ms, tried, *(sum(ok(wrong) for wrong in spoilt(r)[:tried]) for r in RELATIVE)]


if __name__ == "__main__":
    main()
