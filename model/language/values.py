"""Which part of a request is the value and which names the control.

    read_fill("the quantity to 3", …)      -> [("the quantity", "3")]
    read_fill("hello into the box", …)     -> [("the box", "hello")]
    read_select("Red from Colour", …)      -> [("Red", "Colour")]

Texts come in with their protected parts masked; values go out restored, targets stay masked.
"""

import re

from magenta_qa.model.language.lexicon import lexicon, stems_of, words_of
from magenta_qa.model.language.spans import Masked, is_protected, protected

_LIST = re.compile(r"\s*(?:,\s*(?:and\s+)?|;\s*|\s+and\s+|\s+&\s+)\s*")
_ARTICLE = re.compile(r"^(?:the|a|an|my|your|his|her|their|our|its)\s+", re.IGNORECASE)
_TARGET_FIRST = re.compile(
    r"\s*(?::|=)\s*|\s+(?:with value|with the value|with|to be|to|as|equal to|equals|is)\s+(?:the (?:value|text)\s+)?",
    re.I,
)
_AS = re.compile(r"\b(?:as|is)\b", re.IGNORECASE)
_AS_WHAT = re.compile(r"[a-z]+(?: [a-z]+){0,3}")
_VALUE_FIRST = ("into", "in", "to", "for", "as", "on", "under", "inside", "at")
_SETTING = frozenset(["replace", "switch", "set", "change", "update", "adjust", "modify", "fill", "populate"])
_WHOM_WITH = re.compile(
    r"^(?P<value>[\ue000-\uf8ff]|\S+@\S+)\s+(?:for|as|into)\s+(?P<target>(?:the|an?)\s+\w+\s+to\s+.+\s+with)$"
)
"""A value for "the person to share the page with"."""
_CONTENT_OF = re.compile(
    r"^(?:the )?(?:(?:whole|entire|old|existing|current) )?(?:text|contents?|value) (?:of|in|inside|within) "
    r"(?=the |cell )",
    re.IGNORECASE,
)
"""What is replaced is the content of a field: "the text in the editor"."""
_GENERIC = re.compile(
    r"^(?:the |this |that |following |a |new |with |out |in )*(?:[\w-]+ )?(?:form|fields?|data|details|"
    r"information|values?|boxes|inputs?)?$",
    re.I,
)
_PLACED = re.compile(
    r"^(?P<value>[\ue000-\uf8ff]|[\d.,]+%?)\s+(?P<where>(?:in|for|of|on|beside|next to)\s+"
    r"(?!the (?:morning|afternoon|evening|night)\b)(?:(?:the|my|your|his|her|their|our)\s|[A-Z\ue000-\uf8ff]).*)$"
)
"""A value in quotes or a number, and then where the field is: "5 in the row of Ada"."""
_FILE = re.compile(
    r"^(?:(?:the|a|my|your)\s+)?(?:(?:file|document|image|picture|photo|attachment|pdf|"
    r"csv)\s+)?(?P<path>\S+\.\w{1,6}|[\ue000-\uf8ff])(?:\s+file)?(?:\s+(?:to|into|as|in|for|on|using|with|"
    r"via|through|from)\s+(?P<where>.+))?$",
    re.I,
)
_DRAG = re.compile(
    r"^(?P<source>.+?)\s+(?:and drop (?:it\s+)?)?(?P<way>above|before|below|after|under|onto|on to|"
    r"on top of|into|over|to the (?:left|right) of|to|on|in)\s+(?P<goal>.+)$",
    re.IGNORECASE,
)
_UNIT = {"ms": 0.001, "milliseconds": 0.001, "millisecond": 0.001, "s": 1, "sec": 1, "secs": 1, "second": 1,
         "seconds": 1,         "minute": 60, "minutes": 60, "min": 60}  # fmt: skip
_NUMBER_WORDS = dict(
    zip(
        ["a", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "half"],
        [1, *range(1, 11), 0.5],
        strict=True,
    )
)


