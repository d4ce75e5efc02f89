"""Until when something is repeated: a number that is compared, or a statement that the page bears out.

read_condition("the number is less than 5")   -> Condition("the number", "less", 5)
read_condition("page 5 is shown")             -> Condition(statement="page 5 is shown")
read_wish("a number greater than 4")          -> Condition("number", "greater", 4)
"""

import re
from dataclasses import dataclass

_LESS = r"less than|smaller than|lower than|below|under|fewer than"
_MORE = r"greater than|more than|larger than|higher than|bigger than|above|over"
_COMPARED = (
    rf"(?:(?P<less>{_LESS})|(?P<more>{_MORE})|(?P<least>at least)|(?P<most>at most)|(?P<equal>equal to|exactly))"
    r"\s+(?P<value>-?\d+(?:\.\d+)?)"
)
_PARITY = r"(?P<parity>even|odd)"
_STATED = re.compile(rf"^(?P<what>.+?)\s+(?:is|shows|becomes|reaches)\s+(?:{_COMPARED}|{_PARITY})$", re.IGNORECASE)
_WISHED = re.compile(
    rf"^(?:an?\s+)?(?:{_PARITY}\s+)?(?P<what>number|value|figure)(?:\s+(?:that is\s+|which is\s+)?{_COMPARED})?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What ends a repetition."""

    what: str = ""
    """The label of the number that is compared."""
    test: str = ""
    """less | more | least | most | equal | even | odd."""
    value: float = 0.0
    statement: str = ""
    """Any other condition, in the tester's words."""

    def holds(self, text: str) -> bool | None:
        """Whether it holds for a value as the page shows it; None for what is no number."""
        match = re.search(r"-?\d[\d,]*(?:\.\d+)?", text)
        if match is None:
            return None
        number = float(match[0].replace(",", ""))
        if self.test in {"even", "odd"}:
            return number % 2 == (0 if self.test == "even" else 1)
        tests = {
            "less": number < self.value,
            "more": number > self.value,
            "least": number >= self.value,
            "most": number <= self.value,
        }
        return tests.get(self.test, number == self.value)


def read_condition(text: str) -> Condition:
    """The condition that follows "until"."""
    match = _STATED.match(text.strip(" ."))
    return _condition(match) if match else Condition(statement=text.strip(" ."))


def read_wish(text: str) -> Condition | None:
    """The condition on what a verb brings about: "generate a number less than 5"; None where there is none."""
    match = _WISHED.match(text.strip(" ."))
    return _condition(match) if match and (match["parity"] or match["value"]) else None


def _condition(match: re.Match[str]) -> Condition:
    parity = match["parity"]
    test = parity or next(name for name in ("less", "more", "least", "most", "equal") if match[name])
    return Condition(match["what"], test.lower(), float(match["value"]) if match["value"] else 0.0)
