"""How far a request to scroll goes, and in what.

read_scroll("down")                                -> ("", "down")
read_scroll("the list to its bottom")              -> ("the list", "bottom")
read_scroll("until Imprint is visible")            -> ("Imprint", None)
"""

import re

_ENDS = {"end": "bottom", "start": "top", "beginning": "top", "bottom": "bottom", "top": "top"}
_TO_END = (
    re.compile(
        r"^(?:(?:up|down)\s+)?(?:all the way\s+)?to (?:the|its) (?:very )?(?P<end>bottom|top|end|start|beginning)"
        r"(?:\s+(?:of|in)\s+(?P<where>.+))?$",
        re.IGNORECASE,
    ),
    re.compile(
        r"^(?P<where>.+?)\s+(?:all the way\s+)?(?:(?:up|down)\s+)?to (?:the|its) (?:very )?"
        r"(?P<end>bottom|top|end|start|beginning)(?:\s+of\s+.+)?$",
        re.IGNORECASE,
    ),
)
_WAY_WITHIN = (
    re.compile(
        r"^(?P<way>up|down|left|right)\s+(?:(?:a bit|a little|further)\s+)?(?:in|inside|within)\s+(?P<where>.+)$",
        re.IGNORECASE,
    ),
    re.compile(r"^(?P<where>.+?)\s+(?P<way>up|down|left|right)(?:wards)?$", re.IGNORECASE),
    re.compile(r"^(?P<way>)(?:in|inside|within)\s+(?P<where>.+)$", re.IGNORECASE),
)
_WHOLE_PAGE = re.compile(r"^(?:the\s+)?(?:whole\s+|entire\s+)?(?:page|screen|window|site|view)$", re.IGNORECASE)
_UNTIL_SEEN = re.compile(
    r"^(?:(?:up|down|left|right)\s+)?through\s+|^(?:the page\s+)?(?:(?:up|down)\s+)?"
    r"(?:until|till|to|to where|so that)\s+(?:you (?:can )?see\s+|you find\s+)?|\s+(?:is|are|becomes?|"
    r"comes?)\s+(?:visible|shown|seen|in(?:to)? view)$|\s+into view$",
    re.IGNORECASE,
)


def read_scroll(text: str) -> tuple[str, str | None]:
    """(what is scrolled or looked for, direction or end) of what follows "scroll"; no direction where it is sought."""
    text = re.sub(r"^the page\s+(?=up|down|left|right|to )", "", text, flags=re.IGNORECASE)
    if not text or re.fullmatch(r"(?:up|down|left|right)(?: (?:the page|a bit|a little))?", text, re.IGNORECASE):
        return "", text.split()[0].lower() if text else "down"
    end = next((m for p in _TO_END if (m := p.match(text))), None)
    if end:
        return _part(end["where"]), _ENDS[end["end"].lower()]
    within = next((m for p in _WAY_WITHIN if (m := p.match(text))), None)
    if within:
        return _part(within["where"]), (within["way"] or "down").lower()
    return _UNTIL_SEEN.sub("", _UNTIL_SEEN.sub("", text)), None


def _part(where: str | None) -> str:
    """What is scrolled; empty where it is the page."""
    return "" if where is None or _WHOLE_PAGE.match(where) else where
