"""Reads expectations about what stands on the page: texts, values, states, counts, order, cells.

"the cart shows 2 items"                          -> CountCheck("item", …, Place("region", "cart"))
"the Save button is disabled"                     -> StateCheck(Target("Save", "button"), "disabled")
"the row of Ada shows Admin in the Role column"   -> CellCheck(Place("row", "Ada"), "Role", "Admin")
"""

import re
from collections.abc import Callable
from decimal import Decimal

from magenta_qa.agent.checks.kinds import (
    PAGE,
    CellCheck,
    Check,
    EmptyCheck,
    NumberCheck,
    Op,
    Place,
    StateCheck,
    StateName,
    Target,
    TextCheck,
    ValueCheck,
)
from magenta_qa.agent.checks.phrases import Phrases, comparison, strip_article
from magenta_qa.agent.checks.rules_lists import list_rule
from magenta_qa.agent.checks.rules_page import matches, op_of
from magenta_qa.agent.checks.sentence import TOKEN

_SHOWN = (
    r"(?:shown|displayed|visible|present|there|seen|listed|rendered|found|on screen|on the (?:page|screen)|"
    r"available on the page)"
)
_SHOWS = (
    r"(?:shows?|displays?|presents?|lists?(?! (?:of|does|shows?|displays?|says?|reads?|contains?|includes?|has|holds?|"
    r"mentions?)\b)|says?|reads?|states?|contains?|includes?|has|have|holds?|mentions?)"
)
"""What shows something; a list that does is no verb: "the list of users shows Ada"."""
_SEES = r"(?:I|we|you|they|the (?:user|customer|visitor|tester)|one)"
_STATES: tuple[tuple[str, StateName, bool], ...] = (
    (r"checked|ticked|switched on|turned on|toggled on|on", "checked", False),
    (r"unchecked|unticked|switched off|turned off|toggled off|off", "checked", True),
    (r"disabled|greyed out|grayed out|inactive|not clickable|not available", "disabled", False),
    (r"enabled|clickable|usable", "disabled", True),
    (r"focused|in focus|the focused element", "focused", False),
    (
        r"selected|chosen|the (?:selected|active|current) (?:tab|option|one)|active|highlighted as selected",
        "selected",
        False,
    ),
    (r"unselected|deselected", "selected", True),
    (r"expanded|open|opened|unfolded", "expanded", False),
    (r"collapsed|closed|folded", "expanded", True),
    (r"pressed|pressed in", "pressed", False),
    (r"required|mandatory", "required", False),
    (r"optional", "required", True),
    (r"read-?only|not editable", "readonly", False),
    (r"editable", "readonly", True),
    (r"(?:marked )?(?:as )?invalid|in error", "invalid", False),
    (r"(?:marked )?(?:as )?valid", "invalid", True),
)
_GONE = r"(?:gone|hidden|invisible|absent|missing|removed|out of sight|away)"
_VALUE_NOUN = re.compile(
    r"\b(?:status|state|role|colou?r|size|currency|type|category|priority|language|country|city|unit|plan|mode|"
    r"theme|level|"
    r"name|username|email|quantity|amount|number|option|gender|label|placeholder|value|severity|stage)$",
    re.IGNORECASE,
)
_NTH = r"(?:first|second|third|last)"
_ENTRY = r"(?:item|row|entry|result|product)"
_FIELD = (
    r"(?:(?:text |input |search )?(?:field|input|textbox|text box|box|textarea|text area|dropdown|drop-down|"
    r"select|combobox|combo box|selector|spinbutton|stepper))"
)


def content_rule(p: Phrases, text: str) -> Check | None:
    """Compile one clause about the content of the page; None when it cannot be read."""
    rules: tuple[Callable[[Phrases, str], Check | None], ...] = (
        list_rule, _cell, _focus, _chosen_by_name, _state, _existence, _seen, _empty, _located, _shows, _is,
    )  # fmt: skip
    for rule in rules:
        check = rule(p, text)
        if check is not None:
            return check
    return None


# --- cells -----------------------------------------------------------------------------------------------------------


