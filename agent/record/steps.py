"""What a person did, as the steps of a scenario.

    steps = build_steps([Deed("fill", "input:text", "Name", value="Ada"), Deed("click", "button", "Save")])
    -> ['Fill "Name" with "Ada"', 'Click the "Save" button']

Secret values become `${NAME}` and are never written: whoever replays the scenario sets the environment variable.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

DOUBLE_CLICK_SECONDS = 2.0
_NOUNS = {"button": "button", "link": "link", "tab": "tab"}
"""What tells controls apart that are called the same."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that a person did."""

    kind: str
    element_type: str = ""
    name: str = ""
    value: str | None = None
    within: str = ""
    """Name of the row, item or card; empty where the element's name is enough."""
    part: str = ""
    """Name of the part of the page, where neither its name nor a row tells the element from another."""
    secret: bool = False
    at: float = 0.0
    """Seconds since the epoch."""
    tab: int = 0
    """Which tab it was done in."""
    way: str = "to"
    """Of a drag: to, above or below what `value` names."""


def build_steps(deeds: Sequence[Deed]) -> tuple[list[str], dict[str, str]]:
    """The steps, and the data of the scenario: name → `${VARIABLE}` for each secret field."""
    data: dict[str, str] = {}
    steps = [step for deed in _condensed(deeds) for step in [_step(deed, data)] if step]
    return steps, data


def _condensed(deeds: Sequence[Deed]) -> Iterator[Deed]:
    """Without the clicks that a double click begins with, and with only the last value of a field filled in twice."""
    kept: list[Deed] = []
    for deed in deeds:
        while deed.kind == "double_click" and kept and _begins(kept[-1], deed):
            kept.pop()
        if deed.kind == "fill" and kept and kept[-1].kind == "fill" and _same(kept[-1], deed):
            kept.pop()
        kept.append(deed)
    yield from kept


def _begins(click: Deed, double: Deed) -> bool:
    return click.kind == "click" and _same(click, double) and double.at - click.at < DOUBLE_CLICK_SECONDS


def _same(a: Deed, b: Deed) -> bool:
    return _place(a) == _place(b)


def _place(deed: Deed) -> tuple[object, ...]:
    return deed.element_type, deed.name, deed.within, deed.part, deed.tab


def _step(deed: Deed, data: dict[str, str]) -> str:
    place = f" in {_quoted(deed.part)}" if deed.part else ""
    place = f" in the row of {_quoted(deed.within)}" if deed.within else place
    noun = _NOUNS.get(deed.element_type, "")
    target = (f"the {_quoted(deed.name)} {noun}" if noun else _quoted(deed.name)) + place
    value = _quoted(_placeholder(deed, data) if deed.secret else deed.value or "")
    if deed.kind == "fill" and not deed.value and not deed.secret:
        return f"Clear {target}"
    return {
        "click": f"Click {target}",
        "double_click": f"Double-click {target}",
        "right_click": f"Right-click {target}",
        "fill": f"Fill {target} with {value}",
        "select": f"Select {value} in {target}",
        "check": f"Select {target}" if deed.element_type == "radio" else f"Check {target}",
        "uncheck": f"Uncheck {target}",
        "press": f"Press {deed.value}",
        "upload": f"Upload {value} to {target}",
        "drag": f"Drag {target} {deed.way} {value}",
        "goto": f"Go to {deed.value}",
        "back": "Go back",
        "reload": "Reload the page",
        "accept": "Accept the dialog",
        "dismiss": "Dismiss the dialog",
        "tab": f"Switch to the browser tab {value}",
    }.get(deed.kind, "")


def _placeholder(deed: Deed, data: dict[str, str]) -> str:
    name = re.sub(r"\W+", "_", deed.name.casefold()).strip("_") or "secret"
    name = name if name[0].isalpha() else f"value_{name}"
    data.setdefault(name, f"${{{name.upper()}}}")
    return f"${{{name}}}"


def _quoted(text: str) -> str:
    return f'"{text}"' if '"' not in text else f"“{text}”"


def scenario_text(name: str, start: str, deeds: Sequence[Deed], expectations: Sequence[str]) -> str:
    """A scenario file."""
    steps, data = build_steps(deeds)
    facts: dict[str, Any] = {"name": name, "url": start}
    if data:
        facts["data"] = data
    facts["steps"] = steps or ["Reload the page"]
    facts["expect"] = list(expectations)
    return yaml.safe_dump(facts, sort_keys=False, allow_unicode=True, width=110)
