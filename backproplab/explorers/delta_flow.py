"""The delta flow of lessons 3 and 6: delta goes back through a small network, beside a student's own."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from backproplab.explorers.flow_words import (
    Place,
    chosen_numbers,
    here,
    in_words,
    own_in_words,
    own_lines,
)
from backproplab.explorers.frame import Explorer, View, choosing, front_end, sliding
from backproplab.explorers.own_flow import Diagnosis, OwnFlow, compare
from backproplab.flow import BATCH, Flow, draw_flow

__all__ = ["DeltaFlow", "Diagnosis"]

# Of the last moment: where the network is smaller, its slider ends sooner.
LAYERS, UNITS = 5, 8
LAST = 2 * LAYERS + 1


class DeltaFlow(Explorer):
    """A network of up to five layers: values go forward, delta comes back, and a weight gets a times delta.

    Parameters
    ----------
    hidden_delta, all_deltas, mlp_backward : callable, optional
        A student's function for that exercise, at most one: its numbers are laid beside numerical ones.
    diagnose : callable, optional
        ``(exercise, function) -> Diagnosis``, asked once; what knows the names of mistakes is no part of
        this package.
    **start
        Where the knobs start: ``layers``, ``units``, ``activation``, ``seed``, ``example``, ``moment``,
        ``layer``, ``unit``, ``source``.

    Examples
    --------
    >>> flow = DeltaFlow(hidden_delta=lambda delta_next, W_next, Z, act: delta_next @ W_next.T)
    >>> flow.own.first_wrong.in_words()  # the slope is missing
    'the delta of layer 2'
    """

    title = "Delta flow"
    lesson = "hidden_delta"
    _esm = front_end("delta_flow")
    grid: ClassVar = {
        "moment": [0, 3, 4, 5, 6, 7],
        "layer": [1, 2, 3],
        "unit": [1, 2, 3, 4],
        "source": [1, 2, 3, 4],
    }

    moment = sliding("moment", 0, LAST, 1, 5, play=True)
    layer = sliding("layer", 1, LAYERS, 1, 2)
    unit = sliding("unit", 1, UNITS, 1, 1)
    source = sliding("weight from unit", 1, UNITS, 1, 1)
    example = sliding("example", 1, BATCH, 1, 1)
    layers = sliding("layers", 2, LAYERS, 1, 3)
    units = sliding("hidden units", 1, UNITS, 1, 4)
    activation = choosing("activation f", ("linear", "sigmoid", "tanh", "relu", "softplus"), "sigmoid")
    seed = sliding("seed", 0, 99, 1, 2)

    def __init__(
        self,
        *,
        hidden_delta: Callable[..., Any] | None = None,
        all_deltas: Callable[..., Any] | None = None,
        mlp_backward: Callable[..., Any] | None = None,
        diagnose: Callable[[str, Callable[..., Any]], Diagnosis] | None = None,
        **start: Any,
    ) -> None:
        given = {"hidden_delta": hidden_delta, "all_deltas": all_deltas, "mlp_backward": mlp_backward}
        self._exercise, self._function = _the_one(given)
        self._drawn: tuple[Any, ...] = ()
        self._flow: Flow | None = None
        self.own: OwnFlow | None = None
        self._diagnosis = Diagnosis()
        if diagnose and self._function:
            self._diagnosis = diagnose(self._exercise, self._function)
        super().__init__(**start)

    @property
    def flow(self) -> Flow:
        """The network, its batch and every number that the picture shows of them."""
        drawn = (self.layers, self.units, self.activation, self.seed)
        if self._flow is None or drawn != self._drawn:
            self._drawn, self._flow = drawn, draw_flow(*drawn, mean=self._exercise == "mlp_backward")
            self._ask()
        return self._flow

    def _ask(self) -> None:
        # Whoever has run out of time once would hold up every further move as well.
        if self._function and self._flow and not (self.own and self.own.late):
            self.own = compare(self._exercise, self._function, self._flow)
            # What only another network changes is not sent with every move.
            told = own_lines(self._exercise, self.own, self._diagnosis)
            self.fixed = {"own": {**told, "marks": _marks(self.own)}}

    @property
    def place(self) -> Place:
        """What is chosen, within the network that there is."""
        flow = self.flow
        layer = min(self.layer, flow.layers)
        widths = flow.net.sizes
        return Place(
            moment=min(self.moment, flow.moments),
            layer=layer,
            unit=min(self.unit, widths[layer]),
            source=min(self.source, widths[layer - 1]),
            example=self.example,
        )

    def look(self) -> View:
        """Compute the network, the chosen unit and weight, and what is wrong with the student's numbers."""
        flow, place = self.flow, self.place
        sizes = flow.net.sizes
        numbers = {"sizes": sizes, **vars(place), "chosen": chosen_numbers(flow, place)}
        sentence = in_words(flow, place)
        arrays = {
            "weights": _joined([W.ravel() for W in flow.Ws]),
            "a": _joined([A[place.example - 1] for A in flow.run.As]),
            "delta": _joined([delta[place.example - 1] for delta in flow.deltas]),
        }
        if self.own:
            numbers["here"] = here(self.own, place)
            sentence = f"{own_in_words(self._exercise, self.own, place, self._diagnosis)} {sentence}"
            arrays |= _wrong_entries(self.own, sizes, place.example)
        ends = {"moment": flow.moments, "layer": flow.layers}
        ends |= {"unit": sizes[place.layer], "source": sizes[place.layer - 1]}
        return View(numbers, sentence, arrays, ends)

    def still(self) -> Any:
        """Return the network as a still picture."""
        from backproplab.figures import deep_flow  # matplotlib is slow to load, the sliders need not wait

        flow, place = self.flow, self.place
        row = place.example - 1
        return deep_flow(
            [A[row] for A in flow.run.As],
            flow.Ws,
            [delta[row] for delta in flow.deltas],
            (place.layer, place.unit, place.source),
            self.look().sentence,
        )


def _the_one(given: dict[str, Callable[..., Any] | None]) -> tuple[str, Callable[..., Any] | None]:
    """Return the one exercise whose function was given, if any was."""
    chosen = [(name, function) for name, function in given.items() if function is not None]
    if len(chosen) > 1:
        raise ValueError(
            f"DeltaFlow shows one function at a time, got {' and '.join(name for name, _ in chosen)}"
        )
    for name, function in chosen:
        if not callable(function):
            raise ValueError(f"{name} is a {type(function).__name__}, expected your function")
    return chosen[0] if chosen else ("", None)


def _joined(parts: Any) -> Any:
    return np.concatenate([np.asarray(part, float) for part in parts])


def _marks(own: OwnFlow) -> list[list[Any]]:
    """Return kind, layer and verdict of each tensor."""
    first = own.first_wrong
    return [
        [t.kind, t.layer, "first" if t is first else "wrong" if t.wrong else "right"] for t in own.tensors
    ]


def _wrong_entries(own: OwnFlow, sizes: list[int], example: int) -> dict[str, Any]:
    """Return for every unit and every weight whether the student's number is wrong."""
    off = {(tensor.kind, tensor.layer): tensor.off for tensor in own.tensors}
    units, weights = [], []
    for layer in range(1, len(sizes)):
        none = np.zeros(sizes[layer], bool)
        rows = off.get(("delta", layer))
        units.append(off.get(("db", layer), none) if rows is None else rows[example - 1])
        weights.append(off.get(("dW", layer), np.zeros((sizes[layer - 1], sizes[layer]), bool)).ravel())
    return {
        "wrongUnits": np.concatenate(units).astype(np.uint8),
        "wrongWeights": np.concatenate(weights).astype(np.uint8),
    }
