"""Chooses among ranked candidates, or says what the choice is torn between.

    find(read_target("Delete in the row of Ada"), "click", page)   -> Choice(best=Ranked(mark 7, 0.97), torn=(), …)
    find_all(read_target("all boxes"), "check", page)              -> Choice(torn=(three boxes), …)

A match is taken only if it is good (`ACCEPT`) and clearly better than the next (`MARGIN`); otherwise the choice is
torn, and nobody guesses.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from magenta_qa.model.language.lexicon import words_of
from magenta_qa.model.language.target import Target, without_sort
from magenta_qa.model.language.wording import contains, read_field
from magenta_qa.model.ranking.closest import AHEAD, BORNE, CLOSE, closest
from magenta_qa.model.ranking.fitness import (
    fits_action,
    fits_kinds,
    is_checkable,
    is_dropdown,
    is_editable,
    is_frame,
    is_nameless,
)
from magenta_qa.model.ranking.items import above_list
from magenta_qa.model.ranking.looks import Look, nearest_colour, of_colour, split_look
from magenta_qa.model.ranking.page import ITEM_KINDS, Page
from magenta_qa.model.ranking.rank import AS_ITEM, EXACT, ITS_SORT, OF_SELECTED, SPREADS, Ranked, rank, related
from magenta_qa.model.ranking.relations import pick_container, relation_strength
from magenta_qa.model.schema import Alternative, Box, Candidate

ACCEPT = 0.6
MARGIN = 0.07
CLEAR = 0.85  # of a choice that no description is needed for: a control's own words, and nothing left unexplained
_BORNE_AS_SORT = 0.75  # share of what is only of the sort that was named
_PLACED = 0.65  # how well something stands in a place that the page is sure to have
_MOSTLY = 0.7  # of a box lies in the one around it, if some of it sticks out
_MAYBE = frozenset({"generic", "cell", "gridcell", "row", "listitem"})
"""Roles of what can be clicked without being a control."""
_NAMING = 3  # times as long as a name is what still is called so
_PASSWORD = "input:password"
_NO_CHOICE = re.compile(r"[\W_]*(?:none|(?:please\s+)?(?:select|choose|pick)\b.*)?[\W_]*", re.IGNORECASE)
"""An entry of a list that stands for none of them: "__None", "Select one …"."""
_CHOOSING = frozenset({"click", "select", "open"})
_ITSELF = frozenset({"checkbox", "radio", "switch", "textbox", "searchbox", "combobox", "spinbutton", "option"})
"""Roles of controls that are never a mere frame around another one of their name."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The outcome of a ranking."""

    best: Ranked | None
    ranking: tuple[Ranked, ...]
    torn: tuple[Ranked, ...] = ()
    """The candidates that are too close to each other."""
    reason: str = ""
    absent: bool = False
    unmatched: bool = False
    """Nothing bears the words, which are none that a control must bear to the letter."""

    @property
    def alternatives(self) -> tuple[Alternative, ...]:
        """The best five, with scores."""
        return tuple(Alternative(r.candidate.mark, r.label, round(r.score, 3)) for r in self.ranking[:5])


def find(target: Target, action: str, page: Page) -> Choice:
    """Rank and choose; by its colour, where no name says what is meant; by what models have said, where they have."""
    choice = choose(rank(target, action, page), target, action, page)
    if choice.best is None and not choice.torn and (look := split_look(target)):
        seen = _of_look(look, action, page)
        nearest = nearest_colour(look.colour, [r.candidate for r in seen], page.observation)
        choice = choose([r for r in seen if r.candidate in nearest], look.rest, action, page) if seen else choice
    by_meaning = page.told or (page.lenient and page.read)
    choice = _by_meaning(target, action, page, choice) if by_meaning else choice
    if page.meant is None or (choice.best is not None and choice.best.score >= CLEAR):
        return choice
    return _known(page.meant, action, page, choice)


def _known(meant: tuple[int, float], action: str, page: Page, choice: Choice) -> Choice:
    """The candidate that is known to be meant, if the action makes sense on it."""
    mark, share = meant
    candidate = page.observation.candidate(mark)
    if candidate is None or not fits_action(action, candidate):
        return choice
    best = Ranked(candidate, share, f"means the same ({share:.2f})")
    return Choice(best, (best, *choice.ranking), reason=f"{best.label}: {best.why}")


def _by_meaning(target: Target, action: str, page: Page, choice: Choice) -> Choice:
    """The choice, unless it has too little of the request as a whole; else what is clearly closest to that."""
    ranking = closest(target, action, page)
    if choice.best is not None:
        shares = {r.candidate.mark: r.score for r in ranking}
        own = shares.get(choice.best.candidate.mark, 0.0)
        overtaken = bool(ranking) and ranking[0].score - own >= AHEAD
        least = _BORNE_AS_SORT if choice.best.why == ITS_SORT else BORNE
        if choice.best.why in EXACT or not ranking or (own >= least and not overtaken):
            return choice
        little = f"{choice.best.label} has little of what was asked for ({own:.2f})"
        choice = Choice(None, choice.ranking, reason=little, unmatched=True)
    return _nearest_words(target, page, ranking, choice) if page.lenient else choice


