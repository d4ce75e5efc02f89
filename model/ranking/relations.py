"""Where a control stands: in a row, in a dialog, next to, above, of the cheapest product.

relation_strength(Relation("in", "Ada", container="row"), candidate, page)   -> 1.0 in Ada's row, else 0.0
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from magenta_qa.model.language.target import Relation, Target, before_sort, without_sort
from magenta_qa.model.language.wording import contains, likeness, read_field, read_words, weighty
from magenta_qa.model.ranking.fitness import is_checkable, is_editable, is_select
from magenta_qa.model.ranking.page import ITEM_KINDS, Page
from magenta_qa.model.ranking.siblings import stands_in_sibling
from magenta_qa.model.schema import Box, Candidate, Context

T = TypeVar("T")
_PRICE = re.compile(
    r"(?:[$€£¥₹]\s?|\b(?:USD|EUR|GBP|CHF)\s?)(\d[\d,]*(?:\.\d+)?)|(\d[\d,]*\.\d{2})\b|(\d[\d.,]*)\s?(?:€|EUR|USD|£)"
)
_FIGURE = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?!\w)")
_PRICES = read_words("price")[0].concepts
_KINDS: dict[str, frozenset[str]] = {
    "row": frozenset({"row", "listitem", "card", "group"}),
    "listitem": frozenset({"listitem", "row", "card", "group", "region"}),
    "dialog": frozenset({"dialog"}),
    "form": frozenset({"form"}),
    "table": frozenset({"table"}),
    "menu": frozenset({"menu", "list"}),
    "list": frozenset({"list", "listitem"}),
    "frame": frozenset({"frame"}),
}
_ENTRIES = frozenset({"option", "menuitem", "menuitemcheckbox", "menuitemradio"})
_MENTIONED = 0.7  # for words that stand somewhere in a post or card, and not at its beginning
_BEYOND = 0.7  # for words that stand around the item, and not in it
_OUTER = 0.53  # for what holds the item: what is in the item itself must be clearly better
_SCATTERED = 0.7  # for words that do not stand one after the other
_ASTRAY = 0.05
_ASIDE = 0.5  # for what is in no menu, as far as can be told
_NOT_LEVEL = 0.6  # for what stands above or below rather than beside
_MARGIN_OF_SIDE = 1.5  # two thirds across is at the right enough
_FAR_PX = 400.0
_LIMIT_PX = 2_000.0
_ADJOINING_PX = 8.0


def relation_strength(relation: Relation, candidate: Candidate, page: Page) -> float:
    """How well a candidate stands where the tester said; 0 where it does not."""
    if relation.kind in {"left of", "right of", "above", "below"}:
        beside = _direction(relation, candidate, page)
        inside = _inside(relation, candidate, page)
        if beside is None:
            return 0.8 * inside
        return max(0.6 * inside, beside if beside == 0 or inside else 0.6 * beside)
    if relation.kind == "at":
        return _on_screen(relation.phrase.split(), candidate, page)
    if relation.kind == "about":
        return 0.5 + 0.5 * _inside(relation, candidate, page)
    if relation.kind == "by":
        return _inside(relation, candidate, page) or 0.8 * _near(_anchors(relation, page), candidate)
    if relation.kind == "next to":
        anchors = _anchors(relation, page)
        if candidate in anchors and not _is_labelled(candidate):
            return 0.0
        if _is_of_another(relation, candidate, page):
            return 0.0
        return max(_inside(relation, candidate, page), _near(anchors, candidate))
    return 0.0 if _is_of_another(relation, candidate, page) else _inside(relation, candidate, page)


def _is_of_another(relation: Relation, candidate: Candidate, page: Page) -> bool:
    """Whether the item that is named is another one, of the same sort and in the same list."""
    return stands_in_sibling(read_field(relation.phrase).phrase, candidate, page)


def _on_screen(where: list[str], candidate: Candidate, page: Page) -> float:
    """How well a candidate stands in a part of the screen, such as ["top", "right"]; never 0, people are vague."""
    width, height = page.observation.viewport
    x, y = candidate.box.center
    across, down = min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0)
    fits = {"left": 1 - across, "right": across, "top": 1 - down, "upper": 1 - down, "bottom": down, "lower": down}
    return min((max(_ASTRAY, min(1.0, _MARGIN_OF_SIDE * fits[w])) for w in where if w in fits), default=1.0)


def _inside(relation: Relation, candidate: Candidate, page: Page) -> float:
    if relation.extreme in {"highest", "lowest"}:
        return 1.0  # told by comparing, see `pick_container`
    if not relation.phrase:
        return _unnamed(relation, candidate, page)
    names = () if relation.exact else (without_sort(relation.phrase), before_sort(relation.phrase))
    ways = [relation, *(replace(relation, phrase=name) for name in names if name)]
    return max(_inside_named(way, candidate, page) for way in ways)


def _inside_named(relation: Relation, candidate: Candidate, page: Page) -> float:
    words = weighty(read_words(relation.phrase))
    phrase = read_field(relation.phrase).phrase
    best = 0.0
    beyond_item = False
    lists = ITEM_KINDS if candidate.role == "option" else frozenset()  # what holds options is no item of theirs
    for context in (k for k in candidate.context if k.kind not in lists):
        outer = best == 0 and context.id in page.outer_items(phrase)
        far = _OUTER if outer else _BEYOND if beyond_item else 1.0
        best = max(best, _holds(context, relation, phrase, words) * far)
        beyond_item = beyond_item or context.kind in ITEM_KINDS - {"cell"}
    if best == 0:
        best = 0.6 * _across(candidate, phrase, words, relation.exact)
    own = [f for f, _ in page.own(candidate)]
    if all(any(likeness(w, f) for f in own) for w in words) and not relation.exact:
        best = max(best, 0.9)
    if any(contains(f, phrase) for f in own):
        best = max(best, 0.95)
    if (
        best == 0
        and relation.container not in {"row", "listitem", "dialog"}
        and all(page.page_likeness(w) for w in words)
    ):
        best = 0.5
    return best


def _holds(context: Context, relation: Relation, phrase: str, words: tuple) -> float:  # type: ignore[type-arg]
    kinds = _KINDS.get(relation.container)
    if kinds is not None and context.kind not in kinds and context.kind not in {"heading", "label", "cell"}:
        return 0.0
    field = read_field(context.text)
    if contains(field, phrase):
        first = relation.kind in {"of", "to", "by"} and context.kind in {"listitem", "card"}  # whose it is stands first
        return 1.0 if not first or field.phrase.startswith(f"{phrase} ") else _MENTIONED
    if relation.exact:
        return 0.0
    likenesses = [likeness(w, field) for w in words]
    return _SCATTERED * min(likenesses) if likenesses else 0.0


def _across(candidate: Candidate, phrase: str, words: tuple, exact: bool) -> float:  # type: ignore[type-arg]
    """For words that only several containers together account for: "in the Billing address form"."""
    field = read_field(" ".join(k.text for k in candidate.context if k.kind not in ITEM_KINDS))
    if exact:
        return 1.0 if contains(field, phrase) else 0.0
    return min((likeness(w, field) for w in words), default=0.0)


def _unnamed(relation: Relation, candidate: Candidate, page: Page) -> float:
    """For "in the dialog", "in the header", "of the first product"."""
    kind = relation.container
    if kind in {"", "row", "listitem"} or relation.kind == "to":
        return 1.0
    has = any(k.kind in _KINDS.get(kind, frozenset()) for k in candidate.context)
    if kind == "dialog":
        return 1.0 if has else 0.0
    if has:
        return 1.0
    words = read_words(kind)
    named = any(likeness(words[0], read_field(k.text)) for k in candidate.context)
    x, y = candidate.box.center
    width, height = page.observation.viewport
    if kind == "header":
        return 1.0 if named or 0 <= y <= 0.15 * height else 0.4
    if kind == "footer":
        return 1.0 if named or y >= 0.85 * height else 0.4
    if kind == "navigation":
        return 1.0 if named or y <= 0.15 * height or x <= 0.25 * width else 0.4
    if kind == "menu" and not named:
        return 1.0 if candidate.role in _ENTRIES or page.is_stacked(candidate) else _ASIDE
    if kind == "frame":
        return 1.0 if candidate.frame else 0.0
    return 1.0 if named else 0.8


def _anchors(relation: Relation, page: Page) -> list[Candidate]:
    """What is called so: the controls that another one may stand beside."""
    words = weighty(read_words(relation.phrase))
    found = [c for c in page.candidates if words and all(likeness(w, page.name(c)) == 1.0 for w in words)]
    phrase = read_field(relation.phrase).phrase
    return [c for c in found if page.name(c).phrase == phrase] or found


def _is_labelled(candidate: Candidate) -> bool:
    """Whether its name stands beside it: "the box next to Accept the terms" is called so."""
    return is_checkable(candidate) or is_editable(candidate) or is_select(candidate)


def _near(anchors: list[Candidate], candidate: Candidate) -> float:
    boxes = [anchor.box for anchor in anchors if anchor.mark != candidate.mark]
    if any(_adjoins(candidate.box, box) for box in boxes):
        return 1.0
    x, y = candidate.box.center
    near = [(1.0 - ((x - bx) ** 2 + (y - by) ** 2) ** 0.5 / _FAR_PX) for bx, by in (b.center for b in boxes)]
    sides = [share * (1.0 if _is_level(candidate.box, b) else _NOT_LEVEL) for share, b in zip(near, boxes, strict=True)]
    return max(0.0, *sides) if sides else 0.0


def _adjoins(box: Box, other: Box) -> bool:
    """Whether two boxes stand side by side in one line with next to nothing between them."""
    gap = max(other.x - (box.x + box.width), box.x - (other.x + other.width))
    return _is_level(box, other) and -_ADJOINING_PX <= gap <= _ADJOINING_PX


def _is_level(box: Box, other: Box) -> bool:
    return abs(box.center[1] - other.center[1]) < min(box.height, other.height) / 2


def _direction(relation: Relation, candidate: Candidate, page: Page) -> float | None:
    """Nearness in the direction that was named; None where what it refers to is not among the candidates."""
    anchors = [anchor.box for anchor in _anchors(relation, page) if anchor.mark != candidate.mark]
    if not anchors:
        return None
    x, y = candidate.box.center
    best = 0.0
    for box in anchors:
        ax, ay = box.center
        along = {"left of": ax - x, "right of": x - ax, "above": ay - y, "below": y - ay}[relation.kind]
        across = abs(y - ay) if relation.kind in {"left of", "right of"} else abs(x - ax)
        if along > 0:
            best = max(best, 1.0 - min((along + 2 * across) / _LIMIT_PX, 0.95))
    return best


def pick_container(found: list[T], target: Target, page: Page, candidate_of: Callable[[T], Candidate]) -> list[T]:
    """Those in the third row, or of the cheapest product, where the target says so; all otherwise."""
    for relation in target.relations:
        if relation.ordinal:
            found = _nth_container(found, relation.ordinal, page, candidate_of)
        elif relation.extreme:
            found = _extreme_container(found, relation, page, candidate_of)
    return found


def _nth_container(found: list[T], ordinal: int, page: Page, candidate_of: Callable[[T], Candidate]) -> list[T]:
    groups: dict[int, list[T]] = {}
    for entry in sorted(found, key=lambda e: candidate_of(e).mark):
        item = page.item(candidate_of(entry))
        groups.setdefault(item.id if item else -candidate_of(entry).mark, []).append(entry)
    ordered = list(groups.values())
    index = ordinal - 1 if ordinal > 0 else len(ordered) + ordinal
    return ordered[index] if 0 <= index < len(ordered) else []


def _extreme_container(
    found: list[T], relation: Relation, page: Page, candidate_of: Callable[[T], Candidate]
) -> list[T]:
    """Those with the highest or lowest price, or whatever is measured; none unless all of them have a figure."""
    by_price = relation.extreme in {"cheapest", "dearest"} or read_field(relation.phrase).concepts & _PRICES
    figures = []
    for entry in found:
        candidate = candidate_of(entry)
        item = page.item(candidate)
        own = candidate.text or candidate.name
        text = own if item is None or (measured(own, relation.phrase) is not None and not by_price) else item.text
        figures.append(_price(text) if by_price else measured(text, relation.phrase))
    known = [f for f in figures if f is not None]
    if len(known) < len(found):
        return found if by_price and relation.extreme in {"cheapest", "dearest"} else []
    best = (min if relation.extreme in {"cheapest", "lowest"} else max)(known, default=None)
    return [entry for entry, figure in zip(found, figures, strict=True) if figure == best]


def measured(text: str, what: str) -> float | None:
    """The figure in `text` that stands beside the word for what is measured, or is the only one; None where unclear."""
    found = list(_FIGURE.finditer(text[:400]))
    if len(found) == 1:
        return float(found[0][0].replace(",", ""))
    beside, since = [], 0
    for match in found:
        before = text[since : match.start()].split()[1 if since else 0 :]  # what follows a figure is its unit
        near = read_field(f"{' '.join(before[-2:])} {' '.join(text[match.end() :].split()[:1])}")
        since = match.end()
        if what and any(likeness(w, near) for w in read_words(what)):
            beside.append(float(match[0].replace(",", "")))
    return beside[0] if len(beside) == 1 else None


def _price(text: str) -> float | None:
    match = _PRICE.search(text)
    if match is None:
        return None
    digits = next(g for g in match.groups() if g).replace(",", "")
    return float(digits) if digits.count(".") <= 1 else None
