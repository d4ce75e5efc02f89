"""Steps and candidates as words, each with where it stands: what the reranker reads, piece by piece.

line_words(Line("button", "Log out", "", "Ends the session in the banner."))
-> [Word("button", 1), Word("log", 2), Word("out", 2), Word("ends", 4), …]
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

STEP, KIND, NAME, STATE, SENTENCE, QUOTED = range(6)
"""Segments: where a word stands. `QUOTED` are words of the step in quotation marks."""
_MAX_STEP = 24
_MAX = {KIND: 2, NAME: 12, STATE: 6, SENTENCE: 24}

_WORD = re.compile(r"[^\W\d_]+|\d+")
_PARTED = re.compile(r"(?<=[a-z])(?=[A-Z])")
_QUOTED = re.compile(r"[\"“„«]([^\"”“»]+)[\"”“»]|(?<!\w)'([^']+)'(?!\w)")
_POSSESSIVE = re.compile(r"['’]s\b")
_ENDINGS = ("ing", "ies", "ed", "es", "s", "e", "y")
_LEAST_STEM = 3
_LEAST_SLIP = 4
"""Letters of a word in which a slip of the keyboard is looked for."""


class Word(NamedTuple):
    """One token and where it stands."""

    text: str
    segment: int


class Line(NamedTuple):
    """What is known of one candidate."""

    kind: str
    """The element's type."""
    name: str
    state: str
    sentence: str
    """What acting on it does."""


def words(text: str) -> list[str]:
    """Words and numbers in lower case; names in camel case are parted."""
    return [word.casefold() for word in _WORD.findall(_PARTED.sub(" ", _POSSESSIVE.sub("", text)))]


def line_words(line: Line) -> list[Word]:
    """The candidate's words, of each part the first ones."""
    parts = ((KIND, line.kind), (NAME, line.name), (STATE, line.state), (SENTENCE, line.sentence))
    return [Word(word, segment) for segment, text in parts for word in words(text)[: _MAX[segment]]]


def step_words(step: str) -> list[Word]:
    """The step's words, the first ones."""
    found: list[Word] = []
    at = 0
    for match in _QUOTED.finditer(step):
        found += [Word(word, STEP) for word in words(step[at : match.start()])]
        found += [Word(word, QUOTED) for word in words(match[1] or match[2])]
        at = match.end()
    found += [Word(word, STEP) for word in words(step[at:])]
    return found[:_MAX_STEP]


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """What forms of a word share: "delete", "deletes" and "deleting" have one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST_STEM:
            word = word[: -len(ending)]
            break
    return word[:-1] if len(word) > _LEAST_STEM and word[-1] == word[-2] else word


@lru_cache(maxsize=50_000)
def slips(word: str) -> frozenset[str]:
    """Forms that two words share if one slip of the keyboard lies between them: the word, and it without a letter."""
    if len(word) < _LEAST_SLIP or word.isdigit():
        return frozenset()
    return frozenset((word, *(word[:place] + word[place + 1 :] for place in range(len(word)))))


def by_slips(page: Iterable[str]) -> dict[str, str]:
    """A page's words by the forms that a slip makes of them."""
    found: dict[str, str] = {}
    for word in page:
        for form in slips(word):
            found.setdefault(form, word)
    return found


def meant(word: str, page_stems: frozenset[str], slipped: Mapping[str, str]) -> str:
    """The page's word that a step's word is, but for a slip; the word itself where there is no such one."""
    if stem(word) in page_stems:
        return word
    return next((slipped[form] for form in sorted(slips(word)) if form in slipped), word)
