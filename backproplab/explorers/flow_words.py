"""The delta flow in words: what is chosen, term by term, and what a student's function made of it."""

from dataclasses import dataclass
from typing import Any

from backproplab.explorers.own_flow import Diagnosis, OwnFlow
from backproplab.flow import Flow
from backproplab.neuron import number

__all__ = ["Place", "chosen_numbers", "here", "in_words", "own_in_words", "own_lines"]

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Place:
    """What of a flow is chosen, everything counted from 1.

    Parameters
    ----------
    moment : int
        How far things have gone: 0 is the input.
    layer, unit : int
        The chosen unit.
    source : int
        The unit of the layer before from which the chosen weight comes.
    example : int
        The row of the batch.
    """

    moment: int
    layer: int
    unit: int
    source: int
    example: int


def chosen_numbers(flow: Flow, place: Place) -> dict[str, Any]:
    """Return the numbers of the chosen unit and weight as they are shown."""
    row, at, unit = place.example - 1, place.layer - 1, place.unit - 1
    a = float(flow.run.As[at][row, place.source - 1])
    delta = float(flow.deltas[at][row, unit])
    total = float(flow.run.As[at][:, place.source - 1] @ flow.deltas[at][:, unit])
    shown = {
        "z": flow.run.Zs[at][row, unit],
        "own": flow.run.As[place.layer][row, unit],
        "slope": flow.slopes[at][row, unit],
        "delta": delta,
        "a": a,
        "gradient": a * delta,
        "total": total,
    }
    return {name: number(float(value)) for name, value in shown.items()} | _arriving(flow, place)


def _arriving(flow: Flow, place: Place) -> dict[str, Any]:
    """Return what arrives at the chosen unit before its slope: the sum of its terms, or the error."""
    if place.layer < flow.layers:
        return {"arrives": number(float(_terms(flow, place).sum()))}
    at = (place.example - 1, place.unit - 1)
    share = len(flow.X) if flow.loss.reduction == "mean" else 1
    error = (flow.run.As[-1][at] - flow.T[at]) / share
    return {"target": number(float(flow.T[at])), "share": share, "arrives": number(float(error))}


def _terms(flow: Flow, place: Place) -> Any:
    return flow.terms(place.layer, place.unit, place.example)


def in_words(flow: Flow, place: Place) -> str:
    """Return the picture as sentences."""
    shown = chosen_numbers(flow, place)
    opening = f"Moment {place.moment} of {flow.moments}: {_event(flow, place.moment)}."
    unit = f"unit {place.unit} of layer {place.layer}"
    if place.moment < place.layer:
        return f"{opening} The signal has not yet reached {unit}; it does at moment {place.layer}."
    if place.moment < flow.arrives(place.layer):
        there = f"it is there at moment {flow.arrives(place.layer)}"
        here = f"{unit} has z = {shown['z']} and a = {shown['own']}"
        return f"{opening} For example {place.example}, {here}; delta has not come back to it yet, {there}."
    return f"{opening} {_delta_in_words(flow, place, shown, unit)} {_weight_in_words(flow, place, shown)}"


def _event(flow: Flow, moment: int) -> str:
    if moment == 0:
        return "the input is there"
    if moment <= flow.layers:
        return f"layer {moment} has its a"
    if moment < flow.moments:
        return f"layer {flow.moments - moment} has its delta"
    return "every weight has its gradient"


def _delta_in_words(flow: Flow, place: Place, shown: dict[str, Any], unit: str) -> str:
    slope = f"times its slope f'(z) = {shown['slope']}"
    if place.layer == flow.layers:
        difference = f"{shown['own']} {MINUS} {_bracketed(shown['target'])}"
        share = f" / {shown['share']}" if shown["share"] > 1 else ""
        error = f"(a {MINUS} t){share} = ({difference}){share}" if share else f"a {MINUS} t = {difference}"
        arrives = f"the error of {unit} is {error}"
    else:
        terms = " + ".join(_bracketed(number(float(term))) for term in _terms(flow, place))
        arrives = f"layer {place.layer + 1} sends back to {unit} {terms}"
    total = f"{arrives} = {shown['arrives']}"
    return f"For example {place.example}, {total}; {slope} that is its delta, {shown['delta']}."


def _bracketed(text: str) -> str:
    return f"({text})" if text.startswith(MINUS) else text


def _weight_in_words(flow: Flow, place: Place, shown: dict[str, Any]) -> str:
    origin = f"unit {place.source} of layer {place.layer - 1}" if place.layer > 1 else f"input {place.source}"
    product = f"{shown['a']} {TIMES} {_bracketed(shown['delta'])} = {shown['gradient']}"
    total = f"{shown['total']} summed over all {len(flow.X)} examples"
    return f"Its weight from {origin} gets a {TIMES} delta = {product}, and {total}."


def here(own: OwnFlow, place: Place) -> list[list[Any]]:
    """Return the student's numbers at the chosen place beside the numerical ones; last, whether wrong."""
    at = {
        "delta": (place.example - 1, place.unit - 1),
        "dW": (place.source - 1, place.unit - 1),
        "db": (place.unit - 1,),
    }
    return [
        [
            t.kind,
            number(float(t.given[at[t.kind]])),
            number(float(t.true[at[t.kind]])),
            bool(t.off[at[t.kind]]),
        ]
        for t in own.tensors
        if t.layer == place.layer and t.given is not None
    ]


def own_lines(exercise: str, own: OwnFlow, diagnosis: Diagnosis) -> dict[str, Any]:
    """Say what a student's function made of a flow, in two lines, with its status and the mistake's name.

    Parameters
    ----------
    exercise : str
        The function's name.
    own : OwnFlow
        Its numbers beside the numerical ones.
    diagnosis : Diagnosis
        What is known of it beyond this network.
    """
    first = own.first_wrong
    if own.trouble:
        status = "trouble" if own.started else "unwritten"
        late = "; it is not asked again until this cell is run again" if own.late else ""
        lines = [f"Your {exercise} {own.trouble}{late}.", "The picture shows the reference."]
    elif first is None:
        status = "right"
        more = f"The check has more to say: {diagnosis.says}" if diagnosis.says else ""
        lines = [f"Your {exercise} agrees with the numerical derivatives in this network.", more]
    else:
        status = "wrong"
        entry = first.first_entry()
        lines = [
            f"Your {exercise} returns wrong numbers, going back, first in {first.in_words()}: {entry}.",
            diagnosis.says,
        ]
    return {"status": status, "lines": lines, "name": diagnosis.name}


def own_in_words(exercise: str, own: OwnFlow, place: Place, diagnosis: Diagnosis) -> str:
    """Return the same with the name, the question, and the student's numbers at the chosen place."""
    told = own_lines(exercise, own, diagnosis)
    first, more = told["lines"]
    name = f"{told['name']}:" if told["name"] and more else ""
    rest = [t.in_words() for t in own.tensors if t.wrong and t is not own.first_wrong]
    also = f"Wrong too: {', '.join(rest)}." if rest and told["status"] == "wrong" else ""
    asks = f"Ask yourself: {diagnosis.asks}" if diagnosis.asks and told["status"] != "trouble" else ""
    beside = "; ".join(
        f"your {kind} is {yours}, by nudging {true}" for kind, yours, true, _ in here(own, place)
    )
    return " ".join(
        part for part in (first, also, name, more, asks, beside and f"At the chosen place {beside}.") if part
    )
