"""What every explorer shares in Python: its knobs, what travels to the page, the still picture.

An explorer declares its knobs as class attributes, computes a ``View`` of them in ``look`` and draws nothing:
that is done in the page by the scripts that all share and the explorer's own ``.js`` file beside its module.
They are joined end to end, because a widget takes one script.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]  # has no types

from backproplab.explorers.widget import Widget

__all__ = [
    "STYLE",
    "Explorer",
    "Trouble",
    "View",
    "among",
    "choosing",
    "front_end",
    "joined",
    "script",
    "sliding",
    "ticking",
]

_HERE = Path(__file__).parent
_ORDER = count()

SHARED = ("controls", "charts", "frame")  # the scripts that go before each explorer's own
STYLE = (_HERE / "frame.css").read_text(encoding="utf-8")


def script(name: str) -> str:
    """Return one of the scripts beside this module."""
    return (_HERE / f"{name}.js").read_text(encoding="utf-8")


def joined(*names: str) -> str:
    """Return the scripts that all explorers share, then these, end to end."""
    return "\n".join(map(script, (*SHARED, *names)))


def front_end(name: str) -> str:
    """Return the script of one explorer as a widget: the shared frame, then its own drawing."""
    return f"{joined(name)}\nexport default {{ render: show(explorer) }};\n"


@cache
def _blas() -> ThreadpoolController:
    """Return what limits NumPy's threads: for matrices as small as these they cost more than they save."""
    return ThreadpoolController()


class Trouble(Exception):
    """No picture can be made of these knobs: the text says why, and the last good picture stays."""


@dataclass(frozen=True)
class View:
    """Everything that the page draws.

    Parameters
    ----------
    numbers : mapping
        Plain values by name, as JSON takes them; infinities and not-a-number travel as None.
    sentence : str
        The picture in words, with its key number: the text twin.
    arrays : mapping of ndarray
        What is long: it travels as float32, or as bytes where its type is uint8.
    limits : mapping of str to float
        Knobs whose range ends sooner in this picture than it could, and where; the slider ends there too.
    """

    numbers: Mapping[str, Any]
    sentence: str
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)


def sliding(
    label: str, low: float, high: float, step: float, start: float, *, play: bool = False
) -> traitlets.TraitType[Any, Any]:
    """Return a knob that slides over numbers; whole ones if ``low`` and ``step`` are.

    With ``play`` it gets buttons that play, pause and step through its range.
    """
    trait = _bounded(start, low, high, whole=isinstance(low, int) and isinstance(step, int))
    return _knob(trait, kind="player" if play else "slider", label=label, low=low, high=high, step=step)


def among(
    label: str, values: Sequence[float], start: float, *, play: bool = False
) -> traitlets.TraitType[Any, Any]:
    """Return a knob that slides from one to the next of a few rising numbers, evenly spaced or not.

    Python may set it to any number between the first and the last.
    """
    whole = all(isinstance(value, int) for value in values)
    low, high = values[0], values[-1]
    digits = 0 if whole else max(len(f"{value:.12f}".rstrip("0").partition(".")[2]) for value in values)
    control = {"label": label, "low": low, "high": high, "step": 10.0**-digits, "values": list(values)}
    return _knob(_bounded(start, low, high, whole=whole), kind="player" if play else "slider", **control)


def choosing(label: str, options: Sequence[str], start: str) -> traitlets.TraitType[Any, Any]:
    """Return a knob that takes one of a few names."""
    return _knob(traitlets.Enum(list(options), start), kind="choice", label=label, options=list(options))


def ticking(label: str, *, start: bool) -> traitlets.TraitType[Any, Any]:
    """Return a knob that is on or off."""
    return _knob(traitlets.Bool(start), kind="tick", label=label)


def _bounded(start: float, low: float, high: float, *, whole: bool) -> traitlets.TraitType[Any, Any]:
    if whole:
        return traitlets.Int(int(start), min=int(low), max=int(high))
    return traitlets.Float(start, min=low, max=high)


def _knob(trait: traitlets.TraitType[Any, Any], **control: Any) -> traitlets.TraitType[Any, Any]:
    # The page knows what it sent: an echo of it would double the messages.
    return trait.tag(sync=True, echo_update=False, control=control, place=next(_ORDER))


