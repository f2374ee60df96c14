"""Small examples on which the table's texts are run, in this process: they are our own."""

import copy
import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from backproplab.activations import linear, relu, sigmoid, softplus, tanh
from tests.diagnosis.everything import SOLUTIONS

__all__ = ["TOLERANCES", "Answer", "answers", "as_answer", "load", "numbers_in", "probes", "same"]

Answer = list[np.ndarray] | str
Args = tuple[Any, ...]
TOLERANCES = {"init_params": 0.02, "gain": 1e-4}  # drawn at random; a quadrature
PARTS = ("init_params", "minibatches", "loss_and_grads", "sgd_step")  # what train and sanity_checks call


def load(exercise: str, text: str) -> Callable[..., Any]:
    """Return the text's function, with what the notebook gives it in reach."""
    space = _namespace(exercise)
    exec(compile(text, f"<{exercise}>", "exec"), space)
    function: Callable[..., Any] = space[exercise]
    return function


def answers(exercise: str, text: str) -> list[Answer]:
    """Call the text's function on every probe, in one process; an exception's name stands for its answer."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        function = load(exercise, text)
        return [_answer(exercise, function, args) for args in probes(exercise)]


def numbers_in(value: Any) -> list[bytes]:
    """Return the bytes of every array and number inside the arguments of a call."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, tuple | list):
        return [one for item in value for one in numbers_in(item)]
    return [np.asarray(value).tobytes()] if isinstance(value, np.ndarray | float | int) else []


def probes(exercise: str) -> list[Args]:
    """Return copies of the arguments that an exercise is called with."""
    return copy.deepcopy(_PROBES[exercise])


def same(left: Answer, right: Answer, tolerance: float = 1e-9) -> bool:
    """Say whether two answers agree, tensor by tensor, in shape and in value, beside the largest entry."""
    if isinstance(left, str) or isinstance(right, str):
        return isinstance(left, str) and isinstance(right, str)
    return len(left) == len(right) and all(_close(a, b, tolerance) for a, b in zip(left, right, strict=True))


