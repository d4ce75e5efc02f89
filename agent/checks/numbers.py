"""Whether the numbers that a page states agree with each other: sums with their rows, counts with their lists.

    contradictions(numbers)   -> [Contradiction('Subtotal is €84.00, but the column "Total" adds up to €126.00', …)]

`numbers` is what `health.js` reads. A rule speaks only where its reading is the only sensible one: a total that is more
than the sum of what stands above it may hold something that the page does not show, so both must be there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from magenta_qa.model.schema import Box

_MONEY = re.compile(
    r"(?P<sign>[-−–]?)\s?(?:(?P<before>[€$£¥₹])\s?(?P<a>[-−]?\d[\d.,]*)|(?P<b>[-−]?\d[\d.,]*)\s?(?P<after>[€£¥₹]))"
)
_QUANTITY = re.compile(r"\b(?:quantity|qty|count|pieces|units|amount)\b", re.I)
_PRICE = re.compile(r"\b(?:price|unit price|each|rate)\b", re.I)
_ROW_TOTAL = re.compile(r"\b(?:total|sum|amount|subtotal)\b", re.I)
_SUBTOTAL = re.compile(r"^(?:sub-?\s?total|items? total|goods)\b", re.I)
_TOTAL = re.compile(r"^(?:grand |order |cart )?(?:total|sum)\b", re.I)
_LESS = re.compile(r"\b(?:discount|voucher|coupon|rebate|credit|savings?)\b", re.I)
_FREE = re.compile(r"^(?:free|none|included|gratis)$", re.I)
_RANGE = re.compile(
    r"\b(?P<first>\d+)\s?(?:[-–—]|to)\s?(?P<last>\d+)\s(?:of|out of)\s(?:about )?(?P<all>\d[\d,]*)\b", re.I
)
_COUNT = re.compile(r"^(?P<n>\d[\d,]*) (?P<noun>[a-z]+)(?: found| in total| listed)?$", re.I)
_NOUNS = re.compile(
    r"^(?:results?|items?|products?|orders?|entries|entry|rows?|records?|articles?|people|users?)$", re.I
)
_PAGE_OF = re.compile(r"page (?P<page>\d+) (?:of|/) (?P<last>\d+)", re.I)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two numbers of one page that cannot both be right."""

    text: str
    kind: str
    """sum | product | total | count | currency: what kind of rule it breaks; part of a finding's identity."""
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Money:
    """An amount with its currency sign."""

    value: Decimal
    sign: str

    def __str__(self) -> str:
        return f"{self.sign}{self.value:,.2f}"


def money(text: str) -> Money | None:
    """The only amount in a text; None where there is none or more than one."""
    found = list(_MONEY.finditer(text))
    if len(found) != 1:
        return None
    match = found[0]
    value = number(match["a"] or match["b"])
    if value is None:
        return None
    return Money(-value if match["sign"] else value, match["before"] or match["after"])