class Explorer(Widget):
    """The base of all explorers.

    A subclass has a ``title``, the ``lesson`` it belongs to, knobs, ``_esm = front_end(NAME)``, ``look`` and
    ``still``; where it has some, ``buttons``: the names of the methods to press, with their labels; and,
    unless its script computes by itself, ``grid``: the settings that a page without a kernel offers.

    Parameters
    ----------
    **start
        Where the knobs start, by name.

    Raises
    ------
    ValueError
        If there is no such knob, or a value is outside its range.
    """

    title: ClassVar[str]
    lesson: ClassVar[str]
    buttons: ClassVar[Mapping[str, str]] = {}
    grid: ClassVar[Mapping[str, list[Any]]] = {}

    _css = STYLE
    controls: traitlets.List[Any] = traitlets.List().tag(sync=True)
    fixed = traitlets.Dict().tag(sync=True)
    picture = traitlets.Dict().tag(sync=True)
    arrays = traitlets.Bytes().tag(sync=True)
    notice = traitlets.Unicode().tag(sync=True)

    def __init__(self, **start: Any) -> None:
        names = self.knobs()
        _must_be_known(start, names, type(self).__name__)
        try:
            super().__init__(**start)
        except traitlets.TraitError as problem:
            raise ValueError(str(problem)) from None
        self._start = self.settings()
        self.controls = [{"name": name, **self.trait_metadata(name, "control")} for name in names] + [
            {"kind": "button", "name": name, "label": label}
            for name, label in {**self.buttons, "reset": "Reset"}.items()
        ]
        self._refresh()
        self.observe(self._refresh, names=names)
        self.on_msg(self._obey)

    @classmethod
    def script(cls) -> str:
        """Return the name of the explorer's own script: that of its module."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def knobs(cls) -> list[str]:
        """Return the names of the knobs, in the order in which they were declared."""
        traits = cls.class_traits(control=lambda control: control is not None)
        return sorted(traits, key=lambda name: traits[name].metadata["place"])

    def settings(self) -> dict[str, Any]:
        """Return where every knob stands."""
        return {name: getattr(self, name) for name in self.knobs()}

    def look(self) -> View:
        """Compute what the page draws; raise ``Trouble`` where no picture can be made."""
        raise NotImplementedError

    def still(self) -> Any:
        """Return the same as a still picture, a ``figures.Still``."""
        raise NotImplementedError

    def reset(self) -> None:
        """Go back to where the explorer started."""
        self.move(**self._start)

    def move(self, **knobs: Any) -> None:
        """Set several knobs and make one picture of them."""
        with self.hold_sync(), self.hold_trait_notifications():
            for name, value in knobs.items():
                setattr(self, name, value)

    def say(self, notice: str) -> None:
        """Put a word before the sentence, until the next picture."""
        self.notice = notice

    def _obey(self, _widget: Any, message: Any, _buffers: Any) -> None:
        if message in {*self.buttons, "reset"}:
            getattr(self, message)()

    def _refresh(self, _change: Any = None) -> None:
        try:
            with _blas().limit(limits=1):
                view = self.look()
        except Trouble as trouble:
            self.say(str(trouble))
            return
        packed, layout = _packed(view.arrays)
        with self.hold_sync():
            self.notice = ""
            self.arrays = packed
            ends = {"limits": dict(view.limits)} if view.limits else {}
            self.picture = {**_sendable(view.numbers), **ends, "sentence": view.sentence, "layout": layout}

    def _ipython_display_(self, **_kwargs: Any) -> None:
        """Show the live picture and, as an output of its own, the still one.

        Where no widget can live (a page without its kernel, an exported one), JupyterLab shows an error in
        place of a live picture, whatever else its output holds. The other output stays; the style sheet,
        which comes with the live picture, hides it beside that.
        """
        from IPython import display

        show: Any = display.display  # it has no types
        bundle = super()._repr_mimebundle_()
        if bundle is not None:
            data, metadata = bundle
            show(data | {"text/plain": self.title}, metadata=metadata, raw=True)
        still = self.still()._repr_mimebundle_()
        show(still | {"text/html": f'<div class="bpl-still">{still["text/html"]}</div>'}, raw=True)

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None:
            return None
        data, metadata = bundle
        return data | self.still()._repr_mimebundle_(), metadata


def _must_be_known(start: Mapping[str, Any], names: Sequence[str], explorer: str) -> None:
    for name in start:
        if name not in names:
            raise ValueError(f"{explorer} has no knob {name!r}; it has {', '.join(names)}")


def _packed(arrays: Mapping[str, NDArray[Any]]) -> tuple[bytes, list[list[Any]]]:
    """Return the arrays end to end, and the name, type and shape of each."""
    parts, layout = [], []
    # Floats first: in the page each must start at a multiple of four bytes.
    for name, array in sorted(arrays.items(), key=lambda item: item[1].dtype == np.uint8):
        kind = "u1" if array.dtype == np.uint8 else "f4"
        with np.errstate(over="ignore"):
            parts.append(np.ascontiguousarray(array, kind).tobytes())
        layout.append([name, kind, *array.shape])
    return b"".join(parts), layout


def _sendable(value: Any) -> Any:
    """Return plain values; JSON has no infinity and no not-a-number."""
    if isinstance(value, Mapping):
        return {name: _sendable(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_sendable(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
