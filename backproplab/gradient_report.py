"""Check written gradients against the loss itself: cheap random directions first, then where and how much."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from backproplab.errors import DataError, DesignError, ShapeError
from backproplab.gradcheck import central_difference, complex_direction, complex_step

__all__ = ["GradientReport", "TensorReport", "gradient_check", "random_direction"]

DIRECTIONS = 5
# Rounding of a sum of products, relative to the sum of their sizes; a wrong entry of 1e-8 stands out.
ROUNDING = 2e-13
ROUNDING_FLOAT32 = 1e-5
# What central differences of a smooth float64 function can see.
ROUGH = 1e-6


@dataclass(frozen=True)
class TensorReport:
    """How one gradient compares with its numerical derivative.

    Parameters
    ----------
    name : str
        The parameter.
    ok : bool
        Whether they agree.
    error : float
        ``|written - numerical| / |numerical|``, by norms; nan where the entries were not looked at.
    worst : tuple of int
        The entry that is furthest off; empty where the entries were not looked at.
    relative : ndarray or None
        Relative error of every entry, where they were looked at.
    measured : ndarray or None
        The numerical gradient, where it was looked at.
    """

    name: str
    ok: bool
    error: float = float("nan")
    worst: tuple[int, ...] = ()
    relative: NDArray[np.float64] | None = None
    measured: NDArray[np.float64] | None = None


@dataclass(frozen=True)
class GradientReport:
    """What a gradient check found.

    Parameters
    ----------
    ok : bool
        Whether all gradients agree with the loss.
    method : str
        How the numerical side was got.
    floor : float
        Errors below this share of the gradient cannot be seen.
    tensors : tuple of TensorReport
        One per parameter.
    """

    ok: bool
    method: str
    floor: float
    tensors: tuple[TensorReport, ...]

    @property
    def wrong(self) -> tuple[str, ...]:
        """The names of the parameters whose gradients are wrong."""
        return tuple(tensor.name for tensor in self.tensors if not tensor.ok)

    def __str__(self) -> str:
        sure = f"({self.method}; errors above {self.floor:.0e} would show)"
        if self.ok:
            return f"all {len(self.tensors)} gradients agree with the loss {sure}"
        lines = [f"{len(self.wrong)} of {len(self.tensors)} gradients are wrong {sure}"]
        for tensor in self.tensors:
            verdict = "right" if tensor.ok else f"off by {tensor.error:.1e}, most at {list(tensor.worst)}"
            lines.append(f"  {tensor.name:6} {verdict}")
        return "\n".join(lines)


def random_direction(rng: Generator, parameters: Sequence[Any]) -> list[NDArray[np.float64]]:
    """Draw a direction in which no entry is nearly 0: random signs times U[0.5, 1.5].

    A Gaussian direction has entries near 0, behind which a wrong gradient hides; plain +-1 lets two wrong
    entries of equal size cancel.

    Examples
    --------
    >>> v = random_direction(np.random.default_rng(0), [np.zeros(1000)])[0]
    >>> bool(abs(v).min() >= 0.5)
    True
    """
    drawn = [rng.uniform(-1.0, 1.0, p.shape) for p in parameters]
    return [v + np.copysign(0.5, v) for v in drawn]  # the sign of v serves twice


def gradient_check(
    loss: Callable[[list[Any]], Any],
    parameters: Sequence[Any],
    gradients: Sequence[Any],
    *,
    names: Sequence[str] | None = None,
    rng: Generator | None = None,
    locate: bool = True,
) -> GradientReport:
    """Compare gradients with the loss that they should be the slope of.

    Five random directions through all parameters at once tell *whether* something is wrong; only then five
    through each tensor tell which, and every entry of a wrong tensor is looked at. A loss that accepts
    complex numbers is checked to rounding; for any other, central differences serve, entry by entry.

    Parameters
    ----------
    loss : callable
        ``loss(parameters) -> number``, with a list of arrays like ``parameters``.
    parameters : sequence of ndarray
        Where to check.
    gradients : sequence of ndarray
        The gradients to check, shaped like the parameters.
    names : sequence of str, optional
        What to call the parameters; ``p0, p1, ...`` without.
    rng : numpy.random.Generator, optional
        Draws the directions; a fixed seed without.
    locate : bool
        Look at every entry of a wrong tensor; it costs a forward pass an entry.

    Returns
    -------
    GradientReport
        Prints as a table.

    Raises
    ------
    BackproplabError
        If shapes do not fit or numbers are not finite.

    Examples
    --------
    >>> w = [np.array([1.0, 2.0])]
    >>> print(gradient_check(lambda p: (p[0] ** 2).sum(), w, [np.array([2.0, 3.9])], names=["w"]))
    1 of 1 gradients are wrong (complex step; errors above 2e-13 would show)
      w      off by 2.2e-02, most at [1]
    """
    names = list(names) if names is not None else [f"p{i}" for i in range(len(parameters))]
    _check_inputs(parameters, gradients, names)
    single = any(np.asarray(g).dtype == np.float32 for g in gradients)
    floor = ROUNDING_FLOAT32 if single else ROUNDING
    wide = [np.asarray(p, dtype=float) for p in parameters]
    written = [np.asarray(g, dtype=float) for g in gradients]
    rng = rng or np.random.default_rng(0)
    if not _accepts_complex(loss, wide):
        floor = max(floor, ROUGH)
        tensors = [_look(loss, wide, written, names, i, central_difference, floor) for i in range(len(wide))]
        return _report("central differences", floor, tensors)
    everything = range(len(wide))
    if _directions_agree(loss, wide, written, floor, rng, everything):
        tensors = [TensorReport(name, ok=True) for name in names]
        return _report(f"complex step, {DIRECTIONS} random directions", floor, tensors)
    tensors = []
    for i, name in enumerate(names):
        if _directions_agree(loss, wide, written, floor, rng, [i]):
            tensors.append(TensorReport(name, ok=True))
        elif locate:
            # The directions have the last word: they see less than single entries show.
            found = _look(loss, wide, written, names, i, complex_step, floor)
            tensors.append(replace(found, ok=False))
        else:
            tensors.append(TensorReport(name, ok=False))
    return _report("complex step", floor, tensors)


def _report(method: str, floor: float, tensors: Sequence[TensorReport]) -> GradientReport:
    return GradientReport(all(tensor.ok for tensor in tensors), method, floor, tuple(tensors))


def _directions_agree(
    loss: Callable[[list[Any]], Any],
    parameters: list[Any],
    gradients: list[Any],
    floor: float,
    rng: Generator,
    tensors: Sequence[int],
) -> bool:
    """Tell whether the slopes along random directions through some of the tensors come out as written."""
    for _ in range(DIRECTIONS):
        drawn = random_direction(rng, parameters)
        direction = [v if i in tensors else 0 * v for i, v in enumerate(drawn)]
        products = [g * v for g, v in zip(gradients, direction, strict=True)]
        written = sum(float(p.sum()) for p in products)
        size = sum(float(np.abs(p).sum()) for p in products)
        measured = complex_direction(loss, parameters, direction)
        if not abs(written - measured) <= floor * max(size, abs(measured)) + 1e-300:
            return False
    return True


def _look(
    loss: Callable[[list[Any]], Any],
    parameters: list[Any],
    gradients: list[Any],
    names: Sequence[str],
    i: int,
    differentiate: Callable[..., Any],
    floor: float,
) -> TensorReport:
    """Compare one tensor entry by entry."""

    def along(value: Any) -> Any:
        return loss([value if k == i else p for k, p in enumerate(parameters)])

    return _compare(names[i], gradients[i], differentiate(along, parameters[i]), floor)


def _compare(name: str, written: Any, measured: Any, floor: float) -> TensorReport:
    size = float(np.linalg.norm(measured)) or float(np.linalg.norm(written)) or 1.0
    distance = np.abs(written - measured)
    error = float(np.linalg.norm(distance)) / size
    # An entry is measured against itself, or against the rounding of the whole where it is tiny.
    relative = distance / np.maximum(np.maximum(np.abs(measured), np.abs(written)), 1e-3 * size)
    worst = tuple(int(k) for k in np.unravel_index(int(np.argmax(relative)), relative.shape))
    return TensorReport(name, bool(relative.max() <= 1e3 * floor), error, worst, relative, measured)


def _accepts_complex(loss: Callable[[list[Any]], Any], parameters: list[Any]) -> bool:
    """Tell whether an imaginary step comes out as the derivative: abs, norm and casts lose it."""
    direction = [np.ones_like(p) for p in parameters]
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)  # float(...) drops the derivative
            exact = complex_direction(loss, parameters, direction)
    except (TypeError, ValueError, np.exceptions.ComplexWarning):
        return False
    h = 1e-6
    above, below = ([p + s * h * v for p, v in zip(parameters, direction, strict=True)] for s in (1, -1))
    rough = (float(loss(above)) - float(loss(below))) / (2 * h)
    return abs(exact - rough) <= 1e-4 * max(abs(exact), abs(rough), 1e-3)


def _check_inputs(parameters: Sequence[Any], gradients: Sequence[Any], names: Sequence[str]) -> None:
    if not len(parameters) == len(gradients) == len(names):
        raise DesignError(
            f"{len(gradients)} gradients and {len(names)} names for {len(parameters)} parameters, "
            "expected one each"
        )
    for name, p, g in zip(names, parameters, gradients, strict=True):
        if np.shape(p) != np.shape(g):
            raise ShapeError(
                f"gradient of {name!r}", str(np.shape(p)), np.shape(g), _cause(np.shape(g), np.shape(p))
            )
        if not (np.all(np.isfinite(p)) and np.all(np.isfinite(g))):
            raise DataError(f"{name} or its gradient holds nan or inf, expected finite numbers")


def _cause(got: tuple[int, ...], due: tuple[int, ...]) -> str:
    if len(got) == 2 and got == due[::-1]:
        return "It is the transpose: dL/dW is X.T @ delta."
    if got == (*due, 1):
        return "It is a column: a vector has one axis only."
    if got[1:] == due and len(got) == 2:
        return "It has one row per example: db is their sum."
    return ""
