"""Reads the phrase that names a control: "the second Edit button in the row of Ada".

    read_target("the second Edit button in the row of Ada")
    -> Target(phrase="Edit", kinds=("button",), ordinal=2,
              relations=(Relation("in", "Ada", container="row"),), full="Edit … Ada")

Nothing is looked up on the page here; `rank.py` does that with the result.
"""

import re
from dataclasses import dataclass, replace

from magenta_qa.model.language.lexicon import lexicon, stem, stems_of, words_of
from magenta_qa.model.language.quantity import Quantity, is_period, take_quantity
from magenta_qa.model.language.spans import Masked, is_protected, protected
from magenta_qa.model.language.spelling import Spelling, take_spelling

ORDINALS = {
    **{
        w: i
        for i, w in enumerate(
            ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 1
        )
    },
    **{"last": -1, "final": -1, "topmost": 1, "uppermost": 1, "bottommost": -1},
}
"""What ordinals count to; from the end where negative."""
_ORDINAL = re.compile(rf"\b(?:({'|'.join(ORDINALS)})|(\d{{1,3}})(?:st|nd|rd|th))\b", re.IGNORECASE)
_ORDINAL_OF = re.compile(
    rf"^(?:the )?(?P<which>{'|'.join(ORDINALS)}) of (?:the )?(?:(?P<by>\S.*?)['’]s )?(?P<what>[a-z]+s)$", re.IGNORECASE
)
"""One of several: "the third of Austen's books"."""
_NUMBERED = re.compile(r"\s*(?:\b(?:number|no\.?)\s*|#)(\d{1,3})\s*$", re.IGNORECASE)
_EXTREMES = {
    "cheapest": "cheapest",
    "least expensive": "cheapest",
    "lowest priced": "cheapest",
    "most expensive": "dearest",
    "priciest": "dearest",
    "highest priced": "dearest",
}
_EXTREME = re.compile(rf"\b({'|'.join(_EXTREMES)})\b", re.IGNORECASE)
_HIGHEST = "highest|greatest|largest|biggest|most|best"
_LOWEST = "lowest|smallest|least|fewest|worst"
_MEASURED = re.compile(rf"^(?:(?P<highest>{_HIGHEST})|{_LOWEST})\s+(?P<what>[a-z][a-z -]*)$", re.IGNORECASE)
_ONE_OF_SORT = re.compile(
    r"(?:page|ticket|order|task|issue|invoice|item|request|case|booking) (?:no\. ?|#)?(?P<number>\d+)", re.IGNORECASE
)
_MEASURES = frozenset(
    [
        "number",
        "value",
        "price",
        "amount",
        "figure",
        "score",
        "rating",
        "count",
        "cost",
        "percentage",
        "quantity",
        "sum",
    ]
)
"""What is counted or measured, so that "the smallest number" is one of several numbers, and no name."""
_RELATION = re.compile(
    r"\s+(?P<word>(?:to the |on the )?(?:left|right)(?:-hand side)? of|(?:right |directly |"
    r"just )?(?:next to|beside|alongside|"
    r"adjacent to|near|by)|above|over|below|under(?:neath)?|beneath|belonging to|that belongs to|inside|"
    r"within|in|on|of|for|"
    r"from|at|with|about|regarding|containing|(?:whose|where)\s+(?:(?:the|its)\s+)?[a-z-]+(?:\s+[a-z-]+)?\s+(?:is|are|=)|"
    r"(?:that|which)\s+(?:says|reads|contains|mentions|shows|has)|where)\s+(?=\S)",
    re.IGNORECASE,
)
_ACTING_RELATION = re.compile(_RELATION.pattern.replace("|where)", "|where|to|into|onto|out of|off)"), re.IGNORECASE)
_PLACE = re.compile(
    r"^(?:the )?(?:very )?(?P<where>(?:upper|top|lower|bottom|middle)?[ -]?(?:left|right)?)(?:[ -]hand)?(?: (?:corner|"
    r"side|edge|end|part|area|bar))?(?: of the (?:page|screen|window|site|browser))?$",
    re.IGNORECASE,
)
"""Where on the screen: "the top right corner"."""
_BAR = re.compile(
    r"^(?:the )?(?:(?P<top>top|upper)|bottom|lower)[ -]?bar(?: of the (?:page|screen|window|site))?$", re.IGNORECASE
)
"""What stands all along an edge, and is more than a part of the screen."""
_WRITTEN = re.compile(r"[\d_./@]|\w-\w")
"""Names show themselves by how they are written: tide-table, CV_2, 1.1.0."""
_SPATIAL = {
    "left": "left of",
    "right": "right of",
    "above": "above",
    "over": "above",
    "below": "below",
    "under": "below",
}
_CALLED = re.compile(
    r"\s*\b(?:(?:that is |which is )?(?:labell?ed|called|named|titled|entitled|captioned|marked|reading)|"
    r"(?:with|having|of) the (?:text|label|name|title|caption|link text|value|subject|headline|heading)|"
    r"(?:that|which) says|saying)\s*:?\s*(?:as\s+)?",
    re.IGNORECASE,
)
_ITEM_OF = re.compile(
    r"(?P<sort>[a-z]+) (?:of|by|from) (?P<by>[A-Z]\S*(?: \S+)*)|(?P<owner>[A-Z].*)['’]s (?P<noun>[a-z]+)"
)
"""An item of somebody in quotes, "comment of Ada": the page shows the name, and what sort it is by its looks."""
_POSSESSIVE = re.compile(r"^(?P<owner>.+?)(?:'s|’s|s'|s’)\s+(?P<rest>\S.*)$")
_NOT_OWNERS = frozenset(
    ["what", "it", "let", "that", "there", "here", "who", "where", "how", "today", "tomorrow", "yesterday", "user"]
)
_INSIDE = frozenset(["in", "inside", "within", "on", "at"])
_PHRASAL = frozenset(
    ["sign", "log", "opt", "check", "zoom", "clock", "punch", "dial", "keep", "sort", "order", "group", "filter"]
)
_ARTICLES = re.compile(
    r"^(?:(?:on|at|the|a|an|this|that|these|those|my|your|our|their|his|her|its)\s+)+", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Relation:
    """Where the control is: "in the row of Ada", "next to Total"."""

    kind: str
    """in | of | to | about | by (of, near) | next to | left of | right of | above | below | at (part of the screen)."""
    phrase: str
    """What the container or neighbour is called; may be empty ("in the dialog")."""
    container: str = ""
    """Sort of container, where one was named: row, dialog, form, header …"""
    ordinal: int = 0
    """"the third row": 3; -1 for the last, 0 where none was named."""
    extreme: str = ""
    """cheapest | dearest, where the container is chosen by its price; highest | lowest, by what `phrase` measures."""
    exact: bool = False
    """The phrase stood in quotes."""
    count: int | None = None
    """As of a target: in all rows, in two of the posts."""


@dataclass(frozen=True, slots=True)
class Target:
    """What the tester called a control."""

    phrase: str
    """Its own name in the tester's words, without articles, nouns of controls, ordinals and relations."""
    full: str
    """The whole phrase without articles: some labels have "in" or "of" in them."""
    kinds: tuple[str, ...] = ()
    """Sorts of controls that were named: button, link, field …"""
    ordinal: int = 0
    quoted: bool = False
    relations: tuple[Relation, ...] = ()
    verb: str = ""
    """A verb that belongs to what is looked for: "remove" in "Remove the blue backpack"."""
    spelt: Spelling | None = None
    """What is known of the spelling of its name."""
    count: int | None = None
    """None for one; 0 for all of them, n for the first (or any) n, -n for the last n."""
    said: str = ""
    """The request that it is the target of, without what is to be typed."""

    @property
    def request(self) -> str:
        """What was asked for, as far as it is known: the request, else the verb and the phrase."""
        return self.said or f"{self.verb} {self.full}".strip()

    @property
    def is_item(self) -> bool:
        """Whether the phrase only says what sort of row or list item is meant: "the mail from Ada", not "Book"."""
        named = self.quoted or "menu" in self.kinds or self.phrase[:1].isupper()  # "the user menu" is no user
        return not named and is_item_noun(self.phrase)


def is_item_noun(phrase: str) -> bool:
    """Whether a phrase is what rows and list items are called: "mails", "search result"."""
    return bool(phrase) and lexicon().containers.get(stems_of(phrase)) in {"row", "listitem"}


def read_scope(text: str, masked: Masked) -> tuple[Relation, ...]:
    """The relations of "In the row of Ada": where everything that follows is to be done.

    A tool ("Using the mouse") and the page as a whole ("On this page") say nothing about where.
    """
    word, _, rest = text.partition(" ")
    if word.lower() in {"using", "with", "via"}:
        return ()
    relation, more = _read_relation(word.lower(), rest, masked)
    if relation.container == "listitem" and not (relation.phrase or relation.ordinal or relation.extreme or more):
        relation = replace(relation, phrase=_ARTICLES.sub("", rest), container="")  # "For the product, …"
    if relation.container == "region" and not relation.phrase:
        return more
    return (relation, *more)


def read_target(text: str, masked: Masked | None = None, verb: str = "") -> Target:
    """What `text` names.

    Args:
        text: A phrase, protected parts masked.
        masked: What the protected parts stand for.
        verb: The verb of the step where it says what the control does.
    """
    spans = masked or Masked(text, (), ())
    if one := _ORDINAL_OF.match(text.strip(" .,;:!")):
        text = f"{one['which']} {one['what']}" + (f" by {one['by']}" if one["by"] else "")
    text, spelt = take_spelling(_ARTICLES.sub("", text.strip(" .,;:!")), spans)
    head, relations = _split_relations(f"{verb and '~'} {text}".lstrip(), spans, acting=bool(verb))
    head = head.removeprefix("~").strip()
    head, owner = _split_owner(head, spans)
    quantity = take_quantity(head) or Quantity(head, 0)
    counted = quantity.noun != head
    head = quantity.noun
    head, extreme = _take_extreme(head) if verb else (head, "")
    if extreme:
        owner = (*owner, Relation("of", "", "listitem", extreme=extreme))
    called = _CALLED.search(head)
    name = head[called.end() :].strip() if called else ""
    itself = bool(protected(name)) and not re.search(r"subject|headline|heading", called[0]) if called else True
    if called and not verb and name and not itself and is_item_noun(head[: called.start()].strip()):
        owner = (*owner, Relation("in", spans.restore(name), "listitem", exact=bool(protected(name))))
        head = head[: called.start()].strip()
    measured = _MEASURED.match(head)
    if measured and measured["what"].split()[-1] in _MEASURES:
        owner = (*owner, Relation("of", measured["what"], "", extreme=_way(measured)))
        head = ""
    head, ordinal = _take_ordinal(head)
    head, kinds = _take_nouns(_CALLED.sub(" ", f"{head} ").strip())
    quotes = [c for c in protected(head) if spans.is_quoted(c)]
    if quotes and (not verb or is_item_noun(spans.text and head.replace(quotes[0], "").strip())):
        head = quotes[0]
    phrase = re.sub(r"^(\d{1,2})(?:st|nd|rd|th)$", r"\1", spans.restore(_ARTICLES.sub("", head)).strip(" :"))
    quoted = bool(quotes) and not numbered(phrase)
    return Target(
        phrase=phrase,
        full=spans.restore(text),
        kinds=kinds,
        ordinal=ordinal,
        quoted=quoted,
        relations=(*owner, *relations),
        verb=verb,
        spelt=spelt,
        count=quantity.count if counted else next((r.count for r in relations if r.count is not None), None),
    )


def _way(measured: re.Match[str]) -> str:
    return "highest" if measured["highest"] else "lowest"


def _split_relations(text: str, spans: Masked, acting: bool = False) -> tuple[str, tuple[Relation, ...]]:
    called = _CALLED.search(text)
    start = called.end() if called else 0
    pattern = _ACTING_RELATION if acting else _RELATION
    found = (m for m in pattern.finditer(text, max(start, 1)) if not _is_phrasal(text[: m.start()], m["word"]))
    match = next(found, None)
    if match is None or not text[: match.start()].strip():
        return text, ()
    head, rest = text[: match.start()], text[match.end() :]
    relation, more = _read_relation(match["word"].lower(), rest, spans)
    return head, (relation, *more)


def _is_phrasal(before: str, word: str) -> bool:
    """Whether the preposition belongs to a verb: "Sign in with Google"."""
    last = before.split()[-1:] or [""]
    return word.lower() in {"in", "on", "by"} and last[0].lower() in _PHRASAL


def _read_relation(word: str, rest: str, spans: Masked) -> tuple[Relation, tuple[Relation, ...]]:
    bar, place = _BAR.match(rest.strip()), _PLACE.match(rest.strip())
    if bar:
        return Relation("in", "", "header" if bar["top"] else "footer"), ()
    if place and place["where"].strip():
        return Relation("at", " ".join(place["where"].lower().replace("-", " ").split())), ()
    head, more = _split_relations(_ARTICLES.sub("", rest), spans)
    head, owner = _split_owner(head, spans)
    measured = None if _EXTREME.search(head) else _MEASURED.match(head)
    if measured:
        return Relation("of", measured["what"], "", extreme=_way(measured)), (*owner, *more)
    quantity = take_quantity(head) if word.lower() != "with" else None  # "with four tasks" are its own
    if quantity:
        whole, rest_of_it = _uncounted_relation(word, quantity.noun, owner, more, spans)
        return replace(whole, count=quantity.count), rest_of_it
    return _uncounted_relation(word, head, owner, more, spans)


def _uncounted_relation(
    word: str, head: str, owner: tuple[Relation, ...], more: tuple[Relation, ...], spans: Masked
) -> tuple[Relation, tuple[Relation, ...]]:
    item = _ITEM_OF.fullmatch(spans.restore(head)) if is_protected(head) else None
    if item and is_item_noun(item["sort"] or item["noun"]):
        return Relation("in", item["by"] or item["owner"], "listitem", exact=True), (*owner, *more)
    head, extreme = _take_extreme(head)
    head, ordinal = _take_ordinal(head)
    head, container = _take_container(_CALLED.sub(" ", f"{head} ").strip())
    if container and not head and owner and not more:
        return Relation("in", owner[0].phrase, container, exact=owner[0].exact), ()
    if container and not head and more and not more[0].container and more[0].kind != "at" and not ordinal:
        inner = more[0]  # "the row of Ada": the row that Ada stands in
        return Relation("in", inner.phrase, container, inner.ordinal, inner.extreme, inner.exact), (*owner, *more[1:])
    if not container and head.islower() and " " not in head and more and more[0].kind == "of" and not protected(head):
        head, container = "", "listitem"  # "in the review of Priya": whatever sort of thing that is
        inner = more[0]
        return Relation("in", inner.phrase, container, inner.ordinal, inner.extreme, inner.exact), (*owner, *more[1:])
    phrase = spans.restore(head).strip(" :")
    exact = is_protected(head.strip(" :")) and not numbered(phrase)  # words beside a quoted part count as well
    return Relation(_relation_kind(word), phrase, container, ordinal, extreme, exact), (*owner, *more)


def numbered(text: str) -> str:
    """The number of one of a sort, "41374" of "ticket 41374", which stands there without its sort as often as not."""
    match = _ONE_OF_SORT.fullmatch(text)
    return match["number"] if match else ""


def _relation_kind(word: str) -> str:
    for part, kind in _SPATIAL.items():
        if re.search(rf"\b{part}", word) and (part not in {"left", "right"} or word.endswith(" of")):
            return kind
    if re.search(r"next|beside|alongside|adjacent|near|\w \bby\b", word):
        return "next to"
    if word == "by":
        return "by"
    return "to" if word in {"to", "into", "onto", "from", "out of", "off"} else "in" if word in _INSIDE else "of"


def _split_owner(head: str, spans: Masked) -> tuple[str, tuple[Relation, ...]]:
    match = _POSSESSIVE.match(head)
    if match is None or match["owner"].split()[-1].lower() in _NOT_OWNERS:
        return head, ()
    owner, ordinal = _take_ordinal(_ARTICLES.sub("", match["owner"]))
    owner, container = _take_container(owner)
    exact = any(spans.is_quoted(c) for c in protected(owner))
    return match["rest"], (Relation("of", spans.restore(owner), container, ordinal, exact=exact),)


def _take_ordinal(text: str) -> tuple[str, int]:
    match = _ORDINAL.search(text)
    if match and not is_name_part(text, match):
        number = int(match[2]) if match[2] else ORDINALS[match[1].lower()]
        return _joined(text, match), number
    numbered = _NUMBERED.search(text)
    return (text[: numbered.start()], int(numbered[1])) if numbered else (text, 0)


def is_name_part(text: str, match: re.Match[str]) -> bool:
    """Whether an ordinal belongs to a name, as in "first name", "last page" or a phrase that is nothing else."""
    after = text[match.end() :].split()
    before = text[: match.start()].split()
    if not after and not before:
        return True
    parts = {
        "name",
        "names",
        "initial",
        "class",
        "updated",
        "modified",
        "login",
        "page",
        "seen",
        "week",
        "month",
        "year",
        "aid",
    }
    if is_period(text[match.start() :]):
        return True
    return bool(after and after[0].lower() in parts and match[1] is not None)


def _take_extreme(text: str) -> tuple[str, str]:
    match = _EXTREME.search(text)
    return (_joined(text, match), _EXTREMES[match[1].lower()]) if match else (text, "")


def _joined(text: str, match: re.Match[str]) -> str:
    return " ".join(f"{text[: match.start()]} {text[match.end() :]}".split())


def _take_nouns(text: str) -> tuple[str, tuple[str, ...]]:
    """The phrase without the nouns of controls at its ends, and the sorts that they name."""
    tokens = text.split()
    kinds: list[str] = []
    while tokens:
        size, kind = _noun_at(tokens, end=True)
        if not size and not kinds and len(tokens) > 1 and tokens[0].islower() and _names_follow(tokens[1:]):
            size, kind = _noun_at(tokens, end=False)
            if size:
                kinds.append(kind)
                tokens = tokens[size:]
                continue
        if not size:
            break
        if kinds and size == len(tokens) and tokens[0][:1].isupper():
            break  # "the List button" is called "List"
        kinds.append(kind)
        tokens = tokens[:-size]
    return " ".join(tokens), tuple(dict.fromkeys(kinds))


def _names_follow(tokens: list[str]) -> bool:
    """Whether a name comes after the noun: "link Contact us", "button "Save""."""
    return any(is_protected(t) or t[:1].isupper() for t in tokens)


def _noun_at(tokens: list[str], *, end: bool) -> tuple[int, str]:
    for size in (3, 2, 1):
        part = tokens[-size:] if end else tokens[:size]
        if len(part) == size and not any(protected(t) for t in part) and not _is_participle(part[-1]):
            kind = lexicon().nouns.get(tuple(stem(w) for t in part for w in words_of(t)))
            if kind:
                return size, kind
    return 0, ""


def _is_participle(word: str) -> bool:
    """Whether a word only shares its stem with a noun, as "selected" in "Delete selected"."""
    return word.lower().endswith("ed") and stem(word) != word.lower()


def _take_container(text: str) -> tuple[str, str]:
    tokens = _ARTICLES.sub("", text).split()
    for from_end in (False, True) if _is_titled_part(tokens) else (True, False):
        for size in (3, 2, 1):
            part = tokens[-size:] if from_end else tokens[:size]
            if len(part) != size or not all(t.islower() for t in part) or _is_participle(part[-1]):
                continue
            kind = lexicon().containers.get(tuple(stem(w) for t in part for w in words_of(t)))
            if kind and (from_end or len(tokens) > size):
                return " ".join(tokens[:-size] if from_end else tokens[size:]), kind
    return " ".join(tokens), ""


def _is_titled_part(tokens: list[str]) -> bool:
    """Whether a part of the page stands before its title: "section Add user" is called "Add user"."""
    part = lexicon().containers.get((stem(tokens[0]),)) if len(tokens) > 1 and tokens[0].islower() else None
    return part in {"region", "form", "dialog"} and tokens[1][:1].isupper()


def before_sort(phrase: str) -> str:
    """The name before the noun that sorts it, as in "the ISC licence"; "" where it is not written like a name."""
    name, _, head = phrase.rpartition(" ")
    written = bool(name) and all(not word.islower() or _WRITTEN.search(word) for word in name.split())
    return name if written and head.isalpha() and head.islower() else ""


def without_sort(phrase: str) -> str:
    """The name after the noun that sorts it, as in "the package tide-table"; "" where there is none.

    The noun is one of things that applications keep, or any in small letters before what is written like a name.
    """
    head, _, name = phrase.partition(" ")
    if not head.isalpha() or not head.islower() or stem(head) in lexicon().changing:
        return ""
    if (stem(head),) in lexicon().containers:
        return name
    written = not name.islower() or bool(_WRITTEN.search(name))
    return name if written and stem(head) not in lexicon().acts else ""