def _cell(p: Phrases, text: str) -> Check | None:
    column = r"(?:the )?(?P<col>\S+(?: \S+){0,3}?) (?:column|cell)"
    row = r"(?P<row>(?:the )?(?:\w+ )?(?:row|line|entry)\b.*?|\S+'s row)"
    verb = rf"(?:(?P<neg>does not |is not )?(?P<op>{_SHOWS}|is|equals))"
    patterns = (
        rf"(?P<row>.+?) (?P<neg>does not )?(?P<op>{_SHOWS}) (?P<v>.+?) (?:in|under|for) {column}",
        rf"{column} (?:of|in|for) {row} {verb} (?P<v>.+)",
        rf"in {row},? (?:the )?(?P<col>\S+(?: \S+)?) (?:column|cell) {verb} (?P<v>.+)",
    )
    for pattern in patterns:
        if match := matches(pattern, text):
            place, literal = p.place(match["row"]), p.literal(match["v"])
            if place is None or place.kind not in {"row", "region"} or literal is None:
                return None
            inside = place if place.kind == "row" else Place("row", place.name)
            column_name = p.sentence.restore(strip_article(match["col"]))
            return CellCheck(inside, column_name, literal[0], _value_op(match["op"]), literal[1], bool(match["neg"]))
    return _property(p, text)


def _property(p: Phrases, text: str) -> Check | None:
    """ "the price of Blue backpack is $42", "Ada's role is Admin"."""
    patterns = (
        r"the (?P<col>[a-z][\w ]*?) (?:of|for) (?P<row>.+?) (?:is (?P<neg>not )?|equals )(?:exactly |equal to "
        r")?(?P<v>.+)",
        r"(?P<row>.+?)'s (?P<col>[a-z][\w ]*?) (?:is (?P<neg>not )?|equals )(?:exactly |equal to )?(?P<v>.+)",
    )
    for pattern in patterns:
        match = matches(pattern, text)
        if not match or _any_state(match["v"]) or matches(rf".*\b{_FIELD}", match["row"]):
            continue
        row = p.place(match["row"])
        if (
            row is None
            or row == PAGE
            or row.kind in {"dialog", "table", "list"}
            or matches("number|count|list|row|value|heading|title", match["col"])
        ):
            continue
        row = row if row.kind == "row" else Place("row", p.sentence.restore(strip_article(match["row"])))
        if (literal := _is_value(p, match["col"], match["v"])) is None:
            return None
        return CellCheck(
            row, match["col"].strip(), literal[0], "equals", literal[1], bool(match.groupdict().get("neg"))
        )
    return None


def _value_op(verb: str | None) -> Op:
    return "contains" if verb and re.fullmatch(_SHOWS, verb, re.IGNORECASE) else "equals"


# --- states ----------------------------------------------------------------------------------------------------------


def _any_state(phrase: str) -> bool:
    return any(matches(rf"(?:not )?(?:{words})", phrase.strip()) for words, _, _ in _STATES)


def _focus(p: Phrases, text: str) -> Check | None:
    match = matches(
        r"(?:the )?(?:keyboard )?focus is (?P<neg>not )?(?:on|in) (?P<t>.+)|(?P<u>.+?) (?P<neg2>does not )?(?:has|"
        r"have) (?:the )?(?:keyboard )?focus",
        text,
    )
    if not match or not (target := p.target(match["t"] or match["u"])):
        return None
    return StateCheck(target, "focused", bool(match["neg"] or match["neg2"]))


def _state(p: Phrases, text: str) -> Check | None:
    for words, state, inverse in _STATES:
        match = matches(rf"(?P<t>.+?) (?:is|was) (?P<neg>not )?(?:{words})(?: in (?P<place>the .+))?", text)
        if not match:
            continue
        target = p.target(match["t"])
        if (
            not target
            or matches(r"(?:there|it|this|that|page|screen|user|server|connection)", target.name)
            or (state == "expanded" and target.role == "tab")
        ):
            return None
        if match["place"]:
            place = p.place(match["place"])
            if place is None:
                return None
            if state == "selected" and matches(rf".*\b{_FIELD}", match["place"]):
                return _chosen(p, match)
            target = Target(target.name, target.role, place)
        negated = bool(match["neg"]) != inverse
        if state == "expanded" and target.role in {"dialog", "menu"}:
            return StateCheck(target, "visible", negated)
        return StateCheck(target, state, negated)
    return None


