"""Reads expectations about lists and tables: how many, in which order, what before what.

"the cart shows 2 items"                  -> CountCheck("item", = 2, region "cart")
"the products are sorted by price"        -> OrderCheck("price", what="product")
"""

import re

from magenta_qa.agent.checks.kinds import PAGE, Check, Comparison, CountCheck, OrderCheck, Place, SequenceCheck
from magenta_qa.agent.checks.phrases import COMPARISON, Phrases, comparison, singular, strip_article
from magenta_qa.agent.checks.rules_page import matches
from magenta_qa.agent.checks.sentence import TOKEN

_GENERIC_NOUN = r"(?:items?|entr(?:y|ies)|elements?|rows?|things?|lines?)"
_NOUN = r"[a-zA-Z][\w\-]*(?: [\w\-]+){0,3}?"
_SEES = r"(?:I|we|you|they|the (?:user|customer|visitor|tester)|one)"


def list_rule(p: Phrases, text: str) -> Check | None:
    """Compile one clause about a list or table; None when it is about something else."""
    return _order(p, text) or _sequence(p, text) or _count(p, text)


_ASC = (
    r"(?:ascending(?:ly)?|in ascending order|from (?:low(?:est)? to high(?:est)?|cheap(?:est)? to (?:most "
    r")?expensive|A to Z|old(?:est)? to new(?:est)?|small(?:est)? to larg(?:e|est))|A-Z|low to high|"
    r"(?:cheapest|lowest|oldest|smallest|earliest) first)"
)


_DESC = (
    r"(?:descending(?:ly)?|in (?:descending|reverse) order|from (?:high(?:est)? to low(?:est)?|(?:most "
    r")?expensive to cheap(?:est)?|Z to A|new(?:est)? to old(?:est)?|larg(?:e|est) to small(?:est)?)|Z-A|high "
    r"to low|(?:newest|latest|most recent|highest|most expensive|largest|biggest) first)"
)


_FIRST = {
    "cheapest": "price",
    "most expensive": "price",
    "newest": "date",
    "latest": "date",
    "most recent": "date",
    "oldest": "date",
    "earliest": "date",
}


def _order(p: Phrases, text: str) -> Check | None:
    sort = r"(?:sorted|ordered|arranged|ranked|listed|in order|shown|displayed)"
    subject = r"(?:(?P<what>.+?) (?:is|was) (?P<neg>not )?)"
    direction = rf"(?:[,\s]*\(?(?:(?P<asc>{_ASC})|(?P<desc>{_DESC}))\)?)"
    patterns = (
        rf"{subject}(?:sorted|ordered|arranged|ranked) by (?:the |their |its )?(?P<key>.+?){direction}?",
        rf"{subject}(?:{sort} )?(?:in )?(?P<abc>alphabetical(?:ly)?|reverse alphabetical|descending alphabetical|"
        rf"ascending alphabetical)(?: order)?(?: (?:sorted|ordered))?(?: (?:by|of) (?:the |their "
        rf")?(?P<key>.+?))?",
        rf"{subject}(?:{sort} )?(?:in order of |by )(?:the |their )?(?P<key>(?:ascending |descending "
        rf")?.+?){direction}?",
        rf"{subject}{sort} (?:with (?:the )?)?(?P<first>cheapest|most expensive|newest|latest|most recent|oldest|"
        rf"earliest)(?: one)? first",
        rf"{subject}(?:sorted|ordered|arranged) {direction}",
    )
    for pattern in patterns:
        if match := matches(pattern, text):
            return _order_check(p, match.groupdict())
    return None


def _order_check(p: Phrases, found: dict[str, str | None]) -> Check | None:
    key = p.sentence.restore(found.get("key") or "")
    descending = (
        bool(found.get("desc")) or "reverse" in (found.get("abc") or "") or "descending" in (found.get("abc") or "")
    )
    if match := re.match(r"(ascending|descending) ", key, re.IGNORECASE):
        descending, key = match[1].lower() == "descending", key[match.end() :]
    if first := (found.get("first") or "").lower():
        key, descending = _FIRST[first], first in {"most expensive", "newest", "latest", "most recent"}
    what = (found.get("what") or "").strip()
    if len(key.split()) > 4 or re.search(r"\b(?:and|or|then)\b", key) or not what:
        return None
    if column := matches(r"(?:the )?(?P<key>.+?) column(?: (?:of|in) (?P<place>.+))?", what):
        place = p.place(column["place"]) if column["place"] else PAGE
        return (
            OrderCheck(p.sentence.restore(column["key"]), descending, "", place, bool(found.get("neg")))
            if place and not key
            else None
        )
    place, noun = PAGE, what
    if match := re.fullmatch(r"(.+?) (?:in|on|of|inside) (.+)", what):
        noun, outer = match[1], p.place(match[2])
        if outer is None:
            return None
        place = outer
    named = p.place(noun)
    if named and named.kind in {"table", "list"}:
        place, noun = Place(named.kind, named.name, None, None if place == PAGE else place), ""
    noun = "" if matches(rf"(?:the )?{_GENERIC_NOUN}", noun) else p.sentence.restore(strip_article(noun))
    return OrderCheck(key, descending, singular(noun) if noun else "", place, bool(found.get("neg")))


