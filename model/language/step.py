"""Reads an imperative English step into what is to be done, in order.

    read_step('Type "hello, world" into the search box and press Enter')
    -> (Intent(kind="fill", target=Target("search", kinds=("field",) …), value="hello, world"),
        Intent(kind="press", value="Enter"))

Pure: nothing is known of the page but, if given, the names of its controls, which keep a name such as "Save and close"
in one piece. Kinds: click, double_click, right_click, hover, fill, clear, select, unselect, check, uncheck, toggle,
expand, collapse, upload, drag, scroll, press, goto, back, reload, wait, search, login, sort, close, dialog, switch_tab,
open, focus, path, rate, act (a verb of the application such as "archive") and unknown.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from magenta_qa.model.language.clauses import Clause, split_clauses
from magenta_qa.model.language.condition import read_condition
from magenta_qa.model.language.enumeration import PATH, read_targets
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import stems_of
from magenta_qa.model.language.rating import read_rating
from magenta_qa.model.language.reference import Source, is_back_reference, read_source
from magenta_qa.model.language.requests import READERS
from magenta_qa.model.language.spans import Masked, mask
from magenta_qa.model.language.styling import is_selection, read_style
from magenta_qa.model.language.target import Relation, Target, read_scope, read_target

MAX_STEP = 4_000
_PARTICLE = re.compile(
    r"^(?:(?:turn|switch|toggle)\s+(?P<rest>.+?)|(?:put|set)\s+(?P<put>.+?)(?<!\sto))\s+(?P<way>on|off)$", re.IGNORECASE
)
_TICK_MARK = re.compile(
    r"^(?:(?P<off>remove|take|clear|delete)|put|set|place|add|make)\s+(?:an?|the)\s+"
    r"(?:tick|check|cross|(?:check|tick)[ -]?mark)\s+"
    r"(?:out of|away from|from|off|into|in|at|on|by|next to|beside|for|against)\s+(?P<what>\S.*)$",
    re.IGNORECASE,
)
_INSTRUMENT = re.compile(
    r"^(?:.*?\s)?(?:by (?:clicking|pressing|tapping|using|means of)(?: on)?|with|using|via|through)\s+"
    r"(?P<what>(?:the|a|an|its)\s+.+\s(?:button|link|icon|key|menu item))$",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"^(?:(?:show|display|list|view|see)\s+(?:me\s+)?(?:only|just)\s+(?P<after>\S.*)|"
    r"(?:only|just)\s+(?:show|display|list|view|see)\s+(?P<then>\S.*)|"
    r"(?:show|display|list|view|see)\s+(?P<before>\S.*?)\s+only)$",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"^(?P<label>[^\W\d][^:]{0,60}?)\s?:\s+(?P<value>\S.*?)\.?$")
"""How forms are jotted down: "Destination: Saint Roger"."""
_SAME_AGAIN = re.compile(
    r"^(?:confirm|repeat|re-?type|re-?enter|verify)\s+(?:(?:the|your|my|a)\s+)?"
    r"(?P<what>(?:new\s+)?(?:password|passphrase|passcode|pin|e-?mail(?:\s+address)?))"
    r"(?:(?:\s*:|\s+(?:with|as|using|by (?:typing|entering)))\s+"
    r"(?P<value>(?!(?:the|a|an|yes|ok|okay|enter|return)\b)\S.*)|\s+(?P<bare>\S*\d\S*|[\ue000-\uf8ff]))$",
    re.IGNORECASE,
)
"""What is typed a second time: "Confirm the password with Fjord-88", "Repeat the password Fjord-88"."""
_LOG_OUT = re.compile(r"^(?:log|sign)\s*-?(?:out|off)\b", re.IGNORECASE)
_UNTIL = re.compile(r"^(?P<rest>.*?)(?P<cut>\s*\b(?:until|till)\s+(?P<until>\S.*))$", re.IGNORECASE)
_LIST = re.compile(
    r"(?:in|from|of)\s+(?P<what>(?:the\s+)?\S.*?\b(?:drop-?\s?down|select|combo\s?box)(?:\s+(?:list|menu|box|field))?\b.*)$",
    re.IGNORECASE,
)
"""Where an option is to be chosen, said first: "In the Priority dropdown for ticket 7, choose Urgent"."""
_TIME = re.compile(
    r"(?:later|tomorrow|tonight|noon|midnight|further notice|next (?:week|month|year)|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day)\W*$",
    re.IGNORECASE,
)
"""What is put off until then is done once."""
_SELECTED = re.compile(
    r"\b(the|all|my|these)\s+\d{1,4}\s+(?=(?:selected|marked|ticked|checked|highlighted|chosen)\s)", re.IGNORECASE
)
"""How many are selected is no part of what a control is called."""
_REPEATABLE = frozenset(["click", "press", "act", "open", "reload"])
_WITHOUT_PURPOSE = frozenset(["click", "press", "check", "hover", "double_click", "right_click"])
_PURPOSE = re.compile(
    r"(?<=\S)(?<!\bnext)(?<!\badjacent)\s+(?:in order |so as )?to\s+"
    r"(?:mark|save|store|submit|send|open|close|start|confirm|apply|show|see|get|go|search|find|delete|remove|add|make|"
    r"keep|continue|proceed|finish|complete|create|view|display|load|expand|log|sign|"
    r"(?:edit|change|modify|rename|print|share|copy|download)\s+(?:the|a|an|this|that|it|its|my|our|their))\b.*$",
    re.IGNORECASE,
)
_AS_IT_IS = re.compile(
    r"(?<=\S)\s+(?:without (?:filling|entering|typing|changing|providing)\b.*|"
    r"without (?:any )?(?:data|input|values|changes|entries)|as (?:it|they) (?:is|are))$",
    re.IGNORECASE,
)
"""What is not to be done before: "Submit the form without filling it in"."""
_LEADING = frozenset(["open", "goto"])
_ONCE_MORE = re.compile(r"(?<=[^\W_])\s+(?:again|once (?:again|more))$", re.IGNORECASE)
"""That a place was seen before is no part of what it is called: "Open the settings again"."""
_BY_TOOL = frozenset(["act", "open", "reload", "back", "close", "expand", "collapse", "clear", "accept", "refuse"])
_PRONOUNS = frozenset(["it", "her", "him", "them", "that", "this", "one"])


def read_step(text: str, labels: Iterable[str] = ()) -> tuple[Intent, ...]:
    """What `text` asks for, in order; empty only for a text without a word.

    Args:
        text: The step; what lies beyond 4,000 characters is not read.
        labels: Names of controls on the page.
    """
    known = tuple(labels)
    spans = mask(without_count(" ".join(text[:MAX_STEP].split())), known)
    names = tuple(dict.fromkeys(" ".join(stems_of(k)) for k in known if 0 < len(k) <= 60))
    found: list[Intent] = []
    for clause in split_clauses(spans.text):
        scope = read_scope(clause.scope, spans) if clause.scope else ()
        where = spans.restore(clause.scope)
        for intent in _read_clause(clause, spans, names):
            found.append(_as_said(_beside_found(_with_antecedent(_within(intent, scope, where), found), found)))
    return tuple(_with_sources(found, spans))


def without_count(text: str) -> str:
    """The text without how many are selected: "Delete the 3 selected files" is done by one control."""
    return _SELECTED.sub(r"\1 ", text)


def _as_said(intent: Intent) -> Intent:
    """The intent with targets that know the request: the option all of it, the control what is not put into it."""
    said = intent.text.replace(intent.value, " ") if intent.value else intent.text
    target = replace(intent.target, said=said) if intent.target else None
    option = replace(intent.option, said=intent.text) if intent.option else None
    return replace(intent, target=target, option=option)


def _with_sources(intents: list[Intent], spans: Masked) -> list[Intent]:
    """Values that only point to the page, and what has to be read before they can be entered."""
    found: list[Intent] = []
    for intent in intents:
        value = intent.value or ""
        if intent.kind != "fill" or value in spans.values:
            found.append(intent)
        elif is_back_reference(value):
            at = next((i for i in reversed(range(len(found))) if found[i].kind in {"find", "act", "note"}), None)
            if at is None:
                found.append(Intent("unknown", intent.text))  # "it" is nothing that anybody wants to enter
                continue
            found[at] = _note(found[at])
            found.append(replace(intent, value=None, source=Source()))
        else:
            source = read_source(value)
            found.append(replace(intent, value=None, source=source) if source else intent)
    return found


def _note(intent: Intent) -> Intent:
    """ "Copy the text of the message": what is read; the whole phrase names it where it says no more."""
    if intent.kind == "note" or intent.target is None:
        return intent
    phrase = intent.target.full
    return Intent("note", intent.text, source=read_source(phrase) or Source(phrase), verb=intent.verb)


def _within(intent: Intent, scope: tuple[Relation, ...], where: str) -> Intent:
    """The intent with what was said before it: "In the row of Ada, …", "In the Priority list of order 7, choose …"."""
    if not scope:
        return intent
    target, option = intent.target, intent.option
    if intent.kind == "select" and target is None and (listed := _LIST.match(where)):
        return replace(intent, target=read_target(listed["what"]))
    if option is not None and target is None:
        return replace(intent, option=_placed(option, scope, where))
    return replace(intent, target=_placed(target, scope, where)) if target else intent


def _placed(target: Target, scope: tuple[Relation, ...], where: str) -> Target:
    return replace(target, full=f"{target.full} {where}".strip(), relations=(*target.relations, *scope))


def _with_antecedent(intent: Intent, before: list[Intent]) -> Intent:
    """ "Find Ada and call her": what the pronoun stands for, as a relation that helps to choose."""
    target = intent.target
    if target is None or target.phrase.lower() not in _PRONOUNS or target.quoted or target.relations:
        return intent
    if not before:
        return replace(intent, target=replace(target, phrase="", full=""))
    named = next((i.target for i in reversed(before) if i.target and i.target.phrase), None)
    if named is not None and named.is_item:
        return replace(intent, target=replace(named, verb=target.verb, count=None))
    about = (Relation("about", named.phrase),) if named else ()
    return replace(intent, target=replace(target, phrase="", full="", relations=(*target.relations, *about)))


def _beside_found(intent: Intent, before: list[Intent]) -> Intent:
    """ "Find the mail of Ada and click Star": what was found helps to choose, where there are several."""
    found = next((i.target for i in before if i.kind == "find" and i.target and i.target.relations), None)
    target = intent.target
    if found is None or target is None or target.relations or intent.kind not in {"click", "act", "check", "hover"}:
        return intent
    near = tuple(Relation("about", r.phrase) for r in found.relations if r.phrase)
    return replace(intent, target=replace(target, full=f"{target.full} {found.full}", relations=near))


def _read_clause(clause: Clause, spans: Masked, names: tuple[str, ...]) -> list[Intent]:
    again = _UNTIL.match(clause.rest) if clause.kind in _REPEATABLE else None
    if again and not _TIME.match(again["until"]):
        until = read_condition(spans.verbatim(again["until"]))
        plain = replace(clause, text=clause.text.removesuffix(again["cut"]).strip(), rest=again["rest"])
        return [replace(i, until=until) for i in _read_clause(plain, spans, names)]
    rest, kind = clause.rest, clause.kind
    text = spans.restore(clause.text)
    if kind in _WITHOUT_PURPOSE and not _names_it(rest, names):
        rest = _PURPOSE.sub("", rest)
    if kind in {*_WITHOUT_PURPOSE, "act"}:
        rest = _AS_IT_IS.sub("", rest)
    if kind in _LEADING and " ".join(stems_of(rest)) not in names:
        rest = _ONCE_MORE.sub("", rest)
    style = read_style(rest, clause.verb.split()[0] if clause.verb else "")
    if style:
        piece = spans.restore(style[0])
        if is_selection(piece):
            return [Intent("click", text, read_target(style[1], spans))]
        return [Intent("format", text, value=style[1], option=Target(piece, piece) if piece else None)]
    rating = read_rating(clause.text)
    if rating:
        return [Intent("rate", text, read_target(rating.what, spans) if rating.what else None, value=rating.number)]
    path = [p for p in PATH.split(clause.text) if p]
    if len(path) > 1 and (kind == "unknown" or rest.startswith((">", "→", "»", "›", "->"))):
        return [Intent("path", text, path=tuple(read_target(p, spans) for p in path))]
    particle = _PARTICLE.match(clause.text)
    if particle:
        way = "check" if particle["way"].lower() == "on" else "uncheck"
        return [Intent(way, text, read_target(particle["rest"] or particle["put"], spans), verb="turn")]
    tick_mark = _TICK_MARK.match(clause.text)
    if tick_mark:
        return [Intent("uncheck" if tick_mark["off"] else "check", text, read_target(tick_mark["what"], spans))]
    tool = _INSTRUMENT.match(rest) if kind in _BY_TOOL else None
    if tool:
        return [Intent("click", text, read_target(tool["what"], spans))]
    only = _ONLY.match(clause.text)
    if only:
        what = only["after"] or only["then"] or only["before"]
        return [Intent("only", text, read_target(clause.text, spans), option=read_target(what, spans))]
    if _LOG_OUT.match(clause.text):
        return [Intent("act", text, read_target("", spans, verb="log out"), verb="log out")]
    entry = _ENTRY.match(clause.text)
    if entry and (kind == "unknown" or _is_label(entry["label"], names)):
        label = spans.restore(entry["label"])
        value = spans.restore(entry["value"])
        return [Intent("fill", text, read_target(label, spans), value=value, verb="fill")]
    again = _SAME_AGAIN.match(clause.text)
    if again:
        target = read_target(f"confirm {again['what']}", spans)
        return [Intent("fill", text, target, value=spans.restore(again["value"] or again["bare"]), verb="fill")]
    if kind == "unknown":
        return [Intent("unknown", text)]
    reader = READERS.get(kind)
    if reader:
        read = reader(rest, spans, clause, names)
        if read:
            return [replace(i, text=text) for i in read]
    return read_targets(kind, rest, spans, clause, text)


def _is_label(text: str, names: tuple[str, ...]) -> bool:
    """Whether it is what a control is called, or that of one thing among several: "Quantity for the mug"."""
    label, owned, _ = text.partition(" for ")
    return " ".join(stems_of(text)) in names or (bool(owned) and " ".join(stems_of(label)) in names)


def _names_it(rest: str, names: tuple[str, ...]) -> bool:
    """Whether "to" belongs to the name of a control: "Click Back to search"."""
    stems = " ".join(stems_of(rest))
    return any(" to " in f" {name} " and name in stems for name in names)
