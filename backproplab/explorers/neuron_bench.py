"""The neuron bench of lesson 1: move one neuron and watch three local slopes make its gradient."""

from dataclasses import asdict
from typing import Any, ClassVar

import traitlets

from backproplab.activations import SATURATED_BELOW
from backproplab.explorers.frame import Explorer, View, choosing, front_end, sliding
from backproplab.neuron import SLOPE_STRIP, NeuronState, neuron_state, number, slope_strip

__all__ = ["NeuronBench"]

BENCH = 10.0  # as far as weight and bias go to either side


class NeuronBench(Explorer):
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
    >>> bench.take_step()
    >>> round(bench.w, 4)  # a step of 0.5 on a saturated neuron hardly moves it
    3.9988
    """

    title = "Neuron bench"
    lesson = "one_neuron"
    buttons: ClassVar = {"take_step": "Take one step"}
    _esm = front_end("neuron_bench")

    w = sliding("weight w", -BENCH, BENCH, 0.1, 2.0)
    b = sliding("bias b", -BENCH, BENCH, 0.1, 0.0)
    x = sliding("input x", -3.0, 3.0, 0.1, 1.0)
    t = sliding("target t", -2.0, 2.0, 0.1, 0.0)
    activation = choosing("activation f", ("linear", "sigmoid", "tanh", "relu", "softplus"), "sigmoid")
    lr = sliding("learning rate", 0.0, 5.0, 0.05, 0.5)

    fixed = traitlets.Dict({"strip": SLOPE_STRIP, "saturatedBelow": SATURATED_BELOW, "bench": BENCH}).tag(
        sync=True
    )

    @property
    def neuron(self) -> NeuronState:
        """Every number behind the picture."""
        return neuron_state(**self.settings())

    def take_step(self) -> None:
        """Take one step of gradient descent; a step that would leave the bench is named, not taken."""
        neuron = self.neuron
        w, b = neuron.w_new, neuron.b_new
        if max(abs(w), abs(b)) <= BENCH:
            self.move(w=w, b=b)
        else:
            self.say(_too_far(w, b))

    def look(self) -> View:
        """Compute the neuron and the strip of slopes."""
        neuron = self.neuron
        numbers = asdict(neuron) | {"smallest": list(neuron.smallest)}
        shown = {name: number(value) for name, value in numbers.items() if isinstance(value, float)}
        return View(numbers | {"shown": shown}, neuron.in_words(), {"curve": slope_strip(self.activation)[1]})

    def still(self) -> Any:
        """Return the chain as a still picture."""
        from backproplab.figures import neuron_chain  # matplotlib is slow to load, the sliders need not wait

        return neuron_chain(self.neuron)


def _too_far(w: float, b: float) -> str:
    return (
        f"No step taken: it would end at w = {number(w)}, b = {number(b)}, far off; lower the learning rate."
    )