def read_fill(text: str, spans: Masked, verb: str, names: tuple[str, ...] = ()) -> list[tuple[str, str | None]]:
    """(target, value) pairs of a request to fill something in; the target may be empty, the value None.

    Args:
        text: What follows the verb.
        spans: The protected parts.
        verb: The verb as written.
        names: Stems of the names of controls on the page; each may begin a "name value" pair.
    """
    form = _form_list(text, spans, names)
    if form:
        return form
    text = _CONTENT_OF.sub("", text)
    parts = _LIST.split(text)
    if len(parts) > 1:
        pairs = _repeated(parts, [_pair(_drop_generic_place(p), spans, verb, names) for p in parts], names)
        if all(p is not None and p[0] and p[1] is not None for p in pairs):
            return [p for p in pairs if p is not None]
    return [_pair(text, spans, verb, names) or _alone(text, spans, verb)]


def _repeated(
    parts: list[str], pairs: list[tuple[str, str | None] | None], names: tuple[str, ...]
) -> list[tuple[str, str | None] | None]:
    """The pairs, with what goes into a second field as well: ""fjord-88" as password and confirmation"."""
    found: list[tuple[str, str | None] | None] = []
    for part, pair in zip(parts, pairs, strict=True):
        before = found[-1] if found else None
        field = _ARTICLE.sub("", part.strip())
        if pair is None and before is not None and before[1] and _is_field(field.lower(), names):
            pair = (field, before[1])
        found.append(pair)
    return found


def _form_list(text: str, spans: Masked, names: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """Pairs of "the form with name Ada, e-mail ada@x.org and role Admin"."""
    match = re.match(
        r"^(?P<head>.*?)\s*(?:\b(?:with|using)\b(?: the following)?(?: values?| data| details)?\s*:?|"
        r":)\s*(?P<list>.+)$",
        text,
    )
    if match is None or protected(match["head"]) or not _is_form(match["head"]):
        return []
    pairs: list[tuple[str, str | None]] = []
    for part in _LIST.split(match["list"]):
        pair = _pair(part, spans, "set", names) or _field_first(part, spans, names, loose=True)
        if pair is not None and pair[1] is not None:
            pairs.append(pair)
        elif pairs:  # "address Main St, Springfield": goes on with the value before
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}, {spans.restore(part)}")
        else:
            return []
    return pairs


def _is_form(head: str) -> bool:
    words = words_of(head)
    return not words or words[-1] in {
        "form",
        "fields",
        "details",
        "data",
        "information",
        "it",
        "following",
        "inputs",
        "values",
    }


def _drop_generic_place(part: str) -> str:
    """Without "into the text fields" where the part has said which field it is."""
    match = re.match(
        r"^(?P<pair>.*[\ue000-\uf8ff])\s+(?:in|into)\s+the\s+(?:[\w-]+\s+)*(?:fields?|form|boxes|inputs?|textboxes)$",
        part,
    )
    return match["pair"] if match and len(match["pair"].split()) > 1 else part


def _pair(text: str, spans: Masked, verb: str, names: tuple[str, ...]) -> tuple[str, str | None] | None:
    text = text.strip()
    if whom := _WHOM_WITH.match(text):
        return whom["target"], spans.restore(whom["value"])
    setting = verb.split()[0].lower().rstrip("s") in _SETTING
    readers = [_target_first, _value_first] if setting else [_value_first, _target_first]
    for reader in readers:
        pair = reader(text, spans, names)
        if pair:
            return pair
    return _beside(text, spans) or _field_first(text, spans, names)


def _target_first(text: str, spans: Masked, names: tuple[str, ...]) -> tuple[str, str | None] | None:
    for match in _TARGET_FIRST.finditer(text):
        target, value = text[: match.start()].strip(), text[match.end() :].strip()
        if not target or not value or (match[0] == ":" and _is_one_value(text, target, names)):
            continue
        first = _AS.search(match[0]) or _ARTICLE.match(value) or _is_asked_for(spans.restore(target), value, names)
        if is_protected(target) and not protected(value) and first:
            continue  # the quoted part is the value: '"dark" as theme'
        if re.match(r"the\s", value) and not protected(value) and "as" not in match[0]:
            continue
        if match[0].strip() == "as" and _AS_WHAT.fullmatch(value) and _is_written_out(target, names):
            continue
        changed = re.match(r"^(?P<target>.+?)\s+from\s+\S+$", target)  # "the name from Ada to Bob"
        target = changed["target"] if changed else target
        placed = _PLACED.match(value)
        if placed:
            return f"{target} {placed['where']}", spans.restore(placed["value"])
        return target, spans.restore(value)
    return None


