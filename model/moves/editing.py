"""Formatting in editors, and completing what is typed from the suggestions that come up."""

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.target import Target
from magenta_qa.model.moves.choosing import find_field
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, none, undecided
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.ranking.fitness import is_editable
from magenta_qa.model.schema import Candidate

_TYPING = frozenset({"type", "fill"})
_SELECTING = frozenset({"press", "select"})
SELECT_ALL = "ControlOrMeta+a"


def apply_style(intent: Intent, turn: Turn) -> Answer:
    """Select the text in the editor, then click the button for the style."""
    selected = ends_at(turn.rest, _SELECTING)
    used = ends_at(turn.rest[selected:], frozenset({"click"})) if selected else 0
    if used:
        return Finished(selected + used)
    editors = [c for c in turn.page.candidates if is_rich(c)]
    if len(editors) != 1:
        return none(f"there are {len(editors)} editors whose text can be formatted", absent=not editors)
    if not selected:
        if intent.option is None:
            return act("press", editors[0], SELECT_ALL, reason="selects everything in the editor")
        return act("select", editors[0], intent.option.full, reason="selects this text in the editor")
    style = intent.value or ""
    choice = find(Target(style, style), "click", turn.page)
    return act("click", choice.best.candidate, choice=choice) if choice.best else undecided(choice)


def is_rich(candidate: Candidate) -> bool:
    """Whether its text can be formatted: something editable that is no plain field."""
    return candidate.element_type == "textarea" and candidate.tag not in {"textarea", "input", ""}


def complete(intent: Intent, turn: Turn) -> Answer:
    """Type what is known of a name, then choose the suggestion that is spelt so."""
    typed = ends_at(turn.rest, _TYPING)
    used = ends_at(turn.rest[typed:], frozenset({"click"})) if typed else 0
    if used:
        return Finished(typed + used)
    if not typed:
        field = find_field(intent.target, turn)
        return act("type", field.best.candidate, intent.value, choice=field) if field.best else undecided(field)
    assert intent.option is not None and intent.option.spelt is not None
    spelt = intent.option.spelt
    found = [c for c in turn.page.candidates if not is_editable(c) and spelt.fits(c.name or c.text)]
    if not found:
        return none(f"no suggestion is spelt so: {intent.text}", absent=False)
    return act("click", found[0], reason=f'the first suggestion that is spelt so: "{found[0].name or found[0].text}"')
