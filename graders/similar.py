"""Answers that are alike, for a person to look at: likeness has honest reasons too, and is no verdict.

What compares is rapidfuzz; what is compared are the words of the code, whatever the student's own names are.
Comments, docstrings and layout do not count. Neither does an answer that is nearly the lesson's solution or
that many students have: such answers are alike because the exercise is short.
"""

import builtins
import io
import keyword
import re
import tokenize
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from graders.assignments import Assignment
from graders.notebook import cell_source

__all__ = ["Alike", "alike_answers", "words_of"]

# Two answers are alike when they agree in that share of their words ...
ALIKE = 0.9
# ... and a pair of students is listed when the answers that are alike have so many words together.
WORDS = 40
# What more students have than that, and more than a tenth of the class, is common property.
COMMON = 4
_UNMARKED = {tokenize.COMMENT, tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER, tokenize.NEWLINE}
_LAYOUT = {tokenize.INDENT: "{", tokenize.DEDENT: "}"}
_MARKER = re.compile(r"^\s*### (?:BEGIN|END) SOLUTION.*$", re.MULTILINE)


@dataclass(frozen=True)
class Alike:
    """Two students whose answers in one lesson are alike.

    Parameters
    ----------
    assignment : str
        The lesson's folder.
    students : tuple of str
        The two.
    exercises : mapping
        Exercise -> how much of the words agrees, from 0.9 to 1.
    words : int
        How many words these answers have.
    share : float
        The part that they are of all words of these two students that count.
    texts : mapping
        Exercise -> the two answers as they were handed in.
    """

    assignment: str
    students: tuple[str, str]
    exercises: Mapping[str, float]
    words: int
    share: float
    texts: Mapping[str, tuple[str, str]] = field(default_factory=dict, repr=False)


def words_of(code: str, kept: Collection[str] = ()) -> list[str]:
    r"""Return the words of some code: names that a person chose are all one, and so are texts.

    Parameters
    ----------
    code : str
        It need not be right, and is not run.
    kept : collection of str
        Names that stand for themselves, because the exercise gives them.

    Examples
    --------
    >>> words_of("def f(a):\n    'Half.'\n    half = a * 2  # so\n    return half.sum()", ["f", "a"])[6:]
    ['{', '?', '=', 'a', '*', '2', 'return', '?', '.', 'sum', '(', ')', '}']
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return [_word(word, "", kept) for word in re.findall(r"\w+|[^\w\s]", code)]
    words: list[str] = []
    fresh = True  # at the start of a statement a text is a docstring
    for token in tokens:
        if token.type == tokenize.STRING and fresh:
            continue
        fresh = token.type in (*_UNMARKED, *_LAYOUT)
        if token.type in _LAYOUT:
            words.append(_LAYOUT[token.type])
        elif token.type == tokenize.STRING:
            words.append("text")
        elif token.type not in _UNMARKED:
            words.append(_word(token.string, words[-1] if words else "", kept))
    return words


def _names(code: str) -> set[str]:
    tokens = tokenize.generate_tokens(io.StringIO(code).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def _word(word: str, before: str, kept: Collection[str]) -> str:
    fixed = not word.isidentifier() or keyword.iskeyword(word) or word in kept or hasattr(builtins, word)
    return word if fixed or before == "." else "?"


def alike_answers(
    assignment: Assignment,
    solutions: Mapping[str, str],
    answers: Mapping[str, Mapping[str, str]],
) -> list[Alike]:
    """Return the pairs of students whose answers are alike, the longest likeness first.

    Parameters
    ----------
    assignment : Assignment
        The lesson as students received it.
    solutions : mapping
        Exercise -> the lesson's own answer.
    answers : mapping
        Student -> exercise -> what was handed in.
    """
    stubs = {
        cell["id"]: cell_source(cell)
        for cell in assignment.released["cells"]
        if cell["id"] in assignment.exercises
    }
    kept = frozenset[str]().union(*map(_names, stubs.values()))
    alike: dict[tuple[str, str], dict[str, tuple[float, int]]] = {}
    written: Counter[str] = Counter()
    for exercise, stub in stubs.items():
        known = [words_of(text, kept) for text in (stub, _MARKER.sub("", solutions.get(exercise, stub)))]
        texts = {student: parts[exercise] for student, parts in answers.items() if exercise in parts}
        words = {text: words_of(text, kept) for text in set(texts.values())}  # most have the same few
        given = {student: words[text] for student, text in texts.items()}
        own = _own(given, known, len(answers))
        written.update({student: len(its) for student, its in own.items()})
        for pair, likeness, number in _pairs(own):
            alike.setdefault(pair, {})[exercise] = (likeness, number)
    found = [_found(assignment.name, pair, parts, written) for pair, parts in alike.items()]
    listed = [_with_texts(one, answers) for one in found if one.words >= WORDS]
    return sorted(listed, key=lambda one: (-one.words, one.students))


def _own(
    given: Mapping[str, Sequence[str]], known: Sequence[Sequence[str]], students: int
) -> dict[str, list[str]]:
    """Return the answers that tell something, without the lines that everybody was given."""
    head = _shared_head(known)
    times = Counter(map(tuple, given.values()))
    most = max(COMMON, students // 10)
    return {
        student: list(words[head:] if list(words[:head]) == list(known[0][:head]) else words)
        for student, words in given.items()
        if times[tuple(words)] <= most and not any(_likeness(words, one) >= ALIKE for one in known)
    }


def _shared_head(known: Sequence[Sequence[str]]) -> int:
    """Return how many words the stub and the solution begin with alike: the line that defines it."""
    return next((i for i, pair in enumerate(zip(*known, strict=False)) if len(set(pair)) > 1), 0)


def _likeness(left: Sequence[str], right: Sequence[str]) -> float:
    from rapidfuzz.distance import Indel

    return Indel.normalized_similarity(left, right)


def _pairs(own: Mapping[str, Sequence[str]]) -> Iterable[tuple[tuple[str, str], float, int]]:
    """Yield two students, how alike their answers are, and the words of the shorter one."""
    from rapidfuzz.distance import Indel
    from rapidfuzz.process import cdist

    letters: dict[str, str] = {}
    # One letter a word: rapidfuzz compares texts much faster than lists.
    texts = ["".join(letters.setdefault(w, chr(0x100 + len(letters))) for w in ws) for ws in own.values()]
    table = cdist(texts, texts, scorer=Indel.normalized_similarity, score_cutoff=ALIKE)
    for (i, left), (j, right) in combinations(enumerate(own), 2):
        if table[i, j] >= ALIKE and texts[i] and texts[j]:
            yield (left, right), float(table[i, j]), min(len(texts[i]), len(texts[j]))


def _found(
    assignment: str, pair: tuple[str, str], parts: Mapping[str, tuple[float, int]], written: Mapping[str, int]
) -> Alike:
    words = sum(number for _, number in parts.values())
    share = min(1.0, words / max(written[student] for student in pair))
    return Alike(assignment, pair, {name: part[0] for name, part in parts.items()}, words, share)


def _with_texts(one: Alike, answers: Mapping[str, Mapping[str, str]]) -> Alike:
    left, right = (answers[student] for student in one.students)
    return replace(one, texts={name: (left[name], right[name]) for name in one.exercises})
