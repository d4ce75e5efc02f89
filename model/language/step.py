"""Reads an imperative English step into what is to be done, in order.

    read_step('Type "hello, world" into the search box and press Enter')
    -> (Intent(kind="fill", target=Target("search", kinds=("field",) …), value="hello, world"),
        Intent(kind="press", value="Enter"))

Pure: nothing is known of the page but, if given, the names of its controls, which keep a name such as "Save and close"
in one piece. Kinds: click, double_click, right_click, hover, fill, clear, select, unselect, check, uncheck, toggle,
expand, collapse, upload, drag, scroll, press, goto, back, reload, wait, search, login, sort, close, dialog, switch_tab,
open, focus, path, act (a verb of the application such as "archive") and unknown.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from magenta_qa.model.language.clauses import Clause, split_clauses
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.keys import read_key
from magenta_qa.model.language.lexicon import lexicon, stem, stems_of
from magenta_qa.model.language.spans import Masked, is_protected, mask, protected
from magenta_qa.model.language.target import Relation, Target, read_target
from magenta_qa.model.language.values import (
    read_drag,
    read_fill,
    read_login,
    read_select,
    read_sort,
    read_upload,
    read_wait,
)

MAX_STEP = 4_000
_DIALOG = re.compile(
    r"\b(?:dialog(?:ue)?|alert|confirm(?:ation)?(?: dialog| message| box| prompt)?|prompt|pop-?up|"
    r"message box|question|it|deletion)$"
)
_PATH = re.compile(r"\s*(?:>|→|»|›|->)\s*")
_BY_TICKING = re.compile(
    r"\s+(?:with|using|via|by|through|by (?:ticking|checking|clicking|using)) (?:its|the|their|his|her) "
    r"(?:check ?box|tick ?box|radio button)(?:es)?$",
    re.IGNORECASE,
)
_BY_CLICKING = re.compile(
    r"^(?:(?:(?:it|this|that|(?:the|your|my) [\w ]+?) )?by (?:clicking|pressing|choosing|selecting|tapping|hitting)"
    r"(?: on)?|(?:it |this |that )?(?:with|via)|(?:the|your|my) [\w ]+? with(?= [A-Z\ue000-\uf8ff])) (?P<what>\S.*)$"
)
"""How a question is answered: "Confirm the deletion by clicking OK"."""
_SURE = re.compile(
    r"^that (?:(?:you|i|we) (?:really )?(?:want|wish|intend|would like) to|(?:you|i|we) (?:are|am) sure)\b",
    re.IGNORECASE,
)
_LIST = re.compile(r"\s*(?:,\s*(?:and|or)?\s+|,|\s+and\s+|\s+&\s+|;\s*)\s*")
_MARKED_AS = re.compile(r"^(?P<what>.+?)\s+as\s+(?:(?:an?|the|my|your|our)\s+)?(?P<how>.+)$")
_MADE = re.compile(r"^(?P<what>.+?)\s+(?:an?|the|my|your|our)\s+(?P<how>.+)$")
_PARTICLE = re.compile(r"^(?:turn|switch|toggle)\s+(?P<rest>.+?)\s+(?P<way>on|off)$", re.IGNORECASE)
_LOG_OUT = re.compile(r"^(?:log|sign)\s*-?(?:out|off)\b", re.IGNORECASE)
_TAB = re.compile(
    r"\b(?:browser |new |other |second |first |third |last |previous |next |original )*(?:tab|window)\b", re.I
)
_ALSO_ACTS = frozenset(
    ["change", "replace", "update", "modify", "insert", "adjust", "set", "specify", "provide", "write"]
)
"""Verbs of filling that are also names of controls when no value is given: "Change the picture"."""
_TABS = {
    "first": "1",
    "second": "2",
    "third": "3",
    "original": "1",
    "newly opened": "new",
    "other": "new",
    "next": "new",
}
_PRONOUNS = frozenset(["it", "her", "him", "them", "that", "this", "one"])
_SPOKEN_LIST = {
    "click",
    "select",
    "unselect",
    "check",
    "uncheck",
    "toggle",
    "expand",
    "collapse",
    "hover",
    "act",
    "clear",
}


def read_step(text: str, labels: Iterable[str] = ()) -> tuple[Intent, ...]:
    """What `text` asks for, in order; empty only for a text without a word.

    Args:
        text: The step; what lies beyond 4,000 characters is not read.
        labels: Names of controls on the page.
    """
    known = tuple(labels)
    spans = mask(" ".join(text[:MAX_STEP].split()), known)
    names = tuple(dict.fromkeys(" ".join(stems_of(k)) for k in known if 0 < len(k) <= 60))
    found: list[Intent] = []
    for clause in split_clauses(spans.text):
        found += [_with_antecedent(i, found) for i in _read_clause(clause, spans, names)]
    return tuple(found)


def _with_antecedent(intent: Intent, before: list[Intent]) -> Intent:
    """ "Find Ada and call her": what the pronoun stands for, as a relation that helps to choose."""
    target = intent.target
    if target is None or target.phrase.lower() not in _PRONOUNS or target.quoted or not before:
        return intent
    named = next((i.target for i in reversed(before) if i.target and i.target.phrase), None)
    about = (Relation("about", named.phrase),) if named else ()
    return replace(intent, target=replace(target, phrase="", full="", relations=(*target.relations, *about)))


def _read_clause(clause: Clause, spans: Masked, names: tuple[str, ...]) -> list[Intent]:
    rest, kind = clause.rest, clause.kind
    text = spans.restore(clause.text)
    path = [p for p in _PATH.split(clause.text) if p]
    if len(path) > 1 and (kind == "unknown" or rest.startswith((">", "→", "»", "›", "->"))):
        return [Intent("path", text, path=tuple(read_target(p, spans) for p in path))]
    particle = _PARTICLE.match(clause.text)
    if particle:
        way = "check" if particle["way"].lower() == "on" else "uncheck"
        return [Intent(way, text, read_target(particle["rest"], spans))]
    if _LOG_OUT.match(clause.text):
        return [Intent("act", text, read_target("", spans, verb="log out"), verb="log out")]
    if kind == "unknown":
        return [Intent("unknown", text)]
    reader = _READERS.get(kind)
    if reader:
        read = reader(rest, spans, clause, names)
        if read:
            return [_with_text(i, text) for i in read]
    return _read_targets(kind, rest, spans, clause, text)


def _with_text(intent: Intent, text: str) -> Intent:
    return replace(intent, text=text)


def _read_targets(kind: str, rest: str, spans: Masked, clause: Clause, text: str) -> list[Intent]:
    """One intent for each control of "A, B and C"."""
    path = [p for p in _PATH.split(rest) if p]
    if len(path) > 1:
        return [Intent("path", text, path=tuple(read_target(p, spans) for p in path))]
    parts = [p for p in _LIST.split(rest) if p.strip()] if kind in _SPOKEN_LIST else [rest]
    if len(parts) > 1 and not _is_enumeration(parts, spans):
        parts = [rest]
    verb = clause.verb if kind == "act" else ""
    return [Intent(kind, text, read_target(p, spans, verb=verb), verb=clause.verb) for p in parts or [""]]


def _is_enumeration(parts: list[str], spans: Masked) -> bool:
    """Whether each part names a control of its own, unlike "Terms and conditions"."""
    marked = [bool(protected(p)) or p.lower().startswith(("the ", "a ")) or p[:1].isupper() for p in parts]
    return all(marked) or len(parts) > 2


def _click(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if not rest and clause.kind == "press":
        return []
    key = read_key(rest, spans) if clause.kind == "press" or re.search(r"\bkeys?$", rest) else None
    if key is None:
        return [
            Intent("click", "", i.target, path=i.path) if i.kind != "path" else i
            for i in _read_targets("click", rest, spans, clause, "")
        ]
    where = read_target(key.where, spans) if key.where else None
    target = read_target(rest, spans) if key.maybe_label else None
    return [Intent("press", "", target, value=key.name, to=where) for _ in range(key.times)]


def _fill(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if clause.verb.split(" ")[0] in {"enter", "type", "input"} and re.search(r"\bkey$", rest) and read_key(rest, spans):
        return _click(rest, spans, Clause(clause.text, "press", "press", rest), names)
    pairs = read_fill(rest, spans, clause.verb, names)
    if stem(clause.verb) == "put" and not all(v and (v[0].isdigit() or v in spans.values) for _, v in pairs):
        return [Intent("act", "", read_target(rest, spans, verb="add"), verb="add")]
    if any(v is not None for _, v in pairs) or clause.verb.split()[0] not in _ALSO_ACTS:
        return [Intent("fill", "", read_target(t, spans) if t else None, value=v, verb=clause.verb) for t, v in pairs]
    return [Intent("act", "", read_target(rest, spans, verb=clause.verb), verb=clause.verb)]


def _select(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if re.search(r"\bfiles?\b", rest) and re.search(r"\.\w{2,5}\b", spans.restore(rest)):
        return _upload(rest, spans, clause, names)
    path = [p for p in _PATH.split(rest) if p]
    if len(path) > 1:
        return []
    ticked = _BY_TICKING.search(rest)
    if ticked:
        kind = "check" if clause.kind == "select" else "uncheck"
        return [Intent(kind, "", _checkbox_of(read_target(rest[: ticked.start()], spans)), verb=clause.verb)]
    found = []
    for value, where in read_select(rest, spans, names):
        target = read_target(where, spans) if where else None
        found.append(Intent("select", "", target, value=spans.restore(value), option=read_target(value, spans)))
    return found


def _checkbox_of(item: Target) -> Target:
    """What selects the row or card of that name."""
    inside = Relation("in", item.phrase, "row", exact=item.quoted)
    return Target("", item.full, ("checkbox",), relations=(inside, *item.relations))


def _upload(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    path, where = read_upload(rest, spans)
    if path is None:
        return [Intent("act", "", read_target(rest, spans, verb=clause.verb), verb=clause.verb)]
    return [Intent("upload", "", read_target(where, spans) if where else None, value=path)]


def _drag(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    ends = read_drag(rest)
    if ends is None:
        verb = clause.verb.split()[0]
        return [Intent("act", "", read_target(rest, spans, verb=verb), verb=verb)]
    source, goal, way = ends
    return [Intent("drag", "", read_target(source, spans), to=read_target(goal, spans), value=way, verb=clause.verb)]


def _scroll(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    lower = re.sub(r"\bthe\b|\bof\b|\bpage\b|\bto\b|\ba bit\b|\ba little\b|\ball\b|\bway\b|\bvery\b", " ", rest.lower())
    words = lower.split()
    way = next((w for w in words if w in {"up", "down", "left", "right", "top", "bottom", "end", "start"}), "")
    if words and set(words) <= {way, "down", "up"}:
        ends = {"end": "bottom", "start": "top"}
        return [Intent("scroll", "", value=ends.get(words[-1], words[-1]))]
    if not words:
        return [Intent("scroll", "", value="down")]
    pattern = (
        r"^(?:(?:up|down|left|right)\s+)?(?:through|in|inside|within)\s+|^(?:the page\s+)?(?:(?:up|down)\s+)?"
        r"(?:until|till|to|to where|so that)\s+(?:you (?:can )?see\s+|you find\s+)?|\s+(?:is|are|becomes?|"
        r"comes?)\s+(?:visible|shown|seen|in(?:to)? view)$"
    )
    inside = re.match(r"^(?:(?:up|down)\s+)?(?:in|inside|within)\s", rest, re.I)
    target = read_target(re.sub(pattern, "", re.sub(r"\s+into view$", "", rest), flags=re.I), spans)
    return [Intent("scroll", "", target, value=(way or "down") if inside else None)]


def _goto(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    address = spans.restore(rest).strip()
    address = re.sub(r"^(?:the )?(?:url|page|address|path|site|website)\s+(?=\S*[/:.])", "", address, flags=re.I)
    if re.fullmatch(r"(?:https?|file|about|data):\S+|/\S*|(?:www\.|localhost\b|\d+\.\d+\.\d+\.\d+)\S*", address):
        return [Intent("goto", "", value=address)]
    if re.fullmatch(r"(?:the )?(?:previous|last) page", address, re.I):
        return [Intent("back", "")]
    return _tab(rest, spans) or _read_targets("open", rest, spans, clause, "")


def _switch(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    return _tab(rest, spans) or [Intent("click", "", read_target(rest, spans))]


def _tab(rest: str, spans: Masked) -> list[Intent]:
    plain = re.sub(r"^(?:back to )?(?:the )?", "", spans.restore(rest).lower()).strip()
    simple = re.fullmatch(
        r"(?:browser )?(?P<which>new|newly opened|other|original|next|previous|first|second|third|last)(?: browser)? "
        r"(?:tab|window)(?: that (?:has )?(?:just )?opened)?",
        plain,
    )
    number = re.fullmatch(r"(?:browser )?(?:tab|window)\s*(?:number|no\.?|#)?\s*(?P<number>\d+)", plain)
    if simple is None and number is None:
        return []
    which = number["number"] if number else simple["which"] if simple else ""
    which = _TABS.get(which, which)
    return [Intent("switch_tab", "", read_target(rest, spans), value=which)]


def _wait(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    seconds, until, gone = read_wait(rest, spans)
    if until:
        return [Intent("wait", "", read_target(until, spans), value="gone" if gone else None)]
    return [Intent("wait", "", value=seconds)]


def _search(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if not rest:
        return [Intent("act", "", read_target("", spans, verb="search"), verb="search")]
    finding = clause.verb.startswith(("find", "look up"))
    if finding and not any(is_protected(c) for c in rest):
        return [Intent("find", "", read_target(rest, spans))]
    match = re.match(
        r"^(?:(?:the|a)\s+(?P<where>.+?)\s+for\s+)?(?:for\s+)?(?P<what>.+?)(?:\s+(?:in|using|with|on|"
        r"via)\s+the\s+(?P<at>.*"
        r"(?:search|field|box|bar|input|list|table|page)\b.*))?$",
        rest,
    )
    assert match is not None  # `what` takes anything
    where, what = match["at"] or match["where"], match["what"]
    return [Intent("search", "", read_target(where, spans) if where else None, value=spans.restore(what))]


def _login(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    user, secret, where = read_login(rest, spans)
    if user is None and secret is None:
        return [Intent("act", "", read_target(rest, spans, verb="log in"), verb="log in")]
    return [Intent("login", "", read_target(where, spans) if where else None, value=user, secret=secret)]


def _sort(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    field, way, where = read_sort(f"by {rest}" if clause.verb.endswith(" by") else rest, spans)
    if not field:
        return [Intent("act", "", read_target(rest, spans, verb=clause.verb.split()[0]), verb=clause.verb.split()[0])]
    return [
        Intent(
            "sort", "", read_target(where, spans) if where else None, value=spans.restore(field), secret=None, way=way
        )
    ]


def _dialog(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    by = _BY_CLICKING.match(rest)
    if by:
        return [
            Intent("click", "", i.target, path=i.path) for i in _read_targets("click", by["what"], spans, clause, "")
        ]
    if _SURE.match(rest):
        rest = ""
    verb = "dismiss" if clause.kind == "refuse" else stem(clause.verb.split()[0])
    answer = (
        "dismiss"
        if verb in {stem("dismiss"), stem("cancel"), stem("close"), stem("declin"), stem("reject")}
        else "accept"
    )
    called = not rest or _DIALOG.search(rest.lower())
    kind = "dialog" if called else "close" if clause.kind == "close" else "act"
    target = read_target(rest, spans, verb=clause.verb)
    return [Intent(kind, "", target, value=answer if kind == "dialog" else None, verb=clause.verb)]


def _open(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if re.fullmatch(r"(?:https?|file|about|data):\S+|/\S*|www\.\S+", spans.restore(rest)):
        return [Intent("goto", "", value=spans.restore(rest))]
    if re.fullmatch(r"(?:a )?(?:new|another) (?:browser )?(?:tab|window)", rest.lower()):
        return [Intent("unknown", "")]  # tabs are opened by what is clicked
    path = _read_targets("open", rest, spans, clause, "")
    return path


def _bare(kind: str) -> "_Reader":
    return lambda rest, spans, clause, names: [Intent(kind, "")] if not rest or len(rest.split()) < 5 else []


def _check(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if re.match(r"(?:that|whether|if)\b", rest, re.I):
        return [Intent("unknown", "")]
    named = clause.verb.split()[0]
    found = _read_targets(clause.kind, rest, spans, clause, "")
    return [Intent(i.kind, "", i.target, path=i.path, verb=named) for i in found]


def _act(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if re.match(r"(?:that|whether|if)\s+\S", rest, re.I):
        return [Intent("unknown", "")]
    marked = _MARKED_AS.match(rest) or (_MADE.match(rest) if stem(clause.verb) == "mak" else None)
    if marked and stem(clause.verb) in {"mark", "flag", "set", "mak"}:
        return [_mark(marked["what"], marked["how"], spans, clause)]
    if stem(clause.verb) == "cancel" and _DIALOG.search(rest.lower()):
        return _dialog(rest, spans, clause, names)
    return []


def _mark(what: str, how: str, spans: Masked, clause: Clause) -> Intent:
    """ "Mark Ada as read", "make the office my primary address": how says what the control does, what where it is."""
    words = spans.restore(how).split()
    whole = len(words) == 1 or protected(how) or tuple(stems_of(how)) in lexicon().concepts
    deed, about = (spans.restore(how), what) if whole else (words[0], f"{what} {' '.join(words[1:])}")
    return Intent("act", "", read_target(about, spans, verb=deed), verb=clause.verb)


_Reader = Callable[[str, Masked, Clause, tuple[str, ...]], list[Intent]]
_READERS: dict[str, _Reader] = {
    "click": _click,
    "press": _click,
    "fill": _fill,
    "type": _fill,
    "select": _select,
    "upload": _upload,
    "drag": _drag,
    "scroll": _scroll,
    "goto": _goto,
    "switch": _switch,
    "wait": _wait,
    "search": _search,
    "login": _login,
    "sort": _sort,
    "accept": _dialog,
    "close": _dialog,
    "refuse": _dialog,
    "open": _open,
    "back": _bare("back"),
    "reload": _bare("reload"),
    "check": _check,
    "uncheck": _check,
    "act": _act,
}
