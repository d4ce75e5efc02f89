"""What an explorer must not do unasked: destroy, pay, send, leave.

    risks("Delete", "Deletes the Summer cabin row.")         -> frozenset({"destructive"})
    risks("Log out", "Activates Log out.")                   -> frozenset({"leaving"})

Both the name of a control and what the understanding back end says about it are read; either suffices.
"""

import re
from typing import Literal

Risk = Literal["destructive", "paying", "sending", "leaving"]
RISKS: tuple[Risk, ...] = ("destructive", "paying", "sending", "leaving")
_WORDS: dict[Risk, str] = {
    "destructive": r"delet\w*|remov\w*|eras\w*|purg\w*|wip\w*|destroy\w*|drop(?:s|ped)?|trash\w*|uninstall\w*|revok\w*|"
    r"terminat\w*|deactivat\w*|archiv\w*|unpublish\w*|reset(?:s|ting)?|clear(?:s|ing)? (?:all|everything|the|data)\b|"
    r"empt(?:y|ies) (?:the|trash|bin|cart|basket)|cancel\w* (?:the |my |your |this )?(?:order|booking|subscription|"
    r"account|membership|reservation|plan)\w*|discard\w* (?:the )?(?:draft|changes)|stops? (?:the )?server|"
    r"shut ?down|restor\w* defaults|merge|ban|block",
    "paying": r"pay(?:s|ing|ment)?|buy(?:s|ing)?|purchas\w*|donat\w*|subscrib\w*|upgrad\w*|authori[sz]e\w* payment|"
    r"plac\w* (?:the |an |my |your )?orders?|order now|check ?out now|top up|withdraw\w*|transfer\w*",
    "sending": r"send(?:s|ing)?|e-?mail(?:s|ing)?|publish\w*|shar(?:e|es|ing)|invit\w*|tweet\w*|repl(?:y|ies)|"
    r"notif(?:y|ies)|broadcast\w*|deploy\w*|mark\w* as shipped",
    "leaving": r"(?:log|sign)(?:s|ging|ing)?[ -]?(?:out|off)|logoff|logout|signout|"
    r"clos\w* (?:my |your |the )?account|quit|exit",
}
_PATTERNS = {risk: re.compile(rf"\b(?:{words})\b", re.I) for risk, words in _WORDS.items()}
_HARMLESS = re.compile(
    r"\b(?:payment methods?|e-?mail (?:address|settings|preferences|templates?)|shared|sent|replies|notifications?|"
    r"blocks?|archives?|trash|deleted|reset filters?|show deleted|pay(?:ment)? (?:history|terms))\b",
    re.I,
)


def risks(name: str, description: str, *, undoable: bool = False) -> frozenset[Risk]:
    """What acting on a control may do that cannot be taken back.

    Args:
        name: Of the control.
        description: What the understanding back end says that it does.
        undoable: Whether it is a toggle, which a second click sets back.
    """
    told = [name, *_own_words(name, description)]
    found = {risk for risk, pattern in _PATTERNS.items() if any(pattern.search(_HARMLESS.sub(" ", t)) for t in told)}
    return frozenset(found - {"destructive", "sending"} if undoable else found)


def _own_words(name: str, description: str) -> list[str]:
    """The sentence up to what it is done to: "Edits the Delete me row" says nothing of deleting."""
    head = re.split(r"(?<=\w)\s(?:the|its|a|an)\s", description, maxsplit=1)[0]
    return [] if head.casefold().startswith("opens ") and name else [head]
