"""The exercise contract: what is asked, what came back, what it was worth. Pure data.

An exercise is judged by one judge and called in two ways: in the student's kernel, and in a separate
process for grading. Both callers turn probes into outcomes; the judge turns outcomes into a verdict.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from graders.levels import Level, as_levels, as_text

__all__ = [
    "Carry",
    "Exercise",
    "Kind",
    "Misconception",
    "Outcome",
    "Probe",
    "Result",
    "Status",
    "Verdict",
    "WrongTurn",
]

Status = Literal[
    "pass", "partial", "fail", "not_started", "ungradable", "timeout", "crashed", "error", "flagged"
]
Kind = Literal["returned", "raised", "not_started", "timeout", "crashed", "unsendable"]
Answer = Literal["", "items", "counted", "variable"]
Form = Literal["value", "tuple", "word", "flag", "dict", "list", "pairs"]


@dataclass(frozen=True)
class Probe:
    """The arguments of one call.

    Parameters
    ----------
    args : tuple
        Floats, strings, arrays, activations, functions and generators, in the order of the signature.
    saturated : bool
        The slope is nearly 0 here on purpose; rounding is amplified, so this probe never serves to
        recognise a numerical derivative.
    names : tuple of str
        What the arguments are called, where they are not those of the signature.
    """

    args: tuple[Any, ...]
    saturated: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class WrongTurn:
    """A known wrong derivation of one exercise.

    Parameters
    ----------
    misconception : str
        The canonical id of the slip.
    derive : callable
        The exercise's arguments -> the answer that the slip leads to.
    formula : str
        What the slip computes, in the lesson's symbols, to stand beside the exercise's formula.
    layer : int or None
        The weight layer in which the slip sits, counted from 1; None where there is only one.
    says : str
        Stands in for what the belief says of the numbers, where one slip has several forms.
    asks : str
        Stands in for the belief's question, where that would point the wrong way in this exercise.
    whole : bool
        The slip concerns the answer as a whole, so a single part never shows it.
    right : str
        The right formula of the step in which the slip sits; empty for the exercise's own formula.
    belief : str
        Stands in for the belief, where that speaks of what this exercise does not have.
    """

    misconception: str
    derive: Callable[..., Any]
    formula: str
    layer: int | None = None
    says: str = ""
    asks: str = ""
    whole: bool = False
    right: str = ""
    belief: str = ""


@dataclass(frozen=True)
class Carry:
    """How an answer follows from earlier functions of the lesson, whatever these return.

    Parameters
    ----------
    earlier : tuple of str
        The exercises that it builds on.
    rebuild : callable
        ``(own, *arguments) -> answer``, where ``own(name, *arguments)`` returns the parts of what the
        student's function answers, and ``own.each(name, batch)`` those of many calls.
    nudged : bool
        The answer is a slope, measured by nudging the student's own functions.
    free : tuple of str
        Parts of the answer that do not follow from the earlier functions alone.
    """

    earlier: tuple[str, ...]
    rebuild: Callable[..., Any]
    nudged: bool = False
    free: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exercise:
    """One question to the student, as data.

    Parameters
    ----------
    name : str
        The student's function, and the grade id of its solution cell.
    signature : str
        How it is called and what it returns, as the notebook says it.
    points : float
        Marks for a right answer.
    probes : callable
        ``rng -> sequence of Probe``.
    truth : callable
        Arguments -> the expected answer, from numerical derivatives of our own forward pass.
    formula : str
        The right formula in the lesson's symbols: what is computed, never the code.
    wrong_turns : tuple of WrongTurn
        Known wrong derivations, the likeliest first.
    form : {"value", "tuple", "word", "flag", "dict", "list", "pairs"}
        A float or array; a tuple of them; one of ``words``; True or False; a dict with ``parts`` for
        keys; a list of arrays; a list of pairs of arrays. Lists may be shorter than ``parts``: a
        shallower network has fewer layers.
    parts : tuple of str
        The names of the answer's tensors, in order.
    inside : tuple of (str, int)
        Where a tuple holds more than arrays: the form of each item and how many of ``parts`` it takes.
    words : tuple of str
        The allowed answers where ``form`` is "word".
    derivation : bool
        A derivation is asked for, so a numerical derivative earns nothing.
    forward_calls : int
        How often an honest derivation evaluates ``act.f`` at most.
    seconds : float
        The deadline for one batched call.
    working : callable or None
        Arguments -> the numbers between question and answer, in words, where the answer alone says little.
    entry : callable or None
        ``(part, index, *arguments)`` -> how one entry of the answer comes about, in words with its numbers.
    tolerance : float
        Relative error up to which a part of the answer is right.
    counted : tuple of str
        The parts that earn marks; all of them where this is empty. A forward value is judged, not paid.
    answer : {"", "items", "counted", "variable"}
        What is judged: what the function returns; the list of what an iterator yields; a tuple with the
        number of calls of a lent function as one more item; the value of a variable instead of a function.
    measure : callable or None
        ``(answer, *arguments) -> what is judged``, where the answer itself is free or random; it is applied
        to what the student returned, to the truth and to every wrong turn alike. ValueError where the
        answer has not the form that is due; its text follows "your function returned".
    recast : callable or None
        ``(probes, answers) -> (probes, answers)``, where what is asked follows from what the student drew:
        turns the calls into the questions that are judged, and what came of them into the answers.
    change : str
        The name for changed arguments.
    layers : bool
        The lesson numbers its layers; else the parts that differ say where a slip sits.
    told : mapping
        Misconception -> the sentence and the question that stand in for those of a mistake without a formula,
        where they would mislead here.
    carries : tuple of Carry
        The ways in which an honest answer may build on earlier exercises.
    in_words : mapping
        Part -> (its value -> the value in words), for a count or a flag that would mislead as a number.
    """

    name: str
    signature: str
    points: float
    probes: Callable[[np.random.Generator], Sequence[Probe]]
    truth: Callable[..., Any]
    formula: str
    wrong_turns: tuple[WrongTurn, ...] = ()
    form: Form = "value"
    parts: tuple[str, ...] = ("value",)
    inside: tuple[tuple[Form, int], ...] = ()
    words: tuple[str, ...] = ()
    derivation: bool = False
    forward_calls: int = 0
    seconds: float = 2.0
    working: Callable[..., str] | None = None
    entry: Callable[..., str] | None = None
    tolerance: float = 1e-4
    counted: tuple[str, ...] = ()
    answer: Answer = ""
    measure: Callable[..., Any] | None = None
    recast: Callable[[Sequence[Probe], Sequence[Any]], tuple[Sequence[Probe], Sequence[Any]]] | None = None
    change: str = "mutates_arguments"
    layers: bool = True
    told: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)
    carries: tuple[Carry, ...] = ()
    in_words: Mapping[str, Callable[[Any], str]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Outcome:
    """What one call of the student's function came to.

    Parameters
    ----------
    kind : str
        How the call ended; ``value`` means something only where it is "returned".
    value : object
        Plain data: None, numbers, strings, arrays, lists, tuples, dicts.
    error, place : str
        The exception's name and text, and the student's own line that raised it; or what could not be sent.
    changed : tuple of int
        Positions of the arguments that the call changed.
    calls : dict
        How often ``act.f`` and ``act.deriv`` were evaluated.
    """

    kind: Kind
    value: Any = None
    error: str = ""
    changed: tuple[int, ...] = ()
    calls: dict[str, int] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True)
class Misconception:
    """The name of a mistake, as a verdict carries it.

    Parameters
    ----------
    id : str
        A canonical id.
    layer : int or None
        The weight layer, counted from 1; None for everywhere or where there is only one.
    alternatives : tuple of Misconception
        Other slips that give the same numbers.
    """

    id: str
    layer: int | None = None
    alternatives: tuple["Misconception", ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the plain form; alternatives stand under "or"."""
        plain: dict[str, Any] = {"id": self.id, "layer": self.layer}
        if self.alternatives:
            plain["or"] = [other.to_json() for other in self.alternatives]
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Misconception":
        """Rebuild from the plain form."""
        return cls(plain["id"], plain.get("layer"), tuple(cls.from_json(o) for o in plain.get("or", ())))


