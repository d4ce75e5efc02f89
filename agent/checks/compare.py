"""Compares texts, numbers and sort keys the way a careful reader does.

contains("Cart: 13 items", "3 items")      -> False      # whole words, whole numbers
contains("Total $120", "$12")              -> False
numbers("€ 1.234,50 plus 3 items")         -> [Amount(1234.50, "€"), Amount(3, "")]
same_value("$42", "$42.00")                -> True
sort_key(["$9.00", "$10.00"])              -> two keys that order as amounts, not as texts
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from magenta_qa.model.language.dates import parse_date

_MONTHS = 12
_QUOTES = str.maketrans(
    {
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‘": "'",
        "’": "'",
        "‚": "'",
        "\u00a0": " ",
        "\u2011": "-",
        "\u2212": "-",
        "\u200b": "",
        "\u200c": "",
        "\u200d": "",
        "\u2060": "",
        "\ufeff": "",
        "\u00ad": "",
        "\u202f": " ",
        "\u2009": " ",
    }
)
_GROUPED = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=\d{3}(?!\d))")  # 1 234: one number, whatever stands before
_TOKEN_LIKE = re.compile(r"\S*[@./_:\\\-]\S*|\S*\d\S*")
_CURRENCIES = "$€£¥₹"
_CODES = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "inr": "₹"}
_AMOUNT = re.compile(
    rf"(?P<sign>(?<![\w.,])[-−])?\s?(?P<pre>[A-Z]{{0,2}}[{_CURRENCIES}]|\b(?:USD|EUR|GBP|JPY|"
    rf"INR)\b)?\s?(?P<sign2>(?<=[{_CURRENCIES}])-)?"
    rf"(?P<n>\d+(?:[.,'  ]\d{{3}}(?!\d))*(?:[.,]\d+)?)(?:\s?(?P<post>[{_CURRENCIES}%]|(?:USD|EUR|GBP|JPY|INR)\b))?"
)
_DATE_FORMATS = (
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d %B %Y",
    "%d %b %Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%B %d %Y",
    "%b %d %Y",
    "%d %b %Y %H:%M",
    "%b %d, %Y %H:%M",
    "%d.%m.%Y %H:%M",
    "%Y-%m",
    "%B %Y",
    "%b %Y",
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit: a currency sign, % or nothing."""

    value: Decimal
    unit: str = ""


def fold(text: str) -> str:
    """Typographic quotes, dashes and blanks as plain ones; runs of blanks as one, tabs and line breaks kept."""
    text = unicodedata.normalize("NFC", text)
    text = _GROUPED.sub("'", text).translate(_QUOTES)
    return re.sub(r"[ \xa0\u2000-\u200a]+", " ", text)


def squeeze(text: str) -> str:
    """Like `fold`, but everything on one line."""
    return " ".join(fold(text).split())


@cache
def _pattern(expected: str, ignore_case: bool) -> re.Pattern[str]:
    words = squeeze(expected).split(" ")
    body = r"[ \t]+".join(re.escape(word) for word in words)
    body = re.sub(r"(?<=\d)\[ \\t\]\+(?=\d{3}(?!\d))", r"[ \\t']", body)
    first, last = words[0][:1], words[-1][-1:]
    before = r"(?<!\w)" if first.isalnum() or first == "_" or first in _CURRENCIES else ""
    after = r"(?!\w)" if last.isalnum() or last == "_" else ""
    if first.isdigit():
        before += r"(?<!\d[.,:/'])(?<!\w-)(?<!(?<!\w)-)(?<!-[$€£¥₹])"
    elif first in _CURRENCIES:
        before += r"(?<!-)"
    if last.isdigit():
        after += r"(?![.,:/'’]\d)(?!-\d)(?! \d{3}(?:\D|$))"
    elif _TOKEN_LIKE.fullmatch(words[-1]):
        after += r"(?![.@/\\-]\w)"
    if _TOKEN_LIKE.fullmatch(words[0]) and first.isalnum() and not words[0].isdigit():
        before += r"(?<!\w[.@/\\-])"
    return re.compile(before + body + after, re.IGNORECASE if ignore_case else 0)


def contains(text: str, expected: str, *, ignore_case: bool = False) -> bool:
    """Whether `expected` stands in `text` as whole words and whole numbers, on one line.

    A blank in `expected` matches blanks and tabs, so that "Ada Admin" is found across two cells of a row.
    """
    return bool(squeeze(expected)) and _pattern(expected, ignore_case).search(fold(text)) is not None


def nearly_contains(text: str, expected: str) -> str:
    """What stands in `text` and could be meant by `expected`, regardless of case and inflection; empty if nothing.

    For expectations that something is absent: "error" is not absent where "Errors" stands.
    """
    wanted = squeeze(expected)
    if not wanted:
        return ""
    body = r"\s+".join(re.escape(word) for word in wanted.split(" "))
    before = r"(?<!\w)" if wanted[0].isalpha() else r"(?<![\w.,])"
    after = r"(?:\w{0,3})(?!\w)" if wanted[-1].isalpha() else r"(?!\w)(?![.,]\d)"
    match = re.search(before + body + after, fold(text), re.IGNORECASE)
    return " ".join(match[0].split()) if match else ""


