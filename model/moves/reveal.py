"""What to do when a control is not there: open the menu that may hold it, or get a pop-up out of the way.

reveal(target, turn)          -> click "⋮" in the row of Ada, for "In the row of Ada, click Delete"
reveal(…, of_page=True)       -> click "Actions" at the top of Ada's page, for "Delete Ada"
point_at_item(target, turn)   -> hover over the row of Ada, which may then show "Delete"
clear_the_way(request, page)  -> click "Not now" in a pop-up that nobody has asked for
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit

from magenta_qa.model.language.lexicon import lexicon, stem
from magenta_qa.model.language.target import Relation, Target
from magenta_qa.model.language.wording import likeness, read_field, read_words, weighty
from magenta_qa.model.moves.turn import Turn, act, named
from magenta_qa.model.ranking.choice import Choice, find
from magenta_qa.model.ranking.fitness import is_button, is_checkable, is_editable
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.ranking.relations import relation_strength
from magenta_qa.model.schema import Candidate, Decision, DecisionRequest, Place

_CLOSELY = (
    0.65  # how well a menu's button must stand where the control was said to be; what only holds the item does not
)
_PERHAPS = 0.5  # how sure it is that a row hides a control of which nothing is said there
_MORE = read_words("more options")[0].concepts
_OPENS_MENU = re.compile(
    r"\w+(?: up)? (?:the |a )?(?:(?:more|further|other|additional) )?(?:menu|actions|options)\b", re.IGNORECASE
)
"""How models describe what opens one: "Shows more actions for Ada"."""
_MENU_ROLES = frozenset({"menuitem", "menuitemradio", "menuitemcheckbox", "option"})
_DECLINING = ("cancel", "close", "dismiss", "no thanks", "no", "not now", "later", "skip", "maybe later")


def of_item(target: Target) -> Target:
    """What a deed is to be done to as the place of the control that does it: "Edit Ada" is "edit" in what is Ada's."""
    if not target.verb or not target.phrase or target.ordinal or target.count is not None:
        return target
    place = Relation("of", target.phrase, container="row", exact=target.quoted)
    return replace(target, phrase="", full="", quoted=False, relations=(place, *target.relations))


def reveal(target: Target, turn: Turn, *, of_page: bool = False) -> Decision | None:
    """Open the one menu of further actions that stands where the control should; None where there is none.

    Nothing is opened twice, and a menu that is open is left so.

    Args:
        target: What may be in the menu.
        turn: What has been done and is seen.
        of_page: Only a menu that belongs to no row, list item or card: "Delete the author" on the author's own page.
    """
    tried = {d.element for d in turn.prepared}
    menus = [c for c in turn.page.candidates if _is_more(c, turn.page) and not turn.page.lies_open(c)]
    near = [c for c in menus if all(_stands(r, c, turn.page) for r in target.relations)]
    if of_page:
        near = [c for c in near if turn.page.item(c) is None] if _is_about(target, turn.page) else []
    near = [c for c in near if _may_hold(target, turn.page.described.get(c.mark, ""))]
    if len(near) != 1 or len(tried) > 1 or named(near[0]) in tried:
        return None
    decision = act("click", near[0], reason=f'opens the menu that may have "{target.full or target.verb}"')
    return replace(decision, place=Place(0, prepares=True), absent=True)


def point_at_item(target: Target, turn: Turn) -> Decision | None:
    """Put the pointer on the one row, list item or card that is meant: some show their controls only then.

    None where no item is named, several are meant, or it has been tried.
    """
    if not target.relations or any(d.action.kind == "hover" for d in turn.prepared):
        return None
    placed = [c for c in turn.page.candidates if all(_stands(r, c, turn.page) for r in target.relations)]
    items = {item.id for c in placed if (item := turn.page.item(c)) is not None}
    inside = [c for c in placed if "hover" in c.action_types and turn.page.item(c) is not None]
    if len(items) != 1 or not inside:
        return None
    over = next((c for c in inside if not is_checkable(c)), inside[0])
    decision = act("hover", over, reason=f'may show "{target.full or target.verb}" once the pointer is on its item')
    sure = 1.0 if _says(target, inside[0], turn.page) else _PERHAPS
    return replace(decision, place=Place(0, prepares=True), absent=True, confidence=sure)


