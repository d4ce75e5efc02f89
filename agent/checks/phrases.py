"""Reads the phrases that expectations are made of: a place, a number, a literal text, the name of a control.

    place("the row of Ada in the table Users")  -> Place("row", "Ada", within=Place("table", "Users"))
    literal("the Blue backpack")                -> ("Blue backpack", False)      # unquoted
    literal("the right amount")                 -> None                          # a description, not a text
    comparison("at least 3")                    -> Comparison(">=", Decimal(3))

`Phrases` does it for one sentence, whose quoted texts stand as private-use characters.
"""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from magenta_qa.agent.checks.kinds import BOXES, ONLY, PAGE, Comparison, Place, PlaceKind, Target
from magenta_qa.agent.checks.sentence import PLACEHOLDER, TOKEN, Sentence

ROLES = {
    "button": "button|submit button|icon button",
    "link": "link|hyperlink",
    "checkbox": "checkbox|check box|tickbox|tick box",
    "switch": "switch|toggle|toggle switch",
    "radio": "radio button|radio|radio option",
    "tab": "tab",
    "field": "field|text field|input|input field|text box|textbox|textarea|text area|search box|search field|"
    "entry field",
    "combobox": "dropdown|drop-down|drop down|select|select box|combobox|combo box|selector|dropdown list|"
    "drop-down list",
    "option": "option",
    "image": "image|picture|icon|logo|photo|avatar",
    "heading": "heading|headline",
    "menuitem": "menu item|menu entry",
    "menu": "menu",
    "dialog": "dialog|dialogue|modal|modal dialog|popup|pop-up|dialog box",
    "table": "table|grid",
    "list": "list",
    "region": "section|panel|area|region|sidebar|form|box|card|widget|pane|block|accordion",
    "slider": "slider",
    "progressbar": "progress bar|spinner|loading indicator|loading spinner|loader",
    "tooltip": "tooltip",
    "message": "message|toast|notification|alert|banner|notice|flash message|snackbar",
    "row": "row|line",
    "text": "text|label|word|words|phrase|caption|badge|title",
}
_ROLE_OF = {word: role for role, words in ROLES.items() for word in words.split("|")}
_ROLE_WORDS = "|".join(sorted((w.replace(" ", r"\s") for w in _ROLE_OF), key=len, reverse=True))
_NUMBERS = {
    w: i
    for i, w in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}
