"""Requests that name several controls: "the boxes of Ada and Bob", "the first and the third message", "File > Export".

read_targets("click", "Save and the second link", …)   -> two intents
"""

import re

from magenta_qa.model.language.clauses import Clause
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.spans import Masked, protected
from magenta_qa.model.language.target import ORDINALS, read_target

PATH = re.compile(r"\s*(?:>|→|»|›|->)\s*")
_COMMA = re.compile(r"\s*(?:,\s*(?:and|or|&)\s+|[,;])\s*")
_AND = re.compile(r"\s+(?:and|&)\s+")
_BOTH = re.compile(r"both\s+(?=(?!of\b)\S.*\sand\s)", re.IGNORECASE)
_OF_EACH = re.compile(
    r"^(?P<head>(?:the\s+)?(?:[\w-]+\s+)?[a-z-]+(?:s|es)\s+"
    r"(?:of|for|next to|beside|in front of|before|named|called|labell?ed)\s+(?:the\s+)?)\S",
    re.IGNORECASE,
)
_ORDINAL_FIRST = re.compile(
    rf"^(?:the\s+)?(?:{'|'.join(ORDINALS)}|\d+(?:st|nd|rd|th))(?:\s+(?P<noun>\S.*))?$", re.IGNORECASE
)
_BOXES = re.compile(r"^(?:the\s+)?(?:check|tick)?-?\s?boxes\s", re.IGNORECASE)
_THEN = re.compile(r"(?:\s*,\s*|\s+)(?:and\s+)?then\s+(?:on\s+)?(?:to\s+)?", re.IGNORECASE)
"""What comes next without a verb of its own: "Go to Reports, then Sales"."""
_LISTED = frozenset(
    ["click", "select", "unselect", "check", "uncheck", "toggle", "expand", "collapse", "hover", "act", "clear"]
)
"""Kinds of intents of which a list of names means one each."""
_LEADING = frozenset({"open", "click"})


def read_targets(kind: str, rest: str, spans: Masked, clause: Clause, text: str) -> list[Intent]:
    """One intent for each control of "A, B and C"."""
    path = [p for p in PATH.split(rest) if p]
    if len(path) > 1:
        return [Intent("path", text, path=tuple(read_target(p, spans) for p in path))]
    stages = _THEN.split(rest) if kind in _LEADING else [rest]
    if len(stages) > 1 and all(stages):
        return [intent for stage in stages for intent in read_targets(kind, stage, spans, clause, text)]
    both = _BOTH.match(rest)
    parts = names_of(rest[both.end() :] if both else rest) if kind in _LISTED else [rest]
    if len(parts) > 1:
        parts = _in_full(parts) if both or _is_enumeration(parts) or _are_boxes(parts) else [rest]
    verb = clause.verb if kind == "act" else ""
    return [Intent(kind, text, read_target(p, spans, verb=verb), verb=clause.verb) for p in parts or [""]]


def names_of(rest: str) -> list[str]:
    """What is listed, between commas and "and"; that of "Fish and chips, Soup and bread" belongs to the names."""
    parts = [part for part in _COMMA.split(rest) if part.strip()]
    if not parts:
        return []
    last = [part for part in _AND.split(parts[-1]) if part.strip()]
    if len(parts) > 1:
        capital = all(part[:1].isupper() for part in parts)
        if any(map(_AND.search, parts[:-1])) or (capital and any(part[:1].islower() for part in last)):
            return parts
    return [*parts[:-1], *last]


def _in_full(parts: list[str]) -> list[str]:
    """Each part with what it shares with the others: "the boxes of Ada", "Bob"; "the first", "the third message"."""
    shared = _OF_EACH.match(parts[0])
    if shared and not any(_OF_EACH.match(p) for p in parts[1:]):
        return [parts[0], *(f"{shared['head']}{p}" for p in parts[1:])]
    last = _ORDINAL_FIRST.match(parts[-1])
    if last and last["noun"]:
        return [f"{p} {last['noun']}" if (m := _ORDINAL_FIRST.match(p)) and not m["noun"] else p for p in parts]
    return parts


def _are_boxes(parts: list[str]) -> bool:
    """Whether several boxes are said to be meant: "the boxes of ada and bob"."""
    return bool(_BOXES.match(parts[0]) and _OF_EACH.match(parts[0]))


def _is_enumeration(parts: list[str]) -> bool:
    """Whether each part names a control of its own, unlike "Terms and conditions"."""
    marked = [bool(protected(p)) or p.lower().startswith(("the ", "a ")) or p[:1].isupper() for p in parts]
    return all(marked) or len(parts) > 2