def _chosen_by_name(p: Phrases, text: str) -> Check | None:
    """ "Large is selected in Size", where nothing says that this is a field."""
    match = matches(r"(?P<t>.+?) (?:is|was) (?P<neg>not )?(?:selected|chosen) in (?P<place>\S.*)", text)
    named = match and (match["place"][0].isupper() or matches(TOKEN, match["place"]))
    return _chosen(p, match) if match and named else None


def _chosen(p: Phrases, match: re.Match[str]) -> Check | None:
    """ "Large is selected in the Size dropdown": the value of that field."""
    subject, literal = _subject(p, match["place"]), p.literal(match["t"])
    if not subject or not literal:
        return None
    return ValueCheck(subject[0], literal[0], "equals", True, literal[1], PAGE, bool(match["neg"]))


# --- existence -------------------------------------------------------------------------------------------------------


def _existence(p: Phrases, text: str) -> Check | None:
    where = r"(?: (?:in|on|inside|within|at) (?P<place>.+?))?"
    patterns: tuple[tuple[str, bool | None], ...] = (
        (
            rf"there (?:is|was) (?P<neg>not |no )?(?:any )?(?P<t>.+?)(?: (?:which |that )?(?:is )?{_SHOWN})?{where}",
            None,
        ),
        (rf"no (?P<t>.+?) (?:is|was) (?:{_SHOWN}){where}", True),
        (rf"(?P<t>.+?) (?:is|was) (?P<neg>not )?(?:being )?{_SHOWN}{where}", None),
        (rf"(?P<t>.+?) (?P<neg>does not )?(?:appears?|shows? up|exists?|comes? up)(?: anywhere)?{where}", None),
        (rf"(?P<t>.+?) (?:is|was) (?P<neg>not )?{_GONE}(?: (?:from|in) (?P<place>.+?))?", True),
        (r"(?P<t>.+?) (?:disappears?|disappeared|vanishe[sd]|goes away|went away)(?: from (?P<place>.+?))?", True),
    )
    for pattern, inverse in patterns:
        match = matches(pattern, text)
        if not match:
            continue
        negated = bool(match.groupdict().get("neg")) != bool(inverse)
        place = (
            PAGE
            if not match["place"] or matches("(?:the )?(?:page|screen)", match["place"])
            else p.place(match["place"])
        )
        if place is not None and (check := _thing(p, match["t"], place, negated)):
            return check
    return None


def _thing(p: Phrases, phrase: str, place: Place, negated: bool) -> Check | None:
    """A text, or a named control, that is or is not there."""
    phrase = re.sub(r"^(?:any|neither|either) ", "", phrase.strip())
    noun = (
        r"(?:message|text|label|word|phrase|notice|toast|notification|warning|alert|error|error message|"
        r"success message|confirmation|banner|hint|sentence|note|heading|title|headline)"
    )
    lead = (
        rf"(?:(?:the|a|an) )?(?:(?:\w+ )?{noun} )?(?:saying |that says |reading |with the text |with the "
        rf"message |with |stating |that reads )?"
    )
    quoted = matches(rf"{lead}({TOKEN})(?: {noun})?", phrase)
    if quoted:
        if matches(r".*\b(?:heading|headline|title)\b.*", phrase):
            own = matches(r"(?:the )?(?:page|main)\b.*", phrase)
            place = Place("heading" if own else "any heading", within=place if place != PAGE else None)
        return TextCheck(p.sentence.restore(quoted[1]), place, negated=negated)
    if (
        said := matches(rf"{lead.replace(')?', ')', 2)}(?P<v>[A-Z].+)", phrase)
        if re.search(r"\b(?:saying|that says|reading)\b", phrase)
        else None
    ):
        literal = p.literal(said["v"])
        return TextCheck(literal[0], place, quoted=False, negated=negated) if literal else None
    target = p.target(phrase)
    if target is None:
        return None
    target = target if place == PAGE else Target(target.name, target.role, place)
    if target.role in {"message", "text", "tooltip"} and target.name:
        return None
    if not target.role:
        literal = p.literal(phrase, negative=negated)
        if literal is None:
            return None
        if place != PAGE:
            return _text(literal, place, negated)
    return StateCheck(target, "visible", negated)


