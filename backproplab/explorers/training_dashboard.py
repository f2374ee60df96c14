"""The training dashboard of lesson 8: one recorded run on the digits, epoch by epoch."""

from typing import Any, ClassVar

import numpy as np
import traitlets

from backproplab.explorers.frame import Explorer, View, choosing, front_end, sliding
from backproplab.neuron import number
from backproplab.recorded_run import EPOCHS, RecordedRun, Settings, examples, recorded_run

__all__ = ["TrainingDashboard"]

SHOWN = 8  # misread digits in the picture
LARGEST = 1e9  # there a line of the still picture breaks off
LOSSES = {
    "cross-entropy": "softmax_cross_entropy",
    "squared error after softmax": "softmax_squared_error",
    "squared error, no softmax": "half_squared_error",
}
HIDDEN = {"none": (), "8": (8,), "32": (32,), "64": (64,), "32, 32, 32": (32, 32, 32)}


class TrainingDashboard(Explorer):
    """A run on the handwritten digits: loss, share read right, deltas of each layer, misread digits.

    Parameters
    ----------
    lr : str
        The learning rate: ``0.005``, ``0.05``, ``0.5``, ``1``, ``2``, ``5`` or ``50``.
    batch : str
        Examples per step: ``16``, ``32``, ``128`` or ``1437``, all.
    hidden : str
        Widths of the hidden layers: ``none``, ``8``, ``32``, ``64`` or ``32, 32, 32``.
    activation : str
        ``relu``, ``tanh`` or ``sigmoid``, of the hidden layers.
    loss : str
        ``cross-entropy``, ``squared error after softmax`` or ``squared error, no softmax``.
    init : str
        How the weights start: ``he``, ``glorot``, ``normal`` or ``zeros``.
    seed : int
        Draws the start and shuffles the examples.
    epoch : int
        Which moment is looked at.

    Examples
    --------
    >>> board = TrainingDashboard(hidden="64")
    >>> board.run.shares[0, 1] < 0.2 < 0.9 < board.run.shares[10, 1]
    np.True_
    """

    title = "Training dashboard"
    lesson = "full_training"
    _esm = front_end("training_dashboard")

    lr = choosing("learning rate", ("0.005", "0.05", "0.5", "1", "2", "5", "50"), "0.5")
    batch = choosing("batch size", ("16", "32", "128", "1437"), "32")
    hidden = choosing("hidden layers", list(HIDDEN), "32")
    activation = choosing("activation", ("relu", "tanh", "sigmoid"), "relu")
    loss = choosing("loss", list(LOSSES), "cross-entropy")
    init = choosing("start", ("he", "glorot", "normal", "zeros"), "he")
    seed = sliding("seed", 0, 9, 1, 0)
    epoch = sliding("epochs done", 0, EPOCHS, 1, EPOCHS, play=True)

    grid: ClassVar = {
        "lr": ["0.005", "0.05", "0.5", "5"],
        "hidden": ["none", "32", "32, 32, 32"],
        "activation": ["relu", "sigmoid"],
        "loss": ["cross-entropy", "squared error, no softmax"],
        "epoch": [0, 1, 2, 3, 5, 10],
    }
    fixed = traitlets.Dict({"epochs": EPOCHS, "guess": float(np.log(10))}).tag(sync=True)

    @property
    def run(self) -> RecordedRun:
        """The recorded run."""
        return recorded_run(
            Settings(
                hidden=HIDDEN[self.hidden],
                activation=self.activation,
                loss=LOSSES[self.loss],
                init=self.init,
                lr=float(self.lr),
                batch_size=int(self.batch),
                seed=self.seed,
            )
        )

    def look(self) -> View:
        """Look up the run, or train it, and what it misreads at this epoch."""
        run, (images, pairs) = self.run, self._misread()
        numbers = {
            "at": self.epoch,
            "failed": run.failed,
            "misread": pairs,
            "wrong": len(run.misread(self.epoch)) if self._alive() else None,
            "new": run.answers.shape[1],
            "guess": self.loss == "cross-entropy",
        }
        curves = {"losses": run.losses, "shares": run.shares, "deltas": run.deltas}
        return View(numbers, self._in_words(), {**curves, "images": np.round(255 * images).astype(np.uint8)})

    def still(self) -> Any:
        """Return the run as a still picture."""
        from backproplab.figures import training_dashboard

        run, (images, pairs) = self.run, self._misread()
        titles = [f"{label} read as {answer}" for label, answer in pairs]
        losses, deltas = (np.where(part < LARGEST, part, np.nan) for part in (run.losses, run.deltas))
        return training_dashboard(losses, run.shares, deltas, images, titles, self._in_words(), EPOCHS)

    def _alive(self) -> bool:
        return self.run.failed is None or self.epoch < self.run.failed

    def _misread(self) -> tuple[Any, list[list[int]]]:
        """Return the first misread digits, and of each its label and the answer."""
        _, _, X_new, y_new = examples()
        wrong = self.run.misread(self.epoch)[:SHOWN] if self._alive() else np.array([], dtype=int)
        pairs = [[int(y_new[i]), int(self.run.answers[self.epoch, i])] for i in wrong]
        return X_new[wrong], pairs

    def _in_words(self) -> str:
        run, n = self.run, len(examples()[0])
        sizes = "-".join(map(str, (64, *HIDDEN[self.hidden], 10)))
        hidden = f" with {self.activation}" if HIDDEN[self.hidden] else ""
        what = (
            f"{sizes}{hidden}, start {self.init}, {self.loss}, rate {self.lr}, batches of {self.batch}, "
            f"trained on all {n:,} examples"
        )
        if not self._alive():
            return (
                f"{what}. In epoch {run.failed} the training diverged: the loss is no longer a finite "
                f"number, and there are no answers. Before it, the loss was {number(run.losses[-1, 0])}."
            )
        (loss, loss_new), (share, share_new) = run.losses[self.epoch], run.shares[self.epoch]
        return (
            f"{what}. After {self.epoch} of {EPOCHS} epochs: loss {number(loss)}, on new digits "
            f"{number(loss_new)}; read right {share:.1%}, of new digits {share_new:.1%}: "
            f"{len(run.misread(self.epoch))} of {run.answers.shape[1]} wrong. "
            f"Mean size of delta {_by_layer(run.deltas[self.epoch])}.{self._ending()}"
        )

    def _ending(self) -> str:
        return "" if self.run.failed is None else f" The training diverges in epoch {self.run.failed}."


def _by_layer(sizes: Any) -> str:
    return ", ".join(
        f"in layer {layer} {number(float(size)) if size else 'exactly 0'}"
        for layer, size in enumerate(sizes, 1)
    )
