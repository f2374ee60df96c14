"""A derivation as named steps: at each the right formula first, and beside it every known wrong turn."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from types import SimpleNamespace
from typing import Any, Literal

from numpy.random import Generator

from graders.bank.beliefs import BELIEFS
from graders.exercise import WrongTurn

__all__ = ["Derivation", "Detour", "Rule", "Step", "Turn", "Where", "pairs"]

Rule = Callable[[SimpleNamespace], Any]
# A weight layer counted from 1, all layers, the hidden ones, or the last one.
Where = int | Literal["all", "hidden", "last"]
# How a message says where a slip sits that has no layer's number.
SINGLED_OUT: dict[Where, str] = {"hidden": "in the hidden layers", "last": "in the last layer"}
# The test points of one exercise are some ten.
REMEMBERED = 32


@dataclass(frozen=True)
class Turn:
    """One way to take a step wrongly.

    Parameters
    ----------
    misconception : str
        The canonical id.
    rule : callable
        Stands in for the step's right rule.
    formula : str
        What it computes, in the lesson's symbols.
    says, asks : str
        Stand in for what the belief says and asks, where the slip has several forms.
    since, until : int
        The first and the last layer in which it makes a difference; 0 for no last one.
    inner : bool
        It reaches for the next layer, so it cannot be made in the last one: nor everywhere, unless the
        step itself is not taken there.
    whole : bool
        It concerns the answer as a whole, so a single part never shows it.
    belief : str
        Stands in for the belief, where that speaks of what the exercise does not have.
    """

    misconception: str
    rule: Rule
    formula: str
    says: str = ""
    asks: str = ""
    since: int = 1
    until: int = 0
    inner: bool = False
    whole: bool = False
    belief: str = ""


@dataclass(frozen=True)
class Step:
    """One local formula of a derivation.

    Parameters
    ----------
    right : callable
        The rule: what is at hand at this step -> what the step gives.
    formula : str
        The same in the lesson's symbols.
    turns : tuple of Turn
        Its wrong turns, the likeliest first.
    layered : bool
        The step is taken in every layer, so a slip may sit in one of them.
    since, until : int
        The first and the last layer in which it is taken; 0 for no last one.
    """

    right: Rule
    formula: str
    turns: tuple[Turn, ...] = ()
    layered: bool = False
    since: int = 1
    until: int = 0

    def and_turns(self, *turns: Turn) -> "Step":
        """Return the step with more ways to take it wrongly."""
        return replace(self, turns=self.turns + turns)

    def without(self, *misconceptions: str) -> "Step":
        """Return the step without the slips that cannot be made, or make no difference, in an exercise."""
        return replace(self, turns=tuple(t for t in self.turns if t.misconception not in misconceptions))

    def told(self, misconception: str, says: str = "", asks: str = "") -> "Step":
        """Return the step with one slip told in words that fit an exercise better than the belief's own."""
        turns = (
            replace(t, says=says or t.says, asks=asks or t.asks) if t.misconception == misconception else t
            for t in self.turns
        )
        return replace(self, turns=tuple(turns))


