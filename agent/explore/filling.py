"""What is typed into a form: data as a careful person would give them, and nasty ones.

    sensible(candidate, data)   -> "ada.explorer@example.com" for an e-mail field
    nasty(candidate)            -> "not-an-address"

`data` are the caller's own values, by a word of the field's name: {"postcode": "20459"}.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta

from magenta_qa.model.schema import Candidate

MARKER = "magentaXss"
"""Name of the window property that only markup taken for code can set."""
MARKUP = f'<img src=x onerror="window.{MARKER}=1">\'"&'
LONG = "W" * 300
_TEXTS: tuple[tuple[str, str], ...] = (
    (r"e-?mail", "robin.explorer@example.com"),
    (r"phone|mobile|\btel\b", "+49 40 1234567"),
    (r"first ?name|given", "Robin"),
    (r"last ?name|surname|family", "Marten"),
    (r"(?:user|login|nick) ?name|^login$", "robin"),
    (r"zip|post(?:al)? ?code|postcode", "20459"),
    (r"city|town", "Hamburg"),
    (r"street|address line|^address$", "Harbour Lane 7"),
    (r"country", "Germany"),
    (r"company|organi[sz]ation", "Marten Works"),
    (r"\burl\b|website|link|homepage", "https://example.com/"),
    (r"card number", "4242 4242 4242 4242"),
    (r"expir", "12/30"),
    (r"security code|cvc|cvv", "123"),
    (r"price|cost", "17.50"),
    (r"quantity|amount|count|number of|stock|age|port|limit", "3"),
    (r"colou?r", "blue"),
    (r"title|subject|headline", "Explorer's entry"),
    (r"tag|label|keyword", "field-trip"),
    (r"search|find|filter|query", "a"),
    (r"message|comment|note|description|text|body|content|broken", "Written by an explorer of this application."),
    (r"recipient|name", "Robin Marten"),
)
_BY_TYPE = {
    "email": "robin.explorer@example.com",
    "tel": "+49 40 1234567",
    "url": "https://example.com/",
    "number": "3",
    "range": "3",
    "color": "#336699",
    "time": "10:30",
    "search": "a",
}
_CARD = re.compile(r"\bcard ?(?:number|no\b)|\bcc ?-?number\b|\bpan\b", re.I)
_MAIL = re.compile(r"e-?mail", re.I)


def sensible(candidate: Candidate, data: Mapping[str, str], today: date) -> str:
    """A value that a person would give.

    Args:
        candidate: The field.
        data: The caller's values; the first whose name is in the field's name is taken.
        today: Dates are soon after it.
    """
    told = field_name(candidate)
    for word, value in data.items():
        if word.casefold() in told.casefold():
            return value
    kind = candidate.element_type.partition(":")[2]
    if kind in ("date", "datetime-local", "month", "week"):
        day = today + timedelta(days=10)
        year, week, _ = day.isocalendar()
        forms = {"date": day.isoformat(), "datetime-local": f"{day}T10:30", "month": f"{day:%Y-%m}"}
        return forms.get(kind, f"{year}-W{week:02}")
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    return next((value for pattern, value in _TEXTS if re.search(pattern, told, re.I)), "Explorer")


def nasty(candidate: Candidate) -> str:
    """A value that must be refused or at least be harmless."""
    if is_mail(candidate):
        return "not-an-address"
    kind = candidate.element_type.partition(":")[2]
    return {"number": "-99999999", "tel": "abc", "url": "nowhere"}.get(kind, MARKUP)


def is_card(candidate: Candidate) -> bool:
    """Whether the field is for the number of a bank card."""
    return bool(_CARD.search(field_name(candidate)))


def is_mail(candidate: Candidate) -> bool:
    """Whether the field is for an e-mail address."""
    return candidate.element_type == "input:email" or bool(_MAIL.search(candidate.name))


def field_name(candidate: Candidate) -> str:
    """What a field says that it is for."""
    return " ".join(part for part in (candidate.name, candidate.description, candidate.hints) if part)


def is_text(candidate: Candidate) -> bool:
    """Whether a field takes typed text."""
    kind = candidate.element_type
    untyped = ("checkbox", "radio", "file", "button", "submit", "reset", "image", "hidden")
    return kind == "textarea" or (kind.startswith("input:") and kind.partition(":")[2] not in untyped)
