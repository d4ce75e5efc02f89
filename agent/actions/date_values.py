"""Writes dates, times and what sliders take the way that HTML fields want them, whatever way a tester wrote them.

field_value("date", "24 December 2026")    -> "2026-12-24"
field_value("date", "12/24/2026")          -> "2026-12-24"     (American order, unless the first number is over 12)
field_value("time", "3:05 pm")             -> "15:05"
field_value("range", "75 %")               -> "75"             (or any other unit: "60 minutes")
field_value("text", "3:05 pm")             -> "3:05 pm"
"""

import re
from datetime import datetime

_DATES = (
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%m-%d-%Y",
    "%d-%m-%Y",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d %Y",
    "%b %d %Y",
)
_TIMES = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I %p", "%I:%M%p", "%I%p")
_MONTHS = ("%Y-%m", "%B %Y", "%b %Y", "%m/%Y")
_MEASURED = re.compile(r"(?:[^\w\s.,-]\s?)?(?P<number>-?\d+(?:\.\d+)?)\s*(?:[^\W\d]+|\W)?")
"""A number with its unit before or after it: "75 %", "60 minutes", "€80"."""
_READ = {
    "date": (_DATES, "%Y-%m-%d"),
    "time": (_TIMES, "%H:%M"),
    "month": (_MONTHS, "%Y-%m"),
    "datetime-local": (tuple(f"{d} {t}" for d in _DATES for t in _TIMES), "%Y-%m-%dT%H:%M"),
}


def field_value(kind: str, text: str) -> str:
    """What to put into an input of that type; `text` itself where it is no date or already right.

    Args:
        kind: The input's `type`.
        text: A date, time, month, both date and time, or a number.
    """
    if kind == "range":
        number = _MEASURED.fullmatch(text.strip())
        return number["number"] if number else text
    formats, wanted = _READ.get(kind, ((), ""))
    plain = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text.strip())
    plain = re.sub(r"[,\s]+|(?<=\d)T(?=\d)", " ", plain)
    for each in formats:
        try:
            return datetime.strptime(plain, each).strftime(wanted)
        except ValueError:
            continue
    return text
