"""Rows, cards and list items as things of their own: "the mail from Ada", "the third product", "all posts by Ada".

    main_controls("click", page)    -> {7: 41, …}    mark of the control that opens an item → id of the item

An item is what several candidates stand in, or one candidate with more text around it than its name; a bare list entry
counts only where there is nothing richer. Elements that are rows or list items themselves are their own main control.
"""

from collections import defaultdict
from collections.abc import Sequence

from magenta_qa.model.language.deeds import lead_of
from magenta_qa.model.language.lexicon import stem, words_of
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import read_field
from magenta_qa.model.ranking.fitness import is_checkable, is_editable, is_select, is_tile
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.schema import Candidate, Context

_ITEM_ROLES = frozenset({"listitem", "row", "option", "article", "treeitem", "gridcell", "generic"})
_ROWS = frozenset({"row", "listitem"})
_LISTED_ROWS = 2  # at least, for a list between two bars of controls
_SAME_PARTS = ("element_type", "role", "name", "text", "options", "frame_index")
_RESULT = stem("result")
_ITEM_WORDS = frozenset({"row", "item", "card", "entry", "tile"})


def main_controls(action: str, page: Page) -> dict[int, int]:
    """For each item its main control: mark → id of the item (minus the mark, for one that is an item itself)."""
    inside: dict[int, list[Candidate]] = defaultdict(list)
    items: dict[int, Context] = {}
    for candidate in page.candidates:
        item = page.item(candidate)
        if item is not None and candidate.role != "option":
            inside[item.id].append(candidate)
            items[item.id] = item
    rich = {i for i, members in inside.items() if _is_rich(items[i], members, page)}
    chosen = rich or {i for i in inside if not _in_navigation(inside[i])}
    mains = {m.mark: i for i in chosen if (m := _main(action, inside[i])) is not None}
    if action == "check":
        return mains
    alone = [c for c in page.candidates if (c.role == "option" or page.item(c) is None) and _is_item_itself(c)]
    return {**mains, **{c.mark: -c.mark for c in alone if c.role != "generic" or _is_one_of(c, alone)}}


def results_of(target: Target, mains: dict[int, int], page: Page) -> dict[int, int] | None:
    """The items under the heading of the results, where these are asked for and the page has one; else None.

    Where what is found are no items, the first link under that heading is the first result.
    """
    asked = _RESULT in {stem(word) for word in words_of(target.phrase)}
    under = [c for c in page.candidates if asked and _RESULT in read_field(_heading_of(c)).stems]
    if not under:
        return None
    found = {c.mark: mains[c.mark] for c in under if c.mark in mains}
    links = [c for c in under if c.role == "link" and c.text] if target.ordinal == 1 else []
    return found or {c.mark: -c.mark for c in links[:1]}


def _heading_of(candidate: Candidate) -> str:
    return next((k.text for k in candidate.context if k.kind == "heading"), "")


def _is_rich(item: Context, members: Sequence[Candidate], page: Page) -> bool:
    if _in_navigation(members):
        return False
    return len(members) > 1 or len(item.text) > len(members[0].name or members[0].text) + 2


def _in_navigation(members: Sequence[Candidate]) -> bool:
    return any(k.kind == "region" and "navigation" in k.text.lower() for k in members[0].context)


def _main(action: str, members: Sequence[Candidate]) -> Candidate | None:
    """What opens the item or, for ticking, its checkbox; None where nothing stands out."""
    if action == "check":
        boxes = [c for c in members if is_checkable(c)]
        return boxes[0] if len(boxes) == 1 else None
    plain = [c for c in members if not (is_checkable(c) or is_editable(c) or is_select(c) or _is_deed(c))]
    if len(plain) == 1:
        return plain[0]
    links = [c for c in plain if c.role == "link" and (c.name or c.text)]
    others = [c for c in plain if c.element_type == "other" and len(c.text) > 1]
    found = links or others
    return found[0] if found else None


def _is_deed(candidate: Candidate) -> bool:
    """Whether its name is what it does to the item, in one word: "Conceal" opens nothing."""
    words = words_of(candidate.name or candidate.text)
    deed = lead_of(words)
    return len(words) == 1 and bool(deed) and "open" not in deed


def _is_one_of(candidate: Candidate, others: Sequence[Candidate]) -> bool:
    """Whether something without a role is built like another: a row has its like, a user's picture has not."""
    hints = set(candidate.hints.split())
    if hints & _ITEM_WORDS:
        return True
    like = (set(c.hints.split()) for c in others if c.mark != candidate.mark and c.role == candidate.role)
    return any(2 * len(hints & each) >= len(hints | each) for each in like)


def _is_item_itself(candidate: Candidate) -> bool:
    if candidate.role not in _ITEM_ROLES or is_editable(candidate) or is_checkable(candidate):
        return False
    return bool(candidate.name or candidate.text) and "click" in candidate.action_types


def is_picture_of(target: Target, candidate: Candidate, page: Page) -> bool:
    """Whether it is the tile of a gallery that bears just the name of what a picture is said to be of."""
    of = [r.phrase for r in target.relations if r.kind == "of" and not (r.ordinal or r.extreme)]
    asked = target.kinds == ("image",) and not target.phrase and len(of) == len(target.relations) == 1
    return asked and is_tile(candidate) and page.name(candidate).phrase == read_field(of[0]).phrase


def above_list(found: Sequence[Candidate], page: Page) -> Candidate | None:
    """The upper one of two that are the same control twice, above and below the rows that they are for."""
    if len(found) != 2:
        return None
    upper, lower = sorted(found, key=lambda c: c.box.y)
    same = all(getattr(upper, part) == getattr(lower, part) for part in _SAME_PARTS)
    aligned = (upper.box.x, upper.box.width) == (lower.box.x, lower.box.width)
    between = (c for c in page.candidates if upper.box.y < c.box.y < lower.box.y)
    rows = {item.id for c in between if (item := page.item(c)) is not None and item.kind in _ROWS}
    bars = [item and (item.kind, item.text) for item in (page.item(upper), page.item(lower))]
    return upper if same and aligned and bars[0] == bars[1] and len(rows) >= _LISTED_ROWS else None