_NUMBERS |= {"no": 0, "a": 1, "an": 1, "a single": 1, "a dozen": 12}
_ORDINALS = {
    w: i
    for i, w in enumerate(
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 1
    )
}
_ENTRY_NOUNS = (
    "product|message|order|comment|post|article|e-?mail|mail|task|user|customer|record|file|booking|"
    "event|review|ticket|issue|contact|book|suggestion|notification|project|invoice|address"
)
_ORDINALS |= {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1, "top": 1, "bottom": -1}
_CURRENCY = r"[$€£¥₹]"
_UNIT = rf"(?:{_CURRENCY}|(?:US|AU|CA)\$)"
NUMBER = rf"(?:{_UNIT}\s?)?-?\d[\d,]*(?:\.\d+)?\s?(?:%|€|£)?"
_COUNT = rf"(?:{NUMBER}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_COMPARISONS: tuple[tuple[str, str], ...] = (
    (rf"between (?P<n>{_COUNT}) and (?P<m>{_COUNT})", "between"),
    (
        rf"(?:at least|no fewer than|no less than|not fewer than|not less than|a minimum of|minimum|>=) "
        rf"(?P<n>{_COUNT})",
        ">=",
    ),
    (rf"(?:at most|no more than|not more than|up to|a maximum of|maximum|<=) (?P<n>{_COUNT})", "<="),
    (rf"(?P<n>{_COUNT}) or (?:more|above|higher|greater)", ">="),
    (rf"(?P<n>{_COUNT}) or (?:fewer|less|below|lower)", "<="),
    (rf"(?:more than|greater than|higher than|larger than|bigger than|over|above|>) (?P<n>{_COUNT})", ">"),
    (rf"(?:fewer than|less than|lower than|smaller than|under|below|<) (?P<n>{_COUNT})", "<"),
    (rf"(?:not equal to|other than|!=) (?P<n>{_COUNT})", "!="),
    (rf"(?:exactly |only |just |equal to |a total of |precisely |= ?)?(?P<n>{_COUNT})", "="),
)
COMPARISON = "|".join(re.sub(r"\?P<[nm]>", "?:", pattern) for pattern, _ in _COMPARISONS)
_FILE_OR_ADDRESS = re.compile(r"\S*\w[.@]\w\S*")
"""What nobody has to quote: "notes.txt", "ada@harbour.test"."""
_VAGUE = re.compile(
    r"\b(?:correct(?:ly)?|right|proper(?:ly)?|appropriate(?:ly)?|expected|valid|updated?|changed?|same|different|"
    r"similar|"
    r"following|something|anything|everything|nothing|nice|good|fine|ok|okay|well|better|success(?:ful)?|relevant|"
    r"matching|corresponding|desired|suitable|sensible|readable|entered|chosen|typed|logged|above|below|earlier|"
    r"previous(?:ly)?|"
    r"it|its|them|their|this|that|these|those|my|your|his|her|some|any|all|every|each|both|only|twice|times|if|"
    r"when|whether)\b"
)
_NEVER_LITERAL = re.compile(r"\b(?:correctly|as expected|as before|twice|\d+ times|only|in (?:red|green|bold|blue))\b")
_BESIDE = re.compile(
    r"\b(?:next to|beside|below|above|under|underneath|near|left of|right of|between|behind)\b", re.IGNORECASE
)
_CLAUSE = re.compile(
    r"\b(?:is|are|was|were|does|do|did|has been|works?|looks?|should|must|will|shows|displays|contains)\b"
)
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_PAGE = re.compile(
    r"(?:(?:whole|current|entire|web|next|new)\s)?(?:page|screen|site|website|app|application|view|body|tab|window|ui)"
)
_GENERIC_PLACE = re.compile(
    r"\s+(?:section|panel|area|region|box|block|pane|view|widget|column layout|container)$", re.IGNORECASE
)
_PARTS = frozenset(
    ["section", "panel", "area", "region", "box", "block", "pane", "view", "widget", "container", "part", "side"]
)
_PLURAL_KIND = re.compile(r"^(?:all|every|each|any|both|some|no|none|neither|either|several|most)\b", re.IGNORECASE)
LITERAL_NOUN = (
    r"(?:text|message|label|words?|wording|phrase|value|content|title|heading|name|notice|error|error "
    r"message|price|toast|notification|success message|confirmation message|alert|warning|warning message|"
    r"info message|status message|banner|link text|sentence|string|number|amount|total|caption)"
)


def strip_article(text: str) -> str:
    """Without a leading the, a, an."""
    return _ARTICLE.sub("", text.strip())


@lru_cache(10_000)
def singular(noun: str) -> str:
    """The last word of a noun phrase in singular: "search results" → "search result"."""
    noun = noun.strip()
    for ending, to, least in (
        ("ies", "y", 5),
        ("sses", "ss", 5),
        ("xes", "x", 4),
        ("ches", "ch", 5),
        ("shes", "sh", 5),
    ):
        if noun.lower().endswith(ending) and len(noun) >= least:
            return noun[: -len(ending)] + to
    if noun.lower() in {"people", "children"} or noun.lower().endswith(("ss", "us", "is")):
        return {"people": "person", "children": "child"}.get(noun.lower(), noun)
    return noun[:-1] if noun.lower().endswith("s") and len(noun) > 3 else noun


def number(text: str) -> tuple[Decimal, str] | None:
    """A number word or numeral as the sentence writes it, and its unit: "$1,200.50" → (1200.50, "$")."""
    text = text.strip().lower()
    if text in _NUMBERS:
        return Decimal(_NUMBERS[text]), ""
    unit = "".join(re.findall(rf"{_UNIT}|%", text, re.IGNORECASE)).upper()
    try:
        return Decimal(re.sub(r"[^\d.\-]", "", text)), unit
    except InvalidOperation:
        return None


def comparison(text: str) -> Comparison | None:
    """A comparison with a number, or None when the text is not exactly one."""
    for pattern, op in _COMPARISONS:
        match = re.fullmatch(pattern, text.strip(), re.IGNORECASE)
        low = number(match["n"]) if match else None
        if not match or not low:
            continue
        high = number(match["m"]) if op == "between" else None
        return Comparison(op, low[0], high[0] if high else None, low[1])  # type: ignore[arg-type]
    return None


_NO_NAMES = frozenset(
    [
        "new",
        "same",
        "correct",
        "right",
        "wrong",
        "updated",
        "old",
        "previous",
        "selected",
        "created",
        "added",
        "deleted",
        "edited",
        "other",
        "next",
        "current",
    ]
)
_NAMELESS = frozenset({"dialog", "message", "progressbar", "tooltip", "table", "menu"})