def equals(text: str, expected: str, *, ignore_case: bool = False) -> bool:
    """Whether both are the same apart from white space and typographic variants."""
    a, b = squeeze(text), squeeze(expected)
    return a.casefold() == b.casefold() if ignore_case else a == b


def numbers(text: str) -> list[Amount]:
    """The numbers in a text, with their units."""
    found = []
    for match in _AMOUNT.finditer(fold(text)):
        value = decimal_of(match["n"])
        if value is None:
            continue
        unit = (match["pre"] or match["post"] or "").strip()
        unit = _CODES.get(unit.lower(), unit)
        found.append(Amount(-value if match["sign"] or match["sign2"] else value, unit))
    return found


def decimal_of(numeral: str) -> Decimal | None:
    """The value of a numeral in English or continental spelling: "1,234.5", "1.234,5", "1 234,5"."""
    digits = re.sub(r"[\s']", "", numeral)
    dot, comma = digits.rfind("."), digits.rfind(",")
    if dot >= 0 and comma >= 0:
        decimal_mark = "." if dot > comma else ","
        digits = digits.replace("," if decimal_mark == "." else ".", "").replace(decimal_mark, ".")
    elif comma >= 0:
        grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+", digits)
        digits = digits.replace(",", "") if grouped else digits.replace(",", ".")
    elif digits.count(".") > 1:
        digits = digits.replace(".", "")
    try:
        return Decimal(digits)
    except ArithmeticError:
        return None


def same_value(actual: str, expected: str, *, ignore_case: bool = False) -> bool:
    """Whether two values are the same: as texts, as one number with the same unit, or, not word for word, as one day.

    "42" is the same as "$42.00" (no unit was named), "$42" is not the same as "€42" or "42"; "2026-12-24" is the
    same as "24 December 2026".
    """
    if equals(actual, expected, ignore_case=ignore_case) or (ignore_case and _same_day(actual, expected)):
        return True
    a, b = whole_number(actual), whole_number(expected)
    return a is not None and b is not None and a.value == b.value and (not b.unit or a.unit == b.unit)


def _same_day(actual: str, expected: str) -> bool:
    """Whether both are the same date; 05/06/2026 is none, since it may be in May or in June."""
    days = [_day(text) for text in (actual, expected)]
    return days[0] is not None and days[0] == days[1]


def _day(text: str) -> date | None:
    plain = re.sub(r"\s*([/.-])\s*", r"\1", squeeze(text))
    slashed = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", plain)
    if slashed and slashed[1] != slashed[2] and max(int(slashed[1]), int(slashed[2])) <= _MONTHS:
        return None
    if slashed and int(slashed[1]) > _MONTHS:
        plain = f"{slashed[2]}/{slashed[1]}/{slashed[3]}"
    return parse_date(plain)


def whole_number(text: str) -> Amount | None:
    """The amount that a text consists of, None when it is anything else."""
    folded = squeeze(text)
    match = _AMOUNT.fullmatch(folded)
    return numbers(folded)[0] if match and numbers(folded) and not re.match(r"0\d", match["n"]) else None


Key = tuple[int, Decimal | float | str]


def sort_keys(texts: Sequence[str]) -> list[Key] | None:
    """Keys by which the texts can be compared: all as amounts, all as dates, or all as texts.

    Returns:
        None when they cannot be compared: amounts of several currencies, or amounts and texts.
    """
    amounts = [_leading_amount(text) for text in texts]
    if all(amount is not None for amount in amounts):
        units = {amount.unit for amount in amounts if amount is not None}
        return None if len(units - {""}) > 1 else [(0, amount.value) for amount in amounts if amount is not None]
    if sum(amount is not None for amount in amounts) * 2 >= len(amounts) > 0:
        return None  # mostly amounts: as texts, "9" would stand after "10"
    dates = [date_of(text) for text in texts]
    if all(each is not None for each in dates):
        return [(0, each.timestamp()) for each in dates if each is not None]
    return [(0, _collation(text)) for text in texts]


def _leading_amount(text: str) -> Amount | None:
    return whole_number(text)


def date_of(text: str) -> datetime | None:
    """A date in one of the unambiguous usual spellings."""
    folded = re.sub(r"(\d)(?:st|nd|rd|th)\b", r"\1", squeeze(text)).removesuffix("Z")
    folded = re.sub(r"\.\d{3}$", "", folded)
    for pattern in _DATE_FORMATS:
        try:
            return datetime.strptime(folded, pattern)
        except ValueError:
            continue
    return None


def _collation(text: str) -> str:
    """Case and accents do not decide the alphabetical order."""
    decomposed = unicodedata.normalize("NFKD", squeeze(text).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
