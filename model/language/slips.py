"""Slips of the keyboard: two letters that have changed places, or one that is missing or there twice.

    without_slips("Click the Book buttno of Vlila Ivarsson", ["Villa Ivarsson"])
    -> "Click the Book button of Villa Ivarsson"

A word is put right only if neither the page nor the lexicon knows it, one of them knows a word that differs by such a
slip, and there is no other such word. What stands in quotes is meant as it stands, and so are words with figures.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from magenta_qa.model.language.lexicon import stem, vocabulary, words_of
from magenta_qa.model.language.spans import mask

_WORD = re.compile(r"[^\W\d_]{4,}")
_LONG = 7  # letters of a word that may have one too many or too few


def without_slips(step: str, texts: Iterable[str]) -> str:
    """A step with its slips put right.

    Args:
        step: As it was typed.
        texts: What the page says.
    """
    spans = mask(step)
    strange = {w.lower() for w in _WORD.findall(spans.text)} - vocabulary()
    if not strange:
        return step
    page = " ".join(dict.fromkeys(texts)).casefold()
    strange = {w for w in strange if w not in page}
    known = vocabulary() | {*words_of(page)} if strange else frozenset()
    stems = {stem(word) for word in known}
    unknown = {w for w in strange if stem(w) not in stems}
    if not unknown:
        return step
    by_letters: dict[str, set[str]] = defaultdict(set)
    for word in known:
        by_letters["".join(sorted(word))].add(word)
    meant = {w: m for w in unknown if (m := _meant(w, by_letters)) is not None}
    text = _WORD.sub(lambda match: _cased(match[0], meant.get(match[0].lower())), spans.text)
    return spans.verbatim(text) if meant else step


def _meant(word: str, by_letters: dict[str, set[str]]) -> str | None:
    near = {w for w in by_letters["".join(sorted(word))] if _is_swapped(word, w)}
    if not near and len(word) >= _LONG:
        near = {w for letters in _one_off(word) for w in by_letters.get(letters, ()) if _is_one_off(word, w)}
    return near.pop() if len(near) == 1 else None


def _is_swapped(word: str, other: str) -> bool:
    """Whether two letters beside each other have changed places."""
    differ = [n for n, (a, b) in enumerate(zip(word, other, strict=True)) if a != b]
    return len(differ) == 2 and differ[1] == differ[0] + 1


def _one_off(word: str) -> Iterable[str]:
    """The letters of the words that have one letter less or more, in order."""
    for letter in sorted(set(word)):
        yield "".join(sorted(word.replace(letter, "", 1)))
    for letter in "abcdefghijklmnopqrstuvwxyz":
        yield "".join(sorted(word + letter))


def _is_one_off(word: str, other: str) -> bool:
    longer, shorter = (word, other) if len(word) > len(other) else (other, word)
    return any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))


def _cased(typed: str, meant: str | None) -> str:
    if meant is None:
        return typed
    return meant.capitalize() if typed[0].isupper() else meant