class Phrases:
    """Reads phrases of one sentence.

    Args:
        sentence: The folded sentence that the phrases are cut from.
    """

    def __init__(self, sentence: Sentence) -> None:
        self.sentence = sentence

    def literal(self, phrase: str, *, negative: bool = False) -> tuple[str, bool] | None:
        """The text that a phrase stands for and whether it was quoted; None when it describes rather than quotes.

        Args:
            phrase: What stands after "shows".
            negative: The text must be absent. A description is never on the page literally, so that unquoted
                lower-case words would hold vacuously.
        """
        phrase = phrase.strip().strip(",:")
        lead = (
            rf"(?:(?:the|a|an|exact|exactly)\s+)*(?:(?:\w+ )?{LITERAL_NOUN}\s*)?(?:of|saying|that says|reading|"
            rf"with the text)?\s*[:=]?\s*"
        )
        quoted = re.fullmatch(rf"(?:{lead})?({TOKEN})(?:\s+(?:the )?{LITERAL_NOUN})?", phrase, re.IGNORECASE)
        if quoted:
            text = self.sentence.restore(quoted[1])
            return (text, True) if text else None
        if re.search(TOKEN, phrase) or not phrase:
            return None
        if PLACEHOLDER.fullmatch(phrase):
            return phrase, True
        return self._unquoted(phrase, negative)

    def _unquoted(self, phrase: str, negative: bool) -> tuple[str, bool] | None:
        article = _ARTICLE.match(phrase)
        bare = strip_article(re.sub(r"^(?:the )?(?:text|message|word|value|number)s? (?=[A-Z\d$€£])", "", phrase))
        distinct = bool(re.match(r"[A-Z\d$€£#+\-]|\$\{", bare) or _FILE_OR_ADDRESS.fullmatch(bare))
        if not distinct and (article or negative or _VAGUE.search(bare) or _CLAUSE.search(bare)):
            return None
        if _NEVER_LITERAL.search(bare):
            return None
        if re.search(r"\bor\b|\b(?:a|an)\s+[a-z]", bare) or not re.search(r"\w", bare):
            return None
        return bare, False

    def place(self, phrase: str) -> Place | None:
        """A part of the page, or None when the phrase cannot name one."""
        phrase = phrase.strip()
        outer_kinds = r"((?:the )?.*\b(?:table|list|dialog|section|panel|form)\b.*)"
        within = re.fullmatch(rf"(.+?) (?:in|on|inside|within) {outer_kinds}", phrase) or re.fullmatch(
            rf"((?:the )?(?:very )?(?:{'|'.join(_ORDINALS)}) (?:row|line|entry|item)) of {outer_kinds}", phrase
        )
        if within:
            inner, outer = self.place(within[1]), self.place(within[2])
            return Place(inner.kind, inner.name, inner.ordinal, outer) if inner and outer and outer != PAGE else inner
        bare = strip_article(phrase)
        if not bare or _PLURAL_KIND.match(phrase) or len(bare) > 120:
            return None
        if _PAGE.fullmatch(bare.lower()):
            return PAGE
        return self._row(bare) or self._kind(bare) or self._region(bare)

    def _row(self, bare: str) -> Place | None:
        kind = r"(?:table row|row|line|entry|list item|card)"
        ordinals = "|".join(_ORDINALS)
        if match := re.fullmatch(
            rf"(?:very )?({ordinals}) (?:(?:table )?(row)|{kind}|item|result|option|({_ENTRY_NOUNS}))",
            bare,
            re.IGNORECASE,
        ):
            return Place("row", (match[2] or match[3] or "").lower(), _ORDINALS[match[1].lower()])
        if re.fullmatch(r"(?:only|single|sole) (?:table )?row", bare, re.IGNORECASE):
            return Place("row", "row", ONLY)
        if match := re.fullmatch(rf"{kind} (?:number |#)?(\d+)", bare, re.IGNORECASE):
            return Place("row", "", int(match[1]))
        joint = r"(?:of|for|with|containing|called|named|that says|that contains)"
        patterns = (
            rf"{kind}s? {joint} (?:the )?(?:text )?(?P<n>.+)",
            r"(?:table )?row (?P<n>.+)",
            rf"(?P<n>.+?)'s {kind}",
            r"(?P<n>.+?) (?:table )?row",
        )
        for pattern in patterns:
            match = re.fullmatch(pattern, bare, re.IGNORECASE)
            name = self._name(match["n"]) if match else ""
            if name and name not in _NO_NAMES:
                return Place("row", name)
        return Place("row") if re.fullmatch(r"(?:table )?row", bare, re.IGNORECASE) else None

    def _kind(self, bare: str) -> Place | None:
        kinds: tuple[tuple[PlaceKind, str], ...] = (
            ("dialog", r"(?:modal |popup )?(?:dialog(?:ue)?(?: box)?|modal|popup|pop-up)"),
            ("table", r"(?:table|grid)"),
            ("list", r"list"),
            ("column", r"(?:table )?column"),
            ("heading", r"(?:page |main )?(?:heading|headline)"),
            ("message", r"(?:flash message|message|toast|notification|alert|banner|snackbar|notice)"),
        )
        for kind, word in kinds:
            if kind != "column" and re.fullmatch(rf"(?:open )?{word}", bare, re.IGNORECASE):
                return Place(kind)
            if (
                match := re.fullmatch(
                    rf"{word} (?:called |named |titled |of |with the title )?(?P<n>.+)", bare, re.IGNORECASE
                )
            ) or (match := re.fullmatch(rf"(?P<n>.+?) {word}", bare, re.IGNORECASE)):
                name = self._name(match["n"])
            else:
                continue
            if (
                name
                and kind == "message"
                and name.lower() in {"error", "success", "warning", "info", "status", "confirmation"}
            ):
                return Place("message", name.lower())
            if name:
                return Place(kind, name)
        return None

    def _region(self, bare: str) -> Place | None:
        entry = re.fullmatch(rf"(?P<noun>[a-z]+) (?:called |named |titled )?(?P<n>{TOKEN})", bare)
        if entry and entry["noun"] not in _PARTS:  # whatever sort of thing that is
            return Place("region", f"{entry['noun']} of {self.sentence.restore(entry['n'])}")
        name = self._name(_GENERIC_PLACE.sub("", re.sub(r"^(?:section|panel|area|region) ", "", bare)))
        return Place("region", name) if name else None

    def _name(self, phrase: str) -> str:
        """A name as written, without article; empty when it is more than a name."""
        phrase = strip_article(phrase)
        if re.search(TOKEN, phrase):
            return self.sentence.restore(phrase) if re.fullmatch(rf"(?:[\w ]+ )?{TOKEN}", phrase) else ""
        vague = _PLURAL_KIND.match(phrase) or _CLAUSE.search(phrase) or _BESIDE.search(phrase)
        vague = vague or re.search(r"\b(?:it|this|that|which|who|something|anything|everything|nothing)\b", phrase)
        return "" if vague or len(phrase.split()) > 8 else phrase

    def target(self, phrase: str) -> Target | None:
        """The control or element that a phrase names, with its role word if it has one."""
        phrase = phrase.strip()
        if _PLURAL_KIND.match(phrase):
            return None
        where = re.fullmatch(r"(?P<head>.+?) (?P<how>in|on|of|inside|within|for) (?P<place>.+)", phrase)
        if where and (place := self._target_place(where["place"])):
            if (inner := self.target(where["head"])) and inner.role:
                return Target(inner.name, inner.role, place)
            if box := self._box_of(where["head"], where["how"], place):
                return box
        bare = strip_article(phrase)
        row = self._row(bare)
        if row and row.name:
            return Target(row.name, "row")
        before = re.fullmatch(rf"(?P<n>.+?)\s(?P<role>{_ROLE_WORDS})", bare, re.IGNORECASE)
        called = r"(?:called |named |titled |labell?ed |with the (?:name|label|text|title) |for )?"
        after = re.fullmatch(rf"(?P<role>{_ROLE_WORDS})\s{called}(?P<n>.+)", bare, re.IGNORECASE)
        alone = re.fullmatch(rf"(?P<role>{_ROLE_WORDS})", bare, re.IGNORECASE)
        for match in (alone, after, before):
            if match is None:
                continue
            role = _ROLE_OF[re.sub(r"\s", " ", match["role"].lower())]
            if match is alone:
                return Target("", role) if role in _NAMELESS else None
            name = self._name(match["n"])
            return Target(name, role) if name else None
        name = self._name(bare)
        return Target(name) if name else None

    def _box_of(self, head: str, how: str, place: Place) -> Target | None:
        """ "The switch of night-shift", "the checkbox in the row of Ada": what has that name, or stands in that row."""
        role = _ROLE_OF.get(re.sub(r"\s", " ", strip_article(head).lower()))
        if role not in BOXES or (place.kind == "region" and how != "of"):
            return None
        return Target(place.name, role) if place.kind == "region" else Target("", role, place)

    def _target_place(self, phrase: str) -> Place | None:
        place = self.place(phrase)
        return None if place == PAGE else place
