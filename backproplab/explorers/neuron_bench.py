"""The neuron bench of lesson 1: move one neuron and watch three local slopes make its gradient."""

from dataclasses import asdict
from typing import Any

import anywidget
import numpy as np
import traitlets

from backproplab.activations import SATURATED_BELOW
from backproplab.explorers.frame import STYLE, front_end
from backproplab.neuron import SLOPE_STRIP, NeuronState, neuron_state, number, slope_strip

__all__ = ["NeuronBench"]

_ACTIVATIONS = ("linear", "sigmoid", "tanh", "relu", "softplus")
_RANGES = {  # lowest, highest, step of the slider
    "w": (-10.0, 10.0, 0.1),
    "b": (-10.0, 10.0, 0.1),
    "x": (-3.0, 3.0, 0.1),
    "t": (-2.0, 2.0, 0.1),
    "lr": (0.0, 5.0, 0.05),
}


def _knob(name: str, default: float) -> traitlets.Float[float, float]:
    low, high, _ = _RANGES[name]
    return traitlets.Float(default, min=low, max=high).tag(sync=True)


class NeuronBench(anywidget.AnyWidget):
    """One neuron with one input, its local slopes on the edges, and how saturated it is.

    Parameters
    ----------
    w, b, x, t : float
        Where the sliders start: weight, bias, input and target.
    activation : str
        One of ``linear``, ``sigmoid``, ``tanh``, ``relu``, ``softplus``.
    lr : float
        The learning rate of the button that takes a step.

    Examples
    --------
    >>> bench = NeuronBench(w=4.0, b=2.0, x=1.0, t=0.0)
    >>> bench.step()
    >>> round(bench.w, 4)  # a step of 0.5 on a saturated neuron hardly moves it
    3.9988
    """

    _esm = front_end("neuron_bench")
    _css = STYLE

    w = _knob("w", 2.0)
    b = _knob("b", 0.0)
    x = _knob("x", 1.0)
    t = _knob("t", 0.0)
    lr = _knob("lr", 0.5)
    activation = traitlets.Enum(list(_ACTIVATIONS), "sigmoid").tag(sync=True)

    fixed = traitlets.Dict(
        {
            "ranges": _RANGES,
            "activations": list(_ACTIVATIONS),
            "strip": SLOPE_STRIP,
            "saturatedBelow": SATURATED_BELOW,
        }
    ).tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)
    curve = traitlets.Bytes().tag(sync=True)

    def __init__(self, **start: Any) -> None:
        super().__init__(**start)
        self._start = {name: getattr(self, name) for name in ("w", "b", "x", "t", "lr", "activation")}
        self._refresh()
        self._bend()
        self.observe(self._refresh, names=list(self._start))
        self.observe(self._bend, names="activation")
        self.on_msg(self._obey)

    @property
    def neuron(self) -> NeuronState:
        """Every number behind the picture."""
        return neuron_state(self.w, self.b, self.x, self.t, self.activation, self.lr)

    def step(self) -> None:
        """Take one step of gradient descent; a step that would leave the bench is named, not taken."""
        neuron = self.neuron
        w, b = neuron.w_new, neuron.b_new
        if not (_on_bench("w", w) and _on_bench("b", b)):
            self._refresh(notice=_too_far(w, b))
            return
        self._move(w=w, b=b)

    def reset(self) -> None:
        """Go back to where the bench started."""
        self._move(**self._start)

    def _move(self, **knobs: Any) -> None:
        with self.hold_sync(), self.hold_trait_notifications():
            for name, value in knobs.items():
                setattr(self, name, value)

    def _obey(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if message in ("step", "reset"):
            getattr(self, message)()

    def _refresh(self, _change: Any = None, notice: str = "") -> None:
        neuron = self.neuron
        numbers = asdict(neuron) | {"smallest": list(neuron.smallest)}
        shown = {name: number(value) for name, value in numbers.items() if isinstance(value, float)}
        sentence = f"{notice} {neuron.in_words()}".strip()
        self.picture = numbers | {"shown": shown, "sentence": sentence}

    def _bend(self, _change: Any = None) -> None:
        self.curve = slope_strip(self.activation)[1].astype(np.float32).tobytes()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        from backproplab.figures import neuron_chain  # matplotlib is slow to load, the sliders need not wait

        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        # Where no widget can live (an exported page, a plain viewer), picture and sentence remain.
        data, metadata = bundle
        return data | neuron_chain(self.neuron)._repr_mimebundle_(), metadata


def _on_bench(name: str, value: float) -> bool:
    low, high, _ = _RANGES[name]
    return low <= value <= high


def _too_far(w: float, b: float) -> str:
    return (
        f"No step taken: it would end at w = {number(w)}, b = {number(b)}, far off; lower the learning rate."
    )
