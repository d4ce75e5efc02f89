"""Ratings: how many stars are given, and to what.

read_rating("Give the trip four stars")   -> Rating("the trip", "4")
read_rating("Rate the pain 4 of 5")       -> Rating("the pain", "4")
read_rating("Give the dog two biscuits")  -> None
"""

import re
from dataclasses import dataclass

from magenta_qa.model.language.quantity import NUMBERS

_NUMBER = rf"(?P<number>\d{{1,2}}|{'|'.join(NUMBERS)})"
_OF = r"(?:\s*(?:of|out of|/)\s*(?:\d{1,2}|five|ten))"
_STARS = rf"{_NUMBER}(?:{_OF}?[ -]stars?(?: rating)?|{_OF})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"^rate (?P<what>\S.*?)(?: with| at| as| by)? (?:an? )?(?:{_STARS})$",
        rf"^rate (?P<what>\S.*?) (?:with|at|as) {_NUMBER}$",
        rf"^(?:give|award|leave|assign|set) (?:an? )?{_STARS}(?: (?:to|for|on) (?P<what>\S.*))?$",
        rf"^(?:give|award|assign) (?P<what>\S.*?) (?:an? )?{_STARS}$",
        rf"^(?:choose|select|pick|click|press)(?: on)? (?:the )?{_STARS}(?: (?:for|as|in|of) (?P<what>\S.*))?$",
        rf"^(?:set|change) (?P<what>(?:the |my )?(?:\S+ ){{0,3}}(?:rating|score)(?: (?:of|for) \S.*?)?) to {_STARS}$",
    )
)
_NAMED = re.compile(rf"(?:the )?{_NUMBER}[ -]stars?(?: (?:button|icon|link|rating))?", re.IGNORECASE)
_IT = re.compile(r"(?:it|this|that|(?:the |my |your )?rating|(?:the |my |your )?score)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rating:
    """What is rated, empty where that is not said, and how high."""

    what: str
    number: str


def read_rating(text: str) -> Rating | None:
    """The rating that a request asks for, or None."""
    for form in _FORMS:
        match = form.match(text.strip(" ."))
        if match:
            what, number = match["what"] or "", match["number"].lower()
            return Rating("" if _IT.fullmatch(what) else what, str(NUMBERS.get(number, number)))
    return None


def named_star(target: str) -> str:
    """The number of the star that a control is called by, "3 stars button", or nothing."""
    match = _NAMED.fullmatch(target.strip(" ."))
    return str(NUMBERS.get(match["number"].lower(), match["number"])) if match else ""
