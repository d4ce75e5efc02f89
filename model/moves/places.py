"""Numbered places in rows that have a letter: seats, berths, parking spaces.

"Select seat 6 in row B", "Click seat B6"   -> click "6" in the row that shows "B 1 2 3 4 5 6"
"""

import re

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at
from magenta_qa.model.schema import Candidate

_CLICKS = frozenset({"click"})
_NUMBER, _ROW = r"(?P<number>\d{1,3})", r"(?P<row>[A-Za-z])"
_FORMS = tuple(
    re.compile(rf"(?:the )?{form}(?: (?:button|place|seat))?", re.IGNORECASE)
    for form in (
        rf"\w+ {_ROW}-?{_NUMBER}",
        rf"\w+ {_NUMBER}-?{_ROW}",
        rf"(?:\w+ )?{_NUMBER} (?:in|of|on|from) (?:the )?(?:row|line) {_ROW}",
        rf"(?:row|line) {_ROW},? (?:\w+ )?{_NUMBER}",
    )
)
_LEAST = 3  # numbers in a row of places


def place_called(intent: Intent, turn: Turn) -> Answer | None:
    """The place of that row and number; None where the step calls none, or not exactly one is there."""
    called = intent.target.full if intent.target else ""
    said = f"{intent.value} in {called}" if intent.value else called
    match = next((m for form in _FORMS if (m := form.fullmatch(said.strip(" .")))), None)
    if match is None:
        return None
    found = [c for c in turn.page.candidates if _is_place(c, match["row"], match["number"], turn)]
    if len(found) != 1:
        return None
    used = ends_at(turn.rest, _CLICKS)
    if used:
        return Finished(used)
    return act("click", found[0], reason=f"place {match['number']} of row {match['row'].upper()}")


def _is_place(candidate: Candidate, row: str, number: str, turn: Turn) -> bool:
    """Whether it shows the number, and stands in a row that shows the letter and numbers, and nothing else."""
    if (candidate.text or candidate.name).strip() != number or "click" not in candidate.action_types:
        return False
    item = turn.page.item(candidate)
    letter, *numbers = (item.text.split() if item else []) or [""]
    return letter.upper() == row.upper() and len(numbers) >= _LEAST and all(n.isdigit() for n in numbers)
