"""Says which steps mean the same control every time, and which have to be read against the page anew.

    why_anew("Click Delete in the row of Summer cabin")     -> ""
    why_anew("Open the cheapest mug")                       -> 'what "cheapest" is may change'

Only the former are replayed by their lock: what is first, cheapest or newest today may be another one tomorrow, while
the one of today is still there and looks as it did.
"""

import re
from collections.abc import Sequence

from magenta_qa.agent.fingerprint import words_of
from magenta_qa.agent.memory import Target as Remembered
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.step import read_step
from magenta_qa.model.language.target import Target

_CHANGING = re.compile(
    r"\b(?:first|second|third|fourth|fifth|last|latest|newest|oldest|earliest|most|least|highest|lowest|largest|"
    r"biggest|smallest|cheapest|dearest|nearest|best|worst|top|bottom|upper|lower|left|right|above|below|under|next to|"
    r"any|some|all|every|each|both|another|other|random|only|remaining|rest|times|twice|once|"
    r"today|tomorrow|yesterday|now|current|this (?:week|month|year)|next (?:week|month|year)|"
    r"last (?:week|month|year)|in \d+ (?:days?|weeks?|months?)|"
    r"until|till|unless|if|when|while|whenever|wait|as long as|more than|less than|fewer than|without|except|"
    r"one more|again|enough|necessary|needed|greater|cheaper|if (?:it|there))\b",
    re.IGNORECASE,
)
_SIDE = re.compile(r"\b(?:above|below|under)\b", re.IGNORECASE)
LOGIN_ACTIONS = 3  # name, password, and what sends them
_REPEATED = frozenset({"click", "press", "double_click"})
_ENTERING = frozenset({"fill", "select", "check"})
_QUOTED = re.compile(r"“[^”]*”|\"[^\"]*\"|'[^']*'|\$\{\w+\}")


def why_anew(step: str, targets: Sequence[Remembered] = ()) -> str:
    """Why the page must be looked at each time for a step; empty when it is always done in the same way.

    Args:
        step: Its text.
        targets: What it acted on when it passed.
    """
    intents = read_step(step, [target.name for target in targets if target.name])
    changing = _CHANGING.search(_without_end(_QUOTED.sub(" ", step), intents))
    if changing:
        return f'what "{changing[0].lower()}" means may change'
    reason = next((reason for intent in intents if (reason := _why(intent))), "")
    return reason or (_why_as_done(intents, targets) if targets else "")


def _without_end(plain: str, intents: Sequence[Intent]) -> str:
    """Without the word that says where at its end something is dropped: "Drag Torch above Tent" means Tent itself."""
    drags = len(intents) == 1 and intents[0].kind == "drag" and intents[0].to is not None
    return _SIDE.sub(" ", plain, count=1) if drags else plain


def _why_as_done(intents: Sequence[Intent], targets: Sequence[Remembered]) -> str:
    """What was left out or repeated then, because of how the page happened to be."""
    placed = all(target.place is not None for target in targets)
    parts = {target.place.part for target in targets if target.place is not None}
    if (placed and not parts >= set(range(len(intents)))) or len(targets) < len(intents):
        return "part of it was already so"
    if any(intent.kind == "login" for intent in intents) and len(targets) < LOGIN_ACTIONS:
        return "part of it was already so"
    acted_on = [(t.fingerprint, t.locators) for t in targets if t.element_type and t.kind in _REPEATED]
    if any(acted_on.count(each) > 1 for each in acted_on):
        return "how often it has to be done may change"
    if any(intent.value and intent.kind in _ENTERING and not _holds(intent.value, targets) for intent in intents):
        return "how its value is reached may change"
    if any(target.effect == "picture" for target in targets):
        return "only a picture tells what it did"
    return ""


def _holds(value: str, targets: Sequence[Remembered]) -> bool:
    """Whether the value was entered as it is, or is what a control that was chosen is called."""
    words = words_of(value)
    return any(target.value or (words and words & words_of(target.name)) for target in targets)


def _why(intent: Intent) -> str:
    if intent.until is not None:
        return "it is repeated until something holds"
    if intent.source is not None or intent.kind in ("find", "note", "complete", "only", "unknown"):
        return "it depends on what the page says"
    targets = (intent.target, intent.to, intent.option, *intent.path)
    return next((reason for target in targets if target is not None and (reason := _relative(target))), "")


def _relative(target: Target) -> str:
    if target.ordinal or any(r.ordinal or r.extreme for r in target.relations):
        return "which one is meant is counted or compared"
    if target.count is not None or any(r.count is not None for r in target.relations):
        return "how many are meant may change"
    return "only part of its name is known" if target.spelt is not None else ""