def _sequence(p: Phrases, text: str) -> Check | None:
    before = (
        r"(?:comes?|is|stands?|appears?|is (?:shown|listed|displayed)) (?:before|above|ahead of|in front of|"
        r"directly before)"
    )
    after = r"(?:comes?|is|stands?|appears?|is (?:shown|listed|displayed)) (?:after|below|behind|underneath)"
    for pattern, swap in ((before, False), (after, True)):
        match = matches(rf"(?P<a>.+?) {pattern} (?P<b>.+?)(?: in (?P<place>the .+))?", text)
        if not match:
            continue
        first, second = p.literal(match["a"], negative=True), p.literal(match["b"], negative=True)
        place = p.place(match["place"]) if match["place"] else PAGE
        if not first or not second or place is None or re.match(r"\d+ [a-z]", second[0]):
            return None
        a, b = (second, first) if swap else (first, second)
        return SequenceCheck(a[0], b[0], place, a[1] and b[1])
    return None


def _count(p: Phrases, text: str) -> Check | None:
    amount = rf"(?P<c>{COMPARISON}|no|zero)"
    where = r"(?: (?:in|on|inside|within|for|under) (?P<place>.+?))?"
    shown = r"(?: (?:is|was) (?:shown|displayed|visible|listed|present|there|found|returned|left))?"
    place_verb = (
        r"(?:shows?|displays?|lists?|contains?|includes?|has|have|holds?|returns?|returned|yields?|consists of)"
    )
    patterns = (
        rf"there (?:is|was) (?P<neg>not )?{amount} (?P<noun>{_NOUN}){shown}{where}",
        rf"{_SEES} (?P<neg>does not )?(?:see|sees|find|finds) {amount} (?P<noun>{_NOUN}){where}",
        rf"(?P<place>.+?) (?P<neg>does not )?{place_verb} {amount} (?P<noun>{_NOUN})(?: in it)?",
        rf"{amount} (?P<noun>{_NOUN}) (?:is|was) (?P<neg>not )?(?:(?:shown|displayed|visible|listed|present|there|"
        rf"found|returned|left) ?)?(?:(?:in|on|inside|within|for) (?P<place>.+?))?",
        rf"{amount} (?P<noun>{_NOUN}) (?:appears?|exists?|remains?)(?P<neg>x)?{where}",
        rf"the (?:number|count) of (?P<noun>{_NOUN}){where} (?:is|equals) (?P<neg>not )?{amount}",
        rf"{amount} (?P<noun>{_NOUN}){where}(?P<neg>\ue0ff)?",
    )
    for pattern in patterns:
        if match := matches(pattern, text):
            return _count_check(p, match)
    return None


def _count_check(p: Phrases, match: re.Match[str]) -> Check | None:
    words, noun = match["c"].lower(), match["noun"].strip()
    wanted = comparison(words)
    if wanted is None or wanted.unit or re.search(rf"{TOKEN}|\b(?:errors?|in|of|on|the|column|page)\b", noun):
        return None
    named = re.search(
        r"[A-Z]|\b(?:message|text|label|toast|notification|warning|hint|dialog|button|link|row|field|tab)$", noun
    )
    if words in {"a", "an"} or (named and singular(noun) == noun and words in {"no", "one", "zero"}):
        return None  # one named thing rather than a number of things
    if wanted.low.as_tuple().exponent != 0 or re.search(r"\b(?:is|was|has|and|or|new|more)\b", noun):
        return None
    phrase = match.groupdict().get("place")
    if phrase and matches(rf"(?:the )?(?:search|query|filter)|{_SEES}", phrase):
        phrase = None
    place = p.place(phrase) if phrase else PAGE
    if place is None or place.kind in {"heading"}:
        return None
    if match["neg"]:
        if wanted.op != "=":
            return None
        wanted = Comparison("!=", wanted.low)
    return CountCheck(singular(p.sentence.restore(noun)), wanted, place)
