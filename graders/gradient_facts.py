"""What the numbers of wrong gradients say by themselves, whatever function they are the gradients of.

Each form of :mod:`graders.gradient_forms` that fits is put into words; where several fit the same gradients,
all of them are. It has a name where the form leaves no other.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graders.exercise import Misconception
from graders.gradient_forms import FEW, Form, Slot, fitting_forms

__all__ = ["Finding", "Sizes", "findings"]


@dataclass(frozen=True)
class Sizes:
    """What is known beside the numbers; 0 for what is not.

    Parameters
    ----------
    n, inputs, outputs : int
        Examples in the batch, inputs and outputs of the network.
    lam : float
        The factor of ``lam / 2 sum W^2`` in the loss.
    """

    n: int = 0
    inputs: int = 0
    outputs: int = 0
    lam: float = 0.0


@dataclass(frozen=True)
class Finding:
    """One thing that the numbers say.

    Parameters
    ----------
    says : str
        A plain clause, to follow the names of the parameters.
    names : tuple of str
        The parameters of which it is true.
    misconception : Misconception or None
        Its name, if it has one.
    """

    says: str
    names: tuple[str, ...] = field(default=())
    misconception: Misconception | None = None


def findings(slots: Sequence[Slot], sizes: Sizes, tolerance: float) -> tuple[Finding, ...]:
    """Return as few facts as explain the wrong gradients; nothing for those that fit no form.

    Parameters
    ----------
    slots : sequence of Slot
        All parameters, right and wrong.
    sizes : Sizes
        What is known beside the numbers.
    tolerance : float
        Relative error up to which a form fits.

    Examples
    --------
    >>> import numpy as np
    >>> w, g = np.array([1.0, 2.0, 3.0]), np.array([2.0, 5.0, 1.0])
    >>> [found] = findings([Slot("w", w, -g, g, ok=False)], Sizes(), 1e-7)
    >>> found.says, found.misconception.id
    ('the numerical gradient with the sign turned round', 'sign')
    """
    open_slots = [slot for slot in slots if not slot.ok]
    found = []
    while open_slots:
        forms = fitting_forms(open_slots, tolerance)
        most = max(map(len, forms.values()), default=0)
        if not most:
            break
        explained = next(group for group in forms.values() if len(group) == most)
        fitting = [form for form, group in forms.items() if group == explained]
        group = [slot for slot in open_slots if slot.name in explained]
        found.append(_told(fitting, group, slots, sizes))
        open_slots = [slot for slot in open_slots if slot.name not in explained]
    return tuple(found)


def _told(forms: Sequence[Form], group: Sequence[Slot], slots: Sequence[Slot], sizes: Sizes) -> Finding:
    """Say the forms that explain a group of gradients, and put their names beside each other."""
    kinds = {slot.kind for slot in group}
    kind = kinds.pop() if len(kinds) == 1 else "all" if len(group) == len(slots) else ""
    whole = len(group) == len(slots)
    said = [_SAID[form](number, kind, whole, sizes) for form, number in forms]
    ids = list(dict.fromkeys(name for _, names in said for name in names))
    layers = {slot.layer for slot in slots}
    layer = group[0].layer if len(group) == 1 and len(layers) > 1 and not whole else None
    others = tuple(Misconception(name, layer) for name in ids[1:])
    named = Misconception(ids[0], layer, others) if ids else None
    return Finding(", or ".join(text for text, _ in said), tuple(slot.name for slot in group), named)


Said = tuple[str, tuple[str, ...]]


def _say_zero(number: float, kind: str, whole: bool, sizes: Sizes) -> Said:
    return "0 everywhere", ("db_zero",) if kind == "b" else ()


def _say_transposed(number: float, kind: str, whole: bool, sizes: Sizes) -> Said:
    return "the numerical gradient transposed", ("dW_transposed",)


def _say_total(number: float, kind: str, whole: bool, sizes: Sizes) -> Said:
    return "the sum of the numerical gradient's entries, in every entry", ("db_total",) if kind == "b" else ()


def _say_scale(number: float, kind: str, whole: bool, sizes: Sizes) -> Said:
    if _equal(number, -1):
        sign = {"W": ("dW_sign",), "b": ("db_sign",)}.get("" if whole else kind, ())
        return "the numerical gradient with the sign turned round", ("sign",) if whole else sign
    fitting = [(name, why) for name, factor, why in _counts(kind, whole, sizes) if _equal(number, factor)]
    fitting = fitting or _guess(number, kind, whole, sizes)
    why = " or ".join(dict.fromkeys(why for _, why in fitting if why))
    text = f"{_factor(number)} times the numerical gradient" + (f" ({why})" if why else "")
    return text, tuple(name for name, _ in fitting)


def _counts(kind: str, whole: bool, sizes: Sizes) -> Iterable[tuple[str, float, str]]:
    """Yield the factors that have a name here, as far as the sizes are known."""
    n, K, D = sizes.n, sizes.outputs, sizes.inputs
    batch = f"the batch has {n} examples"
    if whole:
        yield "factor_two", 2.0, ""
        yield "factor_two", 0.5, ""
    if n > 1 and kind == "b":
        yield "db_mean", 1 / n, batch
    if n > 1 and (whole or kind):
        yield "extra_1_over_n", 1 / n, batch
        yield "n_minus_1", n / (n - 1), f"1/{n - 1} for 1/{n}"
    if n > 1 and whole:
        yield "missing_1_over_n", float(n), batch
    if n > 1 and whole and D > 1:
        yield "divides_by_d", n / D, f"{batch} of {D} inputs"
    if whole and K > 1:
        yield "divides_by_k", 1 / K, f"the network has {K} outputs"


def _guess(number: float, kind: str, whole: bool, sizes: Sizes) -> list[tuple[str, str]]:
    """Take a whole number, or one over it, for the number of examples where that is not known."""
    count = round(max(number, 1 / number))
    if sizes.n or count < FEW or not (_equal(number, count) or _equal(number, 1 / count)):
        return []
    if number > 1:
        return [("missing_1_over_n", f"1/N is missing, if the batch has {count} examples")] if whole else []
    why = f"a mean for a sum, if the batch has {count} examples"
    return [("extra_1_over_n", why)] if whole else [("db_mean", why)] if kind == "b" else []


def _say_share(number: float, kind: str, whole: bool, sizes: Sizes) -> Said:
    amount = f"{abs(number):.4g} times the parameter itself"
    text = f"{'larger' if number > 0 else 'smaller'} than the numerical gradient by {amount}"
    if kind == "b":
        return text, ("reg_on_bias",) if number > 0 and (not sizes.lam or _equal(number, sizes.lam)) else ()
    if sizes.lam:
        return f"{text}, where lam is {sizes.lam:.4g}", tuple(
            name for name, off in _penalties(sizes) if _equal(number, off)
        )
    lam = abs(number)
    if number > 0:
        return (
            f"{text}: a term lam W is in it twice, if lam is {lam:.4g}, or is not in the loss at all",
            ("reg_doubled",),
        )
    return (
        f"{text}: of a term lam W all is missing if lam is {lam:.4g}, half of it if lam is {2 * lam:.4g}, "
        f"and it has the wrong sign if lam is {lam / 2:.4g}",
        ("reg_missing", "reg_halved", "reg_sign"),
    )


def _penalties(sizes: Sizes) -> Iterable[tuple[str, float]]:
    lam = sizes.lam
    yield "reg_missing", -lam
    yield "reg_doubled", lam
    yield "reg_halved", -lam / 2
    yield "reg_sign", -2 * lam
    if sizes.n > 1:
        yield "reg_over_n", lam / sizes.n - lam


_SAID: Mapping[str, Callable[[float, str, bool, Sizes], Said]] = {
    "zero": _say_zero,
    "scale": _say_scale,
    "transposed": _say_transposed,
    "total": _say_total,
    "share": _say_share,
}


def _equal(number: float, other: float) -> bool:
    return abs(number - other) <= 1e-5 * abs(other)


def _factor(number: float) -> str:
    """Write a factor as a whole number or as one over a whole number, where it is one."""
    for value, text in ((number, "{}"), (1 / number, "1/{}")):
        if _equal(value, round(value)) and round(value):
            return text.format(round(value))
    return f"{number:.6g}"
