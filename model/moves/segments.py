"""Dates and times in fields of several parts, one for the day, one for the hour …: each part is filled in turn.

    "Set the first day to 24 December 2026" on spinbuttons "year, First day", "month, First day", "day, First day"
    -> fill "2026", then "12", then "24", then Finished

Source: https://www.w3.org/WAI/ARIA/apg/patterns/spinbutton/examples/datepicker-spinbuttons/
"""

import re
from dataclasses import replace
from datetime import date, time

from magenta_qa.model.language.dates import MONTHS, parse_date, parse_time
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, none
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.ranking.page import Page
from magenta_qa.model.schema import Candidate

_UNIT = re.compile(r"\b(year|month|day|hour|minute|second|meridiem|am ?/ ?pm|dayperiod)s?\b", re.IGNORECASE)
_PART = re.compile(rf'input:number "[^"]*{_UNIT.pattern}', re.IGNORECASE)
_HALVES = frozenset({"meridiem", "am/pm", "dayperiod"})
_NOON = 12
_TRIES = 2
"""How often each part is filled: some put right what another part then makes impossible."""


def fill_segments(intent: Intent, turn: Turn) -> Answer | None:
    """The next part to be filled, or that all hold what is wanted; None where no field of parts is meant."""
    value = intent.value or ""
    wanted = parse_date(value) or parse_time(value)
    groups = _groups(turn.page) if wanted is not None else {}
    if wanted is None or intent.target is None:
        return None
    if not groups:
        begun = any(_PART.match(done.element) for done in turn.rest)
        return none("the parts of the field are not to be seen", absent=False) if begun else None
    best = find(intent.target, "fill", _with_whole_fields(turn.page, groups)).best
    parts = next((g for g in groups.values() if best and g[0].mark == best.candidate.mark), None)
    if parts is None:
        return None
    given = {_unit(part): part for part in parts}
    missing = {"year", "month", "day"} - given.keys() if isinstance(wanted, date) else {"hour", "minute"} - given.keys()
    if missing:
        return none(f"the field has no part for the {', '.join(sorted(missing))}", absent=False)
    values = {unit: _part_of(wanted, unit, halved=bool(_HALVES & given.keys())) for unit in given}
    open_parts = [unit for unit, part in given.items() if values[unit] and not _holds(part, values[unit])]
    if not open_parts:
        return Finished(len(turn.rest), f"all parts hold {value}")
    if len(turn.carried_out) >= _TRIES * len(parts):
        return none(f'the part for the {open_parts[0]} does not keep "{values[open_parts[0]]}"', absent=False)
    part = given[open_parts[0]]
    return act("fill", part, values[open_parts[0]], reason=f"the {open_parts[0]} of {value}")


def _groups(page: Page) -> dict[int, list[Candidate]]:
    """By the group that they stand in: parts of one field, in their order."""
    found: dict[int, list[Candidate]] = {}
    for candidate in page.candidates:
        group = next((k.id for k in candidate.context if k.kind == "group"), None)
        if candidate.role == "spinbutton" and group is not None and _UNIT.search(candidate.name):
            found.setdefault(group, []).append(candidate)
    return {
        group: parts for group, parts in found.items() if len(parts) > 1 and len(parts) == len({*map(_unit, parts)})
    }


def _unit(part: Candidate) -> str:
    unit = _UNIT.search(part.name)
    return unit[1].lower().replace(" ", "") if unit else ""


def _with_whole_fields(page: Page, groups: dict[int, list[Candidate]]) -> Page:
    """The page as if each of them were one field, called what its group is called."""
    parts = {part.mark: group for group, all_parts in groups.items() for part in all_parts}
    firsts = {all_parts[0].mark for all_parts in groups.values()}
    seen = []
    for candidate in page.candidates:
        if candidate.mark in firsts:
            group = parts[candidate.mark]
            name = next(k.text for k in candidate.context if k.id == group)
            around = tuple(k for k in candidate.context if k.id != group)
            seen.append(replace(candidate, name=name, role="textbox", element_type="input:text", context=around))
        elif candidate.mark not in parts:
            seen.append(candidate)
    return Page(replace(page.observation, candidates=tuple(seen)))


def _part_of(wanted: date | time, unit: str, *, halved: bool) -> str:
    """What goes into that part; empty where the value says nothing about it."""
    if isinstance(wanted, date):
        return str(getattr(wanted, unit)) if unit in {"year", "month", "day"} else ""
    if unit in _HALVES:
        return "AM" if wanted.hour < _NOON else "PM"
    if unit == "hour":
        return str((wanted.hour % _NOON or _NOON) if halved else wanted.hour)
    return str(getattr(wanted, unit)) if unit in {"minute", "second"} else ""


def _holds(part: Candidate, wanted: str) -> bool:
    """Whether it says so: "12", "12 – December", "Dec", "PM"."""
    said = part.state.value or part.text
    number = re.search(r"\d+", said)
    if wanted.isdigit() and number:
        return int(number[0]) == int(wanted)
    word = said.strip().lower()
    if wanted.isdigit():
        return _unit(part) == "month" and len(word) > 2 and MONTHS[int(wanted) - 1].startswith(word.rstrip("."))
    return word.replace(".", "") == wanted.lower()