@dataclass(frozen=True)
class Verdict:
    """The judgement of one exercise.

    Parameters
    ----------
    name : str
        The exercise.
    status : str
        One of ``Status``.
    points, possible : float
        Marks earned, marks to be had.
    misconceptions : tuple of Misconception
        What is wrong at the same time, as far as it has a name.
    notes : tuple of str
        Facts beside the verdict, for the student and the instructor.
    levels : tuple of Level
        What the student reads, level by level.
    """

    name: str
    status: Status
    points: float
    possible: float
    misconceptions: tuple[Misconception, ...] = ()
    notes: tuple[str, ...] = ()
    levels: tuple[Level, ...] = ()

    def __post_init__(self) -> None:
        if self.status not in get_args(Status):
            raise ValueError(f"unknown status {self.status!r}")
        if not 0 <= self.points <= self.possible:
            raise ValueError(f"{self.name}: {self.points} points of {self.possible} cannot be")

    @property
    def message(self) -> str:
        """What the student reads as plain text: a paragraph a level."""
        return as_text(self.levels)

    def with_note(self, note: str) -> "Verdict":
        """Return the verdict with one more note, told at the end of the first level."""
        first, *deeper = self.levels or (Level(""),)
        ended = note if note.endswith((".", "?")) else f"{note}."
        told = replace(first, lines=(*first.lines, f"Note: {ended}"))
        return replace(self, notes=(*self.notes, note), levels=(told, *deeper))

    def to_json(self) -> dict[str, Any]:
        """Return the plain form of the result format: the message as text, and its levels."""
        plain = asdict(self)
        plain["misconceptions"] = [m.to_json() for m in self.misconceptions]
        plain["notes"] = list(self.notes)
        plain["message"] = self.message
        plain["levels"] = [level.to_json() for level in self.levels]
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Verdict":
        """Rebuild from the plain form."""
        own = {key: value for key, value in plain.items() if key not in ("message", "was")}
        named = tuple(Misconception.from_json(m) for m in plain["misconceptions"])
        levels = (
            tuple(map(Level.from_json, plain["levels"]))
            if "levels" in plain
            else as_levels(plain["message"])  # results of earlier versions have the text alone
        )
        return cls(**{**own, "misconceptions": named, "notes": tuple(plain["notes"]), "levels": levels})