def _says(target: Target, candidate: Candidate, page: Page) -> bool:
    """Whether the item has the words of what is looked for, though no control in sight bears them."""
    item = page.item(candidate)
    words = weighty(read_words(target.verb or target.phrase))
    return item is not None and bool(words) and all(likeness(w, read_field(item.text)) == 1.0 for w in words)


def _is_about(target: Target, page: Page) -> bool:
    """Whether the heading names what is meant, or the address ends in its sort: "author" on `/author/edit/2/`."""
    parts = re.findall(r"[^\W\d_]+", urlsplit(page.observation.url).path)
    sorts = [part for part in parts if stem(part) not in lexicon().acts]
    words = weighty(read_words(target.phrase))
    return bool(words) and all(page.is_about(w) or likeness(w, read_field("".join(sorts[-1:]))) == 1.0 for w in words)


def _may_hold(target: Target, told: str) -> bool:
    """Whether what a menu is said to be for, if anything, is part of the request."""
    about = [w for w in read_words(_OPENS_MENU.sub("", told)) if not w.is_stop]
    asked = read_field(target.request)
    return not about or any(likeness(w, asked) for w in about)


def find_in_menu(target: Target, turn: Turn) -> Choice | None:
    """The control among the entries of a menu that was just opened, which need not stand by what the menu is for."""
    if not turn.prepared or not target.relations:
        return None
    entries = [c for c in turn.page.candidates if _is_entry(c)]
    if not entries:
        return None
    opened = replace(turn.page.observation, candidates=tuple(entries))
    return find(replace(target, relations=()), "click", Page(opened))


def clear_the_way(request: DecisionRequest, asked: str) -> Decision | None:
    """Decline a pop-up that the goal says nothing about; None where there is not exactly one way to.

    Args:
        request: With a goal; steps do only what they say.
        asked: Everything that the goal says.
    """
    tried = {d.element for d in request.done if d.place is not None and d.place.prepares}
    page = Page(request.observation)
    fields = [c for c in page.candidates if is_editable(c) and not c.state.disabled]
    blocked = (any(c.state.disabled for c in page.candidates) and not fields) or bool(request.observation.modal)
    words = f" {read_field(asked).phrase} "
    ways = [c for c in page.candidates if _declines(c) and f" {read_field(c.name or c.text).phrase} " not in words]
    if not blocked or len(ways) != 1 or named(ways[0]) in tried:
        return None
    decision = act("click", ways[0], reason=f'declines a pop-up that is in the way: "{ways[0].name or ways[0].text}"')
    return replace(decision, place=Place(0, prepares=True))


def _declines(candidate: Candidate) -> bool:
    label = read_field(candidate.name or candidate.text).phrase
    return is_button(candidate) and not candidate.state.disabled and label in _DECLINING


def _is_more(candidate: Candidate, page: Page) -> bool:
    if is_editable(candidate) or candidate.role in _MENU_ROLES:
        return False
    told = page.described.get(candidate.mark)
    if told is not None and not _OPENS_MENU.match(told):
        return False
    if told is not None and not (candidate.name or candidate.text):
        return True
    own = page.name(candidate) if candidate.name or candidate.text else read_field(candidate.hints)
    said = {concept for word in own.words for concept in word.concepts} if len(own.words) <= 3 else set()
    return bool(said & _MORE)


def _stands(relation: Relation, candidate: Candidate, page: Page) -> bool:
    return relation_strength(relation, candidate, page) >= _CLOSELY


def _is_entry(candidate: Candidate) -> bool:
    return candidate.role in _MENU_ROLES or any(k.kind == "menu" for k in candidate.context)
