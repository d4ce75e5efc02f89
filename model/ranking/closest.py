"""Which candidate comes closest to a tester's words, where none accounts for all of them: by how rare what it has is.

    closest(read_target("the book that costs 14.00", verb="remove"), "click", page)   -> [Ranked(mark 7, 0.81), …]

"Remove the book that costs 14.00" leaves "costs" unexplained, and yet one button alone is described as deleting and
stands in a row with 14.00. A word counts as much as it tells the candidates of this page apart; a word that nothing has
counts against all. What is not clearly ahead of the rest is nobody's choice.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from magenta_qa.model.language.lexicon import stem, words_of
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import Field, Word, likeness, read_field, read_words
from magenta_qa.model.ranking.fitness import fits_action, fits_kinds
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.ranking.rank import Ranked
from magenta_qa.model.schema import Candidate

CLOSE = 0.45
"""Least share of what was asked for."""
AHEAD = 0.15
"""How much more of it than the next. Of 500 steps of drawn pages (validation) with 177 that no candidate accounted for,
these two let 83 be decided rightly and 5 wrongly; with the right candidate taken away, 36 of 417 are still decided."""
_KIN = 0.7  # "publication" for "published"
_SURROUNDED = 0.85
_HAS = 0.5  # strength from which a candidate has a word
_TOLD = 0.2  # of a score: how much of what a candidate says of itself was asked for
_LEAST_ROOT = 5  # letters that words of one family share
_FITS = 0.8  # least fitness for the action
_FIGURES = 1.5  # a number, date or version is said to tell things apart
_UNKNOWN = 0.7  # for a word that nothing on the page has
_LIGHT = 0.35  # "start", "run" and the like say little beside what is started
_LIGHT_WORDS = frozenset(
    stem(word)
    for word in words_of(
        "start begin run do make go get use take have let bring put give say want need try look open show view see "
        "display choose select pick"
    )
)


@dataclass(frozen=True, slots=True)
class _Sought:
    """A word of the request, with how well each candidate accounts for it."""

    word: Word
    strengths: tuple[float, ...]

    @property
    def weight(self) -> float:
        """How much the word tells the candidates apart."""
        having = sum(s >= _HAS for s in self.strengths)
        rarity = math.log((len(self.strengths) + 1) / (max(having, 1) + 0.5)) + 0.1
        if not having:
            rarity *= _UNKNOWN
        if self.word.known <= _LIGHT_WORDS or self.word.is_optional:
            return rarity * _LIGHT
        return rarity * (_FIGURES if any(c.isdigit() for c in self.word.raw) else 1.0)


def closest(target: Target, action: str, page: Page) -> list[Ranked]:
    """Candidates by how much of the request they account for, best first."""
    pool = [c for c in page.candidates if fits_action(action, c) >= _FITS and fits_kinds(target.kinds, c) >= _FITS]
    words = _distinct([w for w in read_words(f"{target.verb} {target.full}") if not w.is_stop])
    if not words or not pool:
        return []
    sought = [_Sought(word, tuple(_strength(word, c, page) for c in pool)) for word in words]
    total = sum(s.weight for s in sought)
    found = []
    for place, candidate in enumerate(pool):
        share = sum(s.weight * s.strengths[place] for s in sought) / total
        share *= 1 - _TOLD + _TOLD * _told(words, candidate, page)
        share *= fits_action(action, candidate) * fits_kinds(target.kinds, candidate) * page.prominence(candidate)
        found.append(Ranked(candidate, share, "closest to what was asked for"))
    return sorted(found, key=lambda r: (-r.score, r.candidate.mark))


def _distinct(words: Sequence[Word]) -> tuple[Word, ...]:
    return tuple({word.stems: word for word in words}.values())


def _strength(word: Word, candidate: Candidate, page: Page) -> float:
    own = max((weight * _kinship(word, field) for field, weight in page.own(candidate)), default=0.0)
    around = page.context_strength(word, candidate)
    return max(own, _SURROUNDED * around)


def _kinship(word: Word, field: Field) -> float:
    """As `likeness`, and less where the field has a word of the same family."""
    found = likeness(word, field)
    if found or len(word.stems) > 1:
        return found
    return _KIN if any(_is_kin(word.stems[0], stem) for stem in field.stems) else 0.0


@lru_cache(maxsize=65_536)
def _is_kin(one: str, other: str) -> bool:
    """Whether two stems begin alike for most of their length: "availabl", "availability"."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _LEAST_ROOT and shared >= 0.6 * max(len(one), len(other)) and one.isalpha()


def _told(words: Sequence[Word], candidate: Candidate, page: Page) -> float:
    """The share of the candidate's own words that were asked for, in whichever of its texts it is largest."""
    best = 0.0
    asked = read_field(" ".join(word.raw for word in words))
    for field, _ in page.own(candidate):
        own = [word for word in field.words if not (word.is_stop or word.is_optional)]
        if own:
            best = max(best, sum(_kinship(word, asked) for word in own) / len(own))
    return best
