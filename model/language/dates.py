"""Dates in a tester's words, and the ways in which fields and calendars want them.

parse_date("15 March 2027")                 -> date(2027, 3, 15)
write_date(date(2027, 3, 15), "mm/dd/yyyy")  -> "03/15/2027"
parse_month("‹ March 2027 ›")               -> (2027, 3)
parse_time("2:30 pm")                       -> time(14, 30)
"""

import re
from datetime import date, time, timedelta

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_NUMBER = {name[:3]: i for i, name in enumerate(MONTHS, 1)}
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_FORMS = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<number>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(rf"(?:the\s+)?{_DAY}(?:\s+of)?[\s-]+{_MONTH},?[\s-]+(?P<year>\d{{4}})", re.IGNORECASE),
    re.compile(rf"{_MONTH}\s+(?:the\s+)?{_DAY},?\s+(?P<year>\d{{4}})", re.IGNORECASE),
    re.compile(r"(?P<number>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})\.\s?(?P<number>\d{1,2})\.\s?(?P<year>\d{4})"),
)
_HEADING = re.compile(
    rf"\b{_MONTH},?\s+(?P<year>\d{{4}})\b|\b(?P<year2>\d{{4}})[-/.\s]+(?P<number>\d{{1,2}})\b", re.IGNORECASE
)
_CLOCK = re.compile(
    r"(?:at )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?:\s?(?P<half>[ap])\.?m\.?)?(?: o'clock)?", re.IGNORECASE
)
_TOKEN = re.compile(r"y{4}|y{2}|m{3,4}|m{1,2}|d{1,2}", re.IGNORECASE)


def is_day_number(text: str) -> bool:
    """Whether it is what a day is called in a calendar: "1" to "31"."""
    return re.fullmatch(r"[1-9]|[12]\d|3[01]", text.strip()) is not None


def parse_date(text: str, today: date | None = None) -> date | None:
    """The date that `text` is, or None when it is none; "tomorrow" only where `today` is given."""
    plain = text.strip().rstrip(".").lower()
    plain = re.sub(r"^(?:(?:the )?date\s+|on\s+|(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)+", "", plain)
    relative = {"today": 0, "tomorrow": 1, "yesterday": -1, "the day after tomorrow": 2}
    if plain in relative:
        return today + timedelta(days=relative[plain]) if today else None
    for form in _FORMS:
        match = form.fullmatch(plain)
        if match:
            found = match.groupdict()
            month = int(found["number"]) if found.get("number") else _NUMBER[found["month"][:3]]
            return _date(int(found["year"]), month, int(found["day"]))
    return None


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def parse_time(text: str) -> time | None:
    """The time of day that `text` is, to the minute; None when it is none."""
    match = _CLOCK.fullmatch(text.strip().rstrip("."))
    if match is None or (match["minute"] is None and match["half"] is None):
        return None
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def date_pattern(text: str) -> str:
    """The pattern such as "dd.mm.yyyy" that a placeholder or hint shows, or empty."""
    match = re.search(r"\b(?:dd?|mm?|yyyy)([-/. ]\s?)(?:dd?|mm?m?m?)\1(?:dd?|yyyy|yy)\b", text, re.IGNORECASE)
    return match[0] if match else ""


def write_date(day: date, pattern: str) -> str:
    """The date as a field wants it: "yyyy-mm-dd", "dd.mm.yyyy" …"""

    def part(match: re.Match[str]) -> str:
        token = match[0].lower()
        if token[0] == "y":
            return f"{day.year:04d}"[-len(token) :]
        if token.startswith("mmm"):
            return MONTHS[day.month - 1].title()[: 3 if len(token) == 3 else None]
        number = day.month if token[0] == "m" else day.day
        return f"{number:0{len(token)}d}"

    return _TOKEN.sub(part, pattern)


def parse_month(text: str) -> tuple[int, int] | None:
    """The (year, month) that a calendar's heading shows, or None."""
    for match in _HEADING.finditer(text):
        month = _NUMBER[match["month"][:3].lower()] if match["month"] else int(match["number"])
        if 1 <= month <= 12:
            return int(match["year"] or match["year2"]), month
    return None


def spellings(day: date) -> tuple[str, ...]:
    """The ways in which a calendar may name a day, most telling first."""
    month = MONTHS[day.month - 1]
    long = [
        f"{day.day} {month} {day.year}",
        f"{month} {day.day} {day.year}",
        f"{day.year} {day.month:02d} {day.day:02d}",
    ]
    short = [
        f"{day.day} {month[:3]} {day.year}",
        f"{month[:3]} {day.day} {day.year}",
        f"{day.month} {day.day} {day.year}",
    ]
    return (*long, *short)
