"""Narrowing a list down: "Filter by brass", "Filter the table by the role Guest", "Filter by "becker"".

What the value is decides how: a box that is ticked, an option of a drop-down, or text for a field that filters.
"""

import re
from dataclasses import replace

from magenta_qa.model.language.intent import Intent
from magenta_qa.model.language.lexicon import words_of
from magenta_qa.model.language.target import Target, without_sort
from magenta_qa.model.language.wording import read_field
from magenta_qa.model.moves.choosing import choose_option, holders_of
from magenta_qa.model.moves.turn import Answer, Finished, Turn, act, ends_at, is_on, named, none, undecided
from magenta_qa.model.ranking.choice import find
from magenta_qa.model.ranking.fitness import is_button, is_checkable, is_editable, is_select
from magenta_qa.model.schema import ActionKind, Candidate, Done

_NARROWING: tuple[ActionKind, ...] = ("check", "click")
_ENTERED = frozenset({"select", "fill", "type", "check"})
_SENDS = re.compile(r"(?:filter|apply|go|show|update)(?: (?:the )?(?:filters?|results|list))?")
_DONE = frozenset({"check", "select", "fill", "type", "click"})


def narrow(intent: Intent, turn: Turn) -> Answer:
    """The one way in which the page can be narrowed down to the value; a form of filters is sent off then."""
    answer = _narrow(intent, turn)
    if not isinstance(answer, Finished) or not answer.used:
        return answer
    if any(d.action.kind == "click" for d in turn.rest[answer.used :]):
        return Finished(len(turn.rest), answer.reason)
    last = turn.rest[answer.used - 1]
    if last.action.kind not in _ENTERED or last.effect is None or last.effect.url or last.effect.dom:
        return answer
    if not turn.page.candidates:
        return none("whether a filter is to be sent off is seen on the page only", absent=False)
    button = _sender(last, turn)
    if button is None:
        return answer
    return act("click", button, reason="sends the filter off, which has changed nothing yet")


def _sender(last: Done, turn: Turn) -> Candidate | None:
    """The button that a filter is sent off with: behind its field, with only other fields between."""
    at = next((n for n, c in enumerate(turn.page.candidates) if named(c) == last.element), None)
    behind = () if at is None else turn.page.candidates[at + 1 :]
    after = next((c for c in behind if not (is_select(c) or is_editable(c) or is_checkable(c))), None)
    if after is None or not is_button(after) or after.state.disabled:
        return None
    return after if _SENDS.fullmatch(turn.page.name(after).phrase) else None


def _called_exactly(value: str, turn: Turn) -> Candidate | None:
    """The one button that is called so: one of a row of filters, or what opens that filter."""
    called = read_field(value).phrase
    found = [c for c in turn.page.candidates if is_button(c) and called and turn.page.name(c).phrase == called]
    return found[0] if len(found) == 1 else None


def _narrow(intent: Intent, turn: Turn) -> Answer:
    if intent.target is not None:
        return choose_option(replace(intent, kind="select"), turn)  # a click may only have opened the options
    used = ends_at(turn.rest, _DONE)
    if used:
        return Finished(used)
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
    opener = _called_exactly(value, turn)
    if opener is not None:
        return act("click", opener, reason=f'the filter "{value}"')
    for word in ("filter", "search"):
        field = find(Target(word, word, ("field",)), "fill", turn.page)
        if field.best is not None:
            return act("fill", field.best.candidate, value, choice=field)
    return undecided(box)


def show_only(intent: Intent, turn: Turn) -> Answer:
    """What leaves only some of a list: "Show only the published books". Nothing is typed, since no value is named."""
    used = ends_at(turn.rest, _DONE)
    if used:
        return Finished(used)
    answer: Answer | None = None
    for wanted in _namings(intent):
        for action in _NARROWING:
            choice = find(wanted, action, turn.page)
            if choice.best is None or not _narrows(choice.best.candidate):
                answer = undecided(choice) if choice.torn or answer is None else answer
            elif is_on(choice.best.candidate):
                return Finished(0, f"{choice.best.label} is already on")
            else:
                return act(action, choice.best.candidate, choice=choice)
        if any(_shows_all(holder) for holder in holders_of(wanted.phrase, turn)):
            return choose_option(replace(intent, kind="select", target=None, value=wanted.phrase, option=wanted), turn)
    assert answer is not None  # there is a naming at least
    return answer


def _narrows(candidate: Candidate) -> bool:
    """Whether it may narrow a list: it takes no text, and is no part of what is listed, as what sorts a column is."""
    return not is_editable(candidate) and not any(k.kind in {"row", "column", "header"} for k in candidate.context)


def _shows_all(candidate: Candidate) -> bool:
    """Whether a drop-down filters: it can also be set to leave nothing out."""
    return any(not option or {"all", "any", "every"} & {*words_of(option)} for option in candidate.options)


def _namings(intent: Intent) -> tuple[Target, ...]:
    """What a control for it may be called: "show only published books", "published books", "published"."""
    assert intent.target is not None and intent.option is not None
    whole, option = intent.target, intent.option
    name = without_sort(option.phrase)
    if name != option.phrase and name[:1].isupper() and not option.quoted:
        return (replace(option, phrase=name, full=name),)  # what is called "Categories" is not "the category Study"
    of_what, _, noun = option.phrase.rpartition(" ")
    is_noun = bool(of_what) and noun.islower() and noun.endswith("s") and not option.quoted and not option.relations
    return (whole, option, replace(option, phrase=of_what, full=of_what)) if is_noun else (whole, option)


def _is_column(name: str, turn: Turn) -> bool:
    """Whether the page has a column of that name: a field that searches everything does not filter by it."""
    wanted = read_field(name).phrase
    columns = (k.text for c in turn.page.candidates for k in c.context if k.kind in {"column", "header"})
    headers = (c.name or c.text for c in turn.page.candidates if c.role == "columnheader")
    return bool(wanted) and any(read_field(text).phrase == wanted for text in (*columns, *headers))