def number(text: str) -> Decimal | None:
    """A number as people write it, `1,234.50` or `1.234,50`."""
    plain = text.strip().rstrip(".,").replace("−", "-")
    if re.search(r",\d{1,2}$", plain) and plain.count(",") == 1:
        plain = plain.replace(".", "").replace(",", ".")
    try:
        return Decimal(plain.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        return None


def contradictions(numbers: Mapping[str, Any]) -> list[Contradiction]:
    """All that the rules find, each once.

    Args:
        numbers: Tables, summaries, groups, stated texts of a page, as `health.js` gives them.
    """
    found = [
        *_products(numbers["tables"]),
        *_sums(numbers["tables"], numbers["summaries"]),
        *_totals(numbers["summaries"]),
        *_currencies(numbers["tables"], numbers["summaries"]),
        *_counts(numbers),
        *_pages(numbers),
    ]
    return list({each.text: each for each in found}.values())


def _products(tables: Sequence[Mapping[str, Any]]) -> Iterator[Contradiction]:
    """price × quantity = total of a row."""
    for table in tables:
        headers: list[str] = table["headers"]
        columns = [_column(headers, pattern) for pattern in (_PRICE, _QUANTITY, _ROW_TOTAL)]
        if None in columns or len(set(columns)) < 3:
            continue
        for row in table["rows"]:
            price, quantity, total = (_cell(row, column) for column in columns)
            p, n, t = money(price), number(quantity) if quantity.isdigit() else None, money(total)
            if p and n and t and abs(p.value * n - t.value) > _CENT:
                text = f"{p} × {n} is {Money(p.value * n, p.sign)}, but the row of {_label(row)} states {t}"
                yield Contradiction(text, "product", _box(table))


def _sums(tables: Sequence[Mapping[str, Any]], summaries: Sequence[Mapping[str, Any]]) -> Iterator[Contradiction]:
    """The subtotal is the sum of the rows' totals."""
    if len([table for table in tables if _row_totals(table)]) != 1:
        return
    table = next(table for table in tables if _row_totals(table))
    amounts = _row_totals(table)
    total = Money(sum((each.value for each in amounts), Decimal()), amounts[0].sign)
    terms = [(name, value) for summary in summaries for name, value in summary["terms"]]
    terms += [(row[0], row[-1]) for row in table["foot"] if len(row) > 1]
    subtotals = [(name, value) for name, value in terms if _SUBTOTAL.match(name)]
    whole = [(name, value) for name, value in terms if _TOTAL.match(name)] if len(terms) == 1 else []
    for name, value in subtotals or whole:
        stated = money(value)
        if stated and stated.sign == total.sign and abs(stated.value - total.value) > _CENT:
            yield Contradiction(f"{name} is {stated}, but the rows add up to {total}", "sum", _box(table))


def _row_totals(table: Mapping[str, Any]) -> list[Money]:
    """The totals of all rows of a table whose last amount of each row is one; empty where it has no such column."""
    column = _column(table["headers"], _ROW_TOTAL)
    if column is None or not table["rows"]:
        return []
    amounts = [money(_cell(row, column)) for row in table["rows"]]
    signs = {each.sign for each in amounts if each}
    return [each for each in amounts if each] if None not in amounts and len(signs) == 1 else []


def _totals(summaries: Sequence[Mapping[str, Any]]) -> Iterator[Contradiction]:
    """subtotal − discount + delivery = total, where every part is stated."""
    for summary in summaries:
        terms: list[tuple[str, str]] = [(name, value) for name, value in summary["terms"]]
        if len(terms) < 3 or not _SUBTOTAL.match(terms[0][0]) or not _TOTAL.match(terms[-1][0]):
            continue
        parts = [_part(name, value) for name, value in terms[:-1]]
        total = money(terms[-1][1])
        known = [part for part in parts if part is not None]
        if total is None or len(known) < len(parts):
            continue
        expected = sum(known, Decimal())
        if abs(expected - total.value) > _CENT:
            text = f"{terms[-1][0]} is {total}, but what stands above it makes {Money(expected, total.sign)}"
            yield Contradiction(text, "total", _box(summary))


def _part(name: str, value: str) -> Decimal | None:
    if _FREE.match(value):
        return Decimal()
    amount = money(value)
    if amount is None:
        return None
    return -abs(amount.value) if _LESS.search(name) else amount.value


def _currencies(tables: Sequence[Mapping[str, Any]], summaries: Sequence[Mapping[str, Any]]) -> Iterator[Contradiction]:
    """One bill is in one currency."""
    bills = [table for table in tables if _column(table["headers"], _ROW_TOTAL) is not None]
    cells = [cell for table in bills for row in (*table["rows"], *table["foot"]) for cell in row]
    cells += [value for summary in summaries for _, value in summary["terms"]]
    amounts = [amount for cell in cells if (amount := money(cell))]
    signs = list(dict.fromkeys(amount.sign for amount in amounts))
    if len(signs) == 2 and len(amounts) > 2 and (bills or len(summaries) == 1):
        odd = min(signs, key=lambda sign: sum(a.sign == sign for a in amounts))
        usual = next(sign for sign in signs if sign != odd)
        example = next(amount for amount in amounts if amount.sign == odd)
        source = (bills or summaries)[0]
        yield Contradiction(f"{example} stands among amounts in {usual}", "currency", _box(source))


def _counts(numbers: Mapping[str, Any]) -> Iterator[Contradiction]:
    """ "21–25 of 25" above four rows; "12 orders" above a list of eleven that has no further pages."""
    lists = [len(table["rows"]) for table in numbers["tables"] if len(table["rows"]) > 1]
    lists += [len(group["items"]) for group in numbers["groups"]]
    for each in numbers["stated"]:
        if each["around"] != "page":
            continue
        if (match := _RANGE.search(each["text"])) and len(lists) == 1:
            size = int(match["last"]) - int(match["first"]) + 1
            if size != lists[0]:
                text = f'"{each["text"]}" states {size}, but {lists[0]} are listed'
                yield Contradiction(text, "count", _box(each))
        elif (match := _COUNT.match(each["text"])) and _NOUNS.match(match["noun"]):
            count = int(match["n"].replace(",", ""))
            rows = [n for n in lists if n > 1]
            fewer = len(rows) == 1 and not numbers["pager"] and rows[0] != count
            more = len(rows) == 1 and rows[0] > count
            if count and (fewer or more):
                yield Contradiction(f'"{each["text"]}" is stated, but {rows[0]} are listed', "count", _box(each))


def _pages(numbers: Mapping[str, Any]) -> Iterator[Contradiction]:
    """ "34 orders", "Page 4 of 4": all pages but the last one hold the same number of rows."""
    tables = [len(table["rows"]) for table in numbers["tables"] if table["rows"]]
    pages = [match for each in numbers["stated"] if (match := _PAGE_OF.fullmatch(each["text"]))]
    found = [(each, match) for each in numbers["stated"] if (match := _COUNT.match(each["text"]))]
    counts = [(each, int(match["n"].replace(",", ""))) for each, match in found if _NOUNS.match(match["noun"])]
    if len(tables) != 1 or len(pages) != 1 or len(counts) != 1:
        return
    rows, page, last = tables[0], int(pages[0]["page"]), int(pages[0]["last"])
    stated, count = counts[0]
    fits = rows * (last - 1) < count <= rows * last if page < last else (count - rows) % max(last - 1, 1) == 0
    if last > 1 and not fits:
        text = f'"{stated["text"]}" is stated, but page {page} of {last} lists {rows}'
        yield Contradiction(text, "count", _box(stated))


def _column(headers: Sequence[str], pattern: re.Pattern[str]) -> int | None:
    """The last column whose header fits: "Price", "Total"."""
    found = [index for index, header in enumerate(headers) if pattern.search(header)]
    return found[-1] if found else None


def _cell(row: Sequence[str], column: int | None) -> str:
    return row[column] if column is not None and column < len(row) else ""


def _label(row: Sequence[str]) -> str:
    return next((cell[:40] for cell in row if re.search(r"[A-Za-z]", cell)), "a row")


def _box(source: Mapping[str, Any]) -> Box:
    return Box(**source["box"])
