"""Giving to somebody what a form is about: "Assign it to Tom" -> select Assignee = Tom Abara."""

from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import stem
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import likeness, read_field, read_words
from magenta_qa.model.moves.choosing import choose_option, holders_of
from magenta_qa.model.moves.turn import Answer, Turn
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.schema import Candidate

_ASSIGN = stem("assign")
_ITSELF = frozenset({"it", "this", "that"})
_ASSIGNEE = Target("assignee", "assignee")


def assign(intent: Intent, turn: Turn) -> Answer | None:
    """The drop-down for who is to do it, if it offers whom the step names; None for what is told by its own name."""
    target = intent.target or Target("", "")
    to = [r.phrase for r in target.relations if r.kind == "to" and r.phrase]
    itself = target.phrase in _ITSELF or target.is_item
    if stem(target.verb) != _ASSIGN or len(to) != 1 or len(target.relations) != 1 or not itself:
        return None
    best = find(_ASSIGNEE, "select", turn.page).best
    if best is None or best.candidate not in holders_of(to[0], turn) or _filters(best.candidate):
        return None
    return choose_option(replace(intent, kind="select", target=_ASSIGNEE, value=to[0]), turn)


def _filters(candidate: Candidate) -> bool:
    """Whether a drop-down narrows a list down rather than being a part of a form."""
    said = read_field(" ".join([candidate.name, candidate.hints, *(k.text for k in candidate.context)]))
    return any(likeness(word, said) for word in read_words("filter search"))
