"""Splits a step into clauses, each with the verb that it begins with.

    split_clauses("Please click Save, then wait 2 seconds")
    -> [Clause("click Save", kind="click", verb="click", rest="Save"),
        Clause("wait 2 seconds", kind="wait", verb="wait", rest="2 seconds")]
    split_clauses("In the row of Ada, click Edit")
    -> [Clause("click Edit", kind="click", verb="click", rest="Edit", scope="In the row of Ada")]

A comma, "and" or "then" ends a clause only where a verb follows; quoted text has been masked before.
"""

import re
from dataclasses import dataclass

from magenta_qa.model.language.lexicon import lexicon, stem, words_of
from magenta_qa.model.language.spans import protected

_POLITE = re.compile(
    r"^(?:please|kindly|now|then|afterwards|after (?:that|this)|finally|lastly|firstly|secondly|also|and|"
    r"so|ok(?:ay)?|again|just|"
    r"simply|(?:i|we|you|they|he|she|user|(?:the|a|an) (?:user|tester|customer|admin|administrator|"
    r"visitor|agent|shopper|guest|member))"
    r"(?=\s)|should|must|can|could|will|would|shall|needs? to|ha(?:s|ve) to|wants? to|wish(?:es)? to|"
    r"would like to|like to|"
    r"i'd like to|tr(?:y|ies) to|try and|make sure (?:to|you|that you)|be sure to|go ahead and|let's|"
    r"let us|attempt to|start by|"
    r"begin by|your task is to|the goal is to|in order to|remember to|(?:first|next|last),|step \d+[:.)]|\d+[.)]|[-*•]|"
    r"given|when|immediately|quickly|carefully|to|(?:find|locate|identify|determine|spot|look)\s+(?:and|to)(?=\s+[a-z]+\s))"
    r"\s*,?\s+",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"\s*(?:,\s*(?:and\s+)?(?:then\s+)?|;\s*(?:then\s+)?|[.!](?:\s+|$)|\s+and\s+then\s+|\s+then\s+|"
    r"\s+and\s+(?:finally\s+)?|"
    r"\s+followed by\s+|\s+before\s+(?=\w+ing\b)|\s+&\s+|(?<=[^\W_])\s+(?=(?:hit|click|press|tap)\s))\s*",
    re.IGNORECASE,
)
_SCOPE = re.compile(
    r"^(?:in|inside|within|on|at|under(?:neath)?|for|from|using|with|via|below|beneath|above|next to|beside|"
    r"to the (?:left|right) of)\s+[^,]{1,160}?"
    r"(?:,\s*(?:please\s+)?|\s+(?=(?:click|press|tap|hit|select|choose|enter|type|tick|untick|fill|open|set)\s))",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:that|which|who|whose \w+)\s+[a-z]+s\b", re.IGNORECASE)
_THIRD_PERSON = re.compile(r"(?:that\s+|which\s+)?(?:starts|begins|ends|contains|has|is)\s")
"""What goes on with "that starts with A and ends with B"."""
_RUN_ON_AFTER = frozenset(
    ["to", "by", "and", "then", "or", "you", "i", "we", "user", "please", "the", "a", "an", "on", "double", "right",
     "left", "until", "can", "must", "should", "will", "not", "with", "of", "for", "in", "single", "via",
     "about", "called", "named", "titled", "entitled", "from", "at", "saying", "reading", "labelled", "labeled"]
)  # fmt: skip
"""Words before "click", "press" … that tell that no new request begins there."""
_EXPECTS = re.compile(
    r"^(?:check|verify|ensure|make sure|assert|expect|confirm|validate|see|observe|note|notice|should see|if|unless)\s+"
    r"(?:that|whether|if|the following is|a|an|the .+ (?:is|are|shows?|has|contains?))\b",
    re.IGNORECASE,
)
_ANSWERS = re.compile(r"^confirm (?:that (?:you|i|we)\b|(?:the|a|an|this|it)\b.* (?:by \w+ing|with)\b)", re.IGNORECASE)
"""Confirming a question is an action: "Confirm that you want to delete it"."""
_MAX_VERB = 6
_PARTICLES = frozenset(["off", "out", "up", "down", "away", "back", "of", "in", "on", "over", "for", "again"])


