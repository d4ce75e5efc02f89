"""Narrowing a list down: "Filter by brass", "Filter the table by the role Guest", "Filter by "becker"".

What the value is decides how: a box that is ticked, an option of a drop-down, or text for a field that filters.
"""

from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import read_field
from magenta_qa.model.moves.choosing import choose_option, holders_of
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, is_on, none, undecided
from magenta_qa.model.ranking.choice import find

_DONE = frozenset({"check", "select", "fill", "type", "click"})


def narrow(intent: Intent, turn: Turn) -> Answer:
    """The one way in which the page can be narrowed down to the value."""
    used = ends_at(turn.rest, _DONE)
    if used:
        return Finished(used)
    if intent.target is not None:
        return choose_option(replace(intent, kind="select"), turn)
    value = intent.value or ""
    option = intent.option or Target(value, value)
    box = find(option, "check", turn.page)
    if box.best is not None:
        if is_on(box.best.candidate):
            return Finished(0, f"{box.best.label} is already on")
        return act("check", box.best.candidate, choice=box)
    if box.torn:
        return undecided(box)
    if holders_of(value, turn):
        return choose_option(replace(intent, kind="select"), turn)
    if _is_column(intent.filtered, turn):
        return none(f'nothing is known that filters the column "{intent.filtered}" by "{value}"', absent=False)
    for word in ("filter", "search"):
        field = find(Target(word, word, ("field",)), "fill", turn.page)
        if field.best is not None:
            return act("fill", field.best.candidate, value, choice=field)
    return undecided(box)


def _is_column(name: str, turn: Turn) -> bool:
    """Whether the page has a column of that name: a field that searches everything does not filter by it."""
    wanted = read_field(name).phrase
    columns = (k.text for c in turn.page.candidates for k in c.context if k.kind == "column")
    headers = (c.name or c.text for c in turn.page.candidates if c.role == "columnheader")
    return bool(wanted) and any(read_field(text).phrase == wanted for text in (*columns, *headers))