def _is_one_value(text: str, target: str, names: tuple[str, ...]) -> bool:
    """ "admin:secret", "localhost:8080": one word with a colon inside, before which no field is named."""
    return " " not in text and not _is_field(target.lower(), names)


def _is_asked_for(quoted: str, field: str, names: tuple[str, ...]) -> bool:
    """Whether what stands in quotes is the value: '"Ada" to name', but not '"Items per page" to 5'."""
    return _is_field(field.lower(), names) and not _is_field(quoted.lower(), names)


def _is_written_out(text: str, names: tuple[str, ...]) -> bool:
    """Whether it is written as values are, and no control is called so: "Rosa Klein" in "Rosa Klein as customer"."""
    return (text[0].isupper() or text[0].isdigit()) and not _is_field(text.lower(), names)


def _value_first(text: str, spans: Masked, names: tuple[str, ...]) -> tuple[str, str | None] | None:
    for word in _VALUE_FIRST:
        found = [m for m in re.finditer(rf"\s+{word}(?:to)?\s+", text) if m.start() > 0]
        if not found:
            continue
        match = found[-1] if word == "into" else found[0]
        value, target = text[: match.start()].strip(), text[match.end() :].strip()
        if word == "in" and re.search(r"\sas\s+(?:the|my|his|her|their)\s", value):
            continue  # "Main St 1 as the street in the billing address"
        if _is_value(value, target, word, names):
            return target, spans.restore(
                re.sub(r"^(?:the )?(?:text|value|word|words|string|number)\s+(?=\S)", "", value)
            )
    return None


def _is_value(value: str, target: str, word: str, names: tuple[str, ...]) -> bool:
    """Whether the left side is what is to be entered."""
    if not value or not target:
        return False
    if is_protected(target) and not is_protected(value):
        plain = _ARTICLE.match(value) is None and not _is_field(value.lower(), names)
        said = word in {"into", "in", "inside"} or (word in {"as", "for"} and _is_written_out(value, names))
        return said and plain and not protected(value)
    if protected(value):
        return is_protected(re.sub(r"^(?:the )?(?:text|value|word|words|string|number)\s+", "", value))
    if word in {"to", "as", "for", "on", "at", "under"} or _ARTICLE.match(value):
        lower = _ARTICLE.sub("", value).lower()
        generic = re.match(r"^(?:the )?(?:text|value|word|words|string|number)\s+\S", value)
        placed = _ARTICLE.match(target) and _is_field(_ARTICLE.sub("", target).lower(), names)
        if not generic and (_ARTICLE.match(value) or (_is_field(lower, names) and not placed)):
            return False  # but "Oslo as the destination", though there is a button "Oslo" too
        named = bool(re.match(r"(?:the|my|your)\s", target)) or _is_field(target.lower(), names)
        written = word == "as" and bool(_AS_WHAT.fullmatch(target)) and _is_written_out(value, names)
        return word in {"into", "in"} or named or written
    return True


def _is_field(text: str, names: tuple[str, ...]) -> bool:
    plain = " ".join(words_of(text))
    return (
        plain in lexicon().fields or " ".join(stems_of(text)) in names or plain.endswith((" field", " box", " input"))
    )


def _beside(text: str, spans: Masked) -> tuple[str, str | None] | None:
    """The pair of 'the username "x"' or '"x" the username'."""
    inside = protected(text)
    if len(inside) != 1 or is_protected(text):
        return None
    before, after = (s.strip() for s in text.split(inside[0], 1))
    if before and not after:
        generic = re.fullmatch(r"(?:the )?(?:text|value|word|words|string|number|following)", before, re.I)
        return ("" if generic else before), spans.restore(inside[0])
    return None


def _field_first(
    text: str, spans: Masked, names: tuple[str, ...], loose: bool = False
) -> tuple[str, str | None] | None:
    """The pair of "username ada": a known field, then its value."""
    plain = _ARTICLE.sub("", text.strip())
    tokens = plain.split()
    for size in range(min(5, len(tokens) - 1), 0, -1):
        head = " ".join(tokens[:size])
        if tokens[size].lower() in {"and", "or", "&", "then"}:
            continue  # the field's name is itself one of a list
        if " ".join(words_of(head)) in lexicon().fields or " ".join(stems_of(head)) in names:
            return head, spans.restore(" ".join(tokens[size:]))
    if loose and len(tokens) > 1:
        lower = next((i for i, t in enumerate(tokens) if not t[:1].islower()), 1) or 1
        return " ".join(tokens[:lower]), spans.restore(" ".join(tokens[lower:]))
    return None