def _nearest_words(target: Target, page: Page, ranking: list[Ranked], choice: Choice) -> Choice:
    """The candidate that is clearly closest to the words, though it does not account for all of them."""
    best = next(iter(ranking), None)
    if best is None or best.score < CLOSE:
        return choice
    near = [r for r in ranking if r.score > best.score - AHEAD]
    counted = target.ordinal or any(r.ordinal or r.extreme for r in target.relations)
    if counted and len(near) > 1:
        near = pick_container(near, target, page, lambda r: r.candidate)
        if target.ordinal:
            return _nth(near, target, tuple(ranking))
    distinct = without_repeats(near, page)
    if len(distinct) != 1:
        return choice
    return Choice(distinct[0], tuple(ranking), reason=f"{distinct[0].label}: {distinct[0].why}")


def find_all(target: Target, action: str, page: Page) -> Choice:
    """All candidates that fit equally well, as `torn`; none where nothing fits."""
    ranking = rank(target, action, page)
    good = [r for r in ranking if r.score >= ACCEPT]
    close = _as_many(good, target.count or 0)
    close = pick_container(close, target, page, lambda r: r.candidate)
    if page.told:
        shares = {r.candidate.mark: r.score for r in closest(replace(target, count=None), action, page)}
        close = [r for r in close if shares.get(r.candidate.mark, 0.0) >= BORNE]
    found = sorted(without_repeats(close, page), key=lambda r: r.candidate.mark)
    if not found and (look := split_look(target)):
        found = _of_look(look, action, page)
    if not found:
        return choose(ranking, target, action, page)
    return Choice(found[0], tuple(ranking), tuple(found), f"{len(found)} of these")


def _all_elsewhere(candidates: Iterable[Candidate], target: Target, page: Page) -> bool:
    """Whether none of them stands where the control was said to be, which is a place that the page has."""
    within = [relation for relation in target.relations if relation.kind == "in"]  # "of" need not be a place
    if not within or any(all(relation_strength(r, c, page) > 0 for r in within) for c in candidates):
        return False
    return any(all(relation_strength(r, c, page) >= _PLACED for r in within) for c in page.candidates)


def choose(ranking: list[Ranked], target: Target, action: str, page: Page) -> Choice:
    """The clearly best candidate, or what the choice is torn between."""
    good = [r for r in ranking if r.score >= ACCEPT]
    shown = tuple(ranking)
    if not good:
        unknown = [
            c
            for c in page.candidates
            if is_nameless(c, page) and fits_action(action, c) > 0 and fits_kinds(target.kinds, c) >= 0.9
        ]
        nameless = bool(unknown) and not _all_elsewhere(unknown, target, page)
        what = f'nothing fits "{target.verb} {target.full}"'.replace('" ', '"')
        if ranking:
            what += f"; nearest is {ranking[0].label} ({ranking[0].score:.2f})"
            what += f": {ranking[0].why}" if ", but " in ranking[0].why else ""
        return Choice(
            None,
            shown,
            reason=what + ("; a control without a name could be it" if nameless else ""),
            absent=not nameless,
            unmatched=not target.quoted or nameless or bool(page.described),
        )
    bare = bool(target.verb) and not target.phrase and not target.relations and good[0].score < 1.0
    close = [r for r in good if r.score >= good[0].score - MARGIN]
    if bare:  # "Delete" alone may be any that deletes
        close = [r for r in good if r is good[0] or not is_checkable(r.candidate)]
    close = pick_container(close, target, page, lambda r: r.candidate)
    spelt_so = _spelt_so(close, target)
    close = _typed_twice(spelt_so or close, target, page)  # "A" where there is an "a" too
    if target.ordinal:
        return _nth(_options_of(close, action, page), target, shown)
    distinct = _standing_alone(_inside(_real(without_repeats(close, page))), target, page)
    if not distinct:
        return Choice(None, shown, reason="there is no such row or item", absent=True)
    if len(distinct) == 1:
        return Choice(distinct[0], shown, reason=f"{distinct[0].label}: {distinct[0].why}")
    if (
        only := _nearest_to_name(distinct, target)
        or _outermost(distinct)
        or _alone_exact(distinct, target)
        or _alone_named(distinct, target, page)
    ) is not None:
        return Choice(only, shown, reason=f"{only.label}: {only.why}")
    if (only := _twice_around_list(distinct, page)) is not None:
        return Choice(only, shown, reason=f"{only.label}: {only.why}")
    torn = " and ".join(r.label for r in distinct[:3])
    return Choice(None, shown, tuple(distinct), reason=f"torn between {len(distinct)} candidates: {torn}")


