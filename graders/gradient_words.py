"""What a student reads of a check of their own gradients: where, what the numbers say, a question."""

from collections.abc import Sequence

from backproplab.gradient_report import GradientReport, TensorReport
from graders.bank.beliefs import BELIEFS
from graders.exercise import Misconception
from graders.gradient_facts import Finding
from graders.gradient_forms import Slot
from graders.own_network import NamedByBank

__all__ = ["compose"]

SHOWN = 5  # wrong tensors in the first level, which never needs scrolling
ROUGH = (
    "your loss does not carry complex numbers (abs, norm and float() lose them), so it was "
    "nudged by real steps, which see less"
)
MISFIT = (
    "the network as described has another gradient than your loss, so no name was looked up: compare "
    "activations, X, T, the loss function and lam"
)


def compose(
    check: GradientReport,
    slots: Sequence[Slot],
    place: tuple[int | None, str],
    found: Sequence[Finding],
    named: NamedByBank,
) -> str:
    """Write the message of a report.

    Parameters
    ----------
    check : GradientReport
        Right and wrong tensors.
    slots : sequence of Slot
        The numbers.
    place : (int or None, str)
        The first wrong layer, and what follows from the pattern.
    found : sequence of Finding
        What the numbers say by themselves.
    named : NamedByBank
        What the bank says.

    Returns
    -------
    str
        Paragraphs separated by empty lines.
    """
    notes = [ROUGH] if check.method == "central differences" else []
    notes += [] if named.fits else [MISFIT]
    said = [f"Note: {note}." for note in notes]
    sure = f"{check.method}; errors above {check.floor:.0e} would show"
    if check.ok:
        return "\n".join([f"gradients: all {len(slots)} agree with the loss ({sure}).", *said])
    head = f"gradients: {len(check.wrong)} of {len(slots)} wrong ({sure})."
    told = {name for finding in found for name in finding.names}
    unexplained = [] if named.turns else [name for name in check.wrong if name not in told]
    first = [head, *_where(check, slots), *_layer(*place, explained=not unexplained), *said]
    levels = ["\n".join(first), *_by_bank(named), *_by_form(found, len(slots)), *_unknown(unexplained)]
    return "\n\n".join(levels)


def _where(check: GradientReport, slots: Sequence[Slot]) -> list[str]:
    lines = [_off(tensor, slot) for tensor, slot in zip(check.tensors, slots, strict=True) if not tensor.ok]
    if len(lines) > SHOWN:
        lines[SHOWN - 1 :] = [f"Wrong too: {', '.join(check.wrong[SHOWN - 1 :])}."]
    right = [tensor.name for tensor in check.tensors if tensor.ok]
    return [*lines, f"Right: {', '.join(right)}."] if right else lines


def _off(tensor: TensorReport, slot: Slot) -> str:
    written, true = slot.written[tensor.worst], slot.true[tensor.worst]
    at = f", most at {list(tensor.worst)}: there you have" if tensor.worst else ": you have"
    return f"{tensor.name}: off by {tensor.error:.1e}{at} {written:.4g}, measured is {true:.4g}."


def _layer(layer: int | None, hint: str, explained: bool) -> list[str]:
    """Name the first wrong layer; what the pattern hints at serves where nothing better is known."""
    if not layer:
        return []
    return [f"Going back, layer {layer} is the first wrong one{'.' if explained else f'; {hint}'}"]


def _by_bank(named: NamedByBank) -> list[str]:
    levels = []
    for misconception, turn, (right, wrong) in zip(
        named.misconceptions, named.turns, named.formulas, strict=True
    ):
        belief = BELIEFS[misconception.id]
        others = [BELIEFS[o.id].says for o in misconception.alternatives if o.id != misconception.id]
        says = [turn.says or belief.says, *others]
        layer = f" in layer {misconception.layer}" if misconception.layer else ""
        levels.append(
            f"What the numbers say: they are what one gets {', or '.join(dict.fromkeys(says))}{layer}."
        )
        levels.append(f"Ask yourself: {turn.asks or belief.question}")
        levels.append(f"The two formulas: {right}, but yours behaves like {wrong}.")
    return levels


def _by_form(found: Sequence[Finding], count: int) -> list[str]:
    levels = []
    for finding in found:
        whole = len(finding.names) == count > 1
        subject = "all gradients" if whole else _listed(finding.names)
        verb = "is" if len(finding.names) == 1 else "are"
        levels.append(f"What the numbers say: {subject} {verb} {finding.says}.")
        levels += _question(finding.misconception)
    return levels


def _unknown(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    verb = "fits" if len(names) == 1 else "fit"
    text = f"What the numbers say: {_listed(names)} {verb} no known form. "
    return [f"{text}Compare the entry that is furthest off by hand, factor by factor."]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]


def _question(named: Misconception | None) -> list[str]:
    return [f"Ask yourself: {BELIEFS[named.id].question}"] if named else []