@dataclass(frozen=True, slots=True)
class Clause:
    """One request of a step."""

    text: str
    kind: str
    """Intent of `lexicon.yaml`, "act" for a verb of the application, "unknown" for words that begin with no verb."""
    verb: str
    rest: str
    scope: str = ""
    """Where it is to be done, said before it: "In the row of Ada"."""


def split_clauses(text: str) -> list[Clause]:
    """The requests in `text`, in order; protected parts are masked in it."""
    text = _polished(text)
    clauses: list[Clause] = []
    start = 0
    current = _begin(text)
    for match in _SEPARATOR.finditer(text):
        following = text[match.end() :]
        if match.end() <= start or not following.strip() or _is_no_run_on(match, text[start : match.start()]):
            continue
        found = _begin(following)
        if found is None or (current and not _may_end(current, text[start : match.start()], following, found)):
            continue
        clauses.append(_finish(text[start : match.start()], current))
        start, current = match.end(), found
    clauses.append(_finish(text[start:], current))
    return [c for c in clauses if c.text]


def _is_no_run_on(separator: re.Match[str], before: str) -> bool:
    """Whether "click" or "press" after mere space goes on with the request: "until you click"."""
    last = before.split()[-1:] or [""]
    return not separator[0].strip() and last[0].lower() in _RUN_ON_AFTER


def _finish(text: str, begun: "tuple[str, str, int] | None") -> Clause:
    scope, plain = _take_scope(_polished(text))
    plain = _without_end(plain)
    if begun is None:
        return _without_verb(plain)
    kind, verb, size = begun
    rest = " ".join(plain.split()[size:]).strip(" :") if size else plain
    if kind == "act" and (parted := _parted(verb, rest)):
        return Clause(plain, kind, *parted, scope)
    if _EXPECTS.match(plain) and not _ANSWERS.match(plain):
        return Clause(plain, "unknown", verb, rest)
    return Clause(plain, kind, verb, rest, scope)


def _without_end(text: str) -> str:
    """Without the full stop, unless that belongs to an initial ("Ada L."), and without "please"."""
    text = re.sub(r"[\s,]+please[.!]*$", "", text, flags=re.IGNORECASE).strip(" ,;!")
    return text if re.search(r"\s[A-Z]\.$", text) else text.strip(" .,;!")


def _take_scope(text: str) -> tuple[str, str]:
    """("In the row of Ada", "click Edit") of "In the row of Ada, click Edit"; no scope without a verb after it."""
    match = _SCOPE.match(text)
    if match is None or not _verb_at(_polished(text[match.end() :])):
        return "", text
    return match[0].strip(" ,"), _polished(text[match.end() :])


_NO_REQUEST = frozenset({"should", "if", "unless", "nothing"})
_FORBIDS = re.compile(r"\W*(?:please )?(?:do not|don['’]t|never|not)\b", re.IGNORECASE)


def forbids(text: str) -> bool:
    """Whether a step says what is not to be done: "Do not delete the files"."""
    return bool(_FORBIDS.match(text))


def _without_verb(text: str) -> Clause:
    """A text that begins with no known verb: its first word may be a verb of the application."""
    tokens = text.split()
    if len(tokens) < 2 or protected(tokens[0]) or not tokens[0].isalpha() or _EXPECTS.match(text):
        return Clause(text, "unknown", "", text)
    first = tokens[0].lower()
    if first in lexicon().stop or first in _NO_REQUEST or forbids(text):
        return Clause(text, "unknown", "", text)
    return Clause(text, "act", tokens[0], " ".join(tokens[1:]))


