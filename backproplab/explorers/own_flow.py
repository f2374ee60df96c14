"""A student's gradients of a flow beside the numerical ones: what differs, and where it differs first.

"First" is as the numbers come about: from the output back to the input.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.explorers.own_code import Misformed, ask, numbers
from backproplab.flow import Flow
from backproplab.neuron import number

__all__ = ["EXERCISES", "Diagnosis", "OwnFlow", "Tensor", "compare"]

# As the judge: right answers in float32 differ by 7e-6, the smallest wrong derivation by 1.4e-3.
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Tensor:
    """One of the student's tensors beside the numerical one.

    Parameters
    ----------
    kind : {"delta", "dW", "db"}
        What it is.
    layer : int
        Whose.
    true : ndarray
        The numerical derivative.
    given : ndarray or None
        What the student's function gave; None if that is no such array.
    fault : str
        Why it is none, in words that follow "it returned".
    """

    kind: str
    layer: int
    true: NDArray[np.float64]
    given: NDArray[np.float64] | None
    fault: str = ""

    @property
    def off(self) -> NDArray[np.bool_]:
        """Which entries are wrong, by the size of the whole tensor."""
        if self.given is None:
            return np.ones(self.true.shape, bool)
        return np.asarray(abs(self.given - self.true) > TOLERANCE * max(abs(self.true).max(), 1e-12))

    @property
    def wrong(self) -> bool:
        """Whether any entry is."""
        return bool(self.off.any())

    def in_words(self) -> str:
        """Name the tensor."""
        return {"delta": "the delta", "dW": "dW", "db": "db"}[self.kind] + f" of layer {self.layer}"

    def first_entry(self) -> str:
        """Tell of the first wrong entry: where it is, what is there, and what is due."""
        if self.given is None:
            return f"it returned {self.fault}"
        at = tuple(np.argwhere(self.off)[0])
        where = _PLACES[self.kind].format(*(i + 1 for i in at))
        return f"{where} it is {number(float(self.given[at]))}, by nudging {number(float(self.true[at]))}"


_PLACES = {"delta": "for example {}, unit {}", "dW": "from unit {} to unit {}", "db": "for unit {}"}


@dataclass(frozen=True)
class Diagnosis:
    """What is known of a student's function beyond this one network.

    Parameters
    ----------
    name : str
        The name of the mistake; empty if it has none.
    says : str
        A sentence on what the numbers are.
    asks : str
        A question.
    """

    name: str = ""
    says: str = ""
    asks: str = ""


@dataclass(frozen=True)
class OwnFlow:
    """What a student's function made of a flow.

    Parameters
    ----------
    tensors : tuple of Tensor
        From the output back; empty if there are none to compare.
    trouble : str
        Why there are none, in words that follow the function's name.
    started, late : bool
        Whether there is more than the stub; whether time ran out.
    """

    tensors: tuple[Tensor, ...] = ()
    trouble: str = ""
    started: bool = True
    late: bool = False

    @property
    def first_wrong(self) -> Tensor | None:
        """The wrong tensor that comes about first."""
        return next((tensor for tensor in self.tensors if tensor.wrong), None)


def compare(exercise: str, function: Callable[..., Any], flow: Flow) -> OwnFlow:
    """Ask a student's function about a flow and lay its answer beside the numerical derivatives.

    Parameters
    ----------
    exercise : str
        One of ``EXERCISES``: the signature that the function has.
    function : callable
        The student's function.
    flow : Flow
        The network and the batch.

    Examples
    --------
    >>> from backproplab.flow import draw_flow
    >>> flow = draw_flow(layers=3, units=4, activation="tanh", seed=0, mean=False)
    >>> own = compare("hidden_delta", lambda delta_next, W_next, Z, act: delta_next @ W_next.T, flow)
    >>> own.first_wrong.in_words()
    'the delta of layer 2'
    """
    calls, read = EXERCISES[exercise]
    answers = ask(function, calls(flow))
    if answers.trouble:
        return OwnFlow((), answers.trouble, answers.started, answers.late)
    try:
        return OwnFlow(read(answers.values, flow))
    except Misformed as problem:
        return OwnFlow(trouble=f"returned {problem}")


def _hidden_calls(flow: Flow) -> list[tuple[Any, ...]]:
    """Ask for each hidden layer, with the right delta of the next: one slip is not told twice."""
    return [
        (flow.deltas[layer], flow.Ws[layer], flow.run.Zs[layer - 1], flow.act)
        for layer in range(flow.layers - 1, 0, -1)
    ]


def _read_hidden(values: tuple[Any, ...], flow: Flow) -> tuple[Tensor, ...]:
    layers = range(flow.layers - 1, 0, -1)
    return tuple(_delta(layer, value, flow) for layer, value in zip(layers, values, strict=True))


def _all_calls(flow: Flow) -> list[tuple[Any, ...]]:
    return [(flow.Ws, flow.run.Zs, flow.run.As, flow.T, flow.act)]


def _read_all(values: tuple[Any, ...], flow: Flow) -> tuple[Tensor, ...]:
    given = _listed(values[0], flow.layers, "deltas")
    return tuple(_delta(layer, given[layer - 1], flow) for layer in range(flow.layers, 0, -1))


def _mlp_calls(flow: Flow) -> list[tuple[Any, ...]]:
    params = list(zip(flow.Ws, flow.bs, strict=True))
    return [(params, flow.run.Zs, flow.run.As, flow.T, [flow.act] * flow.layers)]


def _read_mlp(values: tuple[Any, ...], flow: Flow) -> tuple[Tensor, ...]:
    given = _listed(values[0], flow.layers, "pairs (dW, db)")
    pairs = [_listed(pair, 2, "arrays in a pair") for pair in given]
    layers = range(flow.layers, 0, -1)
    return tuple(chain.from_iterable(_gradients(layer, pairs[layer - 1], flow) for layer in layers))


def _gradients(layer: int, pair: Any, flow: Flow) -> tuple[Tensor, Tensor]:
    dW, db = pair
    delta = flow.numerical_deltas[layer - 1]
    return (
        _tensor("dW", layer, flow.run.As[layer - 1].T @ delta, dW),
        _tensor("db", layer, delta.sum(axis=0), db),
    )


def _delta(layer: int, value: Any, flow: Flow) -> Tensor:
    return _tensor("delta", layer, flow.numerical_deltas[layer - 1], value)


def _tensor(kind: str, layer: int, true: Any, value: Any) -> Tensor:
    try:
        return Tensor(kind, layer, true, numbers(kind, value, true.shape))
    except Misformed as problem:
        return Tensor(kind, layer, true, None, str(problem))


def _listed(value: Any, length: int, of: str) -> Any:
    """Return a list or tuple of that length, or say what came instead."""
    if not isinstance(value, (list, tuple)):
        raise Misformed(
            f"{'None' if value is None else f'a {type(value).__name__}'}, due is a list of {length} {of}"
        )
    if len(value) != length:
        raise Misformed(f"{len(value)} {of}, due are {length}")
    return value


EXERCISES: dict[str, tuple[Callable[[Flow], list[tuple[Any, ...]]], Callable[..., tuple[Tensor, ...]]]] = {
    "hidden_delta": (_hidden_calls, _read_hidden),
    "all_deltas": (_all_calls, _read_all),
    "mlp_backward": (_mlp_calls, _read_mlp),
}
