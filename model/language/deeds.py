"""What is done, by sorts: whether two verbs can mean the same deed.

    told_deeds("Opens the page for importing more tasks.")   -> Deeds(lead={"open"}, every={"open", "add", "upload"})
    lead_of(["take", "the", "mug", "off", "sale"])           -> {"remove", "off"}

Only what is known to be something else counts: a verb of no known sort contradicts nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from magenta_qa.model.language.lexicon import lexicon, stem, words_of
from magenta_qa.model.language.wording import read_words

_BEFORE_VERBS = frozenset({"to", "and", "or", "that", "which"})
PARTICLES = frozenset({"off", "out", "up", "down", "away", "back", "over", "in", "on"})
_DENYING = frozenset({"not", "no", "without", "never", "nor", "except", "dont", "doesnt"})
_ARTICLES = frozenset({"a", "an", "the"})
_DENIED_WORDS = 2
_LONGEST = 3  # words of a verb
_ADDING, _FINDING = "add", "find"


@dataclass(frozen=True, slots=True)
class Deeds:
    """The sorts of deeds that a text names."""

    lead: frozenset[str]
    """Of its first verb; none where that is unknown."""
    every: frozenset[str]
    """Of all its verbs."""


@lru_cache(maxsize=8_192)
def told_deeds(sentence: str) -> Deeds:
    """What a description says that a control does; it begins with a verb in the third person."""
    words = words_of(sentence)
    lead = lead_of(words)
    # "Adds a comment" is to comment, "adds the video to the favourites" to favour it.
    more = _of_added(words) if _ADDING in lead else sorts_of_later(words)
    return Deeds(lead, lead | more | sorts_of_rest(words))


def lead_of(words: Sequence[str]) -> frozenset[str]:
    """The sorts of the verb that a text begins with, its particle behind the object or not."""
    stems = tuple(stem(w) for w in words)
    for size in range(min(_LONGEST, len(stems)), 1, -1):
        if found := sorts_of(stems[:size]):
            return found
    parted = [sorts_of((stems[0], word)) for word in stems[1:] if word in PARTICLES]
    return next((sorts for sorts in parted if sorts), None) or sorts_of(stems[:1])


def sorts_of_later(words: Sequence[str]) -> frozenset[str]:
    """Of "for importing", "to edit", "and opens"."""
    found: frozenset[str] = frozenset()
    for before, word in pairwise(words):
        if before in _BEFORE_VERBS or (word.endswith("ing") and before not in _DENYING | _ARTICLES):
            found |= sorts_of((stem(word),))
    return found


def sorts_of_rest(words: Sequence[str]) -> frozenset[str]:
    """Of how something is marked ("as a favourite"), and of showing "only" something, which is to filter."""
    found = frozenset({_FINDING}) if "only" in words else frozenset()
    after = [w for w in words[words.index("as") + 1 :] if w not in _ARTICLES] if "as" in words else []
    return found | sorts_of_all(after[:1])


def _of_added(words: Sequence[str]) -> frozenset[str]:
    """Of what is added, and of what it is added to."""
    end = next((place for place, word in enumerate(words) if word in {"to", "in", "on", "for"}), len(words))
    goal = words[end + 1 : end + 4] if words[end + 1 : end + 2] and words[end + 1] in _ARTICLES else []
    return sorts_of_all([*words[:end], *goal]) | sorts_of_later(words)


def sorts_of_all(words: Sequence[str]) -> frozenset[str]:
    """Of every word, whether it stands as a verb or not."""
    return frozenset().union(*(sorts_of(word.stems) for word in read_words(" ".join(words))))


@lru_cache(maxsize=4_096)
def sorts_of(stems: tuple[str, ...]) -> frozenset[str]:
    """The sorts of a verb, by its stems; of one that is not listed, those of what means the same."""
    known = lexicon().deeds
    if stems in known or (len(stems) == 1 and stems[0] in lexicon().light):
        return known.get(stems, frozenset())
    named = (tuple(stem(w) for w in words_of(name)) for name in lexicon().concepts.get(stems, ()))
    return frozenset().union(*(known.get(name, frozenset()) for name in named))


@lru_cache(maxsize=8_192)
def denied(text: str) -> frozenset[str]:
    """Stems of what a text says is not so: of "was not helpful", "without leaving the form"."""
    found: set[str] = set()
    words = words_of(text)
    for at, word in enumerate(words):
        if word in _DENYING:
            after = [w for w in words[at + 1 :] if w not in lexicon().stop]
            found.update(stem(w) for w in after[:_DENIED_WORDS])
    return frozenset(found)
