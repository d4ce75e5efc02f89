"""Compares the words of a tester with the words on a page.

likeness(read_words("bin")[0], read_field("Delete Ada"))        -> 0.85   (means the same)
likeness(read_words("delete")[0], read_field("Delete Ada"))     -> 1.0    (the word itself)
likeness(read_words("delete")[0], read_field("Remove all"))     -> 0.0    ("remove all" is to clear)
"""

from dataclasses import dataclass
from functools import lru_cache

from magenta_qa.model.language.lexicon import lexicon, stem, words_of

SYNONYM = 0.85
PART = 0.8
KIN = 0.7
_LEAST_ROOT = 5  # letters that words of one family share
_SHORT_ROOT = 4  # … where the shorter of them is all of the longer one's beginning: "edit", "editor"
_ARTICLES = frozenset({"a", "an", "the", "your", "my"})
_MAX_FIELD = 400


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or a phrase that means one thing ("shopping cart")."""

    stems: tuple[str, ...]
    concepts: frozenset[str]
    """Synonym sets that it is in."""
    raw: str
    known: frozenset[str]
    """`stems` as a set."""

    @property
    def is_stop(self) -> bool:
        """Whether it says nothing."""
        return len(self.stems) == 1 and not self.concepts and (self.raw in lexicon().stop)

    @property
    def is_optional(self) -> bool:
        """Whether it only says what sort of thing is meant."""
        return len(self.stems) == 1 and self.stems[0] in lexicon().optional


@dataclass(frozen=True, slots=True)
class Field:
    """A text of the page, ready to be compared."""

    phrase: str
    """Its lower-case words with single spaces."""
    stems: frozenset[str]
    concepts: frozenset[str]
    parts: frozenset[str]
    """Synonym sets of the single words of phrases: "add" in "add file"."""
    words: tuple[Word, ...]


@lru_cache(maxsize=8_192)
def read_words(text: str) -> tuple[Word, ...]:
    """The words of a text in order; phrases of the lexicon are one word."""
    text = lexicon().symbols.get(text.strip().rstrip("\ufe0f"), text[:_MAX_FIELD])
    raw = [w for w in words_of(text) if w not in _ARTICLES] or words_of(text)
    stems = [stem(w) for w in raw]
    known = lexicon().concepts
    found: list[Word] = []
    at = 0
    while at < len(stems):
        size = next(
            (n for n in range(min(lexicon().longest, len(stems) - at), 1, -1) if tuple(stems[at : at + n]) in known), 1
        )
        part = tuple(stems[at : at + size])
        found.append(Word(part, known.get(part, frozenset()), " ".join(raw[at : at + size]), frozenset(part)))
        at += size
    return tuple(found)


@lru_cache(maxsize=16_384)
def read_field(text: str) -> Field:
    """A text of the page, ready to be compared."""
    words = read_words(text)
    stems = frozenset(s for w in words for s in w.stems)
    concepts = frozenset().union(*(w.concepts for w in words))
    single = (lexicon().concepts.get((s,), frozenset()) for w in words if len(w.stems) > 1 for s in w.stems)
    return Field(" ".join(w.raw for w in words), stems, concepts, frozenset().union(*single), words)


def likeness(word: Word, field: Field) -> float:
    """1 where the field has the word, less where it has one that means the same, 0 where it has neither."""
    if word.known <= field.stems:
        return 1.0
    if word.concepts & field.concepts:
        return SYNONYM
    if word.concepts & field.parts:
        return PART
    return 0.0


def kinship(word: Word, field: Field) -> float:
    """As `likeness`, and less where the field has a word of the same family: "publication" for "published"."""
    found = likeness(word, field)
    if found or len(word.stems) > 1:
        return found
    near = lexicon().kin.get(word.stems[0], frozenset()) & field.stems
    return KIN if near or any(_is_kin(word.stems[0], stem) for stem in field.stems) else 0.0


@lru_cache(maxsize=65_536)
def _is_kin(one: str, other: str) -> bool:
    """Whether two stems begin alike ("availabl", "availability"; "edit", "editor"), or one says "again" ("reload")."""
    shorter, longer = sorted((one, other), key=len)
    if not (shorter.isalpha() and longer.isalpha()) or len(shorter) < _SHORT_ROOT:
        return False
    shared = next((n for n, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    whole = shared == len(shorter) and len(longer) - shared in range(1, 3)
    return longer == f"re{shorter}" or whole or (shared >= _LEAST_ROOT and shared >= 0.6 * len(longer))


def contains(field: Field, phrase: str) -> bool:
    """Whether the words of `phrase` stand in the field one after the other."""
    return f" {phrase} " in f" {field.phrase} "


def weighty(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words that a match must account for; never none of them where there is any."""
    plain = tuple(w for w in words if not w.is_stop)
    return tuple(w for w in plain if not w.is_optional) or plain or words