@dataclass(frozen=True)
class Result:
    """The judgement of one notebook.

    Parameters
    ----------
    notebook : str
        The path as given.
    lesson : str or None
        The lesson's slug; None where the notebook could not be read.
    student : str or None
        The student, where a course knows one.
    grader_version : str
        The version that judged.
    isolation : str
        What kept the student's code apart.
    seconds : float
        Wall time of the grading.
    exercises : tuple of Verdict
        One per exercise of the lesson, in the lesson's order.
    error : str or None
        Why the notebook could not be graded.
    """

    notebook: str
    lesson: str | None
    student: str | None
    grader_version: str
    isolation: str
    seconds: float
    exercises: tuple[Verdict, ...] = ()
    error: str | None = None

    @property
    def points(self) -> float:
        """Marks earned in the whole notebook."""
        return float(sum(v.points for v in self.exercises))

    @property
    def possible(self) -> float:
        """Marks to be had in the whole notebook."""
        return float(sum(v.possible for v in self.exercises))

    def to_json(self) -> dict[str, Any]:
        """Return the plain form of the result format."""
        plain: dict[str, Any] = {
            "notebook": self.notebook,
            "lesson": self.lesson,
            "student": self.student,
            "grader_version": self.grader_version,
            "isolation": self.isolation,
            "points": self.points,
            "possible": self.possible,
            "seconds": self.seconds,
            "exercises": [v.to_json() for v in self.exercises],
        }
        if self.error is not None:
            plain["error"] = self.error
        return plain

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Result":
        """Rebuild from the plain form; the sums are recomputed."""
        own = {k: v for k, v in plain.items() if k not in ("points", "possible")}
        return cls(**{**own, "exercises": tuple(Verdict.from_json(v) for v in plain["exercises"])})
