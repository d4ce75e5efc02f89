"""Items of one sort beside each other, such as the rows of a table: what stands in one is not meant by another's name.

stands_in_sibling("cache-34", start_of_db_21, page)   -> True: cache-34 has a card of its own
"""

from collections.abc import Sequence

from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import contains, read_field
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.schema import Candidate, Context

_BESIDE = frozenset({"left of", "right of", "above", "below", "at"})
"""Relations to what need not be in one item with the control."""


def is_elsewhere(target: Target, candidate: Candidate, page: Page) -> bool:
    """Whether an item has the words by which the target says where it stands, and the candidate is not in it."""
    phrases = (read_field(r.phrase).phrase for r in target.relations if r.kind not in _BESIDE)
    return any(_is_item(phrase, page) and not _has_nearby(phrase, candidate, page) for phrase in phrases if phrase)


def _is_item(phrase: str, page: Page) -> bool:
    return any(not _is_control(members, phrase, page) for members in page.holding(phrase))


def _has_nearby(phrase: str, candidate: Candidate, page: Page) -> bool:
    """Whether the words stand on it or in what it stands in, if not in an item inside of that."""
    outer = page.outer_items(phrase)
    inner = (read_field(context.text) for context in candidate.context if context.id not in outer)
    return any(contains(field, phrase) for field in (*inner, *(field for field, _ in page.own(candidate))))


def stands_in_sibling(phrase: str, candidate: Candidate, page: Page) -> bool:
    """Whether the words stand in another item of the same sort in the same list, and not in that of the candidate.

    What is a control by itself there is no name of an item: each button of a bar may have a list item of its own.
    """
    own = page.item(candidate)
    if own is None or not phrase or contains(read_field(own.text), phrase):
        return False
    others = (members for members in page.holding(phrase) if not _is_control(members, phrase, page))
    beside = (members for members in others if _is_beside(members[0], candidate, own, page))
    return any(_is_alike(members, candidate, own) for members in beside)


def _is_beside(other: Candidate, candidate: Candidate, own: Context, page: Page) -> bool:
    """Whether it stands in another item of that kind, and both items in the same thing."""
    item = page.item(other)
    if item is None or item.id == own.id or item.kind != own.kind:
        return False
    around = _around(candidate, own)
    return around is not None and around == _around(other, item)


def _around(candidate: Candidate, item: Context) -> int | None:
    """The number of what an item stands in."""
    outer = candidate.context[candidate.context.index(item) + 1 :]
    return next((context.id for context in outer), None)


def _is_control(members: Sequence[Candidate], phrase: str, page: Page) -> bool:
    return len(members) == 1 and page.name(members[0]).phrase == phrase


def _is_alike(members: Sequence[Candidate], candidate: Candidate, own: Context) -> bool:
    """Whether a card has a control that is built like this one; a head and a foot of one card have not."""
    if own.kind != "card":
        return True
    hints = set(candidate.hints.split())
    like = (set(member.hints.split()) for member in members if member.role == candidate.role)
    return any(2 * len(hints & each) >= len(hints | each) for each in like)
