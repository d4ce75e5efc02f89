"""One reader a kind of request: what follows the verb, as intents.

    READERS["fill"]("Ada as the first name", spans, clause, names)   -> [Intent("fill", "first name", value="Ada")]

A reader that answers with nothing leaves it to `read_targets`: the rest names what it is done to.
"""

import re
from collections.abc import Callable

from magenta_qa.model.language.clauses import Clause
from magenta_qa.model.language.enumeration import PATH, read_targets
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.keys import read_key
from magenta_qa.model.language.lexicon import stem
from magenta_qa.model.language.paraphrase import MAX_TIMES, read_act, read_answer, read_back, read_filter
from magenta_qa.model.language.quantity import NUMBERS
from magenta_qa.model.language.scrolling import read_scroll
from magenta_qa.model.language.spans import Masked, is_protected
from magenta_qa.model.language.spelling import take_spelling
from magenta_qa.model.language.target import ORDINALS, Relation, Target, read_target
from magenta_qa.model.language.values import (
    read_drag,
    read_fill,
    read_login,
    read_select,
    read_sort,
    read_upload,
    read_wait,
)

_NUMBERED_PAGE = re.compile(
    r"^(?:the\s+)?(?:(?P<word>first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)|(?P<number>\d{1,3})"
    r"(?:st|nd|rd|th))\s+page(?:\s+of\s+.+)?$",
    re.IGNORECASE,
)
_ALSO_ACTS = frozenset(
    ["change", "replace", "update", "modify", "insert", "adjust", "set", "specify", "provide", "write", "describe"]
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
_BY_TICKING = re.compile(
    r"\s+(?:with|using|via|by|through|by (?:ticking|checking|clicking|using)) (?:its|the|their|his|her) "
    r"(?:check ?box|tick ?box|radio button)(?:es)?$",
    re.IGNORECASE,
)
_DRAG_WAY = re.compile(
    r"^(?P<what>\S.*?)\s+(?:to the\s+|towards the\s+)?(?P<way>left|right|up|down)(?:wards)?(?:\s+(?:a bit|a little))?$",
    re.IGNORECASE,
)
_MATCHES = re.compile(
    r"\b(?:that|which) (?:match|fit|are (?:free|available))\b|^(?:(?:all|the|any)\s+)*(?:match|fitt|suit)(?:ing|able)\b"
    r"|^(?:free|available)\b",
    re.IGNORECASE,
)
"""What is found by starting a search whose terms have been given, rather than by looking at the page."""
_DIRECTION = re.compile(r"\b(?:left|right|up|down|top|bottom|end|start|beginning|middle|cent(?:re|er))\b", re.I)
"""Where a slider is moved to that is no value of it."""
_SORTED = re.compile(r"^the [a-z]+ (?=[A-Z0-9]\S*(?: [A-Z0-9]\S*)*$)")
"""What sort of thing is searched for, before its name: "the customer Lena"."""
_PER_PAGE = re.compile(r"^(?P<value>\d+)\s+(?P<what>[a-z]+\s+(?:per|on (?:a|each|one)) page)$", re.IGNORECASE)
_TIMES = re.compile(r"^(?P<rest>.+?)\s+(?:(?P<word>once|twice|thrice)|(?P<number>\d{1,2}|\w+) times)$", re.IGNORECASE)
_HOW_OFTEN = {"once": 1, "twice": 2, "thrice": 3}
_WHOLE_PAGE = re.compile(
    r"(?:(?:the|this|current|whole|entire|web|browser) ?)*(?:page|site|website|browser|tab|window|screen|it|app|view)"
    r"(?: (?:once|again|twice|now|in the browser|of the browser))*",
    re.IGNORECASE,
)
_WAITED = re.compile(
    r"(?:for|until|till|that|\d|half|(?:a|an|one|two|three|four|five|six|seven|eight|nine|ten) "
    r"(?:ms|milli|sec|min|moment|bit|little|while|few)|briefly|shortly|here)",
    re.IGNORECASE,
)
"""What follows "pause" where that means to wait; else it is done to something that runs."""
_FROM_MENU = re.compile(
    r"^(?!.*\bmenu\b.*\bmenu\b).+ (?:from|in|via|through) (?!(?:the|its|a|this|that) menu)\S.* menu$", re.IGNORECASE
)
_KEYS = frozenset(["enter", "return", "escape", "esc", "tab", "space", "backspace"])


def _click(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if not rest and clause.kind == "press":
        return []
    often = _TIMES.match(rest) if clause.kind == "click" else None
    if often:
        number = _HOW_OFTEN.get((often["word"] or "").lower()) or NUMBERS.get((often["number"] or "").lower())
        number = number or (int(often["number"]) if (often["number"] or "").isdigit() else 0)
        if number:
            return _click(often["rest"], spans, clause, names) * min(number, MAX_TIMES)
    as_key = clause.kind == "press" or re.search(r"\bkeys?$", rest) or (clause.verb == "hit" and rest.lower() in _KEYS)
    key = read_key(rest, spans) if as_key else None
    if key is None:
        return [
            Intent("click", "", i.target, path=i.path) if i.kind != "path" else i
            for i in read_targets("click", rest, spans, clause, "")
        ]
    where = read_target(key.where, spans) if key.where else None
    target = read_target(rest, spans) if key.maybe_label else None
    return [Intent("press", "", target, value=key.name, to=where) for _ in range(key.times)]


def _fill(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    spelt = _suggested(rest, spans)
    if spelt:
        return [spelt]
    if clause.verb.split(" ")[0] in {"enter", "type", "input"} and re.search(r"\bkey$", rest) and read_key(rest, spans):
        return _click(rest, spans, Clause(clause.text, "press", "press", rest), names)
    pairs = read_fill(rest, spans, clause.verb, names)
    if stem(clause.verb) == "put" and not all(v and (v[0].isdigit() or v in spans.values) for _, v in pairs):
        added = Clause(clause.text, "act", "add", rest)
        return read_act(rest, spans, added, names) or [
            Intent("act", "", read_target(rest, spans, verb="add"), verb="add")
        ]
    if any(v is not None for _, v in pairs) or clause.verb.split()[0] not in _ALSO_ACTS:
        return [Intent("fill", "", read_target(t, spans) if t else None, value=v, verb=clause.verb) for t, v in pairs]
    return [Intent("act", "", read_target(rest, spans, verb=clause.verb), verb=clause.verb)]


def _suggested(rest: str, spans: Masked) -> Intent | None:
    """ "Enter an item that starts with "Be" into the city field": a name that is completed from suggestions."""
    plain, spelt = take_spelling(rest, spans)
    match = re.match(r"^(?:an?|the|any|some)\s+[\w -]+?(?:\s+(?:in|into|in to)\s+(?P<where>.+))?$", plain)
    if spelt is None or match is None:
        return None
    target = read_target(match["where"], spans) if match["where"] else None
    known = spelt.starts or spelt.contains or spelt.ends
    return Intent("complete", "", target, value=known, option=Target("", plain, spelt=spelt))


def _select(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if re.search(r"\bfiles?\b", rest) and re.search(r"\.\w{2,5}\b", spans.restore(rest)):
        return _upload(rest, spans, clause, names)
    path = [p for p in PATH.split(rest) if p]
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
    along = _DRAG_WAY.match(rest)
    if along and clause.verb.split()[0] != "drop":
        return [Intent("drag", "", read_target(along["what"], spans), value=along["way"].lower(), verb=clause.verb)]
    ends = read_drag(rest)
    if ends is None:
        verb = clause.verb.split()[0]
        return [Intent("act", "", read_target(rest, spans, verb=verb), verb=verb)]
    source, goal, way = ends
    moved = read_target(source, spans)
    if moved.kinds == ("slider",) and way == "on" and not _DIRECTION.search(goal):
        return [Intent("fill", "", moved, value=spans.restore(goal), verb="set")]
    return [Intent("drag", "", moved, to=read_target(goal, spans), value=way, verb=clause.verb)]


def _scroll(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    where, value = read_scroll(rest)
    return [Intent("scroll", "", read_target(where, spans) if where else None, value=value)]


def _goto(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    address = spans.restore(rest).strip()
    numbered = _NUMBERED_PAGE.match(address)
    if numbered:
        number = str(ORDINALS[numbered["word"].lower()]) if numbered["word"] else numbered["number"]
        return [Intent("click", "", Target(number, number))]
    address = re.sub(r"^(?:the )?(?:url|page|address|path|site|website)\s+(?=\S*[/:.])", "", address, flags=re.I)
    if re.fullmatch(r"(?:https?|file|about|data):\S+|/\S*|(?:www\.|localhost\b|\d+\.\d+\.\d+\.\d+)\S*", address):
        return [Intent("goto", "", value=address)]
    # "The last page" is that of a list; only who returns to it means the page before.
    before = "previous|last" if clause.verb.split()[0] in {"return", "back"} or " back" in clause.verb else "previous"
    if re.fullmatch(rf"(?:the )?(?:{before}) page", address, re.I):
        return [Intent("back", "")]
    return _tab(rest, spans) or read_targets("open", rest, spans, clause, "")


def _switch(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    changed = re.match(r"^(?P<what>(?!to\s|back\s)\S.*?)\s+(?:over\s+)?to\s+(?P<value>\S.*)$", rest)
    if changed:
        value = spans.restore(changed["value"])
        return [Intent("fill", "", read_target(changed["what"], spans), value=value, verb="set")]
    return _tab(rest, spans) or [Intent("click", "", read_target(rest, spans))]


def _tab(rest: str, spans: Masked) -> list[Intent]:
    plain = re.sub(r"^(?:back to )?(?:the )?", "", spans.restore(rest).lower()).strip()
    simple = re.fullmatch(
        r"(?:browser )?(?P<which>new|newly opened|other|original|next|previous|first|second|third|last)(?: browser)? "
        r"(?:tab|window)(?: that (?:has )?(?:just )?opened)?",
        plain,
    )
    number = re.fullmatch(r"(?:browser )?(?:tab|window)\s*(?:number|no\.?|#)?\s*(?P<number>\d+)", plain)
    titled = re.fullmatch(r"browser (?:tab|window)\s+(?P<title>\S.*)", plain)
    if titled and not number:
        return [Intent("switch_tab", "", value=titled["title"])]
    if simple is None and number is None:
        return []
    which = number["number"] if number else simple["which"] if simple else ""
    which = _TABS.get(which, which)
    return [Intent("switch_tab", "", read_target(rest, spans), value=which)]


def _wait(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if clause.verb == "pause" and not _WAITED.match(rest):
        return [Intent("act", "", read_target(rest, spans, verb="pause"), verb="pause")]
    seconds, until, gone = read_wait(rest, spans)
    if until and clause.verb == "allow" and not re.search(r"\bto\b", rest):
        return [Intent("act", "", read_target(rest, spans, verb="allow"), verb="allow")]
    if until:
        return [Intent("wait", "", read_target(until, spans), value="gone" if gone else None)]
    return [Intent("wait", "", value=seconds)]


def _search(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if not rest:
        return [Intent("act", "", read_target("", spans, verb="search"), verb="search")]
    finding = clause.verb.startswith(("find", "look up"))
    if _MATCHES.search(rest):
        return [Intent("act", "", read_target(rest, spans, verb="search"), verb="search")]
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
    sort = _SORTED.match(what)
    what = what[sort.end() :] if sort else what
    return [Intent("search", "", read_target(where, spans) if where else None, value=spans.restore(what))]


def _login(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    user, secret, where = read_login(rest, spans)
    if user is None and secret is None:
        return [Intent("act", "", read_target(rest, spans, verb="log in"), verb="log in")]
    return [Intent("login", "", read_target(where, spans) if where else None, value=user, secret=secret)]


def _sort(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    field, way, where = read_sort(f"by {rest}" if clause.verb.endswith(" by") else rest, spans)
    if not field:
        verb = clause.verb.split()[0]
        plain = [Intent("act", "", read_target(rest, spans, verb=verb), verb=verb)]
        return read_act(rest, spans, Clause(clause.text, "act", verb, rest), names) or plain
    return [
        Intent(
            "sort", "", read_target(where, spans) if where else None, value=spans.restore(field), secret=None, way=way
        )
    ]


_WHERE = re.compile(r"where (?P<what>\S.*?) (?:is|are|lies|lie)(?: located| on the map)?$", re.IGNORECASE)


def _open(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    sized = _PER_PAGE.match(rest)
    if sized:
        return [Intent("select", "", read_target(sized["what"], spans), value=sized["value"],
                       option=read_target(sized["value"], spans))]  # fmt: skip
    if re.fullmatch(r"(?:https?|file|about|data):\S+|/\S*|www\.\S+", spans.restore(rest)):
        return [Intent("goto", "", value=spans.restore(rest))]
    if re.fullmatch(r"(?:a )?(?:new|another) (?:browser )?(?:tab|window)", rest.lower()):
        return [Intent("unknown", "")]  # tabs are opened by what is clicked
    if _FROM_MENU.match(rest):
        return _select(rest, spans, clause, names)
    if placed := _WHERE.match(rest):
        return [Intent("open", "", read_target(f"map of {placed['what']}", spans), verb=clause.verb)]
    return read_targets("open", rest, spans, clause, "")


def _reload(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    """The page; or what an application loads anew by a control of its own: "Refresh the chart"."""
    if not rest or _WHOLE_PAGE.fullmatch(rest):
        return [Intent("reload", "")]
    verb = clause.verb.split()[0]
    return [Intent("act", "", read_target(rest, spans, verb=verb), verb=verb)]


def _check(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    if re.match(r"(?:that|whether|if)\b", rest, re.I):
        return [Intent("unknown", "")]
    named = clause.verb.split()[0]
    found = read_targets(clause.kind, rest, spans, clause, "")
    return [Intent(i.kind, "", i.target, path=i.path, verb=named) for i in found]


Reader = Callable[[str, Masked, Clause, tuple[str, ...]], list[Intent]]
READERS: dict[str, Reader] = {
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
    "accept": read_answer,
    "close": read_answer,
    "refuse": read_answer,
    "open": _open,
    "back": read_back,
    "reload": _reload,
    "check": _check,
    "uncheck": _check,
    "act": read_act,
    "filter": read_filter,
}