def _alone(text: str, spans: Masked, verb: str) -> tuple[str, str | None]:
    """A value without a field, or a field without a value."""
    if is_protected(text):
        return "", spans.restore(text)
    named = re.match(
        r"^(?:the|a|an|my|your)\s+(?P<target>[a-z][a-z -]*?)\s+(?P<value>[A-Z0-9]\S*(?:\s+[A-Z0-9]\S*)*)$", text
    )
    if named and verb.split()[0].lower() in {"type", "enter", "write", "input", "key", "fill"}:
        return named["target"], spans.restore(named["value"])
    if (
        not text
        or _ARTICLE.match(text)
        or _is_field(text, ())
        or verb.split()[0].lower() not in {"type", "enter", "write", "input", "key"}
    ):
        return text, None
    return "", spans.restore(text)


def read_select(text: str, spans: Masked, names: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(option, where) pairs of a request to choose something, both masked; `where` may be empty."""
    text = re.sub(r"^the (?:option|value|entry|item|choice)s?\s+(?=\S)", "", text.strip())
    match = re.match(r"^(?P<where>[^:=]+?)\s*(?:=|:(?!\d\d\b))\s*(?P<value>\S.*)$", text)
    if match:
        return [(match["value"], match["where"])]
    for words in ("from|out of|under|among|amongst", "as|for", "in|within|on"):
        split = re.match(rf"^(?P<value>.+?)\s+(?:{words})\s+(?P<where>.+)$", text)
        if split and not _is_date_word(split["where"]):
            where = _ARTICLE.sub("", split["where"])
            return [(v, where) for v in _options(_without_noun(split["value"]), spans)]
    field = _field_first(text, spans, names)
    if field and (text.split()[-1][:1].isupper() or protected(text)):
        head = " ".join(_ARTICLE.sub("", text).split()[: len(field[0].split())])
        return [(_ARTICLE.sub("", text)[len(head) :].strip(), head)]
    beside = re.match(r"^(?P<value>[\ue000-\uf8ff])\s+(?P<where>[a-z][\w -]*)$", text)
    if beside and stems_of(beside["where"]) not in lexicon().nouns:
        return [(beside["value"], beside["where"])]
    return [(v, "") for v in _options(text, spans)]


def _is_date_word(text: str) -> bool:
    return bool(
        re.match(
            r"^(?:\d|january|february|march|april|may\b|june|july|august|september|october|november|december)",
            text,
            re.I,
        )
    )


def _without_noun(value: str) -> str:
    return re.sub(r"\s+(?:option|entry|value|choice|suggestion)$", "", value)


def _options(text: str, spans: Masked) -> list[str]:
    parts = [p for p in _LIST.split(text) if p.strip()]
    if len(parts) > 1 and all(
        is_protected(_ARTICLE.sub("", p)) or p[:1].isupper() or len(parts) > 2 or p.startswith("the ") for p in parts
    ):
        return parts
    return [text]


def read_upload(text: str, spans: Masked) -> tuple[str | None, str]:
    """(path, where) of a request to upload a file; the path is None when none is given."""
    match = _FILE.match(text)
    return (spans.restore(match["path"]), match["where"] or "") if match else (None, text)


def read_drag(text: str) -> tuple[str, str, str] | None:
    """(source, goal, where at the goal) of a request to drag something; the last is above, below or on."""
    match = _DRAG.match(text)
    if match is None:
        return None
    way = match["way"].lower()
    side = "above" if way in {"above", "before"} else "below" if way in {"below", "after", "under"} else "on"
    return match["source"], match["goal"], side


def read_wait(text: str, spans: Masked) -> tuple[str, str, bool]:
    """(seconds, what to wait for, whether it has to go away) of a request to wait."""
    match = re.search(
        r"(?P<n>\d+(?:\.\d+)?|\b(?:a|one|two|three|four|five|six|seven|eight|nine|ten|"
        r"half a)\b)\s*(?P<unit>ms|milliseconds?|s|secs?|seconds?|minutes?|min)\b",
        text,
        re.I,
    )
    if match:
        number = match["n"].lower()
        amount = float(number) if number[0].isdigit() else float(_NUMBER_WORDS[number.split()[0]])
        return f"{amount * _UNIT[match['unit'].lower()]:g}", "", False
    until = re.sub(r"^(?:for|until|till|that)\s+", "", text, flags=re.I)
    gone = re.search(
        r"\s+(?:to\s+)?(?:(?:has|have|is|are)\s+)?(?:disappear(?:s|ed)?|vanish(?:es|ed)?|go(?:es|"
        r"ne)?(?: away)?|hidden|closed?|no longer \w+)$",
        until,
        re.I,
    )
    shown = re.search(
        r"\s+(?:to\s+)?(?:(?:has|have|is|are|be|being)\s+)?(?:fully\s+|completely\s+)?(?:appear(?:s|ed)?|"
        r"show(?:s|n|ed)?(?: up)?|visible|loaded|load(?:s)?|displayed|there|ready|seen|enabled|finished|done|"
        r"complete[ds]?)$",
        until,
        re.I,
    )
    cut = gone or shown
    until = until[: cut.start()] if cut else until
    if not until or re.fullmatch(
        r"(?:a (?:moment|bit|while|little)|(?:the |this )?(?:new )?(?:page|content|everything|it|site|"
        r"results? page|animation))",
        until,
        re.I,
    ):
        return "1", "", False
    return "", until, bool(gone)


def read_login(text: str, spans: Masked) -> tuple[str | None, str | None, str]:
    """(user, password, where) of a request to log in."""
    alone = re.match(r"^(?:with|using)\s+(?:(?:the|my)\s+)?pass(?:word|phrase)\s*:?\s+(\S*[^a-z\s]\S*)\s*$", text)
    if alone:
        return None, spans.restore(alone[1]), ""
    named = re.match(r"^as\s+(?!the\s|an?\s)\S+\s*$", text)
    text = re.sub(
        r"^(?:as|with|using|by using)\s+(?:the\s+)?(?:(?:user|customer|admin|credentials?|account)"
        r"(?=\s+(?!(?:and|with|using)\b|[,;/|])\S))?\s*:?\s*",
        "",
        f"{text} ".lstrip(),
        flags=re.I,
    ).strip()
    text = re.sub(r"^(?:to the|into the|to) \S+(?: \S+)? (?:as|with|using)\s+", "", text, flags=re.I)
    pattern = (
        r"^(?:(?:the\s+)?(?:user\s?name|user|e-?mail(?: address)?|login|account)\s*[:=]?\s+"
        r"(?!(?:and|with|using)\b))?(?P<user>\S+?|.+?)"
        r"(?:\s*(?:,|;|\band\b|\bwith\b|\busing\b|/|\|)\s*(?:(?:the|his|her|their|my)\s+)?(?:(?:password|"
        r"passphrase|pass|pw|pwd)\b)?\s*(?:is\b|[:=])?\s*(?P<secret>\S+))?$"
    )
    match = re.match(pattern, text.strip(" ."), re.I)
    if not text or match is None or (match["secret"] is None and not protected(text) and not named):
        return None, None, ""
    user = re.sub(r"^(?:user|user\s?name|e-?mail)\s+", "", match["user"].strip(" ,;"))
    return spans.restore(user), spans.restore(match["secret"]) if match["secret"] else None, ""


def read_sort(text: str, spans: Masked) -> tuple[str, str, str]:
    """(what by, ascending or descending or "", what is sorted) of a request to sort."""
    match = re.match(r"^(?:(?P<what>.+?)\s+)?by\s+(?:the\s+)?(?P<field>.+)$", f"{text}")
    field, what = (match["field"], match["what"] or "") if match else ("", text)
    down = (
        r"\b(?:in )?(?:descending(?: order)?|high(?:est)?(?: to low(?:est)?| first)?|newest(?: first)?|"
        r"latest(?: first)?|desc|z (?:to|-) a|largest first|most expensive first)$"
    )
    up = (
        r"\b(?:in )?(?:ascending(?: order)?|low(?:est)?(?: to high(?:est)?| first)?|oldest(?: first)?|asc|"
        r"a (?:to|-) z|smallest first|cheapest first)$"
    )
    ways = [
        (m.start(), way) for way, p in (("descending", down), ("ascending", up)) if (m := re.search(p, field, re.I))
    ]
    if ways:
        cut, way = min(ways)
        return field[:cut].strip(" ,:()"), way, what
    return field.strip(), "", what
