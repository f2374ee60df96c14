"""Who in a roster may be a student of ours under another name: a hint for a person, never a match."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches

from graders.standing import Student

__all__ = ["NearInRoster"]

CLOSE = 0.8  # one letter of five may differ


class NearInRoster:
    """The people of a roster, to be found by names that are nearly theirs.

    Parameters
    ----------
    people : mapping
        What to call a person -> the texts that tell who it is: names, logins, addresses.

    Examples
    --------
    >>> near = NearInRoster({"Doe, Ann": ["Doe, Ann", "ann.doe@uni.edu"], "Roe, Bob": ["Roe, Bob", "s12"]})
    >>> near.of(Student("ann.doe")), near.of(Student("x1", "Bob", "Roe")), near.of(Student("s13"))
    (['Doe, Ann'], ['Roe, Bob'], [])
    """

    def __init__(self, people: Mapping[str, Iterable[str]]) -> None:
        self._index: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for person, texts in people.items():
            for form in _forms(texts):
                self._index[_digits(form)][form].add(person)

    def of(self, student: Student) -> list[str]:
        """Return who is near to a student; several where that is doubtful."""
        found: set[str] = set()
        for form in _forms([student.id, student.email, f"{student.first} {student.last}"]):
            # s1234567 and s1234568 are two people.
            others = self._index[_digits(form)]
            found.update(*(others[near] for near in get_close_matches(form, others, n=1, cutoff=CLOSE)))
        return sorted(found)


def _forms(texts: Iterable[str]) -> Iterator[str]:
    """Give the words before an @, as they stand and sorted: there are ``Ann Doe`` and ``Doe, Ann``."""
    for text in texts:
        words = re.findall(r"[^\W_]+", text.casefold().partition("@")[0])
        if sum(map(str.isalpha, "".join(words))) > 2:
            yield from {" ".join(words), " ".join(sorted(words))}


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))