def _seen(p: Phrases, text: str) -> Check | None:
    match = matches(
        rf"{_SEES} (?P<neg>does not |no longer )?(?:sees?|finds?|notices?|gets?)(?P<no> no)? (?P<t>.+?)(?: (?:in|"
        rf"on|inside|within) (?P<place>.+))?",
        text,
    )
    if not match:
        return None
    place = p.place(match["place"]) if match["place"] else PAGE
    negated = bool(match["neg"] or match["no"])
    thing = _thing(p, match["t"], place, negated) if place else None
    if thing is None and (literal := p.literal(match["t"], negative=negated)) and place:
        thing = _text(literal, place, negated)
    return thing


# --- values and texts -------------------------------------------------------------------------------------------------


def _subject(p: Phrases, phrase: str) -> tuple[str, bool] | None:
    """The name of a field or of a labelled value, and whether a field is meant."""
    bare = re.sub(r"^(?:the )?(?:value|content|contents|text) (?:of|in) ", "", phrase.strip(), flags=re.IGNORECASE)
    bare = re.sub(r"'s (?:value|content|text)$", "", bare)
    bare = strip_article(bare)
    match = matches(rf"(?P<a>.+?) {_FIELD}|{_FIELD} (?:called |named |labell?ed |for )?(?P<b>.+)", bare)
    name = p._name((match["a"] or match["b"]) if match else bare)
    return (name, bool(match)) if name else None


def _empty(p: Phrases, text: str) -> Check | None:
    match = matches(
        r"(?P<s>.+?) (?:is (?P<neg>not )?(?:empty|blank|cleared)|(?P<neg2>does not )?(?:has|have) no (?:value|"
        r"text|content|entries|items))",
        text,
    )
    if not match or not (subject := _subject(p, match["s"])) or match["neg2"]:
        return None
    if matches("page|screen|it|this|that|console|response|url", subject[0]):
        return None
    return EmptyCheck(subject[0], subject[1], PAGE, bool(match["neg"]))


def _located(p: Phrases, text: str) -> Check | None:
    """ "Blue backpack is in the cart", "… is the first item", "… costs $42"."""
    first = matches(
        rf"(?P<t>.+?) (?:is|comes|stands) (?P<neg>not )?(?P<place>(?:the )?{_NTH}(?: {_ENTRY}| in the list)?)", text
    )
    if first:
        nth = re.sub(r" in the list$", "", first["place"])
        row = p.place(nth if matches(rf".* {_ENTRY}", nth) else f"{nth} item")
        literal = p.literal(first["t"])
        return _text(literal, row, bool(first["neg"])) if literal and row else None
    if costs := matches(r"(?P<row>.+?) costs (?P<v>\S+)", text):
        literal, row = p.literal(costs["v"]), p.place(costs["row"])
        return (
            CellCheck(Place("row", row.name), "price", literal[0], "equals", literal[1])
            if literal and row and row.name
            else None
        )
    match = matches(
        r"(?P<t>.+?) (?:is|was) (?P<neg>not )?(?:in|inside|within|part of|among|on) (?P<place>the .+|\w.+'s .+)", text
    )
    # Where somebody is, no text on the page says.
    if not match or matches(rf"{_SEES}(?: still)?", match["t"]) or not (place := p.place(match["place"])):
        return None
    negated = bool(match["neg"])
    literal = p.literal(match["t"], negative=negated)
    return _text(literal, place, negated) if literal and place != PAGE else None