def _close(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
        return False
    a, b = (np.nan_to_num(v, posinf=1, neginf=-1) for v in (a, b))
    apart, size = np.abs(a - b).max(initial=0), max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return bool(apart <= tolerance * max(size, 1e-9))


def _namespace(exercise: str) -> dict[str, Any]:
    space: dict[str, Any] = {"np": np, "gaussian_mean": gaussian_mean}
    if exercise in ("train", "sanity_checks"):
        styles = {"init_params": "normal", "minibatches": "generator"}
        for part in PARTS:
            exec(SOLUTIONS[part, styles.get(part, "plain")], space)
    return space


def gaussian_mean(f: Callable[[np.ndarray], np.ndarray]) -> float:
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float(np.sum(weights * f(nodes)) / np.sqrt(2 * np.pi))


def _answer(exercise: str, function: Callable[..., Any], args: Args) -> Answer:
    try:
        return as_answer(_SHOWN.get(exercise, lambda value, _: value)(function(*args), args))
    except Exception as error:
        return type(error).__name__


def as_answer(value: Any) -> list[np.ndarray]:
    """Return an answer's tensors in one list, a dict's by its sorted keys."""
    if isinstance(value, dict):
        return [array for key in sorted(value) for array in as_answer(value[key])]
    if isinstance(value, tuple | list):
        return [array for item in value for array in as_answer(item)]
    return [
        np.array([float(ord(letter)) for letter in value])
        if isinstance(value, str)
        else np.asarray(value, float)
    ]


def _spreads(params: Any, _: Args) -> Any:
    return [W.std() for W, _ in params] + [b for _, b in params]


def _batches(batches: Any, args: Args) -> Any:
    batches = list(batches)
    seen = np.concatenate(batches)
    return [[len(batch) for batch in batches], np.sort(seen), bool(np.all(seen == np.arange(len(seen))))]


def _learned(value: Any, args: Args) -> Any:
    losses = value[1]["loss"]
    return [len(losses), bool(losses[-1] < 0.7 * losses[0])]


def _near_best(step: Any, args: Args) -> Any:
    f, df, x = args
    steps = 10.0 ** np.arange(-11, -0.5, 0.05)
    errors = [np.log(abs((f(x + h) - f(x - h)) / (2 * h) - df(x)) + 1e-300) for h in steps]
    best = steps[10:-10][np.argmin(np.convolve(errors, np.ones(21), mode="valid"))]
    return bool(best / 30 <= step <= best * 30)


_SHOWN: dict[str, Callable[[Any, Args], Any]] = {
    "init_params": _spreads,
    "minibatches": _batches,
    "train": _learned,
    "best_step": _near_best,
}


def _neuron(seed: int, n: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=n), rng.normal(), rng.normal(size=n), rng.normal()


def _z_a_t(seed: int, act: Any) -> Args:
    w, b, x, t = _neuron(seed, 3)
    z = float(w @ x + b)
    return z, float(act.f(z)), t, act


def _bonkers(seed: int, n: int) -> Args:
    rng = np.random.default_rng(seed)
    p = {key: float(rng.normal()) for key in ("w1", "b1", "w2", "b2", "w3", "w4", "b3")}
    return p, rng.uniform(0, 1, n), rng.normal(size=n)


def _net(seed: int, widths: tuple[int, ...], n: int, acts: list[Any]) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    Ws = [rng.normal(size=pair) for pair in pairwise(widths)]
    bs = [rng.normal(size=W.shape[1]) for W in Ws]
    Zs, As = [], [rng.normal(size=(n, widths[0]))]
    for W, b, act in zip(Ws, bs, acts, strict=True):
        Zs.append(As[-1] @ W + b)
        As.append(act.f(Zs[-1]))
    y = rng.integers(widths[-1], size=n)
    T = rng.normal(size=As[-1].shape)
    return {"Ws": Ws, "bs": bs, "params": list(zip(Ws, bs, strict=True)), "Zs": Zs, "As": As, "T": T, "y": y}


_NETS = [
    (_net(1, (3, 5, 4, 2), 11, [tanh] * 3), [tanh] * 3),
    (_net(2, (4, 4, 4, 4), 7, [softplus] * 3), [softplus] * 3),
    (_net(3, (4, 4, 4, 4), 6, [tanh] * 3), [tanh] * 3),
]
_MIXED = [
    (_net(4, (3, 5, 4, 2), 11, [tanh, softplus, linear]), [tanh, softplus, linear]),
    (_net(5, (4, 4, 4, 4), 7, [softplus, sigmoid, tanh]), [softplus, sigmoid, tanh]),
    (_net(6, (5, 3, 4), 6, [tanh, softplus]), [tanh, softplus]),
]
_RELU_SMALL = _net(9, (4, 6, 3), 12, [relu] * 2)
_RELU = [_net(7, (5, 6, 4, 3), 10, [relu] * 3), _net(8, (4, 4, 4, 4), 11, [relu] * 3)]


def _one_layer(seed: int, n: int, d_in: int, d_out: int) -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, d_out)), rng.normal(size=(n, d_in)), rng.normal(size=(d_in, d_out))


def _mazur(seed: int, widths: tuple[int, int, int]) -> Args:
    net = _net(seed, widths, 1, [sigmoid] * 2)
    names = ("W1", "b1", "W2", "b2")
    values = (net["Ws"][0], net["bs"][0], net["Ws"][1], net["bs"][1])
    return dict(zip(names, values, strict=True)), net["As"][0][0], net["T"][0]


def _logits(seed: int, n: int, k: int, scale: float = 1.0) -> Args:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, k)) * scale, rng.integers(k, size=n)


def _vjp(seed: int, n: int, k: int) -> Args:
    Z, _ = _logits(seed, n, k)
    return np.exp(Z) / np.exp(Z).sum(axis=1, keepdims=True), np.random.default_rng(seed + 1).normal(
        size=(n, k)
    )


def _cube(v: np.ndarray) -> float:
    return float(np.sum(v**3) + 2 * np.sum(np.sin(v)))


def _trace(x: float) -> list[tuple[str, str, tuple[str, ...], float]]:
    rows: list[tuple[str, str, tuple[str, ...], float]] = [("x", "input", (), x), ("k", "const", (), 1.7)]
    compute: dict[str, Callable[..., Any]] = {
        "mul": lambda p, q: p * q,
        "add": lambda p, q: p + q,
        "sub": lambda p, q: p - q,
        "neg": lambda p: -p,
        "sin": np.sin,
        "exp": np.exp,
        "log": np.log,
    }
    steps = "s=mul x x|e=exp x|l=log e|n=neg s|a=add e l|p=mul a s|u=sin p|d=sub u n"
    steps += "|q=mul d x|o=add q k|late=mul o k"
    value = {"x": x, "k": 1.7}
    for step in steps.split("|"):
        name, rest = step.split("=")
        op, *names = rest.split()
        value[name] = float(compute[op](*(value[arg] for arg in names)))
        rows.append((name, op, tuple(names), value[name]))
    return rows