def _nearest_to_name(torn: list[Ranked], target: Target) -> Ranked | None:
    """The only one whose own label or item bears the name of what is meant; the others only stand in the same card."""
    of = [r.phrase for r in target.relations if r.phrase and r.kind in {"in", "of"}]
    name = read_field(of[0] if len(of) == 1 else without_sort(target.phrase) if not of else "").phrase
    found = [r for r in torn if name and _is_labelled(r.candidate, name)]
    return found[0] if len(found) == 1 else None


def _alone_exact(torn: list[Ranked], target: Target) -> Ranked | None:
    """The only one that is called just so, where it is only said to be in some part of the page: "in the panel"."""
    exact = [r for r in torn if r.why in EXACT]
    vague = bool(target.relations) and all(r.container and not (r.phrase or r.ordinal) for r in target.relations)
    return exact[0] if len(exact) == 1 and vague else None


def _alone_named(torn: list[Ranked], target: Target, page: Page) -> Ranked | None:
    """The only one that has a name, which is the one that was said: "New folder" beside pictures of folders."""
    named = [r for r in torn if page.name(r.candidate).words]
    wanted = read_field(target.phrase).phrase
    return named[0] if len(named) == 1 and wanted and page.name(named[0].candidate).phrase == wanted else None


def _twice_around_list(torn: list[Ranked], page: Page) -> Ranked | None:
    upper = above_list([r.candidate for r in torn], page)
    return next((r for r in torn if r.candidate is upper), None)


def _is_labelled(candidate: Candidate, name: str) -> bool:
    nearest = next((k.text for k in candidate.context if k.kind == "label" or k.kind in ITEM_KINDS), "")
    return len(nearest) <= _NAMING * len(name) and contains(read_field(nearest), name)


def _outermost(torn: list[Ranked]) -> Ranked | None:
    """Of rows and cards that are clicked anywhere the one around the others."""
    outer = max(torn, key=lambda r: r.candidate.box.width * r.candidate.box.height)
    within = (r is outer or _encloses(outer.candidate.box, r.candidate.box) for r in torn)
    return outer if all(_is_spread(r.candidate) for r in torn) and all(within) else None


def _spelt_so(close: list[Ranked], target: Target) -> list[Ranked]:
    """Those that are called so to the letter, where somebody has quoted it or means one of two by its capitals."""
    found = [r for r in close if target.phrase in (r.candidate.name, r.candidate.text)]
    names = {r.candidate.name or r.candidate.text for r in close}
    if target.quoted or len(names) < 2 or len({name.casefold() for name in names}) > 1:
        return found if target.quoted else []
    written = {name for name in names if not name.islower() and re.search(rf"\b{re.escape(name)}\b", target.phrase)}
    return [r for r in close if (r.candidate.name or r.candidate.text) in written]


def _typed_twice(close: list[Ranked], target: Target, page: Page) -> list[Ranked]:
    """Of several passwords those that their form asks for twice, where a new one is set: not that of the login."""
    passwords = [c for c in page.candidates if c.element_type == _PASSWORD]
    if len(close) < 2 or "new" not in words_of(target.phrase) or any(r.candidate not in passwords for r in close):
        return close
    forms = Counter(k.id for c in passwords for k in c.context if k.kind == "form")
    twice = [r for r in close if any(k.kind == "form" and forms[k.id] > 1 for k in r.candidate.context)]
    return twice or close


def _as_many(good: list[Ranked], wanted: int) -> list[Ranked]:
    """Those that fit equally well; or as many as are wanted, where these are clearly better than all others."""
    close = [r for r in good if r.score >= good[0].score - MARGIN]
    if len(close) < wanted <= len(good) and all(r.score < good[wanted - 1].score - MARGIN for r in good[wanted:]):
        return good[:wanted]
    return close


def _options_of(close: list[Ranked], action: str, page: Page) -> list[Ranked]:
    """What an open list offers, where the one control that fits is the field that it belongs to: "the last author"."""
    offered = [c for c in page.candidates if c.role == "option" and fits_action(action, c)]
    options = [c for c in offered if not _NO_CHOICE.fullmatch(c.name or c.text)]
    fields = {r.candidate.mark for r in close if r.candidate.state.expanded and is_dropdown(r.candidate)}
    if len(close) != 1 or not fields or len(options) < 2 or action not in _CHOOSING:
        return close
    return [replace(close[0], candidate=option, why=f"offered by {close[0].label}") for option in options]