def _shows(p: Phrases, text: str) -> Check | None:
    match = matches(
        rf"(?P<s>.+?) (?P<neg>does not )?(?P<verb>{_SHOWS})(?P<exactly> exactly| precisely)?(?: (?:the )?(?:value|"
        rf"text|message|number|words?|amount)(?: of)?)?(?: ?[:=] ?| )(?P<v>.+)",
        text,
    )
    if not match or matches(_SEES, match["s"]):
        return None
    negated = bool(match["neg"])
    value = re.sub(r"^(?:no longer|anywhere) ", "", match["v"])
    if value_no := matches(r"(?:no|not) (?P<rest>.+)", value):
        negated, value = not negated, value_no["rest"]
    subject, place = _subject(p, match["s"]), p.place(match["s"])
    if subject and subject[1]:
        return _field_value(p, subject[0], match, value, negated)
    if place is None:
        return None
    wanted = comparison(value)
    if wanted and wanted.op != "=":
        return NumberCheck(place.name, wanted) if place.kind == "region" and not negated else None
    literal = p.literal(value, negative=negated and not re.match("says?|reads?", match["verb"], re.IGNORECASE))
    if literal:
        op: Op = "equals" if match["exactly"] else "contains"
        return _text(literal, place, negated, op)
    located = matches(r"(?P<t>.+?) (?:in|inside|within|on|under) (?P<place>the .+)", value)
    if (
        located
        and place == PAGE
        and (inner := p.place(located["place"]))
        and (literal := p.literal(located["t"], negative=negated))
    ):
        return _text(literal, inner, negated)
    return _thing(p, value, place, negated) if re.match(r"(?:the|an?) ", value) is not None else None


def _field_value(p: Phrases, subject: str, match: re.Match[str], value: str, negated: bool) -> Check | None:
    literal = p.literal(value)
    if literal is None:
        wanted = comparison(value)
        return NumberCheck(subject, wanted) if wanted and not negated else None
    contains = re.fullmatch("contains?|includes?|mentions?", match["verb"], re.IGNORECASE) and not match["exactly"]
    return ValueCheck(subject, literal[0], "contains" if contains else "equals", True, literal[1], PAGE, negated)


def _text(literal: tuple[str, bool], place: Place, negated: bool, op: Op = "contains") -> TextCheck | None:
    text, quoted = literal
    if quoted or not re.search(r",| and ", text):
        return TextCheck(text, place, op, quoted, negated)
    parts = tuple(part for part in re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", text) if part)
    if any(re.search(r"\b(?:is|are|was|shows|has|does|contains|looks|works)\b", part) for part in parts[1:]):
        return None
    numeral = any(re.fullmatch(r"\d+", part) for part in parts)
    return TextCheck(text, place, op, quoted, negated, () if numeral else parts)


def _is(p: Phrases, text: str) -> Check | None:
    verb = r"(?:is|was|equals|amounts to|comes to|starts with|begins with|ends with|reads)"
    match = matches(
        rf"(?P<s>.+?) (?P<verb>{verb}) (?P<neg>not )?(?:exactly |equal to |set to |set at |still |filled with |"
        rf"filled in with |pre-?filled with )*(?P<v>.+)",
        text,
    )
    if not match or not (subject := _subject(p, match["s"])):
        return None
    name, field = subject
    if matches(r"(?:it|this|that|there|page|screen|user|everything|nothing|all|who|what)", name):
        return None
    negated, value = bool(match["neg"]), match["v"]
    place = p.place(match["s"])
    literal = _is_value(p, name if not field else "value", value)
    if place and place.kind in {"heading", "message", "row", "dialog"} and not field:
        return _text(literal, place, negated, "equals" if place.kind != "row" else "contains") if literal else None
    wanted = comparison(value)
    if wanted and not re.fullmatch(TOKEN, value) and (wanted.op != "=" or wanted.low != Decimal(0) or not literal):
        plain = wanted.op == "=" and re.match(r"[\d$€£\-]", value)
        if not plain:
            return NumberCheck(name, wanted) if not negated else None
    if literal is None:
        return None
    op: Op = "equals" if match["verb"] in {"is", "was", "equals"} else op_of(match["verb"])
    return ValueCheck(name, literal[0], op, field, literal[1], PAGE, negated)


def _is_value(p: Phrases, subject: str, value: str) -> tuple[str, bool] | None:
    """The literal after "is"; a lower-case word is one only for a subject that has values, such as a status."""
    literal = p.literal(value)
    if _any_state(value) or matches(rf"(?:{_SHOWN}|{_GONE})(?: .*)?", value):
        return None
    if literal is None or literal[1] or re.match(r"[A-Z\d$€£\-+#]|\$\{", literal[0]):
        return literal
    return literal if _VALUE_NOUN.search(subject) and len(literal[0].split()) <= 3 else None