_LAYERS = [_one_layer(1, 7, 3, 5), _one_layer(2, 6, 4, 4), _one_layer(3, 6, 4, 4)]
_NEURONS = [(*_neuron(s, 3 + s % 2), act) for s, act in ((1, tanh), (2, softplus), (4, tanh))]
_DELTAS = [(dZ, W, X, act) for (dZ, X, W), act in zip(_LAYERS, (tanh, softplus, tanh), strict=True)]
_STALL = [[1e-5, 1.0, 1.0], [0.8, 12.0, 0.1], [0.9, 0.3, 1e-5]]
_RNG = np.random.default_rng(0)
_FUNCTIONS = [(np.exp, np.exp, 0.3), (lambda v: np.sin(3 * v), lambda v: 3 * np.cos(3 * v), 0.7)]
_SCALES = [
    (lambda v: np.sin(1000 * v), lambda v: 1000 * np.cos(1000 * v), 0.7001),
    (lambda v: 1e6 + np.sin(v), np.cos, 1.3001),
    (lambda v: np.exp(v / 300), lambda v: np.exp(v / 300) / 300, 41.7),
]
_TRAIN_X = _RNG.normal(size=(60, 5))

_PROBES: dict[str, list[Args]] = {
    "neuron_forward": [(w, b, x, act) for w, b, x, t, act in _NEURONS],
    "neuron_loss": [(0.7, -0.4), (-1.2, 0.9)],
    "sigmoid_slope": [(0.3,), (np.array([0.1, 0.6, 0.9]),)],
    "neuron_delta": [_z_a_t(1, tanh), _z_a_t(2, softplus)],
    "neuron_grads": list(_NEURONS),
    "neuron_step": [(w, b, x, t, 0.3, act) for w, b, x, t, act in _NEURONS],
    "why_stalled": [
        (np.ones(2), 0.1, np.array([1e-5, 1e-6]), 1.0, tanh),
        (np.ones(2), 9.0, np.ones(2), -1.0, tanh),
        (np.ones(2), 0.0, np.array([0.3, 0.2]), float(np.tanh(0.5)) + 1e-5, tanh),
    ],
    "bonkers_forward": [_bonkers(1, 3)[:2], _bonkers(2, 5)[:2]],
    **{
        name: [_bonkers(1, 4), _bonkers(2, 4), _bonkers(3, 3)]
        for name in ("bonkers_ssr", "bonkers_grad_last")
    },
    "bonkers_grad_all": [_bonkers(1, 4), _bonkers(2, 4), _bonkers(3, 3)],
    "bonkers_descend": [(*_bonkers(1, 4), 0.01, 5), (*_bonkers(2, 3), 0.02, 3)],
    "hidden_delta_loop": [(D[0], W, Z[0], act) for D, W, Z, act in _DELTAS],
    "hidden_delta": list(_DELTAS),
    "all_deltas": [(n["Ws"], n["Zs"], n["As"], n["T"], acts[0]) for n, acts in _NETS],
    "mazur_gradients": [_mazur(1, (3, 4, 2)), _mazur(2, (3, 3, 3)), _mazur(3, (3, 3, 3))],
    "update_order_gap": [(*_mazur(1, (3, 4, 2)), 0.5), (*_mazur(2, (3, 3, 3)), 0.8)],
    "forward_difference": [(f, x, 0.1) for f, _, x in _FUNCTIONS],
    "central_difference": [(f, x, 0.1) for f, _, x in _FUNCTIONS],
    "complex_step": [(f, x) for f, _, x in _FUNCTIONS],
    "numerical_gradient": [(_cube, _RNG.normal(size=(2, 3)), 0.1), (_cube, _RNG.normal(size=4), 0.1)],
    "relative_error": [(1.2, 1.7, 1e-8), (_RNG.normal(size=3), _RNG.normal(size=3), 1e-8), (0.0, 0.0, 1e-8)],
    "is_kink": [(abs, 0.0, 1e-5), (np.sin, 0.4, 1e-5), (relu.f, 0.0, 1e-5), (softplus.f, 0.0, 1e-5)],
    "best_step": _SCALES,
    "adjoint_program": [(-0.7,), (0.2,), (-1.6,)],
    "fan_out_gradient": [
        (_RNG.normal(size=3), _RNG.normal(size=3)),
        (_RNG.normal(size=(4, 2)), _RNG.normal(size=(4, 2))),
    ],
    "gradient_by_differences": [(_cube, _RNG.normal(size=9), 0.1), (_cube, _RNG.normal(size=3), 0.3)],
    "adjoint_from_trace": [(_trace(0.4), "o"), (_trace(-0.8), "late")],
    "count_paths": [([(1, 2), (1, 2), (2, 3), (1, 3), (3, 4), (2, 4)], 1, 4), ([(5, 6)], 6, 6)],
    "linear_backward": list(_LAYERS),
    "activation_backward": [
        (X, Z, act)
        for X, Z, act in ((_LAYERS[1][0], _LAYERS[1][1], tanh), (_LAYERS[2][0], _LAYERS[2][1], softplus))
    ],
    "mlp_forward": [(n["params"], n["As"][0], acts) for n, acts in _MIXED],
    "mlp_backward": [(n["params"], n["Zs"], n["As"], n["T"], acts) for n, acts in _MIXED],
    "unbroadcast": [
        (_RNG.normal(size=(2, 3, 4)), (3, 1)),
        (_RNG.normal(size=(2, 3)), (2, 3)),
        (_RNG.normal(size=(5, 4)), (4,)),
    ],
    "log_softmax": [_logits(1, 4, 3)[:1], _logits(2, 3, 5, 4000.0)[:1]],
    "cross_entropy": [_logits(1, 6, 3), _logits(2, 4, 5), _logits(3, 4, 5, 3000.0)],
    "softmax_vjp": [_vjp(1, 6, 3), _vjp(2, 4, 5), _vjp(3, 4, 4)],
    "softmax_cross_entropy_grad": [_logits(1, 6, 3), _logits(2, 4, 5), _logits(3, 5, 4)],
    "stall_ratio": [(0.7, 1.0), (-1.8, 0.0), (2.4, 0.0)],
    "init_params": [([400, 300, 60], np.random.default_rng(1), kind) for kind in ("he", "glorot", "zeros")],
    "minibatches": [(23, 5, np.random.default_rng(1)), (20, 5, np.random.default_rng(2))],
    "sgd_step": [(_RELU[0]["params"], _RELU[0]["params"], 0.3)],
    "loss_and_grads": [(n["params"], n["As"][0], n["y"]) for n in _RELU],
    "train": [(_TRAIN_X, (_TRAIN_X[:, 0] > 0).astype(int), [5, 8, 2], 0.3, 8, 7, np.random.default_rng(3))],
    "sanity_checks": [
        (_RELU_SMALL["params"], _RNG.normal(size=(12, 4)), _RNG.integers(3, size=12)),
    ],
    "delta_norms": [(n["Ws"], n["bs"], n["As"][0], n["y"], acts[0]) for n, acts in _NETS],
    "momentum_step": [(*_RNG.normal(size=(3, 4)), 0.1, 0.8), (*_RNG.normal(size=(3, 2)), 0.3, 0.9)],
    "adam_step": [
        (*_RNG.normal(size=(3, 4)), _RNG.uniform(0.1, 1, 4), 3, 0.1, 0.9, 0.99, 1e-3),
        (*_RNG.normal(size=(3, 2)), _RNG.uniform(0.1, 1, 2), 5, 0.2, 0.8, 0.95, 1e-3),
    ],
    "penalised_grads": [
        (_W, _b, 2 * _W + 1, 1 - _b, 0.3, 11)
        for _W, _b in zip(_RNG.normal(size=(2, 3, 4)), _RNG.normal(size=(2, 4)), strict=True)
    ],
    "init_std": [(kind, 30, 70) for kind in ("lecun", "glorot", "he")],
    "gain": [(sigmoid,), (tanh,), (softplus,)],
    "dead_fraction": [(_RNG.normal(size=(3, 40)) - 0.5,), (_RNG.normal(size=(2, 15)),)],
    "rescale_layers": [(n["Ws"], n["As"][0], acts[0]) for n, acts in _NETS],
    "explain_stall": [(np.full((3, 2), w), np.full(2, a), np.full(3, z), tanh) for a, z, w in _STALL],
}
