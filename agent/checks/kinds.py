"""The forms that an English expectation can take once it is compiled; each reads as an assertion.

    TextCheck("Order placed", Place("region", "cart"))     str → text "Order placed" is shown in region "cart"
    CountCheck("item", Comparison("=", Decimal(3)))        str → the number of "item" on the page is 3

Made by `agent.expect`, evaluated by `agent.check`. `${NAME}` placeholders of secrets stay in them.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Op = Literal["contains", "equals", "starts with", "ends with"]
PlaceKind = Literal["page", "region", "row", "dialog", "table", "column", "list", "heading", "any heading", "message"]
BOXES = frozenset({"checkbox", "switch", "radio"})
"""Roles of what selects or switches a row, and need not have a name there."""
StateName = Literal[
    "visible", "checked", "disabled", "focused", "selected", "expanded", "pressed", "required", "readonly", "invalid"
]


ONLY = 0
"""As an ordinal: the first of one."""


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the page, as the expectation names it."""

    kind: PlaceKind = "page"
    name: str = ""
    """Empty: the only one of its kind."""
    ordinal: int | None = None
    """1 for the first, -1 for the last, `ONLY` for the one that there is."""
    within: "Place | None" = None

    def __str__(self) -> str:
        if self.kind == "page":
            return "the page"
        words = {None: "", ONLY: " (the only one)", -1: " (last)"}
        number = words.get(self.ordinal, f" {self.ordinal}")
        name = (f" ({self.name})" * (self.name != "row") if number else f' "{self.name}"') if self.name else ""
        name = number + name
        return f"{self.kind}{name}" + (f" in {self.within}" if self.within else "")


PAGE = Place()


@dataclass(frozen=True, slots=True)
class Target:
    """One element, as the expectation names it."""

    name: str
    role: str = ""
    """A word such as button or link; empty when the expectation does not say."""
    place: Place = PAGE

    def __str__(self) -> str:
        where = "" if self.place == PAGE else f" in {self.place}"
        return f'{self.role or "element"} "{self.name}"{where}' if self.name else f"{self.role or 'element'}{where}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison with a number, such as ``at least 3``."""

    op: Literal["=", "!=", ">", ">=", "<", "<=", "between"]
    low: Decimal
    high: Decimal | None = None
    unit: str = ""
    """Currency sign or % that the value must carry; empty when the expectation names none."""

    def holds(self, value: Decimal) -> bool:
        """Whether `value` satisfies it."""
        match self.op:
            case "=":
                return value == self.low
            case "!=":
                return value != self.low
            case ">":
                return value > self.low
            case ">=":
                return value >= self.low
            case "<":
                return value < self.low
            case "<=":
                return value <= self.low
            case _:
                return self.high is not None and self.low <= value <= self.high

    def __str__(self) -> str:
        low = f"{self.unit}{self.low}"
        if self.op == "between":
            return f"between {low} and {self.unit}{self.high}"
        words = {"=": "", "!=": "not ", ">": "more than ", ">=": "at least ", "<": "less than ", "<=": "at most "}
        return words[self.op] + low


@dataclass(frozen=True, slots=True)
class TextCheck:
    """Text is, or is not, shown."""

    text: str
    place: Place = PAGE
    op: Op = "contains"
    quoted: bool = True
    """Unquoted wording is compared without regard to case."""
    negated: bool = False
    parts: tuple[str, ...] = ()
    """Unquoted wording with "and" or commas in it, read as a list; empty where it cannot be one."""

    def __str__(self) -> str:
        verb = {"contains": "shown", "equals": "the whole text shown"}.get(self.op, f"what {self.op} a text shown")
        case = "" if self.quoted else " (any case)"
        where = "on the page" if self.place == PAGE else f"in {self.place}"
        return f'text "{self.text}"{case} is {"not " if self.negated else ""}{verb} {where}'


@dataclass(frozen=True, slots=True)
class UrlCheck:
    """The address of the page."""

    value: str
    op: Op = "equals"
    negated: bool = False

    def __str__(self) -> str:
        return f'URL {_verb(self.op, self.negated)} "{self.value}"'


@dataclass(frozen=True, slots=True)
class TitleCheck:
    """The document's title."""

    value: str
    op: Op = "equals"
    quoted: bool = True
    negated: bool = False

    def __str__(self) -> str:
        return f'title {_verb(self.op, self.negated)} "{self.value}"'


@dataclass(frozen=True, slots=True)
class OnPageCheck:
    """The page that is open goes by this name: path, heading and title are the witnesses."""

    name: str
    negated: bool = False

    def __str__(self) -> str:
        return f'the open page is {"not " if self.negated else ""}"{self.name}" (path, heading, title)'


@dataclass(frozen=True, slots=True)
class ValueCheck:
    """What a field holds, or what the page states for a label ("the total is $42.00")."""

    subject: str
    value: str
    op: Op = "equals"
    field: bool = False
    """True: only form fields are meant."""
    quoted: bool = True
    place: Place = PAGE
    negated: bool = False

    def __str__(self) -> str:
        where = "" if self.place == PAGE else f" in {self.place}"
        kind = "field" if self.field else "value of"
        return f'{kind} "{self.subject}"{where} {_verb(self.op, self.negated)} "{self.value}"'


@dataclass(frozen=True, slots=True)
class NumberCheck:
    """The number that a field holds or the page states for a label, compared."""

    subject: str
    comparison: Comparison
    place: Place = PAGE

    def __str__(self) -> str:
        where = "" if self.place == PAGE else f" in {self.place}"
        return f'number of "{self.subject}"{where} is {self.comparison}'


