"""Numbers, arguments and entries as a reader wants them: names and shapes, and no wall of numbers."""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from graders.exercise import Exercise, Probe

__all__ = [
    "entry_name",
    "farthest_entry",
    "join",
    "numbers_in",
    "parameters",
    "show",
    "show_args",
    "show_shape",
]

# An array with more numbers than that is told by its shape.
FEW = 4
# A dict of single numbers is shown whole up to that size.
SOME = 8
# Truth values as they are compared: in words.
FLAGS = ("True", "False")


def show(value: Any) -> str:
    """Write a value for a reader: small things by their numbers, large ones by their shapes.

    Examples
    --------
    >>> show(np.array([0.12345678, -2.0])), show(np.zeros((5, 7))), show([np.zeros((3, 2)), np.zeros((2, 4))])
    ('[0.1235, -2]', 'shape (5, 7)', 'widths 3-2-4')
    >>> show({"w1": 0.5, "b1": -1.25}), show([("W1", "const", (), 0.3)] * 9)
    ('{w1: 0.5, b1: -1.25}', '9 rows')
    """
    if isinstance(value, str):
        return str(value) if " " in value or value in FLAGS else repr(str(value))
    if isinstance(value, (bool, np.bool_)):
        return str(value)
    if isinstance(value, (np.ndarray, np.generic, float, int)):
        return _show_array(np.asarray(value))
    if isinstance(value, Mapping):
        return _show_dict(value)
    if isinstance(value, (list, tuple)):
        return _show_sequence(value)
    return _show_object(value)


def show_args(exercise: Exercise, probe: Probe) -> str:
    """Write the arguments of a probe by their names; what a forward pass left behind goes unsaid."""
    pairs = zip(probe.names or parameters(exercise), probe.args, strict=False)
    return ", ".join(_named(name, show(value)) for name, value in pairs if name not in ("Zs", "As"))


def parameters(exercise: Exercise) -> list[str]:
    """Return the names of the arguments."""
    names = exercise.signature.partition("(")[2].partition(")")[0].split(", ")
    return [name.partition("=")[0] for name in names]


def _named(name: str, shown: str) -> str:
    """Say ``W of shape (5, 7)`` and ``params of widths 3-5-7``, but ``z = 0.5``."""
    return f"{name} of {shown}" if shown.startswith(("shape ", "widths ")) else f"{name} = {shown}"


def show_shape(shape: tuple[int, ...]) -> str:
    """Write a shape for a reader.

    Examples
    --------
    >>> show_shape((5, 7)), show_shape(())
    ('shape (5, 7)', 'a single number')
    """
    return f"shape {shape}" if shape else "a single number"


def numbers_in(value: Any) -> int:
    """Count the numbers in an argument, however deep they lie."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, Mapping):
        return sum(map(numbers_in, value.values()))
    return sum(map(numbers_in, value)) if isinstance(value, (list, tuple)) else 1


def farthest_entry(given: NDArray[Any], true: NDArray[Any]) -> tuple[int, ...]:
    """Return where two tensors of one shape lie farthest apart; first where a number is missing.

    Examples
    --------
    >>> farthest_entry(np.array([[1.0, 2.0], [3.0, 9.0]]), np.array([[1.0, 2.5], [3.0, 4.0]]))
    (1, 1)
    """
    with np.errstate(all="ignore"):  # the student's numbers may be anything
        apart = np.nan_to_num(np.abs(given - true), nan=np.inf)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(apart)), apart.shape))


def entry_name(name: str, index: tuple[int, ...]) -> str:
    """Write an entry as the student would.

    Examples
    --------
    >>> entry_name("dW2", (1, 3)), entry_name("the loss", ()), entry_name("the gradient", (2,))
    ('dW2[1, 3]', 'the loss', 'the gradient at [2]')
    """
    if not index:
        return name
    place = f"[{', '.join(map(str, index))}]"
    return f"{name} at {place}" if " " in name else f"{name}{place}"


def join(names: Sequence[str], most: int = 8) -> str:
    """Write a list of names; of a long one only the beginning, of a numbered one both ends.

    Examples
    --------
    >>> join(["dw", "db"]), join(["a", "b", "c"]), join(list("abcdefghij"))
    ('dw and db', 'a, b and c', 'a, b, c, d, e, f, g and 3 more')
    >>> join(["dW2", "dW3", "dW4"])
    'dW2 to dW4'
    """
    stem, first_number = names[0][:-1], names[0][-1]
    if len(names) > 2 and first_number.isdigit():
        run = [f"{stem}{int(first_number) + i}" for i in range(len(names))]
        if run == [*names]:
            return f"{names[0]} to {names[-1]}"
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _show_array(array: NDArray[Any]) -> str:
    if array.dtype.kind == "U":
        return show(str(array))
    if array.size > FEW or array.ndim > 1:
        return show_shape(array.shape)
    numbers = ", ".join(_number(v) for v in array.ravel())
    return f"[{numbers}]" if array.ndim else numbers


def _number(value: Any) -> str:
    if isinstance(value, (complex, np.complexfloating)):
        return f"{value:.4g}"
    whole = isinstance(value, (int, np.integer)) or (math.isfinite(value) and value == int(value))
    return f"{value:.4g}" if not whole or abs(value) >= 1e6 else str(int(value))


def _show_dict(value: Mapping[Any, Any]) -> str:
    if all(isinstance(v, (float, int)) for v in value.values()) and len(value) <= SOME:
        return f"{{{', '.join(f'{key}: {_number(v)}' for key, v in value.items())}}}"
    return f"{{{', '.join(f'{key}: {np.shape(v)}' for key, v in value.items())}}}"


def _show_sequence(value: Sequence[Any]) -> str:
    if value and all(isinstance(v, np.ndarray) for v in value):
        return _show_layers(value, "arrays")
    pairs = [item for item in value if isinstance(item, tuple) and len(item) == 2]
    if value and len(pairs) == len(value) and all(isinstance(v, np.ndarray) for p in pairs for v in p):
        return _show_layers([W for W, _ in pairs], "pairs")
    if value and any(isinstance(v, (tuple, list)) for v in value):
        return f"{len(value)} rows"
    if isinstance(value, tuple):
        return repr(value)
    shown = ", ".join(show(v) for v in value[:FEW])
    return f"[{shown}{', ...' if len(value) > FEW else ''}]"


def _show_layers(arrays: Sequence[NDArray[Any]], what: str) -> str:
    """Say how many there are, and where they are the weights of a network, how wide its layers are."""
    shapes = [array.shape for array in arrays]
    chained = all(len(shape) == 2 for shape in shapes) and all(a[1] == b[0] for a, b in pairwise(shapes))
    widths = "-".join(map(str, (shapes[0][0], *(shape[1] for shape in shapes)))) if chained else ""
    return f"widths {widths}" if chained else f"{len(arrays)} {what}"


def _show_object(value: Any) -> str:
    if isinstance(value, np.random.Generator):
        return "a random generator"
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return name
    return "a function" if callable(value) else f"a {type(value).__name__}"
