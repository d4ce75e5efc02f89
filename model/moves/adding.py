"""Adding a word to a list that one field and one button keep: "Add the tag Norway".

    add_to_list(intent, turn) -> fill the field called "tag name" with "Norway", then click the button "add" behind it

The word must be told from the rest of the step: by a capital, a figure or quotation marks. Without a button that adds
nothing is typed: Enter may send the whole form.
"""

import re

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.target import read_target
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, none
from magenta_qa.model.ranking.choice import ACCEPT, Choice, find
from magenta_qa.model.ranking.fitness import is_button, is_editable, is_search_field
from magenta_qa.model.schema import Candidate

_QUOTED = r"[\"“'‘](?P<{0}>[^\"”’]+?)[\"”'’]"
_SORT = r"(?:the |an? )?(?:new )?(?P<sort>[a-z]+)"
_WORD = r"(?P<word>[A-Z0-9][\w.#+-]*(?: [A-Z0-9][\w.#+-]*)*)"
_ADDS = tuple(
    re.compile(rf"[Aa]dd {pattern}\.?")
    for pattern in (
        rf"{_SORT} (?:{_QUOTED.format('quoted')}|{_WORD})",
        rf"(?:{_QUOTED.format('quoted')}|{_WORD}) as {_SORT}",
    )
)


def add_to_list(intent: Intent, turn: Turn) -> Answer | None:
    """Type the word, then click what adds it; None where the step or the page is not of that kind."""
    match = next((m for adds in _ADDS if (m := adds.fullmatch(intent.text.strip()))), None)
    if match is None:
        return None
    typed = ends_at(turn.rest, frozenset({"fill"}))
    clicked = ends_at(turn.rest[typed:], frozenset({"click"})) if typed else 0
    if clicked:
        return Finished(typed + clicked)
    choice, button = _field_and_button(match["sort"], turn)
    if choice is None or choice.best is None or button is None:
        return none(f"the button that adds the {match['sort']} is gone", absent=False) if typed else None
    if typed:
        return act("click", button, choice=choice, reason=f"adds what was typed into {choice.best.label}")
    return act("fill", choice.best.candidate, match["quoted"] or match["word"], choice=choice)


def _field_and_button(sort: str, turn: Turn) -> tuple[Choice | None, Candidate | None]:
    """The field for such words, and the one button that adds between it and the next field."""
    choice = find(read_target(sort), "fill", turn.page)
    field = choice.best.candidate if choice.best and choice.best.score >= ACCEPT else None
    if field is None or not is_editable(field) or is_search_field(field):
        return None, None
    adding: list[Candidate] = []
    for candidate in sorted(turn.page.candidates, key=lambda c: c.mark):
        if candidate.mark <= field.mark:
            continue
        if is_editable(candidate):
            break
        if is_button(candidate) and turn.page.name(candidate).phrase in {"add", f"add {sort}"}:
            adding.append(candidate)
    return choice, adding[0] if len(adding) == 1 else None
