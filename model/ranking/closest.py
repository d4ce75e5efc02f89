"""Which candidate comes closest to a tester's words, where none accounts for all of them: by how rare what it has is.

    closest(read_target("the book that costs 14.00", verb="remove"), "click", page)   -> [Ranked(mark 7, 0.81), …]

"Remove the book that costs 14.00" leaves "costs" unexplained, and yet one button alone is described as deleting and
stands in a row with 14.00. A word counts as much as it tells the candidates of this page apart; a word that nothing has
counts against all. What is not clearly ahead of the rest is nobody's choice.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from magenta_qa.model.language.asked import Asked, read_asked
from magenta_qa.model.language.deeds import Deeds, sorts_of, told_deeds
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import Field, Word, kinship, likeness, read_field
from magenta_qa.model.ranking.contradiction import GIVING, doubt
from magenta_qa.model.ranking.fitness import fits_action, fits_kinds, is_checkable, is_editable
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.ranking.siblings import is_elsewhere
from magenta_qa.model.schema import Candidate

CLOSE = 0.5
"""Least share of what was asked for. A lower one finds more where words differ, and acts more often where what is
meant is not there: `tests/bench/bench_grounding.py` measures the one, its looks without the right element the other."""
AHEAD = 0.15
"""How much more of it than the next."""
BORNE = 0.5
"""Least share, of what has all words that a control must bear."""
_ALIKE = 0.7  # "kick off" for "boot": verbs that can mean the same deed
_BY_OPENING = 0.2  # for any deed, of what opens something
_INTO_FIELD = 0.75  # for a click on a field
_OPENING = "open"
_SURROUNDED = 0.85
_OFFERED = 0.9  # for an option of a drop-down
_HAS = 0.5  # strength from which a candidate has a word
_SORT = 0.5  # … of how well it fits the sort of control that was named: "the list of orders" is none
_TOLD = 0.2  # of a score: how much of what a candidate says of itself was asked for
_FITS = 0.5  # least fitness for the action
_HEADLESS = 0.6  # for what has nothing of the deed or label itself, only of what it is about
_TEXT, _IN_TEXT = 20, 0.6  # words from which a text is no name, and what it counts
_CALLED_SO = 1.2  # for a control of that very name
_THINGLESS = 0.85  # for what has nothing of what the deed is done to …
_OTHER_THING = 0.5  # … where that is a word of interfaces, whose synonyms are known: "link" in "copy the link"
_UNRELATED = 0.5  # for what is only beside or around all that was asked for
_ELSEWHERE = 0.5  # for what is not in the row or card that the target names
_FIGURES = 1.5  # a number, date or version is said to tell things apart
_UNKNOWN = 0.5  # for a word that nothing on the page has
_LIGHT = 0.35  # "start", "run" and the like say little beside what is started


@dataclass(frozen=True, slots=True)
class _Sought:
    """A word of the request, with how well each candidate accounts for it."""

    word: Word
    is_light: bool
    strengths: tuple[float, ...]

    @property
    def weight(self) -> float:
        """How much the word tells the candidates apart."""
        having = sum(s >= _HAS for s in self.strengths)
        rarity = math.log((len(self.strengths) + 1) / (max(having, 1) + 0.5)) + 0.1
        if not having:
            rarity *= _UNKNOWN
        if self.is_light:
            return rarity * _LIGHT
        return rarity * (_FIGURES if any(c.isdigit() for c in self.word.raw) else 1.0)


def closest(target: Target, action: str, page: Page) -> list[Ranked]:
    """Candidates by how much of the request they account for, best first."""
    asked = read_asked(target.request, giving=action in GIVING)
    pool = [c for c in page.candidates if _fit(action, c, page) >= _FITS]
    if not asked.words or not pool:
        return []
    sought = [
        _Sought(word, word in asked.light, tuple(_strength(word, asked, c, page) for c in pool)) for word in asked.words
    ]
    total = sum(s.weight for s in sought)
    found = []
    for place, candidate in enumerate(pool):
        share = sum(s.weight * s.strengths[place] for s in sought) / total
        share *= 1 - _TOLD + _TOLD * _told(asked.words, candidate, page)
        share *= _fit(action, candidate, page) * page.prominence(candidate)
        share *= 1 - _SORT + _SORT * fits_kinds(target.kinds, candidate)
        share *= doubt(target, action, candidate, page).factor * _headed(asked, action, candidate, page)
        share *= _ELSEWHERE if is_elsewhere(target, candidate, page) else 1.0
        share *= _CALLED_SO if _is_called(asked, candidate, page) else 1.0
        found.append(Ranked(candidate, min(share, 1.0), "closest to what was asked for"))
    return sorted(found, key=lambda r: (-r.score, r.candidate.mark))


def _fit(action: str, candidate: Candidate, page: Page) -> float:
    """As `fits_action`; what is described as opening or showing something can be opened, whatever it is."""
    shows = action == "open" and _OPENING in _does(candidate, page).lead
    if is_editable(candidate) and action == "click":
        return _INTO_FIELD
    return 1.0 if shows and not is_editable(candidate) else fits_action(action, candidate)


def _strength(word: Word, asked: Asked, candidate: Candidate, page: Page) -> float:
    """How well a candidate accounts for a word: by itself or by what it stands in."""
    own = max((weight * _named(word, field) for field, weight in page.own(candidate)), default=0.0)
    if own < _ALIKE and _is_alike(word, asked, _does(candidate, page)):
        own = _ALIKE
    if word == asked.verb and _OPENING in _does(candidate, page).lead:
        own = max(own, _BY_OPENING)
    offered = _OFFERED if own < _OFFERED and any(likeness(word, read_field(o)) == 1 for o in candidate.options) else 0.0
    return max(own, offered, _SURROUNDED * page.context_strength(word, candidate))


def _named(word: Word, field: Field) -> float:
    """As `kinship`; a long text is what stands on a control or in it, and hardly its name."""
    return kinship(word, field) * (_IN_TEXT if len(field.words) > _TEXT else 1.0)


def _is_alike(word: Word, asked: Asked, does: Deeds) -> bool:
    """Whether a verb, or a label that is one, names the same deed as the description: "Zoom out" and "reduces"."""
    if word == asked.verb:
        return bool((asked.deeds.lead | sorts_of(word.stems)) & does.every)
    return asked.verb is None and bool(sorts_of(word.stems) & does.every)


def _does(candidate: Candidate, page: Page) -> Deeds:
    return told_deeds(page.described.get(candidate.mark, ""))


def _headed(asked: Asked, action: str, candidate: Candidate, page: Page) -> float:
    """Less than 1 where a candidate itself has nothing of the deed, or of the label, that was asked for."""
    if asked.chooses and is_checkable(candidate):
        return 1.0
    heavy = [w for w in asked.words if w not in asked.light] or list(asked.words)
    if not any(_is_borne(w, asked, candidate, page) for w in heavy):
        return _UNRELATED
    if action in GIVING or candidate.mark not in page.described:
        return 1.0
    if asked.verb is None:
        # Of "Collapse Webhooks" the verb must be borne, else the link "Webhooks" would do.
        heads = asked.label[:1] if len(asked.label) > 1 and sorts_of(asked.label[0].stems) else asked.label
        headed = not heads or any(_is_borne(w, asked, candidate, page) for w in heads)
        return 1.0 if headed else _HEADLESS
    lead = asked.deeds.lead
    meets = not lead or _OPENING in lead or asked.deeds.every & _does(candidate, page).every
    headed = bool(meets) or _is_borne(asked.verb, asked, candidate, page)
    return _about(asked, candidate, page) * (1.0 if headed else _HEADLESS)


def _about(asked: Asked, candidate: Candidate, page: Page) -> float:
    """Less than 1 where nothing on or around a candidate is what the deed is done to: the word after the verb."""
    thing = asked.words[1] if len(asked.words) > 1 else None
    if thing is None or thing in asked.light or _is_borne(thing, asked, candidate, page):
        return 1.0
    if page.context_strength(thing, candidate):
        return 1.0
    return _OTHER_THING if thing.concepts or thing.is_optional else _THINGLESS


def _is_borne(word: Word, asked: Asked, candidate: Candidate, page: Page) -> bool:
    """Whether the candidate itself says a word or something near to it."""
    if _is_alike(word, asked, _does(candidate, page)):
        return True
    return any(kinship(word, field) for field, _ in page.own(candidate))


def _is_called(asked: Asked, candidate: Candidate, page: Page) -> bool:
    """Whether its name is what was asked for and nothing else."""
    words = {w.stems for w in asked.words if w != asked.verb}
    return bool(words) and words == {w.stems for w in page.name(candidate).words if not w.is_stop}


def _told(words: Sequence[Word], candidate: Candidate, page: Page) -> float:
    """The share of the candidate's own words that were asked for, in whichever of its texts it is largest."""
    best = 0.0
    asked = read_field(" ".join(word.raw for word in words))
    for field, _ in page.own(candidate):
        own = [word for word in field.words if not (word.is_stop or word.is_optional)]
        if own:
            best = max(best, sum(kinship(word, asked) for word in own) / len(own))
    return best
