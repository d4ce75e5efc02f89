"""General English of user interfaces: verbs, nouns of controls, words that mean the same, words that say nothing.

    lexicon().verbs["log in"]        -> "login"
    lexicon().concepts[("bin",)]     -> frozenset({"delete"})
    stem("Deleting")                 -> "delet"

The words lie in `lexicon.yaml`; none of them is about one application. Read once, on first use.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+|(?<=\d)[.,:](?=\d)[^\W_]+)*")
_VERSION = re.compile(r"v\d[\d.]*\Z")
_KEEP_WHOLE = frozenset(
    [
        "setting",
        "settings",
        "nothing",
        "something",
        "anything",
        "everything",
        "string",
        "thing",
        "things",
        "king",
        "ring",
        "during",
        "news",
        "bring",
        "spring",
        "evening",
        "morning",
        "address",
        "access",
        "process",
        "business",
        "pass",
        "less",
        "across",
        "status",
        "bus",
        "gas",
        "yes",
        "this",
        "his",
        "bonus",
        "menus",
    ]
)
_IRREGULAR = {"goes": "go", "does": "do", "chosen": "choos", "chose": "choos", "hidden": "hid", "sent": "send",
              "went": "go"}  # fmt: skip
_DOUBLED = re.compile(r"([bgmnprt])\1$")
_DOUBLED_L = re.compile(r"([aeiou][^aeiou]+e)ll\Z")
_AMERICAN = {"is": "iz", "isation": "ization", "lys": "lyz", "our": "or", "enc": "ens", "ogu": "og"}
_BRITISH = re.compile(r"(?<=...)(?:isation|is|our)\Z|(?<=..)(?:lys|enc|ogu)\Z")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of `lexicon.yaml`, indexed. Phrases are tuples of stems."""

    stop: frozenset[str]
    optional: frozenset[str]
    changing: frozenset[str]
    verbs: dict[tuple[str, ...], str]
    """First words of a step → intent."""
    acts: frozenset[str]
    nouns: dict[tuple[str, ...], str]
    """Noun of a control → sort of control."""
    containers: dict[tuple[str, ...], str]
    concepts: dict[tuple[str, ...], frozenset[str]]
    """Phrase → names of the synonym sets that it is in."""
    kin: dict[str, frozenset[str]]
    """Stem → stems of words that come near it."""
    deeds: dict[tuple[str, ...], frozenset[str]]
    """Verb → the sorts of deeds that it names."""
    light: frozenset[str]
    """Verbs that say little beside what they are about."""
    opposites: tuple[tuple[frozenset[str], ...], ...]
    """Sides of opposites, as stems."""
    symbols: dict[str, str]
    pictures: frozenset[str]
    """Stems of what icons show."""
    fields: tuple[str, ...]
    longest: int
    """Words of the longest phrase in `concepts`."""


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """All words of the lexicon, as they are written there."""
    raw = resources.files("magenta_qa.model.language").joinpath("lexicon.yaml").read_text(encoding="utf-8")
    return frozenset(words_of(raw))


def words_of(text: str) -> list[str]:
    """The lower-case words of a text without accents, apostrophes and possessive endings.

    A number is one word with its points: 1.1.0 has not the words of 1.0.0; "v1.1.0" is the same version.
    """
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in folded if not unicodedata.combining(c))
    return [_without_apostrophe(w) for w in _WORD.findall(plain)]


def _without_apostrophe(word: str) -> str:
    word = word.replace("’", "'")
    if _VERSION.match(word):
        return word[1:]
    return word[:-2] if word.endswith("'s") else word.replace("'", "")


@lru_cache(maxsize=16_384)
def stem(word: str) -> str:
    """A word without its English inflection, the same for "save", "saves", "saved" and "saving"."""
    word = word.lower()
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _KEEP_WHOLE or len(word) < 4 or not word.isalpha():
        return word.removesuffix("s") if word == "settings" else word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return _without_ending(word)


def _without_ending(word: str) -> str:
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and base[-1] not in "eu" and re.search("[aeiouy]", base):
            word = _DOUBLED_L.sub(r"\1l", _DOUBLED.sub(r"\1", base))
            break
    if word.endswith("ied"):
        word = word[:-3] + "y"
    return _spelt(word[:-1] if word.endswith("e") and len(word) > 3 else word)


def _spelt(base: str) -> str:
    """The same for British and American spelling: "organise" and "organize", "licence" and "license"."""
    return _BRITISH.sub(lambda match: _AMERICAN[match[0]], base)


def stems_of(text: str) -> tuple[str, ...]:
    """The stems of the words of a text."""
    return tuple(stem(w) for w in words_of(text))


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    raw = resources.files("magenta_qa.model.language").joinpath("lexicon.yaml").read_text(encoding="utf-8")
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # strings only: "yes" and "on" are words here
    data: dict[str, Any] = yaml.load(raw, Loader=loader)
    concepts = _concepts(data["synonyms"])
    return Lexicon(
        stop=frozenset(words_of(data["stop"])),
        optional=_stem_set(data["optional"]),
        changing=_stem_set(data["changing"]),
        verbs=_phrases(data["verbs"]),
        acts=_stem_set(data["acts"]),
        nouns=_phrases(data["nouns"]),
        containers=_phrases(data["containers"]),
        concepts=concepts,
        kin=_kin(data["kin"]),
        deeds=_sorts(data["deeds"]),
        light=_stem_set(data["light"]),
        opposites=tuple(tuple(_stem_set(side) for side in sides.split("|")) for sides in data["opposites"]),
        symbols=data["symbols"],
        pictures=_stem_set(data["pictures"]),
        fields=tuple(" ".join(words_of(f)) for f in data["fields"].split("|")),
        longest=max(len(phrase) for phrase in concepts),
    )


def _stem_set(text: str) -> frozenset[str]:
    return frozenset(stems_of(text))


def _phrases(groups: dict[str, Iterable[str]]) -> dict[tuple[str, ...], str]:
    return {stems_of(phrase): name for name, phrases in groups.items() for phrase in phrases}


def _kin(groups: list[list[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for words in groups:
        stems = {stem(w) for w in words}
        for each in stems:
            found.setdefault(each, set()).update(stems)
    return {each: frozenset(stems) for each, stems in found.items()}


def _sorts(groups: dict[str, Iterable[str]]) -> dict[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for name, phrases in groups.items():
        for phrase in phrases:
            found.setdefault(stems_of(phrase), set()).add(name)
    return {phrase: frozenset(names) for phrase, names in found.items()}


def _concepts(sets: list[list[Any]]) -> dict[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], set[str]] = {}
    for phrases in sets:
        for phrase in phrases:
            key = tuple(s for s in stems_of(str(phrase)) if s not in {"a", "an", "the", "your", "my"})
            found.setdefault(key, set()).add(str(phrases[0]))
    return {phrase: frozenset(names) for phrase, names in found.items()}
