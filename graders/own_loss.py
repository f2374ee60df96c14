"""Read what a student brings to be checked: parameters in any form, gradients, and a loss."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproplab.errors import BackproplabError, DataError, DesignError

__all__ = ["Layout", "Loss", "check_loss", "layout_of", "tensors_of"]

Loss = Callable[[list[Any]], Any]
NUMBERS = (np.ndarray, np.generic, float, int)


@dataclass(frozen=True)
class Layout:
    """Parameters as a flat list of arrays, and the way back to the form that the loss takes.

    Parameters
    ----------
    names : tuple of str
        What the parameters are called.
    arrays : list of ndarray
        Their values.
    pack : callable
        A flat list -> the form in which they came.
    layered : bool
        Whether they are ``W1, b1, W2, b2, ...`` of a chain of dense layers.
    """

    names: tuple[str, ...]
    arrays: list[NDArray[Any]]
    pack: Callable[[list[Any]], Any]
    layered: bool

    def kind(self, i: int) -> str:
        """Return "W" for a weight, "b" for a bias, "" where it cannot be told."""
        if self.layered:
            return "Wb"[i % 2]
        first = self.names[i][:1]
        return "b" if first == "b" else "W" if first in "wW" or self.arrays[i].ndim == 2 else ""

    def layer(self, i: int) -> int | None:
        """Return the layer of a parameter, counted from 1, where there are layers."""
        return i // 2 + 1 if self.layered else None


def layout_of(parameters: Any, names: Sequence[str] | None = None) -> Layout:
    """Read parameters: a list of arrays, a list of pairs (W, b), a dict, or a single array or number.

    Parameters
    ----------
    parameters : sequence, mapping, ndarray or float
        As the loss takes them.
    names : sequence of str, optional
        What to call them; a dict's keys, ``W1, b1, ...`` for layers, or ``p0, p1, ...`` without.

    Returns
    -------
    Layout
        All of them as a flat list.

    Examples
    --------
    >>> layout = layout_of([(np.ones((2, 3)), np.zeros(3))])
    >>> layout.names, layout.pack([1, 2])
    (('W1', 'b1'), [(1, 2)])
    """
    flat, pack = _flat(parameters)
    if isinstance(parameters, Mapping):
        names = names or [str(key) for key in parameters]
    if not flat:
        raise DesignError("there are no parameters, expected at least one array")
    names = [*names] if names else [f"p{i}" for i in range(len(flat))]
    if len(names) != len(flat):
        raise DesignError(f"{len(names)} names for {len(flat)} parameters, expected one each")
    arrays = [_array(f"parameter {name!r}", value) for name, value in zip(names, flat, strict=True)]
    layered = _is_layered(arrays)
    if layered and names == [f"p{i}" for i in range(len(flat))]:
        names = [f"{'Wb'[i % 2]}{i // 2 + 1}" for i in range(len(flat))]
    return Layout(tuple(names), arrays, pack, layered)


def _flat(parameters: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """Return the arrays in order, and the function that gives a list of arrays the form they came in."""
    if isinstance(parameters, Mapping):
        keys = list(parameters)
        return list(parameters.values()), lambda arrays: dict(zip(keys, arrays, strict=True))
    if isinstance(parameters, NUMBERS):
        return [parameters], lambda arrays: arrays[0]
    if _is_pairs(parameters):
        return [array for pair in parameters for array in pair], _in_pairs
    if not isinstance(parameters, (list, tuple)):
        raise DesignError(f"the parameters are a {type(parameters).__name__}, expected a list of arrays")
    return list(parameters), list


def tensors_of(gradients: Any, layout: Layout) -> list[NDArray[Any]]:
    """Return the gradients in the order of the parameters.

    Raises
    ------
    DesignError
        If there is not one for each parameter.
    """
    if isinstance(gradients, Mapping):
        unknown = [str(key) for key in gradients if str(key) not in layout.names]
        if unknown:
            due = ", ".join(layout.names)
            raise DesignError(f"unknown gradient {unknown[0]!r}, expected the parameters' own names: {due}")
        missing = [name for name in layout.names if name not in gradients]
        if missing:
            raise DesignError(f"no gradient of {missing[0]!r}, expected one for each parameter")
        flat = [gradients[name] for name in layout.names]
    elif gradients is None:
        raise DesignError("the gradients are None (is a return missing?)")
    elif isinstance(gradients, NUMBERS) and len(layout.arrays) > 1:
        raise DesignError(f"the gradients are one array, expected one for each of {', '.join(layout.names)}")
    else:
        flat, _ = _flat(gradients)
    if len(flat) != len(layout.names):
        raise DesignError(
            f"{len(flat)} gradients for {len(layout.names)} parameters ({', '.join(layout.names)}), "
            "expected one each"
        )
    return [_array(f"gradient of {name!r}", g) for name, g in zip(layout.names, flat, strict=True)]


def check_loss(loss: Callable[[Any], Any], layout: Layout) -> Loss:
    """Return the loss as a function of a flat list, after it has given the same number twice.

    Raises
    ------
    BackproplabError
        If it is no function, stops, changes what it is given, gives no number, or another each time.
    """
    if not callable(loss):
        raise DesignError(f"loss is a {type(loss).__name__}, expected a function of the parameters")

    def flat(arrays: list[Any]) -> Any:
        return _one_number(loss(layout.pack(arrays)))

    copies = [array.astype(float) for array in layout.arrays]
    try:
        first, second = flat(copies), flat([array.astype(float) for array in layout.arrays])
    except BackproplabError:
        raise
    except Exception as error:
        raise DataError(f"your loss stops at these parameters: {type(error).__name__}: {error}") from error
    for name, before, after in zip(layout.names, layout.arrays, copies, strict=True):
        if not np.array_equal(before, after, equal_nan=True):
            raise DataError(f"your loss changes {name}, which it is given: let it work on a copy")
    if not (np.isfinite(first) and np.isfinite(second)):
        raise DataError(f"your loss is {first} at these parameters, expected a finite number")
    if first != second:
        raise DataError(
            f"your loss gives different answers for the same parameters: {first:.6g}, then {second:.6g}\n"
            "Draw random numbers once, outside of it."
        )
    return flat


def _one_number(value: Any) -> Any:
    if value is None:
        raise DataError("your loss returned None (is a return missing?)")
    try:
        number = np.asarray(value)
    except ValueError:
        number = np.asarray(None)
    if number.dtype.kind not in "fiuc":
        raise DataError(f"your loss returned a {type(value).__name__}, expected one number")
    if number.size != 1:
        raise DataError(
            f"your loss returned an array of shape {number.shape}, expected one number\n"
            "Take the sum or the mean over the examples."
        )
    return number.reshape(())[()]


def _array(what: str, value: Any) -> NDArray[Any]:
    if value is None:
        raise DataError(f"{what} is None (is a return missing?)")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise DataError(f"{what} is a nested list whose rows have different lengths") from error
    if array.dtype == np.float16:
        raise DataError(f"{what} holds float16 numbers, which are too coarse to be checked; use float64")
    if array.dtype.kind == "c":
        raise DataError(f"{what} holds complex numbers, expected real ones")
    if array.dtype.kind not in "fiu":
        raise DataError(f"{what} is a {type(value).__name__} of {array.dtype}, expected real numbers")
    if not array.size:
        raise DataError(f"{what} is empty, shape {array.shape}")
    return array if array.dtype.kind == "f" else array.astype(float)


def _is_pairs(values: Any) -> bool:
    """Tell pairs (W, b) from rows of numbers: the members of a pair are arrays."""
    return isinstance(values, (list, tuple)) and all(
        isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], np.ndarray)
        for pair in values
    )


def _in_pairs(arrays: list[Any]) -> list[tuple[Any, Any]]:
    return list(zip(arrays[::2], arrays[1::2], strict=True))


def _is_layered(arrays: Sequence[NDArray[Any]]) -> bool:
    """Tell by the shapes whether the arrays are W1, b1, W2, b2, ... of a chain of dense layers."""
    Ws, bs = arrays[::2], arrays[1::2]
    if len(Ws) != len(bs) or any(W.ndim != 2 for W in Ws):
        return False
    fit = all(b.shape == W.shape[1:] for W, b in zip(Ws, bs, strict=True))
    return fit and all(W.shape[1] == V.shape[0] for W, V in pairwise(Ws))
