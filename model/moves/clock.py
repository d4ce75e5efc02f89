"""Times of day that are chosen in what a field opens, or that this has to confirm.

"Set the time to 14:30" on a field that nothing can be typed into
-> click the field, fill "Hour" "14", fill "Minute" "30", click "OK"
"Set the time to 14:30" on a field that opens a list of times while one types
-> fill the field, click "OK"
"""

import re
from datetime import time

from magenta_qa.model.language.dates import parse_time
from magenta_qa.model.language.intent import Intent
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, named, none
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.ranking.fitness import is_button, is_editable, is_select
from magenta_qa.model.schema import Candidate, Done

_UNITS = {"hour": re.compile(r"hours?|hh", re.IGNORECASE), "minute": re.compile(r"minutes?|mm", re.IGNORECASE)}
_CONFIRMS = re.compile(r"ok(?:ay)?|done|set|apply|confirm", re.IGNORECASE)
_HALF = re.compile(r"am|pm", re.IGNORECASE)
_NOON = 12
_MANY_NUMBERS = re.compile(r"(?:\b\d{1,2}\s+){9}\d{1,2}\b")
"""What a list of hours or minutes looks like among the text that has come up."""


def pick_time(intent: Intent, turn: Turn) -> Answer | None:
    """The next move for a time of day; None where the field takes it as it is, or something else is meant."""
    wanted = parse_time(intent.value or "")
    if wanted is None or intent.target is None:
        return None
    if not turn.carried_out:
        return _open(intent, turn)
    first = turn.carried_out[0]
    if not turn.page.candidates:
        return _blindly(turn)
    if first.action.kind == "click":
        parts = _parts(turn)
        return _fill_parts(wanted, parts, turn) if parts else None
    return _confirmed(first, turn) if first.action.kind == "fill" else None


def _open(intent: Intent, turn: Turn) -> Answer | None:
    best = find(intent.target, "fill", turn.page).best if intent.target else None
    field = best.candidate if best else None
    if best is None or field is None or not is_editable(field) or not field.state.readonly:
        return None
    return act("click", field, reason=f"opens {best.label}")


def _blindly(turn: Turn) -> Answer | None:
    """By what has been done alone: what may have to be confirmed is not over before the page has been looked at."""
    first, last = turn.carried_out[0], turn.carried_out[-1]
    came_up = last.effect is not None and bool(last.effect.text)
    if last.action.kind != "fill" or not (came_up or first.action.kind == "click"):
        return None
    return none("whether the time has to be confirmed is to be seen", absent=False)


def _parts(turn: Turn) -> dict[str, Candidate]:
    """The fields for hour and minute, if there is one of each."""
    found: dict[str, Candidate] = {}
    for unit, called in _UNITS.items():
        fields = [c for c in turn.page.candidates if called.fullmatch(c.name) and (is_editable(c) or is_select(c))]
        if len(fields) != 1:
            return {}
        found[unit] = fields[0]
    return found


def _fill_parts(wanted: time, parts: dict[str, Candidate], turn: Turn) -> Answer:
    halves = {c.name.lower(): c for c in turn.page.candidates if _HALF.fullmatch(c.name)}
    hour = (wanted.hour % _NOON or _NOON) if len(halves) > 1 else wanted.hour
    given = {"hour": f"{hour:02}", "minute": f"{wanted.minute:02}"}
    done = {d.element for d in turn.carried_out}
    for unit, part in parts.items():
        if named(part) not in done:
            return act("select" if is_select(part) else "fill", part, given[unit], reason=f"the {unit}")
    half = halves.get("am" if wanted.hour < _NOON else "pm") if len(halves) > 1 else None
    if half is not None and named(half) not in done:
        return act("click", half, reason="the half of the day")
    confirm = [c for c in _confirming(turn) if c.mark > parts["minute"].mark and named(c) not in done]
    if len(confirm) == 1:
        return act("click", confirm[0], reason="confirms the time")
    return Finished(len(turn.rest))


def _confirmed(filled: Done, turn: Turn) -> Answer:
    """Click what confirms the time, where a list of times has come up with it."""
    text = filled.effect.text if filled.effect else ""
    field = next((c for c in turn.page.candidates if named(c) == filled.element), None)
    around = {k.id for k in field.context if k.kind != "heading"} if field else set()
    confirm = [c for c in _confirming(turn) if not around & {k.id for k in c.context}]
    if len(turn.carried_out) > 1 or len(confirm) != 1:
        return Finished(len(turn.rest))
    came_up = _MANY_NUMBERS.search(text) or re.search(rf"\b{re.escape(confirm[0].name)}\b", text)
    return act("click", confirm[0], reason="confirms the time") if came_up else Finished(len(turn.rest))


def _confirming(turn: Turn) -> list[Candidate]:
    return [c for c in turn.page.candidates if is_button(c) and _CONFIRMS.fullmatch(c.name) and not c.state.disabled]
