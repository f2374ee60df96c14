"""``gradient_report``: the gradient check for a student's own network, with the name of the mistake.

The check itself is :func:`backproplab.gradient_report.gradient_check`; what is added here is what the wrong
numbers say. Without a description of the network they tell a form (a factor, a transposition, a missing
term); with one, the bank of wrong turns is asked. Nothing is guessed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import Generator

from backproplab.activations import Activation, find_activation
from backproplab.errors import DesignError
from backproplab.gradient_report import GradientReport, gradient_check
from backproplab.losses import Loss, find_loss
from backproplab.network import MLP
from graders.display import to_html
from graders.exercise import Misconception, Verdict
from graders.gradient_facts import Sizes, findings
from graders.gradient_forms import Slot, first_wrong_layer
from graders.gradient_words import compose
from graders.levels import as_levels
from graders.own_loss import Layout, check_loss, layout_of, tensors_of
from graders.own_network import Description, NamedByBank, name_by_bank

if TYPE_CHECKING:
    from backproplab.figures import Still

__all__ = ["OwnReport", "gradient_report"]

# A form fits up to this, and up to what the numerical side can see.
MATCH = 1e-7


@dataclass(frozen=True)
class OwnReport:
    """What the check of a student's own gradients found; prints as text, shows itself in a notebook.

    Parameters
    ----------
    check : GradientReport
        Right and wrong tensors, with relative errors.
    message : str
        What the student reads: paragraphs separated by empty lines, each a level deeper.
    misconceptions : tuple of Misconception
        What is wrong at the same time, as far as it has a name.
    layer : int or None
        The layer where going back first goes wrong; None where all is right or there are no layers.
    """

    check: GradientReport
    message: str
    misconceptions: tuple[Misconception, ...] = ()
    layer: int | None = None

    @property
    def ok(self) -> bool:
        """Whether all gradients agree with the loss."""
        return self.check.ok

    @property
    def picture(self) -> "Still":
        """The relative error of every entry of every gradient, as a heat map."""
        from backproplab.figures import gradient_heatmap  # matplotlib, where a picture is wanted

        return gradient_heatmap(self.check)

    def __str__(self) -> str:
        return self.message

    __repr__ = __str__

    def _repr_html_(self) -> str:
        right = len(self.check.tensors) - len(self.check.wrong)
        status: Any = "pass" if self.ok else "partial" if right else "fail"
        text = to_html(Verdict("gradients", status, 0, 0, levels=as_levels(self.message)))
        return text if self.ok else text + self.picture._repr_mimebundle_()["text/html"]


def gradient_report(
    loss: Callable[[Any], Any],
    parameters: Any,
    gradients: Any,
    *,
    names: Sequence[str] | None = None,
    net: MLP | None = None,
    acts: Sequence[Activation | str] | None = None,
    X: Any = None,
    T: Any = None,
    loss_function: Loss | str | None = None,
    lam: float = 0.0,
    n: int = 0,
    rng: Generator | None = None,
) -> OwnReport:
    """Check your own gradients against your own loss, and name the mistake if its form is known.

    Parameters
    ----------
    loss : callable
        ``loss(parameters) -> number``.
    parameters : list of arrays, list of (W, b), dict, array or float
        Where to check, in the form that the loss takes.
    gradients : like ``parameters``
        The gradients to check; in a dict they have the parameters' own names.
    names : sequence of str, optional
        What to call the parameters.
    net : MLP, optional
        The network whose gradients these are; with ``X`` and ``T`` the mistake is looked up by name.
    acts : sequence of Activation or str, optional
        The same without an ``MLP``: one activation per layer, for parameters ``W1, b1, W2, b2, ...``.
    X, T : ndarray, optional
        The batch and its targets (or integer labels) of the described network.
    loss_function : Loss or str, optional
        Which of ``backproplab.losses`` it ends in; half squared error without.
    lam : float, optional
        The factor of ``lam / 2 sum W^2``, where the loss has such a term.
    n : int, optional
        The number of examples, where there is no ``X``: it tells factors 1/n.
    rng : numpy.random.Generator, optional
        Draws the random directions of the check.

    Returns
    -------
    OwnReport
        Where, what the numbers say, and a question.

    Raises
    ------
    BackproplabError
        If shapes, names or numbers do not fit, or the loss cannot be checked; the text says which.

    Examples
    --------
    >>> w = np.array([1.0, 2.0, -1.0])
    >>> report = gradient_report(lambda w: (w**3).sum() / 2, w, 3 * w**2)
    >>> print(report.message.partition("Ask")[0].strip())
    gradients: 1 of 1 wrong (complex step; errors above 2e-13 would show).
    p0: off by 1.0e+00, most at [0]: there you have 3, measured is 1.5.
    <BLANKLINE>
    What the numbers say: p0 is 2 times the numerical gradient.
    >>> report.misconceptions[0].id
    'factor_two'
    """
    layout = layout_of(parameters, names or (net.names if net and not isinstance(parameters, dict) else None))
    written = tensors_of(gradients, layout)
    # Shapes before values: the check refuses what cannot be compared.
    check = gradient_check(check_loss(loss, layout), layout.arrays, written, names=layout.names, rng=rng)
    slots = _slots(layout, written, check)
    tolerance = max(MATCH, 10 * check.floor)
    network = _description(layout, net, acts, X, T, loss_function, lam)
    named = name_by_bank(network, slots, tolerance) if network and not check.ok else NamedByBank((), ())
    found = findings(slots, _sizes(layout, X, n, lam), tolerance)
    forms = tuple(one.misconception for one in found if one.misconception)
    if forms and len(forms) < len(named.misconceptions):
        named = replace(named, misconceptions=(), turns=())  # one slip explains more than two do
    layer, place = first_wrong_layer(slots)
    message = compose(check, slots, (layer, place), () if named.turns else found, named)
    return OwnReport(check, message, named.misconceptions or forms, layer)


def _slots(layout: Layout, written: Sequence[Any], check: GradientReport) -> tuple[Slot, ...]:
    return tuple(
        Slot(
            tensor.name,
            layout.arrays[i],
            written[i],
            written[i] if tensor.measured is None else tensor.measured,
            tensor.ok,
            layout.kind(i),
            layout.layer(i),
        )
        for i, tensor in enumerate(check.tensors)
    )


def _sizes(layout: Layout, X: Any, n: int, lam: float) -> Sizes:
    n = n or (len(X) if np.ndim(X) == 2 else 0)
    if not layout.layered:
        return Sizes(n, lam=lam)
    return Sizes(n, len(layout.arrays[0]), len(layout.arrays[-1]), lam)


def _description(
    layout: Layout, net: MLP | None, acts: Any, X: Any, T: Any, loss_function: Loss | str | None, lam: float
) -> Description | None:
    if net is None and acts is None:
        return None
    if X is None or T is None:
        raise DesignError("a described network needs X and T too: the batch and its targets")
    if not layout.layered:
        raise DesignError("a described network needs the parameters W1, b1, W2, b2, ... of its layers")
    layers = len(layout.arrays) // 2
    used = net.activations if net else [find_activation(act) for act in acts]
    if len(used) != layers:
        raise DesignError(f"{len(used)} activations for {layers} layers, expected one each")
    if loss_function is None:
        loss_function = net.loss_function if net else "half_squared_error"
    return Description(used, np.asarray(X, dtype=float), np.asarray(T), find_loss(loss_function), lam)
