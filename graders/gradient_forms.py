"""Forms that a wrong gradient may have, told from its numbers alone, and what their pattern says.

A wrong gradient may be the right one times a number, transposed, zero, or off by a multiple of the parameter
itself. Each form is found only where it fits every entry.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEW", "Form", "Slot", "first_wrong_layer", "fitting_forms", "scale_of", "share_of"]

# Fewer entries than this fit a multiple by chance; 2, 1/2, -1 and 0 are no chance.
FEW = 3
Form = tuple[str, float]


@dataclass(frozen=True)
class Slot:
    """One parameter with the gradient that was written for it.

    Parameters
    ----------
    name : str
        The parameter.
    parameter, written, true : ndarray
        Where the gradient was taken, what was written, and the numerical one.
    ok : bool
        Whether the two agree.
    kind : {"W", "b", ""}
        A weight, a bias, or not known.
    layer : int or None
        The layer, counted from 1, where the parameters are those of a chain of layers.
    """

    name: str
    parameter: NDArray[Any]
    written: NDArray[Any]
    true: NDArray[Any]
    ok: bool
    kind: str = ""
    layer: int | None = None


def scale_of(written: NDArray[Any], true: NDArray[Any], tolerance: float) -> float | None:
    """Return the number that makes one array of the other, or None.

    Examples
    --------
    >>> scale_of(np.array([2.0, 4.0]), np.array([1.0, 2.0]), 1e-7)
    2.0
    """
    return _multiple(written, true, tolerance * float(np.linalg.norm(written)))


def share_of(slot: Slot, tolerance: float) -> float | None:
    """Return the multiple of the parameter itself by which its gradient is off, or None.

    Examples
    --------
    >>> w, g = np.array([1.0, 2.0]), np.array([5.0, 1.0])
    >>> round(share_of(Slot("w", w, g - 0.1 * w, g, ok=False), 1e-7), 6)
    -0.1
    """
    off = slot.written - slot.true
    return _multiple(off, slot.parameter, tolerance * float(np.linalg.norm(off)))


def _multiple(whole: NDArray[Any], part: NDArray[Any], allowed: float) -> float | None:
    """Find the factor by least squares, and take it only where it leaves nothing."""
    square = float(np.vdot(part, part))
    if not square:
        return None
    factor = float(np.vdot(part, whole)) / square
    return factor if float(np.linalg.norm(whole - factor * part)) <= allowed and factor else None


def fitting_forms(slots: Sequence[Slot], tolerance: float) -> dict[Form, frozenset[str]]:
    """Return which form explains which of the wrong gradients, the plainest form first.

    Parameters
    ----------
    slots : sequence of Slot
        The wrong gradients.
    tolerance : float
        Relative error up to which a form fits.

    Returns
    -------
    dict
        ``(kind, number) -> names``; the number is the factor of a "scale" or a "share".
    """
    forms: dict[Form, set[str]] = {}
    for slot in slots:
        for kind, test in _TESTS.items():
            number = test(slot, tolerance)
            if number is not None:
                alike = (f for f in forms if f[0] == kind and abs(f[1] - number) <= tolerance * abs(number))
                forms.setdefault(next(alike, (kind, number)), set()).add(slot.name)
    entries = {slot.name: slot.written.size for slot in slots}
    order = list(_TESTS)
    return {
        form: frozenset(names)
        for form, names in sorted(forms.items(), key=lambda item: order.index(item[0][0]))
        if sum(entries[name] for name in names) >= FEW or _no_chance(form, tolerance)
    }


def _no_chance(form: Form, tolerance: float) -> bool:
    kind, number = form
    plain = any(abs(number - plain) <= tolerance for plain in (-1, 2, 0.5))
    return kind == "zero" or (kind == "scale" and plain)


def _is_zero(slot: Slot, tolerance: float) -> float | None:
    return 0.0 if not slot.written.any() else None


def _is_transposed(slot: Slot, tolerance: float) -> float | None:
    true = slot.true
    if true.ndim != 2 or true.shape[0] != true.shape[1]:
        return None
    return _close(slot.written, true.T, tolerance)


def _is_total(slot: Slot, tolerance: float) -> float | None:
    if slot.true.ndim != 1 or slot.true.size < 2:
        return None
    return _close(slot.written, np.full_like(slot.true, slot.true.sum()), tolerance)


def _close(written: NDArray[Any], other: NDArray[Any], tolerance: float) -> float | None:
    near = float(np.linalg.norm(written - other)) <= tolerance * float(np.linalg.norm(other))
    return 0.0 if near else None


_TESTS: dict[str, Callable[[Slot, float], float | None]] = {
    "zero": _is_zero,
    "scale": lambda slot, tolerance: scale_of(slot.written, slot.true, tolerance),
    "transposed": _is_transposed,
    "total": _is_total,
    "share": share_of,
}


def first_wrong_layer(slots: Sequence[Slot]) -> tuple[int | None, str]:
    """Return the layer where going back first goes wrong, and what the pattern of right and wrong says.

    Examples
    --------
    >>> g = np.ones(3)
    >>> slots = [Slot(f"{kind}1", g, g, g, ok=kind == "b", kind=kind, layer=1) for kind in "Wb"]
    >>> first_wrong_layer(slots)
    (1, 'delta of layer 1 is right, for b1 is: look at what it is multiplied with in the gradient of W1.')
    """
    names = {(slot.layer, slot.kind): slot.name for slot in slots if slot.layer}
    wrong = {(slot.layer, slot.kind) for slot in slots if not slot.ok}
    if not names or not wrong:
        return None, ""
    first = max(layer or 0 for layer, _ in wrong)
    W, b = names[first, "W"], names[first, "b"]
    if (first, "b") not in wrong:
        text = f"delta of layer {first} is right, for {b} is: "
        return first, f"{text}look at what it is multiplied with in the gradient of {W}."
    if (first, "W") not in wrong:
        text = f"delta of layer {first} is right, for {W} is: "
        return first, f"{text}look at how it is summed over the examples in the gradient of {b}."
    if first > 1 and all(layer == first for layer, _ in wrong):
        text = f"the layers before layer {first} are right, and so is the delta that goes through it: "
        return first, f"{text}look at how {W} and {b} take their gradients from delta."
    if (first + 1, "W") not in names:
        return first, "it starts at the output: look at the loss's slope and at the last activation's."
    text = f"the layers behind layer {first} are right: "
    return first, f"{text}look at the step from delta of layer {first + 1} to delta of layer {first}."
