"""Drop-downs that a deed sets, with the option that the step names beside it.

"Assign it to Tom"            -> select Assignee = Tom Abara
"Group the list by status"    -> select Group by = Status
"""

from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import stem
from magenta_qa.model.language.target import Target
from magenta_qa.model.language.wording import contains, likeness, read_field, read_words
from magenta_qa.model.moves.choosing import choose_option, holders_of, option_named
from magenta_qa.model.moves.turn import Answer, Turn, act, none
from magenta_qa.model.ranking.choice import Choice, find
from magenta_qa.model.ranking.fitness import is_select
from magenta_qa.model.schema import Candidate, Decision

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


def set_by(intent: Intent, turn: Turn) -> Decision | None:
    """The drop-down that says the deed itself, where the step says by what: "Group the list by status"."""
    target = intent.target or Target("", "")
    if len(target.relations) != 1 or target.relations[0].kind != "by":
        return None
    choice = find(replace(target, relations=()), "click", turn.page)
    if choice.best is None or not is_select(choice.best.candidate):
        return None
    chosen = set_by_deed(choice.best.candidate, choice, target)
    return chosen if chosen.action is not None else None


def set_by_deed(candidate: Candidate, choice: Choice, target: Target) -> Decision:
    """The option that stands beside the deed; none where none does, since a click on a drop-down chooses nothing.

    The drop-down must say the deed: "Run the report for May" runs a report, whatever is known to be meant by it.
    """
    says = read_field(f"{candidate.name} {candidate.description} {candidate.hints}")
    if not any(likeness(word, says) for word in read_words(target.verb)):
        return none(f'"{candidate.name}" is no drop-down to {target.verb} something', choice, absent=False)
    named = [option_named(candidate, r.phrase) for r in target.relations if r.phrase]
    said = read_field(target.full)
    told = [o for o in candidate.options if read_field(o).words and contains(said, read_field(o).phrase)]
    found = {option for option in named if option is not None} or set(told)
    if len(found) != 1:
        return none(f'which option of "{candidate.name}" is meant is not said', choice, absent=False)
    return act("select", candidate, found.pop(), choice=choice)


def _filters(candidate: Candidate) -> bool:
    """Whether a drop-down narrows a list down rather than being a part of a form."""
    said = read_field(" ".join([candidate.name, candidate.hints, *(k.text for k in candidate.context)]))
    return any(likeness(word, said) for word in read_words("filter search"))
