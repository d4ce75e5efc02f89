"""Other ways of saying it: verbs that stand for another one, and verbs of the application.

read_act("a new mail", verb "start")                        -> act: new "mail"
read_act("the question with yes", verb "answer")            -> select: yes in "question"
read_act("the draft away", verb "throw")                    -> act: throw away "draft"
"""

import re

from magenta_qa.model.language.clauses import Clause
from magenta_qa.model.language.condition import read_wish
from magenta_qa.model.language.enumeration import names_of, read_targets
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import lexicon, stem, stems_of
from magenta_qa.model.language.quantity import NUMBERS
from magenta_qa.model.language.spans import Masked, protected
from magenta_qa.model.language.target import Target, read_target
from magenta_qa.model.language.values import read_select

MAX_TIMES = 30
_DIALOG = re.compile(
    r"\b(?:dialog(?:ue)?|alert|confirm(?:ation)?(?: dialog| message| box| prompt)?|prompt|pop-?up|"
    r"message box|question|it|deletion)$"
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
_EACH_OF = re.compile(
    r"^(?P<number>\d{1,2}|[a-z]+)\s+of\s+each(?:\s+(?:item|product|one|of\s+(?:these|the\s+following)))?\s*:?\s+(?P<names>\S.*)$",
    re.IGNORECASE,
)
_GETTING = frozenset(stem(v) for v in ("order", "buy", "purchase", "add", "put", "take", "get"))
_FILTER = re.compile(
    r"^(?:(?:the\s+)?(?:column\s+(?=\S+\s+by\b))?(?P<what>[a-z]+)(?:\s+column)?\s+)?(?:by|for|to|on)\s+(?P<rest>.+)$",
    re.IGNORECASE,
)
_NEW = re.compile(r"^(?:a|an|another)\s+(?:new\s+)?(?P<what>.+)$")
_BEGUN = re.compile(r"^(?P<deed>[a-z]{2,}ing)\s+(?P<what>\S.*)$")
_ANSWER = re.compile(r"^(?P<what>the\s.+?)\s+with\s+(?P<value>\S.*)$")
_NOTE = re.compile(r"^(?:a|an|the|my)\s+(?P<what>[a-z]+)\s*:?\s*(?P<value>[\ue000-\uf8ff])$")
_NAMING = re.compile(r"^(?:(?:a|an|the|my|this|your)\s+)(?P<what>\S.*?)\s+(?P<value>[\ue000-\uf8ff])$")
_NOTES = frozenset(["comment", "note", "review", "message", "reply", "answer", "description", "feedback", "remark"])
_GIVING_NAMES = frozenset(stem(v) for v in ("name", "call", "title", "entitle"))
_BY_NUMBER = re.compile(r"^(?P<what>\S.*?)\s+by\s+(?P<number>\d{1,2}|\w+)$")
_TO_VALUE = re.compile(r"^(?P<what>\S.*?)(?:\s+(?:up|down))?\s+to\s+(?P<value>[\ue000-\uf8ff]|[\d.,]+%?)$")
_LEFT_EMPTY = re.compile(r"^(?P<what>\S.*?)\s+(?:empty|blank)$")
_STEPPING = frozenset(stem(v) for v in ("increase", "increment", "decrease", "decrement", "raise", "lower", "reduce"))
_MARKED_AS = re.compile(r"^(?P<what>.+?)\s+as\s+(?:(?:an?|the|my|your|our)\s+)?(?P<how>.+)$")
_MADE = re.compile(r"^(?P<what>.+?)\s+(?:an?|the|my|your|our)\s+(?P<how>.+)$")
_HOME = re.compile(r"(?:back )?home", re.IGNORECASE)
_GOING = frozenset({"go", "return", "navigate", "head", "come", "get"})
_NOT_TO_DO = re.compile(r"(?:that|whether|if)\s+\S", re.IGNORECASE)


def read_act(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    """A verb of the application, unless it stands for something else."""
    wish = read_wish(rest)
    if wish:
        return [Intent("act", "", read_target("", spans, verb=clause.verb), verb=clause.verb, until=wish)]
    if _NOT_TO_DO.match(rest):
        return [Intent("unknown", "")]
    if _HOME.fullmatch(rest) and clause.verb.lower() in _GOING:
        return _go_home(spans)
    marked = _MARKED_AS.match(rest) or (_MADE.match(rest) if stem(clause.verb) == "mak" else None)
    if marked and stem(clause.verb) in {"mark", "flag", "set", "mak"}:
        return [_mark(marked["what"], marked["how"], spans, clause)]
    empty = _LEFT_EMPTY.match(rest)
    if empty and clause.verb in {"leave", "keep"}:
        return [Intent("clear", "", read_target(empty["what"], spans), verb="clear")]
    changed = _set_to(rest, spans)
    if changed and stem(clause.verb) in {*_STEPPING, stem("edit"), stem("correct"), "cap", "turn"}:
        return changed
    if stem(clause.verb) == "cancel" and _DIALOG.search(rest.lower()):
        return read_answer(rest, spans, clause, names)
    return _of_each(rest, spans, clause) or _stepwise(rest, spans, clause) or _for_another(rest, spans, clause)


def _go_home(spans: Masked) -> list[Intent]:
    """ "Go home", "go back home": the start page, wherever that lies."""
    return [Intent("open", "", read_target("home page", spans), verb="go to")]


def _set_to(rest: str, spans: Masked) -> list[Intent]:
    """ "Raise the limit to 300": a field and what it is to hold."""
    changed = _TO_VALUE.match(rest)
    if changed is None:
        return []
    return [Intent("fill", "", read_target(changed["what"], spans), value=spans.restore(changed["value"]), verb="set")]


def _of_each(rest: str, spans: Masked, clause: Clause) -> list[Intent]:
    """ "Order two of each: tea, bread": as many of every one that is listed, by what adds it."""
    each = _EACH_OF.match(rest)
    if each is None or stem(clause.verb) not in _GETTING:
        return []
    number = NUMBERS.get(each["number"].lower()) or (int(each["number"]) if each["number"].isdigit() else 0)
    found = [Intent("act", "", read_target(n, spans, verb="add"), verb="add") for n in names_of(each["names"])]
    return [intent for intent in found for _ in range(min(number, MAX_TIMES))]


def _mark(what: str, how: str, spans: Masked, clause: Clause) -> Intent:
    """ "Mark Ada as read", "make the office my primary address": how says what the control does, what where it is."""
    words = spans.restore(how).split()
    whole = len(words) == 1 or protected(how) or tuple(stems_of(how)) in lexicon().concepts
    deed, about = (spans.restore(how), what) if whole else (words[0], f"{what} {' '.join(words[1:])}")
    return Intent("act", "", read_target(about, spans, verb=deed), verb=clause.verb)


def _stepwise(rest: str, spans: Masked, clause: Clause) -> list[Intent]:
    """ "Increase the quantity by two": once for each."""
    by = _BY_NUMBER.match(rest)
    if by is None or stem(clause.verb) not in _STEPPING:
        return []
    number = NUMBERS.get(by["number"].lower()) or (int(by["number"]) if by["number"].isdigit() else 0)
    target = read_target(by["what"], spans, verb=clause.verb)
    return [Intent("act", "", target, verb=clause.verb)] * min(number, MAX_TIMES)


def _for_another(rest: str, spans: Masked, clause: Clause) -> list[Intent]:
    """Such as "Start a new mail", "start booking the room", "answer the question with yes", "call the project "…""."""
    verb = clause.verb.split()[0]
    new, answer, note, named = _NEW.match(rest), _ANSWER.match(rest), _NOTE.match(rest), _NAMING.match(rest)
    if stem(verb) in _GIVING_NAMES and named and spans.is_quoted(named["value"]):
        noun = "title" if stem(verb) == stem("title") else "name"
        return [Intent("fill", "", Target(noun, noun), value=spans.restore(named["value"]), verb="enter")]
    if verb in {"start", "begin"} and new:
        return [Intent("act", "", read_target(new["what"], spans, verb="new"), verb="new")]
    begun = _BEGUN.match(rest) if verb in {"start", "begin"} else None
    if begun and stem(begun["deed"]) in lexicon().acts:
        return [Intent("act", "", read_target(begun["what"], spans, verb=begun["deed"]), verb=begun["deed"])]
    if verb == "answer" and answer:
        value = answer["value"]
        where = read_target(answer["what"], spans)
        return [Intent("select", "", where, value=spans.restore(value), option=read_target(value, spans))]
    if verb in {"leave", "add", "give", "make", "submit"} and note and note["what"] in _NOTES:
        return [Intent("fill", "", read_target(note["what"], spans), value=spans.restore(note["value"]), verb="enter")]
    return []


def read_back(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    """The page before, in the browser; one step back, on the page; the page before of a list."""
    if re.fullmatch(r"(?:one|a|by one|to the (?:previous|last)) (?:step|question|screen|slide)", rest, re.IGNORECASE):
        return [Intent("act", "", read_target("", spans, verb="back"), verb="back")]
    if _HOME.fullmatch(rest):
        return _go_home(spans)
    if rest.startswith("of "):  # "the previous page of orders" is one of a list's
        return [Intent("act", "", read_target(f"previous page {rest}", spans))]
    return [Intent("back", "")] if len(rest.split()) < 5 else []


def read_filter(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    """What a list is narrowed down to."""
    match = _FILTER.match(f"by {rest}" if rest.lower() in protected(rest) and spans.is_quoted(rest) else rest)
    if match is None and clause.verb == "limit" and rest[-1:].isdigit() and (bound := _set_to(rest, spans)):
        return bound  # "limit the upload rate to 300"
    if match is None:
        by_what = re.search(r"\sby\s+\S", rest)  # a click on what opens a filter would do half of that
        return [
            Intent("unknown", "")
            if by_what
            else Intent("act", "", read_target(rest, spans, verb=clause.verb), verb=clause.verb)
        ]
    found = []
    for value, where in read_select(match["rest"], spans, names):
        target = read_target(where, spans) if where else None
        option, filtered = read_target(value, spans), match["what"] or ""
        found.append(Intent("filter", "", target, value=spans.restore(value), option=option, filtered=filtered))
    return found


def read_answer(rest: str, spans: Masked, clause: Clause, names: tuple[str, ...]) -> list[Intent]:
    """An answer to a question, or something else that is accepted, refused or closed."""
    by = _BY_CLICKING.match(rest)
    if by:
        found = read_targets("click", by["what"], spans, clause, "")
        return [Intent("click", "", i.target, path=i.path) for i in found]
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