@dataclass(frozen=True, eq=False)
class Derivation:
    """A whole derivation: how its steps follow each other.

    Parameters
    ----------
    steps : mapping
        Name -> step.
    run : callable
        ``run(take, *arguments) -> answer``, where ``take(step, layer, depth, **at_hand)`` takes one step.

    Examples
    --------
    >>> double = Step(lambda at: 2 * at.x, "2 x", (Turn("factor_two", lambda at: 4 * at.x, "4 x"),))
    >>> derivation = Derivation({"double": double}, lambda take, x: take("double", x=x))
    >>> derivation(3), derivation.wrong_turns()[0].derive(3)
    (6, 12)
    """

    steps: Mapping[str, Step]
    run: Callable[..., Any]
    _seen: dict[tuple[int, ...], tuple[tuple[Any, ...], list[Any] | None]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __call__(self, *arguments: Any) -> Any:
        """Return the right answer."""
        return Detour(self, {})(*arguments)

    def right_steps(self, arguments: tuple[Any, ...]) -> list[Any] | None:
        """Return what each step gives on the right way, found once for the same arguments.

        Every wrong turn follows the right way up to where it turns, so that much need not be derived again.
        None where one step is taken inside another: then the order of their ends is not that of their starts.
        """
        key = tuple(map(id, arguments))
        if key not in self._seen:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            # With the arguments themselves, so that no other object gets their ids.
            self._seen[key] = (arguments, _Walk(self, {}, None).steps_of(arguments))
        return self._seen[key][1]

    def wrong_turns(self, places: Sequence[Where] = ("all",), depth: int = 0) -> tuple[WrongTurn, ...]:
        """Return every wrong turn, each at every place where it makes a difference of its own.

        Parameters
        ----------
        places : sequence
            For layered steps: everywhere first, then single layers.
        depth : int
            The number of layers, where all networks asked about have the same: a slip that can sit in
            the last layer only then has that layer's number.
        """
        found = []
        for place in places:
            for name, step in self.steps.items():
                for turn in step.turns if step.layered or place == places[0] else ():
                    where = place if step.layered else "all"
                    if not step.layered or _differs(turn, step, where, depth):
                        found.append(self._wrong_turn(name, turn, where))
        return tuple(found)

    def _wrong_turn(self, name: str, turn: Turn, where: Where) -> WrongTurn:
        layer = where if isinstance(where, int) else None
        detour = Detour(self, {(name, where): turn})
        told = (_says(turn, where), turn.asks, turn.whole, self.steps[name].formula)
        return WrongTurn(turn.misconception, detour, turn.formula, layer, *told, turn.belief)


@dataclass(frozen=True, eq=False)
class Detour:
    """A derivation with some steps taken wrongly: arguments -> the answer that this leads to.

    Parameters
    ----------
    derivation : Derivation
        The right one.
    taken : mapping
        (step, place) -> the wrong turn taken there.
    """

    derivation: Derivation
    taken: Mapping[tuple[str, Where], Turn]

    def __call__(self, *arguments: Any) -> Any:
        """Return the answer."""
        drawn = any(isinstance(argument, Generator) for argument in arguments)  # never twice the same
        known = None if drawn else self.derivation.right_steps(arguments)
        return self.derivation.run(_Walk(self.derivation, self.taken, known).take, *arguments)

    def with_another(self, other: "Detour") -> "Detour | None":
        """Return the detour that takes both wrong turns; None where one would hide the other."""
        if self.derivation is not other.derivation:
            return None
        if any(_overlap(one, two) for one in self.taken for two in other.taken):
            return None
        return Detour(self.derivation, {**self.taken, **other.taken})


class _Walk:
    """One run of a derivation: takes its steps, rightly or wrongly, and knows what lies before the turn."""

    def __init__(
        self, derivation: Derivation, taken: Mapping[tuple[str, Where], Turn], known: list[Any] | None
    ) -> None:
        self._steps, self._taken = derivation.steps, taken
        self._known = known
        self._run = derivation.run
        self._given: list[Any] = []
        self._nested = False

    def steps_of(self, arguments: tuple[Any, ...]) -> list[Any] | None:
        """Return what each step gives; None where one is taken inside another."""
        self._run(self.take, *arguments)
        return None if self._nested else self._given

    def take(self, name: str, **at_hand: Any) -> Any:
        """Take one step."""
        for (step, where), turn in self._taken.items():
            if step == name and (where == "all" or _meant(where, at_hand["layer"], at_hand["depth"])):
                self._known = None
                return turn.rule(SimpleNamespace(**at_hand))
        before = len(self._given)
        if self._known is None:
            given = self._steps[name].right(SimpleNamespace(**at_hand))
            self._nested |= len(self._given) > before
        else:
            given = self._known[before]
        self._given.append(given)
        return given


def _says(turn: Turn, where: Where) -> str:
    """Return the turn's own words; where no layer's number will do it, they say in which layers it sits."""
    known = BELIEFS.get(turn.misconception)
    says = turn.says or (known.says if known else "")
    return f"{says}, {SINGLED_OUT[where]}" if says and where in SINGLED_OUT else turn.says


def _meant(where: Where, layer: int, depth: int) -> bool:
    return where in (layer, "last" if layer == depth else "hidden")


def _differs(turn: Turn, step: Step, where: Where, depth: int) -> bool:
    """Tell whether a slip makes a difference at a place, and another one than at the other places."""
    first = max(turn.since, step.since)
    last = min((end for end in (turn.until, step.until, depth) if end), default=0)
    if turn.inner and where in ("all", "last", depth) and not step.until:
        return False
    if isinstance(where, int):
        return first <= where and (not last or where <= last)
    return first != last


def _overlap(one: tuple[str, Where], two: tuple[str, Where]) -> bool:
    """Tell whether two slips may sit in the same step of the same layer."""
    (step, where), (other_step, other) = one, two
    if step != other_step:
        return False
    apart = (
        where != other and (isinstance(where, int) == isinstance(other, int)) and "all" not in (where, other)
    )
    return not apart


def pairs(turns: Sequence[WrongTurn]) -> Iterator[tuple[WrongTurn, WrongTurn, Detour]]:
    """Yield every two wrong turns that can be taken together, with the detour that takes both."""
    for first, second in combinations(turns, 2):
        if isinstance(first.derive, Detour) and isinstance(second.derive, Detour):
            both = first.derive.with_another(second.derive)
            if both is not None:
                yield first, second, both