def _polished(text: str) -> str:
    text = text.strip()
    while True:
        shorter = _POLITE.sub("", text, count=1)
        if shorter == text or not shorter:
            return text
        if _verb_at(text) and not _verb_at(shorter):
            return text
        text = shorter


def _begin(text: str) -> tuple[str, str, int] | None:
    return _verb_at(_take_scope(_polished(text[:400]))[1])


def _verb_at(text: str) -> tuple[str, str, int] | None:
    """(intent, verb, its length in tokens) of the verb at the start of `text`."""
    tokens = text.split(maxsplit=_MAX_VERB + 1)[:_MAX_VERB]
    words: list[list[str]] = [[] if protected(t) else [stem(w) for w in words_of(t)] for t in tokens]
    for size in range(len(tokens), 0, -1):
        if any(not w for w in words[:size]) or any(t[-1:] in ",;:" for t in tokens[: size - 1]):
            continue
        phrase = tuple(w for part in words[:size] for w in part)
        kind = lexicon().verbs.get(phrase)
        if kind:
            return kind, " ".join(tokens[:size]).lower().strip(",;:."), size
    if words and len(words[0]) == 1 and words[0][0] in lexicon().acts and not tokens[0].endswith("'s"):
        size = _phrasal_size(tokens, words)
        return "act", " ".join(tokens[:size]).lower().strip(",;:."), size
    return None


def _phrasal_size(tokens: list[str], words: list[list[str]]) -> int:
    """How many words the verb has: "call off", "get rid of"."""
    for size in range(min(4, len(tokens)), 1, -1):
        phrase = tuple(w for part in words[:size] for w in part)
        if len(phrase) == size and phrase in lexicon().concepts and words[size - 1][0] in _PARTICLES:
            return size
    return 1


def _is_inflected(text: str) -> bool:
    """Whether the first word is a verb in the third person, as in "clicks", or a plural."""
    first = _polished(text).split()[:1]
    return bool(first) and first[0].islower() and first[0].endswith("s") and not first[0].endswith(("ss", "us"))


def _is_open_scope(before: str) -> bool:
    """Whether it only says where to do what comes next: "In the row of Ada"."""
    plain = _polished(before)
    return bool(_SCOPE.match(f"{plain}, ")) and not _verb_at(plain) and not _take_scope(plain)[0]


def _parted(verb: str, rest: str) -> tuple[str, str] | None:
    """Verb and object of "throw the mug away", "save the lamp for later": a verb whose end stands behind its object."""
    tokens = rest.split()
    for size in (3, 2, 1):
        end = tokens[-size:]
        if len(tokens) <= size or any(protected(t) for t in end) or end[0].lower() not in _PARTICLES:
            continue
        whole = f"{verb} {' '.join(end)}"
        if tuple(stem(w) for w in words_of(whole)) in lexicon().concepts:
            return whole.lower(), " ".join(tokens[:-size])
    return None


_FIELD_LISTS = {"fill", "type", "select"}


def _may_end(current: tuple[str, str, int], before: str, following: str, found: tuple[str, str, int]) -> bool:
    """Whether a new request begins here, and not another "field value" pair of the one before."""
    if _is_inflected(following) and not _is_inflected(current[1]):
        return False  # "shipping and returns" are nouns
    if _is_open_scope(before) or (_RELATIVE.search(before) and _THIRD_PERSON.match(following)):
        return False
    if (
        len(before.split()) <= current[2]
        and current[0] not in {"back", "reload", "wait", "login"}
        and current[0] != "act"
    ):
        return False
    if current[0] not in _FIELD_LISTS:
        return True
    first = " ".join(words_of(following.split()[0])) if following.split() else ""
    if first not in lexicon().fields:
        return True
    second = following.split()[1:2] or [""]
    return second[0].lower() in {"the", "a", "an", "on", "it", "in", "for"}