def _nth(close: list[Ranked], target: Target, shown: tuple[Ranked, ...]) -> Choice:
    ordered = sorted(close, key=lambda r: r.candidate.mark)
    index = target.ordinal - 1 if target.ordinal > 0 else len(ordered) + target.ordinal
    if not 0 <= index < len(ordered):
        return Choice(None, shown, reason=f"there are only {len(ordered)} of these, not {target.ordinal}", absent=True)
    return Choice(ordered[index], shown, reason=f"number {index + 1} of {len(ordered)}: {ordered[index].label}")


def _real(found: list[Ranked]) -> list[Ranked]:
    """Without what only might be a control, where links, buttons or fields fit no worse: chips beside a title."""
    real = [r for r in found if r.candidate.role not in _MAYBE]
    best = max((r.score for r in real), default=0.0)
    return [r for r in found if r.candidate.role not in _MAYBE or r.score > best + MARGIN]


def _inside(found: list[Ranked]) -> list[Ranked]:
    """Without rows, cards and lists that fit no better than a control in them, whose words they only repeat."""
    return [
        r
        for r in found
        if not _is_spread(r.candidate)
        or not any(
            not _is_spread(o.candidate) and o.score >= r.score and _encloses(r.candidate.box, o.candidate.box)
            for o in found
        )
    ]


def _is_spread(candidate: Candidate) -> bool:
    return candidate.role in SPREADS or is_frame(candidate)


def _standing_alone(found: list[Ranked], target: Target, page: Page) -> list[Ranked]:
    """The one that is not repeated in rows or cards, where no row or card was named: the page's own "Add to cart"."""
    items = [page.item(r.candidate) for r in found]
    of_all = [r for r, item in zip(found, items, strict=True) if item is None]
    if OF_SELECTED.match(target.phrase) and len(of_all) == 1:
        return of_all  # "Archive the selected mails" is no row's own "Archive"
    if len(found) < 3 or target.relations or target.verb:
        return found
    alone = [r for r, item in zip(found, items, strict=True) if item is None or page.is_subject(item)]
    repeated = len({i.id for i in items if i is not None and not page.is_subject(i)}) == len(found) - 1
    return alone if len(alone) == 1 and repeated and alone[0].score >= max(r.score for r in found) else found


def without_repeats(close: Iterable[Ranked], page: Page) -> list[Ranked]:
    """Without candidates that are the same control twice: a logo and a menu entry with one address, a box around."""
    found: list[Ranked] = []
    for ranked in close:
        if any(page.is_same(ranked.candidate, other.candidate) for other in found):
            continue
        around = [o for o in found if _is_wrapper(o.candidate, ranked.candidate, page)]
        found = [o for o in found if o not in around]
        if not any(_is_wrapper(ranked.candidate, o.candidate, page) for o in found):
            found.append(ranked)
    return found


def _is_wrapper(outer: Candidate, inner: Candidate, page: Page) -> bool:
    """Whether one is only drawn around the other: a click on it is a click on what is inside and has its name."""
    named = page.name(outer).phrase == page.name(inner).phrase != ""
    apart = outer.frame_index != inner.frame_index or {outer.role, inner.role} & _ITSELF
    return named and not apart and outer.mark < inner.mark and _covered(inner.box, outer.box) >= _MOSTLY


def _of_look(look: Look, action: str, page: Page) -> list[Ranked]:
    """What has that colour and fits the rest of what was said, without what is around others of the colour."""
    if not page.observation.screenshot:
        return []
    found = rank(look.rest, action, page) if look.rest.phrase else _plain(look.rest, action, page)
    good = [r for r in found if r.score >= ACCEPT]
    marks = {c.mark for c in of_colour(look.colour, [r.candidate for r in good], page.observation)}
    seen = [r for r in good if r.candidate.mark in marks]
    return [r for r in seen if not any(_encloses(r.candidate.box, o.candidate.box) for o in seen if o is not r)]


def _plain(target: Target, action: str, page: Page) -> list[Ranked]:
    """Everything that is no field and of the sort that was named, if any was."""
    found = []
    for candidate in page.candidates:
        fit = fits_action(action, candidate) * fits_kinds(target.kinds, candidate) * page.prominence(candidate)
        if fit > 0 and not is_editable(candidate):
            score, why = related(AS_ITEM, "its colour", target, candidate, page)
            found.append(Ranked(candidate, score * fit, why))
    return found


def _covered(inner: Box, outer: Box) -> float:
    """The share of `inner` that lies within `outer`."""
    width = min(inner.x + inner.width, outer.x + outer.width) - max(inner.x, outer.x)
    height = min(inner.y + inner.height, outer.y + outer.height) - max(inner.y, outer.y)
    return max(width, 0.0) * max(height, 0.0) / max(inner.width * inner.height, 1.0)


def _encloses(outer: Box, inner: Box) -> bool:
    return outer.contains(inner) and not inner.contains(outer)
