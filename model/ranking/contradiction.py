"""What speaks against a candidate that a model has described: it does something else, or the opposite, or to another.

    doubt(read_target("ticket 86374"), "open", candidate, page)   -> Doubt(0.4, 'it does something else: "Merges …"')
    doubt(read_target("the previous video"), …)                   -> Doubt(0.3, 'it says "next"')
    doubt(read_target("seat 8 in row C"), …)                      -> Doubt(0.35, 'it says nothing of "C"')

Words alone do not tell: "Deletes Ada" has all words of "Open Ada" but its verb, and "seat 8 in row B" nearly all of the
other.
"""

from dataclasses import dataclass
from functools import lru_cache

from magenta_qa.model.language.asked import WHOLE, Asked, read_asked
from magenta_qa.model.language.dates import MONTHS, is_day_number, parse_month
from magenta_qa.model.language.deeds import denied, told_deeds
from magenta_qa.model.language.lexicon import lexicon, words_of
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import Field, Word, kinship, likeness, read_field, read_words
from magenta_qa.model.ranking.page import ITEM_KINDS, Page
from magenta_qa.model.schema import Candidate

GIVING = frozenset({"fill", "type", "clear", "select", "check", "toggle", "upload", "focus"})
"""Actions that fit few controls; what becomes of a field or box is described in many ways."""
_OPEN = "open"
_CHANGING = frozenset(
    {"remove", "edit", "send", "copy", "get", "archive", "print", "share", "start", "stop", "merge", "add", "close"}
)
_CHOOSING = frozenset({"choose", "find", "on", "off"})
_OTHER_DEED, _NOT_OPENED, _ONLY_OPENED, _OTHER_LABEL = 0.35, 0.4, 0.8, 0.6
_OTHER_THING = 0.6
_OPPOSITE, _DENIED, _UNNAMED = 0.3, 0.3, 0.35
_TITLE_LENGTH = 80  # characters of what is called so; longer texts are all that stands in it
_ENDS = frozenset(
    {"of", "for", "to", "in", "on", "with", "about", "that", "which", "from", "at", "by", "as", "into", "and"}
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """How far a candidate can still be meant, and why not."""

    factor: float = 1.0
    reason: str = ""


def doubt(target: Target, action: str, candidate: Candidate, page: Page) -> Doubt:
    """What speaks against a candidate; nothing against one that is not described."""
    told, asked = page.described.get(candidate.mark, ""), read_asked(target.request, giving=action in GIVING)
    if not told:
        return Doubt()
    factor, reasons = 1.0, []
    other = 1.0 if action in GIVING else _other_deed(asked, told, candidate, page)
    if other < 1:
        factor *= other
        reasons.append(f'it does something else: "{told}"')
    own = frozenset().union(*(field.stems for field, _ in page.own(candidate)))
    opposite = _opposite(asked.stems, own)
    if opposite:
        factor *= _OPPOSITE
        reasons.append(f'it says "{opposite}"')
    if denied(told) & asked.stems - asked.denied or any(
        (s,) in lexicon().deeds for s in asked.denied & own - denied(told)
    ):
        factor *= _DENIED
        reasons.append(f'it is not so: "{told}"')
    missing = next((n for n in asked.names if not _has(n, candidate, page)), "")
    if missing:
        factor *= _UNNAMED
        reasons.append(f'it says nothing of "{missing}"')
    return Doubt(factor, "; ".join(reasons))


def _other_deed(asked: Asked, told: str, candidate: Candidate, page: Page) -> float:
    does, deeds = told_deeds(told), asked.deeds
    if asked.chooses:
        return _OTHER_DEED if does.lead & _CHANGING and not does.lead & _CHOOSING else 1.0
    if _OPEN in deeds.lead and (_OPEN in does.lead or not does.lead):
        return _OTHER_THING if _is_about_another(asked, told) else 1.0
    if asked.label and not deeds.every and not any(_bears(page, candidate, w) for w in asked.label):
        if _OPEN in does.lead and _is_about_another(asked, told):
            return _OTHER_THING
        if does.lead & _CHANGING and not does.lead & _CHOOSING:
            return _OTHER_LABEL
    if not deeds.every or not does.lead or deeds.every & does.every or (_OPEN in does.lead and not deeds.lead):
        return 1.0
    if kinship(read_words(words_of(told)[0])[0], _field(asked)):
        return 1.0
    if _OPEN in deeds.lead:
        return _NOT_OPENED
    called = [page.name(candidate), read_field(candidate.description), read_field(told)]
    if any(kinship(word, field) for field in called for word in ((asked.verb,) if asked.verb else asked.label)):
        return 1.0
    if not deeds.lead:
        return _OTHER_LABEL
    return _ONLY_OPENED if _OPEN in does.lead and _opens_another(asked, told) else _OTHER_DEED


def _bears(page: Page, candidate: Candidate, word: Word) -> bool:
    """Whether a control is called so; what is said of it does not count."""
    called = (page.name(candidate), read_field(candidate.description))
    return any(likeness(word, field) for field in called)


def _field(asked: Asked) -> Field:
    """What was asked for, to be compared with words of a description."""
    return Field("", asked.stems, frozenset().union(*(w.concepts for w in asked.words)), frozenset(), asked.words)


def _opens_another(asked: Asked, told: str) -> bool:
    """Whether something else than what the deed is about is opened, such as a form for it."""
    words = [w for w in read_words(" ".join(words_of(told)[1:])) if not w.is_stop and w.raw not in WHOLE - {"list"}]
    return any(not kinship(w, _field(asked)) for w in words)


def _is_about_another(asked: Asked, told: str) -> bool:
    """Whether what it shows is only something of what was asked for: "Shows the sharing options of the file"."""
    words = words_of(told)[1:]
    end = next((place for place, word in enumerate(words) if word in _ENDS and place), len(words))
    head = [w for w in read_words(" ".join(words[:end])) if not w.is_stop]
    if not head or end == len(words) or any(w.raw in WHOLE for w in head):
        return False
    return not any(kinship(w, _field(asked)) for w in head)


def _month_of(candidate: Candidate) -> tuple[str, ...]:
    """The month and year of a day in a calendar, as written above it."""
    if not is_day_number(candidate.name or candidate.text):
        return ()
    shown = next((month for context in candidate.context if (month := parse_month(context.text))), None)
    return (MONTHS[shown[1] - 1], str(shown[0])) if shown else ()


@lru_cache(maxsize=4_096)
def _opposite(asked: frozenset[str], own: frozenset[str]) -> str:
    for sides in lexicon().opposites:
        wanted = [side for side in sides if side & asked]
        if len(wanted) != 1 or wanted[0] & own:
            continue
        for side in sides:
            if side is not wanted[0] and side & own:
                return min(side & own)
    return ""


def _has(name: str, candidate: Candidate, page: Page) -> bool:
    """Whether a candidate, or the item that it stands in, has a name; another item beside it does not count."""
    words = [w for w in read_words(name) if not w.is_stop]
    texts = [field for field, _ in page.own(candidate)]
    beyond = False
    for context in candidate.context:
        is_item = context.kind in ITEM_KINDS and not page.is_crowded(context)
        if (is_item and not beyond) or (context.kind not in ITEM_KINDS and len(context.text) <= _TITLE_LENGTH):
            texts.append(read_field(context.text))
        beyond = beyond or (is_item and context.kind != "cell")
    texts += [read_field(option) for option in candidate.options]
    texts += [read_field(month) for month in _month_of(candidate)]
    return all(any(likeness(w, field) for field in texts) or page.page_likeness(w) for w in words)
