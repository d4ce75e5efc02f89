"""Ratings: one of several stars is pressed.

    "Rate the pain 4 of 5" on radio buttons "1 star" … "5 stars" -> click "4 stars"

The stars are controls in a row whose names count up, or that all have the same name, which says that they are stars, or
mere pictures of stars beside each other.
"""

import re
from dataclasses import dataclass, replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.rating import named_star
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import read_words, weighty
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, is_on, none
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.ranking.relations import relation_strength
from magenta_qa.model.schema import Candidate

_CLICKS = frozenset({"click", "check"})
_COUNTED = re.compile(
    r"(?:rate|rating|give)?\W*(?P<number>\d{1,2})(?:\W*(?:of|out of|/)\W*\d{1,2})?\W*(?:stars?|points?|hearts?)?\b.*",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(r"\bstars?\b|\brat(?:e|ing)\b|\bout of \d|\bhearts?\b|[★☆⭐]", re.IGNORECASE)
_ALIKE = re.compile(r"(?:\W*(?:star|heart|rate)\b\W*)+|[★☆⭐\s]+", re.IGNORECASE)
_ROLES = frozenset({"radio", "button", "generic", "img", "image", "option", "link"})
_DRAWN = frozenset({"generic", "img", "image"})
_STARS = frozenset({"star", "stars", "heart", "hearts"})
_LEAST, _USUAL = 3, 5
_MENTIONED = 0.6


@dataclass(frozen=True, slots=True)
class _Scale:
    """Stars that belong together: their numbers and what stands for them."""

    stars: dict[int, Candidate]

    @property
    def first(self) -> Candidate:
        return next(iter(self.stars.values()))


def rate(intent: Intent, turn: Turn) -> Answer:
    """The star of that number, of the one rating that is meant."""
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    number = int(intent.value or "0")
    scales = _scales(turn.page) or [_Scale({number: c}) for c in turn.page.candidates if _is_lone(c, number)]
    if not scales:
        return none("there is nothing to rate with on the page", absent=False)
    meant = _meant(intent.target, scales, turn.page)
    if len(meant) != 1:
        of = f'"{intent.target.full}"' if intent.target else "the rating"
        return none(f"{len(scales)} ratings are there, and {len(meant)} of them could be {of}", absent=False)
    star = meant[0].stars.get(number)
    if star is None:
        return none(f"the rating goes from 1 to {max(meant[0].stars)}, not to {number}", absent=False)
    if star.role == "radio" and is_on(star) is True:
        return Finished(0, f"it is rated {number} already")
    return act("click", star, reason=f"star {number} of {max(meant[0].stars)}")


def star_called(intent: Intent, turn: Turn) -> Answer | None:
    """The star that a click calls by its number ("3 stars"), whatever it is called on the page; None for no star."""
    number = named_star(intent.target.full) if intent.target else ""
    if not number or intent.target is None or not _scales(turn.page):
        return None
    where = replace(intent.target, phrase="", full="", kinds=(), quoted=False, count=None)
    return rate(replace(intent, target=where if where.relations else None, value=number), turn)


def _scales(page: Page) -> list[_Scale]:
    """All ratings of the page, in their order; one whose stars count otherwise than they stand is none."""
    found: list[list[Candidate]] = []
    goes_on = counted = False
    for candidate in page.candidates:
        number = _number(candidate)
        alike = not number and _is_star(candidate)
        if not number and not alike:
            goes_on = goes_on and counted
        elif goes_on and _is_beside(found[-1][-1], candidate) and number != 1:
            if alike or number == len(found[-1]) + 1:
                found[-1].append(candidate)
            elif number != len(found[-1]):  # else the label of the same star
                found.pop()
                goes_on = False
            counted = counted or number > 0
        elif number == 1 and goes_on and len(found[-1]) == 1 and counted:
            continue  # the label of the first star
        elif alike or number == 1:
            found.append([candidate])
            goes_on, counted = True, number == 1
        else:
            goes_on = False
    whole = [stars for stars in found if len(stars) >= _LEAST]
    known = {star.mark for stars in whole for star in stars}
    return [_Scale(dict(enumerate(stars, 1))) for stars in (*whole, *_partly_named(page, known))]


def _partly_named(page: Page, known: set[int]) -> list[list[Candidate]]:
    """Ratings of which some stars have no name: those that are built alike around one that says which it is."""
    found: list[list[Candidate]] = []
    for place, candidate in enumerate(page.candidates):
        number = _number(candidate)
        if not 1 <= number <= _USUAL or candidate.mark in known or number > place + 1:
            continue
        stars = list(page.candidates[place - number + 1 : place - number + 1 + _USUAL])
        if len(stars) == _USUAL and all(_may_be(at, star, candidate, page) for at, star in enumerate(stars, 1)):
            found += [stars] if not known & {star.mark for star in stars} else []
            known = known | {star.mark for star in stars}
    return found


def _may_be(at: int, star: Candidate, other: Candidate, page: Page) -> bool:
    """Whether it is built as the other star is, and called by that number or not at all."""
    nameless = star.mark in page.read or not star.name
    return _is_built_as(star, other) and (nameless or _number(star) == at)


def _is_built_as(star: Candidate, other: Candidate) -> bool:
    """Whether two controls are of one size and role, in one card."""
    sizes = abs(star.box.width - other.box.width) <= 2 and abs(star.box.height - other.box.height) <= 2
    around = {k.id for k in star.context} & {k.id for k in other.context}
    return star.role == other.role and sizes and bool(around or not (star.context or other.context))


def _number(candidate: Candidate) -> int:
    """Which star it is, as it says itself; 0 where it is none that says so."""
    name = candidate.name or candidate.text
    match = _COUNTED.fullmatch(name) if candidate.role in _ROLES else None
    groups = " ".join(k.text for k in candidate.context if k.kind in {"group", "label"})
    return int(match["number"]) if match and _SAYS_SO.search(f"{name} {groups}") else 0


def _is_lone(candidate: Candidate, number: int) -> bool:
    """Whether a button or box is called by just that number of stars, where the others are called nothing."""
    name = candidate.name or candidate.text
    pressed = candidate.role in _ROLES - {"link"} and "click" in candidate.action_types
    return pressed and named_star(name) == str(number)


def _is_star(candidate: Candidate) -> bool:
    """Whether it is called a star, or is drawn as one."""
    called = candidate.role in _ROLES and _ALIKE.fullmatch(candidate.name or candidate.text)
    return bool(called) or _is_drawn(candidate)


def _is_drawn(candidate: Candidate) -> bool:
    """Whether it is a mere picture of a star, which at most bears the name of the field that it belongs to."""
    return candidate.role in _DRAWN and not candidate.text.strip() and bool(_STARS & set(candidate.hints.split()))


def _is_beside(before: Candidate, after: Candidate) -> bool:
    """Whether they stand in one line; of pictures, whether they touch each other and bear one name as well."""
    if abs(before.box.center[1] - after.box.center[1]) > max(before.box.height, after.box.height) / 2:
        return False
    if not _is_drawn(before) and not _is_drawn(after):
        return True
    gap = after.box.x - (before.box.x + before.box.width)
    return before.name == after.name and gap <= max(before.box.width, after.box.width) / 2


def _meant(target: Target | None, scales: list[_Scale], page: Page) -> list[_Scale]:
    """The ratings of what is named; the only one for what is said in general ("the pain")."""
    if target is None:
        return scales
    words = weighty(read_words(target.phrase))
    fitting = [
        scale
        for scale in scales
        if all(page.context_strength(word, scale.first) >= _MENTIONED for word in words)
        and all(relation_strength(relation, scale.first, page) > 0 for relation in target.relations)
    ]
    general = len(scales) == 1 and target.phrase.islower() and not target.quoted and not target.relations
    return fitting or (scales if general else [])
