"""What a network asks of the numbers and settings it is given, before any arithmetic."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from backproplab.activations import Activation
from backproplab.errors import DataError, DesignError, ShapeError
from backproplab.losses import Loss

__all__ = ["as_numbers", "check_finite", "check_output", "checked_dtype", "checked_inputs", "checked_sizes"]


def checked_sizes(sizes: Sequence[int]) -> list[int]:
    """Return the sizes as whole numbers above 0, at least two of them."""
    sizes = list(sizes)
    if len(sizes) < 2:
        raise DesignError(f"sizes is {sizes}, expected at least inputs and outputs, for example [2, 3, 1]")
    if not all(isinstance(n, (int, np.integer)) and n > 0 for n in sizes):
        raise DesignError(f"sizes is {sizes}, expected whole numbers above 0")
    return [int(n) for n in sizes]


def checked_dtype(dtype: DTypeLike) -> Any:
    """Return float64 or float32."""
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise DesignError(f"dtype is {np.dtype(dtype)}, expected float64 or float32")
    return np.dtype(dtype).type


def check_output(loss: Loss, output: Activation, n_out: int) -> None:
    """Refuse a loss that does not fit the output."""
    if loss.on_logits and output.name != "linear":
        raise DesignError(
            f"loss {loss.name!r} with output_activation {output.name!r}, expected 'linear'\n"
            "This loss acts on logits: it has the squashing inside, and it would be applied twice."
        )
    if loss.labels and n_out < 2:
        raise DesignError(f"loss {loss.name!r} with one output, expected one output per class (2 or more)")


def as_numbers(name: str, array: Any) -> Any:
    """Return an array of real numbers."""
    array = np.asarray(array)
    if array.dtype.kind not in "fiub":
        raise DataError(f"{name} holds {array.dtype}, expected real numbers")
    return array


def check_finite(name: str, array: Any) -> None:
    """Refuse nan and inf."""
    # One sum is enough to see that all is well, and much cheaper than asking every entry.
    if array.dtype.kind == "f" and not np.isfinite(array.sum()) and not np.isfinite(array).all():
        bad = int((~np.isfinite(array)).sum())
        raise DataError(
            f"{name} holds {bad} of {array.size} entries that are nan or inf, expected finite numbers\n"
            + (
                "Has training diverged? Try a smaller learning rate."
                if name[0] in "Wb"
                else "Clean the data first."
            )
        )


def checked_inputs(X: Any, n_in: int) -> Any:
    """Return a batch of examples with ``n_in`` finite numbers each."""
    X = as_numbers("X", X)
    if X.ndim != 2 or X.shape[1] != n_in:
        raise ShapeError("X", f"(n, {n_in})", X.shape, _cause_of_inputs(X, n_in))
    if not len(X):
        raise DataError("X has no rows, expected at least one example")
    check_finite("X", X)
    return X


def _cause_of_inputs(X: Any, n_in: int) -> str:
    if X.ndim == 1:
        return "One example is a row: use X[None, :]." if len(X) == n_in else ""
    if X.ndim == 2 and X.shape[0] == n_in:
        return "It looks transposed: examples are rows here."
    return ""
