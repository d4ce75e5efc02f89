"""A request as a whole, for pages that a model has described: what is to be done, to what, and what tells it apart.

    read_asked("Open the settings of Ada")
    -> Asked(deeds=Deeds(lead={"open"}, …), words=("open", "setting", "ada"), names=("Ada",), …)

Nothing is taken apart into a control and where it stands, as `target.py` does: a description says all of it in one
sentence, in an order and in words of its own.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from magenta_qa.model.language.clauses import Clause, split_clauses
from magenta_qa.model.language.deeds import (
    PARTICLES,
    Deeds,
    denied,
    lead_of,
    sorts_of_all,
    sorts_of_later,
    sorts_of_rest,
)
from magenta_qa.model.language.lexicon import lexicon, stem, words_of
from magenta_qa.model.language.quantity import take_quantity
from magenta_qa.model.language.spans import mask
from magenta_qa.model.language.target import ORDINALS
from magenta_qa.model.language.wording import Word, read_words

_POINTING = frozenset({"click", "press", "hover", "double_click", "right_click", "focus", "scroll", "unknown"})
"""Kinds of requests that say how a control is used and not what it does."""
_GIVING = frozenset({"select", "unselect", "check", "uncheck", "toggle"})
"""Kinds of requests that say what becomes of a box or list; descriptions say so in many ways."""
_NEW = re.compile(r"(?:start|begin)s?\s+(?:a|an|another)\s", re.IGNORECASE)
_LABEL_END = re.compile(
    r"\s(?:in|on|of|for|from|at|by|under|above|below|beside|near|with|next to|belonging to|inside|within)\s",
    re.IGNORECASE,
)
"""What follows says where a control is."""
_YEAR, _DAY = re.compile(r"(?:19|20)\d\d\Z"), re.compile(r"(?:\d{1,2}(?:st|nd|rd|th)?,?|[A-Z][a-z]+)$")
_BEGINNERS = frozenset(stem(w) for w in words_of("start begin go keep try continue"))
_FILLING = frozenset({"fill", "type"})
_BETWEEN = frozenset({"about", "around", "through", "over", "under", "without", "instead", "then", "also"})
WHOLE = frozenset(
    words_of("page list details detail data screen view information profile contents overview item entry")
)
"""What is shown of a thing when the thing itself is shown."""
_TOKEN = re.compile(r"[^\s,;:!?()\"“”]+")
_CONTROLS = re.compile(
    r"\b(?:drop-?\s?downs?|combo ?boxe?s?|check ?boxe?s?|tick ?boxe?s?|radio buttons?|text ?(?:fields?|boxe?s?)|"
    r"buttons?|input fields?|hyperlinks?|icons?)\b",
    re.IGNORECASE,
)
"""What only says which sort of control is meant."""
_AS = re.compile(r"\sas (?:an? |the )?(?P<what>\w+)\W*$", re.IGNORECASE)
"""How something is to be shown: "as a list"."""
_WRITTEN = re.compile(r"[\d_/@]|\w\.\w")
"""In names of files, versions, addresses and the like."""
_NEXT_WORD = re.compile(r"\s+([^\W\d_]+)")
_NTH = re.compile(r"\d+(?:st|nd|rd|th)\Z")
_BEGINNING = (".", "!", ":", ",", '"', "“")


@dataclass(frozen=True, slots=True)
class Asked:
    """What one request says."""

    deeds: Deeds
    """Of a click, `every` is what the words of its label would do, and `lead` is empty."""
    words: tuple[Word, ...]
    """What says something, each once."""
    verb: Word | None
    """The first of them, where it says what is to be done."""
    light: frozenset[Word]
    """Those of them that say little: "open", "button" in "the Save button", "second"."""
    names: tuple[str, ...]
    """Words that are written like names."""
    stems: frozenset[str]
    denied: frozenset[str]
    """Stems of what is said not to be."""
    chooses: bool
    """Whether a box, an option or a row is to be chosen: "select", "tick"."""
    label: tuple[Word, ...]
    """What a control that is to be clicked is called."""


@lru_cache(maxsize=2_048)
def read_asked(step: str, *, giving: bool = False) -> Asked:
    """What a request asks for; of several, what the first does.

    Args:
        step: The request, without what is to be typed.
        giving: Whether something is put into a field, so that verbs such as "change" say no more than that.
    """
    spans = mask(step)
    clause = next(iter(split_clauses(spans.text)), Clause(step, "unknown", "", step))
    clause = replace(clause, rest=spans.restore(clause.rest))
    label = _LABEL_END.split(clause.rest, maxsplit=1)[0] if clause.kind in _POINTING else ""
    silent = clause.kind in _POINTING or clause.kind in _GIVING or (giving and clause.kind in _FILLING)
    unwanted, lead = denied(step), frozenset() if silent else _lead(clause)
    words = tuple(w for w in _words(clause, step, silent=silent) if not w.known <= unwanted)
    verb = None if silent else next(iter(words), None)
    every = sorts_of_all(words_of(label)) if label else lead
    if lead:
        every |= sorts_of_rest(words_of(step)) | sorts_of_later(words_of(step))
    return Asked(
        Deeds(lead, every),
        words,
        verb,
        _light(words, verb, step, is_known=bool(lead)),
        _names(step, label),
        frozenset(stem(w) for w in words_of(step)),
        unwanted,
        clause.kind in _GIVING,
        tuple(w for w in read_words(_CONTROLS.sub(" ", label)) if not w.is_stop),
    )


def _lead(clause: Clause) -> frozenset[str]:
    lead = lead_of(words_of(f"{clause.verb} {clause.rest}"))
    return lead | {"add"} if _NEW.match(f"{clause.verb} {clause.rest}") else lead


def _words(clause: Clause, step: str, *, silent: bool) -> tuple[Word, ...]:
    """What says something, the verb first with the particle that stands behind its object: "take … off"."""
    first = words_of(clause.verb)[:1]
    rest = [w for w in read_words(_CONTROLS.sub(" ", step)) if not w.is_stop and w.raw not in _BETWEEN]
    at = next((n for n, w in enumerate(rest) if first and w.raw.split()[0] == first[0]), None)
    if at is None:
        return tuple({w.stems: w for w in rest}.values())
    verb, before, after = rest[at], rest[:at], rest[at + 1 :]
    parted = ((read_words(f"{verb.raw} {w.raw}"), w) for w in after if w.raw in PARTICLES)
    whole, particle = next(((p[0], w) for p, w in parted if len(p) == 1), (verb, None))
    if whole.known <= _BEGINNERS and after and after[0].raw.endswith("ing"):
        whole, particle = after[0], after[0]  # "start adding"
    kept = [w for w in (*before, *after) if w is not particle]
    return tuple({w.stems: w for w in (kept if silent else [whole, *kept])}.values())


def _light(words: tuple[Word, ...], verb: Word | None, step: str, *, is_known: bool) -> frozenset[Word]:
    """Words that say little: a verb for anything, and of what sort a name is; not "link" in "copy the link"."""
    found, shape = set(), _AS.search(step)
    for before, word in zip((None, *words), words, strict=False):
        counts = word.raw in PARTICLES or word.raw in ORDINALS or _NTH.match(word.raw)
        sort = word.is_optional and (before is None or before != verb or word.raw in WHOLE)
        handles = word == verb and word.known <= lexicon().light and (not is_known or len(word.stems) == 1)
        if (counts or sort or handles) and not (shape and word.raw == shape["what"].lower()):
            found.add(word)
    if all(w in found or w == verb for w in words):
        found = {w for w in found if not w.is_optional}
    return frozenset(found)


def _names(step: str, label: str) -> tuple[str, ...]:
    """Words with figures, or in capitals though nothing begins with them; not those of a label or of interfaces."""
    found, own = [], label.split()
    for match in _TOKEN.finditer(step):
        token = match[0].strip(".'’‘")
        before = step[: match.start()].rstrip()
        if _YEAR.match(token) and _DAY.search(before):
            continue  # a description of a calendar says the year once, if at all
        following = _NEXT_WORD.match(step, match.end()) if token.isdecimal() else None
        if following is not None and take_quantity(f"{token} {following[1]}") is not None:
            continue  # "2 posts" is how many
        named = token[:1].isupper() and before and not before.endswith(_BEGINNING) and not _is_known(token)
        if token and (_WRITTEN.search(token) or (named and token not in own)):
            found.append(token)
    return tuple(found)


def _is_known(token: str) -> bool:
    """Whether it is a word of interfaces, which testers write in capitals where they mean a label."""
    known, stems = lexicon(), tuple(stem(w) for w in words_of(token))
    if len(stems) != 1:
        return False
    phrases = (known.concepts, known.deeds, known.nouns, known.containers)
    return any(stems in p for p in phrases) or stems[0] in known.acts | known.changing | known.optional
