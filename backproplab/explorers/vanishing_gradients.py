"""THE explorer of lesson 9: how much of the error signal reaches each layer of a deep network."""

from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from backproplab.activations import ACTIVATIONS, SATURATED_BELOW
from backproplab.explorers.frame import Explorer, View, choosing, front_end, sliding
from backproplab.network import MLP
from backproplab.tower import TowerState, examples, tower, tower_state, train_tower

__all__ = ["VanishingGradients"]

_ACTIVATIONS = ("sigmoid", "tanh", "relu", "softplus", "linear")
_REACH, _BINS = 6.0, 48
_STEPS, _MOST_STEPS, _RATE = 20, 200, 0.1
_ROWS = 16


def _slopes(name: str) -> list[float]:
    z = np.linspace(-_REACH, _REACH, 2 * _BINS + 1)
    return [round(float(slope), 4) for slope in ACTIVATIONS[name].deriv(z)]


class VanishingGradients(Explorer):
    """The error signal in every hidden layer of a deep network, and why it fades.

    Parameters
    ----------
    depth, width : int
        Number of hidden layers, and of units in each.
    activation : str
        One of ``sigmoid``, ``tanh``, ``relu``, ``softplus``, ``linear``.
    init : str
        How the weights are drawn: ``lecun``, ``glorot``, ``he``, ``normal`` (standard deviation 1) or
        ``uniform`` (evenly between -1/sqrt(n_in) and 1/sqrt(n_in)).
    scale : float
        All weights are multiplied by it.
    bias : float
        Of every hidden unit.
    seed : int
        Of the weights, and of random data.
    data : str
        The first 64 ``digits``, or 64 ``random`` examples with random labels.
    layer : int
        The layer to look into.

    Examples
    --------
    >>> deep = VanishingGradients(depth=20, activation="sigmoid")
    >>> norms = deep.state.deltas
    >>> bool(norms[0] < 1e-10 * norms[-1])
    True
    """

    title = "Vanishing gradients"
    lesson = "vanishing_gradients"
    buttons: ClassVar = {"train": f"Train {_STEPS} steps"}
    grid: ClassVar = {
        "depth": [2, 5, 10, 20, 50],
        "activation": list(_ACTIVATIONS),
        "init": ["lecun", "he", "normal"],
        "scale": [0.5, 1.0, 1.6, 4.0],
    }
    _esm = front_end("vanishing_gradients")

    depth = sliding("hidden layers", 2, 50, 1, 8)
    width = sliding("width", 8, 64, 8, 32)
    activation = choosing("activation f", _ACTIVATIONS, "sigmoid")
    init = choosing("first weights", ("lecun", "glorot", "he", "normal", "uniform"), "lecun")
    scale = sliding("weight factor", 0.1, 5.0, 0.1, 1.0)
    bias = sliding("bias", -5.0, 5.0, 0.5, 0.0)
    seed = sliding("seed", 0, 99, 1, 0)
    data = choosing("data", ("digits", "random"), "digits")
    layer = sliding("layer shown", 1, 50, 1, 1)

    fixed = traitlets.Dict(
        {
            "curves": {name: _slopes(name) for name in _ACTIVATIONS},
            "reach": _REACH,
            "saturatedBelow": SATURATED_BELOW,
        }
    ).tag(sync=True)

    _plan: dict[str, Any] | None = None
    _net: MLP
    _state: TowerState

    @property
    def state(self) -> TowerState:
        """Every number behind the picture."""
        plan = {name: value for name, value in self.settings().items() if name != "layer"}
        if plan != self._plan:
            plan.pop("data")
            self._net = tower(**plan)
            self._see(())
            self._plan = plan | {"data": self.data}
        return self._state

    @property
    def looked_into(self) -> int:
        """The layer that is looked into: the last one where the knob stands above it."""
        return min(int(self.layer), int(self.depth))

    def train(self) -> None:
        """Take some steps of gradient descent on the 64 examples; any other knob starts anew."""
        losses = self.state.losses[:-1]
        if len(losses) >= _MOST_STEPS:
            self.say(f"Trained {_MOST_STEPS} steps; move a knob or reset to start anew.")
            return
        taken = train_tower(self._net, *self._examples(), steps=_STEPS, lr=_RATE)
        self._see((*losses, *taken))
        self._refresh()
        if len(taken) < _STEPS:
            self.say(
                f"Training ended after {len(taken)} of {_STEPS} steps: the next one led out of all numbers."
            )

    def reset(self) -> None:
        """Go back to where the explorer started, untrained."""
        self._plan = None
        super().reset()
        self._refresh()

    def look(self) -> View:
        """Compute the tower, or only look into another layer of it."""
        state, layer = self.state, self.looked_into
        bars, further = _bars(state.pre_activations[layer - 1])
        with np.errstate(divide="ignore"):
            arrays = {
                "deltas": _exponents(state.deltas),
                "gradients": _exponents(state.weight_gradients),
                "foretold": _exponents(state.foretold),
                "losses": np.array(state.losses),
                "map": _shades(state.saturation),
                "bars": bars,
            }
        numbers = {"layer": layer, "further": further, "guessing": state.guessing, "silent": state.silent}
        return View(numbers, state.in_words(layer), arrays)

    def still(self) -> Any:
        """Return the same as a still picture."""
        from backproplab.figures import tower_at_work  # matplotlib is slow to load, the sliders need not wait

        return tower_at_work(self.state, self.looked_into)

    def _examples(self) -> tuple[Any, Any]:
        return examples(self.data, seed=self.seed)

    def _see(self, losses: tuple[float, ...]) -> None:
        self._state = tower_state(self._net, *self._examples(), losses)


def _exponents(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return powers of ten: these sizes leave the range of float32. What is no number counts as too large."""
    return np.nan_to_num(np.log10(values), nan=np.inf, posinf=np.inf, neginf=-np.inf)


def _shades(saturation: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Return the map in 16 shades, two cells a byte, in each layer the most saturated units first.

    Of more than 16 units some neighbours share a cell. Only units that no example saturates have shade 0, and
    only those that all saturate have shade 15.
    """
    depth, width = saturation.shape
    together = -(-width // _ROWS)
    rows = -np.sort(-np.pad(saturation, ((0, 0), (0, -width % together)), "edge"), axis=1)
    shares = rows.reshape(depth, -1, together).mean(axis=2)
    shades = np.where(shares > 0, 1 + np.floor(14 * shares), 0).astype(np.uint8).ravel()
    even = np.append(shades, np.zeros(shades.size % 2, np.uint8))
    return (even[::2] << 4 | even[1::2]).astype(np.uint8)


def _bars(Z: NDArray[np.float64]) -> tuple[NDArray[np.uint8], list[float]]:
    """Return the heights of a histogram, the tallest 255, and the shares that lie further left and right."""
    counts, _ = np.histogram(Z, _BINS, (-_REACH, _REACH))
    heights = np.ceil(255 * counts / max(counts.max(), 1)).astype(np.uint8)
    return heights, [float(np.mean(Z < -_REACH)), float(np.mean(Z > _REACH))]