@dataclass(frozen=True, slots=True)
class EmptyCheck:
    """A field without a value, or a list, table or region without entries."""

    subject: str
    field: bool = False
    place: Place = PAGE
    negated: bool = False

    def __str__(self) -> str:
        return f'{"field " if self.field else ""}"{self.subject}" is {"not " if self.negated else ""}empty'


@dataclass(frozen=True, slots=True)
class StateCheck:
    """The state of one element."""

    target: Target
    state: StateName
    negated: bool = False

    def __str__(self) -> str:
        return f"{self.target} is {'not ' if self.negated else ''}{self.state}"


@dataclass(frozen=True, slots=True)
class CountCheck:
    """How many of something there are."""

    noun: str
    """Singular, such as "item"."""
    comparison: Comparison
    place: Place = PAGE

    def __str__(self) -> str:
        where = "on the page" if self.place == PAGE else f"in {self.place}"
        return f'the number of "{self.noun}" {where} is {self.comparison}'


@dataclass(frozen=True, slots=True)
class OrderCheck:
    """The entries of a list or table are sorted."""

    key: str
    """Column or property; empty: the entries' own text."""
    descending: bool = False
    what: str = ""
    """What is sorted, such as "product"; empty when the expectation does not say."""
    place: Place = PAGE
    negated: bool = False

    def __str__(self) -> str:
        key = f'by "{self.key}"' if self.key else "by text"
        what = f'entries "{self.what}"' if self.what else "entries"
        direction = "descending" if self.descending else "ascending"
        return f"{what} of {self.place} are {'not ' if self.negated else ''}sorted {key}, {direction}"


@dataclass(frozen=True, slots=True)
class SequenceCheck:
    """One text stands before another."""

    first: str
    second: str
    place: Place = PAGE
    quoted: bool = True

    def __str__(self) -> str:
        return f'"{self.first}" stands before "{self.second}" in {self.place}'


@dataclass(frozen=True, slots=True)
class CellCheck:
    """A cell of a row, or a property of an entry ("the price of Blue backpack")."""

    row: Place
    column: str
    value: str
    op: Op = "contains"
    quoted: bool = True
    negated: bool = False

    def __str__(self) -> str:
        return f'"{self.column}" of {self.row} {_verb(self.op, self.negated)} "{self.value}"'


@dataclass(frozen=True, slots=True)
class EventCheck:
    """A dialog, download or tab that happened."""

    kind: Literal["dialog", "download", "tab"]
    text: str = ""
    """Message, file name or URL; empty: any."""
    op: Op = "contains"
    negated: bool = False

    def __str__(self) -> str:
        text = f' whose text {self.op} "{self.text}"' if self.text else ""
        return f"{'no' if self.negated else 'a'} {self.kind}{text} was seen"


@dataclass(frozen=True, slots=True)
class QuietCheck:
    """The browser reported nothing of a kind, and, for "error", the page shows none either."""

    kind: Literal["console", "request", "exception", "error"]

    def __str__(self) -> str:
        words = {"console": "console errors", "request": "failed requests", "exception": "uncaught exceptions"}
        return f"no {words.get(self.kind, 'errors: none shown, none in the console, no failed request')}"


@dataclass(frozen=True, slots=True)
class ErrorShownCheck:
    """The page shows an error message, whatever it says."""

    negated: bool = False

    def __str__(self) -> str:
        return f"{'no' if self.negated else 'an'} error message is shown"


@dataclass(frozen=True, slots=True)
class StatusCheck:
    """The status of a response: the page's own, or that of a request."""

    low: int
    high: int
    method: str = ""
    url: str = ""
    """Path or URL; empty: the page's own document."""
    negated: bool = False

    def __str__(self) -> str:
        what = f"{self.method or 'request'} {self.url}" if self.url else "the page's document"
        status = str(self.low) if self.low == self.high else f"{self.low}–{self.high}"
        return f"{what} {'did not answer' if self.negated else 'answered'} with status {status}"


HealthKind = Literal["pictures", "loading", "overflow", "covered", "numbers", "accessibility"]


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """The page has none of the faults that no page should have, of one kind."""

    kind: HealthKind
    rule: str = ""
    """Of axe-core, for "accessibility"; empty: all."""

    def __str__(self) -> str:
        words = {
            "pictures": "no picture is broken",
            "loading": "nothing is still loading",
            "overflow": "no text overflows",
            "covered": "no control is covered",
            "numbers": "the numbers on the page agree with each other",
        }
        return words.get(self.kind, "no accessibility violation") + (f' of "{self.rule}"' if self.rule else "")


@dataclass(frozen=True, slots=True)
class LooksCheck:
    """A part of the page looks as its baseline does; judged by `agent.looks`."""

    place: Place = PAGE

    def __str__(self) -> str:
        return f"{self.place} looks as its baseline"


@dataclass(frozen=True, slots=True)
class AllChecks:
    """Several assertions of one sentence; all must hold."""

    checks: tuple["Check", ...]

    def __str__(self) -> str:
        return " AND ".join(map(str, self.checks))


Check = (
    TextCheck
    | UrlCheck
    | TitleCheck
    | OnPageCheck
    | ValueCheck
    | NumberCheck
    | EmptyCheck
    | StateCheck
    | CountCheck
    | OrderCheck
    | SequenceCheck
    | CellCheck
    | EventCheck
    | QuietCheck
    | ErrorShownCheck
    | StatusCheck
    | HealthCheck
    | LooksCheck
    | AllChecks
)


def _verb(op: Op, negated: bool) -> str:
    positive = {"equals": "is", "contains": "contains", "starts with": "starts with", "ends with": "ends with"}
    negative = {"equals": "is not", "contains": "does not contain"}
    return negative.get(op, f"not {op}") if negated else positive[op]
